# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Marked pictures, read by the programs of others: what they say, and that nothing was lost."""

import gc
import io
import json
import random
import shutil
import struct
import subprocess
import time
from contextlib import suppress
from datetime import UTC, datetime

import c2pa
import datadiligence
import pillow_heif
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

import picture_files
from artistguard.channels import marks
from artistguard.channels.marks import Means, Notice, Signer, xmp
from artistguard.errors import Kind, Unreadable
from artistguard.proof import certificates

NOTICE = Notice(
    "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING",
    "Mira <Example> & 猫",
    '© 2026 "Mira". All rights reserved.',
    "https://mira.example/rights?a=1&b=2",
    "No AI training.",
    "https://mira.example/licence",
)
TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
    "HEIF": "image/heic",
}
exiftool = shutil.which("exiftool")


@pytest.fixture(scope="session")
def signing():
    key = certificates.make_key()
    made = certificates.make_certificate(key, "Mira Example", lambda: datetime.now(UTC))
    return Signer("es256", made.chain, certificates.pem_of(key)), made


@pytest.fixture(scope="module", autouse=True)
def _heif():
    pillow_heif.register_heif_opener()


def marked(body, signer=None, notice=NOTICE, **how):
    into = io.BytesIO()
    done = marks.mark(io.BytesIO(body), into, notice, signer, **how)
    return into.getvalue(), done


def noise(mode="RGB", size=(90, 70), seed=1):
    dice = random.Random(seed)
    picture = Image.frombytes("RGB", size, dice.randbytes(3 * size[0] * size[1]))
    return picture.convert(mode)


def saved(form, mode="RGB", **how):
    return picture_files.saved(noise(mode), form, **how)


def exif():
    said = Image.Exif()
    said[0x0112] = 6  # orientation
    said[0x013B] = "A painter"
    said.get_ifd(0x8769)[0x9003] = "2020:01:02 03:04:05"
    return said


ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
ALL = {"exif": exif(), "icc_profile": ICC}


def multi(form, **how):
    return saved(form, save_all=True, append_images=[noise(seed=2), noise(seed=3)], **how)


def tiled(order="<", *, big=False):
    """A tiled TIFF with a private tag, put together by hand; Pillow writes strips only."""
    tiles = [noise(size=(64, 64), seed=seed).tobytes() for seed in range(4)]
    offset = 16 if big else 8
    body = b"".join(tiles)
    places = [offset + number * len(tiles[0]) for number in range(4)]
    private = b"what only its maker knows" * 4
    values = {
        256: (4, [128]),
        257: (4, [128]),
        258: (3, [8, 8, 8]),
        259: (3, [1]),
        262: (3, [2]),
        277: (3, [3]),
        322: (3, [64]),
        323: (3, [64]),
        324: (4, places),
        325: (4, [len(tiles[0])] * 4),
        65000: (7, private),
    }
    word, room = ("Q", 8) if big else ("I", 4)
    directory = offset + len(body)
    entries, extra = b"", b""
    behind = directory + (8 if big else 2) + len(values) * (20 if big else 12) + room
    for tag, (kind, numbers) in values.items():
        packed = (
            numbers
            if kind == 7
            else struct.pack(f"{order}{len(numbers)}{'H' if kind == 3 else 'I'}", *numbers)
        )
        count = len(numbers)
        if len(packed) > room:
            value = struct.pack(order + word, behind + len(extra))
            extra += packed + b"\0" * (len(packed) % 2)
        else:
            value = packed.ljust(room, b"\0")
        entries += struct.pack(f"{order}HH{word}", tag, kind, count) + value
    mark = b"II" if order == "<" else b"MM"
    head = mark + struct.pack(
        f"{order}HHHQ" if big else f"{order}HI",
        *((43, 8, 0, directory) if big else (42, directory)),
    )
    counted = struct.pack(order + ("Q" if big else "H"), len(values))
    return head + body + counted + entries + b"\0" * room + extra


FILES = {
    name: (form, make) for name, (form, make) in picture_files.FILES.items() if form in TYPES
} | {
    "JPEG, all": ("JPEG", lambda: saved("JPEG", comment=b"a comment", **ALL)),
    "JPEG, something behind it": ("JPEG", lambda: saved("JPEG") + b"appended" * 100),
    "PNG, all": ("PNG", lambda: saved("PNG", "RGBA", dpi=(300, 300), **ALL)),
    "PNG, grey": ("PNG", lambda: saved("PNG", "L")),
    "WebP, all": ("WEBP", lambda: saved("WEBP", "RGBA", **ALL)),
    "TIFF, all": ("TIFF", lambda: saved("TIFF", **ALL)),
    "TIFF, big": ("TIFF", lambda: saved("TIFF", big_tiff=True, **ALL)),
    "TIFF, pages": ("TIFF", lambda: multi("TIFF", compression="tiff_lzw")),
    "TIFF, tiles": ("TIFF", tiled),
    "TIFF, tiles, big-endian": ("TIFF", lambda: tiled(">")),
    "TIFF, tiles, big": ("TIFF", lambda: tiled(big=True)),
    "TIFF, strips": ("TIFF", lambda: saved("TIFF", tiffinfo={278: 7})),
    "AVIF, all": ("AVIF", lambda: saved("AVIF", **ALL)),
    "HEIC, all": ("HEIF", lambda: picture_files.heic(noise(), exif=exif().tobytes())),
}
EVERY = pytest.mark.parametrize("form, make", FILES.values(), ids=FILES)
WITH_PACKET = {name: file for name, file in FILES.items() if file[0] not in ("AVIF", "HEIF")}
EVERY_WITH_PACKET = pytest.mark.parametrize("form, make", WITH_PACKET.values(), ids=WITH_PACKET)


def frames(body):
    """All that Pillow reads: every frame's pixels, and what is said of how to show them."""
    with Image.open(io.BytesIO(body)) as picture:
        seen = []
        for number in range(getattr(picture, "n_frames", 1)):
            picture.seek(number)
            picture.load()
            about = {
                key: picture.info.get(key)
                for key in ("icc_profile", "exif", "dpi", "duration", "loop", "comment")
            }
            seen.append((picture.mode, picture.size, picture.tobytes(), about))
        return seen


def validated(body, form, root, manifest=None):
    """C2PA's own reader, which trusts our root."""
    trust = {"trust": {"trust_anchors": root.decode()}, "verify": {"verify_trust": True}}
    context = c2pa.Context.from_dict(trust)
    more = (manifest,) if manifest else ()
    return c2pa.Reader(TYPES[form], io.BytesIO(body), *more, context=context)


def read_by_exiftool(path):
    assert exiftool, "apt-get install libimage-exiftool-perl"
    said = subprocess.run(
        [exiftool, "-j", "-G1", "-a", "-struct", "-ee", str(path)], capture_output=True, check=True
    )
    return json.loads(said.stdout)[0]


@EVERY
def test_no_pixel_and_nothing_said_of_it_changes(form, make, signing):
    body = make()
    for how in ({"beside": True}, {"beside": False}):
        copy, done = marked(body, signing[0], **how)
        assert frames(copy) == frames(body)
        assert len(copy) + len(done.manifest or b"") - len(body) <= 5_500


@EVERY_WITH_PACKET
@pytest.mark.parametrize("signed", [False, True], ids=["XMP alone", "signed"])
def test_exiftool_reads_what_was_declared(form, make, signed, tmp_path, signing):
    path = tmp_path / f"copy.{form.lower()}"
    path.write_bytes(make())
    before = read_by_exiftool(path)
    copy, _ = marked(make(), signing[0] if signed else None)
    path.write_bytes(copy)
    said = read_by_exiftool(path)
    assert said["XMP-plus:DataMining"] == marks.VOCABULARY + NOTICE.mining
    assert said["XMP-dc:Creator"] == [NOTICE.creator]
    assert said["XMP-dc:Rights"] == NOTICE.rights
    assert said["XMP-xmpRights:Marked"] is True
    assert said["XMP-xmpRights:WebStatement"] == NOTICE.statement
    assert said["XMP-xmpRights:UsageTerms"] == NOTICE.terms
    assert said["XMP-plus:Licensor"] == [{"LicensorURL": NOTICE.licensor}]
    if signed and form == "PNG":
        return  # ExifTool 12.57 takes EXIF behind credentials for something it has seen
    assert {key: value for key, value in said.items() if "Warning" in key} == {
        key: value for key, value in before.items() if "Warning" in key
    }
    of_the_file = ("System:", "ExifTool:", "SourceFile", "JUMBF:", "File:")
    kept = {key: value for key, value in before.items() if not key.startswith(of_the_file)}
    differs = {key for key, value in kept.items() if said.get(key) != value}
    assert {key.partition(":")[2] for key in differs} <= {
        *("MPImageStart", "MPImageLength"),  # which are told anew
        "WebP_Flags",  # there is a packet now
    }


@EVERY
def test_credentials_hold_and_are_trusted_by_whoever_trusts_our_root(form, make, signing):
    signer, certificate = signing
    for beside in (False, True):
        copy, done = marked(make(), signer, beside=beside)
        with validated(copy, form, certificate.root, done.manifest) as reader:
            assert reader.get_validation_state() == "Trusted"
            said = {one["label"]: one["data"] for one in reader.get_active_manifest()["assertions"]}
        for prefix in ("c2pa", "cawg"):
            entries = said[f"{prefix}.training-mining"]["entries"]
            assert {entry["use"] for entry in entries.values()} == {"notAllowed"}
            assert len(entries) == 4
    with c2pa.Reader(TYPES[form], io.BytesIO(copy), done.manifest) as reader:
        assert reader.get_validation_state() == "Valid"  # and by nobody else


@EVERY
def test_where_credentials_stand_is_told(form, make, signing):
    _, inside = marked(make(), signing[0])
    _, beside = marked(make(), signing[0], beside=True)
    first = () if form in ("AVIF", "HEIF") else (Means.XMP,)
    assert beside.means == (*first, Means.SIDECAR)
    pages = form == "TIFF" and len(frames(make())) > 1
    assert inside.means == (*first, Means.SIDECAR if pages else Means.C2PA)


@EVERY_WITH_PACKET
def test_a_copy_that_is_marked_again_says_one_thing_once(form, make, tmp_path):
    once, _ = marked(make())
    other = Notice("DMI-PROHIBITED", "Somebody else", "Other rights")
    twice, done = marked(once, notice=other)
    assert frames(twice) == frames(make())
    path = tmp_path / "twice"
    path.write_bytes(twice)
    said = read_by_exiftool(path)
    assert said["XMP-plus:DataMining"] == marks.VOCABULARY + "DMI-PROHIBITED"
    assert (said["XMP-dc:Rights"], said["XMP-dc:Creator"]) == ("Other rights", [NOTICE.creator])
    assert done.creator == NOTICE.creator
    assert said["XMP-xmpRights:UsageTerms"] == NOTICE.terms


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_what_exiftool_wrote_before_stays(form, tmp_path, signing):
    path = tmp_path / f"written.{form.lower()}"
    path.write_bytes(saved(form))
    wrote = {
        "XMP-dc:Title": "A title",
        "XMP-dc:Subject": ["fox", "birch"],
        "XMP-dc:Creator": ["The painter"],
        "XMP-xmp:CreatorTool": "A program",
        "XMP-photoshop:Headline": "“Quoted” & <odd>",
        "IPTC:By-line": "The painter",
    }
    told = [
        f"-{tag}={one}"
        for tag, value in wrote.items()
        for one in (value if isinstance(value, list) else [value])
    ]
    subprocess.run(
        [exiftool, "-q", "-m", "-overwrite_original", *told, "-XMP-plus:DataMining=x", str(path)],
        check=True,
        capture_output=True,
    )
    before = read_by_exiftool(path)
    copy, done = marked(path.read_bytes(), signing[0])
    assert frames(copy) == frames(path.read_bytes())
    path.write_bytes(copy)
    said = read_by_exiftool(path)
    for key, value in before.items():
        if key.startswith(("XMP-", "IPTC", "IFD0:Artist")):
            wanted = marks.VOCABULARY + NOTICE.mining if key == "XMP-plus:DataMining" else value
            assert said[key] == wanted
    assert done.creator == "The painter"
    assert said["XMP-xmpRights:UsageTerms"] == NOTICE.terms


def test_older_credentials_are_kept_in_the_new_ones(signing):
    signer, certificate = signing
    once, _ = marked(saved("JPEG"), signer)
    twice, _ = marked(once, signer, Notice("DMI-PROHIBITED"))
    with validated(twice, "JPEG", certificate.root) as reader:
        assert reader.get_validation_state() == "Trusted"
        told = json.loads(reader.json())
        deltas = reader.get_validation_results()["ingredientDeltas"]
    assert len(told["manifests"]) == 2
    assert [delta["validationDeltas"]["failure"] for delta in deltas] == [[]]
    for how in ({"signer": None}, {"signer": signer, "beside": True}):
        with pytest.raises(Unreadable) as caught:
            marked(once, **how)
        assert caught.value.kind is Kind.CREDENTIALS_BREAK


# It leaves the files open that it looks into.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("name", ["JPEG, all", "PNG, all", "WebP, all", "TIFF, all"])
def test_datadiligence_blocks_what_was_marked_and_no_other(name, tmp_path, signing, caplog):
    form, make = FILES[name]
    datadiligence.load_defaults()
    suffix = {"JPEG": "jpg"}.get(form, form.lower())
    plain, copy = tmp_path / f"plain.{suffix}", tmp_path / f"copy.{suffix}"
    plain.write_bytes(make())
    copy.write_bytes(marked(make(), signing[0])[0])
    assert datadiligence.is_allowed(path=str(plain))
    assert not datadiligence.is_allowed(path=str(copy))
    assert {record.name for record in caplog.records if record.levelname == "ERROR"} == {"root"}
    gc.collect()


@pytest.mark.parametrize("place", ["no packet", "behind the index"])
def test_further_pictures_of_a_jpeg_are_where_its_index_says(place):
    body = multi("MPO")
    index = body.index(b"MPF\0")
    if place == "behind the index":
        at = index - 2 + int.from_bytes(body[index - 2 : index], "big")
        text = b"http://ns.adobe.com/xap/1.0/\0" + xmp.merge(None, NOTICE)[0]
        segment = b"\xff\xe1" + struct.pack(">H", len(text) + 2) + text
        moved = bytearray(body[:at] + segment + body[at:])
        for number in range(3):
            entry = index + 4 + 50 + 16 * number
            size, offset = struct.unpack_from("<II", moved, entry + 4)
            grown = (size, offset + len(segment)) if offset else (size + len(segment), 0)
            struct.pack_into("<II", moved, entry + 4, *grown)
        assert frames(bytes(moved)) == frames(body)
        body = bytes(moved)
    copy, _ = marked(body, notice=Notice("DMI-PROHIBITED", rights="much longer " * 100))
    assert frames(copy) == frames(body)
    starts = [at for at in range(len(copy)) if copy.startswith(b"\xff\xd8\xff", at)]
    base = copy.index(b"MPF\0") + 4
    said = [struct.unpack_from("<II", copy, base + 50 + 16 * one + 4) for one in range(3)]
    assert [base + offset for _, offset in said[1:]] == starts[1:]
    assert said[0] == (starts[1], 0)


# --- what is not as it should be ------------------------------------------------------------------


@pytest.mark.parametrize(
    "packet",
    [
        b"not XML at all",
        b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
        b"<x/>",
        b"<a>" * 5_000,
        b"<r xmlns='x'>" * 300 + b"</r>" * 300,
        xmp._EMPTY.encode()[:-3],
        xmp._EMPTY.replace("<rdf:RDF", "<rdf:RDF><rdf:RDF").encode(),
        xmp._EMPTY.encode().decode().encode("utf-16"),
    ],
    ids=range(8),
)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_a_packet_that_cannot_be_understood_is_said_and_not_lost(form, packet):
    place_holder = b"Q" * len(packet)
    about = xmp.merge(None, Notice("DMI-PROHIBITED", rights=place_holder.decode()))[0]
    body, _ = marked(saved(form), notice=Notice("DMI-PROHIBITED", rights=place_holder.decode()))
    broken = body.replace(about, packet.ljust(len(about)))
    assert broken != body
    with pytest.raises(Unreadable) as caught:
        marked(broken)
    assert caught.value.kind is Kind.METADATA_UNREADABLE


def test_no_entity_is_ever_expanded():
    bomb = b'<!DOCTYPE l [<!ENTITY a "lol">' + b"".join(
        b'<!ENTITY %c "%s">' % (letter, b"&%c;" % (letter - 1) * 100) for letter in range(98, 107)
    )
    with pytest.raises(Unreadable):
        xmp.merge(bomb + b"]><l>&j;</l>", NOTICE)


def test_a_packet_keeps_its_every_other_byte():
    packet = (
        b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        b'<!-- kept --><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b"<r:Description xmlns:p='http://ns.useplus.org/ldf/xmp/1.0/' r:about='uuid:&lt;1'"
        b" xmlns:d='http://purl.org/dc/elements/1.1/'  p:DataMining = '>'\n d:format='a'>"
        b"<p:DataMining/><d:rights><r:Bag/></d:rights><p:Other>1</p:Other></r:Description>"
        b"<r:Description r:about='uuid:&lt;1'/></r:RDF></x:xmpmeta>" + b" " * 2_000 + b"\n"
        b'<?xpacket end="w"?>\0\0'
    )
    merged, creator = xmp.merge(packet, Notice("DMI-PROHIBITED", "Mira", "mine"))
    assert creator == "Mira"
    kept = (
        packet.replace(b"  p:DataMining = '>'", b"")
        .replace(b"<p:DataMining/><d:rights><r:Bag/></d:rights>", b"")
        .replace(b" " * 2_000, b"")
        .rstrip(b"\0")
    )
    start = merged.index(b'<rdf:Description xmlns:rdf="')
    end = merged.index(b"</rdf:Description>") + len(b"</rdf:Description>")
    assert merged[:start] + merged[end:] == kept
    assert b'rdf:about="uuid:&lt;1"' in merged


def test_what_did_not_fit_into_a_packet_stays(tmp_path):
    path = tmp_path / "large.jpg"
    path.write_bytes(saved("JPEG"))
    note = tmp_path / "note.txt"
    note.write_text("long " * 30_000)
    told = ["-q", "-overwrite_original", f"-XMP-dc:Description<={note}", "-XMP-dc:Title=kept"]
    subprocess.run([exiftool, *told, str(path)], check=True)
    assert path.read_bytes().count(b"http://ns.adobe.com/xmp/extension/\0") >= 2
    copy, _ = marked(path.read_bytes())
    path.write_bytes(copy)
    said = read_by_exiftool(path)
    assert said["XMP-dc:Description"] == "long " * 30_000
    assert said["XMP-plus:DataMining"].endswith(NOTICE.mining)


def test_what_did_not_fit_may_not_gainsay_the_rest():
    body = saved("JPEG")
    part = xmp._EMPTY.replace(
        "</rdf:RDF>",
        xmp._describe(
            "", {("http://purl.org/dc/elements/1.1/", "rights"): "<dc:rights>theirs</dc:rights>"}
        )
        + "</rdf:RDF>",
    ).encode()
    text = (
        b"http://ns.adobe.com/xmp/extension/\0"
        + b"A" * 32
        + struct.pack(">II", len(part), 0)
        + part
    )
    segment = b"\xff\xe1" + struct.pack(">H", len(text) + 2) + text
    with pytest.raises(Unreadable) as caught:
        marked(body[:2] + segment + body[2:])
    assert caught.value.kind is Kind.METADATA_UNREADABLE


@pytest.mark.parametrize("name", ["GIF", "BMP", "Photoshop", "Krita"])
def test_other_kinds_are_refused(name, signing):
    with pytest.raises(Unreadable) as caught:
        marked(picture_files.FILES[name][1](), signing[0])
    assert caught.value.kind is Kind.NOT_MARKABLE


def test_without_credentials_a_format_without_packet_is_refused():
    with pytest.raises(Unreadable) as caught:
        marked(FILES["AVIF"][1]())
    assert caught.value.kind is Kind.NOT_MARKABLE


def png_of_crumbs(name):
    crumb = picture_files.png_chunk(name, b"")
    return picture_files.png((1, 1), 8, 0, b"\0", *[crumb] * 200_000)


def tiff_of_pages():
    """A thousand pages that share one array of a hundred thousand strips."""
    count, first = 100_000, 8 + 400_000
    entry = struct.pack("<HHII", 273, 4, count, 8)
    pages = b"".join(
        struct.pack("<H", 1) + entry + struct.pack("<I", first + 18 * (number + 1))
        for number in range(1_000)
    )
    return struct.pack("<2sHI", b"II", 42, first) + bytes(4 * count) + pages


@pytest.mark.parametrize(
    "make",
    [
        lambda: png_of_crumbs(b"caBX"),
        lambda: png_of_crumbs(b"iTXt"),
        lambda: b"\xff\xd8" + b"\xff\xeb\x00\x08JPjumb" * 200_000 + saved("JPEG")[2:],
        lambda: b"\xff\xd8" + b"\xff" * 3_000_000,
        tiff_of_pages,
        lambda: b"RIFF" + struct.pack("<I", 4 + 8 * 200_000) + b"WEBP" + b"C2PA\0\0\0\0" * 200_000,
        lambda: b"\0\0\0\x08ftyp" + b"\0\0\0\x08meta" * 200_000,
    ],
    ids=["caBX", "iTXt", "APP11", "fill bytes", "pages", "RIFF", "boxes"],
)
def test_a_picture_made_to_take_for_ever_does_not(make):
    begun = time.process_time()
    with suppress(Unreadable):
        marked(make())
    assert time.process_time() - begun < 20  # seconds; squares of these would take hours


CUT = {name: file for name, file in FILES.items() if name != "JPEG, several"}


@pytest.mark.parametrize("make", [make for _, make in CUT.values()], ids=CUT)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_a_picture_that_breaks_off_is_refused(make, share, signing):
    body = make()
    with pytest.raises(Unreadable) as caught:
        marked(body[: int(len(body) * share)], signing[0])
    assert caught.value.kind in (Kind.TRUNCATED, Kind.DAMAGED_PICTURE, Kind.NOT_A_PICTURE)


SOURCES = [make() for _, make in FILES.values()]


@settings(
    max_examples=500, deadline=5_000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_malformed_picture_gets_a_clear_error_or_a_copy_that_keeps_it(data, signing):
    broken = bytearray(data.draw(st.sampled_from(SOURCES)))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, min(len(broken), 4_096) - 1))
        broken[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    signer = signing[0] if data.draw(st.booleans()) else None
    try:
        copy, _ = marked(bytes(broken), signer, beside=data.draw(st.booleans()))
    except Unreadable:
        return
    assert len(copy) - len(broken) < 12_000
