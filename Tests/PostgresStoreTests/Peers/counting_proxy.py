"""Passes PostgreSQL's protocol on to a server, and prints the statements of each round trip in one line.

usage: counting_proxy.py PORT [STATEMENT]
The first round trip with STATEMENT among its own is the last: the server carries it out, and the connection ends
without its answer.
"""
import socket
import struct
import sys
import threading


def read(source: socket.socket, length: int) -> bytes:
    data = source.recv(length, socket.MSG_WAITALL) if length else b""
    if len(data) < length:
        raise ConnectionError
    return data


class Relay:
    """One client's connection."""

    def __init__(self, client: socket.socket, port: int, last: str | None) -> None:
        self.client = client
        self.server = socket.create_connection(("127.0.0.1", port))
        self.last = last
        self.is_mute = False

    def run(self) -> None:
        threading.Thread(target=self.pass_answers, daemon=True).start()
        try:
            self.pass_requests()
        except (ConnectionError, OSError):
            pass
        self.close()

    def pass_requests(self) -> None:
        head = read(self.client, 4)
        self.server.sendall(head + read(self.client, struct.unpack("!I", head)[0] - 4))
        statements: list[str] = []
        while True:
            head = read(self.client, 5)
            kind, length = struct.unpack("!cI", head)
            body = read(self.client, length - 4)
            if kind == b"P":
                statements.append(" ".join(body.split(b"\0")[1].decode().split()))
            if kind == b"S":
                print(" | ".join(statements), flush=True)
                self.is_mute = self.last in statements
                statements = []
            self.server.sendall(head + body)

    def pass_answers(self) -> None:
        try:
            while data := self.server.recv(65536):
                if self.is_mute:
                    break
                self.client.sendall(data)
        except OSError:
            pass
        self.close()

    def close(self) -> None:
        for end in (self.client, self.server):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def main() -> None:
    port, last = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None
    listener = socket.create_server(("127.0.0.1", 0))
    print("listening", listener.getsockname()[1], flush=True)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=Relay(client, port, last).run, daemon=True).start()


main()
