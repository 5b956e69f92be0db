# SPDX-License-Identifier: Apache-2.0
"""Live sessions: what is shown of them, filters, and ending one."""
import datetime
import os
import re
import signal
import time

from harness import (DOMAIN, Client, Server, check, equal, header, new_token, run, test)

server = Server(edges=2)


def connect(port, **options):
    client = Client(server.port(port), **options)
    client.address = "%s:%d" % client.raw.getsockname()
    return client


def sessions(*words):
    return server.get("Get-SmtpSession", *words)


def session_of(client, *words):
    found = [one for one in sessions(*words) if one["RemoteEndpoint"] == client.address]
    equal(len(found), 1, f"sessions from {client.address}")
    return found[0]


@test
def a_session_step_by_step(_):
    server.add_user("nora")
    with connect(587) as client:
        one = session_of(client)
        equal((one["State"], one["ReceiveConnector"], one["LocalEndpoint"]),
              ("Connected", server.connector(587), f"127.0.0.1:{server.port(587)}"), "fresh")
        equal((one["TlsVersion"], one["CertificateThumbprint"], one["CertificateRule"], one["User"]), ("",) * 4, "in clear")
        check(re.fullmatch("[0-9A-F]{16}", one["Identity"]), one["Identity"])
        client.ehlo("laptop.example.org")
        one = session_of(client)
        equal((one["State"], one["ClientName"]), ("Greeted", "laptop.example.org"), "greeted")
        client.starttls()
        client.log_in("nora")
        client.mail(f"nora@{DOMAIN}", [f"nora@{DOMAIN}"], header(new_token(), f"nora@{DOMAIN}") + b"x\r\n")
        client.expect(f"MAIL FROM:<nora@{DOMAIN}>", 250)
        now = session_of(client)
        mine = server.get("Test-ReceiveConnectorCertificate", server.connector(587))[0]
        equal(now["CertificateThumbprint"], mine["Presents"]["Thumbprint"], "certificate")
        equal((now["Identity"], now["User"], now["State"], now["MessageCount"], now["CertificateRule"]),
              (one["Identity"], "nora", "Mail", 1, "SERVER_FQDN"), "logged in")
        equal(now["TlsVersion"], "TLS1.3", "version")
        check(now["TlsCipher"], f"{now}")
        since = [datetime.datetime.fromisoformat(shown["ConnectedSince"].replace("Z", "+00:00")) for shown in (one, now)]
        check(abs((since[0] - since[1]).total_seconds()) < 1, f"connected since {since}")
        client.expect(f"RCPT TO:<nora@{DOMAIN}>", 250)
        equal(session_of(client)["State"], "Recipients", "state")
        client.expect("DATA", 354)
        equal(session_of(client)["State"], "Data", "state")
        table = server.postern("Get-SmtpSession", "-o", "wide").stdout
        check(now["CertificateThumbprint"] in table and "Identity" in table.splitlines()[0], table)


@test
def the_revision_a_session_lives_on(_):
    with connect(25) as client:
        before = session_of(client)
        check(before["RevisionInForce"], f"{before}")
        server.postern("Set-ReceiveConnector", server.connector(25), "-Comment", "another revision")
        after = session_of(client)
        equal((after["Revision"], after["RevisionInForce"]), (before["Revision"], False), "revision")


@test
def filters(_):
    with connect(25) as here, connect(2525) as there:
        equal([one["RemoteEndpoint"] for one in sessions("-ReceiveConnector", server.connector(2525))], [there.address], "-ReceiveConnector")
        equal(sorted(one["RemoteEndpoint"] for one in sessions("-RemoteIPAddress", "127.0.0.1")), sorted([here.address, there.address]), "-RemoteIPAddress")
        equal(sessions("-RemoteIPAddress", "192.0.2.1"), [], "another address")
        identity = session_of(here)["Identity"]
        equal([one["RemoteEndpoint"] for one in sessions(identity.lower())], [here.address], "-Identity")
    for words, code in ((("Get-SmtpSession", "nonsense"), 2), (("Get-SmtpSession", "0123456789ABCDEF"), 3),
                        (("Get-SmtpSession", "-RemoteIPAddress", "127.0.0.1:25"), 2), (("Stop-SmtpSession",), 2),
                        (("Get-SmtpSession", "-ReceiveConnector", "no such"), 3), (("Stop-SmtpSession", "0123456789ABCDEF"), 3)):
        done = server.postern(*words, good=False)
        equal(done.returncode, code, f"{words}: {done.stderr}")
        check(len(done.stderr) > 20, f"{words}: it says {done.stderr!r}")


@test
def sessions_of_all_edges(_):
    held = [connect(25) for _ in range(60)]
    found = sessions("-ReceiveConnector", server.connector(25))
    equal({one["RemoteEndpoint"] for one in found}, {client.address for client in held}, "sessions")
    equal(len({one["Identity"] for one in found}), 60, "identities")
    few = server.postern("Get-SmtpSession", "-ResultSize", "1", "-o", "json")
    check(few.stdout.count('"Identity"') <= 2 and "more sessions" in few.stderr, f"{few.stderr}")
    for client in held:
        client.close()


@test
def one_is_ended_and_the_other_stays(_):
    with connect(25) as doomed, connect(25) as other:
        identity = session_of(doomed)["Identity"]
        told = server.postern("Stop-SmtpSession", identity, "-WhatIf")
        check("would be ended" in told.stdout, told.stdout)
        doomed.expect("NOOP", 250)
        server.postern("Stop-SmtpSession", identity)
        reply = doomed.reply()
        equal((reply.code, reply.lines[0][:5]), (421, b"4.3.2"), "last words")
        check(doomed.closed(), "not closed")
        other.expect("NOOP", 250)
        equal([one["RemoteEndpoint"] for one in sessions()], [other.address], "who is left")


@test
def a_message_half_sent_is_forgotten(_):
    token = new_token()
    with connect(25) as client:
        client.ehlo()
        client.envelope("someone@example.org", [f"nora@{DOMAIN}"])
        client.expect("DATA", 354)
        client.send(header(token) + b"half\r\n")
        deadline = time.monotonic() + 10
        while session_of(client)["State"] != "Data" and time.monotonic() < deadline:
            time.sleep(0.02)
        server.postern("Stop-SmtpSession", session_of(client)["Identity"])
        equal(client.reply().code, 421, "last words")
        check(client.closed(), "not closed")
    with connect(25) as client:
        client.ehlo()
        client.mail("someone@example.org", [f"nora@{DOMAIN}"], header(token) + b"whole\r\n")
    check(b"whole" in server.find(token.encode()), "the second one")


@test
def a_handshake_that_hangs_is_shown_and_ended(_):
    with connect(465, greet=False) as client:
        deadline = time.monotonic() + 10
        while not [one for one in sessions() if one["RemoteEndpoint"] == client.address] and time.monotonic() < deadline:
            time.sleep(0.02)
        one = session_of(client)
        equal(one["State"], "TlsHandshake", "state")
        server.postern("Stop-SmtpSession", one["Identity"])
        check(client.closed(), "not closed")


@test
def an_edge_that_hangs_is_not_waited_for_long(_):
    edge = server.pids("edge")[0]
    os.kill(edge, signal.SIGSTOP)
    try:
        started = time.monotonic()
        done = server.postern("Get-SmtpSession")
        took = time.monotonic() - started
        check("without an answer within a second: 1" in done.stderr, f"{done.stderr}")
        check(took < 5, f"{took:.1f} s")
    finally:
        os.kill(edge, signal.SIGCONT)
    server.postern("Get-SmtpSession")
    return f"{took:.1f} s"


run(180, server)
