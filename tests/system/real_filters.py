# SPDX-License-Identifier: Apache-2.0
"""Content filters that others have made: rspamd, opendkim, libmilter. And what others say of the filter that the tests use."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

import filter as filters
from filter import Filter, at_end
from filtered import ALICE, BIG, BOB, CAROL, copies, run_all, send, server, session, until, use
from harness import DOMAIN, check, equal, header, new_token, test, text_of, without_trace
from opendkim import SELECTOR, opendkim
from peer import free_port, running
from rspamd import FIELD, GTUBE, rspamd

HERE = os.path.dirname(os.path.abspath(__file__))
DEBIAN_PYTHON = "/usr/bin/python3"  # has Debian's modules, whatever else is called python3
sys.path.append("/usr/lib/python3/dist-packages")


# --- rspamd, opendkim ---

@test
def rspamd_refuses_gtube_and_marks_the_rest():
    if not shutil.which("rspamd"):
        return "SKIP: rspamd is not installed"
    with rspamd() as (endpoint, log):
        use(endpoint)
        answer = send(header(new_token()) + GTUBE)
        with open(log, encoding="utf-8", errors="replace") as file:
            tail = " | ".join(file.read().splitlines()[-4:])
        equal(answer.code, 554, text_of(answer) + tail)
        token = new_token()
        equal(send(header(token) + b"good day\r\n").code, 250, "harmless")
        content = server.find(token.encode())
        check(FIELD in content and content.endswith(b"\r\n\r\ngood day\r\n"), content)
        return None


@test
def opendkim_signs_what_rspamd_has_added():
    if not shutil.which("rspamd") or not shutil.which("opendkim"):
        return "SKIP: rspamd or opendkim is not installed"
    import dkim
    name = FIELD.partition(b":")[0]
    with rspamd() as (first, _), opendkim(DOMAIN, ["From", "To", "Subject", "Date", "Message-ID", name.decode()]) as (second, record):
        use(first, second)

        def is_valid(content):
            return dkim.verify(content, dnsfunc=lambda asked, timeout=5: record.encode())
        for body in (b"good day\r\n", b"", b"two\r\n\r\n\r\n", BIG):
            token = new_token()
            equal(send(header(token) + body).code, 250, "reply")
            content = server.find(token.encode())
            check(FIELD in content and content.endswith(b"\r\n\r\n" + body), content[:2000])
            signature = content.partition(b"DKIM-Signature:")[2].partition(b"\r\nFrom:")[0]
            check(f"s={SELECTOR}".encode() in signature and name.lower() in signature.lower(), signature)
            check(is_valid(content), "the signature is not valid")
            check(not is_valid(content.replace(FIELD, b"")), "it is valid without the field of rspamd, too")
            check(not is_valid(content + b"more\r\n"), "it is valid with another body, too")
        return None


# --- libmilter ---

class Witness:
    """What libmilter_filter.py has been told."""
    def __init__(self, log):
        self.log = log

    def lines(self):
        with open(self.log, encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.startswith("[") and line.endswith("\n")]

    def told(self, what):
        return [(values, macros) for kind, values, macros in self.lines() if kind == what]


def with_libmilter(body):
    """Runs `body` with the endpoint of such a filter and its witness; says so where there is no libmilter."""
    if subprocess.run([DEBIAN_PYTHON, "-Ic", "import Milter"], capture_output=True, check=False).returncode:
        return "SKIP: python3-milter is not installed"
    with tempfile.TemporaryDirectory(prefix="libmilter-", dir="/tmp") as folder:
        port, log = free_port(), os.path.join(folder, "log")
        with running([DEBIAN_PYTHON, "-IB", os.path.join(HERE, "libmilter_filter.py"), str(port)], port, log):
            body(f"inet:127.0.0.1:{port}", Witness(log))
    return None


def do(what, token=None):
    return header(token or new_token(), more=b"X-Gone: soon\r\nX-Do: " + what + b"\r\n")


@test
def libmilter_is_told_all():
    def told(endpoint, witness):
        use(endpoint)
        with session() as client:
            client.expect(f"MAIL FROM:<{ALICE}> SIZE=300 BODY=8BITMIME", 250)
            client.expect(f"RCPT TO:<{BOB}>", 250)
            equal(client.data(header(new_token(), more=b"X-Folded: one\r\n two\r\n") + b"x\r\n").code, 250, "reply")
            client.expect(f"MAIL FROM:<{ALICE}>", 250)
            client.expect("RSET", 250)
            until(lambda: witness.told("abort"), "no abort")
            client.expect("QUIT", 221)
        until(lambda: len(witness.told("close")) > 0 and witness.lines()[-1][0] == "close", "no close")
        offered, _ = witness.told("negotiate")[-1]
        check(offered[0] & 0x1FF == 0x1FF and offered[2], f"offered: {offered}")
        values, macros = witness.told("connect")[-1]
        equal((values[0], values[1], macros["address"], macros["unasked"]), ("[127.0.0.1]", "127.0.0.1", "127.0.0.1", None), f"connect: {macros}")
        equal(witness.told("hello")[-1][0], ["client.example.org"], "hello")
        values, macros = witness.told("sender")[0]
        equal((values, macros["address"], macros["host"]), ([f"<{ALICE}>", "SIZE=300", "BODY=8BITMIME"], ALICE, DOMAIN), "sender")
        equal(witness.told("recipient")[0], ([f"<{BOB}>"], {"address": BOB, "mailer": "local"}), "recipient")
        equal([values[0] for values, _ in witness.told("header")], ["From", "To", "Subject", "Message-ID", "Date", "X-Folded"], "fields")
        equal(witness.told("header")[-1][0][1], "one\n two", "a folded value")
        equal(witness.told("body"), [(["x\r\n"], {})], "body")
        check(macros["id"] and macros["id"] == witness.told("end")[0][1]["id"], f"id: {macros}")
    return with_libmilter(told)


@test
def libmilter_changes_everything():
    def changes(endpoint, witness):
        with Filter() as behind:
            use(endpoint, behind.endpoint)
            token = new_token()
            equal(send(do(b"everything", token) + b"old\r\n").code, 250, "reply")
            until(lambda: copies("in two pieces"), "it was not delivered")
            server.settle()
            content, = copies("in two pieces")
            check(content.startswith(b"Return-Path: <other@example.org>") and b"Delivered-To: " + CAROL.encode() in content, content)
            equal(len(witness.told("end")), 1, "ends")
            content = without_trace(content)
            subject = witness.told("end")[0][1]["id"].encode() + b" changed"
            check(content.startswith(b"X-Top: inserted\r\nFrom: "), content)
            check(b"\r\nSubject: " + subject + b"\r\n" in content and b"X-Gone" not in content, content)
            check(content.endswith(b"\r\nX-Added: one\r\n\ttwo\r\n\r\na new body\r\nin two pieces\r\n"), content)
            equal(behind.body(), b"a new body\r\nin two pieces\r\n", "what the next filter has heard")
            check(b"X-Added\0one\n\ttwo\0" in behind.of("L"), behind.of("L"))
    return with_libmilter(changes)


@test
def libmilter_has_other_words():
    def words(endpoint, witness):
        use(endpoint, timeout="00:00:03")
        token = new_token()
        equal(send(do(b"slow", token)).code, 250, "a filter that asks for time")
        check(b"X-Added: at last\r\n" in server.find(token.encode()), "its field")
        use(endpoint)
        answer = send(do(b"refuse"))
        equal((answer.code, answer.lines), (554, [b"5.7.9 own words", b"5.7.9 100% of them"]), "a reply of two lines")
        token = new_token()
        equal(send(do(b"lose", token)).code, 250, "what is lost")
        token_aside = new_token()
        equal(send(do(b"aside", token_aside)).code, 250, "what is put aside")
        message, = [row for row in server.get("Get-Message") if row["Subject"] == token_aside]
        equal((message["Status"], message["QuarantineReason"]), ("Suspended", "looks odd to libmilter"), "in the queue")
        server.postern("Resume-Message", message["Identity"])
        server.find(token_aside.encode())
        check(not copies(token), "what was lost was delivered")
        before = len(witness.told("body"))
        equal(send(do(b"nothing") + BIG).code, 250, "a long body")
        equal(len(witness.told("body")) - before, 1, "pieces it has heard before it wanted no more")
    return with_libmilter(words)


@test
def libmilter_behind_another():
    """It hears what the one in front has made."""
    def behind(endpoint, witness):
        with Filter(at_end(filters.add_header(b"X-First", b"1"), filters.replace_body(b"of the first\r\n"))) as one:
            use(one.endpoint, endpoint)
            token = new_token()
            equal(send(do(b"nothing", token) + BIG).code, 250, "reply")
            equal(witness.told("header")[-1][0], ["X-First", "1"], "the last field")
            equal(witness.told("body"), [(["of the first\r\n"], {})], "body")
            check(server.find(token.encode()).endswith(b"X-First: 1\r\n\r\nof the first\r\n"), "what was delivered")
    return with_libmilter(behind)


# --- the filter of the tests ---

@test
def miltertest_takes_the_filter_of_the_tests_for_one():
    """What it says is what a server expects, in the eyes of others."""
    if not shutil.which("miltertest"):
        return "SKIP: miltertest is not installed"
    refuse = lambda data, session: filters.reply(b"550 5.1.1 not here") if b"refused@" in data else filters.CONTINUE
    changes = [filters.add_header(b"X-Added", b"added"), filters.insert_header(1, b"X-Inserted", b"inserted"),
               filters.change_header(1, b"Subject", b"changed"), filters.change_header(1, b"X-Gone", b""),
               filters.add_recipient(b"<carol@example.test>"), filters.delete_recipient(b"<bob@example.test>"),
               filters.replace_body(b"new body\r\n"), filters.quarantine(b"looks odd"), filters.CONTINUE]
    ends = iter((b"".join(changes), filters.reply(b"554 5.7.9 own words")))
    with Filter({"R": refuse, "E": lambda data, session: next(ends)}) as one:
        port = one.endpoint.rpartition(":")[2]
        done = subprocess.run(["miltertest", "-w", "-D", f"port={port}", "-s", os.path.join(HERE, "filter.lua")],
                              capture_output=True, text=True, timeout=60, check=False)
        equal((done.returncode, done.stdout.strip()), (0, "all of it"), done.stderr)
        letters = "".join(letter for letter, _ in one.heard)
        check(letters.startswith("OCHMRTLLNBBEMAMRR") and letters.endswith("E"), letters)
        equal(one.macros["M"][b"i"], b"test-id", "a macro")
        equal(one.of("B")[:2], [b"first\r\n", b"second\r\n"], "the body")
    return None


run_all()
