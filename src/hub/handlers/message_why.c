/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/handlers/message_why.h"

#include "base/calendar.h"
#include "hub/handlers/object.h"
#include "hub/handlers/queue_identity.h"
#include "hub/handlers/queue_state.h"
#include "hub/transport/hops.h"
#include "hub/transport/queue_clock.h"
#include "model/routing.h"

enum { ERROR_BYTES = 512, NAME_MAX_SHOWN = 255 };

/* What the reasons are judged by. */
struct waiting {
    struct hub *hub;
    const struct queue_item *item;
    int64_t now_ms;
    struct next_hop next;
    struct hop_state hop; /* of another server, when it is known */
};

typedef bool reason_fits_fn(const struct waiting *waiting);
typedef void reason_say_fn(struct text *text, const struct waiting *waiting);

static void append_time(struct text *text, const char *before, int64_t at_ms)
{
    text_append_c(text, before);
    calendar_append_rfc3339(text, at_ms);
}

/* Who is to take it: "the mailbox", "contoso.example". */
static void append_next_hop(struct text *text, const struct waiting *waiting)
{
    char storage[NAME_MAX_SHOWN + 1];
    struct text name = text_over(storage, sizeof storage);
    (void)next_hop_append_domain(&name, &waiting->next, waiting->hub->model);
    if (name.len)
        append_clean(text, text_slice(&name));
    else
        text_append_c(text, waiting->next.kind == ROUTE_MAILBOX ? "the mailbox" : "the next hop");
}

static void append_end(struct text *text, const struct waiting *waiting)
{
    append_time(text, "; it goes back to its sender at ",
                waiting->item->expires_at_ms +
                    queue_clock_late_ms(waiting->hub, waiting->item->received_at_ms));
}

/* What the last attempt said, and a semicolon; nothing when there was none. */
static void append_error(struct text *text, const struct waiting *waiting)
{
    char storage[ERROR_BYTES];
    struct text error = text_over(storage, sizeof storage);
    queue_append_last_error(&error, waiting->hub, waiting->item->destination,
                            waiting->item->last_error);
    if (!error.len)
        return;
    append_next_hop(text, waiting);
    text_append_c(text, " did not take it (");
    append_clean(text, text_slice(&error));
    text_append_c(text, "); ");
}

/* --- the reasons, the first that fits counts --- */

static bool is_damaged(const struct waiting *waiting)
{
    return waiting->item->damaged;
}

static void say_damaged(struct text *text, const struct waiting *waiting)
{
    text_append_format(text,
                       "its content is damaged on the disk and cannot be delivered; it stays until "
                       "Remove-Message %llu",
                       (unsigned long long)waiting->item->message);
}

static bool is_suspended(const struct waiting *waiting)
{
    return waiting->item->message_suspended;
}

static void say_suspended(struct text *text, const struct waiting *waiting)
{
    text_append_format(text,
                       "an administrator has suspended it; it stays until Resume-Message %llu",
                       (unsigned long long)waiting->item->message);
}

static bool is_queue_suspended(const struct waiting *waiting)
{
    return waiting->item->destination_suspended;
}

static void say_queue_suspended(struct text *text, const struct waiting *waiting)
{
    text_append_c(text, "its queue is suspended; it stays until Resume-Queue \"");
    append_clean(text, slice_first(queue_name(waiting->item->destination), NAME_MAX_SHOWN));
    text_append_c(text, "\"");
}

static bool is_out_of_service(const struct waiting *waiting)
{
    return queue_is_held(waiting->hub, waiting->item->destination);
}

static void say_out_of_service(struct text *text, const struct waiting *waiting)
{
    queue_append_last_error(text, waiting->hub, waiting->item->destination, SLICE(""));
    text_append_c(text, "; nothing is delivered until then");
}

static bool is_unreachable(const struct waiting *waiting)
{
    return waiting->next.kind == ROUTE_UNREACHABLE && !queue_is_poison(waiting->item->destination);
}

static void say_unreachable(struct text *text, const struct waiting *waiting)
{
    queue_append_last_error(text, waiting->hub, waiting->item->destination,
                            waiting->item->last_error);
    text_append_c(text, "; it goes on by itself when a send connector or an accepted domain is "
                        "there for it");
    append_end(text, waiting);
}

static bool is_hop_waiting(const struct waiting *waiting)
{
    return waiting->hop.retry_at_ms > waiting->now_ms && waiting->item->owned;
}

static void say_hop_waiting(struct text *text, const struct waiting *waiting)
{
    append_error(text, waiting);
    append_time(text, "the hub tries again at ", waiting->hop.retry_at_ms);
    append_end(text, waiting);
}

static bool is_in_hand(const struct waiting *waiting)
{
    return waiting->item->owned;
}

static void say_in_hand(struct text *text, const struct waiting *waiting)
{
    if (waiting->hop.connections > 0)
        text_append_format(text, "the hub has it in hand, with %zu connection%s to ",
                           waiting->hop.connections, waiting->hop.connections == 1 ? "" : "s");
    else
        text_append_c(text, "the hub has it in hand for ");
    append_next_hop(text, waiting);
    text_append_c(text, "; it leaves when those before it have");
}

static bool is_put_off(const struct waiting *waiting)
{
    return waiting->item->next_at_ms > waiting->now_ms;
}

static void say_put_off(struct text *text, const struct waiting *waiting)
{
    append_error(text, waiting);
    text_append_c(text, "attempt ");
    text_append_u64(text, waiting->item->attempts + UINT64_C(1));
    append_time(text, " is made at ", waiting->item->next_at_ms);
    append_end(text, waiting);
}

static bool is_due(const struct waiting *waiting)
{
    (void)waiting;
    return true;
}

static void say_due(struct text *text, const struct waiting *waiting)
{
    text_append_c(text, "it is due, and the hub takes it in hand as soon as there is room for ");
    append_next_hop(text, waiting);
}

void message_append_why(struct text *text, struct hub *hub, const struct queue_item *item,
                        int64_t now_ms)
{
    static const struct {
        reason_fits_fn *fits;
        reason_say_fn *say;
    } reasons[] = {
        {is_damaged, say_damaged},
        {is_suspended, say_suspended},
        {is_queue_suspended, say_queue_suspended},
        {is_out_of_service, say_out_of_service},
        {is_unreachable, say_unreachable},
        {is_hop_waiting, say_hop_waiting},
        {is_in_hand, say_in_hand},
        {is_put_off, say_put_off},
        {is_due, say_due},
    };
    struct waiting waiting = {
        .hub = hub, .item = item, .now_ms = now_ms, .next = next_hop_of_key(item->destination)};
    if (!hops_state(hub, item->destination, &waiting.hop))
        waiting.hop = (struct hop_state){0};
    size_t i = 0;
    while (!reasons[i].fits(&waiting))
        i++;
    reasons[i].say(text, &waiting);
}
