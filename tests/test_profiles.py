# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Several names on one machine: each has its own data, and a name is never a path."""

from contextlib import closing
from pathlib import Path

import pytest

from artistguard import profiles
from artistguard.errors import Kind, Problem
from artistguard.guard import Guard, now

SAMPLE = Path(__file__).parents[1] / "resources" / "sample"


def test_each_profile_has_its_own_works_and_name(run, paint, tmp_path):
    main = tmp_path / "data"
    paint("a.png", 1, folder=tmp_path / "mira")
    paint("b.png", 2, folder=tmp_path / "tom")
    run("pack", "add", SAMPLE / "pack", "--data", main)
    run("protect", tmp_path / "mira", "--data", main, "--yes", "--as", "Mira")
    assert run("profile", "add", "Tom & Söhne", "--data", main)[0] == 0
    as_tom = ("--data", main, "--profile", "tom & SÖHNE")
    run("protect", tmp_path / "tom", *as_tom, "--yes", "--as", "Tom")
    listed = run("profile", "list", "--data", main)[1]
    assert [(one["profile"], one["main"]) for one in listed] == [
        ("main", True),
        ("Tom & Söhne", False),
    ]
    folders = {}
    for one in listed:
        with closing(Guard(Path(one["data"]))) as guard:
            folders[guard.choices.settings.declarant] = guard.portfolio.folders()
            assert guard.choices.settings.packs == (str(SAMPLE / "pack"),)
    assert folders == {"Mira": [str(tmp_path / "mira")], "Tom": [str(tmp_path / "tom")]}


def test_a_profile_that_is_not_there_is_named_with_those_that_are(run, tmp_path):
    profiles.create(tmp_path, "Tom", now)
    status, _, said = run("status", "--data", tmp_path, "--profile", "Tim")
    assert (status, "“Tim”" in said, "main, Tom" in said) == (2, True, True)


@pytest.mark.parametrize("name", ["../../escaped", "/etc/passwd", "CON", "a\\b", "日本 🎨"])
def test_a_name_is_never_a_path(tmp_path, name):
    made = profiles.create(tmp_path / "data", name, now)
    assert made.name == name
    assert made.data.parent == tmp_path / "data" / "profiles"
    assert made.data.name.isalnum()
    assert profiles.find(tmp_path / "data", name) == made
    assert {path.name for path in tmp_path.iterdir()} == {"data"}


@pytest.mark.parametrize(
    "name, kind",
    [
        ("", Kind.UNSAYABLE),
        ("  ", Kind.UNSAYABLE),
        ("x" * 61, Kind.UNSAYABLE),
        ("a\x07b", Kind.UNSAYABLE),
        ("TOM", Kind.PROFILE_EXISTS),
        ("Main", Kind.PROFILE_EXISTS),
    ],
)
def test_names_can_be_shown_and_told_apart(tmp_path, name, kind):
    profiles.create(tmp_path, "Tom", now)
    with pytest.raises(Problem) as wrong:
        profiles.create(tmp_path, name, now)
    assert wrong.value.kind is kind
    assert len(profiles.every(tmp_path)) == 2


def test_profiles_are_renamed_the_first_one_too(run, tmp_path):
    made = profiles.create(tmp_path, "Tom", now)
    assert run("profile", "rename", "tom", "Thomas", "--data", tmp_path)[0] == 0
    assert run("profile", "rename", "main", "Mira", "--data", tmp_path)[0] == 0
    assert [one.name for one in profiles.every(tmp_path)] == ["Mira", "Thomas"]
    assert profiles.find(tmp_path, "thomas").data == made.data
    assert profiles.find(tmp_path, "main").data == profiles.find(tmp_path, "mira").data == tmp_path
    assert profiles.rename(profiles.current(tmp_path), "mira").name == "mira"


def test_from_within_a_profile_the_others_are_found_and_packs_are_shared(tmp_path):
    made = profiles.create(tmp_path, "Tom", now)
    assert profiles.main_folder(made.data) == profiles.main_folder(tmp_path) == tmp_path
    assert profiles.packs_folder(made.data) == profiles.packs_folder(tmp_path)


def test_a_damaged_name_hides_no_profile(tmp_path):
    made = profiles.create(tmp_path, "Tom", now)
    for body in (b"{", b"[1]", b'{"name": 5}', b'{"name": "a\\u0007"}', b"\xff"):
        (made.data / "profile.json").write_bytes(body)
        assert profiles.every(tmp_path)[1].name == made.data.name
