# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Real web servers on loopback, each with the lines of a site kit in its settings, as they are."""

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import httpx

from waiting import wait_until

SERVERS = ("apache", "caddy", "nginx")

_MODULES = Path("/usr/lib/apache2/modules")


def address():
    """Where a site may be served."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"http://127.0.0.1:{free.getsockname()[1]}"


@contextmanager
def served(server, site, files, kit=None):
    """Serve files by their path at an `address`; `kit` is the folder of a site kit."""
    # Not in a test's own folder: the servers' workers are users who may not look into that.
    with tempfile.TemporaryDirectory() as top:
        folder = Path(top)
        folder.chmod(0o755)
        root = folder / "site"
        for path, body in files.items():
            place = root / path.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(body)
        port = int(site.rpartition(":")[2])
        command = _COMMANDS[server](folder, root, port, kit and Path(kit) / "servers")
        environment = {**os.environ, "HOME": top, "XDG_DATA_HOME": top, "XDG_CONFIG_HOME": top}
        with (folder / "said").open("wb") as said:
            process = subprocess.Popen(command, stdout=said, stderr=said, env=environment)
            try:
                wait_until(lambda: process.poll() is not None or _answers(port))
                assert process.poll() is None, (folder / "said").read_text()
                yield
            finally:
                process.terminate()
                process.wait()


def _answers(port):
    try:
        httpx.get(f"http://127.0.0.1:{port}/", trust_env=False)
    except httpx.HTTPError:
        return False
    return True


def _nginx(folder, root, port, kit):
    lines = f"include {kit}/nginx.conf;" if kit else ""
    (folder / "settings").write_text(
        f"""daemon off; pid {folder}/pid; worker_processes 1;
        {"user root;" if os.geteuid() == 0 else ""}
        events {{}}
        http {{
            include /etc/nginx/mime.types; access_log off;
            client_body_temp_path {folder}/a; proxy_temp_path {folder}/b;
            fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
            server {{ listen 127.0.0.1:{port}; root {root}; {lines} }}
        }}"""
    )
    return [_program("nginx"), "-c", folder / "settings", "-e", "stderr"]


def _caddy(folder, root, port, kit):
    lines = f"import {kit}/Caddyfile" if kit else ""
    (folder / "settings").write_text(
        f"""{{
            admin off
            auto_https off
        }}
        http://127.0.0.1:{port} {{
            bind 127.0.0.1
            root * {root}
            {lines}
            file_server
        }}
        """
    )
    settings = ("--config", folder / "settings", "--adapter", "caddyfile")
    return [_program("caddy"), "run", *settings]


def _apache(folder, root, port, kit):
    if kit:
        shutil.copy(kit / "apache.htaccess", root / ".htaccess")
    modules = ("mpm_event", "authz_core", "dir", "mime", "headers")
    (folder / "settings").write_text(
        "\n".join(f"LoadModule {name}_module {_MODULES}/mod_{name}.so" for name in modules)
        + f"""
        ServerName localhost
        Listen 127.0.0.1:{port}
        PidFile {folder}/pid
        ErrorLog /dev/stderr
        DefaultRuntimeDir {folder}
        TypesConfig /etc/mime.types
        DocumentRoot {root}
        <Directory {root}>
            AllowOverride All
            Require all granted
        </Directory>
        """
    )
    if os.geteuid() == 0:
        with (folder / "settings").open("a") as settings:
            settings.write("User www-data\nGroup www-data\n")
    return [_program("apache2"), "-D", "FOREGROUND", "-f", folder / "settings"]


_COMMANDS = {"apache": _apache, "caddy": _caddy, "nginx": _nginx}


def _program(name):
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    assert found, f"{name} is not installed: tests/run would have done so"
    return found
