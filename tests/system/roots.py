# SPDX-License-Identifier: Apache-2.0
"""Roots that come and go: chains are judged again at the next start, and again by a vault that is started anew."""
import csv
import glob
import os
import signal
import time

from authority import Authority
from harness import Server, check, equal, run, test

server = Server()
authority = Authority(server.folder)
trusted = os.path.join(server.folder, "trusted")
server.options += ["--trust", trusted]


def trust(*names):
    """The folder of roots holds these."""
    for name in os.listdir(trusted):
        os.unlink(os.path.join(trusted, name))
    for name in names:
        os.link(authority.path(name), os.path.join(trusted, name + ".pem"))


def bring(name):
    with open(authority.path(name, "all"), "wb") as file:
        for kind in ("chain", "key"):
            with open(authority.path(name, kind), "rb") as part:
                file.write(part.read())
    server.postern("Import-ExchangeCertificate", "-FileName", authority.path(name, "all"))


def shown(name):
    return server.get("Get-ExchangeCertificate", authority.thumbprint(name))[0]


def status(name):
    return shown(name)["Status"], shown(name)["RootCAType"], shown(name)["Findings"]


def events(words=""):
    found = []
    for name in sorted(glob.glob(os.path.join(server.data, "logs", "EVENT*.log"))):
        with open(name, newline="", encoding="ascii") as file:
            lines = [line for line in file.read().split("\r\n") if line]
        fields = [line[9:].split(",") for line in lines if line.startswith("#Fields: ")][-1]
        rows = (dict(zip(fields, next(csv.reader([line])))) for line in lines if not line.startswith("#"))
        found += [row for row in rows if row["event-id"] == "12112" and words in row["text"]]
    return found


def until(what, holds, timeout_s=20):
    deadline = time.monotonic() + timeout_s
    while not holds():
        check(time.monotonic() < deadline, f"{what}: not within {timeout_s} s")
        time.sleep(0.1)


def restart(*roots):
    equal(server.stop(), 0, "exit status")
    trust(*roots)
    server.start()


GOOD, BAD = ("Valid", "Enterprise", "None"), ("Untrusted", "Unknown", "UntrustedRoot")


def make():
    os.mkdir(trusted)
    authority.issuer("first")
    authority.issuer("second")
    authority.issuer("below", "second")
    for name, chain in (("first", ("first",)), ("second", ("below", "second"))):
        authority.leaf("of-" + name, chain[0], [f"{name}.example.test"], chain=chain)
    trust("first")


@test
def a_start_with_the_same_roots_changes_nothing(_):
    bring("of-first")
    bring("of-second")
    equal((status("of-first"), status("of-second")), (GOOD, BAD), "at import")
    before = server.get("Get-ExchangeCertificate"), server.get("Get-ReceiveConnector")
    restart("first")
    time.sleep(1)
    equal((server.get("Get-ExchangeCertificate"), server.get("Get-ReceiveConnector")), before, "after a restart")
    equal(events(), [], "events")


@test
def other_roots_are_another_verdict(_):
    made_here = [one for one in server.get("Get-ExchangeCertificate") if one["Subject"] not in
                 (shown("of-first")["Subject"], shown("of-second")["Subject"])]
    restart("second")
    until("the new verdict", lambda: status("of-second") == GOOD)
    equal(status("of-first"), BAD, "of the root that is gone")
    until("both events", lambda: len(events()) == 2)
    rows = events(authority.thumbprint("of-first"))
    equal(rows[0]["level"], "Warning", "level")
    check("was Valid and is Untrusted" in rows[0]["text"], rows[0]["text"])
    rows = events(authority.thumbprint("of-second"))
    equal(rows[0]["level"], "Information", "level")
    check("was Untrusted and is Valid" in rows[0]["text"], rows[0]["text"])
    check(made_here, "the server has certificates of its own")
    for one in made_here:
        now = server.get("Get-ExchangeCertificate", one["Thumbprint"])[0]
        equal((now["Status"], now["RootCAType"]), (one["Status"], one["RootCAType"]), one["Subject"])
    restart("second")
    time.sleep(1)
    equal(len(events()), 2, "events after one more start")


@test
def a_new_vault_is_asked_too(_):
    """Its roots are read when it starts, so a crash is enough."""
    trust("first", "second")
    server.deaths_expected += 1
    os.kill(server.pids("checker")[0], signal.SIGKILL)
    until("the new verdict", lambda: status("of-first") == GOOD)
    equal(status("of-second"), GOOD, "which was good before")
    until("the third event", lambda: len(events()) == 3)


make()
run(120, server)
