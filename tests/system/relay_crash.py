# SPDX-License-Identifier: Apache-2.0
"""kill -9 while mail leaves: every accepted message comes once, or what came twice is recorded as possible duplicate; and a message
that kills its couriers is set aside, while what travelled beside it arrives."""
import collections
import contextlib
import glob
import os
import random
import re
import signal
import threading
import time

from harness import DOMAIN, FULL, Client, Failed, Server, check, equal, new_token, run, test, until
from sink import Sink

server = Server()
KILLS = 40 if FULL else 8


def kill(pid, by=signal.SIGKILL):
    server.deaths_expected += 1
    os.kill(pid, by)


def text(token, recipient):
    return f"From: <bob@{DOMAIN}>\r\nTo: <{recipient}>\r\nSubject: {token}\r\nMessage-ID: <{token}@{DOMAIN}>\r\n\r\nbody\r\n".encode()


def submitting():
    client = Client(server.port(587), timeout_s=10)
    client.ehlo()
    client.starttls()
    client.ehlo()
    client.log_in("bob")
    return client


def submit(client, token, recipient):
    client.envelope(f"bob@{DOMAIN}", [recipient])
    return client.data(text(token, recipient)).code == 250


@contextlib.contextmanager
def connector(name, space, port):
    server.postern("New-SendConnector", "-Name", name, "-AddressSpaces", space, "-SmartHosts", "[127.0.0.1]", "-DNSRoutingEnabled", "$false",
                   "-Port", str(port))
    try:
        yield
    finally:
        server.postern("Remove-SendConnector", name, "-Confirm:$false")


def came(sink):
    """How often each token came."""
    return collections.Counter(re.search(rb"Subject: (\S+)", body).group(1).decode() for _sender, _recipients, body in sink.messages)


def rows(*words):
    return server.get("Get-MessageTrackingLog", "-ResultSize", "Unlimited", *words)


def holders(port):
    """The couriers that are connected to this port."""
    inodes = set()
    with open("/proc/net/tcp") as file:
        for line in list(file)[1:]:
            words = line.split()
            if words[2].endswith(f":{port:04X}") and words[3] == "01":
                inodes.add(f"socket:[{words[9]}]")
    found = []
    for pid in server.pids("courier"):
        for path in glob.glob(f"/proc/{pid}/fd/*"):
            try:
                if os.readlink(path) in inodes:
                    found.append(pid)
                    break
            except OSError:
                continue
    return found


@test
def users(_):
    server.add_user("bob")
    server.postern("Add-ADPermission", "Client Frontend MX", "-User", "bob", "-ExtendedRights", "ms-Exch-SMTP-Accept-Any-Recipient")


class Load:
    def __init__(self, connections):
        self.over, self.accepted, self.lock = threading.Event(), set(), threading.Lock()
        self.workers = [threading.Thread(target=self.work, daemon=True) for _ in range(connections)]

    def work(self):
        while not self.over.is_set():
            try:
                with submitting() as client:
                    while not self.over.is_set():
                        token = new_token()
                        if submit(client, token, f"{token}@elsewhere.example"):
                            with self.lock:
                                self.accepted.add(token)
            except (OSError, Failed):
                time.sleep(0.02)

    def __enter__(self):
        for worker in self.workers:
            worker.start()
        return self

    def __exit__(self, *unused):
        self.over.set()
        for worker in self.workers:
            worker.join(20)


@test
def once_or_recorded(_):
    def taken(_argument, _number):
        time.sleep(random.choice((0, 0, 0.05)))
        return "250 2.6.0 taken"

    with Sink(replies={"end": taken}) as sink, connector("All", "elsewhere.example", sink.port):
        with Load(3) as load:
            for turn in range(KILLS):
                time.sleep(random.uniform(0.6, 1.2))
                role = "hub" if turn % 4 == 3 else "courier"
                kill(random.choice(until(lambda: server.pids(role), f"there is no {role}")))
                before = len(sink.messages)
                until(lambda: len(sink.messages) > before + 5, "nothing leaves any more")
        until(lambda: load.accepted <= set(came(sink)), lambda: f"lost: {sorted(load.accepted - set(came(sink)))[:5]}", 120)
        server.settle(60)
        count = came(sink)
        twice = {token for token, number in count.items() if number > 1}
        recorded = {row["MessageId"].strip("<>").split("@")[0] for row in rows() if "PossibleDuplicate=True" in row["CustomData"]}
        note = f"{KILLS} kills, {len(load.accepted)} accepted, {len(twice)} came twice, {len(recorded)} recorded as possible duplicates"
        check(len(load.accepted) >= 10 * KILLS, note + ": too little load")
        check(twice <= recorded, note + f": {sorted(twice - recorded)[:5]} are not recorded")
        check(len(recorded) < len(load.accepted) / 2, note + ": that is no record, but a suspicion of everybody")
        equal([queue["MessageCount"] for queue in server.get("Get-Queue") if "Poison" in queue["Identity"]], [], "convicted")
    return note


def notices():
    return [content for content in server.messages().values() if b"report-type=delivery-status" in content]


def poison_queue():
    return server.get("Get-Message", "-Queue", "Poison")


def until_aside(what):
    (message,) = until(poison_queue, lambda: f"{what}: no message is set aside: {server.get('Get-Queue')} {server.log_tail()}", 60)
    return message


@test
def a_message_that_kills_is_set_aside(_):
    deaths, deadly, hub_died, by = [], [True], threading.Event(), [signal.SIGABRT]

    def strike(argument, number):
        if not deadly[0]:
            return "250 2.1.5 ok"
        victims = holders(killer.port)
        deaths.extend([number] if victims else [])  # a connection may be left behind by its courier
        for pid in victims:
            kill(pid, by[0])
        return None

    def greet(_argument, _number):
        if len(deaths) == 2:  # the hub is to forget what it knew by heart
            hub_died.wait(30)
        return "220 sink.example ready"

    def slow(_argument, _number):
        time.sleep(0.3)
        return "250 2.6.0 taken"

    with Sink(replies={"RCPT": strike, "greeting": greet}) as killer, Sink(replies={"end": slow}) as innocent, \
            connector("Out", "elsewhere.example", innocent.port), connector("Deadly", "deadly.example", killer.port):
        tokens = [new_token() for _ in range(30)]
        with submitting() as client:
            for token in tokens[:15]:
                check(submit(client, token, f"{token}@elsewhere.example"), "refused")
            check(submit(client, "deadly", "x@deadly.example"), "refused")
            for token in tokens[15:]:
                check(submit(client, token, f"{token}@elsewhere.example"), "refused")
        until(lambda: len(deaths) == 2, lambda: f"{len(deaths)} deaths")
        time.sleep(1.5)
        kill(server.pids("hub")[0])
        time.sleep(0.5)
        hub_died.set()
        message = until_aside("after three deaths")
        equal(len(deaths), 3, "deaths")
        equal((message["Status"], message["Recipients"]), ("Suspended", ["x@deadly.example"]), "the message")
        (queue,) = server.get("Get-Queue", "Poison")
        equal((queue["MessageCount"], queue["DeliveryType"], queue["NextHopDomain"]), (1, "Undefined", "Poison Message"), "the queue")
        check("Resume-Message" in queue["LastError"], queue["LastError"])
        until(lambda: set(tokens) <= set(came(innocent)), lambda: f"{len(came(innocent))} of {len(tokens)} innocent ones came", 60)
        until(lambda: [row["Recipients"] for row in rows("-EventId", "POISONMESSAGE")] == [["x@deadly.example"]],
              lambda: f"{rows('-EventId', 'POISONMESSAGE')}", 5)
        check("event=poison" in server.log() and "waits in the queue Poison" in server.log(), "no event")
        server.stop()
        server.start()
        time.sleep(1.5)
        equal(len(poison_queue()), 1, "messages in Poison after a start")
        equal(len(deaths), 3, "deaths")
        deadly[0] = False
        server.postern("Resume-Message", message["Identity"], "-Confirm:$false")
        until(lambda: came(killer)["deadly"] == 1, lambda: f"it was resumed and did not come: {server.get('Get-Message')}", 30)
        server.settle()
        equal(poison_queue(), [], "Poison")
        deadly[0] = True
        deaths.clear()
        hub_died.set()
        by[0] = signal.SIGKILL  # that may be anybody's doing: two acquittals
        with submitting() as client:
            check(submit(client, "again", "y@deadly.example"), "refused")
        message = until_aside("once more")
        equal(len(deaths), 5, "deaths")
        check("alone in a courier that was killed from outside (2 of 3 times)" in server.log(), "nothing is said of it")
        equal(notices(), [], "notices before somebody decides")
        server.postern("Remove-Message", message["Identity"], "-Confirm:$false")
        server.settle()
        until(notices, "the sender of what was removed hears nothing", 10)
        check(b"y@deadly.example" in notices()[0] and b"QUEUE.Admin" in notices()[0], f"{notices()[0][:600]}")


run(900 if FULL else 240, server)
