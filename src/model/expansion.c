/* SPDX-License-Identifier: Apache-2.0 */
#include "model/expansion.h"

#include "mail/address.h"

#include <stdlib.h>

enum mark { MARK_NONE, MARK_NAMED, MARK_OPEN, MARK_DONE };

struct seen {
    struct slice key; /* empty: a free slot */
    enum mark mark;
    bool reached;  /* it has a place in the result */
    bool fruitful; /* when it is done: it led to somebody */
    size_t round;  /* the origin that has led to it first */
};

/* A group or a mailbox that forwards, being looked through. */
struct frame {
    struct slice key;
    struct recipient who;
    size_t next;    /* of its targets */
    size_t touches; /* when it was opened */
};

struct expansion {
    const struct recipient_index *index;
    const struct slice *given;
    struct arena texts; /* keys that are not written anywhere */
    struct seen *seen;
    size_t seen_count, mask;
    struct expanded *found;
    size_t found_count, found_capacity;
    /* of the recipient at hand */
    size_t origin;
    size_t touches; /* how often somebody was reached, or was already */
    struct frame stack[EXPANSION_DEPTH_MAX];
    size_t depth;
};

static bool forwards(const struct mailbox *mailbox)
{
    return mailbox && mailbox->forwarding_smtp_address.len > 0;
}

static bool forwards_only(const struct mailbox *mailbox)
{
    return forwards(mailbox) && !mailbox->deliver_and_forward;
}

bool expansion_is_needed(const struct recipient_index *index, struct slice address)
{
    struct recipient who = recipient_index_find(index, address);
    return who.group || forwards(who.mailbox);
}

/* --- who was seen --- */

static struct seen *slot_of(struct seen *table, size_t mask, struct slice key)
{
    size_t at = slice_hash_nocase(key) & mask;
    while (table[at].key.len && !slice_equal_nocase(table[at].key, key))
        at = (at + 1) & mask;
    return &table[at];
}

static bool grow_seen(struct expansion *expansion)
{
    size_t slots = 2 * (expansion->mask + 1);
    struct seen *grown = calloc(slots, sizeof *grown);
    if (!grown)
        return false;
    for (size_t i = 0; i <= expansion->mask; i++)
        if (expansion->seen[i].key.len)
            *slot_of(grown, slots - 1, expansion->seen[i].key) = expansion->seen[i];
    free(expansion->seen);
    expansion->seen = grown;
    expansion->mask = slots - 1;
    return true;
}

/* Its place in the table; good until the next one is looked up. NULL without memory. */
static struct seen *look_up(struct expansion *expansion, struct slice key)
{
    if (2 * expansion->seen_count > expansion->mask && !grow_seen(expansion))
        return NULL;
    struct seen *slot = slot_of(expansion->seen, expansion->mask, key);
    if (!slot->key.len) {
        *slot = (struct seen){.key = key};
        expansion->seen_count++;
    }
    return slot;
}

/* Mailboxes and groups are one and the same by all of their addresses. */
static struct slice key_of(struct expansion *expansion, struct slice address, struct recipient who)
{
    if (who.mailbox)
        return who.mailbox->primary_smtp_address;
    if (who.group)
        return who.group->primary_smtp_address;
    char bytes[ADDRESS_LONG_MAX + 1];
    struct text storage = text_over(bytes, sizeof bytes);
    struct slice key = mailbox_comparable_address(address, &storage);
    return key.at == bytes && !arena_copy(&expansion->texts, key, &key) ? address : key;
}

/* --- who is reached --- */

static bool is_quiet(const struct expansion *expansion)
{
    for (size_t i = 0; i < expansion->depth; i++) {
        const struct distribution_group *group = expansion->stack[i].who.group;
        if (group && !group->report_to_originator)
            return true;
    }
    return false;
}

static enum expansion_outcome reach(struct expansion *expansion, struct slice address,
                                    enum expansion_way way)
{
    if (way != EXPANSION_DIRECT && expansion->found_count >= EXPANSION_RECIPIENTS_MAX)
        return EXPANSION_TOO_MANY;
    if (expansion->found_count == expansion->found_capacity) {
        size_t capacity = expansion->found_capacity ? 2 * expansion->found_capacity : 8;
        struct expanded *grown = realloc(expansion->found, capacity * sizeof *grown);
        if (!grown)
            return EXPANSION_NO_MEMORY;
        expansion->found = grown;
        expansion->found_capacity = capacity;
    }
    expansion->touches++;
    expansion->found[expansion->found_count++] = (struct expanded){
        .address = address, .origin = expansion->origin, .way = way, .quiet = is_quiet(expansion)};
    return EXPANSION_OK;
}

/* By a group when there is one on the way, else by a forward. */
static enum expansion_way way_of(const struct expansion *expansion)
{
    for (size_t i = 0; i < expansion->depth; i++)
        if (expansion->stack[i].who.group)
            return EXPANSION_GROUP;
    return expansion->depth ? EXPANSION_FORWARD : EXPANSION_DIRECT;
}

static enum expansion_outcome reach_once(struct expansion *expansion, struct slice key,
                                         struct slice address, enum expansion_way way)
{
    struct seen *seen = look_up(expansion, key);
    if (!seen)
        return EXPANSION_NO_MEMORY;
    if (seen->reached) {
        expansion->touches++;
        return EXPANSION_OK;
    }
    enum expansion_outcome outcome = reach(expansion, address, way);
    seen->reached = outcome == EXPANSION_OK;
    return outcome;
}

/* --- the walk --- */

static bool next_target(struct frame *frame, struct slice *out_address)
{
    const struct distribution_group *group = frame->who.group;
    size_t at = frame->next++;
    if (group && at < group->members.count)
        *out_address = group->members.at[at];
    else if (!group && at == 0)
        *out_address = frame->who.mailbox->forwarding_smtp_address;
    else
        return false;
    return true;
}

/* The walk has come back to `key`, which is still open. Without a mailbox that keeps it, mail that
 * is only forwarded would go round for ever, or nowhere. */
static enum expansion_outcome end_circle(struct expansion *expansion, struct slice key)
{
    for (size_t i = expansion->depth; i-- > 0;) {
        const struct frame *frame = &expansion->stack[i];
        if (forwards_only(frame->who.mailbox))
            return reach_once(expansion, frame->key, frame->who.mailbox->primary_smtp_address,
                              i > 0 ? way_of(expansion) : EXPANSION_COPY);
        if (frame->who.mailbox || slice_equal_nocase(frame->key, key))
            break; /* a mailbox that forwards and keeps: enough */
    }
    return EXPANSION_OK;
}

static enum expansion_outcome open_frame(struct expansion *expansion, struct slice key,
                                         struct recipient who, size_t touches)
{
    if (expansion->depth == EXPANSION_DEPTH_MAX)
        return EXPANSION_TOO_DEEP;
    expansion->stack[expansion->depth++] =
        (struct frame){.key = key, .who = who, .touches = touches};
    return EXPANSION_OK;
}

/* Whether it was dealt with before; what it then led to counts. */
static bool is_done(struct expansion *expansion, const struct seen *seen, bool leads_on)
{
    if (seen->mark == MARK_DONE)
        expansion->touches += seen->fruitful;
    else if (seen->mark == MARK_NAMED && !leads_on)
        expansion->touches++; /* it is reached as itself, by its own name */
    else
        return false;
    return true;
}

static enum expansion_outcome visit(struct expansion *expansion, struct slice address)
{
    struct recipient who = recipient_index_find(expansion->index, address);
    struct slice key = key_of(expansion, address, who);
    struct seen *seen = look_up(expansion, key);
    bool leads_on = who.group || forwards(who.mailbox);
    enum expansion_outcome outcome = EXPANSION_OK;
    if (!seen)
        return EXPANSION_NO_MEMORY;
    if (seen->mark == MARK_OPEN)
        return end_circle(expansion, key);
    if (is_done(expansion, seen, leads_on))
        return EXPANSION_OK;
    seen->mark = leads_on ? MARK_OPEN : MARK_DONE;
    seen->fruitful = !leads_on;
    seen->round = expansion->origin;
    size_t before = expansion->touches;
    if (!who.group && !forwards_only(who.mailbox))
        outcome = reach_once(expansion, key, address,
                             expansion->depth ? way_of(expansion) : EXPANSION_COPY);
    if (outcome == EXPANSION_OK && leads_on)
        outcome = open_frame(expansion, key, who, before);
    return outcome;
}

static void close_frame(struct expansion *expansion)
{
    const struct frame *top = &expansion->stack[--expansion->depth];
    struct seen *seen = slot_of(expansion->seen, expansion->mask, top->key);
    seen->mark = MARK_DONE;
    seen->fruitful = expansion->touches > top->touches;
}

static enum expansion_outcome walk(struct expansion *expansion, struct slice address)
{
    enum expansion_outcome outcome = visit(expansion, address);
    while (outcome == EXPANSION_OK && expansion->depth) {
        struct slice target;
        if (next_target(&expansion->stack[expansion->depth - 1], &target))
            outcome = visit(expansion, target);
        else
            close_frame(expansion);
    }
    return outcome;
}

/* What only this recipient led to was not seen. */
static void take_back(struct expansion *expansion, size_t found_before)
{
    expansion->found_count = found_before;
    for (size_t i = 0; i <= expansion->mask; i++) {
        struct seen *seen = &expansion->seen[i];
        if ((seen->mark == MARK_OPEN || seen->mark == MARK_DONE) &&
            seen->round == expansion->origin) {
            seen->mark = MARK_NONE;
            seen->reached = false;
        }
    }
}

enum expansion_outcome expansion_run(struct expansion *expansion, size_t origin)
{
    size_t before = expansion->found_count;
    struct slice address = expansion->given[origin];
    expansion->origin = origin;
    expansion->depth = 0;
    expansion->touches = 0;
    if (!expansion_is_needed(expansion->index, address))
        return reach(expansion, address, EXPANSION_DIRECT);
    enum expansion_outcome outcome = walk(expansion, address);
    if (outcome == EXPANSION_OK && expansion->touches == 0)
        outcome = EXPANSION_EMPTY;
    if (outcome != EXPANSION_OK)
        take_back(expansion, before);
    return outcome;
}

bool expansion_keep(struct expansion *expansion, size_t origin)
{
    expansion->origin = origin;
    expansion->depth = 0;
    return reach(expansion, expansion->given[origin], EXPANSION_DIRECT) == EXPANSION_OK;
}

/* --- life --- */

/* Whoever is named directly is reached as such: groups and forwards need not. */
static bool mark_named(struct expansion *expansion, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct slice address = expansion->given[i];
        struct recipient who = recipient_index_find(expansion->index, address);
        if (who.group || forwards(who.mailbox))
            continue;
        struct seen *seen = look_up(expansion, key_of(expansion, address, who));
        if (!seen)
            return false;
        seen->mark = MARK_NAMED;
    }
    return true;
}

struct expansion *expansion_new(const struct recipient_index *index, const struct slice *given,
                                size_t count)
{
    enum { SLOTS = 64, TEXTS_MAX = 16 << 20 };
    struct expansion *expansion = calloc(1, sizeof *expansion);
    if (!expansion)
        return NULL;
    expansion->index = index;
    expansion->given = given;
    expansion->texts = arena_with_ceiling(TEXTS_MAX);
    expansion->seen = calloc(SLOTS, sizeof *expansion->seen);
    expansion->mask = expansion->seen ? SLOTS - 1 : 0;
    if (!expansion->seen || !mark_named(expansion, count)) {
        expansion_free(expansion);
        return NULL;
    }
    return expansion;
}

void expansion_free(struct expansion *expansion)
{
    if (!expansion)
        return;
    arena_deinit(&expansion->texts);
    free(expansion->seen);
    free(expansion->found);
    free(expansion);
}

size_t expansion_count(const struct expansion *expansion)
{
    return expansion->found_count;
}

const struct expanded *expansion_at(const struct expansion *expansion, size_t index)
{
    return &expansion->found[index];
}
