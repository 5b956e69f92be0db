/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/certificates/responders.h"

#include "base/hex.h"
#include "base/pem.h"
#include "hub/certificates/intake.h"
#include "hub/certificates/responder_patience.h"
#include "hub/certificates/response.h"
#include "hub/configuration/change.h"
#include "hub/handlers/object.h"
#include "hub/transport/any_courier.h"
#include "hub/vault_link.h"
#include "model/certificate_staple.h"
#include "os/clock.h"

#include <errno.h>
#include <stdlib.h>

enum {
    SOON_MS = 1000,
    LOOK_WITHIN_MS = 3600 * 1000,  /* the clock on the wall may be set meanwhile */
    ANSWER_WITHIN_MS = 100 * 1000, /* a courier that says nothing is given up */
    ROUND_MAX = 32,                /* certificates that one change is about */
    SUBJECT_SHOWN = 240,
    LINE_MAX_BYTES = 1000,
};

struct responders {
    struct hub *hub;
    struct watch timer;     /* the next look, or the end of waiting for an answer */
    uint64_t number;        /* of the question on its way; 0: none */
    struct object_id asked; /* the certificate it is about */
    bool busy;              /* a round is under way */
    size_t turns;           /* certificates asked about in it */
    struct model *fresh;    /* what was read in it */
    enum ocsp_fetching fetching;
    struct responder_patience patience;
};

static uint64_t now_ms(const struct responders *responders)
{
    return loop_now_ms(responders->hub->role.loop);
}

static void rest(struct responders *responders, uint64_t wait_ms)
{
    model_free(responders->fresh);
    responders->fresh = NULL;
    responders->busy = false;
    timer_set(&responders->timer, wait_ms);
}

/* --- words --- */

static void say(const struct certificate *certificate, enum wire_level level, const char *front,
                struct slice end)
{
    char storage[LINE_MAX_BYTES];
    struct text line = text_over(storage, sizeof storage);
    text_append_c(&line, front);
    text_append_c(&line, "the OCSP response of \"");
    append_clean(&line, slice_first(certificate->subject, SUBJECT_SHOWN));
    text_append_c(&line, "\" thumbprint=");
    hex_append_upper(&line, certificate->thumbprint);
    text_append(&line, end);
    role_event(NULL, level, level == WIRE_LEVEL_WARNING ? 12113 : 0, "%.*s",
               SLICE_ARG(text_slice(&line)));
}

static void note_failure(struct responders *responders, struct slice why)
{
    const struct certificate *certificate =
        model_by_id(responders->hub->model, MODEL_CERTIFICATE, responders->asked);
    char storage[LINE_MAX_BYTES];
    struct text end = text_over(storage, sizeof storage);
    if (!patience_failed(&responders->patience, responders->asked, now_ms(responders)) ||
        !certificate)
        return;
    text_append_c(&end, " cannot be fetched from ");
    append_clean(&end, slice_first(certificate->ocsp_responder, SUBJECT_SHOWN));
    text_append_c(&end, ": ");
    append_clean(&end, why);
    text_append_c(&end, "; it is asked again. Set-TransportService -OcspFetching says which "
                        "responders are");
    say(certificate, WIRE_LEVEL_WARNING, "event=12113 ", text_slice(&end));
}

static void note_answer(struct responders *responders, const struct certificate *read)
{
    int64_t life_ms = read->ocsp_next_update_ms - read->ocsp_this_update_ms;
    if (patience_answered(&responders->patience, responders->asked, life_ms, now_ms(responders)))
        say(read, WIRE_LEVEL_INFORMATION, "resolved=12113 ", SLICE(" was fetched"));
}

/* --- the change --- */

static void look(struct responders *responders);

/* The certificate of the draft that a response is about, when that is news; else NULL. */
static struct certificate *find(const struct model *draft, const struct certificate *read)
{
    struct certificate *found = model_by_id(draft, MODEL_CERTIFICATE, read->id);
    bool news = found && slice_equal(found->thumbprint, read->thumbprint) &&
                certificate_response_compare(found, read) == RESPONSE_NEWER;
    return news ? found : NULL;
}

static bool take(struct certificate *certificate, const struct certificate *read,
                 struct arena *arena)
{
    certificate_response_take(certificate, read);
    return arena_copy(arena, read->ocsp_response, &certificate->ocsp_response) &&
           arena_copy(arena, read->revocation_reason, &certificate->revocation_reason);
}

static bool edit(const struct responders *responders, struct change *change)
{
    struct model *draft = change_draft(change);
    size_t news = 0;
    for (size_t i = 0; i < model_count(responders->fresh, MODEL_CERTIFICATE); i++) {
        const struct certificate *read = model_certificate(responders->fresh, i);
        struct certificate *certificate = find(draft, read);
        if (!certificate)
            continue;
        if (!take(certificate, read, draft->arena) ||
            !change_put(change, MODEL_CERTIFICATE, certificate))
            return false;
        news++;
    }
    return news > 0;
}

static void on_done(void *context, const struct change_receipt *receipt)
{
    struct responders *responders = context;
    if (receipt->outcome != CHANGE_DONE)
        role_event(NULL, WIRE_LEVEL_WARNING, 0,
                   "hub: OCSP responses were fetched, and cannot be stored (%.*s)",
                   SLICE_ARG(receipt->error));
    rest(responders, SOON_MS);
}

static void conclude(void *context)
{
    struct responders *responders = context;
    struct change *change =
        change_begin(responders->hub, SLICE("posternd"), SLICE("OCSP responses were fetched"));
    if (!change) {
        change_when_free(responders->hub, conclude, responders);
    } else if (edit(responders, change)) {
        change_commit(change, on_done, responders);
    } else {
        change_abandon(change);
        rest(responders, SOON_MS);
    }
}

/* --- asking --- */

static void ask_next(struct responders *responders);

static bool keep(struct responders *responders, struct slice record)
{
    struct certificate *fresh = model_object_decode(responders->fresh, MODEL_CERTIFICATE, record);
    return fresh && model_add(responders->fresh, MODEL_CERTIFICATE, fresh);
}

static void on_read(void *context, const struct wire_certificate_read *answer)
{
    struct responders *responders = context;
    struct model *model = answer ? model_new() : NULL;
    const struct certificate *read =
        model && answer->outcome == 0
            ? model_object_decode(model, MODEL_CERTIFICATE, answer->certificate)
            : NULL;
    if (read && find(responders->hub->model, read) && !keep(responders, answer->certificate))
        read = NULL;
    if (read)
        note_answer(responders, read);
    else if (model)
        note_failure(responders, answer->error);
    model_free(model);
    if (answer)
        ask_next(responders);
    else /* the vault is not there */
        rest(responders, PATIENCE_FAILED_MS);
}

/* The vault reads the certificate once more, with the response behind it. */
static void judge(struct responders *responders, const struct certificate *certificate,
                  struct slice response)
{
    struct text pem = text_with_ceiling(WIRE_FILE_MAX);
    if (certificate_append_pem(&pem, certificate) && pem_append(&pem, "OCSP RESPONSE", response)) {
        struct wire_certificate_import import = {
            .id = slice_bytes(certificate->id.bytes, sizeof certificate->id.bytes),
            .file = text_slice(&pem)};
        vault_import_certificate(responders->hub, import, on_read, responders);
    } else {
        rest(responders, PATIENCE_FAILED_MS);
    }
    text_deinit(&pem);
}

void responders_answered(struct hub *hub, const struct wire_ocsp_answer *answer)
{
    struct responders *responders = hub->responders;
    if (!responders->number || responders->number != answer->request)
        return;
    responders->number = 0;
    timer_stop(&responders->timer);
    const struct certificate *certificate =
        model_by_id(hub->model, MODEL_CERTIFICATE, responders->asked);
    if (certificate && answer->response.len) {
        judge(responders, certificate, answer->response);
    } else {
        note_failure(responders, answer->why);
        ask_next(responders);
    }
}

static void ask(struct responders *responders, const struct certificate *certificate)
{
    struct hub *hub = responders->hub;
    struct peer *courier = any_courier(hub);
    struct wire_ocsp_question question = {.request = ++hub->next_request,
                                          .public_only =
                                              responders->fetching == OCSP_FETCHING_PUBLIC,
                                          .responder = certificate->ocsp_responder,
                                          .certificate = certificate->der,
                                          .issuer = certificate->chain.at[0]};
    responders->asked = certificate->id;
    responders->turns++;
    if (!courier || !channel_send(&courier->channel, WIRE_OCSP_QUESTION, &question, -1)) {
        rest(responders, PATIENCE_FAILED_MS);
        return;
    }
    responders->number = question.request;
    timer_set(&responders->timer, ANSWER_WITHIN_MS);
}

/* How long until this one may be asked about: 0, now; LOOK_WITHIN_MS, not before the next look. */
static uint64_t wait_for(const struct responders *responders, const struct certificate *certificate,
                         int64_t wall_ms)
{
    int64_t due_ms;
    if (!certificate_response_due(certificate, wall_ms, &due_ms))
        return LOOK_WITHIN_MS;
    uint64_t now = now_ms(responders),
             until = patience_until(&responders->patience, certificate->id);
    uint64_t wait_ms = until > now ? until - now : 0;
    if (due_ms > wall_ms && (uint64_t)(due_ms - wall_ms) > wait_ms)
        wait_ms = (uint64_t)(due_ms - wall_ms);
    return wait_ms < LOOK_WITHIN_MS ? wait_ms : LOOK_WITHIN_MS;
}

/* NULL: nobody is to be asked for so long. */
static const struct certificate *next_due(const struct responders *responders,
                                          uint64_t *out_wait_ms)
{
    const struct model *model = responders->hub->model;
    int64_t wall_ms = clock_wall_ms();
    *out_wait_ms = LOOK_WITHIN_MS;
    if (responders->fetching == OCSP_FETCHING_NONE)
        return NULL;
    for (size_t i = 0; i < model_count(model, MODEL_CERTIFICATE); i++) {
        uint64_t wait_ms = wait_for(responders, model_certificate(model, i), wall_ms);
        if (!wait_ms)
            return model_certificate(model, i);
        if (wait_ms < *out_wait_ms)
            *out_wait_ms = wait_ms;
    }
    return NULL;
}

static void ask_next(struct responders *responders)
{
    uint64_t wait_ms = SOON_MS;
    const struct certificate *certificate =
        responders->turns < ROUND_MAX ? next_due(responders, &wait_ms) : NULL;
    if (certificate)
        ask(responders, certificate);
    else if (model_count(responders->fresh, MODEL_CERTIFICATE))
        conclude(responders);
    else
        rest(responders, wait_ms);
}

/* --- looking --- */

/* Whoever says anew which responders are asked wants to see it. */
static void look(struct responders *responders)
{
    enum ocsp_fetching fetching = transport_service_ocsp_fetching(responders->hub->model);
    if (fetching != responders->fetching)
        patience_pardon(&responders->patience);
    responders->fetching = fetching;
    responders->fresh = model_new();
    responders->turns = 0;
    responders->busy = true;
    if (responders->fresh)
        ask_next(responders);
    else
        rest(responders, LOOK_WITHIN_MS);
}

static void on_timer(void *context, unsigned events)
{
    struct responders *responders = context;
    (void)events;
    if (!responders->busy) {
        look(responders);
        return;
    }
    responders->number = 0;
    note_failure(responders, SLICE("the courier does not answer"));
    ask_next(responders);
}

void responders_soon(struct hub *hub)
{
    if (hub->ready && !hub->responders->busy)
        timer_set(&hub->responders->timer, SOON_MS);
}

/* --- life --- */

int responders_begin(struct hub *hub)
{
    hub->responders = calloc(1, sizeof *hub->responders);
    if (!hub->responders)
        return -ENOMEM;
    hub->responders->hub = hub;
    timer_init(&hub->responders->timer, hub->role.loop, on_timer, hub->responders);
    return 0;
}

void responders_end(struct hub *hub)
{
    if (!hub->responders)
        return;
    timer_stop(&hub->responders->timer);
    model_free(hub->responders->fresh);
    free(hub->responders);
    hub->responders = NULL;
}
