# SPDX-License-Identifier: Apache-2.0
"""DKIM: what leaves is signed, and another implementation verifies it by what Get-DkimSigningConfig says is to be published."""
import email
import glob
import os
import re
import sqlite3
import sys

import zone
from harness import DOMAIN, Client, Server, check, equal, run, test, until
from sink import Sink

sys.path.append("/usr/lib/python3/dist-packages")  # where Debian puts it, for other interpreters
import dkim  # noqa: E402

names = zone.Server()
server = Server(options=["--name-server", f"127.0.0.1:{names.port}"])
sink = Sink()
ELSEWHERE = "carol@elsewhere.example"
BIG = b"".join(b"%07d %s\r\n" % (i, b"x" * 60) for i in range(60000))
BODIES = {"nothing": b"", "an empty line": b"\r\n", "empty lines at the end": b"one\r\n\r\ntwo\r\n\r\n\r\n", "blanks": b" one  \t two \t\r\n   \r\n three\r\n",
          "dots": b".\r\n..\r\n.one\r\n", "8 bits": "schöne Grüße\r\n".encode(), "long": b"y" * 900 + b"\r\n", "big": BIG}


def letter(token, body=b"hello\r\n", author=f"Bob <bob@{DOMAIN}>", more=b""):
    return more + f"From: {author}\r\nTo: <{ELSEWHERE}>\r\nSubject: {token}\r\n  folded   twice\r\n".encode() + b"\r\n" + body


def arrived(count):
    until(lambda: len(sink.messages) > count, lambda: f"nothing came: {server.get('Get-Message')}")
    return sink.messages[count][2]


def submit(content, sender=f"bob@{DOMAIN}", recipient=ELSEWHERE, parameters=""):
    """Of somebody who has logged in; returns what left."""
    count = len(sink.messages)
    with Client(server.port(587)) as client:
        client.ehlo()
        client.starttls()
        client.ehlo()
        client.log_in("bob")
        client.expect(f"MAIL FROM:<{sender}>{parameters}", 250)
        client.expect(f"RCPT TO:<{recipient}>", 250)
        equal(client.data(content).code, 250, "end of data")
    return arrived(count)


def config(domain=DOMAIN):
    return server.get("Get-DkimSigningConfig", domain)[0]


def published(name, timeout=5):
    """The TXT record of that name, as a zone that holds all DnsRecords would answer."""
    del timeout
    for one in server.get("Get-DkimSigningConfig"):
        for line in one["DnsRecords"]:
            owner, _, strings = line.partition(" IN TXT ")
            if owner == name.decode():
                pieces = re.findall(r'"([^"]*)"', strings)
                check(all(len(piece) <= 255 for piece in pieces), f"a string is too long: {line}")
                return "".join(pieces).encode()
    return None


def signatures(message):
    return email.message_from_bytes(message).get_all("DKIM-Signature") or []


def tags(message):
    """Of each signature, the topmost first."""
    return [dict(tag.strip().split("=", 1) for tag in re.sub(r"\s+", "", value).split(";") if tag.strip()) for value in signatures(message)]


def holds(message, index=0):
    try:
        return dkim.DKIM(message).verify(idx=index, dnsfunc=published)
    except dkim.ValidationError:
        return False


def verify(message, many=1):
    equal(len(signatures(message)), many, "signatures")
    for index in range(many):
        check(holds(message, index), f"signature {index} does not hold: {message[:2500]!r}")


@test
def the_way_out(_):
    server.add_user("bob")
    server.postern("New-SendConnector", "-Name", "Out", "-AddressSpaces", "*", "-Port", str(sink.port), "-SmartHosts", "[127.0.0.1]",
                   "-DNSRoutingEnabled", "$false")
    equal(signatures(submit(letter("before"))), [], "signatures without a config")


@test
def from_nothing_to_signed_mail(_):
    made = server.postern("New-DkimSigningConfig", "-DomainName", DOMAIN)
    check("publish DnsRecords" in made.stdout + made.stderr, made)
    equal((config()["Enabled"], len(config()["DnsRecords"]), config()["SelectorInUse"]), (False, 1, "selector1"), "what was made")
    equal(signatures(submit(letter("disabled"))), [], "signatures before -Enabled")
    server.postern("Set-DkimSigningConfig", DOMAIN, "-Enabled", "$true")
    message = submit(letter("signed"))
    verify(message)
    equal((tags(message)[0]["d"], tags(message)[0]["s"], tags(message)[0]["a"]), (DOMAIN, "selector1", "rsa-sha256"), "the tags")
    check(message.startswith(b"DKIM-Signature: "), f"it does not stand in front: {message[:60]!r}")
    check(not holds(message.replace(b"hello", b"Hello")), "another body has the signature, too")
    check(not holds(message.replace(b"From: Bob", b"From: eve@x\r\nFrom: Bob")), "a second author can be added")
    equal(server.postern("New-DkimSigningConfig", "-DomainName", DOMAIN.upper(), good=False).returncode, 4, "a second config: exit code")
    shown = server.postern("Get-DkimSigningConfig", "-o", "json").stdout
    check("ealed" not in shown, "a sealed key is shown")


def bodies_hold(name, header, body):
    def run_it(_):
        server.postern("Set-DkimSigningConfig", DOMAIN, "-HeaderCanonicalization", header, "-BodyCanonicalization", body)
        for what, content in BODIES.items():
            message = submit(letter(what, content), parameters=" BODY=8BITMIME")
            equal(tags(message)[0]["c"], f"{header}/{body}".lower(), "forms")
            verify(message)
    run_it.__name__ = name
    test(run_it)


bodies_hold("relaxed_signatures_hold", "Relaxed", "Relaxed")
bodies_hold("simple_signatures_hold", "Simple", "Simple")
bodies_hold("relaxed_over_simple_signatures_hold", "Relaxed", "Simple")


@test
def whose_mail_is_signed(_):
    verify(submit(letter("twice", more=b"To: a@x.example\r\nto:b@x.example\r\n")))
    verify(submit(letter("other case", author=f"<bob@{DOMAIN.upper()}>")))
    for domain in (f"sub.{DOMAIN}", "other.example"):
        server.postern("New-AcceptedDomain", "-Name", domain, "-DomainName", domain)
    server.postern("Set-Mailbox", "bob", "-EmailAddresses", f"@{{Add=bob@sub.{DOMAIN},bob@other.example}}")
    for author in (f"bob@sub.{DOMAIN}", "bob@other.example"):
        equal(signatures(submit(letter("not ours", author=author), sender=author)), [], f"signatures of {author}")
    mine = submit(letter("of its own", more=b"DKIM-Signature: v=1; a=rsa-sha256; d=" + DOMAIN.encode() + b"; s=selector1; h=from; bh=x; b=y\r\n"))
    equal(len(signatures(mine)), 2, "signatures beside one that was there")
    check(holds(mine), "ours does not hold beside another")


def relayed(port, token):
    count = len(sink.messages)
    with Client(server.port(port)) as client:
        client.ehlo()
        client.expect("MAIL FROM:<x@elsewhere.example>", 250)
        client.expect(f"RCPT TO:<{ELSEWHERE}>", 250)
        equal(client.data(letter(token)).code, 250, "end of data")
    return arrived(count)


@test
def what_strangers_bring_is_relayed_unsigned(_):
    frontend = "Default Frontend MX"
    server.postern("Add-ADPermission", frontend, "-User", "NT AUTHORITY\\ANONYMOUS LOGON", "-ExtendedRights", "ms-Exch-SMTP-Accept-Any-Recipient")
    equal(signatures(relayed(25, "a stranger's")), [], "signatures of a stranger's")
    server.postern("Set-ReceiveConnector", frontend, "-AuthMechanism", "Tls,ExternalAuthoritative", "-PermissionGroups", "ExchangeServers")
    verify(relayed(25, "from one of our own servers"))


@test
def notices_are_signed(_):
    count = len(sink.messages)
    sink.replies["RCPT"] = lambda argument, _: "550 5.1.1 nobody" if "dave" in argument else "250 2.1.5 ok"
    server.postern("Add-ADPermission", "Client Frontend MX", "-User", "bob", "-ExtendedRights", "ms-Exch-SMTP-Accept-Any-Sender")
    with Client(server.port(587)) as client:
        client.ehlo()
        client.starttls()
        client.ehlo()
        client.log_in("bob")
        client.expect("MAIL FROM:<list@elsewhere.example>", 250)
        client.expect("RCPT TO:<dave@elsewhere.example>", 250)
        equal(client.data(letter("comes back")).code, 250, "end of data")
    notice = arrived(count)
    equal(email.message_from_bytes(notice)["From"].rpartition("@")[2].rstrip(">"), DOMAIN, "whose notice")
    verify(notice)


@test
def keys_are_exchanged_with_an_announcement(_):
    old = config()["Selector1PublicKey"]
    done = server.postern("Rotate-DkimSigningConfig", DOMAIN, "-KeyAlgorithm", "Both")
    check("publish the record of selector2" in done.stdout + done.stderr, done)
    now = config()
    equal((now["SelectorInUse"], now["SelectorBeforeRotateOnDate"], now["SelectorAfterRotateOnDate"], len(now["DnsRecords"])),
          ("selector1", "selector1", "selector2", 3), "before the date")
    verify(submit(letter("before the date")))
    refused = server.postern("Rotate-DkimSigningConfig", DOMAIN, good=False)
    equal(refused.returncode, 4, "a rotation within another: exit code")
    check("-Force" in refused.stderr, refused.stderr)
    hasty = server.postern("Rotate-DkimSigningConfig", DOMAIN, "-KeyAlgorithm", "Both", "-RotateOnDate", "now", "-Force")
    check("cannot be verified" in hasty.stderr, hasty.stderr)
    equal((config()["SelectorInUse"], config()["Selector1PublicKey"]), ("selector2", old), "behind the date")
    message = submit(letter("two signatures"))
    verify(message, 2)
    equal({(one["a"], one["s"]) for one in tags(message)}, {("rsa-sha256", "selector2"), ("ed25519-sha256", "selector2-ed25519")}, "the keys")


@test
def a_restart_and_undo_keep_the_keys(_):
    equal(server.stop(), 0, "exit status")
    server.start()
    verify(submit(letter("behind a restart")), 2)
    server.postern("Remove-DkimSigningConfig", DOMAIN, "-Confirm:$false")
    equal(signatures(submit(letter("removed"))), [], "signatures without keys")
    revision = server.get("Get-ConfigurationRevision")[0]["Identity"]
    server.postern("Undo-Configuration", str(revision), "-Confirm:$false")
    verify(submit(letter("they are back")), 2)


def break_key():
    """A byte of a sealed key is another one: it does not open any more."""
    equal(server.stop(), 0, "exit status")
    (path,) = glob.glob(os.path.join(server.data, "**", "config.db"), recursive=True)
    with sqlite3.connect(path) as database:
        ((row, body),) = database.execute("SELECT rowid, body FROM config_object WHERE kind = 'DkimSigningConfig'").fetchall()
        at = body.upper().rindex("50534C31") + 150  # the mark of a sealed value, in hexadecimal digits
        broken = body[:at] + ("0" if body[at] != "0" else "1") + body[at + 1:]
        database.execute("UPDATE config_object SET body = ? WHERE rowid = ?", (broken, row))
    database.close()
    server.start()


@test
def what_cannot_be_signed_waits_for_a_key_that_can(_):
    break_key()
    count = len(sink.messages)
    with Client(server.port(587)) as client:
        client.ehlo()
        client.starttls()
        client.ehlo()
        client.log_in("bob")
        client.expect(f"MAIL FROM:<bob@{DOMAIN}>", 250)
        client.expect(f"RCPT TO:<{ELSEWHERE}>", 250)
        equal(client.data(letter("waits")).code, 250, "end of data")
    until(lambda: any("cannot be signed" in message["LastError"] for message in server.get("Get-Message")),
          lambda: f"no reason: {server.get('Get-Message')}")
    equal(len(sink.messages), count, "messages that left unsigned")
    check("the vault does not sign it" in server.log(), server.log_tail())
    server.postern("Rotate-DkimSigningConfig", DOMAIN, "-RotateOnDate", "now")
    for queue in server.get("Get-Queue"):
        if queue["MessageCount"]:
            server.postern("Retry-Queue", queue["Identity"], "-Confirm:$false")
    verify(arrived(count), 2)


@test
def keys_of_other_kinds_and_sizes(_):
    weak = server.postern("New-DkimSigningConfig", "-DomainName", "weak.example", "-KeySize", "1024", "-Enabled", "$true")
    check("2048" in weak.stderr and "no accepted domain" in weak.stderr, weak.stderr)
    equal(server.postern("New-DkimSigningConfig", "-DomainName", "w.example", "-KeySize", "512", good=False).returncode, 2, "512 bits: exit code")
    equal(server.postern("New-DkimSigningConfig", "-DomainName", "*.example", good=False).returncode, 2, "a pattern: exit code")
    young = server.postern("New-DkimSigningConfig", "-DomainName", "young.example", "-KeyAlgorithm", "Ed25519", "-Enabled", "$true")
    check("Both" in young.stderr, young.stderr)
    for domain, algorithm in (("weak.example", "rsa-sha256"), ("young.example", "ed25519-sha256")):
        message = submit(letter(domain, author=f"bob@{domain}"))
        verify(message)
        equal(tags(message)[0]["a"], algorithm, "algorithm")
    equal(sorted(one["DomainName"] for one in server.get("Get-DkimSigningConfig")), sorted([DOMAIN, "weak.example", "young.example"]), "domains")


def strings_of(line):
    return [piece.encode() for piece in re.findall(r'"([^"]*)"', line)]


@test
def what_is_published_is_compared(_):
    server.postern("New-DkimSigningConfig", "-DomainName", "seen.example", "-KeyAlgorithm", "Both")
    server.postern("New-DkimSigningConfig", "-DomainName", "wrong.example", "-KeyAlgorithm", "Both")
    rsa, young = config("seen.example")["DnsRecords"]
    ns = ("ns", zone.A, zone.address("127.0.0.1"))
    as_bytes = lambda line: b"".join(bytes([len(piece)]) + piece for piece in strings_of(line))  # noqa: E731
    names.zones.append(zone.Zone("seen.example", [ns, ("selector1._domainkey", zone.TXT, as_bytes(rsa)),
                                                  ("selector1-ed25519._domainkey", zone.TXT, as_bytes(young))], False))
    names.zones.append(zone.Zone("wrong.example", [ns, ("selector1._domainkey", zone.TXT, as_bytes(rsa)),
                                                   ("selector1-ed25519._domainkey", zone.TXT, zone.text("v=DKIM1; k=ed25519; p="))], False))
    equal([(one["Selector"], one["InUse"], one["Result"]) for one in server.get("Test-DkimSigningConfig", "seen.example")],
          [("selector1", True, "Valid"), ("selector1-ed25519", True, "Valid")], "what is right")
    wrong = server.postern("Test-DkimSigningConfig", "wrong.example", good=False)
    equal(wrong.returncode, 1, "exit code")
    check("OtherKey" in wrong.stdout and "Revoked" in wrong.stdout and "2 of these keys" in wrong.stderr, wrong)
    server.postern("Rotate-DkimSigningConfig", "seen.example")
    missing = server.postern("Test-DkimSigningConfig", "seen.example", good=False)
    equal(missing.returncode, 1, "exit code before the next keys are published")
    check("Missing" in missing.stdout and "Valid" in missing.stdout, missing)
    server.postern("Remove-DkimSigningConfig", "seen.example", "-Confirm:$false")
    server.postern("Remove-DkimSigningConfig", "wrong.example", "-Confirm:$false")


@test
def keys_that_come_back_with_a_file_sign(_):
    path = os.path.join(server.data, "configuration.ps1")
    server.postern("Remove-DkimSigningConfig", DOMAIN, "-Confirm:$false")
    server.postern("New-DkimSigningConfig", "-DomainName", DOMAIN, "-KeyAlgorithm", "Both", "-Enabled", "$true")
    server.postern("export", "-o", path)
    before = config()
    server.postern("Remove-DkimSigningConfig", DOMAIN, "-Confirm:$false")
    equal(signatures(submit(letter("without keys"))), [], "signatures without keys")
    server.postern("apply", path, "--yes")
    equal(config()["DnsRecords"], before["DnsRecords"], "the records")
    verify(submit(letter("with the keys of the file")), 2)


run(240, server)
