# SPDX-License-Identifier: Apache-2.0
"""filter - a content filter that speaks the milter protocol, for the tests: says what it is told to, and keeps what it heard.

    with Filter(replies={"R": reply(b"550 5.7.1 no")}) as one: ...
        one.endpoint ("inet:127.0.0.1:PORT"), one.heard (letter, data of every command), one.macros ({letter: {name: value}})

`replies` maps the letter of a command to packets (bytes), or to a function of (data, session) that returns them; what is not
in it is answered "continue". None says nothing at all, HANG_UP closes the connection."""
import os
import socket
import struct
import tempfile
import threading
import time

HANG_UP = object()
QUIET = "DAQK"  # are never answered
NO_CONNECT, NO_HELLO, NO_BODY, MAY_SKIP, LEADING_SPACE = 0x1, 0x2, 0x10, 0x400, 0x100000
SILENT_HEADER, SILENT_BODY, SILENT_ALL = 0x80, 0x80000, 0x000FF080
ALL_ACTIONS = 0x1FF


def packet(letter, data=b""):
    return struct.pack(">I", len(data) + 1) + letter.encode() + data


CONTINUE, ACCEPT, REJECT, TEMPFAIL, DISCARD = (packet(letter) for letter in "cartd")
PROGRESS, SKIP, SHUTDOWN = packet("p"), packet("s"), packet("4")


def reply(text):
    return packet("y", text + b"\0")


def add_header(name, value):
    return packet("h", name + b"\0" + value + b"\0")


def insert_header(index, name, value):
    return packet("i", struct.pack(">I", index) + name + b"\0" + value + b"\0")


def change_header(index, name, value):
    return packet("m", struct.pack(">I", index) + name + b"\0" + value + b"\0")


def replace_body(body):
    return packet("b", body)


def add_recipient(address):
    return packet("+", address + b"\0")


def delete_recipient(address):
    return packet("-", address + b"\0")


def change_sender(address):
    return packet("e", address + b"\0")


def quarantine(reason):
    return packet("q", reason + b"\0")


def at_end(*packets):
    """Replies of a filter that makes these changes."""
    return {"E": b"".join(packets) + CONTINUE}


def in_no_hurry(times, every_s):
    """A reply that comes after it has asked for more time again and again."""
    def answer(data, session):
        for _ in range(times):
            session.connection.sendall(PROGRESS)
            time.sleep(every_s)
        return CONTINUE
    return answer


class Session(threading.Thread):
    def __init__(self, filter, connection):
        super().__init__(daemon=True)
        self.filter, self.connection = filter, connection
        self.file = connection.makefile("rb")

    def answer(self, letter, data):
        wanted = self.filter.replies.get(letter, b"" if letter in QUIET else CONTINUE)
        return wanted(data, self) if callable(wanted) else wanted

    def negotiate(self, data):
        self.filter.offered = struct.unpack(">III", data[:12])
        chosen = b"".join(struct.pack(">I", stage) + names + b"\0" for stage, names in self.filter.wanted_macros.items())
        return packet("O", struct.pack(">III", 6, self.filter.actions, self.filter.steps) + chosen)

    def silent(self, letter):
        bits = {"C": 0x1000, "H": 0x2000, "M": 0x4000, "R": 0x8000, "T": 0x10000, "L": 0x80, "N": 0x40000, "B": 0x80000}
        return self.filter.steps & bits.get(letter, 0)

    def command(self):
        head = self.file.read(4)
        if len(head) < 4:
            return None, b""
        body = self.file.read(struct.unpack(">I", head)[0])
        return body[:1].decode(), body[1:]

    def run(self):
        try:
            while self.step():
                pass
        except OSError:
            pass
        self.connection.close()

    def step(self):
        letter, data = self.command()
        if letter is None or letter == "Q":
            self.filter.ended += 1
            return False
        if letter == "D":
            words = data[1:].split(b"\0")[:-1]
            self.filter.macros[data[:1].decode()] = dict(zip(words[::2], words[1::2]))
            return True
        self.filter.heard.append((letter, data))
        said = self.filter.replies["O"] if letter == "O" and "O" in self.filter.replies else \
            self.negotiate(data) if letter == "O" else b"" if self.silent(letter) else self.answer(letter, data)
        if said is HANG_UP:
            self.connection.shutdown(socket.SHUT_RDWR)
            return False
        self.connection.sendall(said or b"")
        return True


class Filter:
    def __init__(self, replies=None, actions=ALL_ACTIONS, steps=0, wanted_macros=None, unix=False):
        self.replies, self.actions, self.steps, self.wanted_macros = replies or {}, actions, steps, wanted_macros or {}
        self.heard, self.macros, self.offered, self.sessions, self.ended = [], {}, None, 0, 0
        self.folder = tempfile.mkdtemp(prefix="filter-", dir="/tmp") if unix else None
        if unix:
            os.chmod(self.folder, 0o755)
            path = os.path.join(self.folder, "socket")
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(path)
            os.chmod(path, 0o777)
            self.endpoint = "unix:" + path
        else:
            self.listener = socket.socket()
            self.listener.bind(("127.0.0.1", 0))
            self.endpoint = f"inet:127.0.0.1:{self.listener.getsockname()[1]}"
        self.listener.listen(20)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.sessions += 1
            Session(self, connection).start()

    def of(self, letter):
        """The data of all commands of this letter."""
        return [data for heard, data in self.heard if heard == letter]

    def body(self):
        return b"".join(self.of("B"))

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)  # the thread in accept() would keep it
        self.listener.close()
        if self.folder:
            os.unlink(os.path.join(self.folder, "socket"))
            os.rmdir(self.folder)
