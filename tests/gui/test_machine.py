# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Power as each system tells of it, in the words it uses."""

import pytest

from artistguard.gui import machine
from artistguard.gui.machine import PLUGGED, Power
from artistguard.settings import NEVER_ON_BATTERY, Settings


def device(folder, name, **facts):
    (folder / name).mkdir()
    for fact, said in facts.items():
        (folder / name / fact).write_text(f"{said}\n")


BATTERY = {"type": "Battery", "status": "Discharging", "capacity": 41}


@pytest.mark.parametrize(
    "devices, power",
    [
        ({}, PLUGGED),
        ({"AC": {"type": "Mains", "online": 1}}, PLUGGED),
        ({"BAT0": BATTERY}, Power(True, 41)),
        ({"BAT0": BATTERY, "BAT1": {**BATTERY, "capacity": 77}}, Power(True, 77)),
        ({"BAT0": BATTERY, "AC": {"type": "Mains", "online": 0}}, Power(True, 41)),
        ({"BAT0": BATTERY, "AC": {"type": "Mains", "online": 1}}, PLUGGED),
        ({"BAT0": {**BATTERY, "status": "Charging"}}, PLUGGED),
        ({"mouse": {**BATTERY, "scope": "Device"}}, PLUGGED),
        ({"BAT0": {**BATTERY, "capacity": "odd"}}, Power(True, 0)),
    ],
)
def test_linux(devices, power, tmp_path):
    for name, facts in devices.items():
        device(tmp_path, name, **facts)
    assert machine.read_linux(tmp_path) == power


BATTERY_SAID = """\
Now drawing from 'Battery Power'
 -InternalBattery-0 (id=4653155)	83%; discharging; 5:02 remaining present: true
"""


@pytest.mark.parametrize(
    "said, power",
    [
        (BATTERY_SAID, Power(True, 83)),
        (BATTERY_SAID.replace("'Battery Power'", "'AC Power'"), PLUGGED),
        ("Now drawing from 'AC Power'\n", PLUGGED),
        ("", PLUGGED),
    ],
)
def test_macos(said, power):
    assert machine.understand_macos(said) == power


@pytest.mark.parametrize(
    "line, percent, power",
    [(0, 55, Power(True, 55)), (1, 55, PLUGGED), (255, 55, PLUGGED), (0, 255, PLUGGED)],
)
def test_windows(line, percent, power):
    assert machine.understand_windows(line, percent) == power


@pytest.mark.parametrize(
    "least, power, may",
    [
        (30, Power(True, 29), False),
        (30, Power(True, 30), True),
        (30, PLUGGED, True),
        (NEVER_ON_BATTERY, Power(True, 100), False),
        (NEVER_ON_BATTERY, PLUGGED, True),
        (0, Power(True, 0), True),
    ],
)
def test_pictures_are_read_when_the_battery_allows(least, power, may):
    assert machine.may_read(Settings(battery_least=least), power) is may


def test_the_system_is_asked_no_more_than_every_twenty_seconds():
    asked = []
    now = [100.0]
    gauge = machine.PowerGauge(lambda: asked.append(1) or Power(True, len(asked)), lambda: now[0])
    assert [gauge().percent, gauge().percent] == [1, 1]
    now[0] += 19
    assert gauge().percent == 1
    now[0] += 1
    assert gauge().percent == 2
