# SPDX-License-Identifier: Apache-2.0
"""kill -9 under load: nothing acknowledged is lost, nothing torn is delivered, service within 2 s."""
import collections
import os
import random
import re
import signal
import threading
import time

from harness import (DOMAIN, FULL, ROLES, Client, Failed, Server, check, header, new_token, run, test)

server = Server()
ROUNDS_OF_ROLES = 10 if FULL else 1
KILLS_OF_ALL = 50 if FULL else 5
CONNECTIONS = 4
BACK_WITHIN_S = 2.0 if FULL else 10.0  # the machine of a short run has other work, too
END = b"the end of the message\r\n"


class Load:
    """Clients that send until told to stop, each token remembered once its 250 has been read."""

    def __init__(self):
        self.over = threading.Event()
        self.acknowledged, self.attempted = set(), 0
        self.lock = threading.Lock()
        self.workers = [threading.Thread(target=self.work, daemon=True) for _ in range(CONNECTIONS)]

    def send(self, client):
        token = new_token()
        filler = b"".join(b"%06d " % i + b"x" * 60 + b"\r\n" for i in range(random.choice((1, 20, 400))))
        client.envelope("someone@example.org", [f"bob@{DOMAIN}"])
        with self.lock:
            self.attempted += 1
        if client.data(header(token) + filler + END).code == 250:
            with self.lock:
                self.acknowledged.add(token.encode())

    def work(self):
        while not self.over.is_set():
            try:
                with Client(server.port(25), timeout_s=5) as client:
                    client.ehlo()
                    while not self.over.is_set():
                        self.send(client)
            except (OSError, Failed):
                time.sleep(0.01)

    def __enter__(self):
        for worker in self.workers:
            worker.start()
        return self

    def __exit__(self, *unused):
        self.over.set()
        for worker in self.workers:
            worker.join(15)


def time_until(serves, since, limit_s=20):
    why = None
    while time.monotonic() < since + limit_s:
        try:
            serves()
            return time.monotonic() - since
        except (OSError, Failed) as error:
            why = error
            time.sleep(0.01)
    raise Failed(f"no service {limit_s} s after the kill: {why}: {server.log_tail()}")


def mail_flows():
    with Client(server.port(25), timeout_s=3) as client:
        client.ehlo()
        client.starttls()
        client.mail("someone@example.org", [f"bob@{DOMAIN}"], header(new_token()) + END)


def logins_work():
    with Client(server.port(587), timeout_s=3) as client:
        client.ehlo()
        client.starttls()
        client.log_in("alice")


def all_served():
    """Every edge must serve, so more than one session is tried."""
    for _ in range(3):
        mail_flows()
    logins_work()


def account(load, kills):
    """Compares what was acknowledged with what arrived."""
    server.settle(60)
    count, torn = collections.Counter(), 0
    for content in server.messages().values():
        match = re.search(rb"\r\nSubject: (token-\S+)\r\n", content)
        torn += not content.endswith(END)
        count[match.group(1) if match else b""] += 1
    lost = load.acknowledged - set(count)
    duplicates = sum(number - 1 for number in count.values())
    note = (f"{kills} kills, {len(load.acknowledged)} acknowledged, {sum(count.values())} delivered, {len(lost)} lost, "
            f"{torn} torn, {duplicates} duplicates")
    check(not lost, note + f": {sorted(lost)[:3]}")
    check(not torn, note)
    check(duplicates <= kills, note)
    check(len(load.acknowledged) >= kills * 10, note + ": too little load")
    return note


@test
def users(_):
    server.add_user("alice")
    server.add_user("bob")
    all_served()


@test
def each_role_in_turn(_):
    kills, slowest, slow_role = 0, 0.0, ""
    with Load() as load:
        for turn in range(ROUNDS_OF_ROLES):
            time.sleep(5.5 if turn else 1.0)
            for role in ROLES:
                victims = server.pids(role, always=True)
                check(victims, f"there is no {role}")
                time.sleep(random.uniform(0.3, 0.6))
                os.kill(random.choice(victims), signal.SIGKILL)
                killed = time.monotonic()
                server.deaths_expected += 1
                time.sleep(0.005)
                took = time_until(all_served, killed)
                kills += 1
                if took > slowest:
                    slowest, slow_role = took, role
                if took > BACK_WITHIN_S:
                    raise Failed(f"service only {took:.2f} s after the {role} was killed")
                begun = time.monotonic()
                while len(server.pids(role, always=True)) < len(victims) and time.monotonic() < begun + 5:
                    time.sleep(0.02)
                check(len(server.pids(role, always=True)) == len(victims), f"the {role} was not started again")
    return account(load, kills) + f", service within {slowest:.2f} s ({slow_role})"


@test
def every_process_of_a_role_at_once(_):
    """All edges, all signers, all couriers: no other process stands in."""
    time.sleep(5.5)
    kills, slowest = 0, 0.0
    with Load() as load:
        for role in ("edge", "signer", "courier"):
            time.sleep(0.5)
            victims = server.pids(role)
            for pid in victims:
                os.kill(pid, signal.SIGKILL)
            killed = time.monotonic()
            kills += len(victims)
            server.deaths_expected += len(victims)
            slowest = max(slowest, time_until(all_served, killed))
            check(slowest <= BACK_WITHIN_S, f"service only {slowest:.2f} s after all of role {role} were killed")
    return account(load, kills) + f", service within {slowest:.2f} s"


@test
def all_at_once(_):
    slowest, load = 0.0, Load()
    with load:
        for _ in range(KILLS_OF_ALL):
            time.sleep(random.uniform(0.4, 1.0))
            server.kill_processes()
            begun = time.monotonic()
            server.start()
            took = time_until(mail_flows, begun)
            slowest = max(slowest, took)
            check(took <= BACK_WITHIN_S, f"service only {took:.2f} s after a start")
    return account(load, KILLS_OF_ALL) + f", service within {slowest:.2f} s"


@test
def the_supervisor_alone(_):
    """Its children end with it: no orphan keeps a port or the store."""
    children = server.children()
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    server.process.stdout.close()
    server.process = None
    deadline = time.monotonic() + 5
    while any(os.path.exists(f"/proc/{pid}") for pid in children):
        check(time.monotonic() < deadline, "children outlive the supervisor")
        time.sleep(0.02)
    begun = time.monotonic()
    server.start()
    took = time_until(mail_flows, begun)
    check(took <= BACK_WITHIN_S, f"service only {took:.2f} s after the start")


run(1200 if FULL else 200, server)
