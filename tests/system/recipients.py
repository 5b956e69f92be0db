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


@test
def a_domain_in_both_of_its_spellings(_):
    """One domain, whichever way it was written; it is shown as it was written."""
    for written, other, local in (("b\u00fccher.com", "xn--bcher-kva.com", "heidi"), ("xn--mller-kva.com", "m\u00fcller.com", "ivan")):
        server.postern("New-AcceptedDomain", "-Name", local, "-DomainName", written)
        equal([one["DomainName"] for one in server.get("Get-AcceptedDomain", local)], [written], "as it was written")
        done = server.postern("New-AcceptedDomain", "-Name", local + "2", "-DomainName", other, good=False)
        check(done.returncode != 0 and f"{other} is an accepted domain already, as {written}" in done.stderr, done.stderr)
        server.postern("New-Mailbox", "-Name", local, "-PrimarySmtpAddress", f"{local}@{other}")
        done = server.postern("New-Mailbox", "-Name", local + "2", "-PrimarySmtpAddress", f"{local}@{written}", good=False)
        check(done.returncode != 0 and "has this address already" in done.stderr, done.stderr)
        for domain in (written, other, other.upper()):
            token = new_token()
            with Client(server.port(25)) as client:
                client.ehlo()
                client.expect("MAIL FROM:<someone@contoso.com> SMTPUTF8", 250)
                client.expect(f"RCPT TO:<{local}@{domain}>", 250)
                equal(client.command(f"RCPT TO:<nobody@{domain}>").code, 550, f"an unknown user in {domain}")
                equal(client.data(header(token) + b"x\r\n").code, 250, "end of data")
            server.find(token.encode())


@test
def names_without_a_domain(_):
    equal(answer("alice"), (501, "5.1.3"), "a bare name without DefaultDomain")
    server.postern("Set-ReceiveConnector", server.connector(25), "-DefaultDomain", DOMAIN)
    token = new_token()
    with Client(server.port(25)) as client:
        client.ehlo()
        client.expect("RCPT TO:<alice>", 503)
        client.mail("printer", ["alice", "BOB", "carol@contoso.com"], header(token) + b"x\r\n")
        client.expect("MAIL FROM:<printer>", 250)
        equal(client.command("RCPT TO:<nobody>").code, 550, "an unknown bare name")
    server.settle()
    delivered = [content.split(b"\r\n")[:2] for content in server.messages().values() if token.encode() in content]
    equal(sorted(lines[1].lower() for lines in delivered),
          sorted(b"delivered-to: " + name for name in (b"alice@" + DOMAIN.encode(), b"bob@" + DOMAIN.encode(), b"carol@contoso.com")),
          "recipients")
    for return_path, _ in delivered:
        equal(return_path, f"Return-Path: <printer@{DOMAIN}>".encode(), "the sender")


@test
def the_added_domain_is_judged(_):
    said = server.postern("Set-ReceiveConnector", server.connector(25), "-DefaultDomain", "elsewhere.com").stderr
    check("no accepted domain" in said and "New-AcceptedDomain" in said, f"no warning: {said}")
    equal(answer("alice"), (550, "5.7.54"), "a bare name in a domain that is not ours")
    check(answer("postmaster")[1] != "5.7.54", "postmaster is not of that domain")
    server.postern("Set-ReceiveConnector", server.connector(25), "-DefaultDomain", "$null")
    equal(answer("alice"), (501, "5.1.3"), "DefaultDomain is cleared")


@test
def a_user_is_itself_by_its_bare_name(_):
    server.postern("Set-ReceiveConnector", server.connector(587), "-DefaultDomain", DOMAIN)
    with Client(server.port(587)) as client:
        client.ehlo()
        client.starttls()
        client.log_in("alice")
        reply = client.expect("MAIL FROM:<bob>", 550)
        check(reply.lines[0].startswith(b"5.7.60 "), text_of(reply))
        client.expect("MAIL FROM:<alice>", 250)


run(90, server)
