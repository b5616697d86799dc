# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""An authority of time on loopback, which is OpenSSL's own, with a root of its own."""

import http.server
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hosts import running

SETTINGS = """
[req]
distinguished_name = name
prompt = no
[name]
CN = Root of the tests
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/leaf.pem
signer_key = {folder}/leaf.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""

_NEW = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def openssl(*arguments):
    """What openssl says; it fails when openssl does."""
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout + done.stderr


@dataclass
class Authority:
    """Its address, the file with its root, and what it answers instead, if anything."""

    url: str
    roots: Path
    instead: bytes | None = None
    asked: int = 0


@contextmanager
def authority():
    """An authority that stamps whatever it is asked to."""
    with tempfile.TemporaryDirectory() as top:
        folder = Path(top)
        settings = folder / "settings"
        settings.write_text(SETTINGS.format(folder=folder))
        (folder / "serial").write_text("01")
        root = ("-keyout", folder / "root.key", "-out", folder / "root.pem", "-days", 2)
        openssl("req", "-x509", *_NEW, *root, "-config", settings, "-extensions", "root")
        request = ("-keyout", folder / "leaf.key", "-out", folder / "leaf.csr")
        openssl("req", *_NEW, *request, "-subj", "/CN=Authority of the tests", "-config", settings)
        signed = ("-CA", folder / "root.pem", "-CAkey", folder / "root.key", "-CAcreateserial")
        openssl(
            *("x509", "-req", "-in", folder / "leaf.csr", *signed, "-out", folder / "leaf.pem"),
            *("-days", 2, "-extfile", settings, "-extensions", "leaf"),
        )

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                known.asked += 1
                assert self.headers["Content-Type"] == "application/timestamp-query"
                body = self.rfile.read(int(self.headers["Content-Length"]))
                (folder / "query").write_bytes(body)
                if known.instead is None:
                    files = ("-queryfile", folder / "query", "-out", folder / "reply")
                    openssl("ts", "-reply", "-config", settings, "-section", "tsa", *files)
                answer = known.instead or (folder / "reply").read_bytes()
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_said):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        known = Authority(f"http://127.0.0.1:{server.server_port}/", folder / "root.pem")
        with running(server):
            yield known
