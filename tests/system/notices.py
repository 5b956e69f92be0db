# SPDX-License-Identifier: Apache-2.0
"""What cannot be delivered: who is told, when, and in which words; and that no notice answers a notice.

The hours of waiting are made by moving the times in the queue while the server is down."""
import email
import email.policy
import glob
import os
import shutil
import socket
import sqlite3
import time

from harness import DOMAIN, Client, Server, check, equal, run, test

server = Server()
HOUR_MS = 3600 * 1000
ELSEWHERE = "carol@elsewhere.example"


def submit(sender, recipients, token, parameters="", recipient_parameters="", login="bob"):
    body = f"From: <{sender or 'nobody@' + DOMAIN}>\r\nSubject: {token}\r\nMessage-ID: <{token}@{DOMAIN}>\r\n\r\nbody of {token}\r\n".encode()
    with Client(server.port(587)) as client:
        client.ehlo()
        client.starttls()
        client.ehlo()
        client.log_in(login, "correct horse 41")
        client.expect(f"MAIL FROM:<{sender}>{parameters}", 250)
        for recipient in recipients:
            client.expect(f"RCPT TO:<{recipient}>{recipient_parameters}", 250)
        equal(client.data(body).code, 250, "end of data")


def waits(address, timeout_s=15):
    """Until the recipient waits in the queue and nobody has it in hand; its message's number."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        for message in server.get("Get-Message"):
            if address in message["Recipients"] and message["Status"] in ("Retry", "Ready"):
                return message["InternalId"]
        time.sleep(0.05)
    check(False, f"{address} does not wait")


def moved(change, *values):
    """Stops the server, changes the queue, starts it again."""
    time.sleep(0.2)  # what is finished rides on the next batch
    equal(server.stop(), 0, "exit status")
    (path,) = glob.glob(os.path.join(server.data, "**", "queue.db"), recursive=True)
    with sqlite3.connect(path) as database:
        check(database.execute(change, values).rowcount > 0, "nothing was moved")
    database.close()
    server.start()


def aged(message, hours):
    """The message came `hours` earlier than it did, and is due now by the rule."""
    moved("UPDATE message SET received_at = received_at - ?1, expires_at = expires_at - ?1 WHERE id = ?2", hours * HOUR_MS, message)


def notice(token, subject, timeout_s=15):
    """The one notice about `token` whose subject begins so, taken apart: words, fields of the message, of each recipient, the rest."""
    deadline = time.monotonic() + timeout_s
    found = []
    while not found and time.monotonic() < deadline:
        found = [content for content in server.messages().values() if f"\r\nSubject: {subject}{token}\r\n".encode() in content]
        time.sleep(0.05)
    equal(len(found), 1, f"notices {subject}{token}")
    parsed = email.message_from_bytes(found[0], policy=email.policy.default)
    equal(parsed.get_content_type(), "multipart/report", "type")
    equal(parsed.get_param("report-type"), "delivery-status", "report type")
    equal(parsed["Auto-Submitted"], "auto-replied", "Auto-Submitted")
    check(found[0].startswith(b"Return-Path: <>\r\n"), f"not from the null sender: {found[0][:60]}")
    check(not parsed.defects, f"defects: {parsed.defects}")
    words, fields, last = parsed.iter_parts()
    groups = fields.get_payload()
    return words.get_content(), groups[0], groups[1:], last


@test
def users(_):
    for name in ("alice", "bob"):
        server.add_user(name)
    server.postern("Add-ADPermission", "Client Frontend MX", "-User", "bob", "-ExtendedRights", "ms-Exch-SMTP-Accept-Any-Recipient")


def break_mailbox():
    """Nothing can be written into alice's Maildir."""
    folder = os.path.join(server.data, "mail", "alice")
    shutil.rmtree(folder, ignore_errors=True)
    with open(folder, "w", encoding="ascii"):
        pass
    return folder


@test
def what_has_waited_too_long_is_given_up(_):
    folder = break_mailbox()
    submit(f"bob@{DOMAIN}", [f"alice@{DOMAIN}"], "overlong", " ENVID=QQ+2B314 RET=HDRS",
           f" NOTIFY=FAILURE,DELAY ORCPT=rfc822;ali+2Bce@{DOMAIN}")
    message = waits(f"alice@{DOMAIN}")
    aged(message, 4)
    moved("UPDATE recipient SET next_at = (SELECT received_at FROM message WHERE id = message) + ?", 4 * HOUR_MS)
    words, about, (recipient,), _last = notice("overlong", "Delayed: ")
    equal(recipient["Action"], "delayed", "action")
    check(recipient["Will-Retry-Until"], "no Will-Retry-Until")
    check("has not been delivered yet" in words and "It is tried until" in words, words)
    aged(waits(f"alice@{DOMAIN}"), 48)
    moved("UPDATE recipient SET next_at = 0")
    words, about, (recipient,), last = notice("overlong", "Undeliverable: ")
    equal(about["Original-Envelope-Id"], "QQ+314", "ENVID")
    equal(about["Reporting-MTA"], "dns; mx.example.test", "Reporting-MTA")
    equal(recipient["Original-Recipient"], f"rfc822;ali+ce@{DOMAIN}", "ORCPT")
    equal(recipient["Final-Recipient"], f"rfc822; alice@{DOMAIN}", "Final-Recipient")
    equal((recipient["Action"], recipient["Status"]), ("failed", "4.4.7"), "action and status")
    check("cannot write to the Maildir" in recipient["Diagnostic-Code"], recipient["Diagnostic-Code"])
    check("Diagnostic information for administrators:" in words and "Generating server: mx.example.test" in words, words)
    equal(last.get_content_type(), "text/rfc822-headers", "last part")
    check("Subject: overlong" in last.get_content() and "body of" not in last.get_content(), last.get_content())
    os.unlink(folder)
    server.settle()
    rows = server.get("Get-MessageTrackingLog", "-EventId", "DSN")
    equal([row["Recipients"] for row in rows], [[f"bob@{DOMAIN}"]] * 2, "DSN rows")
    check(any(row["EventId"] == "FAIL" for row in server.get("Get-MessageTrackingLog")), "no FAIL row")


@test
def a_mailbox_that_has_gone(_):
    server.add_user("dave")
    folder = os.path.join(server.data, "mail", "dave")
    with open(folder, "w", encoding="ascii"):
        pass
    submit(f"bob@{DOMAIN}", [f"dave@{DOMAIN}"], "gone", " RET=FULL")
    waits(f"dave@{DOMAIN}")
    server.postern("Remove-Mailbox", "dave", "-Confirm:$false")
    os.unlink(folder)
    _words, _about, (recipient,), last = notice("gone", "Undeliverable: ")
    equal((recipient["Action"], recipient["Status"]), ("failed", "5.1.1"), "action and status")
    equal(last.get_content_type(), "message/rfc822", "last part")
    check("body of gone" in last.get_content().get_content(), "RET=FULL brings the whole message")
    server.settle()


@test
def a_mailbox_that_has_gone_from_a_relay_domain(_):
    """It may be elsewhere now: it waits."""
    server.postern("New-AcceptedDomain", "relay.example", "-DomainName", "relay.example", "-DomainType", "InternalRelay")
    server.postern("New-Mailbox", "-Name", "erin", "-PrimarySmtpAddress", "erin@relay.example", "-Password", "-",
                   input="correct horse 41\n")
    folder = os.path.join(server.data, "mail", "erin")
    with open(folder, "w", encoding="ascii"):
        pass
    submit(f"bob@{DOMAIN}", ["erin@relay.example"], "moved")
    waits("erin@relay.example")
    server.postern("Remove-Mailbox", "erin", "-Confirm:$false")
    os.unlink(folder)
    moved("UPDATE recipient SET next_at = 0")
    waits("erin@relay.example")
    moved("UPDATE message SET expires_at = 1")
    moved("UPDATE recipient SET next_at = 0")
    notice("moved", "Undeliverable: ")
    server.settle()


@test
def a_delivery_is_told_to_who_asks(_):
    submit(f"bob@{DOMAIN}", [f"alice@{DOMAIN}"], "arrived", "", " NOTIFY=SUCCESS,FAILURE")
    _words, _about, (recipient,), _last = notice("arrived", "Delivered: ")
    equal((recipient["Action"], recipient["Status"]), ("delivered", "2.1.5"), "action and status")
    server.settle()


@test
def what_has_no_way_waits_and_expires(_):
    submit(f"bob@{DOMAIN}", [ELSEWHERE], "nowhere")
    message = waits(ELSEWHERE)
    aged(message, 4)
    moved("UPDATE recipient SET next_at = (SELECT received_at FROM message WHERE id = message) + ?", 4 * HOUR_MS)
    notice("nowhere", "Delayed: ")
    aged(waits(ELSEWHERE), 48)
    moved("UPDATE recipient SET next_at = 0")
    words, _about, (recipient,), _last = notice("nowhere", "Undeliverable: ")
    check("no send connector" in words, words)
    equal(recipient["Final-Recipient"], f"rfc822; {ELSEWHERE}", "Final-Recipient")
    server.settle()


@test
def what_waits_with_its_next_hop_is_told_of_in_time(_):
    """The moments of the notice and of the end come while the hop waits for its next attempt."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    server.postern("New-SendConnector", "-Name", "Dead", "-AddressSpaces", "dead.example", "-SmartHosts", "[127.0.0.1]", "-DNSRoutingEnabled", "$false",
                   "-Port", str(port))

    def until_soon(column, hours):
        waits("carol@dead.example")
        moved("UPDATE recipient SET next_at = 0")
        waits("carol@dead.example")
        age = f"CAST(strftime('%s', 'now') AS INTEGER) * 1000 + 8000 - {column}"
        moved(f"UPDATE message SET received_at = received_at + {age} - ?1, expires_at = expires_at + {age} - ?1", hours * HOUR_MS)
        moved("UPDATE recipient SET next_at = 0")
    submit(f"bob@{DOMAIN}", ["carol@dead.example"], "dead")
    until_soon("received_at", 4)
    words, _about, (recipient,), _last = notice("dead", "Delayed: ")
    equal((recipient["Action"], recipient["Remote-MTA"]), ("delayed", None), "action and whose words")
    check("450 4.4.317 Cannot connect to remote server" in recipient["Diagnostic-Code"], recipient["Diagnostic-Code"])
    until_soon("expires_at", 0)
    words, _about, (recipient,), _last = notice("dead", "Undeliverable: ")
    check("550 4.4.7 QUEUE.Expired; message expired: 450 4.4.317 Cannot connect" in recipient["Diagnostic-Code"], recipient["Diagnostic-Code"])
    server.postern("Remove-SendConnector", "Dead", "-Confirm:$false")
    server.settle()


@test
def who_does_not_want_to_hear_is_not_told(_):
    before = len(server.messages())
    submit(f"bob@{DOMAIN}", [ELSEWHERE], "never", "", " NOTIFY=NEVER")
    submit(f"bob@{DOMAIN}", [ELSEWHERE], "success", "", " NOTIFY=SUCCESS")
    waits(ELSEWHERE)
    moved("UPDATE message SET expires_at = 1")
    moved("UPDATE recipient SET next_at = 0")
    server.settle()
    equal(len(server.messages()), before, "messages")


@test
def what_an_administrator_removes(_):
    submit(f"bob@{DOMAIN}", [ELSEWHERE, "dan@elsewhere.example"], "removed")
    number = waits(ELSEWHERE)
    server.postern("Remove-Message", str(number), "-Confirm:$false")
    _words, _about, recipients, _last = notice("removed", "Undeliverable: ")
    equal(sorted(one["Final-Recipient"] for one in recipients), [f"rfc822; {ELSEWHERE}", "rfc822; dan@elsewhere.example"], "recipients of one notice")
    equal({one["Status"] for one in recipients}, {"4.3.2"}, "status")
    server.settle()
    before = len(server.messages())
    submit(f"bob@{DOMAIN}", [ELSEWHERE], "silent")
    server.postern("Remove-Message", str(waits(ELSEWHERE)), "-WithNDR", "$false", "-Confirm:$false")
    server.settle()
    equal(len(server.messages()), before, "messages")


@test
def a_notice_is_never_answered(_):
    """Neither of a message from the null sender, nor of a notice that has no way itself."""
    before = len(server.messages())
    with Client(server.port(25)) as client:
        client.ehlo()
        client.mail("", [f"alice@{DOMAIN}"], b"Subject: null\r\n\r\nx\r\n")
    server.find(b"Subject: null")
    server.postern("Add-ADPermission", "Client Frontend MX", "-User", "bob", "-ExtendedRights", "ms-Exch-SMTP-Accept-Any-Sender")
    submit("eve@far.example", [ELSEWHERE], "far")
    waits(ELSEWHERE)
    moved("UPDATE message SET expires_at = 1")
    moved("UPDATE recipient SET next_at = 0")
    message = waits("eve@far.example")
    (shown,) = [one for one in server.get("Get-Message") if one["InternalId"] == message]
    equal(shown["FromAddress"], "<>", "sender of the notice")
    moved("UPDATE message SET expires_at = 1")
    moved("UPDATE recipient SET next_at = 0")
    server.settle()
    equal(len(server.messages()), before + 1, "messages")


run(180, server)
