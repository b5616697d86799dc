# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The optional second witness: what a neural net trained to tell copies sees, in 256 bits.

The net is Meta's SSCD (self-supervised copy detection, MIT licence) in ONNX form. It is neither
bundled nor needed: it is used when the package that carries it is installed, or its file chosen,
and onnxruntime is there to run it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Every picture is squeezed to a square of this side: a third of the time of the 288 pixels the net
# was trained at, and the same copies found.
_SIDE = 192

_LENGTH = 512
_BITS = 256

# QUARTER_TURNS as Pillow calls them. The net takes a mirrored picture for the same, so that they
# stand for all eight ways.
_TURNS = (
    None,
    Image.Transpose.ROTATE_90,
    Image.Transpose.ROTATE_180,
    Image.Transpose.ROTATE_270,
)


class Embedder:
    """The net, loaded once in each process that uses it.

    Raises ImportError without onnxruntime (see `model.runtime_installed`), and onnxruntime's own
    errors, of many kinds, for a file that is not a model.
    """

    def __init__(self, model: Path) -> None:
        import onnxruntime  # noqa: PLC0415  # optional, and slow to load

        options = onnxruntime.SessionOptions()
        # Pictures are spread over processes, one for each core, already.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )
        self._input: str = self._session.get_inputs()[0].name

    def ask(self, image: Image.Image) -> NDArray[np.uint8]:
        """Return the hashes of an RGB picture in all ways of QUARTER_TURNS, (4, 32) bytes."""
        small = _squeezed(image)
        ways = [small if turn is None else small.transpose(turn) for turn in _TURNS]
        return binarised(self.vectors(ways))

    def store(self, image: Image.Image) -> NDArray[np.uint8]:
        """Return the hash of an RGB picture as it is, (1, 32) bytes."""
        return binarised(self.vectors([_squeezed(image)]))

    def vectors(self, squares: Sequence[Image.Image]) -> NDArray[np.float32]:
        """Return the net's unit vectors of RGB pictures of one size, (n, 512)."""
        batch = np.stack([np.asarray(square) for square in squares])
        (vectors,) = self._session.run(None, {self._input: batch})
        return np.asarray(vectors, dtype=np.float32)


def binarised(vectors: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return on which sides of 256 orthogonal planes (n, 512) vectors lie, as (n, 32) bytes."""
    return np.packbits(vectors @ _planes().T > 0, axis=1)


@cache
def _planes() -> NDArray[np.float32]:
    """Return the normals of the planes, (256, 512), of +1 and -1.

    They are the first 256 rows of the Walsh-Hadamard matrix in Sylvester's order, so orthogonal,
    each column times a sign: bit i of SHAKE-256 of ``sscd256/1``, most significant bit first.
    Whole numbers from a published function are the same on every machine and for ever.
    """
    rows, columns = np.arange(_BITS)[:, None], np.arange(_LENGTH)
    hadamard = 1 - 2 * (np.bitwise_count(rows & columns) & 1).astype(np.int8)
    seed = np.frombuffer(hashlib.shake_256(b"sscd256/1").digest(_LENGTH // 8), np.uint8)
    flips = 1 - 2 * np.unpackbits(seed).astype(np.int8)
    planes: NDArray[np.float32] = (hadamard * flips).astype(np.float32)
    planes.flags.writeable = False  # it is shared by every call
    return planes


def _squeezed(image: Image.Image) -> Image.Image:
    return image.resize((_SIDE, _SIDE), Image.Resampling.BILINEAR)
