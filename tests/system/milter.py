# SPDX-License-Identifier: Apache-2.0
"""Content filters: what they hear, what they may answer and change, and what happens when they fail."""
import contextlib
import glob
import os
import shutil
import signal
import socket
import threading
import time

import filter as filters
from filter import Filter, packet, reply
from harness import (DOMAIN, HOST, Client, Failed, Server, check, clean_end, equal, header, new_token, run, test, text_of,
                     without_trace)
from rspamd import FIELD, GTUBE, rspamd

server = Server()
NAME = "Filtered"
ALICE, BOB, CAROL = (f"{name}@{DOMAIN}" for name in ("alice", "bob", "carol"))


def port():
    return server.port(25) + 3


def prepare():
    for name in ("alice", "bob", "carol"):
        server.add_user(name)
    server.postern("New-ReceiveConnector", "-Name", NAME, "-Usage", "Custom", "-Bindings", f"127.0.0.1:{port()}",
                   "-RemoteIPRanges", "127.0.0.0/8", "-PermissionGroups", "AnonymousUsers,ExchangeUsers",
                   "-AuthMechanism", "Tls,BasicAuth,BasicAuthRequireTLS", "-TarpitInterval", "00:00:00",
                   "-MaxInboundConnectionPerSource", "Unlimited", "-MaxInboundConnectionPercentagePerSource", "100",
                   "-MessageRateLimit", "Unlimited", "-ProtocolLoggingLevel", "Verbose", "-TransportRole", "FrontendTransport")


def use(*endpoints, failure="Tempfail", timeout="00:00:02"):
    server.postern("Set-ReceiveConnector", NAME, "-Milters", ",".join(endpoints) or "$null", "-MilterFailureAction", failure,
                   "-MilterTimeout", timeout)


@contextlib.contextmanager
def session(**how):
    with Client(port(), **how) as client:
        client.ehlo()
        yield client


def send(content, client=None, recipients=(BOB,)):
    """The reply to the end of data."""
    if client:
        client.envelope(ALICE, recipients)
        return client.data(content)
    with session() as client:
        return send(content, client, recipients)


def heard_after(one, letter, count=1):
    deadline = time.monotonic() + 5
    while len(one.of(letter)) < count and time.monotonic() < deadline:
        time.sleep(0.01)
    return one.of(letter)


def changed(*packets, body=b"hello\r\n", more=b"", **how):
    """A message that a filter answers so at its end; returns it as it was delivered, without trace fields."""
    token = new_token()
    with Filter({"E": b"".join(packets) + filters.CONTINUE}, **how) as one:
        use(one.endpoint)
        answer = send(header(token, more=more) + body)
        equal(answer.code, 250, text_of(answer))
    return without_trace(server.find(token.encode())), token


def log_rows(text, timeout_s=5):
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        for path in glob.glob(os.path.join(server.data, "logs", "**", "*.LOG"), recursive=True) + \
                glob.glob(os.path.join(server.data, "logs", "**", "*.log"), recursive=True):
            with open(path, encoding="utf-8", errors="replace") as file:
                found = [line for line in file if text in line]
            if found:
                return found
        time.sleep(0.05)
    raise Failed(f"no log has a row with {text!r}")


# --- what they hear ---

@test
def a_filter_hears_the_whole_conversation():
    token = new_token()
    with Filter() as one:
        use(one.endpoint)
        with session() as client:
            client.expect(f"MAIL FROM:<{ALICE}> SIZE=300 BODY=8BITMIME", 250)
            client.expect(f"RCPT TO:<{BOB}>", 250)
            answer = client.data(header(token, more=b"X-Folded: one\r\n two\r\n") + b".dot\r\nlast\r\n")
            equal(answer.code, 250, text_of(answer))
            client.expect("QUIT", 221)
        equal("".join(letter for letter, _ in one.heard if letter not in "LB"), "OCHMRTNE", "commands")
        equal(one.of("C")[0][:12], b"[127.0.0.1]\0", "name of the client")
        equal((one.of("C")[0][12:13], one.of("C")[0][15:]), (b"4", b"127.0.0.1\0"), "family and address")
        equal(one.of("H"), [b"client.example.org\0"], "hello")
        equal(one.of("M"), [f"<{ALICE}>".encode() + b"\0SIZE=300\0BODY=8BITMIME\0"], "sender")
        equal(one.of("R"), [f"<{BOB}>".encode() + b"\0"], "recipient")
        fields = [data.split(b"\0")[:2] for data in one.of("L")]
        equal([name for name, _ in fields], [b"From", b"To", b"Subject", b"Message-ID", b"Date", b"X-Folded"], "fields")
        equal(dict(fields)[b"Subject"], token.encode(), "value")
        equal(dict(fields)[b"X-Folded"], b"one\n two", "folded value")
        equal(one.body(), b".dot\r\nlast\r\n", "body")
        connect, mail, rcpt = one.macros["C"], one.macros["M"], one.macros["R"]
        equal(connect[b"j"], HOST.encode(), "j")
        equal(connect[b"{client_addr}"], b"127.0.0.1", "client_addr")
        equal(connect[b"{daemon_port}"], str(port()).encode(), "daemon_port")
        equal(mail[b"{mail_addr}"], ALICE.encode(), "mail_addr")
        check(len(mail[b"i"]) > 8 and one.macros["E"][b"i"] == mail[b"i"], one.macros)
        equal((rcpt[b"{rcpt_addr}"], rcpt[b"{rcpt_mailer}"]), (BOB.encode(), b"local"), "recipient's macros")
    server.find(token.encode())


@test
def a_login_and_its_tls_are_macros():
    with Filter() as one:
        use(one.endpoint)
        with session() as client:
            client.starttls()
            client.log_in("alice")
            client.expect(f"MAIL FROM:<{ALICE}>", 250)
        equal(one.macros["M"][b"{auth_authen}"], b"alice", "account")
        equal(one.macros["M"][b"{auth_type}"], b"PLAIN", "mechanism")
        check(one.macros["H"][b"{tls_version}"].startswith(b"TLS"), one.macros)


@test
def a_filter_chooses_its_macros():
    with Filter(wanted_macros={0: b"{daemon_name}", 2: b"{mail_host} j"}) as one:
        use(one.endpoint)
        send(header(new_token()) + b"x\r\n")
        equal(list(one.macros["C"]), [b"{daemon_name}"], "at CONNECT")
        equal(one.macros["M"], {b"{mail_host}": DOMAIN.encode(), b"j": HOST.encode()}, "at MAIL")


@test
def a_filter_is_not_told_what_it_does_not_want():
    steps = filters.NO_CONNECT | filters.NO_HELLO | filters.NO_BODY | filters.SILENT_HEADER
    with Filter(steps=steps) as one:
        use(one.endpoint)
        equal(send(header(new_token()) + b"x\r\n").code, 250, "reply")
        equal("".join(letter for letter, _ in one.heard if letter != "L"), "OMRTNE", "commands")


@test
def one_connection_carries_many_messages():
    with Filter(steps=filters.SILENT_ALL) as one:
        use(one.endpoint)
        with session() as client:
            for _ in range(3):
                equal(send(header(new_token()) + b"x\r\n", client).code, 250, "reply")
            client.expect(f"MAIL FROM:<{ALICE}>", 250)
            client.expect("RSET", 250)
            heard_after(one, "A")
        equal((one.sessions, len(one.of("C")), len(one.of("E")), len(one.of("A"))), (1, 1, 3, 1), "connections, commands")


@test
def a_filter_behind_a_unix_socket():
    with Filter({"M": reply(b"550 5.7.1 not you")}, unix=True) as one:
        use(one.endpoint)
        with session() as client:
            answer = client.expect(f"MAIL FROM:<{ALICE}>", 550)
            equal(text_of(answer), "5.7.1 not you", "words")


@test
def a_long_body_waits_for_a_slow_filter():
    token, body = new_token(), b"".join(b"%07d\r\n" % i for i in range(400000))
    with Filter({"B": lambda data, session: time.sleep(0.02) or filters.CONTINUE}) as one:
        use(one.endpoint, timeout="00:00:30")
        with session(timeout_s=120) as client:
            equal(send(header(token) + body, client).code, 250, "reply")
        equal(one.body(), body, "body that the filter has seen")
    check(server.find(token.encode()).endswith(body), "the delivered body")


@test
def a_message_in_chunks_is_filtered():
    token = new_token()
    content = header(token) + b"chunked\r\n"
    with Filter({"E": filters.add_header(b"X-Seen", b"yes") + filters.ACCEPT}) as one:
        use(one.endpoint)
        with session() as client:
            client.envelope(ALICE, [BOB])
            client.send(b"BDAT 40\r\n" + content[:40])
            equal(client.reply().code, 250, "first chunk")
            client.send(b"BDAT %d LAST\r\n" % (len(content) - 40) + content[40:])
            equal(client.reply().code, 250, "last chunk")
        equal(one.body(), b"chunked\r\n", "body")
    check(b"X-Seen: yes\r\n" in server.find(token.encode()), "the field is there")


# --- what they answer ---

@test
def every_refusal_at_every_command():
    answers = [(filters.REJECT, 550, "5.7.1 Command rejected"),
               (filters.TEMPFAIL, 451, "4.7.1 Service unavailable - try again later"),
               (reply(b"554 5.7.9 own words"), 554, "5.7.9 own words")]
    for letter in "CHMRTLNBE":
        for said, code, words in answers:
            with Filter({letter: said}) as one:
                use(one.endpoint)
                with session() as client:
                    answer = client.command(f"MAIL FROM:<{ALICE}>")
                    if letter not in "CHM":
                        equal(answer.code, 250, letter)
                        answer = client.command(f"RCPT TO:<{BOB}>")
                    if letter not in "CHMR":
                        equal(answer.code, 250, letter)
                        answer = client.data(header(new_token()) + b"x\r\n")
                    equal((answer.code, text_of(answer)), (code, words), letter)
                    client.expect("NOOP", 250)
                    client.expect(f"MAIL FROM:<{ALICE}>", code if letter in "CHM" else 503 if letter == "R" else 250)


@test
def a_refused_recipient_leaves_the_others():
    token = new_token()
    refuse_bob = lambda data, session: reply(b"550-5.1.9 not\r\n550 5.1.9 him") if BOB.encode() in data else filters.CONTINUE
    with Filter({"R": refuse_bob}) as one:
        use(one.endpoint)
        with session() as client:
            client.expect(f"MAIL FROM:<{ALICE}>", 250)
            client.expect(f"RCPT TO:<{CAROL}>", 250)
            equal(client.expect(f"RCPT TO:<{BOB}>", 550).lines, [b"5.1.9 not", b"5.1.9 him"], "lines")
            client.expect("RCPT TO:<nobody@elsewhere.example>", 550)
            equal(client.data(header(token) + b"x\r\n").code, 250, "end of data")
        equal(len(one.of("R")), 2, "recipients that the filter was asked about")
    check(b"Delivered-To: " + CAROL.encode() in server.find(token.encode()), "who has it")


@test
def accepted_is_not_asked_again():
    with Filter({"M": filters.ACCEPT}) as one:
        use(one.endpoint)
        with session() as client:
            for _ in range(2):
                equal(send(header(new_token()) + b"x\r\n", client).code, 250, "reply")
        equal("".join(letter for letter, _ in one.heard), "OCHMM", "commands")


@test
def discarded_is_gone():
    for letter in "MRNBE":
        token = new_token()
        with Filter({letter: filters.DISCARD}) as one:
            use(one.endpoint)
            equal(send(header(token) + b"x\r\n").code, 250, letter)
        server.settle()
        check(not any(token.encode() in content for content in server.messages().values()), f"{letter}: it was delivered")
        (row,) = [row for row in server.get("Get-MessageTrackingLog", "-EventId", "FAIL") if token in row["MessageSubject"] + row["MessageId"]]
        equal((row["Source"], row["RecipientStatus"]), ("AGENT", f"discarded by the content filter {one.endpoint}"), f"{letter}: the row")


@test
def the_rest_of_a_body_is_skipped():
    with Filter({"B": filters.SKIP}, steps=filters.MAY_SKIP) as one:
        use(one.endpoint)
        equal(send(header(new_token()) + b"0123456789abcde\r\n" * 40000).code, 250, "reply")
        equal(len(one.of("B")), 1, "pieces")


@test
def a_filter_that_asks_for_time_gets_it():
    def slowly(data, session):
        for _ in range(4):
            session.connection.sendall(filters.PROGRESS)
            time.sleep(0.7)
        return filters.CONTINUE
    with Filter({"E": slowly}) as one:
        use(one.endpoint, timeout="00:00:01")
        equal(send(header(new_token()) + b"x\r\n").code, 250, "reply")


@test
def two_filters_are_asked_in_order():
    token = new_token()
    with Filter({"E": filters.add_header(b"X-Order", b"first") + filters.CONTINUE}) as one, \
            Filter({"E": filters.add_header(b"X-Order", b"second") + filters.CONTINUE}) as two:
        use(one.endpoint, two.endpoint)
        equal(send(header(token) + b"x\r\n").code, 250, "reply")
        check(b"X-Order: first\r\nX-Order: second\r\n\r\n" in server.find(token.encode()), "the fields in order")
        two.replies["R"] = filters.REJECT
        with session() as client:
            client.expect(f"MAIL FROM:<{ALICE}>", 250)
            client.expect(f"RCPT TO:<{BOB}>", 550)
            client.expect("QUIT", 221)
        equal((len(one.of("R")), len(two.of("R"))), (2, 2), "recipients")


# --- what they change ---

@test
def fields_are_added_inserted_and_changed():
    content, token = changed(filters.add_header(b"X-Last", b"a\n b"), filters.insert_header(0, b"X-First", b"1"),
                             filters.insert_header(2, b"X-Third", b"3"), filters.change_header(2, b"X-Two", b"second"),
                             filters.change_header(1, b"x-gone", b""), filters.change_header(1, b"X-New", b"made"),
                             more=b"X-Two: a\r\nX-Two: b\r\nX-Gone: soon\r\n")
    wanted = header(token, more=b"X-Two: a\r\nX-Two: second\r\nX-Last: a\r\n b\r\nX-New: made\r\n")
    lines = wanted.split(b"\r\n")
    lines = [b"X-First: 1", lines[0], b"X-Third: 3", *lines[1:]]
    equal(content, b"\r\n".join(lines) + b"hello\r\n", "message")


@test
def a_field_cannot_bring_another_along():
    content, _ = changed(filters.add_header(b"X-A", b"1\nBcc: x@y.example\r\n\r\nbody"), filters.add_header(b"X B", b"1"),
                         filters.add_header(b"", b"1"))
    check(b"X-A: 1\r\n\tBcc: x@y.example\r\n\t\r\n\tbody\r\n" in content and b"X B" not in content, content)


@test
def leading_blanks_are_those_of_the_filter():
    content, _ = changed(filters.add_header(b"X-A", b"\tone"), filters.add_header(b"X-B", b"two"), steps=filters.LEADING_SPACE)
    check(b"X-A:\tone\r\nX-B:two\r\n" in content, content)


@test
def a_body_is_replaced():
    content, token = changed(filters.replace_body(b"new\nli"), filters.replace_body(b"ne\r\n"), filters.add_header(b"X-A", b"1"))
    equal(content, header(token, more=b"X-A: 1\r\n") + b"new\r\nline\r\n", "message")
    content, token = changed(filters.replace_body(b""))
    equal(content, header(token), "an empty body")


@test
def a_long_body_keeps_its_rest():
    body = b"0123456789abcde\r\n" * 60000
    content, token = changed(filters.change_header(1, b"Subject", b"other"), body=body, more=b"X-T: t\r\n")
    check(b"Subject: other\r\n" in content and content.endswith(b"X-T: t\r\n\r\n" + body), content[:300])
    long = b"".join(filters.replace_body(b"x" * 62 + b"\r\n" + b"y" * 60000 + b"\r\n") for _ in range(10))
    content, _ = changed(long, body=body)
    equal(content.partition(b"\r\n\r\n")[2], (b"x" * 62 + b"\r\n" + b"y" * 60000 + b"\r\n") * 10, "a long new body")


@test
def recipients_and_sender_are_changed():
    token = new_token()
    packets = [filters.add_recipient(f"<{CAROL}>".encode()), filters.delete_recipient(f"<{BOB}>".encode()),
               filters.add_recipient(CAROL.upper().encode()), filters.change_sender(b"<other@example.org>"), filters.add_recipient(b"no address"),
               packet("2", ALICE.encode() + b"\0NOTIFY=NEVER\0")]
    with Filter({"E": b"".join(packets) + filters.CONTINUE}) as one:
        use(one.endpoint)
        equal(send(header(token) + b"x\r\n").code, 250, "reply")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        got = [content for content in server.messages().values() if token.encode() in content]
        if len(got) == 2:
            break
        time.sleep(0.05)
    equal(sorted(content.split(b"Delivered-To: ")[1].split(b"\r\n")[0].decode() for content in got), [ALICE, CAROL], "who has it")
    check(all(content.startswith(b"Return-Path: <other@example.org>") for content in got), got)


@test
def a_message_without_recipients_is_gone():
    token = new_token()
    with Filter({"E": filters.delete_recipient(BOB.encode()) + filters.CONTINUE}) as one:
        use(one.endpoint)
        equal(send(header(token) + b"x\r\n").code, 250, "reply")
    server.settle()
    check(not any(token.encode() in content for content in server.messages().values()), "it was delivered")


@test
def quarantine_waits_for_an_administrator():
    token = new_token()
    with Filter({"E": filters.quarantine(b"looks odd") + filters.CONTINUE}) as one:
        use(one.endpoint)
        equal(send(header(token) + b"x\r\n").code, 250, "reply")
    message, = [row for row in server.get("Get-Message") if row["Subject"] == token]
    equal((message["Status"], message["QuarantineReason"]), ("Suspended", "looks odd"), "in the queue")
    deaths = server.deaths_expected
    server.stop()
    server.start()
    server.deaths_expected = deaths
    message, = [row for row in server.get("Get-Message") if row["Subject"] == token]
    equal(message["Status"], "Suspended", "after a restart")
    check(not any(token.encode() in content for content in server.messages().values()), "it was delivered")
    server.postern("Resume-Message", message["Identity"])
    server.find(token.encode())


@test
def a_change_that_was_not_agreed_on_is_refused():
    with Filter({"E": filters.replace_body(b"x") + filters.CONTINUE}, actions=1) as one:
        use(one.endpoint, failure="Accept")
        equal(send(header(new_token()) + b"x\r\n").code, 250, "reply")
        use(one.endpoint, failure="Tempfail")
        equal(send(header(new_token()) + b"x\r\n").code, 451, "reply")


@test
def a_body_that_no_store_takes():
    """The hub refuses while the filter is still speaking; the session goes on."""
    huge = filters.replace_body(b"0123456789abcde\r\n" * 3800) * 2600
    with Filter({"E": huge + filters.CONTINUE}) as one:
        use(one.endpoint, timeout="00:00:30")
        with session(timeout_s=120) as client:
            answer = send(header(new_token()) + b"x\r\n", client)
            check(answer.code in (451, 452), text_of(answer))
            one.replies = {}
            equal(send(header(new_token()) + b"x\r\n", client).code, 250, "the next message")


# --- when they fail ---

def failing(endpoint, at_mail):
    """Tempfail: 451 4.7.1; Accept: the message goes its way."""
    use(endpoint, failure="Tempfail", timeout="00:00:01")
    with session() as client:
        answer = client.command(f"MAIL FROM:<{ALICE}>")
        if not at_mail:
            client.expect(f"RCPT TO:<{BOB}>", 250)
            answer = client.data(header(new_token()) + b"x\r\n")
        equal((answer.code, text_of(answer)), (451, "4.7.1 Content filter not available - try again later"), "reply")
        client.expect("NOOP", 250)
    token = new_token()
    use(endpoint, failure="Accept", timeout="00:00:01")
    equal(send(header(token) + b"x\r\n").code, 250, "reply")
    server.find(token.encode())


@test
def nobody_listens():
    with Filter() as one:
        endpoint = one.endpoint
    failing(endpoint, True)
    failing("unix:/tmp/no-such-filter-socket", True)


@test
def a_filter_hangs():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(5)
        failing(f"inet:127.0.0.1:{silent.getsockname()[1]}", True)


@test
def a_filter_hangs_at_the_end():
    with Filter({"E": None}) as one:
        failing(one.endpoint, False)


@test
def a_filter_hangs_up():
    for letter, at_mail in (("C", True), ("M", True), ("L", False), ("B", False), ("E", False)):
        with Filter({letter: filters.HANG_UP}) as one:
            failing(one.endpoint, at_mail)


@test
def a_filter_speaks_nonsense():
    nonsense = [b"220 this is SMTP\r\n", packet("O", b"short"), packet("c"), b"\0\0\0\0", b"\xff\xff\xff\xffx",
                packet("O", b"\0\0\0\7" + b"\0" * 8), packet("O", b"\0\0\0\6" + b"\xff" * 8)]
    for said in nonsense:
        with Filter({"O": said}) as one:
            failing(one.endpoint, True)
    for said in (packet("?"), reply(b"250 fine"), reply(b"hello"), filters.add_header(b"X", b"early"), packet("s"),
                 packet("p") * 200, packet("f")):
        with Filter({"M": said}) as one:
            failing(one.endpoint, True)


@test
def a_filter_that_fails_amid_its_changes():
    with Filter({"E": filters.add_header(b"X-Half", b"1") + packet("?")}) as one:
        use(one.endpoint, failure="Accept")
        equal(send(header(new_token()) + b"x\r\n").code, 451, "reply, although failures are accepted")


@test
def a_filter_that_was_away_is_asked_again():
    with Filter({"M": filters.HANG_UP}) as one:
        use(one.endpoint)
        with session() as client:
            client.expect(f"MAIL FROM:<{ALICE}>", 451)
            one.replies = {}
            equal(send(header(new_token()) + b"x\r\n", client).code, 250, "reply")
        equal(one.sessions, 2, "connections")


@test
def a_client_that_leaves_ends_the_conversation():
    with Filter({"E": None}) as one:
        use(one.endpoint, timeout="00:00:30")
        with session() as client:
            client.envelope(ALICE, [BOB])
            client.expect("DATA", 354)
            client.send(header(new_token()) + b"x\r\n.\r\n")
            heard_after(one, "E")
            client.abort()
        with session() as client:
            client.expect("NOOP", 250)


@test
def the_hub_dies_while_a_filter_thinks():
    go_on = threading.Event()
    with Filter({"E": lambda data, session: go_on.wait(10) and filters.CONTINUE}) as one:
        use(one.endpoint, timeout="00:00:20")
        with session() as client:
            client.envelope(ALICE, [BOB])
            client.expect("DATA", 354)
            client.send(header(new_token()) + b"x\r\n.\r\n")
            heard_after(one, "E")
            server.deaths_expected += 1
            os.kill(server.pids("hub")[0], signal.SIGKILL)
            equal(client.reply().code, 451, "end of data")
            go_on.set()
            deadline = time.monotonic() + 20
            client.expect(f"MAIL FROM:<{ALICE}>", 250)
            while client.command(f"RCPT TO:<{BOB}>").code != 250 and time.monotonic() < deadline:
                time.sleep(0.2)
            client.expect("RSET", 250)
            equal(send(header(new_token()) + b"x\r\n", client).code, 250, "in the same session, with the next hub")


# --- what is seen of it ---

@test
def the_log_says_which_filter_said_what():
    with Filter({"R": reply(b"550 5.7.1 said by the filter")}) as one:
        use(one.endpoint)
        with session() as client:
            client.expect(f"MAIL FROM:<{ALICE}>", 250)
            client.expect(f"RCPT TO:<{BOB}>", 550)
            client.expect("QUIT", 221)
        row = log_rows(f"{one.endpoint} rejects")[0]
        check("said by the filter" in row and "RCPT" in row, row)
    time.sleep(1.1)  # of one edge so many events a second are written down, and the tests before had theirs
    with session() as client:
        client.expect(f"MAIL FROM:<{ALICE}>", 451)
        client.expect("QUIT", 221)
    said = f"content filter {one.endpoint} of MX\\{NAME} cannot be reached: Connection refused"
    deadline = time.monotonic() + 10  # the hub writes down what the edge has said
    while said not in server.log() and time.monotonic() < deadline:
        time.sleep(0.05)
    check(said in server.log(), server.log_tail())


@test
def endpoints_are_checked():
    for bad in ("inet:localhost", "inet:127.0.0.1:0", "unix:relative", "127.0.0.1:11332", "inet:host.example:11332"):
        done = server.postern("Set-ReceiveConnector", NAME, "-Milters", bad, good=False)
        check(done.returncode != 0 and "unix:/run/filter.sock" in done.stderr, done.stderr)


@test
def a_trial_says_that_filters_are_not_asked():
    with Filter() as one:
        use(one.endpoint)
        words = ("Test-SmtpSubmission", NAME, "-User", "alice", "-From", ALICE, "-To", BOB)
        done = server.postern(*words)
        check("filters" in done.stderr, done.stderr + done.stdout)
        equal(one.sessions, 0, "connections to the filter")
        use()
        check("filters" not in server.postern(*words).stderr, "nothing is said without filters")


# --- rspamd ---

@test
def rspamd_refuses_gtube_and_marks_the_rest():
    if not shutil.which("rspamd"):
        return "SKIP: rspamd is not installed"
    with rspamd() as (endpoint, log):
        use(endpoint, timeout="00:00:30")
        answer = send(header(new_token()) + GTUBE)
        with open(log, encoding="utf-8", errors="replace") as file:
            tail = " | ".join(file.read().splitlines()[-4:])
        equal(answer.code, 554, text_of(answer) + tail)
        token = new_token()
        equal(send(header(token) + b"good day\r\n").code, 250, "harmless")
        content = server.find(token.encode())
        check(FIELD in content and content.endswith(b"\r\n\r\ngood day\r\n"), content)
        return None


@test
def the_end_is_clean():
    clean_end(server)


server.start()
prepare()
run(600)
