# SPDX-License-Identifier: Apache-2.0
"""Rights that are given and taken one by one, and what refusals say about them."""
import json
import time

from harness import DOMAIN, PASSWORD, SERVER, Client, Server, check, equal, header, new_token, plain, run, test, text_of

server = Server()
ANONYMOUS = "NT AUTHORITY\\ANONYMOUS LOGON"
RELAY, AS_US = "ms-Exch-SMTP-Accept-Any-Recipient", "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender"


def fails(code, *words, says=()):
    done = server.postern(*words, good=False)
    equal(done.returncode, code, f"exit code of {words}: {done.stdout[:200]}{done.stderr[:300]}")
    for part in says if isinstance(says, (list, tuple)) else (says,):
        check(part in done.stderr, f"{words}: it does not say {part!r}: {done.stderr[:600]}")


def submission(user):
    client = Client(server.port(587))
    client.ehlo()
    client.starttls()
    client.log_in(user)
    return client


def stranger():
    client = Client(server.port(25))
    client.ehlo()
    return client


def code_of(client, line):
    reply = client.command(line)
    return reply.code, reply.lines[0].split(b" ")[0].decode()


def rights_of(connector, user=None):
    """{(user, right): entry} that are in force."""
    shown = server.get("Get-ADPermission", connector, *(("-User", user) if user else ()))
    return {(one["User"], one["ExtendedRights"][0]): one for one in shown if one["Effective"] and not one["Deny"]}


def wait_for_log(text, since):
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if text in server.log()[since:]:
            return
        time.sleep(0.02)
    check(False, f"the log does not say {text!r}: {server.log()[since:][-900:]}")


@test
def users(_):
    for name in ("alice", "bob", "carol"):
        server.add_user(name)
    server.postern("New-Mailbox", "-Name", "info", "-PrimarySmtpAddress", f"info@{DOMAIN}", "-EmailAddresses", f"sales@{DOMAIN}")


@test
def relay_for_strangers(_):
    front = server.connector(25)
    before = server.get("Get-ReceiveConnector", front)[0]["PermissionGroups"]
    check("Custom" not in before, before)
    for user in (ANONYMOUS, "s-1-5-7"):
        said = server.postern("Add-ADPermission", front, "-User", user, "-ExtendedRights", RELAY.replace("ms-E", "Ms-E"))
        check("open relay" in said.stderr, f"no warning of an open relay: {said.stderr}")
        equal(server.get("Get-ReceiveConnector", front)[0]["PermissionGroups"], before + ", Custom", "groups")
        check((ANONYMOUS, RELAY) in rights_of(front), "the right is not shown")
        with stranger() as client:
            client.expect("MAIL FROM:<someone@example.org>", 250)
            client.expect("RCPT TO:<u@elsewhere.example>", 250)
        server.postern("Remove-ADPermission", front, "-User", "Anonymous Logon", "-ExtendedRights", RELAY, "-Confirm:$false")
        with stranger() as client:
            client.expect("MAIL FROM:<someone@example.org>", 250)
            equal(code_of(client, "RCPT TO:<u@elsewhere.example>"), (550, "5.7.54"), "relay after Remove-")
    equal(server.get("Get-ReceiveConnector", front)[0]["PermissionGroups"], before, "groups in the end")


@test
def a_right_of_a_group_is_taken_and_given_back(_):
    """The recipe against strangers who write as one of our own."""
    front = server.connector(25)
    with stranger() as client:
        client.expect(f"MAIL FROM:<bob@{DOMAIN}>", 250)
    server.postern("Remove-ADPermission", front, "-User", ANONYMOUS, "-ExtendedRights", AS_US, "-Confirm:$false")
    check((ANONYMOUS, AS_US) not in rights_of(front), "still in force")
    check("Custom" in server.get("Get-ReceiveConnector", front)[0]["PermissionGroups"], "no Custom")
    since = len(server.log())
    with stranger() as client:
        equal(code_of(client, f"MAIL FROM:<bob@{DOMAIN}>"), (550, "5.7.60"), "a stranger as bob")
        client.expect("MAIL FROM:<someone@example.org>", 250)
    wait_for_log(f'{ANONYMOUS} lacks {AS_US} on {front}; fix: Add-ADPermission -Identity "{front}" -User "{ANONYMOUS}" '
                 f'-ExtendedRights "{AS_US}"', since)
    server.postern("Add-ADPermission", "-Identity", front, "-User", ANONYMOUS, "-ExtendedRights", AS_US)  # what the log says
    with stranger() as client:
        client.expect(f"MAIL FROM:<bob@{DOMAIN}>", 250)
    equal(len([one for one in server.get("Get-ADPermission", front) if one["Custom"]]), 0, "entries by hand")


@test
def a_denial_wins(_):
    front = server.connector(25)
    server.postern("Add-ADPermission", front, "-User", ANONYMOUS, "-ExtendedRights", "ms-Exch-SMTP-Submit", "-Deny")
    with stranger() as client:
        equal(code_of(client, "MAIL FROM:<someone@example.org>"), (530, "5.7.57"), "MAIL")
    server.postern("Remove-ADPermission", front, "-User", ANONYMOUS, "-ExtendedRights", "ms-Exch-SMTP-Submit", "-Deny", "-Confirm:$false")
    with stranger() as client:
        client.expect("MAIL FROM:<someone@example.org>", 250)


@test
def headers_by_hand(_):
    """The rights of the header firewall can be given and taken like any other."""
    front = server.connector(25)
    server.postern("Add-ADPermission", front, "-User", ANONYMOUS, "-ExtendedRights",
                   "ms-Exch-Accept-Headers-Organization,ms-Exch-Accept-Headers-Forest")
    server.postern("Remove-ADPermission", front, "-User", ANONYMOUS, "-ExtendedRights", "ms-Exch-Accept-Headers-Routing", "-Confirm:$false")
    token = new_token()
    claims = b"X-MS-Exchange-Organization-SCL: -1\r\nX-MS-Exchange-Forest-A: b\r\n"
    routes = b"Received: from a\r\n\tby b; now\r\nResent-To: <x@y.example>\r\n"
    with stranger() as client:
        client.mail("someone@example.org", [f"bob@{DOMAIN}"], header(token, more=routes + claims + routes) + routes)
    content = server.find(token.encode())
    check(claims in content, "the fields of the organization are gone")
    top, _, body = content.partition(b"\r\n\r\n")
    equal((top.count(b"Received:"), top.count(b"Resent-")), (1, 0), "routing fields, ours is one")
    equal(body, routes, "the body")
    loop = b"Received: from a by b; now\r\n" * 61
    with stranger() as client:
        client.envelope("someone@example.org", [f"bob@{DOMAIN}"])
        equal(client.data(header(new_token(), more=loop) + b"x\r\n").code, 554, "a loop whose fields are removed")
    server.postern("Add-ADPermission", front, "-User", ANONYMOUS, "-ExtendedRights", "ms-Exch-Accept-Headers-Routing")
    server.postern("Remove-ADPermission", front, "-User", ANONYMOUS, "-ExtendedRights",
                   "ms-Exch-Accept-Headers-Organization, ms-Exch-Accept-Headers-Forest", "-Confirm:$false")


@test
def rights_end_where_the_login_ends(_):
    """STARTTLS forgets a login made in the clear, and what it allowed."""
    front = server.connector(25)
    server.postern("Set-ReceiveConnector", front, "-AuthMechanism", "Tls,BasicAuth", "-PermissionGroups", "AnonymousUsers,ExchangeUsers")
    with stranger() as client:
        client.log_in("alice")
        client.expect(f"MAIL FROM:<alice@{DOMAIN}>", 250)
        client.expect("RCPT TO:<u@elsewhere.example>", 250)
        client.expect("RSET", 250)
        client.starttls()
        client.expect(f"MAIL FROM:<bob@{DOMAIN}>", 250)
        equal(code_of(client, "RCPT TO:<u@elsewhere.example>"), (550, "5.7.54"), "relay after STARTTLS")
        client.expect("RSET", 250)
        client.log_in("alice")
        equal(code_of(client, f"MAIL FROM:<bob@{DOMAIN}>"), (550, "5.7.60"), "alice as bob")
    server.postern("Set-ReceiveConnector", front, "-AuthMechanism", "Tls,Integrated,BasicAuth,BasicAuthRequireTLS,ExchangeServer",
                   "-PermissionGroups", "AnonymousUsers,ExchangeServers,ExchangeLegacyServers")


@test
def a_login_that_could_not_submit_is_refused(_):
    """In the words a wrong password gets: guesses at port 25 tell nothing."""
    front, since = server.connector(25), len(server.log())
    with stranger() as client:
        client.starttls()
        equal([client.command("AUTH PLAIN " + plain("alice", password)).code for password in (PASSWORD, "wrong")], [535, 535], "logins")
        client.expect("MAIL FROM:<someone@example.org>", 250)
        equal(code_of(client, "RCPT TO:<u@elsewhere.example>"), (550, "5.7.54"), "relay behind a refused login")
    wait_for_log("alice lacks ms-Exch-SMTP-Submit on " + front, since)
    _, steps, shown = tried(front, "-User", "alice", "-From", f"alice@{DOMAIN}", "-To", f"bob@{DOMAIN}")
    equal(steps, [("LogOn", "alice", False, "535", "ms-Exch-SMTP-Submit")], "the dry run")
    server.postern("Add-ADPermission", front, "-User", "alice", "-ExtendedRights", "ms-Exch-SMTP-Submit")
    with stranger() as client:
        client.starttls()
        client.log_in("alice")
        client.expect(f"MAIL FROM:<alice@{DOMAIN}>", 250)
    server.postern("Remove-ADPermission", front, "-User", "alice", "-ExtendedRights", "ms-Exch-SMTP-Submit", "-Confirm:$false")


@test
def the_size_limit_is_lifted_by_a_right(_):
    front, right = server.connector(25), "ms-Exch-Bypass-Message-Size-Limit"
    server.postern("Set-ReceiveConnector", front, "-MaxMessageSize", "64KB")
    large = header(new_token()) + b"x" * 70 * 1000 + b"\r\n"

    def sizes(client):
        """Codes of SIZE=, of DATA and of BDAT with a message above the limit."""
        codes = [client.command("MAIL FROM:<a@example.org> SIZE=70000").code]
        client.command("RSET")
        client.envelope("a@example.org", [f"bob@{DOMAIN}"])
        codes.append(client.data(large).code)
        client.envelope("a@example.org", [f"bob@{DOMAIN}"])
        return codes + [client.command(b"BDAT %d LAST\r\n" % len(large) + large).code]
    with Client(server.port(25)) as client:
        equal(client.ehlo()["SIZE"], "65536", "SIZE")
        equal(sizes(client), [552, 552, 552], "with the limit")
    server.postern("Add-ADPermission", front, "-User", ANONYMOUS, "-ExtendedRights", right)
    with Client(server.port(25)) as client:
        equal(client.ehlo()["SIZE"], "", "SIZE")
        equal(sizes(client), [250, 250, 250], "without the limit")
        equal(client.starttls()["SIZE"], "", "SIZE inside TLS")
        equal(sizes(client), [250, 250, 250], "inside TLS")
    server.postern("Remove-ADPermission", front, "-User", ANONYMOUS, "-ExtendedRights", right, "-Confirm:$false")
    server.postern("Set-ReceiveConnector", front, "-MaxMessageSize", "36MB")


@test
def one_user_by_name(_):
    client_frontend = server.connector(587)
    server.postern("Add-ADPermission", client_frontend, "-User", "CONTOSO\\carol", "-ExtendedRights", "ms-Exch-SMTP-Accept-Any-Sender")
    equal(list(rights_of(client_frontend, f"carol@{DOMAIN}")), [("carol", "ms-Exch-SMTP-Accept-Any-Sender")], "rights of carol")
    with submission("carol") as client:
        client.expect("MAIL FROM:<anybody@elsewhere.example>", 250)
    with submission("alice") as client:
        equal(code_of(client, "MAIL FROM:<anybody@elsewhere.example>"), (550, "5.7.60"), "alice")
    server.postern("Set-Mailbox", "carol", "-Name", "caroline")
    with submission("caroline") as client:
        client.expect("MAIL FROM:<anybody@elsewhere.example>", 250)
    server.postern("Remove-Mailbox", "caroline", "-Confirm:$false")
    server.add_user("caroline")  # a stranger with the name of somebody who has gone
    with submission("caroline") as client:
        equal(code_of(client, "MAIL FROM:<anybody@elsewhere.example>"), (550, "5.7.60"), "the new caroline")
    check("Custom" not in server.get("Get-ReceiveConnector", client_frontend)[0]["PermissionGroups"], "the right outlived its owner")


def may_write(user, sender, author):
    """Code of MAIL FROM:<sender>, or of the data with From: author."""
    with submission(user) as client:
        reply = client.command(f"MAIL FROM:<{sender}>")
        if reply.code == 250:
            client.expect(f"RCPT TO:<bob@{DOMAIN}>", 250)
            reply = client.data(header(new_token(), sender=author) + b"x\r\n")
        return reply.code


@test
def send_as(_):
    info, sales, alice, bob = (f"{name}@{DOMAIN}" for name in ("info", "sales", "alice", "bob"))
    since = len(server.log())
    equal((may_write("alice", info, info), may_write("alice", alice, info)), (550, 550), "before")
    for command in ("MAIL FROM", "From"):
        wait_for_log(f"{command}:<{info}> from 127.0.0.1 on {server.connector(587)} refused: alice lacks Send As on {info}; "
                     f'fix: Add-ADPermission -Identity "{info}" -User "alice" -ExtendedRights "Send As"', since)
    server.postern("Add-ADPermission", "-Identity", info, "-User", "alice", "-ExtendedRights", "Send As")  # what the log says
    for address in (info, sales, alice, info.upper()):
        equal((may_write("alice", address, address), may_write("alice", alice, address)), (250, 250), address)
    equal((may_write("alice", bob, alice), may_write("alice", alice, bob), may_write("bob", info, info)), (550, 550, 550), "others")
    equal(may_write("alice", alice, f"{info}>, <{bob}"), 550, "one of two authors is not hers")
    server.postern("Set-Mailbox", "info", "-EmailAddresses", f"@{{Remove={sales}}}")
    equal(may_write("alice", sales, sales), 550, "an address that info has lost")
    server.postern("Remove-ADPermission", "info", "-User", "alice", "-ExtendedRights", "send-as", "-Confirm:$false")
    equal((may_write("alice", info, info), may_write("alice", alice, alice)), (550, 250), "after")


def tried(*words):
    """(exit code, [(step, address, allowed, code of the reply, missing right)], objects) of a dry run."""
    done = server.postern("Test-SmtpSubmission", *words, "-o", "json", good=False)
    shown = json.loads(done.stdout or "[]")
    return done.returncode, [(one["Step"], one["Address"], one["Allowed"], one["Reply"][:3], one["MissingRight"]) for one in shown], shown


@test
def a_dry_run_says_what_the_session_says(_):
    alice, bob, info = (f"{name}@{DOMAIN}" for name in ("alice", "bob", "info"))
    submit = server.connector(587)
    code, steps, shown = tried(submit, "-User", "alice", "-From", info, "-To", f"{bob},nobody@{DOMAIN},x@elsewhere.example")
    equal((code, steps), (1, [("LogOn", "alice", True, "235", ""), ("Submit", "", True, "250", ""),
                              ("Sender", info, False, "550", "Send As"), ("From", info, False, "550", "Send As"),
                              ("Recipient", bob, True, "250", ""), ("Recipient", f"nobody@{DOMAIN}", False, "550", ""),
                              ("Recipient", "x@elsewhere.example", True, "250", "")]), "before")
    equal(shown[2]["Fix"], f'Add-ADPermission -Identity "{info}" -User "alice" -ExtendedRights "Send As"', "the cure")
    with submission("alice") as client:
        equal(client.command(f"MAIL FROM:<{info}>").code, 550, "the session")
        client.expect("MAIL FROM:<>", 250)
        for (_, recipient, _, reply, _), line in zip(steps[4:], shown[4:]):
            real = client.command(f"RCPT TO:<{recipient}>")
            equal(f"{real.code} {text_of(real)}", line["Reply"], recipient)
    server.postern("Add-ADPermission", info, "-User", "alice", "-ExtendedRights", "Send As")
    code, steps, shown = tried(submit, "-User", "alice", "-From", info, "-To", bob)
    equal((code, all(step[2] for step in steps)), (0, True), f"after: {steps}")
    check("Send As on info" in shown[2]["Reason"], shown[2]["Reason"])
    server.postern("Remove-ADPermission", info, "-User", "alice", "-ExtendedRights", "Send As", "-Confirm:$false")


@test
def a_dry_run_of_strangers(_):
    front = server.connector(25)
    equal(tried(front, "-From", "<>", "-To", "x@elsewhere.example")[:2],
          (1, [("Submit", "", True, "250", ""), ("Sender", "", True, "250", ""), ("Recipient", "x@elsewhere.example", False, "550", RELAY)]),
          "relay")
    code, steps, shown = tried(server.connector(587), "-From", "a@b.example", "-To", f"bob@{DOMAIN}")
    equal((code, steps), (1, [("Submit", "", False, "530", "ms-Exch-SMTP-Submit")]), "without a login")
    check("log in" in shown[0]["Reason"] and not shown[0]["Fix"], f"{shown}")
    equal(tried(server.connector(587), "-User", "info", "-From", f"info@{DOMAIN}")[2][0]["Fix"], 'Set-Mailbox "info" -Password -', "no password")
    server.postern("New-ReceiveConnector", "-Name", "Printers", "-Bindings", f"127.0.0.1:{server.port(25)}", "-RemoteIPRanges",
                   "192.0.2.0/24", "-PermissionGroups", "AnonymousUsers", "-TransportRole", "FrontendTransport")
    code, steps, shown = tried(front, "-From", "a@b.example", "-RemoteIPAddress", "192.0.2.7")
    check(code == 1 and not shown[0]["Allowed"] and "Printers takes this client" in shown[0]["Reason"], f"{shown}")
    equal([tried("Printers", "-From", "a@b.example", "-RemoteIPAddress", client)[0] for client in ("192.0.2.7", "198.51.100.1")], [0, 1],
          "the connector of the printers")
    server.postern("Set-ReceiveConnector", "Printers", "-RejectReservedTopLevelRecipientDomains", "$true", "-DefaultDomain", DOMAIN)
    shown = tried("Printers", "-From", "printer", "-To", "bob")[2]
    equal((shown[-1]["Reply"][:9], shown[-1]["Fix"]), ("550 5.1.4", f'Set-ReceiveConnector "{SERVER}\\Printers" '
                                                       "-RejectReservedTopLevelRecipientDomains $false"), "a reserved domain")
    equal([one["Address"] for one in shown], ["", "printer", f"printer@{DOMAIN}", "bob"], "the From field has the domain")
    server.postern("Remove-ReceiveConnector", "Printers", "-Confirm:$false")
    fails(3, "Test-SmtpSubmission", front, "-From", "a@b.example", "-User", "nobody-at-all", says="Get-Mailbox")
    fails(3, "Test-SmtpSubmission", "No Such", "-From", "a@b.example", says="Get-ReceiveConnector")
    fails(2, "Test-SmtpSubmission", front, "-From", "a@b.example", "-RemoteIPAddress", "printer", says="192.0.2.7")
    fails(2, "Test-SmtpSubmission", front, "-From", "x" * 3000, says="1860")


@test
def send_as_oneself_and_everybody(_):
    alice, info = f"alice@{DOMAIN}", f"info@{DOMAIN}"
    server.postern("Add-ADPermission", "info", "-User", "S-1-5-11", "-ExtendedRights", "Send As")
    equal((may_write("alice", info, info), may_write("bob", info, info)), (250, 250), "everybody as info")
    server.postern("Add-ADPermission", "info", "-User", "bob", "-ExtendedRights", "Send As", "-Deny")
    equal((may_write("alice", info, info), may_write("bob", info, info)), (250, 550), "everybody but bob")
    said = server.postern("Add-ADPermission", "alice", "-User", "SELF", "-ExtendedRights", "Send As")
    check("nothing was changed" in said.stdout + said.stderr, f"alice is alice anyway: {said.stdout}{said.stderr}")
    server.postern("Remove-ADPermission", "alice", "-User", "SELF", "-ExtendedRights", "Send As", "-Confirm:$false")
    equal(may_write("alice", alice, alice), 550, "alice as alice")
    server.postern("Add-ADPermission", "alice", "-User", "alice", "-ExtendedRights", "Send As")
    equal(may_write("alice", alice, alice), 250, "alice as alice again")
    server.postern("Remove-Mailbox", "info", "-Confirm:$false")
    equal(server.get("Get-ADPermission", "*", "-User", "bob"), [], "permissions of a mailbox that has gone")


@test
def what_is_wrong_is_said(_):
    front = server.connector(25)
    for words, says in (((front, "-User", "nobody-at-all", "-ExtendedRights", RELAY), ("no mailbox", "Get-Mailbox", "S-1-5-7")),
                        (("No Such Connector", "-User", "alice", "-ExtendedRights", RELAY), "Get-ReceiveConnector"),
                        (("No Such Mailbox", "-User", "alice", "-ExtendedRights", "Send As"), "Get-Mailbox")):
        fails(3, "Add-ADPermission", *words, says=says)
    for words, says in (((front, "-User", "alice", "-ExtendedRights", "ms-Exch-SMTP-Relay"), RELAY),
                        ((front, "-User", "SELF", "-ExtendedRights", RELAY), "a connector has none"),
                        (("alice", "-User", ANONYMOUS, "-ExtendedRights", "Send As"), "Accept-Any-Sender"),
                        (("alice", "-User", "bob", "-ExtendedRights", f"Send As,{RELAY}"), "one by one"),
                        ((front, "-User", "Hub Transport Servers", "-ExtendedRights", RELAY), "recognised"),
                        ((front, "-User", "alice"), "-ExtendedRights")):
        fails(2, "Add-ADPermission", *words, says=says)
    check(server.get("Get-ADPermission", front, "-User", "Hub Transport Servers"), "what other servers would have")
    fails(3, "Remove-ADPermission", front, "-User", "alice", "-ExtendedRights", RELAY, "-Confirm:$false", says="Get-ADPermission")
    check("nothing asks" in server.postern("Add-ADPermission", front, "-User", ANONYMOUS, "-ExtendedRights", "ms-Exch-Bypass-Anti-Spam",
                                           "-WhatIf").stderr, "a right without effect")
    equal([one for one in server.get("Get-ADPermission", front) if one["Custom"]], [], "what -WhatIf left behind")


@test
def the_log_is_not_filled_by_one_session(_):
    since = len(server.log())
    with stranger() as client:
        client.expect("MAIL FROM:<someone@example.org>", 250)
        for number in range(12):
            client.expect(f"RCPT TO:<u{number}@elsewhere.example>", 550)
    wait_for_log("u4@elsewhere.example", since)
    equal(server.log()[since:].count("@elsewhere.example> from"), 5, "lines")


@test
def kept_over_a_restart(_):
    server.postern("Add-ADPermission", "bob", "-User", "alice", "-ExtendedRights", "Send As")
    server.postern("Add-ADPermission", server.connector(25), "-User", ANONYMOUS, "-ExtendedRights", RELAY)
    equal(server.stop(), 0, "exit status")
    server.start()
    equal(may_write("alice", f"bob@{DOMAIN}", f"bob@{DOMAIN}"), 250, "Send As")
    with stranger() as client:
        client.expect("MAIL FROM:<someone@example.org>", 250)
        client.expect("RCPT TO:<u@elsewhere.example>", 250)


run(150, server)
