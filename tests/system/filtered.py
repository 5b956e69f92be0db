# SPDX-License-Identifier: Apache-2.0
"""filtered - a server with one connector whose content filters a test chooses, and clients of it.

    use(one.endpoint, two.endpoint)
    equal(send(header(token) + b"x\\r\\n").code, 250, "reply")

Each program has its own, and ends with run_all()."""
import contextlib

from harness import DOMAIN, Client, Server, clean_end, run, test, until

server = Server()
NAME = "Filtered"
ALICE, BOB, CAROL = (f"{name}@{DOMAIN}" for name in ("alice", "bob", "carol"))
BIG = b"".join(b"%07d %s\r\n" % (i, b"z" * 55) for i in range(40000))  # 2.6 MB: the hub has it on disk


def port():
    return server.port(25) + 3


def prepare():
    for name in ("alice", "bob", "carol"):
        server.add_user(name)
    server.postern("New-ReceiveConnector", "-Name", NAME, "-Usage", "Custom", "-Bindings", f"127.0.0.1:{port()}",
                   "-RemoteIPRanges", "127.0.0.0/8", "-PermissionGroups", "AnonymousUsers,ExchangeUsers",
                   "-AuthMechanism", "Tls,BasicAuth,BasicAuthRequireTLS", "-TarpitInterval", "00:00:00",
                   "-MaxInboundConnectionPerSource", "Unlimited", "-MaxInboundConnectionPercentagePerSource", "100",
                   "-MessageRateLimit", "Unlimited", "-ProtocolLoggingLevel", "Verbose", "-TransportRole", "FrontendTransport")


def use(*endpoints, failure="Tempfail", timeout="00:00:30"):
    """`timeout`: less only where it is to be seen, since a filter here shares two processors with everything else."""
    server.postern("Set-ReceiveConnector", NAME, "-Milters", ",".join(endpoints) or "$null", "-MilterFailureAction", failure,
                   "-MilterTimeout", timeout)


@contextlib.contextmanager
def session(**how):
    with Client(port(), **how) as client:
        client.ehlo()
        yield client


def send(content, client=None, recipients=(BOB,)):
    """The reply to the end of data."""
    if client:
        client.envelope(ALICE, recipients)
        return client.data(content)
    with session() as client:
        return send(content, client, recipients)


def heard_after(one, letter, count=1):
    """The data of these commands, once there are so many."""
    until(lambda: len(one.of(letter)) >= count, lambda: f"{letter} was not heard {count} times: {one.heard}"[:500])
    return one.of(letter)


def copies(token):
    """The delivered messages with this token."""
    return [content for content in server.messages().values() if token.encode() in content]


def the_end_is_clean():
    clean_end(server)


def run_all():
    test(the_end_is_clean)
    server.start()
    prepare()
    run(600)
