/* SPDX-License-Identifier: Apache-2.0 */
#include "sasl/client.h"

#include "base/number.h"
#include "sasl/wipe.h"

#include <errno.h>
#include <gsasl.h>
#include <stdlib.h>
#include <string.h>

enum { CHALLENGE_MAX = 2048 };

static const struct mechanism {
    const char *name;
    bool server_first; /* there is no initial response */
    bool iterates;     /* the server says how often to hash */
} mechanisms[] = {
    {.name = "SCRAM-SHA-256", .iterates = true},
    {.name = "PLAIN"},
    {.name = "LOGIN", .server_first = true},
};

struct sasl_client {
    const struct mechanism *mechanism;
    Gsasl_session *session;
    size_t challenges; /* taken so far */
    bool over;
    char name[SASL_CLIENT_NAME_MAX + 1], password[SASL_CLIENT_PASSWORD_MAX + 1];
};

const char *sasl_client_mechanism(size_t index)
{
    return index < COUNT_OF(mechanisms) ? mechanisms[index].name : NULL;
}

static const struct mechanism *mechanism_by_name(struct slice name)
{
    for (size_t i = 0; i < COUNT_OF(mechanisms); i++)
        if (slice_equal_nocase(slice_of(mechanisms[i].name), name))
            return &mechanisms[i];
    return NULL;
}

/* --- life --- */

/* Asked for when it is needed, and then kept in the session until it is wiped. */
static int on_question(Gsasl *library, Gsasl_session *session, Gsasl_property question)
{
    const struct sasl_client *client = gsasl_session_hook_get(session);
    (void)library;
    if (question == GSASL_AUTHID)
        return gsasl_property_set(session, question, client->name);
    if (question == GSASL_PASSWORD)
        return gsasl_property_set(session, question, client->password);
    return GSASL_NO_CALLBACK;
}

static Gsasl *library(void)
{
    static Gsasl *started; /* one for the process; it holds no secret */
    if (!started && gsasl_init(&started) == GSASL_OK)
        gsasl_callback_set(started, on_question);
    return started;
}

static bool keep(struct slice value, char *storage, size_t max)
{
    if (value.len == 0 || value.len > max || slice_find(value, '\0', &(size_t){0}))
        return false;
    memcpy(storage, value.at, value.len);
    storage[value.len] = '\0';
    return true;
}

int sasl_client_begin(struct slice mechanism, struct slice name, struct slice password,
                      struct sasl_client **out)
{
    *out = NULL;
    const struct mechanism *found = mechanism_by_name(mechanism);
    if (!found)
        return SASL_CLIENT_UNKNOWN;
    struct sasl_client *client = library() ? calloc(1, sizeof *client) : NULL;
    if (!client)
        return -ENOMEM;
    client->mechanism = found;
    bool fit = keep(name, client->name, SASL_CLIENT_NAME_MAX) &&
               keep(password, client->password, SASL_CLIENT_PASSWORD_MAX);
    if (!fit || gsasl_client_start(library(), found->name, &client->session) != GSASL_OK) {
        sasl_client_free(client);
        return fit ? -ENOMEM : SASL_CLIENT_UNFIT;
    }
    gsasl_session_hook_set(client->session, client);
    *out = client;
    return SASL_CLIENT_BEGUN;
}

static void close_session(struct sasl_client *client)
{
    if (!client->session)
        return;
    wipe_property(client->session, GSASL_PASSWORD);
    wipe_property(client->session, GSASL_SCRAM_SALTED_PASSWORD);
    gsasl_finish(client->session);
    client->session = NULL;
}

void sasl_client_free(struct sasl_client *client)
{
    if (!client)
        return;
    close_session(client);
    explicit_bzero(client, sizeof *client);
    free(client);
}

/* --- steps --- */

static enum sasl_client_outcome end(struct sasl_client *client, enum sasl_client_outcome outcome)
{
    client->over = true;
    close_session(client);
    return outcome;
}

/* "r=nonce,s=salt,i=count": the count stands third, and nothing may stand before r (RFC 5802 7:
 * extensions follow, a mandatory one we do not know). */
static bool iterations_bearable(struct slice server_first)
{
    struct slice rest = server_first, nonce, salt, count;
    uint64_t number;
    return slice_take_field(&rest, ',', &nonce) && slice_starts(nonce, SLICE("r=")) &&
           slice_take_field(&rest, ',', &salt) && slice_starts(salt, SLICE("s=")) &&
           slice_take_field(&rest, ',', &count) && slice_take_prefix(&count, SLICE("i=")) &&
           number_parse_u64(count, SASL_CLIENT_ITERATIONS_MAX, &number) &&
           number >= SASL_CLIENT_ITERATIONS_MIN;
}

static bool challenge_fit(const struct sasl_client *client, struct slice challenge)
{
    if (challenge.len > CHALLENGE_MAX || slice_find(challenge, '\0', &(size_t){0}))
        return false;
    return !client->mechanism->iterates || client->challenges != 1 ||
           iterations_bearable(challenge);
}

/* The library reads C strings. */
static int library_step(struct sasl_client *client, struct slice challenge, struct text *message)
{
    char input[CHALLENGE_MAX + 1];
    char *reply = NULL;
    size_t len = 0;
    if (challenge.len)
        memcpy(input, challenge.at, challenge.len);
    input[challenge.len] = '\0';
    int result = gsasl_step(client->session, input, challenge.len, &reply, &len);
    bool kept = text_append(message, slice_bytes(reply, len));
    if (reply)
        explicit_bzero(reply, len);
    gsasl_free(reply);
    return kept ? result : GSASL_MALLOC_ERROR;
}

enum sasl_client_outcome sasl_client_step(struct sasl_client *client, struct slice challenge,
                                          bool has_challenge, struct text *message)
{
    text_clear(message);
    if (client->over)
        return SASL_CLIENT_FAILED;
    if (!has_challenge && client->mechanism->server_first && client->challenges == 0)
        return SASL_CLIENT_NO_MESSAGE;
    client->challenges += has_challenge;
    if (!challenge_fit(client, challenge))
        return end(client, SASL_CLIENT_FAILED);
    int result = library_step(client, challenge, message);
    if (result == GSASL_NEEDS_MORE)
        return SASL_CLIENT_MESSAGE;
    if (result == GSASL_OK)
        return end(client, SASL_CLIENT_LAST_MESSAGE);
    text_clear(message);
    return end(client, SASL_CLIENT_FAILED);
}
