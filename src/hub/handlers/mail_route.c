/* SPDX-License-Identifier: Apache-2.0 */
/* Test-MailRoute: where mail for a recipient goes next (model/routing), with the reason and, for
 * each send connector that does not get it, with that one's. */
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "hub/transport/address_book.h"
#include "mail/address.h"
#include "model/routing.h"
#include "settings/quantity.h"

#include <stdlib.h>

enum { TEXT_MAX = 2048, KEY_MAX = 512 };

struct test {
    struct call *call;
    int64_t size_bytes;
    struct route_candidate *candidates;
    size_t nowhere; /* recipients whose mail goes nowhere */
    char first_fix[WORK_FIX_MAX];
};

/* A recipient with its answer. */
struct answer {
    struct slice recipient, domain;
    struct recipient who; /* of ours */
    struct route route;
    size_t candidates;
};

/* --- why --- */

static void append_here(const struct answer *answer, struct text *reason)
{
    const struct accepted_domain *accepted = answer->route.accepted;
    const struct mailbox *mailbox = answer->who.mailbox;
    if (answer->who.group)
        text_append_format(reason, "it is the distribution group \"%.*s\", with %zu member%s",
                           SLICE_ARG(answer->who.group->name), answer->who.group->members.count,
                           answer->who.group->members.count == 1 ? "" : "s");
    else if (mailbox && mailbox->forwarding_smtp_address.len)
        text_append_format(reason, "it is the address of a mailbox here, which forwards to %.*s%s",
                           SLICE_ARG(mailbox->forwarding_smtp_address),
                           mailbox->deliver_and_forward ? " and keeps it" : "");
    else if (mailbox)
        text_append_c(reason, "it is the address of a mailbox here");
    else
        text_append_format(reason, "%.*s is authoritative here, and nobody has this address",
                           SLICE_ARG(accepted->domain_name));
}

static void append_through(const struct answer *answer, struct text *reason)
{
    const struct route *route = &answer->route;
    const struct accepted_domain *accepted = route->accepted;
    if (accepted)
        text_append_format(reason, "%.*s is passed on; ", SLICE_ARG(accepted->domain_name));
    text_append_format(reason, "the address space %.*s;%u of \"%.*s\" holds it most closely",
                       SLICE_ARG(route->space.space), route->space.cost,
                       SLICE_ARG(route->connector->name));
}

static void append_reason(const struct answer *answer, struct text *reason)
{
    switch (answer->route.kind) {
    case ROUTE_MAILBOX:
    case ROUTE_NOBODY:
        append_here(answer, reason);
        return;
    case ROUTE_DNS:
    case ROUTE_SMART_HOSTS:
        append_through(answer, reason);
        return;
    case ROUTE_UNREACHABLE:
        text_append_c(reason, "no enabled send connector has an address space that holds it");
        return;
    case ROUTE_TOO_LARGE:
        text_append_c(reason, "it is too large for every send connector of the domain");
        return;
    }
}

/* --- and how to mend it --- */

/* The first connector that is left out for this reason. */
static const struct send_connector *first_of(const struct test *test, const struct answer *answer,
                                             enum route_reason reason)
{
    for (size_t i = 0; i < answer->candidates; i++)
        if (test->candidates[i].reason == reason)
            return test->candidates[i].connector;
    return NULL;
}

static void append_fix(const struct test *test, const struct answer *answer, struct text *fix)
{
    const struct send_connector *disabled = first_of(test, answer, ROUTE_DISABLED);
    const struct send_connector *small = first_of(test, answer, ROUTE_TOO_SMALL);
    if (answer->route.kind == ROUTE_NOBODY)
        text_append_format(fix, "New-Mailbox -Name NAME -PrimarySmtpAddress %.*s",
                           SLICE_ARG(answer->recipient));
    else if (answer->route.kind == ROUTE_TOO_LARGE && small)
        text_append_format(fix, "Set-SendConnector \"%.*s\" -MaxMessageSize Unlimited",
                           SLICE_ARG(small->name));
    else if (answer->route.kind == ROUTE_UNREACHABLE && disabled)
        text_append_format(fix, "Set-SendConnector \"%.*s\" -Enabled $true",
                           SLICE_ARG(disabled->name));
    else if (answer->route.kind == ROUTE_UNREACHABLE)
        text_append_c(fix, "New-SendConnector -Internet -Name Internet -AddressSpaces \"*\"");
}

/* --- as objects --- */

static json_t *others_json(const struct test *test, const struct answer *answer)
{
    json_t *others = json_array();
    for (size_t i = 0; i < answer->candidates; i++) {
        char storage[TEXT_MAX];
        struct text line = text_over(storage, sizeof(storage));
        const struct route_candidate *candidate = &test->candidates[i];
        if (candidate->reason == ROUTE_CHOSEN)
            continue;
        text_append_format(&line, "%.*s: ", SLICE_ARG(candidate->connector->name));
        route_reason_text(candidate, &line);
        json_array_append_new(others, json_of_slice(text_slice(&line)));
    }
    return others;
}

static void set_next_hop(json_t *json, const struct test *test, const struct answer *answer)
{
    char key_storage[KEY_MAX];
    struct text key = text_over(key_storage, sizeof(key_storage));
    struct text domain = text_with_ceiling(1 << 16);
    const struct route *route = &answer->route;
    route_append_key(&key, route, answer->domain, SENDER_TLS_UNSAID);
    struct next_hop hop = next_hop_of_key(text_slice(&key));
    next_hop_append_domain(&domain, &hop, test->call->hub->model);
    json_object_set_new(json, "NextHopDomain", json_of_slice(text_slice(&domain)));
    text_deinit(&domain);
    struct slice name = route->connector ? route->connector->name : SLICE("");
    json_object_set_new(json, "SendConnector", json_of_slice(name));
}

static void emit(struct test *test, const struct answer *answer)
{
    char reason_storage[TEXT_MAX], fix_storage[WORK_FIX_MAX];
    struct text reason = text_over(reason_storage, sizeof(reason_storage));
    struct text fix = text_over(fix_storage, sizeof(fix_storage));
    append_reason(answer, &reason);
    append_fix(test, answer, &fix);
    json_t *json = json_object();
    json_object_set_new(json, "Recipient", json_of_slice(answer->recipient));
    json_object_set_new(json, "DeliveryType", json_string(route_kind_code(answer->route.kind)));
    set_next_hop(json, test, answer);
    json_object_set_new(json, "Reason", json_of_slice(text_slice(&reason)));
    json_object_set_new(json, "Fix", json_of_slice(text_slice(&fix)));
    json_object_set_new(json, "NotChosen", others_json(test, answer));
    call_emit(test->call, json);
    if (fix.len && test->nowhere++ == 0) {
        struct text first = text_over(test->first_fix, sizeof(test->first_fix));
        text_append(&first, text_slice(&fix));
        (void)text_c_string(&first);
    }
}

/* --- asking --- */

static bool ask(struct test *test, struct slice recipient)
{
    struct address address;
    struct address_options options = {.utf8 = true};
    struct hub *hub = test->call->hub;
    if (address_parse(recipient, &options, &address) != ADDRESS_OK) {
        char storage[400];
        struct text shown = text_over(storage, sizeof(storage));
        append_clean(&shown, slice_first(recipient, 120));
        call_fail(test->call, OPERATION_USAGE,
                  "-Recipient: \"%.*s\" is no address such as anna@contoso.com",
                  SLICE_ARG(text_slice(&shown)));
        return false;
    }
    struct answer answer = {
        .recipient = recipient, .domain = address.domain, .who = address_book_find(hub, recipient)};
    struct route_question question = {.domain = address.domain,
                                      .size_bytes = test->size_bytes,
                                      .is_mailbox = answer.who.mailbox || answer.who.group};
    answer.candidates = route_explain(hub->model, &question, test->candidates,
                                      model_count(hub->model, MODEL_SEND_CONNECTOR), &answer.route);
    emit(test, &answer);
    return true;
}

static void ask_all(struct test *test)
{
    struct slice recipients[CALL_LIST_MAX];
    size_t count = call_list(test->call, "Recipient", recipients, CALL_LIST_MAX);
    for (size_t i = 0; i < count; i++)
        if (!ask(test, recipients[i]))
            return;
    if (test->nowhere == 0)
        call_done(test->call);
    else
        call_fail_fix(test->call, OPERATION_FAILED, test->first_fix,
                      "mail for %zu of these goes nowhere", test->nowhere);
}

void mail_route_test(struct call *call)
{
    struct test test = {.call = call};
    struct slice size = call_text(call, "Size");
    if (size.len && !quantity_parse_bytes(size, &test.size_bytes)) {
        call_fail(call, OPERATION_USAGE, "-Size is a size such as 10MB");
        return;
    }
    test.candidates =
        calloc(model_count(call->hub->model, MODEL_SEND_CONNECTOR) + 1, sizeof(*test.candidates));
    if (test.candidates)
        ask_all(&test);
    else
        call_fail(call, OPERATION_FAILED, "there is no memory for the answer");
    free(test.candidates);
}
