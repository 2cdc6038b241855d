"""A client that speaks bytes: raw_client.py PORT MODE [NUMBER [PID]], what to send on stdin.

Prints what came back, or for all but send a line of JSON.
"""

import json
import os
import resource
import select
import selectors
import socket
import ssl
import sys
import time

# Seconds that a client waits for the server: a safety net, longer than any test lasts.
PATIENCE = 600


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def read_all(connection):
    """What comes until the other side closes."""
    data = b""
    try:
        while chunk := connection.recv(65536):
            data += chunk
    except ConnectionResetError:
        pass
    return data


def send(port, _):
    connection = connect(port)
    try:
        connection.sendall(sys.stdin.buffer.read())
    except (BrokenPipeError, ConnectionResetError):
        pass
    sys.stdout.buffer.write(read_all(connection))


def half(port, _):
    """As send, and says at once that nothing more comes."""
    connection = connect(port)
    connection.sendall(sys.stdin.buffer.read())
    connection.shutdown(socket.SHUT_WR)
    sys.stdout.buffer.write(read_all(connection))


def silent(port, _):
    """Sends what there is, at once, then nothing; what came until the other side closed, and whether it did."""
    request = sys.stdin.buffer.read()
    connection = connect(port)
    connection.sendall(request)
    data, closed = b"", True
    try:
        while chunk := connection.recv(65536):
            data += chunk
    except TimeoutError:
        closed = False
    except ConnectionResetError:
        pass
    print(json.dumps({"closed": closed, "answers": data.count(b"HTTP/1.1 ")}))


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
    """Asks again and again and never reads, until the other side closes."""
    connection = connect(port)
    request = sys.stdin.buffer.read()
    try:
        while True:
            connection.sendall(request)
    except (BrokenPipeError, ConnectionResetError):
        print("closed")


def ask(connection, request):
    """Sends a request and reads its response, which is JSON; returns nothing when the other side has closed."""
    data = b""
    try:
        connection.sendall(request)
        while b"}" not in data:
            chunk = connection.recv(65536)
            if not chunk:
                return b""
            data += chunk
    except (BrokenPipeError, ConnectionResetError):
        return b""
    return data


def asked(port, request):
    """A connection that has had an answer, and stays."""
    connection = connect(port)
    if not ask(connection, request.replace(b"Connection: close\r\n", b"")):
        raise SystemExit("closed without an answer")
    return connection


def full(port, number):
    """So many idle connections, of which the first asks again, then one more that asks: which of them are closed."""
    request = sys.stdin.buffer.read()
    idle = [asked(port, request) for _ in range(number)]
    ask(idle[0], request.replace(b"Connection: close\r\n", b""))
    late = connect(port)
    late.sendall(request)
    answered = read_all(late).startswith(b"HTTP/1.1 200")
    # The end of the one that makes room arrives by itself; those that are held answer again.
    select.select(idle, [], [], PATIENCE)
    closed = [index for index, connection in enumerate(idle) if not ask(connection, request)]
    print(json.dumps({"answered": answered, "closed": closed}))


def flood(port, number):
    """So many connections that each send 2,000 requests in one go, then one that sends one: the answers of the others
    that came before its own, and in all."""
    request = sys.stdin.buffer.read()
    burst = request.replace(b"Connection: close\r\n", b"") * 2000
    count = {"before": 0, "all": 0}
    poll = selectors.DefaultSelector()
    for _ in range(number):
        connection = connect(port)
        connection.setblocking(False)
        sent = 0
        try:
            sent = connection.send(burst)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert sent > 5000, sent
        poll.register(connection, selectors.EVENT_READ)
    honest = connect(port)
    honest.sendall(request)
    poll.register(honest, selectors.EVENT_READ)
    answer = b""
    while poll.get_map():
        events = poll.select(PATIENCE)
        if not events:
            break
        # The honest one's answer counts as last of those that are here together.
        for key, _ in sorted(events, key=lambda event: event[0].fileobj is honest):
            try:
                data = key.fileobj.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                poll.unregister(key.fileobj)
            if key.fileobj is honest:
                answer += data
                count["before"] = count["before"] or count["all"]
            else:
                count["all"] += data.count(b"HTTP/1.1 ")
    print(json.dumps(count | {"honest": int(answer[9:12])}))


def crowd(port, number):
    """So many connections held that have asked once; how many are open then, by asking on each tenth."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    request = sys.stdin.buffer.read()
    idle = [asked(port, request) for _ in range(number)]
    answered = 0
    for connection in idle[::10]:
        connection.sendall(request)
        answered += read_all(connection).startswith(b"HTTP/1.1 200")
    print(json.dumps({"held": len(idle), "answered": answered}))


def secure(port):
    """A connection in TLS, which says nothing of the other side's end unless it is read."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    # Some Pythons pass over it by themselves: OP_IGNORE_UNEXPECTED_EOF, which has a name from 3.12 on.
    context.options &= ~0x80
    return context.wrap_socket(connect(port), suppress_ragged_eofs=False)


def end(connection):
    """How the other side ends a connection: "tls", as TLS does first, or "socket", at once."""
    try:
        while connection.recv(65536):
            pass
        return "tls"
    except (ssl.SSLError, ConnectionResetError) as error:
        # Debian's Python has no SSLEOFError for it.
        if isinstance(error, ssl.SSLError) and "EOF" not in str(error):
            raise
        return "socket"


def mute(port, number):
    """So many connections in TLS, one after the other, that ask once and never answer the end of TLS; how many files
    the server has open more than with the first of them, at most, and how the first one ended."""
    request = sys.stdin.buffer.read()
    held, files = [], []
    for _ in range(number):
        connection = secure(port)
        connection.sendall(request)
        data = b""
        while b"}" not in data:
            data += connection.recv(65536)
        held.append(connection)
        files.append(len(os.listdir(f"/proc/{sys.argv[4]}/fd")))
    print(json.dumps({"more": max(files) - files[0], "end": end(held[0])}))


def unasking(port, _):
    """A connection in TLS that never asks; how it ended, or "greeting" when it ended before there was TLS."""
    try:
        connection = secure(port)
    except (ssl.SSLError, ConnectionResetError):
        print("greeting")
    else:
        print(end(connection))


def main():
    number = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    modes = (send, half, silent, drip, stall, full, crowd, flood, mute, unasking)
    {mode.__name__: mode for mode in modes}[sys.argv[2]](int(sys.argv[1]), number)


main()
