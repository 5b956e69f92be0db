# SPDX-License-Identifier: Apache-2.0
"""libmilter_filter - a filter made with libmilter itself: python3 -I libmilter_filter.py PORT, by an interpreter that has Milter. (-I:
else the module it imports were the test that is called milter.)

Writes a line of JSON for each thing it is told. What it does at the end of a message is in the field X-Do of that message."""
import json
import sys
import time

import Milter

LONG = 65535  # a piece of a body behind which it wants no more


def text(value):
    return value.decode("latin-1") if isinstance(value, bytes) else value


class Witness(Milter.Base):
    def __init__(self):
        self.deeds = ""

    def note(self, what, *values, **macros):
        found = {name: self.getsymval(symbol) for name, symbol in macros.items()}
        print(json.dumps([what, [text(value) for value in values], found]), flush=True)
        return Milter.CONTINUE

    def negotiate(self, opts):
        offered = list(opts)
        answer = super().negotiate(opts)
        for stage, names in ((Milter.M_CONNECT, "{daemon_name} {client_addr}"), (Milter.M_ENVFROM, "{mail_host} {mail_addr} i")):
            self._ctx.setsymlist(stage, names)  # not by its decorator, which does not work in every release
        self.note("negotiate", *offered[:2], answer == Milter.CONTINUE and self._protocol & Milter.P_SKIP)
        return answer

    def connect(self, hostname, family, hostaddr):
        return self.note("connect", hostname, *hostaddr, daemon="{daemon_name}", address="{client_addr}", unasked="j")

    def hello(self, hostname):
        return self.note("hello", hostname)

    def envfrom(self, sender, *parameters):
        self.deeds = ""
        return self.note("sender", sender, *parameters, host="{mail_host}", address="{mail_addr}", id="i")

    def envrcpt(self, recipient, *parameters):
        return self.note("recipient", recipient, *parameters, address="{rcpt_addr}", mailer="{rcpt_mailer}")

    def data(self):
        return self.note("data", id="i")

    @Milter.decode("bytes")
    def header(self, name, value):
        if name == "X-Do":
            self.deeds = text(value)
        return self.note("header", name, value)

    def eoh(self):
        return self.note("header end")

    def body(self, chunk):
        self.note("body", chunk)
        return Milter.SKIP if len(chunk) == LONG else Milter.CONTINUE

    def eom(self):
        self.note("end", id="i")
        return getattr(self, self.deeds or "nothing")()

    def abort(self):
        return self.note("abort")

    def close(self):
        return self.note("close")

    def nothing(self):
        return Milter.CONTINUE

    def everything(self):
        self.addheader("X-Added", "one\n\ttwo")
        self.addheader("X-Top", "inserted", 0)
        self.chgheader("Subject", 1, self.getsymval("i") + " changed")
        self.chgheader("X-Gone", 1, "")
        self.replacebody("a new body\r\n")
        self.replacebody("in two pieces\r\n")
        self.addrcpt("<carol@example.test>", "NOTIFY=NEVER")
        self.delrcpt("<bob@example.test>")
        self.chgfrom("<other@example.org>")
        return Milter.CONTINUE

    def slow(self):
        for _ in range(14):
            time.sleep(0.25)
            self.progress()
        self.addheader("X-Added", "at last")
        return Milter.ACCEPT

    def aside(self):
        self.quarantine("looks odd to libmilter")
        return Milter.CONTINUE

    def refuse(self):
        self.setreply("554", "5.7.9", "own words", "100%% of them")
        return Milter.REJECT

    def lose(self):
        return Milter.DISCARD


Milter.factory = Witness
Milter.set_flags(Milter.CURR_ACTS)
Milter.runmilter("witness", f"inet:{sys.argv[1]}@127.0.0.1", timeout=60)
