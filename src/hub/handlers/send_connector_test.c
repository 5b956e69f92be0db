/* SPDX-License-Identifier: Apache-2.0 */
/* Test-SendConnector: what would become of mail for a recipient, tried out up to the message
 * (hub/transport/sounding), a row for each host, with what is demanded of it and by whom. */
#include "hub/certificates/presentation.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/parameters.h"
#include "hub/handlers/send_trial.h"
#include "hub/transport/address_book.h"
#include "hub/transport/sounding.h"
#include "mail/address.h"
#include "model/routing.h"
#include "model/send_certificate.h"
#include "os/clock.h"

#include <stdlib.h>
#include <string.h>

/* Cut to the storage, with a NUL behind it. */
static void keep(char *storage, size_t size, struct slice value)
{
    struct text text = text_over(storage, size);
    text_append(&text, slice_first(value, size - 1));
    (void)text_c_string(&text);
}

/* --- as objects --- */

static json_t *list_of(struct slice joined, char between)
{
    json_t *list = json_array();
    struct slice one;
    while (slice_take_field(&joined, between, &one))
        json_array_append_new(list, json_of_slice(one));
    return list;
}

static void set(json_t *json, const char *name, struct slice value)
{
    json_object_set_new(json, name, json_of_slice(value));
}

static struct slice without_last_line_end(struct slice words)
{
    return slice_first(words, words.len - (slice_ends_nocase(words, SLICE("\n")) ? 1 : 0));
}

static void set_dialogue(json_t *json, const struct wire_relay_seen *seen)
{
    struct slice capabilities = without_last_line_end(seen->offers), name;
    slice_take_field(&capabilities, '\n', &name); /* the host's own */
    set(json, "Greeting", without_last_line_end(seen->greeting));
    json_object_set_new(json, "Capabilities", list_of(capabilities, '\n'));
    set(json, "TlsVersion", seen->tls_version);
    set(json, "TlsCipher", seen->tls_cipher);
    set(json, "TlsGroup", seen->tls_group);
}

static void set_certificate(json_t *json, const struct wire_relay_seen *seen)
{
    set(json, "CertificateSubject", seen->subject);
    set(json, "CertificateIssuer", seen->issuer);
    json_object_set_new(json, "CertificateDomains", list_of(seen->names, ','));
    json_object_set_new(json, "CertificateNotAfter", json_of_time((int64_t)seen->not_after_ms));
    json_object_set_new(json, "CertificateThumbprint", json_of_hex(seen->thumbprint));
    set(json, "CertificateJudgedFor", seen->judged_name);
    set(json, "CertificateFindings", seen->findings);
}

static void set_demand(json_t *json, const struct send_trial *trial,
                       const struct wire_relay_seen *seen)
{
    char demand_storage[SEND_TRIAL_TEXT_BYTES * 2], source_storage[SEND_TRIAL_TEXT_BYTES];
    struct text demand = text_over(demand_storage, sizeof demand_storage);
    struct text source = text_over(source_storage, sizeof source_storage);
    send_trial_append_demand(trial, seen, &demand, &source);
    set(json, "Demands", text_slice(&demand));
    set(json, "DemandedBy", text_slice(&source));
    json_object_set_new(json, "AsksForCertificate", json_boolean(seen->asks_for_certificate != 0));
    json_object_set_new(json, "OwnCertificate",
                        json_string(seen->asks_for_certificate ? trial->ours : ""));
}

static void set_answer(json_t *json, struct send_trial *trial, const struct wire_relay_seen *seen)
{
    char verdict_storage[SEND_TRIAL_TEXT_BYTES * 2], fix_storage[WORK_FIX_MAX];
    struct text verdict = text_over(verdict_storage, sizeof verdict_storage);
    struct text fix = text_over(fix_storage, sizeof fix_storage);
    send_trial_append_verdict(trial, seen, &verdict);
    send_trial_append_fix(trial, seen, &fix);
    bool ready = seen->sight == WIRE_SIGHT_READY;
    json_object_set_new(json, "RecipientReply", json_string(ready ? trial->recipient_reply : ""));
    set(json, "Reply", seen->reply);
    set(json, "Verdict", text_slice(&verdict));
    set(json, "Fix", text_slice(&fix));
    if (fix.len)
        keep(trial->fix, sizeof trial->fix, text_slice(&fix));
}

static void set_host(json_t *json, const struct wire_relay_seen *seen)
{
    static const char *const results[] = {[WIRE_SIGHT_READY] = "Ready",
                                          [WIRE_SIGHT_FAILED] = "Failed",
                                          [WIRE_SIGHT_NOT_TRIED] = "NotTried"};
    char storage[80];
    struct text endpoint = text_over(storage, sizeof storage);
    if (seen->port)
        ip_endpoint_append(&endpoint, (struct ip_endpoint){seen->address, (uint16_t)seen->port});
    set(json, "Host", seen->name);
    set(json, "EndPoint", text_slice(&endpoint));
    json_object_set_new(json, "Result", json_string(results[seen->sight]));
}

static void on_seen(void *context, const struct wire_relay_seen *seen)
{
    struct send_trial *trial = context;
    json_t *json = json_object();
    json_object_set_new(json, "Recipient", json_string(trial->recipient));
    json_object_set_new(json, "SendConnector", json_string(trial->connector));
    set_host(json, seen);
    set_dialogue(json, seen);
    set_certificate(json, seen);
    set_demand(json, trial, seen);
    set_answer(json, trial, seen);
    call_emit(trial->call, json);
    trial->rows++;
}

static void on_recipient(void *context, struct slice reply)
{
    struct send_trial *trial = context;
    struct text text = text_over(trial->recipient_reply, sizeof trial->recipient_reply);
    text_append_escaped(&text, reply, SEND_TRIAL_REPLY_SHOWN);
    (void)text_c_string(&text);
}

static void on_done(void *context, bool reached, struct slice why)
{
    struct send_trial *trial = context;
    struct call *call = trial->call;
    const struct wire_relay_seen nothing = {.sight = WIRE_SIGHT_FAILED, .reply = why};
    bool refused = trial->recipient_reply[0] && trial->recipient_reply[0] != '2';
    if (!reached && !trial->rows)
        on_seen(trial, &nothing);
    if (reached && !refused)
        call_done(call);
    else if (reached)
        call_fail(call, OPERATION_FAILED, "the recipient is refused: %s", trial->recipient_reply);
    else
        call_fail_fix(call, OPERATION_FAILED, trial->fix, "no host takes mail for %s",
                      trial->recipient);
}

/* --- the way --- */

/* An address, or a domain. False: it is neither, and the call has failed. */
static bool read_recipient(struct send_trial *trial, struct address *out, bool *out_whole)
{
    char storage[SEND_TRIAL_TEXT_BYTES];
    struct text text = text_over(storage, sizeof storage);
    struct slice written = call_text(trial->call, "Recipient");
    struct address_options options = {.utf8 = true};
    size_t unused;
    *out_whole = slice_find(written, '@', &unused);
    text_append_c(&text, *out_whole ? "" : "postmaster@");
    text_append(&text, slice_first(written, SEND_TRIAL_TEXT_BYTES / 2));
    keep(trial->recipient, sizeof trial->recipient, text_slice(&text));
    if (address_parse(slice_of(trial->recipient), &options, out) == ADDRESS_OK)
        return true;
    text_clear(&text);
    append_clean(&text, slice_first(written, 120));
    call_fail(trial->call, OPERATION_USAGE,
              "-Recipient: \"%.*s\" is neither an address such as anna@contoso.com nor a domain",
              SLICE_ARG(text_slice(&text)));
    return false;
}

/* NULL: the call has failed. */
static const struct send_connector *find_connector(struct send_trial *trial, struct slice domain)
{
    struct call *call = trial->call;
    struct hub *hub = call->hub;
    if (call_text(call, "Identity").len)
        return call_find(call, hub->model, MODEL_SEND_CONNECTOR, "Identity");
    struct route_question question = {
        .domain = domain,
        .is_mailbox = address_book_mailbox(hub, slice_of(trial->recipient)) != NULL};
    struct route route = route_choose(hub->model, &question);
    if (route.connector)
        return route.connector;
    snprintf(trial->fix, sizeof trial->fix, "Test-MailRoute %.200s", trial->recipient);
    call_fail_fix(call, OPERATION_FAILED, trial->fix,
                  "mail for %.200s leaves through no send connector (%s)", trial->recipient,
                  route_kind_code(route.kind));
    return NULL;
}

static void note_model(struct send_trial *trial, const struct send_connector *connector,
                       struct slice domain)
{
    struct hub *hub = trial->call->hub;
    struct text demand = text_over(trial->demand, sizeof trial->demand - 1);
    struct text undo = text_over(trial->undo, sizeof trial->undo - 1);
    struct certificate_choice choice;
    trial->judged = send_demand_of(hub->model, connector, domain);
    trial->smart = !connector->dns_routing_enabled;
    keep(trial->connector, sizeof trial->connector, connector->name);
    send_demand_text(&trial->judged, domain, &demand);
    send_demand_undo(&trial->judged, connector, domain, &undo);
    send_certificate_choose(hub->model, presentation_index(hub), connector, clock_wall_ms(),
                            &choice);
    if (choice.certificate)
        keep(trial->ours, sizeof trial->ours, choice.certificate->subject);
}

static void start(struct send_trial *trial)
{
    struct call *call = trial->call;
    struct address address;
    bool whole;
    if (!read_recipient(trial, &address, &whole))
        return;
    const struct send_connector *connector = find_connector(trial, address.domain);
    if (!connector)
        return;
    bool asks = call_switch(call, "AskForRecipient");
    if (asks && !whole) {
        call_fail(call, OPERATION_USAGE, "-AskForRecipient needs an address, not a domain");
        return;
    }
    note_model(trial, connector, address.domain);
    struct sounding_question question = {
        .connector = connector,
        .domain = connector->dns_routing_enabled ? address.domain : SLICE(""),
        .recipient = asks ? slice_of(trial->recipient) : SLICE("")};
    struct sounding_events events = {on_seen, on_recipient, on_done, trial};
    if (!sounding_start(call->hub, &question, &events))
        call_fail(call, OPERATION_FAILED, "there is no memory for the operation");
    else if (!whole) /* the domain that was asked for points into the address until then */
        keep(trial->recipient, sizeof trial->recipient, call_text(call, "Recipient"));
}

void send_connector_test(struct call *call)
{
    struct send_trial *trial = calloc(1, sizeof *trial);
    if (!trial) {
        call_fail(call, OPERATION_FAILED, "there is no memory for the operation");
        return;
    }
    trial->call = call;
    call->scratch = trial;
    call->noun = "SendConnectorView";
    start(trial);
}
