# SPDX-License-Identifier: Apache-2.0
"""The first start, the second one, the end, and two servers on one folder."""
import contextlib
import os
import signal
import socket
import subprocess
import time

from harness import (BUILD, CONNECTORS, DOMAIN, HOST, PASSWORD, PORTS, SERVER, Client, Failed, Server, check,
                     clean_end, equal, header, new_token, run, test)

server = Server(relaxed=False)


def notifications(listener):
    """What came over the NOTIFY_SOCKET so far, a line each."""
    listener.settimeout(0.2)
    lines = []
    with contextlib.suppress(TimeoutError):
        while True:
            lines += listener.recv(4096).decode().splitlines()
    return lines


def start_notified():
    path = os.path.join(server.folder, "notify")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(path)
    os.chmod(path, 0o666)
    server.start(environment={"NOTIFY_SOCKET": path})
    return listener


@test
def first_start():
    with start_notified() as listener:
        lines = notifications(listener)
    check("READY=1" in lines, f"the service manager was told {lines}")
    check("6 listeners" in server.ready_line, f"the ready line is {server.ready_line!r}")
    return server.ready_line


@test
def six_connectors():
    shown = {connector["Identity"]: connector for connector in server.get("Get-ReceiveConnector")}
    equal(sorted(shown), sorted(f"{SERVER}\\{name} {SERVER}" for name in CONNECTORS.values()), "connectors")
    for port in PORTS:
        equal(shown[server.connector(port)]["Bindings"], [f"127.0.0.1:{server.port(port)}"], f"bindings of {port}")


@test
def nothing_was_changed_before_it_was_made():
    for cmdlet in ("Get-ReceiveConnector", "Get-AcceptedDomain", "Get-TransportConfig"):
        for one in server.get(cmdlet):
            check(one["WhenChanged"] >= one["WhenCreated"], f"{one['Identity']}: {one['WhenCreated']} {one['WhenChanged']}")


@test
def a_certificate_for_smtp():
    fit = [one for one in server.get("Get-ExchangeCertificate")
           if "SMTP" in str(one["Services"]) and one["HasPrivateKey"] and HOST in str(one["CertificateDomains"])]
    equal(len(fit), 1, f"certificates for {HOST} with SMTP")


@test
def an_accepted_domain():
    domains = server.get("Get-AcceptedDomain")
    equal([domain["DomainName"] for domain in domains], [DOMAIN], "accepted domains")


@test
def all_ports_greet():
    for port in PORTS:
        with Client(server.port(port), implicit=port == 465) as client:
            check(HOST.encode() in client.banner.lines[0], f"banner of {port}: {client.banner}")
            client.ehlo()
            client.expect("QUIT", 221)


@test
def everything_is_private():
    for name in ("store", "vault", "mail", "logs", "policies"):
        mode = os.stat(os.path.join(server.data, name)).st_mode & 0o777
        equal(oct(mode), "0o700", f"mode of {name}")
    mode = os.stat(os.path.join(server.data, "control.socket")).st_mode & 0o777
    equal(oct(mode), "0o666", "control.socket: anybody may knock, tests/system/roles.py says who is let in")


@test
def a_second_server_on_the_folder_is_refused():
    begun = time.monotonic()
    second = subprocess.run(server.arguments(), capture_output=True, text=True, timeout=20, env=server.environment())
    check(second.returncode not in (0, -signal.SIGKILL), f"it ended with {second.returncode}")
    check("another posternd is using this folder" in second.stderr, f"it said {second.stderr!r}")
    check(time.monotonic() - begun < 5, "it took more than 5 s")
    server.postern("Get-TransportService")
    with Client(server.port(25)) as client:
        client.expect("QUIT", 221)


@test
def drain_says_421_and_exits_0():
    server.add_user("alice")
    token = new_token()
    with Client(server.port(25)) as idle, Client(server.port(25)) as busy:
        idle.ehlo()
        busy.ehlo()
        busy.envelope("someone@example.org", [f"alice@{DOMAIN}"])
        busy.expect("DATA", 354)
        server.process.send_signal(signal.SIGTERM)
        last = idle.reply()
        equal(last.code, 421, "the idle session's last reply")
        check(idle.closed(5), "the idle session was not closed")
        busy.send(header(token.encode().decode()) + b"body\r\n.\r\n")
        equal(busy.reply().code, 250, "a message under way when SIGTERM came")
        check(busy.closed(8), "the busy session was not closed behind its message")
    status = server.process.wait(25)
    server.process = None
    equal(status, 0, "exit status")
    check(not os.path.exists(os.path.join(server.data, "control.socket")), "control.socket is still there")
    server.token = token


@test
def nothing_listens_after_the_end():
    for port in PORTS:
        with socket.socket() as probe:
            check(probe.connect_ex(("127.0.0.1", server.port(port))) != 0, f"port {port} is still open")


@test
def second_start_keeps_everything():
    with start_notified() as listener:
        check("READY=1" in notifications(listener), "no READY=1 at the second start")
    equal(len(server.get("Get-ReceiveConnector")), 6, "connectors")
    equal([box["Name"] for box in server.get("Get-Mailbox")], ["alice"], "mailboxes")
    server.find(server.token.encode())
    with Client(server.port(587)) as client:
        client.ehlo()
        client.starttls()
        client.log_in("alice", PASSWORD)
    check(any("SMTP" in str(one["Services"]) for one in server.get("Get-ExchangeCertificate")), "no certificate for SMTP")


@test
def idle_end_is_clean():
    clean_end(server)


@test
def wrong_arguments():
    program = os.path.join(BUILD, "posternd")
    for words in ([], ["--data", server.folder + "/x", "--bind", "nowhere"], ["--data", server.folder + "/x", "--edges", "0"],
                  ["--data", server.folder + "/x", "--port-offset", "70000"], ["--nonsense"]):
        done = subprocess.run([program, *words], capture_output=True, text=True, timeout=20, env=server.environment())
        equal(done.returncode, 2, f"exit status of {words}")
        check(done.stderr, f"{words}: nothing was said")
    check(not os.path.exists(server.folder + "/x"), "a folder was made for wrong arguments")
    if not subprocess.run([program, "--version"], capture_output=True, timeout=20).stdout.startswith(b"posternd "):
        raise Failed("--version")


@test
def a_data_folder_that_only_its_owner_can_reach():
    """root's home is closed to all others, also to the users that the roles become."""
    closed = Server(relaxed=False)
    os.chmod(closed.folder, 0o700)
    closed.start()
    closed.add_user("alice")
    with Client(closed.port(25)) as client:
        client.ehlo()
        token = new_token()
        client.mail("someone@example.org", [f"alice@{DOMAIN}"], header(token) + b"in\r\n")
    closed.find(token.encode())
    clean_end(closed)


run(150)
