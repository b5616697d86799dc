# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Pictures: every taken format is read rightly, and every hostile file is refused with a kind."""

import contextlib
import errno
import functools
import hashlib
import io
import os
import random
import socket
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

import picture_files as files
from artistguard import folder, pictures, sandbox
from artistguard.errors import Kind, Unreadable
from artistguard.pictures import faults, sources
from hostile import flipped

WHITE = (255, 255, 255)


@functools.cache
def content(name: str) -> bytes:
    return files.FILES[name][1]()


def read(tmp_path: Path, data: bytes, name: str = "picture") -> pictures.Picture:
    path = tmp_path / name
    path.write_bytes(data)
    return pictures.read(path)


def refusal(tmp_path: Path, data: bytes) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read(tmp_path, data)
    return caught.value


def corners(image: Image.Image) -> list[tuple[int, ...]]:
    """The colours in the middle of the four quarters, row by row."""
    width, height = image.size
    return [image.getpixel((width * x // 4, height * y // 4)) for y in (1, 3) for x in (1, 3)]


def assert_like(image: Image.Image, expected: tuple[tuple[int, ...], ...], within: int = 12):
    assert image.mode == "RGB"
    for seen, wanted in zip(corners(image), expected, strict=True):
        assert all(abs(a - b) <= within for a, b in zip(seen, wanted, strict=True)), (
            corners(image),
            expected,
        )


# --- every format ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", files.FILES)
def test_every_format_shows_the_scene(tmp_path, name):
    picture = read(tmp_path, content(name))
    assert picture.format == files.FILES[name][0]
    assert (picture.width, picture.height) == files.SIZE
    assert_like(picture.image, files.CORNERS)


@pytest.mark.parametrize("name", files.FILES)
def test_the_content_decides_and_not_the_name(tmp_path, name):
    for misleading in ("a.jpg", "b.PNG", "c.clip", "d"):
        assert read(tmp_path, content(name), misleading).format == files.FILES[name][0]


def test_suffixes_are_lower_case_with_their_dot():
    assert {".jpg", ".kra", ".clip", ".heic", ".psd"} <= folder.PICTURES
    assert all(suffix == suffix.lower() and suffix[0] == "." for suffix in folder.PICTURES)


GREY_RAMP = tuple(range(0, 256, 4))


def deep(value: int) -> int:
    """The same grey in 16 bits, with a low byte that is not the high one."""
    return value << 8 | 255 - value


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(
            files.png((64, 1), 16, 0, struct.pack(">64H", *map(deep, GREY_RAMP))),
            id="PNG 16 bits",
        ),
        pytest.param(
            files.tiff((64, 1), (16,), 1, struct.pack("<64H", *map(deep, GREY_RAMP))),
            id="TIFF 16 bits",
        ),
        pytest.param(
            files.tiff(
                (64, 1),
                (32,),
                1,
                struct.pack("<64f", *(v / 252 for v in GREY_RAMP)),
                sample_format=3,
            ),
            id="TIFF float",
        ),
        pytest.param(
            files.tiff((64, 1), (32,), 1, struct.pack("<64I", *(v << 20 for v in GREY_RAMP))),
            id="TIFF 32 bits",
        ),
        pytest.param(
            files.tiff(
                (64, 1),
                (16,),
                1,
                struct.pack("<64h", *(deep(v) - 32768 for v in GREY_RAMP)),
                sample_format=2,
            ),
            id="TIFF signed",
        ),
        pytest.param(files.png((64, 1), 8, 0, bytes(GREY_RAMP)), id="PNG 8 bits"),
        pytest.param(
            files.psd(Image.frombytes("L", (64, 1), bytes(GREY_RAMP)), bits=16, colours=1),
            id="Photoshop 16 bits",
        ),
    ],
)
def test_deep_grey_is_scaled_and_not_clipped(tmp_path, data):
    image = read(tmp_path, data).image
    for at, value in enumerate(GREY_RAMP):
        assert abs(image.getpixel((at, 0))[0] - value) <= 4


def test_big_endian_grey_tiffs_are_scaled_too(tmp_path):
    ramp = struct.pack(">64H", *map(deep, GREY_RAMP))
    data = io.BytesIO()
    Image.frombytes("I;16B", (64, 1), ramp).save(data, "TIFF")
    assert data.getvalue()[:2] == b"MM"
    result = read(tmp_path, data.getvalue()).image
    assert [result.getpixel((at, 0))[0] for at in range(64)] == list(GREY_RAMP)


def test_one_bit_pictures_are_black_and_white(tmp_path):
    checks = Image.new("1", (4, 4))
    checks.putdata([255 * ((x + y) % 2) for y in range(4) for x in range(4)])
    for data in (
        files.saved(checks, "PNG"),
        files.saved(checks, "TIFF"),
        files.saved(checks, "BMP"),
    ):
        assert read(tmp_path, data).image.convert("1").tobytes() == checks.tobytes()


def test_a_photoshop_bitmap_is_black_where_its_bits_are_set(tmp_path):
    black = Image.frombytes("1", (8, 8), b"\xff" * 8)
    assert read(tmp_path, files.psd(black, bits=1, colours=0)).image.getpixel((0, 0)) == (0, 0, 0)


def test_a_photoshop_palette_is_used(tmp_path):
    indexed = Image.frombytes("L", (2, 2), bytes([0, 1, 2, 3]))
    palette = bytearray(768)
    for index, colour in enumerate(files.CORNERS):
        palette[index::256] = bytes(colour)
    picture = read(tmp_path, files.psd(indexed, colours=2, palette=bytes(palette)))
    assert tuple(picture.image.getpixel((i % 2, i // 2)) for i in range(4)) == files.CORNERS


def test_lab_is_taken_by_its_lightness(tmp_path):
    lab = Image.merge("RGB", [Image.new("L", (4, 4), value) for value in (200, 128, 128)])
    assert read(tmp_path, files.psd(lab, colours=9)).image.getpixel((1, 1)) == (200, 200, 200)


# --- the right way up, over white -----------------------------------------------------------------


def oriented(image: Image.Image, orientation: int) -> Image.Image:
    """What must be stored for `image` to be seen when a reader applies `orientation`."""
    turn = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }.get(orientation)
    return image if turn is None else image.transpose(turn)


def exif(orientation: int) -> Image.Exif:
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_pictures_come_upright(tmp_path, form, orientation):
    stored = oriented(files.scene(), orientation)
    picture = read(tmp_path, files.saved(stored, form, exif=exif(orientation), quality=95))
    assert (picture.width, picture.height) == files.SIZE == picture.image.size
    assert_like(picture.image, files.CORNERS)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_heic_pictures_come_upright(tmp_path, orientation):
    stored = oriented(files.scene(), orientation)
    picture = read(tmp_path, files.heic(stored, exif=exif(orientation).tobytes()))
    assert (picture.width, picture.height) == files.SIZE
    assert_like(picture.image, files.CORNERS)


@pytest.mark.parametrize("kind", ["LZW", "raw"])
def test_turned_large_tiffs_keep_their_full_size(tmp_path, kind):
    scene = files.scene(size=(1200, 800))
    options = {"compression": "tiff_lzw"} if kind == "LZW" else {}
    data = files.saved(oriented(scene, 6), "TIFF", exif=exif(6), **options)
    picture = read(tmp_path, data)
    assert (picture.width, picture.height) == (1200, 800)
    assert picture.image.size == (600, 400)
    assert_like(picture.image, files.CORNERS)


def test_a_broken_or_senseless_orientation_is_passed_over(tmp_path):
    for note in (exif(9).tobytes(), b"Exif\0\0garbage", b"Exif\0\0II*\0\xff\xff\xff\xff"):
        picture = read(tmp_path, files.saved(files.scene(), "JPEG", exif=note, quality=95))
        assert_like(picture.image, files.CORNERS)


def half_clear() -> Image.Image:
    """The scene, black and clear in its lower half."""
    image = files.scene("RGBA")
    width, height = image.size
    image.paste((0, 0, 0, 0), (0, height // 2, width, height))
    return image


def keyed_palette() -> Image.Image:
    image = Image.new("P", files.SIZE, 2)
    image.putpalette([*files.RED, *files.GREEN, 0, 0, 0])
    width, height = files.SIZE
    image.paste(0, (0, 0, width // 2, height // 2))
    image.paste(1, (width // 2, 0, width, height // 2))
    return image


def opaque_half() -> Image.Image:
    return half_clear().convert("RGB")


TRANSPARENT = {
    "PNG": lambda: files.saved(half_clear(), "PNG"),
    "PNG, palette": lambda: files.saved(keyed_palette(), "PNG", transparency=2),
    "PNG, palette with alphas": lambda: files.saved(
        keyed_palette(), "PNG", transparency=b"\xff\xff\x00"
    ),
    "PNG, key colour": lambda: files.saved(opaque_half(), "PNG", transparency=(0, 0, 0)),
    "PNG, 16 bits": lambda: files.png(files.SIZE, 16, 6, files.wide(half_clear())),
    "PNG, 16 bits key colour": lambda: files.png(
        files.SIZE, 16, 2, files.wide(opaque_half()), files.png_chunk(b"tRNS", bytes(6))
    ),
    "WebP": lambda: files.saved(half_clear(), "WEBP", lossless=True),
    "GIF": lambda: files.saved(keyed_palette(), "GIF", transparency=2),
    "TIFF": lambda: files.saved(half_clear(), "TIFF"),
    "TIFF, premultiplied": lambda: files.tiff(
        files.SIZE, (8,) * 4, 2, half_clear().tobytes(), extra=1
    ),
    "AVIF": lambda: files.saved(half_clear(), "AVIF", quality=95),
    "HEIC": lambda: files.heic(half_clear()),
    "Photoshop": lambda: files.psd(half_clear(), layers=-1),
    "Photoshop, 16 bits": lambda: files.psd(half_clear(), layers=-1, bits=16, packed=True),
    "Krita": lambda: files.krita(files.saved(half_clear(), "PNG")),
}


@pytest.mark.parametrize("name", TRANSPARENT)
def test_what_is_transparent_is_white(tmp_path, name):
    image = read(tmp_path, TRANSPARENT[name]()).image
    assert_like(image, (files.RED, files.GREEN, WHITE, WHITE))


def test_grey_with_alpha_is_over_white_too(tmp_path):
    half = Image.merge("LA", (Image.new("L", (8, 8), 0), Image.new("L", (8, 8), 127)))
    assert read(tmp_path, files.saved(half, "PNG")).image.getpixel((4, 4)) == (128, 128, 128)


def test_premultiplied_grey_is_over_white(tmp_path):
    half = files.tiff((2, 1), (8, 8), 1, bytes([0, 127, 60, 127]), extra=1)
    image = read(tmp_path, half).image
    assert [image.getpixel((x, 0))[0] for x in (0, 1)] == pytest.approx([128, 188], abs=1)


def test_layers_without_an_extra_channel_need_no_transparency(tmp_path):
    assert_like(read(tmp_path, files.psd(files.scene(), layers=-1)).image, files.CORNERS)


@pytest.mark.parametrize("packed", [False, True])
def test_a_saved_selection_in_photoshop_is_no_transparency(tmp_path, packed):
    image = read(tmp_path, files.psd(half_clear(), layers=2, packed=packed)).image
    assert image.tobytes() == opaque_half().tobytes()


# --- small enough ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "size, reduced",
    [
        ((400, 400), (400, 400)),
        ((799, 799), (799, 799)),
        ((800, 800), (400, 400)),
        ((1201, 803), (601, 402)),
        ((1600, 1200), (534, 400)),
        ((200, 30_000), (34, 5_000)),
        ((1, 1), (1, 1)),
        ((60_000, 1), (60_000, 1)),
    ],
)
def test_every_picture_is_averaged_down_to_the_working_size(tmp_path, size, reduced):
    picture = read(tmp_path, files.saved(files.scene(size=size), "PNG"))
    assert (picture.width, picture.height) == size
    assert picture.image.size == reduced


def test_bands_meet_without_a_seam(tmp_path):
    noise = Image.frombytes("L", (1000, 1100), random.Random(4).randbytes(1_100_000))
    picture = read(tmp_path, files.saved(noise, "PNG"))
    assert picture.image.tobytes() == noise.convert("RGB").reduce(2).tobytes()


@pytest.mark.parametrize(
    "size, decoded",
    [
        ((400, 399), (400, 399)),
        ((640, 480), (640, 480)),
        ((1000, 800), (500, 400)),
        ((2000, 1500), (500, 375)),
        ((4000, 3000), (500, 375)),
        ((5472, 3648), (684, 456)),
        ((7, 30_000), (7, 30_000)),
    ],
)
def test_jpegs_are_decoded_reduced_by_one_rule(tmp_path, size, decoded):
    picture = read(tmp_path, files.saved(files.scene(size=size), "JPEG", quality=95))
    assert (picture.width, picture.height) == size
    assert picture.image.size == decoded
    if min(size) > 8:
        assert_like(picture.image, files.CORNERS)


def test_the_same_picture_comes_out_alike_from_every_format(tmp_path):
    texture = Image.effect_noise((120, 90), 90).resize((2000, 1500), Image.Resampling.BICUBIC)
    lossless = read(tmp_path, files.saved(texture, "PNG")).image
    drafted = read(tmp_path, files.saved(texture, "JPEG", quality=95)).image
    assert lossless.size == drafted.size
    difference = ImageStat.Stat(ImageChops.difference(lossless, drafted))
    assert max(difference.mean) < 2


# --- digests --------------------------------------------------------------------------------------


def test_the_digest_is_of_the_bytes(tmp_path):
    data = random.Random(1).randbytes(3_000_001)
    path = tmp_path / "picture"
    path.write_bytes(data)
    assert pictures.digest(path) == (hashlib.sha256(data).digest(), hashlib.md5(data).digest())


# --- hostile files --------------------------------------------------------------------------------


def zip_with(member: zipfile.ZipInfo, data: bytes, *, claimed: int | None = None) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", b"image/openraster")
        archive.writestr(member, data)
    raw = bytearray(file.getvalue())
    if claimed is not None:
        central = raw.rindex(b"PK\x01\x02")
        raw[central + 24 : central + 28] = struct.pack("<I", claimed)
    return bytes(raw)


def crowded_zip() -> bytes:
    """A zip file whose table of contents claims to be larger than anything sensible."""
    entry = zipfile.ZipInfo("a")
    raw = bytearray(zip_with(entry, b"x"))
    table = raw.index(b"PK\x01\x02")
    padded = bytes(raw[:table]) + bytes(40 << 20)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 2, 2, 40 << 20, table, 0)
    return padded + end


PNG_BOMB = files.png((60_000, 60_000), 8, 2, b"")
HOSTILE: dict[str, tuple[Kind, Callable[[], bytes]]] = {
    "nothing": (Kind.EMPTY_FILE, lambda: b""),
    "one byte": (Kind.NOT_A_PICTURE, lambda: b"\xff"),
    "random bytes": (Kind.NOT_A_PICTURE, lambda: random.Random(0).randbytes(5000)),
    "text": (Kind.NOT_A_PICTURE, lambda: b"not a picture\n" * 100),
    "zeros": (Kind.NOT_A_PICTURE, lambda: bytes(5000)),
    "PostScript": (Kind.UNSUPPORTED_PICTURE, lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n"),
    "PDF": (Kind.UNSUPPORTED_PICTURE, lambda: b"%PDF-1.7\n"),
    "JPEG XL": (Kind.UNSUPPORTED_PICTURE, lambda: b"\xff\x0a" + bytes(50)),
    "film": (Kind.NOT_A_PICTURE, lambda: b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + bytes(99)),
    "PNG of 60,000 squared": (Kind.TOO_MANY_PIXELS, lambda: PNG_BOMB),
    "PNG of 60,000 squared in Krita": (Kind.TOO_MANY_PIXELS, lambda: files.krita(PNG_BOMB)),
    "PNG of nothing": (Kind.DAMAGED_PICTURE, lambda: files.png((0, 0), 8, 2, b"")),
    "PNG without pixels": (Kind.TRUNCATED, lambda: files.png((90, 90), 8, 2, b"")),
    "PNG with a text bomb": (
        Kind.DAMAGED_PICTURE,
        lambda: files.png(
            (1, 1),
            8,
            0,
            b"\0",
            files.png_chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(100 << 20))),
        ),
    ),
    "Photoshop of 300,000 squared": (
        Kind.TOO_MANY_PIXELS,
        lambda: files.psd(files.scene(), version=2).replace(
            struct.pack(">II", 64, 96), struct.pack(">II", 300_000, 300_000)
        ),
    ),
    "Photoshop with 32 bits": (
        Kind.UNSUPPORTED_PICTURE,
        lambda: files.psd(files.scene(), bits=16).replace(
            struct.pack(">HH", 16, 3), struct.pack(">HH", 32, 3)
        ),
    ),
    "TIFF with 64 bits": (
        Kind.UNSUPPORTED_PICTURE,
        lambda: files.tiff((2, 1), (64,), 1, bytes(16), sample_format=3),
    ),
    "BMP with 7 bits": (
        Kind.UNSUPPORTED_PICTURE,
        lambda: content("BMP")[:28] + b"\x07" + content("BMP")[29:],
    ),
    "Photoshop not merged": (Kind.NO_PREVIEW, lambda: files.psd(files.scene(), merged=False)),
    "Photoshop with too few channels": (
        Kind.DAMAGED_PICTURE,
        lambda: files.psd(files.scene("L"), colours=3),
    ),
    "Photoshop with a long section": (
        Kind.TRUNCATED,
        lambda: content("Photoshop")[:26] + b"\xff" * 4 + bytes(50),
    ),
    "other zip": (Kind.NOT_A_PICTURE, lambda: files.zipped([("readme.txt", b"hello")])),
    "zip with another mimetype": (
        Kind.NOT_A_PICTURE,
        lambda: files.zipped([("mimetype", b"application/epub+zip")]),
    ),
    "Krita without a picture": (
        Kind.NO_PREVIEW,
        lambda: files.zipped([("mimetype", b"application/x-krita")]),
    ),
    "Krita with a text for a picture": (Kind.DAMAGED_PICTURE, lambda: files.krita(b"hello")),
    "Krita in Krita": (Kind.DAMAGED_PICTURE, lambda: files.krita(content("Krita"))),
    "zip bomb": (
        Kind.MEMBER_TOO_LARGE,
        lambda: zip_with(zipfile.ZipInfo("mergedimage.png"), b"", claimed=300 << 20),
    ),
    "zip member larger than it says": (
        Kind.DAMAGED_PICTURE,
        lambda: zip_with(_deflated("mergedimage.png"), bytes(64 << 20), claimed=1000),
    ),
    "huge mimetype": (
        Kind.MEMBER_TOO_LARGE,
        lambda: files.zipped([("mimetype", b"image/openraster" * 99)]),
    ),
    "crowded zip": (Kind.MEMBER_TOO_LARGE, crowded_zip),
    "bzip2 member": (
        Kind.UNSUPPORTED_PICTURE,
        lambda: files.zipped([("mimetype", b"image/openraster")], zipfile.ZIP_BZIP2),
    ),
    "CLIP STUDIO without a table": (
        Kind.NO_PREVIEW,
        lambda: files.clip_studio(b"", "CREATE TABLE Other (ImageData)"),
    ),
    "CLIP STUDIO without a row": (
        Kind.NO_PREVIEW,
        lambda: files.clip_studio(b"", "CREATE TABLE CanvasPreview (ImageData)"),
    ),
    "CLIP STUDIO with an endless view": (
        Kind.DAMAGED_PICTURE,
        lambda: files.clip_studio(
            b"",
            "CREATE VIEW CanvasPreview AS WITH RECURSIVE c(n) AS "
            "(SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n AS ImageData FROM c WHERE n < 0",
        ),
    ),
    "CLIP STUDIO with a conjured blob": (
        Kind.NO_PREVIEW,
        lambda: files.clip_studio(
            b"", "CREATE VIEW CanvasPreview AS SELECT zeroblob(900000000) AS ImageData"
        ),
    ),
    "CLIP STUDIO with a number for a picture": (
        Kind.NO_PREVIEW,
        lambda: files.clip_studio(
            b"", "CREATE TABLE CanvasPreview (ImageData)", "INSERT INTO CanvasPreview VALUES (1)"
        ),
    ),
    "CLIP STUDIO with garbage for a database": (
        Kind.DAMAGED_PICTURE,
        lambda: files.clip_chunks(b"garbage" * 1000),
    ),
    "CLIP STUDIO with endless chunks": (
        Kind.NO_PREVIEW,
        lambda: b"CSFCHUNK" + bytes(16) + (b"CHNKExta" + bytes(8)) * 100_001,
    ),
    "CLIP STUDIO with a chunk beyond the end": (
        Kind.TRUNCATED,
        lambda: b"CSFCHUNK" + bytes(16) + b"CHNKExta" + struct.pack(">Q", 1 << 40) + bytes(64),
    ),
    "CLIP STUDIO with a chunk beyond everything": (
        Kind.TRUNCATED,
        lambda: b"CSFCHUNK" + bytes(16) + b"CHNKSQLi" + b"\xff" * 8 + bytes(64),
    ),
}


def _deflated(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)
    member.compress_type = zipfile.ZIP_DEFLATED
    return member


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_by_kind(tmp_path, name):
    kind, build = HOSTILE[name]
    assert refusal(tmp_path, build()).kind is kind


def test_a_blob_that_grows_while_it_is_read_is_stopped(tmp_path):
    data = files.clip_studio(
        b"",
        "CREATE TABLE CanvasPreview (n, ImageData AS (zeroblob(400000000)))",
        "INSERT INTO CanvasPreview VALUES (1)",
    )
    problem = refusal(tmp_path, data)
    assert problem.kind is Kind.DAMAGED_PICTURE
    assert isinstance(problem.__cause__, sqlite3.DataError)


@pytest.mark.parametrize("name", files.FILES)
def test_a_file_cut_anywhere_is_a_picture_or_unreadable(tmp_path, name):
    data = content(name)
    cuts = {1, 7, 13, 23, 31, *(len(data) * tenth // 10 for tenth in range(1, 10))}
    for cut in sorted(cuts):
        with contextlib.suppress(Unreadable):
            assert isinstance(read(tmp_path, data[:cut]), pictures.Picture)


@pytest.mark.parametrize("name", files.FILES)
def test_half_a_file_is_said_to_be_cut_short(tmp_path, name):
    data = content(name)
    assert refusal(tmp_path, data[: len(data) // 2]).kind is Kind.TRUNCATED


def test_flipped_bytes_never_bring_out_anything_else():
    names = list(files.FILES)
    seeds = [(name, seed) for seed in range(12) for name in names]
    results = list(sandbox.run(flipped, seeds, workers=2, seconds=20, memory=1 << 30))
    assert len(results) == len(seeds)
    strange = [
        (seed, str(result))
        for seed, result in results
        if result is not None
        and not (isinstance(result, Unreadable) and "reason" not in result.facts)
    ]
    assert strange == []


# --- files that are no files ----------------------------------------------------------------------


def fault(path: Path) -> Kind:
    with pytest.raises(Unreadable) as read_fault:
        pictures.read(path)
    with pytest.raises(Unreadable) as digest_fault:
        pictures.digest(path)
    assert read_fault.value.kind is digest_fault.value.kind
    return read_fault.value.kind


def test_a_folder_is_not_a_picture(tmp_path):
    assert fault(tmp_path) is Kind.NOT_A_PICTURE


def test_a_missing_file_has_vanished(tmp_path):
    assert fault(tmp_path / "gone.png") is Kind.FILE_VANISHED
    (tmp_path / "file").write_bytes(b"x")
    assert fault(tmp_path / "file" / "gone.png") is Kind.FILE_VANISHED


def test_a_dangling_link_has_vanished_and_a_loop_is_refused(tmp_path):
    (tmp_path / "dangling").symlink_to("nowhere")
    assert fault(tmp_path / "dangling") is Kind.FILE_VANISHED
    (tmp_path / "loop").symlink_to("loop")
    assert fault(tmp_path / "loop") is Kind.READ_FAILED


def test_pipes_sockets_and_devices_are_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    assert fault(tmp_path / "pipe.png") is Kind.NOT_A_PICTURE
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket.png"))
        assert fault(tmp_path / "socket.png") is Kind.NOT_A_PICTURE
    assert fault(Path("/dev/zero")) is Kind.NOT_A_PICTURE
    assert fault(Path("/dev/tty")) is Kind.NOT_A_PICTURE


def test_a_file_that_the_system_will_not_give_is_not_permitted(tmp_path):
    path = tmp_path / "secret.png"
    path.write_bytes(content("PNG"))
    path.chmod(0)
    tmp_path.chmod(0)
    root = os.geteuid() == 0
    if root:  # to whom everything is permitted
        os.seteuid(65534)
    try:
        assert fault(path) is Kind.NOT_PERMITTED
    finally:
        if root:
            os.seteuid(0)
        tmp_path.chmod(0o700)


@pytest.mark.parametrize(
    "error, kind",
    [
        (OSError(errno.EIO, "Input/output error"), Kind.READ_FAILED),
        (OSError(errno.ESTALE, "Stale file handle"), Kind.FILE_VANISHED),
        (OSError("unrecognized data stream contents"), Kind.DAMAGED_PICTURE),
        (OSError("image file is truncated (3 bytes not processed)"), Kind.TRUNCATED),
        (MemoryError(), Kind.TOO_MANY_PIXELS),
        (OSError(errno.EINVAL, "Invalid argument"), Kind.DAMAGED_PICTURE),
        (RecursionError(), Kind.DAMAGED_PICTURE),
        (Image.DecompressionBombError(), Kind.TOO_MANY_PIXELS),
    ],
)
def test_every_other_error_has_its_kind(error, kind):
    with pytest.raises(Unreadable) as caught, faults.told():
        raise error
    assert caught.value.kind is kind


def test_a_vast_database_in_a_vast_file_is_refused_unread(tmp_path):
    path = tmp_path / "sparse.clip"
    with path.open("wb") as file:
        file.write(b"CSFCHUNK" + bytes(16) + b"CHNKSQLi" + struct.pack(">Q", 1 << 30))
        file.truncate(2 << 30)
    with pytest.raises(Unreadable) as caught:
        pictures.read(path)
    assert caught.value.kind is Kind.MEMBER_TOO_LARGE


def test_a_file_beyond_the_limit_is_refused_unread(tmp_path):
    path = tmp_path / "sparse.tif"
    with path.open("wb") as file:
        file.write(b"II*\0")
        file.truncate(sources.FILE_LIMIT + 1)
    assert fault(path) is Kind.FILE_TOO_LARGE


@pytest.mark.parametrize(
    "name",
    [
        "picture.png",
        "Übergrößenträger.png",
        "картина.png",
        "絵画　🎨.png",
        "صورة.png",
        "e\u0301.png",
        "-rf *.png",
        "new\nline.png",
        os.fsdecode(b"latin-\xe9\xff.png"),
    ],
)
def test_names_in_every_script_are_read(tmp_path, name):
    assert read(tmp_path, content("PNG"), name).format == "PNG"
    assert pictures.digest(tmp_path / name)[1] == hashlib.md5(content("PNG")).digest()
