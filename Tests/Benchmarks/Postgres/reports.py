"""Reports and lists of a made-up history on PostgreSQL beside the same on SQLite, whole processes of `admin`, in turn.

usage: reports.py PROGRAMS FOLDER [VENDS]

FOLDER keeps SQLite's database, as `Admin/console.py` makes it; its rows are copied. Fails when the outputs differ.
"""

import os
import pathlib
import sqlite3
import statistics
import subprocess
import sys
import time

import cluster
from rows import ms, row, verdict

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "Admin"))

import made  # noqa: E402

GROUPINGS = ("researcher", "project", "key", "day", "week", "month", "outcome", "address")
AIM, RUNS = 2, 7
# Parents before their children.
TABLES = ("researchers", "researcher_projects", "keys", "key_projects", "records", "usage_daily", "usage_monthly",
          "usage_networks", "usage_networks_monthly", "usage_totals", "usage_keys")
SPECIAL = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def cell(value):
    """A value as COPY reads it."""
    if value is None:
        return r"\N"
    if isinstance(value, bytes):
        return r"\\x" + value.hex()
    return value.translate(SPECIAL) if isinstance(value, str) else str(value)


def copy(source, world):
    """Copies all rows, past the triggers."""
    database = sqlite3.connect(f"file:{source}?mode=ro", uri=True)
    run = world.loader()
    send = run.stdin.write
    send("SET session_replication_role = replica;\n")
    for table in TABLES:
        columns = [name for name, in world.query(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'bursar'"
            f" AND table_name = '{table}' AND is_generated = 'NEVER' ORDER BY ordinal_position")]
        quoted = ", ".join(f'"{name}"' for name in columns)
        # What a world has made itself goes.
        send(f"DELETE FROM {table};\nCOPY {table} ({quoted}) FROM stdin;\n")
        for values in database.execute(f"SELECT {quoted} FROM {table}"):
            send("\t".join(map(cell, values)) + "\n")
        send("\\.\n")
    revision, = database.execute("SELECT value FROM revision").fetchone()
    send(f"UPDATE revision SET value = {revision};\n")
    run.stdin.close()
    if run.wait() != 0:
        sys.exit("error: the rows can't be copied")
    database.close()
    world.cluster.sql("VACUUM ANALYZE", world.name)


class Console:
    def __init__(self, admin, environment):
        self.admin, self.environment = admin, environment

    def run(self, *arguments):
        """The time in ms, and the output."""
        start = time.perf_counter()
        done = subprocess.run([self.admin, *arguments], env=self.environment, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"error: {' '.join(arguments)}: {done.stderr}")
        return (time.perf_counter() - start) * 1000, done.stdout


def compare(name, ours, theirs, arguments, runs):
    # `usage top` prints times, which may pass a second between the two.
    if not any(ours.run(*arguments)[1] == theirs.run(*arguments)[1] for _ in range(10)):
        sys.exit(f"error: {' '.join(arguments)} differs between the engines")
    times = [(ours.run(*arguments)[0], theirs.run(*arguments)[0]) for _ in range(runs)]
    postgres, sqlite = (statistics.median(side) for side in zip(*times))
    row(name, ms(postgres), ms(sqlite), f"{postgres / sqlite:.2f}", verdict(postgres <= AIM * sqlite, f"at most {AIM}"))


def main():
    programs, folder = map(pathlib.Path, sys.argv[1:3])
    vends = int(sys.argv[3]) if len(sys.argv) > 3 else 10_000_000
    runs = RUNS if vends >= 1_000_000 else 1
    name = f"{vends // 1_000_000}m" if vends >= 1_000_000 else str(vends)
    source = folder / f"{name}.sqlite"
    made.history(programs, source, vends)
    world = cluster.World(programs, cluster.Cluster())
    start = time.monotonic()
    copy(source, world)
    taken = time.monotonic() - start
    ours, theirs = (Console(programs / "admin", environment)
                    for environment in (world.environment, made.environment(folder, source)))
    (first, last, records), = world.query(
        "SELECT min(day), max(day), (SELECT count(*) FROM records) FROM usage_daily")
    span = [word for option, day in (("--since", first), ("--until", last))
            for word in (option, time.strftime("%Y-%m-%d", time.gmtime(day * 86400)))]
    for grouping in GROUPINGS:
        compare(f"usage report --by {grouping}", ours, theirs,
                ["usage", "report", "--by", grouping, *span, "--format", "json"], runs)
    compare("usage top", ours, theirs, ["usage", "top"], runs)
    compare("keys list", ours, theirs, ["keys", "list", "--format", "json"], runs)
    compare("audit list, the newest", ours, theirs, ["audit", "list", "--format", "json"], runs)
    compare("audit verify", ours, theirs, ["audit", "verify"], min(runs, 3))
    print(f"{records} records, copied in {taken:.0f} s; medians of {runs} runs in turn, whole processes; "
          f"PostgreSQL beside SQLite, {os.cpu_count()} cores")


main()
