# SPDX-License-Identifier: Apache-2.0
"""Recipients that a connector refuses for their domain, and names that are written without one."""
from harness import DOMAIN, Client, Server, check, equal, header, new_token, run, test, text_of

server = Server()


def answer(recipient, port=25):
    """Code and enhanced code of RCPT."""
    with Client(server.port(port)) as client:
        client.ehlo()
        client.expect("MAIL FROM:<someone@contoso.com>", 250)
        reply = client.command(f"RCPT TO:<{recipient}>")
        return reply.code, reply.lines[0].split(b" ")[0].decode()


@test
def users(_):
    server.add_user("alice")
    server.add_user("bob")
    # example.test is a reserved domain itself: where mail goes through, other domains are ours, too
    for name in ("contoso.com", "fabrikam.com", "mail.example.com", "intranet", "myexample.com"):
        server.postern("New-AcceptedDomain", "-Name", name, "-DomainName", name)
    for name, address in (("carol", "carol@contoso.com"), ("dave", "dave@fabrikam.com"), ("erin", "erin@intranet"),
                          ("frank", "frank@mail.example.com"), ("grace", "grace@myexample.com")):
        server.postern("New-Mailbox", "-Name", name, "-PrimarySmtpAddress", address)


@test
def reserved_domains(_):
    switches = {"-RejectReservedTopLevelRecipientDomains": ((f"alice@{DOMAIN}", "u@x.Invalid"), "5.1.4"),
                "-RejectReservedSecondLevelRecipientDomains": (("frank@Mail.Example.com", "u@example.net"), "5.1.5"),
                "-RejectSingleLabelRecipientDomains": (("erin@intranet", "u@localhost"), "5.1.6")}
    for recipient in (f"alice@{DOMAIN}", "frank@mail.example.com", "erin@intranet"):
        equal(answer(recipient), (250, "2.1.5"), f"{recipient} without any switch")
    for switch, (recipients, code) in switches.items():
        server.postern("Set-ReceiveConnector", server.connector(25), switch, "$true")
        for recipient in recipients:
            equal(answer(recipient), (550, code), f"{recipient} with {switch}")
        for recipient in ("carol@contoso.com", "grace@myexample.com", "postmaster"):
            check(answer(recipient)[1] not in ("5.1.4", "5.1.5", "5.1.6"), f"{recipient} with {switch}")
        server.postern("Set-ReceiveConnector", server.connector(25), switch, "$false")
        equal(answer(recipients[0]), (250, "2.1.5"), f"{recipients[0]} without {switch} again")


run(90, server)
