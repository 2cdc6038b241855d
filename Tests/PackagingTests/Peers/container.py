"""Builds the container's image without a registry, and runs what is in it as an orchestrator would.

usage: container.py build FOLDER PROGRAMS   the image from PROGRAMS, under FOLDER; prints what is in its configuration,
                                            and where its root is, as JSON
       container.py run FOLDER DATA NAME=VALUE… -- COMMAND…
                                            with a read-only root, as its user, without capabilities, DATA as its volume
       container.py install FOLDER ARCHIVE ARGUMENT…
                                            install, as root of a Debian that has nothing else

The base is Debian's minimal system, which mmdebstrap makes from its packages. Needs root, buildah and mmdebstrap.
"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]


def run(*words, **options):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{words[0]} failed: {done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout.strip()


def base_archive():
    """Made once a checkout: it takes half a minute."""
    archive = ROOT / ".build/container/base.tar"
    if not archive.exists():
        archive.parent.mkdir(parents=True, exist_ok=True)
        new = archive.with_suffix(".new.tar")
        run("mmdebstrap", "--variant=minbase", "bookworm", new, "http://deb.debian.org/debian")
        new.rename(archive)
    return archive


def swift_libraries(program):
    """What a debug build links beside the system's libraries; a release has it inside."""
    found = re.findall(r"=> (\S*/swift/linux/\S+)", run("ldd", program))
    return sorted(set(found))


class Store:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.options = ["--storage-driver", "vfs", "--root", self.folder / "store", "--runroot", self.folder / "run"]

    def buildah(self, *words):
        return run("buildah", *self.options, *words, cwd=ROOT)

    def image(self, name, *layers):
        container = self.buildah("from", "scratch")
        for source, place in layers:
            self.buildah("add", "--quiet", container, source, place)
        self.buildah("commit", "--quiet", "--rm", container, name)

    def build(self, programs):
        handed = self.folder / "programs"
        libraries = self.folder / "libraries"
        for folder in (handed, libraries):
            folder.mkdir(parents=True)
        for name in ("admin", "vending-server"):
            shutil.copy(pathlib.Path(programs) / name, handed / name)
            for library in swift_libraries(handed / name):
                shutil.copy(library, libraries)
            run("strip", handed / name)
        place = f"/usr/lib/{os.uname().machine}-linux-gnu"
        self.image("localhost/base", (base_archive(), "/"), (libraries, place))
        self.image("localhost/programs", (handed, "/programs"))
        self.buildah(
            "bud", "--isolation", "chroot", "--pull-never", "--format", "docker", "--quiet",
            "--file", "Packaging/container/Containerfile", "--tag", "localhost/bursar",
            "--build-arg", "BASE=localhost/base", "--build-arg", "PROGRAMS=localhost/programs",
            "--build-arg", "VERSION=1.2.3", "--build-arg", "REVISION=abc", ".",
        )  # fmt: skip
        inspected = json.loads(self.buildah("inspect", "--type", "image", "localhost/bursar"))
        config = inspected["Docker"]["config"]
        facts = {
            "user": config["User"],
            "environment": config["Env"],
            "entrypoint": config["Entrypoint"],
            "command": config["Cmd"],
            "health": config["Healthcheck"]["Test"],
            "folder": config["WorkingDir"],
            "stopSignal": config["StopSignal"],
            "volumes": list(config["Volumes"]),
            "labels": config["Labels"],
            "machine": os.uname().machine,
        }
        for name in ("bursar", "base"):
            facts[name] = self.buildah("mount", self.buildah("from", "--pull-never", f"localhost/{name}"))
        (self.folder / "facts.json").write_text(json.dumps(facts))
        print(json.dumps(facts))

    def enter(self, data, words):
        """Ends on SIGTERM as the command does, and takes it along however it ends."""
        facts = json.loads((self.folder / "facts.json").read_text())
        separator = words.index("--")
        user, group = facts["user"].split(":")
        environment = facts["environment"] + words[:separator]
        script = """
            root=$1 data=$2 place=$3 user=$4 group=$5
            shift 5
            mount --bind "$root" "$root"
            mount -o remount,ro,bind "$root"
            mount --bind "$data" "$root$place"
            mount -t tmpfs -o mode=1777,noexec,nosuid,nodev tmpfs "$root/tmp"
            mount -t proc proc "$root/proc"
            mount -t tmpfs -o nosuid tmpfs "$root/dev"
            for device in null urandom; do
                touch "$root/dev/$device"
                mount --bind "/dev/$device" "$root/dev/$device"
            done
            chroot "$root" setpriv --reuid="$user" --regid="$group" --clear-groups --no-new-privs \\
                --bounding-set=-all --inh-caps=-all -- env -i "$@" &
            child=$!
            trap 'kill -TERM $child' TERM
            wait $child && status=0 || status=$?
            # The signal ended that wait, not the command.
            if [ $status -gt 128 ]; then wait $child && status=0 || status=$?; fi
            exit $status
        """
        command = ["/bin/sh", "-c", 'cd "$0" && exec "$@" 2>&1', facts["folder"], *words[separator + 1 :]]
        inside = subprocess.Popen(
            ["setpriv", "--pdeathsig=KILL", "unshare", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child",
             "sh", "-ec", script, "sh", facts["bursar"], data, facts["folder"], user, group, *environment, *command],
        )  # fmt: skip

        def stop(*_):
            children = pathlib.Path(f"/proc/{inside.pid}/task/{inside.pid}/children").read_text().split()
            for child in children:
                os.kill(int(child), signal.SIGTERM)

        signal.signal(signal.SIGTERM, stop)
        sys.exit(inside.wait())

    def install(self, archive, words):
        facts = json.loads((self.folder / "facts.json").read_text())
        place = pathlib.Path(facts["base"]) / "root/release"
        place.mkdir(exist_ok=True)
        for file in pathlib.Path(archive).parent.iterdir():
            shutil.copy(file, place)
        # Swift finds a program's arguments in /proc.
        script = """
            mount -t proc proc "$1/proc"
            exec chroot "$1" env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \\
                sh -c 'cd /root/release && exec ./install "$@"' "$@"
        """
        options = ["--archive", pathlib.Path(archive).name, *words]
        os.execvp("unshare", ["unshare", "--mount", "--pid", "--fork", "sh", "-ec", script, "sh", facts["base"], *options])


def main():
    verb, folder, *rest = sys.argv[1:]
    store = Store(folder)
    if verb == "build":
        store.build(rest[0])
    elif verb == "run":
        store.enter(rest[0], rest[1:])
    else:
        store.install(rest[0], rest[1:])


if __name__ == "__main__":
    main()
