"""A PostgreSQL server of one's own that keeps its disk in sync, and worlds whose databases are on it."""

import atexit
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "Server"))

import postgres  # noqa: E402
import world  # noqa: E402


class Cluster(postgres.Cluster):
    """Gone when the process ends."""

    def __init__(self):
        # Where another user than root gets, too.
        self.parent = tempfile.mkdtemp(prefix="bursar-postgres.", dir="/tmp")
        os.chmod(self.parent, 0o711)
        atexit.register(self.end)
        self.databases = 0
        super().__init__(f"{self.parent}/server", 5432, buffers="128MB")
        self.sql("ALTER SYSTEM SET max_wal_size = '4GB'")
        self.sql("SELECT pg_reload_conf()")

    def end(self):
        self.remove()
        shutil.rmtree(self.parent, ignore_errors=True)

    def make(self):
        """The name of a new database."""
        self.databases += 1
        name = f"bursar{self.databases}"
        self.sql(f"CREATE DATABASE {name}")
        return name

    def address(self, database, user):
        return f"postgres://{user}@:{self.port}/{database}?host={self.folder.replace('/', '%2F')}"

    def conninfo(self, database):
        return f"host={self.folder} port={self.port} user=postgres dbname={database}"


class World(world.World):
    """A world whose database is on a cluster."""

    def __init__(self, programs, cluster):
        self.cluster = cluster
        self.name = cluster.make()
        super().__init__(programs, cluster.address(self.name, "bursar_admin"))

    def prepare(self):
        self.admin("database", "init", "--database", self.cluster.address(self.name, "postgres"))

    def serve(self, prefix=(), **settings):
        return super().serve(prefix, BURSAR_DATABASE=self.cluster.address(self.name, "bursar_server"), **settings)

    def query(self, sql):
        """Rows, as a superuser sees them; what looks like a number is one."""
        text = self.cluster.sql(f"SET search_path = bursar, pg_catalog; {sql}", self.name)
        return [[int(value) if value.isdigit() else value for value in line.split("|")] for line in text.splitlines()]

    def loader(self):
        """A superuser's psql, which reads statements and rows from its input."""
        return subprocess.Popen(
            [f"{postgres.binaries()}/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d",
             self.cluster.conninfo(self.name) + " options='-c search_path=bursar,pg_catalog'"],
            stdin=subprocess.PIPE, text=True)

    def verify(self):
        """Fails unless the chain holds and the roll-ups count what is in it."""
        self.admin("audit", "verify")
        (vends, counted), = self.query(
            "SELECT (SELECT count(*) FROM records WHERE kind = 'vend'),"
            " (SELECT coalesce(sum(count), 0) FROM usage_daily WHERE outcome = 'vended')")
        if vends != counted:
            sys.exit(f"error: {vends} vends are on record, {counted} are counted")

    @property
    def vends(self):
        return self.query("SELECT count(*) FROM records WHERE kind = 'vend'")[0][0]
