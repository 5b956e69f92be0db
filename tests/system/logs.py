# SPDX-License-Identifier: Apache-2.0
"""The log files: events, protocol logs, message tracking, and that mail never waits for them."""
import csv
import glob
import os
import re
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
        ("*", "", "recipient refused: the right ms-Exch-SMTP-Accept-Any-Recipient is missing"),
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
    check(("*", "", "Inbound authentication failed because of LogonDenied") in got, "the failed login")
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


run(180, server)
