# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A program that waits in the tray takes little: large libraries are loaded by what needs them."""

import json
import shutil
import subprocess
import sys
from contextlib import closing

import pytest

from artistguard import proof
from artistguard.background import Background, Machine
from artistguard.channels import public
from artistguard.errors import Damaged
from artistguard.guard import Guard
from artistguard.models import Disclosure, Match, More, Scope
from baking import Row, bake
from servers import serving

LOCAL = ("PIL", "cryptography", "imagehash", "numpy", "pyarrow")
HEAVY = (*LOCAL, "asyncio", "dns", "httpcore", "httpx", "keyring", "publicsuffixlist")

ROUND = """
from pathlib import Path
from artistguard.background import Background, Machine
from artistguard.guard import Guard

def rest(event, seconds):
    background.stop()

told = []
data = Path(sys.argv[1])
background = Background(lambda: Guard(data), told.append, Machine(wait=rest))
background.run()
print(told, file=sys.stderr)
"""


def loaded_by(script, *arguments):
    """Which of the large libraries a script has loaded in a process of its own, and what it said"""
    told = f"import json\nprint(json.dumps([n for n in {HEAVY!r} if n in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{script}\n{told}", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1])), done.stderr


def watch_once(data):
    """One round in this process; what was told."""
    told = []
    machine = Machine(wait=lambda _event, _seconds: background.stop())
    background = Background(lambda: Guard(data), told.append, machine)
    background.run()
    return told


def only(kind, news):
    return [each for each in news if isinstance(each, kind)]


@pytest.fixture
def pack(tmp_path, paint):
    seen = paint("seen.png", 1, size=(160, 120))
    row = Row("seen", seen, url="https://shop.mira.example/1.png", caption="by Mira Brandt")
    return bake(tmp_path / "pack", [row])


@pytest.fixture
def data(tmp_path, paint, pack):
    """Two works, one of them seen, of an artist who is known by name; all is opted out."""
    paint("art/a.png", 1, size=(160, 120))
    paint("art/b.png", 2, size=(160, 120))
    with closing(Guard(tmp_path / "data")) as guard:
        guard.choices.add_packs([str(pack)])
        guard.choices._choose(sites=("mira.example",), names=("Mira Brandt",))
        list(guard.scan([str(tmp_path / "art")]))
        guard.opt_out(guard.plan(Scope.ALL))
    watch_once(tmp_path / "data")
    return tmp_path / "data"


def test_the_story_is_opened_without_a_large_library(tmp_path):
    opening = """
from pathlib import Path
from artistguard.background import Background
from artistguard.guard import Guard
guard = Guard(Path(sys.argv[1]))
guard.summary(), guard.portfolio.folders(), guard.choices.places(), guard.choices.channels()
guard.close()
"""
    assert loaded_by(opening, tmp_path)[0] == set()


def test_large_libraries_are_seen():
    assert loaded_by("import artistguard.search.packs")[0] == {"numpy", "pyarrow"}


def test_a_round_with_nothing_new_loads_nothing(data):
    loaded, told = loaded_by(ROUND, data)
    assert loaded == set()
    assert "IDLE" in told
    assert "Problem" not in told


def test_a_round_of_somebody_who_filed_nothing_loads_nothing(tmp_path):
    (tmp_path / "art").mkdir()
    with closing(Guard(tmp_path / "data")) as guard:
        list(guard.scan([str(tmp_path / "art")]))
    assert loaded_by(ROUND, tmp_path / "data")[0] == set()
    assert not (tmp_path / "data" / "registry").exists()


@pytest.fixture
def server(data, pack, tmp_path, monkeypatch):
    """A server that is searched by both works' hashes."""
    with serving(tmp_path / "server", packs=[pack]) as running:
        monkeypatch.setenv("ARTISTGUARD_SERVER_KEY", running.key)
        with closing(Guard(data)) as guard:
            guard.choices.add_server(running.url, None, private=None)
        (told,) = only(Disclosure, watch_once(data))
        assert told.works == 2
        yield running


def test_a_server_is_only_asked_what_it_has(data, server, caplog):
    caplog.clear()
    loaded, told = loaded_by(ROUND, data)
    assert not loaded & set(LOCAL)
    assert "IDLE" in told
    asked = [json.loads(record.message) for record in caplog.records if "route" in record.message]
    assert [request["route"] for request in asked] == ["/api/v1/sources"]


# --- and misses nothing for it --------------------------------------------------------------------


def test_another_version_of_a_pack_is_searched_by_itself(data, pack, paint):
    found = [Row("seen", paint("other.png", 2, size=(160, 120)))]
    shutil.rmtree(pack)
    bake(pack, found)
    assert [match.entry.entry for match in only(Match, watch_once(data))] == ["seen"]


def test_what_the_artist_is_called_from_now_on_is_asked_for(data):
    with closing(Guard(data)) as guard:
        guard.choices._choose(names=("Mira Brandt", "M. Brandt"))
    assert "pyarrow" in loaded_by(ROUND, data)[0]
    assert loaded_by(ROUND, data)[0] == set()


def test_a_name_with_more_entries_than_are_listed_is_told_of_in_every_session(
    data, pack, paint, monkeypatch
):
    monkeypatch.setattr("artistguard.search.packs._NAMES_LISTED", 1)
    shutil.rmtree(pack)
    bake(pack, [Row(f"{number}", caption="by Mira Brandt") for number in range(3)])
    assert len(only(More, watch_once(data))) == 1
    assert len(only(More, watch_once(data))) == 1


@pytest.mark.parametrize("name", ["urls.txt", "manifest.json", "opt-outs.parquet"])
def test_a_list_that_is_not_whole_is_mended(name, data):
    registry = data / "registry"
    path = registry / "public" / name
    path.write_bytes(path.read_bytes()[:-9])
    assert public.held(registry) is None
    watch_once(data)
    assert public.held(registry) == 3
    path.unlink()
    assert public.held(registry) is None
    watch_once(data)
    assert public.held(registry) == 3
    assert proof.check_file(registry / "public" / "manifest.json").valid


def test_a_list_that_was_not_written_after_the_last_answer_is_mended(data, paint):
    registry = data / "registry"
    before = {path: path.read_bytes() for path in (registry / "public").iterdir()}
    paint("art/c.png", 3, size=(160, 120))
    watch_once(data)
    for path, body in before.items():
        path.write_bytes(body)
    assert public.held(registry) is None
    watch_once(data)
    assert public.held(registry) == 4


def test_a_log_that_was_cut_off_is_still_seen(data):
    log = data / "registry" / "log.jsonl"
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-1]))
    with pytest.raises(Damaged):
        watch_once(data)


def test_what_a_lost_database_knew_is_taken_from_the_log(data, tmp_path):
    for file in data.glob("*.sqlite*"):
        file.unlink()
    with closing(Guard(data)) as guard:
        assert not any(guard.store.outbox.counts().values())
        list(guard.scan([str(tmp_path / "art")]))
    watch_once(data)
    with closing(Guard(data)) as guard:
        assert sum(guard.store.outbox.counts().values()) == 3
