/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/certificates/judgement.h"

#include "base/hex.h"
#include "hub/certificates/intake.h"
#include "hub/configuration/change.h"
#include "hub/vault_link.h"

#include <stdlib.h>
#include <string.h>

enum { ROOTS_BYTES_MAX = 32, SUBJECT_SHOWN = 240, LINE_MAX_BYTES = 1000 };

struct judgement {
    struct hub *hub;
    struct object_id *ids; /* whom it is about, as they were when it began */
    size_t count, next;
    char roots[ROOTS_BYTES_MAX]; /* of this vault; known behind the first answer */
    size_t roots_len;
    struct model *verdicts; /* what was read of those that are judged otherwise now */
    uint32_t *was;          /* Status of each until now */
    bool others;            /* a certificate was judged by other roots than these */
};

static struct slice roots_of(const struct judgement *judgement)
{
    return (struct slice){judgement->roots, judgement->roots_len};
}

static void end(struct judgement *judgement)
{
    judgement->hub->judgement = NULL;
    model_free(judgement->verdicts);
    free(judgement->was);
    free(judgement->ids);
    free(judgement);
}

/* --- what has changed --- */

static bool is_judged_alike(const struct certificate *a, const struct certificate *b)
{
    return a->status == b->status && a->root_ca_type == b->root_ca_type &&
           a->findings == b->findings && slice_equal(a->missing_issuer_der, b->missing_issuer_der);
}

static void say(uint32_t was, const struct certificate *new)
{
    char storage[LINE_MAX_BYTES];
    struct text line = text_over(storage, sizeof(storage));
    bool worse = new->status != STATUS_VALID;
    text_append_c(&line, "event=12112 the roots have changed: Status of the certificate \"");
    append_clean(&line, slice_first(new->subject, SUBJECT_SHOWN));
    text_append_c(&line, "\" thumbprint=");
    hex_append_upper(&line, new->thumbprint);
    text_append_format(&line, " was %s and is %s", certificate_status_word(was),
                       certificate_status_word(new->status));
    if (worse)
        text_append_c(&line, "; Get-ExchangeCertificate shows Findings and MissingIssuer, and "
                             "posternd --trust names roots of your own");
    role_event(NULL, worse ? WIRE_LEVEL_WARNING : WIRE_LEVEL_INFORMATION, 12112, "%.*s",
               SLICE_ARG(text_slice(&line)));
}

/* --- the change --- */

static bool take(struct certificate *certificate, const struct certificate *verdict,
                 struct arena *arena)
{
    certificate->status = verdict->status;
    certificate->root_ca_type = verdict->root_ca_type;
    certificate->findings = verdict->findings;
    return arena_copy(arena, verdict->missing_issuer, &certificate->missing_issuer) &&
           arena_copy(arena, verdict->missing_issuer_der, &certificate->missing_issuer_der) &&
           arena_copy(arena, verdict->judged_by, &certificate->judged_by);
}

/* The certificate of the draft that a verdict is about; NULL: it is gone, or has got another chain
 * meanwhile, which was judged then. */
static struct certificate *find(const struct model *draft, const struct certificate *verdict)
{
    struct certificate *found = model_by_id(draft, MODEL_CERTIFICATE, verdict->id);
    bool same = found && slice_equal(found->thumbprint, verdict->thumbprint) &&
                found->chain.count == verdict->chain.count;
    return same ? found : NULL;
}

static bool edit(const struct judgement *judgement, struct change *change)
{
    struct model *draft = change_draft(change);
    struct server *server = model_server(draft);
    bool good = server && arena_copy(draft->arena, roots_of(judgement), &server->judged_by) &&
                change_put(change, MODEL_SERVER, server);
    for (size_t i = 0; good && i < model_count(judgement->verdicts, MODEL_CERTIFICATE); i++) {
        const struct certificate *verdict = model_certificate(judgement->verdicts, i);
        struct certificate *certificate = find(draft, verdict);
        good = !certificate || (take(certificate, verdict, draft->arena) &&
                                change_put(change, MODEL_CERTIFICATE, certificate));
    }
    return good;
}

static void on_done(void *context, const struct change_receipt *receipt)
{
    struct judgement *judgement = context;
    if (receipt->outcome != CHANGE_DONE)
        role_event(NULL, WIRE_LEVEL_WARNING, 0,
                   "hub: the chains of certificates were judged by new roots, and that cannot be "
                   "stored (%.*s): it is tried again at the next start",
                   SLICE_ARG(receipt->error));
    for (size_t i = 0;
         receipt->outcome == CHANGE_DONE && i < model_count(judgement->verdicts, MODEL_CERTIFICATE);
         i++) {
        const struct certificate *verdict = model_certificate(judgement->verdicts, i);
        if (judgement->was[i] != verdict->status)
            say(judgement->was[i], verdict);
    }
    end(judgement);
}

static void conclude(void *context)
{
    struct judgement *judgement = context;
    struct change *change =
        change_begin(judgement->hub, SLICE("posternd"), SLICE("the roots have changed"));
    if (!change) {
        change_when_free(judgement->hub, conclude, judgement);
    } else if (edit(judgement, change)) {
        change_commit(change, on_done, judgement);
    } else {
        change_abandon(change);
        end(judgement);
    }
}

/* --- asking --- */

static void ask_next(struct judgement *judgement);

static bool keep_verdict(struct judgement *judgement, const struct certificate *here,
                         struct slice record)
{
    size_t number = model_count(judgement->verdicts, MODEL_CERTIFICATE);
    struct certificate *verdict =
        model_object_decode(judgement->verdicts, MODEL_CERTIFICATE, record);
    judgement->was[number] = here->status;
    return verdict && model_add(judgement->verdicts, MODEL_CERTIFICATE, verdict);
}

/* False: nothing is left to be done. */
static bool note(struct judgement *judgement, const struct certificate *read, struct slice record)
{
    const struct model *model = judgement->hub->model;
    const struct certificate *here = find(model, read);
    if (!judgement->roots_len) {
        judgement->roots_len = read->judged_by.len;
        memcpy(judgement->roots, read->judged_by.at, read->judged_by.len);
        const struct server *server = model_server(model);
        if (!server || slice_equal(server->judged_by, roots_of(judgement)))
            return false;
    }
    if (!here)
        return true;
    judgement->others = judgement->others || !slice_equal(here->judged_by, roots_of(judgement));
    return is_judged_alike(here, read) || keep_verdict(judgement, here, record);
}

static void on_read(void *context, const struct wire_certificate_read *answer)
{
    struct judgement *judgement = context;
    struct model *model = answer ? model_new() : NULL;
    const struct certificate *read =
        model && answer->outcome == 0
            ? model_object_decode(model, MODEL_CERTIFICATE, answer->certificate)
            : NULL;
    bool legible = read && read->judged_by.len > 0 && read->judged_by.len <= ROOTS_BYTES_MAX;
    bool go_on = model && (!legible || note(judgement, read, answer->certificate));
    model_free(model);
    if (go_on)
        ask_next(judgement);
    else
        end(judgement);
}

/* Those that were made here, and requests, were never judged by roots. */
static const struct certificate *next_of(struct judgement *judgement)
{
    while (judgement->next < judgement->count) {
        const struct certificate *certificate = model_by_id(
            judgement->hub->model, MODEL_CERTIFICATE, judgement->ids[judgement->next++]);
        if (certificate && certificate->judged_by.len &&
            !(judgement->roots_len && slice_equal(certificate->judged_by, roots_of(judgement))))
            return certificate;
    }
    return NULL;
}

static void ask_next(struct judgement *judgement)
{
    const struct certificate *certificate = next_of(judgement);
    if (!certificate && judgement->others) {
        conclude(judgement);
        return;
    }
    struct text pem = text_with_ceiling(WIRE_FILE_MAX);
    if (certificate && certificate_append_pem(&pem, certificate)) {
        struct wire_certificate_import import = {
            .id = slice_bytes(certificate->id.bytes, sizeof(certificate->id.bytes)),
            .file = text_slice(&pem)};
        vault_import_certificate(judgement->hub, import, on_read, judgement);
    } else {
        end(judgement);
    }
    text_deinit(&pem);
}

/* --- begin and end --- */

static bool list(struct judgement *judgement)
{
    const struct model *model = judgement->hub->model;
    judgement->count = model_count(model, MODEL_CERTIFICATE);
    judgement->ids = calloc(judgement->count + 1, sizeof *judgement->ids);
    judgement->was = calloc(judgement->count + 1, sizeof *judgement->was);
    judgement->verdicts = model_new();
    for (size_t i = 0; judgement->ids && i < judgement->count; i++)
        judgement->ids[i] = model_certificate(model, i)->id;
    return judgement->ids && judgement->was && judgement->verdicts;
}

void certificate_judgement_begin(struct hub *hub)
{
    if (hub->judgement) /* what the last vault said is being stored */
        return;
    struct judgement *judgement = calloc(1, sizeof *judgement);
    if (!judgement)
        return;
    judgement->hub = hub;
    hub->judgement = judgement;
    if (list(judgement))
        ask_next(judgement);
    else
        end(judgement);
}

void certificate_judgement_end(struct hub *hub)
{
    if (hub->judgement)
        end(hub->judgement);
}
