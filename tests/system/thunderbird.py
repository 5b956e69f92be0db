# SPDX-License-Identifier: Apache-2.0
"""A real Thunderbird sends through the connector for clients, and refuses what it should; the administrator mends it, and the
same Thunderbird sends. What `explain` and `test --as thunderbird` foretell is what it does."""
import time

from authority import Authority
from harness import DOMAIN, HOST, PASSWORD, Server, check, equal, new_token, run, test
from mail_program import Thunderbird

PFX_PASSWORD = "pfx pass 7"
server = Server()
server.thunderbird = None
authority = Authority(server.folder)
server.options = ["--trust", authority.path("root")]


def make_certificates():
    authority.issuer("root")
    authority.issuer("stranger")
    authority.leaf("good", "root", [HOST])
    authority.leaf("renewed", "root", [HOST], days=400)
    authority.leaf("elsewhere", "root", ["elsewhere.example.test"])
    authority.leaf("unknown", "stranger", [HOST])
    authority.leaf("expired", "root", [HOST], days=0)


# --- the administrator ---

def bring(name):
    """Import, with its key and chain, and the service SMTP."""
    authority.openssl("pkcs12", "-export", "-inkey", f"{name}.key", "-in", f"{name}.pem", "-out", f"{name}.pfx",
                      "-passout", "pass:" + PFX_PASSWORD)
    server.postern("Import-ExchangeCertificate", "-FileName", authority.path(name, "pfx"), "-Password", "-",
                   input=PFX_PASSWORD + "\n")
    server.postern("Enable-ExchangeCertificate", authority.thumbprint(name), "-Services", "SMTP", "-Confirm:$false")


def present(name):
    server.postern("Set-ReceiveConnector", server.connector(587), "-TlsCertificateName", name)


def explained():
    return server.get("Test-ReceiveConnectorCertificate", server.connector(587))[0]


def foretold_by_test():
    """`postern test` as Thunderbird that trusts our root: (exit code, what is printed)."""
    done = server.postern("test", "--connector", server.connector(587), "--user", "alice", "--password", "-",
                          "--as", "thunderbird", "--ca", authority.path("root"), input=PASSWORD + "\n", good=False)
    return done.returncode, done.stdout


# --- the person at Thunderbird ---

def refused(picture, error, code):
    """Thunderbird refuses with this error, nothing arrives, and we have foretold it with this code."""
    check(server.thunderbird, "Thunderbird has not started")
    wanted = explained()["Presents"]["Thumbprint"]
    status, printed = foretold_by_test()
    check(status == 1 and f"({code})" in printed, f"test --as thunderbird: {status} {printed}")
    token, before = new_token(), len(server.files())
    end = server.thunderbird.send(f"bob@{DOMAIN}", token, picture)
    equal((end["sent"], end["error"]), (False, error), f"Thunderbird, which says {end['alert']}")
    equal(end["thumbprint"], wanted, "the certificate that Thunderbird saw, beside that of explain")
    equal(end["where"], f"{HOST}:{server.port(587)}", "where")
    server.settle()
    equal(len(server.files()), before, "messages delivered")
    return end["alert"].split("\n")[1]


def sent(picture):
    """Thunderbird sends, it arrives, and we have foretold that. Returns the thumbprint Thunderbird saw."""
    check(server.thunderbird, "Thunderbird has not started")
    wanted = explained()["Presents"]["Thumbprint"]
    status, printed = foretold_by_test()
    check(status == 0 and "Thunderbird: there is nothing it minds" in printed, f"test --as thunderbird: {status} {printed}")
    token = new_token()
    end = server.thunderbird.send(f"bob@{DOMAIN}", token, picture)
    check(end["sent"], f"Thunderbird refuses: {end}")
    equal(end["thumbprint"], wanted, "the certificate that Thunderbird saw, beside that of explain")
    message = server.find(token.encode())
    for words in (f"From: Alice <alice@{DOMAIN}>", "User-Agent: Mozilla Thunderbird", "with ESMTPSA", "A line of text."):
        check(words.encode() in message, f"{words} is not in {message[:900]!r}")
    return end["thumbprint"]


def processes():
    roles = {role: sorted(server.pids(role)) for role in ("edge", "signer", "checker", "hub", "courier")}
    return server.process.pid, roles, server.thunderbird.process.pid


@test
def thunderbird_starts(_):
    for name in ("alice", "bob"):
        server.add_user(name)
    begun = time.monotonic()
    server.thunderbird = Thunderbird(server.folder, HOST, server.port(587), "alice", DOMAIN)
    server.thunderbird.remember_password(HOST, "alice", PASSWORD)
    server.thunderbird.trust(authority.path("root"))
    server.before = processes()
    return f"version {server.thunderbird.version}, {time.monotonic() - begun:.0f} s"


@test
def what_was_made_at_the_first_start_is_refused(_):
    return refused("self-signed", "MOZILLA_PKIX_ERROR_SELF_SIGNED_CERT", "SELF_SIGNED")


@test
def another_name_is_refused(_):
    bring("elsewhere")
    present(authority.thumbprint("elsewhere"))
    return refused("another-name", "SSL_ERROR_BAD_CERT_DOMAIN", "NAME_MISMATCH")


@test
def an_unknown_issuer_is_refused(_):
    bring("unknown")
    present(authority.thumbprint("unknown"))
    return refused("unknown-issuer", "SEC_ERROR_UNKNOWN_ISSUER", "CHAIN_INCOMPLETE")


@test
def an_expired_one_is_refused(_):
    bring("expired")
    present(authority.thumbprint("expired"))
    return refused("expired", "SEC_ERROR_EXPIRED_CERTIFICATE", "EXPIRED")


@test
def the_administrator_mends_it(_):
    bring("good")
    one = server.get("Get-ExchangeCertificate", authority.thumbprint("good"))[0]
    present(f"<I>{one['Issuer']}<S>{one['Subject']}")
    equal(sent("sent"), authority.thumbprint("good"), "thumbprint")


@test
def a_renewal_is_what_it_sees_next(_):
    server.postern("certificate", "deploy", authority.path("renewed"), authority.path("renewed", "key"))
    equal(sent("renewed"), authority.thumbprint("renewed"), "thumbprint")


@test
def nothing_was_started_anew(_):
    equal(processes(), server.before, "processes")


make_certificates()
run(180, server)
