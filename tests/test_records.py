# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""TFRecord files are read to the bit, and no file can make us read more than is there."""

import shutil
import struct
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artistguard import packing
from artistguard.errors import Kind, Unreadable
from artistguard.packing import records
from artistguard.packing.crc32c import crc32c
from artistguard.packing.formats import FORMATS
from artistguard.packing.looks import SIZE_LIMIT
from artistguard.packing.records import example, recorded
from artistguard.packing.shards import Records, find_shards
from artistguard.packs import About
from artistguard.packs.pack import Pack

REAL = Path(__file__).parent / "img2dataset" / "00000.tfrecord"
BODY = REAL.read_bytes()


def framed(data):
    length = struct.pack("<Q", len(data))
    checks = [struct.pack("<I", records._masked(part)) for part in (length, data)]
    return length + checks[0] + data + checks[1]


def samples(path, body, start=0):
    path.write_bytes(body)
    (shard,) = find_shards([str(path)])
    assert isinstance(shard, Records)
    return list(recorded(shard, FORMATS["img2dataset"], start))


@pytest.mark.parametrize(
    "data, checksum",
    [
        # RFC 3720, B.4
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
        (b"123456789", 0xE3069283),
        (b"", 0),
        (b"a", 0xC1D04330),
    ],
)
def test_the_checksum_is_the_published_one(data, checksum):
    assert crc32c(data) == checksum


def bit_by_bit(data):
    register = 0xFFFFFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = (register >> 1) ^ (0x82F63B78 if register & 1 else 0)
    return register ^ 0xFFFFFFFF


@given(st.binary(max_size=700))
def test_the_checksum_of_any_bytes_is_that_of_the_definition(data):
    assert crc32c(data) == bit_by_bit(data)


def test_what_is_told_of_a_picture_is_read(tmp_path):
    found = samples(tmp_path / "a.tfrecord", BODY)
    assert [one.picture.number for one in found] == [0, 1, 2, 3]
    assert found[-1].read == len(BODY)
    assert all(one.picture.body.startswith(b"\xff\xd8") for one in found)
    told = next(one.told for one in found if one.told["key"] == "000000003")
    assert told["url"] == "http://art3.example/p/3.jpg"
    assert (told["caption"], told["original_width"], told["error_message"]) == ("d é", "320", "")


def varint(value):
    return bytes([value & 0x7F | 0x80]) + varint(value >> 7) if value > 127 else bytes([value])


def message(field, data):
    return bytes([field << 3 | 2]) + varint(len(data)) + data


def feature(name, kind, values):
    return message(1, message(1, name) + message(2, message(kind, values)))


def test_values_of_every_type_are_read():
    minus_one = varint((1 << 64) - 1)
    features = [
        feature(b"Text", 1, message(1, b"first") + message(1, b"second")),
        feature(b"packed", 3, message(1, minus_one + b"\x02")),
        feature(b"plain", 3, b"\x08" + varint(150)),
        feature(b"float", 2, message(1, struct.pack("<ff", 0.5, 2))),
        feature(b"bare", 2, b"\x0d" + struct.pack("<f", 0.25)),
        feature(b"none", 1, b""),
        feature(b"no number", 3, message(1, b"")),
    ]
    assert example(message(1, b"".join(features))) == {
        "text": b"first",
        "packed": -1,
        "plain": 150,
        "float": 0.5,
        "bare": 0.25,
    }


def test_a_build_goes_on_after_the_record_where_it_was_stopped(monkeypatch, tmp_path):
    source = tmp_path / "out" / "00000.tfrecord"
    source.parent.mkdir()
    shutil.copy(REAL, source)
    monkeypatch.setattr("artistguard.packing.PICTURES_AT_ONCE", 2)
    monkeypatch.setattr("artistguard.packing.steps._TOGETHER", 2)
    out, more = tmp_path / "pack", {"built_at": "2026-01-02T03:04:05Z"}
    stopped = packing.build([str(source)], out, About("", "1"), "img2dataset", **more)
    next(stopped)
    stopped.close()
    list(packing.build([str(source)], out, About("", "1"), "img2dataset", **more))
    with Pack.open(out) as pack:
        assert len(pack.manifest.segments) == 2
        urls = [one.url for one in pack.entries(range(4))]
    told = [one.told["url"] for one in samples(tmp_path / "a.tfrecord", BODY)]
    assert urls == told
    assert [one.told["url"] for one in samples(tmp_path / "a.tfrecord", BODY, 2)] == told[2:]


def test_a_record_that_is_damaged_within_is_no_picture_and_the_others_are(tmp_path):
    damaged = bytearray(BODY)
    damaged[1000] ^= 1
    found = samples(tmp_path / "a.tfrecord", bytes(damaged))
    assert [bool(one.told) for one in found] == [False, True, True, True]
    assert not found[0].picture.body.startswith(b"\xff\xd8")
    not_an_example = samples(tmp_path / "b.tfrecord", framed(b"\xff" * 40) + BODY)
    assert [bool(one.told) for one in not_an_example] == [False, True, True, True, True]


@pytest.mark.parametrize("cut", [1, 11, 12, 2000, len(BODY) - 1])
def test_a_file_that_was_cut_off_is_named_after_what_is_whole(tmp_path, cut):
    with pytest.raises(Unreadable) as raised:
        samples(tmp_path / "a.tfrecord", BODY[:cut])
    assert raised.value.kind is Kind.TABLE_UNREADABLE


@pytest.mark.parametrize("size", [SIZE_LIMIT * 2, 1 << 61, (1 << 64) - 1])
def test_a_record_cannot_make_us_read_what_is_not_there(tmp_path, size):
    length = struct.pack("<Q", size)
    header = length + struct.pack("<I", records._masked(length))
    path = tmp_path / "a.tfrecord"
    path.write_bytes(header + bytes(100))
    with pytest.raises(Unreadable):
        list(packing.build([str(path)], tmp_path / "pack", About("", "1"), built_at="2026"))


def test_a_record_cannot_keep_us_busy():
    many = b"\x0a\x00" * 5_000_000
    began = time.process_time()
    with pytest.raises(ValueError, match="fields"):
        example(many)
    assert time.process_time() - began < 1


@given(st.binary(max_size=300))
def test_any_bytes_are_an_example_or_none(data):
    with suppress(ValueError):
        example(data)


@given(st.data())
def test_a_changed_example_is_an_example_or_none(data):
    (size,) = struct.unpack_from("<Q", BODY)
    changed = bytearray(BODY[12 : 12 + size])
    places = st.integers(0, 600) | st.integers(0, size - 1)
    for at, byte in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=8)):
        changed[at] = byte
    try:
        found = example(bytes(changed[: data.draw(st.integers(0, size))]))
    except ValueError:
        return
    assert all(isinstance(one, bytes | int | float) for one in found.values())
