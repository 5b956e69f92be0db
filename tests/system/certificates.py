# SPDX-License-Identifier: Apache-2.0
"""A new certificate while clients come: imported, enabled, named; no restart, no failed handshake."""
import collections
import hashlib
import itertools
import os
import ssl
import subprocess
import threading
import time

from harness import (FULL, Client, Server, check, equal, new_token, presented, run, sanitized, test, tls_context)

server = Server()
SECONDS, RATE = (60, 100) if FULL else (10, 50)
PFX_PASSWORD = "pfx pass 7"


def openssl(*words, input=None):
    done = subprocess.run(["openssl", *words], input=input, capture_output=True, cwd=server.folder, timeout=60)
    equal(done.returncode, 0, f"openssl {words[0]}: {done.stderr.decode()[-300:]}")
    return done.stdout


def make_authority():
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "800",
            "-subj", "/C=US/O=Example Trust, Inc./CN=Example Issuing CA 1")


def make_pfx(name, days, *words, key=("rsa:2048",)):
    """A wildcard certificate of the authority as NAME.pfx; returns its thumbprint."""
    with open(os.path.join(server.folder, name + ".ext"), "w") as file:
        file.write("subjectAltName=DNS:*.example.test,DNS:example.test\nextendedKeyUsage=serverAuth\n"
                   "keyUsage=digitalSignature\nbasicConstraints=CA:FALSE\n")
    openssl("req", "-newkey", *key, "-nodes", "-keyout", name + ".key", "-out", name + ".csr",
            "-subj", "/C=US/O=Example/CN=*.example.test")
    openssl("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", str(days), "-extfile", name + ".ext", "-out", name + ".pem")
    openssl("pkcs12", "-export", "-inkey", name + ".key", "-in", name + ".pem", "-certfile", "ca.pem", "-name", name,
            "-out", name + ".pfx", "-passout", "pass:" + PFX_PASSWORD, *words)
    der = openssl("x509", "-in", name + ".pem", "-outform", "DER")
    return hashlib.sha1(der).hexdigest().upper()


def install(name, *words, key=("rsa:2048",), days=300):
    thumbprint = make_pfx(name, days, *words, key=key)
    server.postern("Import-ExchangeCertificate", "-FileName", os.path.join(server.folder, name + ".pfx"),
                   "-Password", "-", input=PFX_PASSWORD + "\n")
    shown = server.get("Get-ExchangeCertificate", thumbprint)
    equal([one["Thumbprint"] for one in shown], [thumbprint], "Get-ExchangeCertificate")
    check(shown[0]["HasPrivateKey"], f"{name}: no private key")
    return shown[0]


def shown_on(port):
    return hashlib.sha1(presented(server.port(port), implicit=port == 465)).hexdigest().upper()


@test
def import_modern_and_legacy(_):
    make_authority()
    server.legacy = install("legacy", "-legacy", days=200)  # not after the modern one, and ends before it
    server.modern = install("modern")
    check(shown_on(587) not in (server.modern["Thumbprint"], server.legacy["Thumbprint"]),
          "a certificate is presented before it was enabled for SMTP")


@test
def import_refusals_keep_all_as_it_was(_):
    before = server.get("Get-ExchangeCertificate")
    path = os.path.join(server.folder, "modern.pfx")
    done = server.postern("Import-ExchangeCertificate", "-FileName", path, "-Password", "-", input="wrong\n", good=False)
    check(done.returncode in (1, 2), f"exit code for a wrong password: {done.returncode}")
    check("password" in done.stderr.lower(), f"it says: {done.stderr}")
    with open(path, "rb") as file:
        whole = file.read()
    for name, content in (("cut.pfx", whole[:len(whole) // 2]), ("empty.pfx", b""), ("noise.pfx", os.urandom(3000))):
        with open(os.path.join(server.folder, name), "wb") as file:
            file.write(content)
        done = server.postern("Import-ExchangeCertificate", "-FileName", os.path.join(server.folder, name),
                              "-Password", "-", input=PFX_PASSWORD + "\n", good=False)
        check(done.returncode in (1, 2) and done.stderr, f"{name}: exit {done.returncode}: {done.stderr}")
    equal(server.get("Get-ExchangeCertificate"), before, "certificates after refused imports")


VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
# begun: when; shown: thumbprint; ticket: thumbprint of the session that gave the ticket offered; why: what went wrong
Seen = collections.namedtuple("Seen", "begun shown ticket resumed why dropped")


def meet(context, session=None, ticket=None):
    """One whole session of 587, with `session` to resume: what it saw, and its own session to resume later."""
    begun, shaken = time.monotonic(), False
    try:
        with Client(server.port(587), timeout_s=10) as client:
            client.ehlo()
            client.starttls(context, session)
            shaken = True
            shown = hashlib.sha1(client.socket.getpeercert(binary_form=True)).hexdigest().upper()
            seen = Seen(begun, shown, ticket, client.socket.session_reused, None, False)
            kept = client.socket.session
            client.expect("QUIT", 221)
            return seen, kept
    except Exception as error:
        return Seen(begun, None, ticket, False, f"{type(error).__name__}: {error}", shaken), None


class Load:
    """STARTTLS sessions at a fixed rate from several threads: each new one is followed by one that resumes it, in turn with
    TLS 1.2 and 1.3."""

    def __init__(self, threads=8):
        self.seen, self.over, self.lock = [], threading.Event(), threading.Lock()
        self.next_at = time.monotonic()
        self.workers = [threading.Thread(target=self.work, daemon=True) for _ in range(threads)]

    def work(self):
        contexts = itertools.cycle([tls_context(version, version) for version in VERSIONS])
        while not self.over.is_set():
            context = next(contexts)
            seen, session = self.at_its_time(context)
            if session:
                self.at_its_time(context, session, seen.shown)

    def at_its_time(self, *what):
        with self.lock:
            begin = self.next_at
            self.next_at += 1 / RATE
        time.sleep(max(0, begin - time.monotonic()))
        seen, session = meet(*what)
        with self.lock:
            self.seen.append(seen)
        return seen, session

    def __enter__(self):
        for worker in self.workers:
            worker.start()
        return self

    def __exit__(self, *unused):
        self.over.set()
        for worker in self.workers:
            worker.join(30)


class Bystanders:
    """Sessions that are open while a certificate changes, and clients who come back after it with tickets of before."""

    def __init__(self, count=16):
        self.open, self.tickets = [], []
        for i in range(count):
            client = Client(server.port(587))
            client.ehlo()
            client.starttls(tls_context())
            self.open.append(client)
            context = tls_context(VERSIONS[i % 2], VERSIONS[i % 2])
            seen, session = meet(context)
            check(session, f"no ticket before the change: {seen.why}")
            self.tickets.append((context, session, seen.shown))

    def sessions_live_on(self, what):
        dropped = []
        for client in self.open:
            try:
                client.expect("NOOP", 250)
                client.expect("QUIT", 221)
            except Exception as error:
                dropped.append(f"{type(error).__name__}: {error}")
            client.close()
        check(not dropped, f"{what}: {len(dropped)} of {len(self.open)} open sessions were dropped: {dropped[:2]}")

    def tickets_are_void(self, what, wanted):
        for context, session, issued in self.tickets:
            seen, _ = meet(context, session, issued)
            check(not seen.why, f"{what}: a client with an older ticket failed: {seen.why}")
            check(not seen.resumed, f"{what}: a ticket of before it was accepted with {context.maximum_version.name}")
            equal(seen.shown, wanted, f"{what}: what a client with an older ticket is shown")


def name_of(certificate):
    return f"<I>{certificate['Issuer']}<S>{certificate['Subject']}"


def judge_load(what, seen, old, wanted, begun, done):
    """No session failed; those before the change saw `old`, those after it `wanted`; resumption worked on both sides."""
    failed = [one.why for one in seen if one.why and not one.dropped]
    dropped = [one.why for one in seen if one.dropped]
    check(not failed, f"{what}: {len(failed)} of {len(seen)} handshakes failed: {failed[:2]}")
    check(not dropped, f"{what}: {len(dropped)} of {len(seen)} sessions were dropped: {dropped[:2]}")
    late = [one for one in seen if one.begun > done and one.shown != wanted]
    check(not late, f"{what}: {len(late)} sessions begun after the answer of the cmdlet saw another certificate")
    early = [one for one in seen if one.begun < begun - 1 and one.shown != old]
    check(not early, f"{what}: {len(early)} sessions saw another certificate before the change")
    mixed = [one for one in seen if one.resumed and one.shown != one.ticket]
    check(not mixed, f"{what}: {len(mixed)} resumed sessions showed another certificate than their ticket's")
    for side, some in (("before", [one.resumed for one in seen if one.begun < begun]),
                       ("after", [one.resumed for one in seen if one.begun > done + 1])):
        check(sum(some) > len(some) * 0.4, f"{what}: {sum(some)} of {len(some)} sessions {side} it resumed, wanted half")
    enough = SECONDS * RATE * (0.6 if sanitized() else 0.9)
    check(len(seen) > enough, f"{what}: only {len(seen)} sessions in {SECONDS} s")


def change_under_load(what, wanted, change):
    """Runs `change` in the middle of the load. All clients after it see `wanted`, none fails, no role starts anew."""
    before = {role: sorted(server.pids(role)) for role in ("edge", "signer", "checker", "hub", "courier")}
    old = shown_on(587)
    check(old != wanted, f"{what}: the wanted certificate is presented before the change")
    bystanders = Bystanders()
    with Load() as load:
        time.sleep(SECONDS * 0.4)
        begun = time.monotonic()
        change()
        done = time.monotonic()
        bystanders.sessions_live_on(what)
        bystanders.tickets_are_void(what, wanted)
        time.sleep(max(0, done + SECONDS * 0.6 - time.monotonic()))
    judge_load(what, load.seen, old, wanted, begun, done)
    equal({role: sorted(server.pids(role)) for role in before}, before, f"{what}: processes")
    service = server.get("Get-TransportService")[0]
    equal(service["EdgesInForce"], service["Edges"], f"{what}: edges with the new revision")
    last_old = max((one.begun for one in load.seen if one.shown == old), default=begun)
    resumed = sum(one.resumed for one in load.seen)
    return (f"{len(load.seen) / SECONDS:.0f} sessions/s, {len(load.seen)} in all, {resumed} resumed; the last edge presents "
            f"the new one after {max(0, last_old - begun):.2f} s (cmdlet {done - begun:.2f} s), failed handshakes 0, "
            f"sessions dropped 0, {len(bystanders.open)} open ones live on, {len(bystanders.tickets)} older tickets void")


@test
def named_certificate_under_load(_):
    """From the one the server made for itself, pinned: without the pin the enabled one would be chosen for the Fqdn already."""
    server.postern("Set-ReceiveConnector", server.connector(587), "-TlsCertificateName", shown_on(587))
    server.postern("Enable-ExchangeCertificate", "-Thumbprint", server.modern["Thumbprint"], "-Services", "SMTP",
                   "-Confirm:$false")

    def change():
        server.postern("Set-ReceiveConnector", server.connector(587), "-TlsCertificateName", name_of(server.modern))
    return change_under_load("by name", server.modern["Thumbprint"], change)


@test
def the_name_as_people_write_it(_):
    for written in (name_of(server.modern).replace("<I>", "<i>").replace("<S>", "<s>"),
                    name_of(server.modern).replace("CN=", "cn=").replace(", ", ",")):
        server.postern("Set-ReceiveConnector", server.connector(587), "-TlsCertificateName", written)
        equal(shown_on(587), server.modern["Thumbprint"], f"with {written}")
    done = server.postern("Set-ReceiveConnector", server.connector(587), "-TlsCertificateName",
                          name_of(server.modern).replace("<I>", "[I]").replace("<S>", "[S]"), good=False)
    check(done.returncode == 2 or done.returncode == 1, f"[I]..[S]..: exit {done.returncode}")
    check("<I>" in done.stderr, f"[I]..[S]..: no corrected command: {done.stderr}")
    done = server.postern("Set-ReceiveConnector", server.connector(587), "-TlsCertificateName", "<I><S>", good=False)
    check(done.returncode in (1, 2), f"<I><S>: exit {done.returncode}")


@test
def renewal_of_the_same_name_under_load(_):
    """A newer certificate of the same issuer and subject is taken as soon as it is enabled (the twin rule)."""
    time.sleep(1.1)
    newer = install("newer", key=("ec", "-pkeyopt", "ec_paramgen_curve:P-256"), days=400)
    check(shown_on(587) == server.modern["Thumbprint"], "the twin is presented before it was enabled")

    def change():
        server.postern("Enable-ExchangeCertificate", "-Thumbprint", newer["Thumbprint"], "-Services", "SMTP",
                       "-Confirm:$false")
    server.newer = newer
    return change_under_load("renewal", newer["Thumbprint"], change)


@test
def pinned_by_thumbprint(_):
    server.postern("Set-ReceiveConnector", server.connector(587), "-TlsCertificateName", server.modern["Thumbprint"])
    equal(shown_on(587), server.modern["Thumbprint"], "pinned")
    server.postern("Set-ReceiveConnector", server.connector(587), "-TlsCertificateName", name_of(server.modern))
    equal(shown_on(587), server.newer["Thumbprint"], "by name again")


@test
def legacy_key_signs(_):
    server.postern("Enable-ExchangeCertificate", "-Thumbprint", server.legacy["Thumbprint"], "-Services", "SMTP",
                   "-Confirm:$false")
    server.postern("Set-ReceiveConnector", server.connector(465), "-TlsCertificateName", server.legacy["Thumbprint"])
    equal(shown_on(465), server.legacy["Thumbprint"], "pinned on 465")


@test
def removal_under_load(_):
    """The certificate in use goes; the other one of its name takes over."""
    def change():
        server.postern("Remove-ExchangeCertificate", server.newer["Thumbprint"], "-Confirm:$false")
    shown = [one["Thumbprint"] for one in server.get("Get-ExchangeCertificate") if "SMTP" in str(one["Services"])]
    check(server.modern["Thumbprint"] in shown, "the twin is not enabled")
    return change_under_load("removal", server.modern["Thumbprint"], change)


@test
def what_if_changes_nothing(_):
    revision = server.get("Get-TransportService")[0]["Revision"]
    server.postern("Set-ReceiveConnector", server.connector(587), "-TlsCertificateName", "$null", "-WhatIf")
    server.postern("Remove-ExchangeCertificate", server.modern["Thumbprint"], "-WhatIf")
    equal(server.get("Get-TransportService")[0]["Revision"], revision, "revision")
    equal(shown_on(587), server.modern["Thumbprint"], "presented")


@test
def kept_over_a_restart(_):
    equal(server.stop(), 0, "exit status")
    server.start()
    equal(shown_on(587), server.modern["Thumbprint"], "presented after a restart")
    equal(shown_on(465), server.legacy["Thumbprint"], "presented on 465 after a restart")


@test
def a_session_in_flight_keeps_its_connector(_):
    with Client(server.port(587)) as client:
        client.ehlo()
        client.starttls()
        server.postern("Set-ReceiveConnector", server.connector(587), "-Comment", new_token())
        client.expect("NOOP", 250)
        equal(on_older_revisions(), 1, "sessions on an older revision")
        client.expect("QUIT", 221)
    deadline = time.monotonic() + 5
    while on_older_revisions():
        check(time.monotonic() < deadline, "it has ended and is still counted")
        time.sleep(0.1)


def on_older_revisions():
    return server.get("Get-TransportService")[0]["SessionsOnOlderRevision"]


run(400 if FULL else 200, server)
