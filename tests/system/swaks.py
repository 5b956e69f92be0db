# SPDX-License-Identifier: Apache-2.0
"""An ordinary client: swaks on all three doors, and openssl to see the certificate."""
import base64
import hashlib
import os
import re
import subprocess

from harness import (DOMAIN, PASSWORD, Server, check, equal, new_token, run, test, without_trace)

server = Server()


def swaks(port, *words, timeout_s=60):
    return subprocess.run(["swaks", "--server", f"127.0.0.1:{server.port(port)}", "--ehlo", "client.example.org",
                           "--from", f"alice@{DOMAIN}", "--to", f"bob@{DOMAIN}", "--timeout", "60", *words],
                          capture_output=True, timeout=timeout_s)


def sent(done):
    """The end of the transcript says why when it failed."""
    said = done.stdout.decode("latin-1")[-500:] + done.stderr.decode("latin-1")[-300:]
    equal(done.returncode, 0, f"exit code of swaks: {said}")
    check(re.search(rb"<[-~]*\s+250 2\.6\.0 .*Queued mail for delivery", done.stdout), f"no acknowledgement: {said}")


def message(token, body):
    return (f"From: alice@{DOMAIN}\r\nTo: bob@{DOMAIN}\r\nSubject: {token}\r\nMessage-ID: <{token}@client.example.org>\r\n"
            f"Date: Tue, 03 Mar 2026 10:00:00 +0000\r\n\r\n").encode() + body


def deliver(port, body, *words):
    token = new_token()
    content = message(token, body)
    path = os.path.join(server.folder, token)
    with open(path, "wb") as file:
        file.write(content[:-2])  # no newline at its end: swaks puts one there, as every client of DATA must
    sent(swaks(port, "--data", "@" + path, *words))
    equal(without_trace(server.find(token.encode())), content, "the delivered message")


LOGIN = ("--auth-user", "alice", "--auth-password", PASSWORD)
BODY = b"A plain body.\r\n.a leading dot\r\n..two\r\n.\x20\r\nThe last line.\r\n"


@test
def users(_):
    server.add_user("alice")
    server.add_user("bob")


@test
def plain_on_25(_):
    deliver(25, BODY)


@test
def starttls_on_25(_):
    deliver(25, BODY, "--tls")


@test
def submission_auth_plain(_):
    deliver(587, BODY, "--tls", "--auth", "PLAIN", *LOGIN)


@test
def submission_auth_login(_):
    deliver(587, BODY, "--tls", "--auth", "LOGIN", *LOGIN)


@test
def implicit_auth_plain(_):
    deliver(465, BODY, "--tls-on-connect", "--auth", "PLAIN", *LOGIN)


@test
def implicit_auth_login(_):
    deliver(465, BODY, "--tls-on-connect", "--auth", "LOGIN", *LOGIN)


@test
def long_lines_and_eight_bits(_):
    lines = b"x" * 998 + b"\r\n" + b"." * 998 + b"\r\n" + bytes(range(1, 10)) + bytes(range(14, 256)) + b"\r\n"
    deliver(587, lines, "--tls", "--auth", "PLAIN", *LOGIN)


@test
def thirty_megabytes_attached(_):
    server.postern("Set-ReceiveConnector", server.connector(587), "-MaxMessageSize", "64MB")
    token = new_token()
    path = os.path.join(server.folder, "attachment.bin")
    attachment = os.urandom(30 << 20)
    with open(path, "wb") as file:
        file.write(attachment)
    sent(swaks(587, "--tls", "--auth", "PLAIN", *LOGIN, "--header", f"Subject: {token}", "--attach", "@" + path,
               timeout_s=90))
    delivered = server.find(token.encode(), 60)
    encoded = max(re.split(rb"\r\n\r\n", delivered), key=len)
    decoded = base64.b64decode(encoded.split(b"--")[0])
    equal(hashlib.sha256(decoded).hexdigest(), hashlib.sha256(attachment).hexdigest(), "the attachment")


@test
def submission_without_login_is_refused(_):
    done = swaks(587, "--tls")
    check(done.returncode != 0 and re.search(rb"<~\* 5[35]0 ", done.stdout), f"swaks ended with {done.returncode}")


@test
def wrong_password_is_refused(_):
    done = swaks(587, "--tls", "--auth", "PLAIN", "--auth-user", "alice", "--auth-password", "wrong")
    equal(done.returncode, 28, "exit code of swaks")
    check(b" 535 5.7.3 " in done.stdout, f"reply: {done.stdout[-300:]}")


def thumbprint_shown(port, *words):
    shown = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port(port)}", *words],
                           input=b"QUIT\r\n", capture_output=True, timeout=30).stdout
    done = subprocess.run(["openssl", "x509", "-noout", "-fingerprint", "-sha1"], input=shown, capture_output=True, timeout=30)
    equal(done.returncode, 0, f"openssl x509: {shown[-300:]!r}")
    return done.stdout.decode().strip().partition("=")[2].replace(":", "")


@test
def the_certificate_that_explain_names(_):
    for port in (25, 587, 465):
        words = [] if port == 465 else ["-starttls", "smtp"]
        said = server.postern("explain", "--connector", server.connector(port), "-o", "json").stdout
        named = re.search(r'"Thumbprint": "([0-9A-F]{40})"', said[said.index('"Presents"'):]).group(1)
        equal(thumbprint_shown(port, *words), named, f"certificate on {port}")
        plain = server.postern("explain", "--connector", server.connector(port)).stdout
        check(re.search(rf"^Presents +{named[:8]}\.\.\.{named[-4:]}", plain, re.M), f"explain says: {plain[:300]}")


run(240, server)
