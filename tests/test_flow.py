# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The story: from a folder of art to a training set that no longer holds it.

    folder → works → fingerprints → matches → opt-outs → receipts → the next training set

Everything here is a real part: real pictures in real files, spawned readers, a pack, a database, a
signed registry, and a Parquet table as a trainer would have it. Read it from top to bottom.
"""

import shutil

import imagehash
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image, ImageOps

from artistguard import proof
from artistguard.datasets import OptOutList, filter_dataset
from artistguard.guard import Guard
from artistguard.models import Band, Match, OptOut, OptOutState, ScannedFile, Scope
from baking import Row, bake
from fakes import at

MONDAY = at("2026-05-04T09:00:00Z")
TUESDAY = at("2026-05-05T09:00:00Z")


@pytest.fixture
def portfolio(paint, tmp_path):
    """An artist's folder: three works, one of them in a folder of its own."""
    for seed, name in enumerate(("harbour.png", "heron.png", "prints/moon.png")):
        paint(f"portfolio/{name}", seed, size=(640, 480))
    return tmp_path / "portfolio"


@pytest.fixture
def web(portfolio, paint, tmp_path):
    """What others made of two of them, and pictures that have nothing to do with the artist."""
    copies = tmp_path / "web"
    copies.mkdir()
    with Image.open(portfolio / "harbour.png") as harbour:
        harbour.resize((256, 192)).save(copies / "thumb.jpg", quality=70)
        ImageOps.mirror(harbour).save(copies / "mirrored.jpg", quality=85)
        ImageOps.expand(harbour, 20, "white").save(copies / "framed.jpg", quality=85)
    shutil.copy(portfolio / "heron.png", copies / "heron.png")
    for seed in range(100, 110):
        paint(f"stranger-{seed}.png", seed, folder=copies)
    return copies


@pytest.fixture
def pack(web, tmp_path):
    """The data set that was made of all these, as an offline pack."""
    return bake(tmp_path / "pack", [Row(path.name, path) for path in sorted(web.iterdir())])


def only(kind, news):
    return [item for item in news if isinstance(item, kind)]


def test_from_the_folder_to_the_next_training_set(portfolio, web, pack, tmp_path, paint):
    guard = Guard(tmp_path / "data", MONDAY)
    guard.choices.call_artist("Mira Solvang")
    guard.choices.add_packs([str(pack)])

    # The artist drops a folder: its files become works, hashed on this machine.
    scanned = only(ScannedFile, guard.scan([str(portfolio)]))
    assert {file.state for file in scanned} == {"new"}
    works = {work.path.removeprefix(f"{portfolio}/"): work for work in guard.store.works.all()}
    assert set(works) == {"harbour.png", "heron.png", "prints/moon.png"}

    # All of them are looked up at once, every variant of every work, in one bulk call.
    found = only(Match, guard.search(guard.choices.clue()))
    assert {(match.work, match.entry.entry) for match in found} == {
        (works["harbour.png"].id, "thumb.jpg"),
        (works["harbour.png"].id, "mirrored.jpg"),
        (works["harbour.png"].id, "framed.jpg"),
        (works["heron.png"].id, "heron.png"),
    }
    assert {match.band for match in found} == {Band.CERTAIN}

    # What was not found was not found *there*: each work says what it was checked against.
    moon = works["prints/moon.png"].id
    (checked,) = guard.store.matches.coverage(moon)
    assert (checked.dataset, checked.dataset_version) == ("web", "2026-01")
    assert checked.checked_at == "2026-05-04T09:00:00Z"

    # One wish covers all works, all their copies, and whatever comes later. It is shown first.
    plan = guard.plan(Scope.ALL)
    assert len(plan.drafts) == 3 + 4
    assert not plan.leaves_machine
    assert guard.store.outbox.count_receipts() == 0
    guard.opt_out(plan)
    answered = only(OptOut, guard.deliver())
    assert [opt_out.state for opt_out in answered] == [OptOutState.ACKNOWLEDGED] * 7

    # There is proof: files that anyone can check, with nothing of ours but the public key.
    for _, path in guard.export_receipts(tmp_path / "proof"):
        assert proof.check_file(path).valid
    victim = next((tmp_path / "proof").iterdir())
    victim.write_bytes(victim.read_bytes().replace(b"Mira", b"Mara"))
    assert not proof.check_file(victim).valid

    # Doing it all again does nothing again.
    assert only(ScannedFile, guard.scan()) == []
    assert only(Match, guard.search(guard.choices.clue())) == []
    assert only(OptOut, guard.deliver()) == []
    guard.close()

    # The next day there is a new work. The standing wish reserves it without another word.
    paint("portfolio/tuesday.png", 50, size=(640, 480))
    guard = Guard(tmp_path / "data", TUESDAY)
    list(guard.scan())
    list(guard.search(guard.choices.clue()))
    assert len(only(OptOut, guard.deliver())) == 1
    guard.close()

    # Somebody builds a training set from the same web, and honours the public list.
    public = tmp_path / "data" / "registry" / "public"
    assert proof.check_file(public / "manifest.json").valid
    kept = filtered(training_set(web, tmp_path), public, tmp_path)
    assert kept == {path.name for path in web.iterdir() if path.name.startswith("stranger")}


def training_set(web, tmp_path):
    """A table with the columns of COYO: an address, a text, a size and a 64-bit hash.

    All but one copy have been put elsewhere since. The framed one has not: so weak a hash would not
    know it again, but its address does.
    """
    names = sorted(path.name for path in web.iterdir())
    pictures = [Image.open(web / name).convert("RGB") for name in names]
    table = pa.table(
        {
            "id": pa.array(range(len(names)), pa.int64()),
            "url": [
                f"https://host{number}.example/{name}.jpg"
                if name == "framed.jpg"
                else f"https://mirror.example/{name}?size=full"
                for number, name in enumerate(names)
            ],
            "text": names,
            "width": [picture.width for picture in pictures],
            "height": [picture.height for picture in pictures],
            "image_phash": [str(imagehash.phash(picture)) for picture in pictures],
        }
    )
    pq.write_table(table, tmp_path / "training-set.parquet")
    return tmp_path / "training-set.parquet"


def filtered(table, opt_outs, tmp_path):
    out = tmp_path / "clean.parquet"
    list(filter_dataset(table, out, OptOutList.load(opt_outs)))
    return set(pq.read_table(out)["text"].to_pylist())
