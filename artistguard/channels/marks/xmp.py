# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Says in an XMP packet that rights are reserved, and leaves every other byte of it as it was.

XMP is ISO 16684-1; the reservation is the property DataMining of the PLUS vocabulary, as the IPTC
standard for photo metadata has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape

from artistguard.channels.marks.declared import VOCABULARY, Notice
from artistguard.errors import Kind, Unreadable

SIZE_LIMIT: Final = 16 << 20
"""Bytes of a packet; the longest editing histories take a few million."""

_DEPTH_LIMIT = 200
_COUNT_LIMIT = 500_000
_PREFIX_LIMIT = 1_000

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_DC = "http://purl.org/dc/elements/1.1/"
_RIGHTS = "http://ns.adobe.com/xap/1.0/rights/"
_PLUS = "http://ns.useplus.org/ldf/xmp/1.0/"

_HEAD = b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
_TAIL = b'\n<?xpacket end="w"?>'
_EMPTY = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_RDF}"></rdf:RDF></x:xmpmeta>'


def merge(packet: bytes | None, notice: Notice) -> tuple[bytes, str]:
    """The packet with the notice in it, or a new one, and the creator whom it names.

    All else in it stays, byte for byte, but for the room that was left at its end. A creator who is
    named there already stays, too. Raises Unreadable (METADATA_UNREADABLE) for what is no XMP, has
    a document type (which XMP never has), or exceeds limits.
    """
    text = (packet or _EMPTY.encode()).strip(b"\0 \t\r\n")
    read = _read(text)
    if read.end < 0:  # it says nothing at all
        return merge(None, notice)
    creator = read.creator or notice.creator
    properties = _spell(notice, with_creator=not read.creator)
    gone = [span for name in properties for span in read.spans.get(name, ())]
    added = _describe(read.about, properties).encode()
    body = _without(text[: read.end], gone) + added + _rest(text[read.end :])
    return (body if packet else _HEAD + body + _TAIL), creator


def names_any(packet: bytes) -> bool:
    """Whether a packet has a property of those that a notice may set. Raises as `merge` does."""
    return not _ALL.isdisjoint(_read(packet.strip(b"\0 \t\r\n")).spans)


# --- reading --------------------------------------------------------------------------------------

_Name = tuple[str, str]

_MINING: Final = (_PLUS, "DataMining")
_CREATOR: Final = (_DC, "creator")
_ALL: Final = frozenset(
    {
        *(_MINING, _CREATOR, (_DC, "rights"), (_PLUS, "Licensor")),
        *((_RIGHTS, name) for name in ("Marked", "WebStatement", "UsageTerms")),
    }
)


@dataclass(slots=True)
class _Read:
    """Where things stand in a packet, in bytes: the properties we know, the end of its RDF.

    RDF that is one empty tag has no end.
    """

    spans: dict[_Name, list[range]] = field(default_factory=dict)
    about: str = ""
    creator: str = ""
    end: int = -1


def _read(text: bytes) -> _Read:
    if len(text) > SIZE_LIMIT:
        raise Unreadable(Kind.METADATA_UNREADABLE, reason="size")
    reader = _Reader(text)
    try:
        reader.parser.Parse(text, True)
    except expat.ExpatError as error:
        raise Unreadable(Kind.METADATA_UNREADABLE, reason=expat.ErrorString(error.code)) from error
    if not reader.has_rdf:
        raise Unreadable(Kind.METADATA_UNREADABLE, reason="no RDF")
    return reader.read


class _Reader:
    """Follows a packet through expat, which tells where in the text each tag begins."""

    def __init__(self, text: bytes) -> None:
        self.read = _Read()
        self.has_rdf = False
        self.parser = expat.ParserCreate("utf-8")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.buffer_text = True
        self._text = text
        self._scopes: list[dict[str, str]] = [{"xml": "http://www.w3.org/XML/1998/namespace"}]
        self._path: list[tuple[_Name, int]] = []
        self._count = 0
        self._said: list[str] | None = None

    def _refuse(self, *_: object) -> None:
        raise Unreadable(Kind.METADATA_UNREADABLE, reason="document type")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._path) >= _DEPTH_LIMIT or self._count > _COUNT_LIMIT:
            raise Unreadable(Kind.METADATA_UNREADABLE, reason="depth")
        declared = {
            name.partition(":")[2]: value
            for name, value in attributes.items()
            if name == "xmlns" or name.startswith("xmlns:")
        }
        if len(declared) + len(self._scopes[-1]) > _PREFIX_LIMIT:
            raise Unreadable(Kind.METADATA_UNREADABLE, reason="prefixes")
        self._scopes.append({**self._scopes[-1], **declared} if declared else self._scopes[-1])
        name = self._full(tag)
        at = self.parser.CurrentByteIndex
        self._path.append((name, at))
        if self._is_subject():
            self._subject(at, attributes)
        elif self._is_property() and name == _CREATOR:
            self._said = []

    def _subject(self, at: int, attributes: Mapping[str, str]) -> None:
        """A description of the picture itself, which may have properties as attributes."""
        for raw, value in attributes.items():
            name = self._full(raw) if ":" in raw else ("", raw)
            if name in ((_RDF, "about"), ("", "about")) and not self.read.about:
                self.read.about = value
            elif name in _ALL:
                self._keep(name, _attribute(self._text, at, raw))
                if name == _CREATOR:
                    self.read.creator = value

    def _end(self, _: str) -> None:
        name, begins = self._path[-1]
        at = self.parser.CurrentByteIndex
        if self._is_property() and name in _ALL:
            closes = self._text[at : at + 2] == b"</"
            ends = self._text.index(b">", at) + 1 if closes else at
            self._keep(name, range(begins, ends))
            if name == _CREATOR:
                self.read.creator = " ".join("".join(self._said or ()).split())
                self._said = None
        elif name == (_RDF, "RDF"):
            if self.has_rdf:
                raise Unreadable(Kind.METADATA_UNREADABLE, reason="two RDFs")
            self.has_rdf = True
            if self._text[at : at + 2] == b"</":
                self.read.end = at
        self._path.pop()
        self._scopes.pop()

    def _characters(self, text: str) -> None:
        if self._said is not None:
            self._said.append(text)

    def _is_subject(self) -> bool:
        return [name for name, _ in self._path[-2:]] == [(_RDF, "RDF"), (_RDF, "Description")]

    def _is_property(self) -> bool:
        names = [name for name, _ in self._path[-3:-1]]
        return names == [(_RDF, "RDF"), (_RDF, "Description")]

    def _full(self, raw: str) -> _Name:
        prefix, colon, local = raw.rpartition(":")
        return self._scopes[-1].get(prefix if colon else "", ""), local

    def _keep(self, name: _Name, span: range) -> None:
        self.read.spans.setdefault(name, []).append(span)


def _attribute(text: bytes, tag: int, raw: str) -> range:
    """Where an attribute stands in a tag that expat found well formed, with the space before."""
    name = re.escape(raw.encode())
    one = rb"\s+[^\s=]+\s*=\s*(?:\"[^\"]*\"|'[^']*')"
    this = re.compile(rb"\s+" + name + rb"\s*=\s*(?:\"[^\"]*\"|'[^']*')")
    at = re.compile(rb"<[^\s/>]+").match(text, tag)
    assert at is not None
    place = at.end()
    while not (found := this.match(text, place)):
        other = re.compile(one).match(text, place)
        assert other is not None  # it is one of the tag's attributes
        place = other.end()
    return range(*found.span())


# --- writing --------------------------------------------------------------------------------------


def _spell(notice: Notice, *, with_creator: bool) -> dict[_Name, str]:
    """The properties that a notice sets, each as XML with the prefixes of `_describe`.

    Simple ones are attributes, which begin with a space; those come first.
    """
    said = {
        _MINING: f" plus:DataMining={_quoted(VOCABULARY + notice.mining)}",
        (_RIGHTS, "Marked"): ' xmpRights:Marked="True"',
    }
    if notice.statement:
        said[_RIGHTS, "WebStatement"] = f" xmpRights:WebStatement={_quoted(notice.statement)}"
    if notice.creator and with_creator:
        said[_CREATOR] = _list("dc:creator", "Seq", f"<rdf:li>{_safe(notice.creator)}</rdf:li>")
    if notice.rights:
        said[_DC, "rights"] = _list("dc:rights", "Alt", _default(notice.rights))
    if notice.terms:
        said[_RIGHTS, "UsageTerms"] = _list("xmpRights:UsageTerms", "Alt", _default(notice.terms))
    if notice.licensor:
        one = f'<rdf:li rdf:parseType="Resource"><plus:LicensorURL>{_safe(notice.licensor)}'
        said[_PLUS, "Licensor"] = _list(
            "plus:Licensor", "Seq", f"{one}</plus:LicensorURL></rdf:li>"
        )
    return said


def _list(name: str, kind: str, items: str) -> str:
    return f"<{name}><rdf:{kind}>{items}</rdf:{kind}></{name}>"


def _default(text: str) -> str:
    return f'<rdf:li xml:lang="x-default">{_safe(text)}</rdf:li>'


def _safe(text: str) -> str:
    """Text that any XML may hold: no control characters, no half characters."""
    return escape("".join(char for char in text if char.isprintable()))


def _quoted(text: str) -> str:
    return f'"{_safe(text).replace(chr(34), "&quot;")}"'


def _describe(about: str, properties: Mapping[_Name, str]) -> str:
    used = {space for space, _ in properties}
    prefixes = {_DC: "dc", _RIGHTS: "xmpRights", _PLUS: "plus"}
    spaces = "".join(f' xmlns:{prefixes[space]}="{space}"' for space in prefixes if space in used)
    simple = "".join(said for said in properties.values() if said.startswith(" "))
    rest = "".join(said for said in properties.values() if not said.startswith(" "))
    opening = f'<rdf:Description xmlns:rdf="{_RDF}" rdf:about={_quoted(about)}{spaces}{simple}'
    return f"{opening}>{rest}</rdf:Description>" if rest else f"{opening}/>"


def _without(text: bytes, spans: list[range]) -> bytes:
    return b"".join(_kept(text, sorted(spans, key=lambda span: span.start)))


def _kept(text: bytes, spans: list[range]) -> Iterator[bytes]:
    place = 0
    for span in spans:
        yield text[place : span.start]
        place = span.stop
    yield text[place:]


def _rest(text: bytes) -> bytes:
    """What follows the last property, without the room left for programs that edit in place."""
    return re.sub(rb"(>)\s{100,}(<\?xpacket end=)", rb"\1\n\2", text)
