/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/checker.h"

#include "os/descriptor.h"
#include "vault/inquiry.h"
#include "vault/secret.h"
#include "wire/role.h"

#include <errno.h>
#include <stdlib.h>

static void on_zygote_lost(void *context)
{
    struct checker *checker = context;
    role_event(&checker->hub, WIRE_LEVEL_ERROR, 0, "event=import-process-ended");
    checker->broken = true; /* the role ends and is started again, with a new one */
    loop_stop(checker->loop);
}

/* --- the hub --- */

static void on_hub_message(void *context, struct channel *channel, const struct frame *frame,
                           int fd)
{
    (void)channel;
    struct checker *checker = context;
    close_fd(&fd);
    if (frame->type == WIRE_ACCOUNT_ANSWER)
        logins_account(checker->logins, &frame->message.account_answer);
    else
        inquiry_take(checker, frame);
}

static void on_hub_closed(void *context, struct channel *channel, bool broken)
{
    (void)channel, (void)broken;
    struct checker *checker = context;
    loop_defer(checker->loop, &checker->hub_lost);
}

static void forget_hub(void *context)
{
    struct checker *checker = context;
    logins_hub_lost(checker->logins);
}

static void attach_hub(struct checker *checker, unsigned index, int fd)
{
    channel_close(&checker->hub);
    loop_defer_cancel(checker->loop, &checker->hub_lost);
    forget_hub(checker);
    checker->hub_number++;
    if (channel_open(&checker->hub, checker->loop, fd, ROLE_HUB, index, &checker->hub_owner) < 0) {
        close_fd(&fd);
        return;
    }
    if (checker->kek->local && !checker->told_of_local_kek)
        role_event(&checker->hub, WIRE_LEVEL_INFORMATION, 0,
                   "event=local-key-encryption-key note=\"no kek.N credential was given; the key "
                   "beside the database protects backups of the database only\"");
    checker->told_of_local_kek = true;
}

/* --- the edges --- */

static struct checker_edge *edge_of(struct channel *channel)
{
    return (struct checker_edge *)(void *)((char *)channel -
                                           offsetof(struct checker_edge, channel));
}

static void on_edge_message(void *context, struct channel *channel, const struct frame *frame,
                            int fd)
{
    struct checker *checker = context;
    unsigned edge = edge_of(channel)->index;
    close_fd(&fd);
    if (frame->type == WIRE_SASL) {
        logins_step(checker->logins, edge, &frame->message.sasl);
        secret_wipe(frame->message.sasl.message);
    } else if (frame->type == WIRE_SASL_ABANDON) {
        logins_abandon(checker->logins, edge, frame->message.session.session);
    }
}

/* May be called while a login is being answered, so its logins go later. */
static void on_edge_closed(void *context, struct channel *channel, bool broken)
{
    struct checker *checker = context;
    struct checker_edge *edge = edge_of(channel);
    if (broken)
        role_event(&checker->hub, WIRE_LEVEL_ERROR, 0, "event=edge-broke-the-wire edge=%u",
                   edge->index);
    loop_defer(checker->loop, &edge->lost);
}

static void forget_edge(void *context)
{
    struct checker_edge *edge = context;
    logins_abandon_edge(edge->checker->logins, edge->index);
}

static void send_tickets(struct checker *checker, struct channel *channel)
{
    struct wire_ticket_keys keys = {.keys = ticket_source_keys(&checker->tickets)};
    channel_send(channel, WIRE_TICKET_KEYS, &keys, -1);
}

static void on_rotated(void *context)
{
    struct checker *checker = context;
    for (size_t i = 0; i < CHECKER_EDGES_MAX; i++)
        if (checker->edges[i])
            send_tickets(checker, &checker->edges[i]->channel);
}

static struct checker_edge *edge_at(struct checker *checker, unsigned index)
{
    if (index >= CHECKER_EDGES_MAX)
        return NULL;
    struct checker_edge *edge = checker->edges[index];
    if (edge)
        return edge;
    edge = calloc(1, sizeof *edge);
    if (!edge)
        return NULL;
    edge->checker = checker;
    edge->index = index;
    edge->lost = (struct deferred){.run = forget_edge, .context = edge};
    checker->edges[index] = edge;
    return edge;
}

static void attach_edge(struct checker *checker, unsigned index, int fd)
{
    struct checker_edge *edge = edge_at(checker, index);
    if (!edge) {
        close_fd(&fd);
        return;
    }
    channel_close(&edge->channel);
    loop_defer_cancel(checker->loop, &edge->lost);
    forget_edge(edge);
    if (channel_open(&edge->channel, checker->loop, fd, ROLE_EDGE, index, &checker->edge_owner) < 0)
        close_fd(&fd);
    else
        send_tickets(checker, &edge->channel);
}

/* --- what the logins need --- */

static void send_answer(void *context, unsigned edge, const struct wire_sasl_answer *answer)
{
    struct checker *checker = context;
    if (checker->edges[edge])
        channel_send(&checker->edges[edge]->channel, WIRE_SASL_ANSWER, answer, -1);
}

static bool send_question(void *context, const struct wire_account_question *question)
{
    struct checker *checker = context;
    return channel_send(&checker->hub, WIRE_ACCOUNT_QUESTION, question, -1);
}

static void on_unreadable(void *context, struct slice account)
{
    struct checker *checker = context;
    char storage[600];
    struct text name = text_over(storage, sizeof storage);
    text_append_escaped(&name, account, 128);
    role_event(&checker->hub, WIRE_LEVEL_ERROR, 0,
               "event=verifier-not-readable account=\"%.*s\" note=\"sealed under another "
               "key-encryption key or damaged\"",
               SLICE_ARG(text_slice(&name)));
}

/* --- lifecycle --- */

static int begin_parts(struct checker *checker, unsigned threads, int *zygote_fd)
{
    const struct logins_owner owner = {.answer = send_answer,
                                       .question = send_question,
                                       .unreadable = on_unreadable,
                                       .context = checker};
    int result = worker_pool_new(checker->loop, threads, CHECKER_QUEUE_MAX, &checker->pool);
    if (result < 0)
        return result;
    checker->importer = importer_new(checker->loop, fd_take(zygote_fd), on_zygote_lost, checker);
    checker->logins = logins_new(checker->loop, checker->kek, checker->pool, &owner);
    if (!checker->importer || !checker->logins)
        return -ENOMEM;
    ticket_source_begin(&checker->tickets, checker->loop, on_rotated, checker);
    return 0;
}

int checker_begin(struct checker *checker, struct loop *loop, const struct kek *kek,
                  unsigned threads, int zygote_fd)
{
    *checker = (struct checker){.loop = loop, .kek = kek};
    checker->hub_owner = (struct channel_owner){
        .message = on_hub_message, .closed = on_hub_closed, .context = checker};
    checker->edge_owner = (struct channel_owner){
        .message = on_edge_message, .closed = on_edge_closed, .context = checker};
    checker->hub_lost = (struct deferred){.run = forget_hub, .context = checker};
    int result = begin_parts(checker, threads, &zygote_fd);
    close_fd(&zygote_fd);
    if (result < 0)
        checker_end(checker);
    return result;
}

void checker_attach(struct checker *checker, enum wire_role peer, unsigned index, int fd)
{
    if (peer == ROLE_HUB)
        attach_hub(checker, index, fd);
    else if (peer == ROLE_EDGE)
        attach_edge(checker, index, fd);
    else
        close_fd(&fd);
}

void checker_end(struct checker *checker)
{
    worker_pool_free(checker->pool); /* first: its answers still find everything */
    importer_free(checker->importer, free);
    for (size_t i = 0; i < CHECKER_EDGES_MAX; i++) {
        struct checker_edge *edge = checker->edges[i];
        if (!edge)
            continue;
        channel_close(&edge->channel);
        loop_defer_cancel(checker->loop, &edge->lost);
        free(edge);
    }
    channel_close(&checker->hub);
    loop_defer_cancel(checker->loop, &checker->hub_lost);
    logins_free(checker->logins);
    ticket_source_end(&checker->tickets);
}
