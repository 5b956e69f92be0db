/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/logins.h"

#include "os/random.h"
#include "vault/login_table.h"
#include "vault/password_work.h"
#include "vault/scram_keys.h"
#include "vault/secret.h"
#include "vault/verifier.h"

#include <stdlib.h>
#include <string.h>

enum { SWEEP_MS = 5000 };

struct logins {
    struct loop *loop;
    const struct kek *kek;
    struct worker_pool *pool;
    struct logins_owner owner;
    struct login_table table;
    struct watch timer;
    struct text dummy; /* a verifier nobody has the password of */
};
/* --- answers --- */

static void answer(struct logins *logins, unsigned edge, uint64_t session,
                   enum wire_sasl_outcome outcome)
{
    struct wire_sasl_answer message = {.session = session, .outcome = outcome};
    logins->owner.answer(logins->owner.context, edge, &message);
}

static void finish(struct logins *logins, struct login *login, enum wire_sasl_outcome outcome)
{
    unsigned edge = login->edge;
    uint64_t session = login->session;
    login_table_remove(&logins->table, login);
    answer(logins, edge, session, outcome);
}

static void accept_login(struct logins *logins, struct login *login)
{
    struct wire_sasl_answer message = {.session = login->session,
                                       .outcome = WIRE_SASL_ACCEPTED,
                                       .id = text_slice(&login->id),
                                       .account = text_slice(&login->account),
                                       .addresses = text_slice(&login->addresses)};
    logins->owner.answer(logins->owner.context, login->edge, &message);
    login_table_remove(&logins->table, login);
}

/* --- the verdict --- */

static void judge(struct logins *logins, struct login *login, bool right)
{
    if (right && login->known)
        accept_login(logins, login);
    else
        finish(logins, login, WIRE_SASL_REFUSED);
}

static void on_checked(void *context, uint64_t request, bool ran, bool right)
{
    struct logins *logins = context;
    struct login *login = login_table_find_request(&logins->table, request, LOGIN_CHECKING);
    if (!login) /* abandoned meanwhile */
        return;
    if (ran)
        judge(logins, login, right);
    else
        finish(logins, login, WIRE_SASL_UNAVAILABLE);
}

static void check(struct logins *logins, struct login *login, struct slice record)
{
    struct slice password = sasl_server_credentials(login->server).password;
    bool queued =
        worker_pool_waiting(logins->pool) < LOGINS_CHECKING_MAX &&
        password_check_submit(logins->pool, record, password, login->request, on_checked, logins);
    sasl_server_free(login->server); /* overwrites the password */
    login->server = NULL;
    login->state = LOGIN_CHECKING;
    if (!queued)
        finish(logins, login, WIRE_SASL_UNAVAILABLE);
}

/* --- the account --- */

static void ask_for_account(struct logins *logins, struct login *login, bool proves)
{
    login->proves = proves;
    struct sasl_credentials credentials = sasl_server_credentials(login->server);
    if (credentials.acts_for_another) {
        finish(logins, login, WIRE_SASL_REFUSED);
        return;
    }
    login->state = LOGIN_ASKING;
    struct wire_account_question question = {.request = login->request,
                                             .name = credentials.authcid};
    if (!logins->owner.question(logins->owner.context, &question))
        finish(logins, login, WIRE_SASL_UNAVAILABLE);
}

static void send_challenge(struct logins *logins, const struct login *login, struct slice challenge)
{
    struct wire_sasl_answer message = {
        .session = login->session, .outcome = WIRE_SASL_CHALLENGE, .bytes = challenge};
    logins->owner.answer(logins->owner.context, login->edge, &message);
}

static void respond(struct logins *logins, struct login *login, enum sasl_outcome outcome,
                    const struct text *challenge)
{
    switch (outcome) {
    case SASL_CHALLENGE:
        send_challenge(logins, login, text_slice(challenge));
        return;
    case SASL_VERIFY:
    case SASL_LOOK_UP:
        ask_for_account(logins, login, outcome == SASL_LOOK_UP);
        return;
    case SASL_PROVEN:
        judge(logins, login, true);
        return;
    case SASL_REFUSED:
        finish(logins, login, WIRE_SASL_REFUSED);
        return;
    case SASL_MALFORMED:
        finish(logins, login, WIRE_SASL_MALFORMED);
        return;
    }
}

/* A name has the same salt in capitals and in small letters, as an account has. */
static bool pretend(const struct logins *logins, const struct login *login,
                    struct sasl_keys *out_keys)
{
    char storage[SASL_IDENTITY_MAX];
    struct text name = text_over(storage, sizeof storage);
    return text_append_lower(&name, sasl_server_credentials(login->server).authcid) &&
           scram_keys_pretend(logins->kek, text_slice(&name), out_keys);
}

static void bring_keys(struct logins *logins, struct login *login, struct slice record)
{
    char storage[SASL_MESSAGE_MAX];
    struct text challenge = text_over(storage, sizeof storage);
    struct sasl_keys keys;
    login->known = verifier_scram_keys(record, &keys);
    bool good = login->known || pretend(logins, login, &keys);
    login->state = LOGIN_EXCHANGING;
    login->since_ms = loop_now_ms(logins->loop);
    if (good)
        respond(logins, login, sasl_server_keys(login->server, &keys, &challenge), &challenge);
    else
        finish(logins, login, WIRE_SASL_UNAVAILABLE);
    explicit_bzero(&keys, sizeof keys);
}

/* The rest of a login, by the account's verifier; an empty record is one nobody fits. */
static void judge_by(struct logins *logins, struct login *login, struct slice record)
{
    if (login->proves)
        bring_keys(logins, login, record);
    else
        check(logins, login, record.len ? record : text_slice(&logins->dummy));
}

void logins_account(struct logins *logins, const struct wire_account_answer *account)
{
    struct login *login = login_table_find_request(&logins->table, account->request, LOGIN_ASKING);
    if (!login)
        return;
    if (!account->found || !account->sealed_verifier.len) {
        judge_by(logins, login, (struct slice){0});
        return;
    }
    struct text record = text_with_ceiling(WIRE_SECRET_MAX);
    if (kek_unseal(logins->kek, account->id, SLICE("account"), account->sealed_verifier, &record) !=
        SEAL_OK) {
        logins->owner.unreadable(logins->owner.context, account->name);
        finish(logins, login, WIRE_SASL_UNAVAILABLE);
    } else if (!secret_copy(account->id, &login->id) ||
               !secret_copy(account->name, &login->account) ||
               !secret_copy(account->addresses, &login->addresses)) {
        finish(logins, login, WIRE_SASL_UNAVAILABLE);
    } else {
        login->known = true;
        judge_by(logins, login, text_slice(&record));
    }
    seal_wipe(&record);
}

/* --- the exchange --- */

static void step(struct logins *logins, struct login *login, const struct wire_sasl *message)
{
    char storage[SASL_MESSAGE_MAX];
    struct text challenge = text_over(storage, sizeof storage);
    login->since_ms = loop_now_ms(logins->loop);
    enum sasl_outcome outcome =
        sasl_server_step(login->server, message->message, message->has_message != 0, &challenge);
    respond(logins, login, outcome, &challenge);
}

static void begin(struct logins *logins, unsigned edge, const struct wire_sasl *message)
{
    struct login *login = login_table_add(&logins->table, edge, message->session);
    if (!login) {
        answer(logins, edge, message->session, WIRE_SASL_UNAVAILABLE);
        return;
    }
    int begun = sasl_server_begin(message->mechanism, message->binding, &login->server);
    if (begun != SASL_BEGIN_OK) {
        login->server = NULL;
        finish(logins, login, begun < 0 ? WIRE_SASL_UNAVAILABLE : WIRE_SASL_MALFORMED);
        return;
    }
    step(logins, login, message);
}

void logins_step(struct logins *logins, unsigned edge, const struct wire_sasl *message)
{
    if (edge >= LOGIN_EDGES_MAX)
        return;
    struct login *login = login_table_find(&logins->table, edge, message->session);
    if (message->mechanism.len) {
        if (login)
            login_table_remove(&logins->table, login);
        begin(logins, edge, message);
    } else if (login && login->state == LOGIN_EXCHANGING) {
        step(logins, login, message);
    } else {
        if (login)
            login_table_remove(&logins->table, login);
        answer(logins, edge, message->session, WIRE_SASL_MALFORMED);
    }
}

/* --- ends --- */

void logins_abandon(struct logins *logins, unsigned edge, uint64_t session)
{
    struct login *login = login_table_find(&logins->table, edge, session);
    if (login)
        login_table_remove(&logins->table, login);
}

static void forget_of_edge(void *context, struct login *login, uint64_t edge)
{
    struct logins *logins = context;
    if (login->edge == edge)
        login_table_remove(&logins->table, login);
}

void logins_abandon_edge(struct logins *logins, unsigned edge)
{
    login_table_each(&logins->table, edge, forget_of_edge, logins);
}

static void fail_asking(void *context, struct login *login, uint64_t unused)
{
    struct logins *logins = context;
    (void)unused;
    if (login->state == LOGIN_ASKING)
        finish(logins, login, WIRE_SASL_UNAVAILABLE);
}

void logins_hub_lost(struct logins *logins)
{
    login_table_each(&logins->table, 0, fail_asking, logins);
}

static void forget_old(void *context, struct login *login, uint64_t now_ms)
{
    struct logins *logins = context;
    uint64_t age = now_ms > login->since_ms ? now_ms - login->since_ms : 0;
    if (login->state == LOGIN_EXCHANGING && age > LOGIN_IDLE_MS)
        login_table_remove(&logins->table, login);
    else if (login->state == LOGIN_ASKING && age > LOGIN_ACCOUNT_MS)
        finish(logins, login, WIRE_SASL_UNAVAILABLE);
}

void logins_sweep(struct logins *logins, uint64_t now_ms)
{
    login_table_each(&logins->table, now_ms, forget_old, logins);
}

static void on_timer(void *context, unsigned events)
{
    (void)events;
    struct logins *logins = context;
    logins_sweep(logins, loop_now_ms(logins->loop));
    timer_set(&logins->timer, SWEEP_MS);
}

/* --- lifecycle --- */

static bool make_dummy(struct text *out_record)
{
    static const char digits[] = "0123456789abcdef";
    char password[32];
    random_bytes(password, sizeof password);
    for (size_t i = 0; i < sizeof password; i++)
        password[i] = digits[password[i] & 15];
    *out_record = text_with_ceiling(VERIFIER_RECORD_MAX);
    bool made = verifier_make((struct slice){password, sizeof password}, out_record);
    secret_wipe((struct slice){password, sizeof password});
    return made;
}

struct logins *logins_new(struct loop *loop, const struct kek *kek, struct worker_pool *pool,
                          const struct logins_owner *owner)
{
    struct logins *logins = calloc(1, sizeof *logins);
    if (!logins || !make_dummy(&logins->dummy)) {
        if (logins)
            text_deinit(&logins->dummy);
        free(logins);
        return NULL;
    }
    logins->loop = loop;
    logins->kek = kek;
    logins->pool = pool;
    logins->owner = *owner;
    logins->table.salt = random_u64();
    timer_init(&logins->timer, loop, on_timer, logins);
    timer_set(&logins->timer, SWEEP_MS);
    return logins;
}

static void forget_any(void *context, struct login *login, uint64_t unused)
{
    struct logins *logins = context;
    (void)unused;
    login_table_remove(&logins->table, login);
}

void logins_free(struct logins *logins)
{
    if (!logins)
        return;
    timer_stop(&logins->timer);
    login_table_each(&logins->table, 0, forget_any, logins);
    text_deinit(&logins->dummy);
    free(logins);
}

size_t logins_count(const struct logins *logins)
{
    return logins->table.count;
}
