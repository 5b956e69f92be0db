/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/relay_state.h"

#include "os/descriptor.h"

#include <stdlib.h>
#include <string.h>

enum { ORDER_TEXT_MAX = 32768, MESSAGE_TEXT_MAX = 16 << 20, WHY_MAX = WIRE_REPLY_MAX };

const struct relay_host *relay_here(const struct relay *relay)
{
    return relay->host < relay->host_count ? &relay->hosts[relay->host] : NULL;
}

void relay_note(struct relay *relay, struct slice text)
{
    text_clear(&relay->why);
    text_append(&relay->why, slice_first(text, WHY_MAX));
    relay->why_ours = true;
    relay_log_note(relay);
}

/* --- the message under way --- */

static void forget_message(struct relay *relay)
{
    send_transaction_end(&relay->transaction);
    relay->transaction = (struct send_transaction){0};
    arena_deinit(&relay->message_arena);
    relay->message_arena = arena_with_ceiling(MESSAGE_TEXT_MAX);
    relay->recipient_count = 0;
    relay->ready = relay->begun = false;
    relay_signing_forget(relay);
    close_fd(&relay->body_fd);
}

static void append_answer(struct text *text, const struct send_answer *answer)
{
    if (!answer->code)
        return;
    text_append_format(text, "%u ", answer->code);
    text_append(text, slice_first(text_slice(&answer->text), SEND_WORDS_MAX));
}

static enum wire_relay_fate fate_of(const struct relay *relay,
                                    const struct send_recipient *recipient)
{
    static const enum wire_relay_fate fates[] = {
        [SEND_PENDING] = WIRE_RELAY_NOT_TRIED,   [SEND_DELIVERED] = WIRE_RELAY_DELIVERED,
        [SEND_DEFERRED] = WIRE_RELAY_DEFERRED,   [SEND_FAILED] = WIRE_RELAY_FAILED,
        [SEND_UNCERTAIN] = WIRE_RELAY_UNCERTAIN, [SEND_LATER] = WIRE_RELAY_NOT_TRIED,
    };
    if (relay->transaction.untried)
        return WIRE_RELAY_NOT_TRIED;
    if (recipient->fate == SEND_DEFERRED && !recipient->has_answer && relay->onward)
        return WIRE_RELAY_NOT_TRIED;
    if (recipient->fate == SEND_DEFERRED && !recipient->has_answer && relay->broken)
        return WIRE_RELAY_BROKEN;
    return fates[recipient->fate];
}

static void report_one(struct relay *relay, size_t index)
{
    const struct send_recipient *recipient = &relay->recipients[index];
    const struct send_answer *answer = send_recipient_answer(&relay->transaction, recipient);
    const struct relay_host *here = relay_here(relay);
    struct text text = text_with_ceiling(WIRE_REPLY_MAX);
    append_answer(&text, answer);
    struct wire_relay_outcome outcome = {.relay = relay->order.relay,
                                         .message = relay->message,
                                         .number = relay->numbers[index],
                                         .fate = fate_of(relay, recipient),
                                         .dsn_not_passed = relay->transaction.dsn_not_passed,
                                         .ours = answer->ours,
                                         .local_address = relay->log.local.address,
                                         .tls_version = slice_of(relay->log.tls_version),
                                         .text = text_slice(&text)};
    relay->carried |= outcome.fate != WIRE_RELAY_NOT_TRIED && outcome.fate != WIRE_RELAY_BROKEN;
    if (here) {
        outcome.remote_name = here->name;
        outcome.remote_address = here->endpoint.address;
    }
    channel_send(relay->all->hub, WIRE_RELAY_OUTCOME, &outcome, -1);
    text_deinit(&text);
}

void relay_report(struct relay *relay)
{
    relay_log_message(relay);
    for (size_t i = 0; i < relay->recipient_count; i++)
        report_one(relay, i);
    forget_message(relay);
}

/* --- the end --- */

static void relay_free(struct relay *relay)
{
    *relay->link = relay->next;
    if (relay->next)
        relay->next->link = relay->link;
    relay->all->count--;
    relay_hang_up(relay);
    relay_sight_end(relay);
    relay_forget_lookup(relay);
    tls_context_unref(relay->identity);
    relay_trust_end(relay);
    relay_report_end(relay);
    forget_message(relay);
    free(relay->recipients);
    free(relay->numbers);
    if (relay->order.password.len)
        explicit_bzero((void *)(uintptr_t)relay->order.password.at, relay->order.password.len);
    arena_deinit(&relay->message_arena);
    arena_deinit(&relay->arena);
    text_deinit(&relay->why);
    free(relay);
}

/* What no server has heard of goes back untried, so that the hub decides. */
static void end(struct relay *relay)
{
    bool unfit = relay_unfit_end(relay);
    const struct relay_host *here = relay_here(relay);
    if (!here && relay->host_count)
        here = &relay->hosts[relay->host_count - 1];
    relay_report(relay);
    relay_sight_end(relay);
    relay_report_send(relay);
    relay_log_end(relay);
    struct wire_relay_ended ended = {.relay = relay->order.relay,
                                     .reached = relay->reached,
                                     .permanent = relay->nowhere && !relay->host_count,
                                     .unfit = unfit,
                                     .no_room = relay->no_room,
                                     .ours = relay->why_ours,
                                     .text = text_slice(&relay->why)};
    if (here) {
        ended.remote_name = here->name;
        ended.remote_address = here->endpoint.address;
    }
    channel_send(relay->all->hub, WIRE_RELAY_ENDED, &ended, -1);
    relay_free(relay);
}

/* An opportunist goes on in clear with a host whose TLS is broken. */
static bool again_in_clear(struct relay *relay)
{
    enum send_end why = relay->session.ending.end;
    bool may = relay->policy.tls == SEND_TLS_OPPORTUNISTIC && !relay->in_clear &&
               (why == SEND_END_TLS_FAILED || relay->handshake);
    relay->in_clear = may;
    return may;
}

void relay_dial(struct relay *relay)
{
    const struct relay_host *here;
    while ((here = relay_here(relay))) {
        enum relay_trust_step step = relay_trust_prepare(relay, here);
        if (step == RELAY_TRUST_WAITS ||
            (step == RELAY_TRUST_READY && relay_dial_here(relay, here)))
            return;
        relay_sight_report(relay);
        relay->host++;
    }
    end(relay);
}

/* What this host did not take goes back, and is given again when the next one is ready. */
static void go_onward(struct relay *relay)
{
    relay_report(relay);
    relay->reached = relay->onward = relay->broken = relay->in_clear = false;
}

void relay_leave(struct relay *relay)
{
    bool in_clear = !relay->reached && again_in_clear(relay);
    if (relay->session.ending.end == SEND_END_TLS_MISSING)
        relay_report_note(relay, TLS_RESULT_NO_STARTTLS);
    if (relay->session.ending.answer.code) {
        text_clear(&relay->why);
        append_answer(&relay->why, &relay->session.ending.answer);
        relay->why_ours = relay->session.ending.answer.ours;
    }
    relay_unfit_note(relay);
    relay_sight_report(relay);
    relay_onward_closed(relay);
    relay_hang_up(relay);
    if (relay->reached && !relay->onward) {
        end(relay);
        return;
    }
    if (relay->onward)
        go_onward(relay);
    if (!in_clear)
        relay->host++;
    relay_dial(relay);
}

/* --- frames of the hub --- */

static const struct slice mechanisms[] = {SLICE_INIT("SCRAM-SHA-256"), SLICE_INIT("PLAIN"),
                                          SLICE_INIT("LOGIN")};

static bool copy_order(struct relay *relay, const struct wire_relay *order)
{
    struct wire_relay *own = &relay->order;
    *own = *order;
    struct slice *texts[] = {&own->connector,   &own->hello_name,   &own->domain,
                             &own->smart_hosts, &own->tls_domain,   &own->user,
                             &own->password,    &own->own_addresses};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (!arena_copy(&relay->arena, *texts[i], texts[i]))
            return false;
    return true;
}

static void make_policy(struct relay *relay)
{
    const struct wire_relay *order = &relay->order;
    relay->policy =
        (struct send_policy){.hello_name = order->hello_name,
                             .lmtp = order->lmtp,
                             .force_helo = order->force_helo,
                             .tls = (enum send_tls)order->tls,
                             .require_tls = order->sender_tls == SENDER_TLS_REQUIRED,
                             .clear_after_refusal = order->tls == SEND_TLS_OPPORTUNISTIC,
                             .mechanisms = mechanisms,
                             .mechanisms_count = order->user.len ? COUNT_OF(mechanisms) : 0,
                             .auth_requires_tls = order->login_needs_tls,
                             .messages_max = (uint32_t)order->messages_max,
                             .inactivity_timeout_ms = (int64_t)order->inactivity_ms};
}

/* The certificate is read once, here: the order's copy does not keep it. */
static bool take_identity(struct relay *relay, const struct wire_relay *order)
{
    relay->order.certificate = (struct slice){0};
    if (!order->certificate.len)
        return true;
    relay->identity =
        relay_identities_get(&relay->all->identities, order->certificate, order->key_handle);
    return relay->identity != NULL;
}

/* Numbers follow one another in steps: the low bits are the same for all. */
static struct relay **bucket_of(struct relays *all, uint64_t number)
{
    return &all->buckets[(number >> 6) % RELAY_BUCKETS];
}

static struct relay *relay_new(struct relays *all, const struct wire_relay *order)
{
    struct relay *relay = all->count < RELAYS_MAX ? calloc(1, sizeof *relay) : NULL;
    if (!relay)
        return NULL;
    relay->all = all;
    relay->order.relay = order->relay;
    relay->fd = relay->body_fd = -1;
    relay->arena = arena_with_ceiling(ORDER_TEXT_MAX);
    relay->message_arena = arena_with_ceiling(MESSAGE_TEXT_MAX);
    relay->why = text_with_ceiling(WHY_MAX);
    relay->link = bucket_of(all, order->relay);
    relay->next = *relay->link;
    if (relay->next)
        relay->next->link = &relay->next;
    *relay->link = relay;
    all->count++;
    return relay;
}

/* There is no memory: the hub gives it to somebody else, and us nothing for a while. */
static void give_up(struct relay *relay)
{
    relay_note(relay, SLICE("451 4.3.0 The courier has no memory"));
    relay->no_room = true;
    relay_hang_up(relay);
    end(relay);
}

static bool start(struct relays *all, const struct wire_relay *order)
{
    struct relay *relay = relay_new(all, order);
    if (!relay) {
        struct wire_relay_ended ended = {.relay = order->relay,
                                         .no_room = true,
                                         .text = SLICE("451 4.3.0 The courier has no room")};
        channel_send(all->hub, WIRE_RELAY_ENDED, &ended, -1);
        return true;
    }
    if (!copy_order(relay, order)) {
        give_up(relay);
        return true;
    }
    if (!take_identity(relay, order)) {
        relay_note(relay, SLICE("454 4.7.5 The certificate of ours that is to be shown cannot be "
                                "used"));
        end(relay);
        return true;
    }
    make_policy(relay);
    if (order->inspects && !relay_sight_begin(relay)) {
        give_up(relay);
        return true;
    }
    relay_log_begin(relay);
    relay_find_hosts(relay);
    return true;
}

static struct relay *find(struct relays *all, uint64_t number)
{
    struct relay *relay = *bucket_of(all, number);
    while (relay && relay->order.relay != number)
        relay = relay->next;
    return relay;
}

static bool copy_recipient(struct relay *relay, const struct wire_relay_recipient *given)
{
    if (!relay->recipients)
        relay->recipients = calloc(RELAY_RECIPIENTS_MAX, sizeof *relay->recipients);
    if (!relay->numbers)
        relay->numbers = calloc(RELAY_RECIPIENTS_MAX, sizeof *relay->numbers);
    if (!relay->recipients || !relay->numbers)
        return false;
    struct send_recipient *recipient = &relay->recipients[relay->recipient_count];
    *recipient = (struct send_recipient){.notify = (unsigned)given->notify};
    if (!arena_copy(&relay->message_arena, given->address, &recipient->mailbox) ||
        !arena_copy(&relay->message_arena, given->orcpt, &recipient->orcpt))
        return false;
    relay->numbers[relay->recipient_count++] = given->number;
    return true;
}

static bool take_recipient(struct relay *relay, const struct wire_relay_recipient *given)
{
    if (relay->ready || relay->recipient_count >= RELAY_RECIPIENTS_MAX)
        return false;
    if (!copy_recipient(relay, given))
        give_up(relay);
    return true;
}

static bool take_message(struct relay *relay, const struct wire_relay_message *given, int fd_take)
{
    struct send_transaction *transaction = &relay->transaction;
    if (relay->ready || !relay->recipient_count) {
        close_fd(&fd_take);
        return false;
    }
    relay->message = given->message;
    relay->body_fd = fd_take;
    relay->body_offset = given->offset;
    relay->body_left = given->length;
    relay->signs = given->signs;
    *transaction = (struct send_transaction){.ret = (char)given->ret,
                                             .size_bytes = (int64_t)given->length,
                                             .body = (enum session_body_kind)given->body_kind,
                                             .smtp_utf8 = given->smtp_utf8,
                                             .require_tls = given->require_tls,
                                             .recipients = relay->recipients,
                                             .recipients_count = relay->recipient_count};
    relay->ready = arena_copy(&relay->message_arena, given->sender, &transaction->sender) &&
                   arena_copy(&relay->message_arena, given->envid, &transaction->envid);
    relay->asked = false;
    relay_begin_firewall(relay);
    if (relay->ready)
        relay_run(relay);
    else
        give_up(relay);
    return true;
}

static bool finish(struct relay *relay)
{
    relay->finishes = true;
    relay_run(relay);
    return true;
}

bool relays_frame(struct relays *all, const struct frame *frame, int fd_take)
{
    const union wire_any *message = &frame->message;
    if (frame->type == WIRE_RELAY)
        return start(all, &message->relay);
    /* the number is the first member of each */
    struct relay *relay = find(all, message->relay_number.relay);
    if (relay && frame->type == WIRE_RELAY_RECIPIENT)
        return take_recipient(relay, &message->relay_recipient);
    if (relay && frame->type == WIRE_RELAY_MESSAGE)
        return take_message(relay, &message->relay_message, fd_take);
    if (relay && (frame->type == WIRE_RELAY_SIGNER || frame->type == WIRE_RELAY_SIGNATURES))
        return relay_signing_answer(relay, frame);
    if (relay && frame->type == WIRE_RELAY_FINISH)
        return finish(relay);
    close_fd(&fd_take);
    return false;
}

void relays_end(struct relays *all)
{
    for (size_t i = 0; i < RELAY_BUCKETS; i++)
        while (all->buckets[i])
            relay_free(all->buckets[i]);
}
