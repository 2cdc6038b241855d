"""Starts a command, sends it SIGINT once the database says that records are gone, and prints what it said on stderr."""
import pathlib
import signal
import sqlite3
import subprocess
import sys

database, *command = sys.argv[1:]
look = sqlite3.connect(database, timeout=600, isolation_level=None)
child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
while child.poll() is None and not look.execute("SELECT sequence FROM pruned").fetchone()[0]:
    pass
# Nothing more goes until the signal was taken.
look.execute("BEGIN IMMEDIATE")
child.send_signal(signal.SIGINT)
status = pathlib.Path(f"/proc/{child.pid}/status")
while child.poll() is None and f"ShdPnd:\t{2:016x}" in status.read_text():
    pass
look.execute("ROLLBACK")
print(child.communicate()[1], end="")
