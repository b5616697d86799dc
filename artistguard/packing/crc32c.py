# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""CRC-32C (RFC 3720), the checksum of TFRecord files, at the pace of arrays."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Registers = NDArray[np.uint32]

_POLYNOMIAL = 0x82F63B78  # 0x1EDC6F41, the lowest bit first
_ONES = 0xFFFFFFFF
_PIECE = 64  # bytes; those of a picture make some thousand pieces, worked on side by side


def crc32c(data: bytes) -> int:
    """Checksum some bytes.

    The register is linear: zeros before the data do not change one that begins as 0, and beginning
    with ones is the same as turning over the first 32 bits. So the data are padded in front, cut
    into pieces, and the registers of neighbours put together, half as many each time.
    """
    if len(data) < 4:
        return (
            int(_shifted(np.array([_ONES], np.uint32), np.frombuffer(data, np.uint8)[None])[0])
            ^ _ONES
        )
    pieces = 1 << (-(-len(data) // _PIECE) - 1).bit_length()
    padded = np.zeros(pieces * _PIECE, np.uint8)
    padded[-len(data) :] = np.frombuffer(data, np.uint8)
    padded[len(padded) - len(data) :][:4] ^= 0xFF
    registers = _shifted(np.zeros(pieces, np.uint32), padded.reshape(pieces, _PIECE))
    doublings = 0
    while len(registers) > 1:
        registers = _after_zeros(doublings, registers[0::2]) ^ registers[1::2]
        doublings += 1
    return int(registers[0]) ^ _ONES


def _shifted(registers: Registers, data: NDArray[np.uint8]) -> Registers:
    """The registers (n,) after the bytes (n, length) of each."""
    table = _table()
    for column in np.ascontiguousarray(data.T):
        registers = table[(registers ^ column) & 0xFF] ^ (registers >> 8)
    return registers


@cache
def _table() -> Registers:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(_POLYNOMIAL), table >> 1)
    return table


def _after_zeros(doublings: int, registers: Registers) -> Registers:
    """The registers after `_PIECE` << `doublings` zeros, each byte of them looked up by itself."""
    tables = _zeros(doublings)
    after = np.zeros_like(registers)
    for at in range(4):
        after ^= tables[at][(registers >> (8 * at)) & 0xFF]
    return after


@cache
def _zeros(doublings: int) -> NDArray[np.uint32]:
    """What becomes of each byte of a register (4, 256) after `_PIECE` << `doublings` zeros."""
    bytes_ = np.arange(256, dtype=np.uint32)
    tables = np.stack([bytes_ << np.uint32(8 * at) for at in range(4)])
    if doublings:
        half = doublings - 1
        return np.stack([_after_zeros(half, _after_zeros(half, one)) for one in tables])
    nothing = np.zeros((256, _PIECE), np.uint8)
    return np.stack([_shifted(one, nothing) for one in tables])
