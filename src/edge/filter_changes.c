/* SPDX-License-Identifier: Apache-2.0 */
/* What filters change: header and quarantine are kept until the end, the rest goes to the hub. */
#include "edge/filters.h"
#include "edge/protocol_log.h"
#include "mail/address.h"
#include "milter/header.h"

static void send_to_hub(struct filters *filters, enum wire_type type, const void *message)
{
    struct connection *connection = filters->connection;
    if (!channel_send(&connection->edge->hub, type, message, -1))
        transaction_refuse(connection, SESSION_STORE_FAILED);
}

/* --- envelope --- */

/* With angle brackets or without, as filters write them; the null sender is empty. */
static bool read_address(struct slice written, bool may_be_null, struct slice *out_mailbox)
{
    struct address_options options = {.utf8 = true, .long_addresses = true};
    struct address address;
    struct slice mailbox = slice_trim(written);
    if (mailbox.len >= 2 && mailbox.at[0] == '<' && mailbox.at[mailbox.len - 1] == '>')
        mailbox = slice_first(slice_after(mailbox, 1), mailbox.len - 2);
    *out_mailbox = mailbox;
    return (mailbox.len == 0 && may_be_null) ||
           (address_parse(mailbox, &options, &address) == ADDRESS_OK && address.domain.len);
}

static void change_envelope(struct filters *filters, const struct milter_change *change)
{
    struct slice mailbox;
    uint64_t session = filters->connection->id;
    if (!read_address(change->name, change->kind == CHANGE_SENDER, &mailbox))
        protocol_log_note(filters->connection, change->name,
                          "content filter: this is no address, and nothing is changed");
    else if (change->kind == CHANGE_SENDER)
        send_to_hub(filters, WIRE_MESSAGE_SENDER,
                    &(struct wire_message_sender){.session = session, .sender = mailbox});
    else if (change->kind == CHANGE_ADD_RECIPIENT)
        send_to_hub(filters, WIRE_MESSAGE_RECIPIENT,
                    &(struct wire_message_recipient){.session = session, .address = mailbox});
    else
        send_to_hub(filters, WIRE_MESSAGE_RECIPIENT_GONE,
                    &(struct wire_message_recipient_gone){.session = session, .address = mailbox});
}

/* --- body --- */

static void send_replacement(struct filters *filters, struct slice bytes, bool begins)
{
    struct wire_message_replacement message = {
        .session = filters->connection->id, .begins = begins, .bytes = bytes};
    send_to_hub(filters, WIRE_MESSAGE_REPLACEMENT, &message);
}

/* Lines end as everywhere, whatever the filter wrote. */
static void change_body(struct filters *filters, const struct filter *filter, struct slice bytes)
{
    struct text lines = text_with_ceiling(2 * WIRE_BODY_MAX * 2 + 2);
    struct slice piece, rest;
    bool begins = filters->replacer != filter;
    if (begins)
        filters->octets = (struct octets){.mends_bare_lf = true};
    filters->replacer = filter;
    filters->changed = true;
    while (octets_take(&filters->octets, &bytes, &piece))
        text_append(&lines, piece);
    rest = text_slice(&lines);
    do {
        send_replacement(filters, slice_first(rest, WIRE_BODY_MAX), begins);
        rest = slice_after(rest, WIRE_BODY_MAX);
        begins = false;
    } while (rest.len);
    text_deinit(&lines);
}

/* --- header --- */

static void change_header(struct filters *filters, const struct milter_change *change)
{
    struct text *header = &filters->header;
    bool done = false;
    if (change->kind == CHANGE_ADD_HEADER)
        done = header_add(header, change->name, change->value, change->as_is);
    else if (change->kind == CHANGE_INSERT_HEADER)
        done = header_insert(header, change->index, change->name, change->value, change->as_is);
    else
        done = header_change(header, change->index, change->name, change->value, change->as_is);
    if (!done)
        protocol_log_note(filters->connection, change->name,
                          "content filter: this field cannot be, and nothing is changed");
    filters->changed |= done;
}

static void quarantine(struct filters *filters, struct slice reason)
{
    static const struct slice without = SLICE_INIT("by a content filter");
    text_clear(&filters->quarantine);
    text_append(&filters->quarantine,
                slice_first(reason.len ? reason : without, FILTERS_REASON_MAX));
    protocol_log_note(filters->connection, text_slice(&filters->quarantine),
                      "content filter: quarantine");
}

void filters_change(void *context, const struct milter_change *change)
{
    struct filter *filter = context;
    struct filters *filters = filter->filters;
    const struct transaction *transaction = filters->connection->transaction;
    if (!transaction || !transaction->begun)
        return;
    switch (change->kind) {
    case CHANGE_ADD_HEADER:
    case CHANGE_INSERT_HEADER:
    case CHANGE_HEADER:
        change_header(filters, change);
        break;
    case CHANGE_BODY:
        change_body(filters, filter, change->value);
        break;
    case CHANGE_ADD_RECIPIENT:
    case CHANGE_DELETE_RECIPIENT:
    case CHANGE_SENDER:
        change_envelope(filters, change);
        break;
    case CHANGE_QUARANTINE:
        quarantine(filters, change->value);
        break;
    }
}

/* --- the end --- */

static void send_header(struct filters *filters, struct slice bytes)
{
    while (bytes.len) {
        struct wire_message_header message = {.session = filters->connection->id,
                                              .bytes = slice_first(bytes, WIRE_BODY_MAX)};
        send_to_hub(filters, WIRE_MESSAGE_HEADER, &message);
        bytes = slice_after(bytes, WIRE_BODY_MAX);
    }
}

void filters_send_changes(struct connection *connection, struct wire_message_end *end)
{
    struct filters *filters = connection->filters;
    if (!filters || connection->transaction->refused || end->discarded_by.len)
        return;
    end->keep_from = filters->keep_from;
    end->quarantine = text_slice(&filters->quarantine);
    if (!filters->changed)
        return;
    send_header(filters, text_slice(&filters->trace));
    send_header(filters, text_slice(&filters->header));
    send_header(filters, SLICE("\r\n"));
}
