/* SPDX-License-Identifier: Apache-2.0 */
#include "store/request.h"

#include <stdlib.h>
#include <string.h>

static struct request *request_new(enum request_kind kind, size_t memory_bytes)
{
    struct request *request = calloc(1, sizeof *request);
    if (!request)
        return NULL;
    request->kind = kind;
    request->weight = sizeof *request + memory_bytes;
    request->memory = memory_bytes ? calloc(1, memory_bytes) : NULL;
    if (memory_bytes && !request->memory) {
        free(request);
        return NULL;
    }
    return request;
}

void request_free(struct request *request)
{
    if (!request)
        return;
    free(request->memory);
    free(request);
}

static void pack_numbers(char **at, const uint32_t numbers[4])
{
    memcpy(*at, numbers, 4 * sizeof numbers[0]);
    *at += 4 * sizeof numbers[0];
}

static size_t packed_bytes(const struct envelope *envelope)
{
    size_t total = 32 + envelope->sender.len + envelope->envelope.len;
    for (size_t i = 0; i < envelope->recipient_count; i++) {
        const struct envelope_recipient *recipient = &envelope->recipients[i];
        total += 16 + recipient->address.len + recipient->destination.len + recipient->data.len;
    }
    return total;
}

/* The packed form, in the machine's byte order: received, expires; four numbers (length of sender,
 * length of envelope, recipients, 0); sender; envelope; then for each recipient four numbers
 * (length of address, destination, data, 0) and these three. */
static void pack_envelope(char *at, const struct envelope *from, struct envelope *to,
                          struct envelope_recipient *recipients)
{
    int64_t times[] = {from->received_at_ms, from->expires_at_ms};
    memcpy(at, times, sizeof times);
    at += sizeof times;
    pack_numbers(&at, (uint32_t[4]){(uint32_t)from->sender.len, (uint32_t)from->envelope.len,
                                    (uint32_t)from->recipient_count, 0});
    *to = *from;
    to->sender = slice_pack(&at, from->sender);
    to->envelope = slice_pack(&at, from->envelope);
    to->recipients = recipients;
    for (size_t i = 0; i < from->recipient_count; i++) {
        const struct envelope_recipient *recipient = &from->recipients[i];
        pack_numbers(&at, (uint32_t[4]){(uint32_t)recipient->address.len,
                                        (uint32_t)recipient->destination.len,
                                        (uint32_t)recipient->data.len, 0});
        recipients[i] = *recipient;
        recipients[i].address = slice_pack(&at, recipient->address);
        recipients[i].destination = slice_pack(&at, recipient->destination);
        recipients[i].data = slice_pack(&at, recipient->data);
    }
}

struct request *request_new_accept(const struct envelope *envelope)
{
    size_t array = envelope->recipient_count * sizeof(struct envelope_recipient);
    size_t packed = packed_bytes(envelope);
    struct request *request = request_new(REQUEST_ACCEPT, array + packed + 8);
    if (!request)
        return NULL;
    struct envelope_recipient *recipients = request->memory;
    char *at = (char *)request->memory + array;
    request->accept.packed = (struct slice){at, packed};
    request->number = envelope->message;
    pack_envelope(at, envelope, &request->accept.envelope, recipients);
    return request;
}

struct request *request_new_finish(const struct delivery_outcome *outcomes, size_t count)
{
    size_t array = count * sizeof *outcomes;
    size_t texts = 0;
    for (size_t i = 0; i < count; i++)
        texts += outcomes[i].last_error.len;
    struct request *request =
        request_new(REQUEST_FINISH, array + count * sizeof(struct removal) + texts);
    if (!request)
        return NULL;
    struct finish_request *finish = &request->finish;
    finish->outcomes = request->memory;
    finish->removals = (struct removal *)(void *)((char *)request->memory + array);
    finish->count = count;
    char *at = (char *)(finish->removals + count);
    for (size_t i = 0; i < count; i++) {
        finish->outcomes[i] = outcomes[i];
        finish->outcomes[i].last_error = slice_pack(&at, outcomes[i].last_error);
    }
    request->lazy = true;
    return request;
}

struct request *request_new_own(size_t count_max)
{
    struct request *request =
        request_new(REQUEST_OWN, sizeof(struct own_request) + count_max * sizeof(struct own_row));
    if (!request)
        return NULL;
    request->own = request->memory;
    request->lazy = true;
    return request;
}

struct request *request_new_move(const struct recipient_move *moves, size_t count)
{
    size_t array = count * sizeof *moves, texts = 0;
    for (size_t i = 0; i < count; i++)
        texts += moves[i].destination.len;
    struct request *request = request_new(REQUEST_MOVE, array + texts + 1);
    if (!request)
        return NULL;
    request->move = (struct move_request){request->memory, count};
    char *at = (char *)request->memory + array;
    for (size_t i = 0; i < count; i++) {
        request->move.moves[i] = moves[i];
        request->move.moves[i].destination = slice_pack(&at, moves[i].destination);
    }
    request->lazy = true;
    return request;
}

struct request *request_new_exchange(const struct recipient_exchange *exchange)
{
    size_t count = exchange->recipient_count, texts = 0;
    size_t array = count * sizeof(struct envelope_recipient);
    for (size_t i = 0; i < count; i++) {
        const struct envelope_recipient *one = &exchange->recipients[i];
        texts += one->address.len + one->destination.len + one->data.len;
    }
    struct request *request = request_new(REQUEST_EXCHANGE, array + texts + 1);
    if (!request)
        return NULL;
    struct envelope_recipient *recipients = request->memory;
    char *at = (char *)request->memory + array;
    request->exchange.exchange = *exchange;
    request->exchange.exchange.recipients = recipients;
    for (size_t i = 0; i < count; i++) {
        recipients[i] = exchange->recipients[i];
        recipients[i].address = slice_pack(&at, exchange->recipients[i].address);
        recipients[i].destination = slice_pack(&at, exchange->recipients[i].destination);
        recipients[i].data = slice_pack(&at, exchange->recipients[i].data);
    }
    return request;
}

struct request *request_new_set(enum request_kind kind, const struct set_request *set)
{
    struct request *request = request_new(kind, set->destination.len + 1);
    if (!request)
        return NULL;
    char *at = request->memory;
    request->set = *set;
    request->set.destination = slice_pack(&at, set->destination);
    return request;
}

static size_t change_bytes(const struct config_change *change)
{
    return change->kind.len + change->name.len + change->body.len + change->key_name.len;
}

struct request *request_new_compact(uint32_t segment)
{
    struct request *request = request_new(REQUEST_COMPACT, sizeof *request->compact);
    if (!request)
        return NULL;
    request->compact = request->memory;
    *request->compact = (struct compact_request){.segment = segment};
    return request;
}

struct request *request_new_config(const struct config_batch *batch)
{
    size_t array = batch->count * sizeof(struct config_change);
    size_t texts = batch->actor.len + batch->command.len;
    for (size_t i = 0; i < batch->count; i++)
        texts += change_bytes(&batch->changes[i]);
    struct request *request = request_new(REQUEST_CONFIG, array + texts + 1);
    if (!request)
        return NULL;
    struct config_change *changes = request->memory;
    char *at = (char *)request->memory + array;
    request->config = *batch;
    request->config.changes = changes;
    request->config.actor = slice_pack(&at, batch->actor);
    request->config.command = slice_pack(&at, batch->command);
    for (size_t i = 0; i < batch->count; i++) {
        changes[i] = batch->changes[i];
        changes[i].kind = slice_pack(&at, batch->changes[i].kind);
        changes[i].name = slice_pack(&at, batch->changes[i].name);
        changes[i].body = slice_pack(&at, batch->changes[i].body);
        changes[i].key_name = slice_pack(&at, batch->changes[i].key_name);
    }
    return request;
}

void request_list_add(struct request_list *list, struct request *request)
{
    request->next = NULL;
    if (list->last)
        list->last->next = request;
    else
        list->first = request;
    list->last = request;
}

struct request *request_list_take(struct request_list *list)
{
    struct request *request = list->first;
    if (!request)
        return NULL;
    list->first = request->next;
    if (!list->first)
        list->last = NULL;
    request->next = NULL;
    return request;
}

void request_list_append(struct request_list *list, struct request_list *other_take)
{
    if (!other_take->first)
        return;
    if (list->last)
        list->last->next = other_take->first;
    else
        list->first = other_take->first;
    list->last = other_take->last;
    *other_take = (struct request_list){0};
}
