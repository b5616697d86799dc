# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The program starts anywhere, and loads no more than a command needs."""

import subprocess
import sys
from pathlib import Path

import pytest

from artistguard.__main__ import _window_wanted as window_wanted

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


@pytest.mark.parametrize(
    "arguments, wanted",
    [
        ([], ([], None, False)),
        (["--background"], ([], None, True)),
        (["--background", "--data", "d"], ([], "d", True)),
        (["--data", "d"], ([], "d", False)),
        (["--data", "d", "HERE", "--background"], (["HERE"], "d", True)),
        (["HERE"], (["HERE"], None, False)),
        (["--data"], None),
        (["relative"], None),
        (["/not/there"], None),
        (["scan", "--data", "d"], None),
        (["--background", "--json"], None),
    ],
)
def test_the_window_is_for_paths_and_two_options_alone(arguments, wanted, tmp_path):
    here = str(tmp_path)
    found = window_wanted([here if one == "HERE" else one for one in arguments])
    if wanted is None:
        assert found is None
    else:
        paths, data, hidden = wanted
        assert found.paths == [here for _ in paths]
        assert (found.data, found.hidden) == (data, hidden)


def test_the_module_and_the_command_are_the_same_program():
    command = Path(sys.executable).with_name("artistguard")
    for program in ([sys.executable, "-m", "artistguard"], [command]):
        answer = subprocess.run([*program, "--version"], capture_output=True, text=True, check=True)
        assert answer.stdout.startswith("artistguard ")
