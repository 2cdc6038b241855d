"""What `admin` takes, whole processes: reports of 400 days, lists, and the chain; beside SQLite's shell on the records.

usage: console.py PROGRAMS PEAK_MEMORY FOLDER [full]

FOLDER keeps the databases: 1 million vends, and 10 million when `full`. Without `full` the reports of the larger one,
and so the growth, are left out.
"""

import json
import pathlib
import sqlite3
import statistics
import subprocess
import sys
import time

import made
from rows import ms, row, verdict

GROUPINGS = ("researcher", "project", "key", "day", "week", "month", "outcome", "address")
TIME_AIM, MEMORY_AIM, GROWTH_AIM, LIST_AIM, VERIFY_AIM = 150, 60, 1.3, 150, 300_000
RUNS = 9
ON_RECORDS = ("SELECT researcher, count(*) FROM records WHERE kind = 'vend' AND occurred_at BETWEEN 0 AND 1e15"
              " GROUP BY researcher ORDER BY 2 DESC")


class Console:
    def __init__(self, programs, peak_memory, database):
        self.admin = programs / "admin"
        self.peak_memory = peak_memory
        self.database = database
        self.environment = made.environment(database.parent, database)
        with sqlite3.connect(database) as connection:
            first, last, self.records = connection.execute(
                "SELECT min(day), (SELECT max(day) FROM usage_daily),"
                " (SELECT max(sequence) FROM records) FROM usage_daily").fetchone()
        # The database is closed again before anything is measured.
        connection.close()
        self.range = ["--since", self.text(first), "--until", self.text(last)]

    @staticmethod
    def text(day):
        return time.strftime("%Y-%m-%d", time.gmtime(day * 86400))

    def run(self, arguments, program=None, input=None):
        start = time.perf_counter()
        done = subprocess.run([program or self.admin, *arguments], env=self.environment, input=input, text=True,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if done.returncode != 0:
            sys.exit(f"error: {' '.join(map(str, arguments))}: {done.stderr}")
        return (time.perf_counter() - start) * 1000

    def milliseconds(self, *arguments, runs=RUNS):
        self.run(arguments)
        return statistics.median(self.run(arguments) for _ in range(runs))

    def mebibytes(self, *arguments):
        command = [self.peak_memory, self.admin, *arguments]
        peaks = [int(subprocess.run(command, env=self.environment, capture_output=True, check=True).stdout)
                 for _ in range(3)]
        return statistics.median(peaks) / 1024

    def report(self, grouping):
        return ["usage", "report", "--by", grouping, *self.range, "--format", "json"]


def measure_reports(console, before=None):
    """One row for each grouping; returns how long each took. `before` is the same of a tenth of the vends."""
    size = f"{round(console.records / 1e6)} million"
    taken = {}
    for grouping in GROUPINGS:
        taken[grouping] = console.milliseconds(*console.report(grouping))
        memory = console.mebibytes(*console.report(grouping))
        row(f"usage report --by {grouping}, {size}", ms(taken[grouping]), f"{memory:.0f} MiB", "",
            verdict(taken[grouping] <= TIME_AIM and memory <= MEMORY_AIM,
                    f"at most {TIME_AIM} ms, {MEMORY_AIM} MiB"))
    by_shell = console.run(["-readonly", console.database], "sqlite3", ON_RECORDS)
    row("by researcher / GROUP BY on the records", ms(taken["researcher"]), ms(by_shell),
        f"{by_shell / taken['researcher']:.0f} ×")
    if before:
        worst = max(GROUPINGS, key=lambda grouping: taken[grouping] / before[grouping])
        growth = taken[worst] / before[worst]
        row(f"ten times the vends, at worst (by {worst})", ms(taken[worst]), ms(before[worst]), f"{growth:.2f}",
            verdict(growth <= GROWTH_AIM, f"at most {GROWTH_AIM}"))
    return taken


def main():
    programs, peak_memory, folder = map(pathlib.Path, sys.argv[1:4])
    sizes = [1_000_000] + [10_000_000] * ("full" in sys.argv[4:])
    taken = None
    for size in sizes:
        database = folder / f"{size // 1_000_000}m.sqlite"
        made.history(programs, database, size)
        console = Console(programs, peak_memory, database)
        taken = measure_reports(console, taken)
    keys = json.loads(subprocess.run([console.admin, "keys", "list", "--format", "json"], env=console.environment,
                                     capture_output=True, check=True).stdout)
    listed = console.milliseconds("keys", "list")
    row(f"keys list, {len(keys)} keys", ms(listed), "", "", verdict(listed <= LIST_AIM, f"at most {LIST_AIM} ms"))
    verified = console.milliseconds("audit", "verify", runs=3)
    rate = console.records / verified * 1000
    row("audit verify, records a second", f"{rate:,.0f}", "", "",
        verdict(rate >= VERIFY_AIM, f"at least {VERIFY_AIM:,}"))


main()
