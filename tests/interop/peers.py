# SPDX-License-Identifier: Apache-2.0
"""The other servers: Debian's own packages, each in a root of its own (tools/interop makes them), with one listener for each
way in which a peer can be met: TLS with a certificate that holds, no TLS, a self-signed certificate, a client certificate wanted."""
import glob
import json
import os
import shutil
import signal
import socket
import subprocess
import time

from world import ASKING, CLEAR, GOOD, INCOMING, POSTERN, RESOLVER, SELF_SIGNED, ZONE, address, domain

LISTENERS = (GOOD, CLEAR, SELF_SIGNED, ASKING)
PATIENCE_S = 30


def wait_for_port(host, port):
    deadline = time.monotonic() + PATIENCE_S
    while True:
        with socket.socket() as probe:
            if probe.connect_ex((host, port)) == 0:
                return
        if time.monotonic() > deadline:
            raise RuntimeError(f"nobody listens at {host}:{port}")
        time.sleep(0.05)


class Peer:
    name, user = "", "nobody"

    def __init__(self, world, roots):
        self.world, self.root = world, os.path.join(roots, self.name)
        self.mail = os.path.join(self.root, "var/mail/in")
        self.seen = set()

    def write(self, path, text, mode=0o644):
        full = os.path.join(self.root, path.lstrip("/"))
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(full, mode)

    def prepare(self):
        shutil.rmtree(self.mail, ignore_errors=True)
        self.chroot("install", "-d", "-o", self.user, "-m", "700", "/var/mail/in")
        os.chmod(os.path.dirname(self.mail), 0o1777)
        self.write("/etc/hosts", "127.0.0.1 localhost\n")
        with open(os.path.join(self.root, "etc/resolv.conf"), "w", encoding="ascii") as file:
            file.write(f"nameserver {RESOLVER}\noptions edns0 trust-ad\n")
        with open(self.world.roots, encoding="ascii") as file:
            self.write("/etc/interop/roots.pem", file.read())
        for pair, name in (("good", self.name), ("self", f"{self.name}-self")):
            self.write(f"/etc/interop/{pair}.pem", self.world.pair(name), 0o600)
        self.configure()

    def chroot(self, *words, **how):
        done = subprocess.run(["chroot", self.root, *words], capture_output=True, text=True, timeout=60, **how)
        if done.returncode:
            raise RuntimeError(f"{self.name}: {' '.join(words)}: {done.stdout[-400:]}{done.stderr[-400:]}")
        return done.stdout

    def version(self):
        return self.chroot("dpkg-query", "-W", "-f", "${Package} ${Version}", self.package)

    def start(self):
        self.prepare()
        self.launch()
        for listener in LISTENERS:
            wait_for_port(address(self.name, listener), 25)

    def found(self, token):
        """The message with this token, or None."""
        for path in glob.glob(self.mail + "/new/*") + glob.glob(self.mail + "/*/new/*"):
            with open(path, encoding="utf-8", errors="replace") as file:
                text = file.read()
            if token in text:
                return text
        return None

    def submit(self, sender, recipient, token):
        """One message, handed to the peer as its own sendmail takes it."""
        text = f"From: <{sender}>\nTo: <{recipient}>\nSubject: {token}\n\nhello\n.\nbehind a dot\n"
        self.chroot("/usr/sbin/sendmail", "-i", "-f", sender, recipient, input=text)


class Postfix(Peer):
    name, package, user = "postfix", "postfix", "nobody"
    LEVELS = {"clear": "none", "may": "may", "require": "encrypt", "secure": "secure match=nexthop:dot-nexthop:hostname",
              "secure-wrong": "secure match=other.example", "dane": "dane-only", "dane-wrong": "dane-only", "client": "encrypt", "client-none": "encrypt"}

    def configure(self):
        etc = "/etc/postfix"
        self.write(etc + "/domains", rf"/\.{self.name}\.world\.example$/ here" + "\n")
        self.write(etc + "/policy", "".join(f"{domain(v, 'postern')} {self.LEVELS[v]}\n" for v in INCOMING))
        self.write(etc + "/main.cf", f"""
compatibility_level = 3.6
myhostname = mx.{self.name}.{ZONE}
mydestination =
inet_interfaces = {address(self.name)}
inet_protocols = ipv4
mynetworks = {address(self.name)}/32
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
virtual_mailbox_domains = regexp:{etc}/domains
virtual_mailbox_base = /var/mail
virtual_mailbox_maps = static:in/
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
smtpd_peername_lookup = no
smtpd_tls_security_level = may
smtpd_tls_chain_files = /etc/interop/good.pem
smtpd_tls_CAfile = /etc/interop/roots.pem
smtpd_tls_received_header = yes
smtp_tls_CAfile = /etc/interop/roots.pem
smtp_tls_security_level = may
transport_maps = inline:{{ {domain('client', 'postern')}=showing: }}
smtp_tls_policy_maps = texthash:{etc}/policy
smtp_tls_loglevel = 1
smtp_dns_support_level = dnssec
minimal_backoff_time = 1h
maillog_file = /var/log/postfix.log
""")
        options = {GOOD: "", CLEAR: " -o smtpd_tls_security_level=none",
                   SELF_SIGNED: " -o smtpd_tls_chain_files=/etc/interop/self.pem",
                   ASKING: " -o smtpd_tls_security_level=encrypt -o smtpd_tls_req_ccert=yes"}
        listeners = "".join(f"{address(self.name, n)}:25 inet n - n - - smtpd{more}\n" for n, more in options.items())
        listeners += "showing unix - - n - - smtp -o smtp_tls_chain_files=/etc/interop/good.pem\n"
        kept = []
        source = os.path.join(self.root, "etc/postfix/master.cf")
        debian = source + ".debian"
        if not os.path.exists(debian):
            shutil.copy(source, debian)
        with open(debian, encoding="utf-8") as file:
            for line in file:
                fields = line.split()
                if len(fields) >= 8 and not line.startswith(("#", " ", "\t")):
                    if fields[0] == "smtp" and fields[1] == "inet":
                        continue
                    fields[4] = "n"  # the root is the fence
                    line = " ".join(fields) + "\n"
                kept.append(line)
        self.write(etc + "/master.cf", listeners + "".join(kept))
        self.write("/var/log/postfix.log", "")

    def launch(self):
        self.chroot("postfix", "start")

    def stop(self):
        subprocess.run(["chroot", self.root, "postfix", "stop"], capture_output=True, timeout=60)

    def waits(self, token):
        """Why the message is still in the peer's queue; None: it is not."""
        for line in self.chroot("postqueue", "-j").splitlines():
            entry = json.loads(line)
            if token in self.chroot("postcat", "-qh", entry["queue_id"]):
                return " ".join(one.get("delay_reason", "") for one in entry["recipients"])
        return None


class Exim(Peer):
    name, package, user = "exim", "exim4-daemon-light", "Debian-exim"

    def configure(self):
        by_listener = {CLEAR: "${if eq{$received_ip_address}{%s}{}{*}}" % address(self.name, CLEAR),
                       SELF_SIGNED: "${if eq{$received_ip_address}{%s}{/etc/interop/self.pem}{/etc/interop/good.pem}}"
                                    % address(self.name, SELF_SIGNED),
                       ASKING: "${if eq{$received_ip_address}{%s}{*}{}}" % address(self.name, ASKING)}
        interfaces = " ; ".join(address(self.name, n) for n in LISTENERS)
        routers, transports = "", ""
        options = {"clear": "hosts_avoid_tls = *", "may": "tls_verify_hosts =\n  tls_try_verify_hosts =", "require": "hosts_require_tls = *\n  tls_try_verify_hosts =",
                   "secure": "hosts_require_tls = *\n  tls_verify_hosts = *", "secure-wrong": "hosts_require_tls = *\n  tls_verify_hosts = *\n  tls_verify_certificates = /etc/interop/self.pem",
                   "dane": "hosts_require_dane = *", "dane-wrong": "hosts_require_dane = *", "client": "hosts_require_tls = *", "client-none": "hosts_require_tls = *"}
        shown = "  tls_certificate = /etc/interop/good.pem\n  tls_privatekey = /etc/interop/good.pem\n"
        for variant in INCOMING:
            word = variant.replace("-", "_")
            routers += (f"to_{word}:\n  driver = dnslookup\n  domains = {domain(variant, 'postern')}\n  transport = smtp_{word}\n"
                        "  ignore_target_hosts =\n  dnssec_request_domains = *\n  self = send\n")
            transports += (f"smtp_{word}:\n  driver = smtp\n  interface = {address(self.name)}\n  dnssec_request_domains = *\n"
                           + ("" if variant == "client-none" else shown)
                           + ("" if "verify_certificates" in options[variant] else "  tls_verify_certificates = /etc/interop/roots.pem\n")
                           + f"  {options[variant]}\n")
        self.write("/etc/exim4/exim4.conf", f"""
primary_hostname = mx.{self.name}.{ZONE}
domainlist here = *.{self.name}.{ZONE}
daemon_smtp_ports = 25
local_interfaces = <; {interfaces}
disable_ipv6 = true
host_lookup =
rfc1413_query_timeout = 0s
dns_dnssec_ok = 1
tls_advertise_hosts = {by_listener[CLEAR]}
tls_certificate = {by_listener[SELF_SIGNED]}
tls_privatekey = {by_listener[SELF_SIGNED]}
tls_verify_hosts = {by_listener[ASKING]}
tls_verify_certificates = /etc/interop/roots.pem
trusted_users = root
acl_smtp_rcpt = rcpt
acl_smtp_data = taken
log_selector = +tls_peerdn +received_recipients +smtp_protocol_error
begin acl
rcpt:
  accept domains = +here
  deny message = relay not permitted
taken:
  accept
begin routers
{routers}
here:
  driver = accept
  domains = +here
  transport = maildir
begin transports
{transports}
maildir:
  driver = appendfile
  maildir_format
  directory = /var/mail/in
  user = Debian-exim
begin retry
* * F,2h,1h
""")
        for pair in ("good", "self"):
            self.chroot("chown", "Debian-exim", f"/etc/interop/{pair}.pem")

    def launch(self):
        os.makedirs(os.path.join(self.root, "run/exim4"), exist_ok=True)
        self.chroot("chown", "Debian-exim:Debian-exim", "/run/exim4")
        self.chroot("sh", "-c", "rm -rf /var/spool/exim4/input/* /var/spool/exim4/db/* /var/log/exim4/*; "
                                "exec exim4 -bd -oP /run/exim4/exim.pid >/var/log/exim4/out 2>&1")

    def stop(self):
        try:
            with open(os.path.join(self.root, "run/exim4/exim.pid"), encoding="ascii") as file:
                os.kill(int(file.read()), signal.SIGTERM)
        except (OSError, ValueError):
            pass

    def waits(self, token):
        for line in self.chroot("exim4", "-bpu").splitlines():
            fields = line.split()
            if len(fields) >= 4 and token in self.chroot("exim4", "-Mvh", fields[2]):
                return self.chroot("exim4", "-Mvl", fields[2])
        return None


class OpenSMTPD(Peer):
    name, package, user = "opensmtpd", "opensmtpd", "nobody"

    def configure(self):
        a = {n: address(self.name, n) for n in LISTENERS}
        names = f"mx.{self.name}.{ZONE}"
        actions = "".join(f'match for domain "{domain(v, "postern")}" action "{w}"\n' for v, w in
                          (("clear", "clear"), ("may", "may"), ("require", "may"), ("secure", "secure"), ("secure-wrong", "wrong")))
        self.write("/etc/smtpd.conf", f"""
pki good cert "/etc/interop/good.crt"
pki good key "/etc/interop/good.key"
pki self cert "/etc/interop/self.crt"
pki self key "/etc/interop/self.key"
ca trusted cert "/etc/interop/roots.pem"
table users {{ "@" = "nobody" }}
listen on {a[GOOD]} port 25 hostname {names} tls pki good
listen on {a[CLEAR]} port 25 hostname {names}
listen on {a[SELF_SIGNED]} port 25 hostname {names} tls pki self
listen on {a[ASKING]} port 25 hostname {names} tls-require verify pki good ca trusted
listen on socket
action "in" maildir "/var/mail/in" virtual <users>
action "may" relay src {a[GOOD]} helo {names}
action "clear" relay host smtp+notls://{POSTERN} src {a[GOOD]} helo {names}
action "secure" relay host smtp+tls://mx-secure.postern.{ZONE} ca trusted src {a[GOOD]} helo {names}
action "wrong" relay host smtp+tls://mx.{self.name}.{ZONE}:26 ca trusted src {a[GOOD]} helo {names}
{actions}match from any for domain regex "\\.{self.name}\\.world\\.example$" action "in"
""")
        for pair in ("good", "self"):
            with open(os.path.join(self.root, f"etc/interop/{pair}.pem"), encoding="ascii") as file:
                key, mark, chain = file.read().partition("-----BEGIN CERTIFICATE-----")
            self.write(f"/etc/interop/{pair}.key", key, 0o600)
            self.write(f"/etc/interop/{pair}.crt", mark + chain, 0o644)

    def launch(self):
        os.makedirs(os.path.join(self.root, "var/run"), exist_ok=True)
        self.chroot("sh", "-c", "rm -rf /var/spool/smtpd/queue/* /var/spool/smtpd/offline/*")
        with open(os.path.join(self.root, "var/log/smtpd.out"), "ab") as log:
            self.process = subprocess.Popen(["chroot", self.root, "smtpd", "-dv"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def stop(self):
        if getattr(self, "process", None):
            self.process.terminate()
            self.process.wait(20)

    def waits(self, token):
        for line in self.chroot("smtpctl", "show", "queue").splitlines():
            fields = line.split("|")
            if token in self.chroot("smtpctl", "show", "message", fields[0]):
                return fields[-1]
        return None
