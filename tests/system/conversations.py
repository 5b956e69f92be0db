# SPDX-License-Identifier: Apache-2.0
"""The dialogues of tests/conversations marked `daemon: PORT`, against the real server."""
import fnmatch
import glob
import os
import re

from harness import ROOT, Client, Failed, Server, check, run, test, tests

server = Server()
NAMED = {b"r": b"\r", b"n": b"\n", b"t": b"\t", b"0": b"\0", b"\\": b"\\"}
BYTES = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|\{([^*}]*)\*(\d+)\}|([rnt0\\]))")


def bytes_of(text):
    """What a C or raw line sends: \\r \\n \\t \\0 \\\\ \\xHH and \\{A*500}."""
    def one(match):
        digits, repeated, times, name = match.groups()
        if digits:
            return bytes([int(digits, 16)])
        return BYTES.sub(one, repeated) * int(times) if times else NAMED[name]
    return BYTES.sub(one, text)


def parse(path):
    """[(kind, text)] of the lines that matter to a real server."""
    lines = []
    with open(path, "rb") as file:
        for line in file.read().split(b"\n"):
            match = re.match(rb"(C|S|raw|daemon|implicit): ?(.*)$", line)
            if match and not line.startswith(b"#"):
                lines.append((match.group(1).decode(), match.group(2)))
    return lines


def matches(pattern, line):
    quoted = pattern.replace(b"[", b"[[]").replace(b"?", b"[?]")
    return fnmatch.fnmatchcase(line.decode("latin-1"), quoted.decode("latin-1"))


class Play:
    """Consecutive client lines go out in one piece, as in the other performance."""

    def __init__(self, lines):
        port = int(dict(lines)["daemon"])
        self.client = Client(server.port(port), timeout_s=20, greet=False, implicit=port == 465)
        self.waiting, self.starting_tls, self.heard = b"", False, []

    def flush(self):
        self.starting_tls = self.waiting.strip().upper() == b"STARTTLS"
        if self.waiting:
            self.client.send(self.waiting)
        self.waiting = b""

    def hear(self, pattern):
        self.flush_needed()
        line = self.client.line()
        self.heard.append(line)
        if not matches(pattern, line):
            raise Failed(f"the server says {line!r}, wanted {pattern!r}; before: {self.heard[-4:-1]}")
        if self.starting_tls and line.startswith(b"220 "):
            self.starting_tls = False
            self.client.wrap()

    def flush_needed(self):
        if self.waiting:
            self.flush()

    def act(self, kind, text):
        if kind == "C":
            self.waiting += bytes_of(text) + b"\r\n"
        elif kind == "raw":
            self.waiting += bytes_of(text)
        elif kind == "S":
            self.hear(text)


def play(path):
    lines = parse(path)
    performance = Play(lines)
    with performance.client:
        for kind, text in lines:
            performance.act(kind, text)
        check(not performance.waiting, "the file ends with a line of the client that nobody answers")


@test
def users(_):
    server.postern("New-AcceptedDomain", "-Name", "localhost", "-DomainName", "localhost")
    server.postern("New-Mailbox", "-Name", "demo", "-PrimarySmtpAddress", "demo@localhost", "-Password", "-",
                   input="secret-demo\n")
    for port in (25, 587):
        server.postern("Set-ReceiveConnector", server.connector(port), "-MaxProtocolErrors", "20")


def test_of(path):
    def conversation(_):
        play(path)
    conversation.__name__ = os.path.splitext(os.path.basename(path))[0]
    return conversation


for file_path in sorted(glob.glob(os.path.join(ROOT, "tests", "conversations", "*.smtp"))):
    if any(line_kind == "daemon" for line_kind, _ in parse(file_path)):
        test(test_of(file_path))


@test
def there_are_some(_):
    check(len(tests) >= 5, "hardly any conversation is marked `daemon:`")


run(90, server)
