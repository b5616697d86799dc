# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The whole of it as a person does it, with mouse and keys on a real screen, at a real server.

With ARTISTGUARD_SCREENSHOTS the pictures that the README shows are left in that folder.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from PIL import Image, ImageGrab

from artistguard.guard import Guard
from artistguard.models import OptOutState, Verdict
from artistguard.store import SoughtMatches, Store
from gui import dragging, reader
from gui import screen as screens
from gui.screen import TITLE, choose, running
from servers import serving
from waiting import wait_until

MISSING = [*screens.MISSING, *reader.MISSING]

pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"NOT TESTED: not installed here: {', '.join(MISSING)}"
)

SAMPLE = Path(__file__).parents[2] / "resources" / "sample"
PROGRAM = "ArtistGuard"
WORKS = 14  # in the sample
AT_REST = "All is done; watching."

PATIENCE = 120  # seconds, on a busy machine


@dataclass(frozen=True)
class Person:
    """Eyes that read what a screen reader is told, and hands that have a mouse and keys."""

    screen: screens.Screen
    reader: reader.Reader

    def see(self, role, name, ready=()):
        """Wait until there is such a control in sight, and it is at rest; the control."""
        seen = []

        def look():
            found = self.reader.find(PROGRAM, role, name)
            seen.append(found and found.is_(*ready) and (found, self.reader.box(found)))
            return seen[-1] and seen[-2:] == [seen[-1]] * 2

        self.wait_for(look, f"{role} {name!r}")
        return seen[-1][0]

    def wait_for(self, true, what):
        """Wait for a condition; where it does not come about, what is seen instead."""
        try:
            wait_until(true, PATIENCE)
        except AssertionError:
            shown = [(one.role, one.name) for one in self.reader.walk(PROGRAM) if one.name]
            pytest.fail(f"{what} was waited for, and seen was {shown}")

    def click(self, role, name):
        left, top, width, height = self.reader.box(self.see(role, name, [reader.Is.ENABLED]))
        self.screen.click(left + width // 2, top + height // 2)

    def press(self, *keys):
        self.screen.do("key", "--delay", "20", *keys)

    def type(self, said):
        self.screen.do("type", "--delay", "5", said)

    def look_at(self, control):
        """A picture of a control; of the window, without the frame the window manager draws."""
        left, top, width, height = self.reader.box(control)
        box = (left, top, left + width, top + height)
        return ImageGrab.grab(box, xdisplay=self.screen.display)


@pytest.fixture
def person():
    """Somebody at a screen with all that a desktop has."""
    with (
        tempfile.TemporaryDirectory(prefix="ag") as short,
        reader.session(short) as session,
        screens.shown("1600x900", session=session) as screen,
        reader.reading(session) as reads,
    ):
        yield Person(screen, reads)


@pytest.fixture
def data(tmp_path):
    """The data of somebody who was told where the window goes: no balloon lies over the icon."""
    with closing(Guard(tmp_path / "data")) as guard:
        guard.choices.arrange(knows_tray=True)
    return tmp_path / "data"


@pytest.fixture
def art(tmp_path):
    return shutil.copytree(SAMPLE / "portfolio", tmp_path / "Art with an ü")


@pytest.fixture
def pictures(tmp_path):
    """Where the pictures of the window go."""
    return Path(os.environ.get("ARTISTGUARD_SCREENSHOTS", tmp_path))


def test_from_the_first_drop_to_the_next_day(person, data, art, pictures, paint, tmp_path):
    screen = person.screen
    with serving(tmp_path / "union", packs=[SAMPLE / "pack"], anonymous=True) as server:
        with running(screen, "--data", data) as process:
            person.see("label", "Drop the folder with your art here")
            drop(person, art, tmp_path / "drag")
            person.wait_for(lambda: works(data) == WORKS, "all works")

            add(person, server)
            person.see("label", "Nothing is searched at a server before you have said yes.")
            assert matches(data) == 0
            person.click("push button", "Search there")
            person.wait_for(lambda: matches(data) > WORKS, "matches")
            person.see("label", AT_REST)
            person.click("list item", "Works")
            person.click("combo box", "By folder")
            person.press("Down", "Return")
            person.see("combo box", "By name")
            person.wait_for(lambda: is_drawn(person, art), "every picture")
            person.look_at(person.see("frame", PROGRAM)).save(pictures / "works.png", optimize=True)
            accept(person, data)
            opt_out(person, data, server, pictures / "plan.png")

            hide(person, process)
            paint("new.png", 77, folder=art, size=(640, 480))
            person.wait_for(lambda: works(data) == WORKS + 1, "a new work")
            person.wait_for(lambda: is_filed(data, server, WORKS + 1), "one opt-out more")
            assert not screen.windows(*TITLE)

            choose(screen, "Down")
            wait_until(lambda: screen.windows(*TITLE), PATIENCE)
            start_again(screen, data, paint("other.png", 78, size=(640, 480)))
            person.wait_for(lambda: is_filed(data, server, WORKS + 2), "another opt-out")
            person.see("label", AT_REST)
            choose(screen, "Up")
            assert process.wait(PATIENCE) == 0

        before = log(server)
        with running(screen, "--data", data) as process:
            person.see("label", AT_REST)
            person.see("label", "16 works")
            person.click("list item", "Opt-outs")
            person.see("label", f"{len(before)} opt-outs")
            hide(person, process)
            choose(screen, "Up")
            assert process.wait(PATIENCE) == 0
        assert log(server) == before
        assert_good(pictures)


# --- everything by key and by ear -----------------------------------------------------------------

CONTROLS = {
    "Works": [("text", "Find works"), ("list", "Works"), ("push button", "Opt out everything…")],
    "Matches": [("table", "Matches"), ("push button", "Mine (Y)"), ("push button", "Undo (U)")],
    "Opt-outs": [("table", "Opt-outs"), ("push button", "Opt out…")],
    "Overview": [("push button", "Show as table"), ("push button", "Save image…")],
    "Data sets": [("table", "Data sets on this computer"), ("push button", "Add a server…")],
    "Settings": [("text", "Name or pen name"), ("push button", "Save a backup…")],
}
"""Some of what each page has to have."""

LISTS = ("list", "table", "tree table")
"""What keys go to as a whole: of what is in them, one is always current."""


def test_every_control_is_named_to_a_screen_reader_and_reached_by_key(person, protected):
    with running(person.screen, "--data", protected):
        person.see("label", AT_REST)
        for page, controls in CONTROLS.items():
            person.click("list item", page)
            for role, name in controls:
                person.see(role, name)
            shown = person.reader.walk(PROGRAM)
            nameless = [one for one in shown if one.is_(reader.Is.FOCUSABLE) and not one.name]
            assert (page, nameless) == (page, [])
            met = Counter(tabbed(person))
            assert (page, reachable(person) - met) == (page, Counter())


def reachable(person):
    """What the tab key has to go to, as role and name."""
    return Counter(
        (one.role, one.name)
        for one in person.reader.walk(PROGRAM, LISTS)
        if one.is_(reader.Is.FOCUSABLE, reader.Is.ENABLED)
        # A sentence that can be marked and copied; one of several, to which arrows go.
        and one.role != "label"
        and (one.role != "check box" or one.is_(reader.Is.CHECKED))
    )


def tabbed(person):
    """What the tab key goes to, one after the other, until it comes round; role and name."""
    met = {}
    seen = focused(person)
    while seen.address not in met:
        met[seen.address] = (seen.role, seen.name)
        before = seen
        person.press("Tab")

        def has_moved(before=before):
            nonlocal seen
            seen = focused(person) or before
            return seen.address != before.address

        person.wait_for(has_moved, f"another than {met[seen.address]}")
    return list(met.values())


def focused(person):
    """Where the keys go, or None for nowhere just now."""
    seen = person.reader.walk(PROGRAM, LISTS)
    return next((one for one in seen if one.is_(reader.Is.FOCUSED)), None)


# --- what a person does ---------------------------------------------------------------------------


def drop(person, folder, said):
    """Drag a folder from another program's window, and let go over ours."""
    screen = person.screen
    with said.open("wb") as out:
        files = subprocess.Popen(
            [sys.executable, dragging.__file__, folder], stdout=out, env=screen.environ
        )
    try:
        wait_until(lambda: screen.windows("--name", f"^{dragging.TITLE}$"), PATIENCE)
        (window,) = screen.windows("--name", f"^{dragging.TITLE}$")
        screen.do("windowmove", "--sync", window, 1430, 100)
        x, y, width, height = screen.box(window)
        x, y = x + width // 2, y + height // 2
        screen.do("mousemove", x, y, "mousedown", 1)

        def is_over():
            """One step more; a jump would be no drag."""
            nonlocal x, y
            x, y = max(x - 40, 700), y + (10 if y < 500 else -10)
            screen.do("mousemove", x, y)
            return x == 700 and said.read_text().endswith("CopyAction\n")

        wait_until(is_over, PATIENCE)
        screen.do("mouseup", 1)
        # What is dropped is fetched from where it came.
        person.see("list item", "fern-and-poppy.jpg")
    finally:
        files.kill()
        files.wait(20)


def add(person, server):
    """Add a server with its key, and try it first."""
    person.click("list item", "Data sets")
    person.click("push button", "Add a server…")
    person.click("text", "Address")
    person.type(server.url)
    person.press("Tab")
    person.type(server.key)
    person.click("push button", "Try the connection")
    person.see("label", "It works:")
    person.click("push button", "OK")


def accept(person, data):
    """Say of one match that it is mine, take it back, and say it again."""
    person.click("list item", "Matches")
    person.see("table", "Matches", [reader.Is.FOCUSED])
    person.see("label", "Nothing is decided yet.")
    person.press("y")
    person.see("label", "1 match: mine.")
    assert decided(data) == 1
    person.press("u")
    person.see("label", "Nothing is decided yet.")
    assert decided(data) == 0
    person.press("y")
    person.see("label", "1 match: mine.")
    assert decided(data) == 1


def opt_out(person, data, server, picture):
    """Opt everything out at the server, after a look at the plan."""
    person.click("list item", "Works")
    person.click("push button", "Opt out everything…")
    person.click("combo box", "Registry on this computer")
    person.press("Down", "Return")
    person.click("text", "In the name of")
    person.type("Mira Solvang")
    person.see("label", "To be filed: 14 works")
    person.see("push button", "File ", [reader.Is.ENABLED])
    person.look_at(person.see("frame", PROGRAM)).quantize(256).save(picture, optimize=True)
    assert log(server) == []
    person.click("push button", "File ")
    person.wait_for(lambda: is_filed(data, server, WORKS), "opt-outs")
    assert {one["wish"]["declarant"] for one in log(server)} == {"Mira Solvang"}
    urls = [one["place"]["url"] for one in log(server) if "url" in one["place"]]
    assert len(urls) > WORKS
    assert is_refused(server, urls)
    person.see("label", AT_REST)


def hide(person, process):
    """Close the window: it goes into the tray."""
    screen = person.screen
    (window,) = screen.windows(*TITLE)
    screen.do("windowactivate", "--sync", window)
    person.press("alt+F4")
    wait_until(lambda: not screen.windows(*TITLE), PATIENCE)
    assert len(screen.icons(PROGRAM)) == 1
    assert process.poll() is None


def start_again(screen, data, path):
    """Start the program beside itself, with something to take in."""
    command = [sys.executable, "-m", "artistguard", "--data", data, path]
    again = subprocess.run(command, env=screen.environ, check=False, timeout=PATIENCE)
    assert again.returncode == 0


# --- what is so ------------------------------------------------------------------------


def is_drawn(person, art):
    """Whether some works are in sight, and none without its picture."""
    names = tuple(file.name for file in art.rglob("*.*"))
    tiles = [one for one in person.reader.walk(PROGRAM) if one.name.startswith(names)]
    colours = [person.look_at(tile).getcolors(1 << 24) for tile in tiles]
    return len(tiles) > 5 and all(len(found) > 100 for found in colours)


def works(data):
    with closing(Store(data)) as store:
        return store.works.count()


def matches(data):
    with closing(Store(data)) as store:
        return sum(store.matches.counts().values())


def decided(data):
    with closing(Store(data)) as store:
        return len(store.judgements.seek(SoughtMatches(verdict=Verdict.MINE)))


def log(server):
    """What the server has filed, each entry as it signed it."""
    file = server.options.folder / "registry" / "log.jsonl"
    *lines, _unfinished = file.read_bytes().split(b"\n") if file.exists() else [b""]
    return [one for one in map(json.loads, lines) if one["entry"]["kind"] == "opt-out"]


def is_filed(data, server, number):
    """Whether so many works, and all that was wished, are in the log, each once."""
    with closing(Store(data)) as store:
        wished = [one.id for one in store.outbox.opt_outs()]
        settled = store.outbox.counts()[OptOutState.ACKNOWLEDGED]
    filed = log(server)
    subjects = [one["wish"]["subject"] for one in filed]
    assert subjects.count("work") <= number
    return (
        subjects.count("work") == number
        and settled == len(wished)
        and sorted(wished) == sorted(one["entry"]["id"] for one in filed)
    )


def is_refused(server, urls):
    """Whether the server tells those who train that they may use none of these."""
    answer = httpx.post(
        f"{server.url}/api/v2/query/urls",
        content="\n".join(urls),
        headers={"Authorization": f"API {server.key}", "Content-Type": "text/plain"},
        trust_env=False,
    )
    return all(one["optOut"] for one in answer.json()["urls"])


def assert_good(pictures):
    """Both pictures are as large as the window, and full of colours."""
    for name, colours in (("works.png", 5_000), ("plan.png", 50)):
        with Image.open(pictures / name) as picture:
            assert picture.size == (1280, 820)
            assert len(picture.convert("RGB").getcolors(1 << 24)) > colours
