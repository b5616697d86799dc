# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Where the program starts: without arguments the desktop app, otherwise the command line."""

from __future__ import annotations

import multiprocessing
import os
import sys
from pathlib import Path


def main() -> int:
    """Run what was asked for and give back the exit status."""
    # In a frozen app each worker process starts here too, and must not go further.
    multiprocessing.freeze_support()
    if _wants_window(sys.argv[1:]):
        return _open_window()
    from artistguard import cli  # noqa: PLC0415  # a worker process needs none of it

    return cli.main(sys.argv[1:])


def _wants_window(arguments: list[str]) -> bool:
    """Whether nothing was asked for, or only what a desktop hands to an app: files and folders."""
    return all(Path(path).is_absolute() and Path(path).exists() for path in arguments)


def _open_window() -> int:
    try:
        from artistguard.gui import app  # noqa: PLC0415  # the command line needs no screen
    except ImportError as error:
        sys.stderr.write(f"The window cannot be opened here: {error}\n\n")
        from artistguard import cli  # noqa: PLC0415  # see above

        return cli.main(["--help"])
    from artistguard import settings  # noqa: PLC0415  # see above

    return app.run(settings.data_folder(None, os.environ), sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
