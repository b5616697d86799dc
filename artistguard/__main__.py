# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Where the program starts: without arguments the desktop app, otherwise the command line."""

from __future__ import annotations

import multiprocessing
import os
import sys
from dataclasses import dataclass
from pathlib import Path


def main() -> int:
    """Run what was asked for and give back the exit status."""
    # In a frozen app each worker process starts here too, and must not go further.
    multiprocessing.freeze_support()
    if (wanted := _window_wanted(sys.argv[1:])) is not None:
        return _open_window(wanted)
    from artistguard import cli  # noqa: PLC0415  # a worker process needs none of it

    return cli.main(sys.argv[1:])


@dataclass(frozen=True)
class _Wanted:
    """How the window is to be opened, with which files and folders."""

    paths: list[str]
    data: str | None = None
    hidden: bool = False
    profile: str | None = None


def _window_wanted(arguments: list[str]) -> _Wanted | None:
    """Whether nothing was asked for, or only what a desktop hands to an app; if so, what."""
    paths = []
    named: dict[str, str | None] = {"--data": None, "--profile": None}
    rest = iter(arguments)
    hidden = "--background" in arguments
    for argument in rest:
        if argument in named:
            named[argument] = next(rest, None)
            if named[argument] is None:
                return None
        elif argument != "--background":
            if not (Path(argument).is_absolute() and Path(argument).exists()):
                return None
            paths.append(argument)
    return _Wanted(paths, named["--data"], hidden, named["--profile"])


def _open_window(wanted: _Wanted) -> int:
    try:
        from artistguard.gui import app  # noqa: PLC0415  # the command line needs no screen
    except ImportError as error:
        sys.stderr.write(f"The window cannot be opened here: {error}\n\n")
        from artistguard import cli  # noqa: PLC0415  # see above

        return cli.main(["--help"])
    from artistguard import profiles, settings, wording  # noqa: PLC0415  # see above
    from artistguard.errors import Problem  # noqa: PLC0415  # see above

    data = settings.data_folder(wanted.data, os.environ)
    if wanted.profile is not None:
        try:
            data = profiles.find(profiles.main_folder(data), wanted.profile).data
        except Problem as problem:
            sys.stderr.write(f"artistguard: {wording.explain_problem(problem)}\n")
            return 2
    return app.run(data, wanted.paths, hidden=wanted.hidden)


if __name__ == "__main__":
    sys.exit(main())
