# SPDX-License-Identifier: Apache-2.0
"""Long pipelines: every command has its reply, in order, whatever the client reads meanwhile.

What is sent here fits the buffers of the kernel, so that a client may send all before it reads.
"""
import time

from harness import DOMAIN, Client, Server, equal, run, test, text_of

server = Server(edges=1)
COMMANDS = 10000


def session(tls):
    client = Client(server.port(25), timeout_s=30)
    client.ehlo()
    if tls:
        client.starttls()
    return client


def answered_in_order(tls, line, code):
    with session(tls) as client:
        client.send((line + b"\r\nVRFY x\r\n") * COMMANDS)
        for number in range(COMMANDS):
            pair = client.reply(), client.reply()
            equal([reply.code for reply in pair], [code, 252], f"replies to pair {number}")
        client.expect("QUIT", 221)


@test
def users(_):
    server.add_user("bob")


@test
def small_replies(_):
    for tls in (False, True):
        answered_in_order(tls, b"NOOP", 250)


@test
def long_replies(_):
    for tls in (False, True):
        answered_in_order(tls, b"EHLO client.example.org", 250)


@test
def nothing_is_lost_on_a_client_that_reads_late(_):
    """The server stops taking commands, and goes on where it stopped."""
    for tls in (False, True):
        with session(tls) as client:
            client.send(b"EHLO a\r\n" * 3 * COMMANDS + b"QUIT\r\n")
            time.sleep(1)
            codes = [client.reply().code for _ in range(3 * COMMANDS + 1)]
            equal(codes, [250] * 3 * COMMANDS + [221], "replies")


@test
def a_message_in_the_middle(_):
    with session(True) as client:
        envelope = f"MAIL FROM:<someone@example.org>\r\nRCPT TO:<bob@{DOMAIN}>\r\nRSET\r\n".encode()
        client.send((b"HELP\r\n" * 100 + envelope) * 100)
        for _ in range(100):
            got = [client.reply() for _ in range(103)]
            equal([reply.code for reply in got], [214] * 100 + [250] * 3, text_of(got[-2]))


run(240, server)
