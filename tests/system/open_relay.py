# SPDX-License-Identifier: Apache-2.0
"""The forms in which strangers ask for relay: each is refused at RCPT or stays within our own domain."""
import os
import re

from harness import DOMAIN, Client, Server, check, equal, header, new_token, run, test, text_of

server = Server()
US, AWAY = DOMAIN, "elsewhere.example"

# All of them mean an address of AWAY to somebody; no mailbox of ours has such a name.
FORMS = [
    f"u@{AWAY}", f"@{US}:u@{AWAY}", f"@{US},@{US}:u@{AWAY}", f"@{US},@b.{US}:u@{AWAY}", f"@{AWAY}:u@{AWAY}",
    f"u%{AWAY}@{US}", f"u%{AWAY}%{US}@{US}", f"{AWAY}!u@{US}", f"{US}!{AWAY}!u@{US}", f"{AWAY}!u", f"u%{AWAY}",
    f"\"u@{AWAY}\"@{US}", f"\"u@{AWAY}\"", f"\"u%{AWAY}\"@{US}", f"\"{AWAY}!u\"@{US}", f"\"@{US}:u@{AWAY}\"@{US}",
    f"u@{AWAY}@{US}", f"u@{US}@{AWAY}", f"u@{AWAY}@[127.0.0.1]", f"u%{AWAY}@[127.0.0.1]", f"u%{AWAY}@mx.{US}", "u@[192.0.2.1]",
    "u@[IPv6:2001:db8::1]", "u@[127.0.0.1]", "u@localhost", f"u@{AWAY}.", f"u@{US}.{AWAY}", f"u@{AWAY}.{US}",
    f"u@{AWAY}(comment)", f"u@{AWAY}({US})", f"u(@{US})@{AWAY}", f"u@{AWAY}\0@{US}", f"u@{AWAY}\0", f"u@{AWAY} @{US}",
    f"u@{AWAY}\t", f"u@{AWAY};@{US}", f"u@{AWAY},v@{US}", f"=?utf-8?q?u=40{AWAY}?=@{US}", f"=?utf-8?q?u=40{AWAY}=3e=00?=bob@{US}",
    f"u\\@{AWAY}@{US}", f"u@{AWAY}\u3002{US}", f"u@{AWAY}\uff0e", f"u\uff20{AWAY}@{US}", f"u@{AWAY}:25", f"u@{US}:{AWAY}",
    f"smtp:u@{AWAY}", f"mailto:u@{AWAY}", f"u@{AWAY}?@{US}", f"u@{AWAY}/@{US}", f"u@{AWAY}#@{US}", f"bob@{US}>{AWAY}",
    f"bob@{US}%{AWAY}", f"bob+u@{AWAY}", f"postmaster@{AWAY}", "u", "",
]
PATHS = ["../../x", "/etc/passwd", ":include:/etc/passwd", "|cmd", "-froot", ";id;", "$(id)", "`id`", ".", "..", "a/../b", "a\0b",
         "x" * 250, "bob/../../../tmp/x", "bob;id", "\"bob\\\0\"", "\"a\\\r\nb\""]


def refused(client, written):
    client.expect("MAIL FROM:<spammer@example.org>", 250)
    client.send(b"RCPT TO:<" + written.encode() + b">\r\n")
    reply = client.reply()
    check(reply.code // 100 in (4, 5), f"RCPT TO:<{written!r}> was accepted: {text_of(reply)}")
    if client.command("RSET").code == 421:
        raise ConnectionError


@test
def users(_):
    server.add_user("bob")
    server.postern("Set-ReceiveConnector", server.connector(25), "-MaxProtocolErrors", "Unlimited")


@test
def forms_of_relay(_):
    with Client(server.port(25)) as client:
        client.ehlo()
        for form in FORMS:
            refused(client, form)
    return f"{len(FORMS)} forms"


@test
def forms_of_relay_with_smtputf8(_):
    with Client(server.port(25)) as client:
        client.ehlo()
        for form in FORMS:
            client.expect("MAIL FROM:<spammer@example.org> SMTPUTF8", 250)
            client.send(b"RCPT TO:<" + form.encode() + b">\r\n")
            reply = client.reply()
            check(reply.code // 100 in (4, 5), f"RCPT TO:<{form!r}> with SMTPUTF8: {text_of(reply)}")
            client.expect("RSET", 250)


@test
def inside_tls_and_as_null_sender(_):
    with Client(server.port(25)) as client:
        client.ehlo()
        client.starttls()
        for sender in ("", f"bob@{US}", "postmaster"):
            reply = client.command(f"MAIL FROM:<{sender}>")
            if reply.code == 250:
                reply = client.command(f"RCPT TO:<u@{AWAY}>")
                equal(reply.code, 550, f"relay for <{sender}>: {text_of(reply)}")
                client.expect("DATA", (503, 554))
            client.expect("RSET", 250)


@test
def the_reply_says_relay(_):
    with Client(server.port(25)) as client:
        client.ehlo()
        client.expect("MAIL FROM:<spammer@example.org>", 250)
        reply = client.expect(f"RCPT TO:<u@{AWAY}>", 550)
        check(reply.lines[0].startswith(b"5.7.54 "), f"RCPT: {text_of(reply)}")
        reply = client.expect(f"RCPT TO:<nobody@{US}>", 550)
        check(reply.lines[0].startswith(b"5.1."), f"RCPT: {text_of(reply)}")


@test
def other_doors(_):
    """Strangers on the ports of users and servers may send nothing at all."""
    for port in (587, 717, 2525, 2465):
        with Client(server.port(port)) as client:
            client.ehlo()
            reply = client.command("MAIL FROM:<spammer@example.org>")
            equal(reply.code, 530, f"MAIL on {port}: {text_of(reply)}")
            client.expect(f"RCPT TO:<u@{AWAY}>", 503)
    with Client(server.port(465), implicit=True) as client:
        client.ehlo()
        client.expect("MAIL FROM:<spammer@example.org>", 530)


@test
def names_that_look_like_paths(_):
    with Client(server.port(25)) as client:
        client.ehlo()
        for name in PATHS:
            refused(client, f"{name}@{US}")
    found = os.listdir(os.path.join(server.data, "mail"))
    check(all(re.fullmatch(r"[0-9A-Za-z_-]+", name) for name in found), f"folders: {found}")


@test
def words_of_proxies_are_unknown(_):
    with Client(server.port(25)) as client:
        client.ehlo()
        for line in ("XCLIENT ADDR=127.0.0.1 LOGIN=admin", "XFORWARD ADDR=10.0.0.1", "X-EXPS NTLM", "XPROXY SID=1",
                     "XSHADOW", "PROXY TCP4 10.0.0.1 10.0.0.2 1 2", "TURN", "ETRN example.org", "SEND FROM:<a@b>"):
            client.expect(line, (500, 502, 503))
    with Client(server.port(25), greet=False) as client:
        client.send(b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\nEHLO x\r\n")
        equal(client.reply().code, 220, "the banner")
        check(client.reply().code in (500, 502, 503), "PROXY was taken")


@test
def an_existing_mailbox_in_odd_spellings(_):
    """Harmless: what is accepted goes to the mailbox it names."""
    accepted = 0
    with Client(server.port(25)) as client:
        client.ehlo()
        for spelling in (f"bob@{US}", f"BOB@{US.upper()}", f"\"bob\"@{US}", f"@{AWAY}:bob@{US}"):
            client.expect("MAIL FROM:<someone@example.org>", 250)
            if client.command(f"RCPT TO:<{spelling}>").code == 250:
                token = new_token()
                equal(client.data(header(token) + b"x\r\n").code, 250, spelling)
                content = server.find(token.encode())
                check(content.split(b"\r\n")[1].lower().startswith(b"delivered-to: "), f"{content[:120]!r}")
                accepted += 1
            client.expect("RSET", 250)
    check(accepted >= 2, "the plain spellings were refused")
    equal(len(os.listdir(os.path.join(server.data, "mail"))), 1, "folders of mail")


run(90, server)
