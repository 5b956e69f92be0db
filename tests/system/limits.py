# SPDX-License-Identifier: Apache-2.0
"""How many connections and messages a client may have, counted over all edges; and replies that are held back."""
import os
import signal
import socket
import time

from harness import DOMAIN, Client, Failed, Server, check, equal, header, new_token, plain, run, test, text_of

server = Server(edges=2)
OTHER = "127.0.0.2"
TOO_MANY = "4.3.2 The maximum number of concurrent connections has exceeded a limit, closing transmission channel"
TOO_FAST = "4.4.2 Message submission rate for this client has exceeded the configured limit"


def set_on(port, *words):
    server.postern("Set-ReceiveConnector", server.connector(port), *words)


def enters(port, source=None):
    return Client(server.port(port), source=source)


def is_turned_away(port, source=None):
    with Client(server.port(port), greet=False, source=source) as client:
        reply = client.reply()
        equal((reply.code, text_of(reply)), (421, TOO_MANY), "the reply to one connection too many")
        check(client.closed(), "the connection stays open")


def fill(port, count, sources=(None,)):
    return [enters(port, sources[i % len(sources)]) for i in range(count)]


def leave(clients):
    for client in clients:
        client.close()


def within(seconds, condition, why):
    end = time.monotonic() + seconds
    while True:
        try:
            return condition()
        except (Failed, OSError):
            check(time.monotonic() < end, why)
            time.sleep(0.02)


def is_logged(*words):
    within(2, lambda: check(any(all(word in line for word in words) for line in server.log().splitlines()), ""),
           f"no line with {words} in the log")


@test
def users(_):
    server.add_user("alice")
    server.add_user("bob")


@test
def connections_of_one_source(_):
    set_on(25, "-MaxInboundConnectionPerSource", "7")
    inside = fill(25, 7)
    is_turned_away(25)
    leave([enters(25, OTHER)])
    is_logged("event=1021", "MaxInboundConnectionPerSource")
    leave(inside[:1])
    inside.append(within(2, lambda: enters(25), "the place of one that left is not free"))
    is_turned_away(25)
    leave(inside)
    set_on(25, "-MaxInboundConnectionPerSource", "Unlimited")


@test
def connections_of_one_connector(_):
    sources = [f"127.0.0.{i}" for i in range(2, 8)]
    set_on(25, "-MaxInboundConnection", "6")
    inside = fill(25, 6, sources)
    is_turned_away(25)
    leave([enters(587)])
    leave(inside)
    set_on(25, "-MaxInboundConnection", "5000")
    leave([within(2, lambda: enters(25), "still full")])


@test
def share_of_one_source(_):
    set_on(25, "-MaxInboundConnection", "50", "-MaxInboundConnectionPercentagePerSource", "20")
    others = fill(25, 10, [f"127.0.0.{i}" for i in range(2, 12)])
    inside = fill(25, 6)  # before them 40 to 35 are free: a fifth of that is 8 to 7; then 34: 6
    is_turned_away(25)
    leave(others + inside)
    set_on(25, "-MaxInboundConnection", "5000", "-MaxInboundConnectionPercentagePerSource", "100")


@test
def what_a_dead_edge_counted_is_forgotten(_):
    set_on(25, "-MaxInboundConnectionPerSource", "4")
    inside = fill(25, 4)
    is_turned_away(25)
    for pid in server.pids("edge"):
        os.kill(pid, signal.SIGKILL)
        server.deaths_expected += 1
    leave(inside)
    inside = [within(5, lambda: enters(25), "counts outlive the edge") for _ in range(4)]
    is_turned_away(25)
    leave(inside)
    set_on(25, "-MaxInboundConnectionPerSource", "Unlimited")


def begins_a_message(client, sender="someone@example.org"):
    reply = client.command(f"MAIL FROM:<{sender}>")
    if reply.code == 250:
        client.expect("RSET", 250)
    return reply


def is_too_fast(client, sender="someone@example.org"):
    reply = begins_a_message(client, sender)
    equal((reply.code, text_of(reply)), (421, TOO_FAST), "the reply to one message too many")
    check(client.closed(), "the connection stays open")
    client.close()


def hello(port, source=None, user=None):
    client = enters(port, source)
    client.ehlo()
    if user:
        client.starttls()
        client.log_in(user)
    return client


@test
def messages_of_one_address(_):
    set_on(25, "-MessageRateLimit", "6", "-MessageRateSource", "IPAddress")
    for _ in range(6):  # on six connections, so on both edges
        with hello(25) as client:
            equal(begins_a_message(client).code, 250, "within the rate")
    is_too_fast(hello(25))
    with hello(25, OTHER) as client:
        equal(begins_a_message(client).code, 250, "from another address")
    is_logged("MessageRateLimit")
    set_on(25, "-MessageRateSource", "None")
    with hello(25) as client:
        equal(begins_a_message(client).code, 250, "when nothing is counted by")
    set_on(25, "-MessageRateLimit", "Unlimited", "-MessageRateSource", "IPAddress")


@test
def messages_of_one_user(_):
    set_on(587, "-MessageRateLimit", "3", "-MessageRateSource", "User")
    alice = f"alice@{DOMAIN}"
    for source in (None, OTHER, None):
        with hello(587, source, "alice") as client:
            equal(begins_a_message(client, alice).code, 250, "within the rate")
    is_too_fast(hello(587, OTHER, "alice"), alice)
    with hello(587, None, "bob") as client:
        equal(begins_a_message(client, f"bob@{DOMAIN}").code, 250, "of another user")
    set_on(587, "-MessageRateLimit", "Unlimited")


# --- envelopes ---

def trusted_port():
    return server.port(25) + 3


def many_recipients(count, address):
    """A session with so many recipients that were taken; `address` is called with the number of each."""
    client = Client(trusted_port(), timeout_s=60)
    client.ehlo()
    client.expect("MAIL FROM:<someone@example.org>", 250)
    for first in range(0, count, 1000):
        client.send(b"".join(f"RCPT TO:<{address(first + i)}>\r\n".encode() for i in range(1000)))
        equal({client.reply().code for _ in range(1000)}, {250}, "replies to RCPT")
    return client


@test
def a_connector_for_large_envelopes(_):
    server.postern("New-ReceiveConnector", "-Name", "Trusted", "-Bindings", f"127.0.0.1:{trusted_port()}", "-RemoteIPRanges",
                   "127.0.0.1", "-AuthMechanism", "ExternalAuthoritative", "-PermissionGroups", "ExchangeServers",
                   "-MaxRecipientsPerMessage", "512000", "-LongAddressesEnabled", "$true", "-TransportRole", "HubTransport",
                   "-MaxInboundConnectionPerSource", "Unlimited", "-MaxInboundConnectionPercentagePerSource", "100",
                   "-TarpitInterval", "00:00:00")


@test
def large_envelopes_wait_for_a_hub_that_does_not_read(_):
    """Three of them are more than may wait on the wire at once; the edges live, and nothing is lost."""
    clients = [many_recipients(5000, lambda number: f"{'a' * 1800}{number}@example.net") for _ in range(6)]
    edges, (hub,) = server.pids("edge"), server.pids("hub")
    os.kill(hub, signal.SIGSTOP)
    try:
        for client in clients:
            client.send(b"BDAT 10\r\nSubject: x")
        time.sleep(1)
    finally:
        os.kill(hub, signal.SIGCONT)
    equal([client.reply().code for client in clients], [250] * len(clients), "replies to BDAT")
    equal(server.pids("edge"), edges, "edges")
    for client in clients:
        client.abort()


@test
def an_envelope_that_is_full_takes_no_more(_):
    """12 MiB of it; the client is to send to the others with the next message."""
    with many_recipients(6000, lambda number: f"{'a' * 1800}{number}@example.net") as client:
        for number in range(2000):
            reply = client.command(f"RCPT TO:<{'b' * 1800}{number}@example.net>")
            if reply.code != 250:
                break
        equal((reply.code, text_of(reply)), (452, "4.5.3 Too many recipients"), "one more")


# --- tarpits ---

def seconds_of(run):
    begun = time.monotonic()
    run()
    return time.monotonic() - begun


@test
def refusals_are_held_back(_):
    set_on(25, "-TarpitInterval", "00:00:01")
    with hello(25) as client:
        client.expect("MAIL FROM:<someone@example.org>", 250)
        took = seconds_of(lambda: client.expect(f"RCPT TO:<nobody@{DOMAIN}>", 550))
        check(0.9 <= took < 3, f"an unknown recipient was refused after {took:.2f} s")
        took = seconds_of(lambda: client.expect("RCPT TO:<someone@elsewhere.example>", 550))
        check(took >= 0.9, f"relaying was refused after {took:.2f} s")
        took = seconds_of(lambda: client.expect(f"RCPT TO:<bob@{DOMAIN}>", 250))
        check(took < 0.9, f"a good recipient took {took:.2f} s")


@test
def commands_behind_a_refusal_wait_and_are_answered_in_order(_):
    with hello(25) as client:
        begun = time.monotonic()
        client.send(b"MAIL FROM:<someone@example.org>\r\n" + f"RCPT TO:<nobody@{DOMAIN}>\r\n".encode() +
                    f"RCPT TO:<bob@{DOMAIN}>\r\nDATA\r\n".encode())
        equal([client.reply().code for _ in range(4)], [250, 550, 250, 354], "codes")
        check(time.monotonic() - begun >= 0.9, "answered at once")
        token = new_token()
        client.send(header(token) + b".\r\n")
        equal(client.reply().code, 250, "end of data")
        server.find(token.encode())


@test
def a_client_that_goes_meanwhile_is_forgotten(_):
    for ending in (Client.close, Client.abort):
        client = hello(25)
        client.send(b"NONSENSE\r\n")
        time.sleep(0.1)
        ending(client)
    time.sleep(1.2)
    leave([enters(25)])


@test
def who_has_logged_in_does_not_wait(_):
    set_on(587, "-TarpitInterval", "00:00:01")
    with hello(587, None, "alice") as client:
        client.expect(f"MAIL FROM:<alice@{DOMAIN}>", 250)
        took = seconds_of(lambda: client.expect(f"RCPT TO:<nobody@{DOMAIN}>", 550))
        check(took < 0.9, f"it took {took:.2f} s")
    set_on(587, "-TarpitInterval", "00:00:00")
    set_on(25, "-TarpitInterval", "00:00:00")
    with hello(25) as client:
        took = seconds_of(lambda: client.expect("NONSENSE", 500))
        check(took < 0.9, f"switched off, it took {took:.2f} s")


@test
def the_last_failed_logon_is_held_back_too(_):
    set_on(587, "-AuthTarpitInterval", "00:00:01", "-MaxLogonFailures", "1")
    with enters(587) as client:
        client.ehlo()
        client.starttls()
        begun = time.monotonic()
        client.expect("AUTH PLAIN " + plain("alice", "wrong"), 535)
        check(time.monotonic() - begun >= 0.9, "answered at once")
        equal(client.reply().code, 421, "the reply behind it")
        check(client.closed(), "the connection stays open")
    set_on(587, "-AuthTarpitInterval", "00:00:00", "-MaxLogonFailures", "3")


@test
def as_many_recipients_as_are_allowed(_):
    with many_recipients(70000, lambda number: f"{number}@example.net") as client:
        equal(client.data(header(new_token()) + b"x\r\n").code, 250, "a message for 70,000")


run(240, server)
