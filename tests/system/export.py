# SPDX-License-Identifier: Apache-2.0
"""Export-Message of what is larger than any reply: it streams, the hub goes on answering and keeps nothing of it in memory."""
import hashlib
import json
import os
import socket
import struct
import time

from harness import DOMAIN, Client, Server, check, equal, run, test

server = Server()
FAR = "carol@far.example"
LINE = b"0123456789abcdef" * 4 + b"\r\n"
SIZE = 60 << 20
FLAT = 24 << 20  # far less than the message


def arrive(token, size):
    """A suspended message of about so many bytes; its number."""
    with Client(server.port(587), timeout_s=120) as client:
        client.ehlo()
        client.starttls()
        client.ehlo()
        client.log_in("bob")
        client.expect(f"MAIL FROM:<bob@{DOMAIN}>", 250)
        client.expect(f"RCPT TO:<{FAR}>", 250)
        text = f"From: <bob@{DOMAIN}>\r\nSubject: {token}\r\n\r\n".encode() + LINE * (size // len(LINE))
        equal(client.data(text).code, 250, "end of data")
    (message,) = [message for message in server.get("Get-Message") if message["Subject"] == token]
    server.postern("Suspend-Message", str(message["InternalId"]))
    return str(message["InternalId"])


def resident_bytes():
    (hub,) = server.pids("hub")
    with open(f"/proc/{hub}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


class Reader:
    """The control socket by hand."""

    def __init__(self, number):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(os.path.join(server.data, "control.socket"))
        request = json.dumps({"cmdlet": "Export-Message", "parameters": {"Identity": number}}).encode()
        self.socket.sendall(struct.pack("<I", len(request)) + request)
        reply = json.loads(self.take(struct.unpack("<I", self.take(4))[0]))
        check("error" not in reply, reply)
        self.length = reply["file"]

    def take(self, count):
        taken = bytearray()
        while len(taken) < count:
            piece = self.socket.recv(count - len(taken))
            check(piece, f"it broke off behind {len(taken)} bytes")
            taken += piece
        return bytes(taken)


def setup():
    server.postern("Set-ReceiveConnector", server.connector(587), "-MaxMessageSize", "150MB")
    server.add_user("bob")


@test
def a_large_one(_):
    setup()
    number = arrive("large", SIZE)
    path, again = (os.path.join(server.data, name) for name in ("large.eml", "again.eml"))
    before = resident_bytes()
    server.postern("Export-Message", number, "-FileName", path, timeout_s=120)
    check(resident_bytes() < before + FLAT, f"the hub has grown by {resident_bytes() - before} bytes")
    with open(path, "rb") as file:
        content = file.read()
    check(content.startswith(b"Received: from ") and content.endswith(LINE) and content.count(LINE) == SIZE // len(LINE), f"{len(content)} bytes")
    equal(os.stat(path).st_mode & 0o777, 0o600, "mode of the file")
    server.postern("shell", input=f"Export-Message {number} | AssembleMessage -Path '{again}'\n", timeout_s=120)
    with open(again, "rb") as file:
        check(file.read() == content, "AssembleMessage writes the same")
    server.postern("shell", input=f"Export-Message {number} -FileName '{again}'\n", timeout_s=120)
    with open(again, "rb") as file:
        check(file.read() == content, "-FileName in the shell writes the same")


@test
def what_is_there_stays(_):
    number = arrive("short", 1000)
    path = os.path.join(server.data, "there.eml")
    with open(path, "w") as file:
        file.write("there before")
    done = server.postern("Export-Message", number, "-FileName", path, good=False)
    check(done.returncode == 2 and "-Force replaces it" in done.stderr, done.stderr)
    with open(path) as file:
        equal(file.read(), "there before", "content")
    server.postern("Export-Message", number, "-FileName", path, "-Force")
    with open(path, "rb") as file:
        check(file.read().endswith(LINE), "content with -Force")
    check(not os.path.exists(path + ".new"), "the draft is gone")
    done = server.postern("Export-Message", number, good=False)
    check(done.returncode == 2 and "-FileName" in done.stderr, done.stderr)
    server.postern("Remove-Message", number, "-WithNDR", "$false", "-Confirm:$false")
    done = server.postern("Export-Message", number, "-FileName", path + "2", good=False)
    equal(done.returncode, 3, "exit code for none")
    check(not os.path.exists(path + "2"), "no file for none")


@test
def a_slow_reader_holds_nobody_up(_):
    (message,) = [message for message in server.get("Get-Message") if message["Subject"] == "large"]
    number, digest, slowest = str(message["InternalId"]), hashlib.sha256(), 0
    path = os.path.join(server.data, "large.eml")
    before = resident_bytes()
    reader = Reader(number)
    left = reader.length
    while left > 0:
        piece = reader.take(min(left, 4 << 20))
        digest.update(piece)
        left -= len(piece)
        time.sleep(0.1)
        begun = time.monotonic()
        server.get("Get-Queue")
        slowest = max(slowest, time.monotonic() - begun)
    with open(path, "rb") as file:
        equal(digest.hexdigest(), hashlib.sha256(file.read()).hexdigest(), "digest")
    check(slowest < 5, f"a cmdlet took {slowest} s beside it")
    check(resident_bytes() < before + FLAT, f"the hub has grown by {resident_bytes() - before} bytes")


@test
def a_message_that_goes_meanwhile(_):
    """What was begun comes to its end; who hangs up half-way, or the end of the server, leaves nothing behind."""
    (message,) = [message for message in server.get("Get-Message") if message["Subject"] == "large"]
    number = str(message["InternalId"])
    reader, gone = Reader(number), Reader(number)
    gone.take(1 << 20)
    gone.socket.close()
    reader.take(1 << 20)
    server.postern("Remove-Message", number, "-WithNDR", "$false", "-Confirm:$false")
    check(reader.take(reader.length - (1 << 20)).endswith(LINE), "the end of it")
    reader.socket.close()
    waiting = Reader(arrive("last", 4 << 20))
    waiting.take(1 << 20)
    equal(server.stop(), 0, "exit status")


run(400, server)
