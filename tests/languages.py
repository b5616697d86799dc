# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Brings the catalogues of all languages up to date with the sentences in the code.

    python tests/languages.py          # all of them
    python tests/languages.py de ja    # these

A sentence that is new stands in each `artistguard.po` with nothing beside it, and one that has
changed with what was said before, marked fuzzy: translate it and take the mark away. Run this
again, and a catalogue that is whole is compiled; one that is not keeps the `artistguard.mo` it had,
and what it lacks is counted.
"""

import ast
import functools
import gettext
import io
import string
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from artistguard.wording.language import LANGUAGES

HOUSE = Path(__file__).parent.parent / "artistguard"
FOLDER = HOUSE / "wording" / "languages"
SPOKEN = [tag for tag in LANGUAGES if tag != "en"]

# How the code says something: how many of the first arguments are said.
SAYING = {"translate": 1, "_": 1, "mark": 1, "plural": 2}
HEADER = """\
# ArtistGuard in another language.
# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
#"""


class Lasting(Catalog):
    """A catalogue that is the same bytes as long as it says the same: it holds no dates."""

    @property
    def mime_headers(self):
        return [
            ("Project-Id-Version", "ArtistGuard"),
            ("Language", str(self.locale)),
            ("Plural-Forms", self.plural_forms),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ]


class Marked(gettext.NullTranslations):
    """Says in the brackets of the pseudo-language what is in the code, and all else as it is."""

    def __init__(self):
        super().__init__()
        self._known = sentences()

    def gettext(self, message):
        return f"[!! {message} !!]" if message in self._known else message

    def ngettext(self, msgid1, msgid2, n):
        return self.gettext(msgid1 if n == 1 else msgid2)


def place(tag: str, ending: str = "po") -> Path:
    """The file of one language's catalogue."""
    return FOLDER / tag / "LC_MESSAGES" / f"artistguard.{ending}"


@functools.cache
def collect() -> Catalog:
    """Every sentence of the code, in the order of its files, with nothing beside it."""
    found = Catalog(charset="utf-8")
    for file in sorted(HOUSE.rglob("*.py")):
        where = file.relative_to(HOUSE.parent).as_posix()
        for said in sayings(file):
            found.add(said, locations=[(where, None)])
    return found


@functools.cache
def sentences() -> frozenset[str]:
    """Every sentence of the code by itself, plurals, too."""
    return frozenset(text for message in collect() if message.id for text in ids(message))


def sayings(file: Path):
    """What one file says. Babel's own collector is blind inside f-strings."""
    calls = [
        node
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        said = tuple(
            argument.value
            for argument in call.args[: SAYING.get(call.func.id, 0)]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        )
        if said and all(said):
            yield said if len(said) > 1 else said[0]


def read(tag: str) -> Catalog:
    """One language's catalogue as it stands, empty if there is none."""
    try:
        with place(tag).open("rb") as file:
            return read_po(file, locale=tag, charset="utf-8")
    except FileNotFoundError:
        return Catalog(locale=tag, charset="utf-8")


def renew(known: Catalog, wanted: Catalog) -> Catalog:
    """The sentences that are wanted, with what is known of them."""
    known.update(wanted)
    made = Lasting(locale=known.locale, charset="utf-8", header_comment=HEADER, fuzzy=False)
    for message in known:
        if message.id:
            said = made.add(message.id, message.string, locations=message.locations)
            # Babel takes `100 % of` for a format of Python's.
            said.flags = {"fuzzy"} & message.flags
    return made


def as_po(catalog: Catalog) -> bytes:
    """A catalogue as its translators edit it."""
    file = io.BytesIO()
    write_po(file, catalog, width=100, include_lineno=False, include_previous=True)
    return file.getvalue()


def as_mo(catalog: Catalog) -> bytes:
    """A catalogue as the program reads it."""
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def faults(catalog: Catalog) -> list[str]:
    """What keeps a catalogue from being whole, a line for each sentence."""
    return [
        f"{fault}: {ids(message)[0]}"
        for message in catalog
        if message.id
        for fault in check(message, catalog.num_plurals)
    ]


def check(message: Message, plurals: int):
    """What is wrong with one sentence."""
    said = (message.string,) if isinstance(message.string, str) else tuple(message.string or "")
    if not said or not all(text.strip() for text in said):
        yield "nothing said"
        return
    if len(said) != (1 if isinstance(message.id, str) else plurals):
        yield "other number of plurals"
    if "fuzzy" in message.flags:
        yield "fuzzy"
    asked = places_in(ids(message)[-1])
    if any(places_in(text) != asked for text in said):
        yield "other {placeholders}"
    for edge in (str.lstrip, str.rstrip):
        if any((edge(text) == text) != (edge(ids(message)[0]) == ids(message)[0]) for text in said):
            yield "other space at an end"


def ids(message: Message) -> tuple[str, ...]:
    """A sentence in English, and its plural if it has one."""
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def places_in(text: str) -> list[str]:
    """The names of what is put into a sentence; in which order is the language's affair."""
    try:
        return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)
    except ValueError:
        return ["broken {"]


def main(tags: list[str]) -> int:
    wanted, missing = collect(), 0
    for tag in tags or SPOKEN:
        made = renew(read(tag), wanted)
        place(tag).parent.mkdir(parents=True, exist_ok=True)
        place(tag).write_bytes(as_po(made))
        found = faults(made)
        for fault in found[:20]:
            print(f"{tag}: {fault}")
        print(f"{tag}: {len(made) - len(found)} of {len(made)} sentences")
        missing += len(found)
        if not found:
            place(tag, "mo").write_bytes(as_mo(made))
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
