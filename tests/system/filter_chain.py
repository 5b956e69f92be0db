# SPDX-License-Identifier: Apache-2.0
"""Content filters one after the other: each hears what those before it have made of the message."""
import threading
import time

import filter as filters
from filter import Filter, at_end, reply
from filtered import ALICE, BIG, BOB, CAROL, heard_after, run_all, send, server, session, use
from harness import check, equal, header, new_token, test, text_of, without_trace

PIECE = 65536


def fields(one):
    return [tuple(data.split(b"\0")[:2]) for data in one.of("L")]


def commands(one):
    return "".join(letter for letter, _ in one.heard if letter not in "LB")


# --- what they hear ---

@test
def each_hears_what_the_others_have_made():
    token = new_token()
    first = at_end(filters.add_header(b"X-One", b"1"), filters.insert_header(0, b"X-Top", b"0"), filters.change_header(1, b"Subject", token.encode() + b" seen\n\tfolded"),
                filters.change_header(1, b"X-Gone", b""), filters.replace_body(b"new\n"), filters.replace_body(b"body\r\n"))
    second = at_end(filters.change_header(1, b"X-One", b"one"), filters.add_header(b"X-Two", b"2"))
    third = at_end(filters.replace_body(b"the last one's\r\n"))
    with Filter(first) as one, Filter(second) as two, Filter(third) as three, Filter() as four:
        use(one.endpoint, two.endpoint, three.endpoint, four.endpoint)
        answer = send(header(token, more=b"X-Gone: soon\r\n") + b"hello\r\n")
        equal(answer.code, 250, text_of(answer))
    equal([one.body(), two.body(), three.body(), four.body()], [b"hello\r\n", b"new\r\nbody\r\n", b"new\r\nbody\r\n", b"the last one's\r\n"], "bodies")
    names = [name for name, _ in fields(one)]
    equal(names[-1], b"X-Gone", "the last field that the client has sent")
    equal([name for name, _ in fields(two)], [b"X-Top", *names[:-1], b"X-One"], "what the second hears")
    equal(dict(fields(two))[b"Subject"], token.encode() + b" seen\n\tfolded", "a changed value")
    equal(fields(three)[-2:], [(b"X-One", b"one"), (b"X-Two", b"2")], "what the third hears")
    equal(fields(four), fields(three), "what the fourth hears")
    for each in (one, two, three, four):
        equal(commands(each), "OCHMRTNE", "commands")
        check(each.macros["E"][b"i"], "the macros of the end")
    content = without_trace(server.find(token.encode()))
    check(content.startswith(b"X-Top: 0\r\nFrom:") and content.endswith(b"\r\nX-One: one\r\nX-Two: 2\r\n\r\nthe last one's\r\n"), content)


@test
def a_body_that_nobody_changes_comes_whole():
    """Of every length around the pieces in which it comes back, in memory and on disk."""
    with Filter(at_end(filters.add_header(b"X-One", b"1")), steps=filters.SILENT_ALL) as one, Filter(steps=filters.SILENT_ALL) as two:
        use(one.endpoint, two.endpoint)
        with session(timeout_s=60) as client:
            for body in (b"", b"x\r\n", *(b"y" * 60 + b"\r\n" + b"x" * (length - 64) + b"\r\n" for length in
                                          (PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 4 * PIECE, 4 * PIECE + 1)), BIG):
                one.heard.clear(), two.heard.clear()
                token = new_token()
                equal(send(header(token) + body, client).code, 250, len(body))
                equal((len(one.body()), len(two.body())), (len(body), len(body)), "lengths")
                check(two.body() == body, f"another body of {len(body)} bytes")
                equal(fields(two)[-1], (b"X-One", b"1"), "the field of the first")
                check(server.find(token.encode()).endswith(b"X-One: 1\r\n\r\n" + body), f"the delivered body of {len(body)} bytes")


@test
def a_long_new_body_comes_whole():
    pieces = [b"%05d " % i + b"w" * 60000 + b"\r\n" for i in range(20)]
    token = new_token()
    with Filter(at_end(*map(filters.replace_body, pieces))) as one, Filter(at_end(filters.add_header(b"X-Two", b"2"))) as two:
        use(one.endpoint, two.endpoint)
        equal(send(header(token) + BIG).code, 250, "reply")
        check(two.body() == b"".join(pieces), "what the second heard")
    check(server.find(token.encode()).endswith(b"X-Two: 2\r\n\r\n" + b"".join(pieces)), "what was delivered")


@test
def a_message_in_binary_comes_as_it_is():
    body = bytes(range(256)) * 1000
    content = header(new_token()) + body
    with Filter() as one, Filter() as two:
        use(one.endpoint, two.endpoint)
        with session() as client:
            client.expect(f"MAIL FROM:<{ALICE}> BODY=BINARYMIME", 250)
            client.expect(f"RCPT TO:<{BOB}>", 250)
            client.send(b"BDAT %d LAST\r\n" % len(content) + content)
            equal(client.reply().code, 250, "reply")
        check(two.body() == body, "what the second heard")


@test
def the_second_hears_nothing_before_the_first_has_answered():
    thinking, go_on = threading.Event(), threading.Event()
    with Filter({"E": lambda data, session: thinking.set() or go_on.wait(20) and filters.CONTINUE}) as one, Filter() as two:
        use(one.endpoint, two.endpoint)
        with session() as client:
            client.envelope(ALICE, [BOB])
            client.expect("DATA", 354)
            client.send(header(new_token()) + b"x\r\n.\r\n")
            check(thinking.wait(20), "the first is not asked")
            heard_after(two, "T")
            equal(commands(two), "OCHMRT", "what the second has heard")
            go_on.set()
            equal(client.reply().code, 250, "reply")
        equal(commands(two), "OCHMRTNE", "at last")


@test
def where_the_first_has_no_ear_the_second_hears_it_as_it_comes():
    with Filter({"M": filters.ACCEPT}) as one, Filter() as two:
        use(one.endpoint, two.endpoint)
        with session() as client:
            client.envelope(ALICE, [BOB])
            client.expect("DATA", 354)
            client.send(header(new_token()) + b"x\r\n")
            heard_after(two, "N")
            client.send(b".\r\n")
            equal(client.reply().code, 250, "reply")
        equal((commands(one), commands(two), two.body()), ("OCHM", "OCHMRTNE", b"x\r\n"), "what they heard")


@test
def a_filter_hears_no_more_than_it_wants():
    with Filter() as one, Filter(steps=filters.NO_BODY | filters.SILENT_HEADER) as two, \
            Filter({"B": filters.SKIP}, steps=filters.MAY_SKIP) as three, Filter({"N": filters.ACCEPT}) as four:
        use(one.endpoint, two.endpoint, three.endpoint, four.endpoint)
        equal(send(header(new_token()) + BIG).code, 250, "reply")
        equal([len(each.of("B")) for each in (two, three, four)], [0, 1, 0], "pieces of the body")
        equal([commands(each) for each in (two, three, four)], ["OCHMRTNE", "OCHMRTNE", "OCHMRTN"], "commands")


@test
def a_slow_filter_gets_it_all():
    with Filter() as one, Filter({"B": lambda data, session: time.sleep(0.02) or filters.CONTINUE}) as two:
        use(one.endpoint, two.endpoint)
        with session(timeout_s=120) as client:
            equal(send(header(new_token()) + BIG * 3, client).code, 250, "reply")
        check(two.body() == BIG * 3, "what the second heard")


@test
def many_sessions_share_the_way_back():
    """More than an edge asks the hub for at a time."""
    answers, count = [], 40
    with Filter(steps=filters.SILENT_ALL) as one, Filter(steps=filters.SILENT_ALL) as two:
        use(one.endpoint, two.endpoint)

        def one_more():
            with session(timeout_s=120) as client:
                answers.append(send(header(new_token()) + BIG, client).code)
        clients = [threading.Thread(target=one_more) for _ in range(count)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        equal(answers, [250] * count, "replies")
        equal(sum(map(len, two.of("B"))), count * len(BIG), "bytes that the second heard")


# --- what they answer ---

@test
def what_the_first_refuses_the_second_does_not_hear():
    for said, code in ((filters.REJECT, 550), (reply(b"452 4.7.1 later"), 452), (filters.DISCARD, 250)):
        with Filter({"E": said}) as one, Filter() as two:
            use(one.endpoint, two.endpoint)
            with session() as client:
                equal(send(header(new_token()) + b"x\r\n", client).code, code, said)
                heard_after(two, "A")
                equal(commands(two), "OCHMRTA", "what the second heard")
                one.replies = {}
                equal(send(header(new_token()) + b"x\r\n", client).code, 250, "the next message")
                equal(commands(two), "OCHMRTAMRTNE", "what the second heard of the next")


@test
def the_second_refuses_in_its_words():
    for letter in "TLNBE":
        token = new_token()
        with Filter(at_end(filters.add_header(b"X-One", b"1"))) as one, Filter({letter: reply(b"554 5.7.9 own words")}) as two:
            use(one.endpoint, two.endpoint)
            with session() as client:
                answer = send(header(token) + b"x\r\n", client)
                equal((answer.code, text_of(answer)), (554, "5.7.9 own words"), letter)
                two.replies = {}
                equal(send(header(token) + b"x\r\n", client).code, 250, "the next message")
            equal(len(one.of("E")), 2, "ends that the first heard")


@test
def recipients_are_asked_about_in_order():
    """What one refuses the next does not hear of."""
    refuse = lambda data, session: filters.REJECT if CAROL.encode() in data else filters.CONTINUE
    with Filter({"R": refuse}) as one, Filter() as two:
        use(one.endpoint, two.endpoint)
        with session() as client:
            client.expect(f"MAIL FROM:<{ALICE}>", 250)
            client.expect(f"RCPT TO:<{CAROL}>", 550)
            client.expect(f"RCPT TO:<{BOB}>", 250)
            two.replies["R"] = filters.REJECT
            client.expect(f"RCPT TO:<{ALICE}>", 550)
        equal(two.of("R"), [f"<{BOB}>".encode() + b"\0", f"<{ALICE}>".encode() + b"\0"], "whom the second heard of")
        equal(len(one.of("R")), 3, "how many the first heard of")


@test
def changes_of_the_envelope_add_up():
    token = new_token()
    with Filter(at_end(filters.delete_recipient(BOB.encode()), filters.add_recipient(CAROL.encode()))) as one, \
            Filter(at_end(filters.change_sender(b"<other@example.org>"), filters.add_recipient(ALICE.encode()), filters.delete_recipient(CAROL.encode()))) as two:
        use(one.endpoint, two.endpoint)
        equal(send(header(token) + b"x\r\n").code, 250, "reply")
    content = server.find(token.encode())
    server.settle()
    equal(sum(token.encode() in each for each in server.messages().values()), 1, "copies")
    check(content.startswith(b"Return-Path: <other@example.org>") and b"Delivered-To: " + ALICE.encode() in content, content)


run_all()
