# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What a screen reader is told of the running program: the tree of AT-SPI, asked over D-Bus."""

import os
import shutil
import subprocess
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from enum import IntEnum

from jeepney import DBusAddress, DBusErrorResponse, Properties, new_method_call
from jeepney.io.blocking import open_dbus_connection
from jeepney.wrappers import unwrap_msg

NEEDS = ("dbus-daemon", "gnome-keyring-daemon")
"""Debian packages: dbus-daemon, gnome-keyring, at-spi2-core."""

MISSING = [name for name in NEEDS if shutil.which(name) is None]

_A11Y = "org.a11y.atspi."
_ROOT = "/org/a11y/atspi/accessible/root"
_SECONDS = 20


class Is(IntEnum):
    """States by their bits, as `AtspiStateType` numbers them."""

    ENABLED = 8
    FOCUSABLE = 11
    FOCUSED = 12
    SHOWING = 25
    VISIBLE = 30


@dataclass(frozen=True)
class Control:
    """Something in a window, as it is told: its role and name, its states as bits."""

    role: str
    name: str
    states: int
    address: tuple[str, str]

    def is_(self, *states):
        """Whether it is all of these."""
        return all(self.states >> state & 1 for state in states)


class Reader:
    """Walks what the programs of one session show."""

    def __init__(self, bus):
        self._bus = bus

    def walk(self, program):
        """Everything that is shown in the windows of a program, as far as it is seen."""
        for address in self._children(("org.a11y.atspi.Registry", _ROOT)):
            if self._ask(address, "Accessible", "Name") == program:
                for window in self._children(address):
                    yield from self._under(window)

    def find(self, program, role, name):
        """The first control in sight of this role whose name begins so, or None."""
        return next(
            (one for one in self.walk(program) if one.role == role and one.name.startswith(name)),
            None,
        )

    def box(self, control):
        """Left, top, width and height of a control, in pixels of the screen."""
        return self._call(control.address, "Component", "GetExtents", "u", 0)

    def text(self, control):
        """What is written in a field."""
        return self._call(control.address, "Text", "GetText", "ii", 0, -1)

    def _under(self, address):
        try:
            control = Control(
                self._call(address, "Accessible", "GetRoleName"),
                self._ask(address, "Accessible", "Name"),
                self._states(address),
                address,
            )
            children = self._children(address)
        except DBusErrorResponse:
            return  # it has just gone
        if control.is_(Is.SHOWING):
            yield control
            for child in children:
                yield from self._under(child)

    def _states(self, address):
        low, high = self._call(address, "Accessible", "GetState")
        return low | high << 32

    def _children(self, address):
        return self._call(address, "Accessible", "GetChildren")

    def _call(self, address, interface, name, types=None, *values):
        bus, path = address
        to = DBusAddress(path, bus, _A11Y + interface)
        said = self._say(new_method_call(to, name, types, values))
        return said[0] if len(said) == 1 else said

    def _ask(self, address, interface, name):
        bus, path = address
        ((_type, value),) = self._say(
            Properties(DBusAddress(path, bus, _A11Y + interface)).get(name)
        )
        return value

    def _say(self, message):
        return _answer(self._bus, message)


@contextmanager
def session(folder):
    """Start what a desktop has behind the screen, a bus and a keyring; how programs find them.

    `folder` is for its sockets: its name has to be short.
    """
    found = {"XDG_RUNTIME_DIR": str(folder)}
    with ExitStack() as stack:
        bus = stack.enter_context(
            _running(["dbus-daemon", "--session", "--nofork", "--print-address"], found)
        )
        found |= {
            "DBUS_SESSION_BUS_ADDRESS": bus.stdout.readline().decode().strip(),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.SecretService.Keyring",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        }
        unlock = ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"]
        keyring = stack.enter_context(_running(unlock, found))
        keyring.stdin.write(b"secret")
        keyring.stdin.close()
        yield found


@contextmanager
def reading(session):
    """A reader of what is shown in a session."""
    with closing(open_dbus_connection(session["DBUS_SESSION_BUS_ADDRESS"])) as bus:
        launcher = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")
        ask = new_method_call(launcher, "GetAddress")
        (address,) = _answer(bus, ask)
    with closing(open_dbus_connection(address)) as bus:
        yield Reader(bus)


def _answer(bus, message):
    """What is answered; DBusErrorResponse where that is an error."""
    return unwrap_msg(bus.send_and_get_reply(message, timeout=_SECONDS))


@contextmanager
def _running(command, found):
    process = subprocess.Popen(
        command,
        env={**os.environ, **found},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with process:
        try:
            yield process
        finally:
            process.terminate()
