# SPDX-License-Identifier: Apache-2.0
"""Distribution groups and forwarding: who gets a message, who may write to a group, what the sender hears, and orders on
messages that wait: another recipient (Redirect-Message), a copy in a file (Export-Message)."""
import email
import email.policy
import json
import os
import time

from harness import DOMAIN, Client, Server, check, equal, run, test
from sink import Sink

server = Server()
FAR = "carol@far.example"


def submit(recipients, token, sender=f"bob@{DOMAIN}", recipient_parameters=""):
    text = f"From: <{sender}>\r\nSubject: {token}\r\nMessage-ID: <{token}@{DOMAIN}>\r\n\r\nbody of {token}\r\n".encode()
    with Client(server.port(587)) as client:
        client.ehlo()
        client.starttls()
        client.ehlo()
        client.log_in("bob")
        client.expect(f"MAIL FROM:<{sender}>", 250)
        for recipient in recipients:
            client.expect(f"RCPT TO:<{recipient}>{recipient_parameters}", 250)
        equal(client.data(text).code, 250, "end of data")


def stranger(recipient):
    """What a client without a login is answered."""
    with Client(server.port(25)) as client:
        client.ehlo()
        client.expect("MAIL FROM:<eve@far.example>", 250)
        reply = client.command(f"RCPT TO:<{recipient}>")
        return reply.code, reply.lines[-1].decode()


def group(name, *members, more=()):
    server.postern("New-DistributionGroup", "-Name", name, "-PrimarySmtpAddress", f"{name}@{DOMAIN}",
                   *(["-Members", ",".join(members)] if members else []), *more)


def readers(token):
    """The folders that a message has reached, when the queue is empty."""
    server.settle()
    time.sleep(0.1)
    return sorted(path.split(os.sep)[-3] for path, content in server.messages().items() if f"body of {token}\r".encode() in content)


def notices(token):
    server.settle()
    return [email.message_from_bytes(content, policy=email.policy.default) for content in server.messages().values()
            if b"multipart/report" in content and f"{token}@{DOMAIN}".encode() in content]


def tracked(event, token):
    return [row for row in server.get("Get-MessageTrackingLog", "-EventId", event) if row["MessageId"] == f"<{token}@{DOMAIN}>"]


@test
def users(_):
    for name in ("alice", "bob", "carl", "dora"):
        server.add_user(name)
    server.postern("Add-ADPermission", "Client Frontend MX", "-User", "bob", "-ExtendedRights", "ms-Exch-SMTP-Accept-Any-Recipient")


@test
def members_get_it_once(_):
    group("inner", "carl", f"alice@{DOMAIN}")
    group("staff", "alice", "dora", f"inner@{DOMAIN}", f"ALICE@{DOMAIN}")
    submit([f"staff@{DOMAIN}", f"carl@{DOMAIN}"], "once")
    equal(readers("once"), ["alice", "carl", "dora"], "who has it")
    (row,) = tracked("EXPAND", "once")
    equal(row["RelatedRecipientAddress"], f"staff@{DOMAIN}", "RelatedRecipientAddress")
    equal(sorted(row["Recipients"]), [f"alice@{DOMAIN}", f"dora@{DOMAIN}"], "rows of EXPAND")
    (received,) = tracked("RECEIVE", "once")
    equal(sorted(received["Recipients"]), [f"carl@{DOMAIN}", f"staff@{DOMAIN}"], "RECEIVE says what the client said")


@test
def groups_in_a_circle(_):
    server.postern("Add-DistributionGroupMember", "inner", "-Member", "staff")
    submit([f"inner@{DOMAIN}"], "circle")
    equal(readers("circle"), ["alice", "carl", "dora"], "who has it")
    server.postern("Remove-DistributionGroupMember", "inner", "-Member", f"staff@{DOMAIN}", "-Confirm:$false")


@test
def strangers_may_not_write_to_it(_):
    code, said = stranger(f"staff@{DOMAIN}")
    equal(code, 550, "code")
    check("5.7.133" in said and "authentication required" in said, said)
    server.postern("Set-DistributionGroup", "staff", "-RequireSenderAuthenticationEnabled", "$false")
    equal(stranger(f"staff@{DOMAIN}")[0], 250, "code for an open group")
    server.postern("Set-DistributionGroup", "staff", "-RequireSenderAuthenticationEnabled", "$true")
    equal(stranger(f"nobody@{DOMAIN}")[0], 550, "code for nobody")


@test
def in_a_domain_that_is_not_ours_alone(_):
    """Where any address is passed on, a group is closed all the same."""
    server.postern("New-AcceptedDomain", "-Name", "Shared", "-DomainName", "shared.example", "-DomainType", "InternalRelay")
    server.postern("New-DistributionGroup", "-Name", "club", "-PrimarySmtpAddress", "club@shared.example", "-Members", "alice")
    equal(stranger("club@shared.example")[0], 550, "code for a closed group")
    equal(stranger("other@shared.example")[0], 250, "code for anybody else")
    submit(["club@shared.example"], "shared")
    equal(readers("shared"), ["alice"], "who has it")


@test
def what_a_stranger_may_is_foretold(_):
    def verdict(*more):
        done = server.postern("Test-SmtpSubmission", "Default Frontend MX", "-From", "eve@far.example", "-To", f"staff@{DOMAIN}", "-o", "json", *more, good=False)
        return [row for row in json.loads(done.stdout) if row["Step"] == "Recipient"][0]
    row = verdict()
    check(not row["Allowed"] and "5.7.133" in row["Reply"], f"{row}")


@test
def a_group_without_members(_):
    group("empty")
    submit([f"empty@{DOMAIN}"], "hollow")
    server.settle()
    (notice,) = notices("hollow")
    check("5.2.4" in notice.as_string(), notice.as_string())


@test
def members_are_managed(_):
    group("crew", "alice")
    server.postern("Add-DistributionGroupMember", "crew", "-Member", FAR)
    done = server.postern("Add-DistributionGroupMember", "crew", "-Member", "alice")
    check("already" in done.stdout + done.stderr, done.stdout + done.stderr)
    equal([(row["Name"], row["RecipientType"]) for row in server.get("Get-DistributionGroupMember", "crew")],
          [("alice", "UserMailbox"), (FAR, "MailContact")], "members")
    server.postern("Update-DistributionGroupMember", "crew", "-Members", "dora,carl,dora", "-Confirm:$false")
    equal([row["Name"] for row in server.get("Get-DistributionGroupMember", "crew")], ["dora", "carl"], "members")
    done = server.postern("Add-DistributionGroupMember", "crew", "-Member", "zoe", good=False)
    equal(done.returncode, 3, "exit code for a name that nobody has")
    done = server.postern("Remove-DistributionGroupMember", "crew", "-Member", "alice", "-Confirm:$false", good=False)
    equal(done.returncode, 3, "exit code for one who is no member")
    (shown,) = server.get("Get-DistributionGroup", "crew")
    equal(shown["MemberCount"], 2, "MemberCount")


@test
def addresses_belong_to_one(_):
    done = server.postern("New-DistributionGroup", "-Name", "thief", "-PrimarySmtpAddress", f"alice@{DOMAIN}", good=False)
    check(done.returncode and "mailbox \"alice\" has this address already" in done.stderr, done.stderr)
    done = server.postern("New-Mailbox", "-Name", "thief", "-PrimarySmtpAddress", f"staff@{DOMAIN}", good=False)
    check(done.returncode and "distribution group \"staff\" has this address already" in done.stderr, done.stderr)
    server.postern("Set-DistributionGroup", "crew", "-PrimarySmtpAddress", f"team@{DOMAIN}")
    submit([f"crew@{DOMAIN}"], "renamed")
    equal(readers("renamed"), ["carl", "dora"], "mail to the former address")


@test
def groups_go_through_text_and_back(_):
    text = server.postern("Export-Configuration").stdout
    check("New-DistributionGroup" in text and "'crew'" in text, text[-1500:])
    server.postern("Remove-DistributionGroup", "crew", "-Confirm:$false")
    equal(server.postern("Get-DistributionGroup", "crew", good=False).returncode, 3, "exit code when it is gone")
    server.postern("Undo-Configuration", str(server.get("Get-ConfigurationRevision")[0]["Identity"]), "-Confirm:$false")
    equal([row["Name"] for row in server.get("Get-DistributionGroupMember", "crew")], ["dora", "carl"], "members")


@test
def success_of_a_group_is_told_once(_):
    submit([f"staff@{DOMAIN}"], "expanded", recipient_parameters=" NOTIFY=SUCCESS,FAILURE")
    equal(readers("expanded"), ["alice", "carl", "dora"], "who has it")
    (notice,) = notices("expanded")
    check("Action: expanded" in notice.as_string() and f"staff@{DOMAIN}" in notice.as_string(), notice.as_string())


@test
def forwarding(_):
    with Sink() as sink:
        server.postern("New-SendConnector", "-Name", "Out", "-AddressSpaces", "*", "-SmartHosts", "[127.0.0.1]", "-DNSRoutingEnabled", "$false",
                       "-Port", str(sink.port))
        server.postern("Set-Mailbox", "carl", "-ForwardingSmtpAddress", f"smtp:{FAR}")
        submit([f"carl@{DOMAIN}"], "forward", recipient_parameters=" NOTIFY=SUCCESS,FAILURE")
        equal(readers("forward"), [], "who has it here")
        ((sender, recipients, _body),) = [one for one in sink.messages if b"body of forward" in one[2]]
        check(sender.startswith(f"FROM:<bob@{DOMAIN}>"), f"the sender stays who it was: {sender}")
        check(recipients[0].startswith(f"TO:<{FAR}>") and "SUCCESS" in recipients[0] and f"ORCPT=rfc822;carl@{DOMAIN}" in recipients[0], recipients[0])
        (row,) = tracked("REDIRECT", "forward")
        equal((row["RelatedRecipientAddress"], row["Recipients"]), (f"carl@{DOMAIN}", [FAR]), "REDIRECT")
        server.postern("Set-Mailbox", "carl", "-DeliverToMailboxAndForward", "$true")
        submit([f"carl@{DOMAIN}"], "both")
        equal(readers("both"), ["carl"], "who has it here")
        equal(len([one for one in sink.messages if b"body of both" in one[2]]), 1, "messages elsewhere")
    server.postern("Set-Mailbox", "carl", "-ForwardingSmtpAddress", "$null", "-DeliverToMailboxAndForward", "$false")
    submit([f"carl@{DOMAIN}"], "neither")
    equal(readers("neither"), ["carl"], "who has it here")


@test
def routes_say_what_an_address_stands_for(_):
    (route,) = server.get("Test-MailRoute", f"staff@{DOMAIN}")
    check('the distribution group "staff", with 3 members' in route["Reason"], route["Reason"])
    server.postern("Set-Mailbox", "carl", "-ForwardingSmtpAddress", FAR)
    (route,) = server.get("Test-MailRoute", f"carl@{DOMAIN}")
    check(f"forwards to {FAR}" in route["Reason"], route["Reason"])
    server.postern("Set-Mailbox", "carl", "-ForwardingSmtpAddress", "$null")


@test
def forwards_in_a_circle_lose_nothing(_):
    done = server.postern("Set-Mailbox", "carl", "-ForwardingSmtpAddress", f"carl@{DOMAIN}", good=False)
    check(done.returncode and "itself" in done.stderr, done.stderr)
    server.postern("Set-Mailbox", "carl", "-ForwardingSmtpAddress", f"dora@{DOMAIN}")
    server.postern("Set-Mailbox", "dora", "-ForwardingSmtpAddress", f"carl@{DOMAIN}")
    submit([f"carl@{DOMAIN}"], "round")
    equal(len(readers("round")), 1, "copies")
    for name in ("carl", "dora"):
        server.postern("Set-Mailbox", name, "-ForwardingSmtpAddress", "$null")


@test
def a_notice_follows_the_forward_of_who_wrote(_):
    server.postern("Set-Mailbox", "bob", "-ForwardingSmtpAddress", f"dora@{DOMAIN}")
    submit([f"empty@{DOMAIN}"], "moved")
    (notice,) = notices("moved")
    (path,) = [path for path, content in server.messages().items() if b"multipart/report" in content and b"moved@" in content]
    equal(path.split(os.sep)[-3], "dora", "whose folder")
    server.postern("Set-Mailbox", "bob", "-ForwardingSmtpAddress", "$null")


@test
def nobody_is_told_when_the_group_says_so(_):
    group("hush", f"gone@{DOMAIN}", more=("-ReportToOriginatorEnabled", "$false"))
    submit([f"hush@{DOMAIN}"], "hush")
    equal(notices("hush"), [], "notices")
    server.postern("Set-DistributionGroup", "hush", "-ReportToOriginatorEnabled", "$true")
    submit([f"hush@{DOMAIN}"], "loud")
    (notice,) = notices("loud")
    check(f"gone@{DOMAIN}" in notice.as_string() and f"Original-Recipient: rfc822; hush@{DOMAIN}" in notice.as_string().replace("rfc822;hush", "rfc822; hush"),
          notice.as_string())


@test
def many_members(_):
    """Ten thousand of them: one answer, and others are served meanwhile."""
    parts = range(9)
    for part in parts:
        members = [f"p{part}.{i}@nowhere.example" for i in range(1100)]
        server.postern("New-DistributionGroup", "-Name", f"big{part}", "-PrimarySmtpAddress", f"big{part}@{DOMAIN}", "-Members", ",".join(members))
    group("everybody", *(f"big{part}" for part in parts), "alice")
    server.postern("Set-SendConnector", "Out", "-Enabled", "$false")
    began = time.monotonic()
    submit([f"everybody@{DOMAIN}"], "everybody")
    took = time.monotonic() - began
    began = time.monotonic()
    submit([f"dora@{DOMAIN}"], "meanwhile")
    check(time.monotonic() - began < 10, f"another one waited {time.monotonic() - began:.1f} s; ten thousand took {took:.1f} s")
    server.find(b"body of everybody")
    server.postern("Remove-Message", "-Filter", "Size -gt 0", "-WithNDR", "$false", "-Confirm:$false", timeout_s=120)
    server.settle(60)
    return f"ten thousand recipients took {took:.2f} s"


def suspended(token):
    """A message that waits, suspended; its number."""
    submit([FAR, "dan@far.example"], token)
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        for message in server.get("Get-Message"):
            if token == message["Subject"] and message["Status"] in ("Retry", "Ready"):
                return message["InternalId"]
        time.sleep(0.05)
    check(False, "it does not wait")


@test
def redirect(_):
    number = str(suspended("elsewhere"))
    done = server.postern("Redirect-Message", number, "-Recipient", f"alice@{DOMAIN}", "-Confirm:$false", good=False)
    check(done.returncode == 4 and f"Suspend-Message {number}" in done.stderr, done.stderr)
    server.postern("Suspend-Message", number)
    done = server.postern("Redirect-Message", number, "-Recipient", f"zoe@{DOMAIN}", "-Confirm:$false", good=False)
    equal(done.returncode, 3, "exit code for nobody")
    server.postern("Redirect-Message", number, "-Recipient", f"dora@{DOMAIN},staff@{DOMAIN}", "-WhatIf")
    equal(sorted(server.get("Get-Message", number)[0]["Recipients"]), [FAR, "dan@far.example"], "recipients after -WhatIf")
    server.postern("Redirect-Message", number, "-Recipient", f"dora@{DOMAIN},staff@{DOMAIN}", "-Confirm:$false")
    (message,) = server.get("Get-Message", number)
    equal((message["Status"], sorted(message["Recipients"])), ("Suspended", [f"{name}@{DOMAIN}" for name in ("alice", "carl", "dora")]), "the message")
    server.postern("Resume-Message", number)
    equal(readers("elsewhere"), ["alice", "carl", "dora"], "who has it")
    (row,) = tracked("REDIRECT", "elsewhere")
    equal(row["Source"], "ADMIN", "Source")
    done = server.postern("Redirect-Message", number, "-Recipient", f"dora@{DOMAIN}", "-Confirm:$false", good=False)
    equal(done.returncode, 3, "exit code when it is gone")


@test
def export(_):
    number = str(suspended("copied"))
    path = os.path.join(server.data, "copied.eml")
    done = server.postern("Export-Message", number, "-FileName", path, good=False)
    check(done.returncode == 4 and f"Suspend-Message {number}" in done.stderr, done.stderr)
    server.postern("Export-Message", number, "-FileName", path, "-IncludeActive")
    os.unlink(path)
    server.postern("Suspend-Message", number)
    server.postern("Export-Message", number, "-FileName", path)
    with open(path, "rb") as file:
        content = file.read()
    check(content.startswith(b"Received: from ") and content.endswith(b"\r\n\r\nbody of copied\r\n"), f"{content!r}")
    again = os.path.join(server.data, "again.eml")
    server.postern("shell", input=f"Export-Message {number} | AssembleMessage -Path '{again}'\n")
    with open(again, "rb") as file:
        equal(file.read(), content, "the same by the shell")
    server.postern("Remove-Message", number, "-WithNDR", "$false", "-Confirm:$false")
    server.settle()


@test
def an_address_becomes_a_group(_):
    """Mail that waits in a queue goes to the members when there are any."""
    submit(["later@shared.example"], "later")
    server.postern("New-DistributionGroup", "-Name", "later", "-PrimarySmtpAddress", "later@shared.example", "-Members", "alice,dora")
    equal(readers("later"), ["alice", "dora"], "who has it")


run(240, server)
