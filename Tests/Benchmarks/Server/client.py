"""HTTP over one connection, quick enough to be no bottleneck of a test; and a crowd of such clients.

usage: client.py URL KEYS_FILE COUNT [PATH]
So many requests at once, keys in turn, for /credentials or another path; prints how many answers of each kind.
"""

import asyncio
import collections
import itertools
import json
import sys
import time


class Connection(asyncio.Protocol):
    """One request at a time; each request and answer is whole or an error."""

    def __init__(self):
        self.buffer = bytearray()
        self.answer = None
        self.lost = False

    @classmethod
    async def to(cls, port):
        _, connection = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return connection

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.buffer += data
        head_end = self.buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = bytes(self.buffer[:head_end]).lower()
        start = head.find(b"content-length:")
        length = int(head[start + 15:].split(b"\r\n", 1)[0]) if start >= 0 else 0
        end = head_end + 4 + length
        if len(self.buffer) < end:
            return
        body = bytes(self.buffer[head_end + 4:end])
        del self.buffer[:end]
        if self.answer and not self.answer.done():
            self.answer.set_result((int(head[9:12]), body, head))

    def connection_lost(self, error):
        self.lost = True
        if self.answer and not self.answer.done():
            self.answer.set_exception(ConnectionResetError("the connection ended"))

    async def get(self, path, key=None, address=None):
        """Status, body and head; `address` is what a trusted proxy would say."""
        if self.lost:
            raise ConnectionResetError("the connection ended")
        self.answer = asyncio.get_running_loop().create_future()
        lines = [f"GET {path} HTTP/1.1", "Host: x"]
        if key:
            lines.append(f"X-Api-Key: {key}")
        if address:
            lines.append(f"X-Forwarded-For: {address}")
        self.transport.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        return await self.answer

    def close(self):
        self.transport.close()


def addresses():
    """Each once: a request is known by its own."""
    return (f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in itertools.count(1))


def outcome(status, body):
    """Its status, and the error's code."""
    return str(status) if status == 200 else f"{status} {json.loads(body)['error']}"


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


async def crowd(port, keys, count, path):
    connections = await asyncio.gather(*[Connection.to(port) for _ in range(count)])

    async def ask(number, connection):
        start = time.monotonic()
        status, body, head = await connection.get(path, keys[number % len(keys)])
        return outcome(status, body), time.monotonic() - start, b"\r\nretry-after:" in head

    answers = await asyncio.gather(*[ask(*one) for one in enumerate(connections)])
    for connection in connections:
        connection.close()
    return answers


def main():
    url, keys_file, count = sys.argv[1:4]
    path = sys.argv[4] if len(sys.argv) > 4 else "/credentials"
    with open(keys_file) as keys:
        answers = asyncio.run(asyncio.wait_for(
            crowd(int(url.rsplit(":", 1)[1]), keys.read().split(), int(count), path), 60))
    print(json.dumps({
        "outcomes": collections.Counter(kind for kind, _, _ in answers),
        "slowest": max(time for _, time, _ in answers),
        "fastest": min(time for _, time, _ in answers),
        "retryAfter": sum(says for _, _, says in answers),
    }))


if __name__ == "__main__":
    main()
