"""From an empty AWS account (moto) to a vended credential, by the commands of the operator's guide; then an apply that
has nothing to do.

Fails when a step does, when what is vended isn't a credential, or when the second apply changes something.

usage: account.py PROGRAMS [ROUNDS]
"""

import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from rows import row

PEER = pathlib.Path(__file__).resolve().parents[2] / "AdminTests/Peers/moto_stack.py"


def stop(process):
    process.terminate()
    process.wait(20)


class Operator:
    """Runs the commands, and counts them and their seconds."""

    def __init__(self, programs, folder, url, key):
        self.programs, self.folder = pathlib.Path(programs), folder
        self.environment = {
            "PATH": "/usr/bin:/bin", "HOME": folder, "LC_ALL": "C.UTF-8", "AWS_ENDPOINT_URL": url,
            "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", "AWS_ACCESS_KEY_ID": key["id"],
            "AWS_SECRET_ACCESS_KEY": key["secret"], "BURSAR_DATABASE": f"{folder}/bursar.sqlite"}
        self.seconds = []

    def admin(self, *words):
        start = time.monotonic()
        done = subprocess.run([self.programs / "admin", *words], env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=600)
        self.seconds.append(time.monotonic() - start)
        if done.returncode != 0:
            sys.exit(f"error: admin {' '.join(words)}: {done.stderr}")
        return done

    def vend(self, metadata, settings, key):
        """Starts the server as the stack's instance would, and asks it once."""
        environment = {name: value for name, value in self.environment.items()
                       if name not in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_EC2_METADATA_DISABLED")}
        environment |= {"AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata, "BURSAR_HTTP_PORT": "0",
                        "BURSAR_METRICS_PORT": "off", "BURSAR_LOG_FORMAT": "json"}
        start = time.monotonic()
        server = subprocess.Popen([self.programs / "vending-server", "serve", "--config", settings], env=environment,
                                  stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            for line in server.stderr:
                found = re.search(r'"listening","url":"([^"]*)"', line)
                if found:
                    break
            else:
                sys.exit("error: the server did not start")
            request = urllib.request.Request(found[1] + "/credentials", headers={"x-api-key": key})
            with urllib.request.urlopen(request, timeout=600) as answer:
                vended = json.load(answer)
            self.seconds.append(time.monotonic() - start)
        finally:
            stop(server)
        if not vended["AccessKeyId"].startswith("ASIA"):
            sys.exit("error: what was vended is no session's")


def once(programs):
    """Seconds to the first credential, commands, and seconds of an apply that changes nothing."""
    with tempfile.TemporaryDirectory(prefix="bursar-account.") as folder:
        moto = subprocess.Popen([sys.executable, PEER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            url = f"http://127.0.0.1:{moto.stdout.readline().split()[-1]}"
            terms = json.loads(moto.stdout.readline())
            operator = Operator(programs, folder, url, terms["operator"])
            settings = f"{folder}/bursar.yaml"
            apply = ["aws", "apply", "--yes", "--format", "yaml", "--output", settings]
            operator.admin(*apply)
            operator.admin("database", "init")
            operator.admin("researchers", "add", "ada", "--name", "Ada", "--email", "ada@example.edu", "--project", "x")
            key = operator.admin("keys", "issue", "ada").stdout.strip()
            commands = len(operator.seconds)
            operator.vend(terms["metadata"], settings, key)
            first = sum(operator.seconds)
            again = operator.admin(*apply)
            if "no change" not in again.stderr:
                sys.exit(f"error: an apply of the same again: {again.stderr}")
            return first, commands, operator.seconds[-1]
        finally:
            stop(moto)


def main():
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    runs = [once(sys.argv[1]) for _ in range(rounds)]
    first, commands, again = (statistics.median(column) for column in zip(*runs))
    row("empty account to a vended credential", f"{first:.2f} s", "", "", f"{commands:.0f} commands, a server, a GET")
    row("apply on an unchanged stack", f"{again:.2f} s", "", "", "no change, said so")


main()
