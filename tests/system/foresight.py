# SPDX-License-Identifier: Apache-2.0
"""What will be wrong, before it is: events of certificates that end, and what a restart says of them."""
import csv
import glob
import hashlib
import json
import os
import re
import socket
import subprocess
import time

from harness import BUILD, HOST, Server, check, equal, run, test

server = Server()
DAY_S = 86400
PASSWORD = "pfx pass 7"


# --- certificates that end when we say ---

def path(name):
    return os.path.join(server.folder, name)


def openssl(*words, input=None):
    done = subprocess.run(["openssl", *words], input=input, capture_output=True, cwd=server.folder, timeout=60)
    equal(done.returncode, 0, f"openssl {words[0]}: {done.stderr.decode()[-300:]}")
    return done.stdout


def write(name, text):
    with open(path(name), "w") as file:
        file.write(text)


def make_authority():
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "root.key", "-out", "root.pem", "-days", "900",
            "-subj", "/C=US/O=Example Trust/CN=Example root")
    write("ca.conf", "[ca]\ndefault_ca=one\n[one]\nnew_certs_dir=.\ndatabase=index\nrand_serial=yes\ndefault_md=sha256\n"
          "private_key=root.key\ncertificate=root.pem\npolicy=any\nunique_subject=no\n[any]\ncommonName=supplied\n")
    write("index", "")


def utc(at_s):
    return time.strftime("%y%m%d%H%M%SZ", time.gmtime(at_s))


def make(name, ends_s, host=HOST, key=("rsa:2048",)):
    """NAME.pfx; its certificate is valid until that moment. Returns its thumbprint."""
    write(name + ".ext", f"subjectAltName=DNS:{host}\nextendedKeyUsage=serverAuth\nkeyUsage=digitalSignature\n"
          "basicConstraints=CA:FALSE\n")
    openssl("req", "-newkey", *key, "-nodes", "-keyout", name + ".key", "-out", name + ".csr", "-subj", f"/CN={host}")
    openssl("ca", "-batch", "-notext", "-config", "ca.conf", "-in", name + ".csr", "-out", name + ".pem",
            "-startdate", utc(time.time() - 60), "-enddate", utc(ends_s), "-extfile", name + ".ext")
    openssl("pkcs12", "-export", "-inkey", name + ".key", "-in", name + ".pem", "-certfile", "root.pem",
            "-out", name + ".pfx", "-passout", "pass:" + PASSWORD)
    return hashlib.sha1(openssl("x509", "-in", name + ".pem", "-outform", "DER")).hexdigest().upper()


def bring(name, *words, good=True):
    return server.postern("Import-ExchangeCertificate", "-FileName", path(name + ".pfx"), "-Password", "-", *words,
                          input=PASSWORD + "\n", good=good)


def enable(digits):
    server.postern("Enable-ExchangeCertificate", digits, "-Services", "SMTP", "-Confirm:$false")


def disable(digits):
    server.postern("Disable-ExchangeCertificate", digits, "-Services", "SMTP", "-Confirm:$false")


def install(name, ends_s, **more):
    digits = make(name, ends_s, **more)
    bring(name)
    enable(digits)
    return digits


# --- events ---

def events(number=None, words=""):
    """Rows of the log of events that have this number and hold these words, oldest first."""
    found = []
    for name in sorted(glob.glob(os.path.join(server.data, "logs", "EVENT*.log"))):
        with open(name, newline="", encoding="ascii") as file:
            lines = [line for line in file.read().split("\r\n") if line]
        fields = [line[9:].split(",") for line in lines if line.startswith("#Fields: ")][-1]
        rows = (dict(zip(fields, next(csv.reader([line])))) for line in lines if not line.startswith("#"))
        found += [row for row in rows if number in (None, row["event-id"]) and words in row["text"]]
    return found


def until(what, find, timeout_s=20):
    deadline = time.monotonic() + timeout_s
    while not (found := find()):
        check(time.monotonic() < deadline, f"{what}: not within {timeout_s} s")
        time.sleep(0.1)
    return found


def connector_of(port):
    return server.get("Get-ReceiveConnector", server.connector(port))[0]


# --- clients ---

def codes(*words):
    return {one["Name"]: one["Code"] for one in
            server.get("Test-ReceiveConnectorCertificate", server.connector(587), *words)[0]["Clients"]}


def test_as(kind, *words, good=True):
    return server.postern("test", "--connector", server.connector(587), "--user", "alice", "--password", "-", "--as", kind, *words,
                          input="correct horse 41\n", good=good)


@test
def every_kind_of_client_has_its_verdict(_):
    mine = dict.fromkeys(("thunderbird", "outlook", "ios", "exchange-hybrid"), "SELF_SIGNED")
    others = {"printer": "PROTOCOL_TOO_OLD", "exchange-online": "OK", "swaks": "OK"}
    equal(codes(), {**mine, **others}, "first start")
    server.first = connector_of(587)
    equal((server.first["Health"], server.first["DaysLeft"] > 30), ("Good", True), "health at the first start")
    server.house = install("house", time.time() + 90 * DAY_S)
    equal(connector_of(587)["PresentsThumbprint"], server.house, "presented")
    equal(codes(), {**dict.fromkeys(mine, "PRIVATE_ROOT"), **others}, "a root of the house")
    equal(codes("-At", "2060-01-01")["outlook"], "EXPIRED", "later")
    equal(codes("-ServerName", "smtp.example.test")["outlook"], "NAME_MISMATCH", "a root can be installed, a name cannot")
    mechanisms = server.get("Get-ReceiveConnector", server.connector(717))[0]["AuthMechanism"]
    server.postern("Set-ReceiveConnector", server.connector(717), "-AuthMechanism", "None")
    found = server.get("Test-ReceiveConnectorCertificate", server.connector(717))[0]["Clients"]
    equal([one["Code"] for one in found if one["Name"] in ("outlook", "exchange-online")], ["NO_TLS", "SENDS_IN_CLEAR"], "no TLS")
    server.postern("Set-ReceiveConnector", server.connector(717), "-AuthMechanism", mechanisms)
    shown = server.postern("explain", server.connector(587)).stdout
    check("PRIVATE_ROOT: thunderbird, outlook, ios, exchange-hybrid; PROTOCOL_TOO_OLD: printer; content: exchange-online, swaks" in shown, shown)


@test
def a_test_complains_like_a_client(_):
    server.add_user("alice")
    check("there is nothing it minds" in test_as("swaks").stdout, "swaks")
    done = test_as("thunderbird", good=False)
    equal(done.returncode, 1, "thunderbird")
    check("Thunderbird asks whether to make a security exception" in done.stdout and "(PRIVATE_ROOT)" in done.stdout, done.stdout)
    done = test_as("thunderbird", "--ca", path("root.pem"))
    check("Thunderbird: there is nothing it minds" in done.stdout and "TLS1.3" in done.stdout, done.stdout)
    done = test_as("pine", good=False)
    check(done.returncode == 2 and "--as takes thunderbird, outlook" in done.stderr, done.stderr)


@test
def a_test_speaks_the_tls_of_a_client(_):
    done = test_as("printer", good=False)
    check(done.returncode == 1 and "FAIL" in done.stdout and "TLS1.0" not in done.stdout, done.stdout)
    server.postern("Set-ReceiveConnector", server.connector(587), "-TlsMinimumVersion", "Tls10")
    done = test_as("printer")
    check("TLS1.0" in done.stdout and "there is nothing it minds" in done.stdout, done.stdout)
    server.postern("Set-ReceiveConnector", server.connector(587), "-TlsCertificateName", server.first["PresentsThumbprint"])
    done = test_as("printer", good=False)
    check("(KEY_NOT_UNDERSTOOD)" in done.stdout, done.stdout)
    equal(codes()["printer"], "KEY_NOT_UNDERSTOOD", "foretold")
    server.postern("Set-ReceiveConnector", server.connector(587), "-TlsMinimumVersion", "Tls12", "-TlsCertificateName", "$null")
    disable(server.house)


# --- what a file would change ---

def foretell(name, *words, good=True, password=PASSWORD):
    return server.postern("Test-ReceiveConnectorCertificate", *words, "-WithFile", path(name), "-Password", "-",
                          input=password + "\n", good=good)


@test
def a_file_is_judged_before_it_is_imported(_):
    digits = make("next", time.time() + 60 * DAY_S)
    before = (server.get("Get-ExchangeCertificate"), server.get("Get-TransportService")[0]["Revision"])
    one = json.loads(foretell("next.pfx", server.connector(587), "-o", "json").stdout)[0]
    equal((one["Presents"]["Thumbprint"], one["Hypothetical"]), (digits, True), "foretold")
    equal(one["PresentsNow"]["Thumbprint"], server.first["PresentsThumbprint"], "now")
    equal({client["Thumbprint"] for client in one["Clients"]}, {digits}, "to every client")
    equal((server.get("Get-ExchangeCertificate"), server.get("Get-TransportService")[0]["Revision"]), before, "nothing is stored")
    shown = server.postern("explain", server.connector(587), "--with-file", path("next.pfx"), "--password", "-",
                           input=PASSWORD + "\n").stdout
    check(f"Would show {digits[:8]}" in shown and f"Now shows  {server.first['PresentsThumbprint'][:8]}" in shown, shown)
    all_of_them = json.loads(foretell("next.pfx", "*", "-o", "json").stdout)
    equal({one["Presents"]["Thumbprint"] for one in all_of_them}, {digits}, "every connector")
    bring("next")
    enable(digits)
    equal(connector_of(587)["PresentsThumbprint"], digits, "what was foretold comes true")
    shown = foretell("next.pfx", server.connector(587)).stdout
    check("Now shows  the same" in shown, shown)
    disable(digits)


@test
def a_file_that_changes_nothing_or_cannot_be_read(_):
    make("elsewhere", time.time() + 60 * DAY_S, host="elsewhere.example.test")
    one = json.loads(foretell("elsewhere.pfx", server.connector(587), "-o", "json").stdout)[0]
    equal(one["Presents"]["Thumbprint"], server.first["PresentsThumbprint"], "another name")
    check("NAME_MISMATCH" in [row["Code"] for row in one["Rejected"] if row["Subject"] == "CN=elsewhere.example.test"], one["Rejected"])
    for name, secret, why in (("next.pfx", "wrong", "password"), ("root.pem", "", "nothing could present it"),
                              ("next.ext", "", "neither PKCS#12"), ("nowhere.pfx", "", "No such file")):
        done = foretell(name, server.connector(587), good=False, password=secret)
        check(done.returncode == 2 and why in done.stderr, f"{name}: {done.returncode} {done.stderr}")
    server.postern("Set-ReceiveConnector", server.connector(587), "-Comment", "changes go on")


@test
def the_answer_to_a_request_is_judged(_):
    pem = server.postern("New-ExchangeCertificate", "-GenerateRequest", "-SubjectName", f"CN={HOST}", "-DomainName", HOST).stdout
    write("asked.csr", pem)
    write("asked.ext", f"subjectAltName=DNS:{HOST}\nextendedKeyUsage=serverAuth\nkeyUsage=digitalSignature\n")
    openssl("x509", "-req", "-in", "asked.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "50",
            "-extfile", "asked.ext", "-out", "asked.pem")
    digits = hashlib.sha1(openssl("x509", "-in", "asked.pem", "-outform", "DER")).hexdigest().upper()
    one = json.loads(foretell("asked.pem", server.connector(587), "-o", "json", password="").stdout)[0]
    equal(one["Presents"]["Thumbprint"], digits, "foretold")
    pending = [one for one in server.get("Get-ExchangeCertificate") if one["Status"] == "PendingRequest"]
    equal(len(pending), 1, "the request is pending still")
    equal((pending[0]["DaysLeft"], pending[0]["Health"]), (None, "PendingRequest"), "health of a request")
    server.postern("Remove-ExchangeCertificate", pending[0]["Thumbprint"], "-Confirm:$false")


@test
def six_days_are_an_event(_):
    server.soon = make("soon", time.time() + 6 * DAY_S + 3600)
    bring("soon")
    equal(events("12018"), [], "events before it is presented")
    enable(server.soon)
    disable(server.first["PresentsThumbprint"])
    rows = until("12018", lambda: events("12018", server.soon))
    equal(len(rows), 1, "events for one certificate on every connector")
    equal((rows[0]["level"], rows[0]["source"]), ("Error", "hub"), "level and source")
    check("expires in 6 days (144 hours)" in rows[0]["text"] and "and 5 more present it" in rows[0]["text"], rows[0]["text"])
    one = connector_of(587)
    equal((one["DaysLeft"], one["Health"], one["PresentsThumbprint"]), (6, "ExpiresSoon", server.soon), "connector")
    one = server.get("Get-ExchangeCertificate", server.soon)[0]
    equal((one["DaysLeft"], one["Health"]), (6, "ExpiresSoon"), "certificate")
    explained = server.get("Test-ReceiveConnectorCertificate", server.connector(587))[0]["Presents"]
    equal((explained["DaysLeft"], explained["Health"]), (6, "ExpiresSoon"), "explained")
    command = f"New-ExchangeCertificate -Thumbprint {server.soon} -GenerateRequest"
    check(rows[0]["text"].endswith(command), f"the event says {rows[0]['text']}")
    check("-> " + command in server.postern("explain", server.connector(587)).stdout, "explain")
    check("BEGIN CERTIFICATE REQUEST" in server.postern("shell", "-c", command).stdout, "the command")


@test
def a_monitor_asks_with_an_exit_code(_):
    done = server.postern("Get-ExchangeCertificate", "-ExpiresWithin", "7d", "-o", "json", good=False)
    equal(done.returncode, 1, "exit code")
    equal([one["Thumbprint"] for one in json.loads(done.stdout)], [server.soon], "found")
    check("1 certificate expires within 7d" in done.stderr, done.stderr)
    equal(server.get("Get-ExchangeCertificate", "-ExpiresWithin", "2d"), [], "within 2 days")
    equal(server.get("Get-ExchangeCertificate", "-ExpiresWithin", "7d", "-DomainName", "other.example.test"), [], "of another host")
    for words, why in ((("-ExpiresWithin", "soon"), "30d"), ((server.soon, "-ExpiresWithin", "7d"), "all of them")):
        done = server.postern("Get-ExchangeCertificate", *words, good=False)
        check(done.returncode == 2 and why in done.stderr, f"{words}: {done.returncode} {done.stderr}")


@test
def a_restart_repeats_nothing(_):
    before = events("12018")
    equal(server.stop(), 0, "exit status")
    server.start()
    server.postern("Set-ReceiveConnector", server.connector(587), "-Comment", "a change that concerns no certificate")
    equal(server.stop(), 0, "exit status")  # what was said is in the files then
    equal(events("12018"), before, "events")
    server.start()


@test
def what_happened_in_between_is_said_at_the_start(_):
    """The look before the last boundary: as if the server had been down for two days."""
    equal(server.stop(), 0, "exit status")
    with open(os.path.join(server.data, "logs", "certificates.said"), "w") as file:
        file.write(time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() - 2 * DAY_S)))
    server.start()
    until("12018 once more", lambda: len(events("12018", server.soon)) == 2)


@test
def a_date_that_is_reached_is_an_event(_):
    """Nothing is changed: the clock goes over the boundary, then over the end."""
    disable(server.soon)
    until("it is presented no longer", lambda: events(words=f"{server.soon} was to expire soon"))
    ends_s = int(time.time()) + DAY_S + 12
    digits = install("day", ends_s, key=("ec", "-pkeyopt", "ec_paramgen_curve:P-256"))
    until("within 7 days", lambda: events("12018", digits))
    rows = until("within one day", lambda: events("12018", digits)[1:], 30)
    check("expires in 0 days (23 hours)" in rows[0]["text"] or "expires in 1 day (24 hours)" in rows[0]["text"], rows[0]["text"])
    disable(digits)
    digits = install("moment", time.time() + 6)
    rows = until("the end", lambda: len(found := events("12016", digits)) == 6 and found)
    check(rows[0]["text"].endswith(f"New-ExchangeCertificate -Thumbprint {digits} -GenerateRequest"), rows[0]["text"])
    equal(connector_of(587)["Health"], "Expired", "health")
    server.moment = digits


@test
def it_is_said_when_all_is_well_again(_):
    digits = install("good", time.time() + 90 * DAY_S)
    rows = until("well again", lambda: events(words=f"presents \"CN={HOST}\" thumbprint={digits}"))
    equal(len(rows), 6, "connectors")
    equal({(row["level"], row["text"].split()[0]) for row in rows}, {("Information", "resolved=12016")}, "level and words")
    one = connector_of(587)
    equal((one["DaysLeft"], one["Health"]), (89, "Good"), "health")


@test
def what_an_event_says_can_be_pasted(_):
    for name in ("Plain one", "a$HOME `id` b"):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server.postern("New-ReceiveConnector", "-Name", name, "-Bindings", f"127.0.0.1:{port}", "-RemoteIPRanges", "127.0.0.1",
                       "-Fqdn", "nobody.example.test", "-AuthMechanism", "Tls")
        row = until("the event", lambda: events("12014", name))[0]
        command = re.search("; (postern explain .*) shows why", row["text"]).group(1)
        environment = dict(server.environment(), PATH=BUILD + ":" + os.environ["PATH"], POSTERN_DATA=server.data)
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=30, env=environment)
        check(done.returncode == 0 and f"Connector  MX\\{name} " in done.stdout, f"{command}: {done.stdout} {done.stderr}")



make_authority()
server.options = ["--trust", path("root.pem")]
run(240, server)
