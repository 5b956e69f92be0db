# SPDX-License-Identifier: Apache-2.0
"""The server as a whole: what it keeps of its logs, components out of service, whether it can be reached."""
import getpass
import glob
import os
import time

from harness import DOMAIN, SERVER, Client, Server, check, equal, header, new_token, run, test

server = Server()
BOB = f"bob@{DOMAIN}"


def state(component, wanted, requester="Maintenance"):
    return server.postern("Set-ServerComponentState", SERVER, "-Component", component, "-State", wanted, "-Requester", requester)


def states():
    return [one["State"] for one in server.get("Get-ServerComponentState", SERVER)]


def greeting(port):
    """The first line a client sees, as (code, text)."""
    with Client(server.port(port), greet=False) as client:
        reply = client.reply()
        return reply.code, reply.lines[0].decode()


def send(token):
    """Its subject is the token."""
    with Client(server.port(25)) as client:
        client.ehlo()
        client.mail("someone@example.org", [BOB], header(token, "someone@example.org") + b"x\r\n")


def tracked(*words):
    return server.get("Get-MessageTrackingLog", *words)


def until(what, find, timeout_s=10):
    deadline = time.monotonic() + timeout_s
    while not (found := find()):
        check(time.monotonic() < deadline, f"not within {timeout_s} s: {what}")
        time.sleep(0.05)
    return found


def files(*parts):
    return sorted(os.path.basename(path) for path in glob.glob(os.path.join(server.data, "logs", *parts)))


# --- logs ---

@test
def rows_are_found_by_every_parameter(_):
    server.add_user("bob")
    token = new_token()
    send(token)
    server.find(token.encode())
    row = until("the row", lambda: tracked("-MessageSubject", token[2:].upper(), "-EventId", "DELIVER"))[0]
    equal(len(tracked("-InternalMessageId", str(row["InternalMessageId"]))), 2, "rows of the message")
    equal([one["EventId"] for one in tracked("-MessageSubject", token, "-Source", "SMTP")], ["RECEIVE"], "by source")
    for connector, count in ((server.connector(25), 1), (server.connector(25).split("\\")[1], 1), (server.connector(587), 0)):
        equal(len(tracked("-MessageSubject", token, "-ConnectorId", connector)), count, f"rows of {connector}")
    equal(len(tracked("-MessageSubject", token, "-Server", SERVER)), 2, "rows of this server")
    done = server.postern("Get-MessageTrackingLog", "-Server", "elsewhere", good=False)
    equal(done.returncode, 3, "exit code for another server")


@test
def the_tracking_log_can_be_switched_off(_):
    token = new_token()
    server.postern("Set-TransportService", SERVER, "-MessageTrackingLogEnabled", "$false")
    send(token)
    server.find(token.encode())
    server.settle()
    done = server.postern("Get-MessageTrackingLog", "-MessageSubject", token)
    equal(done.stdout, "", "rows while it is off")
    check("Set-TransportService -MessageTrackingLogEnabled $true" in done.stderr, done.stderr)
    server.postern("Set-TransportService", SERVER, "-MessageTrackingLogEnabled", "$true",
                   "-MessageTrackingLogSubjectLoggingEnabled", "$false")
    quiet = new_token()
    send(quiet)
    server.find(quiet.encode())
    row = until("the row without its subject", lambda: tracked("-MessageId", f"{quiet}@client.example.org"))[0]
    equal(row["MessageSubject"], "", "subject")
    server.postern("Set-TransportService", SERVER, "-MessageTrackingLogSubjectLoggingEnabled", "$true")


@test
def old_logs_go_at_once_and_not_before_they_are_too_old(_):
    folder = os.path.join(server.data, "logs", "SmtpReceive")
    for day in ("20260101", "20260102"):
        with open(os.path.join(folder, f"RECV{day}-1.log"), "wb") as file:
            file.write(b"#\r\n")
    server.postern("Set-FrontendTransportService", SERVER, "-ReceiveProtocolLogMaxAge", "00:00:00")
    server.stop()
    server.start()
    server.get("Get-TransportService")
    time.sleep(0.5)
    equal(files("SmtpReceive", "RECV2026010*.log"), ["RECV20260101-1.log", "RECV20260102-1.log"], "kept for ever")
    server.postern("Set-FrontendTransportService", SERVER, "-ReceiveProtocolLogMaxAge", "30.00:00:00")
    until("the old files are gone", lambda: not files("SmtpReceive", "RECV2026010*.log"))
    shown = server.get("Get-TransportService", SERVER)[0]
    equal(shown["ReceiveProtocolLogMaxAge"], "30.00:00:00", "what is shown")
    equal(shown["ReceiveProtocolLogPath"], folder, "path")


@test
def a_file_that_is_full_is_followed_by_another(_):
    server.postern("Set-TransportService", SERVER, "-ReceiveProtocolLogMaxFileSize", "256KB",
                   "-ReceiveProtocolLogMaxDirectorySize", "768KB")
    server.postern("Set-ReceiveConnector", server.connector(25), "-ProtocolLoggingLevel", "Verbose")
    with Client(server.port(25)) as client:
        client.ehlo()
        for _ in range(600): # some 2 KB of log each
            client.send(b"VRFY " + b"x" * 1500 + b"\r\n")
            client.reply()
    found = until("several files", lambda: len(names := files("SmtpReceive", "RECV*.log")) > 1 and names)
    sizes = [os.path.getsize(os.path.join(server.data, "logs", "SmtpReceive", name)) for name in found]
    check(max(sizes) <= 256 << 10, f"sizes {sizes}")
    check(sum(sizes) <= 768 << 10, f"all of them: {sizes}")
    server.postern("Set-ReceiveConnector", server.connector(25), "-ProtocolLoggingLevel", "None")
    done = server.postern("Set-TransportService", SERVER, "-ReceiveProtocolLogMaxFileSize", "1MB", good=False)
    equal(done.returncode, 2, "a file larger than its folder")
    check("ReceiveProtocolLogMaxDirectorySize" in done.stderr, done.stderr)


@test
def the_certificate_of_the_server_itself(_):
    shown = server.get("Get-TransportService")[0]
    own = [one for one in server.get("Get-ExchangeCertificate") if one["Thumbprint"] == shown["InternalTransportCertificateThumbprint"]]
    check(own and shown["Fqdn"] in own[0]["CertificateDomains"], f"{shown['InternalTransportCertificateThumbprint']} is of {own}")


# --- components ---

@test
def an_inactive_front_end(_):
    """New sessions hear 421; one that lives may end its message, and is gone then."""
    with Client(server.port(25)) as idle, Client(server.port(25)) as busy:
        idle.ehlo()
        busy.ehlo()
        busy.expect("MAIL FROM:<someone@example.org>", 250)
        busy.expect(f"RCPT TO:<{BOB}>", 250)
        busy.expect("DATA", 354)
        done = state("FrontendTransport", "Inactive")
        check("421 4.3.2" in done.stdout, done.stdout)
        equal(idle.reply().code, 421, "an idle session")
        token = new_token()
        equal(finish(busy, token), 250, "the message under way")
        equal(busy.reply().code, 421, "behind it")
    server.find(token.encode())
    equal(greeting(25), (421, "4.3.2 Service not active"), "a new session")
    equal(greeting(2525)[0], 220, "a connector of HubTransport")
    equal(states(), ["Active", "Inactive", "Active"], "states")
    shown = {one["Identity"]: one["State"] for one in server.get("Get-ReceiveConnector")}
    equal((shown[server.connector(25)], shown[server.connector(2525)]), ("Inactive", "Listening"), "states of connectors")
    check("Set-ServerComponentState" in server.postern("Test-ReceiveConnectorCertificate", server.connector(25)).stderr,
          "the explanation does not say it")
    state("FrontendTransport", "Active")
    equal(greeting(25)[0], 220, "back in service")


def finish(client, token):
    client.send(header(token) + b"x\r\n.\r\n")
    return client.reply().code


@test
def a_draining_front_end(_):
    with Client(server.port(25)) as client:
        client.ehlo()
        state("FrontendTransport", "Draining")
        equal(greeting(25), (421, "4.3.2 Service not active"), "a new session")
        token = new_token()
        client.mail("someone@example.org", [BOB], header(token) + b"x\r\n")
        client.expect("NOOP", 250)
    server.find(token.encode())
    state("FrontendTransport", "Active")


@test
def an_inactive_hub_keeps_its_queue_over_a_restart(_):
    """What a session brings to its end while the hub is taken out of service waits, and says why."""
    token = new_token()
    with Client(server.port(25)) as client:
        client.ehlo()
        client.expect("MAIL FROM:<someone@example.org>", 250)
        client.expect(f"RCPT TO:<{BOB}>", 250)
        client.expect("DATA", 354)
        state("HubTransport", "Inactive")
        equal(finish(client, token), 250, "the message under way")
    for _ in range(2):
        equal([greeting(port) for port in (25, 2525)], [(421, "4.3.2 Service not active")] * 2, "new sessions")
        time.sleep(0.5)
        queue = server.get("Get-Queue")[0]
        equal((queue["Status"], queue["MessageCount"]), ("Suspended", 1), "the queue")
        check("-Component HubTransport -State Active -Requester Maintenance" in queue["LastError"], queue["LastError"])
        equal(server.get("Get-Message")[0]["Status"], "Suspended", "the message")
        is_found_by_what_is_said_of_it(token)
        check(not any(token.encode() in one for one in server.messages().values()), "it was delivered")
        server.stop()
        server.start()
    check("event=component hub: HubTransport is Inactive" in server.log(), "the log does not say it")
    state("HubTransport", "Active")
    server.find(token.encode())
    server.settle()


@test
def the_worst_of_several_wishes_counts(_):
    state("ServerWideOffline", "Inactive")
    done = state("FrontendTransport", "Draining", "Functional")
    check("Maintenance asks for it, too" in done.stderr, done.stderr)
    equal(states(), ["Inactive"] * 3, "states")
    wishes = server.get("Get-ServerComponentState", SERVER, "-Component", "FrontendTransport")[0]["LocalStates"]
    equal([(one["Requester"], one["State"]) for one in wishes], [("Functional", "Draining")], "local states")
    state("ServerWideOffline", "Active")
    equal(states(), ["Active", "Draining", "Active"], "states then")
    before = server.get("Get-ServerComponentState")
    server.postern("Set-ServerComponentState", SERVER, "-Component", "HubTransport", "-State", "Inactive", "-Requester",
                   "Maintenance", "-WhatIf")
    equal(server.get("Get-ServerComponentState"), before, "states after -WhatIf")
    state("FrontendTransport", "Active", "Functional")
    equal(states(), ["Active"] * 3, "states at the end")
    for words, says in ((("-Component", "Kitchen", "-State", "Active", "-Requester", "Maintenance"), "-Component is"),
                        (("-Component", "HubTransport", "-State", "Asleep", "-Requester", "Maintenance"), "-State is"),
                        (("-Component", "HubTransport", "-State", "Active", "-Requester", "me"), "-Requester is")):
        done = server.postern("Set-ServerComponentState", SERVER, *words, good=False)
        equal(done.returncode, 2, f"exit code of {words}")
        check(says in done.stderr, done.stderr)


def is_found_by_what_is_said_of_it(token):
    message = server.get("Get-Message")[0]
    equal((message["Subject"], message["InternetMessageId"], message["MessageSourceName"], message["SourceIP"]),
          (token, f"<{token}@client.example.org>", f"SMTP:{server.connector(25)}", "127.0.0.1"), "properties")
    for words, count in ((("Get-Message", "-Filter", f"Subject -eq '{token}' -and RetryCount -eq 0"), 1),
                         (("Get-Message", "-Filter", "FromAddress -like '*@contoso.example'"), 0),
                         (("Get-Message", "-Filter", f"Recipients -contains {BOB}", "-Server", SERVER), 1),
                         (("Get-Queue", "-Filter", "MessageCount -gt 0 -and NextHopCategory -eq Internal"), 1),
                         (("Get-Queue", "-Filter", "MessageCount -gt 1"), 0)):
        equal(len(server.get(*words)), count, f"found by {words}")
    done = server.postern("shell", "-c", 'Get-Queue | Get-Message -ResultSize unlimited -Filter {Status -eq "Suspended"} | '
                          f'Where {{$_.Subject -eq "{token}"}} | select -ExpandProperty Status')
    equal(done.stdout, "Suspended\n", "by a script")
    for words, says in (("Colour -eq red", 'Message has no property "Colour"'), ("Status = Ready", "no operator is called")):
        done = server.postern("Get-Message", "-Filter", words, good=False)
        check(done.returncode == 2 and says in done.stderr, f"{words}: {done.returncode} {done.stderr}")


# --- orders to queues and messages ---

def waiting():
    return {one["Subject"]: one for one in server.get("Get-Message")}


def not_delivered(*tokens):
    time.sleep(0.5)
    for token in tokens:
        check(not any(token.encode() in one for one in server.messages().values()), f"{token} was delivered")


@test
def a_suspended_queue_holds_what_comes_over_a_restart(_):
    said = server.postern("Suspend-Queue", f"{SERVER}\\Mailbox").stdout
    check("queue Mailbox is suspended" in said, said)
    token = new_token()
    send(token)
    for _ in range(2):
        not_delivered(token)
        queue = server.get("Get-Queue", "Mailbox")[0]
        equal((queue["Status"], queue["MessageCount"]), ("Suspended", 1), "the queue")
        server.stop()
        server.start()
    server.postern("Retry-Queue", "Mailbox")
    not_delivered(token)
    server.postern("Suspend-Queue", "Mailbox", "-WhatIf")
    server.postern("Resume-Queue", "mailbox")
    server.find(token.encode())
    server.settle()
    for words, code in ((("Suspend-Queue", "nowhere"), 3), (("Resume-Queue", "*"), 3), (("Suspend-Queue",), 2)):
        equal(server.postern(*words, good=False).returncode, code, f"exit code of {words}")
    check(f"event=queue-order hub: uid {os.getuid()} ({getpass.getuser()}): Suspend-Queue" in server.log(), "the log does not say who did it")


@test
def one_message_can_wait_alone(_):
    server.postern("Suspend-Queue", "Mailbox")
    held, other = new_token(), new_token()
    send(held)
    send(other)
    server.postern("Suspend-Message", waiting()[held]["Identity"])
    server.postern("Resume-Queue", "Mailbox")
    server.find(other.encode())
    not_delivered(held)
    equal([(subject, one["Status"]) for subject, one in waiting().items()], [(held, "Suspended")], "what waits")
    done = server.postern("shell", "-c", "Get-Message -Filter {Status -eq 'Suspended'} | Resume-Message")
    check("goes on" in done.stdout, done.stdout)
    server.find(held.encode())
    server.settle()
    for words, code in ((("4711",), 3), (("x",), 2), ((), 2), (("4711", "-Filter", "Size -gt 0"), 2), (("-Filter", "Colour -eq red"), 2)):
        equal(server.postern("Suspend-Message", *words, good=False).returncode, code, f"exit code of {words}")


@test
def many_messages_are_removed_by_a_filter(_):
    server.postern("Suspend-Queue", "Mailbox")
    tokens = [new_token() for _ in range(5)]
    for token in tokens:
        send(token)
    kept = tokens[2]
    server.postern("Remove-Message", "-Filter", f"Subject -ne '{kept}'", "-WithNDR", "$false", "-WhatIf")
    equal(len(waiting()), 5, "messages after -WhatIf")
    equal(len(server.get("Get-Message", "-ResultSize", "2")), 2, "messages of -ResultSize 2")
    for property, value in (("NextHopDomain", "Mailbox"), ("Status", "Suspended"), ("ServerName", SERVER)):
        equal([(one["GroupByValue"], one["MessageCount"], one["QueueCount"], one["Details"])
               for one in server.get("Get-QueueDigest", "-GroupBy", property)],
              [(value, 5, 1, [f"{SERVER}\\Mailbox"])], f"digest by {property}")
    equal(server.get("Get-QueueDigest", "-Filter", "MessageCount -gt 5", "-Server", SERVER), [], "digest of long queues")
    equal(server.postern("Get-QueueDigest", "-GroupBy", "Colour", good=False).returncode, 2, "exit code of -GroupBy Colour")
    done = server.postern("Remove-Message", "-Filter", "Colour -eq red", "-WithNDR", "$false", "-Confirm:$false", good=False)
    check(done.returncode == 2 and 'no property "Colour"' in done.stderr, done.stderr)
    done = server.postern("Remove-Message", "-Filter", f"Subject -ne '{kept}'", "-WithNDR", "$false", "-Confirm:$false")
    check("4 messages are removed" in done.stdout, done.stdout)
    equal(list(waiting()), [kept], "what waits")
    server.postern("Resume-Queue", "Mailbox")
    server.find(kept.encode())
    server.settle()
    not_delivered(*(token for token in tokens if token != kept))


@test
def spam_is_removed_as_in_the_recipe(_):
    server.postern("Suspend-Queue", "Mailbox")
    spam, ham = new_token(), new_token()
    send(spam)
    send(ham)
    number = waiting()[spam]["InternalId"]
    server.postern("Remove-Message", str(number), "-WithNDR", "$false", "-WhatIf")
    equal(len(waiting()), 2, "messages after -WhatIf")
    done = server.postern("shell", "-c", f'Get-Queue | Get-Message -ResultSize unlimited | Where {{$_.Subject -eq "{spam}"}} | '
                          "Remove-Message -WithNDR $False -Confirm:$false")
    check("1 message is removed" in done.stdout, done.stdout)
    equal(list(waiting()), [ham], "what waits")
    server.postern("Resume-Queue", "Mailbox")
    server.find(ham.encode())
    server.settle()
    not_delivered(spam)
    row = until("the row of the removal", lambda: tracked("-MessageSubject", spam, "-EventId", "FAIL"))[0]
    equal((row["Source"], row["Recipients"], row["Sender"]), ("ADMIN", [BOB], "someone@example.org"), "row")
    check("removed by uid" in row["RecipientStatus"], row["RecipientStatus"])


# --- from outside ---

@test
def every_binding_is_tried(_):
    rows = server.get("Test-SmtpConnectivity", SERVER)
    bindings = [(one["Identity"], binding) for one in server.get("Get-ReceiveConnector") for binding in one["Bindings"]]
    equal([(row["ReceiveConnector"], row["Binding"]) for row in rows], bindings, "bindings")
    equal({row["StatusCode"] for row in rows}, {"Success"}, "status")
    server.postern("Set-ReceiveConnector", server.connector(2525), "-RemoteIPRanges", "192.0.2.7")
    state("FrontendTransport", "Inactive")
    done = server.postern("Test-SmtpConnectivity", "-o", "json", good=False)
    equal(done.returncode, 1, "exit code")
    check("421 4.3.2 Service not active" in done.stdout and "421 4.3.2 Service not available" in done.stdout, done.stdout)
    check("TransientError" in done.stdout, done.stdout)
    state("FrontendTransport", "Active")
    server.postern("Set-ReceiveConnector", server.connector(2525), "-RemoteIPRanges", "0.0.0.0-255.255.255.255")


run(240, server)
