# SPDX-License-Identifier: Apache-2.0
"""The tutorials, played to the end as a user would: every step checks itself, and everything is put back."""
import os
import re

from harness import PASSWORD, Server, check, equal, run, test

server = Server()
STEPS = 13


def configuration():
    """What a tutorial could change, without dates and counters."""
    connectors = [{name: value for name, value in one.items() if not re.search("When|Version|DaysLeft", name)}
                  for one in server.get("Get-ReceiveConnector")]
    return connectors, sorted(one["Thumbprint"] for one in server.get("Get-ExchangeCertificate") if "Tutorial" not in one["Subject"])


@test
def certificate_warning(_):
    server.add_user("demo")
    with open(os.path.join(server.data, "demo"), "w") as file:
        file.write(f"demo {PASSWORD.replace(' ', '-')}\n")
    server.postern("Set-Mailbox", "demo", "-Password", "-", input=PASSWORD.replace(" ", "-") + "\n")
    before = configuration()
    done = server.postern("tutorial", "certificate-warning", good=None, timeout_s=120)
    if os.environ.get("POSTERN_TRACE") == "1":
        print(done.stdout, done.stderr)
    wrong = [line for line in done.stdout.splitlines() if re.search("NOT AS|NOT as", line)]
    check(not wrong and done.returncode == 0, f"exit {done.returncode}: {wrong[:6]} {done.stderr!r}")
    equal(done.stdout.count("(as it should be)"), STEPS, "steps")
    equal(configuration(), before, "what is left of it")
    return f"{STEPS} steps"


@test
def a_second_time(_):
    equal(server.postern("tutorial", "certificate-warning", "--yes", good=None, timeout_s=120).returncode, 0, "exit status")


@test
def only_where_nobody_else_is(_):
    before = server.get("Get-ReceiveConnector", server.connector(587))[0]["Bindings"]
    server.postern("Set-ReceiveConnector", server.connector(587), "-Bindings", f"0.0.0.0:{server.port(587)}")
    done = server.postern("tutorial", "certificate-warning", good=None)
    equal((done.returncode, done.stdout), (5, ""), "refused")
    check("loopback" in done.stderr and "./dev run" in done.stderr, f"{done.stderr!r}")
    server.postern("Set-ReceiveConnector", server.connector(587), "-Bindings", *before)


@test
def unknown_ones_are_named(_):
    equal(server.postern("tutorial", "x", good=None).returncode, 2, "exit status")


run(200, server)
