/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/certificates/presentation.h"

#include "base/calendar.h"
#include "base/hex.h"
#include "hub/certificates/comparison.h"
#include "hub/handlers/object.h"
#include "os/clock.h"

#include <stdlib.h>

enum { LINE_MAX_BYTES = 900, SUBJECT_SHOWN = 200, THUMBPRINT_HEAD = 8, THUMBPRINT_TAIL = 4 };

const struct certificate_index *presentation_index(struct hub *hub)
{
    if (!hub->certificates)
        hub->certificates = certificate_index_new(hub->model);
    return hub->certificates;
}

void presentation_forget(struct hub *hub)
{
    certificate_index_free(hub->certificates);
    hub->certificates = NULL;
}

struct certificate_choice presentation_now(const struct call *call, const struct model *model,
                                           const struct receive_connector *connector)
{
    struct certificate_question question = {.model = model,
                                            .index = call->certificates,
                                            .connector = connector,
                                            .at_ms = clock_wall_ms()};
    struct certificate_choice choice = {0};
    certificate_choose(&question, &choice);
    return choice;
}

static void append_short_thumbprint(struct text *text, struct slice thumbprint)
{
    char storage[48];
    struct text digits = text_over(storage, sizeof(storage));
    hex_append_upper(&digits, thumbprint);
    struct slice all = text_slice(&digits);
    text_append(text, slice_first(all, THUMBPRINT_HEAD));
    text_append_c(text, "...");
    if (all.len > THUMBPRINT_TAIL)
        text_append(text, slice_after(all, all.len - THUMBPRINT_TAIL));
}

static void append_date(struct text *text, int64_t at_ms)
{
    struct calendar_time at = calendar_from_ms(at_ms, 0);
    text_append_format(text, "%04d-%02d-%02d", at.year, at.month, at.day);
}

void presentation_append(struct text *text, const struct certificate_choice *choice)
{
    const struct certificate *certificate = choice->certificate;
    if (!certificate) {
        text_append_c(text, "nothing");
        return;
    }
    append_clean(text, slice_first(certificate_title(certificate), SUBJECT_SHOWN));
    text_append_c(text, " (");
    append_short_thumbprint(text, certificate->thumbprint);
    text_append_c(text, certificate->self_signed ? ", self-signed" : "");
    text_append_c(text, choice->expired ? ", EXPIRED " : ", until ");
    append_date(text, certificate->not_after_ms);
    text_append_c(text, ")");
}

bool presentation_same(const struct certificate_choice *a, const struct certificate_choice *b)
{
    if (!a->certificate || !b->certificate)
        return a->certificate == b->certificate;
    return slice_equal(a->certificate->thumbprint, b->certificate->thumbprint);
}

static struct certificate_choice choice_by_id(const struct call *call, const struct model *model,
                                              struct object_id id)
{
    const struct receive_connector *connector = model_by_id(model, MODEL_RECEIVE_CONNECTOR, id);
    return connector ? presentation_now(call, model, connector) : (struct certificate_choice){0};
}

static void report(struct call *call, const struct receive_connector *connector,
                   const struct certificate_choice *before, const struct certificate_choice *after)
{
    char storage[LINE_MAX_BYTES];
    struct text line = text_over(storage, sizeof(storage));
    const char *verb = operation_is_dry(call) ? "would present" : "presents";
    text_append(&line, connector->identity);
    text_append_format(&line, " %s ", verb);
    presentation_append(&line, after);
    text_append_c(&line, presentation_same(before, after) ? ", as before" : "; before: ");
    if (!presentation_same(before, after))
        presentation_append(&line, before);
    call_inform(call, "%.*s", SLICE_ARG(text_slice(&line)));
    if (!after->certificate && certificate_offers_tls(connector))
        call_warn(call, "%.*s: no certificate fits, so TLS %s not offered (event 12014)",
                  SLICE_ARG(connector->identity), operation_is_dry(call) ? "would be" : "is");
    else if (after->named_missing)
        call_warn(call,
                  "%.*s: no certificate matches TlsCertificateName now; the best one for its "
                  "Fqdn %s (event 12014)",
                  SLICE_ARG(connector->identity),
                  operation_is_dry(call) ? "would be presented" : "is presented");
}

size_t presentation_report(struct call *call, const struct model *before, const struct model *after)
{
    size_t changed = 0;
    struct comparison comparison;
    struct compared row;
    comparison_begin(&comparison, before, after);
    while (comparison_next(&comparison, &row)) {
        if (!row.connector->enabled || presentation_same(&row.earlier_choice, &row.choice))
            continue;
        report(call, row.connector, &row.earlier_choice, &row.choice);
        changed++;
    }
    comparison_end(&comparison);
    return changed;
}

bool presentation_differs(const struct call *call, const struct model *before,
                          const struct model *after, const struct receive_connector *connector)
{
    struct certificate_choice old = choice_by_id(call, before, connector->id);
    struct certificate_choice new = presentation_now(call, after, connector);
    return connector->enabled && !presentation_same(&old, &new);
}

void presentation_report_one(struct call *call, const struct model *before,
                             const struct model *after, struct object_id id)
{
    const struct receive_connector *connector = model_by_id(after, MODEL_RECEIVE_CONNECTOR, id);
    if (!connector)
        return;
    struct certificate_choice old = choice_by_id(call, before, id);
    struct certificate_choice new = presentation_now(call, after, connector);
    report(call, connector, &old, &new);
}

/* --- who presents what --- */

struct user {
    const struct certificate *certificate;
    size_t connector; /* its number: users are shown in the order of the connectors */
};

struct presentation_census {
    const struct model *model;
    size_t count;
    struct user users[];
};

static int by_certificate(const void *a, const void *b)
{
    const struct user *x = a, *y = b;
    if (x->certificate != y->certificate)
        return (uintptr_t)x->certificate < (uintptr_t)y->certificate ? -1 : 1;
    return x->connector < y->connector ? -1 : x->connector > y->connector;
}

static void count_user(struct presentation_census *census, struct certificate_question *question,
                       size_t number)
{
    struct certificate_choice choice = {0};
    question->connector = model_receive_connector(census->model, number);
    if (question->connector->enabled)
        certificate_choose(question, &choice);
    if (choice.certificate)
        census->users[census->count++] = (struct user){choice.certificate, number};
}

struct presentation_census *presentation_census_new(const struct model *model)
{
    size_t connectors = model_count(model, MODEL_RECEIVE_CONNECTOR);
    struct presentation_census *census =
        calloc(1, sizeof(*census) + connectors * sizeof(census->users[0]));
    if (!census)
        return NULL;
    census->model = model;
    struct certificate_index *index = certificate_index_new(model);
    struct certificate_question question = {
        .model = model, .index = index, .at_ms = clock_wall_ms()};
    for (size_t i = 0; i < connectors; i++)
        count_user(census, &question, i);
    certificate_index_free(index);
    qsort(census->users, census->count, sizeof(census->users[0]), by_certificate);
    return census;
}

/* The first that presents this certificate or, in the order of by_certificate, a later one. */
static size_t first_user(const struct presentation_census *census,
                         const struct certificate *certificate)
{
    size_t low = 0, high = census->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((uintptr_t)census->users[middle].certificate < (uintptr_t)certificate)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

json_t *presentation_users(const struct presentation_census *census,
                           const struct certificate *certificate)
{
    json_t *users = json_array();
    for (size_t i = first_user(census, certificate);
         i < census->count && census->users[i].certificate == certificate; i++) {
        const struct receive_connector *connector =
            model_receive_connector(census->model, census->users[i].connector);
        json_array_append_new(users, json_of_slice(connector->identity));
    }
    return users;
}
