/* SPDX-License-Identifier: Apache-2.0 */
/* scram - SCRAM-SHA-256 and SCRAM-SHA-256-PLUS as the server steps them (RFC 5802, RFC 7677); for
 * sasl/server alone.
 *
 *     client first  --a name-->  keys wanted  --keys, server first-->  client final
 *     --server final-->  an empty message  -->  proven
 *
 * The library wants the keys in the middle of a step and cannot wait for them. So a first session
 * only reads the client's message, for the name in it; a second one is given the keys and the same
 * message.
 */
#ifndef SASL_SCRAM_H
#define SASL_SCRAM_H

#include "sasl/keys.h"
#include "sasl/server.h"

#include <gsasl.h>

enum scram_state { SCRAM_FIRST, SCRAM_KEYS, SCRAM_FINAL, SCRAM_ACKNOWLEDGEMENT };

struct scram {
    Gsasl *library;
    const char *mechanism;
    bool plus;
    enum scram_state state;
    Gsasl_session *session;                     /* NULL before the first message */
    char binding[SASL_BINDING_MAX / 3 * 4 + 5]; /* base64; empty: there is none */
    char message[SASL_MESSAGE_MAX + 1];         /* the client's first */
    size_t message_len;
};

/* False: a binding of more than SASL_BINDING_MAX bytes. */
MUST_USE bool scram_begin(struct scram *scram, Gsasl *library, const char *mechanism, bool plus,
                          struct slice binding);
/* SASL_LOOK_UP: the name is a property of scram->session until scram_take_keys. SASL_CHALLENGE,
 * SASL_PROVEN, SASL_REFUSED and SASL_MALFORMED as in sasl/server. */
enum sasl_outcome scram_step(struct scram *scram, struct slice message, struct text *challenge);
enum sasl_outcome scram_take_keys(struct scram *scram, const struct sasl_keys *keys,
                                  struct text *challenge);
void scram_end(struct scram *scram); /* wipes what it can reach */

#endif
