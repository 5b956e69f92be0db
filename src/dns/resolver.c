/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/resolver.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unbound-event.h>
#include <unbound.h>

enum { ENDPOINT_MAX = 64, BOGUS = 1, SECURE = 2, CLASS_IN = 1 };

struct resolver {
    struct ub_ctx *unbound;
    struct loop *loop;
    size_t under_way;
};

/* --- settings --- */

/* What differs from libunbound's own choice. */
static const struct option {
    const char *name, *value;
} options[] = {
    {"msg-cache-size:", "4m"}, {"rrset-cache-size:", "8m"}, {"key-cache-size:", "1m"},
    {"neg-cache-size:", "1m"}, {"use-syslog:", "no"},
};

/* A step of settings that libunbound did not take. */
static int refused(int result, const char *what, const char *value, struct text *error)
{
    if (result == UB_NOERROR)
        return 0;
    if (result == UB_NOMEM)
        return -ENOMEM;
    text_append_format(error, "%s \"%s\" cannot be used: %s", what, value, ub_strerror(result));
    return -EINVAL;
}

/* As libunbound writes an endpoint: "192.0.2.1@53". */
static void endpoint_write(struct ip_endpoint endpoint, char storage[ENDPOINT_MAX])
{
    struct text text = text_over(storage, ENDPOINT_MAX - 1);
    ip_append(&text, endpoint.address);
    text_append_format(&text, "@%u", endpoint.port);
    storage[text.len] = 0;
}

static int set_options(struct ub_ctx *unbound, bool local_servers, struct text *error)
{
    int result = 0;
    for (size_t i = 0; result == 0 && i < COUNT_OF(options); i++)
        result = refused(ub_ctx_set_option(unbound, options[i].name, options[i].value), "option",
                         options[i].name, error);
    if (result == 0 && local_servers)
        result = refused(ub_ctx_set_option(unbound, "do-not-query-localhost:", "no"), "option",
                         "do-not-query-localhost", error);
    return result;
}

static bool asks_itself(const struct resolver_settings *settings)
{
    bool local = false;
    for (size_t i = 0; i < settings->forward_count; i++)
        local |= ip_is_loopback(settings->forwards[i].address);
    for (size_t i = 0; i < settings->stub_count; i++)
        local |= ip_is_loopback(settings->stubs[i].server.address);
    return local;
}

static int set_servers(struct ub_ctx *unbound, const struct resolver_settings *settings,
                       struct text *error)
{
    int result = 0;
    char server[ENDPOINT_MAX];
    for (size_t i = 0; result == 0 && i < settings->forward_count; i++) {
        endpoint_write(settings->forwards[i], server);
        result = refused(ub_ctx_set_fwd(unbound, server), "DNS server", server, error);
    }
    for (size_t i = 0; result == 0 && i < settings->stub_count; i++) {
        endpoint_write(settings->stubs[i].server, server);
        result = refused(ub_ctx_set_stub(unbound, settings->stubs[i].zone, server, 0), "zone",
                         settings->stubs[i].zone, error);
    }
    return result;
}

static int set_anchors(struct ub_ctx *unbound, const struct resolver_settings *settings,
                       struct text *error)
{
    int result = 0;
    for (size_t i = 0; result == 0 && i < settings->trust_anchor_count; i++)
        result = refused(ub_ctx_add_ta(unbound, settings->trust_anchors[i]), "trust anchor",
                         settings->trust_anchors[i], error);
    const char *file = settings->trust_anchor_file;
    if (result == 0 && file)
        result = refused(ub_ctx_add_ta_file(unbound, file), "trust anchor file", file, error);
    file = settings->hosts_file;
    if (result == 0 && file)
        result = refused(ub_ctx_hosts(unbound, file), "hosts file", file, error);
    return result;
}

static int settle(struct resolver *resolver, const struct resolver_settings *settings,
                  struct text *error)
{
    struct ub_ctx *unbound = resolver->unbound;
    ub_ctx_debugout(unbound, NULL);
    int result = set_options(unbound, asks_itself(settings), error);
    if (result == 0)
        result = set_servers(unbound, settings, error);
    return result == 0 ? set_anchors(unbound, settings, error) : result;
}

/* --- life --- */

static void on_nothing(void *context, unsigned events)
{
    (void)context;
    (void)events;
}

/* A watch knows the base of its loop. */
static struct event_base *base_of(struct loop *loop)
{
    struct watch watch;
    timer_init(&watch, loop, on_nothing, NULL);
    return event_get_base(&watch.event);
}

/* libunbound settles and reads its files with the first query: this one, which it answers by
 * itself (RFC 6761 6.3), is that. */
static void on_first_answer(void *context, int rcode, void *packet, int len, int security,
                            char *why, int limited)
{
    (void)context;
    (void)rcode;
    (void)packet;
    (void)len;
    (void)security;
    (void)why;
    (void)limited;
}

static int first_query(struct resolver *resolver, struct text *error)
{
    char *said = NULL;
    size_t len = 0;
    FILE *log = open_memstream(&said, &len);
    if (!log)
        return -ENOMEM;
    ub_ctx_debugout(resolver->unbound, log);
    int result = ub_resolve_event(resolver->unbound, "localhost.", DNS_A, CLASS_IN, NULL,
                                  on_first_answer, NULL);
    ub_ctx_debugout(resolver->unbound, NULL); /* from here on reasons come with the answers */
    fclose(log);
    if (result != UB_NOERROR) {
        text_append_c(error, "a DNS server, trust anchor or hosts file cannot be used: ");
        text_append_escaped(error, slice_bytes(said, len), DNS_WHY_MAX);
    }
    free(said);
    return result == UB_NOERROR ? 0 : result == UB_NOMEM ? -ENOMEM : -EINVAL;
}

int resolver_new(struct loop *loop, const struct resolver_settings *settings,
                 struct resolver **out_resolver, struct text *out_error)
{
    struct resolver *resolver = calloc(1, sizeof *resolver);
    if (!resolver)
        return -ENOMEM;
    resolver->loop = loop;
    resolver->unbound = ub_ctx_create_event(base_of(loop));
    int result = resolver->unbound ? settle(resolver, settings, out_error) : -ENOMEM;
    if (result == 0)
        result = first_query(resolver, out_error);
    if (result < 0) {
        resolver_free(resolver);
        return result;
    }
    *out_resolver = resolver;
    return 0;
}

void resolver_free(struct resolver *resolver)
{
    if (!resolver)
        return;
    assert(!resolver->under_way);
    if (resolver->unbound)
        ub_ctx_delete(resolver->unbound);
    free(resolver);
}

size_t resolver_under_way(const struct resolver *resolver)
{
    return resolver->under_way;
}

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

static void on_done(void *context)
{
    deliver(context);
}

static void on_limit(void *context, unsigned events)
{
    struct dns_query *query = context;
    (void)events;
    if (!query->answered) {
        ub_cancel(query->resolver->unbound, query->number);
        query->outcome = DNS_TIMED_OUT;
        text_append_c(&query->why, "no answer in time");
    }
    deliver(query);
}

/* Called by libunbound, which must not be called back from here: the rest comes at the end of the
 * turn. */
static void on_answer(void *context, int rcode, void *packet, int len, int security, char *why,
                      int limited)
{
    struct dns_query *query = context;
    (void)limited;
    query->answered = true;
    query->outcome = security == BOGUS ? DNS_BOGUS : DNS_FAILED;
    query->secure = security == SECURE;
    if (security == BOGUS)
        text_append_escaped(&query->why, slice_of(why ? why : "the signatures do not hold"),
                            DNS_WHY_MAX / 4);
    else if (rcode != DNS_RCODE_OK || len <= 0)
        text_append_c(&query->why, "no server gives an answer");
    else if (!text_append(&query->packet, slice_bytes(packet, (size_t)len)))
        text_append_c(&query->why, "no memory for the answer");
    loop_defer(query->resolver->loop, &query->done);
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

static int error_of(int result)
{
    return result == UB_NOERROR ? 0 : result == UB_NOMEM ? -ENOMEM : -EINVAL;
}

int dns_query_start(struct dns_query *query, struct resolver *resolver, struct slice name,
                    enum dns_type type, uint64_t limit_ms, dns_done_fn *run, void *context)
{
    char written[DNS_QUERY_NAME_MAX + 2];
    assert(!query->open);
    if (!name_write(name, written))
        return -EINVAL;
    if (resolver->under_way == DNS_UNDER_WAY_MAX)
        return -EAGAIN;
    *query = (struct dns_query){.resolver = resolver,
                                .type = type,
                                .run = run,
                                .context = context,
                                .open = true,
                                .done = {.run = on_done, .context = query},
                                .packet = text_with_ceiling(DNS_PACKET_MAX),
                                .why = text_with_ceiling(DNS_WHY_MAX)};
    resolver->under_way++;
    timer_init(&query->limit, resolver->loop, on_limit, query);
    timer_set(&query->limit, limit_ms);
    int result = error_of(ub_resolve_event(resolver->unbound, written, (int)type, CLASS_IN, query,
                                           on_answer, &query->number));
    if (result < 0)
        dns_query_cancel(query);
    return result;
}

void dns_query_cancel(struct dns_query *query)
{
    if (!query->open)
        return;
    if (!query->answered)
        ub_cancel(query->resolver->unbound, query->number);
    close_query(query);
    text_deinit(&query->packet);
    text_deinit(&query->why);
}
