/* SPDX-License-Identifier: Apache-2.0 */
/* Who holds the mailboxes: what may be written, what is read, and what is said of the rest. */
#include "model/mailbox_transport.h"
#include "fixture.h"

#define FORM "must look like unix:/run/dovecot/lmtp, inet:127.0.0.1:24 or inet:store.contoso.com."
#define PATH "is no path of a socket: one begins with / and has at most 107 bytes."
#define HOST "names no host: behind inet: is a name, or an address; one of IPv6 in brackets."
#define PORT "has no port from 1 to 65535 behind the colon."

static const struct {
    const char *written, *path, *host;
    unsigned port;
    const char *wrong;
} rows[] = {
    /* clang-format off */
    {"unix:/run/dovecot/lmtp",       "/run/dovecot/lmtp", "", 0, NULL},
    {"UNIX:/x",                      "/x", "", 0, NULL},
    {"unix:/with, comma",            "/with, comma", "", 0, NULL},
    {"inet:127.0.0.1",               "", "127.0.0.1", 24, NULL},
    {"inet:127.0.0.1:2424",          "", "127.0.0.1", 2424, NULL},
    {"Inet:[127.0.0.1]:1",           "", "127.0.0.1", 1, NULL},
    {"inet:[::1]",                   "", "::1", 24, NULL},
    {"inet:[2001:db8::1]:65535",     "", "2001:db8::1", 65535, NULL},
    {"inet:store.contoso.com",       "", "store.contoso.com", 24, NULL},
    {"inet:localhost:24",            "", "localhost", 24, NULL},
    {"/run/dovecot/lmtp",            "", "", 0, FORM},
    {"store.contoso.com:24",         "", "", 0, FORM},
    {"lmtp:unix:/run/dovecot/lmtp",  "", "", 0, FORM},
    {"unix:",                        "", "", 0, PATH},
    {"unix:/",                       "", "", 0, PATH},
    {"unix:run/lmtp",                "", "", 0, PATH},
    {"inet:",                        "", "", 0, HOST},
    {"inet::24",                     "", "", 0, HOST},
    {"inet:::1",                     "", "", 0, HOST},
    {"inet:2001:db8::1",             "", "", 0, HOST},
    {"inet:[::1",                    "", "", 0, HOST},
    {"inet:[store.contoso.com]",     "", "", 0, HOST},
    {"inet:store contoso:24",        "", "", 0, HOST},
    {"inet:a..b",                    "", "", 0, HOST},
    {"inet:[::1]24",                 "", "", 0, PORT},
    {"inet:127.0.0.1:",              "", "", 0, PORT},
    {"inet:127.0.0.1:0",             "", "", 0, PORT},
    {"inet:127.0.0.1:65536",         "", "", 0, PORT},
    {"inet:127.0.0.1:lmtp",          "", "", 0, PORT},
    /* clang-format on */
};

static void targets_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct mailbox_target target;
        const char *wrong;
        bool good = mailbox_target_parse(slice_of(rows[i].written), &target, &wrong);
        row_expect_slice(rows[i].written, slice_of(wrong), slice_of(rows[i].wrong));
        row_expect(rows[i].written, "good", good, !rows[i].wrong);
        if (!good)
            continue;
        row_expect_slice(rows[i].written, target.path, slice_of(rows[i].path));
        row_expect_slice(rows[i].written, target.host, slice_of(rows[i].host));
        row_expect(rows[i].written, "port", target.port, (long long)rows[i].port);
    }
}

static void the_setting_says_what_is_wrong(void **state)
{
    (void)state;
    char storage[300];
    struct text error = text_over(storage, sizeof storage);
    struct slice written = SLICE("inet:::1");
    struct model *model = model_new();
    struct transport_service *service = model_object_new(model, MODEL_TRANSPORT_SERVICE);
    const struct setting *row =
        setting_exact(transport_service_settings, SLICE("MailboxTransport"));
    assert_true(model_add(model, MODEL_TRANSPORT_SERVICE, service));
    assert_int_equal(mailbox_transport_of(model).len, 0);
    assert_false(setting_parse(row, service, model->arena, &written, 1, &error));
    row_expect_slice("refused", text_slice(&error), SLICE("MailboxTransport: \"inet:::1\" " HOST));
    fixture_set(model, MODEL_TRANSPORT_SERVICE, service, "MailboxTransport", "unix:/a");
    row_expect_slice("kept", mailbox_transport_of(model), SLICE("unix:/a"));
    fixture_set(model, MODEL_TRANSPORT_SERVICE, service, "MailboxTransport", "$null");
    assert_int_equal(mailbox_transport_of(model).len, 0);
    assert_int_equal(mailbox_transport_of(NULL).len, 0);
    model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(targets_are_read),
                                       cmocka_unit_test(the_setting_says_what_is_wrong)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
