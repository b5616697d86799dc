# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What is exported into a folder is marked into another one, by itself."""

import json
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import c2pa
import pytest

from artistguard.errors import Kind, Problem, Unreadable
from artistguard.guard import Guard
from artistguard.marking import MarkedFile, MarkState


@pytest.fixture
def exports(tmp_path, run):
    """The folder of exports, that of their marked copies, and the data folder that names them."""
    made, marked, data = tmp_path / "exports", tmp_path / "marked", tmp_path / "data"
    made.mkdir()
    arguments = ("--export-from", made, "--export-to", marked, "--as", "Mira", "--data", data)
    assert run("mark", *arguments)[0] == 0
    return made, marked, data


def outcomes(data, restless=()):
    with closing(Guard(data)) as guard:
        return [one for one in guard.marking.mark_exports(restless) if isinstance(one, MarkedFile)]


def test_it_is_marked_while_somebody_watches(exports, paint):
    made, marked, data = exports
    command = [sys.executable, "-m", "artistguard", "watch", "--json", "--data", str(data)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            lines = map(json.loads, process.stdout)
            assert next(lines)["state"] == "idle"
            path = paint("new/picture.jpg", folder=made)
            told = next(line for line in lines if line["event"] == "mark")
            assert (told["path"], told["state"]) == (str(path), "marked")
            assert told["out"] == str(marked / "new/picture.jpg")
            with c2pa.Reader(told["out"]) as reader:
                assert reader.get_validation_state() == "Valid"
            assert next(line for line in lines if line["event"] == "state")["state"] == "idle"
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 130
        finally:
            process.kill()
    assert [path for path in marked.rglob("*") if path.is_file()] == [Path(told["out"])]
    assert outcomes(data)[0].state is MarkState.KNOWN


def test_what_is_being_written_waits(exports, paint):
    made, marked, data = exports
    path = paint("picture.jpg", folder=made)
    assert outcomes(data, restless={str(path)}) == []
    assert not any(marked.iterdir())
    assert [one.state for one in outcomes(data)] == [MarkState.MARKED]


def test_nothing_is_made_in_place_of_a_drive_that_is_away(exports, paint):
    made, marked, data = exports
    paint("picture.jpg", folder=made)
    shutil.rmtree(marked)
    with pytest.raises(Unreadable) as caught:
        outcomes(data)
    assert caught.value.kind is Kind.FOLDER_MISSING
    assert not marked.exists()
    shutil.rmtree(made)
    assert outcomes(data) == []


def test_a_certificate_that_is_gone_is_for_a_person_to_mend(exports, paint, run, tmp_path):
    made, _, data = exports
    paint("picture.jpg", folder=made)
    gone = tmp_path / "gone.pem"
    assert run("mark", "--keep", "--certificate", gone, "--data", data)[0] == 0
    with pytest.raises(Problem) as caught:
        outcomes(data)
    assert caught.value.kind is Kind.CERTIFICATE_UNUSABLE


def test_without_such_a_folder_nothing_is_done(tmp_path):
    assert outcomes(tmp_path / "data") == []
