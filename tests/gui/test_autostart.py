# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Entries that start the program with the system, as each system reads them."""

import plistlib
import re
import sys
from pathlib import Path

import pytest

from artistguard.errors import Kind, Stopped
from artistguard.gui import autostart

ODD = ['/opt/Art Guard/artist"guard', "--data", "/art/100% $HOME `x` \\ é"]


def exec_of(entry):
    """The arguments of an Exec line, as the specification has desktops read them."""
    (line,) = [line for line in entry.splitlines() if line.startswith("Exec=")]
    parts = re.findall(r'"((?:\\.|[^"\\])*)"', line[5:].replace("\\\\", "\\"))
    return [re.sub(r"\\(.)", r"\1", part).replace("%%", "%") for part in parts]


def test_linux_gets_each_argument_as_it_is():
    assert exec_of(autostart.desktop_entry(ODD)) == ODD
    assert autostart.desktop_entry(["a b"]) == (
        "[Desktop Entry]\nType=Application\nName=ArtistGuard\nIcon=artistguard\n"
        'Exec="a b"\nTerminal=false\nX-GNOME-Autostart-enabled=true\n'
    )


def test_no_line_can_be_slipped_into_a_desktop_entry():
    entry = autostart.desktop_entry(["/art/a\nExec=evil"])
    assert [line for line in entry.splitlines() if line.startswith("Exec=evil")] == []


def test_windows_gets_one_line():
    said = autostart.windows_value(
        ["C:\\Program Files\\ArtistGuard\\artistguard.exe", "--background"]
    )
    assert said == '"C:\\Program Files\\ArtistGuard\\artistguard.exe" --background'


def test_macos_gets_a_launch_agent():
    agent = plistlib.loads(autostart.launch_agent(ODD))
    assert agent["ProgramArguments"] == ODD
    assert (agent["RunAtLoad"], agent["KeepAlive"]) == (True, False)


def test_the_command_starts_this_program_in_the_background(tmp_path):
    program, *options = autostart.command(tmp_path)
    assert program == sys.executable
    assert options == ["-m", "artistguard", "--background", "--data", str(tmp_path)]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it would be for real")
def test_it_is_switched_on_and_off_again(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    file = tmp_path / "config" / "autostart" / "artistguard.desktop"
    assert not autostart.is_enabled()
    autostart.disable()
    autostart.enable(ODD)
    assert autostart.is_enabled()
    assert exec_of(file.read_text("utf-8")) == ODD
    autostart.disable()
    assert not autostart.is_enabled()
    assert not file.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the file is a Linux desktop's")
def test_a_relative_configuration_folder_is_ignored():
    assert autostart.place({"XDG_CONFIG_HOME": "here"}).is_relative_to(Path.home() / ".config")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it would be for real")
def test_it_says_so_when_it_cannot_be_switched_on(monkeypatch, tmp_path):
    (tmp_path / "config").write_text("a file where a folder should be")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    with pytest.raises(Stopped) as caught:
        autostart.enable(ODD)
    assert caught.value.kind is Kind.DATA_NOT_WRITABLE
