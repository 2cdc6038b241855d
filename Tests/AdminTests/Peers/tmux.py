"""Runs a command in a real terminal emulator; prints its screen, as JSON, at each step.

usage: tmux.py SOCKET COLUMNS ROWS STEPS… -- COMMAND…
A step is `wait:TEXT` until the screen holds it, `size:COLUMNSxROWS`, `keys:KEYS`, `signal:NAME` to the command,
`shot` (the screen) or `colours` (the same with its escapes).
"""
import json
import os
import shlex
import subprocess
import sys
import time

socket, columns, rows, *rest = sys.argv[1:]
at = rest.index("--")
steps, command = rest[:at], rest[at + 1:]
shots = []


def tmux(*arguments):
    done = subprocess.run(["tmux", "-S", socket, "-f", "/dev/null", *arguments], capture_output=True, text=True,
                          timeout=600)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def screen(*options):
    return tmux("capture-pane", "-p", *options)


def wait(text):
    end = time.monotonic() + 600
    while text not in screen():
        if time.monotonic() > end:
            sys.exit(f"waited too long for {text!r}; the screen says:\n{screen()}")
        time.sleep(0.05)


pid = os.path.join(os.path.dirname(socket), "pid")
inner = f'echo "before"; (echo $BASHPID > {shlex.quote(pid)}; exec {shlex.join(command)}); echo "exit $?"; exec sleep 1000'
tmux("new-session", "-d", "-x", columns, "-y", rows, shlex.join(["bash", "-c", inner]))
try:
    for step in steps:
        kind, _, value = step.partition(":")
        if kind == "wait":
            wait(value)
        elif kind == "size":
            width, _, height = value.partition("x")
            tmux("resize-window", "-x", width, "-y", height)
        elif kind == "keys":
            tmux("send-keys", value)
        elif kind == "signal":
            with open(pid, encoding="ascii") as file:
                os.kill(int(file.read()), getattr(__import__("signal"), value))
        elif kind == "shot":
            shots.append(screen())
        elif kind == "colours":
            shots.append(screen("-e"))
    print(json.dumps(shots))
finally:
    tmux("kill-server")
