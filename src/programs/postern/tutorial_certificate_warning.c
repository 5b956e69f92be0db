/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate warning: an administrator does the right thing, and clients warn. */
#include "programs/postern/tutorial.h"

/* clang-format off */
#define POSTERN(line, code, ...) {TUTORIAL_POSTERN, line, code, {__VA_ARGS__}}
#define SHELL(line, code, ...)   {TUTORIAL_SHELL, line, code, {__VA_ARGS__}}
#define SAY(line, ...)           {TUTORIAL_SAY, line, 0, {__VA_ARGS__}}

static const struct tutorial_step steps[] = {
    {"A client logs in without TLS",
     "Clients must authenticate, and only over TLS: the connector has BasicAuth and BasicAuthRequireTLS. A client that is set to \"no "
     "encryption\" finds no AUTH in the answer to EHLO and is refused when it tries. The cure is in the client: STARTTLS.", {
        SAY("EHLO laptop.contoso.com\nAUTH PLAIN\nQUIT", "250-STARTTLS", "!250-AUTH", "5.7.11", "TLS"),
        SHELL("Get-ReceiveConnector \"{connector}\" | Format-List Name,AuthMechanism,PermissionGroups", 0, "BasicAuthRequireTLS")}},
    {"The warning, as the client words it",
     "With STARTTLS the client meets the certificate that was made at the first start. Nobody vouches for it.", {
        POSTERN("test --connector \"{connector}\" --as thunderbird", 1, "SELF_SIGNED", "why this one")}},
    {"Which certificates are there?",
     "S among the services: it may be presented by SMTP. Everything about one of them is in -o list.", {
        POSTERN("Get-ExchangeCertificate", 0, "Thumbprint", "Services", "S..")}},
    {"A certificate from an authority is imported",
     "The file holds certificate and key, but not the certificate of the issuer; the import says which one is missing, and importing that one "
     "completes the chain. Nothing is presented yet: importing is not enabling.", {
        SHELL("Import-ExchangeCertificate -FileData ([System.IO.File]::ReadAllBytes('{folder}/mail.pfx')) -Password (Read-Host -AsSecureString)", 0,
              "{mail}", "Tutorial CA"),
        POSTERN("Import-ExchangeCertificate -FileName {folder}/ca.crt", 0, "holds 1 issuer now", "every connector presents what it did before")}},
    {"It is enabled for SMTP, and clients still see the old one",
     "Enabling lets connectors present a certificate; which one a connector presents follows from its TlsCertificateName, else from its Fqdn. "
     "The answer says which connectors change. Here none does, and explain says why.", {
        POSTERN("Enable-ExchangeCertificate -Thumbprint {mail} -Services SMTP -Confirm:$false", 0, "every connector presents what it did before"),
        POSTERN("explain \"{connector}\"", 0, "NAME_MISMATCH", "Set-ReceiveConnector")}},
    {"The recipe binds the certificate to the connector",
     "The recipe from the web, as it is, with the quotes and dashes that the web page made of it. The name <I>issuer<S>subject follows renewals. No service is restarted: it is in force when the prompt is "
     "back, and the server has looked from outside whether clients get it.", {
        SHELL("$cert = Get-ExchangeCertificate -Thumbprint {mail}\n"
              "$tlscertificatename = \xe2\x80\x9c<i>$($cert.Issuer)<s>$($cert.Subject)\xe2\x80\x9d\n"
              "Set-ReceiveConnector \"{connector}\" -Fqdn mail.contoso.com \xe2\x80\x93TlsCertificateName $tlscertificatename", 0,
              "presents CN=mail.contoso.com", "in force since", "as it should be")}},
    {"The happy end",
     "The client connects to mail.contoso.com and trusts the authority. (The authority of this tutorial is in a file; one of the public ones "
     "is in the client.)", {
        POSTERN("test --connector \"{connector}\" --as thunderbird --ca {folder}/ca.crt", 0, "PASS", "!WARN"),
        POSTERN("Test-ReceiveConnector \"{connector}\"", 0, "{mail}", "AsExpected", "!Differs")}},
    {"Which connectors need it?",
     "Those that people's clients connect to: ports 587 and 465. Servers on port 25 encrypt without looking at the name; a self-signed "
     "certificate is enough there.", {
        SHELL("Get-ReceiveConnector | Test-ReceiveConnectorCertificate | Format-Table Identity,Rule", 0, "Client Frontend", "NAMED_CERTIFICATE", "SERVER_FQDN")}},
    {"The certificate is renewed",
     "The new one has the same issuer and subject. Connectors bound by name follow it when it is enabled; one that is pinned to a thumbprint "
     "stays, as you asked. To hold on to the older of two twins, pin it.", {
        POSTERN("Set-ReceiveConnector \"{implicit}\" -TlsCertificateName {mail}", 0, "presents CN=mail.contoso.com"),
        POSTERN("Import-ExchangeCertificate -FileName {folder}/renewed.pfx -Password -", 0, "{renewed}"),
        POSTERN("Enable-ExchangeCertificate -Thumbprint {renewed} -Services SMTP -Confirm:$false", 0, "Client Frontend", "!Client Implicit"),
        POSTERN("explain \"{connector}\"", 0, "OLDER_SAME_NAME"),
        POSTERN("Test-ReceiveConnector \"{implicit}\"", 0, "{mail}", "!{renewed}")}},
    {"A wildcard, and a name below it",
     "*.contoso.com covers mail.contoso.com and no deeper name. Clients that are set to smtp.mail.contoso.com warn; explain says so before they do.", {
        POSTERN("Import-ExchangeCertificate -FileName {folder}/wildcard.pfx -Password -", 0, "{wildcard}"),
        POSTERN("Enable-ExchangeCertificate -Thumbprint {wildcard} -Services SMTP -Confirm:$false", 0, "every connector presents what it did before"),
        POSTERN("Set-ReceiveConnector \"{connector}\" -TlsCertificateName {wildcard} -Fqdn smtp.mail.contoso.com", 0, "presents CN=*.contoso.com"),
        POSTERN("test --connector \"{connector}\" --as thunderbird --ca {folder}/ca.crt", 1, "NAME_MISMATCH"),
        POSTERN("Set-ReceiveConnector \"{connector}\" -TlsCertificateName {renewed} -Fqdn mail.contoso.com", 0, "presents CN=mail.contoso.com")}},
    {"STARTTLS vanishes",
     "The connector names a certificate that may not be presented any more. Another one for its Fqdn steps in, unless "
     "TlsCertificateFallback is off, as with Exchange; then partners' mail is deferred with 451 5.7.3 STARTTLS is required to send mail. The command "
     "that causes it says so before (-WhatIf) and when it does; the event 12014 is in the log until it is mended.", {
        POSTERN("Disable-ExchangeCertificate -Thumbprint {renewed} -Services SMTP -WhatIf", 0, "no certificate matches TlsCertificateName now", "12014"),
        POSTERN("Set-ReceiveConnector \"{connector}\" -TlsCertificateFallback $false", 0, "revision"),
        POSTERN("Disable-ExchangeCertificate -Thumbprint {renewed} -Services SMTP -Confirm:$false", 0, "presents nothing", "TLS is not offered"),
        SAY("EHLO partner.example\nQUIT", "!STARTTLS"),
        POSTERN("explain \"{connector}\"", 0, "SERVICE_NOT_ENABLED", "-> Enable-ExchangeCertificate -Thumbprint {renewed} -Services SMTP"),
        POSTERN("Enable-ExchangeCertificate -Thumbprint {renewed} -Services SMTP -Confirm:$false", 0, "presents CN=mail.contoso.com")}},
    {"The client may log in, but not write as that sender",
     "Logging in is one right, the sender's address another. The refusal names the missing right; the answer here names the command "
     "that grants it.", {
        POSTERN("Test-SmtpSubmission \"{connector}\" -User demo -From info@localhost -To demo@localhost", 1, "5.7.60", "Add-ADPermission")}},
    {"On every server",
     "Each server has its own certificates and connectors. -Server takes a name or a pattern.", {
        POSTERN("Get-ExchangeCertificate -Server * -o wide", 0, "{renewed}", "Health")}},
    {0},
};

static const struct tutorial_action put_back[] = {
    POSTERN("Set-ReceiveConnector \"{connector}\" -TlsCertificateName $null -Fqdn $null -TlsCertificateFallback $true", 0, NULL),
    POSTERN("Set-ReceiveConnector \"{implicit}\" -TlsCertificateName $null", 0, NULL),
    POSTERN("Remove-ExchangeCertificate {mail} -Force -Confirm:$false", 0, NULL),
    POSTERN("Remove-ExchangeCertificate {renewed} -Force -Confirm:$false", 0, NULL),
    POSTERN("Remove-ExchangeCertificate {wildcard} -Force -Confirm:$false", 0, NULL),
    {0},
};
/* clang-format on */

const struct tutorial tutorial_certificate_warning = {
    .name = "certificate-warning",
    .about = "Clients must authenticate over TLS: that is right, and then they show a certificate "
             "warning. This "
             "plays it through, from the first warning to the renewed certificate.",
    .steps = steps,
    .put_back = put_back,
};
