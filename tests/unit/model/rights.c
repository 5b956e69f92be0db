/* SPDX-License-Identifier: Apache-2.0 */
/* rights: who may submit, send as whom, and write to whom. */
#include "model/rights.h"
#include "fixture.h"

static void groups_give_the_rights_of_the_table(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum rights_who who;
        uint32_t group, rights;
    } rows[] = {
        {"anonymous", RIGHTS_ANONYMOUS, GROUP_ANONYMOUS_USERS, 0x04d},
        {"users", RIGHTS_AUTHENTICATED, GROUP_EXCHANGE_USERS, 0x243},
        {"external", RIGHTS_EXTERNALLY_SECURED, GROUP_EXCHANGE_SERVERS, 0x67f},
        {"servers", RIGHTS_SERVER, GROUP_EXCHANGE_SERVERS, 0x7ff},
        {"legacy", RIGHTS_LEGACY_SERVER, GROUP_EXCHANGE_LEGACY_SERVERS, 0x67f},
        {"partners", RIGHTS_PARTNER, GROUP_PARTNERS, 0x041},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        row_expect(rows[i].name, "rights", rights_of_groups(rows[i].group, rows[i].who),
                   rows[i].rights);
        row_expect(rows[i].name, "rights without the group",
                   rights_of_groups(~rows[i].group, rows[i].who), 0);
    }
}

static struct model *build(void)
{
    struct model *model = fixture_model();
    const char *mailboxes[] = {
        "Name=anna|PrimarySmtpAddress=anna@contoso.com|EmailAddresses=info@contoso.com",
        "Name=bert|PrimarySmtpAddress=bert@contoso.com"};
    for (size_t i = 0; i < 2; i++) {
        struct mailbox *mailbox = model_object_new(model, MODEL_MAILBOX);
        mailbox->id.bytes[0] = (unsigned char)(1 + i);
        fixture_set_all(model, MODEL_MAILBOX, mailbox, mailboxes[i]);
        assert_true(model_add(model, MODEL_MAILBOX, mailbox));
    }
    const char *domains[] = {"Name=r|DomainName=relay.com|DomainType=ExternalRelay",
                             "Name=w|DomainName=*.fabrikam.com"};
    for (size_t i = 0; i < 2; i++) {
        void *domain = model_object_new(model, MODEL_ACCEPTED_DOMAIN);
        fixture_set_all(model, MODEL_ACCEPTED_DOMAIN, domain, domains[i]);
        assert_true(model_add(model, MODEL_ACCEPTED_DOMAIN, domain));
    }
    return model;
}

static void senders_and_recipients_are_judged(void **state)
{
    (void)state;
    enum { ANONYMOUS = 0x04d, USER = 0x243, CAREFUL = ANONYMOUS & ~8 };
    static const struct {
        const char *login; /* NULL: nobody logged in */
        uint32_t rights;
        const char *sender, *recipient_domain;
        enum rights_verdict sender_verdict, recipient_verdict;
    } rows[] = {
        {NULL, ANONYMOUS, "x@elsewhere.com", "contoso.com", RIGHTS_GRANTED, RIGHTS_GRANTED},
        {NULL, ANONYMOUS, "anna@contoso.com", "CONTOSO.COM.", RIGHTS_GRANTED, RIGHTS_GRANTED},
        {NULL, CAREFUL, "anna@contoso.com", "elsewhere.com", RIGHTS_DOMAIN_DENIED,
         RIGHTS_RELAY_DENIED},
        {NULL, CAREFUL, "\"a@b\"@contoso.com", "relay.com", RIGHTS_DOMAIN_DENIED, RIGHTS_GRANTED},
        {NULL, CAREFUL, "x@relay.com", "fabrikam.com", RIGHTS_GRANTED, RIGHTS_RELAY_DENIED},
        {NULL, CAREFUL, "x@a.fabrikam.com", "a.fabrikam.com", RIGHTS_DOMAIN_DENIED, RIGHTS_GRANTED},
        {NULL, CAREFUL, "", "xfabrikam.com", RIGHTS_GRANTED, RIGHTS_RELAY_DENIED},
        {"anna", USER, "anna@contoso.com", "elsewhere.com", RIGHTS_GRANTED, RIGHTS_GRANTED},
        {"anna", USER, "INFO@contoso.com", "elsewhere.com", RIGHTS_GRANTED, RIGHTS_GRANTED},
        {"anna", USER, "bert@contoso.com", "contoso.com", RIGHTS_SEND_AS_DENIED, RIGHTS_GRANTED},
        {"anna", USER, "x@elsewhere.com", "contoso.com", RIGHTS_SEND_AS_DENIED, RIGHTS_GRANTED},
        {"anna", USER, "", "contoso.com", RIGHTS_GRANTED, RIGHTS_GRANTED},
        {"anna", USER | 4, "x@elsewhere.com", "contoso.com", RIGHTS_GRANTED, RIGHTS_GRANTED},
        {"anna", USER | 4, "bert@contoso.com", "contoso.com", RIGHTS_DOMAIN_DENIED, RIGHTS_GRANTED},
        {"anna", USER | 12, "bert@contoso.com", "contoso.com", RIGHTS_GRANTED, RIGHTS_GRANTED},
    };
    struct model *model = build();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct mailbox *mailbox =
            rows[i].login ? mailbox_of_login(model, slice_of(rows[i].login)) : NULL;
        struct rights_answer sender =
            rights_check_sender(model, rows[i].rights, mailbox, slice_of(rows[i].sender));
        struct rights_answer recipient =
            rights_check_recipient(model, rows[i].rights, slice_of(rows[i].recipient_domain));
        row_expect(rows[i].sender, "sender", sender.verdict, rows[i].sender_verdict);
        row_expect(rows[i].sender, "missing right named", sender.missing != 0,
                   rows[i].sender_verdict != RIGHTS_GRANTED);
        row_expect(rows[i].recipient_domain, "recipient", recipient.verdict,
                   rows[i].recipient_verdict);
    }
    const struct mailbox *anna = mailbox_of_login(model, SLICE("anna"));
    row_expect("relay", "missing", rights_check_recipient(model, 0, SLICE("x.y")).missing,
               RIGHT_ACCEPT_ANY_RECIPIENT);
    row_expect("bert", "missing",
               rights_check_sender(model, USER, anna, SLICE("bert@contoso.com")).missing,
               RIGHT_SEND_AS);
    row_expect("elsewhere", "missing",
               rights_check_sender(model, USER, anna, SLICE("x@elsewhere.com")).missing,
               RIGHT_ACCEPT_ANY_SENDER);
    assert_int_equal(rights_check_submit(0).verdict, RIGHTS_NO_SUBMIT);
    assert_int_equal(rights_check_submit(RIGHT_SUBMIT).verdict, RIGHTS_GRANTED);
    model_free(model);
}

static void logins_are_of_use_to_who_may_submit(void **state)
{
    (void)state;
    static const struct {
        const char *connector, *permission; /* NULL: none */
        bool useful;
    } rows[] = {
        /* clang-format off */
        {"PermissionGroups=ExchangeUsers", NULL, true},
        {"PermissionGroups=AnonymousUsers,ExchangeServers", NULL, false},
        {"PermissionGroups=AnonymousUsers", "Principal=Mailbox|ExtendedRights=ms-Exch-SMTP-Submit", true},
        {"PermissionGroups=AnonymousUsers", "Principal=Mailbox|ExtendedRights=ms-Exch-SMTP-Submit|Deny=1", false},
        {"PermissionGroups=AnonymousUsers", "Principal=Mailbox|ExtendedRights=ms-Exch-SMTP-Accept-Any-Sender", false},
        {"PermissionGroups=AnonymousUsers", "Principal=NT AUTHORITY\\Authenticated Users|ExtendedRights=ms-Exch-SMTP-Submit", true},
        {"PermissionGroups=ExchangeUsers", "Principal=NT AUTHORITY\\Authenticated Users|ExtendedRights=ms-Exch-SMTP-Submit|Deny=1", false},
        {"PermissionGroups=ExchangeUsers", "Principal=Mailbox|ExtendedRights=ms-Exch-SMTP-Submit|Deny=1", true},
        /* clang-format on */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct model *model = build();
        struct receive_connector *c = fixture_connector(model, "One", "Bindings=0.0.0.0:99");
        fixture_set_all(model, MODEL_RECEIVE_CONNECTOR, c, rows[i].connector);
        if (rows[i].permission) {
            struct permission *permission = model_object_new(model, MODEL_PERMISSION);
            fixture_set_all(model, MODEL_PERMISSION, permission, rows[i].permission);
            permission->object = c->id;
            assert_true(model_add(model, MODEL_PERMISSION, permission));
        }
        row_expect(rows[i].permission ? rows[i].permission : rows[i].connector, "useful",
                   rights_login_is_useful(model, c), rows[i].useful);
        model_free(model);
    }
}

static void permissions_add_and_deny(void **state)
{
    (void)state;
    enum { ANNA = 1, BERT, NOBODY = 0 };
    static const struct {
        const char *permission;
        unsigned char mailbox; /* whom it is for, by its id */
        enum rights_who who;
        const char *account;
        uint32_t added, removed;
    } rows[] = {
        /* clang-format off */
        {"Principal=NT AUTHORITY\\ANONYMOUS LOGON|ExtendedRights=Ms-Exch-SMTP-Accept-Any-Recipient", NOBODY, RIGHTS_ANONYMOUS, "", RIGHT_ACCEPT_ANY_RECIPIENT, 0},
        {"Principal=NT AUTHORITY\\ANONYMOUS LOGON|ExtendedRights=ms-exch-smtp-submit|Deny=1", NOBODY, RIGHTS_ANONYMOUS, "", 0, RIGHT_SUBMIT},
        {"Principal=NT AUTHORITY\\ANONYMOUS LOGON|ExtendedRights=ms-exch-smtp-submit|Deny=1", NOBODY, RIGHTS_AUTHENTICATED, "anna", 0, 0},
        {"Principal=NT AUTHORITY\\Authenticated Users|ExtendedRights=ms-Exch-SMTP-Accept-Any-Sender", NOBODY, RIGHTS_AUTHENTICATED, "bert", RIGHT_ACCEPT_ANY_SENDER, 0},
        {"Principal=MS Exchange\\Edge Transport Servers|ExtendedRights=ms-Exch-SMTP-Submit", NOBODY, RIGHTS_SERVER, "", RIGHT_SUBMIT, 0},
        {"Principal=Mailbox|ExtendedRights=ms-Exch-SMTP-Accept-Any-Sender", ANNA, RIGHTS_AUTHENTICATED, "anna", RIGHT_ACCEPT_ANY_SENDER, 0},
        {"Principal=Mailbox|ExtendedRights=ms-Exch-SMTP-Accept-Any-Sender", ANNA, RIGHTS_AUTHENTICATED, "bert", 0, 0},
        {"Principal=Mailbox|ExtendedRights=ms-Exch-SMTP-Accept-Any-Sender", ANNA, RIGHTS_ANONYMOUS, "anna", 0, 0},
        {"Principal=Mailbox|ExtendedRights=ms-Exch-SMTP-Accept-Any-Recipient|Deny=1", BERT, RIGHTS_AUTHENTICATED, "bert", 0, RIGHT_ACCEPT_ANY_RECIPIENT},
        /* clang-format on */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct model *model = build();
        struct receive_connector *c = fixture_connector(
            model, "Both", "Bindings=0.0.0.0:99|PermissionGroups=AnonymousUsers,ExchangeUsers");
        const struct mailbox *account = mailbox_of_login(model, slice_of(rows[i].account));
        uint32_t before = rights_of_session(model, c, rows[i].who, account);
        struct permission *permission = model_object_new(model, MODEL_PERMISSION);
        fixture_set_all(model, MODEL_PERMISSION, permission, rows[i].permission);
        permission->mailbox.bytes[0] = rows[i].mailbox;
        assert_true(model_add(model, MODEL_PERMISSION, permission));
        row_expect(rows[i].permission, "of another connector",
                   rights_of_session(model, c, rows[i].who, account), before);
        permission->object = c->id;
        row_expect(rows[i].permission, "rights", rights_of_session(model, c, rows[i].who, account),
                   (before | rows[i].added) & ~rows[i].removed);
        model_free(model);
    }
    struct receive_connector external = {.auth_mechanism = AUTH_EXTERNAL_AUTHORITATIVE},
                             plain = {0};
    assert_int_equal(rights_who_of(&external, false), RIGHTS_EXTERNALLY_SECURED);
    assert_int_equal(rights_who_of(&plain, false), RIGHTS_ANONYMOUS);
    assert_int_equal(rights_who_of(&plain, true), RIGHTS_AUTHENTICATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_give_the_rights_of_the_table),
        cmocka_unit_test(senders_and_recipients_are_judged),
        cmocka_unit_test(logins_are_of_use_to_who_may_submit),
        cmocka_unit_test(permissions_add_and_deny),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
