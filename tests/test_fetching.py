# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Pictures of strangers are fetched politely, and nothing leads us inside."""

import socket
import threading
import time
from contextlib import suppress

import pytest

from artistguard.errors import Kind, Offline, Refused, SlowDown, Unreadable
from artistguard.fetching import PAGE, Fetcher, Limits
from artistguard.fetching.reach import is_public_address
from hosts import certificate_for, https_server
from hosts import fetcher as fetcher_of

JPEG = b"\xff\xd8\xff" + bytes(100)


class Site:
    """A server on loopback that says for each path what it was told to, byte for byte.

    `answers` maps a path to bytes, or to a function that is given the connection.
    """

    def __init__(self):
        self.answers = {}
        self.asked = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._serve)]
        self._threads[0].start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._answer, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _answer(self, connection):
        with connection:
            request = b""
            while b"\r\n\r\n" not in request:
                part = connection.recv(4096)
                if not part:
                    return
                request += part
            path = request.split()[1].decode()
            self.asked.append((path, request.decode("latin-1")))
            answer = self.answers.get(path, response(404, b""))
            with suppress(OSError):
                answer(connection) if callable(answer) else connection.sendall(answer)

    def paths(self):
        return [path for path, _ in self.asked]

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()


def response(status, body, kind="image/jpeg", **headers):
    lines = [f"HTTP/1.1 {status} x", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@pytest.fixture
def site():
    one = Site()
    yield one
    one.close()


class Time:
    """A clock that only moves when somebody sleeps, and remembers how long they did."""

    def __init__(self):
        self.now = 1_000.0
        self.slept = []

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def hours():
    return Time()


def fetcher(hours=None, limits=None, **more):
    given = {"is_public": lambda address: address == "127.0.0.1"}
    given["resolve"] = lambda host, port: ["127.0.0.1"]
    if hours:
        given |= {"clock": hours.clock, "sleep": hours.sleep}
    return Fetcher(limits, **(given | more))


def test_a_picture_is_fetched_by_a_program_that_says_who_it_is(site, hours):
    site.answers["/a.jpg"] = response(200, JPEG)
    assert fetcher(hours).fetch(f"http://art.example:{site.port}/a.jpg") == JPEG
    assert site.paths() == ["/robots.txt", "/a.jpg"]
    request = site.asked[1][1].lower()
    assert "user-agent: artistguard/" in request
    assert f"host: art.example:{site.port}\r\n" in request
    assert "cookie" not in request


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/a.jpg",
        "file:///etc/passwd",
        "a.jpg",
        "http:///a.jpg",
        "http://127.0.0.1/a.jpg",
        "http://[::1]/a.jpg",
        "http://[::ffff:127.0.0.1]/a.jpg",
        "http://localhost/a.jpg",
        "http://2130706433/a.jpg",
        "http://0/a.jpg",
        "http://user@127.0.0.1:80/a.jpg",
    ],
)
def test_nothing_inside_is_ever_asked(url):
    spelt = {"localhost": "127.0.0.1", "2130706433": "127.0.0.1", "0": "0.0.0.0"}
    with pytest.raises(Refused) as raised:
        Fetcher(resolve=lambda host, _: [spelt.get(host, host.strip("[]"))]).fetch(url)
    assert raised.value.kind is Kind.ADDRESS_NOT_PUBLIC


@pytest.mark.parametrize(
    "address, public",
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::5db8:d822", True),
        ("2001:0:7f00:1::", False),
        ("nothing", False),
    ],
)
def test_which_addresses_are_public(address, public):
    assert is_public_address(address) is public


def test_a_host_with_one_address_inside_is_not_asked_at_all(site, hours):
    both = fetcher(hours, resolve=lambda host, port: ["127.0.0.1", "10.0.0.1"])
    with pytest.raises(Refused) as raised:
        both.fetch(f"http://art.example:{site.port}/a.jpg")
    assert raised.value.kind is Kind.ADDRESS_NOT_PUBLIC
    assert site.asked == []


def test_a_host_that_changes_its_address_between_two_looks_is_looked_at_each_time(site, hours):
    site.answers["/a.jpg"] = response(200, JPEG)
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    with pytest.raises(Refused) as raised:
        fetcher(hours, resolve=lambda host, port: next(answers)).fetch(
            f"http://art.example:{site.port}/a.jpg"
        )
    assert raised.value.kind is Kind.ADDRESS_NOT_PUBLIC
    assert site.paths() == ["/robots.txt"]


@pytest.mark.parametrize(
    "target",
    [
        *("http://inside.example/a.jpg", "file:///etc/passwd", "//inside.example/", "gopher:x"),
        "http://[none/",
    ],
)
def test_a_redirect_leads_nowhere_inside(site, hours, target):
    site.answers["/a.jpg"] = response(302, b"", Location=target)
    inside = fetcher(
        hours, resolve=lambda host, _: ["10.0.0.1" if "inside" in host else "127.0.0.1"]
    )
    with pytest.raises(Refused) as raised:
        inside.fetch(f"http://art.example:{site.port}/a.jpg")
    assert raised.value.kind is Kind.ADDRESS_NOT_PUBLIC


def test_redirects_are_followed_so_far(site, hours):
    site.answers["/a.jpg"] = response(301, b"", Location="/b.jpg")
    site.answers["/b.jpg"] = response(200, JPEG)
    site.answers["/round.jpg"] = response(302, b"", Location="/round.jpg")
    one = fetcher(hours)
    assert one.fetch(f"http://art.example:{site.port}/a.jpg") == JPEG
    with pytest.raises(Unreadable) as raised:
        one.fetch(f"http://art.example:{site.port}/round.jpg")
    assert raised.value.kind is Kind.PICTURE_GONE
    assert site.paths().count("/round.jpg") == 6


@pytest.mark.parametrize(
    "answer, kind",
    [
        (response(404, b""), Kind.PICTURE_GONE),
        (response(500, b""), Kind.PICTURE_GONE),
        (response(200, b"<html>", "text/html"), Kind.NOT_A_PICTURE),
        (response(200, bytes(2_000)), Kind.FILE_TOO_LARGE),
        (b"HTTP/1.1 200 x\r\nContent-Type: image/png\r\n\r\n" + bytes(2_000), Kind.FILE_TOO_LARGE),
        (b"what?\r\n\r\n", Kind.NOBODY_ANSWERED),
        (b"HTTP/1.1 200 x\r\nContent-Length: 99\r\n\r\n short", Kind.NOBODY_ANSWERED),
        (b"", Kind.NOBODY_ANSWERED),
        (b"HTTP/1.1 200 x\r\n" + b"X-Long: " + b"x" * 200_000, Kind.NOBODY_ANSWERED),
    ],
)
def test_what_is_no_picture_is_named(site, hours, answer, kind):
    site.answers["/a.jpg"] = answer
    with pytest.raises((Unreadable, Offline)) as raised:
        fetcher(hours, Limits(size=1_000)).fetch(f"http://art.example:{site.port}/a.jpg")
    assert raised.value.kind is kind


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 x\r\nContent-Type: image/png\r\n\r\n"])
def test_a_site_that_drips_is_left_when_the_time_is_over(site, begin):
    over = threading.Event()

    def drip(connection):
        connection.sendall(begin)
        while not over.wait(0.05):
            connection.sendall(b"x")

    site.answers["/a.jpg"] = drip
    began = time.monotonic()
    with pytest.raises(Offline):
        fetcher(limits=Limits(seconds=0.5, gap=0)).fetch(f"http://art.example:{site.port}/a.jpg")
    assert time.monotonic() - began < 5
    over.set()


def test_what_robots_forbid_is_not_fetched(site, hours):
    site.answers["/robots.txt"] = response(200, b"User-agent: *\nDisallow: /private", "text/plain")
    site.answers["/open.jpg"] = response(200, JPEG)
    one = fetcher(hours)
    with pytest.raises(Refused) as raised:
        one.fetch(f"http://art.example:{site.port}/private/a.jpg")
    assert raised.value.kind is Kind.ROBOTS_FORBID
    assert one.fetch(f"http://art.example:{site.port}/open.jpg") == JPEG
    assert site.paths() == ["/robots.txt", "/open.jpg"]


@pytest.mark.parametrize(
    "answer, may",
    [
        (response(404, b""), True),
        (response(403, b""), True),
        (response(500, b""), False),
        (b"", False),
    ],
)
def test_missing_robots_forbid_nothing_and_broken_ones_everything(site, hours, answer, may):
    site.answers |= {"/robots.txt": answer, "/a.jpg": response(200, JPEG)}
    if may:
        assert fetcher(hours).fetch(f"http://art.example:{site.port}/a.jpg") == JPEG
    else:
        with pytest.raises(Refused):
            fetcher(hours).fetch(f"http://art.example:{site.port}/a.jpg")


def test_one_host_is_asked_once_a_second_and_another_meanwhile(site, hours):
    for name in "abc":
        site.answers[f"/{name}.jpg"] = response(200, JPEG)
    one = fetcher(hours)
    for name in "abc":
        one.fetch(f"http://art.example:{site.port}/{name}.jpg")
    assert hours.slept == [1.0, 1.0]
    one.fetch(f"http://other.example:{site.port}/a.jpg")
    assert hours.slept == [1.0, 1.0]


def test_a_host_that_asks_for_a_pause_gets_it(site, hours):
    site.answers["/a.jpg"] = response(429, b"", Retry_After="20")
    site.answers["/b.jpg"] = response(200, JPEG)
    one = fetcher(hours)
    with pytest.raises(SlowDown):
        one.fetch(f"http://art.example:{site.port}/a.jpg")
    assert one.fetch(f"http://art.example:{site.port}/b.jpg") == JPEG
    assert sum(hours.slept) == pytest.approx(20, abs=1)
    site.answers["/a.jpg"] = response(503, b"", Retry_After="9999")
    for _ in range(2):
        with pytest.raises(SlowDown):
            one.fetch(f"http://art.example:{site.port}/a.jpg")
    assert site.paths().count("/a.jpg") == 2


# --- pages ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return certificate_for(tmp_path_factory.mktemp("tls"), "ana.example")


@pytest.mark.parametrize(
    "kind",
    ["text/html; charset=utf-8", "TEXT/PLAIN", "application/json", "application/did+json;x=y"],
)
def test_a_page_is_any_text_and_is_asked_for_by_itself(site, hours, kind):
    site.answers["/robots.txt"] = response(200, b"User-agent: *\nDisallow: /", "text/plain")
    site.answers["/"] = response(200, b"token", kind)
    assert fetcher(hours).page(f"http://ana.example:{site.port}/") == b"token"
    assert site.paths() == ["/"]
    assert hours.slept == []


def test_a_page_without_a_type_is_text(site, hours):
    site.answers["/"] = b"HTTP/1.1 200 x\r\n\r\ntoken"
    assert fetcher(hours).page(f"http://ana.example:{site.port}") == b"token"


@pytest.mark.parametrize(
    "answer",
    [
        response(404, b"token", "text/html"),
        response(500, b"token", "text/html"),
        response(204, b"", "text/html"),
        response(200, b"token", "image/png"),
        response(200, b"token", "application/jsonx"),
        response(200, b"token", "application/octet-stream"),
    ],
)
def test_what_is_no_page_is_named(site, hours, answer):
    site.answers["/"] = answer
    with pytest.raises(Unreadable) as raised:
        fetcher(hours).page(f"http://ana.example:{site.port}/")
    assert raised.value.kind is Kind.PAGE_GONE


@pytest.mark.parametrize("begin", [b"", b"Content-Length: 99999999\r\n"])
def test_of_a_long_page_the_start_is_looked_at(site, hours, begin):
    head = b"HTTP/1.1 200 x\r\nContent-Type: text/html\r\n" + begin
    site.answers["/"] = head + b"\r\n" + b"x" * (PAGE + 100_000)
    assert fetcher(hours).page(f"http://ana.example:{site.port}/") == b"x" * PAGE


def test_a_page_leads_on_within_its_host_alone(site, hours):
    here = f"http://ana.example:{site.port}"
    site.answers["/a"] = response(301, b"", "text/html", Location="/b")
    site.answers["/b"] = response(200, b"token", "text/html")
    assert fetcher(hours).page(f"{here}/a") == b"token"
    for target in (
        f"http://www.ana.example:{site.port}/b",
        f"http://ana.example.evil.example:{site.port}/b",
        f"http://ana.example@evil.example:{site.port}/b",
        f"//evil.example:{site.port}/b",
        f"http://ana.example:{site.port + 1}/b",
        f"https://ana.example:{site.port}/b",
        "http://ana.example/b",
        f"http://127.0.0.1:{site.port}/b",
    ):
        site.answers["/c"] = response(302, b"", "text/html", Location=target)
        site.asked.clear()
        with pytest.raises(Refused) as raised:
            fetcher(hours).page(f"{here}/c")
        assert raised.value.kind is Kind.LEADS_ELSEWHERE, target
        assert site.paths() == ["/c"], target
    site.answers["/round"] = response(302, b"", "text/html", Location="/round")
    with pytest.raises(Unreadable):
        fetcher(hours).page(f"{here}/round")


def test_a_page_leads_from_http_to_https_and_never_back(site, certificate):
    site.answers["/"] = response(301, b"", "text/html", Location="https://ana.example/")
    pages = {
        "https://ana.example/": b"token",
        "https://ana.example/back": "http://ana.example/",
        "https://ana.example/away": "https://evil.example/",
    }
    with https_server(certificate, pages) as port:
        one = fetcher_of(certificate, {80: site.port, 443: port})
        assert one.page("http://ana.example/") == b"token"
        for path in ("back", "away"):
            with pytest.raises(Refused) as raised:
                one.page(f"https://ana.example/{path}")
            assert raised.value.kind is Kind.LEADS_ELSEWHERE
        assert site.paths() == ["/"]
        with pytest.raises(Offline):
            one.page("https://other.example/")  # which the certificate does not vouch for


def test_a_host_that_moves_inside_while_a_page_is_fetched_is_refused(site, hours):
    site.answers["/a"] = response(302, b"", "text/html", Location="/b")
    site.answers["/b"] = response(200, b"secret", "text/html")
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    with pytest.raises(Refused) as raised:
        fetcher(hours, resolve=lambda host, port: next(answers)).page(
            f"http://ana.example:{site.port}/a"
        )
    assert raised.value.kind is Kind.ADDRESS_NOT_PUBLIC
    assert site.paths() == ["/a"]


def test_no_page_inside_is_ever_asked(site):
    for url in (f"http://127.0.0.1:{site.port}/", f"http://[::1]:{site.port}/", "file:///x", ""):
        with pytest.raises(Refused) as raised:
            Fetcher(resolve=lambda host, _: [host.strip("[]")]).page(url)
        assert raised.value.kind is Kind.ADDRESS_NOT_PUBLIC
    assert site.asked == []


def test_a_page_that_drips_is_left_when_the_time_is_over(site):
    over = threading.Event()

    def drip(connection):
        connection.sendall(b"HTTP/1.1 200 x\r\nContent-Type: text/html\r\n\r\n")
        while not over.wait(0.02):
            connection.sendall(b"x")

    site.answers["/"] = drip
    with pytest.raises(Offline):
        fetcher(limits=Limits(seconds=0.3)).page(f"http://ana.example:{site.port}/")
    over.set()
