"""Starts a command, sends it SIGINT once a line of its stderr has the first word's text, and prints what it said."""

import signal
import subprocess
import sys

text, *command = sys.argv[1:]
child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
for line in child.stderr:
    print(line, end="")
    if text in line:
        child.send_signal(signal.SIGINT)
print("exit", child.wait())
