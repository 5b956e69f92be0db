# SPDX-License-Identifier: Apache-2.0
"""proof - the client's side of SCRAM-SHA-256 and -PLUS (RFC 5802, RFC 7677), with the bytes of tls-exporter (RFC 9266).

Written from the RFCs with hashlib and hmac alone, so that it shares no code with the server.
"""
import base64
import hashlib
import hmac
import os
import struct
import tempfile

from harness import Client, b64, check, equal, tls_context

CACHE = {}  # what 100,000 iterations gave


def keyed(key, message, name="sha256"):
    return hmac.new(key, message, name).digest()


def salted_password(password, salt, iterations):
    known = (password, salt, iterations)
    if known not in CACHE:
        CACHE[known] = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    return CACHE[known]


def server_first(challenge):
    """The server's first message and its fields."""
    said = base64.b64decode(challenge, validate=True).decode()
    return said, dict(field.split("=", 1) for field in said.split(","))


class Proof:
    """One exchange. `flag` is the gs2 header's first field: n, y or p=NAME; `binding` what stands behind the header in c=."""

    def __init__(self, user, password, flag="n", binding=b"", authorize=""):
        self.password, self.binding = password, binding
        self.header = f"{flag},{'a=' + authorize if authorize else ''},"
        self.nonce = os.urandom(12).hex()
        self.bare = f"n={user.replace('=', '=3D').replace(',', '=2C')},r={self.nonce}"

    def first(self):
        return b64(self.header + self.bare)

    def final(self, challenge):
        """The answer to the server's first message, as it was sent: base64."""
        said, fields = server_first(challenge)
        check(fields["r"].startswith(self.nonce) and len(fields["r"]) > len(self.nonce) + 15, f"nonce of {said}")
        self.salt, self.iterations = base64.b64decode(fields["s"], validate=True), int(fields["i"])
        bare = f"c={b64(self.header.encode() + self.binding)},r={fields['r']}"
        everything = f"{self.bare},{said},{bare}".encode()
        salted = salted_password(self.password, self.salt, self.iterations)
        client_key = keyed(salted, b"Client Key")
        signature = keyed(hashlib.sha256(client_key).digest(), everything)
        self.wanted = b64("v=" + b64(keyed(keyed(salted, b"Server Key"), everything)))
        self.proof = b64(bytes(a ^ b for a, b in zip(client_key, signature)))
        return b64(f"{bare},p={self.proof}")


def prove(client, user, password, mechanism="SCRAM-SHA-256", flag="n", binding=b"", at_once=True, authorize=""):
    """The whole exchange; returns the last reply and the Proof."""
    proof = Proof(user, password, flag, binding, authorize)
    if at_once:
        reply = client.command(f"AUTH {mechanism} {proof.first()}")
    else:
        equal(client.expect(f"AUTH {mechanism}", 334).lines, [b""], "what the server says first")
        reply = client.command(proof.first())
    if reply.code == 334:
        reply = client.command(proof.final(reply.lines[0]))
    if reply.code == 334:
        equal(reply.lines[0].decode(), proof.wanted, "the server's signature")
        reply = client.command("")
    return reply, proof


# --- tls-exporter, from the secret that Python's TLS writes down ---

def expand_label(name, secret, label, context, length):
    """RFC 8446 7.1; never more than one block."""
    label = b"tls13 " + label
    info = struct.pack("!HB", length, len(label)) + label + bytes([len(context)]) + context
    return keyed(secret, info + b"\1", name)[:length]


def bound_client(port, implicit=False):
    """A client inside TLS 1.3 and the bytes its session has in common with the server's."""
    with tempfile.TemporaryDirectory() as folder:
        context = tls_context()
        context.keylog_filename = os.path.join(folder, "keys")
        client = Client(port, implicit=implicit, context=context)
        client.offered = client.ehlo() if implicit else (client.ehlo(), client.starttls(context))[1]
        with open(context.keylog_filename, encoding="ascii") as file:
            words = [line.split() for line in file]
    found = [bytes.fromhex(word[2]) for word in words if word[0] == "EXPORTER_SECRET"]
    equal(len(found), 1, "exporter secrets of one session")
    name = "sha384" if client.socket.cipher()[0].endswith("SHA384") else "sha256"
    empty = hashlib.new(name).digest()
    derived = expand_label(name, found[0], b"EXPORTER-Channel-Binding", empty, len(empty))
    return client, expand_label(name, derived, b"exporter", empty, 32)
