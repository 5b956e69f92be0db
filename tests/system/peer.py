# SPDX-License-Identifier: Apache-2.0
"""peer - somebody else's server as a process of a test."""
import contextlib
import socket
import subprocess
import time

from harness import Failed


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_it_listens(process, port, log, timeout_s=30):
    deadline = time.monotonic() + timeout_s
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    with open(log, encoding="utf-8", errors="replace") as file:
        raise Failed(f"{process.args[0]} did not start: " + " | ".join(file.read().splitlines()[-5:]))


@contextlib.contextmanager
def running(words, port, log):
    """Yields once it listens on the port; ends it."""
    with open(log, "wb") as file:
        process = subprocess.Popen(words, stdout=file, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        wait_until_it_listens(process, port, log)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
