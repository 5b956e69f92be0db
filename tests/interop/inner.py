# SPDX-License-Identifier: Apache-2.0
"""The servers behind Postern: Dovecot, which holds the mailboxes, and rspamd, which filters."""
import contextlib
import os
import re
import subprocess
import time

from peers import PATIENCE_S, Peer, wait_for_port
from world import POSTERN, STORE, ZONE, domain  # it finds the folder of the next two

import harness
from rspamd import FIELD, GTUBE, rspamd

KNOWN, UNKNOWN, SENDER = (f"bob@{domain(variant, 'postern')}" for variant in ("clear", "require", "may"))


class Dovecot(Peer):
    """It takes mail over LMTP and knows some of Postern's mailboxes."""
    name, package, user = "dovecot", "dovecot-lmtpd", "nobody"

    def configure(self):
        self.chroot("groupadd", "--force", "--gid", "60255", "postern")  # that of couriers
        self.write("/etc/dovecot/users", f"{KNOWN}:::::\n{SENDER}:::::\n")
        self.write("/etc/dovecot/dovecot.conf", f"""
protocols = lmtp
log_path = /var/log/dovecot.log
mail_location = maildir:/var/mail/in/%u
mail_uid = nobody
mail_gid = nogroup
ssl = yes
ssl_cert = </etc/interop/good.pem
ssl_key = </etc/interop/good.pem
postmaster_address = postmaster@{ZONE}
hostname = store.{ZONE}
passdb {{
  driver = passwd-file
  args = /etc/dovecot/users
}}
userdb {{
  driver = passwd-file
  args = /etc/dovecot/users
}}
service lmtp {{
  unix_listener lmtp {{
    mode = 0660
    group = postern
  }}
  inet_listener lmtp {{
    address = {STORE}
    port = 24
  }}
}}
""")

    def targets(self):
        return {"unix": f"unix:{self.root}/run/dovecot/lmtp", "inet": f"inet:{STORE}"}

    def start(self):
        self.prepare()
        with open(os.path.join(self.root, "var/log/dovecot.out"), "ab") as log:
            self.process = subprocess.Popen(["chroot", self.root, "dovecot", "-F"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for_port(STORE, 24)

    def stop(self):
        if getattr(self, "process", None):
            self.process.terminate()
            self.process.wait(20)

    def found(self, token, user=KNOWN):
        """The message in the mailbox, as Dovecot's own program fetches it; or None."""
        text = self.chroot("doveadm", "fetch", "-u", user, "text", "HEADER", "Subject", token)
        return text.partition("text:\n")[2] or None


def first_of(*looks):
    """What the first of them finds."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        for look in looks:
            seen = look()
            if seen:
                return seen
        time.sleep(0.2)
    return "nothing came of it"


def in_the_mailbox(dovecot, token):
    """How it came there, in the words of Dovecot's trace field."""
    text = dovecot.found(token)
    if not text:
        return None
    fields = re.sub(r"\r?\n[ \t]+", " ", text)
    with_what = re.search(r"^Received: from \S+ .*? with (LMTPS?)\b", fields, re.M)
    path = fields.count("Return-Path:") == 1 and f"Return-Path: <{SENDER}>" in fields
    whole = path and f"Delivered-To: {KNOWN}" in fields and re.search(r"hello\r?\n\.\r?\nbehind a dot", text)
    return ("in the mailbox, over " + (with_what[1] if with_what else "something else")) + ("" if whole else ", and something is wrong: " + fields)


def notice_to_sender(dovecot, token):
    text = dovecot.found(f"Undeliverable: {token}", SENDER)
    return text and "returned: " + " ".join(line for line in text.splitlines() if line.startswith("Diagnostic-Code:"))


def meet_dovecot(table, postern, dovecot, wanted):
    rows = (("unix", "unix", "over a UNIX socket", KNOWN, "in the mailbox, over LMTP"),
            ("inet", "inet", "over TCP, TLS is offered", KNOWN, "in the mailbox, over LMTPS"),
            ("unknown", "unix", "Dovecot does not know the mailbox", UNKNOWN, "returned: Diagnostic-Code: smtp; 550 5.1.1"))
    for case, way, what, recipient, expected in rows:
        if wanted and "mailbox-" + case not in wanted:
            continue
        token = harness.new_token()
        postern.postern("Set-TransportService", "-MailboxTransport", dovecot.targets()[way])
        postern.submit(recipient, token)
        seen = first_of(lambda: in_the_mailbox(dovecot, token), lambda: notice_to_sender(dovecot, token),
                        lambda: "waits: " + why if (why := postern.waits(token)) else None)
        table.add("mailboxes in dovecot", f"dovecot-mailbox-{case}", what, expected, seen)
    postern.postern("Set-TransportService", "-MailboxTransport", "$null")


def filtered(postern, body):
    token = harness.new_token()
    with harness.Client(25, host=POSTERN) as client:
        client.ehlo()
        client.envelope(f"carol@{ZONE}", [KNOWN])
        answer = client.data(harness.header(token, f"carol@{ZONE}", KNOWN) + body)
    if answer.code != 250:
        return f"refused: {answer.code} {harness.text_of(answer)}"
    text = first_of(lambda: postern.found(token))
    return "delivered, " + ("with its field" if FIELD.decode().strip() in text else "without its field")


def meet_rspamd(table, postern, root):
    with rspamd(root) as (endpoint, _log):
        postern.postern("Set-ReceiveConnector", postern.connector(25), "-Milters", endpoint)
        table.add("filtered by rspamd", "rspamd-lets-pass", "a message without fault", "delivered, with its field", filtered(postern, b"good day\r\n"))
        table.add("filtered by rspamd", "rspamd-refuses", "the text that every filter refuses (GTUBE)", "refused: 554", filtered(postern, GTUBE))
        postern.postern("Set-ReceiveConnector", postern.connector(25), "-Milters", "$null")


@contextlib.contextmanager
def running(peer):
    try:
        peer.start()
        yield peer
    finally:
        peer.stop()


def meet(table, postern, roots, wanted):
    """`wanted`: names of peers and cases; none: all."""
    names = [word for word in wanted if word in ("dovecot", "rspamd")]
    if not wanted or "dovecot" in names:
        with running(Dovecot(postern.world, roots)) as dovecot:
            table.versions.append(dovecot.version())
            meet_dovecot(table, postern, dovecot, [word for word in wanted if word not in names])
    if not wanted or "rspamd" in names:
        root = os.path.join(roots, "rspamd")
        done = subprocess.run(["chroot", root, "dpkg-query", "-W", "-f", "${Package} ${Version}", "rspamd"], capture_output=True, text=True, check=True)
        table.versions.append(done.stdout)
        meet_rspamd(table, postern, root)
