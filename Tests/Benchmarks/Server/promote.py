"""Kills the primary under load and promotes its synchronous standby, again and again, under servers that go on: every
vend that a client got has its record on the new primary, and the chain holds.

usage: promote.py PROGRAMS [ROUNDS] [VENDS A ROUND]
"""

import sys
import time

from postgres import Fleet, Load, lost
from world import report


def say(*columns):
    print(" ".join(f"{column:>13}" for column in columns), file=sys.stderr, flush=True)


def main():
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    vends = int(sys.argv[3]) if len(sys.argv) > 3 else 250
    fleet = Fleet(sys.argv[1])
    say("round", "acknowledged", "recorded", "lost", "refused", "promoted in s", "outage in s", "timeline")
    missing, longest, last = 0, 0, (0, bytes(32))
    with Load(fleet) as load:
        for number in range(1, rounds + 1):
            refused, before = sum(load.others.values()), len(load.received)
            load.wait_for(vends // 2)
            start = time.monotonic()
            fleet.fail_over()
            promoted = time.monotonic() - start
            outage = promoted + load.wait_for_each(start + promoted)
            load.wait_for(max(vends - (len(load.received) - before), 1))
            acknowledged = set(load.received)
            gone = lost(fleet, acknowledged)
            last = fleet.verify(since=last)
            timeline = fleet.primary.sql("SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)")
            missing, longest = missing + gone, max(longest, outage)
            say(number, len(acknowledged), len(fleet.recorded()), gone, sum(load.others.values()) - refused,
                f"{promoted:.2f}", f"{outage:.2f}", int(timeline, 16))
            fleet.stand_by()
    kinds = {kind for kind in load.others if not kind.startswith("503 ")}
    if missing or kinds or any(server.process.poll() is not None for server in fleet.servers):
        sys.exit(f"error: {missing} acknowledged vends were lost; answers besides credentials: {dict(load.others)}")
    fleet.verify()
    report(rounds=rounds, acknowledged=len(load.received), lost=missing, longestOutage=round(longest, 2))


main()
