# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What the README tells a newcomer to type works, in the order it tells them."""

import re
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent
README = (CHECKOUT / "README.md").read_text("utf-8")

# What these set up is what runs this test.
SET_UP = ("python3 -m venv ", ".venv/bin/pip install ", "tests/run")


def commands():
    """Each command of the blocks marked `sh`, without those that set up."""
    for block in re.findall(r"^```sh\n(.*?)^```", README, re.DOTALL | re.MULTILINE):
        for command in re.split(r"\n| && ", block.strip()):
            if not command.startswith(SET_UP):
                yield command


def test_every_command_works_in_a_fresh_checkout(tmp_path):
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "resources").symlink_to(CHECKOUT / "resources")
    typed = list(commands())
    assert typed[0].startswith(".venv/bin/artistguard protect ")
    for command in typed:
        ran = subprocess.run(
            command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, f"{command}\n{ran.stdout}{ran.stderr}"


def test_every_file_that_is_pointed_at_is_there():
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert targets
    assert [target for target in targets if not (CHECKOUT / target).exists()] == []
