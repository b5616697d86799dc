# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What powers this machine, read without Qt, and what it is therefore allowed to do."""

from __future__ import annotations

import ctypes
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from artistguard.settings import Settings

_LINUX: Final = Path("/sys/class/power_supply")
_FRESH_SECONDS: Final = 20.0
_WINDOWS_PLUGGED: Final = 1
_WINDOWS_UNKNOWN: Final = 255


@dataclass(frozen=True, slots=True)
class Power:
    """Whether the machine runs on its battery, and how full that is, in percent."""

    on_battery: bool
    percent: int


PLUGGED: Final = Power(on_battery=False, percent=100)
"""What is taken for true where nothing is known: machines without a battery say nothing."""


def read_power() -> Power:
    """What the system says now."""
    if sys.platform == "win32":
        return _ask_windows()
    if sys.platform == "darwin":
        return _ask_macos()
    return read_linux(_LINUX)


def may_read(settings: Settings, power: Power) -> bool:
    """Whether pictures may be read now: that takes most of what a battery has."""
    return not power.on_battery or power.percent >= settings.battery_least


def give_back() -> None:
    """Give back to the system what is free of this process's memory, which glibc would keep."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)


class PowerGauge:
    """The power as of the last twenty seconds, so that it can be asked after every picture."""

    def __init__(
        self,
        read: Callable[[], Power] = read_power,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._monotonic = monotonic
        self._read_at = -_FRESH_SECONDS
        self._power = PLUGGED

    def __call__(self) -> Power:
        """The power; safe to ask from any one thread."""
        now = self._monotonic()
        if now - self._read_at >= _FRESH_SECONDS:
            self._read_at = now
            self._power = self._read()
        return self._power


def read_linux(folder: Path) -> Power:
    """What the kernel says of mains and batteries, those of mice and keyboards left out.

    The files are those of `sysfs-class-power`: `type`, `scope`, `online`, `status`, `capacity`.
    """
    fullest = -1
    plugged = False
    for device in sorted(folder.glob("*")):
        kind = _line(device / "type")
        if kind == "Battery" and _line(device / "scope") != "Device":
            capacity = _line(device / "capacity")
            fullest = max(fullest, int(capacity) if capacity.isdecimal() else 0)
            plugged |= _line(device / "status") in ("Charging", "Full", "Not charging")
        elif kind in ("Mains", "USB"):
            plugged |= _line(device / "online") == "1"
    return PLUGGED if plugged or fullest < 0 else Power(on_battery=True, percent=fullest)


def understand_macos(said: str) -> Power:
    """What `pmset -g batt` says: ``Now drawing from 'Battery Power'`` and ``…; 83%; …``."""
    percent = re.search(r"(\d{1,3})%", said)
    if "'Battery Power'" not in said or percent is None:
        return PLUGGED
    return Power(on_battery=True, percent=min(100, int(percent[1])))


def understand_windows(line: int, percent: int) -> Power:
    """What `SYSTEM_POWER_STATUS` says: `ACLineStatus` and `BatteryLifePercent`, 255 unknown."""
    if line in (_WINDOWS_PLUGGED, _WINDOWS_UNKNOWN) or percent == _WINDOWS_UNKNOWN:
        return PLUGGED
    return Power(on_battery=True, percent=percent)


def _ask_macos() -> Power:
    try:
        said = subprocess.run(
            ["/usr/bin/pmset", "-g", "batt"], capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return PLUGGED
    return understand_macos(said.stdout)


def _ask_windows() -> Power:
    status = (ctypes.c_ubyte * 12)()  # four bytes, of which we want two, and two 32-bit numbers
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009  # mypy looks elsewhere than Windows
    if not kernel.GetSystemPowerStatus(status):
        return PLUGGED
    return understand_windows(status[0], status[2])


def _line(file: Path) -> str:
    try:
        return file.read_text("ascii", "replace").strip()
    except OSError:
        return ""
