# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Addresses by the ten thousand: one key for all spellings of each, and their hosts.

Nearly all published addresses are already spelt the normal way, and of the others most need the
same two changes. Those are told by one pattern for the whole column, and only what is then left is
taken apart one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from artistguard.wire import host_of, normalise_url

Strings: TypeAlias = Any
"""A pyarrow array of strings; its stubs have no word for what its functions give back."""

# What `normalise_url` leaves as it is: no user name, port or fragment, lower case where case does
# not matter, and percent-encoding only, and in upper case, for what cannot be written otherwise.
_KEPT = r"[A-Za-z0-9\-._~!$&'()*+,;=:@/]"
_ESCAPED = r"%(?:[01][0-9A-F]|2[0-9A-CF]|3[A-F]|40|5[B-E]|60|7[B-DF]|[89A-F][0-9A-F])"
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_NORMAL: Final = (
    rf"^https?://{_LABEL}(?:\.{_LABEL})*/"
    rf"(?:{_KEPT}|{_ESCAPED})*(?:\?(?:{_KEPT}|\?|{_ESCAPED})+)?$"
)
_SHORT_HOST: Final = r"^https?://[^/]{1,63}/"  # all its labels are short enough
_LONGEST = 4_096  # what `normalise_url` takes
_USUAL = 32  # bytes; hosts and a slash seldom take more


@dataclass(frozen=True, slots=True)
class Addresses:
    """Keys of addresses, and where their hosts are in a list of distinct ones.

    `keys` (uint64) and `host` (int32, -1 for none) have shape (n,). `hosts` may hold some that no
    address can have, for which `host_of` has another name or none.
    """

    keys: NDArray[np.uint64]
    host: NDArray[np.int32]
    hosts: list[str]


def read(urls: Strings) -> Addresses:
    """Take a column of addresses without nulls apart."""
    spelt, normal = urls, _is_normal(urls)
    if not normal.all():
        spelt, normal = _tidied(urls, normal)
    if normal.all():
        return Addresses(keys(spelt), *_hosts(spelt))
    strange = np.flatnonzero(~normal)
    written = urls.take(pa.array(strange)).to_pylist()
    forms = list(map(normalise_url, written))
    texts = [form or _encodable(url) for form, url in zip(forms, written, strict=True)]
    numbers, hosts = _hosts(spelt.filter(pa.array(normal)))
    spelt = pc.replace_with_mask(spelt, pa.array(~normal), pa.array(texts))
    host = np.full(len(urls), -1, np.int32)
    host[normal] = numbers
    names = [
        _host_in(form) if form else host_of(url) or ""
        for form, url in zip(forms, written, strict=True)
    ]
    more = {name: at for at, name in enumerate(dict.fromkeys(filter(None, names)), len(hosts))}
    host[strange] = [more.get(name, -1) for name in names]
    return Addresses(keys(spelt), host, [*hosts, *more])


def normal_form(url: str) -> str:
    """How an address is compared: normalised, or as it is when it is no address."""
    return normalise_url(url) or _encodable(url)


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _host_in(form: str) -> str:
    """The host of an address in its normal form, without its port."""
    place = form.split("/", 3)[2]
    return place[: place.index("]") + 1] if place[0] == "[" else place.partition(":")[0]


def _is_normal(urls: Strings) -> NDArray[np.bool_]:
    normal: Strings = pc.match_substring_regex(urls, _NORMAL)
    mask: NDArray[np.bool_] = normal.to_numpy(zero_copy_only=False)
    return mask & (_lengths(urls) <= _LONGEST)


def _tidied(urls: Strings, normal: NDArray[np.bool_]) -> tuple[Strings, NDArray[np.bool_]]:
    """The same without what is usually in the way, and which are then spelt the normal way.

    That is a fragment, and escapes in lower case, which `normalise_url` changes just so; where it
    would do anything else, too, an address is left as it was.
    """
    odd = urls.filter(pa.array(~normal))
    tidy = _with_upper_escapes(pc.replace_substring_regex(odd, "(?s)#.*", ""))
    sound: Strings = pc.match_substring_regex(tidy, _SHORT_HOST)
    good = _is_normal(tidy) & sound.to_numpy(zero_copy_only=False)
    good &= _lengths(odd) <= _LONGEST
    whole = normal.copy()
    whole[~normal] = good
    return pc.replace_with_mask(urls, pa.array(whole & ~normal), tidy.filter(pa.array(good))), whole


def _with_upper_escapes(urls: Strings) -> Strings:
    """The same with the two characters after each percent sign in upper case, if they are digits.

    Those may be the first of the next text where one ends too early, but not of an address.
    """
    text, starts, _ = _laid_out(urls)
    text = text.copy()
    for behind in (1, 2):
        at = np.flatnonzero(text[: -behind or None] == ord("%")) + behind
        lower = at[(text[at] >= ord("a")) & (text[at] <= ord("f"))]
        text[lower] -= 32
    offsets = np.append(starts, len(text)).astype(np.int32)
    buffers = [None, pa.py_buffer(offsets.data), pa.py_buffer(text.data)]
    return pa.Array.from_buffers(pa.string(), len(starts), buffers)


def _hosts(urls: Strings) -> tuple[NDArray[np.int32], list[str]]:
    """The hosts of addresses that are spelt the normal way: what is before the third slash."""
    text, starts, _ = _laid_out(urls)
    if not len(starts):
        return np.empty(0, np.int32), []
    first = starts + 7 + (text[starts + 4] == ord("s"))
    padded = np.concatenate((text, np.zeros(_USUAL, np.uint8)))
    beginnings = np.ndarray(len(text) + 1, f"V{_USUAL}", padded, strides=(1,))
    begin = beginnings[first].view(np.uint8).reshape(-1, _USUAL)
    length = (begin == ord("/")).argmax(axis=1)
    begin *= np.arange(_USUAL) < length[:, None]
    buffers = [None, pa.py_buffer(begin.data)]
    names: Strings = pa.Array.from_buffers(
        pa.binary(_USUAL), len(begin), buffers
    ).dictionary_encode()
    host: NDArray[np.int32] = names.indices.to_numpy()
    hosts = [name.rstrip(b"\0").decode() for name in names.dictionary.to_pylist()]
    longer = np.flatnonzero(length == 0)
    if len(longer):
        others = [url.split("/", 3)[2] for url in urls.take(pa.array(longer)).to_pylist()]
        more = {name: at for at, name in enumerate(dict.fromkeys(others), len(hosts))}
        host = host.copy()
        host[longer] = [more[name] for name in others]
        hosts += more
    return host, hosts


# --- keys -----------------------------------------------------------------------------------------

_BLOCK = 1 << 14
_ODD = 0x9E37_79B9_7F4A_7C15  # 2^64 / golden ratio


def _factors(count: int) -> NDArray[np.uint64]:
    """Odd numbers as good as random, splitmix64 of 0, 1, 2 and so on."""
    mixed = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_ODD)
    for shift, factor in ((30, 0xBF58_476D_1CE4_E5B9), (27, 0x94D0_49BB_1331_11EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31)) | np.uint64(1)


_FACTORS: Final = _factors(1 << 11)
_ENDS: Final = np.array([(1 << 64) - 1, *((1 << 8 * n) - 1 for n in range(1, 8))], np.uint64)


def keys(texts: Strings) -> NDArray[np.uint64]:
    """A 64-bit key of each text (UTF-8, no nulls), the same for the same text for ever.

    The text is cut into little-endian words of 8 bytes, the last filled up with zeros. Each is
    mixed and multiplied by the factor of its place (place modulo 2,048); the key is the sum. It
    spreads texts evenly but is no defence against those who want keys to fall together: what a key
    finds is compared in full.
    """
    text, starts, lengths = _laid_out(texts)
    padded = np.concatenate((text, np.zeros(8, np.uint8)))
    words_at = np.ndarray((len(padded) - 7,), "<u8", padded, strides=(1,))
    found = np.empty(len(starts), np.uint64)
    for at in range(0, len(starts), _BLOCK):
        start, length = starts[at : at + _BLOCK], lengths[at : at + _BLOCK]
        count = np.maximum(-(-length // 8), 1)
        ends = count.cumsum()
        place = np.arange(ends[-1]) - np.repeat(ends - count, count)
        words = words_at[np.repeat(start, count) + 8 * place]
        words[ends - 1] &= np.where(length, _ENDS[length & 7], 0)
        words ^= words >> np.uint64(32)
        words *= np.uint64(_ODD)
        words ^= words >> np.uint64(29)
        words *= _FACTORS.take(place, mode="wrap")
        found[at : at + _BLOCK] = np.add.reduceat(words, ends - count)
    return found


def _lengths(texts: Strings) -> NDArray[np.int32]:
    lengths: Strings = pc.binary_length(texts)
    found: NDArray[np.int32] = lengths.to_numpy()
    return found


def _laid_out(
    texts: Strings,
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    """The bytes of all texts, and where each starts in them and how long it is."""
    _, offsets, body = texts.buffers()
    if not len(texts):
        return np.empty(0, np.uint8), np.empty(0, np.int64), np.empty(0, np.int64)
    bounds = np.frombuffer(offsets, np.int32, len(texts) + 1, 4 * texts.offset).astype(np.int64)
    text = np.frombuffer(body, np.uint8) if body is not None else np.empty(0, np.uint8)
    text = text[bounds[0] : bounds[-1]]
    return text, bounds[:-1] - bounds[0], np.diff(bounds)
