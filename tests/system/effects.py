# SPDX-License-Identifier: Apache-2.0
"""Every parameter of a receive connector has its effect: one test each, which fails when the effect is taken away.

A test is named like the parameter; `effects.py --list` prints the names, and tools/reference demands one for each parameter
that the settings table does not call inert. All of them use one connector, which is put back after each change.
"""
import contextlib
import glob
import hashlib
import os
import socket
import ssl
import sys
import time

from authority import Authority
from filter import CONTINUE, REJECT, Filter, add_header
from harness import (DOMAIN, HOST, PASSWORD, SERVER, Client, Failed, Server, check, equal, header, new_token, plain, presented,
                     run, test, tests, tls_context)
from proof import bound_client, prove

server = Server()
NAME, OTHER = "Effects", "127.0.0.7"
BOB = f"bob@{DOMAIN}"


def effect(function):
    """A test whose name is a parameter."""
    return test(function)


def port():
    return server.port(25) + 3


def value_of(json):
    if json is None or json == []:
        return "$null"
    if isinstance(json, bool):
        return "$true" if json else "$false"
    return ",".join(json) if isinstance(json, list) else str(json)


def shown(name=NAME):
    return server.get("Get-ReceiveConnector", name)[0]


@contextlib.contextmanager
def given(*words):
    """The connector with other settings, for a while: -Parameter value ..."""
    before = shown()
    server.postern("Set-ReceiveConnector", NAME, *words)
    try:
        yield
    finally:
        back = [word for parameter in words[::2] for word in (parameter, value_of(before[parameter[1:]]))]
        server.postern("Set-ReceiveConnector", NAME, *back)


def session(source=None, hello=True, **how):
    client = Client(port(), source=source, **how)
    if hello:
        client.offered = client.ehlo()
    return client


def offered(tls=False):
    with session() as client:
        return client.starttls() if tls else client.offered


def codes(*lines):
    """The codes of the replies to these lines, sent one after the other in one session."""
    with session() as client:
        return [client.command(line).code for line in lines]


def send(body, recipient=BOB, sender="someone@example.org"):
    with session() as client:
        client.envelope(sender, [recipient])
        return client.data(body).code


def delivered(body, token):
    equal(send(body), 250, "end of data")
    return server.find(token.encode())


def text(token, more=b""):
    return header(token, more=more) + b"text\r\n"


def seconds_of(action):
    begun = time.monotonic()
    action()
    return time.monotonic() - begun


def within(seconds, condition, why):
    end = time.monotonic() + seconds
    while not condition():
        check(time.monotonic() < end, why)
        time.sleep(0.02)


def listens(number):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", number)) == 0


# --- who and where ---

@effect
def Name(_):
    server.postern("Set-ReceiveConnector", NAME, "-Name", "Renamed")
    equal(shown("Renamed")["Identity"], f"{SERVER}\\Renamed", "identity")
    server.postern("Set-ReceiveConnector", "Renamed", "-Name", NAME)


@effect
def Server_(_):
    done = server.postern("New-ReceiveConnector", "-Name", "Elsewhere", "-Server", "NOBODY", "-Bindings", f"127.0.0.1:{port() + 1}",
                          "-RemoteIPRanges", "127.0.0.1", good=False)
    equal((done.returncode, "NOBODY" in done.stderr), (3, True), "a connector of another server")


@effect
def Bindings(_):
    with given("-Bindings", f"127.0.0.1:{port()},127.0.0.1:{port() + 1}"):
        within(3, lambda: listens(port() + 1), "the second binding is not listened on")
    within(3, lambda: not listens(port() + 1), "the second binding is still listened on")


@effect
def Enabled(_):
    with given("-Enabled", "$false"):
        within(3, lambda: not listens(port()), "a disabled connector is listened for")
    within(3, lambda: listens(port()), "an enabled connector is not listened for")


@effect
def RemoteIPRanges(_):
    with given("-RemoteIPRanges", OTHER):
        with Client(port(), greet=False) as client:
            equal(client.reply().code, 421, "a client outside the ranges")
        session(OTHER).close()


@effect
def TransportRole(_):
    done = server.postern("Set-ReceiveConnector", NAME, "-Bindings", f"127.0.0.1:{server.port(25)}", "-RemoteIPRanges",
                          "192.0.2.1", "-TransportRole", "HubTransport", good=False)
    equal(done.returncode, 2, "a port of a connector with another role")
    check("Default Frontend" in done.stderr, f"the other connector is not named: {done.stderr}")
    with given("-Bindings", f"127.0.0.1:{server.port(25)}", "-RemoteIPRanges", "192.0.2.1", "-TransportRole", "FrontendTransport"):
        pass


@effect
def ProxyProtocolRanges(_):
    with given("-ProxyProtocolRanges", OTHER):
        with Client(port(), source=OTHER, greet=False) as client:
            client.send(b"PROXY TCP4 198.51.100.7 127.0.0.1 4321 25\r\n")
            equal(client.reply().code, 220, "banner")
            check(b"[198.51.100.7]" in client.command("EHLO a.example.org").lines[0], "another client is greeted")


@effect
def Comment(_):
    with given("-Comment", "for the printers"):
        equal(shown()["Comment"], "for the printers", "comment")


# --- what it says of itself ---

@effect
def Banner(_):
    with given("-Banner", "220 stay out"), session() as client:
        equal(client.banner.lines, [b"stay out"], "banner")


@effect
def Fqdn(_):
    with given("-Fqdn", "smtp.example.test"), session() as client:
        check(client.banner.lines[0].startswith(b"smtp.example.test "), f"banner {client.banner.lines}")
        check(client.command("EHLO a.example.org").lines[0].startswith(b"smtp.example.test "), "answer to EHLO")
        token = new_token()
        client.mail("someone@example.org", [BOB], text(token))
    check(b"by smtp.example.test " in server.find(token.encode()), "the Received field names another host")


def switch(parameter, word, *also, default=True):
    """EHLO offers `word` exactly when the parameter is true."""
    def run_it(_):
        equal(word in offered(), default, f"{word} by default")
        with given("-" + parameter, "$false" if default else "$true", *also):
            equal(word in offered(), not default, f"{word} with {parameter} {not default}")
    run_it.__name__ = parameter
    effect(run_it)


switch("BinaryMimeEnabled", "BINARYMIME")
switch("ChunkingEnabled", "CHUNKING", "-BinaryMimeEnabled", "$false")
switch("DeliveryStatusNotificationEnabled", "DSN")
switch("EightBitMimeEnabled", "8BITMIME")
switch("SmtpUtf8Enabled", "SMTPUTF8")
switch("PipeliningEnabled", "PIPELINING")
switch("LongAddressesEnabled", "XLONGADDR", default=False)


@effect
def OrarEnabled(_):
    """An alternate recipient is taken when the one named is unknown, and only then."""
    check("XORAR" not in offered(), "XORAR is offered")
    with session() as client:
        client.expect("MAIL FROM:<someone@example.org>", 250)
        client.expect(f"RCPT TO:<nobody@{DOMAIN}> XORAR=rfc822;{BOB}", 555)
    with given("-OrarEnabled", "$true"), session() as client:
        check("XORAR" in client.offered, "XORAR is not offered")
        token = new_token()
        client.expect("MAIL FROM:<someone@example.org>", 250)
        for alternate in ("rfc822;nobody@" + DOMAIN, "rfc822;x@elsewhere.example", "rfc822;no-address", "x400;" + BOB, "rfc822;+22" + BOB):
            client.expect(f"RCPT TO:<nobody@{DOMAIN}> XORAR={alternate}", 550)
        client.expect(f"RCPT TO:<{BOB}> XORAR=rfc822;alice@{DOMAIN}", 250)
        client.expect(f"RCPT TO:<nobody@{DOMAIN}> XORAR=rfc822;alic+65@{DOMAIN}", 250)
        client.data(text(token))
        server.settle()
    found = sorted(path.split("/mail/")[1].split("/")[0] for path, content in server.messages().items() if token.encode() in content)
    equal(found, ["alice", "bob"], "mailboxes that have it")


@effect
def EnhancedStatusCodesEnabled(_):
    with session() as client:
        check("ENHANCEDSTATUSCODES" in client.offered and client.command("NOOP").lines[0].startswith(b"2.0.0 "), "no code")
    with given("-EnhancedStatusCodesEnabled", "$false"), session() as client:
        check("ENHANCEDSTATUSCODES" not in client.offered and client.command("NOOP").lines[0] == b"OK", "a code")


@effect
def SizeEnabled(_):
    equal(offered()["SIZE"], str(36 << 20), "SIZE")
    with given("-SizeEnabled", "EnabledwithoutValue"):
        equal(offered()["SIZE"], "", "SIZE without value")
    with given("-SizeEnabled", "Disabled"):
        check("SIZE" not in offered(), "SIZE is offered")


# --- TLS ---

def starts_tls(**how):
    with session() as client:
        client.starttls(tls_context(**how))
        return client.socket.version()


def thumbprint(implicit=False):
    return hashlib.sha1(presented(port(), implicit=implicit)).hexdigest().upper()


def make_certificate(domain):
    return server.get("New-ExchangeCertificate", "-DomainName", domain, "-Services", "SMTP", "-Confirm:$false")[0]["Thumbprint"]


@effect
def TlsCertificateName(_):
    made, usual = make_certificate("named.example.test"), thumbprint()
    check(made != usual, "it is presented unasked")
    with given("-TlsCertificateName", made):
        equal(thumbprint(), made, "presented")
    equal(thumbprint(), usual, "presented afterwards")


@effect
def TlsCertificateFallback(_):
    missing = "<I>CN=nobody<S>CN=nothing"
    with given("-TlsCertificateName", missing):
        check("STARTTLS" in offered(), "a missing certificate withdraws STARTTLS although another one fits")
    with given("-TlsCertificateName", missing, "-TlsCertificateFallback", "$false"):
        check("STARTTLS" not in offered(), "STARTTLS is offered without the named certificate")


@effect
def TlsMode(_):
    with given("-TlsMode", "Implicit"):
        with Client(port(), implicit=True) as client:
            check("STARTTLS" not in client.ehlo(), "STARTTLS within TLS")


@effect
def TlsSni(_):
    made = make_certificate("asked.example.test")

    def asked():
        with session() as client:
            client.expect("STARTTLS", 220)
            client.socket = tls_context().wrap_socket(client.raw, server_hostname="asked.example.test")
            return hashlib.sha1(client.socket.getpeercert(binary_form=True)).hexdigest().upper()
    check(asked() != made, "the name counts without TlsSni")
    with given("-TlsSni", "$true"):
        equal(asked(), made, "asked for by name")


@effect
def TlsMinimumVersion(_):
    equal(starts_tls(maximum=ssl.TLSVersion.TLSv1_2), "TLSv1.2", "version")
    with given("-TlsMinimumVersion", "Tls13"):
        try:
            starts_tls(maximum=ssl.TLSVersion.TLSv1_2)
        except (ssl.SSLError, OSError):
            return
        raise Failed("TLS 1.2 is spoken")


@effect
def TlsTickets(_):
    def has_ticket():
        with session() as client:
            client.starttls(tls_context(maximum=ssl.TLSVersion.TLSv1_2))
            return client.socket.session is not None and client.socket.session.has_ticket
    check(has_ticket(), "no ticket by default")
    with given("-TlsTickets", "$false"):
        check(not has_ticket(), "a ticket")


@effect
def RequireTLS(_):
    mail = "MAIL FROM:<someone@example.org>"
    equal(codes(mail), [250], "by default")
    with given("-RequireTLS", "$true"):
        equal(codes(mail), [530], "in clear")
        with session() as client:
            client.starttls()
            client.expect(mail, 250)


# --- who may do what ---

@effect
def AuthMechanism(_):
    equal([word in offered() for word in ("STARTTLS", "AUTH")], [True, False], "Tls alone")
    with given("-AuthMechanism", "None"):
        check("STARTTLS" not in offered(), "STARTTLS with None")
    with given("-AuthMechanism", "BasicAuth", "-PermissionGroups", "ExchangeUsers"), session() as client:
        check("LOGIN" in client.offered["AUTH"] and "PLAIN" in client.offered["AUTH"], "no AUTH with BasicAuth")
        client.log_in("bob")
    with given("-AuthMechanism", "Tls,BasicAuth,BasicAuthRequireTLS", "-PermissionGroups", "ExchangeUsers"), session() as client:
        check("AUTH" not in client.offered, "AUTH before TLS")
        client.expect("AUTH PLAIN " + plain("bob", PASSWORD), 538)
        check("AUTH" in client.starttls(), "no AUTH inside TLS")
        client.log_in("bob")
    with given("-AuthMechanism", "Integrated", "-PermissionGroups", "ExchangeUsers"), session() as client:
        equal(client.offered["AUTH"], "SCRAM-SHA-256", "Integrated alone")
        equal(prove(client, "bob", PASSWORD)[0].code, 235, "a login with Integrated")


@effect
def ExtendedProtectionPolicy(_):
    logins = ("-AuthMechanism", "Tls,Integrated", "-PermissionGroups", "ExchangeUsers")
    for word, offers, unbound in (("None", ["SCRAM-SHA-256"], 235), ("Allow", ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"], 235),
                                  ("Require", ["SCRAM-SHA-256-PLUS"], 504)):
        with given(*logins, "-ExtendedProtectionPolicy", word):
            client, binding = bound_client(port())
            with client:
                equal(client.offered["AUTH"].split(), offers, word)
                equal(prove(client, "bob", PASSWORD)[0].code, unbound, f"{word}: a login without a binding")
            client, binding = bound_client(port())
            with client:
                reply, _ = prove(client, "bob", PASSWORD, offers[0], "p=tls-exporter", binding)
                equal(reply.code, 235 if word != "None" else 535, f"{word}: a login with one")


@effect
def PermissionGroups(_):
    mail, relay = "MAIL FROM:<someone@example.org>", "RCPT TO:<someone@elsewhere.example>"
    equal(codes(mail, relay), [250, 550], "AnonymousUsers")
    with given("-PermissionGroups", "None"):
        equal(codes(mail), [530], "None")
    with given("-AuthMechanism", "Tls,ExternalAuthoritative", "-PermissionGroups", "ExchangeServers"):
        equal(codes(mail, relay), [250, 250], "ExchangeServers from an externally secured address")


@effect
def MaxLogonFailures(_):
    basic = ("-AuthMechanism", "BasicAuth", "-PermissionGroups", "ExchangeUsers", "-AuthTarpitInterval", "00:00:00")
    for most in (1, 2):
        with given(*basic, "-MaxLogonFailures", str(most)), session() as client:
            for _ in range(most):
                client.expect("AUTH PLAIN " + plain("bob", "wrong"), 535)
            equal(client.reply().code, 421, f"behind failure {most}")
            check(client.closed(), "the connection stays open")
        within(5, lambda: f"has reached MaxLogonFailures ({most})" in server.log(), "no event 1012")


@effect
def DefaultDomain(_):
    equal(codes("MAIL FROM:<someone>"), [501], "by default")
    with given("-DefaultDomain", DOMAIN), session() as client:
        token = new_token()
        client.expect("MAIL FROM:<someone@example.org>", 250)
        client.expect("RCPT TO:<bob>", 250)
        equal(client.data(text(token)).code, 250, "end of data")
        check(f"Delivered-To: {BOB}".encode() in server.find(token.encode()), "the domain was not added")


# --- what is refused ---

@effect
def RequireEHLODomain(_):
    with session(hello=False) as client:
        equal(client.command("EHLO").code, 250, "by default")
    with given("-RequireEHLODomain", "$true"), session(hello=False) as client:
        check(client.command("EHLO").code >= 400 and client.closed(), "EHLO without a domain")


@effect
def BareLinefeedRejectionEnabled(_):
    token = new_token()
    body = text(token) + b"one\ntwo\r\n"
    equal(send(body), 554, "by default")
    with given("-BareLinefeedRejectionEnabled", "$false"):
        check(b"one\r\ntwo\r\n" in delivered(body, token), "the line feed was not mended")


def refused_recipient(parameter, domain, code):
    def run_it(_):
        relay = ("-AuthMechanism", "Tls,ExternalAuthoritative", "-PermissionGroups", "ExchangeServers")
        lines = ("MAIL FROM:<someone@example.org>", f"RCPT TO:<someone@{domain}>")
        with given(*relay):
            equal(codes(*lines), [250, 250], "by default")
        with given(*relay, "-" + parameter, "$true"), session() as client:
            client.expect(lines[0], 250)
            reply = client.expect(lines[1], 550)
            check(reply.lines[0].startswith(code), f"{reply.lines}")
    run_it.__name__ = parameter
    effect(run_it)


refused_recipient("RejectReservedTopLevelRecipientDomains", "a.invalid", b"5.1.4 ")
refused_recipient("RejectReservedSecondLevelRecipientDomains", "example.net", b"5.1.5 ")
refused_recipient("RejectSingleLabelRecipientDomains", "printer", b"5.1.6 ")


# --- limits ---

@effect
def MaxMessageSize(_):
    large = text(new_token()) + (b"x" * 70 + b"\r\n") * 1000
    equal(send(large), 250, "by default")
    with given("-MaxMessageSize", "65536"):
        equal(offered()["SIZE"], "65536", "SIZE")
        equal(codes("MAIL FROM:<someone@example.org> SIZE=65537"), [552], "SIZE=")
        equal(send(large), 552, "end of data")


@effect
def MaxHeaderSize(_):
    large = text(new_token(), more=b"X-Filler: " + b"y" * 900 + b"\r\n")
    equal(send(large), 250, "by default")
    with given("-MaxHeaderSize", "600"):
        equal(send(large), 552, "a larger header")
        equal(send(text(new_token())), 250, "a smaller header")


def hops(host, count):
    return b"".join(b"Received: from a by %s with ESMTP; Tue, 3 Mar 2026 10:00:00 +0000\r\n" % host.encode() for _ in range(count))


@effect
def MaxHopCount(_):
    with given("-MaxHopCount", "3"):
        equal([send(hops("elsewhere.example", n) + text(new_token())) for n in (3, 4)], [250, 554], "hops")


@effect
def MaxLocalHopCount(_):
    with given("-MaxLocalHopCount", "2"):
        equal([send(hops(HOST, n) + text(new_token())) for n in (2, 3)], [250, 554], "hops here")
        equal(send(hops("elsewhere.example", 3) + text(new_token())), 250, "hops elsewhere")
        server.postern("Set-ReceiveConnector", server.connector(2525), "-Fqdn", "back.example.test")
        equal(send(hops("back.example.test", 3) + text(new_token())), 554, "hops at another connector")
        server.postern("Set-ReceiveConnector", server.connector(2525), "-Fqdn", "$null")
    with given("-MaxLocalHopCount", "0"):
        equal(send(hops(HOST, 9) + text(new_token())), 250, "never counted")


@effect
def MaxProtocolErrors(_):
    with given("-MaxProtocolErrors", "2", "-TarpitInterval", "00:00:00"), session() as client:
        equal([client.command("NONSENSE").code for _ in range(3)], [500, 500, 421], "codes")
        check(client.closed(), "the connection stays open")


@effect
def MaxRecipientsPerMessage(_):
    with given("-MaxRecipientsPerMessage", "2"):
        equal(codes("MAIL FROM:<someone@example.org>", *[f"RCPT TO:<{BOB}>"] * 3), [250, 250, 250, 452], "codes")


@effect
def ConnectionTimeout(_):
    with given("-ConnectionInactivityTimeout", "00:00:01", "-ConnectionTimeout", "00:00:03"), session() as client:
        begun = time.monotonic()
        try:
            while time.monotonic() < begun + 10:
                client.expect("NOOP", 250)
                time.sleep(0.3)
            raise Failed("a busy connection lives for ever")
        except (Failed, OSError):
            check(2 <= time.monotonic() - begun < 7, f"it ended after {time.monotonic() - begun:.1f} s")


@effect
def ConnectionInactivityTimeout(_):
    with given("-ConnectionInactivityTimeout", "00:00:01"), session() as client:
        begun = time.monotonic()
        equal(client.reply().code, 421, "the last word")
        check(0.9 <= time.monotonic() - begun < 5, f"it ended after {time.monotonic() - begun:.1f} s")


@effect
def MaxInboundConnection(_):
    with given("-MaxInboundConnection", "2", "-MaxInboundConnectionPercentagePerSource", "100"):
        inside = [session(f"127.0.0.{i}") for i in (2, 3)]
        with Client(port(), source="127.0.0.4", greet=False) as client:
            equal(client.reply().code, 421, "the third")
        for client in inside:
            client.close()


@effect
def MaxInboundConnectionPerSource(_):
    with given("-MaxInboundConnectionPerSource", "1"):
        with session(OTHER), Client(port(), source=OTHER, greet=False) as client:
            equal(client.reply().code, 421, "the second of one source")


@effect
def MaxInboundConnectionPercentagePerSource(_):
    with given("-MaxInboundConnection", "20", "-MaxInboundConnectionPercentagePerSource", "5"):
        with session(OTHER), Client(port(), source=OTHER, greet=False) as client:
            equal(client.reply().code, 421, "more than a twentieth")


def two_messages(source):
    with session(source) as client:
        client.expect("MAIL FROM:<someone@example.org>", 250)
        client.expect("RSET", 250)
        return client.command("MAIL FROM:<someone@example.org>").code


@effect
def MessageRateLimit(_):
    equal(two_messages("127.0.0.11"), 250, "by default")
    with given("-MessageRateLimit", "1"):
        equal(two_messages("127.0.0.12"), 421, "the second in a minute")


@effect
def MessageRateSource(_):
    with given("-MessageRateLimit", "1", "-MessageRateSource", "None"):
        equal(two_messages("127.0.0.13"), 250, "counted by nothing")
    with given("-MessageRateLimit", "1", "-MessageRateSource", "User"):
        equal(two_messages("127.0.0.14"), 250, "of nobody who logged in")
    with given("-MessageRateLimit", "1", "-MessageRateSource", "IPAddress"):
        equal(two_messages("127.0.0.15"), 421, "of one address")


@effect
def TarpitInterval(_):
    for span, least, most in (("00:00:01", 0.9, 5), ("00:00:00", 0, 0.9)):
        with given("-TarpitInterval", span), session() as client:
            client.expect("MAIL FROM:<someone@example.org>", 250)
            took = seconds_of(lambda: client.expect(f"RCPT TO:<nobody@{DOMAIN}>", 550))
            check(least <= took < most, f"with {span} it took {took:.2f} s")


@effect
def AuthTarpitInterval(_):
    basic = ("-AuthMechanism", "BasicAuth", "-PermissionGroups", "ExchangeUsers")
    for span, least, most in (("00:00:01", 0.9, 5), ("00:00:00", 0, 0.9)):
        with given(*basic, "-AuthTarpitInterval", span), session() as client:
            took = seconds_of(lambda: client.expect("AUTH PLAIN " + plain("bob", "wrong"), 535))
            check(least <= took < most, f"with {span} it took {took:.2f} s")


# --- what certificates of clients prove ---

def shows(certificate):
    """A session inside TLS that shows this certificate; "": none, None: in clear."""
    client = session()
    if certificate is not None:
        client.starttls(authority.client(certificate) if certificate else None)
    return client


@effect
def DomainSecureEnabled(_):
    def codes_of_sender():
        codes = []
        for certificate in ("partner", "other", "", None):
            with shows(certificate) as client:
                codes.append(client.command("MAIL FROM:<someone@partner.example>").code)
        return codes
    server.postern("Set-TransportConfig", "-TLSReceiveDomainSecureList", "partner.example")
    with given("-DomainSecureEnabled", "$true"):
        equal(codes_of_sender(), [250, 454, 454, 530], "secured")
    equal(codes_of_sender(), [250] * 4, "not secured")
    server.postern("Set-TransportConfig", "-TLSReceiveDomainSecureList", "$null")


@effect
def TlsDomainCapabilities(_):
    def promoted(certificate):
        token = new_token()
        with shows(certificate) as client:
            client.envelope("someone@example.org", [BOB])
            client.data(text(token, b"X-MS-Exchange-CrossPremises-AuthAs: Internal\r\n"))
        return b"X-MS-Exchange-Organization-AuthAs: Internal" in server.find(token.encode())
    with given("-TlsDomainCapabilities", "partner.example:AcceptCloudServicesMail"):
        equal([promoted(one) for one in ("partner", "other", "", None)], [True, False, False, False], "by certificate")
    with given("-TlsDomainCapabilities", "NO-TLS:AcceptCloudServicesMail"):
        equal([promoted(one) for one in ("partner", "", None)], [False, False, True], "in clear")
    equal(promoted("partner"), False, "without")


# --- the log ---

def protocol_log():
    rows = b""
    for path in glob.glob(os.path.join(server.data, "logs", "**", "RECV*.log"), recursive=True):
        with open(path, "rb") as file:
            rows += file.read()
    return rows.decode("latin-1")


@effect
def ProtocolLoggingLevel(_):
    def noop(mark):
        with session() as client:
            client.expect(f"NOOP {mark}", 250)
    noop("unlogged-noop")
    with given("-ProtocolLoggingLevel", "Verbose"):
        noop("logged-noop")
        within(5, lambda: ",NOOP logged-noop," in protocol_log(), "the command is not in the log")
    check(f"{SERVER}\\{NAME}" in protocol_log() and "unlogged-noop" not in protocol_log(), "rows")


def make_connector():
    for user in ("alice", "bob"):
        server.add_user(user)
    server.postern("New-ReceiveConnector", "-Name", NAME, "-Bindings", f"127.0.0.1:{port()}", "-RemoteIPRanges", "0.0.0.0/0",
                   "-PermissionGroups", "AnonymousUsers", "-TarpitInterval", "00:00:00",
                   "-MaxInboundConnectionPerSource", "Unlimited")
    within(3, lambda: listens(port()), "the connector is not listened for")


@effect
def Milters(_):
    token = new_token()
    with Filter({"E": add_header(b"X-Filter", b"one") + CONTINUE}) as one, Filter() as two:
        with given("-Milters", f"{one.endpoint},{two.endpoint}"), session() as client:
            client.mail("a@client.example.org", [BOB], header(token) + b"x\r\n")
            one.replies["M"] = REJECT
            client.expect("MAIL FROM:<a@client.example.org>", 550)
        check(b"X-Filter: one\r\n" in server.find(token.encode()), "the field of the filter is missing")
        equal((len(one.of("M")), len(two.of("M"))), (2, 1), "how often the filters were asked")
    with session() as client:
        client.expect("MAIL FROM:<a@client.example.org>", 250)


@effect
def MilterFailureAction(_):
    with Filter() as gone:
        endpoint = gone.endpoint
    for action, code in (("Tempfail", 451), ("Accept", 250)):
        with given("-Milters", endpoint, "-MilterFailureAction", action), session() as client:
            client.expect("MAIL FROM:<a@client.example.org>", code)


@effect
def MilterTimeout(_):
    with Filter({"M": None}) as silent:
        for timeout, least, most in (("00:00:01", 0.8, 2.5), ("00:00:03", 2.8, 8)):
            with given("-Milters", silent.endpoint, "-MilterTimeout", timeout), session() as client:
                began = time.monotonic()
                client.expect("MAIL FROM:<a@client.example.org>", 451)
                check(least <= time.monotonic() - began <= most, f"{timeout}: {time.monotonic() - began:.1f} s")


if sys.argv[1:] == ["--list"]:
    print("\n".join(function.__name__.rstrip("_") for function in tests))
    sys.exit(0)


def connector(_):
    make_connector()


authority = Authority(server.folder)
authority.issuer("root")
for name in ("partner", "other"):
    authority.leaf(name, "root", (f"{name}.example",))
server.options = ["--trust", authority.path("root")]
tests.insert(0, connector)
run(200, server)
