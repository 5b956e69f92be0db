/* SPDX-License-Identifier: Apache-2.0 */
/* sasl: an exchange with any mechanism and any messages. Nobody is proven who does not know the
 * keys; what is said is bounded and goes only where it may; every end is one.
 *
 *     one byte of choices, then messages, LF between them
 */
#include "sasl/server.h"

#include <stdlib.h>

enum { CHOICES = 1, STEPS_MAX = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

/* Nobody knows the password these would be of. */
static const struct sasl_keys keys = {
    .iterations = 4096, .salt = "a salt of chance", .stored_key = "stored", .server_key = "server"};

static bool goes_on(enum sasl_outcome outcome)
{
    return outcome == SASL_CHALLENGE || outcome == SASL_LOOK_UP;
}

static void check_credentials(const struct sasl_server *server, enum sasl_outcome outcome)
{
    struct sasl_credentials seen = sasl_server_credentials(server);
    size_t nul;
    require(seen.authcid.len <= SASL_IDENTITY_MAX && seen.authzid.len <= SASL_IDENTITY_MAX);
    require(!slice_find(seen.authcid, '\0', &nul) && !slice_find(seen.password, '\0', &nul));
    require(seen.acts_for_another == (seen.authzid.len != 0));
    if (outcome == SASL_VERIFY)
        require(seen.authcid.len && seen.password.len);
    if (outcome == SASL_LOOK_UP)
        require(seen.authcid.len && !seen.password.len);
}

static enum sasl_outcome step(struct sasl_server *server, struct slice message, bool has_message,
                              bool scram, struct text *challenge)
{
    enum sasl_outcome outcome = sasl_server_step(server, message, has_message, challenge);
    check_credentials(server, outcome);
    require(outcome != SASL_PROVEN && outcome != (scram ? SASL_VERIFY : SASL_LOOK_UP));
    require(outcome == SASL_CHALLENGE || challenge->len == 0);
    if (outcome != SASL_LOOK_UP)
        return outcome;
    outcome = sasl_server_keys(server, &keys, challenge);
    require(outcome == SASL_CHALLENGE || outcome == SASL_MALFORMED);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < CHOICES)
        return 0;
    const char *mechanism = sasl_server_mechanism(data[0] % 4);
    struct slice bound = data[0] & 4 ? SLICE("0123456789abcdef0123456789abcdef") : SLICE("");
    struct slice rest = slice_bytes(data + CHOICES, size - CHOICES), message;
    bool has_message = data[0] & 8, scram = slice_starts(slice_of(mechanism), SLICE("SCRAM"));
    char storage[SASL_MESSAGE_MAX];
    struct text challenge = text_over(storage, sizeof storage);
    struct sasl_server *server;
    require(sasl_server_begin(slice_of(mechanism), bound, &server) == SASL_BEGIN_OK);
    enum sasl_outcome outcome = SASL_CHALLENGE;
    if (!has_message)
        outcome = step(server, (struct slice){0}, false, scram, &challenge);
    for (size_t i = 0; i < STEPS_MAX && slice_take_field(&rest, '\n', &message); i++) {
        bool open = goes_on(outcome);
        outcome = step(server, message, true, scram, &challenge);
        require(open || outcome == SASL_MALFORMED);
    }
    sasl_server_free(server);
    return 0;
}
