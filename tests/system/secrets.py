# SPDX-License-Identifier: Apache-2.0
"""The processes that talk to strangers hold no private key and no password verifier: their memory is read."""
import array
import hashlib
import itertools
import os
import re
import subprocess
import threading
import time

from harness import (BUILD, PASSWORD, Client, Server, b64, check, equal, plain, presented, run, sanitized, test)
from proof import keyed, prove, salted_password

server = Server()
PFX_PASSWORD = "pfx pass 7"
VERIFIER = re.compile(rb"\$y\$[./0-9A-Za-z]{2,12}\$[./0-9A-Za-z]{10,90}\$[./0-9A-Za-z]{40,50}|scram-sha-256 [0-9]+ [+/0-9A-Za-z]{22}==")
SHADOW = range(0x7fff7000, 0x10007fff8000)  # the sanitizer's own map: bits about bytes, no bytes
PIECE, OVERLAP = 1 << 24, 1 << 12


def openssl(*words):
    done = subprocess.run(["openssl", *words], capture_output=True, cwd=server.folder, timeout=60)
    equal(done.returncode, 0, f"openssl {words[0]}: {done.stderr.decode()[-300:]}")
    return done.stdout.decode()


def numbers_of(key):
    """The secret numbers of a key file as openssl prints them: {name: bytes, big endian}."""
    text = openssl("pkey", "-in", key, "-noout", "-text")
    found = {}
    for name, digits in re.findall(r"^(priv|prime1|prime2|privateExponent|exponent1|exponent2):\s*\n((?:\s+[0-9a-f:]+\n)+)", text, re.M):
        found[name] = bytes.fromhex(re.sub(r"[\s:]", "", digits)).lstrip(b"\0")
    return found


def install(name, *key):
    openssl("req", "-x509", "-newkey", *key, "-nodes", "-keyout", name + ".key", "-out", name + ".pem", "-days", "300",
            "-subj", f"/CN={name}.example.test", "-addext", f"subjectAltName=DNS:{name}.example.test")
    openssl("pkcs12", "-export", "-inkey", name + ".key", "-in", name + ".pem", "-out", name + ".pfx",
            "-passout", "pass:" + PFX_PASSWORD)
    server.postern("Import-ExchangeCertificate", "-FileName", os.path.join(server.folder, name + ".pfx"),
                   "-Password", "-", input=PFX_PASSWORD + "\n")
    thumbprint = openssl("x509", "-in", name + ".pem", "-noout", "-fingerprint", "-sha1").strip().partition("=")[2].replace(":", "")
    server.postern("Enable-ExchangeCertificate", "-Thumbprint", thumbprint, "-Services", "SMTP", "-Confirm:$false")
    return thumbprint, numbers_of(name + ".key")


def regions(pid):
    with open(f"/proc/{pid}/maps") as file:
        for line in file:
            bounds, rights, *_ = line.split()
            begin, end = (int(word, 16) for word in bounds.split("-"))
            if rights.startswith("r") and begin not in SHADOW and "[v" not in line:
                yield begin, end


def present(pid, begin, end):
    """The parts of a region that hold pages, so that what is only reserved is not read."""
    if end - begin <= PIECE:
        yield begin, end
        return
    with open(f"/proc/{pid}/pagemap", "rb") as file:
        for at in range(begin, end, 1 << 30):
            file.seek(at // 4096 * 8)
            entries = array.array("Q", file.read(min(1 << 30, end - at) // 4096 * 8))
            first = None
            for i, entry in enumerate(itertools.chain(entries, [0])):
                if entry >> 62 and first is None:
                    first = i
                elif not entry >> 62 and first is not None:
                    yield at + first * 4096, at + i * 4096
                    first = None


def scan(pid, needles, pattern=None):
    """Reads all memory of a process; returns the names of the needles found and how many bytes were read."""
    found, total = set(), 0
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for begin, end in regions(pid):
            for first, last in present(pid, begin, end):
                kept = b""
                for at in range(first, last, PIECE):
                    try:
                        memory.seek(at)
                        piece = memory.read(min(PIECE, last - at))
                    except (OSError, ValueError, OverflowError):
                        break
                    total += len(piece)
                    piece = kept + piece
                    found |= {name for name, needle in needles.items() if needle in piece}
                    if pattern and pattern.search(piece):
                        found.add("verifier")
                    kept = piece[-OVERLAP:]
    return found, total


def needles_of(keys):
    """Every secret number in both byte orders: OpenSSL keeps numbers with the least word first."""
    needles = {}
    for key, numbers in keys.items():
        for name, number in numbers.items():
            needles[f"{key} {name} big endian"] = number
            needles[f"{key} {name} little endian"] = number[::-1]
    return needles


def proof_needles():
    """What the checker holds to judge proofs of alice's, as bytes and as the library keeps them."""
    with Client(server.port(465), implicit=True) as client:
        client.ehlo()
        _, proof = prove(client, "alice", PASSWORD)
    salted = salted_password(PASSWORD, proof.salt, proof.iterations)
    keys = {"stored key": hashlib.sha256(keyed(salted, b"Client Key")).digest(), "server key": keyed(salted, b"Server Key")}
    return {**keys, **{name + " in base64": b64(key).encode() for name, key in keys.items()}}


@test
def users_and_keys(_):
    server.add_user("alice")
    server.add_user("bob")
    rsa, rsa_numbers = install("rsa", "rsa:2048")
    curve, curve_numbers = install("curve", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    equal(sorted(curve_numbers), ["priv"], "numbers of the EC key")
    check({"prime1", "prime2", "privateExponent"} <= set(rsa_numbers), f"numbers of the RSA key: {sorted(rsa_numbers)}")
    server.keys = {"rsa": rsa_numbers, "curve": curve_numbers}
    server.postern("Set-ReceiveConnector", server.connector(587), "-TlsCertificateName", rsa)
    server.postern("Set-ReceiveConnector", server.connector(465), "-TlsCertificateName", curve)


def serve(over, errors):
    """Handshakes and logins, right and wrong ones, with both keys."""
    while not over.is_set():
        try:
            presented(server.port(465), implicit=True)
            with Client(server.port(587)) as client:
                client.ehlo()
                client.starttls()
                client.expect("AUTH PLAIN " + plain("alice", "wrong"), 535)
                equal(prove(client, "alice", "wrong")[0].code, 535, "a wrong proof")
                client.log_in("alice")
            with Client(server.port(465), implicit=True) as client:
                client.ehlo()
                equal(prove(client, "alice", PASSWORD)[0].code, 235, "a proof")
        except Exception as error:
            errors.append(repr(error))


def signers_of_edges():
    """The last one is the couriers'."""
    return server.pids("signer")[:-1]


@test
def memory_of_edges_and_signers(_):
    over, errors = threading.Event(), []
    load = [threading.Thread(target=serve, args=(over, errors), daemon=True) for _ in range(2)]
    for thread in load:
        thread.start()
    time.sleep(1)
    try:
        needles, proofs, read = needles_of(server.keys), proof_needles(), 0
        for role in ("edge", "courier", "hub"):
            for pid in server.pids(role):
                found, size = scan(pid, {**needles, **proofs}, VERIFIER)
                read += size
                check(size > 1 << 20, f"only {size} bytes of the {role}'s memory could be read")
                check(not found, f"in the memory of {role} {pid}: {sorted(found)}")
        for pid in signers_of_edges():
            found, _ = scan(pid, needles)
            for key in server.keys:
                check(any(name.startswith(key) for name in found), f"the search finds no {key} key in signer {pid}")
        found, _ = scan(server.pids("checker")[0], needles, VERIFIER)
        check("verifier" in found, "the search finds no verifier in the checker")
        check(found == {"verifier"}, f"the checker keeps a key: {sorted(found)}")
        found, _ = scan(server.pids("checker")[0], proofs)
        check(found, "the search finds no key for proofs in the checker")
    finally:
        over.set()
        for thread in load:
            thread.join(20)
    check(not errors, f"{len(errors)} sessions failed: {errors[:2]}")
    return f"{read >> 20} MiB read of edges, couriers and hub"


@test
def a_removed_certificate_takes_its_key_out_of_the_signers(_):
    """As soon as no session of before is left that could still need it."""
    thumbprint, numbers = install("leaving", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    needles = needles_of({"leaving": numbers})

    def holders():
        return sum(bool(scan(pid, needles)[0]) for pid in signers_of_edges())
    server.postern("Set-ReceiveConnector", server.connector(25), "-TlsCertificateName", thumbprint)
    deadline = time.monotonic() + 20
    while holders() < len(signers_of_edges()):  # a signer opens a key when it first needs it
        check(time.monotonic() < deadline, "not every signer has opened the key")
        for _ in range(10):
            presented(server.port(25))
    with Client(server.port(25)) as client:
        client.ehlo()
        server.postern("Remove-ExchangeCertificate", thumbprint, "-Confirm:$false", "-Force")
        time.sleep(0.3)
        equal(holders(), len(signers_of_edges()), "signers that hold the key while a session of before lives")
        client.starttls()
    deadline = time.monotonic() + 10
    while holders():
        check(time.monotonic() < deadline, "the key is still in a signer")
        time.sleep(0.2)


@test
def files_hold_no_key_in_clear(_):
    needles, looked = needles_of(server.keys), 0
    for folder, _, names in os.walk(server.data):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    content = file.read()
                looked += 1
                found = [what for what, needle in needles.items() if needle in content]
                check(not found and not VERIFIER.search(content), f"{path}: {found or 'a verifier'}")
    check(looked > 3, f"only {looked} files")


@test
def arguments_and_environment_hold_no_secret(_):
    for pid in [server.process.pid] + server.children():
        for name in ("cmdline", "environ"):
            with open(f"/proc/{pid}/{name}", "rb") as file:
                content = file.read()
            check(b"correct horse" not in content and PFX_PASSWORD.encode() not in content, f"{name} of {pid}")
    check("correct horse" not in server.log() and PFX_PASSWORD not in server.log(), "a password is in the log")


@test
def sandbox_report(_):
    done = subprocess.run([os.path.join(BUILD, "posternd"), "--sandbox-report"], capture_output=True, text=True, timeout=60)
    lines = done.stdout.splitlines()
    attempts = re.split(r"\s{2,}", lines[0].strip())[3:]
    equal(len(attempts), 5, f"columns of {lines[0]!r}")
    wanted = {"make a socket": ("SIGSYS",), "run a program": ("SIGSYS",)}
    if not sanitized():  # a sanitizer build must open files and trace
        wanted.update({name: ("SIGSYS", "refused") for name in attempts if name not in wanted})
        equal(done.returncode, 0, f"exit status: {done.stdout}")
    shown = {}
    for line in lines[1:]:
        role, seccomp, _, *endings = re.split(r"\s{2,}", line.strip())
        equal(seccomp, "in force", f"seccomp of {role}")
        shown[role] = dict(zip(attempts, endings))
    for role, endings in shown.items():
        for name, good in wanted.items():
            goes_out = role == "courier" and name == "make a socket" # the only one that may
            check(endings.get(name) in (("allowed",) if goes_out else good), f"{role} may {name}: {endings.get(name)}")
    check(any("edge" in role for role in shown) and len(shown) >= 5, f"roles: {list(shown)}")
    check(not sanitized() or done.stderr.count("ERROR") == 0, done.stderr[-300:])


@test
def processes_give_up_what_they_have(_):
    for role in ("edge", "signer", "checker", "courier"):
        for pid in server.pids(role):
            with open(f"/proc/{pid}/status") as file:
                status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
            equal(status["NoNewPrivs"], "1", f"NoNewPrivs of {role}")
            equal(status["Seccomp"], "2", f"Seccomp of {role}")
            if os.geteuid() == 0:
                check(status["Uid"].split()[0] != "0", f"the {role} runs as root")
                equal(status["CapEff"].strip("0"), "", f"capabilities of {role}")
    if not sanitized():
        for pid in server.children():
            equal(os.stat(f"/proc/{pid}/maps").st_uid, 0, f"owner of /proc/{pid}/maps, which nobody may trace or dump")


run(150, server)
