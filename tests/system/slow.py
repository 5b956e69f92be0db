# SPDX-License-Identifier: Apache-2.0
"""Slow and silent clients in numbers: a well-behaved one is served within 5 s all the same."""
import contextlib
import os
import socket
import threading
import time

from harness import (DOMAIN, FULL, Client, Failed, Server, check, header, more_descriptors, new_token, run, test)

server = Server()
IDLE, TRICKLING, HALF = (2000, 1000, 500) if FULL else (500, 300, 200)
WITHIN_S = 5.0


def good_client(server=server):
    """A whole session with TLS; returns how long it took."""
    begun = time.monotonic()
    with Client(server.port(25), timeout_s=15) as client:
        client.ehlo()
        client.starttls()
        client.mail("someone@example.org", [f"bob@{DOMAIN}"], header(new_token()) + b"x\r\n")
        client.expect("QUIT", 221)
    took = time.monotonic() - begun
    check(took <= WITHIN_S, f"a good client waited {took:.1f} s")
    return took


def connect(count, port=25, first=b""):
    held = []
    for _ in range(count):
        one = socket.create_connection(("127.0.0.1", server.port(port)), timeout=10)
        if first:
            one.sendall(first)
        held.append(one)
    return held


def close(held):
    for one in held:
        one.close()


@contextlib.contextmanager
def trickling(held, line):
    """A byte of `line`, over and over, on each connection every half second."""
    over = threading.Event()

    def trickle():
        at = 0
        while not over.wait(0.5):
            for one in held:
                with contextlib.suppress(OSError):
                    one.send(line[at % len(line):at % len(line) + 1])
            at += 1
    thread = threading.Thread(target=trickle, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(10)


def memory_kib():
    total = 0
    for pid in server.children():
        with contextlib.suppress(OSError):
            with open(f"/proc/{pid}/smaps_rollup") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    return total


@test
def users(_):
    more_descriptors(20000)
    server.add_user("bob")
    good_client()


@test
def idle_sessions(_):
    held = connect(IDLE)
    try:
        slowest = max(good_client() for _ in range(10))
        return f"{IDLE} idle, slowest good session {slowest:.2f} s"
    finally:
        close(held)


@test
def slow_commands(_):
    held = connect(TRICKLING)
    try:
        with trickling(held, b"E"):
            time.sleep(1)
            slowest = max(good_client() for _ in range(10))
        return f"{TRICKLING} trickling, slowest good session {slowest:.2f} s"
    finally:
        close(held)


@test
def slow_bodies(_):
    held = connect(TRICKLING, first=b"")
    begun = time.monotonic()
    for line, answers in ((b"EHLO x\r\n", 2), (b"MAIL FROM:<a@example.org>\r\n", 1), (b"RCPT TO:<bob@example.test>\r\n", 1), (b"DATA\r\n", 1)):
        for one in held:
            one.recv(4096)
            one.sendall(line)
    for one in held:
        check(one.recv(4096)[:3] == b"354", "no 354 for a slow client")
    try:
        with trickling(held, b"x"):
            time.sleep(1)
            slowest = max(good_client() for _ in range(10))
        return f"{TRICKLING} slow bodies (opened in {time.monotonic() - begun:.1f} s), slowest good session {slowest:.2f} s"
    finally:
        close(held)


@test
def half_handshakes(_):
    begun = time.monotonic()
    silent = connect(HALF, 465)
    half = connect(HALF, 465, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    try:
        slowest = max(good_client() for _ in range(10))
        time.sleep(max(0, begun + 13 - time.monotonic()))
        gone = 0
        for one in silent + half:
            one.settimeout(0.05)
            with contextlib.suppress(TimeoutError, ConnectionError):
                while one.recv(4096):
                    pass
                gone += 1
        check(gone >= 2 * HALF * 0.95, f"only {gone} of {2 * HALF} half handshakes were ended after 13 s")
        return f"{2 * HALF} half handshakes, slowest good session {slowest:.2f} s"
    finally:
        close(silent + half)


@test
def readers_that_do_not_read(_):
    """Endless commands, no answer taken: what the server keeps for such a client is bounded."""
    before, held = memory_kib(), []
    for _ in range(20):
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        one.connect(("127.0.0.1", server.port(25)))
        one.setblocking(False)
        held.append(one)
    begun, sent = time.monotonic(), 0
    while time.monotonic() < begun + 4:
        for one in held:
            with contextlib.suppress(OSError):
                sent += one.send(b"EHLO x\r\n" * 512)
        time.sleep(0.01)
    good_client()
    grown = memory_kib() - before
    close(held)
    check(grown < 20 * 1024 + 65536, f"{grown} KiB more memory for 20 clients")
    return f"{sent >> 10} KiB sent, {grown} KiB more memory"


@test
def lines_without_end(_):
    before, held = memory_kib(), []
    for _ in range(10):
        one = socket.create_connection(("127.0.0.1", server.port(25)), timeout=5)
        with contextlib.suppress(OSError):
            for _ in range(20):
                one.sendall(b"A" * (1 << 20))
        held.append(one)
    good_client()
    grown = memory_kib() - before
    close(held)
    check(grown < 10 * 1024 + 65536, f"{grown} KiB more memory for 10 endless lines")
    return f"{grown} KiB more memory"


@test
def connect_and_go(_):
    begun, count = time.monotonic(), 0
    while time.monotonic() < begun + 3:
        with contextlib.suppress(OSError):
            one = socket.create_connection(("127.0.0.1", server.port(25)), timeout=5)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            one.close()
            count += 1
    slowest = max(good_client() for _ in range(5))
    return f"{count} connections dropped at once, slowest good session {slowest:.2f} s"


@test
def out_of_descriptors(_):
    """Few files may be open and many clients come: the edges pause, do not spin, and go on when there is room."""
    few = Server(limit_descriptors=96)
    few.start()
    try:
        few.add_user("bob")
        held = [socket.create_connection(("127.0.0.1", few.port(25)), timeout=10) for _ in range(400)]
        time.sleep(1)
        edges = few.pids("edge")
        before = [cpu_of(pid) for pid in edges]
        time.sleep(1)
        spent = max(after - b for after, b in zip([cpu_of(pid) for pid in edges], before))
        check(spent < 0.5, f"an edge used {spent:.2f} s of processor in one second without descriptors")
        few.get("Get-TransportService")
        close(held)
        time.sleep(0.5)
        took = good_client(few)
        check(few.stop() == 0 and not few.complaints(), f"in the log: {few.log_tail()}")
    finally:
        few.kill()
    return f"{spent:.2f} s of processor in a second, then a session in {took:.2f} s"


def cpu_of(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@test
def all_roles_are_the_same(_):
    if server.complaints():
        raise Failed(f"in the log: {server.complaints()[:3]}")


run(240, server)
