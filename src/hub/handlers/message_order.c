/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/handlers/message_order.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_BYTES_MAX = 64 << 20, SHOWN_MAX = 60 };

bool message_order_parse(struct slice written, struct message_order *out, struct text *error)
{
    struct slice field;
    *out = (struct message_order){0};
    while (slice_take_field(&written, ',', &field)) {
        field = slice_trim(field);
        bool falls = slice_starts(field, SLICE("-"));
        struct slice name =
            slice_trim(slice_after(field, falls || slice_starts(field, SLICE("+"))));
        const struct message_property *property = message_property_find(name);
        if (!property || property->kind == MESSAGE_LIST || out->count == MESSAGE_ORDER_MAX) {
            text_append_c(error, property && property->kind != MESSAGE_LIST
                                     ? "-SortOrder has too many properties, from \""
                                     : "-SortOrder: messages are not sorted by \"");
            text_append_escaped(error, name, SHOWN_MAX);
            text_append_c(error, "\"; it is written '+FromAddress,-Size'");
            return false;
        }
        out->columns[out->count].property = property;
        out->columns[out->count++].falls = falls;
    }
    return true;
}

/* --- ranks --- */

unsigned message_order_fields(const struct message_order *order)
{
    unsigned fields = 0;
    for (size_t i = 0; i < order->count; i++)
        fields |= order->columns[i].property->fields;
    return fields;
}

struct message_rank message_rank_read(const struct message_order *order,
                                      const struct message_sight *sight,
                                      struct message_rank_storage *storage)
{
    struct text texts = text_over(storage->texts, sizeof storage->texts);
    for (size_t i = 0; i < order->count; i++) {
        text_clear(sight->scratch);
        struct message_value value = order->columns[i].property->read(sight);
        size_t at = texts.len;
        text_append(&texts, slice_first(value.text, MESSAGE_KEY_TEXT_MAX));
        storage->keys[i] =
            (struct message_key){{storage->texts + at, texts.len - at}, value.number};
    }
    return (struct message_rank){.message = sight->item->message, .keys = storage->keys};
}

static int compare_keys(const struct message_key *a, const struct message_key *b)
{
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return slice_compare_nocase(a->text, b->text);
}

int message_rank_compare(const struct message_order *order, const struct message_rank *a,
                         const struct message_rank *b)
{
    for (size_t i = 0; i < order->count; i++) {
        int difference = compare_keys(&a->keys[i], &b->keys[i]);
        if (difference)
            return order->columns[i].falls ? -difference : difference;
    }
    return (a->message > b->message) - (a->message < b->message);
}

/* --- the best so many --- */

static size_t bytes_of(const struct message_pick *pick, const struct message_rank *rank)
{
    size_t bytes = pick->order->count * sizeof rank->keys[0];
    for (size_t i = 0; i < pick->order->count; i++)
        bytes += rank->keys[i].text.len;
    return bytes;
}

/* Keys and their texts in one piece. */
static bool copy_rank(const struct message_pick *pick, const struct message_rank *rank,
                      struct message_rank *out)
{
    size_t count = pick->order->count;
    *out = (struct message_rank){.message = rank->message};
    if (count == 0)
        return true;
    struct message_key *keys = malloc(bytes_of(pick, rank));
    if (!keys)
        return false;
    char *at = (char *)(keys + count);
    for (size_t i = 0; i < count; i++) {
        struct slice text = rank->keys[i].text;
        keys[i] = (struct message_key){{at, text.len}, rank->keys[i].number};
        if (text.len)
            memcpy(at, text.at, text.len);
        at += text.len;
    }
    out->keys = keys;
    return true;
}

static void free_rank(struct message_rank *rank)
{
    free(rank->keys);
}

static bool is_worse(const struct message_pick *pick, const struct message_rank *a,
                     const struct message_rank *b)
{
    int difference = message_rank_compare(pick->order, a, b);
    return pick->last ? difference < 0 : difference > 0;
}

static void swap(struct message_rank *a, struct message_rank *b)
{
    struct message_rank kept = *a;
    *a = *b;
    *b = kept;
}

static void sift_up(struct message_pick *pick, size_t at)
{
    while (at > 0 && is_worse(pick, &pick->ranks[at], &pick->ranks[(at - 1) / 2])) {
        swap(&pick->ranks[at], &pick->ranks[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

static void sift_down(struct message_pick *pick, size_t at, size_t count)
{
    for (;;) {
        size_t worst = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < count; child++)
            if (is_worse(pick, &pick->ranks[child], &pick->ranks[worst]))
                worst = child;
        if (worst == at)
            return;
        swap(&pick->ranks[at], &pick->ranks[worst]);
        at = worst;
    }
}

static bool make_room(struct message_pick *pick)
{
    if (pick->count < pick->capacity)
        return true;
    size_t capacity = pick->capacity ? 2 * pick->capacity : 64;
    struct message_rank *grown = realloc(pick->ranks, capacity * sizeof *grown);
    if (!grown)
        return false;
    pick->ranks = grown;
    pick->capacity = capacity;
    return true;
}

enum message_pick_outcome message_pick_offer(struct message_pick *pick,
                                             const struct message_rank *rank)
{
    bool full = pick->count == pick->most;
    if (full && (pick->most == 0 || !is_worse(pick, &pick->ranks[0], rank)))
        return MESSAGE_PICK_OK;
    size_t bytes = pick->key_bytes + bytes_of(pick, rank);
    if (full)
        bytes -= bytes_of(pick, &pick->ranks[0]);
    if (bytes > KEY_BYTES_MAX)
        return MESSAGE_PICK_TOO_MANY;
    struct message_rank copy;
    if ((!full && !make_room(pick)) || !copy_rank(pick, rank, &copy))
        return MESSAGE_PICK_NO_MEMORY;
    pick->key_bytes = bytes;
    if (full) {
        free_rank(&pick->ranks[0]);
        pick->ranks[0] = copy;
        sift_down(pick, 0, pick->count);
    } else {
        pick->ranks[pick->count++] = copy;
        sift_up(pick, pick->count - 1);
    }
    return MESSAGE_PICK_OK;
}

/* The worst goes to the end, again and again: the best stands in front then. */
void message_pick_settle(struct message_pick *pick)
{
    for (size_t left = pick->count; left > 1; left--) {
        swap(&pick->ranks[0], &pick->ranks[left - 1]);
        sift_down(pick, 0, left - 1);
    }
    for (size_t i = 0; pick->last && i < pick->count / 2; i++)
        swap(&pick->ranks[i], &pick->ranks[pick->count - 1 - i]);
}

void message_pick_free(struct message_pick *pick)
{
    for (size_t i = 0; i < pick->count; i++)
        free_rank(&pick->ranks[i]);
    free(pick->ranks);
    pick->ranks = NULL;
    pick->count = pick->capacity = 0;
}
