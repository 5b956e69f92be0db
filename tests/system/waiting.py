# SPDX-License-Identifier: Apache-2.0
"""What waits, seen by an operator: pages and order of Get-Message, why a message is still here, sorts of queues."""
import json
import socket
import time

from harness import DOMAIN, SERVER, Client, Server, check, equal, header, new_token, run, test
from sink import Sink

server = Server()
BOB = f"bob@{DOMAIN}"
SENDERS = ["carol@a.example", "alice@b.example", "bob@c.example", "Alice@b.example", "dave@a.example"]


def send(token, sender, size=0):
    with Client(server.port(25)) as client:
        client.ehlo()
        client.mail(sender, [BOB], header(token, sender) + b"x" * size + b"\r\n")


def subjects(*words):
    return [one["Subject"] for one in server.get("Get-Message", *words)]


def refused(code, says, *words):
    done = server.postern(*words, good=False)
    check(done.returncode == code and says in done.stderr, f"{words}: {done.returncode} {done.stderr}")


@test
def what_waits_is_shown_in_any_order(_):
    server.add_user("bob")
    server.postern("Suspend-Queue", "Mailbox")
    global tokens
    tokens = [new_token() for _ in SENDERS]
    for number, (token, sender) in enumerate(zip(tokens, SENDERS)):
        send(token, sender, size=[300, 100, 400, 200, 500][number])
    a, b, c, d, e = tokens
    equal(subjects(), [a, b, c, d, e], "as received")
    equal(subjects("-SortOrder", "+Size"), [b, d, a, c, e], "by size")
    equal(subjects("-SortOrder:-Size", "-ResultSize", "2"), [e, c], "the largest two")
    # Case does not matter, and equal ones come as they were received.
    equal(subjects("-SortOrder", "FromAddress"), [b, d, c, a, e], "by sender")
    equal(subjects("-SortOrder", "+FromAddress,-Size"), [d, b, c, a, e], "by sender, then size")
    refused(2, "messages are not sorted by", "Get-Message", "-SortOrder", "+Colour")
    refused(2, "messages are not sorted by", "Get-Message", "-SortOrder", "Recipients")


@test
def pages_follow_each_other(_):
    a, b, c, d, e = tokens
    identity = {one["Subject"]: one["Identity"] for one in server.get("Get-Message")}
    equal(subjects("-BookmarkIndex", "2", "-ResultSize", "2"), [b, c], "from the second")
    equal(subjects("-BookmarkIndex", "2", "-IncludeBookmark", "$false", "-ResultSize", "2"), [c, d], "behind the second")
    equal(subjects("-BookmarkIndex", "4", "-SearchForward", "$false", "-ResultSize", "2"), [c, d], "up to the fourth")
    equal(subjects("-BookmarkObject", identity[c]), [c, d, e], "from an object")
    equal(subjects("-BookmarkObject", identity[c], "-IncludeBookmark", "$false", "-ResultSize", "1"), [d], "behind an object")
    equal(subjects("-BookmarkObject", identity[c], "-SearchForward", "$false", "-ResultSize", "2"), [b, c], "up to an object")
    equal(subjects("-BookmarkObject", identity[b], "-SortOrder:-Size", "-IncludeBookmark", "$false"), [], "behind the smallest")
    equal(subjects("-BookmarkObject", identity[c], "-SortOrder:-Size"), [c, a, d, b], "from an object, by size")
    equal(subjects("-SearchForward", "$false", "-ResultSize", "2"), [d, e], "the last two")
    for words, says in ((("-BookmarkIndex", "2", "-ResultSize", "2"), "messages 2 to 3 of 5"),
                        (("-SearchForward", "$false", "-ResultSize", "2"), "messages 4 to 5 of 5"),
                        (("-BookmarkObject", identity[c], "-ResultSize", "1"), "messages 3 to 3 of 5"),
                        (("-BookmarkObject", identity[c], "-SearchForward", "$false", "-ResultSize", "2"), "messages 2 to 3 of 5"),
                        (("-Filter", "FromAddress -like '*@a.example'"), "messages 1 to 2 of 2"),
                        (("-Filter", "FromAddress -eq nobody"), "messages 0 to 0 of 0")):
        done = server.postern("Get-Message", *words, "-ReturnPageInfo", "$true")
        check(says in done.stdout + done.stderr, f"{words}: {done.stdout} {done.stderr}")
    refused(2, "not both", "Get-Message", "-BookmarkIndex", "1", "-BookmarkObject", identity[a])
    refused(2, "is the Identity of a message", "Get-Message", "-BookmarkObject", "x")
    refused(3, "no message 4711", "Get-Message", "-BookmarkObject", "4711", "-SortOrder", "Size")


@test
def filters_judge_what_is_shown(_):
    a, b, c, d, e = tokens
    for words, found in (("FromAddress -eq 'ALICE@b.example'", [b, d]), ("FromAddress -like '*@?.example'", tokens),
                         ("FromAddress -like 'alice*' -and Size -gt 100", [b, d]), ("FromAddress -ne 'alice@b.example'", [a, c, e]),
                         ("FromAddress -like '%@%'", []), ("FromAddress -eq '*@a.example'", []), ("FromAddress -eq '<>'", []),
                         ("FromAddress -eq $null", []), ("LastError -eq $null", tokens), (f"Subject -eq '{c}'", [c]),
                         (f"Recipients -contains {BOB}", tokens), (f"Recipients -notlike '*@{DOMAIN}'", []),
                         ("RetryCount -eq 0 -and Damaged -eq $false", tokens), (f"Queue -eq '{SERVER}\\Mailbox'", tokens),
                         ("Why -like '*Resume-Queue*'", tokens), ("DateReceived -lt 2020-01-01", [])):
        equal(subjects("-Filter", words), found, words)
    one = server.get("Get-Message", "-Filter", f"Subject -eq '{c}'")[0]
    for name in one.keys() - {"Recipients", "LastError", "QuarantineReason"}: # what a list reads of a message is all it needs
        equal(sorted(subjects("-SortOrder", f"+{name}")), sorted(tokens), f"sorted by {name}")
        if name == "MessageLatency":  # it goes on
            continue
        value = f"'{one[name]}'" if isinstance(one[name], (str, int)) else "$null"
        value = f"${one[name]}" if isinstance(one[name], bool) else value
        check(c in subjects("-Filter", f"{name} -eq {value}"), f"{name} -eq {value}")
    equal(subjects("-Queue", f"{SERVER}\\mailbox"), tokens, "of the queue")
    equal(subjects("-Queue", "Unreachable"), [], "of another queue")


def why(**wanted):
    (key, value), = wanted.items()
    return {one[key]: one for one in server.get("Get-Message")}[value]["Why"]


@test
def a_message_says_why_it_waits(_):
    a = tokens[0]
    check("its queue is suspended" in why(Subject=a) and 'Resume-Queue "Mailbox"' in why(Subject=a), why(Subject=a))
    number = server.get("Get-Message", "-Filter", f"Subject -eq '{a}'")[0]["InternalId"]
    server.postern("Suspend-Message", str(number))
    equal(why(Subject=a), f"an administrator has suspended it; it stays until Resume-Message {number}", "why")
    server.postern("Resume-Message", str(number))
    server.postern("Set-ServerComponentState", SERVER, "-Component", "HubTransport", "-State", "Inactive", "-Requester", "Maintenance")
    server.postern("Resume-Queue", "Mailbox")
    check("HubTransport is Inactive" in why(Subject=a) and "Set-ServerComponentState" in why(Subject=a), why(Subject=a))
    server.postern("Set-ServerComponentState", SERVER, "-Component", "HubTransport", "-State", "Active", "-Requester", "Maintenance")
    for token in tokens:
        server.find(token.encode())
    server.settle()


@test
def queues_are_told_apart_by_their_sort(_):
    server.postern("Suspend-Queue", "Mailbox")
    names = lambda *words: [one["NextHopDomain"] or one["Identity"] for one in server.get("Get-Queue", *words)]
    whole = names()
    equal(len(whole), 1, "queues")
    for words, found in ((("-Include", "Internal"), whole), (("-Include", "External"), []), (("-Exclude", "Internal"), []),
                         (("-Include", "Empty"), whole), (("-Exclude", "Empty"), []),
                         (("-Include", "SmtpDeliveryToMailbox,DnsConnectorDelivery"), whole),
                         (("-Exclude", "smtpdeliverytomailbox"), []), (("-Exclude", "External,Unreachable"), whole)):
        equal(names(*words), found, words)
    refused(2, "no sort of queue is called", "Get-Queue", "-Include", "Shadow")
    server.postern("Resume-Queue", "Mailbox")


@test
def the_words_of_postfix(_):
    equal(server.postern("queue").stdout, "The queue is empty.\n", "an empty queue")
    server.postern("Suspend-Queue", "Mailbox")
    first, second = new_token(), new_token()
    send(first, "someone@example.org")
    send(second, "")
    numbers = {one["Subject"]: str(one["InternalId"]) for one in server.get("Get-Message")}
    lines = [json.loads(line) for line in server.postern("queue", "list", "--json").stdout.splitlines()]
    equal([sorted(line) for line in lines], [["arrival_time", "forced_expire", "message_size", "queue_id", "queue_name", "recipients",
                                              "sender"]] * 2, "the names")
    one = lines[0]
    equal((one["queue_name"], one["queue_id"], one["sender"], one["forced_expire"]),
          ("hold", numbers[first], "someone@example.org", False), "the first")
    equal(lines[1]["sender"], "MAILER-DAEMON", "the sender of a notice")
    check(abs(one["arrival_time"] - time.time()) < 600, one)
    (recipient,) = one["recipients"]
    equal(recipient["address"], BOB, "the recipient")
    check("Resume-Queue" in recipient["delay_reason"], recipient)
    text = server.postern("queue").stdout
    check(numbers[first] in text and f"to {BOB}" in text and text.rstrip().endswith("in 2 messages"), text)
    done = server.postern("queue", "hold", numbers[first])
    equal(done.stderr, f"-> Suspend-Message {numbers[first]}\n", "the cmdlet")
    check("Resume-Message" in server.postern("queue", "list", "--json").stdout, "it is not held")
    server.postern("queue", "release", numbers[first])
    done = server.postern("queue", "delete", numbers[second])
    equal(done.stderr, f"-> Remove-Message {numbers[second]} -WithNDR:$false\n", "the cmdlet")
    equal(list(waiting()), [first], "what waits")
    check("-> Retry-Queue" in server.postern("queue", "flush", numbers[first]).stderr, "flush")
    check("-> Retry-Queue" in server.postern("queue", "flush").stderr, "flush")
    done = server.postern("queue", "requeue", numbers[first])
    equal(done.stderr.splitlines()[0], f"-> Retry-Message {numbers[first]}", "the cmdlet")
    equal(server.postern("queue", "requeue", "ALL").stderr.splitlines()[0], '-> Retry-Message -Filter "InternalId -gt 0"', "the cmdlet")
    shown = server.postern("queue", "show", numbers[first]).stdout
    known, _, message = shown.partition("\n\n")
    check(BOB in known and first in known and message.lstrip().startswith("Received: from ") and f"Subject: {first}" in message, shown)
    refused(3, "no message 4711", "queue", "show", "4711")
    refused(3, "no message 4711", "queue", "requeue", "4711")
    refused(3, "no queue has this next hop", "queue", "flush", "--domain", "nowhere.example")
    refused(2, "--yes", "queue", "delete", "ALL")
    for words in (("hold",), ("delete",), ("delete", "1", "--no"), ("list", "--xml"), ("requeue",), ("show", "1", "2"), ("expire", "1")):
        refused(2, "usage: postern queue", "queue", *words)
    refused(3, "no message 4711", "queue", "hold", "4711")
    check("Each order prints" in server.postern("help", "queue").stdout, "the help")
    server.postern("queue", "delete", "ALL", "--yes")
    equal(waiting(), {}, "what waits then")
    server.postern("Resume-Queue", "Mailbox")
    server.settle()


@test
def a_message_is_tried_at_once(_):
    """Its next hop could not be reached, and waits for its time; the order does not."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    server.postern("New-SendConnector", "-Name", "Out", "-AddressSpaces", "far.example", "-DNSRoutingEnabled", "$false",
                   "-SmartHosts", "[127.0.0.1]", "-Port", str(port))
    server.postern("Add-ADPermission", "Default Frontend MX", "-User", "Anonymous Logon", "-ExtendedRights", "ms-Exch-SMTP-Accept-Any-Recipient")
    token = new_token()
    with Client(server.port(25)) as client:
        client.ehlo()
        client.mail("a@b.example", ["someone@far.example"], header(token))
    deadline = time.monotonic() + 15
    while not (token in waiting() and waiting()[token]["LastError"]):
        check(time.monotonic() < deadline, waiting())
        time.sleep(0.05)
    number = str(waiting()[token]["InternalId"])
    with Sink(port=port) as sink:
        server.postern("Suspend-Message", number)
        server.postern("queue", "requeue", number)
        time.sleep(0.5)
        equal(sink.messages, [], "what is suspended stays")
        server.postern("queue", "release", number)
        server.postern("queue", "requeue", number)
        deadline = time.monotonic() + 10
        while not sink.messages:
            check(time.monotonic() < deadline, f"it does not come: {waiting()}")
            time.sleep(0.05)


def waiting():
    return {one["Subject"]: one for one in server.get("Get-Message")}


def pressure():
    return server.get("Get-TransportService")[0]


def until(what, find, timeout_s=15):
    deadline = time.monotonic() + timeout_s
    while not find():
        check(time.monotonic() < deadline, f"not within {timeout_s} s: {what}")
        time.sleep(0.1)


def stranger():
    """The reply to MAIL FROM of a client nobody knows."""
    with Client(server.port(25)) as client:
        client.ehlo()
        return client.command("MAIL FROM:<x@example.org>")


def known():
    """The reply to MAIL FROM of a client that has logged in."""
    with Client(server.port(587)) as client:
        client.ehlo()
        client.starttls()
        client.log_in("bob")
        return client.command(f"MAIL FROM:<{BOB}>")


@test
def a_long_queue_refuses_strangers_then_everybody(_):
    server.stop()
    server.start(environment={"POSTERN_RECIPIENTS_MEDIUM_HIGH": "3,6"})
    server.postern("Suspend-Queue", "Mailbox")
    sent = [new_token() for _ in range(8)]
    for token in sent[:4]:
        send(token, "someone@example.org")
    until("Medium", lambda: pressure()["BackPressure"] == "Medium")
    equal(pressure()["BackPressureCause"], "queued recipients", "the cause")
    check(any("queued recipients: Medium (4 now, Medium over 3, High over 6)" in line for line in pressure()["ResourcePressure"]),
          pressure()["ResourcePressure"])
    until("a stranger is refused", lambda: stranger().code == 452)
    equal(stranger().lines, [b"4.3.1 Insufficient system resources (queued recipients)"], "what a stranger hears")
    equal(known().code, 250, "to somebody who has logged in")
    check("event=back-pressure hub: back pressure goes from Low to Medium (queued recipients)" in server.log(),
          "the log does not say it")
    with Client(server.port(587)) as client:
        client.ehlo()
        client.starttls()
        client.log_in("bob")
        for token in sent[4:]:
            client.mail(BOB, [BOB], header(token, BOB) + b"x\r\n")
    until("High", lambda: pressure()["BackPressure"] == "High")
    until("everybody is refused", lambda: known().code == 452)
    equal(stranger().code, 452, "to a stranger")
    server.postern("Resume-Queue", "Mailbox")
    for token in sent:
        server.find(token.encode())
    until("Low", lambda: pressure()["BackPressure"] == "None")
    until("a stranger is heard again", lambda: stranger().code == 250)
    check("to Low (" in server.log(), "the log does not say that it has ended")
    server.settle()


run(240, server)
