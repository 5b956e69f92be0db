# SPDX-License-Identifier: Apache-2.0
"""Logins that prove a password: offered by the connector's word, bound to their TLS session, and telling strangers nothing."""
import glob
import os
import ssl
import time

from harness import (DOMAIN, PASSWORD, Client, Server, b64, check, equal, plain, run, test, text_of, tls_context)
from proof import Proof, bound_client, prove, server_first

server = Server()
SCRAM, PLUS, EXPORTER = "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "p=tls-exporter"
NO_EXTENDED_MASTER_SECRET = 1  # OpenSSL's option, which Python has no name for


def policy(word, *more):
    server.postern("Set-ReceiveConnector", server.connector(587), "-ExtendedProtectionPolicy", word, *more)


def in_clear():
    client = Client(server.port(587))
    client.offered = client.ehlo()
    return client


def inside_tls(context=None):
    client = in_clear()
    client.offered = client.starttls(context)
    return client


def mechanisms(client):
    with client:
        return client.offered.get("AUTH", "").split()


def bound(flag=EXPORTER, change=lambda binding: binding, user="alice", password=PASSWORD, mechanism=PLUS, **how):
    """The code of the reply to a login that is bound to its own session, or to what `change` makes of it."""
    client, binding = bound_client(server.port(587))
    with client:
        return prove(client, user, password, mechanism, flag=flag, binding=change(binding), **how)[0].code


@test
def users(_):
    for name in ("alice", "bob"):
        server.add_user(name)
    server.postern("New-Mailbox", "-Name", "nologin", "-PrimarySmtpAddress", f"nologin@{DOMAIN}")
    server.postern("Set-ReceiveConnector", server.connector(587), "-MaxLogonFailures", "0", "-MaxProtocolErrors", "Unlimited",
                   "-AuthMechanism", "Tls,Integrated,BasicAuth")


@test
def what_is_offered(_):
    old = tls_context(maximum=ssl.TLSVersion.TLSv1_2)
    unbindable = tls_context(maximum=ssl.TLSVersion.TLSv1_2)
    unbindable.options |= NO_EXTENDED_MASTER_SECRET
    sent = ["LOGIN", "PLAIN"]
    for word, clear, bindable, others in (("None", [SCRAM] + sent, [SCRAM] + sent, [SCRAM] + sent),
                                          ("Allow", [SCRAM] + sent, [PLUS, SCRAM] + sent, [SCRAM] + sent),
                                          ("Require", sent, [PLUS] + sent, sent)):
        policy(word)
        equal(mechanisms(in_clear()), clear, f"{word}, in clear")
        equal(mechanisms(inside_tls()), bindable, f"{word}, TLS 1.3")
        equal(mechanisms(inside_tls(old)), bindable, f"{word}, TLS 1.2")
        equal(mechanisms(inside_tls(unbindable)), others, f"{word}, TLS 1.2 without extended master secret")
    policy("Allow", "-AuthMechanism", "Tls,BasicAuth,BasicAuthRequireTLS")
    equal(mechanisms(inside_tls()), sent, "without Integrated")
    policy("Allow", "-AuthMechanism", "Tls,Integrated")
    equal(mechanisms(inside_tls()), [PLUS, SCRAM], "Integrated alone")
    with inside_tls() as client:
        client.expect("AUTH PLAIN " + plain("alice", PASSWORD), 504)
    policy("None", "-AuthMechanism", "Tls,Integrated,BasicAuth,BasicAuthRequireTLS")
    equal(mechanisms(in_clear()), [], "BasicAuthRequireTLS, in clear")
    with in_clear() as client:
        client.expect(f"AUTH {SCRAM} {Proof('alice', PASSWORD).first()}", 538)
    equal(mechanisms(inside_tls()), [SCRAM] + sent, "BasicAuthRequireTLS, inside TLS")
    policy("None", "-AuthMechanism", "Tls,Integrated,BasicAuth")


@test
def right_and_wrong(_):
    with inside_tls() as client:
        equal(prove(client, "alice", PASSWORD)[0].code, 235, "the right password")
        client.expect(f"AUTH {SCRAM}", 503)
        client.expect(f"MAIL FROM:<bob@{DOMAIN}>", 550)
        client.expect(f"MAIL FROM:<alice@{DOMAIN}>", 250)
    for user in ("ALICE", f"Alice@{DOMAIN}"):
        with inside_tls() as client:
            equal(prove(client, user, PASSWORD, at_once=False)[0].code, 235, user)
    with in_clear() as client:
        equal(prove(client, "alice", PASSWORD)[0].code, 235, "in clear: no password is sent")
    seen = set()
    with inside_tls() as client:
        for user, password, how in (("alice", PASSWORD.upper(), {}), ("alice", "", {}), ("nobody", PASSWORD, {}),
                                    ("nologin", PASSWORD, {}), ("' OR '1'='1", "x", {}), ("alice", PASSWORD, {"authorize": "bob"})):
            reply, _ = prove(client, user, password, **how)
            equal(reply.code, 535, f"{user} {password!r} {how}")
            seen.add(text_of(reply))
        equal(len(seen), 1, f"different replies tell users apart: {seen}")
        equal(prove(client, "alice", PASSWORD)[0].code, 235, "and then the right one")


def costs(client, user):
    """Milliseconds of the server's two answers to a wrong password, and what it says of the salt."""
    proof = Proof(user, "wrong")
    begun = time.monotonic()
    reply = client.expect(f"AUTH {SCRAM} {proof.first()}", 334)
    first = time.monotonic() - begun
    answer = proof.final(reply.lines[0])
    begun = time.monotonic()
    client.expect(answer, 535)
    return first * 1000, (time.monotonic() - begun) * 1000, (proof.salt, proof.iterations)


@test
def names_cannot_be_probed(_):
    """A name without an account has a salt like one with: the same each time, in another session and behind a restart."""
    users, took, said = ("alice", "nobody-at-all", "nologin"), {}, {}
    with inside_tls() as client:
        for _ in range(15):
            for user in users:
                first, second, salt = costs(client, user)
                took.setdefault(user, []).append((first, second))
                said.setdefault(user, set()).add(salt)
        said["nobody-at-all"].add(costs(client, "NOBODY-at-all")[2])
    server.stop()
    server.start()
    with inside_tls() as client:
        for user in users:
            said[user].add(costs(client, user)[2])
    equal([len(said[user]) for user in users], [1, 1, 1], "salts seen of each")
    equal(len(set.union(*said.values())), 3, "salts of three names")
    equal({(len(salt), iterations) for salts in said.values() for salt, iterations in salts}, {(16, 100000)}, "their kinds")
    for step in (0, 1):
        best = {user: min(times[step] for times in took[user]) for user in users}
        check(max(best.values()) < 3 * min(best.values()), f"step {step}: {best}")
    return ", ".join(f"{user} {min(a + b for a, b in took[user]):.1f} ms" for user in users)


@test
def bound_to_its_session(_):
    client, other = bound_client(server.port(587))
    client.close()
    for word in ("Allow", "Require"):
        policy(word)
        equal(bound(), 235, f"{word}: its own session")
        equal(bound(at_once=False), 235, f"{word}: asked first")
        equal(bound(password="wrong"), 535, f"{word}: wrong password")
        equal(bound(user="nobody"), 535, f"{word}: unknown name")
        equal(bound(change=lambda _: other), 535, f"{word}: another session")
        equal(bound(change=lambda own: own[:-1] + bytes([own[-1] ^ 1])), 535, f"{word}: one bit")
        equal(bound(change=lambda own: own[:16]), 535, f"{word}: half of it")
        equal(bound(change=lambda _: b""), 535, f"{word}: nothing")
        for flag in ("p=tls-unique", "p=tls-server-end-point", "p=", "n", "y"):
            check(bound(flag=flag) in (501, 535), f"{word}: {flag}")
    client, binding = bound_client(server.port(465), implicit=True)
    with client:
        server.postern("Set-ReceiveConnector", server.connector(465), "-ExtendedProtectionPolicy", "Require")
        check(PLUS not in client.offered["AUTH"], "a session goes on under the rules it began with")
    client, binding = bound_client(server.port(465), implicit=True)
    with client:
        equal(prove(client, "alice", PASSWORD, PLUS, flag=EXPORTER, binding=binding)[0].code, 235, "implicit TLS")


@test
def without_a_binding(_):
    """RFC 5802 6: a client that could have bound, and was told the server cannot, was lied to."""
    policy("None")
    for flag in ("n", "y"):
        equal(bound(flag=flag, change=lambda _: b"", mechanism=SCRAM), 235, f"None: {flag}")
    equal(bound(mechanism=PLUS), 504, "None: PLUS")
    policy("Allow")
    equal(bound(flag="n", change=lambda _: b"", mechanism=SCRAM), 235, "Allow: a client that cannot")
    equal(bound(flag="y", change=lambda _: b"", mechanism=SCRAM), 535, "Allow: a client that was lied to")
    equal(bound(mechanism=SCRAM), 535, "Allow: a binding under the wrong name")
    with in_clear() as client:
        equal(prove(client, "alice", PASSWORD, flag="y")[0].code, 235, "Allow, in clear: nothing to bind to")
    policy("Require")
    for flag in ("n", "y"):
        equal(bound(flag=flag, change=lambda _: b"", mechanism=SCRAM), 504, f"Require: {flag}")
    with in_clear() as client:
        client.expect(f"AUTH {SCRAM}", 504)
        client.expect(f"AUTH {PLUS}", 538)
        equal(len(client.starttls()["AUTH"].split()), 3, "inside TLS")
        client.log_in("alice")  # what is sent is BasicAuth's affair
    policy("None")


@test
def malformed(_):
    with inside_tls() as client:
        for message in ("", "n", "n,,", "n,,n=alice", "x,,n=alice,r=abc", "n,,n=,r=abc", "n,,m=x,n=alice,r=abc", "n,,n=alice\0,r=abc",
                        "p=tls-exporter,,n=alice,r=abc", "n,,n=" + "a" * 1000 + ",r=abc", "n,,n=alice,r=" + "a" * 6000):
            reply = client.command(f"AUTH {SCRAM} " + (b64(message) or "="))
            check(reply.code in (501, 535), f"{message[:40]!r}: {reply.code} {text_of(reply)}")
        for answer in ("", b64("c=biws"), b64("c=biws,r=abc,p=AAAA"), b64("n,,n=alice,r=abc"), "====", b64("\0")):
            client.expect(f"AUTH {SCRAM} {Proof('alice', PASSWORD).first()}", 334)
            reply = client.command(answer)
            check(reply.code in (501, 535), f"{answer!r}: {reply.code} {text_of(reply)}")
        proof = Proof("alice", PASSWORD)
        first = client.expect(f"AUTH {SCRAM} {proof.first()}", 334).lines[0]
        client.expect(proof.final(first), 334)
        client.expect(b64("anything"), 501)
        client.expect(f"MAIL FROM:<alice@{DOMAIN}>", 530)  # nobody is logged in by half an exchange
        equal(prove(client, "alice", PASSWORD)[0].code, 235, "behind all that")


@test
def a_proof_is_good_once(_):
    """What was heard of one login does not make another."""
    with in_clear() as client:
        _, heard = prove(client, "alice", PASSWORD)
    with in_clear() as client:
        first = client.expect(f"AUTH {SCRAM} {b64(heard.header + heard.bare)}", 334).lines[0]
        client.expect(b64(f"c=biws,r={server_first(first)[1]['r']},p={heard.proof}"), 535)


@test
def a_new_password_counts_at_once(_):
    server.postern("Set-Mailbox", "bob", "-Password", "-", input="another 7 words\n")
    with inside_tls() as client:
        equal(prove(client, "bob", PASSWORD)[0].code, 535, "the old one")
        equal(prove(client, "bob", "another 7 words")[0].code, 235, "the new one")


@test
def failures_close_the_connection(_):
    server.postern("Set-ReceiveConnector", server.connector(587), "-MaxLogonFailures", "3", "-AuthTarpitInterval", "00:00:01")
    with inside_tls() as client:
        begun = time.monotonic()
        equal(prove(client, "alice", "wrong")[0].code, 535, "the first")
        check(time.monotonic() - begun >= 0.9, "a wrong proof was answered at once")
        equal(prove(client, "alice", "wrong")[0].code, 535, "the second")
        check(prove(client, "alice", "wrong")[0].code in (421, 535), "the third")
        check(client.closed(5), "the connection is still open")
    server.postern("Set-ReceiveConnector", server.connector(587), "-MaxLogonFailures", "0", "-AuthTarpitInterval", "00:00:00")


@test
def the_logs_show_no_proof(_):
    policy("Allow", "-ProtocolLoggingLevel", "Verbose")
    client, binding = bound_client(server.port(587))
    with client:
        reply, proof = prove(client, "alice", PASSWORD, PLUS, flag=EXPORTER, binding=binding)
        equal(reply.code, 235, "the login")
        client.expect("QUIT", 221)
    deadline = time.monotonic() + 5
    while f"AUTH {PLUS} <authentication response>" not in logs() and time.monotonic() < deadline:
        time.sleep(0.1)
    check(f"AUTH {PLUS} <authentication response>" in logs(), "the login is not in the protocol log")
    for secret in (PASSWORD, proof.proof, proof.wanted, proof.nonce, b64(proof.header.encode() + binding)):
        check(secret not in logs() + server.log(), "what is said within AUTH is in a log")
    policy("None", "-ProtocolLoggingLevel", "None")


def logs():
    found = ""
    for path in glob.glob(os.path.join(server.data, "logs", "**", "*.log"), recursive=True):
        with open(path, encoding="utf-8", errors="replace") as file:
            found += file.read()
    return found


@test
def foreseen(_):
    """Test-SmtpSubmission knows these logins, and Set-ReceiveConnector says where the policy binds nothing."""
    said = server.postern("Set-ReceiveConnector", server.connector(587), "-ExtendedProtectionPolicy", "Require")
    check("PLAIN and LOGIN are taken without a binding" in str(said), f"{said}")
    policy("Require", "-AuthMechanism", "Tls,Integrated")
    verdicts = server.get("Test-SmtpSubmission", "-ReceiveConnector", server.connector(587), "-User", "alice",
                          "-From", f"alice@{DOMAIN}")
    logon = [verdict for verdict in verdicts if verdict["Step"] == "LogOn"]
    check(len(logon) == 1 and logon[0]["Reply"].startswith("235 "), f"{logon}")
    policy("None", "-AuthMechanism", "Tls,Integrated,BasicAuth,BasicAuthRequireTLS")


run(150, server)
