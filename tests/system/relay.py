# SPDX-License-Identifier: Apache-2.0
"""Mail that leaves: to a smart host, with what it says back, TLS as the connector demands, queues and retries."""
import re
import socket
import time

from authority import Authority
from harness import DOMAIN, Client, Server, check, equal, run, test, until
from sink import Sink

server = Server()
ELSEWHERE = "carol@elsewhere.example"


def submit(recipients, token, sender=f"bob@{DOMAIN}", parameters="", recipient_parameters="", body=""):
    text = f"From: <{sender}>\r\nSubject: {token}\r\nMessage-ID: <{token}@{DOMAIN}>\r\n\r\nbody of {token}\r\n{body}".encode()
    with Client(server.port(587)) as client:
        client.ehlo()
        client.starttls()
        client.ehlo()
        client.log_in("bob")
        client.expect(f"MAIL FROM:<{sender}>{parameters}\r\n".encode(), 250)
        for recipient in recipients:
            client.expect(f"RCPT TO:<{recipient}>{recipient_parameters}\r\n".encode(), 250)
        equal(client.data(text).code, 250, "end of data")


def through(port, *more):
    """The one send connector of these tests leads there; what waits for an earlier one is gone."""
    server.postern("Remove-Message", "-Filter", "Size -gt 0", "-WithNDR", "$false", "-Confirm:$false")
    if server.get("Get-SendConnector"):
        server.postern("Remove-SendConnector", "Out", "-Confirm:$false")
    server.postern("New-SendConnector", "-Name", "Out", "-AddressSpaces", "*", "-SmartHosts", "[127.0.0.1]", "-DNSRoutingEnabled", "$false",
                   "-Port", str(port), *more)


def waiting(address):
    for message in server.get("Get-Message"):
        if address in message["Recipients"]:
            return message
    return None


@test
def users(_):
    server.add_user("bob")
    server.postern("Add-ADPermission", "Client Frontend MX", "-User", "bob", "-ExtendedRights",
                   "ms-Exch-SMTP-Accept-Any-Recipient,ms-Exch-SMTP-Accept-Any-Sender")


@test
def to_a_smart_host(_):
    with Sink() as sink:
        through(sink.port)
        submit([ELSEWHERE, "dan@elsewhere.example"], "first", parameters=" RET=HDRS ENVID=x1", recipient_parameters=" NOTIFY=FAILURE", body=".dot\r\n..two\r\n")
        until(lambda: sink.messages, "nothing came")
        server.settle()
        ((sender, recipients, body),) = sink.messages
        check(sender.startswith(f"FROM:<bob@{DOMAIN}>") and "ENVID=x1" in sender and "RET=HDRS" in sender, sender)
        equal([one.split()[0] for one in recipients], [f"TO:<{ELSEWHERE}>", "TO:<dan@elsewhere.example>"], "recipients of one transaction")
        check("NOTIFY=FAILURE" in recipients[0], recipients[0])
        check(body.startswith(b"Received: from ") and body.endswith(b"body of first\r\n.dot\r\n..two\r\n"), f"{body!r}")
        rows = [row for row in server.get("Get-MessageTrackingLog", "-EventId", "SEND")]
        equal(sorted(row["Recipients"][0] for row in rows), [ELSEWHERE, "dan@elsewhere.example"], "SEND rows")
        check("250 2.6.0 taken" in rows[0]["RecipientStatus"][0] if isinstance(rows[0]["RecipientStatus"], list) else
              "250 2.6.0 taken" in rows[0]["RecipientStatus"], rows[0])


@test
def what_is_refused_is_told(_):
    with Sink(replies={"RCPT": "550 5.1.1 No such carol"}) as sink:
        through(sink.port)
        submit([ELSEWHERE], "refused")
        found = server.find(b"Subject: Undeliverable: refused")
        for part in (b"Remote Server returned '550 5.1.1 No such carol'", b"Status: 5.1.1", b"Remote-MTA: dns; [127.0.0.1]"):
            check(part in found, f"{part} is not in {found!r}")
        server.settle()


@test
def one_notice_tells_of_all_recipients(_):
    with Sink(replies={"RCPT": lambda argument, _number: f"550 5.1.1 No such {argument[4:8]}"}) as sink:
        through(sink.port)
        submit([f"nr{i:02}@elsewhere.example" for i in range(40)], "together")
        server.settle()
        found = server.find(b"Subject: Undeliverable: together")
        equal((found.count(b"\nFinal-Recipient: "), found.count(b"Diagnostic-Code: smtp; 550 5.1.1 No such nr07")), (40, 1), "recipients")
        rows = server.get("Get-MessageTrackingLog", "-MessageSubject", "together")
        equal([sum(row["EventId"] == event for row in rows) for event in ("FAIL", "DSN")], [40, 1], "rows")


@test
def a_stop_tells_nobody_twice(_):
    with Sink(replies={"RCPT": "550 5.1.1 No such carol"}) as sink:
        through(sink.port)
        for i in range(2):
            seen = len(sink.commands)
            submit([ELSEWHERE], f"stop{i}")
            until(lambda: any(word.startswith("RCPT") for word in sink.commands[seen:]), "nobody was asked")
            time.sleep(0.05 * i)  # while it is gathered what the sender is to hear
            equal(server.stop(), 0, "exit status")
            server.start()
            server.settle()
            server.find(f"Subject: Undeliverable: stop{i}".encode())


@test
def what_is_put_off_waits_with_the_reason(_):
    with Sink(replies={"RCPT": "450 4.2.1 Greylisted"}) as sink:
        through(sink.port)
        submit([ELSEWHERE], "later")
        message = until(lambda: (waiting(ELSEWHERE) or {}).get("Status") == "Retry" and waiting(ELSEWHERE), "it does not wait")
        check("[{LED=450 4.2.1 Greylisted};{MSG=};{FQDN=[127.0.0.1]};{IP=127.0.0.1};{LRT=" in message["LastError"], message["LastError"])


@test
def nobody_is_there(_):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    through(port)
    submit(["eve@elsewhere.example"], "nobody")
    message = until(lambda: (waiting("eve@elsewhere.example") or {}).get("LastError") and waiting("eve@elsewhere.example"), "no reason")
    check("450 4.4.317 Cannot connect to remote server" in message["LastError"], message["LastError"])


@test
def what_a_sender_wrote_of_notices_goes_on_as_it_is(_):
    with Sink() as sink:
        through(sink.port)
        submit([ELSEWHERE], "verbatim", parameters=' ENVID=a"b\\c+3Dd', recipient_parameters=' ORCPT=rfc822;"x+20y"@old.example')
        until(lambda: sink.messages, "nothing came")
        ((sender, (recipient,), _body),) = sink.messages
        check(' ENVID=a"b\\c+3Dd' in sender, sender)
        check(' ORCPT=rfc822;"x+20y"@old.example' in recipient, recipient)


@test
def what_a_sender_wants_to_hear_survives_a_forward_from_an_address_outside_ascii(_):
    with Sink(offers=("8BITMIME", "SMTPUTF8", "DSN")) as sink:
        through(sink.port)
        server.postern("New-Mailbox", "-Name", "juerg", "-PrimarySmtpAddress", f"j\u00fcrg@{DOMAIN}", "-Password", "-", input="correct horse 41\n")
        server.postern("Set-Mailbox", "juerg", "-ForwardingSmtpAddress", ELSEWHERE)
        submit([f"j\u00fcrg@{DOMAIN}"], "forward", parameters=" SMTPUTF8", recipient_parameters=" NOTIFY=NEVER")
        until(lambda: sink.messages, "nothing came")
        equal(sink.messages[0][1], [f"TO:<{ELSEWHERE}> NOTIFY=NEVER ORCPT=utf-8;j\\x{{FC}}rg@{DOMAIN}"], "recipient")


@test
def a_notice_says_what_it_needs(_):
    def judge(argument, _number):
        return "550 5.1.1 No such carol" if "carol@" in argument else "250 ok"
    with Sink(replies={"RCPT": judge}, offers=("8BITMIME", "SMTPUTF8")) as sink:
        through(sink.port)
        submit([ELSEWHERE], "toutf8", sender="j\u00f6rg@elsewhere.example", parameters=" SMTPUTF8")
        submit([ELSEWHERE], "toascii", sender="joe@elsewhere.example", parameters=" BODY=8BITMIME RET=FULL", body="caf\u00e9\r\n")
        until(lambda: len(sink.messages) == 2, lambda: f"the notices did not come: {sink.commands}")
        said = {recipients[0].split()[0]: sender.split()[1:] for sender, recipients, _body in sink.messages}
        equal(said, {"TO:<j\u00f6rg@elsewhere.example>": ["BODY=8BITMIME", "SMTPUTF8"], "TO:<joe@elsewhere.example>": ["BODY=8BITMIME"]}, "parameters")


@test
def what_waits_says_where_it_is_from(_):
    def judge(argument, _number):
        return "550 5.1.1 No such carol" if "carol@" in argument else "450 4.2.1 later"
    with Sink(replies={"RCPT": judge}) as sink:
        through(sink.port)
        submit([ELSEWHERE], "source", sender="joe@elsewhere.example")
        submit(["dan@elsewhere.example"], "other")
        notice = until(lambda: waiting("joe@elsewhere.example"), "no notice waits")
        message = until(lambda: waiting("dan@elsewhere.example"), "the other does not wait")
        equal([(one["MessageSourceName"], one["Directionality"]) for one in (notice, message)],
              [("DSN", "Originating"), ("SMTP:MX\\Client Frontend MX", "Originating")], "sources")
        check(re.fullmatch(r"00:00:[0-5]\d\.\d\d", message["MessageLatency"]), message["MessageLatency"])
        equal([one["Recipients"] for one in server.get("Get-Message", "-Filter", "MessageSourceName -eq 'DSN'")], [["joe@elsewhere.example"]], "notices")


@test
def queues_are_ordered_by_a_filter(_):
    with Sink(replies={"RCPT": "450 4.2.1 later"}) as sink:
        through(sink.port)
        server.postern("New-SendConnector", "-Name", "Other", "-AddressSpaces", "other.example", "-SmartHosts", "[127.0.0.1]", "-DNSRoutingEnabled",
                       "$false", "-Port", str(sink.port))
        submit(["eve@elsewhere.example", "eve@other.example"], "filter")

        def statuses():
            return sorted((queue["NextHopConnector"], queue["Status"]) for queue in server.get("Get-Queue"))
        until(lambda: statuses() == [("Other", "Retry"), ("Out", "Retry")], lambda: f"{statuses()}")
        said = server.postern("Suspend-Queue", "-Filter", "Status -eq 'Retry'", "-Confirm:$false")
        check("2 queues are suspended; they hold mail for 2 recipients" in said.stdout + said.stderr, said)
        equal(statuses(), [("Other", "Suspended"), ("Out", "Suspended")], "both")
        server.postern("Resume-Queue", "-Filter", "NextHopConnector -eq 'Other'", "-Confirm:$false")
        equal(statuses()[1], ("Out", "Suspended"), "the one that was not meant")
        server.postern("Resume-Queue", "-Filter", "NextHopConnector -like 'O*'", "-Confirm:$false")
        before = len([word for word in sink.commands if word.startswith("RCPT")])
        server.postern("Retry-Queue", "-Filter", "NextHopConnector -like 'O*'", "-Resubmit", "$true", "-Confirm:$false")
        until(lambda: len([word for word in sink.commands if word.startswith("RCPT")]) == before + 2, lambda: f"{sink.commands}")
        for words in (("Retry-Queue",), ("Retry-Queue", "Mailbox", "-Filter", "Status -eq 'Retry'"), ("Retry-Queue", "-Filter", "No -eq 1")):
            equal(server.postern(*words, "-Confirm:$false", good=False).returncode, 2, words)
        server.postern("Remove-Message", "-Filter", "Size -gt 0", "-WithNDR", "$false", "-Confirm:$false")
        server.postern("Remove-SendConnector", "Other", "-Confirm:$false")


@test
def what_a_message_does_not_need_is_not_asked_for(_):
    with Sink(offers=()) as sink:
        through(sink.port)
        submit([ELSEWHERE, "j\u00fcrg@elsewhere.example"], "plain", parameters=" BODY=8BITMIME SMTPUTF8")
        until(lambda: sink.messages, "nothing came")
        equal([(sender, recipients) for sender, recipients, _body in sink.messages], [(f"FROM:<bob@{DOMAIN}>", [f"TO:<{ELSEWHERE}>"])], "what was said")
        check(b"553 5.6.7 The address needs SMTPUTF8" in server.find(b"Subject: Undeliverable: plain"), "the other one")
        submit([ELSEWHERE], "eight", parameters=" BODY=8BITMIME", body="caf\u00e9\r\n")
        check(b"554 5.6.3 The message needs 8BITMIME" in server.find(b"Subject: Undeliverable: eight"), "what needs it")
        equal(len(sink.messages), 1, "messages")


@test
def a_broken_connection_is_named(_):
    with Sink(replies={"DATA": None}) as sink:
        through(sink.port)
        submit(["eve@elsewhere.example"], "broken")
        message = until(lambda: (waiting("eve@elsewhere.example") or {}).get("LastError") and waiting("eve@elsewhere.example"), "no reason")
        check("[{LED=421 4.4.2 Connection dropped due to SocketError};{MSG=};{FQDN=[127.0.0.1]};{IP=127.0.0.1};" in message["LastError"], message["LastError"])


@test
def a_server_that_goes_away_is_not_dialled_for_each_message(_):
    with Sink(replies={"MAIL": "421 4.3.2 going down"}) as sink:
        through(sink.port)
        for i in range(5):
            submit([f"away{i}@elsewhere.example"], f"away{i}")
        until(lambda: all((waiting(f"away{i}@elsewhere.example") or {}).get("LastError") for i in range(5)), "not all have a reason")
        time.sleep(1)
        equal(sink.sessions, 1, "connections")
        (queue,) = server.get("Get-Queue")
        equal((queue["Status"], queue["RetryCount"], queue["MessageCount"]), ("Retry", 1, 5), "the queue")


def two_hosts(first, **second):
    """Two smart hosts with one port."""
    one = Sink(replies=first)
    return one, Sink(address="127.0.0.2", port=one.port, **second)


@test
def the_next_host_is_asked_for_what_the_first_does_not_take(_):
    for number, reply in enumerate(("421 4.3.2 going down", None, "452 4.3.1 Insufficient system resources")):
        one, two = two_hosts({"MAIL": reply})
        with one, two:
            through(one.port)
            server.postern("Set-SendConnector", "Out", "-SmartHosts", "[127.0.0.1],[127.0.0.2]")
            submit([ELSEWHERE, "dan@elsewhere.example"], f"onward{number}")
            until(lambda: two.messages, lambda: f"{reply}: nothing came: {server.get('Get-Message')}")
            server.settle()
            equal((one.sessions, two.sessions, len(two.messages), len(two.messages[0][1])), (1, 1, 1, 2), "sessions, messages, recipients")


@test
def the_next_host_is_logged_in_at_too(_):
    one, two = two_hosts({"AUTH": "235 2.7.0 ok", "MAIL": "421 4.3.2 going down"}, replies={"AUTH": "235 2.7.0 ok"}, offers=("AUTH PLAIN",))
    one.offers.append("AUTH PLAIN")
    with one, two:
        through(one.port)
        server.postern("Set-SendConnector", "Out", "-SmartHosts", "[127.0.0.1],[127.0.0.2]", "-SmartHostAuthMechanism", "BasicAuth",
                       "-AuthenticationCredential", "us", input="secret\n")
        submit([ELSEWHERE], "login")
        until(lambda: two.messages, lambda: f"nothing came: {server.get('Get-Message')}")
        equal([word for sink in (one, two) for word in sink.commands if word.startswith("AUTH")], ["AUTH PLAIN AHVzAHNlY3JldA=="] * 2, "logins")


@test
def what_is_said_of_a_recipient_counts_for_all_hosts(_):
    one, two = two_hosts({"RCPT": "450 4.2.1 Greylisted"})
    with one, two:
        through(one.port)
        server.postern("Set-SendConnector", "Out", "-SmartHosts", "[127.0.0.1],[127.0.0.2]")
        submit(["eve@elsewhere.example"], "stays")
        until(lambda: "Greylisted" in (waiting("eve@elsewhere.example") or {}).get("LastError", ""), "it does not wait")
        equal(two.sessions, 0, "connections to the other")


@test
def a_spare_connection_may_be_closed_by_the_server(_):
    def greet(_argument, number):
        time.sleep(2 if number > 1 else 0)
        return "220 sink.example ready"

    def end(_argument, _number):
        time.sleep(0.5)
        return "250 2.6.0 taken"
    with Sink(replies={"greeting": greet, "end": end}) as sink:
        through(sink.port)
        for i in range(3):
            submit([f"closed{i}@elsewhere.example"], f"closed{i}")
        until(lambda: len(sink.messages) == 3 and sink.commands.count("QUIT") == 1, lambda: f"{len(sink.messages)} messages, {sink.commands}")
        if sink.sessions > 1:
            sink.connections[1].shutdown(socket.SHUT_RDWR)
        time.sleep(0.3)
        submit(["closed3@elsewhere.example"], "closed3")
        until(lambda: len(sink.messages) == 4, lambda: f"the hop counts as failed: {server.get('Get-Queue')}", 10)


@test
def a_spare_connection_does_not_speak_against_a_host_that_takes_mail(_):
    def greet(_argument, number):
        time.sleep(2 if number > 1 else 0)  # so that it ends last
        return "220 sink.example ready"

    def end(_argument, _number):
        time.sleep(0.5)
        return "250 2.6.0 taken"
    with Sink(replies={"greeting": greet, "end": end}) as sink:  # nobody listens at the first of the two addresses
        through(sink.port)
        server.postern("Set-SendConnector", "Out", "-SmartHosts", "[127.0.0.3],[127.0.0.1]")
        for i in range(3):
            submit([f"spare{i}@elsewhere.example"], f"spare{i}")
        until(lambda: len(sink.messages) == 3 and sink.sessions > 1, lambda: f"{len(sink.messages)} messages, {sink.sessions} sessions")
        until(lambda: sink.commands.count("QUIT") == sink.sessions, "the connections are not ended")
        submit(["spare3@elsewhere.example"], "spare3")
        until(lambda: len(sink.messages) == 4, lambda: f"the hop counts as failed: {server.get('Get-Queue')}", 10)


@test
def many_messages_share_connections(_):
    with Sink() as sink:
        through(sink.port, "-SmtpMaxMessagesPerConnection", "20")
        for i in range(60):
            submit([f"u{i}@elsewhere.example"], f"many{i}")
        until(lambda: len(sink.messages) >= 60 or time.sleep(1), lambda: f"{len(sink.messages)} came; {server.get('Get-Message')}")
        equal({sender.split()[0] for sender, _recipients, _body in sink.messages}, {f"FROM:<bob@{DOMAIN}>"}, "senders")
        check(all(sum(1 for _s, (recipient,), _b in sink.messages if f"u{i}@" in recipient) == 1 for i in range(60)), "each once")


@test
def a_trickle_shares_a_connection(_):
    with Sink() as sink:
        through(sink.port, "-SmtpMaxMessagesPerConnection", "3")
        for i in range(4):
            submit([f"drop{i}@elsewhere.example"], f"drop{i}")
            until(lambda: len(sink.messages) > i, "it did not come")
            equal(sink.sessions, 1 + i // 3, f"connections when message {i} had come")
        until(lambda: sink.commands.count("QUIT") == 2, "an idle connection is not ended", 5)


@test
def a_changed_connector_gets_a_new_connection(_):
    with Sink() as sink:
        through(sink.port)
        for i in range(2):
            submit([f"change{i}@elsewhere.example"], f"change{i}")
            until(lambda: len(sink.messages) > i, "it did not come")
            server.postern("Set-SendConnector", "Out", "-Fqdn", f"name{i}.example")
        submit(["change2@elsewhere.example"], "change2")
        until(lambda: len(sink.messages) == 3, "it did not come")
        equal([command for command in sink.commands if command.startswith("EHLO")][1:], ["EHLO name0.example", "EHLO name1.example"], "names")


@test
def tls_as_it_is_demanded(_):
    authority = Authority(server.folder)
    authority.issuer("root")
    authority.leaf("sink", "root", ["sink.example"])
    certificate = (authority.path("sink"), authority.path("sink", "key"))
    with Sink(certificate=certificate) as sink:
        through(sink.port)
        submit(["t1@elsewhere.example"], "tls1")
        until(lambda: sink.messages, "nothing came")
        check(sink.tls_used, "TLS was offered and not used")
    with Sink() as sink:
        through(sink.port, "-RequireTLS", "$true")
        submit(["t2@elsewhere.example"], "tls2")
        message = until(lambda: (waiting("t2@elsewhere.example") or {}).get("LastError") and waiting("t2@elsewhere.example"), "no reason")
        check("451 5.7.3 STARTTLS is required to send mail" in message["LastError"], message["LastError"])
        equal(sink.messages, [], "messages in clear")
    with Sink(certificate=certificate) as sink:
        through(sink.port, "-RequireTLS", "$true", "-TlsAuthLevel", "CertificateValidation")
        submit(["t3@elsewhere.example"], "tls3")
        message = until(lambda: (waiting("t3@elsewhere.example") or {}).get("LastError") and waiting("t3@elsewhere.example"), "no reason")
        check("454 4.7.5" in message["LastError"], message["LastError"])
        equal(sink.messages, [], "messages to somebody who is not trusted")


run(240, server)
