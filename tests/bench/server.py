# SPDX-License-Identifier: Apache-2.0
"""The two servers that are measured, and what a server costs: processor time and memory over all of its processes."""
import glob
import os
import shutil
import signal
import socket
import subprocess
import time

BENCH = os.path.abspath('build/bench')
START_SECONDS = 60


def cgroup_root():
    """The cgroup version 2 tree if we may make groups in it, else None."""
    for root in ('/sys/fs/cgroup', '/sys/fs/cgroup/unified'):
        if os.path.exists(root + '/cgroup.controllers') and os.access(root, os.W_OK):
            return root
    return None


def stat_fields(pid):
    """The fields of /proc/PID/stat behind the name, so that [1] is the parent; None when it is gone."""
    try:
        with open(f'/proc/{pid}/stat') as file:
            return file.read().rpartition(')')[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


class Server:
    """Starts in a control group of its own where that is possible: its CPU clock counts short-lived children too.
    Elsewhere the process tree is added up."""

    def __init__(self, name, port):
        root = cgroup_root()
        self.name, self.port, self.main = name, port, None
        self.group = root and f'{root}/postern-bench-{name}'

    def enter_group(self):
        if self.group:
            with open(self.group + '/cgroup.procs', 'w') as file:
                file.write(str(os.getpid()))

    def spawn(self, words, **how):
        if self.group:
            os.makedirs(self.group, exist_ok=True)
        return subprocess.Popen(words, preexec_fn=self.enter_group, stdin=subprocess.DEVNULL, **how)

    def wait_for_port(self):
        end = time.time() + START_SECONDS
        while time.time() < end:
            with socket.socket() as probe:
                if probe.connect_ex(('127.0.0.1', self.port)) == 0:
                    return
            time.sleep(0.1)
        raise RuntimeError(f'{self.name} does not listen on port {self.port}')

    def processes(self):
        if self.group:
            with open(self.group + '/cgroup.procs') as file:
                return [int(line) for line in file]
        parents = {int(path[6:]): stat_fields(path[6:]) for path in glob.glob('/proc/[0-9]*')}
        tree, grown = {self.main}, True
        while grown:
            more = {pid for pid, fields in parents.items() if fields and int(fields[1]) in tree} - tree
            tree, grown = tree | more, bool(more)
        return sorted(tree)

    def cpu_seconds(self):
        if self.group:
            with open(self.group + '/cpu.stat') as file:
                return int(dict(line.split() for line in file)['usage_usec']) / 1e6
        ticks = sum(sum(map(int, fields[11:15])) for fields in map(stat_fields, self.processes()) if fields)
        return ticks / os.sysconf('SC_CLK_TCK')

    def cpu_by_process(self):
        """Command line (the role of the process) -> CPU seconds, for the reader who wonders where it goes."""
        table = {}
        for pid in self.processes():
            fields = stat_fields(pid)
            try:
                with open(f'/proc/{pid}/cmdline') as file:
                    words = file.read().replace('\0', ' ').strip() or str(pid)
            except (FileNotFoundError, ProcessLookupError):
                continue
            if fields:
                table[f'{pid} {words}'] = sum(map(int, fields[11:13])) / os.sysconf('SC_CLK_TCK')
        return table

    def pss_kib(self):
        total = 0
        for pid in self.processes():
            try:
                with open(f'/proc/{pid}/smaps_rollup') as file:
                    total += sum(int(line.split()[1]) for line in file if line.startswith('Pss:'))
            except (FileNotFoundError, ProcessLookupError):
                pass
        return total

    def end_group(self):
        """Nothing of the server may run into the next measurement."""
        for attempt in range(100):
            if not self.group or not os.path.isdir(self.group):
                return
            left = self.processes()
            if not left:
                os.rmdir(self.group)
                return
            for pid in left:
                try:
                    os.kill(pid, signal.SIGTERM if attempt < 50 else signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.1)


class Postfix(Server):
    def __init__(self):
        super().__init__('postfix', 2602)
        self.root = BENCH + '/postfix'

    def words(self, *verb):
        return ['tests/bench/postfix', self.root, BENCH + '/chain.pem', str(self.port), *verb]

    def start(self, relay=None):
        self.stop()
        subprocess.run(self.words('empty'), check=True)
        with open(BENCH + '/postfix.log', 'a') as log:
            if self.spawn(self.words('start', *([str(relay)] if relay else [])), stdout=log, stderr=log).wait() != 0:
                raise RuntimeError('Postfix did not start: see build/bench/postfix.log')
        self.wait_for_port()
        with open(self.root + '/var/spool/postfix/pid/master.pid') as file:
            self.main = int(file.read())

    def stop(self):
        subprocess.run(self.words('stop'), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.end_group()

    def version(self):
        return 'Postfix ' + subprocess.check_output(self.words('version'), text=True).strip()


class Postern(Server):
    """One more receive connector lets this machine relay without a login. Without a port to relay to there is no route,
    so that the messages stay in the queue."""
    OFFSET = 2600

    def __init__(self, build):
        super().__init__('postern', 2611)
        self.build, self.data, self.child = build, BENCH + '/postern', None

    def manage(self, *words):
        run = subprocess.run([self.build + '/postern', '--data', self.data, *words], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, timeout=START_SECONDS)
        if run.returncode != 0:
            raise RuntimeError(f'postern {" ".join(words)}: {run.stdout.strip()}')
        return run.stdout

    def start(self, relay=None):
        self.stop()
        shutil.rmtree(self.data, ignore_errors=True)
        with open(BENCH + '/postern.log', 'a') as log:
            self.child = self.spawn([self.build + '/posternd', '--data', self.data, '--port-offset', str(self.OFFSET),
                                     '--bind', '127.0.0.1', '--server', 'bench.example'], stdout=subprocess.PIPE, stderr=log,
                                    env={**os.environ, 'POSTERN_BALLAST_MIB': '16'})
        self.main = self.child.pid
        if not self.child.stdout.readline().startswith(b'ready'):
            raise RuntimeError('posternd did not start: see build/bench/postern.log')
        self.configure()
        if relay:
            self.manage('New-SendConnector', '-Name', 'Sink', '-AddressSpaces', '*', '-DNSRoutingEnabled', '$false',
                        '-SmartHosts', '[127.0.0.1]', '-Port', str(relay))
        self.wait_for_port()

    def configure(self):
        self.manage('New-ReceiveConnector', '-Name', 'Bench', '-Usage', 'Custom', '-Bindings', f'127.0.0.1:{self.port}',
                    '-RemoteIPRanges', '127.0.0.1')
        self.manage('Set-ReceiveConnector', 'Bench', '-AuthMechanism', 'Tls,ExternalAuthoritative',
                    '-PermissionGroups', 'ExchangeServers', '-MaxInboundConnection', 'Unlimited',
                    '-MaxInboundConnectionPerSource', 'Unlimited')

    def stop(self):
        if self.child:
            self.child.terminate()
            try:
                self.child.wait(30)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
            self.child.stdout.close()
        self.child = None
        self.end_group()

    def version(self):
        return subprocess.check_output([self.build + '/posternd', '--version'], text=True).strip()
