# SPDX-License-Identifier: Apache-2.0
"""harness - the real daemon and a strict client, for the system tests.

Server     one posternd on a data folder of its own under /tmp, on free ports of 127.0.0.1
Client     raw SMTP over a socket: every reply is checked against RFC 5321 4.2
run(...)   runs the functions marked @test of a file, prints "ok NAME" or "not ok NAME: why" a line

POSTERN_BUILD names the build folder (default build/test); POSTERN_FULL=1 asks for the long runs.
Nothing is killed that was not started here; a file that outlives its deadline ends with "not ok".
"""
import atexit
import base64
import collections
import contextlib
import glob
import json
import os
import random
import re
import resource
import select
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("POSTERN_BUILD", os.path.join(ROOT, "build", "test")))
FULL = os.environ.get("POSTERN_FULL") == "1"
HOST, SERVER, DOMAIN = "mx.example.test", "MX", "example.test"
FIRST_ISOLATOR = 64  # src/wire/messages.h
ROLES = {"edge": 1, "signer": 2, "checker": 3, "hub": 4, "courier": 5}
PORTS = (25, 587, 465, 717, 2525, 2465)
CONNECTORS = {25: "Default Frontend", 587: "Client Frontend", 465: "Client Implicit",
              717: "Outbound Proxy Frontend", 2525: "Default", 2465: "Client Proxy"}
PASSWORD = "correct horse 41"
STEM = os.path.splitext(os.path.basename(sys.argv[0]))[0]


class Failed(Exception):
    """A test's expectation was not met."""


def check(condition, why):
    if not condition:
        raise Failed(why)


def until(condition, what, timeout_s=30):
    """What `condition` returns once that is true; `what` says (or returns, when it comes to that) what is amiss."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise Failed(what() if callable(what) else what)


def equal(got, wanted, what):
    check(got == wanted, f"{what}: got {got!r:.600}, wanted {wanted!r:.600}")


def sanitized():
    with open(os.path.join(BUILD, "posternd"), "rb") as program:
        return b"__asan_init" in program.read()


# --- the server ---

def free_offset():
    """A port offset at which all default ports are free, below the ports the kernel hands out."""
    for _ in range(500):
        offset = random.randint(3000, 28000)
        try:
            for port in PORTS:
                with socket.socket() as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind(("127.0.0.1", port + offset))
            return offset
        except OSError:
            continue
    raise Failed("no free port offset")


class Server:
    def __init__(self, edges=None, relaxed=True, limit_descriptors=None, options=()):
        self.folder = tempfile.mkdtemp(prefix="postern-", dir="/tmp")
        os.chmod(self.folder, 0o755)
        self.data = os.path.join(self.folder, "data")
        self.log_path = os.path.join(self.folder, "log")
        self.offset, self.edges, self.relaxed, self.options = free_offset(), edges, relaxed, list(options)
        self.process, self.ready_line, self.seen = None, "", {}
        self.deaths_expected, self.limit_descriptors = 0, limit_descriptors
        atexit.register(self.kill)

    def arguments(self):
        words = [os.path.join(BUILD, "posternd"), "--data", self.data, "--port-offset", str(self.offset),
                 "--bind", "127.0.0.1", "--server", HOST]
        return words + (["--edges", str(self.edges)] if self.edges else []) + self.options

    def environment(self):
        inherited = dict(os.environ, POSTERN_BALLAST_MIB="16")
        inherited.setdefault("ASAN_OPTIONS", "detect_leaks=0:abort_on_error=0:log_path=stderr")
        inherited.setdefault("UBSAN_OPTIONS", "print_stacktrace=1:halt_on_error=1")
        inherited.pop("POSTERN_DATA", None)
        return inherited

    def start(self, timeout_s=60, environment=None):
        self.started = time.monotonic()
        seen = self.looks() if os.path.exists(self.log_path) else 0
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.arguments(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                            stderr=log, env=dict(self.environment(), **(environment or {})),
                                            start_new_session=True, preexec_fn=self.limit)
        text = b""
        while b"\n" not in text:
            left = self.started + timeout_s - time.monotonic()
            readable, _, _ = select.select([self.process.stdout], [], [], max(left, 0))
            piece = os.read(self.process.stdout.fileno(), 4096) if readable else b""
            if not piece:
                raise Failed(f"the server did not get ready within {timeout_s} s: {self.log_tail()}")
            text += piece
        self.ready_line = text.decode().splitlines()[0]
        check(self.ready_line.startswith("ready"), f"first line is {self.ready_line!r}")
        self.wait_for_look(seen)
        if self.relaxed:
            self.relax()
            self.relaxed = False
        return self

    def looks(self):
        return self.log().count("event=seen-from-outside listeners=")

    def wait_for_look(self, before, timeout_s=10):
        """The server connects to itself when it has started: that is over, or nothing listens."""
        deadline = time.monotonic() + timeout_s
        while self.looks() == before and time.monotonic() < deadline:
            time.sleep(0.05)

    def limit(self):
        if self.limit_descriptors:
            resource.setrlimit(resource.RLIMIT_NOFILE, (self.limit_descriptors, self.limit_descriptors))

    def relax(self):
        """Takes the limits away that would get in the way of tests from a single address."""
        for connector in self.get("Get-ReceiveConnector"):
            self.postern("Set-ReceiveConnector", connector["Identity"], "-MessageRateLimit", "Unlimited",
                         "-MaxInboundConnectionPerSource", "Unlimited", "-MaxInboundConnectionPercentagePerSource",
                         "100", "-TarpitInterval", "00:00:00", "-AuthTarpitInterval", "00:00:00")

    def stop(self, timeout_s=30):
        """SIGTERM; returns the exit status."""
        if not self.process:
            return None
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill_processes()
            raise Failed(f"the server did not end within {timeout_s} s of SIGTERM: {self.log_tail()}")
        self.process.stdout.close()
        self.process = None
        return status

    def kill_processes(self):
        """SIGKILL for the supervisor and all its children at once; returns how many there were."""
        if not self.process:
            return 0
        victims = [self.process.pid] + self.children()
        for pid in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()
        self.process = None
        deadline = time.monotonic() + 5
        while any(os.path.exists(f"/proc/{pid}") for pid in victims[1:]) and time.monotonic() < deadline:
            time.sleep(0.002)
        return len(victims)

    def kill(self):
        self.kill_processes()
        if os.environ.get("POSTERN_KEEP") != "1":
            shutil.rmtree(self.folder, ignore_errors=True)

    def children(self):
        try:
            with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
                return [int(word) for word in file.read().split()]
        except (FileNotFoundError, AttributeError):
            return []

    def pids(self, role, always=False):
        """`always`: without couriers that are started for suspects alone."""
        found = []
        for pid in self.children():
            with contextlib.suppress(OSError):
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
                if b"--role" not in words or words[words.index(b"--role") + 1] != str(ROLES[role]).encode():
                    continue
                if not always or int(words[words.index(b"--index") + 1]) < FIRST_ISOLATOR:
                    found.append(pid)
        return found

    def port(self, port):
        return port + self.offset

    def connector(self, port):
        return f"{SERVER}\\{CONNECTORS[port]} {SERVER}"

    # -- management --

    def postern(self, *words, input=None, good=True, timeout_s=30):
        """One run of `postern`; with good=True anything but exit code 0 fails the test."""
        done = subprocess.run([os.path.join(BUILD, "postern"), "--data", self.data, *words], input=input or "",
                              capture_output=True, text=True, timeout=timeout_s, env=self.environment())
        if good and done.returncode != 0:
            raise Failed(f"postern {' '.join(words)[:200]}: exit {done.returncode}: {done.stderr[:600]}")
        return done

    def get(self, *words, input=None):
        return json.loads(self.postern(*words, "-o", "json", input=input).stdout or "[]")

    def add_user(self, name, password=PASSWORD):
        self.postern("New-Mailbox", "-Name", name, "-PrimarySmtpAddress", f"{name}@{DOMAIN}", "-Password", "-",
                     input=password + "\n")

    # -- delivered mail --

    def files(self):
        return glob.glob(os.path.join(self.data, "mail", "*", "new", "*"))

    def messages(self):
        """All delivered messages, {path: bytes}."""
        for path in self.files():
            if path not in self.seen:
                with open(path, "rb") as file:
                    self.seen[path] = file.read()
        return self.seen

    def find(self, token, timeout_s=15):
        """The one delivered message that holds `token`."""
        deadline = time.monotonic() + timeout_s
        while True:
            found = [content for content in self.messages().values() if token in content]
            if found or time.monotonic() > deadline:
                break
            time.sleep(0.02)
        check(len(found) == 1, f"{len(found)} messages with {token!r} were delivered, wanted one")
        return found[0]

    def settle(self, timeout_s=30):
        """Waits until the queue is empty."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if sum(queue["MessageCount"] for queue in self.get("Get-Queue")) == 0:
                return
            time.sleep(0.05)
        raise Failed(f"the queue is not empty after {timeout_s} s")

    # -- the log --

    def log(self):
        with open(self.log_path, "rb") as file:
            return file.read().decode("utf-8", "replace")

    def log_tail(self):
        return " | ".join(self.log().splitlines()[-6:])[-900:]

    def complaints(self):
        """What must never be in the log: sanitizer reports, failed assertions, roles that died by themselves."""
        lines = self.log().splitlines()
        bad = [line for line in lines if re.search(r"Sanitizer|runtime error|Assertion|DEADLYSIGNAL|SIGSYS|signal 31", line)]
        deaths = [line for line in lines if re.search(r"ended (by signal|with status)", line)]
        if len(deaths) > self.deaths_expected:
            bad += deaths
        return bad


# --- the client ---

Reply = collections.namedtuple("Reply", "code lines")


def text_of(reply):
    return b" / ".join(reply.lines).decode("latin-1")


def tls_context(minimum=ssl.TLSVersion.TLSv1_2, maximum=ssl.TLSVersion.TLSv1_3):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version, context.maximum_version = minimum, maximum
    return context


DEFAULT_TLS = tls_context()


class Client:
    """One session. `implicit`: TLS from the first byte. `source`: the address it comes from."""

    def __init__(self, port, timeout_s=30, greet=True, implicit=False, context=None, session=None, source=None, host="127.0.0.1"):
        self.raw = socket.create_connection((host, port), timeout=timeout_s,
                                            source_address=(source, 0) if source else None)
        self.raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket, self.input = self.raw, b""
        try:
            if implicit:
                self.wrap(context, session)
            if greet:
                self.banner = self.reply()
                equal(self.banner.code, 220, "banner " + text_of(self.banner))
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self.socket.close()

    def abort(self):
        """Closes with a reset: nothing of ours is waited for."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()

    def wrap(self, context=None, session=None):
        self.socket = (context or DEFAULT_TLS).wrap_socket(self.raw, server_hostname=HOST, session=session)

    def send(self, data):
        self.socket.sendall(data)

    def send_clear(self, data):
        """Bytes below TLS."""
        with socket.socket(fileno=os.dup(self.socket.fileno())) as below:
            below.sendall(data)

    def line(self):
        while b"\n" not in self.input:
            piece = self.socket.recv(65536)
            if not piece:
                raise ConnectionError(f"closed by the server, {self.input!r} left")
            self.input += piece
            check(len(self.input) < 1 << 20, "a reply line without end")
        line, _, self.input = self.input.partition(b"\n")
        check(line.endswith(b"\r") and b"\r" not in line[:-1], f"line end of {line!r}")
        return line[:-1]

    def reply(self):
        lines, code = [], None
        while True:
            line = self.line()
            check(re.match(rb"[2-5][0-9][0-9]([ -]|$)", line) and len(line) <= 2000, f"no reply line: {line!r}")
            check(code in (None, line[:3]), f"codes differ within a reply: {line!r}")
            code = line[:3]
            lines.append(line[4:])
            if line[3:4] != b"-":
                return Reply(int(code), lines)

    def command(self, line):
        self.send(line.encode() + b"\r\n" if isinstance(line, str) else line)
        return self.reply()

    def expect(self, line, code):
        reply = self.command(line)
        codes = code if isinstance(code, tuple) else (code,)
        check(reply.code in codes, f"{line!r:.120}: {reply.code} {text_of(reply)}, wanted {code}")
        return reply

    def ehlo(self, name="client.example.org"):
        """Greets; returns the offered words, {word: arguments}."""
        offered = {}
        for line in self.expect(f"EHLO {name}", 250).lines[1:]:
            word, _, rest = line.decode("ascii").partition(" ")
            offered[word] = rest
        return offered

    def starttls(self, context=None, session=None):
        self.expect("STARTTLS", 220)
        equal(self.input, b"", "bytes behind the 220 of STARTTLS")
        self.wrap(context, session)
        return self.ehlo()

    def log_in(self, user, password=PASSWORD):
        return self.expect("AUTH PLAIN " + plain(user, password), 235)

    def closed(self, timeout_s=10):
        """True when the server ends the connection within the time; what it still says is kept in `last`."""
        self.socket.settimeout(timeout_s)
        self.last = self.input
        try:
            while True:
                piece = self.socket.recv(65536)
                if not piece:
                    return True
                self.last += piece
        except (ConnectionError, ssl.SSLError):
            return True
        except TimeoutError:
            return False

    def envelope(self, sender, recipients, parameters=""):
        self.expect(f"MAIL FROM:<{sender}>{parameters}", 250)
        for recipient in recipients:
            self.expect(f"RCPT TO:<{recipient}>", 250)

    def data(self, body):
        """DATA with `body`, which ends in CRLF; returns the last reply."""
        self.expect("DATA", 354)
        self.send(stuff(body) + b".\r\n")
        return self.reply()

    def mail(self, sender, recipients, body):
        self.envelope(sender, recipients)
        reply = self.data(body)
        equal(reply.code, 250, "end of data: " + text_of(reply))
        return reply


def plain(user, password, authorize=""):
    return base64.b64encode(f"{authorize}\0{user}\0{password}".encode()).decode()


def b64(value):
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()


def stuff(body):
    """RFC 5321 4.5.2."""
    check(body.endswith(b"\r\n"), "a body for DATA ends in CRLF")
    return (b"\r\n" + body).replace(b"\r\n.", b"\r\n..")[2:]


serial = iter(range(1 << 30))


def new_token():
    return f"token-{os.getpid()}-{next(serial)}-{random.getrandbits(48):012x}"


def header(token, sender=f"alice@{DOMAIN}", recipient=f"bob@{DOMAIN}", more=b""):
    """The header of a message that lacks nothing, with its blank line."""
    return (f"From: <{sender}>\r\nTo: <{recipient}>\r\nSubject: {token}\r\nMessage-ID: <{token}@client.example.org>\r\n"
            f"Date: Tue, 03 Mar 2026 10:00:00 +0000\r\n").encode() + more + b"\r\n"


def without_trace(content):
    """A delivered message without the fields the server put in front of it."""
    match = re.match(rb"Return-Path: <[^\r\n]*>\r\nDelivered-To: [^\r\n]+\r\nReceived: [^\r\n]+\r\n(?:[ \t][^\r\n]+\r\n)*", content)
    check(match, f"the trace fields are not as they should be: {content[:300]!r}")
    return content[match.end():]


def presented(port, implicit=False, context=None, timeout_s=10):
    """The certificate (DER) that one new client is shown."""
    with Client(port, implicit=implicit, context=context, timeout_s=timeout_s) as client:
        if not implicit:
            client.ehlo()
            client.starttls(context)
        return client.socket.getpeercert(binary_form=True)


def more_descriptors(wanted):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard) if hard > 0 else wanted, hard))


# --- running ---

tests = []


def test(function):
    tests.append(function)
    return function


class Results:
    def __init__(self):
        self.failures = 0

    def case(self, name, function, *arguments):
        full = f"{STEM}-{name}".replace("_", "-")
        try:
            note = function(*arguments)
            print(f"ok {full}" + (f" # {note}" if note else ""), flush=True)
        except Exception as error:
            if not isinstance(error, (Failed, OSError, subprocess.TimeoutExpired)) or os.environ.get("POSTERN_TRACE") == "1":
                traceback.print_exc()
            why = f"{'' if isinstance(error, Failed) else type(error).__name__ + ': '}{error}"
            print(f"not ok {full}: {' '.join(why.split())[:700]}", flush=True)
            self.failures += 1


def clean_end(server):
    status = server.stop()
    check(status in (0, None), f"SIGTERM: exit status {status}: {server.log_tail()}")
    complaints = server.complaints()
    check(not complaints, "in the log: " + " | ".join(complaints[:6])[:900])


def run(deadline_s, server=None):
    """Runs the tests of the file, each with `server` when one is given, and ends the program."""
    results = Results()
    watchdog = threading.Timer(deadline_s, on_deadline, [deadline_s])
    watchdog.daemon = True
    watchdog.start()
    only = sys.argv[1:]
    started = server is None
    if server and not server.process:
        results.case("start", lambda: server.start() and None)
        started = results.failures == 0
    for function in tests if started else []:
        if not only or function.__name__ in only:
            results.case(function.__name__, *([function, server] if server else [function]))
    if server and started:
        results.case("clean_end", clean_end, server)
        server.process = None
    watchdog.cancel()
    sys.exit(1 if results.failures else 0)


def on_deadline(deadline_s):
    for thread in threading.enumerate():
        if thread is threading.main_thread():
            traceback.print_stack(sys._current_frames()[thread.ident])
    print(f"not ok {STEM}-deadline: not done within {deadline_s} s", flush=True)
    sys.stderr.flush()
    atexit._run_exitfuncs()
    os._exit(1)
