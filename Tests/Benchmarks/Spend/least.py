"""The least that a program in Python does with an invocation log: json and sqlite3, a record counted once, sums by day.

No line is checked, no session looked up, and the names of sessions are taken for researchers'.

usage: least.py LOG DATABASE
"""

import calendar
import hashlib
import json
import sqlite3
import sys
import time

BATCH = 4096


def main():
    database = sqlite3.connect(sys.argv[2], isolation_level=None)
    database.executescript(
        "PRAGMA journal_mode = WAL;"
        "CREATE TABLE calls (hour INTEGER, digest BLOB, PRIMARY KEY (hour, digest)) WITHOUT ROWID;"
        "CREATE TABLE daily (day INTEGER, owner TEXT, region TEXT, model TEXT, calls INTEGER, input INTEGER,"
        " output INTEGER, cache_read INTEGER, cache_write INTEGER, PRIMARY KEY (day, owner, region, model)) WITHOUT ROWID;"
    )
    days = {}

    def store(batch):
        database.execute("BEGIN IMMEDIATE")
        sums = {}
        for key, place, tokens in batch:
            if database.execute("INSERT OR IGNORE INTO calls VALUES (?, ?)", key).rowcount == 0:
                continue
            row = sums.setdefault(place, [0, 0, 0, 0, 0])
            row[0] += 1
            for number, count in enumerate(tokens, 1):
                row[number] += count
        database.executemany(
            "INSERT INTO daily VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET calls = calls + excluded.calls,"
            " input = input + excluded.input, output = output + excluded.output,"
            " cache_read = cache_read + excluded.cache_read, cache_write = cache_write + excluded.cache_write",
            ((*place, *row) for place, row in sums.items()))
        database.execute("COMMIT")

    batch = []
    with open(sys.argv[1]) as log:
        for line in log:
            record = json.loads(line)
            moment = record["timestamp"]
            # The day is parsed once: strptime for each record would be half of all.
            day = days.get(moment[:10])
            if day is None:
                day = days[moment[:10]] = calendar.timegm(time.strptime(moment[:10], "%Y-%m-%d")) // 86400
            region, taken, given = record["region"], record["input"], record["output"]
            digest = hashlib.sha256(f"{record['accountId']}\0{region}\0{record['requestId']}".encode()).digest()[:16]
            batch.append((
                (day * 24 + int(moment[11:13]), digest),
                (day, record["identity"]["arn"].rpartition("/")[2], region, record["modelId"]),
                (taken.get("inputTokenCount", 0), given.get("outputTokenCount", 0),
                 taken.get("cacheReadInputTokenCount", 0), taken.get("cacheWriteInputTokenCount", 0))))
            if len(batch) == BATCH:
                store(batch)
                batch = []
    store(batch)
    print(database.execute("SELECT sum(calls) FROM daily").fetchone()[0])


main()
