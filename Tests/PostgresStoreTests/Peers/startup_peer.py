"""Answers the start of PostgreSQL's protocol, with the parameters that are its arguments (NAME=VALUE).

With version=TEXT among them it also answers each query with that one text, as `SELECT version()` is; else with nothing.
"""
import socket
import struct
import sys


def message(kind: bytes, body: bytes = b"") -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


def receive(client: socket.socket) -> bytes:
    """Returns the kind of the next message, whose body is passed over; nothing at the end."""
    kind = client.recv(1)
    if kind:
        (length,) = struct.unpack("!I", client.recv(4, socket.MSG_WAITALL))
        if length > 4:
            client.recv(length - 4, socket.MSG_WAITALL)
    return kind


def row(text: str) -> bytes:
    column = b"value\0" + struct.pack("!IhIhih", 0, 0, 25, -1, -1, 1)
    value = struct.pack("!hI", 1, len(text)) + text.encode()
    return (
        message(b"1") + message(b"2") + message(b"T", struct.pack("!h", 1) + column) + message(b"D", value)
        + message(b"C", b"SELECT 1\0")
    )


def serve(client: socket.socket, parameters: dict[str, str]) -> None:
    version = parameters.get("version")
    (length,) = struct.unpack("!I", client.recv(4, socket.MSG_WAITALL))
    client.recv(length - 4, socket.MSG_WAITALL)
    answer = message(b"R", struct.pack("!I", 0))
    for name, value in parameters.items():
        if name != "version":
            answer += message(b"S", name.encode() + b"\0" + value.encode() + b"\0")
    client.sendall(answer + message(b"K", struct.pack("!II", 1, 1)) + message(b"Z", b"I"))
    while kind := receive(client):
        if version and kind == b"E":
            client.sendall(row(version))
        if version and kind == b"S":
            client.sendall(message(b"Z", b"I"))


def main() -> None:
    parameters = dict(argument.split("=", 1) for argument in sys.argv[1:])
    listener = socket.create_server(("127.0.0.1", 0))
    print("listening", listener.getsockname()[1], flush=True)
    while True:
        client, _ = listener.accept()
        with client:
            serve(client, parameters)


main()
