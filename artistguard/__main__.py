# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Where the program starts: without arguments the desktop app, otherwise the command line."""

from __future__ import annotations

import multiprocessing
import sys


def main() -> int:
    """Run what was asked for and give back the exit status."""
    # In a frozen app each worker process starts here too, and must not go further.
    multiprocessing.freeze_support()
    from artistguard import cli  # noqa: PLC0415  # a worker process needs none of it

    if len(sys.argv) > 1:
        return cli.main(sys.argv[1:])
    sys.stderr.write("The window is not there yet; the command line does everything:\n\n")
    return cli.main(["--help"])


if __name__ == "__main__":
    sys.exit(main())
