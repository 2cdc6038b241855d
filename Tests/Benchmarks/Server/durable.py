"""Shows by strace that a vend's record is on disk before the vend is answered, for each of many vends in a row.

Between the writes to the write-ahead log and the write of the answer, an fdatasync or fsync of that log has begun after
the last of them and returned 0.

usage: durable.py PROGRAMS [VENDS]
"""

import asyncio
import re
import sys
import time

from client import Connection, addresses
from world import FREELY, PROXIED, World, report

CALLS = "pwrite64,pwritev,fsync,fdatasync,write,writev,sendto,sendmsg"
# PID CALL(DESCRIPTOR<WHAT IT IS>, …) = RESULT, in two lines when other threads' calls come between.
BEGUN = re.compile(r"^(\d+) +(\w+)\(\d+<(.*?)>(?=[,) ])(.*)$")
RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>.*= (-?\d+)")
ENDED = re.compile(r"= (-?\d+)[^=]*$")


def events(trace):
    """(when, thread, call, file, text or result) of each call, `when` being "begins" or "ends"."""
    under_way = {}
    for line in trace:
        if begun := BEGUN.match(line):
            thread, call, file, rest = begun.groups()
            yield "begins", thread, call, file, rest
            if "<unfinished ...>" in rest:
                under_way[thread] = (call, file)
            elif ended := ENDED.search(rest):
                yield "ends", thread, call, file, int(ended[1])
        elif (resumed := RESUMED.match(line)) and resumed[1] in under_way:
            yield "ends", resumed[1], *under_way.pop(resumed[1]), int(resumed[3])


def durable_answers(trace):
    """How many answers were written; fails at one whose record was not on disk."""
    answers = written = synced = 0
    syncs = {}
    for when, thread, call, file, detail in events(trace):
        is_log = file.endswith("bursar.sqlite-wal")
        if is_log and call in ("pwrite64", "pwritev") and when == "begins":
            written += 1
        elif is_log and call in ("fsync", "fdatasync"):
            if when == "begins":
                syncs[thread] = written
            elif detail == 0:
                synced = max(synced, syncs.pop(thread))
        elif file.startswith("TCP") and when == "begins" and "HTTP/1.1 200" in detail:
            answers += 1
            if written == 0:
                sys.exit(f"error: answer {answers} was written without a write to the log before it")
            if synced < written:
                sys.exit(f"error: answer {answers} was written before its record was on disk")
            written = synced = 0
            syncs.clear()
    return answers


async def ask(port, keys, count):
    connection = await Connection.to(port)
    fresh = addresses()
    for number in range(count):
        status, body, _ = await connection.get("/credentials", keys[number % len(keys)], next(fresh))
        if status != 200:
            sys.exit(f"error: a vend was answered with {status}: {body}")


def main():
    world = World(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    keys = world.issue(2)
    trace = f"{world.folder}/trace"
    strace = ["strace", "-D", "-f", "-yy", "-s", "16", "-e", f"trace={CALLS}", "-e", "signal=none", "-o", trace]
    server = world.serve(prefix=strace, **FREELY, **PROXIED)
    asyncio.run(asyncio.wait_for(ask(server.port, keys, count), 600))
    server.stop()
    end = time.monotonic() + 600
    while "+++ exited" not in (lines := open(trace, errors="replace").read())[-200:] and time.monotonic() < end:
        time.sleep(0.05)
    answers = durable_answers(lines.splitlines())
    if answers != count:
        sys.exit(f"error: {count} vends, {answers} answers seen by strace")
    world.verify()
    report(vends=count, durable=answers)


main()
