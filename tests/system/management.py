# SPDX-License-Identifier: Apache-2.0
"""The cmdlets as administrators type them: effects, texts, exit codes."""
import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time

from harness import (BUILD, DOMAIN, HOST, SERVER, Client, Server, check, equal, header, new_token, run, test)

server = Server()


def fails(code, *words, says=(), input=None):
    done = server.postern(*words, good=False, input=input)
    equal(done.returncode, code, f"exit code of {words}: {done.stdout[:200]}{done.stderr[:300]}")
    for part in says if isinstance(says, (list, tuple)) else (says,):
        check(part in done.stderr, f"{words}: it does not say {part!r}: {done.stderr[:400]}")
    return done.stderr


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@test
def a_connector_from_new_to_gone(_):
    port = server.port(25) + 1
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", port))
    server.postern("New-ReceiveConnector", "-Name", "Printers", "-Bindings", f"127.0.0.1:{port}", "-RemoteIPRanges",
                   "127.0.0.0/8", "-PermissionGroups", "AnonymousUsers", "-TransportRole", "FrontendTransport")
    shown = server.get("Get-ReceiveConnector", "Printers")[0]
    equal(shown["Identity"], f"{SERVER}\\Printers", "identity")
    with Client(port) as client:
        client.ehlo()
        server.postern("Set-ReceiveConnector", f"{SERVER}\\Printers", "-Banner", "220 printers only", "-MaxMessageSize", "1MB")
        client.expect("NOOP", 250)
    with Client(port) as client:
        equal(client.banner.lines, [b"printers only"], "banner")
        equal(client.ehlo()["SIZE"], str(1 << 20), "SIZE")
    server.postern("Set-ReceiveConnector", "Printers", "-RemoteIPRanges", "@{Add=192.0.2.7;Remove=127.0.0.0/8}")
    equal(server.get("Get-ReceiveConnector", "Printers")[0]["RemoteIPRanges"], ["192.0.2.7"], "ranges")
    with Client(port, greet=False) as client:
        reply = client.reply()
        equal((reply.code, reply.lines[0][:5]), (421, b"4.3.2"), "a client outside the ranges")
    server.postern("Set-ReceiveConnector", "Printers", "-Enabled", "$false")
    deadline = time.monotonic() + 1
    while listens(port):
        check(time.monotonic() < deadline, "a disabled connector is listened for after a second")
    server.postern("Remove-ReceiveConnector", "Printers", "-Confirm:$false")
    fails(3, "Get-ReceiveConnector", "Printers")


@test
def a_binding_that_is_taken_waits_until_it_is_free(_):
    port = server.port(25) + 2
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", port))
        holder.listen()
        server.postern("New-ReceiveConnector", "-Name", "Waiter", "-Bindings", f"127.0.0.1:{port},127.0.0.1:{port + 1}",
                       "-RemoteIPRanges", "127.0.0.1", "-PermissionGroups", "AnonymousUsers")
        deadline = time.monotonic() + 5
        while (shown := server.get("Get-ReceiveConnector", "Waiter")[0])["State"] != "Waiting":
            check(time.monotonic() < deadline, f"the state is {shown['State']}")
            time.sleep(0.05)
        check(f"127.0.0.1:{port}: Address already in use" in shown["BindingErrors"], f"errors: {shown['BindingErrors']}")
        with Client(port + 1) as client:  # the other binding does not wait with it
            client.ehlo()
        check("Waiting" in server.postern("Get-ReceiveConnector", "-o", "wide").stdout, "the wide table does not say it")
    deadline = time.monotonic() + 5
    while (shown := server.get("Get-ReceiveConnector", "Waiter")[0])["State"] != "Listening":
        check(time.monotonic() < deadline, f"the port is free, and the state is {shown['State']}")
        time.sleep(0.05)
    equal(shown["BindingErrors"], [], "errors")
    with Client(port) as client:
        client.ehlo()
    server.postern("Remove-ReceiveConnector", "Waiter", "-Confirm:$false")


@test
def a_domain_and_a_mailbox_from_new_to_gone(_):
    server.postern("New-AcceptedDomain", "-Name", "Contoso", "-DomainName", "contoso.example")
    server.postern("New-Mailbox", "-Name", "dora", "-PrimarySmtpAddress", "dora@contoso.example")
    token = new_token()
    with Client(server.port(25)) as client:
        client.ehlo()
        client.mail("someone@example.org", ["dora@contoso.example"], header(token) + b"x\r\n")
    server.find(token.encode())
    fails(4, "New-Mailbox", "-Name", "dora", "-PrimarySmtpAddress", "dora2@contoso.example")
    check(server.postern("Remove-AcceptedDomain", "Contoso", "-Confirm:$false", good=False).returncode != 0,
          "a domain with a mailbox in it could be removed")
    server.postern("Set-Mailbox", "dora", "-EmailAddresses", "@{Add=sales@contoso.example}")
    with Client(server.port(25)) as client:
        client.ehlo()
        client.envelope("someone@example.org", ["sales@contoso.example"])
    server.postern("Remove-Mailbox", "dora", "-Confirm:$false")
    with Client(server.port(25)) as client:
        client.ehlo()
        client.expect("MAIL FROM:<someone@example.org>", 250)
        client.expect("RCPT TO:<dora@contoso.example>", 550)
    server.postern("Remove-AcceptedDomain", "Contoso", "-Confirm:$false")
    equal([domain["DomainName"] for domain in server.get("Get-AcceptedDomain")], [DOMAIN], "domains")
    with Client(server.port(25)) as client:
        client.ehlo()
        client.expect("MAIL FROM:<someone@example.org>", 250)
        client.expect("RCPT TO:<dora@contoso.example>", 550)


@test
def exit_codes_and_texts(_):
    fails(2, "Get-Nonsense")
    fails(2, "Get-ReceiveConector", says="Get-ReceiveConnector")
    fails(2, "Set-ReceiveConnector", server.connector(25), "-Bananas", "1", says="Bananas")
    fails(2, "Set-ReceiveConnector", server.connector(25), "-MaxMessageSise", "1MB", says="MaxMessageSize")
    fails(3, "Set-ReceiveConnector", "no such connector", "-Comment", "x", says="no such connector")
    fails(3, "Get-ExchangeCertificate", "0" * 40)
    fails(3, "Remove-Mailbox", "nobody", "-Confirm:$false")
    fails(2, "Test-ReceiveConnectorCertificate", "-RemoteIPAddress", "nowhere", "-LocalEndpoint", "127.0.0.1:25")
    fails(2, "New-Mailbox")
    check(server.postern("help", good=False).stdout, "help says nothing")


@test
def rules_between_settings(_):
    for words in (("-AuthMechanism", "BasicAuthRequireTLS"), ("-AuthMechanism", "ExternalAuthoritative,BasicAuth"),
                  ("-ConnectionInactivityTimeout", "00:20:00"), ("-AuthMechanism", "None", "-RequireTLS", "$true"),
                  ("-Banner", "no code in front"), ("-Banner", "220 two\r\nlines"), ("-Bindings", "127.0.0.1"),
                  ("-RemoteIPRanges", "10.0.0.1-10.0.0.0"), ("-MaxMessageSize", "0"), ("-MaxHopCount", "501"),
                  ("-Fqdn", "not a name"), ("-Bindings", f"127.0.0.1:{server.port(587)}"), ("-Enabled", "perhaps")):
        before = server.get("Get-ReceiveConnector", server.connector(25))
        done = server.postern("Set-ReceiveConnector", server.connector(25), *words, good=False)
        check(done.returncode in (1, 2, 4), f"{words}: exit {done.returncode}: {done.stderr}")
        check(len(done.stderr) > 20, f"{words}: the error says nothing: {done.stderr!r}")
        equal(server.get("Get-ReceiveConnector", server.connector(25)), before, f"connector after refused {words}")


@test
def what_if_and_confirm(_):
    revision = server.get("Get-TransportService")[0]["Revision"]
    server.postern("Set-ReceiveConnector", server.connector(25), "-Comment", "x", "-WhatIf")
    server.postern("New-Mailbox", "-Name", "ghost", "-PrimarySmtpAddress", f"ghost@{DOMAIN}", "-WhatIf")
    equal(server.get("Get-TransportService")[0]["Revision"], revision, "revision")
    fails(3, "Get-Mailbox", "ghost")
    server.postern("Set-ReceiveConnector", server.connector(25), "-Comment", "x")
    check(server.get("Get-TransportService")[0]["Revision"] > revision, "the revision did not grow")


@test
def as_people_type(_):
    for words in (("get-receiveconnector",), ("Get-ReceiveConnector", "client*"), ("Get-ReceiveConnector", "-Identity", server.connector(25)),
                  ("Get-ReceiveConnector", "\u2013Server", SERVER), ("Get-ReceiveConnector", "-Ident:" + server.connector(25))):
        check(server.get(*words), f"{words} shows nothing")
    table = server.postern("Get-ReceiveConnector").stdout
    check(table.splitlines()[0].split() == ["Identity", "Bindings", "Enabled"], f"the table: {table[:200]}")
    listed = server.postern("Get-ReceiveConnector", server.connector(25), "-o", "list").stdout
    check("RequireTLS" in listed and "\x1b" not in listed, "the list")


@test
def explain_by_address(_):
    shown = server.get("Test-ReceiveConnectorCertificate", "-RemoteIPAddress", "198.51.100.7", "-LocalEndpoint",
                       f"127.0.0.1:{server.port(587)}")[0]
    equal(shown["Identity"], server.connector(587), "connector")
    check(shown["Presents"]["Thumbprint"] and HOST in str(shown["Presents"]["CertificateDomains"]), f"{shown['Presents']}")
    later = server.get("Test-ReceiveConnectorCertificate", server.connector(587), "-At", "2090-01-01")[0]
    check(later["Expired"] or later["Presents"] is None, "in 2090 it is still valid?")
    none = server.postern("Test-ReceiveConnectorCertificate", "-RemoteIPAddress", "198.51.100.7", "-LocalEndpoint", "127.0.0.1:1")
    check("421" in none.stdout + none.stderr, "an endpoint nobody listens on")


@test
def queue_and_message(_):
    queues = server.get("Get-Queue")
    check(all(queue["MessageCount"] == 0 for queue in queues), f"{queues}")
    equal(server.get("Get-Message"), [], "messages")


@test
def names_with_signs(_):
    for name in ("Drucker & Söhne", "a' OR '1'='1", "$(id)", "x" * 64):
        server.postern("New-ReceiveConnector", "-Name", name, "-Bindings", f"127.0.0.1:{server.port(25)}", "-RemoteIPRanges",
                       "192.0.2.1", "-TransportRole", "FrontendTransport")
        equal(server.get("Get-ReceiveConnector", f"{SERVER}\\{name}")[0]["Name"], name, "name")
        server.postern("Remove-ReceiveConnector", f"{SERVER}\\{name}", "-Confirm:$false")
    for name in ("", "x" * 65, "a\nb", "a\\b", "a\x1b[31m"):
        done = server.postern("New-ReceiveConnector", "-Name", name, "-Bindings", f"127.0.0.1:{server.port(25)}",
                              "-RemoteIPRanges", "192.0.2.1", "-TransportRole", "FrontendTransport", good=False)
        check(done.returncode != 0 and "\x1b" not in done.stderr, f"the name {name!r}: exit {done.returncode}")


@test
def changes_at_the_same_time(_):
    """Several administrators at once: each change is made whole or refused whole."""
    results, lock = [], threading.Lock()

    def change(number):
        done = server.postern("New-Mailbox", "-Name", f"same{number}", "-PrimarySmtpAddress", f"same{number}@{DOMAIN}", good=False)
        with lock:
            results.append((number, done.returncode))
    threads = [threading.Thread(target=change, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    made = {box["Name"] for box in server.get("Get-Mailbox")}
    equal(sorted(number for number, code in results if code == 0), sorted(n for n in range(8) if f"same{n}" in made), "made")
    check(all(code in (0, 4) for _, code in results), f"{results}")
    check(sum(code == 0 for _, code in results) == 8, f"a change was refused only because another ran: {results}")


@test
def garbage_on_the_control_socket(_):
    path = os.path.join(server.data, "control.socket")
    for request in (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x05\0\0\0hello", b"\x02\0\0\0[]", b"\x02\0\0\0{}", b"\x10\0\0\0" + b"[" * 16,
                    b"\x00\x00\x01\x00" + b"[" * 65536, b"GET / HTTP/1.1\r\n\r\n"):
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(3)
            control.connect(path)
            control.sendall(request)
            control.shutdown(socket.SHUT_WR)
            try:
                control.recv(65536)
            except OSError:
                pass
    held = []
    for _ in range(100):  # more callers than it serves: they say nothing
        one = socket.socket(socket.AF_UNIX)
        one.settimeout(1)
        try:
            one.connect(path)
        except OSError:
            break
        held.append(one)
    for one in held:
        one.close()
    server.get("Get-TransportService")


@test
def unreachable(_):
    done = subprocess.run([os.path.join(BUILD, "postern"), "--data", server.folder + "/nowhere", "Get-Queue"],
                          capture_output=True, text=True, timeout=20, env=server.environment())
    equal(done.returncode, 69, "exit code without a server")
    check("fix:" in done.stderr, done.stderr)


@test
def not_for_strangers(_):
    if os.geteuid() != 0:
        return "needs root"
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # the build may be where nobody cannot go
        os.chmod(folder, 0o755)
        client = shutil.copy(os.path.join(BUILD, "postern"), folder)
        done = subprocess.run([client, "--data", server.data, "Get-Queue"], capture_output=True, text=True, timeout=20,
                              env=server.environment(), user=65534, group=65534)
    equal(done.returncode, 5, f"exit code for nobody: {done.stderr}")


@test
def a_misspelt_name_is_answered_with_the_nearest(_):
    for words, says in ((("Get-ReceiveConnector", "Client Frontent MX"), f'Did you mean "{SERVER}\\Client Frontend {SERVER}"?'),
                        (("Set-ReceiveConnector", f"{SERVER}\\Clint Implicit MX", "-Banner", "220 x"), f'Did you mean "{SERVER}\\Client Implicit {SERVER}"?'),
                        (("Get-AcceptedDomain", DOMAIN.replace("e", "", 1)), f'Did you mean "{DOMAIN}"?')):
        fails(3, *words, says=says)
    for words in (("Get-ReceiveConnector", "Client Frontent*"), ("Get-ReceiveConnector", "zzz")):
        check("Did you mean" not in fails(3, *words), f"{words}: something is meant")


@test
def help_is_where_people_look_for_it(_):
    for words in (("Get-ReceiveConnector", "--help"), ("Get-ReceiveConnector", "-?"), ("help", "Get-ReceiveConnector")):
        check("Example:\n  postern Get-ReceiveConnector" in server.postern(*words).stdout, f"help of {words}")
    for word in ("explain", "probe", "test", "shell", "certificate", "export", "diff", "apply", "queue", "tutorial"):
        check(word in server.postern(word, "--help").stdout, f"help of {word}")
    fails(2, "help", "Get-Nothing", says="postern help")


@test
def names_come_a_line_each(_):
    names = [one["Identity"] for one in server.get("Get-ReceiveConnector")]
    equal(server.postern("Get-ReceiveConnector", "-o", "name").stdout.splitlines(), names, "-o name")
    equal(server.postern("shell", "-o", "name", "-c", "Get-ReceiveConnector").stdout.splitlines(), names, "shell -o name")


@test
def what_parts_of_a_pipeline_say_is_in_their_order(_):
    said = server.postern("shell", "-c", "New-ExchangeCertificate -DomainName order.example.test -Services None | Enable-ExchangeCertificate -Services SMTP -Force; "
                          "Get-ExchangeCertificate -DomainName order.example.test | Remove-ExchangeCertificate -Confirm:$false").stdout
    numbers = [int(line.split()[1].rstrip(",")) for line in said.splitlines() if line.startswith("revision ")]
    equal(numbers, sorted(numbers), f"revisions in {said}")
    equal(len(numbers), 3, "changes")


@test
def kept_over_a_restart(_):
    def objects():
        shown = [server.get(cmdlet) for cmdlet in ("Get-ReceiveConnector", "Get-Mailbox", "Get-AcceptedDomain", "Get-ExchangeCertificate")]
        return [sorted(json.dumps({name: sorted(value) if isinstance(value, list) else value for name, value in one.items()})
                       for one in all_) for all_ in shown]
    before = objects()
    equal(server.stop(), 0, "exit status")
    server.start()
    for was, now in zip(before, objects()):
        equal([one for one in now if one not in was], [one for one in was if one not in now], "objects that differ")


run(120, server)
