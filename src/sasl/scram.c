/* SPDX-License-Identifier: Apache-2.0 */
#include "sasl/scram.h"

#include "base/base64.h"
#include "sasl/wipe.h"

#include <string.h>

bool scram_begin(struct scram *scram, Gsasl *library, const char *mechanism, bool plus,
                 struct slice binding)
{
    *scram = (struct scram){.library = library, .mechanism = mechanism, .plus = plus};
    struct text encoded = text_over(scram->binding, sizeof scram->binding - 1);
    return binding.len <= SASL_BINDING_MAX && base64_append(&encoded, binding);
}

static void close_session(struct scram *scram)
{
    if (!scram->session)
        return;
    wipe_property(scram->session, GSASL_SCRAM_STOREDKEY);
    wipe_property(scram->session, GSASL_SCRAM_SERVERKEY);
    gsasl_finish(scram->session);
    scram->session = NULL;
}

void scram_end(struct scram *scram)
{
    close_session(scram);
    explicit_bzero(scram, sizeof *scram);
}

/* Without PLUS the binding is there, too, when PLUS was offered: then a client that says it could
 * have used it was lied to (RFC 5802 6), and the library refuses it. */
static bool open_session(struct scram *scram)
{
    close_session(scram);
    if (gsasl_server_start(scram->library, scram->mechanism, &scram->session) != GSASL_OK) {
        scram->session = NULL;
        return false;
    }
    return !scram->binding[0] ||
           gsasl_property_set(scram->session, GSASL_CB_TLS_EXPORTER, scram->binding) == GSASL_OK;
}

/* What the client may have got wrong by a slip is malformed; the rest it should not have said. */
static enum sasl_outcome outcome_of(int result)
{
    bool refused = result == GSASL_AUTHENTICATION_ERROR || result == GSASL_NO_CB_TLS_EXPORTER ||
                   result == GSASL_NO_CB_TLS_UNIQUE;
    return refused ? SASL_REFUSED : SASL_MALFORMED;
}

/* Appends what the library has to say; `wanted` is the result that lets the exchange go on. */
static enum sasl_outcome say(struct scram *scram, int wanted, enum scram_state next,
                             struct text *challenge)
{
    char *reply = NULL;
    size_t len = 0;
    int result = gsasl_step(scram->session, scram->message, scram->message_len, &reply, &len);
    bool good = result == wanted && text_append(challenge, slice_bytes(reply, len));
    gsasl_free(reply);
    if (!good)
        return outcome_of(result);
    scram->state = next;
    return SASL_CHALLENGE;
}

/* Kept with a NUL behind it: the library reads its fields as C strings. */
static bool keep_message(struct scram *scram, struct slice message)
{
    if (message.len == 0 || message.len > SASL_MESSAGE_MAX ||
        slice_find(message, '\0', &(size_t){0}))
        return false;
    memcpy(scram->message, message.at, message.len);
    scram->message[message.len] = '\0';
    scram->message_len = message.len;
    return true;
}

static enum sasl_outcome read_first(struct scram *scram, struct slice message,
                                    struct text *challenge)
{
    /* the library takes a binding without PLUS, and then looks at no bytes */
    if (!scram->plus && slice_starts(message, SLICE("p=")))
        return SASL_REFUSED;
    if (!keep_message(scram, message) || !open_session(scram))
        return SASL_MALFORMED;
    enum sasl_outcome outcome = say(scram, GSASL_NEEDS_MORE, SCRAM_KEYS, challenge);
    text_clear(challenge); /* under a salt that means nothing */
    return outcome == SASL_CHALLENGE ? SASL_LOOK_UP : outcome;
}

enum sasl_outcome scram_step(struct scram *scram, struct slice message, struct text *challenge)
{
    switch (scram->state) {
    case SCRAM_FIRST:
        return read_first(scram, message, challenge);
    case SCRAM_FINAL:
        return keep_message(scram, message) ? say(scram, GSASL_OK, SCRAM_ACKNOWLEDGEMENT, challenge)
                                            : SASL_MALFORMED;
    case SCRAM_ACKNOWLEDGEMENT:
        return message.len == 0 ? SASL_PROVEN : SASL_MALFORMED;
    case SCRAM_KEYS:
        break;
    }
    return SASL_MALFORMED;
}

/* --- keys --- */

static bool set_base64(struct scram *scram, Gsasl_property property, const unsigned char *bytes,
                       size_t len)
{
    char storage[SASL_KEY_BYTES / 3 * 4 + 5] = {0};
    struct text encoded = text_over(storage, sizeof storage - 1);
    bool good = base64_append(&encoded, slice_bytes(bytes, len)) &&
                gsasl_property_set(scram->session, property, storage) == GSASL_OK;
    explicit_bzero(storage, sizeof storage);
    return good;
}

static bool set_iterations(struct scram *scram, uint32_t iterations)
{
    char storage[16] = {0};
    struct text digits = text_over(storage, sizeof storage - 1);
    return text_append_u64(&digits, iterations) &&
           gsasl_property_set(scram->session, GSASL_SCRAM_ITER, storage) == GSASL_OK;
}

enum sasl_outcome scram_take_keys(struct scram *scram, const struct sasl_keys *keys,
                                  struct text *challenge)
{
    bool good =
        scram->state == SCRAM_KEYS && open_session(scram) &&
        set_iterations(scram, keys->iterations) &&
        set_base64(scram, GSASL_SCRAM_SALT, keys->salt, sizeof keys->salt) &&
        set_base64(scram, GSASL_SCRAM_STOREDKEY, keys->stored_key, sizeof keys->stored_key) &&
        set_base64(scram, GSASL_SCRAM_SERVERKEY, keys->server_key, sizeof keys->server_key);
    return good ? say(scram, GSASL_NEEDS_MORE, SCRAM_FINAL, challenge) : SASL_MALFORMED;
}
