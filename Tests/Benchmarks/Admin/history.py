"""Fills an empty database, made by `admin database init`, with the years of use that a bench or a test needs.

usage: history.py DATABASE [--vends N] [--researchers N] [--keys N] [--days N] [--until YYYY-MM-DDTHH:MM:SSZ] [--seed N]

Everything in it follows from the arguments. The chain is real (format 2), and the roll-ups say what the records say.
Which keys are used on which day doesn't depend on the number of vends, so that two databases differ in that alone.
Nothing is journalled: a run that is stopped leaves a file to be thrown away.
"""

import argparse
import datetime
import hashlib
import os
import random
import sqlite3
import struct
import sys
import time

import people

SECOND = 1000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
ABSENT = b"\xff\xff\xff\xff"
NETWORKS = 50
ACTOR = "operator@bursar"
INSERT = ("INSERT INTO records (sequence, kind, occurred_at, researcher, key_id, address, access_key_id, expires_at,"
          " request_id, format, reason, actor, detail, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 2, ?, ?, ?, ?)")


def field(text):
    """A text as the chain hashes it."""
    if text is None:
        return ABSENT
    text = text.encode()
    return struct.pack(">I", len(text)) + text


def number(value):
    return ABSENT if value is None else struct.pack(">Iq", 8, value)


class Records:
    """The chain, written in slices."""

    def __init__(self, database):
        self.database = database
        self.sequence = 0
        self.head = bytes(32)
        self.rows = []
        self.vend_kind = field("vend")

    def act(self, at, kind, researcher, key=None, expires=None):
        self.append(kind, at, researcher, key, expires=expires, actor=ACTOR)

    def append(self, kind, at, researcher, key=None, address=None, access_key=None, expires=None, request=None,
               reason=None, actor=None, detail=None):
        self.sequence += 1
        parts = (b"\x02", self.head, number(self.sequence), field(kind), number(at), field(researcher), field(key),
                 field(address), field(access_key), number(expires), field(request), field(reason), field(actor),
                 field(detail))
        self.head = hashlib.sha256(b"".join(parts)).digest()
        self.rows.append((self.sequence, kind, at, researcher, key, address, access_key, expires, request, reason,
                          actor, detail, self.head))

    def vend(self, at, key, place, request, token):
        """The same for a vend, of which there are millions: what doesn't change was encoded before."""
        self.sequence = sequence = self.sequence + 1
        detail = "token us-east-1" if token else None
        self.head = head = hashlib.sha256(b"".join((
            b"\x02", self.head, struct.pack(">Iq", 8, sequence), self.vend_kind, struct.pack(">Iq", 8, at), key.encoded,
            place.encoded, key.access_key_encoded, struct.pack(">I", len(request)), request.encode(), ABSENT, ABSENT,
            field(detail)))).digest()
        self.rows.append((sequence, "vend", at, key.handle, key.id, place.address, key.access_key, key.session_end,
                          request, None, None, detail, head))
        if len(self.rows) >= 20_000:
            self.flush()

    def flush(self):
        self.database.executemany(INSERT, self.rows)
        self.rows = []


class Rollups:
    """One day's counts, in the order in which the writer would have made them."""

    def __init__(self, database):
        self.database = database
        self.keys = {}
        self.start(0)

    def start(self, day):
        self.day = day
        self.outcomes = {}
        self.places = {}
        self.networks = {}

    def vend(self, at, key, place, sequence):
        self.count(key.id, "vended", at)
        known = self.networks.setdefault(key.id, set())
        network = place.network
        if network not in known:
            if len(known) < NETWORKS:
                known.add(network)
            else:
                # The rest aren't told apart.
                network = "other"
        counted = self.places.setdefault((key.id, network), [0, 0])
        counted[0] += 1
        counted[1] = at
        use = self.keys.setdefault(key.id, [0, at, 0, 0, 0])
        use[0] += 1
        use[2], use[3], use[4] = at, sequence, max(use[4], key.session_end)

    def count(self, key, outcome, at, count=1):
        counted = self.outcomes.setdefault((key, outcome), [0, 0])
        counted[0] += count
        counted[1] = max(counted[1], at)

    def write(self):
        insert = self.database.executemany
        insert("INSERT INTO usage_daily VALUES (?, ?, ?, ?, ?)",
               ((self.day, *name, *counted) for name, counted in sorted(self.outcomes.items())))
        insert("INSERT INTO usage_networks VALUES (?, ?, ?, ?, ?)",
               ((self.day, *name, *counted) for name, counted in sorted(self.places.items())))

    def finish(self, month):
        """What follows from the days; `month` is the one that isn't over."""
        self.database.executemany("INSERT INTO usage_keys VALUES (?, ?, ?, ?, ?, ?)",
                                  ((key, *use) for key, use in sorted(self.keys.items())))
        self.database.execute("INSERT INTO usage_totals SELECT day, outcome, sum(count), max(last_at)"
                              " FROM usage_daily GROUP BY day, outcome")
        number = ("(strftime('%Y', day * 86400, 'unixepoch') * 12"
                  " + strftime('%m', day * 86400, 'unixepoch') - 1)")
        for sums, days, column in (("usage_monthly", "usage_daily", "outcome"),
                                   ("usage_networks_monthly", "usage_networks", "network")):
            self.database.execute(f"INSERT INTO {sums} SELECT {number} AS month, key_id, {column}, sum(count),"
                                  f" max(last_at) FROM {days} WHERE {number} < ? GROUP BY month, key_id, {column}",
                                  (month,))


class History:
    def __init__(self, database, options, chance):
        self.options = options
        self.chance = chance
        self.records = Records(database)
        self.rollups = Rollups(database)
        self.until = int(options.until.timestamp() * SECOND)
        self.today = self.until // DAY
        self.first = self.today - options.days + 1
        self.keys = people.fill(database, chance, options, self.first * DAY, self.until)
        self.acts = sorted(act for person in self.keys.people for act in person.acts)
        self.act = 0

    def write(self):
        shares = [self.share(day) for day in range(self.first, self.today + 1)]
        whole = sum(shares)
        done, passed = 0, 0.0
        for day, share in zip(range(self.first, self.today + 1), shares):
            passed += share
            due = round(self.options.vends * passed / whole)
            done += self.write_day(day, due - done)
        self.act_until(self.until)
        self.records.flush()
        date = self.options.until
        self.rollups.finish(date.year * 12 + date.month - 1)

    def share(self, day):
        """How busy a day is: half as busy at weekends, more from year to year, and today isn't over."""
        weekend = (day + 3) % 7 >= 5
        growth = 1 + (day - self.first) / 400
        part = (self.until - day * DAY) / DAY if day == self.today else 1
        return growth * (0.4 if weekend else 1) * part

    def write_day(self, day, vends):
        """So many vends, if there is anybody to take them; returns how many there were."""
        chance, records, rollups = self.chance, self.records, self.rollups
        start, end = day * DAY, min((day + 1) * DAY, self.until)
        rollups.start(day)
        at_work = 0.4 if (day + 3) % 7 >= 5 else 1
        # Decided before the first vend, and by chance of its own: the same keys whatever the number of vends.
        own = random.Random(f"{self.options.seed} {day}")
        active = [key for key in self.keys.alive(day) if own.random() < key.habit * at_work]
        own.shuffle(active)
        takers = []
        if active and vends:
            takers = active[:vends]
            takers += chance.choices(active, weights=[key.weight for key in active], k=vends - len(takers))
            chance.shuffle(takers)
        refusals = set(chance.sample(range(len(takers)), len(takers) // 200))
        span = end - start
        times = sorted([start + int(chance.random() * span) for _ in takers])
        random_number, bits = chance.random, chance.getrandbits
        for index, (at, key) in enumerate(zip(times, takers)):
            self.act_until(at)
            place = key.places[0] if random_number() < 0.7 else chance.choice(key.places)
            if at > key.renewal:
                key.start_session(at, bits(80))
            records.vend(at, key, place, "%x" % bits(64), random_number() < 0.1)
            rollups.vend(at, key, place, records.sequence)
            if index in refusals:
                self.refuse(at, key)
        if takers:
            # Keys that nobody knows are counted, not recorded.
            rollups.count("", "key_invalid", times[-1], 1 + bits(4))
        self.act_until(end)
        rollups.write()
        return len(takers)

    def refuse(self, at, key):
        reason = self.chance.choice(("address_refused", "quota_exhausted", "rate_limited"))
        self.records.append("refusal", at, key.handle, key.id, key.places[-1].address,
                            request="%x" % self.chance.getrandbits(64), reason=reason)
        self.rollups.count(key.id, reason, at)

    def act_until(self, at):
        """The operators' records that are due."""
        while self.act < len(self.acts) and self.acts[self.act][0] <= at:
            when, _, kind, handle, key, expires = self.acts[self.act]
            self.records.act(when, kind, handle, key, expires)
            self.act += 1


def without_triggers(database, table):
    """Takes away the triggers of a table; returns what makes them again, word for word."""
    triggers = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?",
                                (table,)).fetchall()
    for name, _ in triggers:
        database.execute(f"DROP TRIGGER {name}")
    return [sql for _, sql in triggers]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("database")
    parser.add_argument("--vends", type=int, default=1_000_000)
    parser.add_argument("--researchers", type=int, default=2000)
    parser.add_argument("--keys", type=int, default=5000)
    parser.add_argument("--days", type=int, default=400)
    parser.add_argument("--until", type=lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00")),
                        default=datetime.datetime.now(datetime.timezone.utc))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.researchers < 1 or options.keys < options.researchers or options.days < 1 or options.vends < 0:
        sys.exit("error: at least a researcher, a key for each, and a day")
    if not os.path.exists(options.database):
        sys.exit(f"error: there is no database at {options.database}: admin database init makes one")
    begin = time.monotonic()
    database = sqlite3.connect(options.database, isolation_level=None)
    if database.execute("SELECT EXISTS (SELECT 1 FROM records) OR EXISTS (SELECT 1 FROM researchers)").fetchone()[0]:
        sys.exit(f"error: {options.database} isn't empty")
    for pragma in ("journal_mode = DELETE", "journal_mode = OFF", "locking_mode = EXCLUSIVE", "synchronous = OFF",
                   "cache_size = -200000", "temp_store = MEMORY"):
        database.execute(f"PRAGMA {pragma}").fetchall()
    database.execute("BEGIN")
    triggers = without_triggers(database, "records")
    history = History(database, options, random.Random(options.seed))
    history.write()
    for sql in triggers:
        database.execute(sql)
    database.execute("COMMIT")
    for pragma in ("locking_mode = NORMAL", "journal_mode = WAL"):
        database.execute(f"PRAGMA {pragma}").fetchall()
    database.execute("SELECT 1 FROM revision").fetchall()
    database.close()
    size = os.path.getsize(options.database) / (1 << 20)
    print(f"{history.records.sequence} records, {size:.0f} MiB, {time.monotonic() - begin:.0f} s,"
          f" head {history.records.head.hex()}")


main()
