# SPDX-License-Identifier: Apache-2.0
"""The whole configuration as text: out, wiped, in again and out again; byte for byte the same, and in use."""
import hashlib
import json
import os
import shutil

from authority import Authority
from harness import (DOMAIN, PASSWORD, SERVER, Client, Server, check, equal, presented, run, test)

server = Server()
house = None
EMPTY = "# nothing at all\n"
ODD = "it's \u201cquoted\u201d, \u2018twice\u2019, $HOME `back` \"straight\" \u00fc\u6f22"
LINES = "'first' \"line\" with $tab, `tick`, $(sub) and \u201cline\u201d; # no comment"


def path(name):
    return os.path.join(server.folder, name)


def write(name, text):
    with open(path(name), "w", encoding="utf-8") as file:
        file.write(text)
    return path(name)


def export(name, *words):
    server.postern("export", "-o", path(name), "--force", *words)
    with open(path(name), encoding="utf-8") as file:
        return file.read()


def fails(code, *words, says=()):
    done = server.postern(*words, good=False)
    equal(done.returncode, code, f"exit code of {words}: {done.stdout[-300:]}{done.stderr[-500:]}")
    for part in [says] if isinstance(says, str) else says:
        check(part in done.stderr, f"{words}: it does not say {part!r}: {done.stderr[:600]}")
    return done


def revision():
    return server.get("Get-TransportService")[0]["Revision"]


def import_pfx(name, exportable):
    house.openssl("pkcs12", "-export", "-inkey", house.path(name, "key"), "-in", house.path(name, "chain"), "-out",
                  house.path(name, "pfx"), "-passout", "pass:x")
    server.postern("Import-ExchangeCertificate", "-FileName", house.path(name, "pfx"), "-Password", "-",
                   "-PrivateKeyExportable", exportable, "-FriendlyName", f"of {name}: it's \u00fc", input="x\n")


def certificates():
    global house
    house = Authority(server.folder)
    house.issuer("root")
    house.issuer("middle", "root")
    house.leaf("front", "middle", ["front.example.test"], ["middle"])
    house.leaf("side", "root", ["side.example.test"])
    import_pfx("front", "$true")
    import_pfx("side", "$false")
    server.postern("New-ExchangeCertificate", "-DomainName", "rsa.example.test", "-KeyAlgorithm", "RSA", "-KeySize", "2048",
                   "-Services", "SMTP", "-PrivateKeyExportable", "$true", "-Force")
    server.postern("New-ExchangeCertificate", "-DomainName", "ec.example.test", "-KeyAlgorithm", "ECDSA_P384", "-Services", "None")
    server.postern("New-ExchangeCertificate", "-GenerateRequest", "-DomainName", "asked.example.test", "-FriendlyName", "asked")
    server.postern("Enable-ExchangeCertificate", house.thumbprint("front"), "-Services", "SMTP", "-Confirm:$false")


def connectors():
    port = server.port(25)
    common = ("-TransportRole", "FrontendTransport")
    server.postern("New-ReceiveConnector", "-Name", "Odd one", "-Usage", "Custom", "-Bindings", f"127.0.0.1:{port + 1}",
                   "-RemoteIPRanges", "127.0.0.0/8,::1", "-Comment", LINES, "-Banner", "220 it's 'odd'",
                   "-MaxMessageSize", "1MB", "-TarpitInterval", "00:00:01.5", "-MaxProtocolErrors", "Unlimited",
                   "-TlsDomainCapabilities", "mail.contoso.com:AcceptCloudServicesMail;example.com:AcceptCloudServicesMail",
                   "-PermissionGroups", "AnonymousUsers,ExchangeUsers", "-AuthMechanism", "Tls,BasicAuth,BasicAuthRequireTLS",
                   "-Fqdn", "front.example.test", *common)
    server.postern("New-ReceiveConnector", "-Name", "For clients", "-Usage", "Client", "-Bindings", f"127.0.0.1:{port + 2}",
                   "-RemoteIPRanges", "127.0.0.1", "-Comment", ODD, "-Fqdn", "rsa.example.test", *common)
    server.postern("New-ReceiveConnector", "-Name", "Inside", "-Usage", "Internal", "-Bindings", f"127.0.0.1:{port + 3}",
                   "-RemoteIPRanges", "10.0.0.0/8", *common)
    server.postern("New-ReceiveConnector", "-Name", "Outside", "-Usage", "Internet", "-Bindings", f"127.0.0.1:{port + 4}", *common)
    server.postern("New-ReceiveConnector", "-Name", "Partners", "-Usage", "Partner", "-Bindings", f"127.0.0.1:{port + 5}",
                   "-RemoteIPRanges", "192.0.2.0/24", "-Enabled", "$false", *common)


def everything_else():
    for name, domain, kind in (("B\u00fccher it's", "b\u00fccher.example", "Authoritative"), ("Inner", "inner.example", "InternalRelay"),
                               ("Outer", "*.outer.example", "ExternalRelay")):
        server.postern("New-AcceptedDomain", "-Name", name, "-DomainName", domain, "-DomainType", kind)
    server.add_user("anna")
    server.add_user("bert", "another pass 8")
    server.postern("Set-Mailbox", "anna", "-DisplayName", ODD, "-EmailAddresses", f"a.n@{DOMAIN},anna@b\u00fccher.example")
    server.postern("New-Mailbox", "-Name", "no login", "-PrimarySmtpAddress", f"nologin@{DOMAIN}", "-MaildirName", "elsewhere",
                   "-Enabled", "$false")
    server.postern("Add-ADPermission", "Odd one", "-User", "anna", "-ExtendedRights", "ms-Exch-SMTP-Accept-Any-Recipient,ms-Exch-SMTP-Accept-Any-Sender")
    server.postern("Add-ADPermission", "Odd one", "-User", "NT AUTHORITY\\ANONYMOUS LOGON", "-ExtendedRights", "ms-Exch-Accept-Headers-Routing", "-Deny")
    server.postern("Add-ADPermission", "anna", "-User", "bert", "-ExtendedRights", "Send As")
    server.postern("Set-TransportConfig", "-TLSReceiveDomainSecureList", "partner.example,*.partner.example")
    server.postern("Set-TransportService", "-MessageTrackingLogMaxAge", "90.00:00:00", "-MessageTrackingLogSubjectLoggingEnabled", "$false")


    server.postern("New-DkimSigningConfig", "-DomainName", "signed.example", "-KeyAlgorithm", "Both", "-HeaderCanonicalization", "Simple")
    server.postern("New-DkimSigningConfig", "-DomainName", DOMAIN, "-KeySize", "1024")
    server.postern("Rotate-DkimSigningConfig", DOMAIN, "-KeyAlgorithm", "Ed25519", "-RotateOnDate", "2037-01-02T03:04:05Z")
    server.postern("Set-DkimSigningConfig", DOMAIN, "-Enabled", "$true")


def in_use():
    for user, password in (("anna", PASSWORD), ("bert", "another pass 8")):
        with Client(server.port(25) + 2) as client:
            client.ehlo()
            client.starttls()
            client.log_in(user, password)
    shown = presented(server.port(25) + 1)
    equal(hashlib.sha1(shown).hexdigest().upper(), house.thumbprint("front"), "the certificate of Odd one")
    equal(hashlib.sha1(presented(server.port(25) + 2)).hexdigest().upper(), thumbprint_of("rsa.example.test"), "the certificate for clients")


def thumbprint_of(host):
    found = [one for one in server.get("Get-ExchangeCertificate") if host in one["CertificateDomains"]]
    equal(len(found), 1, f"certificates of {host}")
    return found[0]["Thumbprint"]


def properties(*words):
    """What an object is, without its times and id."""
    shown = server.get(*words)
    for one in shown:
        for name in ("Guid", "WhenCreated", "WhenChanged", "State", "BindingErrors", "RootCAType", "Status"):
            one.pop(name, None)
        if "UsedBy" in one:
            one["UsedBy"].sort()
    return sorted(shown, key=lambda one: json.dumps(one, sort_keys=True))


def everything():
    return [properties(words) for words in ("Get-ReceiveConnector", "Get-ExchangeCertificate", "Get-AcceptedDomain", "Get-Mailbox", "Get-TransportConfig",
                                               "Get-DkimSigningConfig")] + [
        properties("Get-ADPermission", "*")]


def same(got, wanted, what):
    for left, right in zip(got, wanted):
        equal(len(left), len(right), f"{what}: how many")
        for one, other in zip(left, right):
            equal({name: (one.get(name), other[name]) for name in other if one.get(name) != other[name]}, {}, f"{what}: {one.get('Identity')}")


def wipe():
    server.postern("apply", write("empty", EMPTY), "--yes")
    for noun in ("ReceiveConnector", "ExchangeCertificate", "AcceptedDomain", "Mailbox", "DkimSigningConfig"):
        equal(server.get("Get-" + noun), [], noun + "s of an empty configuration")


@test
def out_wiped_in_and_out_again(_):
    certificates()
    connectors()
    everything_else()
    in_use()
    before = everything()
    script, document = export("one.ps1"), export("one.json", "--json")
    for secret in (PASSWORD, "PRIVATE KEY", "$y$", "scram-sha-256"):
        check(secret not in script + document, f"{secret} stands in the text")
    wipe()
    server.postern("apply", path("one.ps1"))
    equal(export("two.ps1"), script, "the script of what the script has made")
    same(everything(), before, "what the script has made")
    in_use()
    equal(export("two.json", "--json"), document, "the document of what the script has made")
    wipe()
    server.postern("apply", path("one.json"))
    equal(export("three.ps1"), script, "the script of what the document has made")
    same(everything(), before, "what the document has made")
    in_use()


@test
def a_second_time_it_changes_nothing(_):
    at = revision()
    for name in ("one.ps1", "one.json"):
        check("nothing to change" in server.postern("apply", path(name)).stdout, f"apply {name} does not say so")
        check("nothing to change" in server.postern("diff", path(name)).stdout, f"diff {name} does not say so")
    equal(revision(), at, "the revision")


@test
def a_difference_is_shown_and_made(_):
    with open(path("one.ps1"), encoding="utf-8") as file:
        lines = file.read().splitlines()
    lines = [line.replace("127.0.0.1' -Fqdn", "127.0.0.1','127.0.0.2' -Fqdn") for line in lines if "New-Mailbox -Name 'no login'" not in line]
    lines = [line.replace("-Name 'Inside' ", "-Name 'Inside' -MaxHopCount 7 ") for line in lines]
    lines.append("New-Mailbox -Name 'new one' -PrimarySmtpAddress 'new@example.test' -MaildirName new")
    changed = write("changed.ps1", "\n".join(lines) + "\n")
    at = revision()
    shown = fails(1, "diff", changed).stdout.splitlines()
    equal(shown, ["~ ReceiveConnector Inside  MaxHopCount: 60 -> 7", "- Mailbox no login", "+ Mailbox new one"], "the difference")
    rows = json.loads(fails(1, "diff", changed, "-o", "json").stdout)
    equal([(row["Change"], row["Kind"], row["Name"]) for row in rows],
          [("Change", "ReceiveConnector", "Inside"), ("Remove", "Mailbox", "no login"), ("Add", "Mailbox", "new one")], "in JSON")
    fails(4, "apply", changed, says=("1 object the file does not name would go", "--yes"))
    server.postern("apply", changed, "-WhatIf")
    equal(revision(), at, "the revision of what was only looked at")
    before = server.get("Get-ReceiveConnector", "Inside")[0]["Guid"]
    server.postern("apply", changed, "--yes")
    equal(revision(), at + 1, "one change")
    after = server.get("Get-ReceiveConnector", "Inside")[0]
    equal((after["MaxHopCount"], after["Guid"]), (7, before), "the changed connector and its id")
    server.postern("apply", path("one.ps1"), "--yes")


@test
def a_script_may_count_and_have_variables(_):
    export("here.ps1")
    with open(path("here.ps1"), encoding="utf-8") as file:
        script = file.read()
    more = """
$domain = 'example.test'
foreach ($number in 1..3) {
    New-Mailbox -Name "hand$number" -PrimarySmtpAddress "hand$number@$domain"
}
New-ReceiveConnector Hand -Client -Bindings 127.0.0.1:1 -RemoteIPRanges 127.0.0.1
""".replace(" -Client", " -Usage Client")
    early = "Add-ADPermission Hand -User hand2 -ExtendedRights ms-Exch-SMTP-Submit\n"
    many = "'Hand', 'Client Frontend MX' | Add-ADPermission -User hand1 -ExtendedRights ms-Exch-SMTP-Submit\n"
    server.postern("apply", write("hand.ps1", early + script + more + many))
    for connector in ("Hand", "Client Frontend MX"):
        check("hand1" in {row["User"] for row in server.get("Get-ADPermission", connector)}, f"hand1 has no rights on {connector}")
    server.postern("apply", path("here.ps1"), "--yes")


@test
def what_cannot_be_applied_says_where_and_why(_):
    at = revision()
    with open(path("one.ps1"), encoding="utf-8") as file:
        script = file.read()
    count = script.count("\n")
    for line, says in ((f"New-Mailbox -Name lost -PrimarySmtpAddress lost@elsewhere.example", (f"line {count + 1}: New-Mailbox number 4 (lost): ", "New-AcceptedDomain")),
                       ("New-ReceiveConnector -Name x -Bindings 127.0.0.1:1 -RemoteIPRanges 1.2.3.4 -MaxHopCount 501", ("New-ReceiveConnector number", "MaxHopCount")),
                       ("New-ReceiveConnector -Name 'odd ONE' -Bindings 127.0.0.1:1 -RemoteIPRanges 1.2.3.4", ("has this name already",)),
                       ("New-Mailbox -Name lost -PrimarySmtpAddress lost@example.test -Password secret", ("-Password cannot stand",)),
                       ("Add-ADPermission nowhere -User anna -ExtendedRights ms-Exch-SMTP-Submit", ("no receive connector \"nowhere\"",)),
                       ("New-Mailbox -Name lost -PrimarySmtpAddress lost@example.test -SealedPassword AAAA", ("-SealedPassword is not what",)),
                       ("Import-ExchangeCertificate -FileData ([Convert]::FromBase64String('AAAA'))", ("Import-ExchangeCertificate number",)),
                       ("Get-Mailbox", ("Get-Mailbox cannot stand in a configuration file", "nothing was sent")),
                       ("Set-Mailbox anna -DisplayName x", ("Set-Mailbox cannot stand",)),
                       ("New-Mailbox -Nam", ("nothing was sent",))):
        file = write("bad.ps1", script + line + "\n")
        fails(2, "diff", file, says=says)
        fails(2, "apply", file, "--yes", says=says)
    for text, says in (("{", "the file is no JSON"), ('{"format": 2, "objects": {}}', "\"format\" is to be 1"),
                       ('{"format": 1, "objects": {"Thing": []}}', "objects.Thing"),
                       ('{"format": 1, "objects": {"Mailbox": [{"Name": "x", "Nane": 1}]}}', "New-Mailbox number 1 (x)")):
        fails(2, "apply", write("bad.json", text), "--yes", says=says)
    fails(2, "apply", path("nowhere"), says="nowhere")
    fails(2, "New-Mailbox", "-Name", "x", "-PrimarySmtpAddress", f"x@{DOMAIN}", "-SealedPassword", "AAAA", says="postern apply")
    fails(4, "Import-Configuration", "-FileName", write("empty.json", '{"format": 1, "objects": {}}'), says="-Confirm:$false")
    fails(4, "Import-Configuration", "-FileName", path("one.json"), "-Revision", "1", says="changed meanwhile")
    equal(revision(), at, "the revision")


@test
def secrets_of_another_server_do_not_open(_):
    other = Server()
    try:
        other.start()
        export("one.ps1")
        names = sorted(one["Name"] for one in server.get("Get-Mailbox"))
        done = other.postern("apply", path("one.ps1"), "--yes", good=False)
        equal(done.returncode, 1, "exit code")
        for part in ("Mailbox anna", "DkimSigningConfig " + DOMAIN, "and 1 more", "ExchangeCertificate " + house.thumbprint("front"), "kek.N", "--without-secrets"):
            check(part in done.stderr, f"it does not say {part!r}: {done.stderr[:900]}")
        with open(path("one.ps1"), encoding="utf-8") as file:  # the ports of the first server are taken
            script = file.read().replace("'127.0.0.1:", "'127.0.0.9:")
        other.postern("apply", write("elsewhere.ps1", script), "--yes", "--without-secrets")
        equal(sorted(one["Name"] for one in other.get("Get-Mailbox")), names, "mailboxes")
        equal({one["HasPassword"] for one in other.get("Get-Mailbox")}, {False}, "passwords")
        equal({one["DomainName"] for one in other.get("Get-DkimSigningConfig")}, {DOMAIN, "signed.example"}, "domains with keys of their own")
        check(not any(one["HasPrivateKey"] for one in other.get("Get-ExchangeCertificate")), "a private key without its seal")
        equal(other.stop(), 0, "exit status")
    finally:
        other.kill()


@test
def keys_that_sign_mail_are_made_where_the_file_names_none(_):
    file = write("keys.ps1", export("bare.ps1", "--without-secrets") + "New-DkimSigningConfig -DomainName new.example -KeyAlgorithm Ed25519 -Enabled $true\n")
    before = properties("Get-DkimSigningConfig")
    check("+ DkimSigningConfig new.example" in fails(1, "diff", file).stdout, "the difference")
    equal(properties("Get-DkimSigningConfig"), before, "what diff has left")
    check("publish what Get-DkimSigningConfig shows" in server.postern("apply", file).stderr, "it does not say what is to be published")
    made = server.get("Get-DkimSigningConfig", "new.example")[0]
    equal((made["Enabled"], made["Selector1PublicKey"], made["Selector1Ed25519PublicKey"][:22]), (True, None, "v=DKIM1; k=ed25519; p="), "the keys")
    equal([one for one in properties("Get-DkimSigningConfig") if one["DomainName"] != "new.example"], before, "the keys that were there")
    check("nothing to change" in server.postern("apply", file).stdout, "a second time it changes something")
    for text, says in (("New-DkimSigningConfig -DomainName other.example -SealedKeys AAAA", "-SealedKeys is not what"),
                       ("New-DkimSigningConfig -DomainName other.example -KeySize 7", "KeySize")):
        fails(2, "apply", write("bad.ps1", export("bare.ps1", "--without-secrets") + text + "\n"), "--yes", says=("New-DkimSigningConfig number", says))
    server.postern("apply", path("one.ps1"), "--yes")


@test
def the_keys_go_with_a_config_whose_domain_is_written_otherwise(_):
    lines = export("one.ps1").splitlines()
    index = next(i for i, line in enumerate(lines) if line.startswith("New-DkimSigningConfig") and DOMAIN in line)
    lines[index] = lines[index].replace(DOMAIN, "renamed.example")
    server.postern("apply", write("renamed.ps1", "\n".join(lines) + "\n"), "--yes")
    moved, = [one for one in server.get("Get-DkimSigningConfig") if one["DomainName"] == "renamed.example"]
    server.postern("apply", path("one.ps1"), "--yes")
    back, = [one for one in server.get("Get-DkimSigningConfig") if one["DomainName"] == DOMAIN]
    for name in ("Selector1PublicKey", "Selector2Ed25519PublicKey", "RotateOnDate", "SelectorInUse", "KeyCreationTime"):
        equal(moved[name], back[name], name)


@test
def a_mailbox_that_was_made_anew_gets_its_password_back(_):
    server.postern("Remove-Mailbox", "anna", "-Confirm:$false")
    server.add_user("anna", "quite another 9")
    server.postern("apply", path("one.ps1"), "--yes")
    in_use()
    equal(export("four.ps1"), export("one.ps1"), "the script")


if __name__ == "__main__":
    run(240, server)
