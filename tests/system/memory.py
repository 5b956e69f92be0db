# SPDX-License-Identifier: Apache-2.0
"""What an idle connection costs. The limits hold for a release build; a sanitizer build is only reported."""
import time

from harness import (Client, Server, check, more_descriptors, run, sanitized, test)

server = Server()
CONNECTIONS = 1000
PLAIN_KIB, TLS_KIB = 4.0, 40.0


def edges_kib():
    """The proportional set size of all edges."""
    total = 0
    for pid in server.pids("edge"):
        with open(f"/proc/{pid}/smaps_rollup") as file:
            total += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    return total


def settled_kib():
    """Waits until the figure has stood still for a second."""
    last, since = edges_kib(), time.monotonic()
    while time.monotonic() - since < 1:
        time.sleep(0.2)
        now = edges_kib()
        if abs(now - last) > 64:
            last, since = now, time.monotonic()
    return last


def plain_one():
    client = Client(server.port(25))
    client.ehlo()
    return client


def tls_one():
    client = Client(server.port(587))
    client.ehlo()
    client.starttls()
    return client


def cost(open_one, limit_kib):
    warm = [open_one() for _ in range(20)]
    for client in warm:
        client.close()
    time.sleep(0.5)
    before = settled_kib()
    held = []
    try:
        for _ in range(CONNECTIONS):
            held.append(open_one())
        each = (settled_kib() - before) / CONNECTIONS
    finally:
        for client in held:
            client.close()
    note = f"{each:.2f} KiB per connection (limit {limit_kib:.0f})"
    if sanitized():
        return note + ", sanitizer build: not judged"
    check(each <= limit_kib, note)
    return note


@test
def idle_plain(_):
    more_descriptors(4096)
    return cost(plain_one, PLAIN_KIB)


@test
def idle_tls(_):
    return cost(tls_one, TLS_KIB)


@test
def memory_is_given_back(_):
    """The same connections again and again leave no trace beyond the first round."""
    sizes = []
    for _ in range(4):
        held = []
        for _ in range(CONNECTIONS // 2):
            held.append(plain_one())
        for client in held:
            client.close()
        sizes.append(settled_kib())
    note = f"{sizes} KiB after each round"
    if not sanitized():
        check(sizes[-1] <= sizes[0] * 1.1 + 256, note)
    return note


run(180, server)
