/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/expand.h"

#include "hub/transport/address_book.h"
#include "hub/transport/envelope.h"
#include "hub/transport/notices.h"
#include "hub/transport/routes.h"
#include "hub/transport/tracking.h"
#include "smtp/xtext.h"

#include <stdlib.h>

enum { DATA_MAX = 2100 };

bool expand_is_needed(struct hub *hub, const struct envelope_recipient *given, size_t count)
{
    const struct recipient_index *index = address_book(hub);
    for (size_t i = 0; index && i < count; i++)
        if (expansion_is_needed(index, given[i].address))
            return true;
    return false;
}

/* --- what is told of whom --- */

static unsigned wish_of(unsigned wish, const struct expanded *one)
{
    if (one->quiet)
        return NOTICE_WISH_NEVER;
    if (one->way == EXPANSION_DIRECT || one->way == EXPANSION_COPY || !(wish & NOTICE_WISH_SUCCESS))
        return wish;
    wish &= ~(unsigned)NOTICE_WISH_SUCCESS;
    return wish ? wish : NOTICE_WISH_NEVER;
}

static void append_wish(struct text *data, const struct envelope_recipient *given,
                        const struct expanded *one, bool alone)
{
    unsigned wish = envelope_wish(given->data);
    if (!(one->way == EXPANSION_FORWARD && alone) || one->quiet)
        wish = wish_of(wish, one);
    if (wish)
        text_append_format(data, "notify=%u", wish);
}

/* An address that is too long for it: the sender is told without. */
static void append_original(struct text *data, const struct envelope_recipient *given)
{
    char storage[DATA_MAX];
    struct text text = text_over(storage, sizeof storage);
    bool ascii = slice_all_ascii(given->address);
    struct slice original = envelope_word(given->data, SLICE("orcpt"));
    text_append(&text, original.len ? original : ascii ? SLICE("rfc822;") : SLICE("utf-8;"));
    bool good = original.len || (ascii ? xtext_append_encoded(&text, given->address)
                                       : xtext_append_utf8(&text, given->address));
    if (good && !text.truncated)
        envelope_append_verbatim(data, "orcpt", text_slice(&text));
}

/* --- the list --- */

static bool take(struct arena *arena, const struct envelope_recipient *given,
                 const struct expanded *one, bool alone, struct envelope_recipient *out)
{
    char storage[DATA_MAX];
    struct text data = text_over(storage, sizeof storage);
    *out = *given;
    if (one->way == EXPANSION_DIRECT)
        return true;
    append_wish(&data, given, one, alone);
    append_original(&data, given);
    return arena_copy(arena, one->address, &out->address) &&
           arena_copy(arena, text_slice(&data), &out->data);
}

/* Whether it is the only one of its origin. */
static bool is_alone(const struct expansion *expansion, size_t at)
{
    size_t origin = expansion_at(expansion, at)->origin;
    return (at == 0 || expansion_at(expansion, at - 1)->origin != origin) &&
           (at + 1 == expansion_count(expansion) ||
            expansion_at(expansion, at + 1)->origin != origin);
}

static bool take_all(struct arena *arena, const struct envelope_recipient *given,
                     const struct expansion *expansion, struct expanded_list *out)
{
    out->count = expansion_count(expansion);
    out->recipients = calloc(out->count + 1, sizeof *out->recipients);
    out->notes = calloc(out->count + 1, sizeof *out->notes);
    bool good = out->recipients && out->notes;
    for (size_t i = 0; good && i < out->count; i++) {
        const struct expanded *one = expansion_at(expansion, i);
        good = take(arena, &given[one->origin], one, is_alone(expansion, i), &out->recipients[i]);
        out->notes[i] = (struct expanded_note){one->origin, one->way, one->quiet};
    }
    return good;
}

bool expand_recipients(struct hub *hub, struct arena *arena, const struct envelope_recipient *given,
                       size_t count, struct expanded_list *out)
{
    const struct recipient_index *index = address_book(hub);
    struct slice *addresses = calloc(count + 1, sizeof *addresses);
    bool good = index && addresses;
    for (size_t i = 0; good && i < count; i++)
        addresses[i] = given[i].address;
    struct expansion *expansion = good ? expansion_new(index, addresses, count) : NULL;
    good = expansion != NULL;
    for (size_t i = 0; good && i < count; i++)
        good = expansion_run(expansion, i) == EXPANSION_OK || expansion_keep(expansion, i);
    good = good && take_all(arena, given, expansion, out);
    expansion_free(expansion);
    free(addresses);
    if (!good)
        expand_free(out);
    return good;
}

bool expand_route(struct hub *hub, struct arena *arena, struct envelope_recipient *recipients,
                  size_t count, uint64_t size_bytes, enum sender_tls way)
{
    for (size_t i = 0; i < count; i++) {
        char storage[ROUTE_KEY_MAX];
        struct text key = text_over(storage, sizeof storage);
        routes_choose(hub, recipients[i].address, size_bytes, way, &key);
        if (!arena_copy(arena, text_slice(&key), &recipients[i].destination))
            return false;
    }
    return true;
}

void expand_free(struct expanded_list *list)
{
    free(list->recipients);
    free(list->notes);
    *list = (struct expanded_list){0};
}

struct slice expand_fault(struct hub *hub, struct slice address)
{
    static const struct slice faults[] = {
        [EXPANSION_OK] = SLICE_INIT("250 2.2.4 the group can be expanded now"),
        [EXPANSION_EMPTY] = SLICE_INIT("550 5.2.4 the group has no members"),
        [EXPANSION_TOO_MANY] = SLICE_INIT("550 5.2.4 the group has too many members"),
        [EXPANSION_TOO_DEEP] = SLICE_INIT("550 5.2.4 groups and forwards go too deep"),
        [EXPANSION_NO_MEMORY] = SLICE_INIT("451 4.3.2 there is no memory to expand the group"),
    };
    const struct recipient_index *index = address_book(hub);
    if (!index || !expansion_is_needed(index, address))
        return (struct slice){0};
    struct expansion *expansion = expansion_new(index, &address, 1);
    enum expansion_outcome outcome = expansion ? expansion_run(expansion, 0) : EXPANSION_NO_MEMORY;
    expansion_free(expansion);
    return faults[outcome];
}

/* --- what is said of it --- */

static void on_told(void *context, bool told)
{
    (void)context;
    if (!told)
        role_event(NULL, WIRE_LEVEL_WARNING, 0,
                   "hub: a notice that a group was expanded could not be stored");
}

static void tell(struct hub *hub, uint64_t message, const struct envelope_recipient *given,
                 uint32_t recipient)
{
    struct outcome_told told = {.recipient = recipient,
                                .action = NOTICE_EXPANDED,
                                .reply = SLICE("250 2.1.5 the message goes to the members"),
                                .address = given->address,
                                .data = given->data};
    notices_send(hub, message, &told, 1, on_told, NULL);
}

void expand_report(struct hub *hub, const struct log_tracking *arrival,
                   const struct envelope_recipient *given, const struct expanded_list *list)
{
    for (size_t i = 0, end; i < list->count; i = end) {
        const struct expanded_note *note = &list->notes[i];
        bool by_group = false;
        for (end = i; end < list->count && list->notes[end].origin == note->origin; end++)
            by_group |= list->notes[end].way == EXPANSION_GROUP;
        if (note->way == EXPANSION_DIRECT)
            continue;
        const struct envelope_recipient *from = &given[note->origin];
        tracking_expanded(hub, arrival, by_group ? "EXPAND" : "REDIRECT", from->address,
                          list->recipients + i, end - i);
        if (by_group && !note->quiet)
            tell(hub, arrival->message, from, (uint32_t)i);
    }
}
