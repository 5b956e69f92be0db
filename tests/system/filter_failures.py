# SPDX-License-Identifier: Apache-2.0
"""Content filters that fail, and what fails around them."""
import os
import signal
import socket
import threading
import time

import filter as filters
from filter import Filter, at_end, packet, reply
from filtered import ALICE, BIG, BOB, heard_after, run_all, send, server, session, until, use
from harness import check, equal, header, new_token, test, text_of


def failing(endpoint, at_mail, timeout="00:00:30"):
    """Tempfail: 451 4.7.1; Accept: the message goes its way."""
    use(endpoint, failure="Tempfail", timeout=timeout)
    with session() as client:
        answer = client.command(f"MAIL FROM:<{ALICE}>")
        if not at_mail:
            client.expect(f"RCPT TO:<{BOB}>", 250)
            answer = client.data(header(new_token()) + b"x\r\n")
        equal((answer.code, text_of(answer)), (451, "4.7.1 Content filter not available - try again later"), "reply")
        client.expect("NOOP", 250)
    token = new_token()
    use(endpoint, failure="Accept", timeout=timeout)
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
        failing(f"inet:127.0.0.1:{silent.getsockname()[1]}", True, timeout="00:00:01")


@test
def a_filter_hangs_at_the_end():
    with Filter({"E": None}) as one:
        failing(one.endpoint, False, timeout="00:00:03")


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


def wait_at_the_end(client, one):
    """The whole message has been sent, and the filter thinks."""
    client.envelope(ALICE, [BOB])
    client.expect("DATA", 354)
    client.send(header(new_token()) + b"x\r\n.\r\n")
    heard_after(one, "E")


@test
def a_client_that_leaves_ends_the_conversation():
    with Filter({"E": None}) as one:
        use(one.endpoint)
        with session() as client:
            wait_at_the_end(client, one)
            client.abort()
        with session() as client:
            client.expect("NOOP", 250)


def the_hub_dies(client, go_on, body):
    """The message comes to nothing; another one goes its way, in the same session, with the next hub."""
    server.deaths_expected += 1
    os.kill(server.pids("hub")[0], signal.SIGKILL)
    equal(client.reply().code, 451, "end of data")
    go_on.set()
    client.expect(f"MAIL FROM:<{ALICE}>", 250)
    until(lambda: client.command(f"RCPT TO:<{BOB}>").code == 250, "there is no new hub")
    client.expect("RSET", 250)
    equal(send(header(new_token()) + body, client).code, 250, "the next message")


@test
def the_hub_dies_while_a_filter_thinks():
    go_on = threading.Event()
    with Filter({"E": lambda data, session: go_on.wait(20) and filters.CONTINUE}) as one:
        use(one.endpoint)
        with session() as client:
            wait_at_the_end(client, one)
            the_hub_dies(client, go_on, b"x\r\n")


@test
def a_filter_is_faster_than_the_hub():
    """What it makes waits in the filter, not in the edge."""
    go_on, piece, count = threading.Event(), b"0123456789abcd\r\n" * 4000, 500  # 32 MB
    progress = []

    def flood(data, session):
        go_on.wait(30)
        for _ in range(count):
            session.connection.sendall(filters.replace_body(piece))
            progress.append(time.monotonic())
        return filters.CONTINUE
    token = new_token()
    with Filter({"E": flood}) as one:
        use(one.endpoint)
        with session(timeout_s=60) as client:
            client.envelope(ALICE, [BOB])
            client.expect("DATA", 354)
            client.send(header(token) + b"x\r\n.\r\n")
            heard_after(one, "E")
            hub = server.pids("hub")[0]
            os.kill(hub, signal.SIGSTOP)
            go_on.set()
            until(lambda: len(progress) == count or progress and time.monotonic() - progress[-1] > 0.5, "the filter says nothing")
            os.kill(hub, signal.SIGCONT)
            equal(client.reply().code, 250, "end of data")
    check(server.find(token.encode()).endswith(b"\r\n\r\n" + piece * count), "the delivered body")


# --- one of several ---

@test
def the_first_fails():
    for letter in "ME":
        for failure, code in (("Tempfail", 451), ("Accept", 250)):
            token = new_token()
            with Filter({letter: filters.HANG_UP}) as one, Filter(at_end(filters.add_header(b"X-Two", b"2"))) as two:
                use(one.endpoint, two.endpoint, failure=failure)
                with session() as client:
                    answer = client.command(f"MAIL FROM:<{ALICE}>")
                    if answer.code == 250:
                        client.expect(f"RCPT TO:<{BOB}>", 250)
                        answer = client.data(header(token) + b"x\r\n")
                equal(answer.code, code, f"{letter} {failure}")
                equal(two.body(), b"x\r\n" if code == 250 else b"", "what the second heard")
            if code == 250:
                check(b"X-Two: 2\r\n" in server.find(token.encode()), "the field of the second")


@test
def the_second_fails():
    """What the first has made stays. Whatever was changed by half is not taken."""
    half = filters.add_header(b"X-Half", b"2") + filters.packet("?")
    for letter, said in (("L", filters.HANG_UP), ("B", filters.HANG_UP), ("B", filters.packet("?")), ("E", filters.HANG_UP), ("E", half)):
        for failure, code in (("Tempfail", 451), ("Accept", 451 if said is half else 250)):
            token = new_token()
            with Filter(at_end(filters.add_header(b"X-One", b"1"))) as one, Filter({letter: said}) as two:
                use(one.endpoint, two.endpoint, failure=failure)
                answer = send(header(token) + BIG)
                equal(answer.code, code, f"{letter} {failure}: {text_of(answer)}")
            if code == 250:
                check(server.find(token.encode()).endswith(b"X-One: 1\r\n\r\n" + BIG), "the message")


@test
def the_second_says_nothing():
    for letter in "NB":
        with Filter() as one, Filter({letter: None}) as two:
            use(one.endpoint, two.endpoint, timeout="00:00:03")
            answer = send(header(new_token()) + BIG)
            equal((answer.code, text_of(answer)), (451, "4.7.1 Content filter not available - try again later"), letter)


@test
def the_second_takes_too_long_in_all():
    """Each of its answers comes in time, but there is no end of it."""
    with Filter() as one, Filter({"B": filters.in_no_hurry(5, 0.1)}) as two:
        use(one.endpoint, two.endpoint, timeout="00:00:02")
        begun = time.monotonic()
        with session(timeout_s=60) as client:
            equal(send(header(new_token()) + BIG * 2, client).code, 451, "reply")
        check(19 < time.monotonic() - begun < 50, f"after {time.monotonic() - begun:.1f} s")
    until(lambda: "takes more time than a question may take" in server.log(), server.log_tail)


@test
def the_hub_dies_while_the_second_hears():
    reading, go_on = threading.Event(), threading.Event()
    with Filter() as one, Filter({"B": lambda data, session: reading.set() or go_on.wait(20) and filters.CONTINUE}) as two:
        use(one.endpoint, two.endpoint)
        with session() as client:
            client.envelope(ALICE, [BOB])
            client.expect("DATA", 354)
            client.send(header(new_token()) + BIG + b".\r\n")
            check(reading.wait(20), "the second does not hear the body")
            the_hub_dies(client, go_on, BIG)
        check(two.body().endswith(BIG), "what the second heard then")


@test
def the_hub_dies_while_many_wait_for_it():
    """Those who have asked it for a piece, and those in line behind them."""
    count, go_on, answers = 40, threading.Event(), []
    with Filter({"E": lambda data, session: go_on.wait(60) and filters.CONTINUE}) as one, Filter(steps=filters.SILENT_ALL) as two:
        use(one.endpoint, two.endpoint)

        def two_messages():
            with session(timeout_s=60) as client:
                codes = [send(header(new_token()) + b"x\r\n", client).code]
                until(lambda: client.command(f"MAIL FROM:<{ALICE}>").code == 250 and client.command(f"RCPT TO:<{BOB}>").code == 250
                      or client.expect("RSET", 250) and False, "there is no new hub")
                answers.append((*codes, client.data(header(new_token()) + b"x\r\n").code))
        clients = [threading.Thread(target=two_messages) for _ in range(count)]
        for client in clients:
            client.start()
        heard_after(one, "E", count)
        hub = server.pids("hub")[0]
        server.deaths_expected += 1
        os.kill(hub, signal.SIGSTOP)
        go_on.set()
        heard_after(two, "N", count)
        os.kill(hub, signal.SIGKILL)
        for client in clients:
            client.join()
        equal(answers, [(451, 250)] * count, "replies")


@test
def what_no_store_takes_the_second_does_not_hear():
    """Its last piece is the one too many: the second is being told already."""
    huge = filters.replace_body(b"0123456789abcde\r\n" * 3576) * 2588  # 150 MiB, and a little more with the last
    with Filter({"E": huge + filters.CONTINUE}) as one, Filter(steps=filters.SILENT_ALL) as two:
        use(one.endpoint, two.endpoint)
        with session(timeout_s=120) as client:
            answer = send(header(new_token()) + b"x\r\n", client)
            check(answer.code in (451, 452), text_of(answer))
            one.replies = {}
            equal(send(header(new_token()) + b"x\r\n", client).code, 250, "the next message")
        equal(len(two.of("E")), 1, "ends that the second heard")


@test
def a_client_that_leaves_ends_the_turn():
    with Filter() as one, Filter({"B": None}) as two:
        use(one.endpoint, two.endpoint, timeout="00:00:03")
        with session() as client:
            client.envelope(ALICE, [BOB])
            client.expect("DATA", 354)
            client.send(header(new_token()) + BIG + b".\r\n")
            heard_after(two, "B")
            client.abort()
        until(lambda: two.ended, "the second is not told")
        two.replies = {}
        equal(send(header(new_token()) + BIG).code, 250, "the next message")


run_all()
