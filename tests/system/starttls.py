# SPDX-License-Identifier: Apache-2.0
"""STARTTLS: nothing from before survives it, nothing clear gets in behind it, no session leaks between connectors."""
import contextlib
import socket
import ssl
import time

from harness import (DOMAIN, HOST, Client, Failed, Server, b64, check, equal, header, new_token, plain, presented, run, test,
                     text_of, tls_context)

server = Server()


@test
def users(_):
    server.add_user("alice")


def silent_or_closed(client, why):
    """No further reply in the clear; the connection ends, or stays silent until TLS begins."""
    client.raw.settimeout(2)
    try:
        more = client.input + client.raw.recv(4096)
    except (TimeoutError, ConnectionError):
        more = client.input
    check(not more, f"{why}: answered in the clear: {more!r}")


@test
def commands_behind_starttls(_):
    for behind in (b"NOOP injected\r\n", b"MAIL FROM:<a@example.org>\r\nRCPT TO:<alice@example.test>\r\n", b"NO", b"EHLO x\r\nQUIT\r\n",
                   b"AUTH PLAIN " + plain("alice", "x").encode() + b"\r\n"):
        with Client(server.port(25)) as client:
            client.ehlo()
            client.send(b"STARTTLS\r\n" + behind)
            with contextlib.suppress(ConnectionError):
                reply = client.reply()
                check(reply.code in (220, 501, 503, 554), f"{behind}: {text_of(reply)}")
                if reply.code == 220:
                    silent_or_closed(client, f"STARTTLS with {behind} behind it")
            try:
                client.wrap()
                client.send(b"NOOP\r\n")
                equal(client.reply().code, 250, "the first reply inside TLS")
                client.socket.settimeout(1)
                with contextlib.suppress(TimeoutError):
                    raise Failed(f"the injected {behind} was answered inside TLS: {client.reply()}")
            except (OSError, ssl.SSLError):
                pass  # closed: the strict answer


@test
def commands_in_a_second_segment(_):
    """The same, the injection arriving after the 220 has left: it is no ClientHello, so the handshake fails."""
    with Client(server.port(25)) as client:
        client.ehlo()
        client.expect("STARTTLS", 220)
        client.send(b"NOOP injected\r\nNOOP again\r\n")
        client.raw.settimeout(3)
        try:
            answer = client.raw.recv(4096)
        except (TimeoutError, ConnectionError):
            answer = b""
        check(not answer.startswith(b"2"), f"answered in the clear: {answer!r}")


@test
def state_from_before_is_forgotten(_):
    with Client(server.port(25)) as client:
        client.ehlo()
        client.envelope("someone@example.org", [f"alice@{DOMAIN}"])
        reply = client.command("STARTTLS")
        if reply.code == 503:
            client.expect("RSET", 250)
            reply = client.command("STARTTLS")
        equal(reply.code, 220, "STARTTLS within a transaction: " + text_of(reply))
        client.wrap()
        client.expect("DATA", 503)
        client.expect(f"RCPT TO:<alice@{DOMAIN}>", 503)
        reply = client.command("MAIL FROM:<someone@example.org>")
        check(reply.code in (250, 503), f"MAIL before EHLO inside TLS: {text_of(reply)}")
        check("STARTTLS" not in client.ehlo(), "STARTTLS is offered inside TLS")
        client.expect("STARTTLS", (502, 503, 554))


@test
def offers_inside_and_outside(_):
    with Client(server.port(587)) as client:
        before = client.ehlo()
        check("STARTTLS" in before and "AUTH" not in before, f"offered in the clear: {before}")
        inside = client.starttls()
        check("STARTTLS" not in inside and {"LOGIN", "PLAIN"} <= set(inside["AUTH"].split()), f"offered inside: {inside}")
    with Client(server.port(465), implicit=True) as client:
        check("STARTTLS" not in client.ehlo(), "STARTTLS on the implicit port")


@test
def old_versions_are_refused(_):
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        context = tls_context(version, version)
        context.set_ciphers("ALL:@SECLEVEL=0")
        for port in (25, 465):
            try:
                presented(server.port(port), implicit=port == 465, context=context)
            except (ssl.SSLError, ConnectionError):
                continue
            raise Failed(f"{version.name} was spoken on {port}")
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        presented(server.port(25), context=tls_context(version, version))


@test
def weak_suites_are_refused(_):
    for suites in ("NULL", "aNULL", "kRSA", "RC4:3DES", "PSK"):
        context = tls_context(maximum=ssl.TLSVersion.TLSv1_2)
        try:
            context.set_ciphers(suites + ":@SECLEVEL=0")
        except ssl.SSLError:
            continue  # this client cannot even ask
        try:
            presented(server.port(25), context=context)
        except (ssl.SSLError, ConnectionError):
            continue
        raise Failed(f"{suites} was spoken")


@test
def plain_text_inside_tls_ends_the_session(_):
    for clear in (b"NOOP\r\n", b"QUIT\r\n", b"\0" * 100):
        with Client(server.port(25)) as client:
            client.ehlo()
            client.starttls()
            client.send_clear(clear)
            check(client.closed(5), f"{clear[:10]} in the clear was swallowed")
            check(b"250" not in client.last and b"221" not in client.last, f"it was answered: {client.last!r}")


@test
def plain_text_after_close_notify(_):
    token = new_token()
    with Client(server.port(25)) as client:
        client.ehlo()
        client.starttls()
        client.envelope("someone@example.org", [f"alice@{DOMAIN}"])
        client.expect("DATA", 354)
        client.send(header(token) + b"first half\r\n")
        below = socket.socket(fileno=client.socket.fileno())
        with contextlib.suppress(OSError, ssl.SSLError):
            client.socket.settimeout(2)
            client.socket.unwrap()
        with contextlib.suppress(OSError):
            below.sendall(b"second half\r\n.\r\nNOOP\r\n")
            below.settimeout(3)
            answer = below.recv(4096)
            check(b"250" not in answer and b"354" not in answer, f"answered in the clear: {answer!r}")
        below.detach()
    server.settle()
    check(not any(token.encode() in content for content in server.messages().values()), "half a message was delivered")


def ticket_of(port, context):
    """A full handshake; the session a client would keep."""
    with Client(server.port(port)) as client:
        client.ehlo()
        client.starttls(context)
        check(not client.socket.session_reused, "a first session was resumed")
        client.expect("NOOP", 250)
        return client.socket.session


def resumed(port, context, session):
    with Client(server.port(port)) as client:
        client.ehlo()
        client.starttls(context, session)
        client.expect("NOOP", 250)
        return client.socket.session_reused, client.socket.getpeercert(binary_form=True)


def both_versions():
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        yield version.name, tls_context(version, version)


@test
def sessions_resume_on_every_edge(_):
    for name, context in both_versions():
        hits = sum(resumed(587, context, ticket_of(587, context))[0] for _ in range(8))
        equal(hits, 8, f"sessions resumed with {name}, of 8")


@test
def no_resumption_on_another_connector(_):
    for name, context in both_versions():
        session = ticket_of(587, context)
        check(resumed(587, context, session)[0], f"{name}: the ticket is of no use at all")
        check(not resumed(25, context, ticket_of(587, context))[0], f"{name}: a session of 587 was resumed on 25")
        check(not resumed(587, context, ticket_of(25, context))[0], f"{name}: a session of 25 was resumed on 587")


@test
def no_resumption_after_a_new_certificate(_):
    sessions = [(name, context, ticket_of(587, context)) for name, context in both_versions()]
    old = presented(server.port(587))
    before = {one["Thumbprint"] for one in server.get("Get-ExchangeCertificate")}
    server.postern("New-ExchangeCertificate", "-DomainName", HOST, "-Services", "SMTP", "-Confirm:$false")
    new = [one["Thumbprint"] for one in server.get("Get-ExchangeCertificate") if one["Thumbprint"] not in before]
    equal(len(new), 1, "new certificates")
    server.postern("Set-ReceiveConnector", server.connector(587), "-TlsCertificateName", new[0])
    for name, context, session in sessions:
        reused, shown = resumed(587, context, session)
        check(not reused, f"{name}: a session was resumed after the certificate had changed")
        check(shown != old, f"{name}: the old certificate is presented")


@test
def no_resumption_without_tickets(_):
    server.postern("Set-ReceiveConnector", server.connector(587), "-TlsTickets", "$false")
    for name, context in both_versions():
        session = ticket_of(587, context)
        if session and resumed(587, context, session)[0]:
            raise Failed(f"{name}: resumed although TlsTickets is off")
    server.postern("Set-ReceiveConnector", server.connector(587), "-TlsTickets", "$true")


@test
def require_tls(_):
    server.postern("Set-ReceiveConnector", server.connector(25), "-RequireTLS", "$true")
    with Client(server.port(25)) as client:
        client.ehlo()
        reply = client.expect("MAIL FROM:<someone@example.org>", 530)
        check(reply.lines[0].startswith(b"5.7.0 "), text_of(reply))
        client.expect(f"RCPT TO:<alice@{DOMAIN}>", (503, 530))
        client.starttls()
        client.envelope("someone@example.org", [f"alice@{DOMAIN}"])
    server.postern("Set-ReceiveConnector", server.connector(25), "-RequireTLS", "$false")


@test
def application_protocols(_):
    """ALPACA: a client that insists on another protocol gets no session."""
    context = tls_context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    try:
        presented(server.port(465), implicit=True, context=context)
        raise Failed("a client that speaks only h2 and http/1.1 was served")
    except (ssl.SSLError, ConnectionError):
        pass
    context = tls_context()
    context.set_alpn_protocols(["smtp"])
    presented(server.port(465), implicit=True, context=context)


@test
def http_is_sent_away(_):
    for implicit, port in ((False, 25), (True, 465)):
        with Client(server.port(port), implicit=implicit) as client:
            client.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60\r\n\r\nEHLO x\r\nMAIL FROM:<a@example.org>\r\n"
                        b"RCPT TO:<alice@example.test>\r\nDATA\r\n")
            check(client.closed(20), f"an HTTP request on {port} was not ended")
            check(b"354" not in client.last and b"Host:" not in client.last, f"reply to HTTP: {client.last!r}")


@test
def broken_hellos_do_not_stay(_):
    """Half a hello, a huge one, noise: ended, and others are served meanwhile."""
    begun, held = time.monotonic(), []
    for noise in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\x16\x03\x01\xff\xff" + b"\x01" * 70000, b"\0" * 50,
                  b"\x80\x2e\x01\x00\x02" + b"\0" * 41, b"\x16\x03\x01\x00\x00" * 5000):
        client = Client(server.port(465), greet=False)
        with contextlib.suppress(OSError):
            client.send(noise)
        held.append(client)
    presented(server.port(465), implicit=True)
    for client in held:
        check(client.closed(max(1, begun + 15 - time.monotonic())), "a half handshake is still there after 15 s")
        client.close()


run(150, server)
