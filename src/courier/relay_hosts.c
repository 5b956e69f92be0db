/* SPDX-License-Identifier: Apache-2.0 */
/* The hosts of the next hop: those of a domain by MX, smart hosts by their names. */
#include "courier/relay_state.h"
#include "mail/ascii_domain.h"
#include "model/accepted_domain.h"
#include "os/interfaces.h"

#include <stdlib.h>
#include <string.h>

enum { LOOKUP_LIMIT_MS = 20000 };

static void find_next(struct relay *relay);

static void add_host(struct relay *relay, const struct relay_host *host, struct ip_address address)
{
    if (relay->host_count == RELAY_HOSTS_MAX)
        return;
    struct relay_host *added = &relay->hosts[relay->host_count++];
    *added = *host;
    added->endpoint = (struct ip_endpoint){address, (uint16_t)relay->order.port};
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
    sts_lookup_end(&relay->policy_lookup);
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
        text_append_c(&words, relay->order.lmtp ? "450 4.4.4 The host of MailboxTransport "
                                                : "450 4.4.4 The smart host ");
        text_append_escaped(&words, walk->settings.domain, WIRE_DOMAIN_MAX);
        text_append_c(&words, " cannot be found: ");
    }
    mail_hosts_explain(walk, &words);
    relay_note(relay, text_slice(&words));
    relay->nowhere = !is_smart(relay) && mail_hosts_is_permanent(walk->status);
}

/* Without MX, or with one that says the same, the domain is its own host. */
static bool is_vouched(const struct relay *relay, const struct mail_hosts *walk,
                       const struct mail_host *found)
{
    return is_smart(relay) || (walk->mx_secure && !walk->implicit) ||
           slice_equal_nocase(found->name, walk->settings.domain);
}

static void on_found(void *context, const struct mail_hosts *walk)
{
    struct relay *relay = context;
    for (size_t i = 0; i < walk->target_count; i++) {
        const struct mail_host *found = walk->targets[i].host;
        struct relay_host host = {.vouched = is_vouched(relay, walk, found),
                                  .secure = found->secure};
        if (arena_copy(&relay->arena, found->name, &host.name) &&
            arena_copy(&relay->arena, found->canonical_name, &host.canonical_name))
            add_host(relay, &host, walk->targets[i].address);
    }
    relay_log_found(relay, walk);
    if (walk->status != MAIL_HOSTS_FOUND)
        note_missing(relay, walk);
    relay_forget_lookup(relay);
    find_next(relay);
}

/* --- ourselves --- */

static bool is_listened_on(const struct relay *relay, struct ip_address address)
{
    struct slice rest = relay->order.own_addresses;
    for (; rest.len >= sizeof address.bytes; rest = slice_after(rest, sizeof address.bytes)) {
        struct ip_address own;
        memcpy(own.bytes, rest.at, sizeof own.bytes);
        bool all = ip_is_any(own) && ip_is_v4(own) == ip_is_v4(address);
        if (all || ip_equal(own, address))
            return true;
    }
    return false;
}

/* Of the machine's addresses those we listen on at the port that is connected to (RFC 5321 5.1). A
 * smart host may be another server of this machine, at whatever address. */
static void find_own(struct relay *relay, struct mail_hosts_settings *settings)
{
    struct ip_address all[INTERFACES_MAX];
    size_t count = relay->order.own_addresses.len ? interfaces_addresses(all) : 0;
    struct ip_address *own = arena_take_array(&relay->arena, count, sizeof *own);
    settings->own_names = &relay->order.hello_name;
    settings->own_name_count = 1;
    settings->own_addresses = own;
    for (size_t i = 0; own && i < count; i++)
        if (is_listened_on(relay, all[i]))
            own[settings->own_address_count++] = all[i];
}

/* --- the lookup --- */

/* False: it is noted why. */
static bool look_up(struct relay *relay, struct slice name)
{
    char storage[ASCII_DOMAIN_MAX];
    struct text ascii = text_over(storage, sizeof storage);
    struct mail_hosts_settings settings = {.domain = domain_comparable(name, &ascii),
                                           .is_host = relay->order.lmtp};
    if (!is_smart(relay))
        find_own(relay, &settings);
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
            add_host(relay, &(struct relay_host){.name = name, .vouched = true}, address);
        else if (look_up(relay, name))
            return;
    }
    relay_dial(relay);
}

static void on_policy(void *context, struct sts_kept *policy, enum sts_failure failure)
{
    struct relay *relay = context;
    relay->trust.sts = policy;
    relay_report_policy(relay, failure);
    find_next(relay);
}

/* RFC 8461 is about domains whose MX records say where their mail goes. */
void relay_find_hosts(struct relay *relay)
{
    char storage[ASCII_DOMAIN_MAX];
    struct text ascii = text_over(storage, sizeof storage);
    if (relay_find_local_host(relay)) {
        relay_dial(relay);
        return;
    }
    relay->names = is_smart(relay) ? relay->order.smart_hosts : relay->order.domain;
    struct slice domain = domain_comparable(relay->order.domain, &ascii);
    if (is_smart(relay) || !relay_trust_asks_policy(relay)) {
        find_next(relay);
        return;
    }
    relay_report_begin(relay, domain);
    sts_lookup_start(&relay->policy_lookup, relay->all->policies, domain, on_policy, relay);
}
