# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What a screen reader is told of the running program: the tree of AT-SPI, asked over D-Bus."""

import os
import shutil
import subprocess
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from enum import IntEnum

from jeepney import DBusAddress, HeaderFields, MessageType, Properties, new_method_call
from jeepney.io.blocking import open_dbus_connection

NEEDS = ("dbus-daemon", "gnome-keyring-daemon")
"""Debian packages: dbus-daemon, gnome-keyring, at-spi2-core."""

MISSING = [name for name in NEEDS if shutil.which(name) is None]

_A11Y = "org.a11y.atspi."
_REGISTRY = ("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root")
_SECONDS = 60


class Is(IntEnum):
    """States by their bits, as `AtspiStateType` numbers them."""

    CHECKED = 4
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
    """Looks at what the programs of one session show."""

    def __init__(self, bus):
        self._bus = bus

    def walk(self, program, closed=()):
        """Everything in sight in the windows of a program, a storey after the other from the top.

        What is in controls of the roles `closed` is left out.
        """
        programs = self._children([_REGISTRY])
        names = self._ask("Accessible", "Name", programs)
        named = zip(programs, names, strict=True)
        storey = self._children([one for one, name in named if name == program])
        # A question by itself takes half a millisecond, a hundred at once take hardly longer.
        while storey:
            seen = [one for one in self._look(storey) if one.is_(Is.SHOWING)]
            yield from seen
            storey = self._children([one.address for one in seen if one.role not in closed])

    def find(self, program, role, name):
        """A control in sight of this role whose name begins so, or None."""
        seen = (one for one in self.walk(program) if one.role == role)
        return next((one for one in seen if one.name.startswith(name)), None)

    def box(self, control):
        """Left, top, width and height of a control, in pixels of the screen."""
        (box,) = self._call("Component", "GetExtents", [control.address], "u", 0)
        return box

    def _look(self, addresses):
        """These as controls, but for those that have just gone."""
        roles = self._call("Accessible", "GetRoleName", addresses)
        names = self._ask("Accessible", "Name", addresses)
        states = self._call("Accessible", "GetState", addresses)
        for role, name, bits, address in zip(roles, names, states, addresses, strict=True):
            if None not in (role, name, bits):
                yield Control(role, name, bits[0] | bits[1] << 32, address)

    def _children(self, addresses):
        found = self._call("Accessible", "GetChildren", addresses)
        return [child for children in found for child in children or ()]

    def _call(self, interface, method, addresses, types=None, *values):
        """What each of these answers; None for those that have gone."""
        to = [DBusAddress(path, bus, _A11Y + interface) for bus, path in addresses]
        return self._say([new_method_call(one, method, types, values) for one in to])

    def _ask(self, interface, name, addresses):
        """A property of each of these; None for those that have gone."""
        to = [DBusAddress(path, bus, _A11Y + interface) for bus, path in addresses]
        return [said and said[1] for said in self._say([Properties(one).get(name) for one in to])]

    def _say(self, messages):
        """Send all at once; what is answered, in the same order."""
        serials = [next(self._bus.outgoing_serial) for _ in messages]
        for serial, message in zip(serials, messages, strict=True):
            self._bus.send(message, serial)
        answers = {}
        while answers.keys() < set(serials):
            said = self._bus.receive(timeout=_SECONDS)
            if (serial := said.header.fields.get(HeaderFields.reply_serial)) in serials:
                answered = said.header.message_type is MessageType.method_return
                answers[serial] = said.body[0] if answered else None
        return [answers[serial] for serial in serials]


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
    with closing(_connect(session["DBUS_SESSION_BUS_ADDRESS"])) as bus:
        launcher = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")
        ask = new_method_call(launcher, "GetAddress")
        (address,) = bus.send_and_get_reply(ask, timeout=_SECONDS).body
    with closing(_connect(address)) as bus:
        yield Reader(bus)


def _connect(address):
    return open_dbus_connection(address, auth_timeout=_SECONDS)


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
