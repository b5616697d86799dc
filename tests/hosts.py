# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Name servers and web servers on loopback that stand for hosts all over the world."""

import http.server
import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpcore
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from dnslib import QTYPE, RR, TXT
from dnslib.server import BaseResolver, DNSServer

from artistguard import ownership
from artistguard.fetching import Fetcher, Limits


class Zone(BaseResolver):
    def __init__(self, records):
        self.records = records

    def resolve(self, request, handler):
        reply = request.reply()
        for strings in self.records.get(str(request.q.qname).rstrip("."), ()):
            reply.add_answer(RR(request.q.qname, QTYPE.TXT, rdata=TXT(strings), ttl=1))
        return reply


class Quiet:
    def log_data(self, *_):
        pass

    log_recv = log_send = log_request = log_reply = log_truncated = log_error = log_data


@contextmanager
def name_server(records):
    """A name server that knows these TXT records, and what asks it."""
    server = DNSServer(Zone(records), port=0, address="127.0.0.1", logger=Quiet())
    with running(server.server):
        yield ownership.resolver("127.0.0.1", server.server.server_address[1], seconds=5)


@contextmanager
def running(server):
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def certificate_for(folder, *names):
    """A file with a key and a certificate that vouches for itself and these hosts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


class Elsewhere(httpcore.NetworkBackend):
    """Connects to a port of loopback instead of the one that is asked for."""

    def __init__(self, ports):
        self._ports = ports

    def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        assert host == "127.0.0.1"
        return httpcore.SyncBackend().connect_tcp(host, self._ports[port], timeout)


def fetcher(certificate, ports, **more):
    """A fetcher to which every host is on loopback, at the port that `ports` has for its own."""
    given = {"is_public": lambda address: address == "127.0.0.1"}
    given["resolve"] = lambda host, port: ["127.0.0.1"]
    trusted = ssl.create_default_context(cafile=certificate)
    return Fetcher(Limits(gap=0), tls=trusted, out=Elsewhere(ports), **(given | more))


@contextmanager
def https_server(certificate, pages):
    """The port of an https server for every host of `pages`; a page is bytes or a place to go."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            page = pages.get(f"https://{self.headers['Host']}{self.path}")
            moved = isinstance(page, str)
            self.send_response(302 if moved else 404 if page is None else 200)
            if moved:
                self.send_header("Location", page)
            self.end_headers()
            self.wfile.write(b"" if moved or page is None else page)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secure.load_cert_chain(certificate)
    server.socket = secure.wrap_socket(server.socket, server_side=True)
    with running(server):
        yield server.server_address[1]


@contextmanager
def web(certificate, pages):
    """An https server for every host of `pages`, and a fetch that reaches only it."""
    with https_server(certificate, pages) as port:
        yield fetcher(certificate, {443: port}).page
