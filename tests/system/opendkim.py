# SPDX-License-Identifier: Apache-2.0
"""opendkim - a real one as a content filter that signs, with a key of its own and no DNS.

    with opendkim(domain, fields) as (endpoint, record): ...

`record` is what it would have published at SELECTOR._domainkey.DOMAIN; `fields` are those it signs."""
import contextlib
import os
import shutil
import subprocess
import tempfile

from peer import free_port, running

SELECTOR = "filter"
CONFIGURATION = """Mode s
Domain {domain}
Selector {selector}
KeyFile {folder}/key.pem
Socket inet:{port}@127.0.0.1
PidFile {folder}/pid
Canonicalization relaxed/simple
SignHeaders {fields}
RequireSafeKeys no
Syslog no
Background no
"""


def make_key(folder):
    path = os.path.join(folder, "key.pem")
    subprocess.run(["openssl", "genrsa", "-out", path, "2048"], check=True, capture_output=True)
    shown = subprocess.run(["openssl", "rsa", "-in", path, "-pubout"], check=True, capture_output=True, text=True).stdout
    return "v=DKIM1; k=rsa; p=" + "".join(shown.splitlines()[1:-1])


@contextlib.contextmanager
def opendkim(domain, fields):
    folder, port = tempfile.mkdtemp(prefix="opendkim-", dir="/tmp"), free_port()
    try:
        record = make_key(folder)
        configuration = os.path.join(folder, "opendkim.conf")
        with open(configuration, "w", encoding="ascii") as file:
            file.write(CONFIGURATION.format(domain=domain, selector=SELECTOR, folder=folder, port=port, fields=",".join(fields)))
        with running(["opendkim", "-f", "-x", configuration], port, os.path.join(folder, "log")):
            yield f"inet:127.0.0.1:{port}", record
    finally:
        shutil.rmtree(folder, ignore_errors=True)
