# SPDX-License-Identifier: Apache-2.0
"""Whom mail is given to: what DANE (RFC 7672) and MTA-STS (RFC 8461) demand of a server, with names that are signed, servers
that speak TLS, and policies that are fetched; what a domain is told of it (RFC 8460); and that mail is not brought to ourselves.

Every host has an address of its own on loopback, and all of them one port.
"""
import contextlib
import email
import gzip
import hashlib
import http.server
import json
import os
import signal
import socket
import ssl
import subprocess
import threading
import time

import zone
from authority import Authority
from harness import DOMAIN, HOST, Client, Server, check, equal, run, test, until
from sink import Sink

SAFE, OPEN = "safe.example", "open.example"  # signed, and not
POLICIES = "127.0.0.90"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


port, policy_port = free_port(), free_port()
os.environ["POSTERN_TLS_REPORT_SECONDS"] = "2"  # instead of a day
server = Server()
authority = Authority(server.folder)
authority.issuer("root")
authority.issuer("stranger")


def key_digest(name):
    """SHA-256 of the public key of a certificate: what TLSA 3 1 1 holds."""
    written = subprocess.run(["openssl", "x509", "-in", authority.path(name), "-noout", "-pubkey"], capture_output=True, check=True)
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(written.stdout.decode().replace("PUBLIC KEY", "CERTIFICATE"))).digest()


class Host:
    """A mail host of the domain NAME.ZONE: its name is mx.NAME.ZONE, or what `mx` says."""
    count = 30

    def __init__(self, name, origin, tlsa=None, mx=None):
        Host.count += 1
        self.address, self.domain, self.tlsa = f"127.0.0.{Host.count}", f"{name}.{origin}", tlsa
        self.name = f"{mx or 'mx.' + name}.{origin}"

    def rows(self):
        below = self.name.rsplit(".", 2)[0]
        rows = [(self.domain.rsplit(".", 2)[0], zone.MX, zone.mail_host(10, self.name)), (below, zone.A, zone.address(self.address))]
        return rows + ([(f"_{port}._tcp.{below}", zone.TLSA, self.tlsa)] if self.tlsa else [])


authority.leaf("own", "stranger", ["mail.unrelated.example"])  # nobody trusts it: only its TLSA record speaks for it
OWN = bytes([3, 1, 1]) + key_digest("own")
ISSUER = bytes([2, 1, 1]) + key_digest("stranger")
safe = {name: Host(name, SAFE, tlsa, mx) for name, tlsa, mx in (
    ("right", OWN, None), ("wrong", bytes([3, 1, 1]) + bytes(32), None), ("bogus", OWN, "forged"), ("clear", OWN, None),
    ("useless", bytes([1, 1, 1]) + bytes(32), None), ("uselessclear", bytes([1, 1, 1]) + bytes(32), None), ("none", None, None),
    ("failing", OWN, "failing"), ("below", ISSUER, None), ("belowother", ISSUER, None))}
unsigned = {name: Host(name, OPEN, tlsa) for name, tlsa in (
    ("wrong", bytes([3, 1, 1]) + bytes(32)), ("good", None), ("other", None), ("late", None), ("unnamed", None), ("clear", None),
    ("testing", None), ("missing", None), ("broken", None), ("stranger", None), ("nothing", None), ("kind", None), ("moved", None))}
unsigned["newer"] = Host("newer", OPEN)
told = {name: Host(name, SAFE if name == "toldwrong" else OPEN, bytes([3, 1, 1]) + bytes(32) if name == "toldwrong" else None)
        for name in ("toldgood", "toldwrong", "toldlate", "toldtesting", "toldclear", "toldmissing", "toldkept", "toldsigned")}
both = Host("both", SAFE, OWN)  # DANE is content, MTA-STS would not be

policies = {}  # domain: what its server says: text, or (status, type, text)
for name, mode, hosts in (("good", "enforce", None), ("other", "enforce", None), ("late", "enforce", None), ("unnamed", "enforce", "mx.elsewhere.example"),
                          ("clear", "enforce", None), ("testing", "testing", "mx.elsewhere.example"), ("stranger", "enforce", None), ("newer", "none", None)):
    policies[f"{name}.{OPEN}"] = f"version: STSv1\nmode: {mode}\nmx: {hosts or unsigned[name].name}\nmax_age: 86400\n"
for name, mode in (("toldgood", "enforce"), ("toldlate", "enforce"), ("toldtesting", "testing")):
    policies[f"{name}.{OPEN}"] = f"version: STSv1\r\nmode: {mode}\r\nmx: {told[name].name}\r\nmax_age: 86400\r\n"
policies[f"toldmissing.{OPEN}"] = (404, "text/plain", "nothing is here")
policies[both.domain] = f"version: STSv1\nmode: enforce\nmx: {both.name}\nmax_age: 86400\n"
policies[f"missing.{OPEN}"] = (404, "text/plain", "nothing is here")
policies[f"broken.{OPEN}"] = "version: STSv1\nmode: whatever\n"
policies[f"kind.{OPEN}"] = (200, "text/html", f"version: STSv1\nmode: enforce\nmx: mx.elsewhere.example\nmax_age: 86400\n")
policies[f"moved.{OPEN}"] = (302, "text/plain", f"version: STSv1\nmode: enforce\nmx: mx.elsewhere.example\nmax_age: 86400\n")
ids = {domain: "1" for domain in policies}


def policy_rows(domain):
    below = domain.rsplit(".", 2)[0]
    return [(f"_mta-sts.{below}", zone.TXT, zone.text(f"v=STSv1; id={ids[domain]};")), (f"mta-sts.{below}", zone.A, zone.address(POLICIES))]


def rows_of(origin, hosts):
    rows = [("ns", zone.A, zone.address("127.0.0.1")), ("tell", zone.A, zone.address(POLICIES))]
    for host in hosts:
        rows += host.rows() + (policy_rows(host.domain) if host.domain in policies else [])
    for host in hosts:
        if host in told.values():
            below = host.domain.rsplit(".", 2)[0]
            to = f"mailto:reports@{host.domain}" if host is told["toldsigned"] else f"https://tell.{OPEN}/x?y,https://tell.{OPEN}:25/z,mailto:b%6Fb@{DOMAIN}?subject=x"
            rows.append((f"_smtp._tls.{below}", zone.TXT, zone.text(f"v=TLSRPTv1; rua={to}")))
    return rows


names = zone.Server()
alias = [("alias", zone.MX, zone.mail_host(10, f"also.{SAFE}")), ("also", zone.CNAME, zone.name_bytes(safe["right"].name)),
         ("self", zone.MX, zone.mail_host(10, f"here.{SAFE}")), ("here", zone.A, zone.address("127.0.0.1"))]
signed = zone.Zone(SAFE, rows_of(SAFE, [*safe.values(), both, told["toldwrong"]]) + alias, True)
names.zones[:0] = [signed, zone.Zone(OPEN, rows_of(OPEN, [*unsigned.values(), *(host for host in told.values() if host.domain.endswith(OPEN))]), False)]
with open(server.folder + "/anchor", "w", encoding="ascii") as file:
    file.write(signed.anchor() + "\n")
server.options += ["--name-server", f"127.0.0.1:{names.port}", "--dns-anchor", server.folder + "/anchor", "--trust", authority.path("root"),
                   "--policy-port", str(policy_port)]


class PolicyHandler(http.server.BaseHTTPRequestHandler):
    asked, posted, full = [], [], False

    def do_GET(self):
        domain = self.headers["Host"].split(":")[0].removeprefix("mta-sts.")
        PolicyHandler.asked.append(domain)
        said = policies[domain] if self.path == "/.well-known/mta-sts.txt" else (404, "text/plain", "")
        status, kind, text = said if isinstance(said, tuple) else (200, "text/plain; charset=utf-8", said)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Location", f"https://mta-sts.good.{OPEN}:{policy_port}/.well-known/mta-sts.txt")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def do_POST(self):
        content = self.rfile.read(int(self.headers["Content-Length"]))
        PolicyHandler.posted.append((self.headers["Host"].split(":")[0], self.path, self.headers["Content-Type"], content))
        self.send_response(500 if PolicyHandler.full else 202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def serve_policies():
    """One certificate for all domains but "stranger", which shows one that nobody trusts."""
    authority.leaf("policies", "root", [f"tell.{OPEN}"] + [f"mta-sts.{domain}" for domain in policies if not domain.startswith("stranger.")])
    listener = http.server.ThreadingHTTPServer((POLICIES, policy_port), PolicyHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.path("policies"), authority.path("policies", "key"))
    listener.socket = context.wrap_socket(listener.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=listener.serve_forever, daemon=True).start()


serve_policies()


def certificate(name):
    chain = authority.path(name, "chain")
    return chain if os.path.exists(chain) else authority.path(name), authority.path(name, "key")


def submit(domain):
    with Client(server.port(587)) as client:
        client.ehlo()
        client.starttls()
        client.ehlo()
        client.log_in("bob")
        client.expect(f"MAIL FROM:<bob@{DOMAIN}>", 250)
        client.expect(f"RCPT TO:<carol@{domain}>", 250)
        equal(client.data(f"From: <bob@{DOMAIN}>\r\nSubject: to {domain}\r\n\r\nbody\r\n".encode()).code, 250, "end of data")


@contextlib.contextmanager
def connector(*more, to_port=None):
    words = ["-Name", "Out", "-AddressSpaces", "*", "-Port", str(to_port or port), *more]
    server.postern("New-SendConnector", *words)
    try:
        yield
    finally:
        server.postern("Remove-Message", "-Filter", "Subject -like 'to *'", "-WithNDR", "$false", "-Confirm:$false")
        server.postern("Remove-SendConnector", "*", "-Confirm:$false")


def arrives(host, shown, *more, domain=None):
    """Mail for the host's domain reaches it, inside TLS if it has a certificate."""
    with Sink(certificate=shown and certificate(shown), address=host.address, port=port) as sink, connector(*more):
        submit(domain or host.domain)
        until(lambda: sink.messages, lambda: f"nothing came: {server.get('Get-Message')}")
        equal(sink.tls_used, shown is not None, "TLS")


def waits(host, shown, *reasons, more=(), sessions=None):
    """It does not reach it, for this reason, and nothing of it goes out."""
    def found():
        for message in server.get("Get-Message"):
            if message["LastError"]:
                return message["LastError"]
        return None
    with Sink(certificate=shown and certificate(shown), address=host.address, port=port) as sink, connector(*more):
        submit(host.domain)
        why = until(found, lambda: f"no reason: {server.get('Get-Message')}")
        for reason in reasons:
            check(reason in why, f"{reason!r} is not in {why}")
        equal((sink.messages, [one for one in sink.commands if one.startswith(("MAIL", "RCPT"))]), ([], []), "what went out")
        if sessions is not None:
            equal(sink.sessions, sessions, "sessions")


@test
def users(_):
    server.add_user("bob")
    server.postern("Add-ADPermission", "Client Frontend MX", "-User", "bob", "-ExtendedRights", "ms-Exch-SMTP-Accept-Any-Recipient")


@test
def a_tlsa_record_that_fits(_):
    arrives(safe["right"], "own")
    arrives(safe["right"], "own", domain=f"alias.{SAFE}")


@test
def a_tlsa_record_that_does_not_fit(_):
    waits(safe["wrong"], "own", "454 4.7.5", "the TLSA records", "demanded by DANE, RFC 7672", "no TLSA record fits")


@test
def a_tlsa_record_demands_tls(_):
    waits(safe["clear"], None, "451 5.7.3 STARTTLS is required to send mail")
    waits(safe["uselessclear"], None, "451 5.7.3 STARTTLS is required to send mail")


@test
def a_tlsa_record_that_is_forged(_):
    waits(safe["bogus"], "own", "451 4.7.5 the TLSA records of forged.safe.example are not what the domain has signed", sessions=0)


@test
def tlsa_records_that_cannot_be_had(_):
    waits(safe["failing"], "own", "451 4.4.3 the TLSA records of failing.safe.example cannot be looked up", sessions=0)


@test
def a_tlsa_record_of_an_authority_demands_the_name_too(_):
    authority.leaf("below", "stranger", [safe["below"].name], chain=["stranger"])
    arrives(safe["below"], "below")
    waits(safe["belowother"], "below", "454 4.7.5", "demanded by DANE, RFC 7672", "the certificate is for another name")


@test
def tlsa_records_of_no_use_demand_tls_of_anybody(_):
    arrives(safe["useless"], "own")


@test
def tlsa_records_that_nobody_has_signed_say_nothing(_):
    arrives(unsigned["wrong"], "own")


@test
def without_records_tls_is_taken_as_it_is_offered(_):
    arrives(safe["none"], "own")
    arrives(safe["none"], None)


@test
def a_connector_may_demand_more_than_dane(_):
    waits(safe["right"], "own", "454 4.7.5", "demanded by TlsAuthLevel", more=("-RequireTLS", "$true", "-TlsAuthLevel", "CertificateValidation"))


@test
def a_connector_without_tls_asks_nobody(_):
    arrives(safe["clear"], None, "-IgnoreSTARTTLS", "$true")


@test
def a_policy_that_is_kept_to(_):
    host = unsigned["good"]
    authority.leaf("good", "root", [host.name])
    arrives(host, "good")
    check(host.domain in PolicyHandler.asked, "nobody has asked for the policy")
    for _ in range(3):
        arrives(host, "good")
    equal(PolicyHandler.asked.count(host.domain), 1, "how often it was fetched")


@test
def a_policy_demands_the_host_s_own_valid_certificate(_):
    authority.leaf("other", "root", ["mx.elsewhere.example"])
    waits(unsigned["other"], "other", "454 4.7.5", "of another name", "demanded by MTA-STS, RFC 8461")
    authority.leaf("late", "root", [unsigned["late"].name], days=-1)
    waits(unsigned["late"], "late", "454 4.7.5", "does not hold", "Expired", "demanded by MTA-STS")
    waits(unsigned["clear"], None, "451 5.7.3 STARTTLS is required to send mail")


@test
def a_look_at_a_host_says_who_demands(_):
    def look(host, shown):
        with Sink(certificate=certificate(shown), address=host.address, port=port), connector():
            done = server.postern("Test-SendConnector", host.domain, "-o", "json", good=False)
            row = json.loads(done.stdout)[0]
            return row["Result"], row["DemandedBy"], row["CertificateJudgedFor"], row["CertificateFindings"]
    right, wrong, good, none = safe["right"], safe["wrong"], unsigned["good"], safe["none"]
    equal(look(right, "own"), ("Ready", "DANE of the host", right.name, "OK"), "records that fit")
    equal(look(wrong, "own")[:3], ("Failed", "DANE of the host", wrong.name), "records that do not")
    check("no TLSA record fits" in look(wrong, "own")[3], look(wrong, "own"))
    equal(look(good, "good"), ("Ready", "MTA-STS of the domain", good.name, "OK"), "a policy")
    equal(look(good, "own")[:3], ("Failed", "MTA-STS of the domain", good.name), "another certificate")
    equal(look(none, "own")[:2], ("Ready", "nobody: it is the default"), "nobody")


@test
def a_policy_names_the_hosts(_):
    waits(unsigned["unnamed"], "good", "454 4.7.5 the domain's policy does not name the host mx.unnamed.open.example", sessions=0)


@test
def a_policy_that_only_tests_refuses_nothing(_):
    arrives(unsigned["testing"], "own")
    arrives(unsigned["newer"], None)


@test
def a_policy_that_cannot_be_fetched_is_none(_):
    arrives(unsigned["missing"], "own")
    arrives(unsigned["broken"], "own")
    arrives(unsigned["stranger"], "own")
    arrives(unsigned["kind"], "own")
    arrives(unsigned["moved"], "own")
    check(f"stranger.{OPEN}" not in PolicyHandler.asked, "a server that nobody trusts was asked")
    log = server.log()
    for domain, why in (("missing", "the status of the answer is not 200"), ("broken", "mode"), ("stranger", "does not hold"), ("kind", "text/plain"),
                        ("moved", "the status of the answer is not 200")):
        check(any(f"policy of {domain}.{OPEN} cannot be fetched" in line and why in line for line in log.splitlines()), f"{domain} is not in the log: {server.log_tail()}")


@test
def a_policy_outlives_its_record(_):
    """What was fetched counts on, when the record is not answered any more (RFC 8461 5.1), and in the next process, too."""
    host = unsigned["good"]
    policies[host.domain] = (404, "text/plain", "")
    waits(host, "other", "454 4.7.5", "demanded by MTA-STS")
    del names.zones[1].sets[f"_mta-sts.{host.domain}", zone.TXT]
    server.stop()
    server.start()
    waits(host, "other", "454 4.7.5", "demanded by MTA-STS")
    equal(PolicyHandler.asked.count(host.domain), 1, "how often it was fetched")


@test
def a_new_id_means_a_new_policy(_):
    host = unsigned["good"]
    policies[host.domain] = "version: STSv1\nmode: none\nmax_age: 86400\n"
    names.zones[1].sets[f"_mta-sts.{host.domain}", zone.TXT] = [zone.text("v=STSv1; id=2;")]
    server.stop()  # the name server's answer is kept for a while
    server.start()
    arrives(host, "other")
    equal(PolicyHandler.asked.count(host.domain), 2, "how often it was fetched")


@test
def dane_comes_before_a_policy(_):
    arrives(both, "own")


@test
def a_name_that_leads_to_ourselves(_):
    with connector(to_port=server.port(25)):
        submit(f"self.{SAFE}")
        found = server.find(f"Subject: Undeliverable: to self.{SAFE}".encode())
        check(b"550 5.3.5" in found and b"this server itself is the preferred mail host" in found, f"{found!r:.900}")


def reports(domain):
    """The policies of all reports about the domain."""
    found = []
    for content in server.messages().values():
        message = email.message_from_bytes(content)
        if message["TLS-Report-Domain"] != domain:
            continue
        equal(message.get_content_type(), "multipart/report", "type")
        equal((message.get_param("report-type"), message["TLS-Report-Submitter"]), ("tlsrpt", HOST), "report")
        words, attached = message.get_payload()
        check(domain in words.get_payload(), words)
        equal(attached.get_content_type(), "application/tlsrpt+json", "part")
        check(attached.get_filename().startswith(f"{HOST}!{domain}!") and attached.get_filename().endswith(".json"), attached.get_filename())
        report = json.loads(attached.get_payload(decode=True))
        equal(report["organization-name"], HOST, "organization")
        check(report["date-range"]["start-datetime"] < report["date-range"]["end-datetime"], report)
        found += report["policies"]
    return found


def reported(host, kind, failures, good=0):
    """The domain is told of so many good connections, and of these failures, in one report or several."""
    def complete():
        rows = [row for row in reports(host.domain) if row["policy"]["policy-type"] == kind]
        seen = sorted(detail["result-type"] for row in rows for detail in row.get("failure-details", ()) for _ in range(detail["failed-session-count"]))
        counts = [sum(row["summary"][f"total-{what}-session-count"] for row in rows) for what in ("successful", "failure")]
        return rows if (seen, counts) == (sorted(failures), [good, len(failures)]) else None
    return until(complete, lambda: f"{host.domain}: {reports(host.domain)}")


@test
def a_domain_is_told_of_success(_):
    host = told["toldgood"]
    authority.leaf("toldgood", "root", [host.name])
    arrives(host, "toldgood")
    row = reported(host, "sts", [], good=1)[0]
    equal(row["policy"]["policy-string"], ["version: STSv1", "mode: enforce", f"mx: {host.name}", "max_age: 86400"], "policy")
    equal((row["policy"]["policy-domain"], row["policy"]["mx-host"]), (host.domain, [host.name]), "whose")
    check("failure-details" not in row, row)


@test
def a_domain_is_told_of_failures(_):
    host = told["toldlate"]
    authority.leaf("toldlate", "root", [host.name], days=-1)
    waits(host, "toldlate", "Expired")
    detail = reported(host, "sts", ["certificate-expired"])[0]["failure-details"][0]
    equal((detail["receiving-mx-hostname"], detail["receiving-ip"]), (host.name, host.address), "where")
    waits(told["toldwrong"], "own", "no TLSA record fits")
    row = reported(told["toldwrong"], "tlsa", ["validation-failure"])[0]
    equal(row["policy"]["policy-string"], ["3 1 1 " + "00" * 32], "policy")


@test
def a_domain_is_told_of_what_was_delivered_all_the_same(_):
    arrives(told["toldtesting"], "own")
    reported(told["toldtesting"], "sts", ["certificate-not-trusted"])
    arrives(told["toldclear"], None)
    reported(told["toldclear"], "no-policy-found", ["starttls-not-supported"])
    arrives(told["toldmissing"], "own")
    reported(told["toldmissing"], "sts", ["sts-policy-fetch-error"])
    reported(told["toldmissing"], "no-policy-found", [], good=1)
    check(not reports(safe["right"].domain), "somebody is told who did not ask for it")


@test
def a_web_server_is_told(_):
    """At its own port alone: what a domain names must not lead to other services."""
    host = told["toldlate"]
    about = [json.loads(gzip.decompress(content)) for *_, content in PolicyHandler.posted]
    equal({row[:3] for row in PolicyHandler.posted}, {(f"tell.{OPEN}", "/x?y", "application/tlsrpt+gzip")}, "what was posted")
    rows = [row for report in about for row in report["policies"] if row["policy"]["policy-domain"] == host.domain]
    equal([detail["result-type"] for row in rows for detail in row.get("failure-details", ())], ["certificate-expired"], "what it says")
    PolicyHandler.full = True
    arrives(told["toldmissing"], "own")
    until(lambda: f"a report of TLS cannot be posted to https://tell.{OPEN}" in server.log(), lambda: f"no event: {server.log_tail()}")
    PolicyHandler.full = False


@test
def what_was_counted_outlives_the_hub(_):
    host, kept = told["toldkept"], server.data + "/logs/tls-reports.json"
    server.stop()
    server.start(environment={"POSTERN_TLS_REPORT_SECONDS": "3600"})
    arrives(host, "own")
    until(lambda: os.path.exists(kept) and host.domain in open(kept, encoding="utf-8").read(), "it is not kept")
    server.deaths_expected += 1
    (hub,) = server.pids("hub")
    os.kill(hub, signal.SIGKILL)
    until(lambda: server.pids("hub") not in ([], [hub]), "there is no other hub")
    arrives(host, "own")
    time.sleep(2)  # the courier tells the hub when the connection has ended
    server.stop()
    server.start()
    reported(host, "no-policy-found", [], good=2)


@test
def a_report_is_signed_and_asks_for_no_tls(_):
    host = told["toldsigned"]
    server.postern("New-DkimSigningConfig", "-DomainName", DOMAIN)
    server.postern("Set-DkimSigningConfig", DOMAIN, "-Enabled", "$true")
    with Sink(certificate=certificate("own"), address=host.address, port=port) as sink, connector():
        submit(host.domain)
        is_report = lambda message: f"reports@{host.domain}" in message[1][0]
        found = until(lambda: [message[2] for message in sink.messages if is_report(message)], lambda: f"no report: {sink.messages}")[0]
    report = email.message_from_bytes(found)
    check(f"d={DOMAIN};" in (report["DKIM-Signature"] or ""), f"{found!r:.900}")
    equal(report["TLS-Required"], "No", "TLS-Required")


run(400, server)
