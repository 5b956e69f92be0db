# SPDX-License-Identifier: Apache-2.0
"""Another server holds the mailboxes: their mail leaves over LMTP, each recipient has an outcome of its own, and what waits follows
MailboxTransport when it is changed."""
import contextlib
import csv
import glob
import os
import signal
import socket
import threading
import time

from authority import Authority
from harness import DOMAIN, HOST, PASSWORD, Client, Server, check, equal, run, test, until
from sink import Sink

server = Server()
authority = Authority(server.folder)
authority.issuer("root")
authority.leaf("sink", "root", ["sink.example"])
server.options += ["--trust", authority.path("root")]
PATH = os.path.join(server.folder, "lmtp")
BOB, ANNA, CAROL, DAN = (f"{name}@{DOMAIN}" for name in ("bob", "anna", "carol", "dan"))
SINGLE = f"TO:<{ANNA}>"


@contextlib.contextmanager
def sink(**how):
    with Sink(lmtp=True, **({"path": PATH} if "address" not in how else {}), **how) as one:
        if server.process:
            server.postern("Retry-Queue", "Mailbox")  # a connection that had no work yet may have met the end of the last sink
        yield one


def use(target=f"unix:{PATH}"):
    server.postern("Set-TransportService", "-MailboxTransport", target)


def submit(recipients, token, parameters=""):
    with Client(server.port(587)) as client:
        client.ehlo()
        client.starttls()
        client.ehlo()
        client.log_in("bob")
        client.expect(f"MAIL FROM:<{BOB}>", 250)
        for recipient in recipients:
            client.expect(f"RCPT TO:<{recipient}>{parameters}", 250)
        text = f"From: <{BOB}>\r\nSubject: {token}\r\nMessage-ID: <{token}@{DOMAIN}>\r\n\r\nbody of {token}\r\n.dot\r\n"
        equal(client.data(text.encode()).code, 250, "end of data")


def recipients_of(message):
    return [one.split()[0] for one in message[1]]


def came(one, token):
    """The messages with this in their text, that a sink has taken."""
    return [message for message in one.messages if token.encode() in message[2]]


def arrived(one, token):
    until(lambda: came(one, token), lambda: f"{token} did not come: {server.get('Get-Queue')}")
    return came(one, token)


def queue():
    return next((one for one in server.get("Get-Queue") if one["Identity"].endswith("\\Mailbox") and one["MessageCount"]), None)


def waiting(reason):
    return until(lambda: reason in (queue() or {}).get("LastError", "") and queue(), lambda: f"no {reason!r}: {server.get('Get-Queue')}")


def tracked(token, event, **wanted):
    def found():
        rows = server.get("Get-MessageTrackingLog", "-MessageId", f"{token}@{DOMAIN}", "-EventId", event)
        return [row for row in rows if all(value in str(row[name]) for name, value in wanted.items())]
    return until(found, lambda: f"no {event} {wanted}: {server.get('Get-MessageTrackingLog', '-MessageId', f'{token}@{DOMAIN}')}")


def kill_couriers(by=signal.SIGKILL):
    for pid in server.pids("courier"):
        server.deaths_expected += 1
        os.kill(pid, by)


def nothing_in_maildirs(token):
    check(not any(token.encode() in content for content in server.messages().values()), "it is in a Maildir, too")


@test
def users(_):
    for name in ("bob", "anna", "carol", "dan"):
        server.add_user(name)
    server.postern("Set-Mailbox", "carol", "-EmailAddresses", f"@{{Add='sales@{DOMAIN}'}}")


@test
def what_cannot_be_meant_is_refused(_):
    for target, reason in (("/run/lmtp", "must look like unix:/run/dovecot/lmtp"), ("unix:lmtp", "is no path of a socket"),
                           ("inet:::1", "names no host"), ("inet:127.0.0.1:0", "has no port")):
        said = server.postern("Set-TransportService", "-MailboxTransport", target, good=False)
        check(said.returncode != 0 and "MailboxTransport: " in said.stderr and reason in said.stderr, said.stderr)


@test
def what_is_promised_and_may_not_be_kept_is_said(_):
    fix = "Get-ReceiveConnector | Set-ReceiveConnector -BinaryMimeEnabled $false -SmtpUtf8Enabled $false"
    words = ("Set-TransportService", "-MailboxTransport", "unix:/x", "-WhatIf")
    check(fix in server.postern(*words).stderr, "it is not said")
    server.postern("shell", "-c", fix)
    check(fix not in server.postern(*words).stderr, "it is said without reason")


@test
def to_a_unix_socket(_):
    with sink() as one:
        use()
        submit([ANNA, f"SALES@{DOMAIN}"], "first")
        ((sender, _recipients, body),) = arrived(one, "first")
        server.settle()
        equal(one.commands[0].split()[0] + " " + one.commands[0].split()[1], f"LHLO {HOST}", "hello")
        check(sender.startswith(f"FROM:<{BOB}>"), sender)
        equal(recipients_of(one.messages[0]), [SINGLE, f"TO:<{CAROL}>"], "recipients, by their main addresses")
        check(body.startswith(b"Received: from ") and b"Return-Path" not in body and b"Delivered-To" not in body, body)
        check(body.endswith(b"body of first\r\n.dot\r\n"), body)
        nothing_in_maildirs("first")
        row = tracked("first", "DELIVER", Recipients=ANNA)[0]
        equal((row["Source"], row["ConnectorId"], row["ServerHostname"]), ("STOREDRIVER", "MailboxTransport", f"unix:{PATH}"), "DELIVER")
        check("250 2.6.0 taken" in str(row["RecipientStatus"]), row)
        equal(server.get("Get-SendConnector"), [], "send connectors")
        equal(server.get("Get-TransportService")[0]["MailboxTransport"], f"unix:{PATH}", "the setting")
        route = server.get("Test-MailRoute", ANNA)[0]
        equal((route["DeliveryType"], route["NextHopDomain"]), ("SmtpDeliveryToMailbox", f"unix:{PATH}"), "route")


@test
def the_proof_of_a_connector_says_where_it_went(_):
    with sink():
        said = server.postern("test", "--user", "anna", "--password", "-", input=PASSWORD + "\n")
        check(f"queued, delivered to unix:{PATH}" in said.stdout, said.stdout)


@test
def each_recipient_has_an_outcome(_):
    replies = {"RCPT": lambda argument, _number: "550 5.1.1 <dan> User doesn't exist" if DAN in argument else "250 2.1.5 OK",
               "end": lambda argument, _number: "452 4.2.2 <carol> Quota exceeded" if CAROL in argument else "250 2.0.0 Saved"}
    with sink(replies=replies) as one:
        submit([ANNA, CAROL, DAN], "three")
        arrived(one, "three")
        (row,) = tracked("three", "FAIL", Recipients=DAN)
        equal(row["Source"], "STOREDRIVER", "source of FAIL")
        tracked("three", "DEFER", Recipients=CAROL, RecipientStatus="452 4.2.2")
        notice = until(lambda: [m for m in one.messages if b"Undeliverable: three" in m[2]], "the sender hears nothing")[0]
        equal((notice[0].split()[0], recipients_of(notice)), ("FROM:<>", [f"TO:<{BOB}>"]), "the notice")
        for part in (b"Status: 5.1.1", b"'550 5.1.1 <dan> User doesn't exist'"):
            check(part in notice[2], notice[2])
        check(b"Remote-MTA" not in notice[2] and b"unix:" not in notice[2], "the notice tells strangers of our socket")
        waits = waiting("452 4.2.2 <carol> Quota exceeded")
        equal((waits["MessageCount"], waits["DeliveryType"], waits["NextHopDomain"]), (1, "SmtpDeliveryToMailbox", f"unix:{PATH}"), "queue")
        equal(sum(command.startswith("MAIL FROM:<bob@") for command in one.commands), 1, "transactions of the message")
        one.replies.clear()
        server.postern("Retry-Queue", "Mailbox")
        until(lambda: len(came(one, "body of three")) == 2, lambda: f"{server.get('Get-Message')}")
        equal(recipients_of(came(one, "body of three")[1]), [f"TO:<{CAROL}>"], "the second attempt")
        server.settle()


@test
def success_is_told_by_us(_):
    with sink(offers=("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES")) as one:
        submit([ANNA], "told", " NOTIFY=SUCCESS")
        notice = until(lambda: [m for m in one.messages if b"Action: delivered" in m[2]], lambda: f"{one.messages}")[0]
        check(f"Final-Recipient: rfc822;{ANNA}".encode() in notice[2].replace(b"; ", b";"), notice[2])
        server.settle()


@test
def many_share_connections(_):
    with sink(replies={"end": lambda _argument, _number: time.sleep(0.02) or "250 2.0.0 Saved"}) as one:
        with Client(server.port(587)) as client:
            client.ehlo()
            client.starttls()
            client.log_in("bob")
            for i in range(80):
                client.mail(BOB, [ANNA], f"From: <{BOB}>\r\nSubject: many{i}\r\n\r\nx\r\n".encode())
        until(lambda: len(one.messages) >= 80, lambda: f"{len(one.messages)} came")
        server.settle()
        equal(len({message[2].split(b"Subject: ")[1].split(b"\r\n")[0] for message in one.messages}), 80, "different messages")
        check(1 <= one.sessions <= 20, f"{one.sessions} connections")


@test
def nobody_listens(_):
    submit([ANNA], "nobody")
    waits = waiting("there is no such socket")
    check(f"450 4.4.317 Cannot connect to unix:{PATH} of MailboxTransport" in waits["LastError"], waits)
    equal((waits["Status"], waits["NextHopDomain"]), ("Retry", f"unix:{PATH}"), "queue")
    why = server.postern("Get-Message").stdout + server.postern("Get-Message", "-o", "json").stdout
    check(f"unix:{PATH}" in why, why)
    open(PATH, "w").close()
    os.chmod(PATH, 0o666)
    server.postern("Retry-Queue", "Mailbox")
    waiting("nobody listens at this socket")
    os.unlink(PATH)
    if os.geteuid() == 0:  # the courier is somebody else then
        with sink() as one:
            os.chmod(PATH, 0o600)
            server.postern("Retry-Queue", "Mailbox")
            waits = waiting("permission denied; user id 602")
            os.chmod(PATH, 0o666)
            server.postern("Retry-Queue", "Mailbox")
            arrived(one, "nobody")
            server.settle()


@test
def a_suspended_queue_waits(_):
    with sink() as one:
        server.postern("Suspend-Queue", "Mailbox", "-Confirm:$false")
        submit([ANNA], "suspended")
        until(lambda: (queue() or {}).get("Status") == "Suspended", "it is not suspended")
        time.sleep(0.5)
        equal(one.messages, [], "while it is suspended")
        server.postern("Resume-Queue", "Mailbox", "-Confirm:$false")
        arrived(one, "suspended")
        server.settle()


@test
def what_waits_follows_the_setting(_):
    submit([ANNA], "turned-off")
    waiting("there is no such socket")
    use("$null")
    server.find(b"body of turned-off")
    server.settle()
    check(not [one for one in server.get("Get-Queue") if one["LastError"]], server.get("Get-Queue"))
    server.postern("Suspend-Queue", "Mailbox", "-Confirm:$false")
    submit([ANNA], "turned-on")
    use()
    with sink() as one:
        server.postern("Resume-Queue", "Mailbox", "-Confirm:$false")
        arrived(one, "turned-on")
    nothing_in_maildirs("turned-on")
    server.settle()


@test
def another_place_is_tried_at_once(_):
    submit([ANNA], "moved")
    waiting("there is no such socket")
    with sink(address="127.0.0.1") as one:
        use(f"inet:127.0.0.1:{one.port}")
        arrived(one, "moved")
        check(not one.tls_used, "there is no TLS to use")
        row = tracked("moved", "DELIVER")[0]
        equal((row["ServerIp"], row["ServerHostname"]), ("127.0.0.1", "[127.0.0.1]"), "DELIVER")
        server.settle()


@test
def by_name_and_inside_tls(_):
    certificate = authority.path("sink"), authority.path("sink", "key")
    with sink(address="127.0.0.1", certificate=certificate) as one:
        use(f"inet:localhost:{one.port}")
        submit([ANNA], "encrypted")
        arrived(one, "encrypted")
        check(one.tls_used, one.commands)
        server.settle()


@test
def nobody_at_a_port(_):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    use(f"inet:127.0.0.1:{port}")
    submit([ANNA], "refused")
    waits = waiting("450 4.4.317 Cannot connect to remote server [Message=Connection refused]")
    equal(waits["NextHopDomain"], f"inet:127.0.0.1:{port}", "next hop")
    server.stop()
    with sink(address="127.0.0.1", port=port) as one:
        server.start()
        server.postern("Retry-Queue", "Mailbox")
        arrived(one, "refused")
        server.settle()
    nothing_in_maildirs("refused")


@test
def the_protocol_log_names_it(_):
    use()
    server.postern("Set-TransportService", "-IntraOrgConnectorProtocolLoggingLevel", "Verbose")

    def rows():
        lines = []
        for path in glob.glob(os.path.join(server.data, "logs", "SmtpSend", "SEND*.log")):
            with open(path, newline="", encoding="ascii") as file:
                lines += [row for row in csv.reader(line for line in file if not line.startswith("#")) if row]
        return lines

    with sink() as one:
        submit([ANNA], "logged")
        arrived(one, "logged")
        until(lambda: any("MailboxTransport" in row and f"LHLO {HOST}" in row for row in rows()), lambda: f"{rows()}")
        check(any(f"attempting to connect to unix:{PATH}, 1 of 1" in row for row in rows()), rows())
        server.settle()
    server.postern("Set-TransportService", "-IntraOrgConnectorProtocolLoggingLevel", "None")


@test
def a_courier_that_dies_is_told_of(_):
    slow = {"end": lambda _argument, number: time.sleep(20 if number == 1 else 0) or "250 2.0.0 Saved"}
    with sink(replies=slow) as one:
        submit([ANNA], "killed")
        until(lambda: "DATA" in one.commands, "nothing is on its way")
        time.sleep(0.3)
        kill_couriers()
        arrived(one, "killed")
        tracked("killed", "DELIVER", CustomData="PossibleDuplicate=True")
        server.settle()


@test
def what_kills_couriers_is_set_aside(_):
    over = threading.Event()
    with sink(replies={"end": lambda _argument, _number: over.wait(30) and "250 2.0.0 Saved"}) as one:
        submit([ANNA], "deadly")
        for deaths in range(3):
            until(lambda: one.commands.count("DATA") > deaths, lambda: f"not tried after {deaths} deaths: {server.get('Get-Queue')}")
            time.sleep(0.3)
            kill_couriers(signal.SIGABRT)
        poison = until(lambda: [q for q in server.get("Get-Queue") if q["Identity"].endswith("Poison") and q["MessageCount"]], "it is not set aside")
        equal(poison[0]["MessageCount"], 1, "messages in the queue Poison")
        equal(one.messages, [], "what has come")
        over.set()
        server.postern("Resume-Message", "-Filter", "Size -gt 0", "-Confirm:$false")
        arrived(one, "deadly")
        server.settle()


run(240, server)
