"""Makes servers and their PostgreSQL fail in turn under load: each server vends again by itself, every vend that a
client got has its record, and the chain holds.

usage: faults.py PROGRAMS [ROUNDS] [SECONDS THAT A FAULT LASTS]
"""

import random
import signal
import sys
import time

from postgres import Fleet, Load, lost
from world import FREELY, PROXIED, report

PAUSE = float(sys.argv[3]) if len(sys.argv) > 3 else 3


def kill_server(fleet):
    """a server is killed, and another takes its place"""
    number = random.randrange(len(fleet.servers))
    fleet.servers[number].kill()
    fleet.serve(**FREELY, **PROXIED)
    fleet.servers[number] = fleet.servers.pop()


def freeze_server(fleet):
    """a server is frozen for a while"""
    process = random.choice(fleet.servers).process
    process.send_signal(signal.SIGSTOP)
    time.sleep(PAUSE)
    process.send_signal(signal.SIGCONT)


def crash_primary(fleet):
    """the primary is killed, and starts again"""
    fleet.primary.kill()
    fleet.primary.start()


def freeze_primary(fleet):
    """the primary is frozen for a while"""
    fleet.primary.signal(signal.SIGSTOP)
    time.sleep(PAUSE)
    fleet.primary.signal(signal.SIGCONT)


def end_connections(fleet):
    """all connections are ended"""
    fleet.primary.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'bursar'")


def cancel_statements(fleet):
    """statements are cancelled for a while"""
    end = time.monotonic() + PAUSE
    while time.monotonic() < end:
        fleet.primary.sql("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'bursar'")


def lose_standby(fleet):
    """the standby is away for a while, and waits for it are cancelled"""
    fleet.standby.kill()
    waiting = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    end = time.monotonic() + PAUSE
    while time.monotonic() < end:
        fleet.primary.sql(waiting)
    fleet.standby.start()


def fail_over(fleet):
    """the primary is killed, and the standby promoted"""
    fleet.fail_over()


FAULTS = [kill_server, freeze_server, crash_primary, freeze_primary, end_connections, cancel_statements, lose_standby,
          fail_over]


def say(*columns):
    widths = [58, 7, 13, 9, 6]
    cells = [f"{columns[0]:<{widths[0]}}"] + [f"{cell:>{width}}" for cell, width in zip(columns[1:], widths[1:])]
    print("".join(cells), file=sys.stderr, flush=True)


def main():
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    fleet = Fleet(sys.argv[1])
    worst = {fault: [0, 0.0, 0, 0] for fault in FAULTS}
    last = (0, bytes(32))
    with Load(fleet) as load:
        for number in range(rounds):
            for fault in FAULTS:
                print(f"round {number + 1} of {rounds}: {fault.__doc__}", file=sys.stderr, flush=True)
                load.wait_for(30)
                refused = sum(load.others.values())
                fault(fleet)
                back = load.wait_for_each(time.monotonic())
                if fleet.standby is None:
                    fleet.stand_by()
                load.wait_for(30)
                gone = lost(fleet, set(load.received))
                row = worst[fault]
                worst[fault] = [row[0] + 1, max(row[1], back), row[2] + sum(load.others.values()) - refused,
                                row[3] + gone]
            last = fleet.verify(since=last)
    say("fault", "rounds", "back after s", "refused", "lost")
    for fault, (count, back, refused, gone) in worst.items():
        say(fault.__doc__, count, f"{back:.2f}", refused, gone)
    missing = sum(row[3] for row in worst.values())
    kinds = {kind for kind in load.others if not kind.startswith(("503 ", "none "))}
    if missing or kinds:
        sys.exit(f"error: {missing} acknowledged vends were lost; answers besides credentials: {dict(load.others)}")
    fleet.verify()
    report(rounds=rounds, faults=rounds * len(FAULTS), acknowledged=len(load.received), lost=missing)


main()
