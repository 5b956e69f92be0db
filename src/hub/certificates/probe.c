/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/certificates/probe.h"

#include "base/hex.h"
#include "hub/transport/any_courier.h"

#include <stdlib.h>
#include <string.h>

enum {
    WHOLE_WITHIN_MS = 3000,
    ANSWER_WITHIN_MS = 2500, /* a courier that says nothing is given up */
    SETTLE_MS = 500,         /* how long a listener may take to be there */
    AGAIN_MS = 20,
    LINE_MAX_BYTES = 800,
    WARNINGS_MAX = 8,
};

struct probing {
    struct probing *next;
    struct hub *hub;
    struct probe_plan *plan;
    size_t at;       /* the row that is asked for */
    uint64_t number; /* of the question on its way; 0: none */
    uint64_t began_ms;
    struct watch timer; /* the next try, or the end of waiting for an answer */
    probe_done_fn *done;
    void *context;
};

static struct probe_row *row_of(const struct probing *probing)
{
    return &probing->plan->rows[probing->at];
}

static uint64_t elapsed_ms(const struct probing *probing)
{
    return loop_now_ms(probing->hub->role.loop) - probing->began_ms;
}

/* --- the end --- */

static bool append_thumbprint(struct text *text, struct slice thumbprint)
{
    return thumbprint.len ? hex_append_upper(text, thumbprint) : text_append_c(text, "nothing");
}

static void append_difference(struct text *text, const struct probe_row *row)
{
    text_append(text, row->connector);
    text_append_c(text, " at ");
    ip_endpoint_append(text, row->dialed);
    text_append_c(text, " (");
    probe_row_append_question(row, text);
    text_append_c(text, ") shows ");
    append_thumbprint(text, row->seen);
    text_append_c(text, " and not ");
    append_thumbprint(text, row->expected);
    if (row->words.len)
        text_append_format(text, ": %.*s", SLICE_ARG(row->words));
}

typedef void difference_fn(void *context, struct slice difference);

/* The first few, a line each. */
static void for_differences(const struct probe_plan *plan, difference_fn *say, void *context)
{
    for (size_t i = 0, said = 0; i < plan->count && said < WARNINGS_MAX; i++) {
        if (plan->rows[i].verdict != PROBE_DIFFERS)
            continue;
        char storage[LINE_MAX_BYTES];
        struct text line = text_over(storage, sizeof storage);
        append_difference(&line, &plan->rows[i]);
        say(context, text_slice(&line));
        said++;
    }
}

struct outcome {
    size_t as_expected, differ, not_seen;
};

static struct outcome count_rows(const struct probe_plan *plan)
{
    struct outcome outcome = {0};
    for (size_t i = 0; i < plan->count; i++) {
        enum probe_verdict verdict = plan->rows[i].verdict;
        outcome.as_expected += verdict == PROBE_AS_EXPECTED;
        outcome.differ += verdict == PROBE_DIFFERS;
        outcome.not_seen += verdict == PROBE_NOT_SEEN || verdict == PROBE_NOT_TRIED;
    }
    return outcome;
}

static void write_event(void *context, struct slice difference)
{
    (void)context;
    role_event(NULL, WIRE_LEVEL_ERROR, 0, "event=seen-from-outside hub: %.*s",
               SLICE_ARG(difference));
}

static void write_events(const struct probe_plan *plan)
{
    for_differences(plan, write_event, NULL);
    struct outcome outcome = count_rows(plan);
    role_event(NULL, outcome.differ ? WIRE_LEVEL_ERROR : WIRE_LEVEL_INFORMATION, 0,
               "event=seen-from-outside listeners=%zu as-expected=%zu different=%zu not-seen=%zu",
               plan->listener_count, outcome.as_expected, outcome.differ, outcome.not_seen);
}

static struct probing **link_of(struct hub *hub, const struct probing *probing)
{
    struct probing **link = &hub->probings;
    while (*link != probing)
        link = &(*link)->next;
    return link;
}

static void probing_free(struct probing *probing)
{
    timer_stop(&probing->timer);
    *link_of(probing->hub, probing) = probing->next;
    probe_plan_free(probing->plan);
    free(probing);
}

static void finish(struct probing *probing)
{
    if (probing->plan->count && !probing->plan->only_connects)
        write_events(probing->plan);
    probing->done(probing->context, probing->plan);
    probing_free(probing);
}

/* --- one row after the other --- */

static const struct binding *binding_at(const struct hub *hub, struct ip_endpoint listener)
{
    for (size_t i = 0; i < hub->binding_count; i++)
        if (ip_endpoint_equal(hub->bindings[i].endpoint, listener))
            return &hub->bindings[i];
    return NULL;
}

static bool ask(struct probing *probing)
{
    const struct probe_row *row = row_of(probing);
    struct hub *hub = probing->hub;
    struct peer *courier = any_courier(hub);
    const struct server *server = model_server(hub->model);
    if (!courier)
        return false;
    probing->number = ++hub->next_request;
    struct wire_probe question = {.probe = probing->number,
                                  .address = row->dialed.address,
                                  .port = row->dialed.port,
                                  .implicit_tls = row->implicit_tls,
                                  .proxy = row->proxy,
                                  .version = row->version,
                                  .verifies = row->verifies,
                                  .server_name = row->server_name,
                                  .client_domain = server ? server->fqdn : SLICE("localhost")};
    timer_set(&probing->timer, ANSWER_WITHIN_MS);
    return channel_send(&courier->channel, WIRE_PROBE, &question, -1);
}

static void next_row(struct probing *probing);

static void not_seen(struct probing *probing, struct slice words)
{
    struct wire_probed nothing = {.outcome = WIRE_PROBE_UNREACHABLE, .text = words};
    probe_row_answered(probing->plan, row_of(probing), &nothing);
    probing->number = 0;
    probing->at++;
    next_row(probing);
}

/* A listener that waits for its address is not dialed: the address may be another machine's. */
static void next_row(struct probing *probing)
{
    if (probing->at == probing->plan->count || elapsed_ms(probing) > WHOLE_WITHIN_MS) {
        finish(probing);
        return;
    }
    const struct binding *binding = binding_at(probing->hub, row_of(probing)->binding);
    if (!binding && elapsed_ms(probing) < SETTLE_MS)
        timer_set(&probing->timer, AGAIN_MS);
    else if (!binding)
        not_seen(probing, SLICE("nothing listens there yet"));
    else if (binding->error)
        not_seen(probing, slice_of(strerror(binding->error)));
    else if (!ask(probing))
        not_seen(probing, SLICE("there is no courier to look"));
}

static void on_timer(void *context, unsigned events)
{
    struct probing *probing = context;
    (void)events;
    if (probing->number)
        not_seen(probing, SLICE("the courier does not answer"));
    else
        next_row(probing);
}

void probe_answered(struct hub *hub, const struct wire_probed *probed)
{
    struct probing *probing = hub->probings;
    while (probing && probing->number != probed->probe)
        probing = probing->next;
    if (!probing)
        return;
    timer_stop(&probing->timer);
    probing->number = 0;
    if (probed->outcome == WIRE_PROBE_UNREACHABLE && elapsed_ms(probing) < SETTLE_MS) {
        timer_set(&probing->timer, AGAIN_MS); /* it may be on its way */
        return;
    }
    probe_row_answered(probing->plan, row_of(probing), probed);
    probing->at++;
    next_row(probing);
}

void probe_run(struct hub *hub, struct probe_plan *plan_take, probe_done_fn *done, void *context)
{
    struct probing *probing = calloc(1, sizeof *probing);
    if (!probing) /* a hub without memory for this is better started again */
        abort();
    *probing = (struct probing){.next = hub->probings,
                                .hub = hub,
                                .plan = plan_take,
                                .began_ms = loop_now_ms(hub->role.loop),
                                .done = done,
                                .context = context};
    hub->probings = probing;
    timer_init(&probing->timer, hub->role.loop, on_timer, probing);
    timer_set(&probing->timer, 0); /* from the loop in any case */
}

void probings_end(struct hub *hub)
{
    while (hub->probings)
        probing_free(hub->probings);
}

/* --- in the reply to a change --- */

static void inform_not_seen(struct call *call, const struct probe_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct probe_row *row = &plan->rows[i];
        if (row->verdict != PROBE_NOT_SEEN && row->verdict != PROBE_NOT_TRIED)
            continue;
        char storage[96];
        struct text where = text_over(storage, sizeof storage);
        ip_endpoint_append(&where, row->dialed);
        call_inform(call, "%.*s: not seen from outside: %.*s", SLICE_ARG(text_slice(&where)),
                    SLICE_ARG(row->words.len ? row->words : SLICE("there was no time left")));
        return;
    }
}

static void warn(void *context, struct slice difference)
{
    call_warn(context, "seen from outside, %.*s", SLICE_ARG(difference));
}

void probe_inform(struct call *call, const struct probe_plan *plan)
{
    struct outcome outcome = count_rows(plan);
    for_differences(plan, warn, call);
    if (outcome.as_expected)
        call_inform(call, "seen from outside: %zu handshake%s as it should be%s",
                    outcome.as_expected, outcome.as_expected == 1 ? "," : "s, each",
                    plan->more ? "; there is more" : "");
    inform_not_seen(call, plan);
    if (plan->out_of_it)
        call_inform(call,
                    "not seen from outside where RemoteIPRanges hold no address of this machine");
}
