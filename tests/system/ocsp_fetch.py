# SPDX-License-Identifier: Apache-2.0
"""OCSP responses fetched: from whom, how often, what is believed, and that a responder that fails harms nothing.
The responders are `openssl ocsp -port`, and one of our own that answers anything."""
import contextlib
import csv
import glob
import http.server
import os
import re
import socket
import subprocess
import threading
import time

from authority import Authority
from harness import HOST, Server, check, equal, run, test

server = Server()
authority = Authority(server.folder)
server.options = ["--trust", authority.path("root")]
KIND = "application/ocsp-response"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


PORT = free_port()
RESPONDER = f"http://127.0.0.1:{PORT}/ocsp"


# --- responders ---

def serial(name):
    done = subprocess.run(["openssl", "x509", "-in", authority.path(name), "-noout", "-serial"], capture_output=True, text=True)
    return done.stdout.strip().partition("=")[2]


def write_index(revoked=()):
    """What the authority knows of its certificates, as `openssl ca` writes it."""
    with open(authority.path("index", "txt"), "w", encoding="ascii") as file:
        for name in ("mail", "other"):
            since = "260101000000Z,keyCompromise" if name in revoked else ""
            file.write(f"{'R' if since else 'V'}\t391231235959Z\t{since}\t{serial(name)}\tunknown\t/CN={name}\n")


SIGNED = ("-index", "index.txt", "-CA", "root.pem", "-rsigner", "root.pem", "-rkey", "root.key")


@contextlib.contextmanager
def openssl_responder(minutes):
    child = subprocess.Popen(["openssl", "ocsp", "-port", str(PORT), *SIGNED, "-nmin", str(minutes)], cwd=authority.folder,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        check(child.stdout.readline().startswith(b"ACCEPT"), "the responder does not listen")
        yield
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        question = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.questions.append((self.path, self.headers["Content-Type"], question))
        status, kind, answer = self.server.answer
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(answer)

    def log_message(self, *unused):
        pass


@contextlib.contextmanager
def own_responder(status=200, kind=KIND, answer=b""):
    responder = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler)
    responder.answer, responder.questions = (status, kind, answer), []
    thread = threading.Thread(target=responder.serve_forever)
    thread.start()
    try:
        yield responder
    finally:
        responder.shutdown()
        responder.server_close()
        thread.join()


def response_about(name, *words):
    authority.openssl("ocsp", *SIGNED, "-issuer", "root.pem", "-cert", f"{name}.pem", "-respout", f"{name}.ocsp", "-noverify",
                      "-ndays", "7", *words)
    with open(authority.path(name, "ocsp"), "rb") as file:
        return file.read()


# --- the server ---

def until(what, find, timeout_s=20):
    deadline = time.monotonic() + timeout_s
    while not (found := find()):
        check(time.monotonic() < deadline, f"{what}: not within {timeout_s} s")
        time.sleep(0.1)
    return found


def events(words):
    found = []
    for name in sorted(glob.glob(os.path.join(server.data, "logs", "EVENT*.log"))):
        with open(name, newline="", encoding="ascii") as file:
            rows = list(csv.reader(line for line in file if not line.startswith("#")))
        found += [row for row in rows if any(words in field for field in row)]
    return found


def fetching(which):
    server.postern("Set-TransportService", "-OcspFetching", which)


def ask_again():
    """Whoever failed is asked at once when the administrator says anew who is asked."""
    fetching("None")
    time.sleep(1.5)
    fetching("Any")


def shown():
    return server.get("Get-ExchangeCertificate", server.mail)[0]


def staple():
    """What a client is told: the status and the time of the response, or None."""
    done = subprocess.run(["openssl", "s_client", "-starttls", "smtp", "-connect", f"127.0.0.1:{server.port(587)}", "-status",
                           "-CAfile", authority.path("root")], input=b"QUIT\r\n", capture_output=True, timeout=30)
    found = re.search(r"Cert Status: (\w+)\s+This Update: (.*)", done.stdout.decode())
    return found and found.groups()


def fails_with(words, **responder):
    """One failure is one event, and the staple stays what it was."""
    before, known = staple(), len(events("event=12113"))
    with own_responder(**responder) as asked:
        ask_again()
        rows = until(f"an event with {words!r}", lambda: events("event=12113")[known:])
        check(asked.questions, "nobody asked")
    check(any(words in field for field in rows[0]), f"{words!r} is not in {rows[0]}")
    equal((len(rows), staple()), (1, before), "events, and the staple")


# --- the tests ---

@test
def a_responder_on_this_machine_is_not_asked_by_default(_):
    with own_responder() as responder:
        server.postern("Import-ExchangeCertificate", "-FileName", authority.path("mail", "all"))
        server.mail = authority.thumbprint("mail")
        server.postern("Enable-ExchangeCertificate", server.mail, "-Services", "SMTP", "-Confirm:$false")
        row = until("12113", lambda: events("event=12113"))[0]
        check(any("private network" in field and RESPONDER in field and "-OcspFetching" in field for field in row), row)
        equal((responder.questions, staple()), ([], None), "questions, and the staple")
    equal((shown()["OcspResponder"], shown()["OcspStatus"]), (RESPONDER, "None"), "shown")


@test
def what_it_says_is_stapled(_):
    pids = {role: sorted(server.pids(role)) for role in ("edge", "hub", "courier", "checker")}
    with openssl_responder(minutes=1):
        fetching("Any")
        server.first = until("the staple", staple)
        equal(server.first[0], "good", "status")
        server.began = time.monotonic()
        equal(shown()["OcspStatus"], "Good", "shown")
        until("well again", lambda: events("resolved=12113"))
        rows = server.get("Get-ConfigurationRevision")
        check(any("posternd" in str(row) and "OCSP" in str(row) for row in rows), f"revisions: {rows}")
        until("another one at half of its life", lambda: staple()[1] != server.first[1], 50)
        check(time.monotonic() - server.began > 20, "it is asked for too early")
    equal({role: sorted(server.pids(role)) for role in pids}, pids, "processes")


@test
def a_responder_that_fails_harms_nothing(_):
    """The one that died, then others; the response that is there is stapled until its end."""
    known = len(events("event=12113"))
    rows = until("12113", lambda: events("event=12113")[known:], 50)
    check(any("no answer" in field for field in rows[0]), rows[0])
    equal(staple()[0], "good", "still")
    write_index()
    with own_responder(answer=response_about("mail")):
        ask_again()
        until("a week's response", lambda: shown()["OcspNextUpdate"] > time.strftime("%Y-%m-%dT", time.gmtime(time.time() + 86400)))


@test
def only_what_holds_is_taken(_):
    good = staple()
    known = len(events("event=12113"))
    with own_responder(answer=response_about("mail")) as responder:
        ask_again()
        time.sleep(3)
        equal((responder.questions, staple()), ([], good), "one that is young is not asked for again")
    equal(len(events("event=12113")), known, "events")
    server.postern("Remove-ExchangeCertificate", server.mail, "-Confirm:$false", "-Force")
    server.postern("Import-ExchangeCertificate", "-FileName", authority.path("mail", "all"))
    server.postern("Enable-ExchangeCertificate", server.mail, "-Services", "SMTP", "-Confirm:$false")
    fails_with("status of the answer is not 200", status=404, answer=response_about("mail"))
    fails_with("application/ocsp-response", kind="text/html", answer=response_about("mail"))
    fails_with("longer than 64 KB", answer=b"x" * 100000)
    fails_with("too long", answer=b"x" * 20000)
    fails_with("cannot be read", answer=b"x" * 100)
    fails_with("another certificate", answer=response_about("other"))
    fails_with("may not answer", answer=response_about("mail", "-rsigner", "false.pem", "-rkey", "false.key"))
    equal(staple(), None, "the staple")


@test
def the_question_is_the_usual_one(_):
    with own_responder(answer=response_about("mail")) as responder:
        ask_again()
        until("the staple", staple)
        path, kind, question = responder.questions[0]
        equal((len(responder.questions), path, kind), (1, "/ocsp", "application/ocsp-request"), "asked")
    with open(authority.path("asked", "der"), "wb") as file:
        file.write(question)
    done = subprocess.run(["openssl", "ocsp", "-reqin", authority.path("asked", "der"), "-req_text"], capture_output=True, text=True)
    check(f"Serial Number: {serial('mail')}" in done.stdout and "Nonce" not in done.stdout, done.stdout + done.stderr)


@test
def a_restart_asks_nobody_for_what_is_young(_):
    equal(server.stop(), 0, "exit status")
    with own_responder(answer=response_about("mail")) as responder:
        server.start()
        equal(staple()[0], "good", "at once")
        time.sleep(3)
        equal(responder.questions, [], "questions")


@test
def a_revocation_is_heard(_):
    server.postern("Remove-ExchangeCertificate", server.mail, "-Confirm:$false", "-Force")
    write_index(revoked=["mail"])
    with openssl_responder(minutes=5):
        server.postern("Import-ExchangeCertificate", "-FileName", authority.path("mail", "all"))
        server.postern("Enable-ExchangeCertificate", server.mail, "-Services", "SMTP", "-Confirm:$false")
        until("12110", lambda: events("event=12110"))
    equal((shown()["Status"], shown()["UsedBy"]), ("Revoked", []), "shown")


authority.issuer("root")
authority.issuer("false")
for one in ("mail", "other"):
    authority.leaf(one, "root", [HOST], ("root",), "serverAuth", f"authorityInfoAccess=OCSP;URI:{RESPONDER}\n")
    with open(authority.path(one, "all"), "wb") as bundle:
        for part in (authority.path(one, "chain"), authority.path(one, "key")):
            with open(part, "rb") as piece:
                bundle.write(piece.read())
write_index()
run(400, server)
