# SPDX-License-Identifier: Apache-2.0
"""Fields of a header that say where a message has been: they are counted, and some clients may not bring them along."""
from harness import DOMAIN, HOST, SERVER, Client, Server, check, equal, header, new_token, run, test, text_of, without_trace

server = Server()
CLAIMS = (b"X-MS-Exchange-Organization-SCL: -1\r\n", b"x-ms-exchange-organization-authas:\r\n Internal\r\n",
          b"X-MS-Exchange-Forest-Indexed : yes\r\n\tfolded\r\n")
ROUTE = (b"Received: from a.example by b.example; Tue, 03 Mar 2026 10:00:00 +0000\r\n", b"Resent-From: <a@b.example>\r\n")


def send(more, body=b"body\r\n", parameters="", port=25):
    """One message with these fields; (reply, token)."""
    token = new_token()
    with Client(server.port(port)) as client:
        client.ehlo()
        client.envelope("someone@contoso.com", [f"bob@{DOMAIN}"], parameters)
        content = header(token, more=more) + body
        if "BINARYMIME" in parameters:
            reply = client.command(b"BDAT %d LAST\r\n" % len(content) + content)
        else:
            reply = client.data(content)
        client.expect("NOOP", 250)
    return reply, token


def refused(code, more, **how):
    reply, _ = send(more, **how)
    equal((reply.code, reply.lines[0].split(b" ")[0]), code, f"{more[:60]!r}: {text_of(reply)}")


def received(host, times):
    return b"".join(b"Received: from a.example ([192.0.2.%d])\r\n\tby %s with ESMTP; now\r\n" % (i, host.encode()) for i in range(times))


@test
def users(_):
    server.add_user("bob")


@test
def loops_through_this_server(_):
    loop = (554, b"5.4.6")
    equal(server.get("Get-ReceiveConnector", server.connector(25))[0]["MaxLocalHopCount"], 5, "the default")
    for name in (HOST, HOST.upper(), SERVER):
        equal(send(received(name, 5))[0].code, 250, f"five hops by {name}")
        refused(loop, received(name, 6))
    equal(send(received("other.example", 20))[0].code, 250, "twenty hops by somebody else")
    server.postern("Set-ReceiveConnector", server.connector(25), "-MaxLocalHopCount", "1", "-Fqdn", "relay.contoso.com")
    refused(loop, received("relay.contoso.com", 1) + received(HOST, 1))
    refused(loop, received(SERVER, 2), parameters=" BODY=BINARYMIME")
    server.postern("Set-ReceiveConnector", server.connector(25), "-MaxLocalHopCount", "0")
    equal(send(received("relay.contoso.com", 30))[0].code, 250, "never counted")
    refused(loop, received("relay.contoso.com", 61))
    server.postern("Set-ReceiveConnector", server.connector(25), "-MaxLocalHopCount", "5", "-Fqdn", "$null")


@test
def claims_of_strangers_are_removed(_):
    kept = b"X-Kept: yes\r\n folded\r\n"
    body = b"".join(CLAIMS) + b"\r\n" + b"".join(ROUTE)
    for parameters in ("", " BODY=BINARYMIME"):
        reply, token = send(b"".join(CLAIMS) + kept + b"".join(ROUTE) + CLAIMS[2], body, parameters)
        equal(reply.code, 250, text_of(reply))
        content = without_trace(server.find(token.encode()))
        equal(content, header(token, more=kept + b"".join(ROUTE)) + body, "what arrived")


@test
def a_header_is_lines(_):
    """A bare line feed would hide a field from the firewall, and show it to whoever reads the message next."""
    for hidden in (b"X-A: b\nX-MS-Exchange-Organization-SCL: -1\r\n", b"X-A: b\rFrom: bob\r\n", b"X-A: \0\r\n"):
        refused((554, b"5.6.11"), hidden, parameters=" BODY=BINARYMIME")
    reply, token = send(b"", b"bare\nin the body\0\r\n", " BODY=BINARYMIME")
    equal(reply.code, 250, text_of(reply))
    check(server.find(token.encode()).endswith(b"bare\nin the body\0\r\n"), "the body")


run(120, server)
