"""A client that speaks bytes: raw_client.py PORT send|drip|stall|full|crowd [NUMBER], what to send on stdin.

Prints what came back, or for all but send a line of JSON.
"""

import json
import resource
import socket
import sys
import time


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def read_all(connection, patience=20.0):
    """What comes until the other side closes, or nothing comes for so long."""
    connection.settimeout(patience)
    data = b""
    try:
        while chunk := connection.recv(65536):
            data += chunk
    except (TimeoutError, ConnectionResetError):
        pass
    return data


def send(port, _):
    connection = connect(port)
    try:
        connection.sendall(sys.stdin.buffer.read())
    except (BrokenPipeError, ConnectionResetError):
        pass
    sys.stdout.buffer.write(read_all(connection, 20))


def drip(port, _):
    """A byte at a time, for ever; how long the other side puts up with it."""
    connection, start, sent = connect(port), time.monotonic(), 0
    connection.settimeout(0.05)
    for byte in sys.stdin.buffer.read():
        try:
            connection.send(bytes([byte]))
            sent += 1
            if connection.recv(1) == b"":
                break
        except TimeoutError:
            pass
        except (BrokenPipeError, ConnectionResetError):
            break
    print(json.dumps({"seconds": time.monotonic() - start, "sent": sent}))


def stall(port, _):
    """Asks again and again and never reads, until the other side closes; fails when it doesn't for a minute."""
    connection, start = connect(port), time.monotonic()
    connection.settimeout(60)
    request = sys.stdin.buffer.read()
    try:
        while time.monotonic() - start < 60:
            connection.sendall(request)
    except (BrokenPipeError, ConnectionResetError):
        print("closed")


def full(port, number):
    """So many idle connections, then one more that asks: before and after one of them ends."""
    idle = [connect(port) for _ in range(number)]
    time.sleep(0.2)
    late = connect(port)
    late.sendall(sys.stdin.buffer.read())
    before = len(read_all(late, 0.5))
    idle.pop().close()
    after = len(read_all(late, 30))
    print(json.dumps({"before": before, "after": after}))


def crowd(port, number):
    """So many idle connections held, while one asks; how many are still open then, by asking on each hundredth."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    idle = [connect(port) for _ in range(number)]
    request = sys.stdin.buffer.read()
    answered = 0
    for connection in idle[::100]:
        connection.sendall(request)
        answered += read_all(connection, 10).startswith(b"HTTP/1.1 200")
    print(json.dumps({"held": len(idle), "answered": answered}))


def main():
    number = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    {"send": send, "drip": drip, "stall": stall, "full": full, "crowd": crowd}[sys.argv[2]](int(sys.argv[1]), number)


main()
