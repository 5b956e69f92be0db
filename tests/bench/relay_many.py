# SPDX-License-Identifier: Apache-2.0
"""Many messages to many destinations, some of them dead or slow: how long mail for the healthy ones takes, what the processes weigh, and,
with --kill, what comes twice. Prints what it finds; exit status 1 when something is lost, or comes twice without a record.

Destinations are domains in a zone of a name server of this program; the servers are in this program, too, on addresses of 127.0.0.0/8.
A tenth is dead (half of these refuse, half never answer), a tenth takes two seconds for each message."""
import argparse
import asyncio
import collections
import datetime
import glob
import os
import random
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(ROOT, "tests", "system"))
ADDRESSES = {"healthy": "127.0.0.2", "slow": "127.0.0.3", "refusing": "127.0.0.4", "silent": "127.0.0.5"}
SLOW_S, ARRIVING = 2, ("healthy", "slow")


# --- the servers: python3 relay_many.py --sink FILE prints the port, and writes "token time" for each message ---

class Taking(asyncio.Protocol):
    def __init__(self, kind, out):
        self.kind, self.out, self.rest, self.body, self.token = kind, out, b"", False, ""

    def connection_made(self, transport):
        self.transport = transport
        transport.write(b"220 sink.example ready\r\n")

    def data_received(self, data):
        self.rest += data
        while True:
            line, end, rest = self.rest.partition(b"\r\n")
            if not end:
                return
            self.rest = rest
            self.body_line(line) if self.body else self.command(line)

    def body_line(self, line):
        if line.startswith(b"Subject: "):
            self.token = line[9:].decode()
        if line != b".":
            return
        self.body = False
        if self.kind == "slow":
            asyncio.get_running_loop().call_later(SLOW_S, self.taken, self.token)
        else:
            self.taken(self.token)

    def taken(self, token):
        if not self.transport.is_closing():
            self.out.write(f"{token} {time.time():.3f}\n")
            self.transport.write(b"250 2.6.0 taken\r\n")

    def command(self, line):
        verb = line[:4].upper()
        replies = {b"EHLO": b"250-sink.example\r\n250-PIPELINING\r\n250 8BITMIME\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 2.0.0 bye\r\n"}
        self.transport.write(replies.get(verb, b"250 2.1.0 ok\r\n"))
        self.body = verb == b"DATA"
        if verb == b"QUIT":
            self.transport.close()


async def take(path):
    loop = asyncio.get_running_loop()
    with open(path, "w", buffering=1) as out:
        first = await loop.create_server(lambda: Taking("healthy", out), ADDRESSES["healthy"], 0, backlog=1000)
        port = first.sockets[0].getsockname()[1]
        await loop.create_server(lambda: Taking("slow", out), ADDRESSES["slow"], port, backlog=1000)
        silent = socket.create_server((ADDRESSES["silent"], port), backlog=0)
        full = []
        for _ in range(4):  # whoever comes behind these is not even refused
            full.append(socket.socket())
            full[-1].setblocking(False)
            full[-1].connect_ex((ADDRESSES["silent"], port))
        print(port, flush=True)
        await loop.run_in_executor(None, sys.stdin.read)
        silent.close()


# --- the load: python3 relay_many.py --load FILE PORT CONNECTIONS writes "token time" for each 250; its input names the messages ---

def send_all(port, lines, lock, out):
    while True:
        try:
            connection = socket.create_connection(("127.0.0.1", port), timeout=20)
            replies = connection.makefile("rb")

            def expect(code):
                while True:
                    line = replies.readline()
                    if not line.startswith(code):
                        raise OSError(f"{line!r}")
                    if line[3:4] == b" ":
                        return
            expect(b"220")
            connection.sendall(b"EHLO load.example\r\n")
            expect(b"250")
            while True:
                with lock:
                    if not lines:
                        return
                    token, recipient = lines.pop()
                connection.sendall(f"MAIL FROM:<a@load.example>\r\nRCPT TO:<{recipient}>\r\nDATA\r\n".encode())
                for code in (b"250", b"250", b"354"):
                    expect(code)
                connection.sendall(f"From: <a@load.example>\r\nMessage-ID: <{token}@load.example>\r\nSubject: {token}\r\n\r\nbody\r\n.\r\n".encode())
                expect(b"250")
                out.write(f"{token} {time.time():.3f}\n")
        except OSError:
            time.sleep(0.05)


def load(path, port, connections):
    lines = [tuple(line.split()) for line in sys.stdin]
    lines.reverse()
    lock = threading.Lock()
    with open(path, "w", buffering=1) as out:
        threads = [threading.Thread(target=send_all, args=(port, lines, lock, out)) for _ in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


# --- the run ---

def pairs(path):
    """(token, time) of each whole line."""
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return [(words[0], float(words[1])) for words in map(str.split, file.read().split("\n")[:-1]) if len(words) == 2]


def kind_of(number, wish):
    share = number % 100
    dead = share < wish.dead
    return "refusing" if dead and number // 100 % 2 == share % 2 else "silent" if dead else "slow" if share < wish.dead + wish.slow else "healthy"


def name_server(wish):
    import zone
    names = zone.Server()
    rows = [("ns", zone.A, zone.address("127.0.0.1"))]
    rows += [(f"mx-{kind}", zone.A, zone.address(address)) for kind, address in ADDRESSES.items()]
    rows += [(f"d{i}", zone.MX, zone.mail_host(10, f"mx-{kind_of(i, wish)}.many.example")) for i in range(wish.destinations)]
    names.zones.append(zone.Zone("many.example", rows, False))
    return names


def program(*words):
    return subprocess.Popen([sys.executable, "-B", os.path.abspath(__file__), *map(str, words)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def weight_mib(pid):
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            return int(re.search(r"^Pss:\s+(\d+)", file.read(), re.M).group(1)) / 1024
    except (OSError, AttributeError):
        return 0.0


def weights(server):
    found = {"supervisor": weight_mib(server.process.pid)}
    for role in ("hub", "edge", "courier"):
        found[role] = sum(map(weight_mib, server.pids(role)))
    return found


def quantile(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, int(part * len(values)))] if values else float("nan")


def report_times(kinds, accepted, arrived):
    for kind in ARRIVING:
        first = {}
        for token, at in arrived:
            if kinds[token] == kind:
                first.setdefault(token, at - accepted.get(token, at))
        values = list(first.values())
        print(f"{kind:8} {len(values)} came; in the queue for {quantile(values, .5):.2f} s (p50), {quantile(values, .9):.2f} s (p90), "
              f"{quantile(values, .99):.2f} s (p99), {max(values, default=float('nan')):.2f} s (most)")


def report_retries(server):
    """Whether all dead hops have their turn: how often each has failed so far."""
    queues = [queue for queue in server.get("Get-Queue", "-ResultSize", "Unlimited") if queue["MessageCount"]]
    waiting = sum(queue["MessageCount"] for queue in queues)
    failures = collections.Counter(queue["RetryCount"] for queue in queues)
    states = collections.Counter(queue["Status"] for queue in queues)
    print(f"waiting  {waiting} messages in {len(queues)} queues: " + ", ".join(f"{count} {state}" for state, count in sorted(states.items())))
    print("retries  " + ", ".join(f"{count} hops failed {number} times" for number, count in sorted(failures.items())))
    return waiting


def log_lines(server, folder):
    for path in sorted(glob.glob(os.path.join(server.data, "logs", folder, "*.log"))):
        with open(path, encoding="utf-8", errors="replace") as file:
            yield from file


def report_moments(server, wish, begun):
    """When a dead hop of either kind was dialled, by the connectivity log."""
    for kind in ("refusing", "silent"):
        number = next((i for i in range(wish.destinations) if kind_of(i, wish) == kind), None)
        moments = []
        for line in log_lines(server, "Connectivity"):
            words = line.split(",")
            if len(words) > 4 and words[3] == f"d{number}.many.example" and words[4] == "+":
                moments.append(datetime.datetime.fromisoformat(words[0].replace("Z", "+00:00")).timestamp() - begun)
        print(f"dialled  d{number} ({kind}) after " + ", ".join(f"{moment:.0f}" for moment in sorted(moments)) + " s")


def recorded_duplicates(server):
    matches = (re.search(r"<(m\d+)@load\.example>", line) for line in log_lines(server, "MessageTracking") if "PossibleDuplicate=True" in line)
    return {match.group(1) for match in matches if match}


def report_losses(server, accepted, arrived, waiting):
    """What is lost, and what came twice without a record."""
    count = collections.Counter(token for token, _at in arrived)
    lost = max(0, sum(not count[token] for token in accepted) - waiting)
    twice = {token for token, number in count.items() if number > 1}
    recorded = recorded_duplicates(server)
    silent = twice - recorded
    print(f"losses   {len(accepted)} accepted, {lost} lost; {len(twice)} came twice, {len(twice & recorded)} of these are recorded, "
          f"{len(silent)} have no record; {len(recorded)} records in all")
    return lost + len(silent)


def kill_one(server, role, kills):
    victims = server.pids(role)
    if victims:
        os.kill(random.choice(victims), signal.SIGKILL)
        kills.append(role)
        print(f"         a {role} was killed", flush=True)


def watch(server, wish, kinds, sender, accepted_path, arrived_path):
    """Until all has come that can, or time is over."""
    begun, kills, most, told = time.time(), [], collections.Counter(), 0
    while True:
        time.sleep(0.5)
        taken, came = {token for token, _at in pairs(accepted_path)}, {token for token, _at in pairs(arrived_path)}
        accepted, arrived, missing = len(taken), len(came), sum(kinds[token] in ARRIVING for token in taken - came)
        now = weights(server)
        most |= collections.Counter(now)
        if time.time() - told >= 2:
            told = time.time()
            print(f"{time.time() - begun:6.0f} s {accepted} accepted, {arrived} came; MiB: " + ", ".join(f"{role} {size:.0f}" for role, size in now.items()), flush=True)
        if len(kills) < wish.kill and arrived > 0.8 * wish.messages * (len(kills) + 1) / (wish.kill + 2):
            kill_one(server, "hub" if len(kills) % 4 == 3 else "courier", kills)
        over = sender.poll() is not None and not missing and time.time() - begun >= wish.linger
        if over or time.time() - begun > wish.limit:
            print("most     MiB: " + ", ".join(f"{role} {size:.0f}" for role, size in most.items()))
            return


def measure(wish):
    import harness
    names = name_server(wish)
    server = harness.Server(options=["--name-server", f"127.0.0.1:{names.port}", "--dns-anchor", "/dev/null"])
    server.start()
    paths = [os.path.join(server.folder, name) for name in ("accepted", "arrived")]
    sink = program("--sink", paths[1])
    port = int(sink.stdout.readline())
    server.postern("New-SendConnector", "-Name", "Out", "-AddressSpaces", "*", "-Port", str(port))
    server.postern("Add-ADPermission", server.connector(25), "-User", "NT AUTHORITY\\ANONYMOUS LOGON", "-ExtendedRights", "ms-Exch-SMTP-Accept-Any-Recipient")
    begun, kinds, work = time.time(), {}, []
    for number in range(wish.messages):
        destination = number % wish.destinations
        kinds[f"m{number}"] = kind_of(destination, wish)
        work.append(f"m{number} u@d{destination}.many.example\n")
    sender = program("--load", paths[0], server.port(25), wish.connections)
    threading.Thread(target=lambda: (sender.stdin.write("".join(work)), sender.stdin.close()), daemon=True).start()
    watch(server, wish, kinds, sender, *paths)
    sender.kill()
    time.sleep(1)
    accepted, arrived = dict(pairs(paths[0])), pairs(paths[1])
    report_times(kinds, accepted, arrived)
    waiting = report_retries(server)
    report_moments(server, wish, begun)
    bad = report_losses(server, accepted, arrived, waiting)
    sink.kill()
    server.stop()
    return 1 if bad else 0


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--messages", type=int, default=100000)
    words.add_argument("--destinations", type=int, default=1000)
    words.add_argument("--dead", type=int, default=10, help="percent of the destinations")
    words.add_argument("--slow", type=int, default=10, help="percent of the destinations")
    words.add_argument("--connections", type=int, default=8, help="of the load")
    words.add_argument("--kill", type=int, default=0, help="couriers and, each fourth time, the hub")
    words.add_argument("--linger", type=int, default=0, help="go on for so many seconds at least, to see retries of dead hops")
    words.add_argument("--limit", type=int, default=1800, help="seconds")
    words.add_argument("--sink", help=argparse.SUPPRESS)
    words.add_argument("--load", nargs=3, help=argparse.SUPPRESS)
    wish = words.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 20000)), hard))
    if wish.sink:
        asyncio.run(take(wish.sink))
    elif wish.load:
        load(wish.load[0], int(wish.load[1]), int(wish.load[2]))
    else:
        sys.exit(measure(wish))


main()
