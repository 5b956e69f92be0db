# SPDX-License-Identifier: Apache-2.0
"""The history of the configuration: revisions, and taking them back."""
import json
import getpass
import os
import sqlite3
import time

from harness import PASSWORD, SERVER, Client, Server, check, equal, plain, run, test

server = Server()
CHANGING = ("Get-ReceiveConnector", "Get-ExchangeCertificate", "Get-AcceptedDomain", "Get-Mailbox", "Get-TransportConfig")
OWN_TIMES = ("WhenChanged",)


def picture():
    """The whole configuration as it is shown, without the times of changes."""
    shown = {cmdlet: server.get(cmdlet) for cmdlet in CHANGING}
    shown["permissions"] = server.get("Get-ADPermission", "*")
    return json.loads(json.dumps(shown), object_hook=lambda one: {name: value for name, value in one.items() if name not in OWN_TIMES})


def newest():
    return server.get("Get-ConfigurationRevision", "-ResultSize", "1")[0]


def undo(*words, good=True):
    return server.postern("Undo-Configuration", *words, "-Confirm:$false", good=good)


def same(before, what):
    after = picture()
    for name in before:
        equal(after[name], before[name], f"{what}: {name}")


def can_log_in(name, password=PASSWORD):
    with Client(server.port(465), implicit=True) as client:
        client.ehlo()
        return client.command("AUTH PLAIN " + plain(name, password)).code == 235


def presented_thumbprints():
    return {one["Identity"]: one.get("PresentsThumbprint") for one in server.get("Get-ReceiveConnector")}


@test
def every_change_of_every_kind_is_taken_back(_):
    server.postern("New-ReceiveConnector", "-Name", "Printers", "-Bindings", f"127.0.0.1:{server.port(25) + 1}",
                   "-RemoteIPRanges", "127.0.0.1", "-PermissionGroups", "AnonymousUsers")
    server.postern("New-AcceptedDomain", "-Name", "Contoso", "-DomainName", "contoso.com")
    server.add_user("alice")
    server.add_user("bob")
    server.postern("Add-ADPermission", "alice", "-User", "bob", "-ExtendedRights", "Send As")
    server.postern("New-ExchangeCertificate", "-SubjectName", "CN=mail.contoso.com", "-DomainName", "mail.contoso.com",
                   "-Services", "None")
    mine = next(one["Thumbprint"] for one in server.get("Get-ExchangeCertificate") if "contoso" in one["Subject"])
    rows = (
        ("New-ReceiveConnector", "-Name", "Scanners", "-Bindings", f"127.0.0.1:{server.port(25) + 2}",
         "-RemoteIPRanges", "127.0.0.1", "-PermissionGroups", "AnonymousUsers"),
        ("Set-ReceiveConnector", "Printers", "-MaxMessageSize", "5MB", "-Banner", "220 hello", "-RequireTLS", "$true"),
        ("Remove-ReceiveConnector", "Printers", "-Confirm:$false"),
        ("New-AcceptedDomain", "-Name", "Fabrikam", "-DomainName", "fabrikam.com"),
        ("Set-AcceptedDomain", "Contoso", "-MakeDefault", "$true"),
        ("Remove-AcceptedDomain", "Contoso", "-Confirm:$false"),
        ("New-Mailbox", "-Name", "carol", "-PrimarySmtpAddress", "carol@example.test", "-Password", "-"),
        ("Set-Mailbox", "alice", "-EmailAddresses", "info@example.test"),
        ("Remove-Mailbox", "alice", "-Confirm:$false"),
        ("Remove-Mailbox", "bob", "-Confirm:$false"),
        ("Add-ADPermission", "Printers", "-User", "S-1-5-7", "-ExtendedRights", "ms-Exch-SMTP-Accept-Any-Recipient"),
        ("Remove-ADPermission", "alice", "-User", "bob", "-ExtendedRights", "Send As", "-Confirm:$false"),
        ("New-ExchangeCertificate", "-SubjectName", "CN=other.contoso.com", "-DomainName", "other.contoso.com"),
        ("Enable-ExchangeCertificate", mine, "-Services", "SMTP", "-Confirm:$false"),
        ("Remove-ExchangeCertificate", mine, "-Confirm:$false"),
        ("Set-TransportConfig", "-TLSReceiveDomainSecureList", "@{Add='contoso.com'}"),
    )
    for row in rows:
        before = picture()
        server.postern(*row, input=PASSWORD + "\n")
        check(picture() != before, f"{row[0]} changed nothing")
        revision = newest()
        check(revision["Cmdlet"].startswith(row[0]), f"{row[0]}: its revision says {revision['Cmdlet']}")
        dry = undo(str(revision["Identity"]), "-WhatIf").stdout
        check("would" in dry and "WhatIf: nothing was changed" in dry, f"{row[0]}: -WhatIf says {dry}")
        equal(newest()["Identity"], revision["Identity"], "the revision after -WhatIf")
        undo(str(revision["Identity"]))
        same(before, " ".join(row[:2]))
        equal(newest()["Cmdlet"].split()[0], "Undo-Configuration", "what the new revision says")
    check(can_log_in("alice") and can_log_in("bob"), "a mailbox that came back has no password")


@test
def the_command_of_a_revision_can_be_pasted(_):
    server.postern("Set-ReceiveConnector", f"{SERVER}\\Client Frontend {SERVER}", "-Comment", "it's $5 b\u00fcro \\x", "-MaxHopCount", "31")
    command = newest()["Cmdlet"]
    equal(command, f"Set-ReceiveConnector -Identity '{SERVER}\\Client Frontend {SERVER}' "
                   "-Comment 'it''s $5 b\u00fcro \\x' -MaxHopCount 31", "the command")
    before = picture()
    undo(str(newest()["Identity"]))
    server.postern("shell", "-c", command)
    same(before, "pasted")


@test
def a_password_comes_back(_):
    server.postern("Set-Mailbox", "alice", "-Password", "-", input="another one 7\n")
    check(can_log_in("alice", "another one 7") and not can_log_in("alice"), "the password was not set")
    revision = newest()["Identity"]
    shown = server.get("Get-ConfigurationRevision", str(revision))[0]
    check(any("Password: *** -> ***" in line for line in shown["Settings"]), f"settings {shown['Settings']}")
    equal(sorted(shown["Objects"]), ["Mailbox alice changed", "Mailbox alice: password set"], "objects")
    check("another" not in json.dumps(shown), "the password is in the revision")
    undo(str(revision))
    check(can_log_in("alice") and not can_log_in("alice", "another one 7"), "the password did not come back")


@test
def a_removed_certificate_comes_back_with_its_key(_):
    server.postern("New-ExchangeCertificate", "-SubjectName", "CN=key.contoso.com", "-DomainName", "key.contoso.com",
                   "-Services", "SMTP")
    digits = next(one["Thumbprint"] for one in server.get("Get-ExchangeCertificate") if "key." in one["Subject"])
    server.postern("Set-ReceiveConnector", server.connector(465), "-Fqdn", "key.contoso.com")
    equal(presented_thumbprints()[server.connector(465)], digits, "what is presented")
    with Client(server.port(465), implicit=True) as old: # its session keeps the old snapshot, and the old key, alive
        server.postern("Remove-ExchangeCertificate", digits, "-Force", "-Confirm:$false")
        check(presented_thumbprints()[server.connector(465)] != digits, "it is still presented")
        undo(str(newest()["Identity"]))
        old.ehlo()
    equal(presented_thumbprints()[server.connector(465)], digits, "what is presented again")
    until = time.monotonic() + 1.5 # the old session has ended: keys that are stale go now
    while time.monotonic() < until:
        with Client(server.port(465), implicit=True) as client:
            client.ehlo()
    report = server.postern("Test-ReceiveConnector", server.connector(465), good=False)
    equal(report.returncode, 0, f"seen from outside: {report.stdout}{report.stderr}")


@test
def a_revision_says_what_it_changed(_):
    server.postern("Set-ReceiveConnector", "Printers", "-MaxMessageSize", "7MB", "-RequireTLS", "$true")
    shown = server.get("Get-ConfigurationRevision", str(newest()["Identity"]))[0]
    equal(list(shown), ["Identity", "WhenChanged", "Author", "Cmdlet", "Objects", "Settings"], "properties")
    equal(shown["Objects"], [f"ReceiveConnector {SERVER}\\Printers changed"], "objects")
    check(f"ReceiveConnector {SERVER}\\Printers: RequireTLS: False -> True" in shown["Settings"], f"settings {shown['Settings']}")
    equal(len(shown["Settings"]), 2, f"number of settings: {shown['Settings']}")
    equal(shown["Author"], f"uid {os.getuid()} ({getpass.getuser()})", "author")
    all_of_them = server.get("Get-ConfigurationRevision")
    numbers = [one["Identity"] for one in all_of_them]
    equal(numbers, sorted(numbers, reverse=True), "the newest comes first")
    equal(all_of_them[-1]["Cmdlet"], "first start", "the oldest")
    equal(len(server.get("Get-ConfigurationRevision", "-ResultSize", "3")), 3, "ResultSize")
    equal(server.get("Get-ConfigurationRevision", "-StartDate", "2999-01-01"), [], "after the end of time")
    equal(server.get("Get-ConfigurationRevision", "-EndDate", "2001-01-01"), [], "before its beginning")
    equal(server.postern("Get-ConfigurationRevision", "99999", good=False).returncode, 3, "no such revision")


@test
def what_was_touched_again_is_refused_and_to_goes_back(_):
    start = newest()["Identity"]
    before = picture()
    server.postern("Set-ReceiveConnector", "Printers", "-Banner", "220 first", "-MaxMessageSize", "8MB")
    first = newest()["Identity"]
    server.postern("Set-ReceiveConnector", "Printers", "-Banner", "220 second")
    second = newest()["Identity"]
    server.postern("Remove-Mailbox", "bob", "-Confirm:$false")
    refused = undo(str(first), good=False)
    equal(refused.returncode, 4, "exit code")
    for word in (f"revision {second}", f"{SERVER}\\Printers", f"Undo-Configuration -To {first - 1}"):
        check(word in refused.stderr, f"{word!r} is not in {refused.stderr}")
    equal(newest()["Identity"], second + 1, "the revision after a refusal")
    undo(str(second))
    equal([one["Banner"] for one in server.get("Get-ReceiveConnector", "Printers")], ["220 first"], "banner")
    dry = undo("-To", str(start), "-WhatIf").stdout
    check("Banner: 220 first -> " in dry and "bob would be brought back" in dry, f"-WhatIf says {dry}")
    undo("-To", str(start))
    same(before, "-To")
    check(can_log_in("bob"), "bob cannot log in")
    undo(str(newest()["Identity"]))
    equal([one["Name"] for one in server.get("Get-Mailbox") if one["Name"] == "bob"], [], "bob after the undo of -To")
    undo("-To", str(start))
    same(before, "-To once more")


@test
def what_cannot_be_is_refused(_):
    last = newest()["Identity"]
    rows = (
        (("1",), 4, "changed again later"), # the first start
        ((str(last + 1),), 3, f"the newest is {last}"),
        (("-To", str(last)), 1, "nothing was changed since"),
        (("-To", str(last + 5)), 3, f"the newest is {last}"),
        ((), 2, "either"),
        (("3", "-To", "2"), 2, "either"),
    )
    for words, code, says in rows:
        done = undo(*words, good=False)
        equal(done.returncode, code, f"{words}: {done.stderr}")
        check(says in done.stderr, f"{words}: {says!r} is not in {done.stderr}")
    server.postern("New-AcceptedDomain", "-Name", "Owned", "-DomainName", "owned.test")
    made = newest()["Identity"]
    server.postern("New-Mailbox", "-Name", "dora", "-PrimarySmtpAddress", "dora@owned.test")
    done = undo(str(made), good=False)
    check(done.returncode == 4 and "dora" in done.stderr, f"a domain with a mailbox: {done.returncode} {done.stderr}")
    undo("-To", str(made - 1))
    equal([one for one in server.get("Get-AcceptedDomain") if one["Name"] == "Owned"], [], "both are gone")


@test
def a_certificate_in_use_is_not_taken_away_in_passing(_):
    server.postern("New-ExchangeCertificate", "-SubjectName", "CN=used.contoso.com", "-DomainName", "used.contoso.com",
                   "-Services", "SMTP")
    made = newest()["Identity"]
    name = "<I>CN=used.contoso.com<S>CN=used.contoso.com"
    server.postern("Set-ReceiveConnector", "Printers", "-TlsCertificateName", name)
    bound = newest()["Identity"]
    done = undo(str(made), good=False)
    check(done.returncode == 4 and f"{SERVER}\\Printers" in done.stderr, f"{done.returncode} {done.stderr}")
    undo(str(made), "-Force")
    equal([one for one in server.get("Get-ExchangeCertificate") if "used." in one["Subject"]], [], "the certificate")
    undo("-To", str(bound))
    equal(len([one for one in server.get("Get-ExchangeCertificate") if "used." in one["Subject"]]), 1, "the certificate after -To")
    undo("-To", str(made - 1)) # the connector lets go of it first
    equal([one for one in server.get("Get-ExchangeCertificate") if "used." in one["Subject"]], [], "the certificate at the end")


@test
def secrets_are_kept_sealed(_):
    for name in os.listdir(os.path.join(server.data, "store")):
        if name.startswith("config.db"):
            with open(os.path.join(server.data, "store", name), "rb") as file:
                content = file.read()
            check(PASSWORD.encode() not in content and b"another one 7" not in content, f"a password is in {name}")
            check(b"PRIVATE KEY" not in content, f"a key is in {name}")


@test
def all_of_it_survives_a_restart(_):
    revisions, before = server.get("Get-ConfigurationRevision"), picture()
    server.postern("Remove-Mailbox", "alice", "-Confirm:$false")
    removed = newest()["Identity"]
    check("Mailbox alice removed" in newest()["Objects"], f"what was removed: {newest()['Objects']}")
    server.stop()
    server.start()
    equal(server.get("Get-ConfigurationRevision")[1:], revisions, "revisions")
    undo(str(removed))
    same(before, "after a restart")
    check(can_log_in("alice"), "alice cannot log in")
    server.stop()
    server.start()
    same(before, "after another restart")


@test
def a_store_of_an_older_release_works_on(_):
    server.stop()
    with sqlite3.connect(os.path.join(server.data, "store", "config.db")) as database:
        database.executescript("DROP TABLE config_past; DROP INDEX config_log_object; DELETE FROM schema_version WHERE version > 1;")
    database.close()
    server.start()
    last = newest()["Identity"]
    before = picture()
    server.postern("Remove-ReceiveConnector", "Printers", "-Confirm:$false")
    for words, revision in (((str(last),), last), (("-To", str(last - 1)), last)):
        done = undo(*words, good=False)
        check(done.returncode == 1 and f"an earlier release made revision {revision}" in done.stderr, f"{done.returncode} {done.stderr}")
    undo(str(last + 1))
    same(before, "an old store")


@test
def what_is_forgotten_cannot_be_taken_back(_):
    server.stop()
    last = 0
    with sqlite3.connect(os.path.join(server.data, "store", "config.db")) as database: # as if these were a year old
        last = database.execute("SELECT max(sequence) FROM config_log").fetchone()[0]
        database.execute("UPDATE config_log SET at = at - 367 * 86400000 WHERE sequence < ?", (last,))
    database.close()
    server.start()
    check(len(server.get("Get-ConfigurationRevision")) > 60, "nothing is forgotten before something is changed")
    server.postern("Set-ReceiveConnector", "Printers", "-Comment", "one")
    server.postern("Set-ReceiveConnector", "Printers", "-Comment", "two")
    equal([one["Identity"] for one in server.get("Get-ConfigurationRevision")], [last + 2, last + 1, last], "what is left")
    done = undo("-To", str(last - 2), good=False)
    check(done.returncode == 3 and f"taken back is {last}" in done.stderr, f"{done.returncode} {done.stderr}")
    undo("-To", str(last))
    equal([one["Comment"] for one in server.get("Get-ReceiveConnector", "Printers")], [""], "the comment")


run(400, server)
