# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The artist's choices survive newer versions, damage and power cuts."""

import dataclasses
import json
import os
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from artistguard import settings
from artistguard.errors import Kind, Stopped
from artistguard.guard import Guard
from artistguard.settings import Marks, Settings, data_folder, load, save

CHOSEN = Settings(
    declarant="猫 Łucja",
    names=("Łucja", "lucja_draws"),
    sites=("lucja.example",),
    urls=("https://shop.example/p?id=1",),
    packs=("/srv/packs/caf\udce9",),
    embedding_model="/srv/model.onnx",
    workers=3,
    marks=Marks(rights="© Łucja", export_from="/srv/caf\udce9", beside=True),
)


def noon():
    return datetime(2030, 1, 2, 12, 0, 0, tzinfo=UTC)


def damage(data, text):
    data.mkdir(exist_ok=True)
    path = data / "settings.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def kept(data):
    return sorted(path.name for path in data.iterdir() if "damaged" in path.name)


def test_without_a_file_the_defaults_apply(tmp_path):
    assert load(tmp_path / "nothing here", noon) == (Settings(), None)
    assert not (tmp_path / "nothing here").exists()


def test_what_was_saved_comes_back(tmp_path):
    save(tmp_path, CHOSEN, noon)
    assert load(tmp_path, noon) == (CHOSEN, None)
    assert "猫 Łucja" in (tmp_path / "settings.json").read_text("utf-8", "surrogatepass")


def test_every_field_is_read():
    assert set(settings._SHAPES) == {field.name for field in dataclasses.fields(Settings)}


def test_keys_of_a_newer_version_stay_in_the_file(tmp_path):
    path = damage(tmp_path, '{"declarant": "A", "moods": {"dark": true}}')
    assert load(tmp_path, noon) == (Settings(declarant="A"), None)
    save(tmp_path, Settings(declarant="B"), noon)
    assert json.loads(path.read_text())["moods"] == {"dark": True}
    assert load(tmp_path, noon)[0].declarant == "B"


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such permissions")
def test_only_the_owner_can_read_what_was_saved(tmp_path):
    data = tmp_path / "a" / "data"
    save(data, CHOSEN, noon)
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert stat.S_IMODE((data / "settings.json").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '"' + "a" * 100,
        b"\xff\xfe{}",
        b"\0" * 100,
        "[" * 100_000,
        '{"a": ' * 50_000,
        '{"workers": ' + "9" * 10_000 + "}",
        '{"declarant": "' + "a" * (1 << 20) + '"}',
    ],
    ids=lambda text: str(text)[:12],
)
def test_a_damaged_file_is_set_aside_whole_and_the_defaults_apply(tmp_path, text):
    before = damage(tmp_path, text).read_bytes()
    chosen, problem = load(tmp_path, noon)
    assert chosen == Settings()
    assert problem.kind is Kind.SETTINGS_DAMAGED
    assert problem.facts["kept"].name == "settings.damaged-20300102T120000Z.json"
    assert problem.facts["kept"].read_bytes() == before
    assert load(tmp_path, noon) == (Settings(), None)


@pytest.mark.parametrize(
    "key, value",
    [
        ("declarant", 5),
        ("declarant", "two\nlines"),
        ("declarant", "\ud800"),
        ("names", "Łucja"),
        ("names", ["Łucja", None]),
        ("sites", {"a": "b"}),
        ("urls", [["https://a.example"]]),
        ("packs", ["/a\0b"]),
        ("embedding_model", 1),
        ("workers", True),
        ("workers", 1.5),
        ("workers", -1),
        ("workers", 1_000_000),
        ("marks", []),
        ("marks", {"reservation": "DMI-ALLOWED"}),
        ("marks", {"rights": "two\nlines"}),
        ("marks", {"beside": 1}),
    ],
)
def test_one_wrong_value_does_not_take_the_right_ones_with_it(tmp_path, key, value):
    save(tmp_path, CHOSEN, noon)
    path = tmp_path / "settings.json"
    written = json.loads(path.read_text("utf-8", "surrogatepass"))
    before = damage(tmp_path, json.dumps({**written, key: value, "newer": 1})).read_bytes()
    chosen, problem = load(tmp_path, noon)
    default = getattr(Settings(), key)
    assert chosen == dataclasses.replace(CHOSEN, **{key: default})
    assert problem.facts["keys"] == [key]
    assert problem.facts["kept"].read_bytes() == before
    assert load(tmp_path, noon) == (chosen, None)
    assert json.loads(path.read_text("utf-8", "surrogatepass"))["newer"] == 1


def test_damage_twice_in_one_second_keeps_both_files(tmp_path):
    for text in ("first", "second", "third"):
        damage(tmp_path, text)
        load(tmp_path, noon)
    assert [(tmp_path / name).read_text() for name in kept(tmp_path)] == [
        "second",
        "third",
        "first",
    ]


def test_saving_over_a_damaged_file_keeps_it_too(tmp_path):
    damage(tmp_path, "{oh no")
    save(tmp_path, CHOSEN, noon)
    assert load(tmp_path, noon) == (CHOSEN, None)
    assert [(tmp_path / name).read_text() for name in kept(tmp_path)] == ["{oh no"]


def test_a_folder_in_the_place_of_the_file_is_set_aside(tmp_path):
    (tmp_path / "settings.json").mkdir()
    chosen, problem = load(tmp_path, noon)
    assert (chosen, problem.kind) == (Settings(), Kind.SETTINGS_DAMAGED)
    assert problem.facts["kept"].is_dir()


def test_a_data_folder_that_cannot_be_one_is_said(tmp_path):
    (tmp_path / "data").write_text("a file")
    with pytest.raises(Stopped) as stopped:
        save(tmp_path / "data", CHOSEN, noon)
    assert stopped.value.kind is Kind.DATA_NOT_WRITABLE
    with pytest.raises(Stopped):
        load(tmp_path / "data", noon)


def test_the_option_comes_before_the_environment_and_both_before_the_system(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    monkeypatch.chdir(tmp_path)
    environ = {"ARTISTGUARD_DATA": "/from/environment"}
    assert data_folder("there", environ) == tmp_path / "there"
    assert data_folder(None, environ) == Path("/from/environment")
    assert data_folder(None, {"ARTISTGUARD_DATA": ""}).name == "ArtistGuard"
    assert data_folder("~/there", {}) == Path.home() / "there"


@pytest.mark.parametrize(
    "key, value",
    [
        ("battery_least", 102),
        ("battery_least", True),
        ("paused_until", "soon"),
        ("paused_until", "2030-01-02T12:00:00"),
        ("wait_for_unmetered", 1),
        ("agreed", "hashes https://example.org"),
    ],
)
def test_what_the_background_goes_by_has_its_shapes(key, value, tmp_path):
    damage(tmp_path, json.dumps({key: value}))
    found, problem = load(tmp_path, noon)
    assert (found, problem.facts["keys"]) == (Settings(), [key])


CHOOSING = """
import sys
from pathlib import Path
from artistguard.guard import Guard
guard = Guard(Path(sys.argv[1]))
sys.stdin.readline()  # both have loaded what there was
for number in range(int(sys.argv[3])):
    guard.choices.know_artist([f"name {number}"], [], []) if sys.argv[2] == "names" else \
        guard.choices.agree(f"https://{number}.example", private=False)
"""


def test_two_who_choose_at_once_lose_nothing_of_each_other(tmp_path):
    both = [
        subprocess.Popen(
            [sys.executable, "-c", CHOOSING, tmp_path, what, "20"], stdin=subprocess.PIPE
        )
        for what in ("names", "agreed")
    ]
    for one in both:
        one.stdin.write(b"\n")
        one.stdin.flush()
    for one in both:
        one.communicate()
        assert one.returncode == 0
    chosen, _ = load(tmp_path, noon)
    assert chosen.names == ("name 19",)
    assert len(chosen.agreed) == 20


def test_what_a_command_chose_stays_when_the_window_chooses_something_else(tmp_path):
    with closing(Guard(tmp_path)) as window, closing(Guard(tmp_path)) as command:
        command.choices.call_artist("Łucja")
        window.choices.arrange(battery_least=60)
        assert (window.choices.settings.declarant, load(tmp_path, noon)[0].battery_least) == (
            "Łucja",
            60,
        )
        window.choices.look(theme="dark", language="")
        command.choices.renew()
        assert command.choices.settings.theme == "dark"


def test_a_name_for_one_session_is_not_kept_by_another_choice(tmp_path):
    with closing(Guard(tmp_path)) as guard:
        guard.choices.call_artist("L.", keep=False)
        guard.choices.look(theme="dark", language="")
        assert guard.choices.settings.declarant == "L."
        assert load(tmp_path, noon)[0] == Settings(theme="dark")


def test_settings_that_another_holds_are_waited_for_and_then_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "_PATIENCE", 0.05)
    with closing(Guard(tmp_path)) as guard, settings.changing(tmp_path):
        with pytest.raises(Stopped) as busy:
            guard.choices.look(theme="dark", language="")
        assert busy.value.kind is Kind.DATABASE_BUSY
        assert load(tmp_path, noon)[0] == guard.choices.settings == Settings()
