# SPDX-License-Identifier: Apache-2.0
"""A small authority for tests: makes roots, issuers and certificates with openssl(1) in one folder. No test of its own."""
import hashlib
import os
import ssl
import subprocess

from harness import equal, tls_context

ISSUER = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"
LEAF = "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage="


class Authority:
    def __init__(self, folder):
        self.folder = os.path.join(folder, "authority")
        os.mkdir(self.folder)

    def path(self, name, kind="pem"):
        return os.path.join(self.folder, f"{name}.{kind}")

    def openssl(self, *words):
        done = subprocess.run(["openssl", *words], capture_output=True, cwd=self.folder, timeout=60)
        equal(done.returncode, 0, f"openssl {words[0]}: {done.stderr.decode()[-300:]}")

    def issue(self, name, issuer, extensions, days=300):
        """NAME.pem and NAME.key, signed by `issuer`; None: by itself."""
        with open(self.path(name, "ext"), "w", encoding="ascii") as file:
            file.write(extensions)
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key",
                     "-out", f"{name}.csr", "-subj", f"/O=Example Trust/CN=Example {name}")
        signer = ("-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key", "-CAcreateserial") if issuer else ("-signkey", f"{name}.key")
        self.openssl("x509", "-req", "-in", f"{name}.csr", *signer, "-days", str(days), "-extfile", f"{name}.ext",
                     "-out", f"{name}.pem")

    def issuer(self, name, issuer=None):
        self.issue(name, issuer, ISSUER, days=900)

    def leaf(self, name, issuer, names, chain=(), uses="serverAuth,clientAuth", more="", days=300):
        """A certificate for these host names, and behind it in NAME.chain those of `chain`."""
        self.issue(name, issuer, LEAF + uses + "\nsubjectAltName=" + ",".join("DNS:" + one for one in names) + "\n" + more, days)
        with open(self.path(name, "chain"), "wb") as file:
            for one in (name, *chain):
                with open(self.path(one), "rb") as part:
                    file.write(part.read())

    def client(self, name, **versions):
        """What a client that shows NAME does TLS with."""
        context = tls_context(**versions)
        context.load_cert_chain(self.path(name, "chain"), self.path(name, "key"))
        return context

    def thumbprint(self, name):
        with open(self.path(name), encoding="ascii") as file:
            return hashlib.sha1(ssl.PEM_cert_to_DER_cert(file.read())).hexdigest().upper()
