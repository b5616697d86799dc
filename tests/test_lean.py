# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""A program that waits in the tray takes little: large libraries are loaded by what needs them."""

import json
import subprocess
import sys

HEAVY = (
    *("PIL", "asyncio", "cryptography", "dns", "httpcore", "httpx", "imagehash", "keyring"),
    *("numpy", "pyarrow", "publicsuffixlist"),
)


def loaded_by(script, *arguments):
    """Which of the large libraries a script has loaded in a process of its own."""
    told = f"{script}\nimport json\nprint(json.dumps([n for n in {HEAVY!r} if n in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{told}", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_the_story_is_opened_without_a_large_library(tmp_path):
    opening = """
from pathlib import Path
from artistguard.background import Background
from artistguard.guard import Guard
guard = Guard(Path(sys.argv[1]))
guard.summary(), guard.folders(), guard.choices.places(), guard.choices.channels()
guard.close()
"""
    assert loaded_by(opening, tmp_path) == []


def test_what_is_watched_for_does_exist():
    assert loaded_by("import artistguard.search.packs") == ["numpy", "pyarrow"]
