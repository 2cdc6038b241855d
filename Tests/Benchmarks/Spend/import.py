"""An import of an invocation log by `admin`, beside the least that Python does and beside a C program that inserts the
same keys and sums; whole processes, in turn, each into a database of its own.

usage: import.py PROGRAMS FOLDER INSERT_CALLS PEAK_MEMORY [RECORDS [ROUNDS]]

FOLDER keeps the log. Fails when a record isn't counted, or is counted twice.
"""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

import calls

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "Admin"))

import made  # noqa: E402
from rows import row, verdict  # noqa: E402

KEYS = 2000
PYTHON_AIM, FLOOR_AIM, MEMORY_AIM = 5, 0.3, 64


class Import:
    def __init__(self, programs, folder, insert_calls, peak_memory, records):
        self.programs, self.folder, self.insert_calls, self.peak_memory = programs, folder, insert_calls, peak_memory
        self.records = records
        self.log, self.facts = folder / f"calls-{records}.jsonl", folder / f"calls-{records}.facts"
        self.base = folder / "keys.sqlite"
        made.history(programs, self.base, 100_000)
        # Records must not lie ahead, nor further back than spend is kept.
        calls.make(str(self.log), str(self.facts), calls.sessions(self.base, KEYS), records, int(time.time()) - 86400)

    def place(self, name):
        for file in self.folder.glob(f"{name}.sqlite*"):
            file.unlink()
        return self.folder / f"{name}.sqlite"

    def timed(self, *command, environment=None):
        start = time.perf_counter()
        done = subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"error: {' '.join(map(str, command))}: {done.stderr}")
        return time.perf_counter() - start, done.stdout

    def admin(self, again=False, measuring=False):
        """A second import of the same log into the same database counts nothing."""
        database = self.folder / "admin.sqlite" if again else self.place("admin")
        if not again:
            shutil.copy(self.base, database)
        command = [self.programs / "admin", "spend", "import", self.log, "--role", calls.ROLE, "--format", "json"]
        taken, output = self.timed(*([self.peak_memory] if measuring else []), *command,
                                   environment=made.environment(self.folder, database))
        if measuring:
            return int(output) / 1024
        result = json.loads(output)
        expected = (0, self.records) if again else (self.records, 0)
        if (result["calls"], result["duplicates"]) != expected:
            sys.exit(f"error: {self.records} records were imported as {result}")
        return taken

    def python(self):
        return self.counted(*self.timed(sys.executable, HERE / "least.py", self.log, self.place("python")))

    def c(self):
        return self.counted(*self.timed(self.insert_calls, self.facts, self.place("c")))

    def counted(self, taken, output):
        if int(output) != self.records:
            sys.exit(f"error: {output} of {self.records} records were counted")
        return taken


def main():
    programs, folder, insert_calls, peak_memory = map(pathlib.Path, sys.argv[1:5])
    records = int(sys.argv[5]) if len(sys.argv) > 5 else 1_000_000
    rounds = int(sys.argv[6]) if len(sys.argv) > 6 else 3
    run = Import(programs, folder, insert_calls, peak_memory, records)
    ours, python, c, again = [], [], [], []
    for _ in range(rounds):
        ours.append(run.admin())
        again.append(run.admin(again=True))
        python.append(run.python())
        c.append(run.c())
    memory = run.admin(measuring=True)
    admin = statistics.median(ours)
    for name, times, aim in [("Python", python, PYTHON_AIM), ("a C program", c, FLOOR_AIM)]:
        other = statistics.median(times)
        row(f"spend import / {name}, records a second", f"{records / admin:.0f}", f"{records / other:.0f}",
            f"{other / admin:.2f}", verdict(other / admin >= aim, f"at least {aim}"))
    row("the same log again", f"{records / statistics.median(again):.0f}")
    row("memory of spend import", f"{memory:.1f} MiB", "", "", verdict(memory <= MEMORY_AIM, f"at most {MEMORY_AIM} MiB"))
    print(f"{records} records of {KEYS} keys in {calls.DAYS} days, {os.path.getsize(run.log) / 2**20:.0f} MiB; medians of "
          f"{rounds} runs in turn")


main()
