# SPDX-License-Identifier: Apache-2.0
"""The server looks at its own listeners from outside: on demand, and before a change is called done."""
import contextlib
import hashlib
import json
import os
import signal
import sqlite3
import time

from harness import Client, Server, check, equal, presented, run, test

server = Server()


def set_on(port, *words, good=True):
    return server.postern("Set-ReceiveConnector", server.connector(port), *words, good=good)


def rows(port):
    return server.get("Test-ReceiveConnector", server.connector(port))


def make(domain, algorithm):
    before = {one["Thumbprint"] for one in server.get("Get-ExchangeCertificate")}
    server.postern("New-ExchangeCertificate", "-DomainName", domain, "-KeyAlgorithm", algorithm, "-Services", "SMTP", "-Confirm:$false")
    return ({one["Thumbprint"] for one in server.get("Get-ExchangeCertificate")} - before).pop()


def told(done, text):
    check(text in done.stdout, f"{text!r} is not in the reply: {done.stdout!r} {done.stderr!r}")


@test
def every_listener_is_seen_as_a_client_sees_it(_):
    for port, implicit in ((25, False), (587, False), (465, True)):
        seen = rows(port)
        equal({(row["TlsVersion"], row["Keys"]) for row in seen}, {("TLS1.2", "Elliptic"), ("TLS1.3", "Elliptic")}, "handshakes")
        shown = hashlib.sha1(presented(server.port(port), implicit)).hexdigest().upper()
        for row in seen:
            equal((row["Verdict"], row["Seen"], row["Expected"]), ("AsExpected", shown, shown), f"{port}")
    check(len(server.get("Test-ReceiveConnector")) >= 12, "all connectors, when none is named")


@test
def a_change_is_done_when_it_is_seen(_):
    server.rsa, server.ecdsa = make("mail.example.test", "RSA"), make("mail.example.test", "ECDSA_P256")
    told(set_on(587, "-Fqdn", "mail.example.test"), "seen from outside: 4 handshakes, each as it should be")
    equal({(row["Keys"], row["Seen"]) for row in rows(587)}, {("RSA", server.rsa), ("Elliptic", server.ecdsa)}, "by kinds of keys")
    done = set_on(587, "-Comment", "nothing that a client sees")
    check("seen from outside" not in done.stdout, "it was looked at without need")
    equal(server.get("Get-SmtpSession"), [], "sessions left behind")


@test
def a_certificate_changes_what_is_seen(_):
    done = server.postern("Disable-ExchangeCertificate", server.rsa, "-Services", "SMTP", "-Confirm:$false")
    told(done, "seen from outside: 2 handshakes, each as it should be")
    done = server.postern("Enable-ExchangeCertificate", server.rsa, "-Services", "SMTP", "-Confirm:$false")
    told(done, "seen from outside: 4 handshakes, each as it should be")


@test
def names_are_asked_for_where_they_matter(_):
    set_on(587, "-TlsSni", "$true")
    by_name = {row["ServerName"]: row["Seen"] for row in rows(587) if row["Keys"] == "Elliptic"}
    equal(by_name["mail.example.test"], server.ecdsa, "the name of the certificate")
    check(by_name["mx.example.test"] not in (server.ecdsa, server.rsa), "another name, another certificate")
    set_on(587, "-TlsSni", "$false")


@test
def versions_and_no_tls_are_seen(_):
    set_on(587, "-TlsMinimumVersion", "TLS13")
    equal({row["TlsVersion"] for row in rows(587)}, {"TLS1.3"}, "versions")
    set_on(587, "-TlsMinimumVersion", "TLS12")
    told(set_on(717, "-AuthMechanism", "None"), "seen from outside: 1 handshake, as it should be")
    equal([(row["Expected"], row["Seen"], row["Verdict"]) for row in rows(717)], [(None, None, "AsExpected")], "no STARTTLS")


@test
def limits_leave_room_for_it_or_say_so(_):
    told(set_on(587, "-MaxInboundConnectionPerSource", "1", "-Fqdn", "mx.example.test"), "each as it should be")
    with Client(server.port(587)) as client:
        client.ehlo()
        seen = rows(587) # nothing differs: exit 0
        equal({row["Verdict"] for row in seen}, {"NotSeen"}, "verdicts while there is no room")
        check(seen[0]["Text"].startswith("421 "), f"what the server said: {seen[0]['Text']!r}")
    set_on(587, "-MaxInboundConnectionPerSource", "Unlimited", "-Fqdn", "mail.example.test")


@test
def behind_a_balancer_it_speaks_for_itself(_):
    told(set_on(587, "-ProxyProtocolRanges", "127.0.0.1"), "each as it should be")
    set_on(587, "-ProxyProtocolRanges", "$null")


@test
def who_serves_others_only_is_not_seen(_):
    told(set_on(717, "-RemoteIPRanges", "192.0.2.0/24"), "not seen from outside where RemoteIPRanges hold no address of this machine")
    done = server.postern("Test-ReceiveConnector", server.connector(717))
    check("cannot be seen from here" in done.stderr, f"{done.stderr!r}")


@test
def a_listener_that_waits_is_not_dialed(_):
    done = server.postern("New-ReceiveConnector", "-Name", "Elsewhere", "-Bindings", "192.0.2.77:2599", "-RemoteIPRanges", "0.0.0.0-255.255.255.255")
    told(done, "192.0.2.77:2599: not seen from outside: ")
    told(done, "assign requested address")
    server.postern("Remove-ReceiveConnector", "Elsewhere", "-Confirm:$false")


@test
def a_courier_that_dies_is_no_difference(_):
    server.deaths_expected += len(server.pids("courier"))
    for pid in server.pids("courier"):
        os.kill(pid, signal.SIGKILL)
    equal({row["Verdict"] for row in rows(587)} - {"AsExpected", "NotSeen"}, set(), "verdicts")
    deadline = time.monotonic() + 20
    while {row["Verdict"] for row in rows(587)} != {"AsExpected"}:
        check(time.monotonic() < deadline, "the next courier does not look")
        time.sleep(0.1)


@test
def a_key_that_cannot_be_opened_is_found(_):
    """The one way rules and reality part: the store promises a key, and the vault cannot open it."""
    broken = make("broken.example.test", "ECDSA_P256")
    server.stop()
    with contextlib.closing(sqlite3.connect(f"{server.data}/store/config.db")) as database, database:
        objects = database.execute("SELECT id, body FROM config_object WHERE body LIKE '%KeySealed%broken.example.test%' OR "
                                   "body LIKE '%broken.example.test%KeySealed%'").fetchall()
        equal(len(objects), 1, "certificates found in the store")
        body = json.loads(objects[0][1])
        sealed = body["KeySealed"]
        body["KeySealed"] = sealed[:-2] + ("00" if sealed[-2:] != "00" else "11")
        database.execute("UPDATE config_object SET body = ? WHERE id = ?", (json.dumps(body), objects[0][0]))
    server.start()
    done = set_on(587, "-Fqdn", "broken.example.test", good=None)
    check("seen from outside" in done.stderr and broken in done.stderr, f"no warning: {done.stdout!r} {done.stderr!r}")
    check(any("event=seen-from-outside" in line and broken in line for line in server.log().splitlines()), "no event")
    done = server.postern("Test-ReceiveConnector", server.connector(587), good=None)
    equal(done.returncode, 1, "exit status")
    check("Differs" in done.stdout, f"{done.stdout!r}")
    set_on(587, "-Fqdn", "mail.example.test")
    equal({row["Verdict"] for row in rows(587)}, {"AsExpected"}, "verdicts when it is mended")


run(150, server)
