# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""What sandboxed workers are asked to do in tests; little is imported, so that they start fast."""

import ctypes
import mmap
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path


def is_loaded(module: str) -> bool:
    return module in sys.modules


def double(number: int) -> int:
    return number * 2


def own_id(_: object) -> int:
    return os.getpid()


def held_signals(_: object) -> set[int]:
    return {int(held) for held in signal.pthread_sigmask(signal.SIG_BLOCK, ())}


def misbehave(item: str) -> object:
    """Do the kind of harm that the item names before its colon, or none."""
    match item.partition(":")[0]:
        case "segfault":
            ctypes.string_at(0)
        case "abort":
            os.abort()
        case "leave":
            os._exit(3)
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hang":
            while True:
                pass
        case "hang in C":
            ctypes.PyDLL(None).pause()  # holds the interpreter's lock for ever
        case "eat":
            return bytearray(8 << 30)
        case "nibble":
            hoard = []
            while True:
                hoard.append(mmap.mmap(-1, 64 << 20))
        case "problem":
            from artistguard.errors import Kind, Unreadable  # noqa: PLC0415  # only this needs it

            raise Unreadable(Kind.TOO_MANY_PIXELS, width=9, height=8)
        case "bug":
            raise ZeroDivisionError("by nought")
        case "recursion":
            return misbehave(item)
        case "shout":
            os.write(1, b"noise")
            os.write(2, b"noise")
        case "interrupt":
            os.kill(os.getpid(), signal.SIGINT)
        case "unsendable":
            return lambda: None
    return item.upper()


def note_id_and_hang(path: str) -> None:
    Path(path).write_text(str(os.getpid()))
    while True:
        time.sleep(60)


def note_id_and_hang_in_c(path: str) -> None:
    Path(path).write_text(str(os.getpid()))
    while True:
        ctypes.PyDLL(None).pause()


def flipped(case: tuple[str, int]) -> None:
    """Read the picture file of that name with some bytes changed, as the seed has it."""
    from artistguard import pictures  # noqa: PLC0415
    from picture_files import FILES  # noqa: PLC0415  # needs the decoders; others do not

    name, seed = case
    chance = random.Random(f"{name} {seed}")
    data = bytearray(FILES[name][1]())
    for _ in range(chance.choice((1, 3, 10))):
        data[min(chance.randrange(len(data)), chance.randrange(len(data)))] = chance.randrange(256)
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        assert isinstance(pictures.read(Path(file.name)), pictures.Picture)
