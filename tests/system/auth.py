# SPDX-License-Identifier: Apache-2.0
"""Logins: only inside TLS, only with the right password, and only as oneself."""
import statistics
import time

from harness import (DOMAIN, PASSWORD, Client, Server, b64, check, equal, header, new_token, plain, run, test, text_of)

server = Server()


def submission(port=587):
    client = Client(server.port(port), implicit=port == 465)
    client.ehlo()
    if port != 465:
        client.starttls()
    return client


@test
def users(_):
    for name in ("alice", "bob", "carol"):
        server.add_user(name)
    server.postern("Set-Mailbox", "carol", "-EmailAddresses", f"@{{Add=info@{DOMAIN}}}")
    server.postern("New-Mailbox", "-Name", "nologin", "-PrimarySmtpAddress", f"nologin@{DOMAIN}")


@test
def never_before_tls(_):
    for port in (587, 25, 2465):
        with Client(server.port(port)) as client:
            offered = client.ehlo().get("AUTH", "")
            check("PLAIN" not in offered and "LOGIN" not in offered, f"port {port} offers AUTH {offered} in the clear")
            for line in ("AUTH PLAIN " + plain("alice", PASSWORD), "AUTH LOGIN", "AUTH LOGIN " + b64("alice"), "AUTH PLAIN"):
                reply = client.command(line)
                check(reply.code in ((538,) if port == 587 else (538, 502, 503, 504)), f"{port} {line}: {text_of(reply)}")
            client.expect("MAIL FROM:<alice@example.test>", (530, 250))


@test
def plain_and_login(_):
    for port in (587, 465, 2525, 2465):
        with submission(port) as client:
            client.expect("AUTH PLAIN " + plain("alice", PASSWORD), 235)
            client.expect("AUTH PLAIN " + plain("alice", PASSWORD), 503)
        with submission(port) as client:
            client.expect("AUTH PLAIN", 334)
            client.expect(plain("alice", PASSWORD), 235)
        with submission(port) as client:
            equal(client.expect("AUTH LOGIN", 334).lines, [b64("Username:").encode()], "the first question")
            equal(client.expect(b64("alice"), 334).lines, [b64("Password:").encode()], "the second question")
            client.expect(b64(PASSWORD), 235)
        with submission(port) as client:
            client.expect("AUTH LOGIN " + b64(f"alice@{DOMAIN}"), 334)
            client.expect(b64(PASSWORD), 235)


@test
def spellings_of_the_user(_):
    for user in ("alice", "ALICE", f"alice@{DOMAIN}", f"Alice@{DOMAIN.upper()}"):
        with submission() as client:
            client.expect("AUTH PLAIN " + plain(user, PASSWORD), 235)


@test
def refused(_):
    server.postern("Set-ReceiveConnector", server.connector(587), "-MaxLogonFailures", "0")
    seen = set()
    with submission() as client:
        for user, password, authorize in (("alice", "wrong", ""), ("alice", "", ""), ("", "", ""), ("nobody", PASSWORD, ""),
                                          ("nologin", "", ""), ("nologin", PASSWORD, ""), ("alice", PASSWORD.upper(), ""),
                                          ("alice", PASSWORD + " ", ""), ("alice", PASSWORD, "bob"), ("' OR '1'='1", "x", ""),
                                          ("*)(uid=*", "x", ""), ("../alice", PASSWORD, ""), ("%n%n%s", "%n", ""),
                                          ("alice@elsewhere.example", PASSWORD, ""), ("x" * 3000, "y" * 3000, "")):
            reply = client.command("AUTH PLAIN " + plain(user, password, authorize))
            check(reply.code in (535, 501), f"{user[:40]!r} {password[:20]!r} {authorize!r}: {reply.code} {text_of(reply)}")
            if user and password and len(user) < 100:
                equal(reply.code, 535, f"{user!r} {password!r}")
                seen.add(text_of(reply))
        equal(len(seen), 1, f"different replies tell users apart: {seen}")
        client.expect("AUTH PLAIN " + plain("alice", PASSWORD), 235)


@test
def malformed(_):
    server.postern("Set-ReceiveConnector", server.connector(587), "-MaxProtocolErrors", "Unlimited", "-MaxLogonFailures", "0")
    with submission() as client:
        for line in ("AUTH PLAIN YWxpY2U=", "AUTH PLAIN " + b64("a\0b\0c\0d"), "AUTH PLAIN " + b64("\0" * 100), "AUTH PLAIN !!!!",
                     "AUTH PLAIN YWJ", "AUTH PLAIN =", "AUTH PLAIN " + "A" * 9000, "AUTH LOGIN ====", "AUTH", "AUTH NONSENSE",
                     "AUTH PLAIN a b", "AUTH NTLM", "AUTH GSSAPI", "AUTH CRAM-MD5"):
            reply = client.command(line)
            check(reply.code in (500, 501, 504, 535), f"{line[:60]}: {reply.code} {text_of(reply)}")
        client.expect("AUTH PLAIN", 334)
        client.expect("*", 501)
        client.expect("AUTH LOGIN", 334)
        client.expect(b64("alice"), 334)
        client.expect("*", 501)
        client.expect("AUTH PLAIN", 334)
        client.expect("NOOP", (500, 501, 535))
        client.expect("NOOP", 250)
        client.send(b"AUTH PLAIN " + b"A" * 100000 + b"\r\n")
        check(client.reply().code in (500, 501), "a line of 100,000 bytes")
    server.postern("Set-ReceiveConnector", server.connector(587), "-MaxProtocolErrors", "5", "-MaxLogonFailures", "3")


@test
def known_and_unknown_take_the_same_time(_):
    server.postern("Set-ReceiveConnector", server.connector(587), "-MaxLogonFailures", "0")
    took = {"alice": [], "nobody-at-all": [], "nologin": []}
    with submission() as client:
        for _ in range(9):
            for user, times in took.items():
                begun = time.monotonic()
                client.expect("AUTH PLAIN " + plain(user, "wrong password"), 535)
                times.append(time.monotonic() - begun)
    server.postern("Set-ReceiveConnector", server.connector(587), "-MaxLogonFailures", "3")
    middle = {user: statistics.median(times) for user, times in took.items()}
    check(max(middle.values()) < 2 * min(middle.values()), f"medians: {middle}")
    check(min(middle.values()) > 0.002, f"too quick to have computed anything: {middle}")
    return ", ".join(f"{user} {value * 1000:.0f} ms" for user, value in middle.items())


@test
def failures_close_the_connection(_):
    with submission() as client:
        codes = []
        for _ in range(10):
            try:
                codes.append(client.command("AUTH PLAIN " + plain("alice", "wrong")).code)
            except OSError:
                break
        check(3 <= len(codes) <= 4 and codes[:2] == [535, 535] and codes[-1] in (421, 535), f"replies: {codes}")
        check(client.closed(5), "the connection is still open")
    with submission() as client:
        client.log_in("alice")  # nobody is locked out


@test
def the_tarpit_slows_guesses_only(_):
    server.postern("Set-ReceiveConnector", server.connector(587), "-AuthTarpitInterval", "00:00:01")
    with submission() as client:
        begun = time.monotonic()
        client.expect("AUTH PLAIN " + plain("alice", "wrong"), 535)
        check(time.monotonic() - begun >= 0.9, "a wrong password was answered at once")
        begun = time.monotonic()
        client.expect("AUTH PLAIN " + plain("alice", PASSWORD), 235)
        check(time.monotonic() - begun < 0.9, "the right password was slowed")
    server.postern("Set-ReceiveConnector", server.connector(587), "-AuthTarpitInterval", "00:00:00")


@test
def a_new_password_counts_at_once(_):
    server.postern("Set-Mailbox", "bob", "-Password", "-", input="another 7 words\n")
    with submission() as client:
        client.expect("AUTH PLAIN " + plain("bob", PASSWORD), 535)
        client.expect("AUTH PLAIN " + plain("bob", "another 7 words"), 235)


@test
def mail_without_login(_):
    with submission() as client:
        reply = client.expect(f"MAIL FROM:<alice@{DOMAIN}>", 530)
        check(reply.lines[0].startswith(b"5.7.57 "), text_of(reply))


@test
def send_as_in_the_envelope(_):
    with submission() as client:
        client.log_in("alice")
        for sender in (f"bob@{DOMAIN}", "alice@elsewhere.example", f"alice.{DOMAIN}@elsewhere.example", f"alice%x@{DOMAIN}"):
            reply = client.expect(f"MAIL FROM:<{sender}>", 550)
            check(reply.lines[0].startswith(b"5.7.60 "), text_of(reply))
        for sender in (f"alice@{DOMAIN}", f"ALICE@{DOMAIN}"):
            client.expect(f"MAIL FROM:<{sender}>", 250)
            client.expect("RSET", 250)
    with submission() as client:
        client.log_in("carol")
        client.expect(f"MAIL FROM:<info@{DOMAIN}>", 250)


def from_field(client, field):
    """Sends one message as alice with this From; returns the reply to the data."""
    token = new_token()
    client.envelope(f"alice@{DOMAIN}", [f"bob@{DOMAIN}"])
    rest = header(token).split(b"\r\n", 1)[1]
    reply = client.data(field + b"\r\n" + rest + b"body\r\n")
    return reply, token


@test
def send_as_in_the_from_field(_):
    us = DOMAIN.encode()
    with submission() as client:
        client.log_in("alice")
        for field in (b"From: bob@" + us, b"From: Alice <bob@" + us + b">", b"From: alice@" + us + b"\r\nFrom: bob@" + us,
                      b"From: alice@" + us + b", bob@" + us, b"From: \"alice@" + us + b"\" <bob@" + us + b">",
                      b"From: <alice@" + us + b"> <bob@" + us + b">", b"From:\r\n bob@" + us, b"FROM : bob@" + us,
                      b"From: friends: bob@" + us + b";", b"From: (alice@" + us + b") bob@" + us, b"From: alice@" + us + b"\r\n , bob@" + us):
            reply, token = from_field(client, field)
            check(reply.code == 550 and reply.lines[0].startswith(b"5.7.60 "), f"{field}: {reply.code} {text_of(reply)}")
            client.expect("NOOP", 250)
        for field in (b"From: alice@" + us, b"From: \"Alice A.\" <Alice@" + us + b">", b"From: =?utf-8?q?Alice?= <alice@" + us + b">"):
            reply, token = from_field(client, field)
            equal(reply.code, 250, f"{field}: {text_of(reply)}")
            server.find(token.encode())


@test
def strangers_and_our_names(_):
    """Without a login nobody is one of us on the submission ports; VRFY and EXPN tell nothing."""
    with Client(server.port(25)) as client:
        client.ehlo()
        known, unknown = client.command("VRFY alice"), client.command("VRFY nobody-at-all")
        equal(known, unknown, "VRFY of a known and an unknown name")
        client.expect("EXPN staff", (500, 502))


@test
def the_log_shows_no_password(_):
    check(PASSWORD not in server.log() and b64(PASSWORD) not in server.log(), "a password is in the log")
    check(plain("alice", PASSWORD) not in server.log(), "an AUTH PLAIN message is in the log")


run(120, server)
