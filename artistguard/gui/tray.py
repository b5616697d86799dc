# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The icon in the tray: how things stand, what is new, and the few things wanted from there."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from artistguard import wording
from artistguard.background import Changed, State
from artistguard.gui import badges, notices
from artistguard.gui.bridge import Bridge, Update
from artistguard.gui.rest import Rest
from artistguard.models import Match, OptOut, OptOutState
from artistguard.wording import reach
from artistguard.wording.language import plural
from artistguard.wording.language import translate as _

GATHER_MS: Final = 60_000
"""News is gathered for so long, so that a large find is one notification and not a hundred."""

LOOK_MS: Final = 1_000
LOOKS: Final = 60
"""For so many looks a tray is waited for: a panel may start later than what starts with it."""

REMEMBERED: Final = 5
_LOUD: Final = frozenset({State.NEEDS_YOU, State.ERROR})
_HOUR: Final = 60  # minutes


@dataclass(frozen=True, slots=True)
class Deeds:
    """What the tray can have done: open a page ("" for the window as it is), look, end."""

    open: Callable[[str], None]
    look: Callable[[], None]
    end: Callable[[], None]


class Tray(QObject):
    """Shows an icon as soon as there is a tray; `is_there` says whether one is there now."""

    def __init__(
        self, bridge: Bridge, rest: Rest, deeds: Deeds, title: str = "ArtistGuard"
    ) -> None:
        super().__init__()
        self._title = title
        self._bridge = bridge
        self._rest = rest
        self._deeds = deeds
        self._page = ""  # that a click on the notification opens
        self._counts: Counter[str] = Counter()
        self._news: deque[tuple[str, str]] = deque(maxlen=REMEMBERED)
        self._stands = bridge.state
        self._looks = 0
        self._without: Callable[[], None] = lambda: None
        self._gathering = QTimer(self, singleShot=True, interval=GATHER_MS)
        self._gathering.timeout.connect(self.speak)
        self._looking = QTimer(self, interval=LOOK_MS)
        self._looking.timeout.connect(self._look_again)
        self._menu = QMenu()
        self._said = self._menu.addAction("")
        self._said.setEnabled(False)
        self._away = self._add("", partial(deeds.open, "settings"))
        self._rows = [self._add("", partial(self._open_news, row)) for row in range(REMEMBERED)]
        self._menu.addSeparator()
        self._add(_("Open ArtistGuard"), partial(deeds.open, ""))
        self._add(_("Look now"), deeds.look)
        self._resume = self._add(_("Resume"), rest.resume)
        self._pause = self._add(_("Pause"), rest.pause)
        self._snooze = self._menu.addMenu(_("Snooze"))
        for minutes in (30, _HOUR, 8 * _HOUR):
            self._snooze.addAction(_spell(minutes), partial(rest.snooze, minutes))
        self._menu.addSeparator()
        self._add(_("Settings…"), partial(deeds.open, "settings"))
        self._add(_("Quit"), deeds.end)
        self._icon: QSystemTrayIcon | None = None
        self._badge = badges.icon(State.WORKING)
        self._tip = ""
        bridge.changed.connect(self._update)
        rest.tell(self._show)
        self._show()

    def start(self, without: Callable[[], None]) -> None:
        """Show the icon; `without` is called if there is no tray within a minute."""
        self._without = without
        if not self.is_there():
            self._looking.start()

    def is_there(self) -> bool:
        """Whether there is a tray now; the icon is then in it."""
        there = QSystemTrayIcon.isSystemTrayAvailable()
        if there and self._icon is None:
            self._make_icon()
        elif not there and self._icon is not None:
            self._drop_icon()
            self._looks = 0
            self._looking.start()
        return there

    def close(self) -> None:
        """Take the icon away."""
        self._looking.stop()
        self._gathering.stop()
        self._drop_icon()

    def call(self, title: str) -> None:
        """Be called so from now on."""
        self._title = title
        self._show()

    def say(self, said: str, page: str = "") -> None:
        """Show a notification; a click on it opens the page."""
        self._page = page
        if self.is_there() and self._icon is not None:
            self._icon.showMessage(self._title, said, badges.icon(State.IDLE))

    def speak(self) -> None:
        """Say what was gathered, if anything is still new."""
        news = []
        if number := self._counts["matches"]:
            news.append(("matches", wording.describe_matches(number)))
        if number := self._counts["refused"]:
            news.append(("opt_outs", wording.describe_refusals(number)))
        if self._counts["loud"] and self._stands.state in _LOUD:
            said = wording.name_state(self._stands.state, self._stands.waits)
            news.append((notices.page_for(self._stands.problem), said))
        self._counts.clear()
        if news:
            self._news.extendleft(reversed(news))
            self._show()
            self.say("\n".join(said for _page, said in news), news[0][0])

    def _update(self, update: Update) -> None:
        for told in update.told:
            if isinstance(told, Match):
                self._counts["matches"] += 1
            elif isinstance(told, OptOut) and told.state is OptOutState.REFUSED:
                self._counts["refused"] += 1
        stands = self._bridge.state
        if stands != self._stands:
            self._counts["loud"] += stands.state in _LOUD
            self._stands = stands
            self._show()
        if self._counts.total() and not self._gathering.isActive():
            self._gathering.start()

    def _show(self) -> None:
        stands = self._stands
        if self._rest.is_on():
            stands = Changed(State.PAUSED, away=stands.away)
        said = wording.name_state(stands.state, stands.waits)
        if self._rest.is_on():
            said = self._rest.describe()
        away = reach.describe_away([one.path for one in stands.away])
        self._badge = badges.icon(stands.state)
        self._tip = "\n".join(filter(None, (self._title, said, away)))
        self._dress()
        self._said.setText(_plain(said))
        self._away.setText(_plain(away))
        self._away.setVisible(bool(away))
        for row, action in enumerate(self._rows):
            action.setVisible(row < len(self._news))
            if row < len(self._news):
                action.setText(_plain(self._news[row][1]))
        # The menu may be open: what is in it is shown and hidden, and never made anew.
        self._resume.setVisible(self._rest.is_on())
        self._pause.setVisible(not self._rest.is_on())
        self._snooze.menuAction().setVisible(not self._rest.is_on())

    def _make_icon(self) -> None:
        """An icon of the kind that the tray is; Qt chooses it once, when an icon is made."""
        self._icon = QSystemTrayIcon(self)
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._activate)
        self._icon.messageClicked.connect(self._open_said)
        self._dress()
        self._icon.show()

    def _drop_icon(self) -> None:
        if self._icon is not None:
            self._icon.hide()
            self._icon.deleteLater()
            self._icon = None

    def _dress(self) -> None:
        if self._icon is not None:
            self._icon.setIcon(self._badge)
            self._icon.setToolTip(self._tip)

    def _add(self, said: str, does: Callable[[], None]) -> QAction:
        action = self._menu.addAction(said)
        # An action says whether it is checked, which none of these wants to know.
        action.triggered.connect(lambda _checked=False: does())
        return action

    def _open_news(self, row: int) -> None:
        self._deeds.open(self._news[row][0])

    def _open_said(self) -> None:
        # In old trays a click on the icon counts as one on the message, even one for the menu.
        if not self._menu.isVisible():
            self._deeds.open(self._page)

    def _activate(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        kinds = QSystemTrayIcon.ActivationReason
        if reason in (kinds.Trigger, kinds.DoubleClick):
            self._deeds.open("")

    def _look_again(self) -> None:
        self._looks += 1
        there = self.is_there()
        if there or self._looks >= LOOKS:
            self._looking.stop()
        if not there and self._looks >= LOOKS:
            self._without()


def _plain(said: str) -> str:
    """A sentence for a menu, where an ampersand would underline what follows it."""
    return said.replace("&", "&&")


def _spell(minutes: int) -> str:
    if minutes < _HOUR:
        return plural("For {number} minute", "For {number} minutes", minutes)
    return plural("For {number} hour", "For {number} hours", minutes // _HOUR)
