/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/certificates/explanation.h"

#include "hub/handlers/certificate.h"
#include "hub/handlers/object.h"
#include "hub/handlers/permission.h"
#include "model/certificate_health.h"
#include "model/client_kind.h"

#include <stdlib.h>

enum { SENTENCE_MAX = 4096, CHANGES_SHOWN = 3, SOON_DAYS = 30 };

/* --- the certificate --- */

static json_t *json_of_text(struct text *text_taken)
{
    json_t *json = json_of_slice(text_slice(text_taken));
    text_deinit(text_taken);
    return json;
}

json_t *explanation_of_choice(const struct certificate_choice *choice, int64_t at_ms)
{
    const struct certificate *certificate = choice->certificate;
    if (!certificate)
        return json_null();
    json_t *json = json_object();
    json_object_set_new(json, "Thumbprint", json_of_hex(certificate->thumbprint));
    json_object_set_new(json, "Subject", json_of_slice(certificate->subject));
    json_object_set_new(json, "Issuer", json_of_slice(certificate->issuer));
    json_object_set_new(json, "IsSelfSigned", json_boolean(certificate->self_signed));
    json_object_set_new(json, "NotBefore", json_of_time(certificate->not_before_ms));
    json_object_set_new(json, "NotAfter", json_of_time(certificate->not_after_ms));
    certificate_add_health(json, certificate, at_ms);
    json_object_set_new(
        json, "Status",
        json_string(certificate_status_word(certificate_status_at(certificate, at_ms))));
    json_object_set_new(
        json, "RootCAType",
        json_of_setting(setting_exact(certificate_settings, SLICE("RootCAType")), certificate));
    json_object_set_new(json, "Warnings", certificate_findings_json(certificate));
    json_object_set_new(
        json, "CertificateDomains",
        json_of_setting(setting_exact(certificate_settings, SLICE("CertificateDomains")),
                        certificate));
    return json;
}

static json_t *rejected(const struct certificate_question *question,
                        const struct certificate_choice *choice,
                        const struct certificate_candidate *candidate)
{
    struct text reason = text_with_ceiling(SENTENCE_MAX), fix = text_with_ceiling(SENTENCE_MAX);
    json_t *json = json_object();
    certificate_reason_text(question, choice, candidate, &reason);
    bool mendable = certificate_mending_command(question, candidate, &fix);
    json_object_set_new(json, "Thumbprint", json_of_hex(candidate->certificate->thumbprint));
    json_object_set_new(json, "Subject", json_of_slice(candidate->certificate->subject));
    json_object_set_new(json, "Code", json_string(certificate_reason_code(candidate->reason)));
    json_object_set_new(json, "Text", json_of_text(&reason));
    if (mendable)
        json_object_set_new(json, "Fix", json_of_slice(text_slice(&fix)));
    text_deinit(&fix);
    return json;
}

static json_t *later(const struct certificate_choice *choice, int64_t at_ms)
{
    json_t *json = json_object();
    json_object_set_new(json, "At", json_of_time(at_ms));
    json_object_set_new(json, "Presents", explanation_of_choice(choice, at_ms));
    json_object_set_new(json, "Expired", json_boolean(choice->expired));
    json_object_set_new(json, "NamedMissing", json_boolean(choice->named_missing));
    return json;
}

static json_t *changes_to_come(struct certificate_question question)
{
    json_t *changes = json_array();
    struct certificate_choice next;
    int64_t at_ms;
    for (size_t i = 0; i < CHANGES_SHOWN && certificate_next_change(&question, &at_ms, &next);
         i++) {
        json_array_append_new(changes, later(&next, at_ms));
        question.at_ms = at_ms;
    }
    return changes;
}

static void add_rule(json_t *json, const struct certificate_choice *choice)
{
    struct text rule = text_with_ceiling(SENTENCE_MAX);
    certificate_rule_text(choice, &rule);
    json_object_set_new(json, "Rule", json_string(certificate_rule_code(choice->rule)));
    json_object_set_new(json, "Because", json_of_text(&rule));
    json_object_set_new(json, "Key", json_of_slice(choice->key));
    json_object_set_new(json, "NamedMissing", json_boolean(choice->named_missing));
    json_object_set_new(json, "Expired", json_boolean(choice->expired));
    json_object_set_new(json, "NotYetValid", json_boolean(choice->not_yet_valid));
}

/* Of what is over, or will be soon. */
static void add_renewal(json_t *json, const struct certificate *certificate, int64_t at_ms)
{
    char storage[SENTENCE_MAX];
    struct text command = text_over(storage, sizeof storage);
    if (!certificate || certificate_days_left(certificate, at_ms) >= SOON_DAYS)
        return;
    certificate_renewal_command(certificate, &command);
    json_object_set_new(json, "Fix", json_of_slice(text_slice(&command)));
}

static void add_certificate(json_t *json, const struct certificate_question *question)
{
    size_t capacity = model_count(question->model, MODEL_CERTIFICATE);
    struct certificate_candidate *candidates = calloc(capacity + 1, sizeof(*candidates));
    struct certificate_choice choice = {0};
    size_t count = certificate_explain(question, &choice, candidates, candidates ? capacity : 0);
    json_t *list = json_array();
    for (size_t i = 0; candidates && i < count && i < capacity; i++)
        if (candidates[i].reason != CERTIFICATE_CHOSEN)
            json_array_append_new(list, rejected(question, &choice, &candidates[i]));
    json_object_set_new(json, "Presents", explanation_of_choice(&choice, question->at_ms));
    add_renewal(json, choice.certificate, question->at_ms);
    add_rule(json, &choice);
    json_object_set_new(json, "Rejected", list);
    json_object_set_new(json, "Changes", changes_to_come(*question));
    free(candidates);
}

/* --- the connector --- */

static void add_facts(json_t *json, const struct model *model,
                      const struct receive_connector *connector)
{
    static const char *const facts[] = {
        "Identity", "Name", "Enabled", "Bindings", "TlsMode", "TlsMinimumVersion", "AuthMechanism"};
    for (size_t i = 0; i < COUNT_OF(facts); i++) {
        const struct setting *row = setting_exact(receive_connector_settings, slice_of(facts[i]));
        json_object_set_new(json, facts[i], json_of_setting(row, connector));
    }
    json_object_set_new(json, "PermissionGroups", permission_groups_json(model, connector));
    json_object_set_new(json, "Fqdn",
                        json_of_slice(receive_connector_fqdn(connector, model_server(model))));
    json_object_set_new(json, "OffersTls", json_boolean(certificate_offers_tls(connector)));
}

/* --- clients --- */

static json_t *client(const struct client_kind *kind, const struct client_verdict *verdict)
{
    const struct certificate *certificate = verdict->choice.certificate;
    bool content = verdict->finding == CLIENT_CONTENT;
    json_t *json = json_object();
    json_object_set_new(json, "Client", json_string(kind->title));
    json_object_set_new(json, "Name", json_string(kind->name));
    json_object_set_new(json, "Code", json_string(client_finding_code(verdict->finding)));
    json_object_set_new(json, "Text", json_string(client_finding_text(verdict->finding)));
    json_object_set_new(json, "Does", content ? json_null() : json_string(kind->when_not_content));
    json_object_set_new(json, "Thumbprint",
                        certificate ? json_of_hex(certificate->thumbprint) : json_null());
    return json;
}

static json_t *clients(const struct certificate_question *question)
{
    json_t *list = json_array();
    for (size_t i = 0; i < CLIENT_KINDS; i++) {
        struct client_verdict verdict = client_kind_judge(&client_kinds[i], question);
        json_array_append_new(list, client(&client_kinds[i], &verdict));
    }
    return list;
}

/* --- the whole --- */

void explanation_add(json_t *json, const struct certificate_question *question)
{
    add_facts(json, question->model, question->connector);
    add_certificate(json, question);
    json_object_set_new(json, "Clients", clients(question));
}
