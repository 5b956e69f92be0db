# SPDX-License-Identifier: Apache-2.0
"""Every parameter of a send connector has its effect: one test each, which fails when the effect is taken away.

A test is named like the parameter; tools/reference names it beside the parameter. All of them use one connector, to a server
of ours on loopback, which notes what it is told.
"""
import base64
import contextlib
import glob
import os
import signal
import ssl
import time

import zone
from authority import Authority
from harness import DOMAIN, SERVER, Client, Server, check, equal, run, test, until
from sink import Sink

names = zone.Server()


def add_zone(origin, rows):
    names.zones.append(zone.Zone(origin, rows, False))


add_zone("here.example", [("", zone.MX, zone.mail_host(10, "dead.here.example")), ("", zone.MX, zone.mail_host(20, "mx.here.example")),
                          ("ns", zone.A, zone.address("127.0.0.1")), ("dead", zone.A, zone.address("127.0.0.99")),
                          ("mx", zone.A, zone.address("127.0.0.1"))])
add_zone("none.example", [("", zone.MX, zone.mail_host(0, ".")), ("ns", zone.A, zone.address("127.0.0.1"))])

server = Server(options=["--name-server", f"127.0.0.1:{names.port}"])
ELSEWHERE = "carol@elsewhere.example"
count = 0


def effect(function):
    """A test whose name is a parameter."""
    return test(function)


def submit(recipient=ELSEWHERE, size=0, parameters="", fields=b""):
    global count
    count += 1
    token = f"effect{count}"
    text = fields + f"From: <bob@{DOMAIN}>\r\nSubject: {token}\r\n\r\n{'x' * 70 + chr(13) + chr(10) if size else ''}".encode() + b"y" * 70 + b"\r\n"
    text += (b"z" * 70 + b"\r\n") * (size // 72)
    with Client(server.port(587)) as client:
        client.ehlo()
        client.starttls()
        client.ehlo()
        client.log_in("bob")
        client.expect(f"MAIL FROM:<bob@{DOMAIN}>{parameters}", 250)
        client.expect(f"RCPT TO:<{recipient}>", 250)
        equal(client.data(text).code, 250, "end of data")
    return token


def clear():
    server.postern("Remove-Message", "-Filter", "Size -gt 0", "-WithNDR", "$false", "-Confirm:$false")
    if server.get("Get-SendConnector"):
        server.postern("Remove-SendConnector", "*", "-Confirm:$false")


@contextlib.contextmanager
def out(sink, *more, input=None):
    """The only send connector: to the sink, by its address, unless more says otherwise."""
    clear()
    words = ["-SmartHosts", "[127.0.0.1]", "-DNSRoutingEnabled", "$false"] if "-DNSRoutingEnabled" not in more else []
    spaces = ["-AddressSpaces", "*"] if "-AddressSpaces" not in more else []
    server.postern("New-SendConnector", "-Name", "Out", "-Port", str(sink.port), *words, *spaces, *more, input=input)
    try:
        yield
    finally:
        clear()


def arrives(sink, many=1):
    until(lambda: len(sink.messages) >= many, lambda: f"{len(sink.messages)} came: {server.get('Get-Message')}")


def reason(recipient=ELSEWHERE):
    """Why it waits."""
    def found():
        for message in server.get("Get-Message"):
            if recipient in message["Recipients"] and message["LastError"]:
                return message["LastError"]
        return None
    return until(found, lambda: f"no reason: {server.get('Get-Message')}")


def hello(sink):
    return [line for line in sink.commands if line.split()[0] in ("EHLO", "HELO")]


@test
def users(_):
    server.add_user("bob")
    server.postern("Add-ADPermission", "Client Frontend MX", "-User", "bob", "-ExtendedRights", "ms-Exch-SMTP-Accept-Any-Recipient")


@effect
def AddressSpaces(_):
    with Sink() as sink, out(sink, "-AddressSpaces", "elsewhere.example"):
        submit("dan@other.example")
        submit()
        arrives(sink)
        check("no route" in reason("dan@other.example"), "it has a route")
        equal([recipients[0].split()[0] for _s, recipients, _b in sink.messages], [f"TO:<{ELSEWHERE}>"], "recipients")


@effect
def Enabled(_):
    with Sink() as sink, out(sink, "-Enabled", "$false"):
        submit()
        check("no route" in reason(), "it has a route")
        server.postern("Set-SendConnector", "Out", "-Enabled", "$true")
        arrives(sink)


@effect
def MaxMessageSize(_):
    with Sink() as sink, out(sink, "-MaxMessageSize", "64KB"):
        token = submit(size=100000)
        check(b"5.3.4" in server.find(b"Subject: Undeliverable: " + token.encode()), "another reason")
        submit(size=1000)
        arrives(sink)
        equal(len(sink.messages), 1, "messages")


@effect
def Port(_):
    with Sink() as first, Sink() as second, out(first):
        server.postern("Set-SendConnector", "Out", "-Port", str(second.port))
        submit()
        arrives(second)
        equal(first.sessions, 0, "sessions at the old port")


@effect
def SmartHosts(_):
    with Sink(address="127.0.0.5") as sink, out(sink, "-DNSRoutingEnabled", "$false", "-SmartHosts", "[127.0.0.4],[127.0.0.5]"):
        submit()
        arrives(sink)
    with Sink() as sink, out(sink, "-DNSRoutingEnabled", "$false", "-SmartHosts", "mx.here.example"):
        submit()
        arrives(sink)
    with Sink() as sink, out(sink, "-DNSRoutingEnabled", "$false", "-SmartHosts", "missing.here.example"):
        submit()
        check("450 4.4.4 The smart host missing.here.example cannot be found" in reason(), reason())


@effect
def DNSRoutingEnabled(_):
    with Sink() as sink, out(sink, "-DNSRoutingEnabled", "$true"):
        submit("dora@here.example")
        arrives(sink)
        token = submit("dora@none.example")
        check(b"556 5.1.10" in server.find(b"Subject: Undeliverable: " + token.encode()), "a domain that takes no mail")


@effect
def ErrorPolicies(_):
    with Sink() as sink, out(sink, "-DNSRoutingEnabled", "$true", "-ErrorPolicies", "DowngradeDnsFailures"):
        submit("dora@none.example")
        check("5.1.10" in reason("dora@none.example"), "another reason")


@effect
def Fqdn(_):
    with Sink() as sink, out(sink, "-Fqdn", "out.contoso.example"):
        submit()
        arrives(sink)
        equal(hello(sink), ["EHLO out.contoso.example"], "what it calls itself")


@effect
def ForceHELO(_):
    with Sink() as sink, out(sink, "-ForceHELO", "$true"):
        submit()
        arrives(sink)
        check(all(line.startswith("HELO ") for line in hello(sink)), hello(sink))


@effect
def DkimSigningEnabled(_):
    server.postern("New-DkimSigningConfig", "-DomainName", DOMAIN, "-Enabled", "$true")
    try:
        for more, signed in ((), True), (("-DkimSigningEnabled", "$false"), False):
            with Sink() as sink, out(sink, *more):
                submit()
                arrives(sink)
                equal(b"DKIM-Signature: " in sink.messages[0][2], signed, "signed")
    finally:
        server.postern("Remove-DkimSigningConfig", DOMAIN, "-Confirm:$false")


@effect
def SourceIPAddress(_):
    with Sink() as sink, out(sink, "-SourceIPAddress", "127.0.0.8"):
        submit()
        arrives(sink)
        equal(sink.clients, ["127.0.0.8"], "whence it came")


@effect
def SmtpMaxMessagesPerConnection(_):
    with Sink() as sink, out(sink, "-SmtpMaxMessagesPerConnection", "1"):
        for _ in range(3):
            submit()
        arrives(sink, 3)
        equal(sink.sessions, 3, "connections")


@effect
def ProtocolLoggingLevel(_):
    def rows():
        text = ""
        for path in glob.glob(os.path.join(server.data, "logs", "SmtpSend", "SEND*.log")):
            with open(path, encoding="ascii") as file:
                text += file.read()
        return [line for line in text.splitlines() if not line.startswith("#")]
    with Sink() as sink, out(sink, "-ProtocolLoggingLevel", "None"):
        submit()
        arrives(sink)
        server.settle()
        time.sleep(0.5)
        equal(rows(), [], "rows without Verbose")
        server.postern("Set-SendConnector", "Out", "-ProtocolLoggingLevel", "Verbose")
        submit()
        arrives(sink, 2)
        until(lambda: any(",>,DATA," in row for row in rows()) and any(row.endswith(",-,,Local") for row in rows()), lambda: f"{rows()}")


@effect
def ConnectionInactivityTimeOut(_):
    with Sink(replies={"MAIL": lambda argument, number: time.sleep(60)}) as sink, out(sink, "-ConnectionInactivityTimeOut", "00:00:02"):
        began = time.monotonic()
        submit()
        check("4.4." in reason(), reason())
        check(time.monotonic() - began < 30, "it waits longer")


authority = Authority(server.folder)
authority.issuer("root")
authority.leaf("sink", "root", ["sink.example"])
server.options += ["--trust", authority.path("root")]


def certificate(name="sink"):
    return authority.path(name), authority.path(name, "key")


@effect
def IgnoreSTARTTLS(_):
    with Sink(certificate=certificate()) as sink, out(sink, "-IgnoreSTARTTLS", "$true"):
        submit()
        arrives(sink)
        check(not sink.tls_used, "TLS was used")
    with Sink(certificate=certificate()) as sink, out(sink):
        submit()
        arrives(sink)
        check(sink.tls_used, "TLS was not used")


@effect
def RequireTLS(_):
    with Sink() as sink, out(sink, "-RequireTLS", "$true"):
        submit()
        check("451 5.7.3 STARTTLS is required to send mail" in reason(), reason())
        equal(sink.messages, [], "messages in clear")


@test
def what_is_set_holds_for_the_next_message(_):
    """Also where a connection is open that was made before."""
    with Sink(replies={"end": lambda _a, _n: time.sleep(2) or "250 2.6.0 taken"}) as sink, out(sink):
        for _ in range(3):
            submit()
        until(lambda: any(line == "DATA" for line in sink.commands), "nothing was sent")
        server.postern("Set-SendConnector", "Out", "-RequireTLS", "$true")
        arrives(sink)
        check("451 5.7.3" in reason(), reason())
        time.sleep(1)
        equal(len(sink.messages), 1, "messages in clear")


@effect
def TlsAuthLevel(_):
    with Sink(certificate=certificate()) as sink, out(sink, "-RequireTLS", "$true", "-TlsAuthLevel", "EncryptionOnly"):
        submit()
        arrives(sink)
    authority.issuer("stranger")
    authority.leaf("unknown", "stranger", ["sink.example"])
    with Sink(certificate=certificate()) as sink, out(sink, "-RequireTLS", "$true", "-TlsAuthLevel", "CertificateValidation"):
        submit()
        arrives(sink)
    with Sink(certificate=certificate("unknown")) as sink, out(sink, "-RequireTLS", "$true", "-TlsAuthLevel", "CertificateValidation"):
        submit()
        check("454 4.7.5" in reason(), reason())
        equal(sink.messages, [], "messages to somebody who is not trusted")


@effect
def TlsDomain(_):
    level = ["-RequireTLS", "$true", "-TlsAuthLevel", "DomainValidation", "-TlsDomain"]
    with Sink(certificate=certificate()) as sink, out(sink, *level, "sink.example"):
        submit()
        arrives(sink)
    with Sink(certificate=certificate()) as sink, out(sink, *level, "other.example"):
        submit()
        check("454 4.7.5" in reason(), reason())
        equal(sink.messages, [], "messages to somebody else")


def import_certificate(name):
    """Of a host we send as; returns its name for TlsCertificateName."""
    authority.openssl("pkcs12", "-export", "-inkey", f"{name}.key", "-in", f"{name}.chain", "-out", f"{name}.pfx", "-passout", "pass:one two")
    server.postern("Import-ExchangeCertificate", "-FileName", authority.path(name, "pfx"), "-Password", "-", input="one two\n")
    server.postern("Enable-ExchangeCertificate", "-Thumbprint", authority.thumbprint(name), "-Services", "SMTP", "-Confirm:$false")
    return f"<I>CN=Example root, O=Example Trust<S>CN=Example {name}, O=Example Trust"


@effect
def TlsCertificateName(_):
    asking = {"certificate": certificate(), "asks": authority.path("root")}
    authority.leaf("named", "root", ["named.contoso.example"])
    authority.leaf("ours", "root", ["out.contoso.example"])
    named = import_certificate("named")
    import_certificate("ours")
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        with Sink(**asking, version=version) as sink, out(sink, "-TlsCertificateName", named, "-RequireTLS", "$true"):
            submit()
            arrives(sink)
            equal(sink.peers, ["Example named"], f"by its name, {version}")
    with Sink(**asking) as sink, out(sink, "-RequireTLS", "$true", "-TlsCertificateName", authority.thumbprint("named")):
        submit()
        arrives(sink)
        equal(sink.peers, ["Example named"], "by its thumbprint")
        server.postern("Set-SendConnector", "Out", "-TlsCertificateName", "$null", "-Fqdn", "out.contoso.example")
        submit()
        arrives(sink, 2)
        equal(sink.peers[1:], ["Example ours"], "by the connector's Fqdn")
    with Sink(certificate=certificate()) as sink, out(sink, "-TlsCertificateName", named):
        submit()
        arrives(sink)
        equal(sink.peers, [None], "to a server that does not ask")


@test
def the_couriers_signer_comes_back(_):
    """It is the last one, and signs for nobody else; what it has not been told of before its end it is told again."""
    with Sink(certificate=certificate(), asks=authority.path("root")) as sink, out(sink, "-RequireTLS", "$true", "-Fqdn", "out.contoso.example"):
        server.deaths_expected += 1
        os.kill(server.pids("signer")[-1], signal.SIGKILL)
        submit()
        until(lambda: sink.messages or server.get("Get-Message")[0]["LastError"], "nothing happens")
        if not sink.messages:  # it was asked before it was back
            queue = next(one for one in server.get("Get-Queue") if one["NextHopConnector"] == "Out")
            server.postern("Retry-Queue", queue["Identity"], "-Confirm:$false")
        arrives(sink)
        equal(sink.peers[-1], "Example ours", "what is shown")


@test
def a_certificate_that_cannot_be_shown_is_warned_of(_):
    with Sink() as sink, out(sink):
        done = server.postern("Set-SendConnector", "Out", "-TlsCertificateName", "<I>CN=Nobody<S>CN=Nothing")
        check("so mail waits (454 4.7.5)" in done.stderr and "-TlsCertificateName $null" in done.stderr, done.stderr)
        done = server.postern("Set-SendConnector", "Out", "-Port", "2525")
        check("4.7.5" not in done.stderr, "it is warned of what was not touched")
        done = server.postern("Set-SendConnector", "Out", "-TlsCertificateName", authority.thumbprint("named"))
        check("4.7.5" not in done.stderr, done.stderr)
        done = server.postern("Set-SendConnector", "Out", "-TlsCertificateName", "$null", "-SmartHosts", "$null", "-DNSRoutingEnabled", "$true",
                              "-DomainSecureEnabled", "$true")
        check("Set-TransportConfig -TLSSendDomainSecureList" in done.stderr and "no certificate to show" in done.stderr, done.stderr)


@test
def a_certificate_that_is_named_and_missing_keeps_the_mail(_):
    missing = "<I>CN=Nobody<S>CN=Nothing"
    with Sink(certificate=certificate()) as sink, out(sink, "-TlsCertificateName", missing):
        submit()
        check(reason().startswith("[{LED=454 4.7.5 "), reason())
        check("TlsCertificateName of the SendConnector could not be found" in reason(), reason())
        equal(sink.sessions, 0, "connections")
        server.postern("Set-SendConnector", "Out", "-IgnoreSTARTTLS", "$true")
        queue = next(one for one in server.get("Get-Queue") if one["NextHopConnector"] == "Out")
        server.postern("Retry-Queue", queue["Identity"], "-Confirm:$false")
        arrives(sink)


@effect
def DomainSecureEnabled(_):
    add_zone("secure.example", [("", zone.MX, zone.mail_host(10, "mx.secure.example")), ("mx", zone.A, zone.address("127.0.0.1"))])
    authority.leaf("secure", "root", ["secure.example"])
    authority.leaf("host", "root", ["mx.secure.example"])
    way = ["-DNSRoutingEnabled", "$true", "-DomainSecureEnabled", "$true"]
    asks = authority.path("root")
    server.postern("Set-TransportConfig", "-TLSSendDomainSecureList", "secure.example")
    with Sink(certificate=certificate("secure"), asks=asks) as sink, out(sink, *way, "-Fqdn", "out.contoso.example"):
        submit("dora@secure.example")
        arrives(sink)
        equal(sink.peers, ["Example ours"], "what we show")
    for what in ({}, {"certificate": certificate("host"), "asks": asks}):
        with Sink(**what) as sink, out(sink, *way, "-Fqdn", "out.contoso.example"):
            submit("dora@secure.example")
            check("451 5.7.3" in reason("dora@secure.example") or "454 4.7.5" in reason("dora@secure.example"), reason("dora@secure.example"))
            submit("dora@here.example")
            arrives(sink)
            check(all("secure.example" not in one for _s, recipients, _b in sink.messages for one in recipients), sink.messages)
    with Sink(certificate=certificate("secure"), asks=asks) as sink, out(sink, *way, "-Fqdn", "nameless.contoso.example"):
        submit("dora@secure.example")
        check("no certificate to show" in reason("dora@secure.example"), reason("dora@secure.example"))
        equal(sink.sessions, 0, "connections")
    with Sink(certificate=certificate("host"), asks=asks) as sink, out(sink, "-DNSRoutingEnabled", "$true"):
        submit("dora@secure.example")
        arrives(sink)
        equal(sink.peers, [None], "the server's self-signed certificate is not shown")
    server.postern("Set-TransportConfig", "-TLSSendDomainSecureList", "$null")


@effect
def CloudServicesMailEnabled(_):
    fields = b"X-MS-Exchange-Organization-SCL: -1\r\nX-MS-Exchange-Organization-AuthAs:\r\n Internal\r\nX-MS-Exchange-Forest-A: b\r\n"
    connector = "Client Frontend MX"
    server.postern("Add-ADPermission", connector, "-User", "bob", "-ExtendedRights", "ms-Exch-Accept-Headers-Organization,ms-Exch-Accept-Headers-Forest")
    with Sink() as sink, out(sink, "-CloudServicesMailEnabled", "$true"):
        submit(fields=fields)
        arrives(sink)
        body = sink.messages[0][2]
        check(b"X-MS-Exchange-CrossPremises-SCL: -1\r\nX-MS-Exchange-CrossPremises-AuthAs:\r\n Internal\r\n" in body, body)
        size = next(int(word[5:]) for word in sink.messages[0][0].split() if word.startswith("SIZE="))
        check(len(body) <= size <= len(body) + 1200, f"{size} announced, {len(body)} sent")
        check(b"Organization-" not in body and b"Forest-" not in body, body)
    with Sink() as sink, out(sink):
        submit(fields=fields)
        arrives(sink)
        body = sink.messages[0][2]
        check(b"X-MS-Exchange-" not in body and b"Internal" not in body and b"Subject: effect" in body, body)


def words_of(*parts):
    return base64.b64encode("\0".join(parts).encode()).decode()


@effect
def SmartHostAuthMechanism(_):
    login = ["-SmartHostAuthMechanism", "BasicAuth", "-AuthenticationCredential", "relayer"]
    offers = ("PIPELINING", "AUTH PLAIN")
    good = {"AUTH": lambda argument, _n: "235 2.7.0 in" if argument == "PLAIN " + words_of("", "relayer", "one two") else "535 5.7.8 wrong"}
    with Sink(replies=good, offers=offers) as sink, out(sink, *login, input="one two\n"):
        submit()
        arrives(sink)
    with Sink(replies=good, offers=offers) as sink, out(sink, *login, input="another\n"):
        submit()
        check("535 5.7.8 wrong" in reason(), reason())
        equal(sink.messages, [], "messages without a login")
    with Sink(replies=good, offers=offers) as sink, out(sink, "-SmartHostAuthMechanism", "BasicAuthRequireTLS", *login[2:], input="one two\n"):
        submit()
        reason()
        check(not any(line.startswith("AUTH") for line in sink.commands), "the password went out in clear")
    with Sink(replies=good, offers=offers) as sink, out(sink):
        submit()
        arrives(sink)
        check(not any(line.startswith("AUTH") for line in sink.commands), "it logs in unasked")


@test
def a_password_comes_back(_):
    """With Undo-Configuration, and with the text of the configuration."""
    path = server.folder + "/configuration"
    good = {"AUTH": lambda argument, _n: "235 2.7.0 in" if argument == "PLAIN " + words_of("", "relayer", "one two") else "535 5.7.8 wrong"}
    login = ["-SmartHostAuthMechanism", "BasicAuth", "-AuthenticationCredential", "relayer"]
    with Sink(replies=good, offers=("PIPELINING", "AUTH PLAIN")) as sink, out(sink, *login, input="one two\n"):
        server.postern("export", "-o", path)
        with open(path) as file:
            text = file.read()
        check("-CredentialUser relayer" in text.replace("'", "") and "-SealedCredential" in text, text)
        server.postern("Remove-SendConnector", "Out", "-Confirm:$false")
        revision = server.get("Get-TransportService")[0]["Revision"]
        server.postern("Undo-Configuration", str(revision), "-Confirm:$false")
        submit()
        arrives(sink)
        server.postern("Remove-SendConnector", "Out", "-Confirm:$false")
        server.postern("apply", path, "-Confirm:$false")
        submit()
        arrives(sink, 2)
        server.postern("Set-SendConnector", "Out", "-AuthenticationCredential", "relayer", input="another\n")
        server.postern("apply", path, "-Confirm:$false")
        submit()
        arrives(sink, 3)


@test
def a_body_of_eight_bits_is_declared(_):
    with Sink() as sink, out(sink):
        submit(parameters=" BODY=8BITMIME")
        arrives(sink)
        check("BODY=8BITMIME" in sink.messages[0][0], sink.messages[0][0])


@test
def a_queue_of_another_server_takes_orders(_):
    def queue():
        return next(one for one in server.get("Get-Queue") if one["NextHopConnector"] == "Out")

    def sent():
        return len(sink.messages)
    with Sink(replies={"greeting": lambda _a, number: None if number == 1 else "220 ready"}) as sink, out(sink):
        submit()
        until(lambda: server.get("Get-Queue") and queue()["Status"] == "Retry", lambda: f"{server.get('Get-Queue')}")
        check(queue()["RetryCount"] == 1 and queue()["NextRetryTime"] and queue()["LastError"], queue())
        server.postern("Retry-Queue", queue()["Identity"], "-Confirm:$false")
        arrives(sink)
        server.settle()
    with Sink(replies={"RCPT": lambda _a, number: "450 4.2.1 not now" if number == 1 else "250 ok"}) as sink, out(sink):
        submit()
        until(lambda: server.get("Get-Queue") and queue()["DeferredMessageCount"] == 1, lambda: f"{server.get('Get-Queue')}")
        server.postern("Suspend-Queue", queue()["Identity"], "-Confirm:$false")
        equal(queue()["Status"], "Suspended", "status")
        submit()
        time.sleep(0.5)
        equal((sent(), queue()["MessageCount"]), (0, 2), "what is suspended")
        server.postern("Resume-Queue", queue()["Identity"], "-Confirm:$false")
        arrives(sink)


@test
def nothing_leaves_while_HubTransport_is_out_of_service(_):
    state = ["Set-ServerComponentState", SERVER, "-Component", "HubTransport", "-Requester", "Maintenance", "-State"]
    with Sink(replies={"greeting": lambda _a, number: None if number == 1 else "220 ready"}) as sink, out(sink):
        submit()
        reason()
        server.postern(*state, "Inactive")
        queue = next(one for one in server.get("Get-Queue") if one["NextHopConnector"] == "Out")
        server.postern("Retry-Queue", queue["Identity"], "-Confirm:$false")
        time.sleep(1)
        equal((sink.sessions, queue["Status"]), (1, "Suspended"), "sessions")
        server.postern(*state, "Active")
        arrives(sink)


run(400, server)
