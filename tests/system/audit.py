# SPDX-License-Identifier: Apache-2.0
"""The admin audit log: every run that changes something, those that were refused too, and no secret."""
import json
import os
import socket
import struct

from harness import PASSWORD, SERVER, Server, check, equal, run, test

server = Server()


def rows(*words):
    return server.get("Search-AdminAuditLog", *words)


def ask(cmdlet, parameters):
    """A request past the client and its checks."""
    request = json.dumps({"cmdlet": cmdlet, "parameters": parameters}).encode()
    with socket.socket(socket.AF_UNIX) as control:
        control.settimeout(20)
        control.connect(os.path.join(server.data, "control.socket"))
        control.sendall(struct.pack("<I", len(request)) + request)
        head = control.recv(4, socket.MSG_WAITALL)
        return json.loads(control.recv(struct.unpack("<I", head)[0], socket.MSG_WAITALL))


@test
def every_run_is_in_the_audit_log(_):
    server.postern("New-ReceiveConnector", "-Name", "Printers", "-Bindings", f"127.0.0.1:{server.port(25) + 1}",
                   "-RemoteIPRanges", "127.0.0.1", "-PermissionGroups", "AnonymousUsers")
    server.postern("Set-ReceiveConnector", "Printers", "-MaxMessageSize", "9MB", "-Comment", "grün, \"so\"")
    row = rows("-ResultSize", "1")[0]
    equal(list(row), ["ObjectModified", "CmdletName", "CmdletParameters", "ModifiedProperties", "Caller", "ExternalAccess", "Succeeded",
                      "Error", "RunDate", "OriginatingServer", "Identity"], "properties")
    equal((row["ObjectModified"], row["CmdletName"], row["Succeeded"], row["Error"], row["OriginatingServer"], row["ExternalAccess"]),
          (f"{SERVER}\\Printers", "Set-ReceiveConnector", True, "", SERVER, False), "the run")
    equal(sorted(row["ModifiedProperties"]), ["Comment", "MaxMessageSize"], "what it changed")
    equal({one["Name"]: one["Value"] for one in row["CmdletParameters"]},
          {"Identity": "Printers", "MaxMessageSize": "9MB", "Comment": "grün, \"so\""}, "parameters")
    server.postern("Set-ReceiveConnector", "Nobody", "-Banner", "220 x", good=False)
    server.postern("Stop-SmtpSession", "195AF8A13E000001", good=False)
    server.postern("Set-ReceiveConnector", "Printers", "-MaxMessageSize", "never", good=False)
    failed = rows("-IsSuccess", "$false", "-ResultSize", "3")
    equal([one["CmdletName"] for one in failed], ["Set-ReceiveConnector", "Stop-SmtpSession", "Set-ReceiveConnector"], "refused")
    check(all(one["Error"] and not one["Succeeded"] for one in failed), f"errors of {failed}")
    equal([one["ObjectModified"] for one in failed], ["Printers", "195AF8A13E000001", "Nobody"], "what they were run on")
    count = len(rows())
    server.postern("Set-ReceiveConnector", "Printers", "-Banner", "220 x", "-WhatIf")
    server.postern("Get-Mailbox")
    equal(len(rows()), count, "runs after -WhatIf and Get-")
    server.postern("Set-SmtpSessionLogging", "192.0.2.7", "-Duration", "1m")
    equal(rows("-ResultSize", "1")[0]["CmdletName"], "Set-SmtpSessionLogging", "not of the configuration")
    equal(len(rows("-Cmdlets", "stop-smtpsession,Set-SmtpSessionLogging")), 2, "-Cmdlets")
    check(len(rows("-ObjectIds", "*\\Printers")) >= 2 and not rows("-ObjectIds", "Nothing"), "-ObjectIds")
    check(rows("-UserIds", f"uid {os.getuid()}") and not rows("-UserIds", "uid 4711"), "-UserIds")
    equal({one["CmdletName"] for one in rows("-Parameters", "maxmessagesize")}, {"Set-ReceiveConnector"}, "-Parameters")
    equal(rows("-StartDate", "2999-01-01"), [], "-StartDate")
    equal(rows("-EndDate", "2001-01-01"), [], "-EndDate")
    dates = [one["RunDate"] for one in rows()]
    equal(dates, sorted(dates, reverse=True), "the newest comes first")


@test
def giving_a_key_away_and_answers_of_the_vault_are_runs(_):
    server.postern("New-ExchangeCertificate", "-SubjectName", "CN=a.example.test", "-DomainName", "a.example.test",
                   "-PrivateKeyExportable", "$true")
    digits = next(one["Thumbprint"] for one in server.get("Get-ExchangeCertificate") if "a.example" in one["Subject"])
    equal(rows("-ResultSize", "1")[0]["ObjectModified"], digits, "what was made")
    path = os.path.join(server.folder, "a.pfx")
    server.postern("Export-ExchangeCertificate", digits, "-Password", "-", "-FileName", path, input="hunter2 zw\n")
    row = rows("-ResultSize", "1")[0]
    equal((row["CmdletName"], row["ObjectModified"], row["Succeeded"]), ("Export-ExchangeCertificate", digits, True), "the export")
    with open(path, "wb") as file:
        file.write(b"no certificate, hunter2 zv")
    server.postern("Import-ExchangeCertificate", "-FileName", path, "-Password", "-", input="hunter2 zw\n", good=False)
    row = rows("-ResultSize", "1")[0]
    equal({one["Name"]: one["Value"] for one in row["CmdletParameters"]}, {"FileData": "***", "Password": "***"}, "parameters")
    check(not row["Succeeded"] and row["Error"], f"the import: {row}")


@test
def no_secret_is_in_it(_):
    server.postern("New-Mailbox", "-Name", "erin", "-PrimarySmtpAddress", "erin@example.test", "-Pasword", "hunter2 zx", good=False)
    ask("New-Mailbox", {"Name": "erin", "Pasword": "hunter2 zx"})
    server.add_user("alice")
    server.postern("Set-Mailbox", "alice", "-Password", "-", input="hunter2 zy\n")
    ask("Set-Mailbox", {"Identity": "alice", "whatif": True, "Pass": "hunter2 zz", "Nonsense": "x"})
    row = rows("-Cmdlets", "Set-Mailbox", "-ResultSize", "1")[0]
    equal({one["Name"]: one["Value"] for one in row["CmdletParameters"]}, {"Identity": "alice", "Password": "***"}, "parameters")
    row = rows("-Cmdlets", "New-Mailbox", "-IsSuccess", "$false", "-ResultSize", "1")[0]
    equal({one["Name"]: one["Value"] for one in row["CmdletParameters"]}, {"Name": "erin", "Pasword": "***"}, "a misspelt parameter")
    for at, _, files in os.walk(os.path.join(server.data, "logs")):
        for name in files:
            with open(os.path.join(at, name), "rb") as file:
                content = file.read()
            check(b"hunter2" not in content and PASSWORD.encode() not in content, f"a password is in {name}")


@test
def who_may_not_is_in_it(_):
    if os.getuid(): # nobody else can be
        return
    server.postern("Add-RoleGroupMember", "View-Only Organization Management", "-Member", "uid:65533")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setuid(65533) # still of root's group, so that its folder lets it in
        os.write(writing, json.dumps(ask("Remove-Mailbox", {"Identity": "alice"})).encode())
        os._exit(0)
    os.close(writing)
    told = os.read(reading, 65536).decode()
    os.close(reading)
    os.waitpid(child, 0)
    check("PermissionDenied" in told, f"a viewer is told {told!r}")
    row = rows("-ResultSize", "1")[0]
    equal((row["CmdletName"], row["ObjectModified"], row["Caller"].split(" (")[0], row["Succeeded"]),
          ("Remove-Mailbox", "alice", "uid 65533", False), "the row")


@test
def long_values_are_cut_and_the_row_stays_whole(_):
    ask("Set-ReceiveConnector", {"Identity": "Printers", "RemoteIPRanges": ["10.0.0.%d" % (i % 250) for i in range(9000)], "Banner": "220 \u00fc" * 5000})
    row = rows("-ResultSize", "1")[0]
    equal([one["Name"] for one in row["CmdletParameters"]], ["Identity", "RemoteIPRanges", "Banner"], "parameters")
    check(row["CmdletParameters"][2]["Value"].startswith("220 \u00fc220") and row["CmdletParameters"][2]["Value"].endswith("..."), "the beginning of a value")
    check(all(len(one["Value"]) < 5000 for one in row["CmdletParameters"]), "a value is as long as it was")
    equal(row["Succeeded"], False, "succeeded")
    ask("Set-Mailbox", {"P%d" % i: "x" * 50 for i in range(3000)})
    row = rows("-ResultSize", "1")[0]
    equal((row["CmdletName"], len(row["CmdletParameters"])), ("Set-Mailbox", 64), "thousands of parameters")


@test
def the_newest_of_many_and_a_restart(_):
    for i in range(5):
        server.postern("Stop-SmtpSession", f"195AF8A13E00010{i}", good=False)
    equal([one["ObjectModified"] for one in rows("-ResultSize", "2")], ["195AF8A13E000104", "195AF8A13E000103"], "the newest two")
    before = rows()
    server.stop()
    server.start()
    equal(rows(), before, "runs after a restart")


run(200, server)
