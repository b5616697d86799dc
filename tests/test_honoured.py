# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Whoever trains chooses which opt-outs they honour, by lists that can be read or only tested."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from artistguard import cli, proof, wire
from artistguard.channels import lists, salted
from artistguard.channels.registry import Registry
from artistguard.datasets import Honoured, load_opt_outs
from artistguard.datasets.columns import Meaning
from artistguard.datasets.loading import sieve_of
from artistguard.datasets.sieve import KEPT, Reason
from artistguard.errors import Kind, Unreadable
from artistguard.models import Declaration, Subject
from artistguard.proof import Level, Standing
from fakes import at

SIGNER = proof.Signer(bytes(range(32)))
NOW = "2026-11-24T07:00:00Z"
SHA, MD5 = "ab" * 32, "cd" * 16
ALL, STRICT = Honoured(), Honoured(Level.DOMAIN_VERIFIED)
UNDISPUTED = Honoured(disputed=False)

# Every address that a row may have, and the id of the opt-out that drops it.
ROWS = {
    "https://ana.example/works/north.jpg": "shown",
    "HTTPS://ANA.example:443/works/north.jpg#x": "shown",
    "https://ana.example/works/east.jpg": "disputed",
    "https://ben.example/%e4%b8%80.jpg?a=b c": "told",
    "https://shop.site.example/any.jpg": "site",
    "https://user@Site.Example./any.jpg": "site",
    "site.example/any.jpg": "site",
    "http://SITE.example:8080": "site",
    "https://notsite.example/any.jpg": None,
    "https://ana.example/": None,
    "http://ana.example/works/north.jpg": "shown",
    "http://ana.example:443/works/north.jpg": None,
    "no address": None,
    "": None,
    None: None,
    "https://xn--/a.jpg": None,
    "https://" + "a" * 5_000 + ".example/": None,
}


def declaration(ident, subject=Subject.COPY, **changes):
    return Declaration(ident, subject, "Ana", NOW, wire.RESERVATION, **changes)


@pytest.fixture
def registry(tmp_path):
    registry = Registry(tmp_path / "registry", SIGNER, at(NOW))
    filed = [
        declaration("shown", url="https://ana.example/works/north.jpg"),
        declaration("disputed", url="https://ana.example/works/east.jpg"),
        declaration("told", url="https://ben.example/一.jpg?a=b c"),
        declaration("site", Subject.DOMAIN, domain="site.example"),
        declaration("file", Subject.WORK, sha256=SHA, md5=MD5),
    ]
    assert all(answer.receipt for answer in registry.deliver(filed))
    notices = [
        proof.Ownership("own", "Ana", proof.Method.DNS_TXT, "ana.example", "TXT seen", NOW),
        proof.Dispute("claim", "disputed", "Ben", "Mine.", NOW),
        proof.Dispute("other-claim", "site", "Ben", "Mine.", NOW),
    ]
    assert all(answer.receipt for answer in registry.record(notices))
    return registry


@pytest.fixture(params=["open", "salted"])
def folder(request, registry):
    return (lists if request.param == "open" else salted).publish(registry).folder


def judged(opt_outs, **columns):
    columns = {Meaning[name.upper()]: [array] for name, array in columns.items()}
    size = len(next(iter(columns.values()))[0])
    reasons = sieve_of(opt_outs).judge(columns, size)
    return [None if reason == KEPT else list(Reason)[reason] for reason in reasons]


@pytest.mark.parametrize(
    "honoured, opt_outs",
    [
        (ALL, {"shown", "disputed", "told", "site", "file"}),
        (Honoured(Level.PROFILE_LINKED), {"shown", "disputed"}),
        (STRICT, {"shown", "disputed"}),
        (Honoured(Level.CRYPTOGRAPHICALLY_BOUND), set()),
        (UNDISPUTED, {"shown", "told", "file"}),
        (Honoured(Level.DOMAIN_VERIFIED, disputed=False), {"shown"}),
    ],
)
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.binary()])
def test_only_what_is_honoured_is_left_out(folder, honoured, opt_outs, kind):
    found = judged(load_opt_outs(folder, honoured), url=pa.array([*ROWS]).cast(kind))
    left_out = [by if by in opt_outs else None for by in ROWS.values()]
    assert [reason is not None for reason in found] == [by is not None for by in left_out]
    assert [reason for reason in found if reason] == [
        Reason.DOMAIN if by == "site" else Reason.URL for by in left_out if by
    ]
    files = judged(
        load_opt_outs(folder, honoured),
        sha256=pa.array([SHA, SHA.upper(), MD5, None, "x"]),
        md5=pa.array([None, MD5, MD5, SHA, MD5[:-1]]),
    )
    by = [Reason.SHA256, Reason.SHA256, Reason.MD5, None, None]
    assert files == (by if "file" in opt_outs else [None] * 5)


def test_a_dispute_takes_nothing_away_by_default(folder):
    assert ALL.covers(Standing(disputed=True))
    assert STRICT.covers(Standing(Level.DOMAIN_VERIFIED, disputed=True))
    east = pa.array(["https://ana.example/works/east.jpg"])
    assert judged(load_opt_outs(folder), url=east) == [Reason.URL]


def test_nobody_weakens_an_opt_out_by_disputing_it_and_filing_another(registry):
    """Of the same address there is then one disputed entry of a level and one of none."""
    other = declaration("other", url="https://ana.example/works/east.jpg")
    assert next(iter(registry.deliver([other], party="ben"))).receipt
    east = pa.array(["https://ana.example/works/east.jpg"])
    for published in (lists.publish(registry), salted.publish(registry)):
        for honoured in (ALL, STRICT, UNDISPUTED):
            opt_outs = load_opt_outs(published.folder, honoured)
            assert judged(opt_outs, url=east) == [Reason.URL]
        strict = Honoured(Level.DOMAIN_VERIFIED, disputed=False)
        assert judged(load_opt_outs(published.folder, strict), url=east) == [None]


@pytest.mark.parametrize("name", ["opt-outs.parquet", "opt-outs.jsonl", "opt-outs.csv"])
def test_every_table_of_a_list_says_how_its_entries_stand(registry, name):
    opt_outs = load_opt_outs(lists.publish(registry).folder / name, STRICT)
    assert opt_outs.urls == {
        "https://ana.example/works/north.jpg",
        "https://ana.example/works/east.jpg",
    }
    assert not opt_outs.domains
    assert not opt_outs.sha256


@pytest.mark.parametrize(
    "ref", [None, "", "divine", "domain-verified", "cryptographically-bound sha256:x", "x disputed"]
)
def test_a_list_without_levels_is_the_word_of_who_wrote_it(tmp_path, ref):
    url = "https://a.example/a.jpg"
    pq.write_table(pa.table({"url": [url], "proof_ref": [ref]}), tmp_path / "with.parquet")
    pq.write_table(pa.table({"url": [url]}), tmp_path / "without.parquet")
    (tmp_path / "urls.txt").write_text(url)
    for name in ("with.parquet", "without.parquet", "urls.txt"):
        assert load_opt_outs(tmp_path / name).urls == {url}
        assert load_opt_outs(tmp_path / name, UNDISPUTED).urls == {url}
        assert load_opt_outs(tmp_path / name, STRICT).urls == set()


def test_a_salted_list_that_was_changed_is_refused(registry):
    folder = salted.publish(registry).folder
    (folder / salted.SALTED).write_bytes(b"")
    with pytest.raises(Unreadable) as raised:
        load_opt_outs(folder)
    assert raised.value.kind is Kind.LIST_UNREADABLE


# --- the command line -----------------------------------------------------------------------------


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "in.parquet"
    urls = [url for url in ROWS if url]
    uids = [f"{number:032x}" for number in range(len(urls))]
    pq.write_table(pa.table({"uid": uids, "url": urls}), path)
    return path


def test_the_filter_is_told_what_to_honour_and_tells_what_it_did_not_test(folder, table, capsys):
    out = str(table.with_name("out.parquet"))
    for choice, left_out in (
        ((), 9),
        (("--at-least", "domain-verified"), 4),
        (("--disputed", "keep"), 4),
        (("--disputed", "honour"), 9),
        (("--at-least", "domain-verified", "--disputed", "keep"), 3),
    ):
        command = ["dataset", "filter", str(table), "--out", out, "--opt-outs", str(folder)]
        assert cli.main([*command, *choice, "--json"]) == 0
        said = capsys.readouterr()
        report = json.loads(said.out)
        assert report["rows_in"] - report["rows_out"] == left_out
        is_salted = folder.name == "public-salted"
        assert report["untested"] == (["fingerprint"] if is_salted else [])
        assert ("not by how" in said.err) is is_salted


def test_a_subset_honours_the_same(folder, table, capsys):
    out = str(table.with_name("out.npy"))
    command = ["dataset", "subset", str(table), "--out", out, "--opt-outs", str(folder)]
    assert cli.main([*command, "--at-least", "domain-verified", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["rows_in"] - report["rows_out"] == 4


def test_a_level_that_there_is_not_is_refused(table, capsys):
    with pytest.raises(SystemExit) as done:
        cli.main(["dataset", "filter", str(table), "--out", "x", "--opt-outs", "y", "--at-least=x"])
    assert done.value.code == 2
    assert set(cli.commands.LEVELS) == set(Level)
