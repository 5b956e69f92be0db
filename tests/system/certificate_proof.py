# SPDX-License-Identifier: Apache-2.0
"""One answer to "which certificate?" for connectors, certificates and clients drawn at random: the rules written down here
once more, `explain`, the handshake OpenSSL's client gets, the live session and the protocol log."""
import csv
import glob
import os
import random
import re
import select
import subprocess
import time
import traceback

from authority import Authority, LEAF
from harness import FULL, Client, Server, check, equal, run, test

server = Server(edges=2)
authority = Authority(server.folder)
SEED = int(os.environ.get("POSTERN_SEED", "0")) or random.getrandbits(32)
SECONDS = 120 if FULL else 4
PORTS = (587, 465, 25)
DAY = 86400
NOW = time.time()
HOSTS = ("mail.example.test", "smtp.example.test", "a.mail.example.test", "wild.example.test", "nobody.example.net")
ASKED = (None, "mail.example.test", "SMTP.example.test", "a.mail.example.test", "b.example.test", "nobody.example.net")
VERIFIES = {"": (), "RSA": ("-sigalgs", "RSA-PSS+SHA256:RSA-PSS+SHA384:RSA+SHA256"), "ECDSA": ("-sigalgs", "ECDSA+SHA256:ECDSA+SHA384")}

KEYS = {"RSA": ("RSA", "rsa_keygen_bits:2048"), "ECDSA": ("EC", "ec_paramgen_curve:P-256"), "Ed25519": ("ED25519", None)}
ROWS = (  # names, key, issued by the authority, valid from and until (days from now), organization
    (("mail.example.test", "smtp.example.test"), "RSA", True, -100, 200, "one"),
    (("mail.example.test", "smtp.example.test"), "RSA", True, -10, 100, "one"),
    (("mail.example.test",), "ECDSA", True, -90, 200, "one"),
    (("mail.example.test",), "ECDSA", True, -5, -1, "two"),
    (("mail.example.test",), "ECDSA", False, -1, 300, "three"),
    (("*.example.test",), "ECDSA", True, -2, 90, "two"),
    (("*.example.test",), "RSA", False, -3, 900, "two"),
    (("smtp.example.test",), "ECDSA", True, 5, 100, "two"),
    (("smtp.example.test",), "Ed25519", True, -7, 100, "two"),
    (("a.mail.example.test",), "RSA", False, -50, -20, "two"),
    (("wild.example.test", "*.mail.example.test"), "ECDSA", True, -200, 20, "two"),
    (("a.mail.example.test",), "ECDSA", True, -200, 20, "two"),
)


# --- certificates ---

def utc(days):
    return time.strftime("%y%m%d%H%M%SZ", time.gmtime(NOW + days * DAY))


def write(name, text):
    with open(authority.path(name, "conf"), "w", encoding="ascii") as file:
        file.write(text)


def make(number, names, key, issued, begins, ends, organization):
    """One certificate in the server, made by openssl(1) with dates of our own."""
    name = f"c{number}"
    write(name, f"{LEAF}serverAuth\nsubjectAltName=" + ",".join("DNS:" + one for one in names) + "\n")
    authority.openssl("req", "-new", "-key", f"{key}.key", "-out", f"{name}.csr", "-subj", f"/O={organization}/CN={names[0]}")
    signer = () if issued else ("-selfsign", "-keyfile", f"{key}.key")
    authority.openssl("ca", "-batch", "-notext", "-config", "ca.conf", *signer, "-in", f"{name}.csr", "-out", f"{name}.pem",
                      "-startdate", utc(begins), "-enddate", utc(ends), "-extfile", f"{name}.conf")
    with open(authority.path(name, "all"), "wb") as both:
        for kind in (authority.path(name), authority.path(key, "key")):
            with open(kind, "rb") as part:
                both.write(part.read())
    server.postern("Import-ExchangeCertificate", "-FileName", authority.path(name, "all"))
    return {"names": names, "key": key, "issued": issued, "from": begins, "until": ends, "thumbprint": authority.thumbprint(name),
            "smtp": False}


@test
def certificates(_):
    authority.issuer("root")
    write("ca", "[ca]\ndefault_ca=one\n[one]\nnew_certs_dir=.\ndatabase=index\nrand_serial=yes\ndefault_md=sha256\n"
          "private_key=root.key\ncertificate=root.pem\npolicy=any\nunique_subject=no\n[any]\norganizationName=supplied\n"
          "commonName=supplied\n")
    open(os.path.join(authority.folder, "index"), "w", encoding="ascii").close()
    for name, (algorithm, option) in KEYS.items():
        authority.openssl("genpkey", "-algorithm", algorithm, *(("-pkeyopt", option) if option else ()), "-out", f"{name}.key")
    server.made = [make(number, *row) for number, row in enumerate(ROWS)]
    for one, shown in ((one, shown) for one in server.made for shown in server.get("Get-ExchangeCertificate", one["thumbprint"])):
        one["bound"] = f"<I>{shown['Issuer']}<S>{shown['Subject']}"
    for port in PORTS:
        server.postern("Set-ReceiveConnector", server.connector(port), "-ProtocolLoggingLevel", "Verbose")


# --- the rules, once more ---

def covers(one, host):
    host = (host or "").lower().rstrip(".")
    return host in one["names"] or any(name.startswith("*.") and host.partition(".")[2] == name[2:] for name in one["names"])


def validity(one, day):
    return 0 if one["from"] <= day <= one["until"] else 1 if one["until"] < day else 2


def best(found, keys, host, day):
    """Of those that match: for this client, valid, issued, written out, newest, longest, greatest."""
    def order(one):
        wildcard = host is not None and host.lower().rstrip(".") not in one["names"]
        return (bool(keys) and one["key"] != keys, validity(one, day), not one["issued"], wildcard, -one["from"], -one["until"],
                -int(one["thumbprint"], 16))
    return min((one for one in found if one["smtp"]), key=order, default=None)


def by_the_rules(connector, asked, keys, day=0):
    """The certificate (None: STARTTLS is not offered) and the rule that gave it, so many days from now."""
    if not connector["tls"]:
        return None, "NO_TLS"
    bound, host = connector["bound"], connector["fqdn"] or server.host
    rule = "PINNED_THUMBPRINT" if bound and bound[0] != "<" else "NAMED_CERTIFICATE"
    named = best([one for one in server.made if bound in (one["bound"], one["thumbprint"])], keys, None, day)
    chosen = named
    if not bound or (not named and connector["fallback"]):
        rule = "CONNECTOR_FQDN" if connector["fqdn"] else "SERVER_FQDN"
        chosen = best([one for one in server.made if covers(one, host)], keys, host, day)
    if chosen and asked and connector["sni"] and not covers(chosen, asked):
        better = best([one for one in server.made if covers(one, asked)], keys, asked, day)
        if better and validity(better, day) == 0:
            return better, "SERVER_NAME"
    return chosen, rule


# --- chance ---

def draw_connector(port, dice):
    bound = dice.choice(("", "", "", *(one[kind] for one in dice.sample(server.made, 3) for kind in ("bound", "thumbprint")),
                         "0" * 40, "<I>CN=nobody<S>CN=nobody"))
    return {"port": port, "tls": dice.random() < 0.9, "fqdn": dice.choice(("", *HOSTS[:3], *HOSTS, "Mail.Example.TEST")),
            "bound": bound, "fallback": dice.random() < 0.6, "sni": dice.random() < 0.6}


def put(connector):
    mechanism = ("Tls",) if connector["tls"] or connector["port"] == 465 else ("None",)
    connector["tls"] = mechanism == ("Tls",)
    server.postern("Set-ReceiveConnector", server.connector(connector["port"]), "-AuthMechanism", *mechanism,
                   "-Fqdn", connector["fqdn"] or "$null", "-TlsCertificateName", connector["bound"] or "$null",
                   "-TlsCertificateFallback", f"${str(connector['fallback']).lower()}", "-TlsSni", f"${str(connector['sni']).lower()}")


def enable(dice):
    for one in dice.sample(server.made, 3):
        one["smtp"] = not one["smtp"]
        verb = "Enable" if one["smtp"] else "Disable"
        server.postern(f"{verb}-ExchangeCertificate", one["thumbprint"], "-Services", "SMTP", "-Confirm:$false")


# --- what a client gets ---

class Handshake:
    """OpenSSL's client; the session stays until `quit`. `der` is None when there was no handshake."""

    def __init__(self, connector, asked, keys, version, ticket=None):
        port = connector["port"]
        start = () if port == 465 else ("-starttls", "smtp")
        self.ticket = authority.path(f"{port}{version}", "ticket")
        words = ["openssl", "s_client", "-connect", f"127.0.0.1:{server.port(port)}", *start, *VERIFIES[keys], version, "-showcerts", "-ign_eof",
                 *(("-servername", asked) if asked else ("-noservername",)), "-sess_out", self.ticket + ".new",
                 *(("-sess_in", ticket) if ticket else ())]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.said = b""
        while b"Verify return code" not in self.said:
            check(select.select([self.process.stdout], [], [], 20)[0], f"{words}: nothing happens, it says {self.said[-300:]}")
            piece = os.read(self.process.stdout.fileno(), 65536)
            if not piece:
                break
            self.said += piece
        self.resumed = b"Reused, TLS" in self.said

    def quit(self):
        self.said += self.process.communicate(b"QUIT\r\n", timeout=20)[0]
        if os.path.exists(self.ticket + ".new"):
            os.replace(self.ticket + ".new", self.ticket)

    def thumbprint(self):
        """What was shown, in a session that came to an end: s_client prints what it remembers of a ticket, too."""
        match = re.search(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", self.said, re.S)
        if not match or b"221 2.0.0" not in self.said:
            return None
        with open(authority.path("shown"), "wb") as file:
            file.write(match.group(0))
        return authority.thumbprint("shown")


def logged(session, timeout_s=5):
    """What the protocol log says of the certificate of this session: the thumbprint, and why this one."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        for name in glob.glob(os.path.join(server.data, "logs", "SmtpReceive", "RECV*.log")):
            with open(name, newline="", encoding="ascii") as file:
                lines = [line for line in file.read().split("\r\n") if session in line and "Sending certificate" in line]
            for row in csv.reader(lines):
                return re.search(r" ([0-9A-F]{40}) \d{4}-", row[7]).group(1), row[8].partition("; chosen by ")[2].partition("; it ")[0].lower()
        time.sleep(0.02)
    return None, None


def foretold(connector, asked, keys, words, dice):
    """explain for another day, and what it says of the first change to come."""
    ends = sorted({one[end] for one in server.made for end in ("from", "until")})
    day = dice.choice(ends) + 0.5
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW + day * DAY))
    chosen, rule = by_the_rules(connector, asked, keys, day)
    explained = server.get("Test-ReceiveConnectorCertificate", server.connector(connector["port"]), *words, "-At", at)[0]
    presents = explained["Presents"]
    equal((presents and presents["Thumbprint"], explained["Rule"]), (chosen and chosen["thumbprint"], rule), f"explain -At {at}")
    now = (chosen and chosen["thumbprint"], rule, chosen and validity(chosen, day))
    for later in (end + 0.5 for end in ends if end > day):
        other, rule = by_the_rules(connector, asked, keys, later)
        if (other and other["thumbprint"], rule, other and validity(other, later)) != now:
            change = explained["Changes"][0]
            equal(change["Presents"]["Thumbprint"], other["thumbprint"], f"the first change behind {at}")
            return
    equal(explained["Changes"], [], f"changes behind {at}")


def compare(connector, asked, keys, version, ticket, dice):
    words = (("-ServerName", asked) if asked else ()) + (("-ClientKeys", keys) if keys else ())
    explained = server.get("Test-ReceiveConnectorCertificate", server.connector(connector["port"]), *words)[0]
    chosen, rule = by_the_rules(connector, asked, keys)
    wanted = chosen and chosen["thumbprint"]
    equal((explained["Presents"] and explained["Presents"]["Thumbprint"], explained["Rule"]), (wanted, rule), "explain")
    foretold(connector, asked, keys, words, dice)
    if not chosen and connector["port"] != 465:
        with Client(server.port(connector["port"])) as client:
            check("STARTTLS" not in client.ehlo(), "STARTTLS is offered without a certificate")
        return False
    handshake = Handshake(connector, asked, keys, version, ticket)
    live = server.get("Get-SmtpSession", "-ReceiveConnector", server.connector(connector["port"]))
    handshake.quit()
    shown = handshake.thumbprint()
    if not chosen or (keys and chosen["key"] != keys and not handshake.resumed):  # who resumes verifies nothing
        equal(shown, None, "a certificate that the client cannot verify, or none, is shown")
        return False
    equal(shown, wanted, "OpenSSL's client")
    equal([(one["CertificateThumbprint"], one["CertificateRule"]) for one in live], [(wanted, rule)], "the live session")
    equal(logged(live[0]["Identity"]), (wanted, explained["Because"].lower()), "the protocol log")
    return handshake.resumed


@test
def everybody_says_the_same(_):
    server.host = "mx.example.test"
    server.made.append({"names": (server.host, "mx"), "key": "ECDSA", "issued": False, "from": 0, "until": 1800, "smtp": True,
                        "bound": "", "thumbprint": server.get("Get-ExchangeCertificate", "-DomainName", server.host)[0]["Thumbprint"]})
    dice = random.Random(SEED)
    until, count, resumed, rounds = time.monotonic() + SECONDS, 0, 0, 0
    while time.monotonic() < until:
        enable(dice)
        rounds += 1
        for port in PORTS:
            connector = draw_connector(port, dice)
            put(connector)
            for _ in range(4):
                asked, keys, version = dice.choice(ASKED), dice.choice(("", "", *VERIFIES)), dice.choice(("-tls1_2", "-tls1_3"))
                ticket = authority.path(f"{port}{version}", "ticket")
                ticket = ticket if os.path.exists(ticket) and dice.random() < 0.6 else None
                try:
                    resumed += compare(connector, asked, keys, version, ticket, dice)
                except Exception:
                    traceback.print_exc()
                    check(False, f"seed {SEED}, round {rounds}: {connector} asked={asked} keys={keys} {version} ticket={bool(ticket)}")
                count += 1
    check(resumed or count < 100, "no session was resumed: nothing is known of tickets")
    return f"seed {SEED}: {count} clients of {rounds} configurations, {resumed} resumed"


run(300 if FULL else 60, server)
