/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/settlement.h"

#include "hub/transport/queue_clock.h"
#include "hub/transport/tidings.h"
#include "hub/transport/tracking.h"
#include "model/retry.h"
#include "os/clock.h"
#include "os/random.h"

#include <stdlib.h>
#include <string.h>

enum {
    AGAIN_MS = 60000, /* when the store did not take what we had to say */
    REPLY_MAX = 2048,
    SHOWN_MAX = 3072,
};

/* What the clock has jumped over since then does not make it older. */
static struct retry retry_of(struct hub *hub, const struct scheduled *what)
{
    int64_t late_ms = queue_clock_late_ms(hub, what->received_at_ms);
    return (struct retry){.received_at_ms = what->received_at_ms + late_ms,
                          .expires_at_ms = what->expires_at_ms + late_ms,
                          .due_at_ms = what->due_at_ms,
                          .attempts = what->attempts};
}

static void write_outcome(struct hub *hub, const struct delivery_outcome *outcome)
{
    int result = queue_finish(hub->store, outcome, 1, NULL, NULL);
    if (result != STORE_OK)
        role_event(NULL, WIRE_LEVEL_ERROR, 0,
                   "hub: the outcome of message %016llx could not be written; it may come twice",
                   (unsigned long long)outcome->message);
}

/* An outcome whose row of the tracking log says that the message may have come twice: when the hub
 * dies between the two, the message must come back, for a row of its own. */
struct held {
    struct log_sequel sequel;
    struct hub *hub;
    struct delivery_outcome outcome;
    char last_error[];
};

static void on_row_written(void *context)
{
    struct held *held = context;
    write_outcome(held->hub, &held->outcome);
    free(held);
}

static struct held *held_new(struct hub *hub, const struct delivery_outcome *outcome)
{
    size_t bytes = outcome->last_error.len;
    struct held *held = calloc(1, sizeof *held + bytes);
    if (!held)
        return NULL;
    if (bytes)
        memcpy(held->last_error, outcome->last_error.at, bytes);
    held->sequel = (struct log_sequel){.run = on_row_written, .context = held};
    held->hub = hub;
    held->outcome = *outcome;
    held->outcome.last_error = (struct slice){held->last_error, bytes};
    return held;
}

static void finish(struct hub *hub, const struct scheduled *what, enum delivery_verdict verdict,
                   int64_t next_at_ms, const struct said *said)
{
    char storage[SHOWN_MAX];
    struct text shown = text_over(storage, sizeof storage);
    said_append(&shown, said, clock_wall_ms());
    struct delivery_outcome outcome = {.message = what->message,
                                       .recipient = what->recipient,
                                       .verdict = verdict,
                                       .next_at_ms = next_at_ms,
                                       .last_error = text_slice(&shown)};
    struct held *held = what->uncertain ? held_new(hub, &outcome) : NULL;
    tracking_outcome(hub, what, verdict, said, text_slice(&shown), held ? &held->sequel : NULL);
    if (!held)
        write_outcome(hub, &outcome);
}

static void finish_ours(struct hub *hub, const struct scheduled *what,
                        enum delivery_verdict verdict, int64_t next_at_ms, struct slice reply)
{
    struct said said = {.reply = reply};
    finish(hub, what, verdict, next_at_ms, &said);
}

void settle_released(struct hub *hub, const struct scheduled *what, int64_t due_at_ms)
{
    struct retry retry = retry_of(hub, what);
    due_at_ms = retry_at_hop_ms(&retry, clock_wall_ms(), due_at_ms);
    finish_ours(hub, what, DELIVERY_RELEASED, due_at_ms, SLICE(""));
}

void settle_given_back(struct hub *hub, struct parcel_list *list, uint64_t message, bool removed)
{
    struct parcel *parcel;
    while ((parcel = parcel_list_take_message(list, message))) {
        if (!removed)
            settle_released(hub, &parcel->what, clock_wall_ms());
        free(parcel);
    }
}

/* --- told, then finished --- */

/* A recipient that leaves the queue when its sender has been told. */
struct leaving {
    struct hub *hub;
    enum delivery_verdict verdict;
    struct scheduled what;
    struct said said;
    char texts[]; /* what the slices point at */
};

static void on_told(void *context, bool told)
{
    struct leaving *leaving = context;
    if (told || leaving->verdict == DELIVERY_DONE) /* delivered it is, told or not */
        finish(leaving->hub, &leaving->what, leaving->verdict, 0, &leaving->said);
    else
        finish_ours(leaving->hub, &leaving->what, DELIVERY_DEFERRED, clock_wall_ms() + AGAIN_MS,
                    SLICE("452 4.3.1 the notice to the sender cannot be stored"));
    free(leaving);
}

static struct leaving *leaving_new(struct hub *hub, const struct scheduled *what,
                                   enum delivery_verdict verdict, const struct said *said)
{
    struct slice reply = slice_first(said->reply, REPLY_MAX);
    size_t bytes = scheduled_text_bytes(what);
    const struct sent *sent = &said->sent;
    struct leaving *leaving =
        calloc(1, sizeof *leaving + bytes + reply.len + said->remote_name.len +
                      sent->connector.len + sent->next_hop.len + sent->tls_version.len);
    if (!leaving)
        return NULL;
    leaving->hub = hub;
    leaving->verdict = verdict;
    scheduled_copy(what, &leaving->what, leaving->texts);
    char *at = leaving->texts + bytes;
    leaving->said = (struct said){.reply = slice_pack(&at, reply),
                                  .remote_name = slice_pack(&at, said->remote_name),
                                  .remote_address = said->remote_address,
                                  .ours = said->ours,
                                  .sent = {.connector = slice_pack(&at, sent->connector),
                                           .next_hop = slice_pack(&at, sent->next_hop),
                                           .session = sent->session,
                                           .local_address = sent->local_address,
                                           .tls_version = slice_pack(&at, sent->tls_version),
                                           .to_mailbox = sent->to_mailbox},
                                  .source = said->source};
    return leaving;
}

/* Whose words they are, to senders. The server that holds our mailboxes speaks for us. */
static struct slice remote_server(const struct said *said)
{
    return said->ours || said->sent.to_mailbox ? (struct slice){0} : said->remote_name;
}

static bool tell_and_finish(struct hub *hub, const struct scheduled *what,
                            enum delivery_verdict verdict, enum notice_action action,
                            const struct said *said)
{
    struct leaving *leaving = leaving_new(hub, what, verdict, said);
    if (!leaving)
        return false;
    struct outcome_told outcome = {.recipient = what->recipient,
                                   .action = action,
                                   .reply = leaving->said.reply,
                                   .remote_server = remote_server(said)};
    if (verdict == DELIVERY_DONE) /* each moment that it is not written it may come twice */
        notices_send(hub, what->message, &outcome, 1, on_told, leaving);
    else
        tidings_add(hub, what->message, &outcome, on_told, leaving);
    return true;
}

void settle_delivered(struct hub *hub, const struct scheduled *what)
{
    struct said said = {.reply = SLICE("250 2.1.5 Delivered to the mailbox")};
    if (!(what->wish & NOTICE_WISH_SUCCESS) ||
        !tell_and_finish(hub, what, DELIVERY_DONE, NOTICE_DELIVERED, &said))
        finish_ours(hub, what, DELIVERY_DONE, 0, SLICE(""));
}

void settle_relayed(struct hub *hub, const struct scheduled *what, const struct said *said,
                    bool notices_are_ours)
{
    enum notice_action action = said->sent.to_mailbox ? NOTICE_DELIVERED : NOTICE_RELAYED;
    if (!(what->wish & NOTICE_WISH_SUCCESS) || !notices_are_ours ||
        !tell_and_finish(hub, what, DELIVERY_DONE, action, said))
        finish(hub, what, DELIVERY_DONE, 0, said);
}

void settle_failed(struct hub *hub, const struct scheduled *what, const struct said *said)
{
    if (!tell_and_finish(hub, what, DELIVERY_FAILED, NOTICE_FAILED, said))
        finish(hub, what, DELIVERY_DEFERRED, clock_wall_ms() + AGAIN_MS, said);
}

static void expire(struct hub *hub, const struct scheduled *what, const struct said *last)
{
    char storage[REPLY_MAX];
    struct text words = text_over(storage, sizeof storage);
    text_append_c(&words, "550 4.4.7 QUEUE.Expired; message expired");
    if (last->reply.len)
        text_append_format(&words, ": %.*s", SLICE_ARG(slice_first(last->reply, REPLY_MAX / 2)));
    struct said said = *last;
    said.reply = text_slice(&words);
    said.ours = true;
    said.source = SLICE("QUEUE");
    settle_failed(hub, what, &said);
}

/* --- put off --- */

static void on_delay_told(void *context, bool told)
{
    (void)context;
    if (!told)
        role_event(NULL, WIRE_LEVEL_WARNING, 0, "hub: a notice of delay could not be stored");
}

static void tell_delay(struct hub *hub, const struct scheduled *what, const struct said *said)
{
    struct outcome_told outcome = {.recipient = what->recipient,
                                   .action = NOTICE_DELAYED,
                                   .reply = said->reply,
                                   .remote_server = remote_server(said)};
    tidings_add(hub, what->message, &outcome, on_delay_told, NULL);
}

/* False: its time is over, and it was given up. */
static bool goes_on(struct hub *hub, const struct scheduled *what, const struct said *said,
                    int64_t now_ms)
{
    struct retry retry = retry_of(hub, what);
    if (retry_is_over(&retry, now_ms)) {
        expire(hub, what, said);
        return false;
    }
    if (retry_tells_delay(&retry, now_ms))
        tell_delay(hub, what, said);
    return true;
}

void settle_later(struct hub *hub, const struct scheduled *what, const struct said *said)
{
    struct retry retry = retry_of(hub, what);
    int64_t now_ms = clock_wall_ms();
    if (goes_on(hub, what, said, now_ms))
        finish(hub, what, DELIVERY_DEFERRED, retry_next_ms(&retry, now_ms, random_u64()), said);
}

void settle_with_hop(struct hub *hub, const struct scheduled *what, const struct said *said,
                     int64_t retry_at_ms)
{
    struct retry retry = retry_of(hub, what);
    int64_t now_ms = clock_wall_ms();
    if (goes_on(hub, what, said, now_ms))
        finish(hub, what, DELIVERY_DEFERRED, retry_at_hop_ms(&retry, now_ms, retry_at_ms), said);
}

void settle_put_off(struct hub *hub, const struct scheduled *what, const struct said *said,
                    int64_t retry_at_ms)
{
    struct retry retry = retry_of(hub, what);
    int64_t now_ms = clock_wall_ms();
    if (retry_is_over(&retry, now_ms) || retry_tells_delay(&retry, now_ms))
        settle_with_hop(hub, what, said, retry_at_ms);
    else
        settle_released(hub, what, retry_at_ms);
}

void settle_no_way(struct hub *hub, const struct scheduled *what)
{
    struct said said = {.reply =
                            SLICE("451 4.4.0 no way to this domain: no send connector is for it")};
    struct retry retry = retry_of(hub, what);
    int64_t now_ms = clock_wall_ms();
    if (goes_on(hub, what, &said, now_ms))
        finish_ours(hub, what, DELIVERY_RELEASED, retry_wait_ms(&retry, now_ms), SLICE(""));
}
