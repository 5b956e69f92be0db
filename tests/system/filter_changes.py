# SPDX-License-Identifier: Apache-2.0
"""What content filters change in a message, and what may not become of it."""
import filter as filters
from filter import Filter, packet
from filtered import ALICE, BOB, CAROL, copies, run_all, send, server, session, until, use
from harness import check, equal, header, new_token, test, text_of, without_trace


def changed(*packets, body=b"hello\r\n", more=b"", **how):
    """A message that a filter answers so at its end; returns it as it was delivered, without trace fields."""
    token = new_token()
    with Filter({"E": b"".join(packets) + filters.CONTINUE}, **how) as one:
        use(one.endpoint)
        answer = send(header(token, more=more) + body)
        equal(answer.code, 250, text_of(answer))
    return without_trace(server.find(token.encode())), token


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
    until(lambda: len(copies(token)) == 2, lambda: f"copies: {copies(token)}")
    got = copies(token)
    equal(sorted(content.split(b"Delivered-To: ")[1].split(b"\r\n")[0].decode() for content in got), [ALICE, CAROL], "who has it")
    check(all(content.startswith(b"Return-Path: <other@example.org>") for content in got), got)


@test
def a_message_without_recipients_is_gone():
    token = new_token()
    with Filter({"E": filters.delete_recipient(BOB.encode()) + filters.CONTINUE}) as one:
        use(one.endpoint)
        equal(send(header(token) + b"x\r\n").code, 250, "reply")
    server.settle()
    check(not copies(token), "it was delivered")


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
    check(not copies(token), "it was delivered")
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
        use(one.endpoint)
        with session(timeout_s=120) as client:
            answer = send(header(new_token()) + b"x\r\n", client)
            check(answer.code in (451, 452), text_of(answer))
            one.replies = {}
            equal(send(header(new_token()) + b"x\r\n", client).code, 250, "the next message")


run_all()
