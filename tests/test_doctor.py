# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The doctor sees what is not as it was left, and is quick about it."""

import json
import shutil

import pytest

from artistguard import cli


@pytest.fixture
def examined(capsys, paint, tmp_path):
    """Protect two works, and afterwards give each check of the doctor by its name."""
    data = tmp_path / "data"
    for seed in range(2):
        paint(f"art/{seed}.png", seed)
    assert cli.main(["protect", str(tmp_path / "art"), "--yes", "--data", str(data)]) == 0
    capsys.readouterr()

    def examine():
        status = cli.main(["doctor", "--json", "--data", str(data)])
        checks = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return status, {check["check"]: check for check in checks}

    return data, examine


def test_all_is_well_after_the_main_job(examined):
    _, examine = examined
    status, checks = examine()
    assert status == 0
    assert all(check["ok"] for check in checks.values())
    assert "4 entries" in checks["registry"]["detail"]


def test_a_log_that_was_cut_off_is_seen_even_when_it_looks_whole(examined):
    data, examine = examined
    log = data / "registry" / "log.jsonl"
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-1]))
    status, checks = examine()
    assert (status, checks["registry"]["ok"]) == (1, False)
    assert "line 4" in checks["registry"]["detail"]


def test_a_registry_that_is_gone_is_missed_by_its_receipts(examined):
    data, examine = examined
    shutil.rmtree(data / "registry")
    status, checks = examine()
    assert (status, checks["registry"]["ok"]) == (1, False)


def test_what_cannot_be_opened_is_a_check_that_fails(examined):
    data, examine = examined
    (data / "artistguard.sqlite").write_bytes(b"no database" * 1000)
    status, checks = examine()
    assert status == 1
    assert not checks["data"]["ok"]
    assert "damaged" in checks["data"]["detail"]


def test_the_help_bundle_names_no_work_no_place_and_no_hash(examined, tmp_path):
    data, _ = examined
    bundle = tmp_path / "help.json"
    assert cli.main(["doctor", "--bundle", str(bundle), "--data", str(data)]) == 0
    text = bundle.read_text()
    told = json.loads(text)
    assert told["counts"]["works"] == 2
    assert {check["check"] for check in told["checks"]} >= {"database", "pictures", "registry"}
    log = (data / "registry" / "log.jsonl").read_text().splitlines()
    for secret in (str(tmp_path), "0.png", json.loads(log[0])["seal"]["key"], "sha256"):
        assert secret not in text
