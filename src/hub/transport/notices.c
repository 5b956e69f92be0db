/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/notices.h"

#include "base/hex.h"
#include "hub/transport/envelope.h"
#include "hub/transport/expand.h"
#include "hub/transport/queue_clock.h"
#include "hub/transport/scheduler.h"
#include "hub/transport/tracking.h"
#include "os/clock.h"
#include "os/random.h"
#include "smtp/session.h"
#include "smtp/xtext.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    RECIPIENTS_TOLD_MAX = 1000, /* in one notice */
    TEXTS_MAX = 4 << 20,
    OPENING_MAX = 8 << 20,
    HEADER_MAX = 128 << 10, /* of the message, that is shown */
    WHOLE_MAX = 1 << 20,    /* a larger message is shown by its header */
    NAME_MAX_BYTES = 512,
    BOUNDARY_BYTES = 16,
    ENVELOPE_MAX = 256,
};

struct telling {
    struct hub *hub;
    notices_done_fn *done;
    void *context;
    const struct outcome_told *outcomes; /* during the call only */
    size_t outcome_count;
    struct arena arena; /* of all texts below */
    uint64_t message, notice;
    struct slice sender, envelope;
    struct expanded_list to; /* the sender, or whom mail to him goes to */
    int64_t received_at_ms, expires_at_ms, now_ms;
    uint64_t size_bytes;
    bool needs_utf8, needs_eight_bits; /* the notice does, to travel (RFC 6531, RFC 6152) */
    bool broken;                       /* no memory */
    size_t count, capacity;
    struct notice_recipient recipients[]; /* those that are told of */
};

static void end(struct telling *telling, bool told)
{
    telling->done(telling->context, told);
    expand_free(&telling->to);
    arena_deinit(&telling->arena);
    free(telling);
}

/* --- who is told --- */

/* ORCPT and ENVID are kept as they were written: in xtext. */
static struct slice decoded(struct telling *telling, struct slice kind, struct slice written)
{
    char storage[1024];
    struct text text = text_over(storage, sizeof storage);
    struct slice kept = {0};
    if (!written.len)
        return kept;
    text_append(&text, kind);
    if (xtext_append_decoded(&text, written))
        telling->broken |= !arena_copy(&telling->arena, text_slice(&text), &kept);
    return kept;
}

static struct slice keep_original(struct telling *telling, struct slice written)
{
    struct slice kept = {0};
    telling->broken |= !arena_copy(&telling->arena, written, &kept);
    return kept;
}

static struct slice original_of(struct telling *telling, struct slice data)
{
    struct slice rest = envelope_word(data, SLICE("orcpt")), kind = {0};
    if (!slice_take_until(&rest, ';', &kind))
        return (struct slice){0};
    char storage[128];
    struct text text = text_over(storage, sizeof storage);
    if (!slice_all_ascii(rest)) /* RFC 6533 3: utf-8 as it is */
        return keep_original(telling, envelope_word(data, SLICE("orcpt")));
    text_append(&text, kind);
    text_append_byte(&text, ';');
    return text.truncated ? (struct slice){0} : decoded(telling, text_slice(&text), rest);
}

static void add(struct telling *telling, const struct queue_item *item,
                const struct outcome_told *outcome)
{
    struct notice_recipient *recipient = &telling->recipients[telling->count++];
    *recipient = (struct notice_recipient){
        .action = outcome->action,
        .original = original_of(telling, outcome->address.len ? outcome->data : item->data),
        .status = notice_status_of(outcome->reply),
        .remote_server = outcome->remote_server,
        .reply = outcome->reply,
        .last_attempt_ms = telling->now_ms,
        .retry_until_ms = telling->expires_at_ms};
    telling->broken |=
        !arena_copy(&telling->arena, outcome->address.len ? outcome->address : item->address,
                    &recipient->address);
}

static bool on_item(void *context, const struct queue_item *item)
{
    struct telling *telling = context;
    if (!telling->envelope.at)
        telling->broken |= !arena_copy(&telling->arena, item->sender, &telling->sender) ||
                           !arena_copy(&telling->arena, item->envelope, &telling->envelope);
    telling->received_at_ms = item->received_at_ms;
    telling->expires_at_ms =
        item->expires_at_ms + queue_clock_late_ms(telling->hub, item->received_at_ms);
    telling->size_bytes = item->size_bytes;
    for (size_t i = 0; i < telling->outcome_count; i++) {
        const struct outcome_told *outcome = &telling->outcomes[i];
        if (outcome->recipient == item->recipient &&
            notice_due(item->sender,
                       envelope_wish(outcome->address.len ? outcome->data : item->data),
                       outcome->action))
            add(telling, item, outcome);
    }
    return telling->count < telling->capacity;
}

/* --- the message it is about --- */

/* Where the header ends: behind the first empty line; all of it when there is none. */
static struct slice header_of(struct slice message)
{
    for (size_t i = 0; i + 3 < message.len; i++)
        if (memcmp(message.at + i, "\r\n\r\n", 4) == 0)
            return slice_first(message, i + 2);
    return message;
}

static bool read_message(struct telling *telling, size_t most, struct text *out)
{
    struct body_loan loan;
    if (body_lend(telling->hub->store, telling->message, &loan) != STORE_OK)
        return false;
    char piece[16384];
    size_t length = loan.length < most ? (size_t)loan.length : most;
    while (out->len < length) {
        size_t wanted = length - out->len < sizeof piece ? length - out->len : sizeof piece;
        ssize_t got = pread(loan.fd, piece, wanted, (off_t)(loan.offset + out->len));
        if (got <= 0 || !text_append(out, (struct slice){piece, (size_t)got}))
            break;
    }
    body_loan_return(telling->hub->store, &loan);
    return true;
}

/* --- the notice --- */

/* Words that this message's names are made of. */
struct names {
    char from[NAME_MAX_BYTES], id[NAME_MAX_BYTES], boundary[2 * BOUNDARY_BYTES];
};

bool notices_append_postmaster(const struct hub *hub, struct text *out)
{
    const struct accepted_domain *domain = accepted_domain_default(hub->model);
    struct slice name = domain ? domain->domain_name : (struct slice){0};
    if (!name.len || !slice_all_ascii(name) || name.at[0] == '*')
        name = model_server(hub->model)->fqdn;
    return text_append_c(out, "postmaster@") && text_append(out, name);
}

static struct slice print_from(struct telling *telling, struct names *names)
{
    struct text text = text_over(names->from, sizeof names->from);
    notices_append_postmaster(telling->hub, &text);
    return text_slice(&text);
}

static struct slice print_id(struct telling *telling, struct names *names)
{
    struct text text = text_over(names->id, sizeof names->id);
    text_append_format(&text, "%016llX@", (unsigned long long)telling->notice);
    text_append(&text, model_server(telling->hub->model)->fqdn);
    return text_slice(&text);
}

static struct slice print_boundary(struct names *names)
{
    uint8_t bytes[BOUNDARY_BYTES];
    struct text text = text_over(names->boundary, sizeof names->boundary);
    random_bytes(bytes, sizeof bytes);
    hex_append_upper(&text, slice_bytes(bytes, sizeof bytes));
    return text_slice(&text);
}

/* RFC 8689 5: so is what is told of it, and no more of it is shown than its header. */
static bool is_secret(const struct telling *telling)
{
    return envelope_tls(telling->envelope) == SENDER_TLS_REQUIRED;
}

static bool write_notice(struct telling *telling, struct body *body)
{
    bool whole = !is_secret(telling) &&
                 slice_equal(envelope_word(telling->envelope, SLICE("ret")), SLICE("F")) &&
                 telling->size_bytes <= WHOLE_MAX;
    struct text message = text_with_ceiling(whole ? WHOLE_MAX : HEADER_MAX);
    struct text written = text_with_ceiling(OPENING_MAX);
    struct names names;
    bool read = read_message(telling, message.ceiling, &message);
    struct slice shown = whole ? text_slice(&message) : header_of(text_slice(&message));
    struct notice notice = {
        .server = model_server(telling->hub->model)->fqdn,
        .from = print_from(telling, &names),
        .to = telling->sender,
        .message_id = print_id(telling, &names),
        .boundary = print_boundary(&names),
        .subject = envelope_word(telling->envelope, SLICE("subject")),
        .references = envelope_word(telling->envelope, SLICE("message-id")),
        .envelope_id =
            decoded(telling, SLICE(""), envelope_word(telling->envelope, SLICE("envid"))),
        .now_ms = telling->now_ms,
        .arrived_ms = telling->received_at_ms,
        .whole = whole && read,
        .eight_bits = !slice_all_ascii(shown),
        .recipients = telling->recipients,
        .recipient_count = telling->count};
    telling->needs_utf8 = notice_needs_utf8(&notice);
    telling->needs_eight_bits = notice_needs_eight_bits(&notice);
    bool good = notice_append_opening(&written, &notice) && text_append(&written, shown) &&
                notice_append_closing(&written, &notice) &&
                body_write(body, text_slice(&written)) == STORE_OK;
    text_deinit(&message);
    text_deinit(&written);
    return good;
}

static uint8_t body_kind_of(const struct telling *telling)
{
    return telling->needs_eight_bits ? SESSION_BODY_8BITMIME : SESSION_BODY_7BIT;
}

/* What is kept with it, as with a message that came in. */
static void append_envelope(const struct telling *telling, struct text *out)
{
    const char body = (char)('0' + body_kind_of(telling));
    envelope_append(out, "connector", SLICE("(notice)"));
    envelope_append(out, "trusted", SLICE("1"));
    envelope_append(out, "body", (struct slice){&body, telling->needs_eight_bits});
    envelope_append(out, "smtputf8", telling->needs_utf8 ? SLICE("1") : SLICE(""));
    envelope_append(out, "tls", is_secret(telling) ? SLICE("required") : SLICE(""));
}

static void on_stored(void *context, enum store_outcome outcome, uint64_t number)
{
    (void)number;
    struct telling *telling = context;
    for (size_t i = 0; outcome == STORE_OK && i < telling->to.count; i++) {
        struct scheduled work = {.message = telling->notice,
                                 .recipient = (uint32_t)i,
                                 .received_at_ms = telling->now_ms,
                                 .expires_at_ms = telling->now_ms + SCHEDULER_EXPIRES_MS,
                                 .signs = true,
                                 .smtp_utf8 = telling->needs_utf8,
                                 .body_kind = body_kind_of(telling),
                                 .tls =
                                     is_secret(telling) ? SENDER_TLS_REQUIRED : SENDER_TLS_UNSAID,
                                 .address = telling->to.recipients[i].address,
                                 .wish = NOTICE_WISH_NEVER};
        tracking_notice(telling->hub, &work, envelope_word(telling->envelope, SLICE("message-id")));
        scheduler_add(telling->hub, &work);
    }
    end(telling, outcome == STORE_OK);
}

/* The sender may be a group, or forward his mail. */
static bool find_recipients(struct telling *telling)
{
    struct envelope_recipient sender = {
        .address = telling->sender, .next_at_ms = telling->now_ms, .data = SLICE("notify=1\n")};
    return expand_recipients(telling->hub, &telling->arena, &sender, 1, &telling->to) &&
           expand_route(telling->hub, &telling->arena, telling->to.recipients, telling->to.count, 0,
                        SENDER_TLS_UNSAID);
}

static bool store(struct telling *telling, struct body *body_take)
{
    char storage[ENVELOPE_MAX];
    struct text written = text_over(storage, sizeof storage);
    if (!find_recipients(telling)) {
        body_abandon(body_take);
        return false;
    }
    append_envelope(telling, &written);
    struct envelope envelope = {.message = telling->notice,
                                .envelope = text_slice(&written),
                                .received_at_ms = telling->now_ms,
                                .expires_at_ms = telling->now_ms + SCHEDULER_EXPIRES_MS,
                                .recipients = telling->to.recipients,
                                .recipient_count = telling->to.count};
    return queue_accept(telling->hub->store, body_take, &envelope, on_stored, telling) == STORE_OK;
}

static void send_notice(struct telling *telling)
{
    struct body *body = NULL;
    telling->notice = store_message_id(telling->hub->store, telling->now_ms);
    bool good = body_begin(telling->hub->store, 0, &body) == STORE_OK;
    if (good && !write_notice(telling, body)) {
        body_abandon(body);
        good = false;
    }
    if (!good || !store(telling, body))
        end(telling, false);
}

void notices_send(struct hub *hub, uint64_t message, const struct outcome_told *outcomes,
                  size_t count, notices_done_fn *done, void *context)
{
    size_t capacity = count < RECIPIENTS_TOLD_MAX ? count : RECIPIENTS_TOLD_MAX;
    struct telling *telling = calloc(1, sizeof *telling + capacity * sizeof telling->recipients[0]);
    if (!telling) {
        done(context, false);
        return;
    }
    telling->capacity = capacity;
    telling->hub = hub;
    telling->done = done;
    telling->context = context;
    telling->outcomes = outcomes;
    telling->outcome_count = count;
    telling->message = message;
    telling->now_ms = clock_wall_ms();
    telling->arena = arena_with_ceiling(TEXTS_MAX);
    struct queue_filter filter = {.message = message};
    int result = queue_list(hub->store, &filter, on_item, telling);
    if (result != STORE_OK || telling->broken)
        end(telling, false);
    else if (telling->count == 0)
        end(telling, true);
    else
        send_notice(telling);
}
