# SPDX-License-Identifier: Apache-2.0
"""What thousands of receive connectors and certificates cost: choices in memory, then a server that holds them all, on one
port with different remote ranges: its start, its memory, and the time from Set-ReceiveConnector to its effect on all edges."""
import argparse
import os
import shutil
import statistics
import subprocess
import time

from server import BENCH, Postern

PROGRAM = 'bench-scale'
NAME = '<I>CN=Scale CA<S>CN=nowhere.example' # of no certificate: each connector says so


class Scaled(Postern):
    """The server of the other benchmarks, with folder and ports of its own, which keeps its data when it starts again."""
    OFFSET = 27600

    def __init__(self, build):
        super().__init__(build)
        self.name, self.port, self.data = 'scale', 28999, BENCH + '/scale'
        self.group = self.group and self.group.replace('-postern', '-scale')

    def start(self):
        """Seconds from the command to the line that says ready."""
        began = time.monotonic()
        with open(BENCH + '/scale.log', 'a') as log:
            self.child = self.spawn([self.build + '/posternd', '--data', self.data, '--port-offset', str(self.OFFSET),
                                     '--bind', '127.0.0.1', '--server', 'scale.example'], stdout=subprocess.PIPE, stderr=log,
                                    env={**os.environ, 'POSTERN_BALLAST_MIB': '16'})
        self.main = self.child.pid
        if not self.child.stdout.readline().startswith(b'ready'):
            raise RuntimeError('posternd did not start: see build/bench/scale.log')
        return time.monotonic() - began

    def populate(self, count):
        shutil.rmtree(self.data, ignore_errors=True)
        self.start()
        self.stop()
        subprocess.run([f'{self.build}/{PROGRAM}', 'populate', self.data, str(count), str(self.port)], check=True)

    def times_to_effect(self, turns):
        """The answer names a revision that is in force on every edge."""
        taken = []
        for turn in range(turns):
            began = time.monotonic()
            answer = self.manage('Set-ReceiveConnector', 'Scale 00001', '-MaxRecipientsPerMessage', str(100 + turn))
            taken.append((time.monotonic() - began) * 1000)
            if 'in force' not in answer:
                raise RuntimeError(f'Set-ReceiveConnector: {answer.strip()}')
        return taken

    def shell(self, script):
        """Seconds that a script takes, and its most memory in KiB."""
        began = time.monotonic()
        child = subprocess.Popen([self.build + '/postern', '--data', self.data, 'shell', '-c', script],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            raise RuntimeError(f'{script}: exit {child.returncode}')
        return time.monotonic() - began, usage.ru_maxrss


def row(what, value, unit):
    print(f'  {what:58} {value:10.1f} {unit}', flush=True)


def measure_server(build, count, turns):
    server = Scaled(build)
    try:
        server.populate(count)
        row('start of the server, until it says ready', server.start(), 's')
        row('memory of all processes (PSS)', server.pss_kib() / 1024, 'MiB')
        taken = server.times_to_effect(turns)
        row('Set-ReceiveConnector until it is in force, median', statistics.median(taken), 'ms')
        row('the same, the quickest of %d' % turns, min(taken), 'ms')
        for what, more in (('would', ' -WhatIf'), ('is done', '')):
            seconds, most = server.shell(
                f"Get-ReceiveConnector 'Scale *' | Set-ReceiveConnector -TlsCertificateName '{NAME}'{more}")
            row(f'Get- | Set-ReceiveConnector for all of them, {what}', seconds, 's')
            row('the most memory of that shell', most / 1024, 'MiB')
        row('memory of all processes after that', server.pss_kib() / 1024, 'MiB')
    finally:
        server.stop()
        shutil.rmtree(server.data, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(prog='./dev bench scale', description=__doc__)
    parser.add_argument('--count', type=int, default=10000, help='connectors, and certificates (default 10000, even)')
    parser.add_argument('--turns', type=int, default=15, help='how often a connector is changed (default 15)')
    parser.add_argument('--build', default='build', help='the build that is measured (default build)')
    options = parser.parse_args()
    subprocess.run([f'{options.build}/{PROGRAM}', 'measure', str(options.count)], check=True)
    measure_server(options.build, options.count, options.turns)


if __name__ == '__main__':
    main()
