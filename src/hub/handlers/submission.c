/* SPDX-License-Identifier: Apache-2.0 */
/* Test-SmtpSubmission: a session played dry (model/trial), step by step, each verdict with its
 * reason and the command that mends it. The replies are those the client would see.
 */
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "hub/transport/address_book.h"
#include "model/connector_choice.h"
#include "model/rights_text.h"
#include "model/trial.h"

#include <stdlib.h>

struct test {
    struct call *call;
    struct trial trial;
    const struct mailbox *mailbox; /* who is to log in; NULL: nobody */
    struct text sender;            /* as MAIL FROM has made it, for the From field */
    char sender_storage[SESSION_MAILBOX_MAX];
    size_t refused;
    char first_fix[WORK_FIX_MAX];
};

struct verdict {
    const char *step;
    struct slice address;
    bool allowed;
    enum right missing;
    struct text *reply, *reason, *fix;
};

/* Keeps the reply; whether it is a good one. */
static bool is_answered(struct verdict *verdict, struct slice reply)
{
    text_append(verdict->reply, reply);
    return slice_starts(reply, SLICE("2"));
}

/* --- verdicts as objects --- */

static void emit(struct test *test, const struct verdict *verdict)
{
    json_t *json = json_object();
    json_object_set_new(json, "Step", json_string(verdict->step));
    json_object_set_new(json, "Address", json_of_slice(verdict->address));
    json_object_set_new(json, "Allowed", json_boolean(verdict->allowed));
    json_object_set_new(json, "Reply", json_of_slice(text_slice(verdict->reply)));
    json_object_set_new(json, "Reason", json_of_slice(text_slice(verdict->reason)));
    json_object_set_new(json, "MissingRight", json_string(right_name(verdict->missing)));
    json_object_set_new(json, "Fix", json_of_slice(text_slice(verdict->fix)));
    call_emit(test->call, json);
    struct slice fix = text_slice(verdict->fix);
    if (!verdict->allowed && test->refused++ == 0 && fix.len < sizeof(test->first_fix)) {
        struct text first = text_over(test->first_fix, sizeof(test->first_fix));
        text_append(&first, fix);
        (void)text_c_string(&first);
    }
}

/* A missing right explains itself. */
static void explain_right(const struct test *test, struct slice address, struct verdict *verdict)
{
    const struct submission *s = &test->trial.submission;
    struct rights_refusal refusal = {.connector = s->connector,
                                     .who = s->who,
                                     .account = s->mailbox ? s->mailbox->name : (struct slice){0},
                                     .address = address,
                                     .missing = test->trial.why.missing};
    verdict->missing = refusal.missing;
    rights_append_reason(verdict->reason, &refusal);
    rights_append_mending(verdict->fix, &refusal);
}

/* --- the steps, in the order of a session --- */

static void append_command(struct text *fix, const char *cmdlet, struct slice identity,
                           const char *parameters)
{
    text_append_format(fix, "%s \"%.*s\" %s", cmdlet, SLICE_ARG(identity), parameters);
}

/* Does the connector get this client, on any of its bindings? */
static bool takes_client(const struct test *test, struct ip_address client,
                         const struct receive_connector **out_other)
{
    const struct receive_connector *connector = test->trial.submission.connector;
    *out_other = NULL;
    for (size_t i = 0; i < connector->bindings.count; i++) {
        const struct receive_connector *chosen =
            connector_choose(test->trial.submission.model, connector->bindings.at[i], client);
        if (chosen == connector)
            return true;
        if (chosen)
            *out_other = chosen;
    }
    return false;
}

static void judge_client(struct test *test, struct slice written, struct ip_address client,
                         struct verdict *verdict)
{
    const struct receive_connector *connector = test->trial.submission.connector, *other;
    verdict->step = "Connector";
    verdict->address = written;
    verdict->allowed = takes_client(test, client, &other);
    if (verdict->allowed) {
        text_append_c(verdict->reason,
                      "its RemoteIPRanges hold the client, no other's more closely");
    } else if (!connector->enabled) {
        text_append_c(verdict->reason, "the connector is disabled");
        append_command(verdict->fix, "Set-ReceiveConnector", connector->identity, "-Enabled $true");
    } else if (other) {
        text_append_format(verdict->reason, "%.*s takes this client: its range is smaller",
                           SLICE_ARG(other->identity));
        append_command(verdict->fix, "Test-SmtpSubmission -ReceiveConnector", other->identity,
                       "...");
    } else {
        text_append_c(verdict->reply, "421 4.3.2 Service not available");
        text_append_c(verdict->reason, "no connector's RemoteIPRanges hold the client");
        text_append_format(verdict->fix,
                           "Set-ReceiveConnector \"%.*s\" -RemoteIPRanges @{Add=%.*s}",
                           SLICE_ARG(connector->identity), SLICE_ARG(written));
    }
}

static void append_denied_login(struct verdict *verdict)
{
    text_clear(verdict->reply);
    text_append_c(verdict->reply, "535 5.7.3 Authentication unsuccessful");
}

/* A login that the session would offer and the vault would refuse. */
static bool is_shut_out(const struct mailbox *mailbox, struct verdict *verdict)
{
    if (mailbox->enabled && mailbox->has_password)
        return false;
    append_denied_login(verdict);
    text_append_c(verdict->reason,
                  mailbox->enabled ? "the mailbox has no password" : "the mailbox is disabled");
    append_command(verdict->fix, "Set-Mailbox", mailbox->name,
                   mailbox->enabled ? "-Password -" : "-Enabled $true");
    return true;
}

/* The first login that is taken, or the refusal of the last. */
static bool is_login_taken(struct test *test, struct verdict *verdict)
{
    static const char *const commands[] = {
        "AUTH PLAIN =", "AUTH SCRAM-SHA-256 =", "AUTH SCRAM-SHA-256-PLUS ="};
    bool taken = false;
    for (size_t i = 0; i < COUNT_OF(commands) && !taken; i++) {
        text_clear(verdict->reply);
        taken = is_answered(verdict, trial_say(&test->trial, commands[i], SLICE(""), ""));
    }
    return taken;
}

/* A login that the vault would take, of somebody who could do nothing with it. */
static bool is_login_useless(struct test *test, struct verdict *verdict)
{
    test->trial.why = rights_check_submit(test->trial.submission.rights);
    if (test->trial.why.verdict == RIGHTS_GRANTED)
        return false;
    append_denied_login(verdict);
    explain_right(test, (struct slice){0}, verdict);
    return true;
}

static void judge_logon(struct test *test, struct slice unused, struct verdict *verdict)
{
    (void)unused;
    const struct submission *s = &test->trial.submission;
    verdict->step = "LogOn";
    verdict->address = test->mailbox->name;
    if (!is_login_taken(test, verdict)) {
        text_append_c(verdict->reason, "the connector offers no login with a password");
        append_command(verdict->fix, "Set-ReceiveConnector", s->connector->identity,
                       "-AuthMechanism Tls,BasicAuth,BasicAuthRequireTLS");
        return;
    }
    verdict->allowed = !is_shut_out(test->mailbox, verdict) &&
                       trial_become(&test->trial, test->mailbox) &&
                       !is_login_useless(test, verdict);
    if (verdict->allowed)
        text_append_c(verdict->reason, "with the right password");
}

/* The null sender is everybody's: whether it is taken is a question of submitting alone. */
static void judge_submit(struct test *test, struct slice unused, struct verdict *verdict)
{
    (void)unused;
    const struct submission *s = &test->trial.submission;
    verdict->step = "Submit";
    verdict->allowed = is_answered(verdict, trial_say(&test->trial, "MAIL FROM:<", SLICE(""), ">"));
    if (verdict->allowed) {
        text_append_format(verdict->reason, "holds %s", right_name(RIGHT_SUBMIT));
        trial_say(&test->trial, "RSET", SLICE(""), "");
        return;
    }
    test->trial.why = rights_check_submit(s->rights);
    explain_right(test, (struct slice){0}, verdict);
    if (s->mailbox || !(s->connector->auth_mechanism & (AUTH_BASIC | AUTH_INTEGRATED)))
        return;
    text_append_c(verdict->reason, "; clients log in here: say as whom with -User");
    text_clear(verdict->fix); /* a right for strangers would be the wrong cure */
}

/* By which right somebody may write as this address. */
static void append_title(const struct test *test, struct slice sender, struct text *reason)
{
    const struct submission *s = &test->trial.submission;
    const struct mailbox *owner = mailbox_of_address(s->model, sender);
    if (sender.len == 0)
        text_append_c(reason, "the null sender is everybody's");
    else if (test->mailbox && owner == test->mailbox)
        text_append_c(reason, "an address of its own");
    else if (s->mailbox && mailbox_has_address(s->mailbox, sender) && owner)
        text_append_format(reason, "holds Send As on %.*s", SLICE_ARG(owner->name));
    else if (s->rights & RIGHT_ACCEPT_ANY_SENDER)
        text_append_format(reason, "holds %s", right_name(RIGHT_ACCEPT_ANY_SENDER));
    else
        text_append_c(reason, "nobody of ours has this address");
}

static bool must_be_proven(const struct test *test)
{
    const struct submission *s = &test->trial.submission;
    return peer_judge_sender(s->model, s->connector, s->peer, test->trial.about) != PEER_MAY_SEND;
}

static void judge_sender(struct test *test, struct slice sender, struct verdict *verdict)
{
    verdict->step = "Sender";
    verdict->address = sender;
    verdict->allowed =
        is_answered(verdict, trial_say(&test->trial, "MAIL FROM:<", sender,
                                       slice_all_ascii(sender) ? ">" : "> SMTPUTF8"));
    test->sender = text_over(test->sender_storage, sizeof(test->sender_storage));
    text_append(&test->sender, test->trial.about);
    if (verdict->allowed)
        append_title(test, test->trial.about, verdict->reason);
    else if (test->trial.why.missing)
        explain_right(test, test->trial.about, verdict);
    else if (must_be_proven(test))
        text_append_c(verdict->reason,
                      "the domain is in TLSReceiveDomainSecureList: it takes a client with a valid "
                      "certificate for the domain, and this one shows none");
    else
        text_append_c(verdict->reason, "the address cannot be read, or lacks its domain");
    if (!verdict->allowed) /* the recipients are asked about all the same */
        trial_say(&test->trial, "MAIL FROM:<", SLICE(""), ">");
}

/* The From field is judged at the end of the header, and refused at the end of the data. */
static void judge_from(struct test *test, struct slice from, struct verdict *verdict)
{
    struct slice denied;
    test->trial.why = (struct rights_answer){0};
    enum submission_from answer =
        submission_judge_from(&test->trial.submission, from, &denied, &test->trial.why);
    verdict->step = "From";
    verdict->address = from;
    verdict->allowed = answer == SUBMISSION_FROM_GRANTED;
    text_append_c(verdict->reply, verdict->allowed
                                      ? "250 2.6.0 Queued mail for delivery"
                                      : "550 5.7.60 SMTP; Client does not have permissions to "
                                        "send as this sender");
    if (verdict->allowed)
        append_title(test, from, verdict->reason);
    else if (answer == SUBMISSION_FROM_DENIED)
        explain_right(test, denied, verdict);
    else
        text_append_c(verdict->reason, "it is no plain list of addresses");
}

static void explain_taken(struct test *test, struct verdict *verdict)
{
    const struct model *model = test->trial.submission.model;
    struct slice rest = test->trial.about, local;
    struct recipient who = address_book_find(test->call->hub, test->trial.about);
    const struct accepted_domain *domain =
        slice_take_until(&rest, '@', &local) ? accepted_domain_of(model, rest) : NULL;
    if (who.mailbox)
        text_append_format(verdict->reason, "mailbox %.*s", SLICE_ARG(who.mailbox->name));
    else if (who.group)
        text_append_format(verdict->reason, "distribution group %.*s", SLICE_ARG(who.group->name));
    else if (domain)
        text_append_format(verdict->reason, "mail for accepted domain %.*s is passed on",
                           SLICE_ARG(domain->name));
    else
        text_append_format(verdict->reason, "relay: holds %s",
                           right_name(RIGHT_ACCEPT_ANY_RECIPIENT));
}

/* Refusals that are no question of rights, by the beginning of the reply. */
static void explain_refused(struct test *test, struct verdict *verdict)
{
    /* clang-format off */
    static const struct {
        struct slice reply;
        const char *reason, *parameters; /* of Set-ReceiveConnector; NULL: it cannot help */
    } rows[] = {
        {SLICE_INIT("550 5.1.1 "), "no mailbox has this address", NULL},
        {SLICE_INIT("550 5.1.4 "), "a reserved top-level domain, which the connector refuses", "-RejectReservedTopLevelRecipientDomains $false"},
        {SLICE_INIT("550 5.1.5 "), "a reserved second-level domain, which the connector refuses", "-RejectReservedSecondLevelRecipientDomains $false"},
        {SLICE_INIT("550 5.1.6 "), "a domain without a dot, which the connector refuses", "-RejectSingleLabelRecipientDomains $false"},
        {SLICE_INIT("501 "), "the address cannot be read, or lacks its domain", "-DefaultDomain contoso.com"},
        {SLICE_INIT(""), "the session refuses it", NULL},
    };
    /* clang-format on */
    size_t i = 0;
    while (!slice_starts(text_slice(verdict->reply), rows[i].reply))
        i++;
    text_append_c(verdict->reason, rows[i].reason);
    if (rows[i].parameters)
        append_command(verdict->fix, "Set-ReceiveConnector",
                       test->trial.submission.connector->identity, rows[i].parameters);
}

static void judge_recipient_of(struct test *test, struct slice recipient, struct verdict *verdict)
{
    verdict->step = "Recipient";
    verdict->address = recipient;
    verdict->allowed = is_answered(verdict, trial_say(&test->trial, "RCPT TO:<", recipient, ">"));
    if (test->trial.why.missing)
        explain_right(test, test->trial.about, verdict);
    else if (verdict->allowed)
        explain_taken(test, verdict);
    else
        explain_refused(test, verdict);
}

/* --- running it --- */

static void step(struct test *test, void (*judge)(struct test *, struct slice, struct verdict *),
                 struct slice address)
{
    char reply_storage[600], reason_storage[1200], fix_storage[1200];
    struct text reply = text_over(reply_storage, sizeof(reply_storage));
    struct text reason = text_over(reason_storage, sizeof(reason_storage));
    struct text fix = text_over(fix_storage, sizeof(fix_storage));
    struct verdict verdict = {.reply = &reply, .reason = &reason, .fix = &fix};
    judge(test, address, &verdict);
    emit(test, &verdict);
}

static void client_step(struct test *test, struct slice written, struct verdict *verdict)
{
    struct ip_address client;
    if (ip_parse(written, &client)) /* it was read before */
        judge_client(test, written, client, verdict);
}

/* "<>" is the null sender, which an empty parameter cannot be told from a forgotten variable. */
static struct slice without_brackets(struct slice address)
{
    bool bracketed = address.len >= 2 && address.at[0] == '<' && address.at[address.len - 1] == '>';
    return bracketed ? (struct slice){address.at + 1, address.len - 2} : address;
}

/* Whoever is turned away at one step is not asked about the next ones: they would never come. */
static void play(struct test *test, struct slice from)
{
    struct call *call = test->call;
    struct slice recipients[CALL_LIST_MAX];
    size_t count = call_list(call, "To", recipients, CALL_LIST_MAX);
    if (!test->trial.submission.connector->enabled)
        call_warn(call, "the connector is disabled: nobody reaches it");
    if (test->trial.submission.connector->milters.count)
        call_warn(call, "the content filters of the connector (Milters) are not asked: they may "
                        "still refuse a real message");
    if (call_has(call, "RemoteIPAddress"))
        step(test, client_step, call_text(call, "RemoteIPAddress"));
    if (test->mailbox && !test->refused)
        step(test, judge_logon, (struct slice){0});
    if (!test->refused)
        step(test, judge_submit, (struct slice){0});
    if (test->refused)
        return;
    step(test, judge_sender, from);
    if (test->sender.len)
        step(test, judge_from, text_slice(&test->sender));
    for (size_t i = 0; i < count; i++)
        step(test, judge_recipient_of, without_brackets(recipients[i]));
}

static bool find_user(struct call *call, const struct mailbox **out_mailbox)
{
    enum principal principal;
    *out_mailbox = NULL;
    if (!call_has(call, "User") ||
        (principal_parse(call_text(call, "User"), &principal) && principal == PRINCIPAL_ANONYMOUS))
        return true;
    *out_mailbox = call_find(call, call->hub->model, MODEL_MAILBOX, "User");
    return *out_mailbox != NULL;
}

static bool addresses_fit(struct call *call)
{
    struct slice recipients[CALL_LIST_MAX];
    size_t count = call_list(call, "To", recipients, CALL_LIST_MAX);
    bool fit = call_text(call, "From").len <= SESSION_MAILBOX_MAX;
    for (size_t i = 0; i < count; i++)
        fit = fit && recipients[i].len <= SESSION_MAILBOX_MAX;
    if (!fit)
        call_fail(call, OPERATION_USAGE, "an address has at most %d bytes", SESSION_MAILBOX_MAX);
    return fit;
}

static bool read_client(struct call *call)
{
    struct ip_address client;
    if (!call_has(call, "RemoteIPAddress") || ip_parse(call_text(call, "RemoteIPAddress"), &client))
        return true;
    call_fail(call, OPERATION_USAGE, "-RemoteIPAddress is an address: 192.0.2.7 or 2001:db8::7");
    return false;
}

static void end(struct test *test)
{
    if (test->refused == 0)
        call_done(test->call);
    else
        call_fail_fix(test->call, OPERATION_FAILED, test->first_fix,
                      "%zu of these would be refused", test->refused);
}

static enum session_recipient_answer recipient(void *context, struct slice address)
{
    const struct test *test = context;
    struct recipient who = address_book_find(test->call->hub, address);
    if (who.group && who.group->require_sender_authentication)
        return SESSION_RECIPIENT_CLOSED;
    return who.group || who.mailbox ? SESSION_RECIPIENT_OK : SESSION_RECIPIENT_UNKNOWN;
}

void submission_test(struct call *call)
{
    const struct receive_connector *connector = NULL;
    const struct mailbox *mailbox;
    if (read_client(call) && addresses_fit(call) && find_user(call, &mailbox))
        connector = call_find(call, call->hub->model, MODEL_RECEIVE_CONNECTOR, "ReceiveConnector");
    if (!connector)
        return;
    struct test *test = calloc(1, sizeof(*test));
    if (!test) {
        call_fail(call, OPERATION_FAILED, "there is no memory for the trial");
        return;
    }
    test->call = call;
    test->mailbox = mailbox;
    trial_init(&test->trial, call->hub->model, connector, recipient, test);
    play(test, without_brackets(call_text(call, "From")));
    end(test);
    trial_deinit(&test->trial);
    free(test);
}
