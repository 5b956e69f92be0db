# SPDX-License-Identifier: Apache-2.0
"""The log files: events, protocol logs, message tracking, and that mail never waits for them."""
import csv
import glob
import os
import re
import shutil
import signal
import time

from harness import (DOMAIN, HOST, PASSWORD, Client, Server, b64, check, equal, header, new_token, plain, run, test)

server = Server()


def log_files(*parts):
    return sorted(glob.glob(os.path.join(server.data, "logs", *parts)))


def rows(*parts):
    """The rows of a log, {field: value}, oldest first."""
    found = []
    for path in log_files(*parts):
        with open(path, newline="", encoding="ascii") as file:
            text = file.read()
        check(text.endswith("\r\n"), f"{path} does not end with a whole row")
        names = []
        for line in text.split("\r\n")[:-1]:
            check(all(" " <= c <= "~" for c in line), f"a row that is not printable: {line!r:.300}")
            if line.startswith("#Fields: "):
                names = line[9:].split(",")
            elif not line.startswith("#"):
                values = next(csv.reader([line], strict=True))
                equal(len(values), len(names), f"fields of {line!r:.300}")
                found.append(dict(zip(names, values)))
    return found


def eventually(what, find, timeout_s=10):
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        found = find()
        if found:
            return found
        time.sleep(0.05)
    check(False, f"not within {timeout_s} s: {what}")


def events(words):
    return [row for row in rows("EVENT*.log") if words in row["text"]]


@test
def events_have_level_number_and_source(_):
    with Client(server.port(587)) as client:
        client.ehlo()
        client.starttls()
        client.expect("AUTH PLAIN " + plain("nobody", "wrong"), 535)
    row = eventually("the failed login", lambda: events("LogonDenied"))[-1]
    equal((row["level"], row["event-id"]), ("Warning", "1035"), "level and number")
    check(re.fullmatch(r"edge \d+", row["source"]), f"source {row['source']}")
    check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", row["date-time"]), row["date-time"])
    check("LogonDenied" in server.log(), "it is not on standard error, too")
    name = os.path.basename(log_files("EVENT*.log")[-1])
    check(re.fullmatch(r"EVENT\d{8}-\d+\.log", name), name)


@test
def events_of_the_hub(_):
    """A connector without a certificate: 12014, said by the hub itself."""
    server.postern("Set-ReceiveConnector", server.connector(717), "-TlsCertificateName", "0" * 40,
                   "-TlsCertificateFallback", "$false")
    row = eventually("12014", lambda: [row for row in rows("EVENT*.log") if row["event-id"] == "12014"])[-1]
    equal((row["level"], row["source"]), ("Error", "hub"), "level and source")
    server.postern("Set-ReceiveConnector", server.connector(717), "-TlsCertificateName", "$null",
                   "-TlsCertificateFallback", "$true")


@test
def a_flood_of_events_is_cut_and_counted(_):
    """Whoever is turned away again and again does not wash the other events out of the log."""
    ranges = server.get("Get-ReceiveConnector", server.connector(2525))[0]["RemoteIPRanges"]
    server.postern("Set-ReceiveConnector", server.connector(2525), "-RemoteIPRanges", "192.0.2.0/24")
    for _ in range(400):
        Client(server.port(2525), greet=False).close()
    def left_out():
        return sum(int(re.search(r"(\d+) events", row["text"]).group(1)) for row in events("events were left out"))
    eventually("all of them, shown or counted", lambda: len(events("turned away")) + left_out() == 400)
    check(len(events("turned away")) < 390, "all of them are shown")
    server.postern("Set-ReceiveConnector", server.connector(2525), "-RemoteIPRanges", ",".join(ranges))


@test
def a_limit_has_its_number(_):
    server.postern("Set-ReceiveConnector", server.connector(717), "-MaxInboundConnectionPerSource", "1")
    with Client(server.port(717)), Client(server.port(717), greet=False) as second:
        equal(second.reply().code, 421, "one too many")
    equal(eventually("the refusal", lambda: events("MaxInboundConnectionPerSource reached"))[-1]["event-id"], "1021", "number")
    server.postern("Set-ReceiveConnector", server.connector(717), "-MaxInboundConnectionPerSource", "Unlimited")


@test
def the_death_of_a_process_is_an_event(_):
    os.kill(server.pids("courier")[0], signal.SIGKILL)
    server.deaths_expected += 1
    row = eventually("the death", lambda: events("ended by signal 9"))[-1]
    equal((row["level"], row["source"]), ("Error", "supervisor"), "level and source")


# --- protocol log ---

def log_verbosely(port, level="Verbose"):
    server.postern("Set-ReceiveConnector", server.connector(port), "-ProtocolLoggingLevel", level)


def conversation(address):
    """The rows of the session that came from this address and port."""
    return [row for row in rows("SmtpReceive", "RECV*.log") if row["remote-endpoint"] == address]


def logged(client, timeout_s=10):
    """The whole conversation of a client that has gone, as (event, data, context)."""
    address = client.address
    found = eventually(f"the end of {address}", lambda: [row for row in conversation(address) if row["event"] == "-"] and
                       conversation(address), timeout_s)
    equal([int(row["sequence-number"]) for row in found], list(range(len(found))), "sequence numbers")
    equal(len({row["session-id"] for row in found}), 1, "session ids")
    check(re.fullmatch(r"[0-9A-F]{16}", found[0]["session-id"]), found[0]["session-id"])
    return [(row["event"], row["data"], row["context"]) for row in found]


def connect(port, **options):
    client = Client(server.port(port), **options)
    client.address = "%s:%d" % client.raw.getsockname()
    return client


@test
def nothing_is_logged_unless_asked_for(_):
    server.add_user("walter")
    for port in (25, 587, 465):
        log_verbosely(port, "None")
    with connect(25) as client:
        client.ehlo()
        client.expect("QUIT", 221)
    time.sleep(0.4)
    equal(conversation(client.address), [], "rows of a connector with ProtocolLoggingLevel None")


@test
def a_conversation_row_by_row(_):
    log_verbosely(25)
    token = new_token()
    with connect(25) as client:
        client.ehlo()
        client.mail("someone@example.org", [f"walter@{DOMAIN}"], header(token) + b"the body is secret\r\n")
        client.expect("RCPT TO:<x@elsewhere.example>", 503)
        client.expect("MAIL FROM:<someone@example.org>", 250)
        client.expect("RCPT TO:<x@elsewhere.example>", 550)
        client.expect("FORGED\x1b[31m, \xff\"row\"", 500)
        client.expect("QUIT", 221)
        check(client.closed(), "not closed")
    log_verbosely(25, "None")
    got = logged(client)
    session = conversation(client.address)[0]
    equal(session["connector-id"], server.connector(25), "connector")
    equal(session["local-endpoint"], f"127.0.0.1:{server.port(25)}", "local endpoint")
    patterns = [
        ("+", "", ""), ("*", ".*SMTPSubmit.*", "Set Session Permissions"),
        (">", "220 .*", ""), ("<", "EHLO client.example.org", ""),
        (">", r"250 \S+ Hello \[127.0.0.1\] SIZE \d+ PIPELINING .*", ""),
        ("<", "MAIL FROM:<someone@example.org>", ""), ("*", f"{session['session-id']};.*;1", "receiving message"),
        (">", "250 2.1.0 Sender OK", ""), ("<", "RCPT TO:<walter@.*>", ""), (">", "250 2.1.5 .*", ""),
        ("<", "DATA", ""), (">", "354 .*", ""), (">", "250 2.6.0 .*", ""),
        ("<", "RCPT TO:<x@elsewhere.example>", ""), (">", "503 .*", ""),
        ("<", "MAIL .*", ""), ("*", f"{session['session-id']};.*;2", "receiving message"), (">", "250 .*", ""),
        ("<", "RCPT TO:<x@elsewhere.example>", ""),
        ("*", "", "RCPT TO refused: the right ms-Exch-SMTP-Accept-Any-Recipient is missing"),
        (">", "550 5.7.54 .*", ""),
        ("<", r'FORGED\\x1B\[31m, \\xC3\\xBF"row"', ""), (">", "500 .*", ""),
        ("<", "QUIT", ""), (">", "221 .*", ""), ("-", "", "Local"),
    ]
    for row, pattern in zip(got, patterns):
        check(row[0] == pattern[0] and re.fullmatch(pattern[1], row[1]) and re.fullmatch(pattern[2], row[2]),
              f"{row} is not {pattern}")
    equal(len(got), len(patterns), "rows")
    check(all("body is secret" not in str(row) for row in got), "the body is in the log")


@test
def pipelined_commands_and_their_replies_in_order(_):
    log_verbosely(25)
    with connect(25) as client:
        client.ehlo()
        client.send(b"NOOP 1\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<walter@%s>\r\nRSET\r\nQUIT\r\n" % DOMAIN.encode())
        check(client.closed(), "not closed")
    log_verbosely(25, "None")
    got = [event + data[:4] for event, data, _ in logged(client)][5:-1]
    equal(got, ["<NOOP", ">250 ", "<MAIL", "*" + conversation(client.address)[0]["session-id"][:4], ">250 ", "<RCPT",
                ">250 ", "<RSET", ">250 ", "<QUIT", ">221 "], "order")


@test
def certificate_rule_and_login(_):
    log_verbosely(587)
    with connect(587) as client:
        client.ehlo()
        client.starttls()
        client.expect("AUTH PLAIN " + plain("walter", "wrong"), 535)
        client.log_in("walter")
        client.expect("QUIT", 221)
    with connect(587) as guess:
        guess.ehlo()
        guess.starttls()
        guess.expect("AUTH LOGIN", 334)
        guess.expect(b64("walter"), 334)
        guess.expect(b64(PASSWORD), 235)
        guess.abort()
    log_verbosely(587, "None")
    got, second = logged(client), logged(guess)
    mine = server.get("Test-ReceiveConnectorCertificate", server.connector(587))[0]
    sent = [row for row in got if row[2].startswith("Sending certificate")]
    equal(len(sent), 1, "rows about the certificate")
    check(mine["Presents"]["Thumbprint"] in sent[0][1] and HOST in sent[0][1], f"facts {sent[0][1]}")
    check("chosen by rule 5: by the server's name " + HOST in sent[0][2], f"rule {sent[0][2]}")
    words = "\n".join(context for _, _, context in got)
    check(re.search(r"^TLS protocol TLS1\.[23] negotiation succeeded using cipher \S+ with strength \d+ bits", words, re.M), words)
    check(("*", "", "Inbound AUTH PLAIN failed because of LogonDenied") in got, "the failed login")
    check(("*", "walter", "authenticated") in got and ("*", "walter", "authenticated") in second, "who logged in")
    equal([data for event, data, _ in second if event == "<" and "EHLO" not in data],
          ["STARTTLS", "AUTH LOGIN", "<authentication response>", "<authentication response>"], "masked")
    equal([data for event, data, _ in got if data.startswith("AUTH")], ["AUTH PLAIN <authentication response>"] * 2, "masked")
    for path in log_files("SmtpReceive", "*.log"):
        with open(path) as file:
            text = file.read()
        for secret in (PASSWORD, b64(PASSWORD), b64("walter"), plain("walter", PASSWORD), plain("walter", "wrong")):
            check(secret not in text, f"a secret is in {path}")
    equal(second[-1], ("-", "", "Remote(ConnectionReset)"), "the last row")


@test
def a_failed_handshake_is_explained(_):
    log_verbosely(465)
    with connect(465, greet=False) as client:
        client.send(b"EHLO in the clear\r\n" * 10)
        check(client.closed(), "not closed")
    log_verbosely(465, "None")
    got = logged(client)
    check(got[-2][2] == "TLS negotiation failed" and got[-2][1], f"{got[-3:]}")


@test
def a_flood_of_rows_is_cut_and_counted(_):
    """Far more rows than an edge may send in a second: mail goes on, and the log says what is missing."""
    log_verbosely(25)
    with connect(25) as client:
        client.ehlo()
        for _ in range(60):
            client.send(b"NOOP\r\n" * 1000)
        for _ in range(60000):
            client.reply()
        client.expect("QUIT", 221)
    time.sleep(1.1)
    with connect(25) as last:
        last.expect("QUIT", 221)
    log_verbosely(25, "None")
    missing = eventually("the number of rows missing", lambda: [row for row in rows("SmtpReceive", "*.log") if "are missing" in row["context"]])
    return f"{missing[0]['context']}"


def short_session(port=25):
    with connect(port) as client:
        client.ehlo()
        client.expect("QUIT", 221)
        check(client.closed(), "not closed")
    return client


@test
def one_client_for_a_while(_):
    """Its new sessions from the start, those that are open from here on; then it ends by itself."""
    log_verbosely(25, "None")
    with connect(25) as old:
        old.ehlo()
        server.postern("Set-SmtpSessionLogging", "127.0.0.1", "-WhatIf")
        equal(server.get("Get-SmtpSessionLogging"), [], "after -WhatIf")
        server.postern("Set-SmtpSessionLogging", "127.0.0.1", "-Duration", "00:10:00")
        equal([one["RemoteIPAddress"] for one in server.get("Get-SmtpSessionLogging")], ["127.0.0.1"], "shown")
        new = short_session()
        old.expect("NOOP from here on", 250)
        old.expect("QUIT", 221)
        check(old.closed(), "not closed")
    equal(logged(new)[0], ("+", "", ""), "a new session")
    equal(logged(old)[:3], [("*", "", "logged from here on"), ("<", "NOOP from here on", ""), (">", "250 2.0.0 OK", "")],
          "a session that was open")
    for pid in server.pids("edge"):
        os.kill(pid, signal.SIGKILL)
        server.deaths_expected += 1
    deadline = time.monotonic() + 10
    while len(server.pids("edge")) < 1 or not server.get("Get-SmtpSession", "-RemoteIPAddress", "192.0.2.1") == []:
        check(time.monotonic() < deadline, "no new edge")
    logged(short_session())
    server.postern("Set-SmtpSessionLogging", "127.0.0.1", "-Duration", "1s")
    logged(short_session())
    time.sleep(1.1)
    equal(server.get("Get-SmtpSessionLogging"), [], "when it is over")
    ended = short_session()
    time.sleep(0.5)
    equal(conversation(ended.address), [], "rows behind the end")
    for words, says in ((("127.0.0.1:25",), "without a port"), (("127.0.0.1", "-Duration", "2d"), "Duration")):
        done = server.postern("Set-SmtpSessionLogging", *words, good=False)
        check(done.returncode == 2 and says in done.stderr, f"{words}: {done.returncode} {done.stderr}")
    for i in range(16):
        server.postern("Set-SmtpSessionLogging", f"192.0.2.{i}", "-Duration", "1m")
    done = server.postern("Set-SmtpSessionLogging", "192.0.2.99", good=False)
    check(done.returncode == 1 and "16 clients" in done.stderr, done.stderr)
    for i in range(16):
        server.postern("Set-SmtpSessionLogging", f"192.0.2.{i}", "-Duration", "0s")
    equal(server.get("Get-SmtpSessionLogging"), [], "all ended")


# --- message tracking ---

def tracked(*words):
    return server.get("Get-MessageTrackingLog", *words)


def deliver(token, recipients=("walter",), sender="someone@example.org", more=b""):
    addresses = [f"{name}@{DOMAIN}" for name in recipients]
    with Client(server.port(25)) as client:
        client.ehlo()
        client.mail(sender, addresses, header(token, sender, more=more) + b"x\r\n")
    return addresses


@test
def a_message_from_receive_to_deliver(_):
    token = new_token()
    deliver(token)
    server.find(token.encode())
    found = eventually("both rows", lambda: (len(tracked("-MessageId", f"{token}@client.example.org")) == 2 and
                                             tracked("-MessageId", f"<{token}@client.example.org>")))
    equal([(row["EventId"], row["Source"]) for row in found], [("RECEIVE", "SMTP"), ("DELIVER", "STOREDRIVER")], "events")
    received, delivered = found
    for row in found:
        equal((row["Sender"], row["Recipients"], row["MessageSubject"]), ("someone@example.org", [f"walter@{DOMAIN}"], token), "row")
        equal(row["TotalBytes"], received["TotalBytes"], "size")
        check(row["TotalBytes"] > 200, f"size {row['TotalBytes']}")
        equal(row["InternalMessageId"], received["InternalMessageId"], "internal id")
        equal(row["ServerHostname"], HOST, "server")
    equal((received["ClientIp"], received["ClientHostname"], received["ServerIp"]),
          ("127.0.0.1", "client.example.org", "127.0.0.1"), "client and server")
    equal((received["ConnectorId"], received["Directionality"]), (server.connector(25), "Incoming"), "connector")
    check(re.fullmatch("[0-9A-F]{16}", received["SourceContext"]), "the session's id")
    check(delivered["MessageInfo"] <= delivered["Timestamp"], "time of arrival")
    check(f"id {received['SourceContext'].lower()}" in server.find(token.encode()).decode().lower(), "the id in the trace field")
    table = server.postern("Get-MessageTrackingLog", "-MessageId", f"{token}@client.example.org").stdout.splitlines()
    equal(table[0].split(), ["EventId", "Source", "Sender", "Recipients", "MessageSubject"], "table")


@test
def filters_of_tracking(_):
    first, second = new_token(), new_token()
    deliver(first, sender="anna@example.org")
    addresses = deliver(second, sender="", more=b"X: y\r\n")
    server.find(second.encode())
    eventually("both messages", lambda: len([row for row in tracked() if row["MessageSubject"] in (first, second)]) == 4)
    equal({row["MessageSubject"] for row in tracked("-Sender", "Anna@example.org")}, {first}, "-Sender")
    equal({row["MessageSubject"] for row in tracked("-Sender", "<>")}, {second}, "-Sender <>")
    check({first, second} <= {row["MessageSubject"] for row in tracked("-Recipients", f"nobody@example.org,{addresses[0]}")}, "-Recipients")
    equal(tracked("-Recipients", "nobody@example.org"), [], "-Recipients nobody")
    equal({row["EventId"] for row in tracked("-EventId", "deliver")}, {"DELIVER"}, "-EventId")
    rows_of_first = tracked("-MessageId", f"{first}@client.example.org")
    equal(tracked("-Start", rows_of_first[0]["Timestamp"], "-End", rows_of_first[-1]["Timestamp"], "-MessageId",
                  f"{first}@client.example.org"), rows_of_first, "-Start and -End")
    equal(tracked("-End", "2020-01-01"), [], "before there was a log")
    equal(tracked("-Start", "2090-01-01"), [], "after")
    one = server.postern("Get-MessageTrackingLog", "-ResultSize", "1", "-o", "json")
    check(one.stdout.count('"EventId"') == 1 and "more rows" in one.stderr, f"-ResultSize: {one.stderr}")
    for words, says in ((("-Start", "yesterday"), "2027-02-01"), (("-ResultSize", "0"), "1 to 10000"),
                        (("-Start", "2027-02-01", "-End", "2027-01-01"), "later")):
        done = server.postern("Get-MessageTrackingLog", *words, good=False)
        check(done.returncode == 2 and says in done.stderr, f"{words}: {done.returncode} {done.stderr}")


@test
def hostile_words_stay_in_their_row(_):
    token = new_token()
    with Client(server.port(25)) as client:
        client.ehlo()
        client.mail('"a,b;\\"c"@example.org', [f"walter@{DOMAIN}"],
                    header(token).replace(token.encode() + b"\r\nMessage", token.encode() +
                                          b' ,"x\x1b[2J\xff\r\n\t=cmd()\r\nMessage') + b"x\r\n")
    found = eventually("the rows", lambda: tracked("-MessageId", f"{token}@client.example.org"))
    check(found[0]["MessageSubject"].startswith(token) and "\\x1B[2J\\xFF" in found[0]["MessageSubject"], f"{found[0]['MessageSubject']!r}")
    equal(found[0]["Sender"], '"a,b;\\"c"@example.org', "sender")
    equal(tracked("-Sender", '"a,b;\\"c"@example.org')[0]["Sender"], found[0]["Sender"], "found by its sender")


@test
def a_delivery_that_is_put_off(_):
    server.add_user("blocked")
    with open(os.path.join(server.data, "mail", "blocked"), "w"):
        pass
    token = new_token()
    deliver(token, ["blocked"])
    found = eventually("DEFER", lambda: tracked("-MessageId", f"{token}@client.example.org", "-EventId", "DEFER"))
    check("Maildir" in found[0]["RecipientStatus"], f"status {found[0]['RecipientStatus']!r}")
    equal(found[0]["MessageSubject"], token, "subject")


@test
def many_recipients_need_several_rows(_):
    long = "x" * 50
    server.postern("Set-Mailbox", "walter", "-EmailAddresses",
                   "@{Add=" + ",".join(f"{long}{i:03}@{DOMAIN}" for i in range(180)) + "}")
    token = new_token()
    deliver(token, [f"{long}{i:03}" for i in range(180)])
    found = eventually("RECEIVE", lambda: tracked("-MessageId", f"{token}@client.example.org", "-EventId", "RECEIVE"))
    check(len(found) == 2, f"{len(found)} rows")
    equal({row["RecipientCount"] for row in found}, {180}, "count")
    equal(sum((row["Recipients"] for row in found), []), [f"{long}{i:03}@{DOMAIN}" for i in range(180)], "recipients")


@test
def mail_goes_on_without_a_place_for_logs(_):
    """The folder is gone: rows are lost, that is said once, and the messages arrive."""
    shutil.rmtree(os.path.join(server.data, "logs", "MessageTracking"))
    for _ in range(3):
        token = new_token()
        deliver(token)
        server.find(token.encode())
        time.sleep(0.25)
    said = [line for line in server.log().splitlines() if "MSGTRK" in line]
    equal(len(said), 1, f"lines about it: {said}")
    lost = server.get("Get-TransportService")[0]["LogRowsLost"]
    check(lost >= 6, f"LogRowsLost {lost}")
    check("are being lost: No such file" in said[0], said[0])


@test
def logs_are_private(_):
    equal(oct(os.stat(os.path.join(server.data, "logs")).st_mode & 0o777), "0o700", "mode of the folder")
    for path in log_files("*.log") + log_files("*", "*.log"):
        equal(oct(os.stat(path).st_mode & 0o777), "0o600", f"mode of {path}")


@test
def a_restart_goes_on_in_the_same_file(_):
    before = log_files("EVENT*.log")
    server.stop()
    server.start()
    server.postern("Set-ReceiveConnector", server.connector(717), "-TlsCertificateName", "1" * 40,
                   "-TlsCertificateFallback", "$false")
    eventually("12014 of this start", lambda: len([row for row in rows("EVENT*.log") if row["event-id"] == "12014"]) > 1)
    equal(log_files("EVENT*.log"), before, "files")


@test
def the_journal_learns_priorities(_):
    """Under systemd: JOURNAL_STREAM names what standard error is, and lines begin with <priority>."""
    server.stop()
    status = os.stat(server.log_path)
    for stream, begun in ((f"{status.st_dev}:{status.st_ino}", "<4>"), (f"{status.st_dev}:{status.st_ino + 1}", "")):
        server.start(environment={"JOURNAL_STREAM": stream})
        before = len(server.log())
        with Client(server.port(587)) as client:
            client.ehlo()
            client.starttls()
            client.ehlo()
            client.expect("AUTH PLAIN " + plain("nobody", "wrong"), 535)
        eventually("the failed login", lambda: any(line.startswith(begun + "edge: inbound authentication failed")
                                                  for line in server.log()[before:].splitlines()))
        server.stop()
    server.start()
    check(not any(row["text"].startswith("<") for row in rows("EVENT*.log")), "the log of events has priorities in its text")


run(180, server)
