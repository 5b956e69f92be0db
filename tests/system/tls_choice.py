# SPDX-License-Identifier: Apache-2.0
"""What a client says in its TLS hello: the host it asks for, the keys it can verify, the versions it speaks."""
import hashlib
import re
import subprocess

from harness import HOST, PASSWORD, Client, Server, check, equal, run, test

server = Server()
OTHER = "other.example.test"
RSA_ONLY = ("-sigalgs", "RSA-PSS+SHA256:RSA-PSS+SHA384:RSA+SHA256")
ECDSA_ONLY = ("-sigalgs", "ECDSA+SHA256")


def s_client(port, *words, implicit=False):
    """One handshake of OpenSSL's client; the thumbprint it was shown (None: no handshake) and what it printed."""
    start = () if implicit else ("-starttls", "smtp")
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port(port)}", *start, "-showcerts", *words],
                          input=b"QUIT\r\n", capture_output=True, timeout=30)
    text = done.stdout.decode("latin-1")
    match = re.search(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", text, re.S)
    if not match:
        return None, text + done.stderr.decode("latin-1")
    der = subprocess.run(["openssl", "x509", "-outform", "DER"], input=match.group(0).encode(), capture_output=True, check=True).stdout
    return hashlib.sha1(der).hexdigest().upper(), text


def shown(port, *words, **how):
    return s_client(port, *words, **how)[0]


def explained(port, *words):
    answer = server.get("Test-ReceiveConnectorCertificate", server.connector(port), *words)[0]
    return answer["Presents"]["Thumbprint"], answer["Rule"], {row["Thumbprint"]: row["Code"] for row in answer["Rejected"]}


def make(domain, algorithm):
    before = {one["Thumbprint"] for one in server.get("Get-ExchangeCertificate")}
    server.postern("New-ExchangeCertificate", "-DomainName", domain, "-KeyAlgorithm", algorithm, "-Services", "SMTP",
                   "-Confirm:$false")
    made = {one["Thumbprint"] for one in server.get("Get-ExchangeCertificate")} - before
    equal(len(made), 1, "certificates made")
    return made.pop()


def set_on(port, *words):
    return server.postern("Set-ReceiveConnector", server.connector(port), *words)


@test
def certificates(_):
    server.rsa, server.ecdsa = make("mail.example.test", "RSA"), make("mail.example.test", "ECDSA_P256")
    server.other = make(OTHER, "ECDSA_P256")
    for port in (587, 465):
        set_on(port, "-Fqdn", "mail.example.test")


@test
def the_client_is_shown_a_key_it_can_verify(_):
    for port, implicit in ((587, False), (465, True)):
        both = shown(port, implicit=implicit)
        check(both in (server.rsa, server.ecdsa), "neither of the two is shown")
        for words, keys, wanted in ((RSA_ONLY, "RSA", server.rsa), (ECDSA_ONLY, "ECDSA", server.ecdsa)):
            equal(shown(port, *words, implicit=implicit), wanted, f"{port} {keys}")
            equal(explained(port, "-ClientKeys", keys)[0], wanted, f"explain {port} {keys}")
        equal(explained(port)[0], both, "explain for a client that verifies all")


@test
def in_tls_1_2_the_cipher_suites_count(_):
    for suite, wanted in (("ECDHE-RSA-AES128-GCM-SHA256", server.rsa), ("ECDHE-ECDSA-AES128-GCM-SHA256", server.ecdsa)):
        equal(shown(587, "-tls1_2", "-cipher", suite), wanted, suite)


def tested_as(kind, good=True):
    """What `postern test --as KIND` was shown: the head of a thumbprint, and all it said."""
    done = server.postern("test", "--connector", server.connector(587), "--user", "alice", "--password", "-", "--as", kind,
                          input=PASSWORD + "\n", good=good)
    match = re.search(r"thumbprint ([0-9A-F]+)", done.stdout)
    return match and match.group(1), done.stdout


@test
def a_test_as_a_client_offers_what_that_client_verifies(_):
    server.add_user("alice")
    set_on(587, "-TlsMinimumVersion", "Tls10", "-Fqdn", "mail.example.test")
    usual = {server.rsa: server.ecdsa, server.ecdsa: server.rsa}  # the other one of the two
    head, said = tested_as("printer")
    check(head and server.rsa.startswith(head), f"an old client is shown {head}, wanted {server.rsa}: {said}")
    check("TLS1.0" in said or "TLSv1 " in said, said)
    both = shown(587)
    head, said = tested_as("swaks")
    check(head and both.startswith(head) and not usual[both].startswith(head), f"swaks is shown {head}, wanted {both}: {said}")
    set_on(587, "-TlsCertificateName", server.ecdsa)
    head, said = tested_as("printer", good=False)
    check(head is None and "KEY_NOT_UNDERSTOOD" in said, f"a printer and an ECDSA key alone: {said}")
    set_on(587, "-TlsCertificateName", "$null", "-TlsMinimumVersion", "Tls12")


@test
def a_key_nobody_has_is_no_reason_to_change(_):
    """The handshake fails, and the explanation says what would have been presented."""
    equal(shown(25, *RSA_ONLY), None, "the only certificate of that name has an ECDSA key")
    presented, rule, _ = explained(25, "-ClientKeys", "RSA")
    equal((presented, rule), (explained(25)[0], explained(25)[1]), "explain")


@test
def the_host_asked_for_counts_with_tls_sni(_):
    usual = shown(587)
    equal(shown(587, "-servername", OTHER), usual, "without TlsSni")
    set_on(587, "-TlsSni", "$true")
    for asked in (OTHER, OTHER.upper()):
        equal(shown(587, "-servername", asked), server.other, f"asked for {asked}")
        presented, rule, rejected = explained(587, "-ServerName", asked)
        equal((presented, rule, rejected[usual]), (server.other, "SERVER_NAME", "NAME_MISMATCH"), f"explain {asked}")
    for asked in ("mail.example.test", "unknown.example.test", HOST):
        wanted = explained(587, "-ServerName", asked)[0]
        equal(shown(587, "-servername", asked), wanted, f"asked for {asked}")
    equal(shown(587, "-servername", "unknown.example.test"), usual, "asked for a host nobody has")
    with Client(server.port(587)) as client:  # asks for HOST
        client.ehlo()
        client.starttls()
        live = server.get("Get-SmtpSession", "-ReceiveConnector", server.connector(587))
        equal([one["CertificateRule"] for one in live], ["SERVER_NAME"], "the rule of a live session")
    set_on(587, "-TlsSni", "$false")
    equal(shown(587, "-servername", OTHER), usual, "switched off again")


@test
def a_name_bound_to_the_connector_yields_to_the_host_asked_for(_):
    set_on(587, "-TlsSni", "$true", "-TlsCertificateName", server.rsa)
    equal(shown(587), server.rsa, "pinned")
    equal(shown(587, "-servername", OTHER), server.other, "asked for another host")
    set_on(587, "-TlsSni", "$false", "-TlsCertificateName", "$null")


@test
def versions(_):
    old = ("-cipher", "ALL:@SECLEVEL=0")
    for version in ("-tls1", "-tls1_1"):
        equal(shown(587, version, *old), None, f"{version} by default")
    warned = set_on(587, "-TlsMinimumVersion", "Tls10")
    check("TLS 1.0" in warned.stderr and "WARNING" in warned.stderr.upper(), f"no warning: {warned.stderr}")
    for version, name in (("-tls1", "TLSv1"), ("-tls1_1", "TLSv1.1"), ("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")):
        thumbprint, text = s_client(587, version, *old)
        check(thumbprint, f"{version} is allowed and fails: {text[-300:]}")
        check(re.search(rf"Protocol *: {name}\s|New, {name},|Protocol version: {name}\s", text), f"{version}: {text[-900:]}")
    equal(shown(587, "-tls1", "-cipher", "ALL:@SECLEVEL=0:!aECDSA"), server.rsa, "an old client without ECDSA")
    set_on(587, "-TlsMinimumVersion", "Tls13")
    equal(shown(587, "-tls1_2"), None, "TLS 1.2 below Tls13")
    check(shown(587, "-tls1_3"), "TLS 1.3 fails")
    set_on(587, "-TlsMinimumVersion", "Tls12")


run(120, server)
