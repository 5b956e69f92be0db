/* SPDX-License-Identifier: Apache-2.0 */
/* completion: what the Tab key offers. */
#include "shell/completion.h"
#include "base/attributes.h"
#include "support/rows.h"

#include <string.h>

static void identities(void *context, const char *noun, struct text *out)
{
    (void)context;
    if (strcmp(noun, "ReceiveConnector") == 0)
        text_append_c(out, "MX1\\Client Frontend MX1\nMX1\\Client Implicit MX1\nMX1\\Printers\n");
    else if (strcmp(noun, "ExchangeCertificate") == 0)
        text_append_c(out, "2CBC3F4B055AB910B6BF6BCEF9AEC5C12A3F9319\n");
    else if (strcmp(noun, "Mailbox") == 0)
        text_append_c(out, "alice\nbob\n");
}

/* `offered`: the words with | for LF; the line is completed from column `start` on. */
static const struct row {
    const char *line, *offered;
    size_t start;
} rows[] = {
    {"Get-Rec", "Get-ReceiveConnector", 0},
    {"get-rec", "Get-ReceiveConnector", 0},
    {"Whe", "Where-Object", 0},
    {"Get-ReceiveConnector | Set-Rec", "Set-ReceiveConnector", 23},
    {"$c = Get-Mailb", "Get-Mailbox", 5},
    {"Get-Mailbox; Get-Acc", "Get-AcceptedDomain", 13},
    {"Get-Mailbox | ForEach-Object { Set-Mailb", "Set-Mailbox", 31},
    {"Set-ReceiveConnector Printers -TlsCert", "-TlsCertificateName|-TlsCertificateFallback", 30},
    {"Set-ReceiveConnector Printers -RequireT", "-RequireTLS", 30},
    {"Set-ReceiveConnector -Identity Printers -RequireTLS ", "$true|$false", 52},
    {"Set-ReceiveConnector Printers -RequireTLS $t", "$true", 42},
    {"Set-ReceiveConnector Printers -TlsMode Imp", "Implicit", 39},
    {"Set-ReceiveConnector Printers -AuthMechanism Tls,BasicAuthR", "BasicAuthRequireTLS", 49},
    {"Set-ReceiveConnector Printers -TlsCertificateName 2C",
     "2CBC3F4B055AB910B6BF6BCEF9AEC5C12A3F9319", 50},
    {"Set-ReceiveConnector MX1\\Cl", "\"MX1\\Client Frontend MX1\"|\"MX1\\Client Implicit MX1\"",
     21},
    {"Set-ReceiveConnector cl", "\"MX1\\Client Frontend MX1\"|\"MX1\\Client Implicit MX1\"", 21},
    {"Get-ReceiveConnector Pr", "MX1\\Printers", 21},
    {"Get-ReceiveConnector -ErrorA", "-ErrorAction", 21},
    {"Get-ReceiveConnector -ErrorAction S", "SilentlyContinue|Stop", 34},
    {"Get-ReceiveConnector -EA Stop Pr", "MX1\\Printers", 30},
    {"Get-ReceiveConnector -OutVariable x", "", 34},
    {"Get-Mailbox | Sort-Object -Ou", "-OutVariable", 26},
    {"Get-Content x -EA I", "Inquire|Ignore", 18},
    {"Set-ReceiveConnector MX1\\P", "MX1\\Printers", 21},
    {"Set-ReceiveConnector \"MX1\\Client F", "\"MX1\\Client Frontend MX1\"", 21},
    {"Set-ReceiveConnector 'MX1\\Client F", "'MX1\\Client Frontend MX1'", 21},
    {"Set-ReceiveConnector \"MX1\\Client Frontend MX1\" -Fq", "-Fqdn", 47},
    {"Get-ReceiveConnector -Identity MX1\\P", "MX1\\Printers", 31},
    {"Test-ReceiveConnectorCertificate MX1\\P", "MX1\\Printers", 33},
    {"Test-SmtpSubmission -ReceiveConnector MX1\\P", "MX1\\Printers", 38},
    {"Enable-ExchangeCertificate ", "2CBC3F4B055AB910B6BF6BCEF9AEC5C12A3F9319", 27},
    {"Enable-ExchangeCertificate -Thumbprint 2", "2CBC3F4B055AB910B6BF6BCEF9AEC5C12A3F9319", 39},
    {"Set-Mailbox a", "alice", 12},
    {"Remove-Mailbox -WhatIf b", "bob", 23},
    {"Remove-Mailbox alice b", "", 21},
    {"Get-Mailbox | Sort-Object -Desc", "-Descending", 26},
    {"Get-Mailbox | fl Prim", "PrimarySmtpAddress", 17},
    {"Get-Mailbox | ft Name,Prim", "PrimarySmtpAddress", 22},
    {"Get-Mailbox | ? { $_.Prim", "$_.PrimarySmtpAddress", 18},
    {"Get-Mailbox | Where-Object Enabled -eq $true | select Has", "HasPassword", 54},
    {"Get-Mailbox; 1 | fl Prim", "", 20},
    {"Get-Mailbox | fl Versi", "", 17},
    {"Get-Mailbox | Sort-Object -Desc", "-Descending", 26},
    {"fl Prim", "", 3},
    {"No-Such ", "", 8},
    {"No-Such -", "", 8},
    {"Set-ReceiveConnector Printers -Banner ", "", 38},
};

static void tab_offers(void **state)
{
    (void)state;
    struct completion_source source = {.identities = identities};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct completion completion;
        completion_find(slice_of(rows[i].line), &source, &completion);
        for (size_t k = 0; k < completion.words.len; k++)
            if (completion.words.at[k] == '\n')
                completion.words.at[k] = '|';
        struct slice offered = text_slice(&completion.words);
        if (offered.len)
            offered.len--;
        row_expect_slice(rows[i].line, offered, slice_of(rows[i].offered));
        row_expect(rows[i].line, "start", (long long)completion.start, (long long)rows[i].start);
        completion_deinit(&completion);
    }
}

/* What has no effect is not offered: help does not know it either. */
static void nothing_without_effect_is_offered(void **state)
{
    (void)state;
    struct completion_source source = {.identities = identities};
    struct completion completion;
    completion_find(SLICE("Set-ReceiveConnector Printers -"), &source, &completion);
    assert_true(completion.count > 40);
    struct slice rest = text_slice(&completion.words), word;
    while (slice_take_field(&rest, '\n', &word) && word.len) {
        const struct setting *row = setting_exact(
            model_kind_facts(MODEL_RECEIVE_CONNECTOR)->settings, slice_after(word, 1));
        assert_true(!row || !(row->flags & SETTING_INERT));
    }
    completion_deinit(&completion);
}

static void the_common_beginning(void **state)
{
    (void)state;
    struct completion_source source = {.identities = identities};
    struct completion completion;
    completion_find(SLICE("Set-ReceiveConnector mx1\\c"), &source, &completion);
    assert_int_equal(completion.count, 2);
    row_expect_slice("common", completion_common(&completion), SLICE("\"MX1\\Client "));
    completion_deinit(&completion);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tab_offers),
        cmocka_unit_test(nothing_without_effect_is_offered),
        cmocka_unit_test(the_common_beginning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
