# SPDX-License-Identifier: Apache-2.0
"""sink - another mail server, for the tests of what leaves: takes mail as it is told to, and keeps what it got.

    with Sink(replies={"RCPT": "450 4.2.1 later"}) as sink: ...
        sink.port, sink.messages (sender, recipients, body), sink.commands (of all sessions), sink.sessions, sink.clients (their addresses),
        sink.peers (common names of the certificates they show; None: nothing) when it asks for certificates of these roots

A reply is a text, or a function of (argument, number of the session) that returns one; None hangs up. With lmtp=True the end of a message
has one for each recipient that was taken (RFC 2033), whose argument it is; with a path it listens at a UNIX socket."""
import contextlib
import os
import socket
import ssl
import threading


def common_name(certificate):
    """None: there is no certificate."""
    return next((value for part in certificate["subject"] for name, value in part if name == "commonName"), "") if certificate else None


class Session(threading.Thread):
    def __init__(self, sink, connection, number):
        super().__init__(daemon=True)
        self.sink, self.connection, self.number = sink, connection, number
        self.file = connection.makefile("rb")
        self.tls, self.sender, self.recipients = False, None, []

    def say(self, text):
        self.connection.sendall("".join(line + "\r\n" for line in text.split("\n")).encode())

    def reply(self, verb, argument, default):
        wanted = self.sink.replies.get(verb, default)
        return wanted(argument, self.number) if callable(wanted) else wanted

    def offers(self):
        words = [word for word in self.sink.offers if word != "STARTTLS" or not self.tls]
        return "\n".join("250-" + word for word in ["sink.example", *words[:-1]]) + ("\n250 " + words[-1] if words else "\n250 HELP")

    def body(self):
        lines = []
        while True:
            line = self.file.readline()
            if not line:
                return None
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b".") else line)

    def end(self, body):
        """False: hang up."""
        lmtp = self.sink.lmtp
        replies = [(recipient, self.reply("end", recipient, "250 2.6.0 taken")) for recipient in (self.recipients if lmtp else [""])]
        if any(text is None for _recipient, text in replies):
            return False
        taken = [recipient for recipient, text in replies if text.startswith("250")]
        if taken:
            self.sink.messages.append((self.sender, taken if lmtp else self.recipients, body))
        for _recipient, text in replies:
            self.say(text)
        return True

    def start_tls(self):
        self.connection = self.sink.context.wrap_socket(self.connection, server_side=True)
        self.sink.peers.append(common_name(self.connection.getpeercert()))
        self.file = self.connection.makefile("rb")
        self.tls = True

    def run(self):
        try:
            self.talk()
        except (OSError, ssl.SSLError):
            pass
        finally:
            self.connection.close()

    def talk(self):
        greeting = self.reply("greeting", "", "220 sink.example ready")
        if greeting is None:
            return
        self.say(greeting)
        while True:
            line = self.file.readline()
            if not line:
                return
            command = line.decode("utf-8", "replace").rstrip("\r\n")
            verb, _, argument = command.partition(" ")
            verb = verb.upper()
            self.sink.commands.append(command)
            self.sink.tls_used |= self.tls
            default = {"LHLO" if self.sink.lmtp else "EHLO": self.offers(), "HELO": "250 sink.example", "QUIT": "221 2.0.0 bye", "STARTTLS": "220 2.0.0 go",
                       "DATA": "354 go on" if self.recipients else "554 5.5.1 No valid recipients", "RSET": "250 2.0.0 ok"}.get(verb, "250 2.1.5 ok")
            text = self.reply(verb, argument, default)
            if text is None:
                return
            self.say(text)
            if verb == "QUIT":
                return
            if verb == "STARTTLS" and text.startswith("220"):
                self.start_tls()
            if verb == "MAIL" and text.startswith("250"):
                self.sender, self.recipients = argument, []
            if verb == "RCPT" and text.startswith("25"):
                self.recipients.append(argument)
            if verb == "DATA" and text.startswith("354"):
                body = self.body()
                if body is None or not self.end(body):
                    return


class Sink:
    def __init__(self, replies=None, offers=("PIPELINING", "8BITMIME", "SIZE 10000000", "ENHANCEDSTATUSCODES", "DSN"), certificate=None,
                 address="127.0.0.1", port=0, asks=None, version=None, lmtp=False, path=None):
        self.lmtp, self.path = lmtp, path
        self.replies, self.offers = dict(replies or {}), list(offers) + (["STARTTLS"] if certificate else [])
        self.connections = []
        self.messages, self.commands, self.clients, self.sessions, self.tls_used = [], [], [], 0, False
        self.peers = []
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*certificate)
            self.ask(asks)
            self.context.maximum_version = version or ssl.TLSVersion.TLSv1_3
        self.listener = self.listen_at(path) if path else socket.create_server((address, port))
        self.port = None if path else self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    @staticmethod
    def listen_at(path):
        listener = socket.create_server(path, family=socket.AF_UNIX)
        os.chmod(path, 0o666)
        return listener

    def ask(self, roots):
        if roots:
            self.context.verify_mode = ssl.CERT_OPTIONAL
            self.context.load_verify_locations(roots)

    def accept(self):
        while True:
            try:
                connection, peer = self.listener.accept()
            except OSError:
                return
            self.sessions += 1
            self.connections.append(connection)
            self.clients.append(peer[0] if peer else "")
            Session(self, connection, self.sessions).start()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)  # else the port stays taken while accept() waits
        self.listener.close()
        for connection in self.connections:
            with contextlib.suppress(OSError):  # it has ended, or is inside TLS
                connection.shutdown(socket.SHUT_RDWR)
        if self.path:
            os.unlink(self.path)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
