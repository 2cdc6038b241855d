"""Clients with good keys while wrong ones come on 64 connections, for ids that exist, from 10,000 addresses.

Fails when a good client gets anything but 200.

usage: flood.py PROGRAMS [SECONDS]
"""

import asyncio
import collections
import secrets
import sys
import time
import zlib

import wrk
from client import Connection, outcome, percentile
from rows import ms, row, verdict
from world import FREELY, PROXIED, World

CLIENTS, NEWCOMERS, ADDRESSES, WRONG_KEYS = 20, 20, 10_000, 20_000
PAUSE = 0.1
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
P99_AIM, FIRST_AIM = 2, 2.0


def base62(number, length):
    digits = ""
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits = ALPHABET[digit] + digits
    return digits


def wrong(key):
    """A key with the same id, another secret and the check that belongs to it."""
    body = key[:20] + base62(secrets.randbits(256), 43)
    return body + base62(zlib.crc32(body.encode()), 6)


async def steadily(server, keys, seconds):
    """Each client asks at its own times, whether or not the last answer was slow; returns times and outcomes."""
    times, outcomes = [], collections.Counter()

    async def client(number):
        connection, address = await Connection.to(server.port), f"192.0.2.{number + 1}"
        start = time.monotonic() + PAUSE * number / CLIENTS
        for turn in range(int(seconds / PAUSE)):
            due = start + turn * PAUSE
            await asyncio.sleep(max(0, due - time.monotonic()))
            # What a late answer holds up is late too.
            status, body, _ = await connection.get("/credentials", keys[number], address)
            times.append((time.monotonic() - due) * 1000)
            outcomes[outcome(status, body)] += 1
        connection.close()

    await asyncio.gather(*[client(number) for number in range(CLIENTS)])
    return times, outcomes


async def arriving(server, keys, seconds):
    """Keys that were never seen, one after the other; how long each took."""
    times, outcomes = [], collections.Counter()
    for number, key in enumerate(keys):
        connection, start = await Connection.to(server.port), time.monotonic()
        status, body, _ = await connection.get("/credentials", key, f"198.51.100.{number + 1}")
        times.append(time.monotonic() - start)
        outcomes[outcome(status, body)] += 1
        connection.close()
        await asyncio.sleep(max(0, seconds / len(keys) - times[-1]))
    return times, outcomes


async def both(server, good, newcomers, seconds):
    return await asyncio.wait_for(
        asyncio.gather(steadily(server, good, seconds), arriving(server, newcomers, seconds * 0.9)), seconds * 3 + 60)


def main():
    world = World(sys.argv[1])
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 15
    keys = world.issue(CLIENTS + NEWCOMERS * 2)
    good, before, during = keys[:CLIENTS], keys[CLIENTS:-NEWCOMERS], keys[-NEWCOMERS:]
    wrong_file = f"{world.folder}/wrong"
    with open(wrong_file, "w") as file:
        file.writelines(wrong(keys[number % len(keys)]) + "\n" for number in range(WRONG_KEYS))
    server = world.serve(**FREELY, **PROXIED)
    asyncio.run(asyncio.wait_for(steadily(server, good, 1), 60))

    (calm, calm_outcomes), (calm_first, calm_first_outcomes) = asyncio.run(both(server, good, before, seconds))
    flood = wrk.start(f"{server.url}/credentials", seconds + 4, wrong_file, ADDRESSES)
    time.sleep(2)
    (hard, hard_outcomes), (first, first_outcomes) = asyncio.run(both(server, good, during, seconds))
    attack = wrk.finish(flood, seconds + 4)
    server.stop()
    world.verify()
    answers = calm_outcomes + calm_first_outcomes + hard_outcomes + first_outcomes
    if set(answers) != {"200"} or attack.ok:
        sys.exit(f"error: good clients got {dict(answers)}, wrong keys {attack.ok} times 200")

    calm_p99, hard_p99 = percentile(calm, 0.99), percentile(hard, 0.99)
    row("good clients' p99 in a flood / without", ms(hard_p99), ms(calm_p99), f"{hard_p99 / calm_p99:.2f}",
        verdict(hard_p99 <= P99_AIM * calm_p99, f"at most {P99_AIM}"))
    row("their median", ms(percentile(hard, 0.5)), ms(percentile(calm, 0.5)))
    row("first-time keys in a flood, slowest", f"{max(first):.2f} s", f"{max(calm_first):.2f} s", "",
        verdict(max(first) <= FIRST_AIM, f"at most {FIRST_AIM:.0f} s"))
    print(f"{attack.other} wrong keys refused on {wrk.CONNECTIONS} connections from {ADDRESSES} addresses, "
          f"{sum(answers.values())} answers to good clients, all 200; the attacked ids are theirs")


if __name__ == "__main__":
    main()
