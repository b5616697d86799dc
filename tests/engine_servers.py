# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Real database servers on loopback, each started in a folder of its own and stopped again."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

import httpx

from artistguard import engines

CLICKHOUSE = shutil.which("clickhouse-server") or "/usr/sbin/clickhouse-server"
DATABASE = "pictures"
CLUSTER = "pair"
PASSWORD = "open & shut"  # with what an address has to escape

_SERVER = """<yandex>
  <logger><level>warning</level><log>{folder}/log</log><errorlog>{folder}/err</errorlog></logger>
  <http_port>{http}</http_port>
  <tcp_port>{tcp}</tcp_port>
  <listen_host>127.0.0.1</listen_host>
  <path>{folder}/data/</path>
  <tmp_path>{folder}/tmp/</tmp_path>
  <users_config>users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  <mark_cache_size>67108864</mark_cache_size>
  <remote_servers><{cluster}>{shards}</{cluster}></remote_servers>
</yandex>
"""
_SHARD = """<shard><internal_replication>true</internal_replication><replica>
  <host>127.0.0.1</host><port>{tcp}</port><user>default</user><password>{password}</password>
</replica></shard>
"""
_USERS = """<yandex>
  <profiles><default><max_memory_usage>2000000000</max_memory_usage></default></profiles>
  <users><default>
    <password>{password}</password>
    <networks><ip>127.0.0.1</ip></networks>
    <profile>default</profile><quota>default</quota>
  </default></users>
  <quotas><default/></quotas>
</yandex>
"""


@dataclass(frozen=True)
class ClickHouse:
    """One server of a cluster."""

    http: int
    folder: Path
    process: subprocess.Popen

    def prepared(self):
        """The address of the cluster through this server, whose tables are there now."""
        answer = httpx.post(
            f"http://127.0.0.1:{self.http}",
            content=f"CREATE DATABASE {DATABASE}",
            auth=("default", PASSWORD),
            trust_env=False,
        )
        assert answer.is_success, answer.text
        password = urllib.parse.quote(PASSWORD)
        where = f"127.0.0.1:{self.http}/{DATABASE}"
        url = f"clickhouse://default:{password}@{where}?cluster={CLUSTER}"
        engines.prepare(url)
        return url


@contextlib.contextmanager
def clickhouse(servers):
    """So many servers of one cluster."""
    with contextlib.ExitStack() as stack:
        ports = free_ports(2 * servers)
        http, tcp = ports[:servers], ports[servers:]
        password = PASSWORD.replace("&", "&amp;")
        shards = "".join(_SHARD.format(tcp=port, password=password) for port in tcp)
        running = []
        for pair in zip(http, tcp, strict=True):
            folder = stack.enter_context(_folder_of_nobody())
            names = {"folder": folder, "cluster": CLUSTER, "shards": shards}
            config = _SERVER.format(http=pair[0], tcp=pair[1], **names)
            (folder / "config.xml").write_text(config)
            (folder / "users.xml").write_text(_USERS.format(password=password))
            (folder / "tmp").mkdir()
            hand_over(folder)
            command = [CLICKHOUSE, f"--config-file={folder}/config.xml"]
            process = _start(command, folder)
            stack.callback(_stop, process, signal.SIGKILL)
            running.append(ClickHouse(pair[0], folder, process))
        for one in running:
            wait_for(one.http, one.process, one.folder)
        yield running


def postgresql_programs():
    """Where the programs of a PostgreSQL server are, None where there are none."""
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


@contextlib.contextmanager
def postgresql():
    """The address of a new PostgreSQL server with a password."""
    programs = postgresql_programs()
    with _folder_of_nobody() as folder:
        (folder / "password").write_text(PASSWORD)
        hand_over(folder)
        (port,) = free_ports(1)
        how = {"cwd": folder, "stdin": subprocess.DEVNULL, **as_nobody()}
        initdb = [programs / "initdb", "-D", folder / "data", "-U", "artist", "-A", "scram-sha-256"]
        initdb += ["--pwfile", folder / "password", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run(initdb, check=True, capture_output=True, **how)
        command = [programs / "postgres", "-D", folder / "data", "-p", str(port), "-k", ""]
        command += ["-h", "127.0.0.1", "-c", "fsync=off", "-c", "shared_buffers=64MB"]
        process = _start(command, folder)
        try:
            wait_for(port, process, folder)
            yield f"postgresql://artist:open%20%26%20shut@127.0.0.1:{port}/postgres"
        finally:
            _stop(process, signal.SIGINT)


def wait_for(port, process, folder):
    """Until something answers there; what the server said instead is in the error."""
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    said = [f.read_text(errors="replace")[-2000:] for f in folder.glob("[oel][uro][trg]")]
    raise AssertionError(said)


def free_ports(count):
    """Ports that nothing listens at now."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def nobody():
    """The user that servers run as where we are root, who may not run them: by name, or None."""
    if os.geteuid() != 0:
        return None
    return pwd.getpwnam("nobody")


def as_nobody():
    """How to start a process as that user."""
    user = nobody()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def hand_over(folder):
    """Give a folder and all in it to that user."""
    user = nobody()
    if user:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid)


@contextlib.contextmanager
def _folder_of_nobody():
    # Not pytest's, which only its own user may enter.
    folder = Path(tempfile.mkdtemp(prefix="artistguard-server-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(command, folder):
    """Start a server that ends with us, even when we are killed."""
    with_us = ["setpriv", "--pdeathsig", "QUIT"] if shutil.which("setpriv") else []
    with (folder / "out").open("wb") as out:
        return subprocess.Popen(
            [*with_us, *command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            **as_nobody(),
        )


def _stop(process, how):
    if process.poll() is None:
        process.send_signal(how)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
