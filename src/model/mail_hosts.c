/* SPDX-License-Identifier: Apache-2.0 */
#include "model/mail_hosts.h"

#include "mail/address.h"

#include <assert.h>
#include <stdlib.h>

enum family { IPV6, IPV4, FAMILIES };

static const enum dns_type types[FAMILIES] = {DNS_AAAA, DNS_A};

/* Question 0 is for MX, the others for the addresses of a host, two each. */
static size_t question_count(const struct mail_hosts *walk)
{
    return 1 + FAMILIES * walk->host_count;
}

/* A number that nobody who does not know the seed can foretell (splitmix64). */
static uint64_t turn_of(uint64_t seed, size_t index)
{
    uint64_t x = seed + 0x9e3779b97f4a7c15u * (index + 1);
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static bool keep_name(struct mail_hosts *walk, struct slice name, struct slice *out)
{
    if (arena_copy(walk->arena, name, out))
        return true;
    walk->why = SLICE("no memory");
    walk->status = MAIL_HOSTS_DNS_FAILED;
    return false;
}

/* --- how it ends --- */

static bool is_own(const struct mail_hosts *walk, const struct mail_host *host)
{
    const struct mail_hosts_settings *settings = &walk->settings;
    for (size_t i = 0; i < settings->own_name_count; i++)
        if (slice_equal_nocase(host->name, settings->own_names[i]) ||
            slice_equal_nocase(host->canonical_name, settings->own_names[i]))
            return true;
    for (size_t family = 0; family < FAMILIES; family++)
        for (size_t i = 0; i < host->addresses[family].count; i++)
            for (size_t j = 0; j < settings->own_address_count; j++)
                if (ip_equal(host->addresses[family].at[i], settings->own_addresses[j]))
                    return true;
    return false;
}

/* RFC 5321 5.1: ourselves among the hosts, only those preferred to us are left. The hosts stand in
 * the order of preference. */
static void leave_out_own(struct mail_hosts *walk)
{
    for (size_t i = 0; i < walk->host_count; i++) {
        if (!is_own(walk, &walk->hosts[i]))
            continue;
        size_t left = i;
        while (left && walk->hosts[left - 1].preference == walk->hosts[i].preference)
            left--;
        walk->host_count = left;
    }
}

static void add_target(struct mail_hosts *walk, const struct mail_host *host, enum family family,
                       size_t index)
{
    if (index >= host->addresses[family].count)
        return;
    if (walk->target_count == MAIL_TARGETS_MAX) {
        walk->cut = true;
        return;
    }
    walk->targets[walk->target_count++] =
        (struct mail_target){host->addresses[family].at[index], host};
}

/* The families take turns: where one does not work at all, the other is next. */
static void add_targets(struct mail_hosts *walk, const struct mail_host *host)
{
    size_t most = host->addresses[IPV6].count > host->addresses[IPV4].count
                      ? host->addresses[IPV6].count
                      : host->addresses[IPV4].count;
    for (size_t i = 0; i < most; i++) {
        add_target(walk, host, IPV6, i);
        add_target(walk, host, IPV4, i);
    }
}

/* No address is known: for good, or because a question failed that might have given one. */
static enum mail_hosts_status without_target(const struct mail_hosts *walk)
{
    enum mail_hosts_status status = MAIL_HOSTS_NO_ADDRESS;
    for (size_t i = 0; i < walk->host_count; i++) {
        enum dns_outcome failure = walk->hosts[i].failure;
        if (failure == DNS_BOGUS)
            status = MAIL_HOSTS_DNS_BOGUS;
        else if (failure != DNS_FOUND)
            return MAIL_HOSTS_DNS_FAILED;
    }
    return status;
}

static void finish(struct mail_hosts *walk)
{
    leave_out_own(walk);
    for (size_t i = 0; i < walk->host_count; i++)
        add_targets(walk, &walk->hosts[i]);
    if (walk->target_count)
        walk->status = MAIL_HOSTS_FOUND;
    else
        walk->status = walk->host_count ? without_target(walk) : MAIL_HOSTS_LOOP;
}

/* --- MX --- */

static int compare_hosts(const void *a, const void *b)
{
    const struct mail_host *left = a, *right = b;
    if (left->preference != right->preference)
        return left->preference < right->preference ? -1 : 1;
    return left->turn < right->turn ? -1 : left->turn > right->turn;
}

static bool is_named_already(const struct mail_hosts *walk, struct slice name)
{
    for (size_t i = 0; i < walk->host_count; i++)
        if (slice_equal_nocase(walk->hosts[i].name, name))
            return true;
    return false;
}

static bool add_host(struct mail_hosts *walk, struct slice name, const struct mail_host *like)
{
    struct mail_host *host = &walk->hosts[walk->host_count];
    *host = *like;
    if (!keep_name(walk, name, &host->name))
        return false;
    host->canonical_name = host->name;
    host->secure = walk->mx_secure;
    walk->host_count++;
    return true;
}

/* Sorted before the ceiling falls, so that the preferred ones are left. */
static void take_hosts(struct mail_hosts *walk, const struct dns_answer *answer)
{
    struct mail_host *sorted = arena_take_array(walk->arena, answer->count, sizeof *sorted);
    if (!sorted) {
        walk->why = SLICE("no memory");
        walk->status = MAIL_HOSTS_DNS_FAILED;
        return;
    }
    for (size_t i = 0; i < answer->count; i++)
        sorted[i] = (struct mail_host){.name = answer->records[i].host,
                                       .preference = answer->records[i].preference,
                                       .turn = turn_of(walk->settings.seed, i)};
    qsort(sorted, answer->count, sizeof *sorted, compare_hosts);
    walk->cut = answer->cut;
    for (size_t i = 0; i < answer->count; i++) {
        if (slice_equal(sorted[i].name, SLICE(".")) || is_named_already(walk, sorted[i].name))
            continue;
        if (walk->host_count == MAIL_HOSTS_MAX)
            walk->cut = true;
        else if (!add_host(walk, sorted[i].name, &sorted[i]))
            return;
    }
    if (!walk->host_count)
        walk->status = MAIL_HOSTS_NULL_MX;
}

static void fail(struct mail_hosts *walk, const struct dns_result *result)
{
    walk->status = result->outcome == DNS_BOGUS ? MAIL_HOSTS_DNS_BOGUS : MAIL_HOSTS_DNS_FAILED;
    walk->name = walk->settings.domain;
    keep_name(walk, result->why, &walk->why);
}

static void take_mx(struct mail_hosts *walk, const struct dns_result *result)
{
    walk->mx_secure = result->secure;
    switch (result->outcome) {
    case DNS_FOUND:
        take_hosts(walk, &result->answer);
        break;
    case DNS_NO_DATA:
        walk->implicit = true;
        add_host(walk, walk->settings.domain, &(struct mail_host){0});
        break;
    case DNS_NO_NAME:
        walk->status = MAIL_HOSTS_NO_DOMAIN;
        break;
    case DNS_FAILED:
    case DNS_BOGUS:
    case DNS_TIMED_OUT:
    case DNS_OUTCOMES:
        fail(walk, result);
        break;
    }
}

/* --- addresses --- */

static void keep_addresses(struct mail_hosts *walk, struct mail_host *host, enum family family,
                           const struct dns_result *result)
{
    size_t count =
        result->answer.count < MAIL_TARGETS_MAX ? result->answer.count : (size_t)MAIL_TARGETS_MAX;
    struct ip_address *addresses = arena_take_array(walk->arena, count, sizeof *addresses);
    if (!addresses || !keep_name(walk, result->answer.canonical_name, &host->canonical_name)) {
        host->failure = DNS_FAILED;
        return;
    }
    host->addresses[family].at = addresses;
    for (size_t i = 0; i < count; i++) /* 0.0.0.0 would be we ourselves */
        if (ip_is_unicast(result->answer.records[i].address))
            addresses[host->addresses[family].count++] = result->answer.records[i].address;
    host->secure = host->secure && result->secure;
    walk->cut |= result->answer.cut || count < result->answer.count;
}

/* Silence weighs more than forgery: it is what is told when both kept a target away. */
static void take_failure(struct mail_hosts *walk, struct mail_host *host,
                         const struct dns_result *result)
{
    if (host->failure == DNS_FOUND || host->failure == DNS_BOGUS)
        host->failure = result->outcome;
    if (walk->name.len && result->outcome == DNS_BOGUS)
        return;
    walk->name = host->name;
    if (!arena_copy(walk->arena, result->why, &walk->why))
        walk->why = SLICE("no memory");
}

static void take_addresses(struct mail_hosts *walk, size_t number, const struct dns_result *result)
{
    struct mail_host *host = &walk->hosts[(number - 1) / FAMILIES];
    host->answered++;
    if (result->outcome == DNS_FOUND) {
        keep_addresses(walk, host, (enum family)((number - 1) % FAMILIES), result);
    } else if (result->outcome >= DNS_FAILED) {
        take_failure(walk, host, result);
    }
}

/* --- the walk --- */

/* RFC 5321 2.3.5: an address literal is taken as it is. */
static void take_literal(struct mail_hosts *walk, struct slice literal)
{
    struct slice address = {literal.at + 1, literal.len - 2};
    slice_take_prefix_nocase(&address, SLICE("IPv6:"));
    struct ip_address *parsed = arena_take(walk->arena, sizeof *parsed);
    if (!parsed || !ip_parse(address, parsed) || !ip_is_unicast(*parsed)) {
        walk->status = MAIL_HOSTS_BAD_NAME;
        return;
    }
    enum family family = ip_is_v4(*parsed) ? IPV4 : IPV6;
    if (!add_host(walk, literal, &(struct mail_host){0}))
        return;
    walk->hosts[0].addresses[family].at = parsed;
    walk->hosts[0].addresses[family].count = 1;
    walk->asked = question_count(walk);
    finish(walk);
}

/* How secure the way to it is, the answers with its addresses say (RFC 7672 2.2.1). */
static void take_host(struct mail_hosts *walk)
{
    walk->implicit = walk->mx_secure = true;
    walk->asked = 1;
    add_host(walk, walk->settings.domain, &(struct mail_host){0});
}

void mail_hosts_begin(struct mail_hosts *walk, const struct mail_hosts_settings *settings,
                      struct arena *arena)
{
    *walk = (struct mail_hosts){.settings = *settings, .arena = arena};
    if (address_literal_valid(settings->domain))
        take_literal(walk, settings->domain);
    else if (!address_domain_valid(settings->domain, false))
        walk->status = MAIL_HOSTS_BAD_NAME;
    else if (settings->is_host)
        take_host(walk);
}

bool mail_hosts_next(struct mail_hosts *walk, struct mail_hosts_question *out_question)
{
    size_t number = walk->asked;
    if (walk->status != MAIL_HOSTS_WALKING || number == question_count(walk))
        return false;
    walk->asked++;
    walk->open++;
    *out_question = (struct mail_hosts_question){number, DNS_MX, walk->settings.domain};
    if (number) {
        out_question->type = types[(number - 1) % FAMILIES];
        out_question->name = walk->hosts[(number - 1) / FAMILIES].name;
    }
    return true;
}

void mail_hosts_answer(struct mail_hosts *walk, size_t number, const struct dns_result *result)
{
    assert(walk->open && number < walk->asked);
    walk->open--;
    if (walk->status != MAIL_HOSTS_WALKING)
        return;
    if (!number)
        take_mx(walk, result);
    else
        take_addresses(walk, number, result);
    if (walk->status == MAIL_HOSTS_WALKING && !walk->open && walk->asked == question_count(walk))
        finish(walk);
}
