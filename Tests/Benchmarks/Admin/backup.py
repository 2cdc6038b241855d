"""How long vends take while `admin database backup` copies the database they are recorded in.

Clients ask at their own times, whether or not the last answer was slow. Fails when one gets anything but 200, when the
backup fails, or when the chain or the counts don't hold afterwards.

usage: backup.py PROGRAMS DATABASE [ROUNDS]
"""

import asyncio
import collections
import os
import pathlib
import shutil
import statistics
import sys
import time

import made
from client import Connection, outcome, percentile
from rows import ms, row, verdict
from world import FREELY, World

CLIENTS, PAUSE, AIM = 16, 0.02, 2


async def steadily(port, keys, until):
    """Asks until `until` is done; returns times in milliseconds, and outcomes."""
    times, outcomes = [], collections.Counter()

    async def client(number, key):
        connection = await Connection.to(port)
        due = time.monotonic() + PAUSE * number / CLIENTS
        while not until.done():
            await asyncio.sleep(max(0, due - time.monotonic()))
            status, body, _ = await connection.get("/credentials", key)
            times.append((time.monotonic() - due) * 1000)
            outcomes[outcome(status, body)] += 1
            due += PAUSE
        connection.close()

    await asyncio.gather(*[client(number, key) for number, key in enumerate(keys)])
    return times, outcomes


async def back_up(world, target):
    start = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        world.programs / "admin", "database", "backup", target, env=world.environment, stderr=asyncio.subprocess.PIPE)
    _, errors = await process.communicate()
    if process.returncode != 0:
        sys.exit(f"error: {errors.decode()}")
    return time.monotonic() - start


async def measure(world, server, keys, rounds):
    """Quiet and backed up in turn, as long each, since a disk of others' changes with the hour."""
    calm, busy, seconds, outcomes = [], [], [], collections.Counter()
    for turn in range(rounds):
        target = f"{world.folder}/backup-{turn}.sqlite"
        working = asyncio.ensure_future(back_up(world, target))
        times, answered = await steadily(server.port, keys, working)
        busy.append(percentile(times, 0.99))
        seconds.append(await working)
        outcomes += answered
        os.remove(target)
        times, answered = await steadily(server.port, keys, asyncio.ensure_future(asyncio.sleep(seconds[-1])))
        calm.append(percentile(times, 0.99))
        outcomes += answered
    return calm, busy, seconds, outcomes


def main():
    database, rounds = pathlib.Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 5
    world = World(sys.argv[1])
    made.history(world.programs, database, 1_000_000)
    for suffix in ("", "-wal", "-shm"):
        pathlib.Path(world.database + suffix).unlink(missing_ok=True)
    shutil.copy(database, world.database)
    world.admin("researchers", "add", "ada", "--name", "Ada", "--email", "ada@example.edu", "--project", "engines")
    keys = world.issue(CLIENTS)
    server = world.serve(**FREELY)
    asyncio.run(steadily_for_a_moment(server, keys))
    calm, busy, seconds, outcomes = asyncio.run(measure(world, server, keys, rounds))
    server.stop()
    world.verify()
    if set(outcomes) != {"200"}:
        sys.exit(f"error: clients got {dict(outcomes)}")
    before, during = statistics.median(calm), statistics.median(busy)
    row("vends' p99 during a backup / without", ms(during), ms(before), f"{during / before:.2f}",
        verdict(during <= AIM * before, f"at most {AIM}"))
    size = os.path.getsize(database) / (1 << 20)
    print(f"{rounds} backups of {size:.0f} MiB, {statistics.median(seconds):.1f} s each with their check; "
          f"{outcomes['200']} answers, all 200; p99 in ms while idle {[round(x, 1) for x in calm]}, "
          f"while backed up {[round(x, 1) for x in busy]}")


async def steadily_for_a_moment(server, keys):
    return await steadily(server.port, keys, asyncio.ensure_future(asyncio.sleep(1)))


main()
