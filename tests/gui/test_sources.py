# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Packs and servers in the window: brought, checked, tried and removed, against real ones."""

import contextlib
import functools
import http.server
import shutil
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from artistguard import sources
from artistguard.errors import Damaged, Problem
from artistguard.gui.sources.page import SourcesPage
from artistguard.gui.sources.servers import ServerDialog
from artistguard.gui.tables import Table
from servers import serving

SAMPLE = Path(__file__).parents[2] / "resources" / "sample"


@pytest.fixture
def published(tmp_path):
    """The sample pack at a web address, as anybody could publish one; and its folder."""
    shutil.copytree(SAMPLE / "pack", tmp_path / "web")
    handler = functools.partial(Quiet, directory=tmp_path / "web")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", tmp_path / "web"
        server.shutdown()
        thread.join()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def page(desk, qtbot):
    made = SourcesPage(desk)
    qtbot.addWidget(made)
    made.show()
    made.arrive()
    yield made
    made.leave()


def test_a_published_pack_is_downloaded_and_searched(page, desk, qtbot, published, data):
    address, folder = published
    page._packs.download(address)
    qtbot.waitUntil(lambda: len(desk.guard.choices.settings.packs) == 1, timeout=20_000)
    (pack,) = desk.guard.choices.settings.packs
    assert pack.startswith(str(data))
    assert sources.describe(pack).rows == sources.describe(str(folder)).rows > 0
    page.arrive()
    qtbot.waitUntil(lambda: page._packs._table.rowCount() == 1)


def test_a_download_goes_on_where_it_was(published, tmp_path):
    address, folder = published
    into = tmp_path / "here"
    with contextlib.closing(sources.download(address, into)) as steps:
        first = next(steps)
    assert not (into / "manifest.json").exists()
    assert first.done > 0
    rest = list(sources.download(address, into))
    assert rest[-1].done == rest[-1].total
    last = list(sources.verify(str(into)))[-1]
    assert last.done == last.total
    assert sources.describe(str(into)).rows == sources.describe(str(folder)).rows


def test_a_byte_that_changed_on_the_way_is_noticed(published, tmp_path):
    address, folder = published
    file = max(folder.rglob("*.*"), key=lambda path: path.stat().st_size)
    body = bytearray(file.read_bytes())
    body[len(body) // 2] ^= 1
    file.write_bytes(body)
    with pytest.raises(Damaged):
        list(sources.download(address, tmp_path / "here"))
    assert not (tmp_path / "here" / "manifest.json").exists()


def test_only_safe_addresses_are_downloaded_from(tmp_path):
    with pytest.raises(Problem):
        next(sources.download("http://example.org/pack", tmp_path / "here"))


def test_a_pack_is_added_checked_and_removed(page, desk, qtbot):
    page._packs.add(str(SAMPLE / "pack"))
    page.arrive()
    qtbot.waitUntil(lambda: page._packs._table.rowCount() == 1)
    page._packs.verify(str(SAMPLE / "pack"))
    qtbot.waitUntil(lambda: "as it was written" in page._packs._said.text(), timeout=20_000)
    page._packs._table.removed.emit(page._packs._table.current())
    assert desk.guard.choices.settings.packs == ()


def test_a_folder_that_is_no_pack_is_refused_in_words(page, desk, tmp_path):
    page._packs.add(str(tmp_path))
    assert "no pack" in page._packs._said.text()
    assert desk.guard.choices.settings.packs == ()


@pytest.mark.parametrize(
    "anyone, private, key, said",
    [
        (True, True, "", "It works: "),
        (False, True, "theirs", "only for those it knows"),
        (False, False, "theirs", "It works: "),
        (False, False, "another", "does not know you"),
    ],
)
def test_a_server_is_tried_as_it_would_be_asked(page, qtbot, tmp_path, anyone, private, key, said):
    with serving(tmp_path / "server", packs=[SAMPLE / "pack"], anonymous=anyone) as server:
        dialog = ServerDialog(page.desk, page)
        dialog._url.setText(server.url)
        dialog._key.setText({"theirs": server.key}.get(key, key))
        dialog._private.setChecked(private)
        dialog._try()
        qtbot.waitUntil(lambda: said in dialog._said.text(), timeout=30_000)


def test_a_row_is_current_from_right_to_left_too(qtbot):
    table = Table("Fruit", ["Name", "Colour"])
    qtbot.addWidget(table)
    table.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    table.fill([("a", ["Apple", "red"]), ("b", ["Banana", "yellow"])])
    assert table.current() == "a"
    assert {index.row() for index in table.selectedIndexes()} == {0}
