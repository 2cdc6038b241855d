"""Holds thousands of connections that have asked once and some that send a byte at a time, while vends go on.

None of the idle ones is dropped, each of the slow ones is cut off, and every vend meanwhile is answered.

usage: idle.py PROGRAMS [CONNECTIONS]
"""

import asyncio
import resource
import sys
import time

from client import Connection, percentile
from world import FREELY, PROXIED, World, report

DRIPS = 20
# A request's time, 10 s, and some for a busy machine.
PATIENCE = 300
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: " + b"a" * 4096


async def drip(port):
    """How long the server puts up with a byte every 50 ms."""
    connection, start = await Connection.to(port), time.monotonic()
    for byte in REQUEST:
        if connection.lost:
            return time.monotonic() - start
        connection.transport.write(bytes([byte]))
        await asyncio.sleep(0.05)
        if time.monotonic() - start > PATIENCE:
            sys.exit(f"error: a slow client was put up with for {PATIENCE} s")


async def vends(port, key, is_over):
    times, connection = [], await Connection.to(port)
    while not is_over.is_set():
        start = time.monotonic()
        status, body, _ = await connection.get("/credentials", key, "192.0.2.1")
        if status != 200:
            sys.exit(f"error: a vend was answered with {status}: {body}")
        times.append(time.monotonic() - start)
        await asyncio.sleep(0.01)
    return times


async def asked(port):
    """A connection that has had an answer: one that never asks is closed after 10 s."""
    connection = await Connection.to(port)
    status, _, _ = await connection.get("/healthz")
    if status != 200:
        sys.exit(f"error: a new connection was answered with {status}")
    return connection


async def hold(server, key, count):
    is_over = asyncio.Event()
    vending = asyncio.create_task(vends(server.port, key, is_over))
    idle = []
    while len(idle) < count:
        idle += await asyncio.gather(*[asked(server.port) for _ in range(min(100, count - len(idle)))])
    memory = server.metric("process_resident_memory_bytes")
    cut = await asyncio.gather(*[drip(server.port) for _ in range(DRIPS)])
    lost = sum(connection.lost for connection in idle)
    if lost:
        sys.exit(f"error: {lost} of {count} idle connections were dropped")
    for connection in idle[::max(1, count // 100)]:
        status, _, _ = await connection.get("/healthz")
        if status != 200:
            sys.exit(f"error: an idle connection was answered with {status}")
    is_over.set()
    times = await vending
    report(held=count, slowCutOff=len(cut), slowest=round(max(cut), 1), vends=len(times),
           vendP99=round(percentile(times, 0.99) * 1000, 1), memoryMiB=round(memory / 1048576, 1))


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count + 512:
        return report(skipped=f"only {hard} files may be open")
    resource.setrlimit(resource.RLIMIT_NOFILE, (count + 512 if hard == resource.RLIM_INFINITY else hard, hard))
    world = World(sys.argv[1])
    key, = world.issue(1)
    # As a proxy, which has no share of the connections.
    server = world.serve(**FREELY, **PROXIED, BURSAR_HTTP_CONNECTIONS="20000")
    asyncio.run(asyncio.wait_for(hold(server, key, count), 600))
    server.stop()
    world.verify()


main()
