"""Answers the start of PostgreSQL's protocol, with the parameters that are its arguments (NAME=VALUE), and no query."""
import socket
import struct
import sys


def message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    print("listening", listener.getsockname()[1], flush=True)
    while True:
        client, _ = listener.accept()
        with client:
            (length,) = struct.unpack("!I", client.recv(4, socket.MSG_WAITALL))
            client.recv(length - 4, socket.MSG_WAITALL)
            answer = message(b"R", struct.pack("!I", 0))
            for parameter in sys.argv[1:]:
                name, value = parameter.split("=", 1)
                answer += message(b"S", name.encode() + b"\0" + value.encode() + b"\0")
            client.sendall(answer + message(b"K", struct.pack("!II", 1, 1)) + message(b"Z", b"I"))
            while client.recv(4096):
                pass


main()
