"""How long a revoked key goes on working: from the revocation by `admin` to the last credentials received, under load.

Time is taken from the record of the revocation, which `admin` dates before it commits, so it is never too short. Fails
when a vend stands after its key's revocation in the record.

usage: revoke.py PROGRAMS [REVOCATIONS]
"""

import asyncio
import json
import sys
import time

import wrk
from client import Connection, percentile
from rows import row, verdict
from world import FREELY, World

OTHERS = 16
AIM = 1.0


async def use(port, key, is_warm):
    """Asks again and again until it is refused; returns when the last 200 came, in Unix time."""
    connection, last = await Connection.to(port), None
    while True:
        status, body, _ = await connection.get("/credentials", key)
        if status != 200:
            break
        last = time.time()
        is_warm.set()
        await asyncio.sleep(0.001)
    connection.close()
    if json.loads(body)["error"] != "key_revoked":
        sys.exit(f"error: a revoked key was answered with {body}")
    return last


async def revoke(world, servers, key):
    """Revokes a key that all servers are being asked with; returns when the last 200 of any came."""
    warm = [asyncio.Event() for _ in servers]
    using = [asyncio.create_task(use(server.port, key, event)) for server, event in zip(servers, warm)]
    for event in warm:
        await asyncio.wait_for(event.wait(), 60)
    admin = [str(world.programs / "admin"), "keys", "revoke", key[7:19], "--reason", "measured", "--yes"]
    process = await asyncio.create_subprocess_exec(*admin, env=world.environment, stderr=asyncio.subprocess.PIPE)
    _, errors = await asyncio.wait_for(process.communicate(), 60)
    if process.returncode != 0:
        sys.exit(f"error: {errors.decode()}")
    return max(await asyncio.wait_for(asyncio.gather(*using), 60))


def measure(world, count, server_count=1):
    """So many revocations; prints how long the keys went on working."""
    keys, others = world.issue(count), world.issue(OTHERS)
    others_file = f"{world.folder}/keys"
    with open(others_file, "w") as file:
        file.write("\n".join(others) + "\n")
    servers = [world.serve(**FREELY) for _ in range(server_count)]
    delays = []
    # A load in bounded pieces, with as many keys revoked as fit in each.
    while keys:
        loads = [wrk.start(f"{server.url}/credentials", 10, others_file, connections=OTHERS // server_count)
                 for server in servers]
        while keys and loads[0].poll() is None:
            key = keys.pop()
            last = asyncio.run(revoke(world, servers, key))
            revoked, = world.query(
                f"SELECT occurred_at FROM records WHERE kind = 'key_revoked' AND key_id = '{key[7:19]}'")[0]
            delays.append(max(0, last - revoked / 1000))
        for load in loads:
            if load.poll() is None:
                load.terminate()
            load.wait(30)
    for server in servers:
        server.stop()
    world.verify()
    late, = world.query("SELECT count(*) FROM records v JOIN records r ON r.key_id = v.key_id AND "
                        "r.kind = 'key_revoked' AND v.kind = 'vend' AND v.sequence > r.sequence")[0]
    if late:
        sys.exit(f"error: {late} vends stand after their key's revocation in the record")
    p99 = percentile(delays, 0.99)
    name = "credentials" if server_count == 1 else f"of {server_count} servers'"
    row(f"revoked to the last {name}, p99", f"{p99:.3f} s", "", "", verdict(p99 < AIM, f"under {AIM:.0f} s"))
    spread = ", ".join(f"{name} {percentile(delays, share):.3f}"
                       for name, share in [("least", 0), ("p25", 0.25), ("median", 0.5), ("p75", 0.75), ("p90", 0.9),
                                           ("most", 1)])
    print(f"{len(delays)} revocations under load, in s: {spread}; no vend after its key's revocation on record")


if __name__ == "__main__":
    measure(World(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100)
