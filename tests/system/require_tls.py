# SPDX-License-Identifier: Apache-2.0
"""What a sender asks of TLS (RFC 8689): REQUIRETLS over hosts that are proven and pass it on, or not at all; and "TLS-Required: No",
whatever the domain demands of its hosts.

Every host has an address of its own on loopback, and all of them one port.
"""
import contextlib
import hashlib
import socket
import ssl
import subprocess
import time

import zone
from authority import Authority
from harness import DOMAIN, Client, Server, check, equal, run, test, until
from sink import Sink

SAFE, OPEN = "safe.example", "open.example"  # signed, and not
OFFERS = ("PIPELINING", "8BITMIME", "SIZE 10000000", "ENHANCEDSTATUSCODES", "DSN")
PASSES = OFFERS + ("REQUIRETLS",)

with socket.create_server(("127.0.0.1", 0)) as taken:
    port = taken.getsockname()[1]
server = Server()
authority = Authority(server.folder)
authority.issuer("root")
authority.issuer("stranger")
authority.leaf("own", "stranger", ["mail.unrelated.example"])  # nobody trusts it: only its TLSA record speaks for it
written = subprocess.run(["openssl", "x509", "-in", authority.path("own"), "-noout", "-pubkey"], capture_output=True, check=True).stdout
OWN = bytes([3, 1, 1]) + hashlib.sha256(ssl.PEM_cert_to_DER_cert(written.decode().replace("PUBLIC KEY", "CERTIFICATE"))).digest()
WRONG = bytes([3, 1, 1]) + bytes(32)


def host_rows(name, last, tlsa=None):
    """One mail host of NAME: mx.NAME at 127.0.0.LAST."""
    return [(f"mx.{name}", zone.A, zone.address(f"127.0.0.{last}"))] + ([(f"_{port}._tcp.mx.{name}", zone.TLSA, tlsa)] if tlsa else [])


ADDRESSES = {"good": 41, "dane": 42, "wrong": 43, "second": 44, "gone": 45, "plain": 46}
rows = [("ns", zone.A, zone.address("127.0.0.1"))]
for name, last in ADDRESSES.items():
    rows += [(name, zone.MX, zone.mail_host(10, f"mx.{name}.{SAFE}"))] + host_rows(name, last, {"dane": OWN, "wrong": WRONG}.get(name))
rows += [("two", zone.MX, zone.mail_host(10, f"mx.plain.{SAFE}")), ("two", zone.MX, zone.mail_host(20, f"mx.second.{SAFE}"))]
names = zone.Server()
signed = zone.Zone(SAFE, rows, True)
unsigned = zone.Zone(OPEN, [("ns", zone.A, zone.address("127.0.0.1")), ("some", zone.MX, zone.mail_host(10, f"mx.some.{OPEN}"))]
                     + host_rows("some", 47) + [("itself", zone.A, zone.address("127.0.0.48"))], False)
names.zones[:0] = [signed, unsigned]
with open(server.folder + "/anchor", "w", encoding="ascii") as file:
    file.write(signed.anchor() + "\n")
server.options += ["--name-server", f"127.0.0.1:{names.port}", "--dns-anchor", server.folder + "/anchor", "--trust", authority.path("root")]
for leaf, name in (("good", f"mx.good.{SAFE}"), ("second", f"mx.second.{SAFE}"), ("plain", f"mx.plain.{SAFE}"), ("some", f"mx.some.{OPEN}"),
                   ("itself", f"itself.{OPEN}")):
    authority.leaf(leaf, "root", [name])


def sink(last, shown, offers=PASSES):
    pair = (authority.path(shown), authority.path(shown, "key")) if shown else None
    return Sink(certificate=pair, address=f"127.0.0.{last}", port=port, offers=offers)


@contextlib.contextmanager
def connector(*more):
    server.postern("New-SendConnector", "-Name", "Out", "-AddressSpaces", "*", "-Port", str(port), *more)
    try:
        yield
    finally:
        server.postern("Remove-Message", "-Filter", "Subject -like 'to *'", "-WithNDR", "$false", "-Confirm:$false")
        server.postern("Remove-SendConnector", "*", "-Confirm:$false")


def submit(recipient, parameters=" REQUIRETLS", more=""):
    with Client(server.port(587)) as client:
        client.ehlo()
        client.starttls()
        client.ehlo()
        client.log_in("bob")
        client.expect(f"MAIL FROM:<bob@{DOMAIN}>{parameters}", 250)
        client.expect(f"RCPT TO:<{recipient}>", 250)
        equal(client.data(f"From: <bob@{DOMAIN}>\r\n{more}Subject: to {recipient}\r\n\r\nthe secret\r\n".encode()).code, 250, "end of data")


def comes(where, domain, parameters=" REQUIRETLS", more=""):
    """The message reaches this sink; returns the argument of its MAIL."""
    submit(f"carol@{domain}", parameters, more)
    until(lambda: where.messages, lambda: f"nothing came: {server.get('Get-Message')} {server.log_tail()}")
    return where.messages[0][0]


def comes_back(domain, reason, parameters=" REQUIRETLS"):
    """The message is returned at once, for this reason."""
    recipient = f"r{time.monotonic_ns()}@{domain}"
    submit(recipient, parameters)
    notice = server.find(f"Subject: Undeliverable: to {recipient}".encode())
    check(reason.encode() in notice, f"{reason!r} is not in {notice!r:.2000}")
    return notice


def said_nothing(where):
    equal([line for line in where.commands if line.startswith(("MAIL", "RCPT"))], [], "what went out")


def find_notice(where):
    return until(lambda: [message for message in where.messages if message[0].startswith("FROM:<>")], lambda: f"no notice: {server.log_tail()}")[0]


@test
def users(_):
    server.add_user("bob")
    server.postern("Add-ADPermission", "Client Frontend MX", "-User", "bob", "-ExtendedRights", "ms-Exch-SMTP-Accept-Any-Recipient")


@test
def it_is_offered_inside_tls_only(_):
    with Client(server.port(25)) as client:
        check("REQUIRETLS" not in client.ehlo(), "offered in clear")
        client.expect("MAIL FROM:<a@b.example.net> REQUIRETLS", 550)
        client.starttls()
        check("REQUIRETLS" in client.ehlo(), "not offered inside TLS")
        client.expect("MAIL FROM:<a@b.example.net> REQUIRETLS", 250)


@test
def a_mailbox_fulfils_it(_):
    submit(f"bob@{DOMAIN}", more="X-Where: here\r\n")
    server.find(b"X-Where: here")


@test
def a_proven_host_that_passes_it_on(_):
    with sink(41, "good") as where, connector():
        check(comes(where, f"good.{SAFE}").endswith(" REQUIRETLS"), where.messages)
    with sink(42, "own") as where, connector():
        check(comes(where, f"dane.{SAFE}").endswith(" REQUIRETLS"), where.messages)
    with sink(48, "itself") as where, connector():
        check(comes(where, f"itself.{OPEN}").endswith(" REQUIRETLS"), "without MX the domain is its own host")


@test
def smart_hosts_are_the_administrator_s_word(_):
    with sink(46, "plain") as where, connector("-DNSRoutingEnabled", "$false", "-SmartHosts", f"mx.plain.{SAFE}"):
        check(comes(where, f"some.{OPEN}").endswith(" REQUIRETLS"), where.messages)


@test
def a_host_that_does_not_pass_it_on(_):
    with sink(41, "good", OFFERS) as where, connector():
        notice = comes_back(f"good.{SAFE}", "550 5.7.30 REQUIRETLS support required", " RET=FULL REQUIRETLS")
        check(b"the secret" not in notice, "the whole message is in the notice")
        said_nothing(where)
        comes(where, f"good.{SAFE}", "")


@test
def a_host_that_is_not_proven(_):
    with sink(41, "own") as where, connector():
        comes_back(f"good.{SAFE}", "550 5.7.10 Encryption needed")
        said_nothing(where)
    with sink(41, None) as where, connector():
        comes_back(f"good.{SAFE}", "550 5.7.10 Encryption needed")
        said_nothing(where)
    with sink(43, "own") as where, connector():
        comes_back(f"wrong.{SAFE}", "no TLSA record fits")
        said_nothing(where)
    with sink(41, "good") as where, connector("-IgnoreSTARTTLS", "$true"):
        comes_back(f"good.{SAFE}", "550 5.7.10 Encryption needed")
        said_nothing(where)


@test
def a_host_that_nobody_vouches_for(_):
    with sink(47, "some") as where, connector():
        comes_back(f"some.{OPEN}", f"neither DNSSEC nor MTA-STS vouches for the host mx.some.{OPEN} (demanded by the sender: REQUIRETLS, RFC 8689)")
        said_nothing(where)


@test
def the_next_host_may_be_better(_):
    with sink(46, "plain", OFFERS) as first, sink(44, "second") as second, connector():
        check(comes(second, f"two.{SAFE}").endswith(" REQUIRETLS"), second.messages)
        said_nothing(first)


@test
def a_host_that_cannot_be_asked_is_waited_for(_):
    with sink(46, "plain", OFFERS), connector():
        submit(f"carol@two.{SAFE}")
        row = until(lambda: [row for row in server.get("Get-Message") if row["LastError"]], lambda: f"{server.get('Get-Message')}")[0]
        equal(row["TlsRequired"], "Yes", "what Get-Message shows")
        check("dns+tls-required:" in row["Queue"], row)


@test
def the_tracking_log_shows_it(_):
    rows = server.get("Get-MessageTrackingLog", "-EventId", "RECEIVE", "-ResultSize", "Unlimited")
    check(any("S:TlsRequired=Yes" in (row["CustomData"] or "") for row in rows), rows)


@test
def a_field_asks_for_less(_):
    field = "TLS-Required: No\r\n"
    with sink(43, "own") as where, connector():
        check("REQUIRETLS" not in comes(where, f"wrong.{SAFE}", "", field), where.messages)
    with sink(43, None) as where, connector():
        comes(where, f"wrong.{SAFE}", "", field)
    with sink(43, None) as where, connector("-RequireTLS", "$true"):
        submit(f"carol@wrong.{SAFE}", "", field)
        row = until(lambda: [row for row in server.get("Get-Message") if row["LastError"]], lambda: f"{server.get('Get-Message')}")[0]
        equal(row["TlsRequired"], "No", "what Get-Message shows")
        check("STARTTLS is required" in row["LastError"], row)
        said_nothing(where)


@test
def the_option_counts_more_than_the_field(_):
    with sink(41, "good") as where, connector():
        check(comes(where, f"good.{SAFE}", more="TLS-Required: No\r\n").endswith(" REQUIRETLS"), where.messages)
    with sink(41, "own") as where, connector():
        submit(f"x@good.{SAFE}", more="TLS-Required: No\r\n")
        server.find(f"Subject: Undeliverable: to x@good.{SAFE}".encode())
        said_nothing(where)


@test
def a_forward_keeps_it(_):
    server.add_user("away")
    server.postern("Set-Mailbox", "away", "-ForwardingSmtpAddress", f"carol@good.{SAFE}")
    with sink(41, "good") as where, connector():
        submit(f"away@{DOMAIN}")
        until(lambda: where.messages, lambda: f"nothing came: {server.get('Get-Message')}")
        check(where.messages[0][0].endswith(" REQUIRETLS"), where.messages)


@test
def a_notice_asks_for_it_where_it_can(_):
    """RFC 8689 5: rather without than not at all."""
    def send(domain):
        with Client(server.port(25)) as client:
            client.ehlo()
            client.starttls()
            client.ehlo()
            client.expect(f"MAIL FROM:<carol@{domain}> RET=FULL REQUIRETLS", 250)
            client.expect(f"RCPT TO:<bob@{DOMAIN}> NOTIFY=SUCCESS", 250)
            equal(client.data(f"From: <carol@{domain}>\r\nSubject: to bob\r\n\r\nthe secret\r\n".encode()).code, 250, "end of data")
    for shown, offers, asked in (("good", PASSES, True), ("good", OFFERS, False), ("own", PASSES, False), (None, OFFERS, False)):
        with sink(41, shown, offers) as where, connector():
            send(f"good.{SAFE}")
            sender, _, body = find_notice(where)
            equal(sender.endswith(" REQUIRETLS"), asked, f"{shown} {offers}")
            check(b"the secret" not in body, "the whole message is in the notice")


run(300, server)
