# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Where the files of a data set are, and what is said when they cannot be reached."""

import sys

import pytest

from artistguard import cli
from artistguard.errors import Kind, Unreadable
from artistguard.tables.places import find


def test_a_missing_part_is_named_with_what_to_install(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)  # as if it were not installed
    source = "hf://datasets/someone/something/*.parquet"
    with pytest.raises(Unreadable) as raised:
        find(source)
    assert raised.value.kind is Kind.SOURCE_PART_MISSING
    assert cli.main(["pack", "build", source, "--out", str(tmp_path / "pack")]) == 2
    assert "artistguard[hub]" in capsys.readouterr().err


@pytest.mark.parametrize("source", ["nothing://at/all", "nothing", "memory://nothing"])
def test_what_is_not_there_is_unreadable(source):
    with pytest.raises(Unreadable) as raised:
        find(source)
    assert raised.value.kind is Kind.TABLE_UNREADABLE
