# SPDX-License-Identifier: Apache-2.0
"""The logs of sending: conversations of send connectors that want it, the connectivity log, the rows of message tracking, and what
waits with its reasons and its times."""
import base64
import csv
import glob
import os
import re
import ssl
import time

import zone
from authority import Authority
from harness import DOMAIN, HOST, SERVER, Client, Server, check, equal, run, test
from sink import Sink

names = zone.Server()
names.zones.append(zone.Zone("here.example", [
    ("", zone.MX, zone.mail_host(10, "dead.here.example")), ("", zone.MX, zone.mail_host(20, "mx.here.example")),
    ("ns", zone.A, zone.address("127.0.0.1")), ("dead", zone.A, zone.address("127.0.0.99")), ("mx", zone.A, zone.address("127.0.0.1"))], False))
server = Server(options=["--name-server", f"127.0.0.1:{names.port}"])
authority = Authority(server.folder)
authority.issuer("root")
authority.leaf("sink", "root", ["sink.example"])
server.options += ["--trust", authority.path("root")]
certificate = authority.path("sink"), authority.path("sink", "key")
BOB, ELSEWHERE = f"bob@{DOMAIN}", "carol@elsewhere.example"
PASSWORD = "one two"
count = 0


def until(condition, what, timeout_s=20):
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    check(False, what() if callable(what) else what)


def files(folder, pattern="*.log"):
    return sorted(glob.glob(os.path.join(server.data, "logs", folder, pattern)))


def rows(folder, pattern):
    """The rows of a log, {field: value}, oldest first."""
    found = []
    for path in files(folder, pattern):
        with open(path, newline="", encoding="ascii") as file:
            lines = file.read().split("\r\n")[:-1]
        for line in lines:
            check(all(" " <= c <= "~" for c in line), f"a row that is not printable: {line!r:.300}")
            if line.startswith("#Fields: "):
                fields = line[9:].split(",")
            elif not line.startswith("#"):
                found.append(dict(zip(fields, next(csv.reader([line], strict=True)), strict=True)))
    return found


def sent_rows():
    return rows("SmtpSend", "SEND*.log")


def connectivity():
    return rows("Connectivity", "CONNECTLOG*.log")


def whole(find):
    """The rows of the newest connection, when they are all there, as (event, data, context)."""
    def found():
        mine = find()
        return mine if mine and [row for row in mine if row["event"] == "-"] else None
    mine = until(found, lambda: f"no whole conversation: {find()}")
    time.sleep(0.3)
    mine = find()
    equal([int(row["sequence-number"]) for row in mine], list(range(len(mine))), "sequence numbers")
    return mine


def newest():
    every = sent_rows()
    return [row for row in every if row["session-id"] == every[-1]["session-id"]] if every else []


def conversation(before):
    """The one that began since."""
    return whole(lambda: [row for row in newest() if row["session-id"] not in before])


def sessions():
    return {row["session-id"] for row in sent_rows()}


def triples(found):
    return [(row["event"], row["data"], row["context"]) for row in found]


def through(sink_or_port, *more, input=None):
    port = getattr(sink_or_port, "port", sink_or_port)
    server.postern("Remove-Message", "-Filter", "Size -gt 0", "-WithNDR", "$false", "-Confirm:$false")
    if server.get("Get-SendConnector"):
        server.postern("Remove-SendConnector", "*", "-Confirm:$false")
    words = ["-SmartHosts", "[127.0.0.1]", "-DNSRoutingEnabled", "$false"] if "-DNSRoutingEnabled" not in more else []
    server.postern("New-SendConnector", "-Name", "Out", "-AddressSpaces", "*", "-Port", str(port), *words, *more, input=input)


def submit(recipient=ELSEWHERE):
    global count
    count += 1
    token = f"log{count}"
    with Client(server.port(587)) as client:
        client.ehlo()
        client.starttls()
        client.ehlo()
        client.log_in("bob")
        client.mail(BOB, [recipient], f"From: <{BOB}>\r\nSubject: {token}\r\nMessage-ID: <{token}@{DOMAIN}>\r\n\r\nthe body is secret\r\n".encode())
    return token


def tracked(token, event):
    return server.get("Get-MessageTrackingLog", "-MessageId", f"{token}@{DOMAIN}", "-EventId", event)


def track(token, event):
    return until(lambda: tracked(token, event), lambda: f"no {event}: {server.get('Get-MessageTrackingLog')[-4:]}")[0]


VERBOSE = ("-ProtocolLoggingLevel", "Verbose")


@test
def users(_):
    server.add_user("bob")
    server.postern("Add-ADPermission", "Client Frontend MX", "-User", "bob", "-ExtendedRights", "ms-Exch-SMTP-Accept-Any-Recipient")


@test
def nothing_is_said_of_a_conversation_unless_asked_for(_):
    with Sink() as sink:
        through(sink)
        submit()
        until(lambda: sink.messages, "nothing came")
        server.settle()
        time.sleep(0.5)
        equal(sent_rows(), [], "rows of a connector with ProtocolLoggingLevel None")


@test
def a_conversation_row_by_row(_):
    replies = {"RCPT": "250-2.1.5 two, \x1b[31m\n250 2.1.5 \"lines\" \xff"}
    with Sink(replies=replies, offers=("PIPELINING", "SIZE 10000")) as sink:
        through(sink, *VERBOSE)
        token = submit()
        until(lambda: sink.messages, "nothing came")
        found = conversation(set())
        first = found[0]
        equal((first["connector-id"], first["remote-endpoint"], first["local-endpoint"]), ("Out", f"127.0.0.1:{sink.port}", ""), "before it is connected")
        check(re.fullmatch("[0-9A-F]{16}", first["session-id"]), first["session-id"])
        check(re.fullmatch(r"127\.0\.0\.1:\d+", found[1]["local-endpoint"]), found[1]["local-endpoint"])
        patterns = [
            ("*", "", rf"attempting to connect to \[127.0.0.1\]:{sink.port}, 1 of 1"), ("+", "", ""), ("<", "220 sink.example ready", ""),
            (">", f"EHLO {HOST}", ""), ("<", "250 sink.example PIPELINING SIZE 10000", ""), (">", rf"MAIL FROM:<{BOB}> SIZE=\d+", ""),
            (">", f"RCPT TO:<{ELSEWHERE}>", ""), (">", "DATA", ""), ("<", "250 2.1.5 ok", ""),
            ("<", r'250 2.1.5 two, \\x1B\[31m 2.1.5 "lines" \\xC3\\xBF', ""), ("<", "354 go on", ""), ("<", "250 2.6.0 taken", ""),
            (">", "QUIT", ""), ("<", "221 2.0.0 bye", ""), ("-", "", "Local"),
        ]
        for row, pattern in zip(triples(found), patterns):
            check(row[0] == pattern[0] and re.fullmatch(pattern[1], row[1]) and re.fullmatch(pattern[2], row[2]), f"{row} is not {pattern}")
        equal(len(found), len(patterns), f"rows of {triples(found)}")
        equal(track(token, "SEND")["SourceContext"], first["session-id"], "the session in the tracking log")
        server.postern("Set-SendConnector", "Out", "-ProtocolLoggingLevel", "None")
        submit()
        until(lambda: len(sink.messages) == 2, "the second did not come")
        server.settle()
        time.sleep(0.5)
        equal(sessions(), {first["session-id"]}, "sessions with the level None again")


@test
def TLS_and_a_login(_):
    def check_password(argument, _number):
        good = argument == "PLAIN " + base64.b64encode(f"\0relayer\0{PASSWORD}".encode()).decode()
        return "235 2.7.0 in" if good else f'535 5.7.8 "AUTH {argument}" refused'
    login = ("-SmartHostAuthMechanism", "BasicAuthRequireTLS", "-AuthenticationCredential", "relayer")
    secret = base64.b64encode(b"\0relayer\0another 1").decode()
    before = sessions()
    with Sink(replies={"AUTH": check_password}, offers=("PIPELINING", "AUTH PLAIN"), certificate=certificate) as sink:
        through(sink, *VERBOSE, *login, input=PASSWORD + "\n")
        token = submit()
        until(lambda: sink.messages, "nothing came")
        got = triples(conversation(before))
        words = "\n".join(context for _, _, context in got)
        check(re.search(r"^TLS protocol TLS1\.3 negotiation succeeded using cipher \S+ with strength \d+ bits, key exchange \S+", words, re.M), words)
        facts = [data for event, data, context in got if context.startswith("Received certificate Subject")]
        check(len(facts) == 1 and "CN=Example sink" in facts[0] and "CN=Example root" in facts[0] and facts[0].endswith("Z sink.example"), facts)
        check("Server certificate chain validation status: 'NameMismatch' for [127.0.0.1]; the connector demands nothing" in words, words)
        check((">", "AUTH PLAIN <authentication response>", "") in got and ("<", "235 2.7.0 in", "") in got, got)
        check(track(token, "SEND")["CustomData"].endswith(";S:TlsVersion=TLS1.3"), tracked(token, "SEND"))
        before = sessions()
        through(sink, *VERBOSE, *login, input="another 1\n")
        token = submit()
        status = track(token, "DEFER")["RecipientStatus"]
        check("535 5.7.8" in status and "<authentication response>" in status, status)
        got = triples(conversation(before))
        check(("<", '535 5.7.8 "AUTH PLAIN <authentication response>" refused', "") in got, got)
    for path in files("*"):
        with open(path, "rb") as file:
            text = file.read()
        for word in (PASSWORD, base64.b64encode(f"\0relayer\0{PASSWORD}".encode()).decode(), secret, "the body is secret"):
            check(word.encode() not in text, f"a secret is in {path}")
    check(secret not in str(server.get("Get-Queue")) + str(server.get("Get-Message")), "a secret is shown with what waits")


@test
def a_certificate_that_is_not_good_enough(_):
    before = sessions()
    with Sink(certificate=certificate) as sink:
        through(sink, *VERBOSE, "-RequireTLS", "$true", "-TlsAuthLevel", "DomainValidation", "-TlsDomain", "other.example")
        submit()
        got = triples(conversation(before))
        verdict = [i for i, row in enumerate(got) if row[2].endswith("the connector demands DomainValidation for other.example")]
        refusal = [i for i, row in enumerate(got) if row[2].startswith("454 4.7.5 ")]
        check(len(verdict) == 1 and len(refusal) == 1 and verdict < refusal, got)
        equal(got[-1], ("-", "", "Local"), "the last row")
        equal(sink.messages, [], "messages")


@test
def a_handshake_that_fails_and_the_second_attempt(_):
    before = sessions()
    with Sink(certificate=certificate) as sink:
        sink.context.maximum_version = ssl.TLSVersion.TLSv1_2
        sink.context.set_ciphers("AES256-GCM-SHA384")  # needs a key that it has not
        through(sink, *VERBOSE)
        token = submit()
        until(lambda: sink.messages, "nothing came")
        track(token, "SEND")
        check("TlsVersion" not in tracked(token, "SEND")[0]["CustomData"], tracked(token, "SEND"))
        until(lambda: len([row for row in newest() if row["event"] == "-"]) == 2, lambda: f"{triples(newest())}")
        got = [row for row in triples(conversation(before)) if row[0] in "*+-"]
        host = f"[127.0.0.1]:{sink.port}"
        check(got[2][2].startswith("454 4.7.0 TLS handshake failed: "), got)
        equal(got[:2] + got[3:], [
            ("*", "", f"attempting to connect to {host}, 1 of 1"), ("+", "", ""), ("-", "", "Local"),
            ("*", "", f"attempting to connect to {host}, 1 of 1, in clear: TLS has failed and is not demanded"), ("+", "", ""), ("-", "", "Local")],
            "two attempts")


@test
def one_host_after_the_other_and_why(_):
    before = sessions()
    known = {row["session"] for row in connectivity()}
    with Sink() as sink:
        through(sink, *VERBOSE, "-DNSRoutingEnabled", "$true")
        token = submit("dora@here.example")
        until(lambda: sink.messages, "nothing came")
        found = conversation(before)
        got = triples(found)
        dead, mx = f"dead.here.example[127.0.0.99]:{sink.port}", f"mx.here.example[127.0.0.1]:{sink.port}"
        equal(got[:4], [
            ("*", "10 dead.here.example[127.0.0.99]; 20 mx.here.example[127.0.0.1]", "the domain's mail hosts, in the order of trying"),
            ("*", "", f"attempting to connect to {dead}, 1 of 2"),
            ("*", "", "450 4.4.317 Cannot connect to remote server [Message=Connection refused]"),
            ("*", "", f"attempting to connect to {mx}, 2 of 2")], "until it is connected")
        equal(found[1]["remote-endpoint"], f"127.0.0.99:{sink.port}", "the first host's endpoint")
        lines = until(lambda: [row for row in connectivity() if row["session"] not in known and row["direction"] == "-"] and
                      [row for row in connectivity() if row["session"] not in known], lambda: f"{connectivity()}")
        size = track(token, "SEND")["TotalBytes"]
        equal([(row["source"], row["Destination"], row["direction"], row["description"]) for row in lines], [
            ("SMTP", "here.example", "+", "DnsConnectorDelivery Out"),
            ("SMTP", "here.example", ">", "10 dead.here.example[127.0.0.99]; 20 mx.here.example[127.0.0.1]"),
            ("SMTP", "here.example", ">", f"{dead}: 450 4.4.317 Cannot connect to remote server [Message=Connection refused]"),
            ("SMTP", "here.example", ">", f"connected to {mx}"),
            ("SMTP", "here.example", "-", f"Messages: 1 Bytes: {size}")], "connectivity")
        equal({row["session"] for row in lines}, {found[0]["session-id"]}, "the session of both logs")


@test
def a_domain_without_an_answer(_):
    known = {row["session"] for row in connectivity()}
    names.zones.append(zone.Zone("none.example", [("", zone.MX, zone.mail_host(0, ".")), ("ns", zone.A, zone.address("127.0.0.1"))], False))
    through(1, "-DNSRoutingEnabled", "$true")
    token = submit("dora@none.example")
    row = track(token, "FAIL")
    equal((row["Source"], row["ConnectorId"]), ("SMTP", "Out"), "source and connector")
    check(row["RecipientStatus"].startswith("[{LED=556 5.1.10 ") and "};{MSG=};{FQDN=none.example};{IP=};{LRT=" in row["RecipientStatus"], row["RecipientStatus"])
    lines = until(lambda: [row for row in connectivity() if row["session"] not in known and row["direction"] == "-"] and
                  [row for row in connectivity() if row["session"] not in known], lambda: f"{connectivity()}")
    equal([row["direction"] for row in lines], ["+", ">", "-"], "directions")
    check(lines[1]["description"].startswith("556 5.1.10 ") and lines[2]["description"] == "Messages: 0 Bytes: 0 (no host has taken mail)", lines)


@test
def the_connectivity_log_can_be_left_out(_):
    server.postern("Set-TransportService", SERVER, "-ConnectivityLogEnabled", "$false")
    with Sink() as sink:
        through(sink)
        before = connectivity()
        submit()
        until(lambda: sink.messages, "nothing came")
        server.settle()
        time.sleep(0.5)
        equal(connectivity(), before, "rows")
        server.postern("Set-TransportService", SERVER, "-ConnectivityLogEnabled", "$true")
        submit()
        until(lambda: len(connectivity()) > len(before), "nothing is written any more")


@test
def messages_that_are_sent_refused_and_deferred(_):
    replies = {"RCPT": lambda argument, _n: "550 5.1.1 No such, user" if "nobody" in argument else "450-4.2.1 not\n450 4.2.1 now" if "later" in argument
               else "250 2.1.5 ok"}
    with Sink(replies=replies) as sink:
        through(sink)
        token = submit()
        row = track(token, "SEND")
        form = r"\[\{LED=%s\};\{MSG=\};\{FQDN=\[127\.0\.0\.1\]\};\{IP=127\.0\.0\.1\};\{LRT=\d{4}-\d\d-\d\dT[\d:.]+Z\}\]"
        equal((row["Source"], row["ConnectorId"], row["ServerHostname"], row["ServerIp"]), ("SMTP", "Out", "[127.0.0.1]", "127.0.0.1"), "SEND")
        equal((row["ClientHostname"], row["ClientIp"], row["Sender"], row["Recipients"]), (HOST, "127.0.0.1", BOB, [ELSEWHERE]), "SEND")
        check(re.fullmatch(form % "250 2.6.0 taken", row["RecipientStatus"]), row["RecipientStatus"])
        check(re.fullmatch(r"S:E2ELatency=\d+\.\d{3}", row["CustomData"]), row["CustomData"])
        check(re.fullmatch("[0-9A-F]{16}", row["SourceContext"]), row["SourceContext"])
        token = submit("nobody@elsewhere.example")
        row = track(token, "FAIL")
        equal((row["Source"], row["ConnectorId"], row["ServerIp"]), ("SMTP", "Out", "127.0.0.1"), "FAIL")
        check(re.fullmatch(form % "550 5.1.1 No such, user", row["RecipientStatus"]), row["RecipientStatus"])
        notice = until(lambda: [one for one in server.get("Get-MessageTrackingLog", "-EventId", "DSN") if token in one["Reference"]], "no DSN")[0]
        equal((notice["Source"], notice["Sender"], notice["Recipients"]), ("DSN", "<>", [BOB]), "DSN")
        token = submit("later@elsewhere.example")
        row = track(token, "DEFER")
        equal((row["Source"], row["ConnectorId"]), ("SMTP", "Out"), "DEFER")
        check(re.fullmatch(form % "450 4.2.1 not 4.2.1 now", row["RecipientStatus"]), row["RecipientStatus"])
        (message,) = until(lambda: [one for one in server.get("Get-Message") if one["LastError"]], "no reason")
        check(re.fullmatch(form % "450 4.2.1 not 4.2.1 now", message["LastError"]), message["LastError"])
        equal((message["Status"], message["RetryCount"]), ("Retry", 1), "what waits")
        check(message["NextRetryTime"] > message["LastRetryTime"] >= message["DateReceived"], message)


@test
def a_queue_that_is_not_reached(_):
    with Sink(replies={"greeting": "421 4.3.2 not now"}) as sink:
        through(sink, *VERBOSE)
        before = sessions()
        submit()
        queue = until(lambda: [one for one in server.get("Get-Queue") if one["Status"] == "Retry" and one["DeferredMessageCount"]], lambda: f"{server.get('Get-Queue')}")[0]
        check(queue["LastError"].startswith("[{LED=421 4.3.2 not now};{MSG=};{FQDN=[127.0.0.1]};{IP=127.0.0.1};{LRT="), queue["LastError"])
        equal((queue["RetryCount"], queue["FirstRetryTime"]), (1, queue["LastRetryTime"]), "the first attempt")
        check(queue["FirstRetryTime"] and queue["NextRetryTime"] > queue["LastRetryTime"], queue)
        got = triples(conversation(before))
        equal([row for row in got if row[0] in "<-"], [("<", "421 4.3.2 not now", ""), ("-", "", "Local")], "what was heard")
        server.postern("Retry-Queue", queue["Identity"], "-Confirm:$false")
        again = until(lambda: [one for one in server.get("Get-Queue") if one["RetryCount"] == 2], lambda: f"{server.get('Get-Queue')}")[0]
        equal(again["FirstRetryTime"], queue["FirstRetryTime"], "the first of two")
        check(again["LastRetryTime"] > queue["LastRetryTime"], again)
    with Sink(replies={"greeting": None}) as sink:
        through(sink, *VERBOSE)
        before = sessions()
        submit()
        got = triples(conversation(before))
        equal(got[-2:], [("*", "", "421 4.4.2 Connection dropped due to SocketError"), ("-", "", "Remote")], "who ended it")


@test
def a_file_that_is_full_is_followed_by_another(_):
    shown = server.get("Get-TransportService", SERVER)[0]
    for prefix, folder, most in (("SendProtocolLog", "SmtpSend", "250 MB"), ("ConnectivityLog", "Connectivity", "1000 MB")):
        equal(shown[prefix + "Path"], os.path.join(server.data, "logs", folder), "path")
        equal(shown[prefix + "MaxAge"], "30.00:00:00", "age")
        check(shown[prefix + "MaxDirectorySize"].startswith(most), shown[prefix + "MaxDirectorySize"])
    server.postern("Set-TransportService", SERVER, "-SendProtocolLogMaxFileSize", "256KB", "-SendProtocolLogMaxDirectorySize", "512KB")
    long = "".join("250-2.1.5 " + "x" * 500 + "\n" for _ in range(7)) + "250 2.1.5 ok"
    with Sink(replies={"MAIL": long, "RCPT": long, "end": long}) as sink:
        through(sink, *VERBOSE)
        for _ in range(70):  # some 10 KB of log each
            submit()
        until(lambda: len(sink.messages) >= 70, lambda: f"{len(sink.messages)} came")
        server.settle()
        until(lambda: files("SmtpSend")[0].endswith("-1.log") is False, lambda: f"{files('SmtpSend')}")
        sizes = [os.path.getsize(path) for path in files("SmtpSend")]
        check(len(sizes) > 1 and max(sizes) <= 256 << 10 and sum(sizes) <= 512 << 10, f"sizes {sizes}")
    done = server.postern("Set-TransportService", SERVER, "-SendProtocolLogMaxFileSize", "1MB", good=False)
    check(done.returncode == 2 and "SendProtocolLogMaxDirectorySize" in done.stderr, done.stderr)
    done = server.postern("Set-TransportService", SERVER, "-ConnectivityLogMaxFileSize", "1500MB", good=False)
    check(done.returncode == 2 and "ConnectivityLogMaxDirectorySize" in done.stderr, done.stderr)


@test
def no_courier_was_ended(_):
    """Nothing they told the hub was out of place."""
    equal([row["text"] for row in rows("", "EVENT*.log") if "courier" in row["text"] and "ended" in row["text"]], [], "events")


run(400, server)
