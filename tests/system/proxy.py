# SPDX-License-Identifier: Apache-2.0
"""Behind a load balancer: the PROXY header names the client, and the client's connector takes over."""
import socket
import struct
import time

from harness import DOMAIN, Client, Server, check, equal, header, new_token, run, test, text_of

server = Server()
BALANCER = "127.0.0.9"
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def v1(source, family="TCP4", destination="127.0.0.1"):
    return f"PROXY {family} {source} {destination} 4321 25\r\n".encode()


def v2(source, command=0x21, more=b""):
    packed = socket.inet_aton(source) + socket.inet_aton("127.0.0.1") + struct.pack("!HH", 4321, 25) + more
    return SIGNATURE + bytes([command, 0x11]) + struct.pack("!H", len(packed)) + packed


def connect(port, first, source=BALANCER, greet=True, implicit=False):
    """A client whose first bytes are `first`."""
    client = Client(server.port(port), source=source, greet=False)
    client.send(first)
    if implicit:
        client.wrap()
    if greet:
        client.banner = client.reply()
        equal(client.banner.code, 220, "banner " + text_of(client.banner))
    return client


@test
def connectors(_):
    server.add_user("bob")
    for port in (25, 465, 587):
        server.postern("Set-ReceiveConnector", server.connector(port), "-ProxyProtocolRanges", BALANCER)
    server.postern("New-ReceiveConnector", "-Name", "Branch", "-Bindings", f"127.0.0.1:{server.port(25)}", "-RemoteIPRanges",
                   "192.0.2.0/24", "-PermissionGroups", "AnonymousUsers", "-TransportRole", "FrontendTransport",
                   "-Banner", "220 branch", "-MaxInboundConnectionPerSource", "2")


@test
def the_client_of_the_header_is_the_client(_):
    for first in (v1("198.51.100.7"), v2("198.51.100.7"), v2("198.51.100.7", more=b"\4\0\1x")):
        with connect(25, first) as client:
            check(b"[198.51.100.7]" in client.command("EHLO client.example.org").lines[0], "the greeting names another client")
            token = new_token()
            client.mail("someone@example.org", [f"bob@{DOMAIN}"], header(token) + b"x\r\n")
        check(b"(198.51.100.7)" in server.find(token.encode()) or b"[198.51.100.7]" in server.find(token.encode()),
              "the Received field names another client")
    with connect(25, v1("2001:db8::7", "TCP6", "2001:db8::1")) as client:
        check(b"[IPv6:2001:db8::7]" in client.command("EHLO client.example.org").lines[0] or
              b"[2001:db8::7]" in client.command("EHLO client.example.org").lines[0], "IPv6")


@test
def the_connector_is_chosen_again(_):
    with connect(25, v1("192.0.2.44")) as client:
        equal(client.banner.lines, [b"branch"], "banner")
    with connect(25, v2("192.0.2.44")) as client:
        equal(client.banner.lines, [b"branch"], "banner")


@test
def limits_count_the_client_and_not_the_balancer(_):
    inside = [connect(25, v1("192.0.2.50")), connect(25, v1("192.0.2.50"))]
    with connect(25, v1("192.0.2.50"), greet=False) as client:
        equal(client.reply().code, 421, "the third of one client")
    inside.append(connect(25, v1("192.0.2.51")))
    for client in inside:
        client.close()


@test
def the_header_may_come_in_pieces_and_with_more(_):
    for first in (v1("192.0.2.44"), v2("192.0.2.44")):
        with connect(25, first[:9], greet=False) as client:
            time.sleep(0.05)
            client.send(first[9:20])
            time.sleep(0.05)
            client.send(first[20:] + b"EHLO client.example.org\r\n")
            equal([client.reply().code for _ in range(2)], [220, 250], "codes")


@test
def tls_from_the_first_byte_begins_behind_the_header(_):
    with connect(465, v2("198.51.100.7"), implicit=True) as client:
        check("AUTH" in client.ehlo(), "no AUTH")
    with connect(587, v1("198.51.100.7")) as client:
        client.ehlo()
        client.starttls()


@test
def the_balancer_may_speak_for_itself(_):
    for first in (b"PROXY UNKNOWN\r\n", v2("192.0.2.44", command=0x20)):
        with connect(25, first) as client:
            check(f"[{BALANCER}]".encode() in client.command("EHLO lb.example.org").lines[0], "another address")


@test
def without_a_header_the_balancer_gets_nothing(_):
    for first in (b"EHLO client.example.org\r\n", b"\r\nEHLO", v1("192.0.2.44").replace(b"TCP4", b"TCP9"), SIGNATURE + b"\x31\x11\0\0"):
        with connect(25, first, greet=False) as client:
            check(client.closed(3), f"still open after {first!r}")
            equal(client.last, b"", f"said after {first!r}")
    with connect(25, b"PROXY " + b"x" * 200, greet=False) as client:
        check(client.closed(3), "an endless header is read on")


@test
def nobody_else_is_believed(_):
    with connect(25, v1("192.0.2.44"), source="127.0.0.8") as client:
        equal(client.reply().code, 500, "PROXY of a stranger is a command that does not exist")
        check(b"[127.0.0.8]" in client.command("EHLO client.example.org").lines[0], "a stranger is believed")


@test
def silence_ends(_):
    with Client(server.port(25), source=BALANCER, greet=False) as client:
        begun = time.monotonic()
        check(client.closed(14), "no deadline")
        check(time.monotonic() - begun >= 8, "closed at once")


@test
def who_has_not_said_where_it_comes_from_is_no_session_yet(_):
    with Client(server.port(25), source=BALANCER, greet=False) as client, connect(25, v1("192.0.2.60")):
        sessions = server.get("Get-SmtpSession")
        equal([one["RemoteEndpoint"].rsplit(":")[0] for one in sessions], ["192.0.2.60"], "sessions")
        client.send(v1("192.0.2.61"))
        equal(client.reply().code, 220, "banner")
        equal(len(server.get("Get-SmtpSession")), 2, "sessions")


@test
def explain_says_so(_):
    done = server.postern("explain", "--client", BALANCER, "--local", f"127.0.0.1:{server.port(25)}")
    check("PROXY header" in done.stderr, f"it says {done.stderr}")
    warned = server.postern("Set-ReceiveConnector", "Branch", "-ProxyProtocolRanges", "10.0.0.0/8")
    check("any client" in warned.stderr, f"it says {warned.stderr}")


run(120, server)
