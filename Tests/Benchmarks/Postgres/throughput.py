"""Recorded vends on PostgreSQL, by one server and by two on the same machine, beside SQLite and beside a C program that
commits the same rows; in turn, round by round.

Fails when vends answered and vends on record differ, or a chain doesn't hold.

usage: throughput.py PROGRAMS COMMIT_VENDS [SECONDS PER RUN [ROUNDS [KEYS]]]
"""

import asyncio
import os
import statistics
import subprocess
import sys

import cluster
import wrk
from client import Connection
from rows import ms, row, verdict
from world import FREELY, World

FLOOR_AIM, TWO_AIM = 0.50, 0.90


class Site:
    """Servers on one database, with keys that they have verified before."""

    def __init__(self, world, count, keys):
        self.world = world
        self.keys = world.issue(keys)
        self.keys_file = f"{world.folder}/keys"
        with open(self.keys_file, "w") as file:
            file.write("\n".join(self.keys) + "\n")
        self.servers = [world.serve(**FREELY) for _ in range(count)]
        for server in self.servers:
            asyncio.run(asyncio.wait_for(self.prove(server.port), 600))
        self.answered = 0

    async def prove(self, port):
        """All from one address, whose keys are hashed one by one."""
        left = list(self.keys)

        async def ask():
            connection = await Connection.to(port)
            while left:
                status, body, _ = await connection.get("/whoami", left.pop())
                if status != 200:
                    sys.exit(f"error: a good key was answered with {status}: {body}")
            connection.close()

        await asyncio.gather(*[ask() for _ in range(4)])

    def commits(self):
        return sum(server.metric("bursar_commit_vends_count") for server in self.servers)

    def load(self, seconds, count):
        """Loads so many of the servers, with the same number of connections in all."""
        before = self.commits()
        running = [wrk.start(f"{server.url}/credentials", seconds, self.keys_file,
                             connections=wrk.CONNECTIONS // count) for server in self.servers[:count]]
        runs = [wrk.finish(one, seconds) for one in running]
        if any(run.other or run.sockets for run in runs):
            sys.exit(f"error: answers that were not 200: {runs}")
        self.answered += sum(run.ok for run in runs)
        return Run(sum(run.ok for run in runs) / seconds, max(run.p99 for run in runs),
                   (self.commits() - before) / seconds)

    def stop(self, recorded):
        for server in self.servers:
            server.stop()
        if recorded() != self.answered:
            sys.exit(f"error: {self.answered} vends were answered, {recorded()} are on record")
        self.world.verify()


class Run:
    def __init__(self, vends, p99, commits):
        self.vends, self.p99, self.commits = vends, p99, commits

    @property
    def batch(self):
        return max(1, round(self.vends / self.commits))


def floor(program, place, batch, keys, seconds):
    done = subprocess.run([program, place, str(batch), str(keys), str(seconds)], capture_output=True, text=True,
                          timeout=seconds + 60)
    if done.returncode != 0:
        sys.exit(f"error: commit-vends: {done.stderr}")
    commits, vends, _, p99 = map(float, done.stdout.split())
    return Run(vends, p99, commits)


def median(runs, name):
    return statistics.median(getattr(run, name) for run in runs)


def main():
    programs, program = sys.argv[1:3]
    seconds = int(sys.argv[3]) if len(sys.argv) > 3 else 8
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 5
    keys = int(sys.argv[5]) if len(sys.argv) > 5 else 200
    server = cluster.Cluster()
    postgres, sqlite = cluster.World(programs, server), World(programs)
    beside = cluster.World(programs, server)
    on_postgres, on_sqlite = Site(postgres, 2, keys), Site(sqlite, 1, keys)
    one, two, file, c = [], [], [], []
    for _ in range(rounds):
        file.append(on_sqlite.load(seconds, 1))
        one.append(on_postgres.load(seconds, 1))
        c.append(floor(program, server.conninfo(beside.name), one[-1].batch, keys, seconds))
        two.append(on_postgres.load(seconds, 2))
    on_postgres.stop(lambda: postgres.vends)
    on_sqlite.stop(lambda: sqlite.query("SELECT count(*) FROM records WHERE kind = 'vend'")[0][0])

    rate = median(one, "vends")
    for name, runs, other, aim, word in [
        ("vends / a C program's, each second", one, c, FLOOR_AIM, "at least"),
        ("two servers / one, vends each second", two, one, TWO_AIM, "at least"),
        ("PostgreSQL / SQLite, vends each second", one, file, None, ""),
    ]:
        ratio = median(runs, "vends") / median(other, "vends")
        row(name, f"{median(runs, 'vends'):.0f}", f"{median(other, 'vends'):.0f}", f"{ratio:.2f}",
            verdict(ratio >= aim, f"{word} {aim:.2f}") if aim else "")
    row("commits / a C program's, each second", f"{median(one, 'commits'):.0f}", f"{median(c, 'commits'):.0f}",
        f"{median(one, 'commits') / median(c, 'commits'):.2f}")
    row("vends in a commit, on PostgreSQL / SQLite", f"{rate / median(one, 'commits'):.0f}",
        f"{median(file, 'vends') / median(file, 'commits'):.0f}")
    for name, runs, other in [("p99 of PostgreSQL / SQLite", one, file), ("p99 of two servers / one", two, one)]:
        row(name, ms(median(runs, "p99")), ms(median(other, "p99")),
            f"{median(runs, 'p99') / median(other, 'p99'):.2f}")
    spread = ", ".join(f"{name} {min(run.vends for run in runs):.0f}–{max(run.vends for run in runs):.0f}"
                       for name, runs in [("one", one), ("two", two), ("SQLite", file), ("C", c)])
    print(f"{on_postgres.answered + on_sqlite.answered} vends answered, as many on record, the chains hold; fsync on; "
          f"medians of {rounds} interleaved runs of {seconds} s, {keys} keys, {wrk.CONNECTIONS} connections, "
          f"{os.cpu_count()} cores; vends/s: {spread}")


main()
