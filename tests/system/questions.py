# SPDX-License-Identifier: Apache-2.0
"""docs/questions.md, played: each situation is made, the command of the answer is run, and so is what it suggests."""
import hashlib
import os
import re
import shlex
import time

from harness import DOMAIN, HOST, PASSWORD, Client, Server, check, equal, header, new_token, plain, presented, run, test

server = Server()
SUBMISSION = 587


def connector(port=SUBMISSION):
    return server.connector(port)


def make(domain, *words):
    done = server.get("New-ExchangeCertificate", "-DomainName", domain, "-Services", "SMTP", "-Confirm:$false", *words)
    return done[0]["Thumbprint"]


def name_of(thumbprint):
    one = server.get("Get-ExchangeCertificate", thumbprint)[0]
    return f"<I>{one['Issuer']}<S>{one['Subject']}"


def set_name(value, port=SUBMISSION, **how):
    return server.postern("Set-ReceiveConnector", connector(port), "-TlsCertificateName", value, **how)


def shown(port=SUBMISSION):
    return hashlib.sha1(presented(server.port(port))).hexdigest().upper()


def explained(*words):
    return server.get("Test-ReceiveConnectorCertificate", *(words or (connector(),)))[0]


def run_suggestion(command):
    """A command as the screens write it, run as it stands."""
    return server.postern(*shlex.split(command))


def log_says(pattern, seconds=3):
    end = time.monotonic() + seconds
    while not re.search(pattern, server.log()):
        check(time.monotonic() < end, f"no line with {pattern} in the log: {server.log_tail()}")
        time.sleep(0.02)


def offers_starttls(port=SUBMISSION):
    with Client(server.port(port)) as client:
        return "STARTTLS" in client.ehlo()


@test
def users(_):
    server.add_user("alice")
    server.add_user("bob")
    server.usual = shown()


@test
def enabled_and_still_the_old_one(_):
    server.new = make("mail.contoso.test")
    equal(shown(), server.usual, "enabling binds no connector")
    answer = explained()
    equal((answer["Presents"]["Thumbprint"], answer["Rule"]), (server.usual, "SERVER_FQDN"), "what is presented, and why")
    row = [one for one in answer["Rejected"] if one["Thumbprint"] == server.new][0]
    equal(row["Code"], "NAME_MISMATCH", "why not the new one")
    run_suggestion(row["Fix"])
    equal(shown(), server.new, "after the suggested command")


@test
def nothing_is_restarted_and_the_answer_says_since_when(_):
    before = {role: sorted(server.pids(role)) for role in ("edge", "signer", "checker", "hub", "courier")}
    done = set_name("$null")
    check(re.search(r"revision \d+, in force since \d\d:\d\d:\d\d", done.stdout), f"it says {done.stdout}")
    equal(shown(), server.usual, "at once")
    set_name(name_of(server.new))
    equal({role: sorted(server.pids(role)) for role in before}, before, "processes")


@test
def which_connectors_need_it(_):
    table = server.postern("Get-ReceiveConnector", "-o", "wide").stdout
    rows = [line for line in table.splitlines() if server.new in line]
    equal([connector() in line for line in rows], [True], "the connectors that present the new one")
    check(table.count(server.usual) == 5, "the others")


@test
def two_of_one_name(_):
    time.sleep(1.1)
    server.twin = make("mail.contoso.test")
    equal(shown(), server.twin, "the newer one, with nothing done")
    answer = explained()
    row = [one for one in answer["Rejected"] if one["Thumbprint"] == server.new][0]
    equal(row["Code"], "OLDER_SAME_NAME", "why not the older one")
    set_name(server.new)
    equal(shown(), server.new, "pinned by thumbprint")
    set_name(name_of(server.new))


@test
def may_the_old_one_go(_):
    dry = server.postern("Remove-ExchangeCertificate", server.new, "-WhatIf").stdout
    check("would be removed" in dry and connector() not in dry, f"it says {dry}")
    server.postern("Remove-ExchangeCertificate", server.new, "-Confirm:$false")
    equal(shown(), server.twin, "afterwards")
    done = server.postern("Remove-ExchangeCertificate", server.twin, "-Confirm:$false", good=False)
    equal(done.returncode, 4, "the last one that a connector names")
    check(connector() in done.stderr and "-Force" in done.stderr, f"it says {done.stderr}")


@test
def starttls_has_vanished(_):
    server.postern("Set-ReceiveConnector", connector(), "-TlsCertificateFallback", "$false")
    server.postern("Remove-ExchangeCertificate", server.twin, "-Confirm:$false", "-Force")
    check(not offers_starttls(), "STARTTLS is offered")
    log_says(r"12014.*Client Frontend")
    answer = explained()
    check(answer["NamedMissing"] and answer["Presents"] is None, f"explain: {answer['Rule']}")
    check("TlsCertificateName" in server.postern("explain", connector()).stdout, "the screen does not name the cause")
    set_name("$null")
    check(offers_starttls(), "cleared, and STARTTLS is not back")
    server.postern("Set-ReceiveConnector", connector(), "-TlsCertificateFallback", "$true")


@test
def a_recipe_from_a_web_page(_):
    right = name_of(server.usual)
    eaten = right.replace("<I>", "").replace("<S>", "")
    for written in (right.replace("<I>", "[I]").replace("<S>", "[S]"), eaten, "<I><S>", "$($cert.Issuer)$($cert.Subject)"):
        done = set_name(written, good=False)
        equal(done.returncode, 2, f"exit code of {written}")
        check(right in done.stderr, f"{written}: the right value is not in the error: {done.stderr}")
    set_name(right)
    set_name("$null")


@test
def a_wildcard_covers_one_label(_):
    wildcard = make("*.fabrikam.test")
    for host, covered in (("mail.fabrikam.test", True), ("a.b.fabrikam.test", False), ("fabrikam.test", False)):
        server.postern("Set-ReceiveConnector", connector(), "-Fqdn", host)
        answer = explained()
        codes = {row["Thumbprint"]: row["Code"] for row in answer["Rejected"]}
        if covered:
            equal(answer["Presents"]["Thumbprint"], wildcard, host)
        else:
            equal(codes[wildcard], "NAME_MISMATCH", host)
    server.postern("Set-ReceiveConnector", connector(), "-Fqdn", "$null")


@test
def the_way_of_logging_in_is_not_offered(_):
    with Client(server.port(SUBMISSION)) as client:
        check("AUTH" not in client.ehlo(), "AUTH in clear")
        equal(client.command("AUTH PLAIN " + plain("alice", PASSWORD)).code, 538, "AUTH in clear")
        equal(client.starttls()["AUTH"].split(), ["SCRAM-SHA-256", "LOGIN", "PLAIN"], "AUTH inside TLS")
        client.log_in("alice")


def submit(user, sender):
    with Client(server.port(SUBMISSION)) as client:
        client.ehlo()
        client.starttls()
        if user:
            client.log_in(user)
        reply = client.command(f"MAIL FROM:<{sender}>")
        if reply.code != 250:
            return reply.code
        client.expect(f"RCPT TO:<bob@{DOMAIN}>", 250)
        return client.data(header(new_token(), sender=sender) + b"text\r\n").code


@test
def not_logged_in_and_not_allowed_to_send_as(_):
    info = f"info@{DOMAIN}"
    equal(submit(None, f"alice@{DOMAIN}"), 530, "without a login")
    server.postern("New-Mailbox", "-Name", "info", "-PrimarySmtpAddress", info)
    equal(submit("alice", info), 550, "as somebody else")
    log_says(r"lacks Send As.*Add-ADPermission")
    asked = ("Test-SmtpSubmission", connector(), "-User", "alice", "-From", info, "-To", f"bob@{DOMAIN}")
    done = server.postern(*asked, good=False)
    equal(done.returncode, 1, "exit code of Test-SmtpSubmission")
    fix = re.search(r"^ *fix: (.*)$", done.stderr, re.M)
    check(fix, f"no command that mends it: {done.stderr}")
    run_suggestion(fix.group(1))
    equal(server.postern(*asked).returncode, 0, "Test-SmtpSubmission afterwards")
    equal(submit("alice", info), 250, "afterwards")


@test
def who_may_relay(_):
    check("Authenticated Users" in server.postern("Get-ADPermission", connector()).stdout.splitlines()[-1], "the last line")


@test
def why_this_connector(_):
    answer = explained("-RemoteIPAddress", "198.51.100.7", "-LocalEndpoint", f"127.0.0.1:{server.port(SUBMISSION)}")
    codes = {row["Identity"]: row["Code"] for row in answer["Connectors"]}
    equal((answer["Identity"], codes[connector()], codes[connector(25)]), (connector(), "CHOSEN", "BINDING_DIFFERS"), "reasons")


@test
def which_certificate_does_this_client_have(_):
    server.postern("Set-ReceiveConnector", connector(), "-ProtocolLoggingLevel", "Verbose")
    with Client(server.port(SUBMISSION)) as client:
        client.ehlo()
        client.starttls()
        row = [one for one in server.get("Get-SmtpSession") if one["ReceiveConnector"] == connector()][0]
        equal(row["CertificateThumbprint"], server.usual, "Get-SmtpSession")
    folder, end = os.path.join(server.data, "logs", "SmtpReceive"), time.monotonic() + 5
    while True:
        text = "".join(open(os.path.join(folder, name), encoding="latin-1").read() for name in os.listdir(folder))
        rows = [line for line in text.splitlines() if "Sending certificate" in line and server.usual in line]
        if rows:
            break
        check(time.monotonic() < end, "no row in the protocol log")
        time.sleep(0.05)
    check(f"rule 5: by the server's name {HOST}" in rows[-1], f"the row: {rows[-1]}")


@test
def what_was_changed_and_how_to_get_back(_):
    before = server.get("Get-ReceiveConnector", connector())[0]["Fqdn"]
    server.postern("Set-ReceiveConnector", connector(), "-Fqdn", "wrong.example.test")
    newest = server.get("Get-ConfigurationRevision")[0]
    check(newest["Author"].startswith("uid ") and "wrong.example.test" in newest["Cmdlet"], f"who and what: {newest}")
    number = str(newest["Identity"])
    shown = server.postern("Get-ConfigurationRevision", number, "-o", "list").stdout
    check("Fqdn: (nothing) -> wrong.example.test" in shown, f"the list: {shown}")
    check("Fqdn: wrong.example.test -> (nothing)" in server.postern("Undo-Configuration", number, "-WhatIf").stdout, "-WhatIf")
    server.postern("Undo-Configuration", number, "-Confirm:$false")
    equal(server.get("Get-ReceiveConnector", connector())[0]["Fqdn"], before, "the name afterwards")


run(150, server)
