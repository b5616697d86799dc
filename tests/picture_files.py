# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Makes a small real file of every format that is taken in, each showing the same scene."""

import io
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from contextlib import closing

import pillow_heif
from PIL import Image

SIZE = (96, 64)
RED, GREEN, BLUE, GREY = (200, 30, 30), (30, 180, 40), (40, 50, 210), (128, 128, 128)
CORNERS = (RED, GREEN, BLUE, GREY)


def scene(mode: str = "RGB", size: tuple[int, int] = SIZE) -> Image.Image:
    """Four quarters: red and green above blue and grey."""
    small = Image.new("RGB", (2, 2))
    small.putdata(CORNERS)
    return small.resize(size, Image.Resampling.NEAREST).convert(mode)


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def heic(image: Image.Image, **options: object) -> bytes:
    file = io.BytesIO()
    pillow_heif.from_pillow(image).save(file, quality=90, **options)
    return file.getvalue()


def wide(image: Image.Image, order: str = ">") -> bytes:
    """The samples of an 8-bit picture as 16-bit ones of the same brightness."""
    samples = image.tobytes()
    return struct.pack(f"{order}{len(samples)}H", *(sample * 257 for sample in samples))


def png(size: tuple[int, int], bits: int, colours: int, samples: bytes, *more: bytes) -> bytes:
    """A PNG put together by hand; `more` are whole chunks before the picture's."""
    width, height = size
    row = len(samples) // height if height else 0
    rows = b"".join(b"\0" + samples[at : at + row] for at in range(0, row * height, row or 1))
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colours, 0, 0, 0)),
            *more,
            png_chunk(b"IDAT", zlib.compress(rows)),
            png_chunk(b"IEND", b""),
        )
    )


def png_chunk(name: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + data))
    return struct.pack(">I", len(data)) + name + data + check


def tiff(
    size: tuple[int, int], bits: tuple[int, ...], colours: int, samples: bytes, **tags: int
) -> bytes:
    """An uncompressed little-endian TIFF put together by hand."""
    names = {"orientation": 274, "extra": 338, "sample_format": 339}
    count = len(bits)
    fields = {
        256: (4, (size[0],)),
        257: (4, (size[1],)),
        258: (3, bits),
        259: (3, (1,)),
        262: (3, (colours,)),
        273: (4, (8,)),
        277: (3, (count,)),
        278: (4, (size[1],)),
        279: (4, (len(samples),)),
        **{names[name]: (3, (value,)) for name, value in tags.items()},
    }
    directory = 8 + len(samples) + len(samples) % 2
    behind = directory + 2 + 12 * len(fields) + 4
    entries, values = b"", b""
    for tag, (kind, numbers) in sorted(fields.items()):
        packed = struct.pack(f"<{len(numbers)}{'H' if kind == 3 else 'I'}", *numbers)
        if len(packed) > 4:
            place = struct.pack("<I", behind + len(values))
            values += packed
        else:
            place = packed.ljust(4, b"\0")
        entries += struct.pack("<HHI", tag, kind, len(numbers)) + place
    head = struct.pack("<2sHI", b"II", 42, directory)
    count_of_fields = struct.pack("<H", len(fields))
    return (
        head + samples.ljust(directory - 8, b"\0") + count_of_fields + entries + b"\0" * 4 + values
    )


def psd(
    image: Image.Image,
    *,
    bits: int = 8,
    colours: int = 3,
    version: int = 1,
    packed: bool = False,
    layers: int = 0,
    merged: bool | None = None,
    palette: bytes = b"",
) -> bytes:
    """A Photoshop file with a merged picture; `layers` below zero makes its last band alpha."""
    width, height = image.size
    planes = [band.tobytes() if bits < 16 else wide(band) for band in image.split()]
    large = ">Q" if version == 2 else ">I"
    resources = b""
    if merged is not None:
        told = struct.pack(">I?", 1, merged)
        for number, name, data in (
            (1000, b"even", b"odd"),
            (1001, b"odd", b"even"),
            (1057, b"", told),
        ):
            named = bytes([len(name)]) + name + b"\0" * (1 - len(name) % 2)
            start = b"8BIM" + struct.pack(">H", number) + named + struct.pack(">I", len(data))
            resources += start + data + b"\0" * (len(data) % 2)
    layer_info = struct.pack(large, 2) + struct.pack(">h", layers) if layers else b""
    body = b"".join(planes)
    if packed:
        row = len(planes[0]) // height
        rows = [
            pack_bits(plane[at : at + row]) for plane in planes for at in range(0, len(plane), row)
        ]
        counts = struct.pack(f">{len(rows)}{'I' if version == 2 else 'H'}", *map(len, rows))
        body = counts + b"".join(rows)
    return b"".join(
        (
            b"8BPS",
            struct.pack(">H6xHIIHH", version, len(planes), height, width, bits, colours),
            struct.pack(">I", len(palette)) + palette,
            struct.pack(">I", len(resources)) + resources,
            struct.pack(large, len(layer_info)) + layer_info,
            struct.pack(">H", packed) + body,
        )
    )


def pack_bits(row: bytes) -> bytes:
    """PackBits without ever repeating: each run is spelt out."""
    return b"".join(
        bytes([len(row[at : at + 128]) - 1]) + row[at : at + 128] for at in range(0, len(row), 128)
    )


def zipped(members: Iterable[tuple[str, bytes]], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return file.getvalue()


def krita(picture: bytes, name: str = "mergedimage.png") -> bytes:
    return zipped([("mimetype", b"application/x-krita"), ("maindoc.xml", b"<x/>"), (name, picture)])


def openraster(picture: bytes, name: str = "mergedimage.png") -> bytes:
    return zipped([("mimetype", b"image/openraster"), ("stack.xml", b"<x/>"), (name, picture)])


def procreate(picture: bytes) -> bytes:
    return zipped([("Document.archive", b"bplist00"), ("QuickLook/Thumbnail.png", picture)])


def clip_studio(picture: bytes, *statements: str) -> bytes:
    """A CLIP STUDIO file: chunks around a database; `statements` replace the usual table."""
    with closing(sqlite3.connect(":memory:")) as connection:
        if not statements:
            connection.execute("CREATE TABLE CanvasPreview (MainId INTEGER, ImageData BLOB)")
            connection.execute("INSERT INTO CanvasPreview VALUES (1, ?)", (picture,))
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        database = connection.serialize()
    return clip_chunks(database)


def clip_chunks(database: bytes) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return name + struct.pack(">Q", len(data)) + data

    body = b"".join(
        (
            chunk(b"CHNKHead", bytes(40)),
            chunk(b"CHNKExta", bytes(100)),
            chunk(b"CHNKSQLi", database),
            chunk(b"CHNKFoot", b""),
        )
    )
    return b"CSFCHUNK" + struct.pack(">QQ", 24 + len(body), 24) + body


def _png() -> bytes:
    return saved(scene(), "PNG")


# A name -> (what it is read as, how its file is made).
FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "JPEG": ("JPEG", lambda: saved(scene(), "JPEG", quality=95)),
    "JPEG, progressive": ("JPEG", lambda: saved(scene(), "JPEG", quality=95, progressive=True)),
    "JPEG, CMYK": ("JPEG", lambda: saved(scene("CMYK"), "JPEG", quality=95)),
    "JPEG, several": (
        "JPEG",
        lambda: saved(scene(), "MPO", quality=95, save_all=True, append_images=[scene("L")]),
    ),
    "PNG": ("PNG", _png),
    "PNG, palette": ("PNG", lambda: saved(scene().quantize(16), "PNG")),
    "PNG, 16 bits": ("PNG", lambda: png(SIZE, 16, 2, wide(scene()))),
    "PNG, animated": (
        "PNG",
        lambda: saved(scene(), "PNG", save_all=True, append_images=[Image.new("RGB", SIZE)]),
    ),
    "WebP": ("WEBP", lambda: saved(scene(), "WEBP", quality=95)),
    "WebP, lossless": ("WEBP", lambda: saved(scene(), "WEBP", lossless=True)),
    "WebP, animated": (
        "WEBP",
        lambda: saved(scene(), "WEBP", save_all=True, append_images=[Image.new("RGB", SIZE)]),
    ),
    "GIF": ("GIF", lambda: saved(scene(), "GIF")),
    "GIF, animated": (
        "GIF",
        lambda: saved(scene(), "GIF", save_all=True, append_images=[Image.new("RGB", SIZE)]),
    ),
    "TIFF": ("TIFF", lambda: saved(scene(), "TIFF")),
    "TIFF, LZW": ("TIFF", lambda: saved(scene(), "TIFF", compression="tiff_lzw")),
    "TIFF, deflate": ("TIFF", lambda: saved(scene(), "TIFF", compression="tiff_adobe_deflate")),
    "TIFF, CMYK": ("TIFF", lambda: saved(scene("CMYK"), "TIFF")),
    "TIFF, 16 bits": ("TIFF", lambda: tiff(SIZE, (16,) * 3, 2, wide(scene(), "<"))),
    "BMP": ("BMP", lambda: saved(scene(), "BMP")),
    "AVIF": ("AVIF", lambda: saved(scene(), "AVIF", quality=95)),
    "HEIC": ("HEIF", lambda: heic(scene())),
    "Photoshop": ("PSD", lambda: psd(scene())),
    "Photoshop, packed": ("PSD", lambda: psd(scene(), packed=True)),
    "Photoshop, 16 bits": ("PSD", lambda: psd(scene(), bits=16)),
    "Photoshop, 16 bits packed": ("PSD", lambda: psd(scene(), bits=16, packed=True)),
    "Photoshop, CMYK": (
        "PSD",
        lambda: psd(scene("CMYK").point(lambda value: 255 - value), colours=4),
    ),
    "Photoshop, large": ("PSB", lambda: psd(scene(), version=2, packed=True)),
    "Krita": ("KRA", lambda: krita(_png())),
    "Krita, preview": ("KRA", lambda: krita(_png(), "preview.png")),
    "OpenRaster": ("ORA", lambda: openraster(_png())),
    "OpenRaster, thumbnail": ("ORA", lambda: openraster(_png(), "Thumbnails/thumbnail.png")),
    "Procreate": ("PROCREATE", lambda: procreate(_png())),
    "CLIP STUDIO": ("CLIP", lambda: clip_studio(_png())),
}
