/* SPDX-License-Identifier: Apache-2.0 */
#include "sasl/server.h"

#include "sasl/prepare.h"
#include "sasl/scram.h"

#include <errno.h>
#include <gsasl.h>
#include <stdlib.h>
#include <string.h>

/* LOGIN was never a standard: clients compare the prompts with these, libgsasl asks "User Name" and
 * "Password" and takes no initial response. So it is stepped with its prompts thrown away. */
static const struct mechanism {
    const char *name;
    bool prompts; /* ours replace the library's; the first step takes no message */
    bool scram, plus;
} mechanisms[] = {
    {.name = "SCRAM-SHA-256-PLUS", .scram = true, .plus = true},
    {.name = "SCRAM-SHA-256", .scram = true},
    {.name = "LOGIN", .prompts = true},
    {.name = "PLAIN"},
};

static const char *const login_prompts[] = {"Username:", "Password:"};

struct sasl_server {
    const struct mechanism *mechanism;
    Gsasl_session *session; /* of a mechanism that sends the password */
    struct scram scram;     /* of one that proves it */
    size_t challenges;      /* asked so far */
    bool over, complete;
    struct text authcid, authzid, password; /* over the storage below */
    char authcid_storage[SASL_IDENTITY_MAX];
    char authzid_storage[SASL_IDENTITY_MAX];
    char password_storage[SASL_PASSWORD_MAX];
};

/* Takes a property, prepared (the library does that for PLAIN and not for LOGIN; doing it twice
 * changes nothing), then overwrites the library's copy, which it would free as it is. */
static bool take_property(Gsasl_session *session, Gsasl_property property, struct text *out)
{
    union {
        const char *lent;
        void *owned; /* the session's, and nobody needs it any more */
    } bytes = {gsasl_property_fast(session, property)};
    struct slice value = slice_of(bytes.lent);
    bool ok = !value.len || sasl_prepare(value, out);
    if (bytes.owned)
        explicit_bzero(bytes.owned, value.len);
    return ok;
}

/* The library asks whether the credentials are right. They are only taken; the caller judges. */
static int on_question(Gsasl *library, Gsasl_session *session, Gsasl_property question)
{
    struct sasl_server *server = gsasl_session_hook_get(session);
    (void)library;
    if (question != GSASL_VALIDATE_SIMPLE)
        return GSASL_NO_CALLBACK;
    bool authzid = take_property(session, GSASL_AUTHZID, &server->authzid);
    bool authcid = take_property(session, GSASL_AUTHID, &server->authcid);
    bool password = take_property(session, GSASL_PASSWORD, &server->password);
    server->complete =
        authzid && authcid && password && server->authcid.len && server->password.len;
    return server->complete ? GSASL_OK : GSASL_AUTHENTICATION_ERROR;
}

static Gsasl *library(void)
{
    static Gsasl *started; /* one for the process; it holds no secret */
    if (!started && gsasl_init(&started) == GSASL_OK)
        gsasl_callback_set(started, on_question);
    return started;
}

const char *sasl_server_mechanism(size_t index)
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

static bool start(struct sasl_server *server, struct slice binding)
{
    const struct mechanism *mechanism = server->mechanism;
    if (mechanism->scram)
        return scram_begin(&server->scram, library(), mechanism->name, mechanism->plus, binding);
    if (gsasl_server_start(library(), mechanism->name, &server->session) != GSASL_OK)
        return false;
    gsasl_session_hook_set(server->session, server);
    return true;
}

int sasl_server_begin(struct slice name, struct slice binding, struct sasl_server **out)
{
    *out = NULL;
    const struct mechanism *mechanism = mechanism_by_name(name);
    if (!mechanism)
        return SASL_BEGIN_UNKNOWN;
    struct sasl_server *server = library() ? calloc(1, sizeof *server) : NULL;
    if (!server)
        return -ENOMEM;
    server->mechanism = mechanism;
    server->authcid = text_over(server->authcid_storage, sizeof server->authcid_storage);
    server->authzid = text_over(server->authzid_storage, sizeof server->authzid_storage);
    server->password = text_over(server->password_storage, sizeof server->password_storage);
    if (!start(server, binding)) {
        sasl_server_free(server);
        return -ENOMEM;
    }
    *out = server;
    return SASL_BEGIN_OK;
}

void sasl_server_free(struct sasl_server *server)
{
    if (!server)
        return;
    if (server->session)
        gsasl_finish(server->session);
    scram_end(&server->scram);
    explicit_bzero(server, sizeof *server);
    free(server);
}

static int library_step(struct sasl_server *server, struct slice message)
{
    char *prompt = NULL;
    size_t prompt_len = 0;
    int result = gsasl_step(server->session, message.len ? message.at : "", message.len, &prompt,
                            &prompt_len);
    gsasl_free(prompt);
    return result;
}

static enum sasl_outcome end(struct sasl_server *server, enum sasl_outcome outcome)
{
    server->over = true;
    if (server->session)
        gsasl_finish(server->session);
    server->session = NULL;
    scram_end(&server->scram);
    return outcome;
}

static enum sasl_outcome going_on(struct sasl_server *server, enum sasl_outcome outcome)
{
    bool on = outcome == SASL_CHALLENGE || outcome == SASL_LOOK_UP;
    return on ? outcome : end(server, outcome);
}

static enum sasl_outcome ask(struct sasl_server *server, struct text *challenge)
{
    size_t index = server->challenges++;
    if (!server->mechanism->prompts)
        return index ? end(server, SASL_MALFORMED) : SASL_CHALLENGE;
    if (index >= COUNT_OF(login_prompts) || !text_append_c(challenge, login_prompts[index]))
        return end(server, SASL_MALFORMED);
    return SASL_CHALLENGE;
}

/* An initial response to a mechanism that asks first answers the question that was not asked. */
static int first_step(struct sasl_server *server, struct slice message, bool has_message)
{
    if (!server->mechanism->prompts || !has_message)
        return library_step(server, message);
    int result = library_step(server, (struct slice){0});
    server->challenges++;
    return result == GSASL_NEEDS_MORE ? library_step(server, message) : result;
}

/* --- a password that is proven --- */

static enum sasl_outcome take_names(struct sasl_server *server)
{
    Gsasl_session *session = server->scram.session;
    server->complete = take_property(session, GSASL_AUTHID, &server->authcid) &&
                       take_property(session, GSASL_AUTHZID, &server->authzid) &&
                       server->authcid.len;
    return server->complete ? SASL_LOOK_UP : SASL_MALFORMED;
}

static enum sasl_outcome step_scram(struct sasl_server *server, struct slice message,
                                    bool has_message, struct text *challenge)
{
    if (!has_message)
        return server->challenges++ ? end(server, SASL_MALFORMED) : SASL_CHALLENGE;
    server->challenges++;
    enum sasl_outcome outcome = scram_step(&server->scram, message, challenge);
    if (outcome == SASL_LOOK_UP)
        outcome = take_names(server);
    return going_on(server, outcome);
}

enum sasl_outcome sasl_server_keys(struct sasl_server *server, const struct sasl_keys *keys,
                                   struct text *challenge)
{
    text_clear(challenge);
    if (server->over || !server->mechanism->scram)
        return SASL_MALFORMED;
    return going_on(server, scram_take_keys(&server->scram, keys, challenge));
}

/* --- a step --- */

enum sasl_outcome sasl_server_step(struct sasl_server *server, struct slice message,
                                   bool has_message, struct text *challenge)
{
    text_clear(challenge);
    if (server->over)
        return SASL_MALFORMED;
    if (server->mechanism->scram)
        return step_scram(server, message, has_message, challenge);
    bool first = server->challenges == 0;
    bool unfit =
        message.len > SASL_MESSAGE_MAX || (has_message && !message.len) || (!has_message && !first);
    if (unfit)
        return end(server, SASL_MALFORMED);
    int result = first ? first_step(server, message, has_message) : library_step(server, message);
    if (result == GSASL_NEEDS_MORE)
        return ask(server, challenge);
    return end(server, result == GSASL_OK && server->complete ? SASL_VERIFY : SASL_MALFORMED);
}

struct sasl_credentials sasl_server_credentials(const struct sasl_server *server)
{
    struct sasl_credentials credentials = {0};
    if (!server->complete)
        return credentials;
    credentials.authcid = text_slice(&server->authcid);
    credentials.password = text_slice(&server->password);
    /* libgsasl repeats authcid where no authzid was given: the two cases are one */
    if (!slice_equal(text_slice(&server->authzid), credentials.authcid))
        credentials.authzid = text_slice(&server->authzid);
    credentials.acts_for_another = credentials.authzid.len != 0;
    return credentials;
}
