# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Answers the bulk question that crawlers and data-set tools already know how to ask: by address.

The form is that of the Spawning API: lines of addresses in, one answer a line out, in order and
with every repeated or empty line. Only `optOut` is ever true.
"""

from __future__ import annotations

import re
from json.encoder import encode_basestring_ascii
from typing import Final

from artistguard import proof, wire
from artistguard.server.directory import Directory, url_key

PATH: Final = "/api/v2/query/urls"
MOST_LINES: Final = 200_000
MOST_BYTES: Final = 16 << 20

# An address that is spelt as wire.normalise_url spells it, as nearly all are, and its host.
_TIDY: Final = re.compile(
    rb"https?://([a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?)"
    rb"/[A-Za-z0-9\-._~!$&'()*+,;=:@/]*(?:\?[A-Za-z0-9\-._~!$&'()*+,;=:@/?]+)?"
)
_OF_OWNERS: Final = proof.Level.DOMAIN_VERIFIED.rank + 1
"""Whole domains are only honoured from their owners: anyone can name a domain."""
_YES: Final = b'","optOut":true,"optIn":false}'
_NO: Final = b'","optOut":false,"optIn":false}'


def answer(directory: Directory, body: bytes, least: int) -> bytes:
    """The JSON that answers a body of addresses; `least` is the lowest rank that is honoured."""
    lines = body.split(b"\n")
    keys = []
    hosts = []
    spelt = []
    for line in lines:
        tidy = _TIDY.fullmatch(line)
        if tidy is not None:
            keys.append(url_key(line))
            hosts.append(tidy[1])
            spelt.append(line)
        else:
            text = line.decode("utf-8", "replace")
            normal = wire.normalise_url(text) or text
            keys.append(url_key(normal.encode("utf-8", "replace")))
            hosts.append((wire.host_of(normal) or "").encode())
            spelt.append(encode_basestring_ascii(text)[1:-1].encode())
    ranks = directory.ranks(keys, least).tolist()
    whole = max(least, _OF_OWNERS)
    closed = {host for host in set(hosts) if directory.host_rank(host.decode(), whole) >= whole}
    answers = [
        b'{"url":"' + line + (_YES if rank >= least or host in closed else _NO)
        for line, host, rank in zip(spelt, hosts, ranks, strict=True)
    ]
    return b'{"urls":[' + b",".join(answers) + b"]}"
