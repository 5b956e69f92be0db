# SPDX-License-Identifier: Apache-2.0
"""Measures Postern beside Postfix on this machine, round by round in turn, and prints the medians.

Server CPU is that of all its processes, from the end of the warm-up to the last reply, by messages or sessions.
"""
import argparse
import json
import os
import select
import statistics
import subprocess
import sys
import time

from server import BENCH, Postern, Postfix

LOAD = BENCH + '/load'
# name: what it is, what is counted, options of the generator
CASES = {
    'many': ('4 KiB, 20 per connection, c=20', 'messages', '-c 20 -m 20'),
    'alone': ('4 KiB, 20 per connection, c=1', 'messages', '-c 1 -m 20'),
    'pipelining': ('4 KiB, 20 per connection, c=20, PIPELINING', 'messages', '-c 20 -m 20 --pipelining'),
    'single': ('4 KiB, 1 per connection, c=20', 'messages', '-c 20 -m 1'),
    'large': ('100 KiB, 20 per connection, c=20', 'messages', '-c 20 -m 20 -s 102400'),
    'tls': ('4 KiB, STARTTLS, 1 per connection, c=20', 'messages', '-c 20 -m 1 --starttls'),
    'handshake': ('STARTTLS handshakes, no message, c=20', 'sessions', '-c 20 -m 0 --starttls'),
}
RELAY = {
    'relay': ('4 KiB, 20 per connection, c=20, passed on to another server', '-c 20 -m 20'),
}
RELAY_PORT, RELAY_WARM = 2699, 500
IDLE = {
    'idle': ('idle connections', ''),
    'idle-tls': ('idle connections after STARTTLS', '--starttls'),
}

ALL = [*CASES, *RELAY, *IDLE]


def busy_seconds():
    with open('/proc/stat') as file:
        ticks = list(map(int, file.readline().split()[1:8]))
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf('SC_CLK_TCK')


def wait_for_quiet(longest):
    end = time.time() + longest
    while time.time() < end:
        before = busy_seconds()
        time.sleep(0.2)
        if busy_seconds() - before < 0.04:
            return


def generator(server, *words):
    return subprocess.Popen([LOAD, '-p', str(server.port), '--marks', *map(str, words)], stdout=subprocess.PIPE, text=True)


def last_line(process):
    lines = process.stdout.read().strip().splitlines()
    process.wait()
    return json.loads(lines[-1])


def measure(server, unit, options, seconds, by_process=False):
    """One run: rate and latency as the generator saw them, CPU as the kernel counted it."""
    process = generator(server, *options.split(), '-d', seconds, '-w', min(0.5, seconds / 2), '-t', 15)
    process.stdout.readline()
    cpu, busy, began = server.cpu_seconds(), busy_seconds(), time.time()
    roles = server.cpu_by_process() if by_process else {}
    result = last_line(process)
    result['cpu_s'] = server.cpu_seconds() - cpu
    result['others_s'] = max(0.0, busy_seconds() - busy - result['cpu_s'] - result['self_cpu_s'])
    result['others_share'] = result['others_s'] / (time.time() - began) / os.cpu_count()
    counted = max(1, result[unit + '_counted'])
    result['cpu_ms'] = 1000 * result['cpu_s'] / counted
    result['self_cpu_ms'] = 1000 * result['self_cpu_s'] / counted
    if by_process:
        after = server.cpu_by_process()
        result['roles_ms'] = {name: 1000 * (used - roles.get(name, 0)) / counted for name, used in after.items()}
    return result


def measure_idle(server, count, options):
    """What each of `count` open connections adds to the memory of a server that has just started."""
    server.start()
    try:
        last_line(generator(server, '-c', 4, '-m', 0, '-n', 8, '-d', 1, *options.split()))
        time.sleep(1)
        before = server.pss_kib()
        process = generator(server, '--idle', count, '-d', 120, '-t', 30, *options.split())
        process.stdout.readline()
        time.sleep(1)
        with_all = server.pss_kib()
        process.terminate()
        result = last_line(process)
    finally:
        server.stop()
    return {'held': result['held'], 'before_kib': before, 'with_all_kib': with_all, 'failures': result['failures'],
            'kib': (with_all - before) / max(1, result['held'])}


class Sink:
    """The server at the end of the relay, and when it had how many messages."""

    def __init__(self):
        self.process = subprocess.Popen([BENCH + '/sink', str(RELAY_PORT)], stdout=subprocess.PIPE, text=True)
        self.count, self.at = 0, 0.0

    def wait_for(self, wanted, longest):
        """The moment at which it had `wanted` messages; the rest of them may never come."""
        end = time.monotonic() + longest
        while self.count < wanted and time.monotonic() < end:
            if select.select([self.process.stdout], [], [], 0.1)[0]:
                count, at = self.process.stdout.readline().split()
                self.count, self.at = int(count), float(at)
        return self.at

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


def measure_relay(server, sink, count, words):
    """From the first byte in to the last message out."""
    before, busy, began, cpu = sink.count, busy_seconds(), time.monotonic(), server.cpu_seconds()
    process = generator(server, *words.split(), '-n', count, '-d', 300, '-t', 60)
    taken = last_line(process)
    ended = sink.wait_for(before + count, 60)
    return {'rate': (sink.count - before) / max(0.001, ended - began), 'lost': before + count - sink.count,
            'accept_rate': taken['rate'], 'cpu_ms': 1000 * (server.cpu_seconds() - cpu) / count,
            'others_s': max(0.0, busy_seconds() - busy), 'errors': taken['errors'], 'failures': taken['failures']}


def run_relay(name, servers, options):
    runs = {server.name: [] for server in servers}
    for server in servers:
        sink = Sink()
        try:
            server.start(RELAY_PORT)
            measure_relay(server, sink, RELAY_WARM, RELAY[name][1])
            for _ in range(options.rounds):
                wait_for_quiet(options.quiet)
                runs[server.name].append(measure_relay(server, sink, options.relay, RELAY[name][1]))
                note_errors(name, server, runs[server.name][-1])
        finally:
            server.stop()
            sink.stop()
    return runs


def run_case(name, servers, options):
    text, unit, words = CASES[name]
    runs = {server.name: [] for server in servers}
    try:
        for server in servers:
            server.start()
            generator(server, *words.split(), '-d', options.seconds, '-t', 15).communicate()  # processes, caches, files
        for _ in range(options.rounds):
            for server in servers:
                wait_for_quiet(options.quiet)
                runs[server.name].append(measure(server, unit, words, options.seconds, options.roles))
                note_errors(name, server, runs[server.name][-1])
    finally:
        for server in servers:
            server.stop()
    return runs


def note_errors(case, server, result):
    if result['errors']:
        print(f'{case}, {server.name}: {result["errors"]} errors {result["failures"]}', file=sys.stderr)


def median(runs, field):
    return statistics.median(run[field] for run in runs) if runs else None


def cell(value, decimals):
    return '-' if value is None else f'{value:.{decimals}f}'


def ratio(above, below):
    return '-' if above is None or not below else f'{above / below:.1f}'


def print_rates(results):
    print('| case | Postfix /s (CPU ms) | Postern /s (CPU ms) | rate, x | CPU, x less | p50 / p99 ms | generator CPU ms |')
    print('|---|---:|---:|---:|---:|---:|---:|')
    for name, runs in results.items():
        rate, cpu, p50, p99, own = ({server: median(runs.get(server, []), field) for server in ('postfix', 'postern')}
                                    for field in ('rate', 'cpu_ms', 'p50_ms', 'p99_ms', 'self_cpu_ms'))
        print(f'| {CASES[name][0]} | {cell(rate["postfix"], 0)} ({cell(cpu["postfix"], 3)}) '
              f'| {cell(rate["postern"], 0)} ({cell(cpu["postern"], 3)}) | {ratio(rate["postern"], rate["postfix"])} '
              f'| {ratio(cpu["postfix"], cpu["postern"])} '
              f'| {cell(p50["postfix"], 1)} / {cell(p99["postfix"], 1)}, {cell(p50["postern"], 1)} / {cell(p99["postern"], 1)} '
              f'| {cell(own["postern"] or own["postfix"], 3)} |')


def print_relay(results):
    print('| relay | Postfix /s (CPU ms) | Postern /s (CPU ms) | rate, x | CPU, x less | not passed on |')
    print('|---|---:|---:|---:|---:|---:|')
    for name, runs in results.items():
        rate, cpu = ({server: median(runs.get(server, []), field) for server in ('postfix', 'postern')} for field in ('rate', 'cpu_ms'))
        lost = ', '.join(str(sum(run['lost'] for run in measured)) for measured in runs.values())
        print(f'| {RELAY[name][0]} | {cell(rate["postfix"], 0)} ({cell(cpu["postfix"], 3)}) | {cell(rate["postern"], 0)} '
              f'({cell(cpu["postern"], 3)}) | {ratio(rate["postern"], rate["postfix"])} | {ratio(cpu["postfix"], cpu["postern"])} | {lost} |')


def print_memory(results):
    print('| memory | Postfix KiB each (held) | Postern KiB each (held) | x less |')
    print('|---|---:|---:|---:|')
    for name, by_server in results.items():
        each = {server: by_server.get(server, {}) for server in ('postfix', 'postern')}
        cells = [f'{cell(one.get("kib"), 1)} ({one.get("held", "-")})' for one in each.values()]
        print(f'| {IDLE[name][0]} | {cells[0]} | {cells[1]} | {ratio(each["postfix"].get("kib"), each["postern"].get("kib"))} |')


def print_roles(results):
    for name, runs in results.items():
        for server, measured in runs.items():
            for role, cost in sorted(measured[-1].get('roles_ms', {}).items(), key=lambda row: -row[1]):
                if cost >= 0.001:
                    print(f'{name:12} {server:8} {cost:8.3f} ms  {role}')


def parse():
    parser = argparse.ArgumentParser(description=__doc__, prog='./dev bench')
    parser.add_argument('--quick', action='store_true', help='one round of one second, 200 idle connections')
    parser.add_argument('--only', metavar='CASE', action='append', choices=ALL, help=', '.join(ALL))
    parser.add_argument('--skip-postfix', action='store_true', help='Postern alone')
    parser.add_argument('--skip-postern', action='store_true', help='Postfix alone')
    parser.add_argument('--roles', action='store_true', help='CPU of each process of the servers too')
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--seconds', type=float, default=3)
    parser.add_argument('--relay', type=int, default=5000, help='messages of a round that are passed on (5000)')
    parser.add_argument('--idle', type=int, default=1000, help='idle connections (1000)')
    parser.add_argument('--quiet', type=float, default=3, help='longest wait for an idle machine before each run, seconds')
    parser.add_argument('--build', default='build', metavar='DIR', help='where posternd and postern are (build)')
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds, options.idle, options.relay = 1, 1, 200, 1000
    return options


def main():
    options = parse()
    wanted = options.only or ALL
    servers = [] if options.skip_postfix else [Postfix()]
    servers += [] if options.skip_postern else [Postern(options.build)]
    rates, relayed, memory = {}, {}, {}
    try:
        for name in wanted:
            print(f'{time.strftime("%T")} {name}', file=sys.stderr)
            if name in CASES:
                rates[name] = run_case(name, servers, options)
            elif name in RELAY:
                relayed[name] = run_relay(name, servers, options)
            else:
                memory[name] = {server.name: measure_idle(server, options.idle, IDLE[name][1]) for server in servers}
    finally:
        for server in servers:
            server.stop()
    with open(BENCH + '/results.json', 'w') as file:
        json.dump({'rates': rates, 'relayed': relayed, 'memory': memory}, file, indent=1)
    print(f'\n{os.cpu_count()} cores, {options.rounds} rounds of {options.seconds:g} s, medians; '
          + ', '.join(server.version() for server in servers) + '\n')
    if rates:
        print_rates(rates)
    if relayed:
        print_relay(relayed)
    if memory:
        print()
        print_memory(memory)
    print_roles(rates)
    others = [run['others_share'] for runs in rates.values() for measured in runs.values() for run in measured]
    if others:
        print(f'\nOther programs used {100 * statistics.mean(others):.0f} % of the machine on average, '
              f'{100 * max(others):.0f} % at most.')


if __name__ == '__main__':
    main()
