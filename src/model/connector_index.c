/* SPDX-License-Identifier: Apache-2.0 */
#include "model/connector_index.h"

#include "model/connector_choice.h"

#include <stdlib.h>
#include <string.h>

enum { INDEX_CEILING_BYTES = 512 << 20 };

/* From here to the next segment of the place one candidate wins; NULL: nobody takes the client. */
struct segment {
    struct ip_address first;
    const struct connector_candidate *winner;
};

/* What is listened on, for clients of one family. */
struct place {
    struct ip_endpoint local;
    bool v4_clients;
    const struct segment *segments;
    size_t count;
};

struct connector_index {
    struct arena arena;
    struct place *places; /* sorted */
    size_t count;
};

/* --- candidates: one for each pair of a binding and a range --- */

static bool is_v4_range(struct ip_range range)
{
    return ip_is_v4(range.first) && ip_is_v4(range.last);
}

static size_t count_candidates(const struct model *model)
{
    size_t count = 0;
    for (size_t i = 0; i < model_count(model, MODEL_RECEIVE_CONNECTOR); i++) {
        const struct receive_connector *connector = model_receive_connector(model, i);
        if (connector->enabled)
            count += connector->bindings.count * connector->remote_ip_ranges.count;
    }
    return count;
}

static void gather(const struct model *model, struct connector_candidate *out)
{
    for (size_t i = 0; i < model_count(model, MODEL_RECEIVE_CONNECTOR); i++) {
        const struct receive_connector *connector = model_receive_connector(model, i);
        for (size_t b = 0; connector->enabled && b < connector->bindings.count; b++)
            for (size_t r = 0; r < connector->remote_ip_ranges.count; r++)
                *out++ = (struct connector_candidate){.connector = connector,
                                                      .reason = CONNECTOR_LESS_SPECIFIC,
                                                      .has_range = true,
                                                      .range = connector->remote_ip_ranges.at[r],
                                                      .binding = connector->bindings.at[b]};
    }
}

static int compare_places(struct ip_endpoint a, bool a_v4, struct ip_endpoint b, bool b_v4)
{
    int order = ip_compare(a.address, b.address);
    if (order)
        return order;
    return a.port != b.port ? (a.port > b.port) - (a.port < b.port) : a_v4 - b_v4;
}

/* By place, then by the address at which the range begins. */
static int compare_candidates(const void *left, const void *right)
{
    const struct connector_candidate *a = left, *b = right;
    int order =
        compare_places(a->binding, is_v4_range(a->range), b->binding, is_v4_range(b->range));
    return order ? order : ip_compare(a->range.first, b->range.first);
}

/* --- the candidates whose range holds the address the sweep stands at, the best in front --- */

struct heap {
    const struct connector_candidate **at;
    size_t count;
};

static void swap(struct heap *heap, size_t a, size_t b)
{
    const struct connector_candidate *kept = heap->at[a];
    heap->at[a] = heap->at[b];
    heap->at[b] = kept;
}

static bool before(const struct heap *heap, size_t a, size_t b)
{
    return connector_goes_before(heap->at[a], heap->at[b]);
}

static void heap_put(struct heap *heap, const struct connector_candidate *candidate)
{
    size_t at = heap->count++;
    heap->at[at] = candidate;
    for (; at && before(heap, at, (at - 1) / 2); at = (at - 1) / 2)
        swap(heap, at, (at - 1) / 2);
}

static void heap_drop_best(struct heap *heap)
{
    heap->at[0] = heap->at[--heap->count];
    for (size_t at = 0, child; (child = 2 * at + 1) < heap->count; at = child) {
        if (child + 1 < heap->count && before(heap, child + 1, child))
            child++;
        if (!before(heap, child, at))
            return;
        swap(heap, at, child);
    }
}

/* --- cutting one place into segments --- */

static int compare_addresses(const void *left, const void *right)
{
    const struct ip_address *a = left, *b = right;
    return ip_compare(*a, *b);
}

/* False: there is no address behind the last one. */
static bool step_behind(struct ip_address *address)
{
    for (size_t i = sizeof address->bytes; i-- > 0;)
        if (++address->bytes[i])
            return true;
    return false;
}

/* Addresses at which the answer may change: where a range begins, and behind its end. */
static size_t gather_borders(const struct connector_candidate *candidates, size_t count,
                             struct ip_address *out)
{
    size_t borders = 0;
    for (size_t i = 0; i < count; i++) {
        struct ip_address behind = candidates[i].range.last;
        out[borders++] = candidates[i].range.first;
        if (step_behind(&behind))
            out[borders++] = behind;
    }
    qsort(out, borders, sizeof *out, compare_addresses);
    return borders;
}

/* Walks the borders upwards. Whoever has begun is in the heap; who has ended leaves it when it
 * comes to the front. Neighbours with the same winner are one segment. */
static size_t sweep(const struct connector_candidate *candidates, size_t count,
                    const struct ip_address *borders, size_t border_count, struct heap *heap,
                    struct segment *out)
{
    size_t made = 0, begun = 0;
    for (size_t i = 0; i < border_count; i++) {
        for (; begun < count && ip_compare(candidates[begun].range.first, borders[i]) <= 0; begun++)
            heap_put(heap, &candidates[begun]);
        while (heap->count && ip_compare(heap->at[0]->range.last, borders[i]) < 0)
            heap_drop_best(heap);
        const struct connector_candidate *winner = heap->count ? heap->at[0] : NULL;
        if (!made || out[made - 1].winner != winner)
            out[made++] = (struct segment){borders[i], winner};
    }
    return made;
}

struct workspace { /* as large as the largest place needs */
    struct ip_address *borders;
    struct heap heap;
    struct segment *segments;
};

static void workspace_deinit(struct workspace *workspace)
{
    free(workspace->borders);
    free(workspace->heap.at);
    free(workspace->segments);
}

static bool workspace_init(struct workspace *workspace, size_t candidates)
{
    *workspace = (struct workspace){
        .borders = calloc(2 * candidates, sizeof *workspace->borders),
        .heap.at = calloc(candidates, sizeof *workspace->heap.at),
        .segments = calloc(2 * candidates, sizeof *workspace->segments),
    };
    return workspace->borders && workspace->heap.at && workspace->segments;
}

static bool cut(struct connector_index *index, const struct connector_candidate *candidates,
                size_t count, struct workspace *workspace)
{
    size_t borders = gather_borders(candidates, count, workspace->borders);
    workspace->heap.count = 0;
    size_t made = sweep(candidates, count, workspace->borders, borders, &workspace->heap,
                        workspace->segments);
    struct segment *segments = arena_take_array(&index->arena, made, sizeof *segments);
    if (!segments)
        return false;
    memcpy(segments, workspace->segments, made * sizeof *segments);
    index->places[index->count++] = (struct place){.local = candidates[0].binding,
                                                   .v4_clients = is_v4_range(candidates[0].range),
                                                   .segments = segments,
                                                   .count = made};
    return true;
}

static bool same_place(const struct connector_candidate *a, const struct connector_candidate *b)
{
    return !compare_places(a->binding, is_v4_range(a->range), b->binding, is_v4_range(b->range));
}

static size_t end_of_place(const struct connector_candidate *candidates, size_t start, size_t count)
{
    size_t end = start;
    while (end < count && same_place(&candidates[start], &candidates[end]))
        end++;
    return end;
}

static size_t count_places(const struct connector_candidate *candidates, size_t count,
                           size_t *out_largest)
{
    size_t places = 0;
    *out_largest = 0;
    for (size_t start = 0, end; start < count; start = end, places++) {
        end = end_of_place(candidates, start, count);
        if (end - start > *out_largest)
            *out_largest = end - start;
    }
    return places;
}

static bool build(struct connector_index *index, const struct model *model)
{
    size_t largest, count = count_candidates(model);
    if (count == 0)
        return true;
    struct connector_candidate *candidates =
        arena_take_array(&index->arena, count, sizeof *candidates);
    if (!candidates)
        return false;
    gather(model, candidates);
    qsort(candidates, count, sizeof *candidates, compare_candidates);
    size_t places = count_places(candidates, count, &largest);
    index->places = arena_take_array(&index->arena, places, sizeof *index->places);
    CLEANUP(workspace_deinit) struct workspace workspace = {0};
    if (!index->places || !workspace_init(&workspace, largest))
        return false;
    for (size_t start = 0, end; start < count; start = end) {
        end = end_of_place(candidates, start, count);
        if (!cut(index, candidates + start, end - start, &workspace))
            return false;
    }
    return true;
}

struct connector_index *connector_index_new(const struct model *model)
{
    struct connector_index *index = calloc(1, sizeof *index);
    if (!index)
        return NULL;
    index->arena = arena_with_ceiling(INDEX_CEILING_BYTES);
    if (!build(index, model)) {
        connector_index_free(index);
        return NULL;
    }
    return index;
}

void connector_index_free(struct connector_index *index)
{
    if (index)
        arena_deinit(&index->arena);
    free(index);
}

/* --- choosing --- */

static const struct place *find_place(const struct connector_index *index, struct ip_endpoint local,
                                      bool v4_clients)
{
    size_t low = 0, high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct place *place = &index->places[middle];
        int order = compare_places(place->local, place->v4_clients, local, v4_clients);
        if (order == 0)
            return place;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static const struct connector_candidate *
winner_at(const struct connector_index *index, struct ip_endpoint local, struct ip_address client)
{
    const struct place *place = find_place(index, local, ip_is_v4(client));
    size_t low = 0, high = place ? place->count : 0;
    while (low < high) { /* below `low` all begin at or before the client */
        size_t middle = low + (high - low) / 2;
        if (ip_compare(place->segments[middle].first, client) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? place->segments[low - 1].winner : NULL;
}

static struct ip_endpoint any_address(struct ip_endpoint local)
{
    static const uint8_t v4_zero[4];
    struct ip_endpoint any = {.port = local.port};
    if (ip_is_v4(local.address))
        any.address = ip_from_v4(v4_zero);
    return any;
}

const struct receive_connector *connector_index_choose(const struct connector_index *index,
                                                       struct ip_endpoint local,
                                                       struct ip_address client)
{
    const struct connector_candidate *exact = winner_at(index, local, client);
    const struct connector_candidate *any = winner_at(index, any_address(local), client);
    if (!exact || (any && connector_goes_before(any, exact)))
        exact = any;
    return exact ? exact->connector : NULL;
}
