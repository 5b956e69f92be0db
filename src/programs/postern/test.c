/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/test.h"

#include "base/base64.h"
#include "base/hex.h"
#include "operations/operation.h"
#include "os/clock.h"
#include "os/random.h"
#include "programs/postern/arrival.h"
#include "programs/postern/message.h"
#include "programs/postern/presented.h"
#include "programs/postern/report.h"
#include "programs/postern/target.h"
#include "programs/postern/test_client.h"
#include "programs/postern/test_options.h"
#include "shell/explanation.h"
#include "shell/value.h"

#include <stdio.h>
#include <string.h>

const char test_usage[] =
    "usage: postern test [--connector NAME] [--user U --password -|P] [--to ADDRESS]\n"
    "                    [--as CLIENT] [--strict] [--transcript] [--ca FILE] [--demo FILE]\n"
    "                    [--wait-delivered MAILDIR]\n"
    "CLIENT is thunderbird, outlook, ios, printer, exchange-online, exchange-hybrid or swaks: the\n"
    "test speaks its versions of TLS, sends the host name or not as it does, and fails where it\n"
    "would complain of the certificate. --strict fails at every warning.\n";

enum { ADDRESS_BYTES = 330, TOKEN_RANDOM_BYTES = 12, ERROR_MAX = 1024 };

struct test {
    const struct place *place;
    struct test_options options;
    struct target target;
    struct smtp_client client;
    struct test_client played;
    struct report report;
    char from[ADDRESS_BYTES], to[ADDRESS_BYTES], token[64];
};

static struct slice server_name(const struct test *test)
{
    return value_text(test->target.explained, "Fqdn");
}

static bool fail_step(struct test *test, const char *name)
{
    struct slice failure = text_slice(&test->client.failure);
    struct slice rest = text_slice(&test->client.reply.text), line = SLICE("");
    (void)slice_take_field(&rest, '\n', &line);
    if (failure.len > 0)
        return report_end(&test->report, name, false, "%.*s", SLICE_ARG(failure));
    return report_end(&test->report, name, false, "%u %.*s", test->client.reply.code,
                      SLICE_ARG(line));
}

/* --- connect, TLS --- */

static bool connect_step(struct test *test)
{
    char storage[80];
    struct text where = text_over(storage, sizeof(storage));
    ip_endpoint_append(&where, test->target.endpoint);
    report_begin(&test->report);
    if (!smtp_client_connect(&test->client, test->target.endpoint))
        return fail_step(test, "connect");
    return report_end(&test->report, "connect", true, "%.*s %.*s",
                      SLICE_ARG(value_text(test->target.explained, "Name")),
                      SLICE_ARG(text_slice(&where)));
}

static bool greet(struct test *test)
{
    return smtp_client_read_reply(&test->client) && test->client.reply.code == 220;
}

static bool hello(struct test *test)
{
    return smtp_client_command(&test->client, SLICE("EHLO localhost"), NULL) &&
           test->client.reply.code == 250;
}

static bool begin_in_clear(struct test *test)
{
    struct slice ignored;
    if (!greet(test) || !hello(test))
        return false;
    if (client_reply_offers(&test->client.reply, SLICE("STARTTLS"), &ignored))
        return smtp_client_command(&test->client, SLICE("STARTTLS"), NULL) &&
               test->client.reply.code == 220;
    text_append_c(&test->client.failure, "the server does not offer STARTTLS");
    return false;
}

/* The name in the TLS hello, which the certificate is compared with. */
static struct slice asked_name(const struct test *test)
{
    const struct client_kind *kind = test->options.kind;
    return kind && !kind->sends_name ? SLICE("") : server_name(test);
}

static bool hub_foretells(const struct test *test, enum client_finding finding)
{
    size_t index;
    json_t *client;
    json_array_foreach(value_at(test->target.explained, "Clients"), index, client)
    {
        if (slice_equal(value_text(client, "Name"), slice_of(test->options.kind->name)) &&
            slice_equal(value_text(client, "Code"), slice_of(client_finding_code(finding))))
            return true;
    }
    return false;
}

/* Then there is no handshake, and no certificate to judge. */
static void say_key_not_understood(const struct test *test)
{
    const struct client_kind *kind = test->options.kind;
    enum client_finding finding = CLIENT_KEY_NOT_UNDERSTOOD;
    if (kind && hub_foretells(test, finding))
        report_note("%s %s: %s (%s)", kind->title, kind->when_not_content,
                    client_finding_text(finding), client_finding_code(finding));
}

static bool tls_step(struct test *test)
{
    bool implicit = test->target.implicit_tls;
    const char *name = implicit ? "TLS" : "STARTTLS";
    report_begin(&test->report);
    if (!implicit && !begin_in_clear(test))
        return fail_step(test, name);
    if (!smtp_client_start_tls(&test->client, test->played.context, asked_name(test)) ||
        (implicit && !greet(test)) || !hello(test)) {
        fail_step(test, name);
        say_key_not_understood(test);
        return false;
    }
    return report_end(&test->report, name, true, "%.*s %.*s",
                      SLICE_ARG(tls_engine_version(test->client.tls)),
                      SLICE_ARG(tls_engine_cipher(test->client.tls)));
}

static bool clear_step(struct test *test)
{
    const struct client_kind *kind = test->options.kind;
    report_begin(&test->report);
    if (!greet(test) || !hello(test))
        return fail_step(test, "EHLO");
    if (kind && kind->insists_on_tls)
        return report_end(&test->report, "EHLO", false, "%s: %s; it %s", kind->title,
                          client_finding_text(CLIENT_NO_TLS), kind->when_not_content);
    report_end(&test->report, "EHLO", true, "in clear: the connector offers no TLS");
    report_warn(&test->report, SLICE("the connection is not encrypted"));
    return true;
}

/* --- the certificate --- */

static void explain_choice(const struct test *test)
{
    struct slice rest = value_text(test->target.explained, "Because"), line = SLICE("");
    (void)slice_take_field(&rest, '\n', &line);
    report_note("why this one: %.*s", SLICE_ARG(line));
    report_note("-> postern explain \"%.*s\"",
                SLICE_ARG(value_text(test->target.explained, "Name")));
}

/* The hub said what the connector presents; what came must be that. */
static bool as_announced(const struct test *test, const struct presented *presented)
{
    struct slice announced = value_text(test->target.explained, "Presents.Thumbprint");
    if (slice_equal(announced, text_slice(&presented->thumbprint)))
        return true;
    report_note("the hub says it presents %.*s", SLICE_ARG(announced));
    return false;
}

/* Whose root it is not sees a chain without an end; the hub knows that the root is a private one.
 */
static uint32_t findings_of(const struct test *test, const struct presented *presented)
{
    uint32_t incomplete = CLIENT_BIT(CLIENT_CHAIN_INCOMPLETE);
    struct slice root = value_text(test->target.explained, "Presents.RootCAType");
    if (!(presented->findings & incomplete) || !slice_equal(root, SLICE("Enterprise")))
        return presented->findings;
    return (presented->findings & ~incomplete) | CLIENT_BIT(CLIENT_PRIVATE_ROOT);
}

static enum client_finding complaint_of(const struct test *test, const struct presented *presented)
{
    const struct client_kind *kind = test->options.kind;
    if (!kind)
        return CLIENT_CONTENT;
    if (!(kind->keys & CERTIFICATE_KEY_BIT(presented->key_kind)))
        return CLIENT_KEY_NOT_UNDERSTOOD;
    return client_kind_minds(kind, findings_of(test, presented));
}

/* In the words of the client, or of a careful one. */
static void say_verdict(struct test *test, const struct presented *presented)
{
    const struct client_kind *kind = test->options.kind;
    struct slice rest = text_slice(&presented->warnings), line;
    if (!kind) {
        while (slice_take_field(&rest, '\n', &line))
            report_warn(&test->report, line);
        return;
    }
    enum client_finding finding = complaint_of(test, presented);
    if (finding == CLIENT_CONTENT)
        report_note("%s: %s", kind->title, client_finding_text(finding));
    else
        report_note("%s %s: %s (%s)", kind->title, kind->when_not_content,
                    client_finding_text(finding), client_finding_code(finding));
}

static bool judge_certificate(struct test *test, const struct presented *presented)
{
    char storage[64];
    struct text thumbprint = text_over(storage, sizeof(storage));
    bool good = as_announced(test, presented) && complaint_of(test, presented) == CLIENT_CONTENT;
    thumbprint_append_short(&thumbprint, text_slice(&presented->thumbprint));
    report_end(&test->report, "certificate", good, "%.*s (%s%lld d, thumbprint %.*s)",
               SLICE_ARG(text_slice(&presented->subject)),
               presented->self_signed ? "self-signed, " : "", (long long)presented->days_left,
               SLICE_ARG(text_slice(&thumbprint)));
    say_verdict(test, presented);
    explain_choice(test);
    return good;
}

static bool certificate_step(struct test *test)
{
    struct presented presented;
    report_begin(&test->report);
    bool good = presented_read(test->client.tls, clock_wall_ms(), &presented)
                    ? judge_certificate(test, &presented)
                    : report_end(&test->report, "certificate", false, "none that can be read");
    presented_deinit(&presented);
    return good;
}

/* --- AUTH --- */

static bool offers_plain(struct test *test)
{
    struct slice mechanisms, word;
    if (!client_reply_offers(&test->client.reply, SLICE("AUTH"), &mechanisms))
        return false;
    while (slice_take_word(&mechanisms, &word))
        if (slice_equal_nocase(word, SLICE("PLAIN")))
            return true;
    return false;
}

static bool send_plain(struct test *test)
{
    char plain_storage[1300], line_storage[SMTP_LINE_MAX];
    struct text plain = text_over(plain_storage, sizeof(plain_storage));
    struct text line = text_over(line_storage, sizeof(line_storage));
    text_append_byte(&plain, '\0');
    text_append_c(&plain, test->options.user);
    text_append_byte(&plain, '\0');
    text_append_c(&plain, test->options.password);
    text_append_c(&line, "AUTH PLAIN ");
    bool good = !plain.truncated && base64_append(&line, text_slice(&plain)) &&
                smtp_client_command(&test->client, text_slice(&line), "AUTH PLAIN ***");
    explicit_bzero(plain_storage, sizeof(plain_storage));
    explicit_bzero(line_storage, sizeof(line_storage));
    return good && test->client.reply.code == 235;
}

static bool auth_step(struct test *test)
{
    report_begin(&test->report);
    if (!offers_plain(test))
        return report_end(&test->report, "AUTH PLAIN", false, "the server does not offer it");
    if (!send_plain(test))
        return fail_step(test, "AUTH PLAIN");
    return report_end(&test->report, "AUTH PLAIN", true, "as %s", test->options.user);
}

/* --- the message --- */

static bool message_step(struct test *test)
{
    int64_t now_ms = clock_wall_ms();
    struct test_message message = {
        .from = slice_of(test->from),
        .to = slice_of(test->to),
        .id = slice_of(test->token),
        .host = server_name(test),
        .at_ms = now_ms,
        .offset_minutes = clock_offset_minutes(now_ms),
    };
    report_begin(&test->report);
    if (!message_send(&test->client, &message))
        return fail_step(test, "message");
    struct arrival_question question = {
        .place = test->place,
        .to = test->to,
        .maildir = test->options.wait_delivered,
        .token = slice_of(test->token),
        .number = message_number(&test->client),
    };
    char storage[256];
    struct text outcome = text_over(storage, sizeof(storage));
    bool good = arrival_wait(&question, &outcome);
    return report_end(&test->report, "message", good, "<%s@%.*s> %.*s", test->token,
                      SLICE_ARG(server_name(test)), SLICE_ARG(text_slice(&outcome)));
}

/* --- the whole --- */

static bool copy_address(char out[ADDRESS_BYTES], struct slice address)
{
    struct text text = text_over(out, ADDRESS_BYTES);
    return text_append(&text, address) && text_c_string(&text) != NULL;
}

/* The user's own address to write as; without --to the message goes there too. */
static bool find_addresses(struct test *test)
{
    json_t *mailbox = test->options.user ? target_mailbox(test->place, test->options.user) : NULL;
    struct slice own = value_text(mailbox, "PrimarySmtpAddress");
    struct slice to = test->options.to ? slice_of(test->options.to) : own;
    bool good = to.len > 0 && copy_address(test->to, to) &&
                copy_address(test->from, own.len > 0 ? own : to);
    json_decref(mailbox);
    if (!good)
        fprintf(stderr, "postern: to whom? Give --to ADDRESS, or --user with a mailbox\n");
    return good;
}

static void make_token(struct test *test)
{
    unsigned char bytes[TOKEN_RANDOM_BYTES];
    struct text token = text_over(test->token, sizeof(test->token));
    random_bytes(bytes, sizeof(bytes));
    text_append_c(&token, "postern-test-");
    hex_append_lower(&token, slice_bytes(bytes, sizeof(bytes)));
    (void)text_c_string(&token);
}

static bool run_steps(struct test *test)
{
    bool encrypted = test->target.offers_tls;
    bool logs_in = test->options.user && test->target.takes_login;
    bool good = connect_step(test) && (encrypted ? tls_step(test) : clear_step(test)) &&
                (!encrypted || certificate_step(test)) && (!logs_in || auth_step(test)) &&
                message_step(test);
    if (test->client.fd >= 0 && test->client.failure.len == 0)
        (void)smtp_client_command(&test->client, SLICE("QUIT"), NULL);
    return good;
}

static void print_swaks(const struct test *test)
{
    char storage[80];
    struct text server = text_over(storage, sizeof(storage));
    ip_endpoint_append(&server, test->target.endpoint);
    printf("  swaks --server %.*s%s", SLICE_ARG(text_slice(&server)),
           test->target.implicit_tls ? " --tls-on-connect"
           : test->target.offers_tls ? " --tls"
                                     : "");
    if (test->options.user && test->target.takes_login)
        printf(" --auth PLAIN --auth-user %s", test->options.user);
    printf(" --from %s --to %s\n", test->from, test->to);
}

static int conclude(struct test *test, bool good)
{
    unsigned warnings = test->report.warnings;
    bool strict = test->options.strict && warnings > 0;
    if (test->options.transcript)
        printf("%.*s", SLICE_ARG(text_slice(&test->client.transcript)));
    printf("  %s", !good ? "FAIL" : strict ? "FAIL (--strict)" : "PASS");
    if (warnings > 0)
        printf(" (%u warning%s)", warnings, warnings == 1 ? "" : "s");
    printf("      same test with swaks:\n");
    print_swaks(test);
    return good && !strict ? OPERATION_OK : OPERATION_FAILED;
}

static int run_test(struct test *test)
{
    int exit_code =
        target_find(test->place, test->options.connector, test->options.kind, &test->target);
    if (exit_code != OPERATION_OK)
        return exit_code;
    if (!find_addresses(test))
        return OPERATION_USAGE;
    if (!test_client_init(&test->played, test->options.kind, test->place, test->options.ca)) {
        fprintf(stderr, "postern: TLS cannot be started\n");
        return OPERATION_FAILED;
    }
    make_token(test);
    return conclude(test, run_steps(test));
}

int test_run(const struct place *place, const char *const *words, size_t count)
{
    static struct test test;
    char storage[ERROR_MAX];
    struct text error = text_over(storage, sizeof(storage));
    test.place = place;
    if (!test_options_parse(words, count, &test.options, &error) ||
        !test_options_complete(&test.options, place, &error)) {
        fprintf(stderr, "postern: %.*s\n%s", SLICE_ARG(text_slice(&error)), test_usage);
        return OPERATION_USAGE;
    }
    smtp_client_init(&test.client);
    int exit_code = run_test(&test);
    smtp_client_deinit(&test.client);
    test_client_deinit(&test.played);
    target_deinit(&test.target);
    explicit_bzero(&test.options, sizeof(test.options));
    return exit_code;
}
