/* SPDX-License-Identifier: Apache-2.0 */
/* client - the library's client of SCRAM, one message after the other. */
#ifndef TESTS_UNIT_SASL_CLIENT_H
#define TESTS_UNIT_SASL_CLIENT_H

#include "base/base64.h"
#include "sasl/server.h"
#include "support/rows.h"

#include <gsasl.h>

static Gsasl *client_library; /* the test's: gsasl_init, gsasl_done */

struct client {
    Gsasl_session *session;
    char storage[SASL_MESSAGE_MAX];
    struct text message;
    int result;
};

static inline void client_begin(struct client *client, const char *mechanism, const char *name,
                                const char *authzid, const char *password, struct slice binding)
{
    char storage[128] = {0};
    struct text encoded = text_over(storage, sizeof storage - 1);
    assert_int_equal(gsasl_client_start(client_library, mechanism, &client->session), GSASL_OK);
    client->message = text_over(client->storage, sizeof client->storage);
    gsasl_property_set(client->session, GSASL_AUTHID, name);
    gsasl_property_set(client->session, GSASL_PASSWORD, password);
    if (authzid)
        gsasl_property_set(client->session, GSASL_AUTHZID, authzid);
    assert_true(base64_append(&encoded, binding));
    if (binding.len)
        gsasl_property_set(client->session, GSASL_CB_TLS_EXPORTER, storage);
}

static inline struct slice client_step(struct client *client, struct slice challenge)
{
    char *reply = NULL;
    size_t len = 0;
    client->result = gsasl_step(client->session, challenge.at, challenge.len, &reply, &len);
    text_clear(&client->message);
    assert_true(text_append(&client->message, slice_bytes(reply, len)));
    gsasl_free(reply);
    return text_slice(&client->message);
}

static inline void client_end(struct client *client)
{
    gsasl_finish(client->session);
}

#endif
