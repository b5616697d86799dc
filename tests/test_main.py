# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The program starts anywhere, and loads no more than a command needs."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("PIL", "cryptography", "imagehash", "keyring", "numpy", "pyarrow")
NEVER = ("PySide6", "tkinter", "scipy", "pywt")

REFUSING = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {refused!r}:
            raise ImportError(f"{{name}} is refused")

sys.meta_path.insert(0, Refuse())
sys.argv = ["artistguard", *{arguments!r}]
from artistguard.__main__ import main
sys.exit(main())
"""


def run(*arguments, refused=NEVER):
    script = REFUSING.format(refused=refused, arguments=arguments)
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("question", ["--version", "--help"])
def test_a_question_about_the_program_loads_nothing_heavy(question):
    answer = run(question, refused=HEAVY + NEVER)
    assert answer.returncode == 0, answer.stderr
    assert "artistguard" in answer.stdout


def test_the_main_job_needs_no_screen_and_no_window_library(paint):
    folder = paint("art/a.png").parent
    done = run("protect", str(folder), "--yes", "--json")
    assert done.returncode == 0, done.stderr
    assert '"event": "summary"' in done.stdout


def test_without_arguments_it_says_that_the_window_comes_later():
    done = run()
    assert done.returncode == 0
    assert "window" in done.stderr


def test_the_module_and_the_command_are_the_same_program():
    command = Path(sys.executable).with_name("artistguard")
    for program in ([sys.executable, "-m", "artistguard"], [command]):
        answer = subprocess.run([*program, "--version"], capture_output=True, text=True, check=True)
        assert answer.stdout.startswith("artistguard ")
