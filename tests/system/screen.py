# SPDX-License-Identifier: Apache-2.0
"""A screen nobody sees (Xvfb), for programs with windows, and pictures of it as PNG. No test of its own."""
import atexit
import contextlib
import os
import select
import signal
import struct
import subprocess
import time
import zlib

from harness import Failed, check

WIDTH, HEIGHT = 1100, 800


def end_group(process):
    """Ends a process that leads its group, and all the others in it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def start(words, **more):
    """Starts a program that leads a group of its own. It ends with us, however we end."""
    process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *words], stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT,
                               start_new_session=True, **more)
    atexit.register(end_group, process)
    return process


class Screen:
    def __init__(self, folder, timeout_s=20):
        self.memory = os.path.join(folder, "screen")
        os.mkdir(self.memory)
        told, teller = os.pipe()
        start(["Xvfb", "-displayfd", str(teller), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-fbdir", self.memory,
               "-nolisten", "tcp"], pass_fds=[teller], stdout=subprocess.DEVNULL)
        os.close(teller)
        with open(told, "rb", buffering=0) as file:
            self.name = ":" + number_from(file, time.monotonic() + timeout_s)

    def picture(self, path):
        """Writes down what is to be seen now. The screen lies in a file of the format XWD, version 7."""
        with open(os.path.join(self.memory, "Xvfb_screen0"), "rb") as file:
            dump = file.read()
        header, _, _, _, width, height, _, order, _, _, _, bits, stride = struct.unpack_from(">13L", dump)
        colours, = struct.unpack_from(">L", dump, 19 * 4)
        if (order, bits) != (0, 32):
            raise Failed(f"pixels of {bits} bits in the order {order}")
        start, rows = header + 12 * colours, []
        for top in range(start, start + stride * height, stride):
            blue_first = dump[top:top + 4 * width]
            row = bytearray(3 * width)
            row[0::3], row[1::3], row[2::3] = blue_first[2::4], blue_first[1::4], blue_first[0::4]
            rows.append(b"\0" + bytes(row))
        with open(path, "wb") as file:
            file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">2L5B", width, height, 8, 2, 0, 0, 0)) +
                       chunk(b"IDAT", zlib.compress(b"".join(rows), 6)) + chunk(b"IEND", b""))


def number_from(file, deadline):
    """The display's number, once the line is whole: Xvfb writes it in pieces."""
    line = b""
    while not line.endswith(b"\n"):
        readable, _, _ = select.select([file], [], [], max(deadline - time.monotonic(), 0))
        piece = file.read(20) if readable else b""
        check(piece, f"Xvfb does not get ready; it has said {line!r}")
        line += piece
    return line.decode("ascii").strip()


def chunk(kind, content):
    return struct.pack(">L", len(content)) + kind + content + struct.pack(">L", zlib.crc32(kind + content))
