"""`admin` and a server under load write at the same time: both go on, and their one chain holds.

usage: append.py PROGRAMS [KEYS TO ISSUE MEANWHILE]
"""

import asyncio
import collections
import sys
import threading

from client import Connection, addresses
from world import FREELY, PROXIED, World, report


async def load(server, keys, is_over, received, others):
    fresh = addresses()

    async def ask(key):
        connection = await Connection.to(server.port)
        while not is_over.is_set():
            address = next(fresh)
            status, _, _ = await connection.get("/credentials", key, address)
            if status == 200:
                received.add(address)
            else:
                others[status] += 1
            # The other writer is to have its turn on a small machine.
            await asyncio.sleep(0.001)

    await asyncio.wait_for(asyncio.gather(*[ask(key) for key in keys for _ in range(2)]), 600)


def main():
    world = World(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    keys = world.issue(4)
    server = world.serve(**FREELY, **PROXIED)
    is_over, received, others = threading.Event(), set(), collections.Counter()
    loading = threading.Thread(target=lambda: asyncio.run(load(server, keys, is_over, received, others)), daemon=True)
    loading.start()
    try:
        issued = world.issue(count)
    finally:
        is_over.set()
    loading.join(30)
    server.stop()
    world.verify()
    recorded = {address for address, in world.query("SELECT address FROM records WHERE kind = 'vend'")}
    keys_on_record, = world.query("SELECT count(*) FROM records WHERE kind = 'key_issued'")[0]
    if recorded != received or others or loading.is_alive():
        sys.exit(f"error: {len(received)} vends answered, {len(recorded)} on record, other answers {dict(others)}")
    if keys_on_record != len(keys) + len(set(issued)):
        sys.exit(f"error: {len(keys) + len(issued)} keys were issued, {keys_on_record} are on record")
    report(issued=len(issued), received=len(received), recorded=len(recorded))


main()
