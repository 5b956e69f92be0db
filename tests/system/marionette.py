# SPDX-License-Identifier: Apache-2.0
"""The remote control that Mozilla's programs bring along (Marionette): packets LENGTH:JSON over a local port. No test of its own."""
import json
import socket
import time

from harness import Failed, check

PACKET_MAX = 16 << 20
COMMAND, ANSWER = 0, 1
SCRIPT_S, GRACE_S = 30, 5  # how long a script may take, and how much later its answer may come


class Marionette:
    """One session in the context of the program itself; every command has a deadline."""

    def __init__(self, port, timeout_s):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout_s)
        self.input, self.last = b"", 0
        hello = self.packet(time.monotonic() + timeout_s)
        check(hello.get("marionetteProtocol") == 3, f"unknown protocol: {hello}")
        self.command("WebDriver:NewSession", timeout_s, capabilities={"alwaysMatch": {
            "unhandledPromptBehavior": "ignore", "timeouts": {"script": SCRIPT_S * 1000}}})
        self.command("Marionette:SetContext", timeout_s, value="chrome")

    def close(self):
        self.socket.close()

    def more(self, deadline):
        self.socket.settimeout(max(deadline - time.monotonic(), 0.001))
        piece = self.socket.recv(65536)
        check(piece, "the program has closed its remote control")
        self.input += piece

    def packet(self, deadline):
        while b":" not in self.input:
            check(len(self.input) < 20, f"no packet: {self.input[:40]!r}")
            self.more(deadline)
        length, _, self.input = self.input.partition(b":")
        check(length.isdigit() and int(length) <= PACKET_MAX, f"a packet of {length!r} bytes")
        while len(self.input) < int(length):
            self.more(deadline)
        packet, self.input = self.input[:int(length)], self.input[int(length):]
        return json.loads(packet)

    def command(self, name, timeout_s=30, **parameters):
        deadline = time.monotonic() + timeout_s
        self.last += 1
        packet = json.dumps([COMMAND, self.last, name, parameters]).encode()
        self.socket.settimeout(timeout_s)
        self.socket.sendall(b"%d:%s" % (len(packet), packet))
        kind, number, error, result = self.packet(deadline)
        check((kind, number) == (ANSWER, self.last), f"{name}: the answer is to something else")
        if error:
            raise Failed(f"{name}: {error['error']}: {error['message']} {error['stacktrace'][:300]}")
        return result

    def run(self, script, *arguments):
        """What the body of an asynchronous function returns in the program."""
        whole = ("const done = arguments[arguments.length - 1], given = [...arguments].slice(0, -1);"
                 "(async (...given) => {" + script + "})(...given).then(value => done({value}), error => done({error: String(error)}));")
        answer = self.command("WebDriver:ExecuteAsyncScript", SCRIPT_S + GRACE_S, script=whole, args=list(arguments),
                              newSandbox=False)["value"]
        if "error" in answer:
            raise Failed(f"in the program: {answer['error']}")
        return answer.get("value")
