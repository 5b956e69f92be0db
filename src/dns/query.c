/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/resolver_state.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unbound-event.h>

enum { BOGUS = 1, SECURE = 2, TYPE_DNSKEY = 48, UNSIGNED_FOR_MS = 3600 * 1000 };

/* --- answers --- */

static void close_query(struct dns_query *query)
{
    timer_stop(&query->limit);
    loop_defer_cancel(query->resolver->loop, &query->done);
    query->open = false;
    query->resolver->under_way--;
}

static enum dns_outcome outcome_of(const struct dns_answer *answer)
{
    if (answer->rcode == DNS_RCODE_NO_NAME)
        return DNS_NO_NAME;
    if (answer->rcode != DNS_RCODE_OK)
        return DNS_FAILED;
    return answer->count ? DNS_FOUND : DNS_NO_DATA;
}

static void read_packet(const struct dns_query *query, struct arena *arena,
                        struct dns_result *result)
{
    struct slice packet = text_slice(&query->packet);
    enum dns_read_outcome read = dns_answer_read(packet, query->type, arena, &result->answer);
    if (read != DNS_READ_OK) {
        result->why = read == DNS_READ_MALFORMED ? SLICE("the answer is malformed")
                                                 : SLICE("no memory for the answer");
        return;
    }
    result->outcome = outcome_of(&result->answer);
    if (result->outcome == DNS_FAILED) {
        result->answer = (struct dns_answer){0};
        result->why = SLICE("the servers answer with an error");
        return;
    }
    result->secure = query->secure;
}

/* The query may be gone when the callback returns: what it holds is moved here first. */
static void deliver(struct dns_query *query)
{
    CLEANUP(arena_deinit) struct arena arena = arena_with_ceiling(DNS_ANSWER_ARENA_MAX);
    CLEANUP(text_deinit) struct text packet = query->packet;
    CLEANUP(text_deinit) struct text why = query->why;
    struct dns_result result = {.outcome = query->outcome, .why = text_slice(&why)};
    if (packet.len)
        read_packet(query, &arena, &result);
    query->packet = query->why = (struct text){0};
    close_query(query);
    query->run(query->context, &result);
}

/* Called by libunbound, which must not be called back from here: the rest comes at the end of the
 * turn. */
static void on_answer(void *context, int rcode, void *packet, int len, int security, char *why,
                      int limited)
{
    struct dns_query *query = context;
    (void)limited;
    query->answered = true;
    loop_defer(query->resolver->loop, &query->done);
    if (query->step == DNS_STEP_ANCHOR) { /* the answer to the name stands as it was */
        query->no_keys = security != SECURE;
        return;
    }
    query->outcome = security == BOGUS ? DNS_BOGUS : DNS_FAILED;
    query->secure = security == SECURE;
    if (security == BOGUS)
        text_append_escaped(&query->why, slice_of(why ? why : "the signatures do not hold"),
                            DNS_WHY_MAX / 4);
    else if (rcode != DNS_RCODE_OK || len <= 0)
        text_append_c(&query->why, "no server gives an answer");
    else if (!text_append(&query->packet, slice_bytes(packet, (size_t)len)))
        text_append_c(&query->why, "no memory for the answer");
}

/* The name, or the keys of the anchored zone: of one of the two contexts. */
static int ask(struct dns_query *query, struct ub_ctx *whom)
{
    bool keys = query->step == DNS_STEP_ANCHOR;
    query->answered = false;
    query->asked = whom;
    int result = ub_resolve_event(whom, keys ? query->resolver->anchored : query->name,
                                  keys ? TYPE_DNSKEY : (int)query->type, CLASS_IN, query, on_answer,
                                  &query->number);
    return result == UB_NOERROR ? 0 : result == UB_NOMEM ? -ENOMEM : -EINVAL;
}

/* --- signatures that do not come through --- */

static bool is_unsigned(const struct resolver *resolver)
{
    return loop_now_ms(resolver->loop) < resolver->unsigned_until_ms;
}

/* The answer is forged, or no signatures reach us at all: whether the anchored keys do tells. */
static bool ask_anchor(struct dns_query *query)
{
    query->step = DNS_STEP_ANCHOR;
    return ask(query, query->resolver->unbound) == 0;
}

static bool ask_without(struct dns_query *query)
{
    struct resolver *resolver = query->resolver;
    if (!is_unsigned(resolver))
        resolver->on_unsigned(resolver->context, text_slice(&query->why));
    resolver->unsigned_until_ms = loop_now_ms(resolver->loop) + UNSIGNED_FOR_MS;
    query->step = DNS_STEP_UNSIGNED;
    text_clear(&query->why);
    int result = ask(query, resolver->unvalidated);
    if (result < 0)
        text_append_c(&query->why, "no memory to ask without DNSSEC");
    return result == 0;
}

/* True: something else is asked first. */
static bool goes_on(struct dns_query *query)
{
    if (query->step == DNS_STEP_NAME && query->outcome == DNS_BOGUS && query->resolver->unvalidated)
        return ask_anchor(query);
    return query->step == DNS_STEP_ANCHOR && query->no_keys && ask_without(query);
}

static void on_done(void *context)
{
    struct dns_query *query = context;
    if (!goes_on(query))
        deliver(query);
}

static void on_limit(void *context, unsigned events)
{
    struct dns_query *query = context;
    (void)events;
    if (!query->answered)
        ub_cancel(query->asked, query->number);
    if (!query->answered && query->step != DNS_STEP_ANCHOR) {
        query->outcome = DNS_TIMED_OUT;
        text_append_c(&query->why, "no answer in time");
    }
    deliver(query);
}

/* --- queries --- */

/* False: it is no name that can be asked for. */
static bool name_write(struct slice name, char storage[DNS_QUERY_NAME_MAX + 2])
{
    bool absolute = name.len > 1 && name.at[name.len - 1] == '.';
    if (!name.len || name.len - absolute > DNS_QUERY_NAME_MAX ||
        slice_ends_nocase(name, SLICE("..")) || memchr(name.at, 0, name.len))
        return false;
    memcpy(storage, name.at, name.len);
    storage[name.len] = 0;
    return slice_all_ascii(name);
}

int dns_query_start(struct dns_query *query, struct resolver *resolver, struct slice name,
                    enum dns_type type, uint64_t limit_ms, dns_done_fn *run, void *context)
{
    assert(!query->open);
    if (resolver->under_way == DNS_UNDER_WAY_MAX)
        return -EAGAIN;
    bool without = is_unsigned(resolver);
    *query = (struct dns_query){.resolver = resolver,
                                .type = type,
                                .run = run,
                                .context = context,
                                .step = without ? DNS_STEP_UNSIGNED : DNS_STEP_NAME,
                                .done = {.run = on_done, .context = query},
                                .packet = text_with_ceiling(DNS_PACKET_MAX),
                                .why = text_with_ceiling(DNS_WHY_MAX)};
    if (!name_write(name, query->name))
        return -EINVAL;
    query->open = true;
    resolver->under_way++;
    timer_init(&query->limit, resolver->loop, on_limit, query);
    timer_set(&query->limit, limit_ms);
    int result = ask(query, without ? resolver->unvalidated : resolver->unbound);
    if (result < 0)
        dns_query_cancel(query);
    return result;
}

void dns_query_cancel(struct dns_query *query)
{
    if (!query->open)
        return;
    if (!query->answered)
        ub_cancel(query->asked, query->number);
    close_query(query);
    text_deinit(&query->packet);
    text_deinit(&query->why);
}
