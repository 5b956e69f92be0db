# SPDX-License-Identifier: Apache-2.0
"""Send connectors as administrators make, change and remove them, and the routes that follow from them."""
import glob
import os
import socket
import time

from harness import DOMAIN, Client, Server, check, equal, header, new_token, run, test

server = Server()
OUTSIDE = "anna@fabrikam.example"


def fails(code, *words, says=(), input=None):
    done = server.postern(*words, good=False, input=input)
    equal(done.returncode, code, f"exit code of {words}: {done.stdout[:200]}{done.stderr[:300]}")
    for part in says if isinstance(says, (list, tuple)) else (says,):
        check(part in done.stderr, f"{words}: it does not say {part!r}: {done.stderr[:400]}")


def shown(name):
    return server.get("Get-SendConnector", name)[0]


def remove(*names):
    for name in names:
        server.postern("Remove-SendConnector", name, "-Confirm:$false")


def route(recipient, *more):
    return server.get("Test-MailRoute", recipient, *more)[0]


def stored_bytes():
    return b"".join(open(path, "rb").read() for path in glob.glob(os.path.join(server.data, "**", "*"), recursive=True)
                    if os.path.isfile(path))


@test
def a_fresh_server_has_none_and_mail_for_elsewhere_has_no_route(_):
    equal(server.get("Get-SendConnector"), [], "connectors")
    fails(1, "Test-MailRoute", OUTSIDE, says="New-SendConnector -Internet")
    server.add_user("bob")
    equal(route(f"bob@{DOMAIN}")["DeliveryType"], "SmtpDeliveryToMailbox", "a mailbox here")
    fails(1, "Test-MailRoute", f"nobody-of-ours@{DOMAIN}", says="New-Mailbox")
    fails(2, "Test-MailRoute", "not an address", says="no address")


@test
def a_connector_from_new_to_gone(_):
    server.postern("New-SendConnector", "-Internet", "-Name", "Out", "-AddressSpaces", "SMTP:*;5,--")
    connector = shown("Out")
    equal(connector["Identity"], "Out", "identity")
    equal(connector["AddressSpaces"], ["SMTP:*;5", "SMTP:--;1"], "spaces")
    equal(connector["SourceTransportServers"], [server.get("Get-TransportService")[0]["Name"]], "servers")
    server.postern("Set-SendConnector", "Out", "-AddressSpaces", "@{Add=*;Remove=--}", "-MaxMessageSize", "Unlimited")
    equal(shown("Out")["AddressSpaces"], ["SMTP:*;1"], "the same space at another cost")
    equal(shown("Out")["MaxMessageSize"], "Unlimited", "size")
    server.stop()
    server.start()
    equal(shown("Out")["AddressSpaces"], ["SMTP:*;1"], "after a restart")
    table = server.postern("Get-SendConnector").stdout
    check(table.split("\n")[0].split() == ["Identity", "AddressSpaces", "Enabled"], f"the table: {table}")
    fails(4, "New-SendConnector", "-Name", "out", "-AddressSpaces", "*")
    server.postern("Remove-SendConnector", "Out", "-WhatIf")
    remove("Out")
    fails(3, "Get-SendConnector", "Out")


@test
def what_does_not_go_together_is_refused_with_the_cure(_):
    fails(2, "New-SendConnector", "-Name", "Bad", "-AddressSpaces", "*contoso.com", says="*.contoso.com (with the dot)")
    fails(2, "New-SendConnector", "-Name", "Bad", says="AddressSpaces")
    server.postern("New-SendConnector", "-Name", "Rules", "-AddressSpaces", "rules.example")
    done = server.postern("Set-SendConnector", "Rules", "-SmartHosts", "relay.example", good=False)
    check(done.returncode and "-DNSRoutingEnabled $false" in done.stderr, f"smart hosts beside MX hosts: {done.stderr}")
    done = server.postern("Set-SendConnector", "Rules", "-TlsAuthLevel", "DomainValidation", good=False)
    check(done.returncode and "-RequireTLS $true" in done.stderr, f"a level without TLS: {done.stderr}")
    equal(shown("Rules")["TlsAuthLevel"], "", "the level after a refusal")
    done = server.postern("Set-SendConnector", "Rules", "-FrontendProxyEnabled", "$true")
    check("has no effect" in done.stderr, f"an inert parameter is taken in silence: {done.stderr}")
    done = server.postern("Set-SendConnector", "Rules", "-AddressSpaces", DOMAIN)
    check("never leaves" in done.stderr, f"a space that is ours: {done.stderr}")
    remove("Rules")


@test
def a_credential_is_sealed_and_never_shown(_):
    secret = "a secret for another server"
    server.postern("New-SendConnector", "-Name", "Relay", "-AddressSpaces", "*", "-DNSRoutingEnabled", "$false",
                   "-SmartHosts", "192.0.2.1", "-SmartHostAuthMechanism", "BasicAuthRequireTLS",
                   "-AuthenticationCredential", "postern@relay.example", input=secret + "\n")
    connector = shown("Relay")
    equal(connector["AuthenticationCredential"], "postern@relay.example", "the user")
    equal(connector["SmartHosts"], ["[192.0.2.1]"], "hosts")
    check(secret not in str(connector), "Get- shows the password")
    check(b"postern@relay.example" in stored_bytes(), "the user's name is not where the password is looked for")
    check(secret.encode() not in stored_bytes(), "the password lies in a file in clear")
    done = server.postern("Set-SendConnector", "Relay", "-AuthenticationCredential", "$null", good=False)
    check(done.returncode and "AuthenticationCredential" in done.stderr, f"a login without a name: {done.stderr}")
    server.postern("Set-SendConnector", "Relay", "-AuthenticationCredential", "$null", "-SmartHostAuthMechanism", "None")
    equal(shown("Relay")["AuthenticationCredential"], "", "the user that was taken away")
    script = ("$c = New-Object PSCredential('anna', (ConvertTo-SecureString 'x' -AsPlainText -Force))\n"
              "Set-SendConnector Relay -AuthenticationCredential $c\n")
    server.postern("shell", input=script)
    equal(shown("Relay")["AuthenticationCredential"], "anna", "the user from a script")
    remove("Relay")


@test
def routes_say_why(_):
    server.postern("New-SendConnector", "-Name", "World", "-AddressSpaces", "*;10")
    server.postern("New-SendConnector", "-Name", "Small", "-AddressSpaces", "*", "-MaxMessageSize", "1MB")
    server.postern("New-SendConnector", "-Name", "Fabrikam", "-AddressSpaces", "fabrikam.example", "-DNSRoutingEnabled",
                   "$false", "-SmartHosts", "relay.fabrikam.example,192.0.2.1", "-MaxMessageSize", "2MB")
    found = route(OUTSIDE, "-Size", "1MB")
    equal((found["SendConnector"], found["DeliveryType"], found["NextHopDomain"]),
          ("Fabrikam", "SmartHostConnectorDelivery", "relay.fabrikam.example,[192.0.2.1]"), "the most specific")
    equal(sorted(found["NotChosen"]), ["Small: holds the domain, but another connector is more specific (*;1)",
                                       "World: holds the domain, but another connector is more specific (*;10)"], "the others")
    found = route(OUTSIDE, "-Size", "3MB")
    equal((found["SendConnector"], found["DeliveryType"], found["NextHopDomain"]),
          ("World", "DnsConnectorDelivery", "fabrikam.example"), "a larger one")
    equal(route("x@other.example")["SendConnector"], "Small", "the cheaper")
    fails(1, "Test-MailRoute", OUTSIDE, "-Size", "40MB", says="-MaxMessageSize Unlimited")
    server.postern("New-AcceptedDomain", "-Name", "Passed", "-DomainName", "passed.example", "-DomainType", "InternalRelay")
    equal(route("x@passed.example")["SendConnector"], "Small", "a domain that is passed on")
    server.postern("New-SendConnector", "-Name", "Inside", "-AddressSpaces", "--;50")
    equal(route("x@passed.example")["SendConnector"], "Inside", "the connector for accepted domains")
    server.postern("Remove-AcceptedDomain", "Passed", "-Confirm:$false")
    remove("World", "Small", "Fabrikam", "Inside")


def queues():
    return {queue["DeliveryType"]: queue for queue in server.get("Get-Queue")}


def waits_in(delivery_type, next_hop, connector, count=1):
    deadline = time.monotonic() + 10
    while True:
        found = queues().get(delivery_type, {})
        if (found.get("NextHopDomain"), found.get("NextHopConnector"), found.get("MessageCount")) == (next_hop, connector, count):
            return
        check(time.monotonic() < deadline, f"the mail does not wait for {next_hop} of {connector}: {queues()}")
        time.sleep(0.1)


@test
def mail_that_waits_follows_the_configuration(_):
    with socket.socket() as probe:  # nobody listens there
        probe.bind(("127.0.0.1", 0))
        closed = str(probe.getsockname()[1])
    token = new_token()
    with Client(server.port(587)) as client:
        client.ehlo()
        client.starttls()
        client.log_in("bob")
        client.mail(f"bob@{DOMAIN}", [OUTSIDE], header(token, f"bob@{DOMAIN}", OUTSIDE) + b"x\r\n")
    waits_in("Unreachable", "Unreachable", "")
    smart = ("-DNSRoutingEnabled", "$false", "-Port", closed)
    server.postern("New-SendConnector", "-Name", "First", "-AddressSpaces", "*", "-SmartHosts", "127.0.0.1", *smart)
    waits_in("SmartHostConnectorDelivery", "[127.0.0.1]", "First")
    server.postern("New-SendConnector", "-Name", "Closer", "-AddressSpaces", "*.fabrikam.example", "-SmartHosts", "127.0.0.2",
                   "-MaxMessageSize", "64KB", *smart)
    waits_in("SmartHostConnectorDelivery", "[127.0.0.2]", "Closer")
    server.postern("Set-SendConnector", "Closer", "-SmartHosts", "127.0.0.3,127.0.0.4")
    waits_in("SmartHostConnectorDelivery", "[127.0.0.3],[127.0.0.4]", "Closer")
    remove("Closer")
    waits_in("SmartHostConnectorDelivery", "[127.0.0.1]", "First")
    server.stop()
    server.start()
    waits_in("SmartHostConnectorDelivery", "[127.0.0.1]", "First")
    server.postern("Set-SendConnector", "First", "-Enabled", "$false")
    waits_in("Unreachable", "Unreachable", "")
    server.postern("New-AcceptedDomain", "-Name", "Fabrikam", "-DomainName", "fabrikam.example")
    server.postern("New-Mailbox", "-Name", "anna", "-PrimarySmtpAddress", OUTSIDE)
    server.find(token.encode())
    deadline = time.monotonic() + 10
    while queues():
        check(time.monotonic() < deadline, f"still in the queue: {queues()}")
        time.sleep(0.1)
    remove("First")


@test
def a_long_queue_is_looked_through_to_its_end(_):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        closed = str(probe.getsockname()[1])
    with Client(server.port(587)) as client:
        client.ehlo()
        client.starttls()
        client.log_in("bob")
        for number in range(4):
            client.mail(f"bob@{DOMAIN}", [f"r{one}@many.example" for one in range(150)], header(new_token(), f"bob@{DOMAIN}") + b"x\r\n")
    waits_in("Unreachable", "Unreachable", "", 600)
    server.postern("New-SendConnector", "-Name", "Many", "-AddressSpaces", "many.example", "-SmartHosts", "127.0.0.1",
                   "-DNSRoutingEnabled", "$false", "-Port", closed)
    waits_in("SmartHostConnectorDelivery", "[127.0.0.1]", "Many", 600)
    equal(len(queues()), 1, "queues")
    remove("Many")


run(120, server)
