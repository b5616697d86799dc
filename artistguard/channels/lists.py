# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The artist's public list, written from the registry's log in the forms that others read.

Files, all UTF-8 with line feeds, the same bytes for the same log and key:

- `urls.txt`, `domains.txt`: one address or domain a line, none twice. A domain is only here when it
  was opted out as a whole: the hosts of single copies belong to other people, too.
- `opt-outs.jsonl`, `opt-outs.csv`, `opt-outs.parquet`: one row for each opt-out in force, oldest
  first, with the columns of `COLUMNS`, which join with data-set metadata without renaming.
- `reservation.txt`: the text that was filed.
- `checkpoint.txt`: how far the log had come, signed; whoever keeps it will notice if entries are
  ever taken away or changed.
- `manifest.json`: size and SHA-256 of each file and the head of the log, signed; see `proof`. It is
  written last: while it does not fit the files, they are being written.

A row's `proof_ref` begins with the level of proof, so that whoever uses the list can honour the
levels they choose; `proof.ProofRef.parse` reads all of it, and whether the row is disputed.

In the CSV file a cell that a spreadsheet would take for a formula begins with an apostrophe; it is
no part of the value.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from artistguard import proof, wire
from artistguard.channels.locks import held
from artistguard.channels.registry import LogState, Registry
from artistguard.channels.storage import PATIENCE, stopping
from artistguard.models import Declaration, Subject
from artistguard.writing import replacing, write

MANIFEST: Final = "manifest.json"
FILES: Final = (
    "urls.txt",
    "domains.txt",
    "opt-outs.jsonl",
    "opt-outs.csv",
    "opt-outs.parquet",
    "reservation.txt",
    "checkpoint.txt",
)

_TYPES: Final[Sequence[tuple[str, pa.DataType]]] = (
    ("url", pa.string()),  # as the data set has it
    ("url_normalized", pa.string()),  # see wire.normalise_url
    ("domain", pa.string()),  # only where the whole domain is opted out
    ("sha256", pa.string()),  # of the file, hex
    ("md5", pa.string()),  # of the file, hex
    ("phash", pa.string()),  # imagehash.phash, 64 bits in hex
    ("pdq", pa.string()),  # never set: our 256-bit hash is another one
    ("iscc", pa.string()),  # never set so far
    ("width", pa.int32()),  # pixels
    ("height", pa.int32()),  # pixels
    ("opt_out_train", pa.bool_()),
    ("opt_out_mining", pa.bool_()),
    ("declared_at", pa.string()),  # ISO 8601
    ("declarant", pa.string()),
    ("proof_ref", pa.string()),  # see proof.ProofRef: the level of proof is its first word
    ("dct256", pa.string()),  # our DCT hash, 256 bits in hex
    ("phash_forms", pa.string()),  # of the picture mirrored and turned, in hex, one after the other
    ("dct256_forms", pa.string()),
)
COLUMNS: Final = pa.schema(_TYPES)

_PHASH: Final = "phash64/1"
_PHASH_DIGITS: Final = 16
_DCT: Final = "dct256/1"
_DCT_DIGITS: Final = 64
_ROWS_AT_ONCE: Final = 10_000
_FORMULA: Final = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")  # spreadsheets read wide ones, too


@dataclass(frozen=True, slots=True)
class Published:
    """A list that was written: where, how many opt-outs, addresses and domains it holds."""

    folder: Path
    opt_outs: int
    urls: int
    domains: int


def publish(registry: Registry) -> Published:
    """Writes the list of all that is filed and not withdrawn into the registry's `public` folder.

    What is there already is left alone when it is whole and of this log and key, so this may be
    called at any time. Reads the log in a bounded number of rows at a time. Raises as `Registry`
    does, and Stopped when the folder cannot be written; the files are then as they were.
    """
    folder = registry.folder / "public"
    with stopping(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with held(registry.folder / "public.lock", PATIENCE):
        checkpoint = registry.checkpoint()
        state = registry.state()
        published = _published(folder, registry.signer, state)
        if published is not None:
            return published
        urls, domains = _Lines(), _Lines()
        opt_outs = _write_files(folder, registry, checkpoint, urls, domains)
        counts = {"opt_outs": opt_outs, "urls": urls.count, "domains": domains.count}
        log = {"at": state.at, "log_entries": state.entries, "log_head": state.head}
        files = {name: file_facts(folder / name) for name in FILES}
        parts: wire.Parts = {"files": files, "list": {**log, **counts}}
        write(folder / MANIFEST, proof.seal(proof.LIST, parts, registry.signer) + b"\n")
    return Published(folder, **counts)


def _published(folder: Path, signer: proof.Signer, state: LogState) -> Published | None:
    """The list that lies in the folder, if it is whole and says what the log says now."""
    manifest = folder / MANIFEST
    if not manifest.exists() or not proof.check_file(manifest, signer.key).valid:
        return None
    document = json.loads(manifest.read_bytes())
    about = document["list"]
    if about["log_head"] != state.head or document["files"].keys() != set(FILES):
        return None
    return Published(folder, about["opt_outs"], about["urls"], about["domains"])


class _Lines:
    """Lines of text, each once."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    @property
    def count(self) -> int:
        return len(self._seen)

    def fresh(self, values: Iterable[str | None]) -> bytes:
        """The values that were not there before, one a line."""
        new = [value for value in dict.fromkeys(values) if value and value not in self._seen]
        self._seen.update(new)
        return "".join(f"{value}\n" for value in new).encode()


def _write_files(
    folder: Path, registry: Registry, checkpoint: bytes, urls: _Lines, domains: _Lines
) -> int:
    count = 0
    with ExitStack() as stack:
        urls_txt, domains_txt, jsonl, csv_file, parquet_file, reservation, checkpoint_file = (
            stack.enter_context(replacing(folder / name)) for name in FILES
        )
        reservation.write("\n".join(registry.texts()).encode())
        checkpoint_file.write(checkpoint)
        csv_file.write(_csv([COLUMNS.names]))
        parquet = stack.enter_context(
            pq.ParquetWriter(parquet_file, COLUMNS, compression="zstd", store_schema=False)
        )
        for rows in _batches(_row(*each) for each in registry.standings()):
            urls_txt.write(urls.fresh(row["url"] for row in rows))
            domains_txt.write(domains.fresh(row["domain"] for row in rows))
            jsonl.write(b"".join(_json(row) for row in rows))
            csv_file.write(_csv(map(_cell, row.values()) for row in rows))
            parquet.write_batch(pa.RecordBatch.from_pylist(rows, schema=COLUMNS))
            count += len(rows)
    return count


def _row(declaration: Declaration, ref: proof.ProofRef) -> dict[str, Any]:
    whole_domain = declaration.subject is Subject.DOMAIN
    phash = declaration.fingerprints.get(_PHASH, "")
    dct = declaration.fingerprints.get(_DCT, "")
    return {
        "url": declaration.url,
        "url_normalized": wire.normalise_url(declaration.url) if declaration.url else None,
        "domain": declaration.domain if whole_domain else None,
        "sha256": declaration.sha256,
        "md5": declaration.md5,
        "phash": phash[:_PHASH_DIGITS] or None,
        "pdq": None,
        "iscc": None,
        "width": declaration.width,
        "height": declaration.height,
        "opt_out_train": True,
        "opt_out_mining": True,
        "declared_at": declaration.declared_at,
        "declarant": declaration.declarant,
        "proof_ref": str(ref),
        "dct256": dct[:_DCT_DIGITS] or None,
        "phash_forms": phash[_PHASH_DIGITS:] or None,
        "dct256_forms": dct[_DCT_DIGITS:] or None,
    }


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    while batch := list(islice(rows, _ROWS_AT_ONCE)):
        yield batch


def _json(row: dict[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _csv(rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _cell(value: object) -> object:
    match value:
        case bool():
            return "true" if value else "false"
        case str() if value.startswith(_FORMULA):
            return f"'{value}"
        case _:
            return value


def file_facts(path: Path) -> dict[str, Any]:
    """Size and SHA-256 of a file as a manifest lists them."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return {"sha256": sha256, "size": file.tell()}
