# SPDX-License-Identifier: Apache-2.0
"""rspamd - a real one as a content filter: one worker that speaks the milter protocol, no network, no Redis, one rule.

    with rspamd() as (endpoint, log): ...

It refuses GTUBE, and puts FIELD into all that it lets pass."""
import contextlib
import os
import shutil
import tempfile

from peer import free_port, running

GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\r\n"
FIELD = b"X-Seen-By: rspamd, from 127.0.0.1\r\n"
RULE = """rspamd_config:register_symbol({name = 'SEEN', type = 'postfilter', callback = function(task)
  task:set_milter_reply({add_headers = {['X-Seen-By'] = 'rspamd, from ' .. tostring(task:get_from_ip())}})
end})"""
CONFIGURATION = """
options {{ pidfile = "{folder}/pid"; filters = ""; url_tld = "{folder}/suffixes"; hs_cache_dir = "{folder}"; control_socket = "{folder}/control mode=0600";
  dns {{ nameserver = ["127.0.0.1"]; timeout = 0.1s; retransmits = 0; }} }}
logging {{ type = "console"; level = "info"; }}
lua = "{folder}/rule.lua";
worker "rspamd_proxy" {{ bind_socket = "127.0.0.1:{port}"; count = 1; milter = yes; timeout = 30s;
  upstream "local" {{ default = yes; self_scan = yes; }} }}
"""


@contextlib.contextmanager
def rspamd(root=""):
    """Yields its endpoint and the path of its log. `root`: the one it lives in, where it is not installed here."""
    outside = tempfile.mkdtemp(prefix="rspamd-", dir=root + "/tmp")
    folder, log = outside.removeprefix(root), os.path.join(outside, "log")
    os.chmod(outside, 0o777)
    port = free_port()
    for name, text in (("rule.lua", RULE), ("suffixes", "com\norg\nexample\ntest\n"),
                       ("rspamd.conf", CONFIGURATION.format(folder=folder, port=port))):
        with open(os.path.join(outside, name), "w", encoding="ascii") as file:
            file.write(text)
    words = (["chroot", root] if root else []) + ["rspamd", "-f", "-i", "-c", folder + "/rspamd.conf"]
    try:
        with running(words, port, log):
            yield f"inet:127.0.0.1:{port}", log
    finally:
        shutil.rmtree(outside, ignore_errors=True)
