"""wrk, started and waited for."""

import collections
import pathlib
import subprocess
import sys

SCRIPT = pathlib.Path(__file__).resolve().parent.parent / "load.lua"
CONNECTIONS, THREADS = 64, 2

Load = collections.namedtuple("Load", "ok other sockets p99")


def start(url, seconds, keys_file=None, addresses=None, connections=CONNECTIONS):
    """wrk on its way, for so many seconds."""
    arguments = [str(seconds)] + [str(value) for value in (keys_file, addresses) if value is not None]
    command = ["wrk", "--threads", str(min(THREADS, connections)), "--connections", str(connections),
               "--duration", f"{seconds + 1}s", "--timeout", "10s", "--latency", "--script", SCRIPT, url, "--",
               *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def finish(running, seconds):
    """What came of it; p99 in milliseconds."""
    try:
        output, _ = running.communicate(timeout=seconds + 30)
    except subprocess.TimeoutExpired:
        running.kill()
        sys.exit("error: wrk did not end")
    if running.returncode != 0:
        sys.exit(f"error: wrk failed: {output}")
    ok, other, sockets, p99 = output.splitlines()[-1].split()
    return Load(int(ok), int(other), int(sockets), float(p99))


def load(url, seconds, *arguments, **options):
    return finish(start(url, seconds, *arguments, **options), seconds)


def only_200s(url, seconds, *arguments, **options):
    """The same; every other outcome is a failure."""
    result = load(url, seconds, *arguments, **options)
    if result.other or result.sockets:
        sys.exit(f"error: {url}: {result.other} answers were not 200, {result.sockets} sockets failed")
    return result
