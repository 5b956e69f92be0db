/* SPDX-License-Identifier: Apache-2.0 */
/* trial: what a client would be answered, line by line, and which right was missing. */
#include "model/trial.h"
#include "fixture.h"

#include <stdlib.h>

/* "known" is the only name that somebody has, "staff" a group that is closed to strangers. */
static enum session_recipient_answer recipient(void *context, struct slice mailbox)
{
    (void)context;
    if (slice_starts(mailbox, SLICE("staff@")))
        return SESSION_RECIPIENT_CLOSED;
    return slice_starts(mailbox, SLICE("known@")) || slice_equal(mailbox, SLICE("postmaster"))
               ? SESSION_RECIPIENT_OK
               : SESSION_RECIPIENT_UNKNOWN;
}

static struct model *build(struct receive_connector **out_connector, struct mailbox **out_anna)
{
    struct model *model = fixture_model();
    *out_anna = fixture_mailbox(model, 1, "Name=anna|PrimarySmtpAddress=anna@contoso.com");
    struct mailbox *info =
        fixture_mailbox(model, 2, "Name=info|PrimarySmtpAddress=info@contoso.com");
    fixture_permission(model, info->id, 1, "ExtendedRights=Send As|Principal=Mailbox");
    *out_connector = fixture_connector(
        model, "Both",
        "Bindings=0.0.0.0:99|AuthMechanism=Tls,BasicAuth,BasicAuthRequireTLS|DefaultDomain="
        "contoso.com|PermissionGroups=AnonymousUsers,ExchangeUsers|"
        "RejectSingleLabelRecipientDomains=1");
    return model;
}

struct line {
    const char *before, *address, *after;
    const char *reply, *about;
    uint32_t missing;
};

static void say_all(struct trial *trial, const struct line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct slice reply =
            trial_say(trial, lines[i].before, slice_of(lines[i].address), lines[i].after);
        row_expect_slice(lines[i].address, slice_first(reply, strlen(lines[i].reply)),
                         slice_of(lines[i].reply));
        row_expect_slice(lines[i].address, trial->about, slice_of(lines[i].about));
        row_expect(lines[i].address, "missing", trial->why.missing, lines[i].missing);
    }
}

static void a_stranger_gets_the_replies_of_a_session(void **state)
{
    (void)state;
    static const struct line lines[] = {
        /* clang-format off */
        {"RCPT TO:<", "known@contoso.com", ">",      "503 5.5.2 Need mail command", "", 0},
        {"MAIL FROM:<", "x@elsewhere.com", ">",      "250 2.1.0 Sender OK", "x@elsewhere.com", 0},
        {"RCPT TO:<", "known@contoso.com", ">",      "250 2.1.5", "known@contoso.com", 0},
        {"RCPT TO:<", "known", ">",                  "250 2.1.5", "known@contoso.com", 0},
        {"RCPT TO:<", "nobody@contoso.com", ">",     "550 5.1.1 User unknown", "nobody@contoso.com", 0},
        {"RCPT TO:<", "known@intranet", ">",         "550 5.1.6", "", 0},
        {"RCPT TO:<", "a b", ">",                    "501 5.1.3", "", 0},
        {"RCPT TO:<", "x@fabrikam.com", ">",         "550 5.7.54", "x@fabrikam.com", RIGHT_ACCEPT_ANY_RECIPIENT},
        {"RCPT TO:<", "postmaster", ">",             "250 2.1.5", "postmaster", 0},
        {"RSET", "", "",                             "250 2.0.0", "", 0},
        /* clang-format on */
    };
    struct receive_connector *connector;
    struct mailbox *anna;
    struct model *model = build(&connector, &anna);
    struct trial *trial = malloc(sizeof *trial);
    trial_init(trial, model, connector, recipient, NULL);
    say_all(trial, lines, COUNT_OF(lines));
    char long_address[3000];
    memset(long_address, 'a', sizeof long_address);
    row_expect_slice("too long",
                     slice_first(trial_say(trial, "MAIL FROM:<",
                                           (struct slice){long_address, sizeof long_address}, ">"),
                                 3),
                     SLICE("500"));
    trial_deinit(trial);
    free(trial);
    model_free(model);
}

static void a_user_writes_as_those_who_let_it(void **state)
{
    (void)state;
    static const struct line lines[] = {
        /* clang-format off */
        {"AUTH PLAIN =", "", "",                     "235 2.7.0", "", 0},
        {"MAIL FROM:<", "bert@contoso.com", ">",     "550 5.7.60", "bert@contoso.com", RIGHT_SEND_AS},
        {"MAIL FROM:<", "x@elsewhere.com", ">",      "550 5.7.60", "x@elsewhere.com", RIGHT_ACCEPT_ANY_SENDER},
        {"MAIL FROM:<", "Anna", ">",                 "250 2.1.0", "Anna@contoso.com", 0},
        {"RSET", "", "",                             "250 2.0.0", "", 0},
        {"MAIL FROM:<", "info@contoso.com", ">",     "250 2.1.0", "info@contoso.com", 0},
        {"RCPT TO:<", "x@fabrikam.com", ">",         "250 2.1.5", "x@fabrikam.com", 0},
        /* clang-format on */
    };
    struct receive_connector *connector;
    struct mailbox *anna;
    struct model *model = build(&connector, &anna);
    struct trial *trial = malloc(sizeof *trial);
    trial_init(trial, model, connector, recipient, NULL);
    say_all(trial, lines, 1);
    assert_true(trial_become(trial, anna));
    say_all(trial, lines + 1, COUNT_OF(lines) - 1);
    static const struct {
        const char *from;
        enum submission_from verdict;
    } fields[] = {
        {"Anna <anna@contoso.com>", SUBMISSION_FROM_GRANTED},
        {"info@contoso.com, anna@contoso.com", SUBMISSION_FROM_GRANTED},
        {"info@contoso.com, bert@contoso.com", SUBMISSION_FROM_DENIED},
        {"friends: anna@contoso.com;", SUBMISSION_FROM_UNCLEAR},
        {"", SUBMISSION_FROM_UNCLEAR},
    };
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        struct slice address;
        struct rights_answer why;
        row_expect(
            fields[i].from, "From",
            submission_judge_from(&trial->submission, slice_of(fields[i].from), &address, &why),
            fields[i].verdict);
        if (fields[i].verdict == SUBMISSION_FROM_DENIED)
            row_expect_slice(fields[i].from, address, SLICE("bert@contoso.com"));
    }
    trial_deinit(trial);
    free(trial);
    model_free(model);
}

static void who_may_not_submit_is_told_so(void **state)
{
    (void)state;
    struct receive_connector *connector;
    struct mailbox *anna;
    struct model *model = build(&connector, &anna);
    struct trial *trial = malloc(sizeof *trial);
    connector->permission_groups = GROUP_ANONYMOUS_USERS;
    trial_init(trial, model, connector, recipient, NULL);
    trial_say(trial, "AUTH PLAIN =", SLICE(""), "");
    assert_true(trial_become(trial, anna));
    const struct line line = {"MAIL FROM:<", "anna@contoso.com", ">",
                              "550 5.7.60",  "anna@contoso.com", RIGHT_SUBMIT};
    say_all(trial, &line, 1);
    trial_deinit(trial);
    free(trial);
    model_free(model);
}

/* Integrated and ExtendedProtectionPolicy, as a client inside TLS meets them. */
static void logins_are_taken_by_the_connectors_word(void **state)
{
    (void)state;
    static const struct {
        uint32_t mechanisms, protection;
        const char *plain, *scram, *scram_plus;
    } rows[] = {
        {AUTH_BASIC, EXTENDED_PROTECTION_REQUIRE, "235", "504", "504"},
        {AUTH_INTEGRATED, EXTENDED_PROTECTION_NONE, "504", "235", "504"},
        {AUTH_INTEGRATED, EXTENDED_PROTECTION_ALLOW, "504", "235", "235"},
        {AUTH_INTEGRATED, EXTENDED_PROTECTION_REQUIRE, "504", "504", "235"},
        {AUTH_INTEGRATED | AUTH_BASIC, EXTENDED_PROTECTION_REQUIRE, "235", "504", "235"},
    };
    struct receive_connector *connector;
    struct mailbox *anna;
    struct model *model = build(&connector, &anna);
    struct trial *trial = malloc(sizeof *trial);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct line lines[] = {
            {"AUTH PLAIN =", "", "", rows[i].plain, "", 0},
            {"AUTH SCRAM-SHA-256 =", "", "", rows[i].scram, "", 0},
            {"AUTH SCRAM-SHA-256-PLUS =", "", "", rows[i].scram_plus, "", 0}};
        connector->auth_mechanism = AUTH_TLS | rows[i].mechanisms;
        connector->extended_protection_policy = rows[i].protection;
        for (size_t k = 0; k < COUNT_OF(lines); k++) {
            trial_init(trial, model, connector, recipient, NULL);
            say_all(trial, &lines[k], 1);
            trial_deinit(trial);
        }
    }
    free(trial);
    model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stranger_gets_the_replies_of_a_session),
        cmocka_unit_test(a_user_writes_as_those_who_let_it),
        cmocka_unit_test(who_may_not_submit_is_told_so),
        cmocka_unit_test(logins_are_taken_by_the_connectors_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
