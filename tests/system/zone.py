# SPDX-License-Identifier: Apache-2.0
"""A name server on loopback with zones of its own, for tests. As a program it prints its port, then the trust anchor, and
serves until its standard input ends.

signed.example  signed (ECDSA P-256, RFC 6605; denial by NSEC, RFC 4034); bad.signed.example has a signature that does not hold, as
                have the TLSA records of hosts called forged; old.signed.example has one that has expired
                open.signed.example is delegated without a key (RFC 4035 5.2), and not signed
plain.example   not signed
broken.example  answered SERVFAIL, as are the TLSA records of hosts called failing
slow.example    never answered
"""
import base64
import hashlib
import ipaddress
import os
import socket
import socketserver
import struct
import sys
import threading
import time

A, NS, CNAME, SOA, MX, TXT, AAAA, DS, RRSIG, NSEC, DNSKEY, TLSA = 1, 2, 5, 6, 15, 16, 28, 43, 46, 47, 48, 52
NO_ERROR, SERVFAIL, NO_NAME, REFUSED = 0, 2, 3, 5
TTL = 300
SIGNED, OPEN, PLAIN = "signed.example", "open.signed.example", "plain.example"

# --- P-256: as much of it as signing needs ---

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
BASE = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
        0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def add(p, q):
    if p is None or q is None:
        return p or q
    if p[0] == q[0]:
        if (p[1] + q[1]) % P == 0:
            return None
        slope = (3 * p[0] * p[0] - 3) * pow(2 * p[1], -1, P)
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, P)
    x = (slope * slope - p[0] - q[0]) % P
    return x, (slope * (p[0] - x) - p[1]) % P


def multiply(number, point):
    product = None
    while number:
        if number & 1:
            product = add(product, point)
        point = add(point, point)
        number >>= 1
    return product


def number_below_order():
    return int.from_bytes(os.urandom(40), "big") % (ORDER - 1) + 1


def sign(private, data):
    digest = int.from_bytes(hashlib.sha256(data).digest(), "big")
    nonce = number_below_order()
    r = multiply(nonce, BASE)[0] % ORDER
    s = pow(nonce, -1, ORDER) * (digest + r * private) % ORDER
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


# --- names and data as they travel ---

def name_bytes(name):
    labels = [label.encode() for label in name.split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def canonical(name):
    return [label.encode() for label in reversed(name.split("."))]


def address(text):
    return ipaddress.ip_address(text).packed


def mail_host(preference, host):
    return struct.pack(">H", preference) + name_bytes(host)


def text(*strings):
    return b"".join(bytes([len(string)]) + string.encode() for string in strings)


def bitmap(types):
    bits = bytearray(max(types) // 8 + 1)
    for kind in types:
        bits[kind // 8] |= 0x80 >> kind % 8
    return bytes([0, len(bits)]) + bytes(bits)


def record(owner, kind, data):
    return name_bytes(owner) + struct.pack(">HHIH", kind, 1, TTL, len(data)) + data


class Zone:
    def __init__(self, origin, rows, signed):
        self.origin = origin
        self.sets = {}
        self.signatures = {}
        self.put(origin, SOA, name_bytes("ns." + origin) + name_bytes("root." + origin) + struct.pack(">5I", 1, 3600, 600, 86400, 60))
        self.put(origin, NS, name_bytes("ns." + origin))
        for label, kind, data in rows:
            self.put(f"{label}.{origin}" if label else origin, kind, data)
        if signed:
            self.sign()

    def put(self, owner, kind, data):
        self.sets.setdefault((owner, kind), []).append(data)

    def owners(self):
        return sorted({owner for owner, _ in self.sets}, key=canonical)

    def sign(self):
        self.private = number_below_order()
        x, y = multiply(self.private, BASE)
        self.key = struct.pack(">HBB", 257, 3, 13) + x.to_bytes(32, "big") + y.to_bytes(32, "big")
        self.put(self.origin, DNSKEY, self.key)
        owners = self.owners()
        for owner, following in zip(owners, owners[1:] + owners[:1]):
            types = [kind for name, kind in self.sets if name == owner] + [RRSIG, NSEC]
            self.put(owner, NSEC, name_bytes(following) + bitmap(types))
        for owner, kind in self.sets:
            if kind != NS or owner == self.origin:  # a delegation is the child's
                self.signatures[owner, kind] = self.signature(owner, kind)

    def signature(self, owner, kind):
        tag = sum(byte << 8 if i % 2 == 0 else byte for i, byte in enumerate(self.key))
        tag = (tag + (tag >> 16)) & 0xFFFF
        now = int(time.time())
        since, until = (now - 30 * 86400, now - 7 * 86400) if owner.startswith("old.") else (now - 86400, now + 86400)
        head = struct.pack(">HBBIIIH", kind, 13, len(owner.split(".")), TTL, until, since, tag) + name_bytes(self.origin)
        made = sign(self.private, head + b"".join(record(owner, kind, data) for data in sorted(self.sets[owner, kind])))
        return head + (bytes(64) if owner.startswith("bad.") or "._tcp.forged." in owner else made)

    def anchor(self):
        return f"{self.origin}. IN DNSKEY 257 3 13 {base64.b64encode(self.key[4:]).decode()}"

    def lines(self, owner, kind):
        found = [record(owner, kind, data) for data in self.sets[owner, kind]]
        if (owner, kind) in self.signatures:
            found.append(record(owner, RRSIG, self.signatures[owner, kind]))
        return found

    def denial(self, name):
        """The NSEC whose owner is the name, or stands right before it."""
        before = [owner for owner in self.owners() if canonical(owner) <= canonical(name)]
        return self.lines(before[-1], NSEC)

    def answer(self, name, kind):
        """Code, answer section, authority section."""
        lines = []
        while (name, CNAME) in self.sets and kind != CNAME:
            lines += self.lines(name, CNAME)
            name = ".".join(self.target(name))
        if (name, kind) in self.sets:
            return NO_ERROR, lines + self.lines(name, kind), []
        exists = any(owner == name or owner.endswith("." + name) for owner, _ in self.sets)
        proof = self.lines(self.origin, SOA)
        if self.signatures:
            proof += self.denial(name) + ([] if exists else self.denial("*." + self.closest(name)))
        return NO_ERROR if exists else NO_NAME, lines, proof

    def target(self, name):
        data, at, labels = self.sets[name, CNAME][0], 0, []
        while data[at]:
            labels.append(data[at + 1:at + 1 + data[at]].decode())
            at += 1 + data[at]
        return labels

    def closest(self, name):
        while not any(owner == name or owner.endswith("." + name) for owner, _ in self.sets):
            name = name.split(".", 1)[1]
        return name


def rows_of(origin):
    return [
        ("", MX, mail_host(10, "mail." + origin)), ("", MX, mail_host(20, "alias." + origin)),
        ("ns", A, address("127.0.0.1")),
        ("mail", A, address("192.0.2.1")), ("mail", AAAA, address("2001:db8::1")),
        ("_25._tcp.mail", TLSA, bytes([3, 1, 1]) + bytes(range(32))),
        ("alias", CNAME, name_bytes("mail." + origin)),
        ("nowhere", MX, mail_host(0, ".")),
        ("_mta-sts", TXT, text("v=STSv1; ", "id=1;")),
        ("long", TXT, b"".join(text("x" * 250) for _ in range(40))),
        ("bad", A, address("192.0.2.66")), ("old", A, address("192.0.2.67")),
    ]


class Server:
    def __init__(self):
        delegation = [("open", NS, name_bytes("ns." + OPEN))]
        self.zones = [Zone(OPEN, rows_of(OPEN), False), Zone(SIGNED, rows_of(SIGNED) + delegation, True),
                      Zone(PLAIN, rows_of(PLAIN), False)]
        self.listen("127.0.0.1")

    def listen(self, address):
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for _ in range(20):  # the same port, free for both
            self.tcp = socketserver.ThreadingTCPServer((address, 0), self.handler(), bind_and_activate=True)
            self.tcp.daemon_threads = True
            self.port = self.tcp.server_address[1]
            try:
                self.udp.bind((address, self.port))
                break
            except OSError:
                self.tcp.server_close()
        threading.Thread(target=self.tcp.serve_forever, daemon=True).start()
        threading.Thread(target=self.serve_udp, daemon=True).start()

    def anchor(self):
        return self.zones[1].anchor()

    def handler(server):
        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                while len(prefix := self.rfile.read(2)) == 2:
                    reply = server.reply(self.rfile.read(int.from_bytes(prefix, "big")), 65535)
                    if reply:
                        self.wfile.write(len(reply).to_bytes(2, "big") + reply)
        return Handler

    def serve_udp(self):
        while True:
            query, client = self.udp.recvfrom(65535)
            reply = self.reply(query, 1232)
            if reply:
                self.udp.sendto(reply, client)

    def reply(self, query, limit):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode().lower())
            at += 1 + query[at]
        kind = int.from_bytes(query[at + 1:at + 3], "big")
        name, question = ".".join(labels), query[12:at + 5]
        if name.endswith("slow.example"):
            return None
        code, answers, authority = self.look_up(name, kind)
        edns = b"\0" + struct.pack(">HHIH", 41, 1232, 0x8000, 0)

        def message(flags, first, second):
            head = query[:2] + struct.pack(">HHHHH", flags | code, 1, len(first), len(second), 1)
            return head + question + b"".join(first) + b"".join(second) + edns
        whole = message(0x8580, answers, authority)
        return whole if len(whole) <= limit else message(0x8780, [], [])

    def look_up(self, name, kind):
        if "._tcp.failing." in name:
            return SERVFAIL, [], []
        for zone in self.zones:
            if (name == zone.origin and kind != DS) or name.endswith("." + zone.origin):
                return zone.answer(name, kind)
        return (SERVFAIL if name.endswith("broken.example") else REFUSED), [], []


if __name__ == "__main__":
    server = Server()
    print(server.port, server.anchor(), sep="\n", flush=True)
    sys.stdin.read()
