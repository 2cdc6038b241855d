"""Where the programs of this folder find those of the server's bench, and databases with a made-up history."""

import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Server"))


def environment(folder, database):
    return {"PATH": "/usr/bin:/bin", "HOME": str(folder), "TMPDIR": str(folder), "LC_ALL": "C.UTF-8",
            "BURSAR_DATABASE": str(database)}


def history(programs, database, vends):
    """A database of so many vends, made unless it is there already."""
    if os.path.exists(database):
        return
    subprocess.run([programs / "admin", "database", "init"], env=environment(database.parent, database), check=True,
                   capture_output=True)
    subprocess.run([sys.executable, HERE / "history.py", database, "--vends", str(vends)], check=True,
                   stdout=subprocess.DEVNULL)
