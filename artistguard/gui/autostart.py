# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Starting with the system: an entry of the form each one has, made, looked for and removed."""

from __future__ import annotations

import os
import plistlib
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from artistguard import writing
from artistguard.errors import Kind, Stopped

WINDOWS_KEY: Final = r"Software\Microsoft\Windows\CurrentVersion\Run"
WINDOWS_NAME: Final = "ArtistGuard"
MACOS_LABEL: Final = "org.artistguard.background"

# What the Desktop Entry Specification reserves inside the double quotes of an Exec line.
_DESKTOP_RESERVED: Final = str.maketrans({char: f"\\{char}" for char in '"`$\\'})


def command(data: Path) -> list[str]:
    """How this very program is started in the background over a data folder."""
    frozen = getattr(sys, "frozen", False)
    program = [sys.executable] if frozen else [sys.executable, "-m", "artistguard"]
    return [*program, "--background", "--data", str(data)]


def desktop_entry(arguments: Sequence[str]) -> str:
    """An autostart entry for Linux desktops (Desktop Entry Specification 1.5).

    In an Exec line each argument is quoted, a percent sign doubled; the whole is a string value,
    in which a backslash is doubled once more.
    """
    quoted = " ".join(
        '"' + argument.translate(_DESKTOP_RESERVED).replace("%", "%%") + '"'
        for argument in arguments
    )
    line = quoted.replace("\\", "\\\\").replace("\n", "\\n")
    return (
        "[Desktop Entry]\n"
        "Type=Application\n"
        "Name=ArtistGuard\n"
        "Icon=artistguard\n"
        f"Exec={line}\n"
        "Terminal=false\n"
        "X-GNOME-Autostart-enabled=true\n"
    )


def windows_value(arguments: Sequence[str]) -> str:
    """The value under the registry's Run key."""
    return subprocess.list2cmdline(arguments)


def launch_agent(arguments: Sequence[str]) -> bytes:
    """A LaunchAgent for macOS, started at login and not again when it was quit."""
    return plistlib.dumps(
        {
            "Label": MACOS_LABEL,
            "ProgramArguments": list(arguments),
            "RunAtLoad": True,
            "KeepAlive": False,
            "ProcessType": "Interactive",
        }
    )


def place(environ: Mapping[str, str] = os.environ) -> Path:
    """The file that starts the program at login, on Linux and macOS."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "LaunchAgents" / f"{MACOS_LABEL}.plist"
    # The XDG Base Directory Specification: what is not absolute is ignored.
    named = Path(environ.get("XDG_CONFIG_HOME", ""))
    config = named if named.is_absolute() else Path.home() / ".config"
    return config / "autostart" / "artistguard.desktop"


def is_enabled() -> bool:
    """Whether the program starts with the system."""
    return _windows_value() is not None if sys.platform == "win32" else place().exists()


def enable(arguments: Sequence[str]) -> None:
    """Start with the system from now on. Raises Stopped when that cannot be written down."""
    try:
        if sys.platform == "win32":
            _keep_in_registry(windows_value(arguments))
            return
        text = (
            launch_agent(arguments)
            if sys.platform == "darwin"
            else desktop_entry(arguments).encode("utf-8", "surrogateescape")
        )
        place().parent.mkdir(parents=True, exist_ok=True)
        writing.write(place(), text)
    except OSError as error:
        raise Stopped(Kind.DATA_NOT_WRITABLE, path=place(), reason=error.strerror) from error


def disable() -> None:
    """Start with the system no longer. Raises Stopped when the entry cannot be removed."""
    try:
        if sys.platform == "win32":
            _keep_in_registry(None)
        else:
            place().unlink(missing_ok=True)
    except OSError as error:
        raise Stopped(Kind.DATA_NOT_WRITABLE, path=place(), reason=error.strerror) from error


def _windows_value() -> str | None:
    registry = _registry()
    try:
        with registry.OpenKey(registry.HKEY_CURRENT_USER, WINDOWS_KEY) as key:
            return str(registry.QueryValueEx(key, WINDOWS_NAME)[0])
    except FileNotFoundError:
        return None


def _keep_in_registry(value: str | None) -> None:
    registry = _registry()
    with registry.CreateKey(registry.HKEY_CURRENT_USER, WINDOWS_KEY) as key:
        if value is not None:
            registry.SetValueEx(key, WINDOWS_NAME, 0, registry.REG_SZ, value)
            return
        try:
            registry.DeleteValue(key, WINDOWS_NAME)
        except FileNotFoundError:
            return


def _registry() -> Any:
    """The standard library's door to the registry, which only Windows has."""
    import winreg

    return winreg
