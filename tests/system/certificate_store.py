# SPDX-License-Identifier: Apache-2.0
"""The certificate store: status, requests, chains, export, renewal, and what each refusal says."""
import base64
import contextlib
import hashlib
import os
import pty
import re
import stat
import subprocess
import time

from harness import BUILD, Server, check, equal, presented, run, test

server = Server()
HOST = "mx.example.test"
PASSWORD = "pfx pass 7"
EXTENSIONS = {
    "ca": "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n",
    "server": "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth\nkeyUsage=digitalSignature\n",
}


# --- an authority of our own: root -> middle -> servers ---

def path(name):
    return os.path.join(server.folder, name)


def openssl(*words, input=None, good=True):
    done = subprocess.run(["openssl", *words], input=input, capture_output=True, cwd=server.folder, timeout=60)
    if good:
        equal(done.returncode, 0, f"openssl {words[0]}: {done.stderr.decode()[-300:]}")
    return done.stdout


def write(name, content):
    with open(path(name), "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())


def read(name):
    with open(path(name), "rb") as file:
        return file.read()


def make_request(name, subject, key=("rsa:2048",)):
    openssl("req", "-newkey", *key, "-nodes", "-keyout", name + ".key", "-out", name + ".csr", "-utf8", "-subj", subject)


def issue(name, issuer, kind="server", names=(), more="", days=300, digest="-sha256"):
    """Signs NAME.csr; returns the thumbprint of NAME.pem."""
    alternative = "subjectAltName=" + ",".join("DNS:" + one for one in names) + "\n" if names else ""
    write(name + ".ext", (more or EXTENSIONS[kind]) + alternative)
    signer = ("-CA", issuer + ".pem", "-CAkey", issuer + ".key", "-CAcreateserial") if issuer else ("-signkey", name + ".key")
    openssl("x509", "-req", "-in", name + ".csr", *signer, "-days", str(days), digest, "-extfile", name + ".ext",
            "-out", name + ".pem")
    return thumbprint(read(name + ".pem"))


def thumbprint(pem):
    return hashlib.sha1(openssl("x509", "-outform", "DER", input=pem)).hexdigest().upper()


def make_authorities():
    for name, issuer in (("root", None), ("middle", "root"), ("hidden", "root"), ("buried", "root"), ("strange", None)):
        make_request(name, f"/C=US/O=Example Trust/CN=Example {name}")
        issue(name, issuer, "ca", days=900)


def pfx(name, chain=("middle.pem",), password=PASSWORD):
    write("chain.tmp", b"".join(read(one) for one in chain))
    extra = ("-certfile", "chain.tmp") if chain else ()
    openssl("pkcs12", "-export", "-inkey", name + ".key", "-in", name + ".pem", *extra, "-out", name + ".pfx",
            "-passout", "pass:" + password)
    return name + ".pfx"


def bring(name, *words, password=PASSWORD, good=True):
    secret = ("-Password", "-") if password else ()
    return server.postern("Import-ExchangeCertificate", "-FileName", path(name), *secret, *words, "-o", "json",
                          input=(password or "") + "\n", good=good)


def shown(digits):
    found = server.get("Get-ExchangeCertificate", digits)
    equal(len(found), 1, f"certificates {digits}")
    return found[0]


def fails(done, code, *says):
    equal(done.returncode, code, f"exit code; it says {done.stderr[:400]}")
    for word in says:
        check(word in done.stderr, f"{word!r} is not in {done.stderr[:600]}")


def shown_on(port):
    return hashlib.sha1(presented(server.port(port), implicit=port == 465)).hexdigest().upper()


# --- status ---

@test
def status_of_what_is_imported(_):
    rows = (  # name, issuer, chain, more of the certificate, Status, RootCAType, a word of the warning
        ("whole", "middle", ("middle.pem",), {}, "Valid", "Enterprise", None),
        ("direct", "root", (), {}, "Valid", "Enterprise", None),
        ("known", "middle", (), {}, "Valid", "Enterprise", None),  # its issuer came with another one
        ("gap", "hidden", (), {}, "Untrusted", "Unknown", "CN=Example hidden"),
        ("foreign", "strange", ("strange.pem",), {}, "Untrusted", "Unknown", "not trusted"),
        ("client", "root", (), {"more": "extendedKeyUsage=clientAuth\n"}, "Invalid", "Enterprise", "TLS servers"),
        ("mute", "root", (), {"more": "keyUsage=keyEncipherment\n"}, "Valid", "Enterprise", "digitalSignature"),
        ("old", "root", (), {"digest": "-sha1"}, "Valid", "Enterprise", "SHA-1"),
        ("alone", None, (), {}, "Valid", "None", None),
    )
    for name, issuer, chain, more, status, root, warning in rows:
        make_request(name, f"/O=Example/CN={name}.example.test")
        digits = issue(name, issuer, names=[f"{name}.example.test"], **more)
        done = bring(pfx(name, chain))
        found = shown(digits)
        equal((found["Status"], found["RootCAType"]), (status, root), name)
        equal("WARNING" in done.stderr, warning is not None, f"{name}: {done.stderr}")
        check(not warning or warning in done.stderr, f"{name}: {done.stderr}")
        if warning:
            done = server.postern("Enable-ExchangeCertificate", digits, "-Services", "SMTP", "-WhatIf")
            check(warning in done.stderr, f"Enable of {name}: {done.stderr}")


@test
def roots_that_are_not_there_are_refused(_):
    done = subprocess.run([os.path.join(BUILD, "posternd"), "--data", path("other"), "--trust", path("nowhere")],
                          capture_output=True, text=True, timeout=30, env=server.environment())
    fails(done, 2, "--trust", "can be read")


@test
def a_short_key_is_said(_):
    make_request("short", "/CN=short.example.test", key=("rsa:1024",))
    digits = issue("short", "root", names=["short.example.test"])
    check("2048 bits" in bring(pfx("short", ())).stderr, "no warning of the key")
    equal(shown(digits)["PublicKeySize"], 1024, "PublicKeySize")
    server.weak = digits


@test
def what_is_weak_is_presented_and_not_dropped(_):
    make_request("digest", "/CN=digest.example.test")
    for digits in (server.weak, issue("digest", "root", names=["digest.example.test"], digest="-sha1")):
        if digits != server.weak:
            bring(pfx("digest", ()))
        server.postern("Enable-ExchangeCertificate", digits, "-Services", "SMTP", "-Confirm:$false")
        told = server.postern("Set-ReceiveConnector", server.connector(717), "-TlsCertificateName", digits)
        check("each as it should be" in told.stdout + told.stderr, f"seen from outside: {told.stdout} {told.stderr}")
        equal(shown_on(717), digits, "STARTTLS")
        one = server.get("Test-ReceiveConnectorCertificate", server.connector(717), "-ServerName", shown(digits)["CertificateDomains"][0])[0]
        codes = {client["Name"]: client["Code"] for client in one["Clients"]}
        check(codes["outlook"].startswith("WEAK_"), f"a client that minds: {codes}")
    server.postern("Set-ReceiveConnector", server.connector(717), "-TlsCertificateName", "$null")


@test
def version_1_is_said(_):
    make_request("first", "/CN=first.example.test")
    openssl("x509", "-req", "-in", "first.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "30", "-out", "first.pem")
    check("version 1" in bring(pfx("first", ())).stderr, "no warning")


@test
def names_nobody_can_type_are_bound_all_the_same(_):
    """No subject at all, bytes no terminal takes, a tag, quotes of a word processor: what explain tells to run does what
    it says, and the server starts again with them (kept_over_a_restart)."""
    subjects = {"blank": "/", "zero": "/O=aXb/CN=zero.example.test", "escape": "/O=aYb/CN=escape.example.test", "tag": "/O=<S>/CN=tag.example.test",
                "curled": "/O=L\u2019Ost \u2018\u201a\u201b'/CN=curled.example.test"}
    for name, subject in subjects.items():
        make_request(name, subject)
        issue(name, "root", names=[f"{name}.example.test"])
        der = openssl("x509", "-in", name + ".pem", "-outform", "DER").replace(b"aXb", b"a\0b").replace(b"aYb", b"a\x1bb")
        write(name + ".pem", openssl("x509", "-inform", "DER", input=der))
        openssl("pkcs12", "-export", "-inkey", name + ".key", "-in", name + ".pem", "-out", name + ".pfx", "-name", "a\nb",
                "-passout", "pass:" + PASSWORD)
        bring(name + ".pfx")
        digits = thumbprint(read(name + ".pem"))
        server.postern("Enable-ExchangeCertificate", digits, "-Services", "SMTP", "-Confirm:$false")
        rejected = server.get("Test-ReceiveConnectorCertificate", server.connector(717))[0]["Rejected"]
        fixes = [row["Fix"] for row in rejected if row["Thumbprint"] == digits]
        server.postern("shell", "-c", fixes[0])
        equal(server.get("Get-ReceiveConnector", server.connector(717))[0]["PresentsThumbprint"], digits, f"{name}: {fixes[0]}")
        server.postern("Set-ReceiveConnector", server.connector(717), "-TlsCertificateName", "$null")


@test
def dates_are_judged_when_asked(_):
    make_request("late", "/CN=late.example.test")
    write("late.ext", EXTENSIONS["server"] + "subjectAltName=DNS:late.example.test\n")
    write("index.txt", "")
    write("serial", "1001")
    write("ca.conf", "[ca]\ndefault_ca=x\n[x]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\npolicy=p\n"
                     "default_md=sha256\nrand_serial=no\n[p]\ncommonName=supplied\n")
    openssl("ca", "-batch", "-config", "ca.conf", "-cert", "root.pem", "-keyfile", "root.key", "-in", "late.csr",
            "-startdate", "20240101000000Z", "-enddate", "20240201000000Z", "-extfile", "late.ext", "-out", "late.pem",
            "-notext")
    bring(pfx("late", ()))
    found = shown(thumbprint(read("late.pem")))
    equal((found["Status"], found["RootCAType"]), ("DateInvalid", "Enterprise"), "expired, with a good chain")


@test
def every_property_is_shown(_):
    digits = thumbprint(read("whole.pem"))
    found = shown(digits)
    text = openssl("x509", "-in", "whole.pem", "-noout", "-serial", "-ext", "subjectKeyIdentifier").decode()
    equal(found["Identity"], f"MX\\{digits}", "Identity")
    serial = re.search("serial=([0-9A-F]+)", text)[1]
    equal(found["SerialNumber"], "00" + serial if serial[0] > "7" else serial, "SerialNumber as it stands in the certificate")
    equal(found["KeyIdentifier"], re.search(r"(?:[0-9A-F]{2}:){19}[0-9A-F]{2}", text)[0].replace(":", ""), "KeyIdentifier")
    wanted = {"Subject": "CN=whole.example.test, O=Example", "Issuer": "CN=Example middle, O=Example Trust, C=US",
              "CertificateDomains": ["whole.example.test"], "HasPrivateKey": True, "IsSelfSigned": False, "Services": "None",
              "PublicKeySize": 2048, "SignatureAlgorithm": "sha256RSA", "Version": 3, "ServicesStringForm": ".......",
              "PrivateKeyExportable": False, "Findings": "None",
              "EnhancedKeyUsageList": ["Server Authentication (1.3.6.1.5.5.7.3.1)",
                                       "Client Authentication (1.3.6.1.5.5.7.3.2)"]}
    equal({name: found[name] for name in wanted}, wanted, "properties")
    equal(server.get("Get-ExchangeCertificate", "-Identity", f"MX\\{digits}", "-Server", "mx")[0], found, "by Identity")
    for pattern in ("*", "m?"):
        equal(server.get("Get-ExchangeCertificate", "-Identity", digits, "-Server", pattern)[0], found, f"-Server {pattern}")
    fails(server.postern("Get-ExchangeCertificate", "-Server", "MX2", good=False), 3, "no server")
    listed = server.postern("Get-ExchangeCertificate", digits, "-o", "list").stdout
    check(re.search("(?m)^Status +: Valid$", listed) and "ServicesMask" not in listed, listed)
    table = server.postern("Get-ExchangeCertificate", digits, "-o", "table").stdout
    check(re.search(rf"{digits}  \.{{7}}    CN=whole", table), table)


# --- chains ---

@test
def a_missing_issuer_completes_the_chain(_):
    digits = thumbprint(read("gap.pem"))
    server.postern("Enable-ExchangeCertificate", digits, "-Services", "SMTP", "-Confirm:$false")
    server.postern("Set-ReceiveConnector", server.connector(587), "-TlsCertificateName", digits)
    equal(sent_chain(587), [digits], "the chain that is sent before")
    explained = server.postern("explain", "Client Frontend MX").stdout
    check("Example hidden" in explained and "Warning" in explained, explained)
    done = bring("hidden.pem", password=None)
    found = shown(digits)
    equal((found["Status"], found["RootCAType"], found["Findings"]), ("Valid", "Enterprise", "None"), done.stderr)
    equal(sent_chain(587), [digits, thumbprint(read("hidden.pem"))], "the chain that is sent behind")
    check(not [one for one in server.get("Get-ExchangeCertificate") if one["Subject"].startswith("CN=Example hidden")],
          "the issuer became a certificate of its own")


def sent_chain(port):
    out = openssl("s_client", "-starttls", "smtp", "-connect", f"127.0.0.1:{server.port(port)}", "-showcerts", input=b"QUIT\n")
    return [thumbprint(one) for one in re.findall(rb"-----BEGIN CERT.*?-----END CERTIFICATE-----\n", out, re.S)]


@test
def an_issuer_that_came_first_is_found(_):
    make_request("second", "/C=US/O=Example Trust/CN=Example second")
    digits = issue("second", "root", "ca")
    bring("second.pem", password=None)
    make_request("behind", "/CN=behind.example.test")
    leaf = issue("behind", "second", names=["behind.example.test"])
    bring(pfx("behind", ()))
    equal((shown(digits)["HasPrivateKey"], shown(leaf)["Status"]), (False, "Valid"), "the issuer, the certificate")


@test
def a_pkcs7_chain_completes_too(_):
    make_request("seven", "/CN=seven.example.test")
    digits = issue("seven", "buried", names=["seven.example.test"])
    bring(pfx("seven", ()))
    equal(shown(digits)["Status"], "Untrusted", "before")
    openssl("crl2pkcs7", "-nocrl", "-certfile", "root.pem", "-certfile", "buried.pem", "-certfile", "seven.pem",
            "-out", "seven.p7b")
    bring("seven.p7b", password=None)
    equal(shown(digits)["Status"], "Valid", "behind")
    fails(bring("seven.p7b", password=None, good=False), 4, "is here already, with its private key")
    fails(bring("seven.pem", password=None, good=False), 4, "is here already")  # without its issuer: no step back
    equal(shown(digits)["Status"], "Valid", "behind the leaf alone")


@test
def pem_in_any_order(_):
    make_request("order", "/CN=order.example.test", key=("ec", "-pkeyopt", "ec_paramgen_curve:P-256"))
    digits = issue("order", "middle", names=["order.example.test"])
    write("order.bundle", read("root.pem") + b"a remark\n" + read("order.key") + read("middle.pem") + read("order.pem"))
    bring("order.bundle", password=None)
    found = shown(digits)
    equal((found["HasPrivateKey"], found["Status"]), (True, "Valid"), "from one file")


@test
def refusals_say_what_is_wrong(_):
    fails(bring("whole.pfx", password="wrong", good=False), 2, "password is wrong")
    fails(bring("whole.pfx", password=None, good=False), 2, "password is wrong or missing")
    write("crossed.pem", read("order.key") + read("seven.pem"))
    fails(bring("crossed.pem", password=None, good=False), 2, "belongs to none of the certificates")
    write("key.pem", read("order.key"))
    fails(bring("key.pem", password=None, good=False), 2, "private key in the file and no certificate")
    for content, why in ((read("seven.pem").replace(b"-----BEGIN", b"  -----BEGIN"), "indented or run together"),
                         (read("seven.pem").replace(b"\n", b" "), "indented or run together"),
                         (read("seven.pem").decode().encode("utf-16"), "UTF-16"), (b"\xfe\xed\xfe\xed\0\0\0\2", "Java keystore")):
        write("strange.pem", content)
        fails(bring("strange.pem", password=None, good=False), 2, why)
    make_request("keyless", "/CN=keyless.example.test")
    digits = issue("keyless", "root", names=["keyless.example.test"])
    check("no private key" in bring("keyless.pem", password=None).stderr, "no warning")
    equal(shown(digits)["HasPrivateKey"], False, "HasPrivateKey")
    bring(pfx("keyless", ()))  # the same with its key takes its place
    equal(shown(digits)["HasPrivateKey"], True, "HasPrivateKey")


# --- requests ---

def new_request(*words):
    """New-ExchangeCertificate -GenerateRequest; returns the request in PEM and its thumbprint."""
    reply = server.get("New-ExchangeCertificate", "-GenerateRequest", *words)
    equal(len(reply), 1, "objects")
    return reply[0]["Text"], reply[0]["Thumbprint"]


def request_text(pem):
    return openssl("req", "-noout", "-text", "-verify", "-nameopt", "RFC2253", input=pem.encode()).decode()


@test
def a_request_becomes_a_certificate(_):
    pem, digits = new_request("-SubjectName", "CN=Order.Example.test, O=\"Example, Inc.\", C=US", "-DomainName",
                              "autodiscover.example.test", "-IncludeServerFQDN", "-IncludeServerNetBIOSName",
                              "-IncludeAcceptedDomains", "-FriendlyName", "Asked for", "-KeyAlgorithm", "RSA", "-KeySize", "3072")
    text = request_text(pem)
    check("CN=Order.Example.test,O=Example\\, Inc.,C=US" in text and "3072 bit" in text, text)
    names = re.findall(r"DNS:([^,\s]+)", text)
    equal(names, ["order.example.test", "autodiscover.example.test", HOST, "mx", *domains()], "names of the request")
    found = shown(digits)
    equal((found["Status"], found["RootCAType"], found["HasPrivateKey"], found["FriendlyName"], found["Services"]),
          ("PendingRequest", "Unknown", True, "Asked for", "None"), "pending")
    write("asked.csr", pem)
    again = server.postern("Export-ExchangeCertificate", digits).stdout
    equal(again, pem, "the request given out again")
    asked = issue("asked", "middle", names=names)
    openssl("crl2pkcs7", "-nocrl", "-certfile", "asked.pem", "-certfile", "middle.pem", "-out", "asked.p7b")
    done = bring("asked.p7b", "-PrivateKeyExportable", "$true", "-FriendlyName", "Answered", password=None)
    found = shown(asked)
    equal((found["Status"], found["HasPrivateKey"], found["FriendlyName"]), ("Valid", True, "Answered"), done.stderr)
    check("decided when the request was made" in done.stderr and not found["PrivateKeyExportable"], done.stderr)
    fails(server.postern("Get-ExchangeCertificate", digits, good=False), 3)
    server.postern("Enable-ExchangeCertificate", asked, "-Services", "SMTP", "-Confirm:$false")
    server.postern("Set-ReceiveConnector", server.connector(465), "-TlsCertificateName", asked)
    equal(shown_on(465), asked, "the completed certificate signs")
    server.postern("Set-ReceiveConnector", server.connector(465), "-TlsCertificateName", "$null")
    server.postern("Disable-ExchangeCertificate", asked, "-Services", "SMTP", "-Confirm:$false")


def domains():
    return [one["DomainName"] for one in server.get("Get-AcceptedDomain")]


@test
def a_pending_request_is_never_presented(_):
    before = shown_on(25)
    _, digits = new_request("-DomainName", HOST, "-Services", "SMTP")
    equal(shown_on(25), before, "presented")
    found = [one["Thumbprint"] for one in server.get("Get-ExchangeCertificate", "-DomainName", HOST)]
    equal((found[0], digits in found[1:]), (before, True), "-DomainName: the first is the one that is presented")
    explained = server.get("Test-ReceiveConnectorCertificate", server.connector(25))[0]
    equal([one["Code"] for one in explained["Rejected"] if one["Thumbprint"] == digits], ["PENDING_REQUEST"], "explained")
    done = server.postern("Remove-ExchangeCertificate", digits, "-Confirm:$false")
    check("cannot complete it" in done.stderr, done.stderr)


@test
def names_of_a_request_are_checked(_):
    for subject in ("mail.example.test", "CN=a, C=USA", "CN=", "O=Example"):
        fails(server.postern("New-ExchangeCertificate", "-GenerateRequest", "-SubjectName", subject, good=False), 2, "-SubjectName")
    fails(server.postern("New-ExchangeCertificate", "-SubjectName", "CN=Our Mail", good=False), 2, "no host name")
    fails(server.postern("New-ExchangeCertificate", "-DomainName", "a b", good=False), 2, "is no host name")
    fails(server.postern("New-ExchangeCertificate", "-KeyAlgorithm", "RSA", "-KeySize", "1024", good=False), 2, "3072")


@test
def a_request_goes_into_a_file(_):
    words = ("New-ExchangeCertificate", "-GenerateRequest", "-DomainName", "file.example.test", "-FileName", path("file.req"))
    done = server.postern(*words)
    check("written" in done.stderr and "BEGIN" not in done.stdout, done.stdout + done.stderr)
    equal(stat.S_IMODE(os.stat(path("file.req")).st_mode), 0o600, "mode")
    check("DNS:file.example.test" in request_text(read("file.req").decode()), "the request")
    count = len(server.get("Get-ExchangeCertificate"))
    fails(server.postern(*words, good=False), 2, "-Force replaces it")
    equal(len(server.get("Get-ExchangeCertificate")), count, "a request was made in vain")
    server.postern(*words, "-Force", "-BinaryEncoded")
    equal(read("file.req")[:1], b"\x30", "DER")
    openssl("req", "-inform", "DER", "-in", "file.req", "-noout", "-verify")


@test
def renewal_takes_over(_):
    old = server.get("New-ExchangeCertificate", "-SubjectName", "CN=renew.example.test, O=Example", "-DomainName",
                     "more.example.test,192.0.2.1,2001:db8::1", "-Services", "SMTP", "-KeyAlgorithm", "RSA", "-FriendlyName", "Renewed")[0]
    equal(old["IPAddresses"], ["192.0.2.1", "2001:db8::1"], "IPAddresses")
    names = ("Subject", "CertificateDomains", "IPAddresses", "Services", "FriendlyName", "PublicKeySize")
    new = server.get("New-ExchangeCertificate", old["Thumbprint"])[0]
    equal({name: new[name] for name in names}, {name: old[name] for name in names}, "self-signed")
    check(new["Thumbprint"] != old["Thumbprint"], "the same certificate")
    pem, digits = new_request("-Thumbprint", old["Thumbprint"])
    check("DNS:renew.example.test, DNS:more.example.test" in request_text(pem), "names of the request")
    write("renewed.csr", pem)
    asked = issue("renewed", "root", names=old["CertificateDomains"])
    bring("renewed.pem", password=None)
    names = ("CertificateDomains", "Services", "FriendlyName", "PublicKeySize")
    equal({name: shown(asked)[name] for name in names}, {name: old[name] for name in names}, "issued")


# --- renewal by a hook ---

def replace(*names, good=True):
    write("hook.pem", b"\n".join(read(name) for name in names))
    return bring("hook.pem", "-Replace", password=None, good=good)


@test
def a_replacement_takes_over(_):
    """Same names, another issuer: services are taken over, the bound connector follows, the pinned one stays."""
    make_request("hook", "/CN=hook.example.test")
    old = issue("hook", "middle", names=["hook.example.test"])
    done = replace("hook.pem", "hook.key", "middle.pem")
    check("no certificate with these names" in done.stderr, done.stderr)
    server.postern("Enable-ExchangeCertificate", old, "-Services", "SMTP,IMAP", "-Confirm:$false")
    found = shown(old)
    server.postern("Set-ReceiveConnector", server.connector(587), "-TlsCertificateName", f"<I>{found['Issuer']}<S>{found['Subject']}")
    server.postern("Set-ReceiveConnector", server.connector(465), "-TlsCertificateName", old)
    make_request("hook", "/CN=hook.example.test")
    new = issue("hook", "root", names=["hook.example.test", "more.example.test"])
    write("broken.key", read("order.key"))
    fails(replace("hook.pem", "broken.key", good=False), 2, "belongs to none of the certificates")
    equal((shown_on(587), shown_on(465)), (old, old), "presented behind a broken pair")
    done = replace("hook.key", "hook.pem")
    equal(shown(new)["Services"], "IMAP, SMTP", "services")
    equal((shown_on(587), shown_on(465)), (new, old), "presented behind the renewal")
    check(f"{server.connector(587)} follows" in done.stderr and f"{server.connector(465)} is pinned" in done.stderr, done.stderr)
    check("nothing to do" in replace("hook.key", "hook.pem").stderr, "the same once more")
    for port in (587, 465):
        server.postern("Set-ReceiveConnector", server.connector(port), "-TlsCertificateName", "$null")


def lineage(name, issuer, subject):
    """A folder as certbot keeps it, with a new key and a later beginning."""
    time.sleep(1.1)
    make_request(name, subject, key=("ec", "-pkeyopt", "ec_paramgen_curve:P-256"))
    digits = issue(name, issuer, names=["live.example.test"])
    os.makedirs(path("live"), exist_ok=True)
    for file, content in (("cert.pem", read(name + ".pem")), ("chain.pem", read(issuer + ".pem")),
                          ("fullchain.pem", read(name + ".pem") + read(issuer + ".pem")),
                          ("privkey.pem", read(name + ".key")), ("README", b"not a certificate")):
        write("live/" + file, content)
    return digits


@test
def a_hook_deploys(_):
    digits = lineage("first", "middle", "/CN=live.example.test")
    words = ("certificate", "deploy", path("live/fullchain.pem"), path("live/privkey.pem"))
    done = server.postern(*words)
    check("Enable-ExchangeCertificate" in done.stdout, done.stdout)
    equal(shown(digits)["Status"], "Valid", "Status")
    check("nothing to do" in server.postern(*words).stdout, "the same once more")
    fails(server.postern("certificate", "deploy", path("live/none.pem"), good=False), 2, "none.pem: No such file")
    fails(server.postern("certificate", "deploy", path("live/fullchain.pem"), path("order.key"), good=False), 2, "belongs to none")
    fails(server.postern("certificate", "lead", "x", good=False), 2, "usage")


def until(what, holds, timeout_s=15):
    deadline = time.monotonic() + timeout_s
    while not holds():
        check(time.monotonic() < deadline, f"{what} did not happen within {timeout_s} s")
        time.sleep(0.1)


def pair(folder, name, host, key=("rsa:2048",)):
    """A certificate and its key as two files of the folder, the chain in none."""
    make_request(name, f"/CN={host}", key)
    digits = issue(name, "root", names=[host])
    for kind in ("pem", "key"):
        write(os.path.join(folder, f"{name}.{kind}"), read(f"{name}.{kind}"))
    return digits


P256 = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")


@test
def files_of_several_certificates_are_told_apart(_):
    """RSA and ECDSA for one name, and another host beside them: lego has one folder for all it gets."""
    os.mkdir(path("lego"))
    made = [pair("lego", "lego1", "lego.example.test"), pair("lego", "lego2", "lego.example.test", P256),
            pair("lego", "lego3", "beside.example.test", P256)]
    files = [path(f"lego/{name}") for name in sorted(os.listdir(path("lego")))]
    server.postern("certificate", "deploy", *files)
    for digits in made:
        check(shown(digits)["HasPrivateKey"], digits)
    renewal = server.postern("New-ExchangeCertificate", "-Thumbprint", made[2], "-GenerateRequest").stdout
    check(b"beside.example.test" in openssl("req", "-noout", "-subject", input=renewal[renewal.index("-----"):].encode()), "renewal")
    write("lego/lego1.pem", read("root.pem"))
    renewed = pair("lego", "lego3", "beside.example.test", P256)
    fails(server.postern("certificate", "deploy", *files, good=False), 2, "belongs to none of the certificates")
    check(shown(renewed)["HasPrivateKey"], "one that is refused keeps the others back")


@test
def a_renewal_without_a_subject_is_followed(_):
    """Authorities leave the subject empty by now."""
    os.mkdir(path("bare"))
    old = pair("bare", "bare1", "bare.example.test")
    server.postern("certificate", "deploy", path("bare/bare1.pem"), path("bare/bare1.key"))
    server.postern("Enable-ExchangeCertificate", old, "-Services", "SMTP", "-Confirm:$false")
    server.postern("Set-ReceiveConnector", server.connector(717), "-TlsCertificateName", "<I>CN=Example root, O=Example Trust, C=US<S>CN=bare.example.test")
    equal(shown_on(717), old, "bound by name")
    for name, days in (("bare2", 300), ("bare3", 301)):  # of one second the one that ends later is the newer
        make_request(name, "/")
        new = issue(name, "root", names=["bare.example.test"], days=days)
        server.postern("certificate", "deploy", path(name + ".pem"), path(name + ".key"))
        equal(shown_on(717), new, f"presented: {name}")
    one = server.get("Get-ReceiveConnector", server.connector(717))[0]
    equal((one["TlsCertificateName"], one["Health"]), ("<I>CN=Example root, O=Example Trust, C=US<S>", "Good"), "bound by")
    check("(no subject)" in server.postern("explain", server.connector(717)).stdout, "explain")
    server.postern("Set-ReceiveConnector", server.connector(717), "-TlsCertificateName", "$null")


@test
def names_beyond_ascii_are_those_of_dns(_):
    """One name has two spellings; a client asks for the one that certificates have."""
    server.postern("New-ExchangeCertificate", "-DomainName", "B\u00fccher.example.test.,*.b\u00fccher.example.test", "-Services", "SMTP",
                   "-Confirm:$false")
    for written in ("b\u00fccher.example.test", "B\u00dcCHER.example.test.", "xn--bcher-kva.example.test", "a.b\u00fccher.example.test"):
        found = server.get("Get-ExchangeCertificate", "-DomainName", written)
        equal([one["CertificateDomains"] for one in found], [["xn--bcher-kva.example.test", "*.xn--bcher-kva.example.test"]], written)
        server.postern("Set-ReceiveConnector", server.connector(717), "-TlsSni", "$true")
        one = server.get("Test-ReceiveConnectorCertificate", server.connector(717), "-ServerName", written)[0]
        equal((one["Rule"], one["Presents"]["Thumbprint"]), ("SERVER_NAME", found[0]["Thumbprint"]), f"explain {written}")
    server.postern("Set-ReceiveConnector", server.connector(717), "-TlsSni", "$false")
    done = server.postern("Set-ReceiveConnector", server.connector(717), "-Fqdn", "b\u00fccher.example.test", good=False)
    fails(done, 2, "is written xn--bcher-kva.example.test here")
    for words in (("Test-ReceiveConnectorCertificate", server.connector(717), "-ServerName", "no host"),
                  ("New-ExchangeCertificate", "-DomainName", "good.example.test,bad_.-", "-Confirm:$false")):
        fails(server.postern(*words, good=False), 2, "is no host name such as mail.contoso.com")


@test
def a_folder_is_watched(_):
    first = thumbprint(read("first.pem"))
    server.postern("Enable-ExchangeCertificate", first, "-Services", "SMTP", "-Confirm:$false")
    server.postern("Set-ReceiveConnector", server.connector(587), "-Fqdn", "live.example.test")
    equal(shown_on(587), first, "presented at first")
    fails(server.postern("certificate", "watch", path("nowhere"), good=False), 2, "No such file")
    log = open(path("watch.log"), "wb")
    watcher = subprocess.Popen([os.path.join(BUILD, "postern"), "--data", server.data, "certificate", "watch", path("live"),
                                "--every", "1"], stdout=log, stderr=log, env=server.environment())
    try:
        until("the look at the start", lambda: b"nothing to do" in read("watch.log"))
        second = lineage("second", "root", "/CN=live.example.test")
        until("the renewal", lambda: shown_on(587) == second)
        write("live/privkey.pem", read("order.key"))
        until("the refusal", lambda: b"belongs to none of the certificates" in read("watch.log"))
        os.mkdir(path("live/archive.pem"))
        os.symlink(path("live/archive.pem"), path("live/folder.pem"))
        until("the file that cannot be read", lambda: b"live/folder.pem: " in read("watch.log"))
        os.remove(path("live/folder.pem"))
        until("the refusal", lambda: read("watch.log").count(b"belongs to none of the certificates") == 2)
        os.chmod(path("live/privkey.pem"), 0o640)  # rights may be what was wrong
        until("another try", lambda: read("watch.log").count(b"belongs to none of the certificates") == 3)
        equal(shown_on(587), second, "presented with a broken pair in the folder")
        third = lineage("third", "root", "/CN=live.example.test")
        until("the next renewal", lambda: shown_on(587) == third)
        equal(watcher.poll(), None, "the watcher ended")
    finally:
        watcher.terminate()
        watcher.wait(10)
        log.close()
    equal(read("watch.log").count(b"belongs to none"), 3, "complaints about one broken pair")
    server.postern("Set-ReceiveConnector", server.connector(587), "-Fqdn", HOST)


# --- export ---

@test
def a_key_leaves_only_when_it_may(_):
    make_request("leaving", "/CN=leaving.example.test")
    digits = issue("leaving", "middle", names=["leaving.example.test"])
    fails(bring(pfx("leaving"), "-PrivateKeyExportable", "maybe", good=False), 2, "$true or $false")
    bring("leaving.pfx", "-PrivateKeyExportable", "$true", "-FriendlyName", "Leaving")
    words = ("Export-ExchangeCertificate", digits, "-Password", "-", "-FileName", path("out.pfx"))
    server.postern(*words, input="other pass 9\n")
    equal(stat.S_IMODE(os.stat(path("out.pfx")).st_mode), 0o600, "mode")
    plain = openssl("pkcs12", "-in", "out.pfx", "-nodes", "-passin", "pass:other pass 9")
    found = [thumbprint(one) for one in re.findall(rb"-----BEGIN CERT.*?-----END CERTIFICATE-----\n", plain, re.S)]
    equal(sorted(found), sorted([digits, thumbprint(read("middle.pem"))]), "certificates of the file")
    equal(openssl("pkey", "-outform", "DER", input=plain), openssl("pkey", "-in", "leaving.key", "-outform", "DER"), "the key")
    check(f"event=private-key-exported thumbprint={digits}" in server.log(), "no event of the export")
    check("other pass 9" not in server.log(), "the password is in the log")
    fails(server.postern(*words, input="x\n", good=False), 2, "-Force replaces it")
    fails(server.postern("Export-ExchangeCertificate", digits, "-Password", "-", input="\n", good=False), 2, "empty")
    text = server.postern("Export-ExchangeCertificate", digits, "-Password", "-", input="other pass 9\n").stdout
    check(base64.b64decode(text)[:1] == b"\x30", "base64 on standard output")
    fails(server.postern("Export-ExchangeCertificate", thumbprint(read("whole.pem")), "-Password", "-", input="x\n", good=False),
          5, "PrivateKeyExportable is False", "Export-ExchangeCertificate")


@test
def the_private_authority_can_be_trusted_elsewhere(_):
    authority = [one for one in server.get("Get-ExchangeCertificate") if "Private Authority" in one["Subject"]]
    equal(len(authority), 1, "authorities")
    pem = server.postern("Export-ExchangeCertificate", authority[0]["Thumbprint"]).stdout
    equal(thumbprint(pem.encode()), authority[0]["Thumbprint"], "the certificate")
    check("PRIVATE" not in pem, "a key")
    server.postern("Export-ExchangeCertificate", authority[0]["Thumbprint"], "-BinaryEncoded", "-FileName", path("authority.der"))
    equal(openssl("x509", "-inform", "DER", "-in", "authority.der"), pem.encode(), "the certificate in DER")
    fails(server.postern("Export-ExchangeCertificate", authority[0]["Thumbprint"], "-Password", "-", input="x\n", good=False), 5)


# --- what changes, and what breaks ---

@test
def every_connector_that_changes_is_said(_):
    for port in (587, 465):
        server.postern("Set-ReceiveConnector", server.connector(port), "-TlsCertificateName", "$null")
    new = server.get("New-ExchangeCertificate", "-DomainName", HOST, "-Services", "None")[0]["Thumbprint"]
    enable = ("Enable-ExchangeCertificate", new, "-Services", "SMTP")
    dry = server.postern(*enable, "-WhatIf").stdout
    done = server.postern(*enable, "-Confirm:$false").stdout
    disable = server.postern("Disable-ExchangeCertificate", new, "-Services", "SMTP", "-WhatIf").stdout
    remove = server.postern("Remove-ExchangeCertificate", new, "-WhatIf").stdout
    for one in server.get("Get-ReceiveConnector"):
        name = one["Identity"]
        check(re.search(rf"{re.escape(name)} would present CN={HOST} \(.*; before: CN={HOST}", dry), f"WhatIf: {name}: {dry}")
        check(f"{name} presents CN={HOST}" in done, f"Enable: {name}: {done}")
        check(f"{name} would present" in disable, f"Disable: {name}: {disable}")
        check(f"{name} would present" in remove, f"Remove: {name}: {remove}")
    server.postern("Disable-ExchangeCertificate", new, "-Services", "SMTP", "-Confirm:$false")
    server.postern("Remove-ExchangeCertificate", new, "-Confirm:$false")


def on_a_terminal(*words, answer):
    """Runs `postern` in front of somebody who types `answer`; returns the exit code and what was shown."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([os.path.join(BUILD, "postern"), "--data", server.data, *words], stdin=theirs, stdout=theirs,
                               stderr=theirs, env=server.environment(), start_new_session=True)
    os.close(theirs)
    shown_there = b""
    os.write(ours, answer.encode() + b"\n")
    with contextlib.suppress(OSError):  # the end of a terminal is an error
        while piece := os.read(ours, 4096):
            shown_there += piece
    os.close(ours)
    return process.wait(20), shown_there.decode()


@test
def the_question_comes_behind_the_effects(_):
    new = server.get("New-ExchangeCertificate", "-DomainName", HOST, "-Services", "None")[0]["Thumbprint"]
    for words in (("Enable-ExchangeCertificate", new, "-Services", "SMTP"), ("Disable-ExchangeCertificate", new, "-Services", "SMTP"),
                  ("Remove-ExchangeCertificate", new)):
        before = server.get("Get-ExchangeCertificate")
        code, text = on_a_terminal(*words, answer="n")
        equal((code, server.get("Get-ExchangeCertificate")), (1, before), f"{words[0]}, answered no")
        effects = text.find("would present" if words[0] != "Remove-ExchangeCertificate" else "would be removed")
        check(0 < effects < text.find(f"{words[0]} {new}?"), f"{words[0]}: {text}")
        code, text = on_a_terminal(*words, answer="y")
        equal(code, 0, f"{words[0]}, answered yes: {text}")
        check(server.get("Get-ExchangeCertificate") != before, f"{words[0]}: nothing changed")
    code, text = on_a_terminal("Remove-ExchangeCertificate", new, answer="y")
    equal(code, 3, "what is refused is not asked for")
    check("?" not in text.replace(new, ""), text)


@test
def removal_is_refused_for_what_breaks_only(_):
    setup = [one for one in server.get("Get-ExchangeCertificate") if one["CertificateDomains"] == [HOST, "mx"]][0]
    done = server.postern("Remove-ExchangeCertificate", setup["Thumbprint"], "-Confirm:$false", good=False)
    fails(done, 4, "is in use", "-Force", *(one["Identity"] for one in server.get("Get-ReceiveConnector")))
    server.postern("Remove-ExchangeCertificate", thumbprint(read("foreign.pem")), "-Confirm:$false")


@test
def kept_over_a_restart(_):
    before = server.get("Get-ExchangeCertificate")
    equal(server.stop(), 0, "exit status")
    server.start()
    equal(server.get("Get-ExchangeCertificate"), before, "certificates")


make_authorities()
server.options = ["--trust", path("root.pem")]
run(300, server)
