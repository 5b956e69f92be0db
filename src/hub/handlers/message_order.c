/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/handlers/message_order.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_BYTES_MAX = 64 << 20, SHOWN_MAX = 60, TEXT_MAX = 256 };

struct message_key {
    struct slice text; /* points behind the keys */
    int64_t number;
};

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

/* What follows the first bytes of a text decides nothing. */
static struct message_value key_of(const struct message_property *property,
                                   const struct message_sight *sight)
{
    text_clear(sight->scratch);
    struct message_value value = property->read(sight);
    value.text = slice_first(value.text, TEXT_MAX);
    return value;
}

bool message_rank_read(const struct message_order *order, const struct message_sight *sight,
                       struct message_rank *out)
{
    char bytes[MESSAGE_ORDER_MAX * TEXT_MAX];
    size_t used = 0, lengths[MESSAGE_ORDER_MAX];
    struct message_key keys[MESSAGE_ORDER_MAX];
    *out = (struct message_rank){.message = sight->item->message};
    if (order->count == 0)
        return true;
    for (size_t i = 0; i < order->count; i++) {
        struct message_value value = key_of(order->columns[i].property, sight);
        keys[i] = (struct message_key){.number = value.number};
        lengths[i] = value.text.len;
        if (value.text.len)
            memcpy(bytes + used, value.text.at, value.text.len);
        used += value.text.len;
    }
    size_t table = order->count * sizeof keys[0];
    struct message_key *copy = malloc(table + used);
    if (!copy)
        return false;
    char *at = (char *)copy + table;
    memcpy(at, bytes, used);
    for (size_t i = 0; i < order->count; at += lengths[i++]) {
        copy[i] = keys[i];
        copy[i].text = (struct slice){at, lengths[i]};
    }
    out->keys = copy;
    return true;
}

void message_rank_free(struct message_rank *rank)
{
    free(rank->keys);
    rank->keys = NULL;
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
                                             struct message_rank *rank_take)
{
    size_t bytes = bytes_of(pick, rank_take);
    if (pick->count == pick->most &&
        (pick->most == 0 || !is_worse(pick, &pick->ranks[0], rank_take))) {
        message_rank_free(rank_take);
        return MESSAGE_PICK_OK;
    }
    if (pick->count == pick->most) {
        pick->key_bytes += bytes - bytes_of(pick, &pick->ranks[0]);
        message_rank_free(&pick->ranks[0]);
        pick->ranks[0] = *rank_take;
        sift_down(pick, 0, pick->count);
        return MESSAGE_PICK_OK;
    }
    if (pick->key_bytes + bytes > KEY_BYTES_MAX || !make_room(pick)) {
        message_rank_free(rank_take);
        return pick->key_bytes + bytes > KEY_BYTES_MAX ? MESSAGE_PICK_TOO_MANY
                                                       : MESSAGE_PICK_NO_MEMORY;
    }
    pick->key_bytes += bytes;
    pick->ranks[pick->count++] = *rank_take;
    sift_up(pick, pick->count - 1);
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
        message_rank_free(&pick->ranks[i]);
    free(pick->ranks);
    pick->ranks = NULL;
    pick->count = pick->capacity = 0;
}
