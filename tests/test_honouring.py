# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Real tools of those who train honour our public list."""

import hashlib

import datadiligence
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datatrove.data import Document
from datatrove.pipeline.filters.url_filter import URLFilter

from artistguard import proof, wire
from artistguard.channels import lists, salted
from artistguard.channels.registry import Registry
from artistguard.datasets import Honoured, OptOutList
from artistguard.datasets.subset import write_subset
from artistguard.errors import Kind, Unreadable
from artistguard.honouring.datadiligence import honour
from artistguard.models import Declaration, Subject
from fakes import at

BODY = b"a picture, as far as hashes are concerned"


def declaration(ident, subject, **more):
    return Declaration(
        id=ident,
        subject=subject,
        declarant="An artist",
        declared_at="2026-11-24T07:00:00Z",
        reservation=wire.RESERVATION,
        **more,
    )


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    registry = Registry(
        tmp_path_factory.mktemp("registry"), proof.Signer(bytes(32)), at("2026-11-24T07:00:00Z")
    )
    wanted = [
        declaration("1", Subject.COPY, url="https://images.test/1.jpg"),
        declaration("2", Subject.DOMAIN, domain="artist.com"),
        declaration("3", Subject.WORK, sha256=hashlib.sha256(BODY).hexdigest()),
        declaration("4", Subject.WORK, md5=hashlib.md5(b"other").hexdigest()),
    ]
    list(registry.deliver(wanted))
    own = proof.Ownership(
        "5", "An artist", proof.Method.DNS_TXT, "artist.com", "TXT seen", "2026-11-24T07:00:00Z"
    )
    list(registry.record([own]))
    return registry


@pytest.fixture(scope="module")
def public(registry):
    return lists.publish(registry).folder


@pytest.fixture(params=["open list", "salted list"])
def published(request, registry, public):
    if request.param == "open list":
        return public / "opt-outs.parquet"
    return salted.publish(registry).folder


@pytest.fixture
def diligent(monkeypatch):
    """The package with its own rules, and without what other tests have added."""
    monkeypatch.delenv("SPAWNING_OPTS_KEY", raising=False)
    datadiligence.load_defaults()
    datadiligence.get_evaluator("file").rules.clear()  # its rule for C2PA leaves files open
    yield datadiligence
    datadiligence.load_defaults()


URLS = ["https://IMAGES.test/1.jpg", "https://images.test/2.jpg", "https://www.artist.com/3"]


def test_datadiligence_honours_a_list_without_a_server_or_a_key(published, diligent, tmp_path):
    assert diligent.is_allowed(urls=URLS) == [True, True, True]
    honour(published)
    assert diligent.is_allowed(urls=URLS) == [False, True, False]
    assert diligent.filter_allowed(urls=URLS) == [URLS[1]]
    names = {"mine.png": BODY, "also.png": b"other", "strange.png": b"somebody else's"}
    for name, body in names.items():
        (tmp_path / name).write_bytes(body)
    allowed = [diligent.is_allowed(name="file", path=str(tmp_path / name)) for name in names]
    assert allowed == [False, False, True]


def test_datadiligence_honours_what_is_proved_as_well_as_is_asked_for(published, diligent):
    honour(published, Honoured(proof.Level.DOMAIN_VERIFIED))
    assert diligent.is_allowed(urls=URLS) == [True, True, False]


def test_a_list_that_is_none_is_told(diligent, tmp_path):
    (tmp_path / "list.parquet").write_bytes(b"no list")
    with pytest.raises(Unreadable):
        honour(tmp_path / "list.parquet")
    (tmp_path / salted.SALTED).write_text("no list")
    with pytest.raises(Unreadable):
        honour(tmp_path)
    assert diligent.is_allowed(urls=URLS) == [True, True, True]


@pytest.mark.filterwarnings("ignore:.*registered_domain:DeprecationWarning")  # theirs
def test_the_lists_are_what_a_web_text_filter_takes(public, monkeypatch, caplog):
    # It asks for a table of public suffixes, here where nobody answers, logs that and has its own.
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with (public / "urls.txt").open() as urls, (public / "domains.txt").open() as domains:
        one = URLFilter(extra_urls=urls, extra_domains=domains, use_integrated_lists=False)

    def keeps(url):
        verdict = one.filter(Document(text="", id="1", metadata={"url": url}))
        return verdict is True

    assert keeps("https://images.test/2.jpg")
    assert not keeps("https://images.test/1.jpg")
    assert not keeps("https://www.artist.com/any")


def finish(steps):
    """What a generator returns in the end."""

    def through():
        returned.append((yield from steps))

    returned = []
    list(through())
    return returned[0]


def table(path, **columns):
    pq.write_table(pa.table(columns), path)
    return path


def test_the_rows_to_keep_are_written_as_datacomp_reads_them(public, tmp_path):
    uids = ["ff" * 16, "00" * 15 + "01", "0123456789abcdef" + "fedcba9876543210"]
    source = table(
        tmp_path / "metadata.parquet",
        uid=uids,
        url=["https://images.test/2.jpg", "https://images.test/1.jpg", "https://images.test/3.jpg"],
        sha256=["00" * 32] * 3,
    )
    out = tmp_path / "keep.npy"
    opt_outs = OptOutList.load(public / "opt-outs.parquet")
    assert finish(write_subset(source, out, opt_outs)) == (3, 2)
    kept = np.load(out)
    assert kept.dtype == np.dtype("u8,u8")
    # As DataComp's own resharder looks an id up.
    pairs = [(int(uid[:16], 16), int(uid[16:], 16)) for uid in (uids[2], uids[0])]
    assert kept.tolist() == pairs


@pytest.mark.parametrize(
    "columns, kind",
    [
        ({"url": ["https://a.test/"]}, Kind.TABLE_WITHOUT_COLUMNS),
        ({"url": ["https://a.test/"], "uid": ["no id"]}, Kind.TABLE_UNREADABLE),
    ],
)
def test_a_table_without_ids_is_told_and_nothing_is_written(public, tmp_path, columns, kind):
    source = table(tmp_path / "metadata.parquet", **columns)
    out = tmp_path / "keep.npy"
    with pytest.raises(Unreadable) as caught:
        list(write_subset(source, out, OptOutList.load(public / "opt-outs.parquet")))
    assert caught.value.kind is kind
    assert not out.exists()
