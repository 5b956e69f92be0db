# SPDX-License-Identifier: Apache-2.0
"""Content filters: what they hear, what they may answer, and what is seen of it."""
import glob
import os
import time

import filter as filters
from filter import Filter, reply
from filtered import ALICE, BOB, CAROL, NAME, copies, heard_after, port, run_all, send, server, session, until, use
from harness import DOMAIN, HOST, check, equal, header, new_token, test, text_of


def log_rows(text):
    def found():
        for path in glob.glob(os.path.join(server.data, "logs", "**", "*.[Ll][Oo][Gg]"), recursive=True):
            with open(path, encoding="utf-8", errors="replace") as file:
                rows = [line for line in file if text in line]
            if rows:
                return rows
        return None
    return until(found, f"no log has a row with {text!r}")


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
        use(one.endpoint)
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
        check(not copies(token), f"{letter}: it was delivered")
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
    with Filter({"E": filters.in_no_hurry(14, 0.25)}) as one:
        use(one.endpoint, timeout="00:00:03")
        equal(send(header(new_token()) + b"x\r\n").code, 250, "reply")


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
    said = f"content filter {one.endpoint} of MX\\{NAME} cannot be reached: Connection refused"

    def is_written_down():  # of one edge so many events a second are, and the tests before had theirs
        with session() as client:
            client.expect(f"MAIL FROM:<{ALICE}>", 451)
            client.expect("QUIT", 221)
        return said in server.log()
    until(is_written_down, server.log_tail)


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


run_all()
