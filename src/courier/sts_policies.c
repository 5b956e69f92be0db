/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/sts_policies.h"

#include "os/clock.h"
#include "tls/host_name.h"
#include "wire/role.h"

#include <stdlib.h>
#include <string.h>

struct entry { /* of a domain that has had a record */
    struct entry *next;
    struct sts_kept *kept; /* NULL: it could not be fetched */
    int64_t failed_until_ms;
    size_t domain_len;
    char domain[HTTPS_NAME_MAX];
};

struct sts_policies {
    struct loop *loop;
    struct resolver *resolver;
    struct https *https;
    struct channel *hub;
    struct sts_shelf shelf;
    struct entry *entries; /* the one asked for last in front */
    size_t count;
};

/* --- what is kept --- */

static struct sts_kept *kept_ref(struct sts_kept *kept)
{
    if (kept)
        kept->references++;
    return kept;
}

void sts_kept_unref(struct sts_kept *kept)
{
    if (!kept || --kept->references)
        return;
    text_deinit(&kept->written);
    free(kept);
}

/* NULL without memory, or with the outcome that says what is wrong with the text. */
static struct sts_kept *kept_new(struct slice id, struct slice written, int64_t fetched_ms,
                                 enum sts_policy_outcome *out_outcome)
{
    struct sts_kept *kept = calloc(1, sizeof *kept);
    *out_outcome = STS_POLICY_OK;
    if (!kept)
        return NULL;
    kept->references = 1;
    kept->written = text_with_ceiling(STS_POLICY_MAX_BYTES);
    if (text_append(&kept->written, written))
        *out_outcome = sts_policy_read(text_slice(&kept->written), &kept->policy);
    if (kept->written.truncated || *out_outcome != STS_POLICY_OK) {
        sts_kept_unref(kept);
        return NULL;
    }
    memcpy(kept->id_bytes, id.at, id.len);
    kept->cached = (struct sts_cached){
        .id = {kept->id_bytes, id.len},
        .fetched_ms = fetched_ms,
        .max_age_s = kept->policy.max_age_s,
    };
    return kept;
}

static void entry_free(struct entry *entry)
{
    sts_kept_unref(entry->kept);
    free(entry);
}

/* Moves it to the front. NULL: nothing is known of the domain. */
static struct entry *entry_find(struct sts_policies *policies, struct slice domain)
{
    struct entry **link = &policies->entries;
    while (*link &&
           !slice_equal_nocase((struct slice){(*link)->domain, (*link)->domain_len}, domain))
        link = &(*link)->next;
    struct entry *entry = *link;
    if (!entry)
        return NULL;
    *link = entry->next;
    entry->next = policies->entries;
    policies->entries = entry;
    return entry;
}

static void drop_last(struct sts_policies *policies)
{
    struct entry **link = &policies->entries;
    while ((*link)->next)
        link = &(*link)->next;
    entry_free(*link);
    *link = NULL;
    policies->count--;
}

/* NULL without memory. */
static struct entry *entry_of(struct sts_policies *policies, struct slice domain)
{
    struct entry *entry = entry_find(policies, domain);
    if (entry || !(entry = calloc(1, sizeof *entry)))
        return entry;
    if (policies->count == STS_DOMAINS_MAX)
        drop_last(policies);
    memcpy(entry->domain, domain.at, domain.len);
    entry->domain_len = domain.len;
    entry->next = policies->entries;
    policies->entries = entry;
    policies->count++;
    return entry;
}

/* --- the end of a lookup --- */

static void answer(struct sts_lookup *lookup, struct sts_kept *kept)
{
    struct sts_kept *reference = kept_ref(kept);
    lookup->policies = NULL;
    lookup->run(lookup->context, reference, lookup->failure);
}

static void on_done(void *context)
{
    answer(context, NULL);
}

static struct slice domain_of(const struct sts_lookup *lookup)
{
    return slice_of(lookup->domain);
}

/* What was kept may still count; else the domain is as good as one without a policy. */
static void answer_kept(struct sts_lookup *lookup)
{
    const struct entry *entry = entry_find(lookup->policies, domain_of(lookup));
    struct sts_kept *kept = entry ? entry->kept : NULL;
    bool counts =
        kept && sts_next_step(&kept->cached, (struct slice){0}, clock_wall_ms()) == STS_STEP_CACHED;
    answer(lookup, counts ? kept : NULL);
}

static void fail(struct sts_lookup *lookup, enum sts_failure failure, struct slice why)
{
    struct entry *entry = entry_of(lookup->policies, domain_of(lookup));
    char storage[512];
    struct text shown = text_over(storage, sizeof storage);
    text_append_escaped(&shown, why, sizeof storage);
    lookup->failure = failure;
    if (entry)
        entry->failed_until_ms = clock_wall_ms() + STS_FAILED_MS;
    role_event(lookup->policies->hub, WIRE_LEVEL_WARNING, 0,
               "courier: the MTA-STS policy of %s cannot be fetched from https://mta-sts.%s: %.*s",
               lookup->domain, lookup->domain, SLICE_ARG(text_slice(&shown)));
    answer_kept(lookup);
}

/* --- keeping --- */

static void keep(struct sts_lookup *lookup, struct sts_kept *kept)
{
    struct entry *entry = entry_of(lookup->policies, domain_of(lookup));
    if (!entry)
        return;
    sts_kept_unref(entry->kept);
    entry->kept = kept_ref(kept);
    entry->failed_until_ms = 0;
}

static void put_on_shelf(struct sts_lookup *lookup, const struct sts_kept *kept)
{
    const struct sts_cached *cached = &kept->cached;
    const struct sts_shelved policy = {
        .id = cached->id,
        .policy = text_slice(&kept->written),
        .fetched_ms = cached->fetched_ms,
        .until_ms = cached->fetched_ms + (int64_t)cached->max_age_s * 1000,
    };
    sts_shelf_write(&lookup->policies->shelf, domain_of(lookup), &policy);
}

/* Unless what is in memory is what the record speaks of. */
static void take_from_shelf(struct sts_lookup *lookup, int64_t now_ms)
{
    struct sts_policies *policies = lookup->policies;
    const struct entry *entry = entry_find(policies, domain_of(lookup));
    const struct sts_kept *known = entry ? entry->kept : NULL;
    CLEANUP(text_deinit) struct text storage = {0};
    struct sts_shelved found;
    enum sts_policy_outcome outcome;
    if (known && (!lookup->id.len || slice_equal(known->cached.id, lookup->id)))
        return;
    if (!sts_shelf_read(&policies->shelf, domain_of(lookup), now_ms, &storage, &found) ||
        (known && known->cached.fetched_ms >= found.fetched_ms))
        return;
    struct sts_kept *kept = kept_new(found.id, found.policy, found.fetched_ms, &outcome);
    if (kept)
        keep(lookup, kept);
    sts_kept_unref(kept);
}

/* --- fetching --- */

static void on_fetched(void *context, const struct https_result *result)
{
    struct sts_lookup *lookup = context;
    enum sts_policy_outcome outcome = STS_POLICY_OK;
    if (result->outcome != HTTPS_OK) {
        fail(lookup,
             result->outcome == HTTPS_NOT_TRUSTED ? STS_FAILURE_NOT_TRUSTED : STS_FAILURE_FETCH,
             result->why);
        return;
    }
    struct sts_kept *kept = kept_new(lookup->id, result->body, clock_wall_ms(), &outcome);
    if (!kept) {
        fail(lookup, STS_FAILURE_INVALID,
             slice_of(outcome == STS_POLICY_OK ? "no memory" : sts_policy_outcome_text(outcome)));
        return;
    }
    keep(lookup, kept);
    put_on_shelf(lookup, kept);
    answer(lookup, kept);
    sts_kept_unref(kept);
}

static void fetch(struct sts_lookup *lookup)
{
    char host[HTTPS_NAME_MAX + sizeof "mta-sts."];
    struct text name = text_over(host, sizeof host);
    text_append_c(&name, "mta-sts.");
    text_append(&name, domain_of(lookup));
    https_get(&lookup->request, lookup->policies->https, text_slice(&name),
              "/.well-known/mta-sts.txt", on_fetched, lookup);
}

/* --- the record --- */

static void read_record(struct sts_lookup *lookup, const struct dns_result *result)
{
    struct slice texts[DNS_RECORDS_MAX], id;
    size_t count = result->outcome == DNS_FOUND ? result->answer.count : 0;
    for (size_t i = 0; i < count; i++)
        texts[i] = result->answer.records[i].data;
    if (sts_record_read(texts, count, &id) != TAG_LIST_OK)
        return;
    memcpy(lookup->id_bytes, id.at, id.len);
    lookup->id = (struct slice){lookup->id_bytes, id.len};
}

static void on_record(void *context, const struct dns_result *result)
{
    struct sts_lookup *lookup = context;
    int64_t now_ms = clock_wall_ms();
    read_record(lookup, result);
    take_from_shelf(lookup, now_ms);
    const struct entry *entry = entry_find(lookup->policies, domain_of(lookup));
    struct sts_cached none = {0};
    enum sts_step step =
        sts_next_step(entry && entry->kept ? &entry->kept->cached : &none, lookup->id, now_ms);
    bool fetches = step == STS_STEP_FETCH || step == STS_STEP_FETCH_ELSE_CACHED;
    if (fetches && !(entry && entry->failed_until_ms > now_ms))
        fetch(lookup);
    else
        answer_kept(lookup);
}

void sts_lookup_start(struct sts_lookup *lookup, struct sts_policies *policies, struct slice domain,
                      sts_found_fn *run, void *context)
{
    char storage[HTTPS_NAME_MAX + sizeof "_mta-sts."];
    struct text name = text_over(storage, sizeof storage);
    *lookup = (struct sts_lookup){.policies = policies,
                                  .done = {.run = on_done, .context = lookup},
                                  .run = run,
                                  .context = context};
    text_append_c(&name, "_mta-sts.");
    text_append(&name, domain);
    bool good = host_name_ok(domain, false);
    if (good)
        memcpy(lookup->domain, domain.at, domain.len);
    if (!good || dns_query_start(&lookup->query, policies->resolver, text_slice(&name), DNS_TXT,
                                 STS_DNS_LIMIT_MS, on_record, lookup) < 0)
        loop_defer(policies->loop, &lookup->done);
}

void sts_lookup_end(struct sts_lookup *lookup)
{
    if (!lookup->policies)
        return;
    dns_query_cancel(&lookup->query);
    https_cancel(&lookup->request);
    loop_defer_cancel(lookup->policies->loop, &lookup->done);
    lookup->policies = NULL;
}

/* --- life --- */

struct sts_policies *sts_policies_new(struct loop *loop, struct resolver *resolver,
                                      struct https *https, struct channel *hub, int shelf_fd)
{
    struct sts_policies *policies = calloc(1, sizeof *policies);
    if (!policies)
        return NULL;
    *policies =
        (struct sts_policies){.loop = loop, .resolver = resolver, .https = https, .hub = hub};
    sts_shelf_open(&policies->shelf, shelf_fd, clock_wall_ms());
    return policies;
}

void sts_policies_free(struct sts_policies *policies)
{
    while (policies && policies->entries) {
        struct entry *entry = policies->entries;
        policies->entries = entry->next;
        entry_free(entry);
    }
    free(policies);
}
