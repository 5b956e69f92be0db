# SPDX-License-Identifier: Apache-2.0
"""The small world in which Postern meets other servers: a network namespace with nothing but loopback, where every server has
addresses and port 25 of its own, an authority everybody trusts, and a signed zone.

A name is VARIANT.SERVER.world.example; its mail host is mx-VARIANT.SERVER.world.example, at the listener that the variant wants.
"""
import hashlib
import http.server
import os
import ssl
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "system"))

import zone  # noqa: E402
from authority import Authority  # noqa: E402

ZONE = "world.example"
POSTERN, RESOLVER, ZONE_SERVER, POLICIES, STORE = "127.0.0.10", "127.0.0.53", "127.0.0.54", "127.0.0.60", "127.0.0.70"
NETWORKS = {"postfix": "127.0.1", "exim": "127.0.2", "opensmtpd": "127.0.3"}
GOOD, CLEAR, SELF_SIGNED, ASKING = 1, 2, 3, 4  # listeners of a peer

# variant: the listener of its mail host
OUTGOING = {
    "may": GOOD, "clear": CLEAR, "self": SELF_SIGNED,
    "require": CLEAR, "encryption": SELF_SIGNED,
    "chain": GOOD, "chain-wrong": SELF_SIGNED,
    "domain": GOOD, "domain-wrong": GOOD,
    "dane": GOOD, "dane-wrong": GOOD, "dane-clear": CLEAR,
    "sts": GOOD, "sts-host": GOOD, "sts-self": SELF_SIGNED, "sts-testing": SELF_SIGNED,
    "client": ASKING, "client-none": ASKING,
}
INCOMING = ("clear", "may", "require", "secure", "secure-wrong", "dane", "dane-wrong", "client", "client-none")


def address(server, listener=GOOD):
    return POSTERN if server == "postern" else f"{NETWORKS[server]}.{listener}"


def domain(variant, server):
    return f"{variant}.{server}.{ZONE}"


def host(variant, server):
    return f"mx-{variant}.{server}.{ZONE}"


def key_digest(certificate):
    """SHA-256 of the public key: what a TLSA record 3 1 1 holds (RFC 6698)."""
    public = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-pubkey"], check=True, capture_output=True).stdout
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], check=True, capture_output=True, input=public).stdout
    return hashlib.sha256(der).digest()


class World:
    def __init__(self, folder):
        self.folder = folder
        self.authority = Authority(folder)
        self.authority.issuer("root")
        for server in (*NETWORKS, "postern", "dovecot"):
            self.authority.leaf(server, "root", [f"*.{server}.{ZONE}", f"mx.{server}.{ZONE}"])
            self.authority.leaf(f"{server}-self", None, [f"*.{server}.{ZONE}"])
        self.authority.leaf("policies", "root", [f"mta-sts.{domain(v, s)}" for v in OUTGOING for s in NETWORKS if v.startswith("sts")])
        self.roots = self.authority.path("root")

    def rows(self):
        rows = [("ns", zone.A, zone.address(ZONE_SERVER))]

        def put(name, kind, data):
            rows.append((name.removesuffix("." + ZONE), kind, data))

        def put_domain(variant, server, listener):
            name, mail_host = domain(variant, server), host(variant, server)
            put(name, zone.MX, zone.mail_host(10, mail_host))
            put(mail_host, zone.A, zone.address(address(server, listener)))
            if variant.startswith("dane"):
                digest = bytes(32) if "wrong" in variant else key_digest(self.authority.path(server))
                put(f"_25._tcp.{mail_host}", zone.TLSA, bytes([3, 1, 1]) + digest)
            if variant.startswith("sts"):
                put(f"_mta-sts.{name}", zone.TXT, zone.text("v=STSv1; id=1;"))
                put(f"mta-sts.{name}", zone.A, zone.address(POLICIES))
        for server in NETWORKS:
            put(f"mx.{server}.{ZONE}", zone.A, zone.address(address(server)))
            for variant, listener in OUTGOING.items():
                put_domain(variant, server, listener)
        put(f"mx.postern.{ZONE}", zone.A, zone.address(POSTERN))
        for variant in INCOMING:
            put_domain(variant, "postern", GOOD)
        return rows

    def serve_names(self):
        """The zone, authoritative, at a port of its own; returns port and anchor."""
        server = zone.Server.__new__(zone.Server)
        server.zones = [zone.Zone(ZONE, self.rows(), True)]
        server.listen(ZONE_SERVER)
        return server.port, server.zones[0].anchor()

    def serve_policies(self):
        """MTA-STS policies (RFC 8461 3.2)."""
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                name = self.headers["Host"].removeprefix("mta-sts.").split(":")[0]
                variant, server = name.split(".")[:2]
                mx = "elsewhere.example" if variant == "sts-host" else f"*.{server}.{ZONE}"
                mode = "testing" if variant == "sts-testing" else "enforce"
                text = f"version: STSv1\r\nmode: {mode}\r\nmx: {mx}\r\nmax_age: 86400\r\n".encode()
                good = self.path == "/.well-known/mta-sts.txt"
                self.send_response(200 if good else 404)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text if good else b"")

            def log_message(self, *unused):
                pass
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.authority.path("policies", "chain"), self.authority.path("policies", "key"))
        server = http.server.ThreadingHTTPServer((POLICIES, 443), Handler)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def pair(self, name):
        """Certificate chain and key in one text."""
        with open(self.authority.path(name, "chain"), encoding="ascii") as chain, \
                open(self.authority.path(name, "key"), encoding="ascii") as key:
            return key.read() + chain.read()
