/* SPDX-License-Identifier: Apache-2.0 */
/* Permissions: whom a name means, who may write as whom, what is in force, and how a refusal reads.
 */
#include "fixture.h"
#include "model/permission_list.h"
#include "model/rights_text.h"
#include "model/send_as.h"

static void principals_have_several_names(void **state)
{
    (void)state;
    static const struct {
        const char *written;
        int principal; /* 0: no well-known name */
    } rows[] = {
        {"NT AUTHORITY\\ANONYMOUS LOGON", PRINCIPAL_ANONYMOUS},
        {"nt authority\\anonymous logon", PRINCIPAL_ANONYMOUS},
        {"Anonymous Logon", PRINCIPAL_ANONYMOUS},
        {"s-1-5-7", PRINCIPAL_ANONYMOUS},
        {"NT-AUTORITÄT\\ANONYMOUS-ANMELDUNG", PRINCIPAL_ANONYMOUS},
        {"Authenticated Users", PRINCIPAL_AUTHENTICATED},
        {"S-1-5-11", PRINCIPAL_AUTHENTICATED},
        {"self", PRINCIPAL_SELF},
        {"S-1-5-10", PRINCIPAL_SELF},
        {"Externally Secured Servers", PRINCIPAL_EXTERNALLY_SECURED},
        {"ExchangeLegacyInterop", PRINCIPAL_LEGACY_SERVERS},
        {"Mailbox", 0},
        {"anna", 0},
        {"S-1-5-77", 0},
        {"NT AUTHORITY\\", 0},
        {"", 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        enum principal principal = 0;
        bool known = principal_parse(slice_of(rows[i].written), &principal);
        row_expect(rows[i].written, "principal", known ? (int)principal : 0, rows[i].principal);
    }
    assert_string_equal(principal_name(PRINCIPAL_SELF), "NT AUTHORITY\\SELF");
}

/* --- a small world: three mailboxes, whose ids begin with 1, 2, 3 --- */

struct given { /* one Send As */
    unsigned char object, mailbox;
    const char *assignments;
};

#define SEND_AS "ExtendedRights=Send As|Principal="

static void send_as_is_held_on_mailboxes(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct given given[3];
        const char *addresses; /* that anna may write as */
    } rows[] = {
        /* clang-format off */
        {"herself",         {{0}}, "anna@contoso.com\n"},
        {"given",           {{2, 1, SEND_AS "Mailbox"}}, "anna@contoso.com\ninfo@contoso.com\nsales@contoso.com\n"},
        {"given to bert",   {{2, 3, SEND_AS "Mailbox"}}, "anna@contoso.com\n"},
        {"given to all",    {{3, 0, SEND_AS "NT AUTHORITY\\Authenticated Users"}}, "anna@contoso.com\nbert@contoso.com\n"},
        {"given twice",     {{3, 1, SEND_AS "Mailbox"}, {3, 0, SEND_AS "NT AUTHORITY\\Authenticated Users"}}, "anna@contoso.com\nbert@contoso.com\n"},
        {"denial wins",     {{3, 1, SEND_AS "Mailbox|Deny=1"}, {3, 0, SEND_AS "NT AUTHORITY\\Authenticated Users"}}, "anna@contoso.com\n"},
        {"not even oneself", {{1, 0, SEND_AS "NT AUTHORITY\\SELF|Deny=1"}, {3, 1, SEND_AS "Mailbox"}}, "bert@contoso.com\n"},
        {"another's self",  {{3, 0, SEND_AS "NT AUTHORITY\\SELF"}}, "anna@contoso.com\n"},
        {"oneself again",   {{1, 0, SEND_AS "NT AUTHORITY\\SELF"}}, "anna@contoso.com\n"},
        {"a mailbox that has gone", {{9, 1, SEND_AS "Mailbox"}}, "anna@contoso.com\n"},
        /* clang-format on */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct model *model = fixture_model();
        struct mailbox *anna =
            fixture_mailbox(model, 1, "Name=anna|PrimarySmtpAddress=anna@contoso.com");
        struct mailbox *info = fixture_mailbox(
            model, 2,
            "Name=info|PrimarySmtpAddress=info@contoso.com|EmailAddresses=sales@contoso.com");
        fixture_mailbox(model, 3, "Name=bert|PrimarySmtpAddress=bert@contoso.com");
        for (size_t k = 0; k < COUNT_OF(rows[i].given) && rows[i].given[k].assignments; k++)
            fixture_permission(model, (struct object_id){.bytes = {rows[i].given[k].object}},
                               rows[i].given[k].mailbox, rows[i].given[k].assignments);
        char storage[200];
        struct text lines = text_over(storage, sizeof storage);
        assert_true(send_as_append_addresses(model, anna, &lines));
        row_expect_slice(rows[i].name, text_slice(&lines), slice_of(rows[i].addresses));
        row_expect(rows[i].name, "as info", send_as_granted(model, anna, info),
                   slice_contains(slice_of(rows[i].addresses), SLICE("info@")));
        struct text narrow = text_over(storage, 10);
        assert_false(send_as_append_addresses(model, anna, &narrow));
        model_free(model);
    }
}

/* --- what is in force --- */

static void append_entry(void *context, const struct permission_entry *entry)
{
    struct text *text = context;
    if (entry->right != RIGHT_ACCEPT_ANY_RECIPIENT && entry->right != RIGHT_SEND_AS)
        return;
    text_append_format(text, "%s%s%s%s|", principal_name(entry->principal),
                       entry->deny ? " denied" : "", entry->by_hand ? " by hand" : "",
                       entry->effective ? "" : " in vain");
}

#define RELAY "ExtendedRights=ms-Exch-SMTP-Accept-Any-Recipient|Principal="
#define ANONYMOUS "NT AUTHORITY\\ANONYMOUS LOGON"
#define USERS "NT AUTHORITY\\Authenticated Users"

static void entries_say_who_may_relay(void **state)
{
    (void)state;
    static const struct {
        const char *connector, *permissions[2];
        const char *entries;
        bool open_relay;
    } rows[] = {
        /* clang-format off */
        {"PermissionGroups=AnonymousUsers", {0}, "", false},
        {"PermissionGroups=ExchangeUsers|AuthMechanism=Tls,BasicAuth", {0}, USERS "|", false},
        {"PermissionGroups=ExchangeUsers|AuthMechanism=Tls", {0}, USERS " in vain|", false},
        {"PermissionGroups=ExchangeUsers|AuthMechanism=BasicAuth", {RELAY USERS "|Deny=1"}, USERS " in vain|" USERS " denied by hand|", false},
        {"PermissionGroups=AnonymousUsers", {RELAY ANONYMOUS}, ANONYMOUS " by hand|", true},
        {"PermissionGroups=None", {RELAY ANONYMOUS}, ANONYMOUS " by hand|", false},
        {"PermissionGroups=AnonymousUsers|RemoteIPRanges=192.0.2.0/24", {RELAY ANONYMOUS}, ANONYMOUS " by hand|", false},
        {"PermissionGroups=AnonymousUsers|RemoteIPRanges=2000::/3", {RELAY ANONYMOUS}, ANONYMOUS " by hand|", true},
        {"PermissionGroups=AnonymousUsers", {RELAY ANONYMOUS, RELAY ANONYMOUS "|Deny=1"}, ANONYMOUS " by hand in vain|" ANONYMOUS " denied by hand|", false},
        {"PermissionGroups=ExchangeServers|AuthMechanism=ExternalAuthoritative", {0},
         "MS Exchange\\Externally Secured Servers|MS Exchange\\Hub Transport Servers in vain|MS Exchange\\Edge Transport Servers in vain|", true},
        {"AuthMechanism=BasicAuth", {RELAY "Mailbox", RELAY USERS "|Deny=1"}, "Mailbox by hand in vain|" USERS " denied by hand|", false},
        /* clang-format on */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct model *model = fixture_model();
        struct receive_connector *c = fixture_connector(model, "Relay", "Bindings=0.0.0.0:99");
        fixture_set_all(model, MODEL_RECEIVE_CONNECTOR, c, rows[i].connector);
        assert_false(permission_by_hand(model, c->id));
        for (size_t k = 0; k < 2 && rows[i].permissions[k]; k++)
            fixture_permission(model, c->id, 1, rows[i].permissions[k]);
        for (size_t k = 0; k < model_count(model, MODEL_PERMISSION); k++)
            if (model_permission(model, k)->principal != PRINCIPAL_MAILBOX)
                model_permission(model, k)->mailbox.bytes[0] = 0;
        char storage[600];
        struct text text = text_over(storage, sizeof storage);
        permission_list_connector(model, c, append_entry, &text);
        row_expect_slice(rows[i].connector, text_slice(&text), slice_of(rows[i].entries));
        row_expect(rows[i].entries, "open relay", permission_opens_relay(model, c),
                   rows[i].open_relay);
        row_expect(rows[i].entries, "by hand", permission_by_hand(model, c->id),
                   rows[i].permissions[0] != NULL);
        model_free(model);
    }
}

static void a_mailbox_lists_its_own_right(void **state)
{
    (void)state;
    struct model *model = fixture_model();
    struct mailbox *anna =
        fixture_mailbox(model, 1, "Name=anna|PrimarySmtpAddress=anna@contoso.com");
    fixture_permission(model, anna->id, 0, SEND_AS "NT AUTHORITY\\SELF|Deny=1");
    char storage[200];
    struct text text = text_over(storage, sizeof storage);
    permission_list_mailbox(model, anna, append_entry, &text);
    row_expect_slice("denied", text_slice(&text),
                     SLICE("NT AUTHORITY\\SELF in vain|NT AUTHORITY\\SELF denied by hand|"));
    model_free(model);
}

static void a_refusal_names_right_and_command(void **state)
{
    (void)state;
    struct receive_connector connector = {.identity = SLICE("MX1\\Front")};
    static const struct {
        struct rights_refusal refusal;
        const char *reason, *mending;
    } rows[] = {
        {{NULL, RIGHTS_ANONYMOUS, {NULL, 0}, SLICE_INIT("x@y.z"), RIGHT_ACCEPT_ANY_RECIPIENT},
         "NT AUTHORITY\\ANONYMOUS LOGON lacks ms-Exch-SMTP-Accept-Any-Recipient on MX1\\Front",
         "Add-ADPermission -Identity \"MX1\\Front\" -User \"NT AUTHORITY\\ANONYMOUS LOGON\" "
         "-ExtendedRights \"ms-Exch-SMTP-Accept-Any-Recipient\""},
        {{NULL, RIGHTS_AUTHENTICATED, SLICE_INIT("anna"), SLICE_INIT("a\"b\n@y.z"), RIGHT_SEND_AS},
         "anna lacks Send As on a\\x22b\\x0A@y.z",
         "Add-ADPermission -Identity \"a\\x22b\\x0A@y.z\" -User \"anna\" -ExtendedRights "
         "\"Send As\""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct rights_refusal refusal = rows[i].refusal;
        char storage[400];
        struct text text = text_over(storage, sizeof storage);
        refusal.connector = &connector;
        assert_true(rights_append_reason(&text, &refusal));
        row_expect_slice("reason", text_slice(&text), slice_of(rows[i].reason));
        text_clear(&text);
        assert_true(rights_append_mending(&text, &refusal));
        row_expect_slice("command", text_slice(&text), slice_of(rows[i].mending));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(principals_have_several_names),
        cmocka_unit_test(send_as_is_held_on_mailboxes),
        cmocka_unit_test(entries_say_who_may_relay),
        cmocka_unit_test(a_mailbox_lists_its_own_right),
        cmocka_unit_test(a_refusal_names_right_and_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
