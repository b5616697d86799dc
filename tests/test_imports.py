# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The rules of the house: imports point down, and each outside library has one owner."""

import ast
import sys
from pathlib import Path

# From the words up. A room may use those of the lines above it; `BESIDE` may use their own line.
LAYERS = {
    "words": ["__init__", "models", "errors", "evidence"],
    "forms": [
        "wire",
        "pacing",
        "protocol",
        "robots",
        "writing",
        "locks",
        "settings",
        "profiles",
        "secrets",
        "wording",
        "proof",
    ],
    "edges": ["folder", "pictures", "fingerprints", "sandbox", "store", "packs", "calls", "tables"],
    "doors": ["search", "channels", "ownership", "fetching"],
    "steps": [
        "reading",
        "works",
        "masters",
        "matches",
        "optouts",
        "receipts",
        "choices",
        "claims",
        "doctor",
        "marking",
        "sources",
        "backups",
        "sites",
        "stamping",
        "packing",
        "datasets",
    ],
    "far doors": ["engines"],
    "places": ["places", "portfolio", "reader", "review", "acts"],
    "story": ["guard"],
    "background": ["background"],
    "server": ["server"],
    "shells": ["cli", "gui", "honouring"],
    "start": ["__main__"],
}
BESIDE = {"words", "forms"}

# Who may import what from outside; sqlite3 is in here although Python brings it.
OWNERS = {
    "PIL": {"pictures", "fingerprints", "channels"},
    "PySide6": {"gui"},
    "anyio": {"server"},
    "c2pa": {"channels"},
    "cryptography": {"proof", "secrets"},
    "datadiligence": {"honouring"},
    "dns": {"ownership"},
    "fsspec": {"tables"},
    "httpcore": {"fetching"},
    "httpx": {"calls", "engines"},
    "imagehash": {"fingerprints"},
    "keyring": {"secrets"},
    "numpy": {
        "pictures",
        "fingerprints",
        "packs",
        "engines",
        "search",
        "masters",
        "datasets",
        "packing",
        "server",
        "tables",
    },
    "onnxruntime": {"fingerprints"},
    "pg8000": {"engines", "server"},
    "publicsuffixlist": {"ownership"},
    "starlette": {"server"},
    "uvicorn": {"server"},
    "pi_heif": {"pictures"},
    "platformdirs": {"settings"},
    "pyarrow": {"packs", "engines", "datasets", "channels", "packing", "tables", "honouring"},
    "rfc3161_client": {"proof"},
    "rfc8785": {"proof", "secrets"},
    "shiboken6": {"gui"},
    "sqlite3": {"store", "server", "pictures"},
    "watchdog": {"folder"},
}

# Files over 400 lines and functions over 40, and why they stay so.
LONG = {"models.py": "all words of the program, to be read in one place"}
NO_ROOMS = {"utils", "common", "helper", "helpers", "manager", "misc", "core"}

HOUSE = Path(__file__).parent.parent / "artistguard"
FILES = {
    path.relative_to(HOUSE).as_posix(): path.read_text("utf-8") for path in HOUSE.rglob("*.py")
}
TREES = {name: ast.parse(text) for name, text in FILES.items()}
LEVEL = {room: level for level, rooms in enumerate(LAYERS.values()) for room in rooms}
LAYER = {room: layer for layer, rooms in LAYERS.items() for room in rooms}


def room_of(name):
    return name.partition("/")[0].removesuffix(".py")


def imports(name):
    """Every module a file imports, wherever in the file, by its full name."""
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: relative import"
            if node.module == "artistguard":
                yield from (f"artistguard.{alias.name}" for alias in node.names)
            else:
                yield node.module


def may_use(room, other):
    if LEVEL[other] == LEVEL[room]:
        return other == room or LAYER[room] in BESIDE
    return LEVEL[other] < LEVEL[room]


def test_every_file_has_a_room_on_the_plan():
    assert [name for name in FILES if room_of(name) not in LEVEL] == []


def test_imports_point_down():
    assert [
        (name, module)
        for name in FILES
        for module in imports(name)
        if module.startswith("artistguard.")
        and module != "artistguard.__version__"
        and not may_use(room_of(name), module.split(".")[1])
    ] == []


def test_outside_libraries_are_used_by_their_owners_alone():
    inside = {"artistguard"} | (sys.stdlib_module_names - OWNERS.keys())
    assert [
        (name, library)
        for name in FILES
        for library in {module.partition(".")[0] for module in imports(name)} - inside
        if room_of(name) not in OWNERS.get(library, ())
    ] == []


def test_every_file_says_whose_it_is_and_what_it_is_for():
    header = (
        "# SPDX-FileCopyrightText: The ArtistGuard developers\n"
        "# SPDX-License-Identifier: Apache-2.0\n"
    )
    assert [name for name, text in FILES.items() if not text.startswith(header)] == []
    assert [name for name, tree in TREES.items() if not ast.get_docstring(tree)] == []


def test_files_and_functions_are_short_enough_to_read_or_say_why_not():
    files = {name for name, text in FILES.items() if text.count("\n") > 400}
    functions = {
        f"{name}:{node.name}"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 > 40
    }
    assert files | functions == LONG.keys()


def test_no_class_does_too_much():
    assert [
        (name, node.name, len(public))
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and len(public := [one for one in node.body if is_public_method(one)]) > 15
    ] == []


def is_public_method(node):
    function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    return function and not node.name.startswith("_")


def test_names_say_something():
    assert [n for n in FILES if NO_ROOMS & {*n.removesuffix(".py").split("/")}] == []
