# SPDX-License-Identifier: Apache-2.0
"""OCSP: responses imported, stapled, replaced, refused; what is revoked is presented no longer, and what grows old is said."""
import csv
import glob
import hashlib
import os
import re
import subprocess
import time

from harness import BUILD, HOST, Server, check, equal, run, test

server = Server()
server.options = ["--trust", os.path.join(server.folder, "root.pem")]
ROLES = ("edge", "signer", "checker", "hub", "courier")
EC = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
RSA = ("rsa:2048",)
ONLY_RSA = ("-sigalgs", "rsa_pss_rsae_sha256:RSA+SHA256")
LEAF = "extendedKeyUsage=serverAuth\nkeyUsage=digitalSignature\nbasicConstraints=CA:FALSE\n"
DEMANDS = "tlsfeature=status_request\n"


# --- an authority that answers ---

def path(name):
    return os.path.join(server.folder, name)


def openssl(*words, input=None):
    done = subprocess.run(["openssl", *words], input=input, capture_output=True, cwd=server.folder, timeout=60)
    equal(done.returncode, 0, f"openssl {words[0]}: {done.stderr.decode()[-300:]}")
    return done.stdout


def write(name, text):
    with open(path(name), "w") as file:
        file.write(text)


def read(name):
    with open(path(name), "rb") as file:
        return file.read()


def make_authority():
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "root.key", "-out", "root.pem", "-days", "900",
            "-subj", "/C=US/O=Example Trust/CN=Example root")
    write("ca.conf", "[ca]\ndefault_ca=one\n[one]\nnew_certs_dir=.\ndatabase=index\nrand_serial=yes\ndefault_md=sha256\n"
          "default_days=90\ndefault_crl_days=9\nprivate_key=root.key\ncertificate=root.pem\npolicy=any\nunique_subject=no\n"
          "[any]\ncommonName=supplied\n")
    write("index", "")
    write("empty", "")


def issue(name, key=EC, extensions=LEAF + f"subjectAltName=DNS:{HOST}\n"):
    """NAME.pem, and with its key and its issuer NAME.all; returns its thumbprint."""
    write(name + ".ext", extensions)
    openssl("req", "-newkey", *key, "-nodes", "-keyout", name + ".key", "-out", name + ".csr", "-subj", f"/CN={HOST}")
    openssl("ca", "-batch", "-notext", "-config", "ca.conf", "-in", name + ".csr", "-out", name + ".pem", "-extfile", name + ".ext")
    with open(path(name + ".all"), "wb") as file:
        file.write(read(name + ".pem") + read(name + ".key") + read("root.pem"))
    return hashlib.sha1(openssl("x509", "-in", name + ".pem", "-outform", "DER")).hexdigest().upper()


def answer(name, out=None, *words, signer="root", index="index", ends=("-ndays", "7")):
    """OUT.ocsp: what the authority says of NAME.pem now."""
    out = out or name
    openssl("ocsp", "-index", index, "-CA", "root.pem", "-rsigner", signer + ".pem", "-rkey", signer + ".key",
            "-issuer", "root.pem", "-cert", name + ".pem", "-respout", out + ".ocsp", "-noverify", *ends, *words)
    return path(out + ".ocsp")


# --- the server ---

def bring(file, *words, good=True):
    return server.postern("Import-ExchangeCertificate", "-FileName", path(file), *words, good=good)


def install(name, *words, **more):
    digits = issue(name, **more)
    bring(name + ".all", *words)
    server.postern("Enable-ExchangeCertificate", digits, "-Services", "SMTP", "-Confirm:$false")
    return digits


def remove(digits):
    server.postern("Remove-ExchangeCertificate", digits, "-Confirm:$false", "-Force")


def shown(digits):
    return server.get("Get-ExchangeCertificate", digits)[0]


def handshake(*words):
    """What s_client says of the staple and of the certificate."""
    done = subprocess.run(["openssl", "s_client", "-starttls", "smtp", "-connect", f"127.0.0.1:{server.port(587)}", "-status",
                           "-CAfile", "root.pem", *words], input=b"QUIT\r\n", capture_output=True, cwd=server.folder, timeout=30)
    text = done.stdout.decode()
    pem = re.search(r"Server certificate\n(-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----)", text, re.S)
    check(pem, f"no certificate: {text[-300:]} {done.stderr.decode()[-300:]}")
    der = openssl("x509", "-outform", "DER", input=pem.group(1).encode())
    return text, hashlib.sha1(der).hexdigest().upper()


def field(text, name):
    found = re.search(rf"{name}: *(.*)", text)
    return found and found.group(1).strip()


def expect_staple(digits, name, *words):
    """In both versions: this certificate with a good response about it; returns its This Update."""
    serial = openssl("x509", "-in", name + ".pem", "-noout", "-serial").decode().strip().partition("=")[2]
    for version in ("-tls1_2", "-tls1_3"):
        text, seen = handshake(version, *words)
        equal(seen, digits, f"certificate with {version}")
        check("OCSP Response Status: successful (0x0)" in text, f"{version}: {text[:400]}")
        equal(field(text, "Cert Status"), "good", version)
        equal(field(text, "Serial Number"), serial, f"{version}: whom it speaks of")
    return field(text, "This Update")


def expect_none(digits, *words):
    for version in ("-tls1_2", "-tls1_3"):
        text, seen = handshake(version, *words)
        equal(seen, digits, f"certificate with {version}")
        check("OCSP response: no response sent" in text, f"{version}: {text[:400]}")


def fails(done, code, *says):
    equal(done.returncode, code, f"exit code; it says {done.stderr[:400]}")
    for word in says:
        check(word in done.stderr, f"{word!r} is not in {done.stderr[:600]}")


def events(number=None, words=""):
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


# --- the tests ---

@test
def without_a_response_nothing_is_stapled(_):
    server.ec = install("ec")
    expect_none(server.ec)
    one = shown(server.ec)
    equal((one["OcspStatus"], one["OcspThisUpdate"], one["OcspNextUpdate"], one["MustStaple"]), ("None", None, None, False), "shown")


@test
def a_response_is_stapled_at_once(_):
    before = {role: sorted(server.pids(role)) for role in ROLES}
    answer("ec", "ec-first")
    done = bring("ec-first.ocsp")
    check("stapled to new sessions until" in done.stderr + done.stdout, done.stderr)
    server.first_update = expect_staple(server.ec, "ec")
    one = shown(server.ec)
    equal((one["OcspStatus"], one["Status"]), ("Good", shown(server.ec)["Status"]), "shown")
    check(one["OcspThisUpdate"] and one["OcspNextUpdate"] > one["OcspThisUpdate"], one)
    fails(bring("ec-first.ocsp", good=False), 4, "the OCSP response is here already")
    equal({role: sorted(server.pids(role)) for role in before}, before, "processes")


@test
def a_newer_one_replaces_it_and_an_older_one_does_not(_):
    before = {role: sorted(server.pids(role)) for role in ROLES}
    time.sleep(1.1)
    answer("ec", "ec-second")
    bring("ec-second.ocsp")
    second = expect_staple(server.ec, "ec")
    check(second != server.first_update, f"This Update is {second} still")
    fails(bring("ec-first.ocsp", good=False), 4, "older than the one that is here")
    equal(expect_staple(server.ec, "ec"), second, "after the older one")
    equal({role: sorted(server.pids(role)) for role in before}, before, "processes")


@test
def each_kind_of_key_has_its_own(_):
    server.rsa = install("rsa", key=RSA)
    answer("rsa")
    bring("rsa.ocsp")
    by_hello = server.get("Get-ReceiveConnector", server.connector(587))[0]["PresentsThumbprint"]
    equal(by_hello, server.rsa, "the newest is the usual one")
    expect_staple(server.rsa, "rsa")
    ecdsa = ("-sigalgs", "ECDSA+SHA256")
    expect_staple(server.ec, "ec", *ecdsa)
    expect_staple(server.rsa, "rsa", *ONLY_RSA)


@test
def only_those_who_may_are_believed(_):
    issue("responder", extensions="extendedKeyUsage=OCSPSigning\nkeyUsage=digitalSignature\nbasicConstraints=CA:FALSE\n")
    issue("other")
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "false.key", "-out", "false.pem", "-days", "900",
            "-subj", "/C=US/O=Example Trust/CN=Example root")
    time.sleep(1.1)
    answer("rsa", "by-other", signer="other")
    fails(bring("by-other.ocsp", good=False), 2, "may not answer for this issuer")
    answer("rsa", "by-false", signer="false")
    fails(bring("by-false.ocsp", good=False), 2, "its signature is wrong")
    answer("other")
    serial = openssl("x509", "-in", "other.pem", "-noout", "-serial").decode().strip().partition("=")[2]
    fails(bring("other.ocsp", good=False), 3, serial, "CN=Example root", "not here")
    whole = read("rsa.ocsp")
    with open(path("cut.ocsp"), "wb") as file:
        file.write(whole[:-20])
    fails(bring("cut.ocsp", good=False), 2, "cannot be read")
    with open(path("later.ocsp"), "wb") as file:
        file.write(b"0\x03\x0a\x01\x03")
    fails(bring("later.ocsp", good=False), 2, "tryLater")
    fails(server.postern("explain", server.connector(587), "--with-file", path("rsa.ocsp"), good=False), 2, "OCSP response and no certificate")
    answer("rsa", "delegated", signer="responder")
    bring("delegated.ocsp")
    expect_staple(server.rsa, "rsa")


@test
def a_response_may_be_text(_):
    time.sleep(1.1)
    answer("rsa", "text")
    body = openssl("base64", "-in", "text.ocsp").decode()
    write("text.pem", f"-----BEGIN OCSP RESPONSE-----\n{body}-----END OCSP RESPONSE-----\n")
    before = shown(server.rsa)["OcspThisUpdate"]
    bring("text.pem")
    check(shown(server.rsa)["OcspThisUpdate"] > before, "it is not the newer one")
    expect_staple(server.rsa, "rsa")


@test
def what_ends_is_stapled_no_longer(_):
    """A minute of life: said in its second half, and at its end; the import allows for clocks that differ."""
    server.brief = install("brief")
    answer("brief", ends=("-nmin", "1"))
    bring("brief.ocsp")
    server.brief_ends = time.monotonic() + 60
    server.postern("Set-ReceiveConnector", server.connector(2465), "-TlsCertificateName", server.brief)
    expect_staple(server.brief, "brief")


@test
def a_certificate_may_demand_it(_):
    digits = issue("demanding", key=RSA, extensions=LEAF + DEMANDS + "subjectAltName=DNS:demands.example.test\n")
    done = bring("demanding.all")
    check("it demands a stapled OCSP response" in done.stderr, done.stderr)
    one = shown(digits)
    equal((one["MustStaple"], one["Health"]), (True, "StapleMissing"), "without one")
    equal(events("12111", digits), [], "events of what nobody presents")
    name = server.connector(2525)
    server.postern("Enable-ExchangeCertificate", digits, "-Services", "SMTP", "-Confirm:$false")
    server.postern("Set-ReceiveConnector", name, "-TlsCertificateName", digits)
    rows = until("12111", lambda: events("12111", digits))
    check(rows[0]["level"] == "Error" and "refuse" in rows[0]["text"] and name in rows[0]["text"], rows[0])
    equal(server.get("Get-ReceiveConnector", name)[0]["Health"], "StapleMissing", "of the connector")
    answer("demanding")
    bring("demanding.ocsp")
    equal((shown(digits)["Health"], server.get("Get-ReceiveConnector", name)[0]["Health"]), ("Good", "Good"), "with one")
    until("well again", lambda: events(words=f"resolved=12111 the OCSP response of \"CN={HOST}\" thumbprint={digits} is good"))
    server.postern("Set-ReceiveConnector", name, "-TlsCertificateName", "")
    remove(digits)


@test
def a_restart_keeps_it(_):
    equal(server.stop(), 0, "exit status")
    server.start()
    expect_staple(server.rsa, "rsa", *ONLY_RSA)


@test
def a_response_goes_out_and_comes_in_as_text(_):
    digits = install("text")
    answer("text")
    bring("text.ocsp")
    server.postern("export", "-o", path("all.ps1"))
    remove(digits)
    server.postern("apply", path("all.ps1"))
    equal(shown(digits)["OcspStatus"], "Good", "what the issuer says")
    server.postern("export", "-o", path("again.ps1"))
    equal(read("again.ps1"), read("all.ps1"), "the text")
    time.sleep(1)  # a response is as old as its second
    answer("text", "newer")
    bring("newer.ocsp")
    newer = shown(digits)["OcspThisUpdate"]
    check("nothing to change" in server.postern("apply", path("all.ps1")).stdout, "an older response is taken")
    equal(shown(digits)["OcspThisUpdate"], newer, "how old the response is")
    remove(digits)


@test
def hooks_bring_it_along(_):
    """HAProxy's convention: NAME.pem.ocsp beside NAME.pem."""
    digits = issue("hook", key=RSA)
    answer("hook", "hook.pem")
    server.postern("certificate", "deploy", path("hook.pem.ocsp"), path("hook.pem"), path("hook.key"), path("root.pem"))
    equal((shown(digits)["OcspStatus"], shown(digits)["Services"]), ("Good", "SMTP"), "deployed")
    expect_staple(digits, "hook", *ONLY_RSA)
    done = server.postern("certificate", "deploy", path("hook.pem.ocsp"))
    check("nothing to do" in done.stdout + done.stderr, done.stderr)
    fails(server.postern("certificate", "deploy", path("other.ocsp"), good=False), 3, "not here")
    os.mkdir(path("watched"))
    for one in ("hook.pem", "hook.key"):
        os.link(path(one), os.path.join(path("watched"), one))
    watcher = subprocess.Popen([os.path.join(BUILD, "postern"), "--data", server.data, "certificate", "watch", path("watched"),
                                "--every", "1"], env=server.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(1.1)
        before = shown(digits)["OcspThisUpdate"]
        os.link(answer("hook", "newer"), os.path.join(path("watched"), "hook.pem.ocsp"))
        until("the watched response", lambda: shown(digits)["OcspThisUpdate"] > before)
    finally:
        watcher.terminate()
        watcher.wait(10)
    server.hook = digits


@test
def revoked_is_presented_no_longer(_):
    openssl("ca", "-config", "ca.conf", "-revoke", "hook.pem", "-crl_reason", "keyCompromise")
    equal(handshake(*ONLY_RSA)[1], server.hook, "before")
    time.sleep(1.1)
    answer("hook", "bad-news")
    done = bring("bad-news.ocsp")
    check("has revoked the certificate" in done.stderr and "keyCompromise" in done.stderr, done.stderr)
    one = shown(server.hook)
    equal((one["Status"], one["Health"], one["OcspStatus"], one["RevocationReason"], one["UsedBy"]),
          ("Revoked", "Revoked", "Revoked", "keyCompromise", []), "shown")
    check(one["RevocationTime"], one)
    expect_staple(server.rsa, "rsa", *ONLY_RSA)
    told = server.get("Test-ReceiveConnectorCertificate", server.connector(587))[0]
    rows = [row for row in told["Rejected"] if row["Thumbprint"] == server.hook]
    equal([row["Code"] for row in rows], ["REVOKED"], "explained")
    check(f"New-ExchangeCertificate -Thumbprint {server.hook} -GenerateRequest" in str(rows[0]), rows)
    check("REVOKED" in server.postern("explain", server.connector(587)).stdout, "in words")
    rows = until("12110", lambda: events("12110", server.hook))
    equal((len(rows), rows[0]["level"]), (1, "Error"), "events")
    check("keyCompromise" in rows[0]["text"], rows[0])
    fails(bring("newer.ocsp", good=False), 4, "older")
    equal(shown(server.hook)["Status"], "Revoked", "after an older one that says good")


@test
def its_end_comes(_):
    rows = until("its second half", lambda: events("12111", server.brief), 90)
    check("ends soon" in rows[0]["text"], rows[0]["text"])
    until("its end", lambda: events("12111", server.brief)[1:], 90)
    check(time.monotonic() > server.brief_ends - 2, "too early")
    expect_none(server.brief, "-sigalgs", "ECDSA+SHA256")
    equal(shown(server.brief)["Status"], shown(server.rsa)["Status"], "it is as good as before")
    answer("brief", "renewed")
    bring("renewed.ocsp")
    expect_staple(server.brief, "brief", "-sigalgs", "ECDSA+SHA256")
    until("well again", lambda: events(words="resolved=12111 the OCSP response of \"CN=" + HOST + f"\" thumbprint={server.brief} is good"))


make_authority()
run(300, server)
