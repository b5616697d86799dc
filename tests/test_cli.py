# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What scripts rely on: fields, exit statuses, and nothing but results on standard output."""

import json
import sqlite3
from importlib import import_module

import pytest

from artistguard import cli
from artistguard.cli import commands


@pytest.fixture
def art(paint, tmp_path):
    for seed in range(3):
        paint(f"art/{seed}.png", seed)
    return tmp_path / "art"


def every_command():
    def leaves(parser, words):
        for action in parser._subparsers._group_actions if parser._subparsers else ():
            for word, child in action.choices.items():
                yield from leaves(child, [*words, word])
        if parser.get_default("run"):
            yield words, parser.get_default("run")

    return list(leaves(commands.parser(), []))


@pytest.mark.parametrize("words, run_", every_command(), ids=str)
def test_every_command_is_there_and_says_what_it_does(words, run_, capsys):
    module, _, function = run_.partition(".")
    assert callable(getattr(import_module(f"artistguard.cli.{module}"), function))
    with pytest.raises(SystemExit) as done:
        cli.main([*words, "--help"])
    assert done.value.code == 0
    assert "--json" in capsys.readouterr().out


def test_fingerprint_keeps_nothing_and_names_what_it_cannot_read(run, art, tmp_path):
    (art / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    status, lines, said = run("fingerprint", art)
    assert status == 1
    good = [line for line in lines if line["error"] is None]
    assert len(good) == 3
    for line in good:
        assert len(line["sha256"]) == 64
        assert len(line["md5"]) == 32
        assert (line["width"], line["height"], line["format"]) == (320, 240, "PNG")
        assert {name: len(value) for name, value in line["fingerprints"].items()} == {
            "dct256/1": 64,
            "phash64/1": 16,
        }
        assert set(line["quality"]) == set(line["fingerprints"])
    (bad,) = (line for line in lines if line["error"])
    assert bad["path"].endswith("broken.png")
    assert "broken.png" in said
    assert run("status")[1][-1]["works"] == 0


def test_scan_names_each_file_and_its_state(run, art):
    status, lines, _ = run("scan", art)
    assert status == 0
    assert {line["state"] for line in lines} == {"new"}
    assert sorted(line["work"] for line in lines) == [1, 2, 3]
    assert run("scan", art) == (0, [], "")
    assert run("scan") == (0, [], "")


def test_a_missing_folder_is_unusable_and_is_not_remembered(run, tmp_path):
    status, _, said = run("scan", tmp_path / "nothing")
    assert status == 2
    assert "is not there" in said
    assert run("scan") == (0, [], "")


def test_opt_out_shows_its_lines_and_writes_nothing_when_dry(run, art):
    run("scan", art)
    status, lines, _ = run("opt-out", "--future", "--dry-run")
    assert status == 0
    assert lines[0]["event"] == "plan"
    assert lines[0]["leaves_machine"] is False
    assert [line["state"] for line in lines[1:]] == ["drafted"] * 3
    assert json.loads(lines[1]["line"])["picture"]["sha256"]
    assert run("status")[1][-1]["opt_outs"]["queued"] == 0


def test_nothing_is_filed_without_a_yes(run, art):
    run("scan", art)
    status, lines, said = run("opt-out", "--future")
    assert (status, [line["event"] for line in lines]) == (0, ["plan"])
    assert "--yes" in said
    assert run("status")[1][-1]["receipts"] == 0


def test_opt_outs_have_receipts_that_verify_and_can_be_withdrawn(run, art, tmp_path):
    run("scan", art)
    status, lines, _ = run("opt-out", "--future", "--yes", "--as", "Mira")
    filed = [line for line in lines if "opt_out" in line]
    assert status == 0
    assert {line["state"] for line in filed} == {"acknowledged"}
    assert {line["scope"] for line in filed} == {"all"}

    out = tmp_path / "proof"
    _, exported, _ = run("receipts", "--export", out)
    assert [line["valid"] for line in exported] == [True] * 3
    paths = [line["path"] for line in exported]
    status, checked, _ = run("verify", *paths)
    assert (status, [line["valid"] for line in checked]) == (0, [True] * 3)

    body = bytearray((out / f"{filed[0]['opt_out']}.opt-out.receipt").read_bytes())
    body[len(body) // 2] ^= 1
    (out / "changed.receipt").write_bytes(body)
    status, (checked,), _ = run("verify", out / "changed.receipt")
    assert (status, checked["valid"]) == (1, False)
    assert checked["where"]

    status, (gone,), _ = run("withdraw", filed[0]["opt_out"])
    assert (status, gone["state"]) == (0, "withdrawn")
    assert run("receipts")[1][-1]["withdrawal"] in {True, False}
    assert len(run("receipts")[1]) == 4


def test_protect_tells_the_story_and_sums_it_up(run, art):
    status, lines, _ = run("protect", art, "--yes")
    assert status == 0
    assert [line["event"] for line in lines] == ["work"] * 3 + ["plan"] + ["opt_out"] * 3 + [
        "summary"
    ]
    assert lines[-1]["works"] == 3
    assert lines[-1]["matches"] == {"certain": 0, "likely": 0, "possible": 0}
    assert lines[-1]["receipts"] == 3
    status, again, said = run("protect", art, "--yes")
    assert "settings" not in said
    assert [line["event"] for line in again] == ["plan", "summary"]
    assert again[-1] == lines[-1]


@pytest.mark.parametrize(
    "arguments, status",
    [
        ([], 2),
        (["withdraw", "nothing"], 2),
        (["verify", "missing.json"], 1),
        (["verify", "x", "--key", "zz"], 2),
        (["protect", "."], 0),
    ],
    ids=str,
)
def test_the_exit_status_says_what_happened(arguments, status, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if arguments:
        assert run(*arguments)[0] == status
    else:
        assert cli.main([]) == status


def test_a_newer_database_is_refused_in_one_sentence(run, art, tmp_path, monkeypatch):
    run("scan", art, "--data", tmp_path / "data")
    with sqlite3.connect(tmp_path / "data" / "artistguard.sqlite") as raw:
        raw.execute("PRAGMA user_version = 99")
    raw.close()
    status, lines, said = run("scan", art, "--data", tmp_path / "data")
    assert (status, lines) == (2, [])
    assert "newer ArtistGuard" in said
    assert "Traceback" not in said


def test_one_bad_pack_holds_up_nothing_else(run, art, tmp_path):
    status, lines, said = run("protect", art, "--pack", tmp_path / "missing", "--yes")
    assert status == 1
    assert "no pack" in said
    assert lines[-1]["receipts"] == 3


def test_a_lost_database_is_filled_from_the_registry_and_nothing_is_filed_twice(run, art, tmp_path):
    data = tmp_path / "data"
    run("protect", art, "--yes", "--data", data)
    log = (data / "registry" / "log.jsonl").read_text().count('"kind":"opt-out"')
    for file in data.glob("artistguard.sqlite*"):
        file.unlink()
    status, lines, _ = run("protect", art, "--yes", "--data", data)
    assert (status, lines[-1]["receipts"]) == (0, 3)
    assert (data / "registry" / "log.jsonl").read_text().count('"kind":"opt-out"') == log == 3


def test_a_dry_run_changes_nothing_not_even_the_name(run, art, tmp_path):
    run("scan", art, "--data", tmp_path / "data")
    run("opt-out", "--future", "--dry-run", "--as", "Someone", "--data", tmp_path / "data")
    assert not (tmp_path / "data" / "settings.json").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("opt-out", "--work", "9999", "--yes"),
        ("opt-out", "--domain", "no domain", "--yes"),
        ("opt-out", "--channel", "nope", "--future", "--yes"),
        ("opt-out", "--future", "--as", "two\nlines", "--yes"),
        ("matches", "--mine", "123456"),
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_told_in_a_sentence_and_changes_nothing(run, art, arguments):
    run("scan", art)
    status, lines, said = run(*arguments)
    assert (status, lines) == (2, [])
    assert "Traceback" not in said
    assert run("status")[1][-1]["opt_outs"]["queued"] == 0


@pytest.mark.parametrize("number", ["99999999999999999999999", "0", "-1", "x"])
def test_a_number_that_is_no_number_of_ours_is_wrong_usage(number):
    with pytest.raises(SystemExit) as done:
        cli.main(["matches", "--mine", number])
    assert done.value.code == 2


def test_verify_goes_on_after_a_file_that_is_not_there(run, art, tmp_path):
    run("protect", art, "--yes", "--data", tmp_path / "data")
    status, lines, _ = run("verify", "missing", tmp_path / "data" / "registry" / "log.jsonl")
    assert status == 1
    assert [line["valid"] for line in lines] == [False, True]
    assert "no file" in lines[0]["why"]


def test_searching_without_finding_says_so(run, art):
    status, lines, said = run("search", art)
    assert (status, lines) == (0, [])
    assert "nothing was looked up" in said


def test_a_name_with_a_line_end_cannot_look_like_a_line_of_ours(paint, tmp_path, capsys):
    paint("art/a\nnew      forged.png")
    assert cli.main(["scan", str(tmp_path / "art"), "--data", str(tmp_path / "data")]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_file_that_cannot_be_read_is_named_every_time(run, art):
    (art / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    for _ in range(2):
        status, lines, said = run("scan", art)
        assert status == 1
        assert [line["state"] for line in lines if line["error"]] == ["unreadable"]
        assert "broken.png" in said
