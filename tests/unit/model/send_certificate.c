/* SPDX-License-Identifier: Apache-2.0 */
/* Which certificate a send connector shows: the rules of the choice hold, and a self-signed one is
 * for those who name it. */
#include "model/send_certificate.h"
#include "unit/model/fixture.h"

#include <stdio.h>

#define MAIL "CertificateDomains=mail.contoso.com"
#define NAMED "TlsCertificateName=<I>CN=Authority, C=US<S>CN=mail.contoso.com"

static const struct scene {
    const char *name, *connector;
    const char *certificates[3]; /* A, B, C; ended by NULL */
    const char *chosen;          /* one of them, or "" */
    bool named_missing;
} scenes[] = {
    /* clang-format off */
    {"by fqdn", "Fqdn=mail.contoso.com", {"CertificateDomains=a.b", MAIL}, "B", false},
    {"by a wildcard", "Fqdn=mail.contoso.com", {"CertificateDomains=*.contoso.com"}, "A", false},
    {"by the server's name", "", {MAIL, "CertificateDomains=mx1.contoso.com"}, "B", false},
    {"nothing for the name", "Fqdn=other.contoso.com", {MAIL}, "", false},
    {"self-signed by fqdn", "Fqdn=mail.contoso.com", {MAIL "|IsSelfSigned=1"}, "", false},
    {"self-signed by its name", NAMED, {MAIL "|IsSelfSigned=1"}, "A", false},
    {"self-signed by its thumbprint", "TlsCertificateName=0101010101010101010101010101010101010101", {MAIL "|IsSelfSigned=1"}, "A", false},
    {"named, and no other though its name fits", NAMED "|Fqdn=mail.contoso.com", {MAIL "|Issuer=CN=Other"}, "", true},
    {"named without its key", NAMED, {MAIL "|HasPrivateKey=0"}, "", true},
    {"named and not for SMTP", NAMED, {MAIL "|Services=IIS"}, "", true},
    {"named where there is never TLS", NAMED "|IgnoreSTARTTLS=$true", {MAIL "|Issuer=CN=Other"}, "", false},
    {"no TLS after HELO", "Fqdn=mail.contoso.com|ForceHELO=$true", {MAIL}, "", false},
    /* clang-format on */
};

static void every_scene(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(scenes); i++) {
        const struct scene *scene = &scenes[i];
        char assignments[600];
        struct certificate_choice choice;
        struct model *model = fixture_model();
        for (unsigned char c = 0; c < 3 && scene->certificates[c]; c++)
            fixture_certificate(model, (unsigned char)(c + 1), scene->certificates[c]);
        snprintf(assignments, sizeof assignments, "AddressSpaces=*|%s", scene->connector);
        struct send_connector *connector = fixture_send_connector(model, "Out", assignments);
        send_certificate_choose(model, NULL, connector, 50LL * DAY, &choice);
        const struct certificate *wanted =
            scene->chosen[0] ? model_certificate(model, (size_t)(scene->chosen[0] - 'A')) : NULL;
        row_expect(scene->name, "chosen", choice.certificate == wanted, true);
        row_expect(scene->name, "missing", choice.named_missing, scene->named_missing);
        model_free(model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_scene)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
