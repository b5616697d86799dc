# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What the published data sets call their columns, who published them and on what terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What a column says about a row of a data set."""

    ENTRY = "entry"
    URL = "url"
    CAPTION = "caption"
    NAME = "name"
    WIDTH = "width"
    HEIGHT = "height"
    SHA256 = "sha256"
    MD5 = "md5"
    PHASH64 = "phash64"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Format:
    """How one family of data sets is published.

    `columns` gives for each role the names, in lower case, that a column may have, the best first;
    the first that is there is taken. What is in a NAME column is put with the caption, so that
    whose work a row is can be found by name. `dataset`, `source` and `licence` are those of the
    published set, empty where the format is of no one set.
    """

    columns: Mapping[Role, Sequence[str]]
    dataset: str = ""
    source: str = ""
    licence: str = ""


_ANY: Mapping[Role, Sequence[str]] = MappingProxyType(
    {
        Role.ENTRY: ("uid", "key", "sample_id", "imageid", "image_id", "id", "photo_id"),
        Role.URL: (
            "url",
            "image_url",
            "original_url",
            "originalurl",
            "img_url",
            "photo_image_url",
            "source_url",
            "file_url",
        ),
        Role.CAPTION: ("caption", "text", "title", "alt_text", "alt", "description", "prompt"),
        Role.NAME: (
            "tag_string_artist",
            "artist",
            "artist_name",
            "author",
            "creator",
            "photographer",
        ),
        # What img2dataset calls plain `width` is that of the picture it stored, smaller than what
        # was published.
        Role.WIDTH: ("original_width", "width", "image_width"),
        Role.HEIGHT: ("original_height", "height", "image_height"),
        Role.SHA256: ("sha256",),
        Role.MD5: ("md5", "originalmd5", "hash"),
        Role.PHASH64: ("image_phash", "phash", "phash64"),
        Role.PICTURE: ("image", "jpg", "jpeg", "png", "webp", "img", "picture"),
    }
)


def _like(**other: Sequence[str]) -> Mapping[Role, Sequence[str]]:
    return MappingProxyType({**_ANY, **{Role(role): names for role, names in other.items()}})


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "auto": Format(_ANY),
        # https://huggingface.co/datasets/kakaobrain/coyo-700m: image_phash is imagehash's, 16 hex
        # digits.
        "coyo": Format(
            _like(entry=("id",), url=("url",), caption=("text",), phash64=("image_phash",), md5=()),
            "COYO-700M",
            "https://huggingface.co/datasets/kakaobrain/coyo-700m",
            "CC-BY-4.0",
        ),
        # https://github.com/mlfoundations/datacomp: width and height are of the original.
        "datacomp": Format(
            _like(entry=("uid",), caption=("text", "caption"), md5=()),
            "DataComp",
            "https://huggingface.co/datasets/mlfoundations/datacomp_1b",
            "CC-BY-4.0",
        ),
        # `hash`, where there is one, is a 64-bit number over address and text, not of the picture.
        "laion": Format(
            _like(
                entry=("sample_id", "key", "uid", "id"), caption=("text", "caption"), md5=("md5",)
            ),
            "LAION",
            "https://huggingface.co/laion",
            "CC-BY-4.0",
        ),
        # https://huggingface.co/datasets/Spawning/PD12M: `hash` is the MD5 of the file.
        "pd12m": Format(
            _like(entry=("id",), md5=("hash", "md5")),
            "PD12M",
            "https://huggingface.co/datasets/Spawning/PD12M",
            "CDLA-Permissive-2.0",
        ),
        # https://storage.googleapis.com/openimages: OriginalMD5 is in base64.
        "openimages": Format(
            _like(
                entry=("imageid",),
                url=("originalurl",),
                caption=("title",),
                name=("author",),
                md5=("originalmd5",),
            ),
            "Open Images",
            "https://storage.googleapis.com/openimages/web/index.html",
            "CC-BY-4.0",
        ),
        # A post's `source` is where the uploader found the picture, often the artist's own page.
        "danbooru": Format(
            _like(
                entry=("id",),
                url=("source", "file_url", "large_file_url"),
                caption=("tag_string", "tags", "tag_string_general"),
                name=("tag_string_artist", "artist", "artists", "tags_artist"),
                width=("image_width", "width"),
                height=("image_height", "height"),
                md5=("md5",),
            ),
            "Danbooru",
            "https://danbooru.donmai.us",
        ),
        "img2dataset": Format(_like(entry=("key",), md5=("md5",))),
        "hf": Format(_ANY),
        "images": Format(_ANY),
        "csv": Format(_ANY),
    }
)
"""The formats that can be named, by their names; ``auto`` takes any table for what it is."""
