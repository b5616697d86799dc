# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Buckets are handed out of whole files only."""

import pytest

from artistguard.errors import Damaged
from artistguard.server import veiled
from artistguard.server.holdings import PackCollection
from baking import Row, bake


@pytest.mark.parametrize(
    "name, wanted",
    [
        ("dct256-1.bands", {"algorithm": "dct256/1", "start": 0}),
        ("dct256-1.postings", {"algorithm": "dct256/1", "start": 0}),
        ("url.keys", {"kind": "url", "bits": 0, "value": 0}),
    ],
)
def test_no_bucket_is_handed_out_of_a_file_in_which_a_byte_was_changed(
    tmp_path, paint, name, wanted
):
    rows = [Row(f"{at}", paint(f"{at}.png", seed=at)) for at in range(5)]
    folder = bake(tmp_path / "pack", rows)
    asked = [{"segment": 0, **wanted}]
    [whole] = veiled.buckets(PackCollection(folder), asked)
    assert len(whole["rows"]) >= 5
    path = folder / "segment-0000" / name
    body = bytearray(path.read_bytes())
    body[0] ^= 1
    path.write_bytes(body)
    with pytest.raises(Damaged) as caught:
        list(veiled.buckets(PackCollection(folder), asked))
    assert caught.value.facts["file"] == f"segment-0000/{name}"
