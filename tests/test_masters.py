# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Near-duplicates of one's own are grouped under their largest picture."""

import pytest
from PIL import Image

from artistguard import masters, reading
from artistguard.models import FoundFile
from artistguard.store import Store

AT = "2026-05-01T12:00:00Z"


@pytest.fixture
def store(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    opened = Store(data)
    yield opened
    opened.close()


def take_in(store, path):
    found = reading.read(str(path))
    with store.writing():
        work = store.works.add(AT)
        version = store.works.add_version(work, found, AT)
        store.works.add_fingerprints(version, found.fingerprints)
        store.files.place(FoundFile(str(path), 1, 1, 1, version), version)
    return work


def altered(path, name, change):
    with Image.open(path) as picture:
        change(picture.convert("RGB")).save(path.with_name(name))
    return path.with_name(name)


def half(picture):
    return picture.resize((picture.width // 2, picture.height // 2))


def mirrored(picture):
    return picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def group(store):
    return list(masters.group(store))


def found(store):
    return {work.id: work.master for work in store.works.all()}


def test_variants_are_grouped_under_the_largest_and_others_are_not(store, paint):
    small = take_in(store, altered(paint("a.png", 1, size=(640, 480)), "small.png", half))
    other = take_in(store, paint("b.png", 2))
    large = take_in(store, paint("a.png", 1, size=(640, 480)))
    mirror = take_in(store, altered(paint("a.png", 1, size=(640, 480)), "mirror.png", mirrored))
    group(store)
    assert found(store) == {small: large, other: None, large: None, mirror: large}


def test_a_later_and_larger_picture_becomes_the_master_of_the_whole_group(store, paint):
    path = paint("a.png", 1, size=(640, 480))
    first = take_in(store, altered(path, "half.png", half))
    second = take_in(store, altered(path, "mirror.png", lambda p: mirrored(half(p))))
    group(store)
    assert found(store) == {first: None, second: first}
    third = take_in(store, path)
    group(store)
    assert found(store) == {first: third, second: third, third: None}


def test_flat_pictures_are_not_near_duplicates_of_each_other(store, tmp_path):
    for number, shade in enumerate((200, 210, 220)):
        path = tmp_path / f"{number}.png"
        Image.new("RGB", (300, 200), (shade, shade, shade)).save(path)
        take_in(store, path)
    group(store)
    assert set(found(store).values()) == {None}


def test_nothing_new_is_nothing_to_do(store, paint):
    take_in(store, paint("a.png"))
    assert len(group(store)) == 1
    assert group(store) == []
