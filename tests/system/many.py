# SPDX-License-Identifier: Apache-2.0
"""One cmdlet for many objects of a pipeline: one change, and what each of them is told as if it had come alone."""
import json
import os
import re
import socket
import struct

from harness import Server, check, equal, run, test

server = Server()
COUNT = 13


def shell(text, code=0):
    done = server.postern("shell", "-c", text, good=False, timeout_s=120)
    equal(done.returncode, code, f"exit code of {text}: {done.stdout[-400:]}{done.stderr[-600:]}")
    return done


def revision():
    """The number of the next change, which this one is."""
    done = server.postern("Set-TransportConfig", "-TLSReceiveDomainSecureList", "$null")
    return int(re.search(r"revision (\d+)", done.stdout)[1])


def changes(text, code=0):
    """How many changes a script made, and what it said."""
    before = revision()
    done = shell(text, code)
    return revision() - before - 1, done


def comments():
    return [one["Comment"] for one in sorted(server.get("Get-ReceiveConnector", "Many *"), key=lambda one: one["Name"])]


@test
def a_pipeline_of_connectors_is_one_change(_):
    first = server.port(25) + 1
    shell(f"10..{9 + COUNT} | ForEach-Object {{ New-ReceiveConnector -Name \"Many $_\" -Bindings \"127.0.0.1:$($_ + {first})\" "
          "-RemoteIPRanges 127.0.0.1 -PermissionGroups AnonymousUsers } | Out-Null")
    made, done = changes("Get-ReceiveConnector 'Many *' | Set-ReceiveConnector -Comment 'all at once'")
    equal((made, comments()), (1, ["all at once"] * COUNT), "changes and comments")
    equal(len(re.findall("^revision", done.stdout, re.M)), 1, "it is told once")
    made, _ = changes("1..40 | ForEach-Object { Get-ReceiveConnector 'Many *' } | Set-ReceiveConnector -Comment 'again'")
    equal((made, set(comments())), (2, {"again"}), "520 of them are two changes")


@test
def a_dry_run_changes_nothing_and_shows_each(_):
    made, done = changes("Get-ReceiveConnector 'Many *' | Set-ReceiveConnector -Comment 'dry' -WhatIf")
    equal((made, set(comments())), (0, {"again"}), "changes")
    equal(done.stdout.count("WhatIf: Comment: again -> dry\n"), COUNT, "differences")
    equal(done.stdout.count("WhatIf: nothing was changed\n"), COUNT, "and the word for each")


@test
def a_wrong_one_is_its_own_error(_):
    made, done = changes("'Many 10', 'nowhere', 'Many 11', 'elsewhere', 'Many 12' | Set-ReceiveConnector -Comment 'some'", 3)
    equal(comments(), ["some"] * 3 + ["again"] * (COUNT - 3), "the others")
    equal(re.findall('there is no ReceiveConnector "(\\w+)"', done.stderr), ["nowhere", "elsewhere"], "errors")
    equal(made, 3, "changes")
    _, done = changes("try { 'Many 13', 'nowhere', 'Many 14' | Set-ReceiveConnector -Comment 'until' -ErrorAction Stop } "
                      "catch { \"caught $($_.Exception.Message)\" }")
    equal(comments(), ["some"] * 3 + ["until"] + ["again"] * (COUNT - 4), "Stop stops there")
    check('caught there is no ReceiveConnector "nowhere"' in done.stdout, done.stdout)


@test
def a_rule_that_one_would_break_is_its_own_error(_):
    server.postern("Set-ReceiveConnector", "Many 15", "-BinaryMimeEnabled", "$true", "-ChunkingEnabled", "$true")
    shell("Get-ReceiveConnector 'Many *' | Where-Object Name -ne 'Many 15' | Set-ReceiveConnector -BinaryMimeEnabled $false")
    made, done = changes("Get-ReceiveConnector 'Many *' | Set-ReceiveConnector -ChunkingEnabled $false", 2)
    shown = {one["Name"]: one["ChunkingEnabled"] for one in server.get("Get-ReceiveConnector", "Many *")}
    equal([name for name in shown if shown[name]], ["Many 15"], "who keeps it")
    equal(done.stderr.count("BinaryMimeEnabled needs ChunkingEnabled"), 1, "errors")
    check(made < COUNT - 1, f"{made} changes")


@test
def what_came_before_the_end_of_a_pipeline_is_done(_):
    done = shell("'Many 10', 'Many 11' | ForEach-Object { $_; if ($_ -like '*11') { throw 'enough' } } | "
                 "Set-ReceiveConnector -Comment 'before'", 1)
    equal(comments()[:3], ["before", "before", "some"], "comments")
    check("enough" in done.stderr, done.stderr)


@test
def rights_and_removals_are_one_change_too(_):
    right = "-User 'NT AUTHORITY\\ANONYMOUS LOGON' -ExtendedRights ms-Exch-SMTP-Accept-Any-Recipient"
    made, done = changes(f"Get-ReceiveConnector 'Many *' | Add-ADPermission {right}")
    equal(made, 1, "changes for a right")
    equal(done.stdout.count("Many "), COUNT, f"and each is shown: {done.stdout}")
    made, done = changes("Get-ReceiveConnector 'Many 1*' | Remove-ReceiveConnector -WhatIf")
    equal((made, done.stdout.count("would be removed"), done.stdout.count("would go with it")), (0, 10, 10), "a dry removal")
    made, _ = changes("Get-ReceiveConnector 'Many *' | Remove-ReceiveConnector -Confirm:$false")
    equal((made, server.postern("Get-ReceiveConnector", "Many *", good=False).returncode), (1, 3), "removed")


@test
def mailboxes_and_send_connectors_are_one_change_too(_):
    shell("1..7 | % { New-Mailbox -Name \"m$_\" -PrimarySmtpAddress \"m$_@example.test\" } | Out-Null; "
          "1..3 | % { New-SendConnector -Name \"out$_\" -AddressSpaces \"o$_.example\" } | Out-Null")
    server.postern("Set-Mailbox", "m3", "-Password", "-", input="correct horse 41\n")
    made, _ = changes("Get-Mailbox m* | Set-Mailbox -DisplayName 'one of seven'")
    equal((made, {one["DisplayName"] for one in server.get("Get-Mailbox", "m*")}), (1, {"one of seven"}), "mailboxes")
    made, _ = changes("Get-SendConnector out* | Set-SendConnector -MaxMessageSize 5MB -Fqdn mail.example.test")
    equal((made, {one["Fqdn"] for one in server.get("Get-SendConnector", "out*")}), (1, {"mail.example.test"}), "send connectors")
    made, done = changes("'m1','nobody','m2' | Set-Mailbox -DisplayName other", 3)
    equal((made, sorted(one["Name"] for one in server.get("Get-Mailbox", "m*") if one["DisplayName"] == "other")), (2, ["m1", "m2"]), "the others")
    made, _ = changes("'m1','m2' | Set-Mailbox -EmailAddresses @{Add='same@example.test'}", 2)
    equal(made, 1, "an address has one owner")
    made, _ = changes("$new = ConvertTo-SecureString 'another one 42' -AsPlainText -Force; 'm1','m2' | Set-Mailbox -Password $new")
    equal((made, [one["HasPassword"] for one in sorted(server.get("Get-Mailbox", "m*"), key=lambda one: one["Name"])]),
          (2, [True, True, True, False, False, False, False]), "passwords are made one by one")
    made, _ = changes("Get-Mailbox m* | Remove-Mailbox -Confirm:$false; Get-SendConnector out* | Remove-SendConnector -Confirm:$false")
    equal((made, server.postern("Get-Mailbox", "m*", good=False).returncode), (2, 3), "removed")
    revisions = server.get("Get-ConfigurationRevision", "-ResultSize", "3")
    server.postern("Undo-Configuration", str(revisions[-1]["Identity"]), "-Confirm:$false")
    equal(sorted(one["Name"] for one in server.get("Get-Mailbox", "m*") if one["HasPassword"]), ["m1", "m2", "m3"], "back, with passwords")


def ask(request):
    with socket.socket(socket.AF_UNIX) as hub:
        hub.settimeout(30)
        hub.connect(os.path.join(server.data, "control.socket"))
        body = json.dumps(request).encode()
        hub.sendall(struct.pack("<I", len(body)) + body)
        size, got = struct.unpack("<I", hub.recv(4, socket.MSG_WAITALL))[0], b""
        while len(got) < size:
            got += hub.recv(size - len(got))
    return json.loads(got)


@test
def a_request_that_is_none_is_refused(_):
    for request, says in (({"cmdlet": "Set-TransportConfig", "each": [{}]}, "one object at a time"),
                          ({"cmdlet": "Set-Mailbox", "each": [{"Identity": "a"}], "parameters": {"Password": "x"}}, "one object at a time"),
                          ({"cmdlet": "Set-Mailbox", "each": [{"Identity": "a", "Passw": "x"}]}, "one object at a time"),
                          ({"cmdlet": "Set-ReceiveConnector", "each": []}, "for 1 to"),
                          ({"cmdlet": "Set-ReceiveConnector", "each": "x"}, "for 1 to"),
                          ({"cmdlet": "Set-ReceiveConnector", "each": [{"Identity": "a"}] * 1001}, "for 1 to"),
                          ({"cmdlet": "Set-Nothing", "each": [{"Identity": "a"}]}, "no cmdlet")):
        error = ask(request).get("error", {})
        check(says in error.get("message", ""), f"{request['cmdlet']}: {error}")
    replies = ask({"cmdlet": "Set-ReceiveConnector", "each": [1, None, {"Identity": "no"}, {"Wrong": "x"}]})["replies"]
    equal([bool(one.get("error")) for one in replies], [True] * 4, "each has its error")
    replies = ask({"cmdlet": "Set-ReceiveConnector", "each": [{"Identity": "no"}] * 3, "stop": True})["replies"]
    equal(len(replies), 1, "stop")


run(240, server)
