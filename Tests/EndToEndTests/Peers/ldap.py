"""An LDAP server that takes RDS's tokens as passwords, as PostgreSQL on RDS does: arguments USER HOST PORT REGION.

It makes the token of the same second with botocore, from the AWS credentials in its environment, and compares.
"""
import datetime
import re
import socket
import sys
from unittest import mock

import botocore.auth
import botocore.session


def element(data: bytes) -> tuple[int, bytes, bytes]:
    """Returns the tag and content of the first BER element, and what follows it."""
    length, start = data[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[2:start], "big")
    return data[0], data[start:start + length], data[start + length:]


def expected(user: str, host: str, port: int, region: str, date: str) -> str:
    moment = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ")
    client = botocore.session.get_session().create_client("rds", region_name=region)
    with mock.patch("botocore.auth.get_current_datetime", lambda *_, **__: moment):
        return client.generate_db_auth_token(host, port, user, region)


def main() -> None:
    user, host, port, region = sys.argv[1:]
    listener = socket.create_server(("127.0.0.1", 0))
    print("listening", listener.getsockname()[1], flush=True)
    while True:
        client, _ = listener.accept()
        with client:
            data = client.recv(65536)
            if not data:
                continue
            _, message, _ = element(data)
            _, number, rest = element(message)
            _, bind, _ = element(rest)
            _, _, rest = element(bind)
            _, name, rest = element(rest)
            _, password, _ = element(rest)
            token = password.decode()
            date = re.search(r"X-Amz-Date=(\w+)", token)
            is_right = date and name.decode() == user and token == expected(user, host, int(port), region, date[1])
            print("token", "right" if is_right else f"wrong: {name!r} {token}", flush=True)
            code = 0 if is_right else 49
            body = bytes([0x02, len(number)]) + number + bytes([0x61, 7, 0x0A, 1, code, 4, 0, 4, 0])
            client.sendall(bytes([0x30, len(body)]) + body)
            client.recv(1024)


main()
