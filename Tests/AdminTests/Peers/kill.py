"""Starts a command and kills it once the database says that records are gone; prints how far it had come."""
import sqlite3
import subprocess
import sys

database, *command = sys.argv[1:]
look = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=600)
child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
while child.poll() is None:
    if look.execute("SELECT sequence FROM pruned").fetchone()[0]:
        child.kill()
child.wait()
print(look.execute("SELECT sequence FROM pruned").fetchone()[0], end="")
