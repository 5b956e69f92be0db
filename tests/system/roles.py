# SPDX-License-Identifier: Apache-2.0
"""Who may manage the server: role groups by the numbers the kernel gives, tokens, refusals, floods by local users."""
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from harness import BUILD, Server, check, equal, run, test

# What is freed may be used again at once: the memory of the hub is looked at.
os.environ["ASAN_OPTIONS"] = "detect_leaks=0:abort_on_error=0:log_path=stderr:quarantine_size_mb=4"
server = Server()
ORGANIZATION, CERTIFICATES, RECIPIENTS, QUEUES, VIEW = ("Organization Management", "Certificate Management", "Recipient Management",
                                                        "Queue Management", "View-Only Organization Management")
USERS = {ORGANIZATION: 41001, CERTIFICATES: 41002, QUEUES: 41003, VIEW: 41004, RECIPIENTS: 41008}
STRANGER = 41009
BOGUS = {"Bananas": "1"}  # is refused after the rights were looked at, and before anything is done
BECOME = """
import os
def become(uid, gid, groups):  # by itself: others may not run this interpreter
    os.setgroups(groups)
    os.setgid(gid)
    os.setuid(uid)
"""
CHILD = BECOME + """
import json, socket, struct, sys
path, conversations, who = json.load(sys.stdin)
become(*who)
answers = []
for requests in conversations:
    with socket.socket(socket.AF_UNIX) as control:
        control.settimeout(20)
        control.connect(path)
        for request in requests:
            bytes_ = json.dumps(request).encode()
            try:
                control.sendall(struct.pack("<I", len(bytes_)) + bytes_)
            except (BrokenPipeError, ConnectionResetError):
                pass
            reply = b""
            while len(reply) < 4 or len(reply) < 4 + struct.unpack("<I", reply[:4])[0]:
                try:
                    piece = control.recv(65536)
                except ConnectionResetError:
                    piece = b""
                if not piece:
                    break
                reply += piece
            answers.append(json.loads(reply[4:]) if reply else None)
json.dump(answers, sys.stdout)
"""
LATE = BECOME + """
import socket, sys
become(int(sys.argv[2]), int(sys.argv[2]), [])
with socket.socket(socket.AF_UNIX) as one:
    one.connect(sys.argv[1])
    print("here", flush=True)
    sys.stdin.readline()
    request = b'{"cmdlet":"Get-Queue"}'
    one.sendall(bytes([len(request), 0, 0, 0]) + request)
    print(one.recv(65536)[4:].decode())
"""
SILENT = BECOME + """
import socket, struct, sys, time
become(int(sys.argv[2]), int(sys.argv[2]), [])
with socket.socket(socket.AF_UNIX) as one:
    one.connect(sys.argv[1])
    request = b'{"cmdlet":"Get-ReceiveConnector"}'
    one.sendall(bytes([len(request), 0, 0, 0]) + request)
    announced, got = struct.unpack("<I", one.recv(4, socket.MSG_WAITALL))[0], 0
    time.sleep(13)
    while got < announced and (piece := one.recv(65536)):
        got += len(piece)
    print(announced, got)
"""
FLOOD = BECOME + """
import socket, struct, sys, time
path, uids = sys.argv[1], [int(word) for word in sys.argv[2].split(",")]
held = []
for uid in uids:
    if os.fork() == 0:
        become(uid, uid, [])
        until = time.monotonic() + 60
        while time.monotonic() < until and os.getppid() != 1:
            for _ in range(40):
                one = socket.socket(socket.AF_UNIX)
                one.setblocking(False)
                try:
                    one.connect(path)
                    one.send(struct.pack("<I", 4 << 20) + b"x" * 100000)
                except OSError:
                    pass
                held.append(one)
            time.sleep(0.02)
            for one in held[:-200]:
                one.close()
            del held[:-200]
        os._exit(0)
print("flooding", flush=True)
sys.stdin.read()
"""


def socket_path():
    return os.path.join(server.data, "control.socket")


def ask(uid, *conversations, gid=None, groups=()):
    """Each conversation, a list of requests, on a connection of its own, as another user; all replies."""
    done = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True, timeout=60,
                          input=json.dumps([socket_path(), conversations, [uid, uid if gid is None else gid, list(groups)]]))
    equal(done.returncode, 0, f"the child of uid {uid}: {done.stderr[-300:]}")
    return json.loads(done.stdout)


def request(cmdlet, **parameters):
    return {"cmdlet": cmdlet, "parameters": parameters}


def category(reply):
    return reply.get("error", {}).get("category") if reply else "nothing"


def message(reply):
    return reply.get("error", {}).get("message", "") if reply else "nothing"


@contextlib.contextmanager
def client():
    """The program where everybody can run it: the build may be where nobody else can go."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        yield shutil.copy(os.path.join(BUILD, "postern"), folder)


def postern_as(program, uid, *words, **environment):
    return subprocess.run([program, "--data", server.data, *words], capture_output=True, text=True, timeout=30, user=uid,
                          group=uid, extra_groups=[], env=dict(server.environment(), HOME="/", **environment), input="")


def fails(code, *words, says=""):
    done = server.postern(*words, good=False)
    equal(done.returncode, code, f"exit code of {words}: {done.stderr[:300]}")
    check(says in done.stderr, f"{words} does not say {says!r}: {done.stderr[:400]}")


def token_of(*words):
    token = server.postern("New-ManagementToken", *words).stdout.strip()
    check(re.fullmatch(r"postern_[0-9a-f]{12}_[0-9a-f]{72}", token), f"the token is {token!r}")
    return token


def with_token(token, cmdlet, **environment):
    return subprocess.run([os.path.join(BUILD, "postern"), "--data", server.data, cmdlet], capture_output=True, text=True, timeout=30,
                          env=dict(server.environment(), POSTERN_TOKEN=token, **environment), input="")


def cmdlets():
    """{cmdlet: the role group that `postern help` says it needs}, of every row of the table."""
    names = re.findall(r"^  (\w+-\w+) ", server.postern("help").stdout.partition("Cmdlets:")[2], re.M)
    check(len(names) > 35, f"only {names}")
    return {name: re.search(r'Needs the role group "([^"]+)"', server.postern("help", name).stdout)[1] for name in names}


# --- role groups ---

@test
def only_root_and_the_server_at_first(_):
    members = server.get("Get-RoleGroupMember")
    equal({one["RoleGroup"] for one in members}, {ORGANIZATION}, "groups with members")
    check(all(one["BuiltIn"] for one in members) and members[0]["Member"] == "uid:0", f"{members}")
    equal([one["Name"] for one in server.get("Get-RoleGroup")], [ORGANIZATION, CERTIFICATES, RECIPIENTS, QUEUES, VIEW], "role groups")
    equal(server.get("Get-RoleGroup", VIEW)[0]["Members"], [], "members of the last")
    check("Exchange Server Certificates" in server.get("Get-RoleGroup", "certificate*")[0]["Roles"], "roles")


@test
def a_stranger_is_told_who_he_is_and_what_lets_him_in(_):
    reply = ask(STRANGER, [request("Get-Queue")])[0]
    equal(category(reply), "PermissionDenied", "category")
    check(f"uid {STRANGER} has no role" in message(reply), message(reply))
    equal(reply["error"]["fix"], f'Add-RoleGroupMember "{VIEW}" -Member uid:{STRANGER}', "the command that lets him in")
    with client() as program:
        done = postern_as(program, STRANGER, "Get-Queue")
    equal(done.returncode, 5, f"exit code: {done.stderr}")
    check(f"Add-RoleGroupMember" in done.stderr, done.stderr)
    check(f'event=management-refused actor="uid {STRANGER}"' in server.log(), "no event")


@test
def his_request_is_refused_before_it_is_read(_):
    large = request("Get-Queue", Identity="x" * 3000000)
    reply = ask(STRANGER, [large])[0]
    check(f"uid {STRANGER} has no role" in message(reply), message(reply))
    with client() as program:  # which must not end with the broken pipe that this is
        name = os.path.join(os.path.dirname(program), "large.pem")
        with open(name, "w") as file:
            file.write("x" * 900000)
        done = postern_as(program, STRANGER, "Import-ExchangeCertificate", "-FileName", name)
    check(done.returncode == 5 and "has no role" in done.stderr, f"{done.returncode} {done.stderr}")


@test
def every_operation_for_every_role(_):
    """Who may run what, tried on the server, for each row of the table of operations."""
    for group, uid in USERS.items():
        server.postern("Add-RoleGroupMember", group, "-Member", f"uid:{uid}")
    needed = cmdlets()
    equal(set(needed.values()), set(USERS), "role groups that are needed for something")
    for group, uid in USERS.items():
        replies = ask(uid, *([{"cmdlet": name, "parameters": BOGUS}] for name in needed))
        for (name, least), reply in zip(needed.items(), replies):
            allowed = group == ORGANIZATION or least in (VIEW, group)
            equal(category(reply), "InvalidArgument" if allowed else "PermissionDenied", f"{name} for {group}")
            if not allowed:
                check(f'{name} needs the role group "{least}"; uid {uid} ' in message(reply), message(reply))
                check(message(reply).count(f'has "{group}"') == 1, message(reply))
                equal(reply["error"]["fix"], f'Add-RoleGroupMember "{least}" -Member "uid:{uid}"', "fix")
    for name, least in needed.items():  # what the names promise, whatever the table says
        verb, noun = name.split("-")
        looks = verb in ("Get", "Test", "Search") or name == "Export-Configuration"  # which gives viewers no secret
        check(least != VIEW or looks, f"{name} changes something and needs only {least}")
        check(least != CERTIFICATES or noun == "ExchangeCertificate", f"{name} with {least}")
        check(least != RECIPIENTS or noun in ("Mailbox", "DistributionGroup", "DistributionGroupMember"), f"{name} with {least}")
        check(noun not in ("RoleGroupMember", "ManagementToken") or verb == "Get" or least == ORGANIZATION, f"{name} with {least}")


@test
def a_parameter_may_need_more_than_its_cmdlet(_):
    file = request("Test-ReceiveConnectorCertificate", Identity=server.connector(25), WithFile="AAAA")
    equal([category(ask(USERS[group], [file])[0]) for group in (VIEW, CERTIFICATES)], ["PermissionDenied", "InvalidArgument"],
          "a certificate brought by a viewer, by an operator")


@test
def only_who_brings_certificates_sends_much(_):
    large = request("Import-ExchangeCertificate", FileData="A" * 100000)
    viewer, operator = (ask(USERS[group], [large])[0] for group in (VIEW, CERTIFICATES))
    check(f'A request of more than 64 KiB needs the role group "{CERTIFICATES}"' in message(viewer), message(viewer))
    equal(category(operator), "InvalidArgument", "the operator's file, which is none")
    small = ask(USERS[VIEW], [request("Import-ExchangeCertificate", FileData="A" * 60000)])[0]
    check("Import-ExchangeCertificate needs the role group" in message(small), message(small))


@test
def who_does_not_read_is_dropped(_):
    """A reply larger than a socket holds is not kept for somebody who has stopped reading."""
    server.postern("shell", "-c", "1..200 | ForEach-Object { New-ReceiveConnector -Name \"many$_\" -Bindings 127.0.0.1:9 -Enabled $false "
                   "-RemoteIPRanges \"10.0.0.$_\" -PermissionGroups AnonymousUsers -Confirm:$false }", timeout_s=60)
    with subprocess.Popen([sys.executable, "-c", SILENT, socket_path(), str(USERS[VIEW])], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as child:
        output, _ = child.communicate("", timeout=60)
    announced, got = (int(word) for word in output.split())
    check(announced > 250000, f"the reply of {announced} bytes is too small for this test")
    check(got < announced, f"all {got} bytes were kept for 13 s")


@test
def several_groups_add_up_and_are_taken_away_one_by_one(_):
    uid = 41005
    export, stop = request("Export-ExchangeCertificate", **BOGUS), request("Stop-SmtpSession", **BOGUS)
    for group in (CERTIFICATES, QUEUES):
        server.postern("Add-RoleGroupMember", group, "-Member", f"uid:{uid}", "-Label", "twofold")
    equal([category(reply) for reply in ask(uid, [export, stop])], ["InvalidArgument"] * 2, "both")
    refused = ask(uid, [request("Set-TransportConfig")])[0]
    check(f'uid {uid} (twofold) has "{CERTIFICATES}", "{QUEUES}"' in message(refused), message(refused))
    check("already" in server.postern("Add-RoleGroupMember", QUEUES, "-Member", f"uid:{uid}").stdout, "twice")
    server.postern("Remove-RoleGroupMember", QUEUES, "-Member", f"uid:{uid}", "-Confirm:$false")
    equal([category(reply) for reply in ask(uid, [export, stop])], ["InvalidArgument", "PermissionDenied"], "one")
    server.postern("Remove-RoleGroupMember", CERTIFICATES, "-Member", f"uid:{uid}", "-Confirm:$false")
    check("has no role" in message(ask(uid, [export])[0]), "he is still in")
    fails(3, "Remove-RoleGroupMember", CERTIFICATES, "-Member", f"uid:{uid}", "-Confirm:$false", says="is not in the role group")


@test
def what_is_taken_away_is_gone_at_the_next_request(_):
    uid = 41006
    server.postern("Add-RoleGroupMember", VIEW, "-Member", f"uid:{uid}")
    with subprocess.Popen([sys.executable, "-c", LATE, socket_path(), str(uid)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as child:
        equal(child.stdout.readline(), "here\n", "the child")
        server.postern("Remove-RoleGroupMember", VIEW, "-Member", f"uid:{uid}", "-Confirm:$false")
        output, _ = child.communicate("go\n", timeout=20)
    check("has no role" in output, output)


@test
def by_group_primary_or_not(_):
    server.postern("Add-RoleGroupMember", VIEW, "-Member", "gid:42001", "-Label", "mailops")
    view = [request("Get-Queue")]
    check(message(ask(STRANGER, view)[0]) != "", "a stranger without the group")
    check("error" not in ask(STRANGER, view, gid=42001)[0], "by the primary group")
    check("error" not in ask(STRANGER, view, groups=range(42000 - 200, 42002))[0], "by one of many others")
    refused = ask(STRANGER, [request("Remove-Mailbox")], gid=42001)[0]
    check(f"uid {STRANGER} (group mailops) has" in message(refused), message(refused))
    server.postern("Remove-RoleGroupMember", VIEW, "-Member", "gid:42001", "-Confirm:$false")
    check("has no role" in message(ask(STRANGER, view, gid=42001)[0]), "after the group was removed")


@test
def names_are_looked_up_by_the_client_alone(_):
    done = server.postern("Add-RoleGroupMember", VIEW, "-Member", "daemon")
    check(re.search(r'uid:\d+ \(daemon\) is now in "View-Only', done.stdout), done.stdout)
    server.postern("Add-RoleGroupMember", VIEW, "-Member", "group:mail")
    shown = {one["Label"]: (one["Member"], one["RecipientType"]) for one in server.get("Get-RoleGroupMember", VIEW)}
    equal(shown["daemon"][1], "User", "daemon")
    check(re.fullmatch(r"gid:\d+", shown["mail"][0]) and shown["mail"][1] == "Group", f"{shown['mail']}")
    uid = int(shown["daemon"][0][4:])
    check(f"uid {uid} (daemon)" in message(ask(uid, [request("Remove-Mailbox")])[0]), "the label in a refusal")
    script = f'Remove-RoleGroupMember "{VIEW}" -Member daemon -Confirm:$false; Remove-RoleGroupMember "{VIEW}" -Member group:mail -Confirm:$false'
    server.postern("shell", "-c", script)
    check(not {"daemon", "mail"} & {one["Label"] for one in server.get("Get-RoleGroupMember", VIEW)}, "they are still there")
    fails(2, "Add-RoleGroupMember", VIEW, "-Member", "no-such-user", says="there is no user")
    reply = ask(0, [request("Add-RoleGroupMember", Identity=VIEW, Member="daemon", Label="root")])[0]
    check("knows numbers, not names" in message(reply), message(reply))


@test
def members_that_cannot_be(_):
    for member, says in (("root", "always in"), ("uid:0", "always in"), ("uid:4294967295", "numbers, not names"),
                         ("uid:007", "numbers, not names"), ("uid:65534", "nobody"), ("gid:65534", "nobody"),
                         ("uid:-1", "numbers, not names"), ("uid:1 ", "numbers, not names")):
        fails(2, "Add-RoleGroupMember", VIEW, "-Member", member, says=says)
    fails(2, "Remove-RoleGroupMember", ORGANIZATION, "-Member", "root", "-Confirm:$false", says="always in")
    fails(3, "Add-RoleGroupMember", "Help Desk", "-Member", "daemon", says="Get-RoleGroup")
    fails(3, "Add-RoleGroupMember", VIEW, "-Member", "token:nothing", says="Get-ManagementToken")
    before = server.get("Get-RoleGroupMember")
    done = server.postern("Add-RoleGroupMember", VIEW, "-Member", "uid:41007", "-WhatIf")
    check("uid:41007 would be in" in done.stdout and "nothing was changed" in done.stdout and server.get("Get-RoleGroupMember") == before, done.stdout)


# --- tokens ---

@test
def a_token_stands_for_the_roles_of_its_holder(_):
    token = token_of("-Name", "monitoring", "-Description", "the graphs")
    equal(with_token(token, "Get-Queue").returncode, 0, "root with it")
    done = with_token(token, "Set-TransportConfig")
    equal(done.returncode, 5, "root, who has dropped his rights")
    check(f'token monitoring has "{VIEW}"' in done.stderr and "-Member \"token:monitoring\"" in done.stderr, done.stderr)
    with client() as program:
        name = os.path.join(os.path.dirname(program), "token")
        with open(name, "w") as file:
            file.write(token + "\n")
        equal(postern_as(program, STRANGER, "--token-file", name, "Get-Queue").returncode, 0, "a stranger with a file")
        done = postern_as(program, STRANGER, "Get-Queue", POSTERN_TOKEN=token)
        equal(done.returncode, 0, f"a stranger with the variable: {done.stderr}")
        equal(postern_as(program, STRANGER, "--token-file", "/nowhere", "Get-Queue").returncode, 2, "no such file")
    server.postern("Add-RoleGroupMember", ORGANIZATION, "-Member", "token:monitoring")
    large = request("Import-ExchangeCertificate", FileData="A" * 100000)
    taken, imported = ask(STRANGER, [{"token": token}, large])
    check("error" not in taken and taken["objects"] == [], f"{taken}")
    check(category(imported) == "InvalidArgument" and "has no role" not in message(imported), f"{imported}")
    fails(2, "Add-RoleGroupMember", QUEUES, "-Member", "token:monitoring", "-Label", "x", says="a token has its name")
    server.postern("Remove-RoleGroupMember", ORGANIZATION, "-Member", "token:monitoring", "-Confirm:$false")
    server.postern("Remove-RoleGroupMember", VIEW, "-Member", "token:monitoring", "-Confirm:$false")
    check("has no role" in with_token(token, "Get-Queue").stderr, "a token without a role")


@test
def its_name_is_in_the_audit_trail_and_its_secret_nowhere(_):
    token = token_of("-Name", "ci", "-RoleGroup", CERTIFICATES, "-ExpirationDate", "2099-01-01")
    digits = server.get("Get-ExchangeCertificate")[0]["Thumbprint"]
    reply = ask(STRANGER, [dict(request("Set-TransportConfig"), token=token)])[0]
    check("token ci has" in message(reply), f"in the request itself: {message(reply)}")
    done = subprocess.run([os.path.join(BUILD, "postern"), "--data", server.data, "Enable-ExchangeCertificate", digits, "-Services", "SMTP"],
                          capture_output=True, text=True, timeout=30, input="", env=dict(server.environment(), POSTERN_TOKEN=token))
    equal(done.returncode, 0, done.stderr)
    shown = server.get("Get-ManagementToken", "ci")[0]
    equal((shown["Status"], shown["RoleGroups"], shown["ExpirationDate"][:10]), ("Valid", CERTIFICATES, "2099-01-01"), "it")
    equal(shown["TokenId"], token.split("_")[1], "the part by which a token that was found is known")
    secret = token.rpartition("_")[2]
    for text in (json.dumps(server.get("Get-ManagementToken")), json.dumps(server.get("Get-RoleGroupMember")), server.log()):
        check(secret not in text and secret[:64] not in text, "the secret is shown again")
    found = set()
    for folder, _, names in os.walk(server.data):
        for name in names:
            path = os.path.join(folder, name)
            if not os.path.isfile(path):
                continue
            with open(path, "rb") as file:
                content = file.read()
            check(secret[:64].encode() not in content and bytes.fromhex(secret[:64]) not in content, f"the secret is in {name}")
            found |= {b"token ci"} if b"token ci" in content else set()
    check(found, "the audit trail does not name the token")


@test
def what_is_wrong_with_a_token_is_said(_):
    token = token_of("-Name", "short", "-ExpirationDate", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 4)))
    equal(with_token(token, "Get-Queue").returncode, 0, "before its end")
    other = token_of("-Name", "other")
    mixed = other[:21] + token[21:]
    server.postern("Remove-ManagementToken", "other", "-Confirm:$false")
    time.sleep(4.5)
    for written, says in ((token, "has expired"), (other, "was removed"), (mixed, "mistyped"), (token[:-1], "mistyped"),
                          ("hunter2", "mistyped"), ("x" * 200, "mistyped")):
        begun = time.monotonic()
        done = with_token(written, "Get-Queue")
        check(done.returncode == 5 and says in done.stderr, f"{written[:24]}: {done.returncode} {done.stderr}")
        check(time.monotonic() - begun > 0.9, "a wrong one is answered at once")
    equal(server.get("Get-ManagementToken", "short")[0]["Status"], "Expired", "status")
    fails(2, "New-ManagementToken", "-Name", "late", "-ExpirationDate", "2020-01-01", says="has passed")
    fails(4, "New-ManagementToken", "-Name", "short", says="there already")
    replies = ask(0, [{"token": other}, request("Get-Queue")])
    check("was removed" in message(replies[0]) and replies[1] is None, f"root goes on behind a wrong one: {replies}")


@test
def requests_that_are_none(_):
    token = token_of("-Name", "odd")
    rows = (({"token": 5}, "PermissionDenied"), ({"token": ""}, "PermissionDenied"), ({"token": None}, "PermissionDenied"),
            ({"token": [token]}, "PermissionDenied"), ({"token": token}, None), ({"token": token, "cmdlet": 7}, "InvalidArgument"),
            ({"token": token, "cmdlet": "Get-Queue", "parameters": []}, None), ({"token": token, "cmdlet": "Get-Nothing"}, "InvalidArgument"),
            ({}, "InvalidArgument"), ([], "InvalidArgument"), ("token", "InvalidArgument"))
    for reply, (sent, wanted) in zip(ask(0, *([sent] for sent, _ in rows)), rows):
        equal(category(reply), wanted, f"root sends {json.dumps(sent)[:60]}")
    for reply in ask(STRANGER, [{}], [[]], ["token"], [{"token": token, "x": "y" * 5000}]):
        check("has no role" in message(reply), f"a stranger: {message(reply)}")


@test
def a_restart_keeps_members_and_tokens(_):
    token = token_of("-Name", "lasting")
    gone = token_of("-Name", "gone")
    server.postern("Remove-ManagementToken", "gone", "-Confirm:$false")
    members, tokens = server.get("Get-RoleGroupMember"), server.get("Get-ManagementToken")
    equal(server.stop(), 0, "exit status")
    server.start()
    equal((server.get("Get-RoleGroupMember"), server.get("Get-ManagementToken")), (members, tokens), "members and tokens")
    equal(with_token(token, "Get-Queue").returncode, 0, "the token")
    done = with_token(gone, "Get-Queue")
    check(done.returncode == 5 and "unknown" in done.stderr, f"one that is long gone: {done.stderr}")
    equal(category(ask(USERS[VIEW], [request("Get-Queue")])[0]), None, "a member")


# --- floods ---

def resident_kib(pid):
    with open(f"/proc/{pid}/status") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1])


@test
def local_users_cannot_shut_out_those_who_manage(_):
    hub = server.pids("hub")[0]
    before = resident_kib(hub)
    uids = ",".join(str(50000 + i) for i in range(6)) + f",{USERS[VIEW]}"
    with subprocess.Popen([sys.executable, "-c", FLOOD, socket_path(), uids], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True, start_new_session=True) as flood:
        try:
            equal(flood.stdout.readline(), "flooding\n", "the flood")
            time.sleep(1)
            for _ in range(10):
                begun = time.monotonic()
                server.postern("Get-TransportService")
                check(time.monotonic() - begun < 5, "root had to wait for more than 5 s")
            equal(category(ask(USERS[CERTIFICATES], [request("Get-Queue")])[0]), None, "another member, meanwhile")
            grown = resident_kib(hub) - before
            check(grown < 60000, f"the hub grew by {grown} KiB")
        finally:
            os.killpg(flood.pid, signal.SIGKILL)
    refusals = server.log().count("event=management-refused")
    check(refusals < 40, f"{refusals} lines in the log")
    server.get("Get-TransportService")


if os.geteuid() == 0:
    run(180, server)
else:
    print("ok roles # skipped: needs root, to be other users")
