"""Resident memory under load for minutes: vends of 200 keys, with floods of wrong and broken keys between.

usage: memory.py PROGRAMS [MINUTES]
"""

import os
import statistics
import sys
import time

import wrk
from flood import wrong
from rows import row, verdict
from world import FREELY, PROXIED, World

KEYS, CONNECTIONS, TURN, FLOOD = 200, 16, 15, 3
AIM, GROWTH = 72, 4
MIB = 1048576


def write(path, lines):
    with open(path, "w") as file:
        file.writelines(line + "\n" for line in lines)
    return path


def main():
    world = World(sys.argv[1])
    minutes = float(sys.argv[2]) if len(sys.argv) > 2 else 3
    keys = world.issue(KEYS)
    good = write(f"{world.folder}/keys", keys)
    bad = write(f"{world.folder}/wrong", [wrong(keys[number % KEYS]) for number in range(2000)]
                + [f"broken-{number}" for number in range(2000)])
    server = world.serve(**FREELY, **PROXIED)
    begin, end = server.metric("process_resident_memory_bytes") / MIB, time.monotonic() + minutes * 60
    samples, vends, refused = [], 0, 0
    while time.monotonic() < end or len(samples) < 4:
        vends += wrk.load(f"{server.url}/credentials", TURN, good, 1000, connections=CONNECTIONS).ok
        refused += wrk.load(f"{server.url}/credentials", FLOOD, bad, 10_000).other
        samples.append(server.metric("process_resident_memory_bytes") / MIB)
        # Its log would fill the disk.
        os.truncate(server.log, 0)
    last = server.metric("process_resident_memory_bytes") / MIB
    server.stop()
    world.verify()
    half = len(samples) // 2
    earlier, later = statistics.median(samples[:half]), statistics.median(samples[half:])
    row("resident memory, most", f"{max(samples):.1f} MiB", f"{AIM} MiB", "",
        verdict(max(samples) <= AIM, f"at most {AIM} MiB"))
    row("its second half / the first", f"{later:.1f} MiB", f"{earlier:.1f} MiB", f"{later / earlier:.2f}",
        verdict(later - earlier <= GROWTH, f"at most {GROWTH} MiB more"))
    print(f"{vends} vends and {refused} refusals in {minutes:g} minutes; {begin:.1f} MiB at the start, "
          f"{last:.1f} MiB at the end")


if __name__ == "__main__":
    main()
