/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/logins.h"

#include "os/random.h"
#include "sasl/server.h"
#include "vault/password_work.h"
#include "vault/scram_keys.h"
#include "vault/secret.h"
#include "vault/verifier.h"

#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1024, SWEEP_MS = 5000, EDGE_LOGINS_MAX = LOGINS_MAX / 2 };

enum login_state { LOGIN_EXCHANGING, LOGIN_ASKING, LOGIN_CHECKING };

struct login {
    struct login *next; /* in its bucket */
    unsigned edge;
    uint64_t session;
    uint64_t request; /* of the question and the check; its low bits are the bucket */
    enum login_state state;
    struct sasl_server *server;
    uint64_t since_ms; /* of the last message, or of the question */
    bool proves;       /* the password is not sent: SCRAM */
    bool known;        /* it is judged by the account's own verifier */
    struct text id, account, addresses;
};

struct logins {
    struct loop *loop;
    const struct kek *kek;
    struct worker_pool *pool;
    struct logins_owner owner;
    struct login *buckets[BUCKETS];
    unsigned short of_edge[LOGIN_EDGES_MAX];
    size_t count;
    uint64_t salt, last_request;
    struct watch timer;
    struct text dummy; /* a verifier nobody has the password of */
};
_Static_assert(EDGE_LOGINS_MAX <= 65535, "the count of an edge's logins fits");

/* --- the table --- */

static size_t bucket_of(const struct logins *logins, unsigned edge, uint64_t session)
{
    uint64_t mixed = (session ^ logins->salt) * 0x9e3779b97f4a7c15u + edge * 0xbf58476d1ce4e5b9u;
    return (size_t)(mixed >> 54);
}
_Static_assert(BUCKETS == 1 << (64 - 54), "a bucket for each value of the topmost bits");

static struct login *find(const struct logins *logins, unsigned edge, uint64_t session)
{
    struct login *login = logins->buckets[bucket_of(logins, edge, session)];
    while (login && (login->edge != edge || login->session != session))
        login = login->next;
    return login;
}

static struct login *find_request(const struct logins *logins, uint64_t request,
                                  enum login_state state)
{
    struct login *login = logins->buckets[request % BUCKETS];
    while (login && (login->request != request || login->state != state))
        login = login->next;
    return login;
}

static void forget(struct logins *logins, struct login *login)
{
    struct login **link = &logins->buckets[bucket_of(logins, login->edge, login->session)];
    while (*link != login)
        link = &(*link)->next;
    *link = login->next;
    logins->of_edge[login->edge]--;
    logins->count--;
    sasl_server_free(login->server);
    text_deinit(&login->id);
    text_deinit(&login->account);
    text_deinit(&login->addresses);
    free(login);
}

static struct login *add(struct logins *logins, unsigned edge, uint64_t session)
{
    if (logins->count == LOGINS_MAX || logins->of_edge[edge] == EDGE_LOGINS_MAX)
        return NULL;
    struct login *login = calloc(1, sizeof *login);
    if (!login)
        return NULL;
    size_t bucket = bucket_of(logins, edge, session);
    login->edge = edge;
    login->session = session;
    login->request = ++logins->last_request * BUCKETS + bucket;
    login->next = logins->buckets[bucket];
    logins->buckets[bucket] = login;
    logins->of_edge[edge]++;
    logins->count++;
    return login;
}

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
    forget(logins, login);
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
    forget(logins, login);
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
    struct login *login = find_request(logins, request, LOGIN_CHECKING);
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
    struct login *login = find_request(logins, account->request, LOGIN_ASKING);
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
    struct login *login = add(logins, edge, message->session);
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
    struct login *login = find(logins, edge, message->session);
    if (message->mechanism.len) {
        if (login)
            forget(logins, login);
        begin(logins, edge, message);
    } else if (login && login->state == LOGIN_EXCHANGING) {
        step(logins, login, message);
    } else {
        if (login)
            forget(logins, login);
        answer(logins, edge, message->session, WIRE_SASL_MALFORMED);
    }
}

/* --- ends --- */

void logins_abandon(struct logins *logins, unsigned edge, uint64_t session)
{
    struct login *login = find(logins, edge, session);
    if (login)
        forget(logins, login);
}

/* Calls `visit` for each; it may forget the one it is given. */
static void for_each(struct logins *logins, uint64_t argument,
                     void (*visit)(struct logins *, struct login *, uint64_t))
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct login *login = logins->buckets[i], *next; login; login = next) {
            next = login->next;
            visit(logins, login, argument);
        }
}

static void forget_of_edge(struct logins *logins, struct login *login, uint64_t edge)
{
    if (login->edge == edge)
        forget(logins, login);
}

void logins_abandon_edge(struct logins *logins, unsigned edge)
{
    for_each(logins, edge, forget_of_edge);
}

static void fail_asking(struct logins *logins, struct login *login, uint64_t unused)
{
    (void)unused;
    if (login->state == LOGIN_ASKING)
        finish(logins, login, WIRE_SASL_UNAVAILABLE);
}

void logins_hub_lost(struct logins *logins)
{
    for_each(logins, 0, fail_asking);
}

static void forget_old(struct logins *logins, struct login *login, uint64_t now_ms)
{
    uint64_t age = now_ms > login->since_ms ? now_ms - login->since_ms : 0;
    if (login->state == LOGIN_EXCHANGING && age > LOGIN_IDLE_MS)
        forget(logins, login);
    else if (login->state == LOGIN_ASKING && age > LOGIN_ACCOUNT_MS)
        finish(logins, login, WIRE_SASL_UNAVAILABLE);
}

void logins_sweep(struct logins *logins, uint64_t now_ms)
{
    for_each(logins, now_ms, forget_old);
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
    logins->salt = random_u64();
    timer_init(&logins->timer, loop, on_timer, logins);
    timer_set(&logins->timer, SWEEP_MS);
    return logins;
}

static void forget_any(struct logins *logins, struct login *login, uint64_t unused)
{
    (void)unused;
    forget(logins, login);
}

void logins_free(struct logins *logins)
{
    if (!logins)
        return;
    timer_stop(&logins->timer);
    for_each(logins, 0, forget_any);
    text_deinit(&logins->dummy);
    free(logins);
}

size_t logins_count(const struct logins *logins)
{
    return logins->count;
}
