"""The records' hash chain, recomputed from its description in the source and with nothing of ours.

usage: chain.py DATABASE      prints "RECORDS HASH"; fails at the first record that doesn't fit

DATABASE is a file of SQLite, or an address postgres://… that psql takes.
"""

import glob
import hashlib
import json
import re
import sqlite3
import struct
import subprocess
import sys

FIELDS = ["kind", "occurred_at", "researcher", "key_id", "address", "access_key_id", "expires_at", "request_id"]
REASONED = ["reason", "actor", "detail"]
START = (0, bytes(32))


class Broken(Exception):
    """The chain doesn't hold."""


def encoded(value):
    if value is None:
        return b"\xff\xff\xff\xff"
    data = struct.pack(">q", value) if isinstance(value, int) else value.encode()
    return struct.pack(">I", len(data)) + data


def verify(database, since=START):
    """Goes on from the record `since`; returns the last record's number and hash."""
    number, head = since
    names = ["sequence"] + FIELDS + REASONED
    rows = database.execute(f"SELECT format, hash, {', '.join(names)} FROM records WHERE sequence > ? "
                            "ORDER BY sequence", [number])
    for form, stored, *values in rows:
        number += 1
        if values[0] != number:
            raise Broken(f"record {number} is missing")
        if form == 1:
            values = values[:-len(REASONED)]
        elif form != 2:
            raise Broken(f"record {number} has format {form}")
        head = hashlib.sha256(bytes([form]) + head + b"".join(map(encoded, values))).digest()
        if head != stored:
            raise Broken(f"record {number} doesn't fit")
    return number, head


class Postgres:
    """A database on a PostgreSQL server, read by psql."""

    def __init__(self, address):
        installed = sorted(glob.glob("/usr/lib/postgresql/*/bin/psql"))
        self.command = [installed[-1] if installed else "psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1",
                        "-v", "FETCH_COUNT=10000", "-d", address]

    def execute(self, sql, values=()):
        for value in values:
            sql = sql.replace("?", str(int(value)), 1)
        columns, rest = re.match(r"SELECT (.*?) FROM (.*)", sql, re.DOTALL).groups()
        fields = ", ".join(f"encode({name}, 'hex')" if name == "hash" else name for name in columns.split(", "))
        query = f"SELECT json_build_array({fields}) FROM bursar.{rest}"
        place = columns.split(", ").index("hash") if "hash" in columns.split(", ") else None
        with subprocess.Popen([*self.command, "-c", query], stdout=subprocess.PIPE, encoding="utf-8") as psql:
            for line in psql.stdout:
                row = json.loads(line)
                if place is not None:
                    row[place] = bytes.fromhex(row[place])
                yield row
        if psql.returncode != 0:
            raise Broken("psql fails")


def opened(path):
    """The database, only to be read; a server that has it open is not disturbed."""
    if path.startswith(("postgres://", "postgresql://")):
        return Postgres(path)
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=600)


if __name__ == "__main__":
    try:
        found = opened(sys.argv[1])
        # The records that are left begin after the pruned ones.
        last, hash_of_last = verify(found, next(iter(found.execute("SELECT sequence, hash FROM pruned"))))
    except Broken as broken:
        sys.exit(f"error: {broken}")
    print(last, hash_of_last.hex())
