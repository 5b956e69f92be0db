/* SPDX-License-Identifier: Apache-2.0 */
/* Redirect-Message: a suspended message goes to others than it was sent to.
 *
 * What a courier has in hand is not taken from it: so the message is suspended first.
 */
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/order.h"
#include "hub/handlers/parameters.h"
#include "hub/handlers/queue_identity.h"
#include "hub/transport/address_book.h"
#include "hub/transport/envelope.h"
#include "hub/transport/readdress.h"
#include "hub/transport/tracking.h"
#include "mail/address.h"
#include "smtp/xtext.h"

#include <stdlib.h>

enum { TEXTS_MAX = 16 << 20, DATA_MAX = 2100, SHOWN_MAX = 120, FIX_MAX = 64 };

struct redirect {
    struct call *call;
    struct arena arena;
    uint64_t message;
    bool suspended, broken; /* no memory */
    size_t waiting;         /* recipients that nobody has in hand */
    struct slice former;    /* the first of them */
    struct slice data;      /* what its sender wants to hear of it */
    enum sender_tls way;
    struct log_tracking about;
    struct envelope_recipient given[CALL_LIST_MAX];
    size_t given_count;
    struct expanded_list to;
};

static void redirect_free(struct redirect *redirect)
{
    expand_free(&redirect->to);
    arena_deinit(&redirect->arena);
    free(redirect);
}

/* --- what it was --- */

static bool keep_first(struct redirect *redirect, const struct queue_item *item)
{
    struct log_tracking *about = &redirect->about;
    about->message = item->message;
    about->total_bytes = item->size_bytes;
    about->source = SLICE("ADMIN");
    redirect->way = sender_tls_of_way(envelope_tls(item->envelope), item->sender);
    return arena_copy(&redirect->arena, item->address, &redirect->former) &&
           arena_copy(&redirect->arena, item->data, &redirect->data) &&
           arena_copy(&redirect->arena, item->sender, &about->sender) &&
           arena_copy(&redirect->arena, envelope_word(item->envelope, SLICE("message-id")),
                      &about->message_id) &&
           arena_copy(&redirect->arena, envelope_word(item->envelope, SLICE("subject")),
                      &about->subject);
}

static bool on_item(void *context, const struct queue_item *item)
{
    struct redirect *redirect = context;
    redirect->suspended = item->message_suspended;
    if (!item->owned && redirect->waiting++ == 0)
        redirect->broken = !keep_first(redirect, item);
    return !redirect->broken;
}

/* False: the call has failed. */
static bool look_up(struct redirect *redirect)
{
    struct call *call = redirect->call;
    char fix[FIX_MAX];
    struct text command = text_over(fix, sizeof fix);
    if (!queue_message_number(call_text(call, "Identity"), &redirect->message)) {
        call_fail(call, OPERATION_USAGE,
                  "-Identity of a message is SERVER\\queue\\number, or the number");
        return false;
    }
    struct queue_filter filter = {.message = redirect->message};
    if (queue_list(call->hub->store, &filter, on_item, redirect) != STORE_OK || redirect->broken) {
        call_fail(call, OPERATION_FAILED, "the queue cannot be read");
        return false;
    }
    if (redirect->suspended && redirect->waiting)
        return true;
    text_append_format(&command, "Suspend-Message %llu", (unsigned long long)redirect->message);
    if (redirect->waiting || redirect->suspended)
        call_fail_fix(call, OPERATION_CONFLICT, text_c_string(&command),
                      "message %llu may be delivered at any moment: suspend it first",
                      (unsigned long long)redirect->message);
    else
        call_fail_fix(call, OPERATION_NOT_FOUND, "Get-Message",
                      "no message %llu waits; it may be delivered, or is being delivered",
                      (unsigned long long)redirect->message);
    return false;
}

/* --- who gets it --- */

/* ORCPT stays what the sender wrote; an address too long for it is left out. */
static bool keep_data(struct redirect *redirect)
{
    char storage[DATA_MAX];
    struct text data = text_over(storage, sizeof storage);
    if (envelope_word(redirect->data, SLICE("orcpt")).len)
        return true;
    text_append(&data, redirect->data);
    text_append_c(&data, data.len && data.at[data.len - 1] != '\n' ? "\n" : "");
    text_append_c(&data, slice_all_ascii(redirect->former) ? "orcpt=rfc822;" : "orcpt=utf-8;");
    if (!xtext_append_encoded(&data, redirect->former) || data.truncated ||
        arena_copy(&redirect->arena, text_slice(&data), &redirect->data))
        return true;
    call_fail(redirect->call, OPERATION_FAILED, "there is no memory for the order");
    return false;
}

/* False: the call has failed. */
static bool judge(struct redirect *redirect, struct slice address)
{
    static const struct address_options any = {.utf8 = true, .long_addresses = true};
    struct call *call = redirect->call;
    struct address parsed;
    if (address_parse(address, &any, &parsed) != ADDRESS_OK) {
        call_fail(call, OPERATION_USAGE, "-Recipient: \"%.*s\" is no address",
                  SLICE_ARG(slice_first(address, SHOWN_MAX)));
        return false;
    }
    struct recipient who = address_book_find(call->hub, address);
    const struct accepted_domain *domain = accepted_domain_of(call->hub->model, parsed.domain);
    if (who.mailbox || who.group || !domain || domain->domain_type != DOMAIN_AUTHORITATIVE)
        return true;
    call_fail_fix(call, OPERATION_NOT_FOUND, "Get-Mailbox", "nobody here has the address %.*s",
                  SLICE_ARG(slice_first(address, SHOWN_MAX)));
    return false;
}

/* False: the call has failed. */
static bool read_recipients(struct redirect *redirect)
{
    struct call *call = redirect->call;
    struct slice written[CALL_LIST_MAX];
    size_t count = call_list(call, "Recipient", written, CALL_LIST_MAX);
    if (count == 0 || count > CALL_LIST_MAX) {
        call_fail(call, OPERATION_USAGE, "-Recipient: give 1 to %d addresses", CALL_LIST_MAX);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct envelope_recipient *one = &redirect->given[redirect->given_count++];
        if (!judge(redirect, written[i]))
            return false;
        redirect->broken |= !arena_copy(&redirect->arena, written[i], &one->address);
        one->data = redirect->data;
    }
    if (redirect->broken)
        call_fail(call, OPERATION_FAILED, "there is no memory for the order");
    return !redirect->broken;
}

/* --- the order --- */

static void on_exchanged(void *context, enum store_outcome outcome, uint64_t number)
{
    struct redirect *redirect = context;
    struct call *call = redirect->call;
    if (outcome == STORE_OK) {
        tracking_expanded(call->hub, &redirect->about, "REDIRECT", redirect->former,
                          redirect->to.recipients, redirect->to.count);
        order_write_event(call);
        call_inform(call, "message %llu goes to %zu other recipient%s in the place of %llu",
                    (unsigned long long)redirect->message, redirect->to.count,
                    redirect->to.count == 1 ? "" : "s", (unsigned long long)number);
        call_inform(call, "it is still suspended: Resume-Message %llu",
                    (unsigned long long)redirect->message);
        call_done(call);
    } else if (outcome == STORE_LOST) {
        call_fail(call, OPERATION_CONFLICT, "message %llu went on meanwhile; nothing was changed",
                  (unsigned long long)redirect->message);
    } else {
        call_fail(call, OPERATION_FAILED, "the queue did not take the order: %s",
                  store_outcome_name(outcome));
    }
    redirect_free(redirect);
}

static void give(struct redirect *redirect)
{
    struct call *call = redirect->call;
    int result = readdress_message(call->hub, redirect->message, redirect->about.total_bytes,
                                   redirect->way, &redirect->arena, redirect->given,
                                   redirect->given_count, &redirect->to, on_exchanged, redirect);
    if (result == STORE_OK)
        return;
    call_fail(call, OPERATION_FAILED, "the queue did not take the order");
    redirect_free(redirect);
}

void message_redirect(struct call *call)
{
    struct redirect *redirect = calloc(1, sizeof *redirect);
    if (!redirect) {
        call_fail(call, OPERATION_FAILED, "there is no memory for the order");
        return;
    }
    redirect->call = call;
    redirect->arena = arena_with_ceiling(TEXTS_MAX);
    if (!look_up(redirect) || !keep_data(redirect) || !read_recipients(redirect)) {
        redirect_free(redirect);
        return;
    }
    if (!operation_is_dry(call)) {
        give(redirect);
        return;
    }
    call_inform(call, "WhatIf: nothing was changed; %zu recipient%s would be replaced",
                redirect->waiting, redirect->waiting == 1 ? "" : "s");
    call_done(call);
    redirect_free(redirect);
}
