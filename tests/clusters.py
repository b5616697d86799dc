# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL of our own that can be killed."""

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from artistguard.errors import Offline
from artistguard.server import databases
from engine_servers import free_ports, postgresql_programs
from waiting import wait_until

_NUMBERS = count()


@dataclass
class Cluster:
    """All databases of one server, run by somebody with no rights."""

    folder: Path
    port: int
    user: str | None
    fsync: str
    process: subprocess.Popen | None = None

    def url(self, database="postgres"):
        return f"postgresql://artistguard@127.0.0.1:{self.port}/{database}"

    def fresh(self):
        """The address of a new database."""
        name = f"fresh{next(_NUMBERS)}"
        where = ("-h", "127.0.0.1", "-p", str(self.port), "-U", "artistguard")
        self.run("createdb", *where, name)
        return self.url(name)

    def run(self, program, *arguments):
        command = [postgresql_programs() / program, *arguments]
        return subprocess.run(command, user=self.user, check=True, capture_output=True, cwd="/tmp")

    def start(self):
        command = [postgresql_programs() / "postgres", "-D", self.folder, "-p", str(self.port)]
        command += ["-k", self.folder, "-c", "listen_addresses=127.0.0.1"]
        command += ["-c", "shared_buffers=16MB", "-c", f"fsync={self.fsync}"]
        self.process = subprocess.Popen(
            command, user=self.user, cwd="/tmp", stderr=subprocess.DEVNULL
        )
        wait_until(self.answers)

    def ask(self, sql, *values, url=None):
        database = databases.PostgreSQL(url or self.url())
        with closing(database), database.asking() as ask:
            return ask(sql, *values)

    def answers(self):
        try:
            return self.ask("SELECT 1") == [(1,)]
        except Offline:
            assert self.process.poll() is None, "PostgreSQL does not start"
            return False

    def kill(self):
        """End it as a power cut would: the first process, then all it has left behind."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        self.process.kill()
        self.process.wait()
        for child in map(int, children):
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            wait_until(lambda child=child: not Path(f"/proc/{child}").exists())

    def kill_one(self, dice):
        """Kill the process behind one connection, after which all others end, too."""
        serving = [
            pid
            for (pid,) in self.ask(
                "SELECT pid FROM pg_stat_activity WHERE backend_type"
                " = 'client backend' AND pid <> pg_backend_pid()"
            )
        ]
        if serving:
            with suppress(ProcessLookupError):
                os.kill(dice.choice(serving), signal.SIGKILL)
        return bool(serving)


@contextmanager
def running(fsync="off"):
    """A server with one empty database.

    What was written outlives its processes; only a power cut, or a fair comparison, needs `fsync`.
    """
    folder = Path(tempfile.mkdtemp(prefix="artistguard-pg-"))
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    cluster = Cluster(folder / "data", *free_ports(1), user, fsync)
    try:
        options = ["--auth=trust", "--username=artistguard", "--no-sync", "--no-instructions"]
        cluster.run("initdb", "-D", str(cluster.folder), *options)
        cluster.start()
        yield cluster
    finally:
        if cluster.process and cluster.process.poll() is None:
            cluster.process.send_signal(signal.SIGQUIT)
            cluster.process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)
