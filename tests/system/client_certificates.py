# SPDX-License-Identifier: Apache-2.0
"""Certificates of clients: secured domains, partners, what crosses premises, and what each kind of certificate comes to."""
import contextlib
import glob
import json
import os
import ssl
import time

from authority import Authority
from harness import DOMAIN, Client, Server, check, equal, header, new_token, run, test, tls_context

server = Server()
authority = Authority(server.folder)
NAME, PARTNER, CLOUD = "Secured", "partner.example", "mail.cloud.example"
BOB, SENDER = f"bob@{DOMAIN}", f"someone@{PARTNER}"
V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
CROSSED = b"X-MS-Exchange-CrossPremises-AuthAs: Internal\r\nX-MS-Exchange-Organization-AuthAs: Claimed\r\n"


def make_certificates():
    authority.issuer("root")
    authority.issuer("middle", "root")
    authority.issuer("strange")
    for number in range(1, 12):  # a long line of issuers
        authority.issuer(f"link{number}", "root" if number == 1 else f"link{number - 1}")
    middle = ("middle",)
    authority.leaf("good", "middle", (PARTNER, CLOUD), middle)
    authority.leaf("server", "middle", (PARTNER,), middle, uses="serverAuth")
    authority.leaf("wildcard", "middle", ("*." + PARTNER,), middle)
    authority.leaf("signer", "middle", (PARTNER,), middle, uses="emailProtection")
    authority.leaf("other", "middle", ("other.example",), middle)
    authority.leaf("past", "middle", (PARTNER,), middle, days=-1)
    authority.leaf("lonely", "middle", (PARTNER,))
    authority.leaf("own", None, (PARTNER,))
    authority.leaf("stranger", "strange", (PARTNER,), ("strange",))
    authority.leaf("nine", "link8", (PARTNER,), [f"link{i}" for i in range(8, 0, -1)])
    authority.leaf("twelve", "link11", (PARTNER,), [f"link{i}" for i in range(11, 0, -1)])
    authority.leaf("fat", "middle", (PARTNER,), middle, more="nsComment=" + "x" * 70000 + "\n")


def port():
    return server.port(25) + 3


def change(*words):
    server.postern("Set-ReceiveConnector", NAME, *words)


@contextlib.contextmanager
def session(certificate=None, tls=True, session=None, **versions):
    with Client(port()) as client:
        client.ehlo()
        if tls:
            client.starttls(authority.client(certificate, **versions) if certificate else tls_context(**versions), session)
        yield client


def answer(certificate=None, sender=SENDER, **how):
    with session(certificate, **how) as client:
        reply = client.command(f"MAIL FROM:<{sender}>")
        return reply.code, reply.lines[0].split(b" ")[0].decode()


def rows():
    found = b""
    for path in glob.glob(os.path.join(server.data, "logs", "**", "RECV*.log"), recursive=True):
        with open(path, "rb") as file:
            found += file.read()
    return found.decode("latin-1").splitlines()


def logged(text, since):
    end = time.monotonic() + 5
    while not any(text in row for row in rows()[since:]):
        check(time.monotonic() < end, f"{text!r} is not in the protocol log: {rows()[since:]}")
        time.sleep(0.05)


OK, NEEDS_TLS, NEEDS_CERTIFICATE = (250, "2.1.0"), (530, "5.7.0"), (454, "4.7.5")


@test
def connector(_):
    server.add_user("bob")
    server.postern("New-ReceiveConnector", "-Name", NAME, "-Bindings", f"127.0.0.1:{port()}", "-RemoteIPRanges", "0.0.0.0/0",
                   "-PermissionGroups", "AnonymousUsers", "-TarpitInterval", "00:00:00", "-AuthTarpitInterval", "00:00:00",
                   "-MaxInboundConnectionPerSource", "Unlimited", "-ProtocolLoggingLevel", "Verbose", "-DomainSecureEnabled", "$true")
    equal(server.get("Get-TransportConfig")[0]["TLSReceiveDomainSecureList"], [], "the list at first")
    end = time.monotonic() + 5
    while answer("good", tls=False) != OK:
        check(time.monotonic() < end, "a domain that is not in the list")


@test
def the_list(_):
    def listed():
        return server.get("Get-TransportConfig")[0]["TLSReceiveDomainSecureList"]
    server.postern("Set-TransportConfig", "-TLSReceiveDomainSecureList", f"{PARTNER},*.{PARTNER}")
    equal(listed(), [PARTNER, "*." + PARTNER], "two")
    server.postern("Set-TransportConfig", "-TLSReceiveDomainSecureList", "@{Add='third.example';Remove='partner.example'}")
    equal(listed(), ["*." + PARTNER, "third.example"], "edited")
    done = server.postern("Set-TransportConfig", "-TLSReceiveDomainSecureList", "no domain", good=False)
    equal((done.returncode, "is no domain such as contoso.com" in done.stderr), (2, True), done.stderr)
    server.postern("Set-TransportConfig", "-TLSReceiveDomainSecureList", f"{PARTNER},*.{PARTNER},xn--bcher-kva.example")


@test
def every_kind_of_certificate(_):
    for certificate, wanted, status in (
            ("good", OK, "'Valid'"),
            ("server", OK, "'Valid'"),
            ("nine", OK, "'Valid'"),
            (None, NEEDS_CERTIFICATE, "'EmptyCertificate'"),
            ("other", NEEDS_CERTIFICATE, "'Valid'"),
            ("signer", NEEDS_CERTIFICATE, "'WrongPurpose'"),
            ("past", NEEDS_CERTIFICATE, "'Expired'"),
            ("lonely", NEEDS_CERTIFICATE, "'ChainIncomplete'"),
            ("own", NEEDS_CERTIFICATE, "'SelfSigned'"),
            ("stranger", NEEDS_CERTIFICATE, "'UntrustedRoot'"),
            ("twelve", NEEDS_CERTIFICATE, "'")):
        for version in (V12, V13):
            since = len(rows())
            equal(answer(certificate, minimum=version, maximum=version), wanted, f"{certificate} with {version}")
            logged("Client certificate chain validation status: " + status, since)
            if certificate:
                logged(authority.thumbprint(certificate), since)


@test
def what_is_too_long_ends_the_handshake(_):
    for version in (V12, V13):
        since = len(rows())
        try:
            answer("fat", minimum=version, maximum=version)
            check(False, "a certificate of 70 KB was taken")
        except (ssl.SSLError, ConnectionError):
            pass
        logged("TLS negotiation failed", since)
    equal(answer("good"), OK, "the next one")


@test
def in_clear_and_for_other_domains(_):
    equal(answer(tls=False), NEEDS_TLS, "in clear")
    for sender in ("someone@elsewhere.example", f"someone@not-{PARTNER}", ""):
        equal(answer(tls=False, sender=sender), OK, f"<{sender}> in clear")
        equal(answer("own", sender=sender), OK, f"<{sender}> with a bad certificate")
    equal(answer("good", sender=f"someone@MAIL.{PARTNER.upper()}"), NEEDS_CERTIFICATE, "a subdomain")
    equal(answer("wildcard", sender=f"someone@mail.{PARTNER}"), OK, "a subdomain, by a wildcard")
    equal(answer("wildcard"), NEEDS_CERTIFICATE, "the domain itself, by a wildcard")
    equal(answer(tls=False, sender=f'"@a.example@b"@{PARTNER}'), NEEDS_TLS, "a quoted name")
    with session(tls=False) as client:
        client.expect("MAIL FROM:<a@b\u00fccher.example> SMTPUTF8", 530)
        client.expect("MAIL FROM:<a@b\u00f6cher.example> SMTPUTF8", 250)


@test
def the_reason_is_told(_):
    since = len(rows())
    answer("past")
    why = "the domain is in TLSReceiveDomainSecureList, and the client has shown a certificate whose chain does not hold"
    logged("MAIL FROM refused", since)
    logged(why + ": CN=Example past, O=Example Trust (Expired)", since)
    end = time.monotonic() + 5
    while f"MAIL FROM:<{SENDER}>" not in server.log() or why not in server.log():
        check(time.monotonic() < end, "no event")
        time.sleep(0.05)
    done = server.postern("Test-SmtpSubmission", "-ReceiveConnector", NAME, "-From", SENDER, "-To", BOB, "-o", "json", good=False)
    step = [one for one in json.loads(done.stdout) if one["Step"] == "Sender"][0]
    equal((step["Allowed"], step["Reply"][:9], "shows none" in step["Reason"]), (False, "454 4.7.5", True), "played dry")


@test
def no_session_is_resumed(_):
    for version in (V12, V13):
        context = authority.client("good", minimum=version, maximum=version)
        with Client(port()) as client:
            client.ehlo()
            client.starttls(context)
            client.expect(f"MAIL FROM:<{SENDER}>", 250)
            kept = client.socket.session
        with Client(port()) as client:
            client.ehlo()
            client.starttls(context, session=kept)
            equal(client.socket.session_reused, False, f"resumed with {version}")
            client.expect(f"MAIL FROM:<{SENDER}>", 250)


@test
def a_ticket_of_before_is_no_proof(_):
    """Tickets are given while the connector asks for nothing; then it does."""
    change("-DomainSecureEnabled", "$false")
    for version in (V12, V13):
        context = tls_context(minimum=version, maximum=version)
        with Client(port()) as client:
            client.ehlo()
            client.starttls(context)
            client.expect("NOOP", 250)
            kept = client.socket.session
        with Client(port()) as client:
            client.ehlo()
            client.starttls(context, session=kept)
            equal(client.socket.session_reused, True, f"not resumed with {version}")
            kept = client.socket.session
        change("-DomainSecureEnabled", "$true")
        with Client(port()) as client:
            client.ehlo()
            client.starttls(context, session=kept)
            equal(client.socket.session_reused, False, f"resumed with {version}")
            client.expect(f"MAIL FROM:<{SENDER}>", 454)
        change("-DomainSecureEnabled", "$false")
    change("-DomainSecureEnabled", "$true")


@test
def partners(_):
    change("-PermissionGroups", "Partners")
    equal(answer("good"), OK, "a partner")
    equal(answer("good", sender=""), OK, "a partner's report")
    for certificate in (None, "other", "past"):
        equal(answer(certificate, sender="someone@elsewhere.example"), (530, "5.7.57"), f"no partner: {certificate}")
    change("-PermissionGroups", "Partners,AnonymousUsers")
    with session("good") as client:
        client.expect(f"MAIL FROM:<{SENDER}>", 250)
        client.expect("RCPT TO:<someone@elsewhere.example>", 550)
        client.expect(f"RCPT TO:<{BOB}>", 250)
    server.postern("Add-ADPermission", NAME, "-User", "MS Exchange\\Partner Servers", "-ExtendedRights", "ms-Exch-SMTP-Accept-Any-Recipient")
    for certificate, code in (("good", 250), ("other", 550)):
        with session(certificate) as client:
            client.expect("MAIL FROM:<>", 250)
            client.expect("RCPT TO:<someone@elsewhere.example>", code)
    change("-PermissionGroups", "AnonymousUsers")


def fields(certificate=None, tls=True):
    token = new_token()
    with session(certificate, tls) as client:
        client.envelope("someone@elsewhere.example", [BOB])
        equal(client.data(header(token, more=CROSSED) + b"body\r\n").code, 250, "the message")
    return server.find(token.encode())


@test
def fields_that_crossed_premises(_):
    promoted, claimed, crossed = (b"X-MS-Exchange-Organization-AuthAs: Internal", b"Claimed", b"CrossPremises")
    change("-DomainSecureEnabled", "$false", "-TlsDomainCapabilities", f"{CLOUD}:AcceptCloudServicesMail")
    for certificate, trusted, status in (("good", True, "'AcceptCloudServicesMail'; Status='Success'"),
                                         ("server", False, "'None'; Status='NoMatchingDomain'"),
                                         ("past", False, "'None'; Status='ChainNotValid'"),
                                         (None, False, "'None'; Status='NoRemoteCertificate'")):
        since = len(rows())
        content = fields(certificate)
        equal((promoted in content, claimed in content, crossed in content), (trusted, False, False), f"{certificate}")
        logged("TlsDomainCapabilities=" + status, since)
    check(promoted not in fields(tls=False), "promoted in clear")
    change("-TlsDomainCapabilities", "NO-TLS:AcceptCloudServicesMail")
    check(promoted in fields(tls=False), "not promoted in clear")
    check(promoted not in fields(), "promoted inside TLS")
    done = server.postern("Set-ReceiveConnector", NAME, "-TlsDomainCapabilities", f"{CLOUD}:AcceptOorgProtocol", good=False)
    equal((done.returncode, "XOORG" in done.stderr), (2, True), done.stderr)
    change("-DomainSecureEnabled", "$true", "-TlsDomainCapabilities", "$null")


@test
def shown_where_sessions_are_shown(_):
    for certificate, status in (("good", "Valid"), ("past", "Expired"), (None, "")):
        with session(certificate):
            shown = server.get("Get-SmtpSession", "-ReceiveConnector", NAME)[0]
            wanted = (authority.thumbprint(certificate), f"CN=Example {certificate}, O=Example Trust") if certificate else ("", "")
            equal((shown["ClientCertificateThumbprint"], shown["ClientCertificateSubject"], shown["ClientCertificateStatus"]),
                  (*wanted, status), f"{certificate}")
    trace = b" ".join(fields("past").split(b"\r\n\r\n")[0].split())
    wanted = f"(client certificate={authority.thumbprint('past')}, status=Expired, subject=CN=Example past? O=Example Trust)"
    check(wanted.encode() in trace, trace)
    check(b"client certificate" not in fields(), "no certificate was shown")


@test
def kept_over_a_restart(_):
    before = server.get("Get-TransportConfig")
    equal(server.stop(), 0, "exit status")
    server.start()
    equal(server.get("Get-TransportConfig"), before, "the list")
    equal((answer("good"), answer("past"), answer(tls=False)), (OK, NEEDS_CERTIFICATE, NEEDS_TLS), "answers")


make_certificates()
server.options = ["--trust", authority.path("root")]
run(300, server)
