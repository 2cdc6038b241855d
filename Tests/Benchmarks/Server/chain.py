"""The records' hash chain, recomputed from its description in the source and with nothing of ours.

usage: chain.py DATABASE      prints "RECORDS HASH"; fails at the first record that doesn't fit
"""

import hashlib
import sqlite3
import struct
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


def opened(path):
    """The database, only to be read; a server that has it open is not disturbed."""
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=600)


if __name__ == "__main__":
    try:
        last, hash_of_last = verify(opened(sys.argv[1]))
    except Broken as broken:
        sys.exit(f"error: {broken}")
    print(last, hash_of_last.hex())
