/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/settlement.h"

#include "hub/notices.h"
#include "hub/tracking.h"
#include "model/retry.h"
#include "os/clock.h"
#include "os/random.h"

#include <stdlib.h>
#include <string.h>

enum {
    AGAIN_MS = 60000, /* when the store did not take what we had to say */
    REPLY_MAX = 2048,
};

static struct retry retry_of(const struct scheduled *what)
{
    return (struct retry){.received_at_ms = what->received_at_ms,
                          .expires_at_ms = what->expires_at_ms,
                          .due_at_ms = what->due_at_ms,
                          .attempts = what->attempts};
}

static void finish(struct hub *hub, const struct scheduled *what, enum delivery_verdict verdict,
                   int64_t next_at_ms, struct slice error)
{
    struct delivery_outcome outcome = {.message = what->message,
                                       .recipient = what->recipient,
                                       .verdict = verdict,
                                       .next_at_ms = next_at_ms,
                                       .last_error = error};
    tracking_outcome(hub, what, verdict, error);
    int result = queue_finish(hub->store, &outcome, 1, NULL, NULL);
    if (result != STORE_OK)
        role_event(NULL, WIRE_LEVEL_ERROR, 0,
                   "hub: the outcome of message %016llx could not be written; it may come twice",
                   (unsigned long long)what->message);
}

void settle_released(struct hub *hub, const struct scheduled *what)
{
    finish(hub, what, DELIVERY_RELEASED, clock_wall_ms(), (struct slice){0});
}

/* --- told, then finished --- */

/* A recipient that leaves the queue when its sender has been told. */
struct leaving {
    struct hub *hub;
    enum delivery_verdict verdict;
    struct scheduled what;
    struct slice reply;
    char texts[]; /* what the slices point at */
};

static void on_told(void *context, bool told)
{
    struct leaving *leaving = context;
    if (told || leaving->verdict == DELIVERY_DONE) /* delivered it is, told or not */
        finish(leaving->hub, &leaving->what, leaving->verdict, 0, leaving->reply);
    else
        finish(leaving->hub, &leaving->what, DELIVERY_DEFERRED, clock_wall_ms() + AGAIN_MS,
               SLICE("452 4.3.1 the notice to the sender cannot be stored"));
    free(leaving);
}

static struct leaving *make_leaving(struct hub *hub, const struct scheduled *what,
                                    enum delivery_verdict verdict, struct slice reply)
{
    size_t bytes = scheduled_text_bytes(what);
    struct leaving *leaving = calloc(1, sizeof *leaving + bytes + reply.len);
    if (!leaving)
        return NULL;
    leaving->hub = hub;
    leaving->verdict = verdict;
    scheduled_copy(what, &leaving->what, leaving->texts);
    if (reply.len)
        memcpy(leaving->texts + bytes, reply.at, reply.len);
    leaving->reply = (struct slice){leaving->texts + bytes, reply.len};
    return leaving;
}

static bool tell_and_finish(struct hub *hub, const struct scheduled *what,
                            enum delivery_verdict verdict, enum notice_action action,
                            struct slice reply)
{
    struct leaving *leaving = make_leaving(hub, what, verdict, slice_first(reply, REPLY_MAX));
    if (!leaving)
        return false;
    struct outcome_told outcome = {
        .recipient = what->recipient, .action = action, .reply = leaving->reply};
    notices_send(hub, what->message, &outcome, 1, on_told, leaving);
    return true;
}

void settle_done(struct hub *hub, const struct scheduled *what)
{
    if (!what->tells_success || !tell_and_finish(hub, what, DELIVERY_DONE, NOTICE_DELIVERED,
                                                 SLICE("250 2.1.5 Delivered to the mailbox")))
        finish(hub, what, DELIVERY_DONE, 0, (struct slice){0});
}

void settle_failed(struct hub *hub, const struct scheduled *what, struct slice reply)
{
    if (!tell_and_finish(hub, what, DELIVERY_FAILED, NOTICE_FAILED, reply))
        finish(hub, what, DELIVERY_DEFERRED, clock_wall_ms() + AGAIN_MS, reply);
}

static void expire(struct hub *hub, const struct scheduled *what, struct slice reply)
{
    char storage[REPLY_MAX];
    struct text words = text_over(storage, sizeof storage);
    text_append_c(&words, "550 4.4.7 QUEUE.Expired; message expired");
    if (reply.len)
        text_append_format(&words, ": %.*s", SLICE_ARG(slice_first(reply, REPLY_MAX / 2)));
    settle_failed(hub, what, text_slice(&words));
}

/* --- put off --- */

static void on_delay_told(void *context, bool told)
{
    (void)context;
    if (!told)
        role_event(NULL, WIRE_LEVEL_WARNING, 0, "hub: a notice of delay could not be stored");
}

static void tell_delay(struct hub *hub, const struct scheduled *what, struct slice reply)
{
    struct outcome_told outcome = {
        .recipient = what->recipient, .action = NOTICE_DELAYED, .reply = reply};
    notices_send(hub, what->message, &outcome, 1, on_delay_told, NULL);
}

void settle_later(struct hub *hub, const struct scheduled *what, struct slice reply)
{
    struct retry retry = retry_of(what);
    int64_t now_ms = clock_wall_ms();
    if (retry_is_over(&retry, now_ms)) {
        expire(hub, what, reply);
        return;
    }
    if (retry_tells_delay(&retry))
        tell_delay(hub, what, reply);
    finish(hub, what, DELIVERY_DEFERRED, retry_next_ms(&retry, now_ms, random_u64()), reply);
}

void settle_no_way(struct hub *hub, const struct scheduled *what)
{
    const struct slice why = SLICE("451 4.4.0 no way to this domain: there is no send connector");
    struct retry retry = retry_of(what);
    int64_t now_ms = clock_wall_ms();
    if (retry_is_over(&retry, now_ms)) {
        expire(hub, what, why);
        return;
    }
    if (retry_tells_delay(&retry))
        tell_delay(hub, what, why);
    finish(hub, what, DELIVERY_RELEASED, retry_wait_ms(&retry, now_ms), (struct slice){0});
}
