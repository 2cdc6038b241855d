"""PostgreSQL servers of one's own, and a world whose database is on them, for programs that make them fail."""

import asyncio
import collections
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

import chain
from client import Connection, addresses, outcome
from world import FREELY, PROXIED, World

# PostgreSQL refuses root.
UNPRIVILEGED = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
PATIENCE = 600


def binaries():
    versions = [int(path.name) for path in pathlib.Path("/usr/lib/postgresql").glob("*") if path.name.isdigit()]
    if not versions:
        sys.exit("error: PostgreSQL isn't installed below /usr/lib/postgresql")
    return f"/usr/lib/postgresql/{max(versions)}/bin"


def run(*words, prefix=UNPRIVILEGED, **options):
    done = subprocess.run([*prefix, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/",
                          timeout=PATIENCE, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr}")
    return done.stdout


def wait(description, condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"error: waited in vain for {description}")
        time.sleep(0.02)


class Cluster:
    """A server on a Unix socket, in a folder of its own; its port is the socket's number only."""

    def __init__(self, folder, port, source=None, buffers="16MB"):
        self.folder, self.port = folder, port
        os.mkdir(folder, 0o711)
        if UNPRIVILEGED:
            shutil.chown(folder, "nobody", "nogroup")
        self.data = f"{folder}/data"
        if source is None:
            run(f"{binaries()}/initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8",
                "--locale=C.UTF-8")
        else:
            run(f"{binaries()}/pg_basebackup", "-D", self.data, "-R", "-X", "stream", "-c", "fast", "-d",
                f"host={source.folder} port={source.port} user=postgres application_name=standby")
        with open(f"{self.data}/postgresql.conf", "a") as settings:
            settings.write(f"\nlisten_addresses = ''\nunix_socket_directories = '{folder}'\nport = {port}\n"
                           f"max_connections = 60\nshared_buffers = {buffers}\nsynchronous_standby_names = ''\n")
        self.start()

    def start(self):
        # Its log, not the pipe that is waited for.
        with open(f"{self.folder}/starting", "w") as output:
            done = subprocess.run([*UNPRIVILEGED, f"{binaries()}/pg_ctl", "start", "-w", "-D", self.data, "-l",
                                   f"{self.folder}/log"], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                  cwd="/", timeout=PATIENCE)
        if done.returncode != 0:
            sys.exit(f"error: PostgreSQL does not start: {pathlib.Path(self.folder, 'log').read_text()[-2000:]}")

    def sql(self, text, database="postgres"):
        return run(f"{binaries()}/psql", "-h", self.folder, "-p", str(self.port), "-U", "postgres", "-d", database,
                   "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-c", text, prefix=[]).rstrip("\n")

    def processes(self):
        """All that work in its folder, the first process first."""
        found = []
        for entry in os.scandir("/proc"):
            try:
                if entry.name.isdigit() and os.readlink(f"/proc/{entry.name}/cwd") == self.data:
                    found.append(int(entry.name))
            except OSError:
                continue
        first = int(pathlib.Path(self.data, "postmaster.pid").read_text().split()[0])
        return [first] * (first in found) + [process for process in found if process != first]

    def signal(self, number):
        for process in self.processes():
            try:
                os.kill(process, number)
            except ProcessLookupError:
                continue

    def kill(self):
        """Ends all its processes at once, as the end of its machine would."""
        os.kill(self.processes()[0], signal.SIGSTOP)
        for process in reversed(self.processes()):
            os.kill(process, signal.SIGKILL)
        wait("the end of PostgreSQL", lambda: not self.processes())
        # The number in them may be a zombie's, which PostgreSQL takes for a server that runs.
        for name in ["data/postmaster.pid", f".s.PGSQL.{self.port}.lock"]:
            os.unlink(f"{self.folder}/{name}")

    def promote(self):
        run(f"{binaries()}/pg_ctl", "promote", "-w", "-D", self.data)

    def follow(self):
        """Has commits wait for the standby that streams from here."""
        streaming = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"
        wait("a standby", lambda: self.sql(streaming) == "1")
        self.sql("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
        self.sql("SELECT pg_reload_conf()")
        wait("a synchronous standby",
             lambda: self.sql("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == "1")

    def remove(self):
        if os.path.exists(f"{self.data}/postmaster.pid"):
            try:
                self.signal(signal.SIGCONT)
                self.kill()
            except (OSError, ValueError):
                pass
        shutil.rmtree(self.folder, ignore_errors=True)


class Fleet(World):
    """Servers on a primary with a synchronous standby, behind one address that leads to the primary."""

    def __init__(self, programs, servers=3):
        self.clusters = []
        self.made = 0
        super().__init__(programs)
        self.keys = self.issue(8)
        self.stand_by()
        for _ in range(servers):
            self.serve(**FREELY, **PROXIED)

    def prepare(self):
        os.chmod(self.folder, 0o711)
        self.primary = self.cluster()
        self.standby = None
        self.primary.sql("CREATE DATABASE bursar")
        os.mkdir(f"{self.folder}/endpoint")
        self.lead(self.primary)
        self.environment["BURSAR_DATABASE"] = self.address("postgres")
        self.admin("database", "init")
        self.environment["BURSAR_DATABASE"] = self.address("bursar_admin")

    def address(self, user):
        return f"postgres://{user}@:5432/bursar?host={self.folder.replace('/', '%2F')}%2Fendpoint"

    def cluster(self, source=None):
        self.made += 1
        cluster = Cluster(f"{self.folder}/{self.made}", 6000 + self.made, source)
        self.clusters.append(cluster)
        return cluster

    def lead(self, cluster):
        os.symlink(f"{cluster.folder}/.s.PGSQL.{cluster.port}", f"{self.folder}/next")
        os.replace(f"{self.folder}/next", f"{self.folder}/endpoint/.s.PGSQL.5432")

    def stand_by(self):
        """Gives the primary a new standby."""
        self.standby = self.cluster(self.primary)
        self.primary.follow()

    def serve(self, prefix=(), **settings):
        return super().serve(prefix, BURSAR_DATABASE=self.address("bursar_server"), **settings)

    def fail_over(self):
        """Kills the primary, and puts the standby in its place."""
        former, self.primary, self.standby = self.primary, self.standby, None
        former.kill()
        self.primary.promote()
        self.lead(self.primary)
        former.remove()
        self.clusters.remove(former)

    def remove(self):
        for cluster in self.clusters:
            cluster.remove()
        super().remove()

    # What the chain's checker asks of a database.
    def execute(self, sql, values=()):
        for value in values:
            sql = sql.replace("?", str(int(value)), 1)
        columns = re.match(r"SELECT (.*) FROM records ", sql)[1]
        shown = columns.replace("hash", "encode(hash, 'hex')", 1)
        text = self.primary.sql(sql.replace(columns, f"json_build_array({shown})", 1).replace(
            " FROM records", " FROM bursar.records", 1), "bursar")
        place = columns.split(", ").index("hash")
        for line in text.splitlines():
            row = json.loads(line)
            row[place] = bytes.fromhex(row[place])
            yield row

    def verify(self, since=chain.START):
        """Fails unless the chain holds, by this and by admin's own check."""
        try:
            last = chain.verify(self, since)
        except chain.Broken as broken:
            sys.exit(f"error: {broken}")
        self.admin("audit", "verify")
        return last

    def recorded(self):
        """The addresses of all vends on record."""
        return set(self.primary.sql("SELECT address FROM bursar.records WHERE kind = 'vend'", "bursar").split("\n"))


class Load:
    """Clients of all servers, until they are stopped; each request has an address of its own."""

    def __init__(self, fleet, width=4):
        self.fleet, self.width = fleet, width
        self.fresh = addresses()
        self.received, self.others = set(), collections.Counter()
        self.last = {}
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self.run()), daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join(60)

    async def run(self):
        await asyncio.gather(*[self.ask(number) for number in range(len(self.fleet.servers))
                               for _ in range(self.width)])

    async def ask(self, number):
        connection = None
        while not self.is_over.is_set():
            address, server = next(self.fresh), self.fleet.servers[number]
            key = self.fleet.keys[hash(address) % len(self.fleet.keys)]
            try:
                connection = connection or await Connection.to(server.port)
                status, body, head = await asyncio.wait_for(connection.get("/credentials", key, address), 30)
                if status == 200:
                    self.received.add(address)
                    self.last[number] = time.monotonic()
                else:
                    self.others[outcome(status, body)] += 1
                    await asyncio.sleep(0.02)
                if b"connection: close" in head:
                    connection = None
            except (OSError, asyncio.TimeoutError) as error:
                self.others[f"none ({type(error).__name__})"] += 1
                if connection:
                    connection.close()
                connection = None
                await asyncio.sleep(0.05)

    def wait_for(self, count):
        """Waits for so many vends from now on."""
        goal = len(self.received) + count
        wait(f"{goal} vends", lambda: len(self.received) >= goal)

    def wait_for_each(self, since):
        """Waits for a vend of each server, and returns the longest time from `since` that one took."""
        servers = range(len(self.fleet.servers))
        wait("a vend of each server", lambda: all(self.last.get(number, 0) > since for number in servers))
        return max(self.last[number] for number in servers) - since


def lost(fleet, received):
    """The number of acknowledged vends that have no record."""
    return len(received - fleet.recorded())
