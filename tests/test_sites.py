# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A kit on real web servers: every gap is named, the record kept, and real readers kept out."""

import json
import threading
from contextlib import closing

import datadiligence
import http_sf
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artistguard.background.leave import Leave
from artistguard.background.news import Herald
from artistguard.background.rounds import Machine, Session
from artistguard.channels.site import reading, statements
from artistguard.channels.site.audit import Audit, Sign, Stands
from artistguard.channels.site.policy import policy
from artistguard.errors import Kind, Refused, Unreadable
from artistguard.guard import Guard
from artistguard.models import Progress
from artistguard.sites import Sites
from fakes import at
from looking import FETCHER
from sites import SERVERS, address, served

PAGE = b'<html><head>%s</head><body><img src="/works/1.jpg"></body></html>'
OWN_ROBOTS = b"User-agent: *\nDisallow: /private/\n"


@pytest.fixture
def look():
    """Fetches from loopback, as the product does from public addresses only."""
    return FETCHER().look


@pytest.fixture
def guard(tmp_path, look):
    with closing(Guard(tmp_path / "data", at("2026-11-24T08:00:00Z"))) as guard:
        guard.sites = Sites(tmp_path / "data", guard.store, guard.clock, guard.notices.append, look)
        yield guard


def made(guard, site, folder, **more):
    """The kit for a site, in a folder."""
    guard.sites.make_kit(policy(site, "Mira", "mira@mira.example", **more), folder, OWN_ROBOTS)
    return folder


def published(folder, paint):
    """A site as it is to be once its owner has put everything where it belongs."""
    names = ("robots.txt", statements.TDMREP, statements.TDM_POLICY, statements.RSL, "ai.txt")
    files = {f"/{name}": (folder / name).read_bytes() for name in names}
    files["/index.html"] = PAGE % (folder / "pages/head.html").read_bytes()
    return files | {"/works/1.jpg": paint("1.jpg", 1).read_bytes()}


def looked(guard, said, pages=()):
    *_, found = guard.sites.audit(said, pages)
    assert isinstance(found, Audit)
    return found


@pytest.mark.parametrize("server", SERVERS)
def test_a_site_that_has_the_kit_has_no_gap_and_strict_readers_keep_out(
    server, guard, paint, tmp_path
):
    site = address()
    folder = made(guard, site, tmp_path / "kit")
    with served(server, site, published(folder, paint), folder):
        found = looked(guard, policy(site, "Mira"))
        assert [(one.sign, one.stands, one.lacking) for one in found.gaps] == []
        assert {one.sign for one in found.findings} == set(Sign)
        picture = httpx.get(f"{site}/works/1.jpg", trust_env=False)
    assert picture.status_code == 200
    assert "noai, noimageai" in picture.headers.get_list("x-robots-tag")
    assert not datadiligence.is_allowed(headers=dict(picture.headers))
    del picture.headers["x-robots-tag"]
    assert not datadiligence.is_allowed(headers=dict(picture.headers))  # by its tdm-reservation
    del picture.headers["tdm-reservation"]
    assert datadiligence.is_allowed(headers=dict(picture.headers))
    usage = http_sf.parse(picture.headers["content-usage"].encode(), tltype="dictionary")
    assert str(usage["train-ai"][0]) == "n"


def test_a_bare_site_lacks_everything_and_is_told_so(guard, paint):
    files = {"/index.html": PAGE % b"", "/works/1.jpg": paint("1.jpg", 1).read_bytes()}
    site = address()
    with served("nginx", site, files):
        found = looked(guard, policy(site, "Mira"))
    stands = {one.sign: one.stands for one in found.findings}
    assert stands == dict.fromkeys(Sign, Stands.MISSING) | {Sign.PAGE: Stands.DIFFERS}
    assert len(found.snapshots) == 6
    assert {one.status for one in found.snapshots} == {200, 404}


def test_what_was_changed_since_is_named(guard, paint, tmp_path):
    site = address()
    folder = made(guard, site, tmp_path / "kit")
    files = published(folder, paint)
    files["/robots.txt"] = files["/robots.txt"].replace(b"User-agent: GPTBot\n", b"")
    files["/.well-known/tdmrep.json"] = b'[{"location": "/", "tdm-reservation": 0}]'
    files["/license.xml"] = files["/license.xml"].replace(b"ai-all", b"ai-index")
    with served("caddy", site, files, folder):
        gaps = {one.sign: one for one in looked(guard, policy(site, "Mira")).gaps}
    assert gaps.keys() == {Sign.ROBOTS, Sign.TDMREP, Sign.RSL}
    assert gaps[Sign.ROBOTS].lacking == ("GPTBot",)
    assert gaps[Sign.TDMREP].lacking == ("/",)


def test_of_what_a_site_no_longer_says_there_is_one_notice(guard, paint, tmp_path):
    site = address()
    folder = made(guard, site, tmp_path / "kit")
    files = published(folder, paint)
    said = guard.sites.policy(site)
    with served("nginx", site, files, folder):
        looked(guard, said)
    looked(guard, said)  # nothing is known of a site that is away
    assert guard.notices == []
    with served("nginx", site, files, folder):
        looked(guard, said)
    with served("nginx", site, files):  # a new server, set up without our lines
        looked(guard, said)
        looked(guard, said)
    (notice,) = guard.notices
    assert notice.kind is Kind.SITE_SAYS_LESS
    assert notice.facts == {"site": site, "places": [f"{site}/works/1.jpg"]}


def test_watching_looks_at_sites_that_are_due(guard, paint, tmp_path):
    site = address()
    folder = made(guard, site, tmp_path / "kit")
    told = []
    with served("nginx", site, published(folder, paint), folder):
        session = Session(
            *(guard, Herald(told.append), Machine(), Leave()),
            wake=threading.Event(),
            is_interrupted=lambda: False,
        )
        with closing(session):
            session.turn()
            session.ask()
            session.turn()
    assert len([*guard.sites.record(site)]) == 1
    assert any(isinstance(news, Progress) and news.step == "audit" for news in told)


def test_a_site_that_is_away_is_not_called_bare(guard):
    found = looked(guard, policy("http://127.0.0.1:9", "Mira"))
    assert {one.stands for one in found.findings} == {Stands.UNREACHED}
    assert found.snapshots == ()


def test_every_look_is_kept_with_its_moment_and_the_answers(guard, paint, tmp_path):
    site = address()
    made(guard, "https://mira.example", tmp_path / "other")
    folder = made(guard, site, tmp_path / "kit")
    with served("nginx", site, published(folder, paint), folder):
        said = guard.sites.policy(site)
        assert guard.sites.due() == [site, "https://mira.example"]
        looked(guard, said)
        assert guard.sites.due() == ["https://mira.example"]
        ((moment, gaps, answers),) = guard.sites.record(site)
    assert (moment, gaps) == ("2026-11-24T08:00:00Z", 0)
    picture = next(one for one in answers if one["place"].endswith("1.jpg"))
    assert picture["headers"]["x-robots-tag"] == "noai, noimageai"
    assert len(picture["sha256"]) == 64
    guard.sites.forget("https://mira.example")
    assert guard.sites.due() == []
    with pytest.raises(Unreadable) as unknown:
        guard.sites.forget("https://mira.example")
    assert unknown.value.kind is Kind.SITE_UNKNOWN


def test_a_kit_is_made_again_but_never_among_other_files(guard, tmp_path):
    folder = made(guard, "mira.example", tmp_path / "kit")
    first = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    made(guard, "mira.example", folder)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == first
    assert len(first) == 12
    other = tmp_path / "pictures"
    other.mkdir()
    (other / "1.jpg").write_bytes(b"")
    with pytest.raises(Refused) as refused:
        made(guard, "mira.example", other)
    assert refused.value.kind is Kind.KIT_NOT_OURS
    assert [path.name for path in other.iterdir()] == ["1.jpg"]


@pytest.mark.parametrize(
    "site, paths",
    [
        ("", ("/",)),
        ("ftp://mira.example", ("/",)),
        ("https://mira.example/?a=1", ("/",)),
        ("mira.example", ("works/",)),
        ("mira.example", ("/wor*s/",)),
        ("mira.example", ("/a\nUser-agent: *",)),
        ("mira.example", ('/"><script>',)),
        ("mira.example' . phpinfo() . '", ("/",)),
    ],
)
def test_an_address_that_could_mean_anything_else_is_refused(site, paths):
    with pytest.raises(Refused) as refused:
        policy(site, "Mira", paths=paths)
    assert refused.value.kind in {Kind.SITE_UNCLEAR, Kind.PATH_UNCLEAR}


def test_statements_say_what_was_wanted():
    works = policy(
        "mira.example", 'Mira "M" & Co', "https://mira.example/ask", ("/works/", "/new/")
    )
    rules = json.loads(statements.tdmrep(works))
    assert [rule["location"] for rule in rules] == ["/works/", "/new/"]
    assert all(rule["tdm-reservation"] == 1 for rule in rules)
    offer = json.loads(statements.tdm_policy(works))
    assert offer["assigner"]["vcard:fn"] == 'Mira "M" & Co'
    assert offer["permission"][0]["duty"] == [{"action": "obtainConsent"}]
    rsl = statements.rsl(works).encode()
    assert reading.rsl_prohibited(rsl, works.site, "/works/1.png") == {"ai-all"}
    assert reading.rsl_prohibited(rsl, works.site, "/about") == set()
    spelt = rsl.replace(b'url="/works/"', b'url="https://mira.example/works/"')
    assert reading.rsl_prohibited(spelt, works.site, "/works/1.png") == {"ai-all"}
    assert reading.tdm_reserved(statements.tdmrep(works).encode(), "/works/1.png")
    assert not reading.tdm_reserved(statements.tdmrep(works).encode(), "/about")


@pytest.mark.parametrize(
    "body, reserved",
    [
        (b'[{"location": "/", "tdm-reservation": 1}]', True),
        (
            b'[{"location": "/a", "tdm-reservation": 0}, {"location": "/", "tdm-reservation": 1}]',
            True,
        ),
        (b'[{"location": "/works/*.png$", "tdm-reservation": 1}]', True),
        (b'[{"location": "/", "tdm-reservation": true}]', False),
        (b'[{"location": "/", "tdm-reservation": "1"}]', False),
        (b'{"location": "/", "tdm-reservation": 1}', False),
        (
            b'[{"location": "/", "tdm-reservation": 0}, {"location": "/", "tdm-reservation": 1}]',
            False,
        ),
        (b"[" * 100_000, False),
        (b"\xff\xfe", False),
        (b"[1, null, {}]", False),
    ],
)
def test_a_tdmrep_file_is_read_as_it_is_meant(body, reserved):
    assert reading.tdm_reserved(body, "/works/1.png") is reserved


@pytest.mark.parametrize(
    "lines, said",
    [
        ("noai, noimageai", True),
        ("noindex\nnoimageai, noai", True),
        ("noai\nnoimageai", False),
        ("NoAI, NoImageAI", False),
        ("googlebot: noai, noimageai", False),
        ("", False),
    ],
)
def test_a_header_counts_only_as_the_strictest_reader_takes_it(lines, said):
    if lines.startswith("googlebot"):  # its first word alone belongs to that program, for some
        assert not reading.header_says(
            "X-Robots-Tag", lines.replace(", noai", ""), "noai, noimageai"
        )
        return
    assert reading.header_says("X-Robots-Tag", lines, "noai, noimageai") is said


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE rsl [<!ENTITY a "aa">]><rsl xmlns="https://rslstandard.org/rsl">&a;</rsl>',
        '<!DOCTYPE rsl [<!ENTITY a "aa">]><rsl/>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="nonsense"?><rsl/>',
        b'<?xml version="1.0" encoding="shift_jis"?><rsl/>',
        b"<rsl>",
        b"",
        b"<a>" * 50_000,
    ],
)
def test_what_is_no_licence_prohibits_nothing(body):
    assert reading.rsl_prohibited(body, "https://mira.example", "/") == set()


def test_pages_however_broken_are_read():
    said = reading.page(b"<meta name=ROBOTS content='NoAI ,noimageai'><img src=a.png><img><p <<")
    assert said.robots == {"noai", "noimageai"}
    assert said.pictures == ["a.png"]
    assert len(reading.page(b"<img src=a>" * 10_000).pictures) == 200
    assert reading.page(b"<img src=a.png><![nonsense[").pictures == ["a.png"]


MARKUP = [
    "<",
    ">",
    "<!",
    "<![",
    "]]>",
    "[",
    "--",
    "&",
    "#",
    "x",
    ";",
    "'",
    '"',
    "=",
    "/",
    " ",
    "img",
    "src",
]


@given(st.lists(st.sampled_from(MARKUP), max_size=40).map("".join))
def test_any_markup_is_read(text):
    assert len(reading.page(text.encode()).pictures) <= 200


def test_addresses_that_are_none_are_passed_over(guard, paint):
    page = b'<img src="http://[x/1.jpg"><img src="data:,"><img src="/works/1.jpg">'
    files = {"/index.html": page, "/works/1.jpg": paint("1.jpg", 1).read_bytes()}
    site = address()
    with served("nginx", site, files):
        found = looked(guard, policy(site, "Mira"))
    assert [one.place for one in found.findings if one.sign is Sign.PICTURE] == [
        f"{site}/works/1.jpg"
    ]


def test_a_folder_that_is_none_is_said(run, tmp_path):
    data, file = ("--data", tmp_path / "data"), tmp_path / "file"
    file.write_bytes(b"")
    status, lines, said = run(
        *("site", "kit", "mira.example", "--out", file, "--export", tmp_path, *data)
    )
    assert (status, lines) == (2, [])
    assert "file" in said
    missing = ("--export", tmp_path / "mistyped")
    status, lines, said = run(
        "site", "kit", "mira.example", "--out", tmp_path / "kit", *missing, *data
    )
    assert (status, lines) == (2, [])
    assert "mistyped" in said
    assert not (tmp_path / "kit").exists()


def test_the_command_line_makes_a_kit_and_looks_at_public_sites_only(run, tmp_path):
    data = ("--data", tmp_path / "data")
    site, out = "http://127.0.0.1:9", tmp_path / "kit"
    (tmp_path / "robots.txt").write_bytes(OWN_ROBOTS)
    status, lines, _ = run(
        *("site", "kit", site, "--out", out, "--robots", tmp_path / "robots.txt", *data)
    )
    assert status == 0
    assert {line["file"] for line in lines} >= {"robots.txt", "license.xml", "pages/head.html"}
    assert b"Disallow: /private/" in (out / "robots.txt").read_bytes()
    status, lines, _ = run("site", "audit", site, *data)
    assert (status, lines[-1]["event"], lines[-1]["gaps"]) == (1, "summary", 6)
    assert {line["state"] for line in lines[:-1]} == {Stands.UNREACHED}
    status, lines, _ = run("site", "record", site, *data)
    assert [line["gaps"] for line in lines] == [6]
    assert run("site", "forget", site, *data)[0] == 0
    assert run("site", "audit", site, *data)[0] == 2
    status, lines, _ = run("site", "agents", *data)
    assert "GPTBot" in {line["name"] for line in lines}
