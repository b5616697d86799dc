# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A real X screen that nobody sees, with a window manager and a tray, and hands to use it."""

import os
import shutil
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from waiting import wait_until

NEEDS = ("Xvfb", "openbox", "trayer", "xdotool")
"""Debian packages: xvfb, openbox, trayer, xdotool."""

MISSING = [name for name in NEEDS if shutil.which(name) is None]


TITLE = ("--name", "^ArtistGuard$")


@dataclass(frozen=True)
class Screen:
    """A screen by its display; windows are known by the numbers that X gives them.

    `session` is how programs find what else a desktop has, see `reader.session`.
    """

    display: str
    session: dict[str, str] = field(default_factory=dict)

    @property
    def environ(self):
        """What a program needs to open its windows here; the tests' own Qt stays offscreen."""
        rest = {name: value for name, value in os.environ.items() if name != "WAYLAND_DISPLAY"}
        return {**rest, **self.session, "DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb"}

    def do(self, *command):
        """What a person does with mouse and keys, in the words of xdotool; what it prints."""
        done = subprocess.run(
            ["xdotool", *map(str, command)],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        return done.stdout

    def windows(self, *named, seen=True):
        """The windows that are found so: `windows("--name", "^ArtistGuard$")`."""
        only = ("--onlyvisible",) if seen else ()
        return [int(line) for line in self.do("search", *only, *named).split()]

    def box(self, window):
        """Left, top, width and height of a window, in pixels of the screen."""
        said = self.do("getwindowgeometry", "--shell", window)
        facts = dict(line.split("=") for line in said.split())
        return tuple(int(facts[name]) for name in ("X", "Y", "WIDTH", "HEIGHT"))

    def icons(self, name):
        """The windows of this name that lie in the tray."""
        return [
            window
            for panel in self.windows("--name", "^panel$")
            for window in self.windows("--name", "")
            if self._is_within(window, panel) and self.do("getwindowname", window).strip() == name
        ]

    def _is_within(self, window, other):
        (x, y, wide, high), (left, top, width, height) = self.box(window), self.box(other)
        return left <= x and x + wide <= left + width and top <= y and y + high <= top + height

    def click(self, x, y, button=1):
        """Press and let go of a button of the mouse: 1 left, 3 right."""
        self.do("mousemove", x, y, "click", button)


@contextmanager
def shown(size="1400x900", *, tray=True, session=None):
    """Start a screen, a window manager and, if wanted, a tray; end all of them."""
    # Without -noreset the server begins anew, and drops all, when the first to come leaves.
    with ExitStack() as stack:
        read, write = os.pipe()
        stack.callback(os.close, read)
        stack.enter_context(
            _running(
                ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-noreset"],
                pass_fds=[write],
            )
        )
        os.close(write)
        screen = Screen(f":{os.read(read, 16).decode().strip()}", session or {})
        stack.enter_context(_running(["openbox"], env=screen.environ))
        wait_until(lambda: screen.do("get_num_desktops").strip().isdigit())
        if tray:
            stack.enter_context(with_tray(screen))
        yield screen


@contextmanager
def with_tray(screen):
    """Start a tray at the bottom of the screen, 24 pixels high."""
    look = ["--edge", "bottom", "--align", "left", "--widthtype", "pixel", "--width", "240"]
    with _running(["trayer", *look, "--heighttype", "pixel", "--height", "24"], env=screen.environ):
        wait_until(lambda: screen.windows("--class", "^trayer$", seen=False))
        yield


@contextmanager
def running(screen, *arguments):
    """Start the program with these arguments, and end it if it is still there."""
    command = [sys.executable, "-m", "artistguard", *map(str, arguments)]
    process = subprocess.Popen(command, env=screen.environ)
    try:
        yield process
    finally:
        process.kill()
        process.wait(20)


def choose(screen, key):
    """Choose from the menu of the icon in the tray what one key press leads to."""
    (icon,) = screen.icons("ArtistGuard")
    left, top, width, height = screen.box(icon)
    screen.click(left + width // 2, top + height // 2, button=3)
    wait_until(lambda: _has_menu(screen))
    screen.do("key", "--delay", "60", key, "Return")


def _has_menu(screen):
    """A tip, which is open of the program, too, is lower than a menu."""
    known = {*screen.windows(*TITLE), *screen.icons("ArtistGuard")}
    rest = [one for one in screen.windows("--class", "^artistguard$") if one not in known]
    return any(screen.box(one)[3] > 100 for one in rest)


@contextmanager
def _running(command, **how):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **how)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)
