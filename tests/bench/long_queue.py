# SPDX-License-Identifier: Apache-2.0
"""What a long queue costs: a store full of messages that wait for domains nobody answers for, then the start of a server
on it, its memory, the looks an operator takes at it, and what mail and other calls notice of that."""
import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time

from server import BENCH, Postern, stat_fields

PROGRAM = 'bench-queue'
HUB = '4' # its number among the roles (wire/role.h)
LOOKS = (
    'Get-Queue -ResultSize 100',
    'Get-QueueDigest',
    'Get-Message -ResultSize 100',
    'Get-Message -Filter {FromAddress -eq "sender7@bench.example"} -ResultSize 100',
    'Get-Message -Filter {FromAddress -eq "nobody@bench.example"} -ResultSize 100',
    'Get-Message -Filter {Subject -like "*nothing like it*"} -ResultSize 100',
    'Get-Message -Filter {RetryCount -gt 5} -ResultSize 100',
    "Get-Message -SortOrder '-DateReceived' -ResultSize 100",
    'Get-Message -Queue {queue} -ResultSize 100',
    'Get-Message -Identity {number}',
)


class Full(Postern):
    """The server of the other benchmarks, with folder and ports of its own, which keeps its data when it starts again."""
    OFFSET = 26600

    def __init__(self, build):
        super().__init__(build)
        self.name, self.port, self.data = 'queue', 26625, BENCH + '/queue'
        self.group = self.group and self.group.replace('-postern', '-queue')

    def start(self):
        """Seconds from the command to the first 220."""
        began = time.monotonic()
        with open(BENCH + '/queue.log', 'a') as log:
            self.child = self.spawn([self.build + '/posternd', '--data', self.data, '--port-offset', str(self.OFFSET),
                                     '--bind', '127.0.0.1', '--server', 'bench.example', '--name-server', '127.0.0.1:9'],
                                    stdout=subprocess.PIPE, stderr=log, env={**os.environ, 'POSTERN_BALLAST_MIB': '16'})
        self.main = self.child.pid
        if not self.child.stdout.readline().startswith(b'ready'):
            raise RuntimeError('posternd did not start: see build/bench/queue.log')
        with socket.create_connection(('127.0.0.1', self.port), 30) as peer:
            if not peer.recv(512).startswith(b'220'):
                raise RuntimeError('no greeting')
        return time.monotonic() - began

    def fill(self, messages, destinations):
        shutil.rmtree(self.data, ignore_errors=True)
        self.start()
        self.manage('New-AcceptedDomain', '-Name', 'bench.example', '-DomainName', 'bench.example')
        self.manage('Set-ReceiveConnector', 'Default Frontend*', '-TarpitInterval', '00:00:00')
        self.manage('New-SendConnector', '-Name', 'World', '-AddressSpaces', '*')
        connector = re.search(r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', self.manage('shell', '-c', '(Get-SendConnector World).Guid'))[0]
        self.stop()
        subprocess.run([f'{self.build}/{PROGRAM}', self.data, str(messages), str(destinations), connector], check=True)

    def hub(self):
        for pid in self.processes():
            with open(f'/proc/{pid}/cmdline') as file:
                words = file.read().split('\0')
            if '--role' in words and words[words.index('--role') + 1] == HUB:
                return pid
        raise RuntimeError('there is no hub')

    def hub_kib(self):
        """The memory of the hub alone."""
        with open(f'/proc/{self.hub()}/smaps_rollup') as file:
            return sum(int(line.split()[1]) for line in file if line.startswith('Pss:'))

    def hub_seconds(self):
        """The processor time of the hub: what a look costs on a machine that has more to do."""
        return sum(map(int, stat_fields(self.hub())[11:13])) / os.sysconf('SC_CLK_TCK')

    def look(self, script):
        began = time.monotonic()
        subprocess.run([self.build + '/postern', '--data', self.data, 'shell', '-c', script], check=True,
                       stdout=subprocess.DEVNULL, timeout=120)
        return time.monotonic() - began


class Patience(threading.Thread):
    """How long a client of mail waits for its slowest answer of the hub while something else is going on."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.slowest, self.over = port, 0.0, threading.Event()

    def run(self):
        with socket.create_connection(('127.0.0.1', self.port), 30) as peer:
            lines = peer.makefile('rb')
            lines.readline()
            while not self.over.wait(0.02):
                began = time.monotonic()
                # Whether somebody of this name is here only the hub knows.
                peer.sendall(b'HELO x.example\r\nMAIL FROM:<>\r\nRCPT TO:<nobody@bench.example>\r\nRSET\r\n')
                replies = [lines.readline() for _ in range(4)]
                if not replies[2].startswith(b'550 5.1.1'):
                    raise RuntimeError(f'the hub was not asked: {replies}')
                self.slowest = max(self.slowest, time.monotonic() - began)


def row(what, value, unit):
    print(f'  {what:78} {value:10.2f} {unit}', flush=True)


def measure(options):
    server = Full(options.build)
    try:
        began = time.monotonic()
        if not options.again:
            server.fill(options.messages, options.destinations)
            row(f'filling it with {options.messages} messages', time.monotonic() - began, 's')
        row('its bytes on disk', sum(os.path.getsize(os.path.join(folder, name)) for folder, _, names in
                                     os.walk(server.data + '/store') for name in names) / 1048576, 'MiB')
        row('start of the server, until 220', server.start(), 's')
        row('memory of the hub (PSS)', server.hub_kib() / 1024, 'MiB')
        shown = server.manage('shell', '-c', 'Get-Message -ResultSize 1 | ConvertTo-Json')
        first = json.JSONDecoder().raw_decode(shown[shown.index('{'):])[0]
        for script in LOOKS:
            patience = Patience(server.port)
            patience.start()
            time.sleep(0.3)
            began = server.hub_seconds()
            seconds = server.look(script.replace('{queue}', f"'{first['Queue']}'").replace('{number}', str(first['InternalId'])))
            patience.over.set()
            patience.join()
            row(script, seconds, 's')
            row('    processor time of the hub', server.hub_seconds() - began, 's')
            row('    meanwhile the slowest answer to a recipient', patience.slowest, 's')
        row('memory of the hub after all that', server.hub_kib() / 1024, 'MiB')
        server.stop()
        row('start once more', server.start(), 's')
    finally:
        server.stop()
        if not options.keep:
            shutil.rmtree(server.data, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(prog='./dev bench queue', description=__doc__)
    parser.add_argument('--messages', type=int, default=1000000, help='how many wait (default 1000000)')
    parser.add_argument('--destinations', type=int, default=1000, help='for so many domains (default 1000)')
    parser.add_argument('--build', default='build', help='the build that is measured (default build)')
    parser.add_argument('--keep', action='store_true', help='keeps the data folder in build/bench/queue')
    parser.add_argument('--again', action='store_true', help='measures what an earlier run has kept there')
    measure(parser.parse_args())


if __name__ == '__main__':
    main()
