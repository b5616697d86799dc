# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A host of icons as KDE and GNOME's extension are one, over a session bus of its own.

It is what org.kde.StatusNotifierWatcher has to be for Qt to take it for a tray, and asks an icon
what it shows, and its menu through com.canonical.dbusmenu, as a panel would.
"""

import shutil
import subprocess
import threading
from contextlib import closing, contextmanager

from jeepney import (
    DBusAddress,
    MessageType,
    Properties,
    message_bus,
    new_error,
    new_method_call,
    new_method_return,
)
from jeepney.io.blocking import open_dbus_connection
from jeepney.wrappers import unwrap_msg

MISSING = [name for name in ("dbus-daemon",) if shutil.which(name) is None]

_WATCHER = "org.kde.StatusNotifierWatcher"
_ITEM = "org.kde.StatusNotifierItem"
_MENU = "com.canonical.dbusmenu"
_SECONDS = 20


class Host:
    """The icons that have registered, by their names on the bus."""

    def __init__(self, address):
        self.address = address
        self.items = []
        self._watching = open_dbus_connection(address)
        self._asking = open_dbus_connection(address)
        self._say(self._watching, message_bus.RequestName(_WATCHER))
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def close(self):
        """Leave the bus, and with it every icon."""
        end = new_method_call(DBusAddress("/", self._watching.unique_name), "End")
        self._asking.send(end)
        self._thread.join(_SECONDS)
        self._asking.close()
        self._watching.close()

    def properties(self, item):
        """All that an icon says of itself."""
        asked = Properties(DBusAddress("/StatusNotifierItem", item, _ITEM)).get_all()
        (found,) = self._say(self._asking, asked)
        return {name: value for name, (_kind, value) in found.items()}

    def menu(self, item):
        """What the menu of an icon shows, by what it says: number and whether it can be chosen."""
        asked = self._on_menu(item, "GetLayout", "iias", (0, -1, []))
        _revision, (_number, _kinds, children) = self._say(self._asking, asked)
        return dict(_shown(children))

    def choose(self, item, number):
        """Choose a row of its menu."""
        event = (number, "clicked", ("s", ""), 0)
        self._say(self._asking, self._on_menu(item, "Event", "isvu", event))

    def _on_menu(self, item, name, kinds, values):
        path = self.properties(item)["Menu"]
        return new_method_call(DBusAddress(path, item, _MENU), name, kinds, values)

    def _watch(self):
        """Answer what an icon asks of the watcher, until the call to end."""
        while True:
            message = self._watching.receive()
            if message.header.message_type is not MessageType.method_call:
                continue
            name = message.header.fields[3]
            if name == "End":
                return
            self._watching.send(self._answer(message, name))

    def _answer(self, message, name):
        if name == "RegisterStatusNotifierItem":
            self.items.append(message.body[0])
            return new_method_return(message)
        if name == "Introspect":
            return new_method_return(message, "s", (_INTERFACES,))
        facts = {
            "IsStatusNotifierHostRegistered": ("b", True),
            "RegisteredStatusNotifierItems": ("as", self.items),
            "ProtocolVersion": ("i", 0),
        }
        if name == "Get" and message.body[1] in facts:
            return new_method_return(message, "v", (facts[message.body[1]],))
        return new_error(message, "org.freedesktop.DBus.Error.UnknownMethod")

    @staticmethod
    def _say(bus, message):
        return unwrap_msg(bus.send_and_get_reply(message, timeout=_SECONDS))


def _shown(children):
    for _kind, (number, facts, below) in children:
        label = facts.get("label", ("s", ""))[1].replace("_", "")
        if label and facts.get("visible", ("b", True))[1]:
            yield label, (number, facts.get("enabled", ("b", True))[1])
            yield from _shown(below)


@contextmanager
def hosting(address):
    """A host on a bus."""
    with closing(Host(address)) as host:
        yield host


@contextmanager
def bus():
    """A session bus that nobody else knows of; its address."""
    command = ["dbus-daemon", "--session", "--nofork", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        yield daemon.stdout.readline().strip()
        daemon.terminate()


_INTERFACES = f"""<node><interface name="{_WATCHER}">
<method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
<property name="RegisteredStatusNotifierItems" type="as" access="read"/>
<property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
<property name="ProtocolVersion" type="i" access="read"/>
</interface></node>"""
