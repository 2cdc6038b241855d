"""A database, keys and a server of one's own, for programs that load a server and look at what it leaves."""

import atexit
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import chain

FREELY = {"BURSAR_RATE": "1000000", "BURSAR_BURST": "1000000", "BURSAR_DAILY_LIMIT": "1000000000"}
PROXIED = {"BURSAR_TRUSTED_PROXIES": "127.0.0.1"}


class World:
    """`programs` is the folder that has `admin` and `vending-server`; gone when the process ends.

    The database is a file of its own unless an address is given.
    """

    def __init__(self, programs, database=None):
        self.programs = pathlib.Path(programs)
        self.folder = tempfile.mkdtemp(prefix="bursar-load.")
        atexit.register(self.remove)
        # A wait that is ended from outside ends in order too.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        self.database = database or f"{self.folder}/bursar.sqlite"
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": self.folder, "TMPDIR": self.folder, "LC_ALL": "C.UTF-8",
                            "BURSAR_DATABASE": self.database}
        self.servers = []
        # Each has a log of its own, which says where it listens.
        self.started = 0
        self.prepare()
        self.admin("researchers", "add", "ada", "--name", "Ada", "--email", "ada@example.edu", "--project", "engines")

    def prepare(self):
        """Makes the database."""
        self.admin("database", "init")

    def remove(self):
        for server in self.servers:
            server.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def admin(self, *arguments):
        done = subprocess.run([self.programs / "admin", *arguments], env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=600)
        if done.returncode != 0:
            sys.exit(f"error: admin {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def issue(self, count, *options):
        """So many keys; the text of each."""
        with ThreadPoolExecutor(os.cpu_count()) as workers:
            return list(workers.map(lambda _: self.admin("keys", "issue", "ada", *options).strip(), range(count)))

    def serve(self, prefix=(), **settings):
        self.started += 1
        server = Server(self, prefix, settings)
        self.servers.append(server)
        return server

    def query(self, sql, *values):
        database = chain.opened(self.database)
        try:
            return database.execute(sql, values).fetchall()
        finally:
            database.close()

    def verify(self, since=chain.START):
        """Fails unless the chain holds and the roll-ups count what is in it; returns the last record."""
        database = chain.opened(self.database)
        try:
            database.execute("BEGIN")
            last = chain.verify(database, since)
            vends, = database.execute("SELECT count(*) FROM records WHERE kind = 'vend'").fetchone()
            counted, = database.execute(
                "SELECT coalesce(sum(count), 0) FROM usage_daily WHERE outcome = 'vended'").fetchone()
        except chain.Broken as broken:
            sys.exit(f"error: {broken}")
        finally:
            database.close()
        if vends != counted:
            sys.exit(f"error: {vends} vends are on record, {counted} are counted")
        return last


class Server:
    """`vending-server serve` with the simulated issuer, its log in a file."""

    def __init__(self, world, prefix, settings):
        environment = world.environment | {"BURSAR_ISSUER": "simulated", "BURSAR_HTTP_PORT": "0",
                                           "BURSAR_METRICS_PORT": "0", "BURSAR_LOG_FORMAT": "json"}
        self.log = pathlib.Path(world.folder, f"server-{world.started}.log")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([*prefix, world.programs / "vending-server", "serve"],
                                            env=environment | settings, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log)
        self.port = int(self.said(r'"listening","url":"http://127\.0\.0\.1:(\d+)"'))
        self.metrics_port = int(self.said(r'"answering about metrics","address":"127\.0\.0\.1:(\d+)"'))
        self.url = f"http://127.0.0.1:{self.port}"

    def said(self, pattern, patience=600):
        """The first group of what the log says once it matches."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            # Only ever asked for what is said at the start.
            with open(self.log, "rb") as log:
                found = re.search(pattern, log.read(1 << 16).decode(errors="replace"))
            if found:
                return found[1]
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        self.kill()
        sys.exit(f"error: the server did not start: {self.log.read_text()}")

    def metric(self, name):
        """The sum of a metric's series, over their labels."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=600) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if re.match(rf"{name}[ {{]", line))

    def kill(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self):
        """Ends in order, or fails."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            sys.exit("error: the server did not end on SIGTERM")
        if code != 0:
            sys.exit(f"error: the server ended with {code}")


def report(**figures):
    """One line that programs read."""
    print(json.dumps(figures), flush=True)
