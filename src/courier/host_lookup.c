/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/host_lookup.h"

#include "os/random.h"

#include <errno.h>

static void ask(struct host_lookup *lookup);

static void cancel_all(struct host_lookup *lookup)
{
    for (size_t i = 0; i < HOST_LOOKUP_AT_ONCE; i++)
        dns_query_cancel(&lookup->slots[i].query);
}

/* What became of the walk is told at the end of the turn, whoever ended it. */
static void look_for_end(struct host_lookup *lookup)
{
    if (lookup->walk.status == MAIL_HOSTS_WALKING)
        return;
    cancel_all(lookup);
    loop_defer(lookup->loop, &lookup->done);
}

static void on_done(void *context)
{
    struct host_lookup *lookup = context;
    lookup->run(lookup->context, &lookup->walk);
}

static void on_answer(void *context, const struct dns_result *result)
{
    struct host_lookup_slot *slot = context;
    struct host_lookup *lookup = slot->lookup;
    mail_hosts_answer(&lookup->walk, slot->number, result);
    ask(lookup);
    look_for_end(lookup);
}

/* A name that cannot be asked for does not exist; for all else there is another time. */
static void answer_unasked(struct host_lookup *lookup, size_t number, int error)
{
    struct dns_result result = {.outcome = error == -EINVAL ? DNS_NO_NAME : DNS_FAILED};
    if (result.outcome == DNS_FAILED)
        result.why = error == -EAGAIN ? SLICE("too many questions are under way")
                                      : SLICE("no memory for the question");
    mail_hosts_answer(&lookup->walk, number, &result);
}

static struct host_lookup_slot *free_slot(struct host_lookup *lookup)
{
    for (size_t i = 0; i < HOST_LOOKUP_AT_ONCE; i++)
        if (!lookup->slots[i].query.open)
            return &lookup->slots[i];
    return NULL;
}

static void ask(struct host_lookup *lookup)
{
    struct mail_hosts_question question;
    struct host_lookup_slot *slot;
    while ((slot = free_slot(lookup)) && mail_hosts_next(&lookup->walk, &question)) {
        slot->lookup = lookup;
        slot->number = question.number;
        int result = dns_query_start(&slot->query, lookup->resolver, question.name, question.type,
                                     lookup->limit_ms, on_answer, slot);
        if (result < 0)
            answer_unasked(lookup, question.number, result);
    }
}

void host_lookup_start(struct host_lookup *lookup, struct loop *loop, struct resolver *resolver,
                       const struct mail_hosts_settings *settings, uint64_t limit_ms,
                       host_lookup_fn *run, void *context)
{
    struct mail_hosts_settings own = *settings;
    *lookup = (struct host_lookup){.resolver = resolver,
                                   .loop = loop,
                                   .arena = arena_with_ceiling(MAIL_HOSTS_ARENA_MAX),
                                   .limit_ms = limit_ms,
                                   .done = {.run = on_done, .context = lookup},
                                   .run = run,
                                   .context = context};
    own.seed = random_u64();
    bool kept = arena_copy(&lookup->arena, settings->domain, &own.domain);
    mail_hosts_begin(&lookup->walk, &own, &lookup->arena);
    if (!kept)
        lookup->walk.status = MAIL_HOSTS_DNS_FAILED;
    ask(lookup);
    look_for_end(lookup);
}

void host_lookup_end(struct host_lookup *lookup)
{
    if (!lookup->loop)
        return;
    cancel_all(lookup);
    loop_defer_cancel(lookup->loop, &lookup->done);
    arena_deinit(&lookup->arena);
    *lookup = (struct host_lookup){0};
}
