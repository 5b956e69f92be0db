# SPDX-License-Identifier: Apache-2.0
"""The management shell with a person at a terminal: Tab, commands of several lines, Ctrl-C, what is remembered."""
import os
import pty
import re
import select
import signal
import time

from harness import BUILD, Server, check, equal, run, test

server = Server()
PROMPT, MORE = "[Postern] > ", ">> "


class Person:
    """`postern shell` on a terminal of its own. Of a line that is edited only what changes is drawn."""

    def __init__(self, home):
        self.shown = ""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            environment = dict(server.environment(), HOME=home, TERM="xterm", COLUMNS="120")
            environment.pop("XDG_STATE_HOME", None)
            os.execve(os.path.join(BUILD, "postern"), ["postern", "--data", server.data, "shell"], environment)
        self.sees(PROMPT)

    def types(self, keys):
        os.write(self.terminal, keys.encode())

    def sees(self, text, timeout_s=20):
        """Waits for the text, and returns what was shown up to its end."""
        deadline = time.monotonic() + timeout_s
        while text not in self.shown:
            readable, _, _ = select.select([self.terminal], [], [], max(deadline - time.monotonic(), 0))
            check(readable, f"{text!r} does not come: {self.shown[-500:]!r}")
            self.shown += re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", os.read(self.terminal, 65536).decode("utf-8", "replace"))
        before, _, self.shown = self.shown.partition(text)
        return before + text

    def answers(self, command):
        """What is between a command and the next prompt."""
        self.types(command + "\r")
        self.sees("\n")
        return self.sees(PROMPT)

    def cancels(self):
        """Ctrl-C; what was drawn before does not count."""
        time.sleep(0.2)
        while select.select([self.terminal], [], [], 0)[0]:
            os.read(self.terminal, 65536)
        self.shown = ""
        self.types("\x03")
        self.sees(PROMPT)

    def leaves(self):
        """Ctrl-D, again when it was pressed while the terminal still belonged to a command: there it is nobody's."""
        deadline, done, status, presses = time.monotonic() + 20, 0, 0, 0
        while not done and time.monotonic() < deadline:
            if presses % 50 == 0:
                self.types("\x04")
            presses += 1
            time.sleep(0.02)
            done, status = os.waitpid(self.pid, os.WNOHANG)
        if not done:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.terminal)
        check(done, f"it does not end: {self.shown[-300:]!r}")
        return os.waitstatus_to_exitcode(status)


def home():
    folder = os.path.join(server.folder, "home")
    os.makedirs(folder, exist_ok=True)
    return folder


@test
def tab_knows_what_is_there(_):
    person = Person(home())
    for keys, drawn in (("Get-Rec", "eiveConnector "), ('"MX\\Client F', 'rontend MX" ')):
        person.types(keys)
        person.types("\t")
        person.sees(drawn)
    check(": Client Frontend MX" in person.answers("| Format-List Name"), "the connector is not shown")
    person.types("Set-ReceiveConnector MX\\Client\t\t")
    person.sees('MX\\Client Implicit MX"')
    person.cancels()
    person.types("Set-ReceiveConnector Printers -TlsMode Im\t")
    person.sees("plicit ")
    person.cancels()
    equal(person.leaves(), 0, "exit status")


@test
def a_command_may_have_several_lines(_):
    person = Person(home())
    for line in ("foreach ($n in 1..3) {", "", "$n * 1111"):
        person.types(line + "\r")
        person.sees(MORE)
    check("3333" in person.answers("}"), "the loop did not run")
    person.types("if ($true) {\r")
    person.sees(MORE)
    person.cancels()
    check("42" in person.answers("6 * 7"), "what was cancelled is still there")
    check("no cmdlet" in person.answers("No-Such"), "no error")
    equal(person.leaves(), 2, "exit status is that of the last error")


@test
def what_was_typed_is_remembered_but_no_secret(_):
    person = Person(home())
    person.answers("6 * 7")
    person.answers('$password = "correct horse"')
    person.leaves()
    path = os.path.join(home(), ".local", "state", "postern", "history")
    equal(os.stat(path).st_mode & 0o777, 0o600, "mode of the history")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    check("horse" not in text and "6\\040*\\0407" in text, f"{text!r}")
    person = Person(home())
    person.types("\x1b[A")
    person.sees("6 * 7")
    person.types("\r")
    person.sees("42")
    person.sees(PROMPT)
    person.leaves()


@test
def one_answer_may_be_for_all(_):
    person = Person(home())
    names = lambda: person.answers("(Get-ReceiveConnector Ask*).Name -join '+'")
    for port in (2701, 2702, 2703):
        person.answers(f"New-ReceiveConnector Ask{port} -Bindings 127.0.0.1:{port} -RemoteIPRanges 10.0.0.0/8 -Custom -Confirm:$false")
    ask = lambda: (person.types("Get-ReceiveConnector Ask* | Remove-ReceiveConnector\r"), person.sees('(default is "N"): '))
    ask()
    person.types("L\r")
    check("(default is" not in person.sees(PROMPT), "it is asked again after L")
    check("Ask2701" in names() and "Ask2703" in names(), "one is gone after L")
    ask()
    person.types("n\r")
    person.sees('(default is "N"): ')
    person.types("a\r")
    check("(default is" not in person.sees(PROMPT), "it is asked again after A")
    left = names()
    check("Ask2701" in left and "Ask2702" not in left and "Ask2703" not in left, left)
    person.leaves()


run(90, server)
