/* SPDX-License-Identifier: Apache-2.0 */
/* The hosts of the next hop: those of a domain by MX, smart hosts by their names. */
#include "courier/relay_state.h"
#include "mail/ascii_domain.h"
#include "model/accepted_domain.h"

#include <stdlib.h>

enum { LOOKUP_LIMIT_MS = 20000 };

static void find_next(struct relay *relay);

static void add_host(struct relay *relay, struct slice name, struct ip_address address)
{
    if (relay->host_count < RELAY_HOSTS_MAX)
        relay->hosts[relay->host_count++] =
            (struct relay_host){name, {address, (uint16_t)relay->order.port}};
}

/* [192.0.2.1], [2001:db8::1], [IPv6:2001:db8::1] */
static bool literal_parse(struct slice host, struct ip_address *out)
{
    if (host.len < 3 || host.at[0] != '[' || host.at[host.len - 1] != ']')
        return false;
    struct slice inside = slice_first(slice_after(host, 1), host.len - 2);
    slice_take_prefix_nocase(&inside, SLICE("IPv6:"));
    return ip_parse(inside, out);
}

void relay_forget_lookup(struct relay *relay)
{
    if (relay->lookup)
        host_lookup_end(relay->lookup);
    free(relay->lookup);
    relay->lookup = NULL;
}

static bool is_smart(const struct relay *relay)
{
    return relay->order.smart_hosts.len > 0;
}

/* Who wrote a smart host's name can correct it: that is never the end of a message. */
static void note_missing(struct relay *relay, const struct mail_hosts *walk)
{
    char storage[WIRE_REPLY_MAX];
    struct text words = text_over(storage, sizeof storage);
    if (is_smart(relay)) {
        text_append_c(&words, "450 4.4.4 The smart host ");
        text_append_escaped(&words, walk->settings.domain, WIRE_DOMAIN_MAX);
        text_append_c(&words, " cannot be found: ");
    }
    mail_hosts_explain(walk, &words);
    relay_note(relay, text_slice(&words));
    relay->nowhere = !is_smart(relay) && mail_hosts_is_permanent(walk->status);
}

static void on_found(void *context, const struct mail_hosts *walk)
{
    struct relay *relay = context;
    for (size_t i = 0; i < walk->target_count; i++) {
        struct slice name;
        if (arena_copy(&relay->arena, walk->targets[i].host->name, &name))
            add_host(relay, name, walk->targets[i].address);
    }
    if (walk->status != MAIL_HOSTS_FOUND)
        note_missing(relay, walk);
    relay_forget_lookup(relay);
    find_next(relay);
}

/* False: it is noted why. */
static bool look_up(struct relay *relay, struct slice name)
{
    char storage[ASCII_DOMAIN_MAX];
    struct text ascii = text_over(storage, sizeof storage);
    const struct mail_hosts_settings settings = {
        .domain = domain_comparable(name, &ascii),
        .own_names = &relay->order.hello_name,
        .own_name_count = is_smart(relay) ? 0 : 1,
    };
    relay->lookup = relay->all->resolver ? calloc(1, sizeof *relay->lookup) : NULL;
    if (!relay->lookup) {
        relay_note(relay, SLICE("450 4.4.3 The names of hosts cannot be looked up now"));
        return false;
    }
    host_lookup_start(relay->lookup, relay->all->loop, relay->all->resolver, &settings,
                      LOOKUP_LIMIT_MS, on_found, relay);
    return true;
}

static void find_next(struct relay *relay)
{
    struct slice name;
    while (slice_take_field(&relay->names, ',', &name)) {
        struct ip_address address;
        name = slice_trim(name);
        if (literal_parse(name, &address))
            add_host(relay, name, address);
        else if (look_up(relay, name))
            return;
    }
    relay_dial(relay);
}

void relay_find_hosts(struct relay *relay)
{
    relay->names = is_smart(relay) ? relay->order.smart_hosts : relay->order.domain;
    find_next(relay);
}
