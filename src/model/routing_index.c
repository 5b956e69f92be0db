/* SPDX-License-Identifier: Apache-2.0 */
#include "model/routing_index.h"

#include "mail/ascii_domain.h"

#include <stdlib.h>
#include <string.h>

enum { INDEX_CEILING_BYTES = 512 << 20 };

/* What a row is about. Below: *.domain, which for a connector holds the domain too. */
enum row_kind {
    CONNECTOR_EXACT = 1,
    CONNECTOR_BELOW,
    CONNECTOR_ACCEPTED,
    DOMAIN_EXACT,
    DOMAIN_BELOW
};

struct row {
    enum row_kind kind;
    struct slice domain;              /* comparable, lower case; empty: all, or all accepted ones */
    struct route_candidate candidate; /* of a connector */
    const struct accepted_domain *accepted;
};

/* Rows of one kind and domain, the one that goes before all others in front. */
struct place {
    const struct row *first;
    size_t count;
};

struct routing_index {
    struct arena arena;
    size_t mask; /* number of places - 1 */
    struct place *places;
};

static size_t hash(enum row_kind kind, struct slice domain)
{
    uint64_t hash = 0xcbf29ce484222325u ^ (uint64_t)kind;
    for (size_t i = 0; i < domain.len; i++)
        hash = (hash ^ (unsigned char)domain.at[i]) * 0x100000001b3u;
    return (size_t)(hash ^ hash >> 32);
}

static struct place *place_of(const struct routing_index *index, enum row_kind kind,
                              struct slice domain)
{
    size_t at = hash(kind, domain) & index->mask;
    while (index->places[at].count && (index->places[at].first->kind != kind ||
                                       !slice_equal(index->places[at].first->domain, domain)))
        at = (at + 1) & index->mask;
    return &index->places[at];
}

/* --- building --- */

static size_t count_rows(const struct model *model)
{
    size_t count = model_count(model, MODEL_ACCEPTED_DOMAIN);
    for (size_t i = 0; i < model_count(model, MODEL_SEND_CONNECTOR); i++)
        count += model_send_connector(model, i)->address_spaces.count;
    return count;
}

static bool keep_domain(struct arena *arena, struct slice domain, struct slice *out_domain)
{
    char bytes[ASCII_DOMAIN_MAX], lower_bytes[ASCII_DOMAIN_MAX];
    struct text storage = text_over(bytes, sizeof bytes);
    struct text lower = text_over(lower_bytes, sizeof lower_bytes);
    return text_append_lower(&lower, domain_comparable(domain, &storage)) &&
           arena_copy(arena, text_slice(&lower), out_domain);
}

static bool make_connector_row(struct arena *arena, const struct send_connector *connector,
                               struct address_space space, struct row *out)
{
    struct slice domain = space.space;
    *out = (struct row){.kind = CONNECTOR_EXACT,
                        .candidate = {.connector = connector, .has_space = true, .space = space}};
    if (slice_equal(domain, SLICE("--"))) {
        out->kind = CONNECTOR_ACCEPTED; /* as specific as what is asked for */
        return true;
    }
    out->candidate.specific = route_specific(domain);
    bool all = slice_equal(domain, SLICE("*"));
    if (all || slice_take_prefix(&domain, SLICE("*.")))
        out->kind = CONNECTOR_BELOW;
    return all || keep_domain(arena, domain, &out->domain);
}

static bool make_domain_row(struct arena *arena, const struct accepted_domain *accepted,
                            struct row *out)
{
    struct slice domain = accepted->domain_name;
    bool below = slice_take_prefix(&domain, SLICE("*."));
    *out = (struct row){.kind = below ? DOMAIN_BELOW : DOMAIN_EXACT, .accepted = accepted};
    return keep_domain(arena, domain, &out->domain);
}

static bool gather(struct arena *arena, const struct model *model, struct row *rows,
                   size_t *out_count)
{
    size_t count = 0;
    for (size_t i = 0; i < model_count(model, MODEL_ACCEPTED_DOMAIN); i++)
        if (!make_domain_row(arena, model_accepted_domain(model, i), &rows[count++]))
            return false;
    for (size_t i = 0; i < model_count(model, MODEL_SEND_CONNECTOR); i++) {
        const struct send_connector *connector = model_send_connector(model, i);
        for (size_t s = 0; connector->enabled && s < connector->address_spaces.count; s++)
            if (!make_connector_row(arena, connector, connector->address_spaces.at[s],
                                    &rows[count++]))
                return false;
    }
    *out_count = count;
    return true;
}

static int compare_rows(const void *left, const void *right)
{
    const struct row *a = left, *b = right;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    int order = slice_compare(a->domain, b->domain);
    if (order || a->accepted)
        return order;
    return route_goes_before(&b->candidate, &a->candidate) -
           route_goes_before(&a->candidate, &b->candidate);
}

static bool build(struct routing_index *index, const struct model *model)
{
    size_t count, places = 16, rows_max = count_rows(model);
    while (places < 2 * rows_max)
        places *= 2;
    struct row *rows = rows_max ? arena_take_array(&index->arena, rows_max, sizeof *rows) : NULL;
    index->places = arena_take_array(&index->arena, places, sizeof *index->places);
    index->mask = places - 1;
    if ((rows_max && !rows) || !index->places || !gather(&index->arena, model, rows, &count))
        return false;
    if (count)
        qsort(rows, count, sizeof *rows, compare_rows);
    for (size_t i = 0; i < count; i++) {
        struct place *place = place_of(index, rows[i].kind, rows[i].domain);
        if (!place->count++)
            place->first = &rows[i];
    }
    return true;
}

struct routing_index *routing_index_new(const struct model *model)
{
    struct routing_index *index = calloc(1, sizeof *index);
    if (!index)
        return NULL;
    index->arena = arena_with_ceiling(INDEX_CEILING_BYTES);
    if (!build(index, model)) {
        routing_index_free(index);
        return NULL;
    }
    return index;
}

void routing_index_free(struct routing_index *index)
{
    if (index)
        arena_deinit(&index->arena);
    free(index);
}

/* --- asking --- */

/* The next name above: what stands behind the first dot, at last nothing. */
static struct slice parent_of(struct slice domain)
{
    struct slice label;
    return slice_take_until(&domain, '.', &label) ? domain : (struct slice){0};
}

static const struct accepted_domain *accepted_of(const struct routing_index *index,
                                                 struct slice domain)
{
    const struct place *place = place_of(index, DOMAIN_EXACT, domain);
    while (!place->count && (domain = parent_of(domain)).len)
        place = place_of(index, DOMAIN_BELOW, domain);
    return place->count ? place->first->accepted : NULL;
}

struct search {
    const struct routing_index *index;
    const struct route_question *question;
    size_t accepted_specific; /* 0: no accepted domain holds the domain */
    bool too_small;
    struct route_candidate best;
};

/* The first of the place that takes the size. */
static void look_at(struct search *search, enum row_kind kind, struct slice domain)
{
    const struct place *place = place_of(search->index, kind, domain);
    for (size_t i = 0; i < place->count; i++) {
        struct route_candidate candidate = place->first[i].candidate;
        if (search->question->size_bytes > candidate.connector->max_message_bytes) {
            search->too_small = true;
            continue;
        }
        if (kind == CONNECTOR_ACCEPTED)
            candidate.specific = search->accepted_specific;
        if (!search->best.connector || route_goes_before(&candidate, &search->best))
            search->best = candidate;
        return;
    }
}

/* From the most specific place to the least, as far as something may still go before. */
static void look_everywhere(struct search *search, struct slice domain)
{
    if (search->accepted_specific)
        look_at(search, CONNECTOR_ACCEPTED, (struct slice){0});
    look_at(search, CONNECTOR_EXACT, domain);
    for (;; domain = parent_of(domain)) {
        if (search->best.connector && search->best.specific > 2 * domain.len)
            return;
        look_at(search, CONNECTOR_BELOW, domain);
        if (!domain.len)
            return;
    }
}

struct route routing_index_choose(const struct routing_index *index,
                                  const struct route_question *question)
{
    char bytes[ASCII_DOMAIN_MAX], lower_bytes[ASCII_DOMAIN_MAX];
    struct text storage = text_over(bytes, sizeof bytes);
    struct text lower = text_over(lower_bytes, sizeof lower_bytes);
    text_append_lower(&lower, domain_comparable(question->domain, &storage));
    struct slice domain = text_slice(&lower); /* one that is too long is none: only * holds it */
    const struct accepted_domain *accepted = accepted_of(index, domain);
    struct route route;
    if (route_is_here(accepted, question, &route))
        return route;
    struct search search = {.index = index, .question = question};
    if (accepted)
        search.accepted_specific = route_specific(accepted->domain_name);
    look_everywhere(&search, domain);
    if (search.best.connector)
        return route_through(accepted, &search.best);
    route.kind = search.too_small ? ROUTE_TOO_LARGE : ROUTE_UNREACHABLE;
    return route;
}
