# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A real server on loopback, in a thread of the test."""

import ipaddress
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from artistguard import server
from artistguard.calls import Caller, Server
from waiting import wait_until


def now():
    return datetime.now(UTC)


@dataclass(frozen=True)
class Running:
    """A server that answers at `url`; `key` may search and declare for the account `artist`."""

    url: str
    options: server.Options
    key: str

    def key_of(self, account, *scopes, per_day=1_000_000):
        with server.accounts(self.options, now) as accounts:
            return accounts.add_key(account, [server.Scope(one) for one in scopes], per_day)

    @contextmanager
    def caller(self, key=None, **how):
        with Caller(Server(self.url, key or self.key), **how) as caller:
            yield caller


@contextmanager
def serving(data, clock=now, port=0, **how):
    """Start a server over the data folder `data`, at a free port or this one, and stop it."""
    options = server.Options(data, **how)
    with server.opened(options, clock) as app, server.listen("127.0.0.1", port) as listening:
        web = server.web_server(app)
        thread = threading.Thread(target=web.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        wait_until(lambda: web.started)
        try:
            with server.accounts(options, now) as accounts:
                key = accounts.add_key("artist", [server.Scope.SEARCH, server.Scope.DECLARE])
            yield Running(f"http://127.0.0.1:{listening.getsockname()[1]}", options, key)
        finally:
            web.should_exit = True
            thread.join(20)
            assert not thread.is_alive()


def certify(folder):
    """A certificate for loopback that nobody has signed but itself, and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    alternative = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now() - timedelta(days=1))
    builder = builder.not_valid_after(now() + timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
    certificate = builder.sign(key, hashes.SHA256())
    pem, traditional = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
    chain, secret = folder / "cert.pem", folder / "key.pem"
    chain.write_bytes(certificate.public_bytes(pem))
    secret.write_bytes(key.private_bytes(pem, traditional, serialization.NoEncryption()))
    return chain, secret
