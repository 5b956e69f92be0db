# SPDX-License-Identifier: Apache-2.0
"""Postern and other servers, each case with what is expected and what was seen: docs/interoperability.md is this table.

Runs in a network namespace of its own (tools/interop). Options: names of cases or peers; --table writes the page.
"""
import os
import re
import subprocess
import sys
import tempfile
import time

import inner
import peers
from world import INCOMING, NETWORKS, OUTGOING, POSTERN, RESOLVER, ROOT, ZONE, World, address, domain, host

import harness

ROOTS = os.environ["POSTERN_PEERS"]
WAIT_S = 20
PASSWORD = harness.PASSWORD
NAMES = (*NETWORKS, "dovecot", "rspamd")


class Postern(harness.Server):
    def __init__(self, world, anchor):
        super().__init__(options=["--trust", world.roots, "--name-server", f"{RESOLVER}:53", "--dns-anchor", anchor])
        self.world, self.offset = world, 0

    def arguments(self):
        words = super().arguments()
        words[words.index("--bind") + 1] = POSTERN
        words[words.index("--server") + 1] = f"mx.postern.{ZONE}"
        return words

    def prepare(self):
        self.start()
        self.import_certificate("postern")
        for variant in INCOMING:
            self.postern("New-AcceptedDomain", "-Name", variant, "-DomainName", domain(variant, "postern"))
            self.postern("New-Mailbox", "-Name", variant, "-PrimarySmtpAddress", f"bob@{domain(variant, 'postern')}", "-Password", "-",
                         input=PASSWORD + "\n")
        for variant, words in CONNECTORS.items():
            spaces = ",".join(f"{domain(variant, server)}" for server in NETWORKS)
            self.postern("New-SendConnector", "-Name", variant, "-AddressSpaces", spaces, *words)
        self.postern("New-SendConnector", "-Name", "World", "-AddressSpaces", "*")
        mutual = ",".join(domain(variant, server) for server in NETWORKS for variant in ("client", "client-none"))
        self.postern("Set-TransportConfig", "-TLSReceiveDomainSecureList", mutual)
        self.postern("Set-ReceiveConnector", self.connector(25), "-DomainSecureEnabled", "$true")

    def import_certificate(self, name):
        chain, key = self.world.authority.path(name, "chain"), self.world.authority.path(name, "key")
        self.postern("certificate", "deploy", chain, key)
        self.postern("Enable-ExchangeCertificate", self.world.authority.thumbprint(name), "-Services", "SMTP", "-Confirm:$false")

    def submit(self, recipient, token):
        with harness.Client(587, host=POSTERN) as client:
            client.ehlo()
            client.starttls()
            client.log_in("may")
            sender = f"bob@{domain('may', 'postern')}"
            client.mail(sender, [recipient], harness.header(token, sender, recipient) + b"hello\r\n.\r\nbehind a dot\r\n")

    def found(self, token):
        for content in self.messages().values():
            if token.encode() in content:
                return content.decode("utf-8", "replace")
        return None

    def waits(self, token):
        for message in self.get("Get-Message"):
            if message.get("Subject") == token and message.get("LastError"):
                return message["LastError"]
        return None


# what the send connector of a variant says; the others go through "World"
CONNECTORS = {
    "require": ("-RequireTLS", "$true"),
    "encryption": ("-RequireTLS", "$true", "-TlsAuthLevel", "EncryptionOnly"),
    "chain": ("-RequireTLS", "$true", "-TlsAuthLevel", "CertificateValidation"),
    "chain-wrong": ("-RequireTLS", "$true", "-TlsAuthLevel", "CertificateValidation"),
    "domain": ("-RequireTLS", "$true", "-TlsAuthLevel", "DomainValidation"),
    "domain-wrong": ("-RequireTLS", "$true", "-TlsAuthLevel", "DomainValidation", "-TlsDomain", "other.example"),
    "client": ("-RequireTLS", "$true", "-Fqdn", f"mx.postern.{ZONE}"),
}

TLS, PLAIN = "delivered inside TLS", "delivered in clear"

# variant: what it is about, what is expected, of which peers
WE_SEND = {
    "may": ("TLS is offered", TLS),
    "clear": ("no TLS is offered", PLAIN),
    "self": ("TLS with a self-signed certificate", TLS),
    "require": ("RequireTLS, no TLS is offered", "waits: 451 5.7.3 STARTTLS is required"),
    "encryption": ("EncryptionOnly, self-signed", TLS),
    "chain": ("CertificateValidation", TLS),
    "chain-wrong": ("CertificateValidation, self-signed", "waits: 454 4.7.5"),
    "domain": ("DomainValidation", TLS),
    "domain-wrong": ("DomainValidation, another TlsDomain", "waits: 454 4.7.5"),
    "dane": ("DANE, the record fits", TLS),
    "dane-wrong": ("DANE, the record is for another key", "waits: 454 4.7.5"),
    "dane-clear": ("DANE, no TLS is offered", "waits: 451 5.7.3"),
    "sts": ("MTA-STS enforced", TLS),
    "sts-host": ("MTA-STS enforced, the policy names other hosts", "waits: 4"),
    "sts-self": ("MTA-STS enforced, self-signed", "waits: 454 4.7.5"),
    "sts-testing": ("MTA-STS testing, self-signed", TLS),
    "client": ("the peer demands a client certificate", TLS),
}

THEY_SEND = {
    "clear": ("the peer uses no TLS", PLAIN),
    "may": ("the peer uses TLS when it can", TLS),
    "require": ("the peer demands TLS", TLS),
    "secure": ("the peer validates our certificate", TLS),
    "secure-wrong": ("the peer expects another name or root", "waits"),
    "dane": ("the peer demands DANE, the record fits", TLS),
    "dane-wrong": ("the peer demands DANE, the record is for another key", "waits"),
    "client": ("mutual TLS for the sender's domain, the peer shows its certificate", TLS),
    "client-none": ("mutual TLS for the sender's domain, the peer shows none", "waits: 454 4.7.5"),
}

# What a peer cannot play as a sender: OpenSMTPD knows no DANE, and shows its certificate to everybody.
CANNOT_SEND = {("opensmtpd", variant) for variant in ("dane", "dane-wrong", "client", "client-none")}


def how(text):
    """The trace field the receiver wrote says how it came."""
    fields = re.sub(r"\r?\n[ \t]+", " ", text)
    first = next((line for line in fields.splitlines() if line.startswith("Received:") and " with " in line), "")
    return TLS if re.search(r"with (UTF8)?E?SMTPS|TLS", first) else PLAIN


def watch(receiver, sender, token, expected):
    """What becomes of the message: how it was delivered, or why it waits."""
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        text = receiver.found(token)
        if text:
            whole = re.search(r"hello\r?\n\.\r?\nbehind a dot", text)
            return how(text) + ("" if whole else ", and the body was changed")
        why = sender.waits(token)
        if why:
            return "waits: " + " ".join(why.split())
        time.sleep(0.2)
    return "nothing came of it"


def fits(expected, seen):
    if expected.startswith("waits: "):
        return seen.startswith("waits: ") and expected.removeprefix("waits: ") in seen
    return seen.startswith(expected)


class Table:
    def __init__(self):
        self.rows, self.versions, self.failures = [], [], 0

    def add(self, direction, case, what, expected, seen):
        good = fits(expected, seen)
        self.failures += not good
        self.rows.append((direction, what, expected, seen if len(seen) < 160 else seen[:157] + "..."))
        print(f"{'ok' if good else 'not ok'} interop-{case}{'' if good else ': ' + seen[:400]}", flush=True)


def start_resolver(world):
    """unbound, that believes the zone by its anchor: for the peers, and for Postern."""
    port, anchor = world.serve_names()
    root = os.path.join(ROOTS, "unbound")
    with open(os.path.join(root, "etc/unbound/interop.conf"), "w", encoding="ascii") as file:
        file.write(f"""server:
  interface: {RESOLVER}
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  do-ip6: no
  use-syslog: no
  chroot: ""
  username: ""
  pidfile: ""
  module-config: "validator iterator"
  trust-anchor: "{anchor}"
stub-zone:
  name: "{ZONE}"
  stub-addr: 127.0.0.54@{port}
""")
    process = subprocess.Popen(["chroot", root, "unbound", "-d", "-c", "/etc/unbound/interop.conf"], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=open(os.path.join(root, "var/log/unbound.out"), "wb"))
    peers.wait_for_port(RESOLVER, 53)
    return process, anchor


def main(wanted):
    folder = tempfile.mkdtemp(prefix="postern-interop-")
    os.chmod(folder, 0o755)
    world, table = World(folder), Table()
    resolver, anchor = start_resolver(world)
    world.serve_policies()
    anchor_file = os.path.join(folder, "anchor")
    with open(anchor_file, "w", encoding="ascii") as file:
        file.write(anchor + "\n")
    postern = Postern(world, anchor_file)
    running = []
    try:
        postern.prepare()
        for kind in (peers.Postfix, peers.Exim, peers.OpenSMTPD):
            if any(word in NAMES for word in wanted) and kind.name not in wanted:
                continue
            peer = kind(world, ROOTS)
            running.append(peer)
            peer.start()
            table.versions.append(peer.version())
            meet(table, postern, peer, [word for word in wanted if word not in NAMES])
        inner.meet(table, postern, ROOTS, wanted)
    finally:
        for peer in running:
            peer.stop()
        postern.stop()
        resolver.terminate()
    return table


def meet(table, postern, peer, wanted):
    tokens = []
    for variant, (what, expected) in WE_SEND.items():
        if (not wanted or "send-" + variant in wanted):
            token = harness.new_token()
            postern.submit(f"anna@{domain(variant, peer.name)}", token)
            tokens.append((f"to {peer.name}", f"{peer.name}-send-{variant}", what, expected, peer, postern, token))
    for variant, (what, expected) in THEY_SEND.items():
        if (not wanted or "receive-" + variant in wanted) and (peer.name, variant) not in CANNOT_SEND:
            token = harness.new_token()
            peer.submit(f"anna@{domain(variant, peer.name)}", f"bob@{domain(variant, 'postern')}", token)
            tokens.append((f"from {peer.name}", f"{peer.name}-receive-{variant}", what, expected, postern, peer, token))
    for direction, case, what, expected, receiver, sender, token in tokens:
        table.add(direction, case, what, expected, watch(receiver, sender, token, expected))


PAGE = """# Interoperability

Written by `./dev interop --table`: Postern beside other servers, each of them as Debian packages it, in a network namespace with a
signed zone, an authority of its own and port 25. `waits` means the message stayed in the sender's queue for that reason. Behind
Postern are Dovecot, which holds mailboxes ([mailboxes.md](mailboxes.md)), and rspamd as a content filter.

%s

| direction | case | expected | seen |
|---|---|---|---|
%s
"""


def write_page(table):
    rows = "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in table.rows)
    with open(os.path.join(ROOT, "docs", "interoperability.md"), "w", encoding="utf-8") as file:
        file.write(PAGE % ("; ".join(table.versions), rows))


if __name__ == "__main__":
    result = main([word for word in sys.argv[1:] if not word.startswith("--")])
    if "--table" in sys.argv:
        write_page(result)
    print(f"{len(result.rows) - result.failures} of {len(result.rows)} as expected")
    sys.exit(1 if result.failures else 0)
