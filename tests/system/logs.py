# SPDX-License-Identifier: Apache-2.0
"""The log files: events, protocol logs, message tracking, and that mail never waits for them."""
import csv
import glob
import os
import re
import time

from harness import (Client, Server, check, equal, plain, run, test)

server = Server()


def log_files(*parts):
    return sorted(glob.glob(os.path.join(server.data, "logs", *parts)))


def rows(*parts):
    """The rows of a log, {field: value}, oldest first."""
    found = []
    for path in log_files(*parts):
        with open(path, newline="", encoding="ascii") as file:
            text = file.read()
        check(text.endswith("\r\n"), f"{path} does not end with a whole row")
        names = []
        for line in text.split("\r\n")[:-1]:
            check(all(" " <= c <= "~" for c in line), f"a row that is not printable: {line!r:.300}")
            if line.startswith("#Fields: "):
                names = line[9:].split(",")
            elif not line.startswith("#"):
                values = next(csv.reader([line], strict=True))
                equal(len(values), len(names), f"fields of {line!r:.300}")
                found.append(dict(zip(names, values)))
    return found


def eventually(what, find, timeout_s=10):
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        found = find()
        if found:
            return found
        time.sleep(0.05)
    check(False, f"not within {timeout_s} s: {what}")


def events(words):
    return [row for row in rows("EVENT*.log") if words in row["text"]]


@test
def events_have_level_number_and_source(_):
    with Client(server.port(587)) as client:
        client.ehlo()
        client.starttls()
        client.expect("AUTH PLAIN " + plain("nobody", "wrong"), 535)
    row = eventually("the failed login", lambda: events("LogonDenied"))[-1]
    equal((row["level"], row["event-id"]), ("Warning", "1035"), "level and number")
    check(re.fullmatch(r"edge \d+", row["source"]), f"source {row['source']}")
    check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", row["date-time"]), row["date-time"])
    check("LogonDenied" in server.log(), "it is not on standard error, too")
    name = os.path.basename(log_files("EVENT*.log")[-1])
    check(re.fullmatch(r"EVENT\d{8}-\d+\.log", name), name)


@test
def events_of_the_hub(_):
    """A connector without a certificate: 12014, said by the hub itself."""
    server.postern("Set-ReceiveConnector", server.connector(717), "-TlsCertificateName", "0" * 40,
                   "-TlsCertificateFallback", "$false")
    row = eventually("12014", lambda: [row for row in rows("EVENT*.log") if row["event-id"] == "12014"])[-1]
    equal((row["level"], row["source"]), ("Error", "hub"), "level and source")
    server.postern("Set-ReceiveConnector", server.connector(717), "-TlsCertificateName", "$null",
                   "-TlsCertificateFallback", "$true")


@test
def logs_are_private(_):
    equal(oct(os.stat(os.path.join(server.data, "logs")).st_mode & 0o777), "0o700", "mode of the folder")
    for path in log_files("*.log") + log_files("*", "*.log"):
        equal(oct(os.stat(path).st_mode & 0o777), "0o600", f"mode of {path}")


@test
def a_restart_goes_on_in_the_same_file(_):
    before = log_files("EVENT*.log")
    server.stop()
    server.start()
    server.postern("Set-ReceiveConnector", server.connector(717), "-TlsCertificateName", "1" * 40,
                   "-TlsCertificateFallback", "$false")
    eventually("12014 of this start", lambda: len([row for row in rows("EVENT*.log") if row["event-id"] == "12014"]) > 1)
    equal(log_files("EVENT*.log"), before, "files")


run(180, server)
