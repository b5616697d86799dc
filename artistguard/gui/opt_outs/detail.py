# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""All about one opt-out: where it stands and why, what can be done, its dates, proof and words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from artistguard import wording, writing
from artistguard.errors import Problem
from artistguard.guard import Guard
from artistguard.gui import parts
from artistguard.gui.bridge import Topic
from artistguard.gui.desk import Desk
from artistguard.gui.opt_outs.shapes import shape
from artistguard.models import Checked, Objection, Receipt, Request, RequestState
from artistguard.wording.language import plural
from artistguard.wording.language import translate as _

_AGAIN = (RequestState.REFUSED, RequestState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class About:
    """What is asked of one opt-out besides what the list has."""

    body: str
    receipts: list[tuple[Receipt, Checked]]
    objections: list[Objection]


class Detail(QFrame):
    """One opt-out, or how many are selected."""

    wants = Signal(str, tuple)
    """Another page by its name, and what is to be opened there."""
    again = Signal()
    """What is selected is to be asked for anew."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("card")
        self._desk = desk
        self._request: Request | None = None
        self._about: About | None = None
        self._many_again = False
        self._name = _plain(parts.heading(""))
        self._shape = QLabel()
        self._state, self._said, self._steps, self._dates, self._proof = (
            _plain(parts.text()) for _label in range(5)
        )
        self._against = _plain(parts.warning())
        self._told = _plain(parts.muted())
        self._body = QPlainTextEdit(readOnly=True, tabChangesFocus=True)
        self._body.setAccessibleName(_("Exactly what is sent"))
        self._exactly = parts.heading(_("Exactly what is sent"))
        self._copy = QPushButton(_("Copy receipt"))
        self._copy.clicked.connect(self.copy_receipt)
        self._save = QPushButton(_("Save receipt…"))
        self._save.clicked.connect(self._ask_where)
        self._anew = QPushButton(_("Ask again…"))
        self._anew.clicked.connect(self.again)
        self._work = QPushButton(_("Show the work"))
        self._work.clicked.connect(self._show_work)
        self._answer = QPushButton(_("Answer the dispute…"))
        self._answer.clicked.connect(self._ask_answer)
        self._buttons = QGridLayout()
        self._scroll = QScrollArea(widgetResizable=True)
        for button in (self._answer, self._anew, self._copy, self._save, self._work):
            self._buttons.addWidget(button)
        self._lay_out()
        self.show_request(None, 0)

    def show_request(self, request: Request | None, chosen: int, *, again: bool = False) -> None:
        """Show one opt-out; without one, that so many are chosen, all to be asked `again`."""
        if request is None or self._request is None or request.id != self._request.id:
            self._about = None
            self._body.clear()
            _say(self._told, "")
        self._request = request
        self._many_again = again and request is None and chosen > 1
        self._show_words(chosen)
        self._show_about()
        if request:
            self._desk.bridge.ask(partial(_ask, request.id), partial(self._take, request.id))

    def copy_receipt(self) -> None:
        """Put the receipt into the clipboard."""
        if self._about and self._about.receipts:
            text = self._about.receipts[-1][0].body.decode("utf-8", "replace")
            QGuiApplication.clipboard().setText(text)

    def save_receipt(self, file: Path) -> None:
        """Write the receipt to a file that anyone can check."""
        if self._about and self._about.receipts:
            body = self._about.receipts[-1][0].body
            self._desk.bridge.ask(lambda _guard: writing.write(file, body), _nothing)

    def answer(self, why: str) -> None:
        """Say something against the first dispute, beside it in the registry."""
        if self._about and self._about.objections and why.strip():
            first = self._about.objections[0]

            def say(guard: Guard) -> object:
                return guard.claims_at(first.channel).dispute(first.id, why.strip())

            self._desk.bridge.ask(say, self._answered, self._fail)

    def _take(self, ident: str, about: About) -> None:
        if self._request and self._request.id == ident:
            self._about = about
            if self._body.toPlainText() != about.body:
                self._body.setPlainText(about.body)
            self._show_about()

    def _show_words(self, chosen: int) -> None:
        one = self._request
        for widget in (self._shape, self._state, self._body, self._exactly):
            widget.setVisible(one is not None)
        if one is None:
            said = plural("{number} selected", "{number} selected", chosen)
            nothing = _("Select an opt-out to see where it stands, and its proof.")
            self._name.setText(said if chosen else nothing)
            self._said.clear()
            self._dates.clear()
            return
        side = round(self.fontMetrics().height() * 1.2)
        self._shape.setPixmap(shape(one.state, self._desk.theme.name, side).pixmap(side, side))
        self._name.setText(wording.name_subject(one))
        state, host = wording.name_request_state(one.state), wording.name_channel(one.channel)
        self._state.setText(f"{state} · {host}")
        self._said.setText(wording.explain_request(one, self._desk.guard.clock()))
        dates = (f"{name}: {value}" for name, value in wording.list_dates(one))
        self._dates.setText("\n".join(dates))

    def _show_about(self) -> None:
        one, about = self._request, self._about
        objections = about.objections if about else []
        steps = wording.list_steps(one, objections) if one else []
        numbered = (f"{at}. {step}" for at, step in enumerate(steps, start=1))
        _say(self._steps, "\n".join(numbered))
        _say(self._against, "\n".join(map(wording.describe_objection, objections)))
        checks = [
            wording.describe_check(
                valid=checked.valid,
                withdrawal=receipt.withdrawal,
                day=receipt.received_at,
                why=checked.why,
            )
            for receipt, checked in (about.receipts if about else ())
        ]
        _say(self._proof, "\n".join(checks))
        disputed = bool(one and one.state == RequestState.DISPUTED and objections)
        offered = {
            self._answer: disputed,
            self._anew: self._many_again or bool(one and one.state in _AGAIN),
            self._copy: bool(checks),
            self._save: bool(checks),
            self._work: bool(one and one.work is not None),
        }
        for at, button in enumerate(button for button, there in offered.items() if there):
            self._buttons.addWidget(button, at // 2, at % 2)
        for button, there in offered.items():
            button.setVisible(there)
        # There is no scroll bar below: two buttons with long words in them need their room.
        inside, bar = self._scroll.widget(), self._scroll.verticalScrollBar()
        assert inside is not None
        needed = inside.minimumSizeHint().width() + bar.sizeHint().width()
        self._scroll.setMinimumWidth(needed)

    def _show_work(self) -> None:
        if self._request and self._request.work is not None:
            self.wants.emit("works", (self._request.work,))

    def _ask_where(self) -> None:
        name = f"{self._request.id}.receipt" if self._request else ""
        file, _kind = QFileDialog.getSaveFileName(self, _("Save receipt"), name, "*.receipt")
        if file:
            self.save_receipt(Path(file))

    def _ask_answer(self) -> None:
        box = QInputDialog(self)
        box.setWindowTitle(_("Answer the dispute"))
        box.setLabelText(
            _("What do you say against it? It is signed, and stands in the registry for ever.")
        )
        box.setOption(QInputDialog.InputDialogOption.UsePlainTextEditForTextInput)
        box.textValueSelected.connect(self.answer)
        box.open()

    def _answered(self, _notice: object) -> None:
        _say(self._told, _("Your answer is filed."))
        self._desk.bridge.wake(Topic.OPT_OUTS)

    def _fail(self, problem: Problem) -> None:
        _say(self._told, wording.explain_problem(problem))

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        self._name.setWordWrap(True)
        state = QHBoxLayout()
        state.addWidget(self._shape)
        state.addWidget(self._state, 1)
        column.addWidget(self._name)
        column.addLayout(state)
        for label in (self._said, self._against, self._steps, self._told, self._dates, self._proof):
            column.addWidget(label)
        column.addLayout(self._buttons)
        column.addWidget(self._exactly)
        self._body.setMinimumHeight(self.fontMetrics().height() * 6)
        column.addWidget(self._body, 1)
        scroll = self._scroll
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        scroll.viewport().setAutoFillBackground(False)
        inside.setAutoFillBackground(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scroll)


def _ask(ident: str, guard: Guard) -> About:
    asked = guard.store.requests
    return About(asked.body(ident), guard.acts.examine(ident), asked.objections(ident))


def _plain(label: QLabel) -> QLabel:
    """A label that takes strangers' words for nothing but words, and lets them be copied."""
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def _say(label: QLabel, said: str) -> None:
    label.setText(said)
    label.setVisible(bool(said))


def _nothing(_result: object) -> None:
    """There is nothing to be told."""
