# SPDX-License-Identifier: Apache-2.0
"""A real Thunderbird with one account, on a screen of its own, operated as by a person. No test of its own.

Its home and profile are new and lie in the folder that is given. It has no way out but to the host of the account, which is
this machine: everything else would go through a proxy that is not there."""
import base64
import json
import os
import re
import ssl
import time

from harness import ROOT, Failed, check
from marionette import Marionette
from screen import Screen, start

PROGRAM = "/usr/lib/thunderbird/thunderbird"
PICTURES = os.path.join(ROOT, "build", "test-logs")
NO_PROXY_PORT = 1
START_TLS, PASSWORD_IN_TLS = 2, 3

QUIET = {
    "app.donation.eoy.version.viewed": 999, "app.normandy.enabled": False, "app.update.auto": False,
    "datareporting.healthreport.uploadEnabled": False, "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False, "mail.provider.suppress_dialog_on_startup": True, "mail.rights.version": 1,
    "mail.shell.checkDefaultClient": False, "mail.chat.enabled": False, "mail.instrumentation.postUrl": "",
    "mailnews.auto_config.fetchFromISP.enabled": False, "mailnews.auto_config.guess.enabled": False,
    "mailnews.auto_config_url": "", "mailnews.mx_service_url": "", "mailnews.start_page.enabled": False,
    "network.captive-portal-service.enabled": False, "network.connectivity-service.enabled": False,
    "network.dns.disableIPv6": True, "security.OCSP.enabled": 0,
    "toolkit.telemetry.enabled": False, "toolkit.telemetry.unified": False,
}


def account(host, port, user, domain):
    """The preferences of an account that sends through `host`, with STARTTLS and a password."""
    return {
        "mail.accountmanager.accounts": "account1", "mail.accountmanager.localfoldersserver": "server1",
        "mail.account.account1.server": "server1", "mail.account.account1.identities": "id1",
        "mail.server.server1.type": "none", "mail.server.server1.hostname": "Local Folders",
        "mail.server.server1.name": "Local Folders", "mail.server.server1.userName": "nobody",
        "mail.server.server1.directory-rel": "[ProfD]Mail/Local Folders",
        "mail.identity.id1.useremail": f"{user}@{domain}", "mail.identity.id1.fullName": user.title(),
        "mail.identity.id1.smtpServer": "smtp1", "mail.identity.id1.compose_html": False,
        "mail.identity.id1.fcc_folder": "mailbox://nobody@Local%20Folders/Sent",
        "mail.smtpservers": "smtp1", "mail.smtp.defaultserver": "smtp1", "mail.smtpserver.smtp1.type": "smtp",
        "mail.smtpserver.smtp1.hostname": host, "mail.smtpserver.smtp1.port": port, "mail.smtpserver.smtp1.username": user,
        "mail.smtpserver.smtp1.try_ssl": START_TLS, "mail.smtpserver.smtp1.authMethod": PASSWORD_IN_TLS,
    }


def only_to(host):
    """`host` is this machine; all else goes nowhere."""
    nowhere = {f"network.proxy.{kind}{part}": value for kind in ("http", "ssl", "socks")
               for part, value in (("", "127.0.0.1"), ("_port", NO_PROXY_PORT))}
    return {"network.dns.localDomains": host, "network.proxy.type": 1, "network.proxy.socks_remote_dns": True,
            "network.proxy.no_proxies_on": host, "network.proxy.allow_bypass": False,
            "network.proxy.failover_direct": False, **nowhere}


class Thunderbird:
    def __init__(self, folder, host, port, user, domain):
        self.screen = Screen(folder)
        self.home, self.profile = os.path.join(folder, "home"), os.path.join(folder, "profile")
        for one in (self.home, self.profile):
            os.mkdir(one, 0o700)
        self.write_preferences({"marionette.port": 0, **QUIET, **only_to(host), **account(host, port, user, domain)})
        self.log_path = os.path.join(folder, "thunderbird.log")
        with open(self.log_path, "wb") as log:
            self.process = start([PROGRAM, "--no-remote", "--profile", self.profile, "--marionette",
                                  "--remote-allow-system-access"], env=self.environment(), cwd=self.home, stdout=log)
        self.remote = Marionette(self.remote_port(), timeout_s=60)
        with open(os.path.join(os.path.dirname(__file__), "mail_program.js"), encoding="ascii") as file:
            self.script = file.read()
        self.version = self.do("ready")

    def environment(self):
        return {"PATH": os.environ["PATH"], "HOME": self.home, "TMPDIR": self.home, "XDG_RUNTIME_DIR": self.home,
                "DISPLAY": self.screen.name, "LANG": "C.UTF-8", "NO_AT_BRIDGE": "1", "MOZ_CRASHREPORTER_DISABLE": "1",
                "DBUS_SESSION_BUS_ADDRESS": "disabled:"}

    def write_preferences(self, preferences):
        with open(os.path.join(self.profile, "user.js"), "w", encoding="ascii") as file:
            for name, value in preferences.items():
                file.write(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n")

    def remote_port(self, timeout_s=60):
        """The port it has chosen for its remote control; it says so in a file."""
        path, deadline = os.path.join(self.profile, "MarionetteActivePort"), time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            check(self.process.poll() is None, f"Thunderbird has ended: {self.log_tail()}")
            if os.path.exists(path):
                with open(path, encoding="ascii") as file:
                    port = file.read()
                if port:
                    return int(port)
            time.sleep(0.05)
        check(False, f"Thunderbird did not start within {timeout_s} s: {self.log_tail()}")

    def log_tail(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return " | ".join(file.read().splitlines()[-6:])

    def do(self, name, *arguments):
        """One function of mail_program.js."""
        check(re.fullmatch(r"\w+", name), name)
        return self.remote.run(f"{self.script}\nreturn {name}(...given);", *arguments)

    def picture(self, name):
        os.makedirs(PICTURES, exist_ok=True)
        self.screen.picture(os.path.join(PICTURES, f"thunderbird-{name}.png"))

    # -- what a person does --

    def remember_password(self, host, user, password):
        self.do("rememberPassword", host, user, password)

    def trust(self, path):
        """Takes the issuer in this file among those that vouch for servers."""
        with open(path, encoding="ascii") as file:
            self.do("trustIssuer", base64.b64encode(ssl.PEM_cert_to_DER_cert(file.read())).decode())

    def send(self, to, subject, picture):
        """Writes a message and presses Send. Returns {sent, thumbprint} of a message that went, {sent, alert, error, thumbprint,
        where} of one that did not; then its window is closed without another try."""
        self.do("send", to, subject)
        end = self.do("outcome")
        if end["sent"]:
            self.do("lookAtSent", subject)
        self.picture(picture)
        return end if end["sent"] else self.give_up(end, picture)

    def give_up(self, end, picture):
        try:
            end = {**end, **self.do("dismissAlert")}
            self.picture(picture + "-exception")
        except Failed as failure:
            raise Failed(f"Thunderbird says \"{end['alert']}\", and offers no exception: {failure}")
        finally:
            self.do("giveUp")
        return end
