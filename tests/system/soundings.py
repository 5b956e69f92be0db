# SPDX-License-Identifier: Apache-2.0
"""Test-SendConnector and `postern probe`: what would become of mail for a recipient, tried out up to the message."""
import json
import os
import time

import zone
from authority import Authority
from harness import DOMAIN, Server, check, equal, run, test
from sink import Sink

names = zone.Server()
names.zones.append(zone.Zone("there.example", [
    ("", zone.MX, zone.mail_host(10, "dead.there.example")), ("", zone.MX, zone.mail_host(20, "mx.there.example")),
    ("", zone.MX, zone.mail_host(30, "late.there.example")), ("dead", zone.A, zone.address("127.0.0.99")),
    ("mx", zone.A, zone.address("127.0.0.1")), ("late", zone.A, zone.address("127.0.0.98"))], False))
names.zones.append(zone.Zone("none.example", [("", zone.MX, zone.mail_host(0, "."))], False))

server = Server(options=["--name-server", f"127.0.0.1:{names.port}"])
authority = Authority(server.folder)
authority.issuer("root")
authority.leaf("there", "root", ["mx.there.example"])
authority.leaf("own", None, ["mx.there.example"])
server.options += ["--trust", authority.path("root")]
HOST, RECIPIENT = ("-SmartHosts", "[127.0.0.1]", "-DNSRoutingEnabled", "$false"), "dora@there.example"


def certificate(name):
    return {"certificate": (authority.path(name), authority.path(name, "key")), "asks": authority.path("root")}


def connector(sink, *words):
    if server.get("Get-SendConnector"):
        server.postern("Remove-SendConnector", "*", "-Confirm:$false")
    server.postern("New-SendConnector", "-Name", "Out", "-AddressSpaces", "*", "-Port", str(sink.port), *words)


def look(*words, code=0, recipient=RECIPIENT):
    """The rows, and what is said when there is an error."""
    done = server.postern("Test-SendConnector", recipient, *words, "-o", "json", good=False)
    equal(done.returncode, code, f"exit: {done.stdout} {done.stderr}")
    return json.loads(done.stdout) if done.stdout else [], done.stderr


def no_message(sink):
    check(not any(line.split()[0] in ("DATA", "BDAT") for line in sink.commands), sink.commands)
    equal(sink.messages, [], "messages")


@test
def a_name_server_without_signatures_will_do(_):
    if not os.access("/usr/share/dns/root.key", os.R_OK):
        return "SKIP: dns-root-data is not installed: nothing is validated"
    with Sink(**certificate("there")) as sink:
        connector(sink)
        equal([row["Result"] for row in look()[0]], ["Failed", "Ready", "NotTried"], "hosts")
    check("event=dnssec-unsigned" in server.log() and "apt install unbound" in server.log(), "nothing is said of it")
    return None


@test
def hosts_in_their_order(_):
    with Sink(**certificate("there")) as sink:
        connector(sink)
        rows, _said = look()
        equal([(row["Host"], row["EndPoint"], row["Result"]) for row in rows],
              [("dead.there.example", f"127.0.0.99:{sink.port}", "Failed"), ("mx.there.example", f"127.0.0.1:{sink.port}", "Ready"),
               ("late.there.example", f"127.0.0.98:{sink.port}", "NotTried")], "hosts")
        check("450 4.4.317" in rows[0]["Verdict"], rows[0]["Verdict"])
        equal(rows[2]["Verdict"], "is not tried: one before it takes mail", "the one behind")
        no_message(sink)


@test
def what_a_host_shows(_):
    with Sink(**certificate("there")) as sink:
        connector(sink)
        row = look()[0][1]
        equal(row["Greeting"], "sink.example ready", "greeting")
        check({"PIPELINING", "SIZE 10000000", "DSN"} <= set(row["Capabilities"]), row["Capabilities"])
        check("STARTTLS" not in row["Capabilities"], "those of before TLS are shown")
        equal((row["TlsVersion"], row["TlsCipher"], row["TlsGroup"]), ("TLS1.3", "TLS_AES_256_GCM_SHA384", "X25519"), "TLS")
        equal((row["CertificateSubject"], row["CertificateIssuer"]), ("CN=Example there, O=Example Trust", "CN=Example root, O=Example Trust"), "names")
        equal((row["CertificateDomains"], row["CertificateThumbprint"]), (["mx.there.example"], authority.thumbprint("there")), "certificate")
        check(row["CertificateNotAfter"].startswith("20"), row["CertificateNotAfter"])
        equal((row["CertificateJudgedFor"], row["CertificateFindings"]), ("mx.there.example", "OK"), "verdict")
        equal((row["AsksForCertificate"], row["OwnCertificate"]), (True, ""), "a certificate of ours")
        equal((row["Demands"], row["DemandedBy"]), ("TLS where it is offered, with any certificate; else in clear", "nobody: it is the default"), "demands")
        equal(row["Verdict"], "takes mail, inside TLS1.3, and its certificate is good", "in a sentence")
    with Sink(**certificate("own")) as sink:
        connector(sink)
        row = look()[0][1]
        check(row["CertificateFindings"] != "OK" and row["Verdict"].endswith("and need not be"), row)
        check(not row["AsksForCertificate"] or row["Result"] == "Ready", row)
    with Sink() as sink:
        connector(sink)
        row = look()[0][1]
        equal((row["Verdict"], row["TlsVersion"], row["CertificateDomains"]), ("takes mail, in clear: it offers no STARTTLS", "", []), "in clear")


@test
def what_is_demanded_and_what_mends_it(_):
    level = ("-RequireTLS", "$true", "-TlsAuthLevel")
    with Sink(**certificate("there")) as sink:
        connector(sink, *HOST, *level, "DomainValidation", "-TlsDomain", "other.example")
        rows, said = look(code=1)
        equal((len(rows), rows[0]["Result"], rows[0]["CertificateFindings"], rows[0]["CertificateJudgedFor"]),
              (1, "Failed", "NameMismatch", "other.example"), "another name")
        check(rows[0]["Reply"].startswith("454 4.7.5"), rows[0]["Reply"])
        equal(rows[0]["Demands"], "TLS, and a certificate for other.example that a trusted root vouches for", "demands")
        equal((rows[0]["DemandedBy"], rows[0]["Fix"]), ("TlsAuthLevel of the send connector", 'Set-SendConnector "Out" -TlsDomain mx.there.example'), "by whom")
        check(rows[0]["Fix"] in said, said)
        server.postern("Set-SendConnector", "Out", "-TlsDomain", "mx.there.example")
        equal(look()[0][0]["Result"], "Ready", "after the fix")
    with Sink(**certificate("own")) as sink:
        connector(sink, *HOST, *level, "CertificateValidation")
        rows, _said = look(code=1)
        equal(rows[0]["Fix"], 'Set-SendConnector "Out" -TlsDomain $null -TlsAuthLevel EncryptionOnly', "a chain that does not hold")
    with Sink() as sink:
        connector(sink, *HOST, "-RequireTLS", "$true")
        rows, _said = look(code=1)
        check(rows[0]["Reply"].startswith("451 5.7.3"), rows[0])
        equal(rows[0]["Fix"], 'Set-SendConnector "Out" -TlsAuthLevel $null -RequireTLS $false', "no TLS")
        equal(rows[0]["DemandedBy"], "RequireTLS of the send connector", "by whom")
        connector(sink, "-DomainSecureEnabled", "$true")
        server.postern("Set-TransportConfig", "-TLSSendDomainSecureList", "there.example")
        rows, _said = look(code=1)
        equal((len(rows), rows[0]["DemandedBy"]), (1, "TLSSendDomainSecureList of the transport configuration"), "by whom")
        check("no certificate to show" in rows[0]["Verdict"], rows[0]["Verdict"])
        server.postern("Set-TransportConfig", "-TLSSendDomainSecureList", "$null")


@test
def a_recipient_is_asked_for_and_nothing_sent(_):
    replies = {"RCPT": lambda argument, _n: "250 2.1.5 known" if "dora" in argument else "550 5.1.1 nobody"}
    for offers in (("PIPELINING", "DSN"), ("SIZE 1000",), ("CHUNKING", "PIPELINING")):
        with Sink(replies=replies, offers=offers) as sink:
            connector(sink, *HOST)
            row = look("-AskForRecipient")[0][0]
            equal((row["RecipientReply"], row["Verdict"]), ("250 2.1.5 known", "takes mail, in clear: it offers no STARTTLS"), f"known {offers}")
            rows, said = look("-AskForRecipient", code=1, recipient="nora@there.example")
            check("550 5.1.1 nobody" in rows[0]["Verdict"] and "550 5.1.1" in said, rows[0]["Verdict"])
            check("MAIL FROM:<>" in sink.commands and sink.commands[-1] == "QUIT", sink.commands)
            no_message(sink)
    equal(look("-AskForRecipient", code=2, recipient="there.example")[0], [], "of a domain")
    equal(server.get("Get-Queue"), [], "queues")


@test
def what_leaves_nowhere(_):
    with Sink() as sink:
        connector(sink)
        _rows, said = look(code=1, recipient=f"somebody@{DOMAIN}")
        check("Test-MailRoute" in said, said)
        rows, _said = look(code=1, recipient="none.example")
        check(rows[0]["Host"] == "" and "5.1.10" in rows[0]["Verdict"], rows[0])
        look(code=2, recipient="not a domain")
        connector(sink, "-Enabled", "$false")
        _rows, said = look(code=1)
        check("no send connector" in said, said)
        rows, _said = look("-Identity", "Out", code=1)
        check("disabled" in rows[0]["Verdict"], rows[0])
        look("-Identity", "Nobody", code=3)


@test
def a_login_is_tried(_):
    offers = ("PIPELINING", "AUTH PLAIN")
    for reply, code in (("235 2.7.0 in", 0), ("535 5.7.8 wrong", 1)):
        with Sink(replies={"AUTH": reply}, offers=offers) as sink:
            if server.get("Get-SendConnector"):
                server.postern("Remove-SendConnector", "*", "-Confirm:$false")
            server.postern("New-SendConnector", "-Name", "Out", "-AddressSpaces", "*", "-Port", str(sink.port), *HOST,
                           "-SmartHostAuthMechanism", "BasicAuth", "-AuthenticationCredential", "relayer", input="one two\n")
            rows, _said = look(code=code)
            check(any(line.startswith("AUTH PLAIN") for line in sink.commands), sink.commands)
            check("one two" not in json.dumps(rows), "the password is shown")
            check(code == 0 or "-AuthenticationCredential" in rows[0]["Fix"], rows[0])


@test
def the_short_form(_):
    with Sink(**certificate("there")) as sink:
        connector(sink)
        done = server.postern("probe", "there.example")
        check("Verdict" in done.stdout and "takes mail, inside TLS1.3" in done.stdout, done.stdout)
        rows = json.loads(server.postern("probe", "there.example", "--json").stdout)
        equal([row["Recipient"] for row in rows], ["there.example"] * 3, "recipient")
        table = server.postern("Test-SendConnector", "there.example").stdout
        check(table.split("\n")[0].split() == ["Host", "EndPoint", "Result", "TlsVersion", "Verdict"], table)


@test
def words_of_a_host_reach_no_terminal_as_they_are(_):
    evil = "220-\x1b[31mred\n220 \x07bell"
    with Sink(replies={"greeting": evil, "MAIL": "550 \x1b[2Jno", "EHLO": "250-\x1b]0;title\n250 \x1b[1mBOLD"}) as sink:
        connector(sink, *HOST)
        for words in (("probe", RECIPIENT, "-AskForRecipient"), ("Test-SendConnector", RECIPIENT, "-AskForRecipient")):
            done = server.postern(*words, good=False)
            check(not any(byte in done.stdout + done.stderr for byte in "\x1b\x07"), repr(done.stdout + done.stderr))
        check("BOLD" in server.postern("probe", RECIPIENT).stdout, "the rest of it is not shown")


@test
def a_host_that_says_nothing(_):
    with Sink(replies={"greeting": lambda _a, _n: time.sleep(30)}) as sink:
        connector(sink, *HOST)
        rows, _said = look(code=1)
        check("Timeout" in rows[0]["Verdict"], rows[0])


run(200, server)
