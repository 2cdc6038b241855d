"""Kills a server under load again and again: each credential that a client got has its record, and the chain holds.

Every request comes from an address of its own, by a trusted proxy's word, so that its record is its own too.

usage: kill.py PROGRAMS [ROUNDS]
"""

import asyncio
import collections
import json
import random
import sys

from client import Connection, addresses
from world import FREELY, PROXIED, World, report

CONNECTIONS = 32
KEYS = 8


async def load(server, keys, fresh, received, others):
    """Asks on all connections until the server is killed, which is soon."""

    async def ask(number):
        try:
            connection = await Connection.to(server.port)
            while True:
                address, key = next(fresh), keys[number % len(keys)]
                status, body, _ = await connection.get("/credentials", key, address)
                if status == 200:
                    received[address] = (key[7:19], json.loads(body)["AccessKeyId"])
                else:
                    others[status] += 1
        except OSError:
            pass

    clients = [asyncio.create_task(ask(number)) for number in range(CONNECTIONS)]
    before = len(received)
    while len(received) == before:
        await asyncio.sleep(0.01)
    await asyncio.sleep(random.uniform(0.05, 1))
    server.process.kill()
    await asyncio.wait_for(asyncio.gather(*clients), 20)


def check(world, received, last):
    """Looks at the records after `last`; returns the new last, and how many vends there were."""
    rows = world.query("SELECT address, key_id, access_key_id FROM records "
                       "WHERE kind = 'vend' AND sequence > ?", last[0])
    recorded = {address: (key, access_key) for address, key, access_key in rows}
    missing = [address for address, credential in received.items() if recorded.get(address) != credential]
    if missing:
        sys.exit(f"error: {len(missing)} of {len(received)} credentials have no record, as that of {missing[0]}")
    return world.verify(since=last), len(rows)


def main():
    world = World(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    keys, fresh, last, others = world.issue(KEYS), addresses(), (0, bytes(32)), collections.Counter()
    total = recorded = 0
    for _ in range(rounds):
        received = {}
        server = world.serve(**FREELY, **PROXIED)
        asyncio.run(asyncio.wait_for(load(server, keys, fresh, received, others), 60))
        server.kill()
        # The next server recovers what the killed one left.
        server = world.serve()
        last, rows = check(world, received, last)
        server.stop()
        total += len(received)
        recorded += rows
    world.verify()
    sound = world.query("PRAGMA integrity_check")
    if sound != [("ok",)]:
        sys.exit(f"error: the database is damaged: {sound}")
    if others:
        sys.exit(f"error: answers that were neither credentials nor a broken connection: {dict(others)}")
    report(kills=rounds, received=total, recorded=recorded, records=last[0])


main()
