"""Recorded vends beside /healthz on the same server, and first verifications beside libargon2 alone.

Fails when vends answered and vends on record differ, or the chain doesn't hold.

usage: throughput.py PROGRAMS VERIFY_ARGON2 [SECONDS PER RUN [ROUNDS]]
"""

import asyncio
import os
import statistics
import subprocess
import sys
import time

import wrk
from client import Connection, addresses
from rows import ms, row, verdict
from world import FREELY, PROXIED, World

KEYS = 200
AIM, P99_AIM, HASH_AIM = 0.55, 3, 0.90


async def prove(port, keys, at_once=64):
    """Has each key verified for the first time, each from an address of its own; returns the time."""
    left, fresh = list(keys), addresses()

    async def ask():
        connection = await Connection.to(port)
        while left:
            status, body, _ = await connection.get("/whoami", left.pop(), next(fresh))
            if status != 200:
                sys.exit(f"error: a good key was answered with {status}: {body}")
        connection.close()

    start = time.monotonic()
    await asyncio.wait_for(asyncio.gather(*[ask() for _ in range(at_once)]), 600)
    return time.monotonic() - start


def argon2_rate(program, runs):
    """libargon2's verifications a second, a process on each core."""
    start = time.monotonic()
    processes = [subprocess.Popen([program, str(runs)], stdout=subprocess.DEVNULL) for _ in range(os.cpu_count())]
    for process in processes:
        if process.wait(120) != 0:
            sys.exit("error: verify-argon2 failed")
    return runs * len(processes) / (time.monotonic() - start)


def vends(world):
    return world.query("SELECT count(*) FROM records WHERE kind = 'vend'")[0][0]


def hashing(world, keys, program, rounds):
    """Verifications a second through a server that knows no key yet, and libargon2's, in turn."""
    ours, theirs = [], []
    for _ in range(rounds):
        theirs.append(argon2_rate(program, KEYS // os.cpu_count()))
        server = world.serve(**FREELY, **PROXIED)
        ours.append(len(keys) / asyncio.run(prove(server.port, keys)))
        server.stop()
    return statistics.median(ours), statistics.median(theirs)


def main():
    programs, argon2 = sys.argv[1:3]
    seconds = int(sys.argv[3]) if len(sys.argv) > 3 else 8
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 5
    world = World(programs)
    keys = world.issue(KEYS)
    keys_file = f"{world.folder}/keys"
    with open(keys_file, "w") as file:
        file.write("\n".join(keys) + "\n")
    hashes, floor = hashing(world, keys, argon2, min(rounds, 3))

    server = world.serve(**FREELY)
    # All from one address here, whose keys are hashed one by one.
    asyncio.run(prove(server.port, keys, at_once=4))
    before = vends(world)
    health, credentials = [], []
    for _ in range(rounds):
        health.append(wrk.only_200s(f"{server.url}/healthz", seconds))
        credentials.append(wrk.only_200s(f"{server.url}/credentials", seconds, keys_file))
    commits = server.metric("bursar_commit_vends_count")
    server.stop()
    answered, recorded = sum(run.ok for run in credentials), vends(world) - before
    if answered != recorded:
        sys.exit(f"error: {answered} vends were answered, {recorded} are on record")
    world.verify()

    vend_rate, health_rate = (statistics.median(run.ok for run in runs) / seconds for runs in (credentials, health))
    row("/credentials / healthz, each second", f"{vend_rate:.0f}", f"{health_rate:.0f}",
        f"{vend_rate / health_rate:.2f}", verdict(vend_rate >= AIM * health_rate, f"at least {AIM:.2f}"))
    vend_p99, health_p99 = (statistics.median(run.p99 for run in runs) for runs in (credentials, health))
    row("/credentials / healthz, p99", ms(vend_p99), ms(health_p99), f"{vend_p99 / health_p99:.2f}",
        verdict(vend_p99 <= P99_AIM * health_p99, f"at most {P99_AIM}"))
    row("vends / SQLite commits, each second", f"{vend_rate:.0f}", f"{commits / rounds / seconds:.0f}",
        f"{answered / max(commits, 1):.1f}")
    row("first verifications / libargon2, each second", f"{hashes:.1f}", f"{floor:.1f}", f"{hashes / floor:.2f}",
        verdict(hashes >= HASH_AIM * floor, f"at least {HASH_AIM:.2f}"))
    print(f"{answered} vends answered, as many on record, the chain holds; medians of {rounds} runs of {seconds} s, "
          f"{KEYS} keys, {wrk.CONNECTIONS} connections, {os.cpu_count()} cores")


main()
