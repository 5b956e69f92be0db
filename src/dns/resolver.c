/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/resolver_state.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unbound-event.h>

enum { ENDPOINT_MAX = 64 };

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
    return result;
}

static int set_hosts(struct ub_ctx *unbound, const char *file, struct text *error)
{
    return file ? refused(ub_ctx_hosts(unbound, file), "hosts file", file, error) : 0;
}

static int settle(struct ub_ctx *unbound, const struct resolver_settings *settings, bool validates,
                  struct text *error)
{
    ub_ctx_debugout(unbound, NULL);
    int result = set_options(unbound, asks_itself(settings), error);
    if (result == 0)
        result = set_servers(unbound, settings, error);
    if (result == 0)
        result = set_hosts(unbound, settings->hosts_file, error);
    return result == 0 && validates ? set_anchors(unbound, settings, error) : result;
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

static int first_query(struct ub_ctx *unbound, struct text *error)
{
    char *said = NULL;
    size_t len = 0;
    FILE *log = open_memstream(&said, &len);
    if (!log)
        return -ENOMEM;
    ub_ctx_debugout(unbound, log);
    int result =
        ub_resolve_event(unbound, "localhost.", DNS_A, CLASS_IN, NULL, on_first_answer, NULL);
    ub_ctx_debugout(unbound, NULL); /* from here on reasons come with the answers */
    fclose(log);
    if (result != UB_NOERROR) {
        text_append_c(error, "a DNS server, trust anchor or hosts file cannot be used: ");
        text_append_escaped(error, slice_bytes(said, len), DNS_WHY_MAX);
    }
    free(said);
    return result == UB_NOERROR ? 0 : result == UB_NOMEM ? -ENOMEM : -EINVAL;
}

static int open_context(struct loop *loop, const struct resolver_settings *settings, bool validates,
                        struct ub_ctx **out_unbound, struct text *error)
{
    *out_unbound = ub_ctx_create_event(base_of(loop));
    int result = *out_unbound ? settle(*out_unbound, settings, validates, error) : -ENOMEM;
    return result == 0 ? first_query(*out_unbound, error) : result;
}

int resolver_new(struct loop *loop, const struct resolver_settings *settings,
                 struct resolver **out_resolver, struct text *out_error)
{
    struct resolver *resolver = calloc(1, sizeof *resolver);
    if (!resolver)
        return -ENOMEM;
    resolver->loop = loop;
    resolver->on_unsigned = settings->on_unsigned;
    resolver->context = settings->context;
    resolver->anchored = settings->anchored;
    int result = open_context(loop, settings, true, &resolver->unbound, out_error);
    if (result == 0 && settings->on_unsigned)
        result = open_context(loop, settings, false, &resolver->unvalidated, out_error);
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
    if (resolver->unvalidated)
        ub_ctx_delete(resolver->unvalidated);
    free(resolver);
}

size_t resolver_under_way(const struct resolver *resolver)
{
    return resolver->under_way;
}
