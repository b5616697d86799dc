# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""How the server says no."""

from __future__ import annotations

from datetime import datetime, timedelta


class Denied(Exception):  # noqa: N818  # it is an answer, not an error
    """The answer to a request that is not carried out.

    `status` is HTTP's, `reason` one word for programs, `retry_after` the seconds to wait.
    """

    def __init__(self, status: int, reason: str, retry_after: int | None = None) -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason
        self.retry_after = retry_after


def quota_spent(now: datetime) -> Denied:
    """The answer to who has no entries left today; there are new ones from midnight on."""
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0)
    return Denied(429, "quota", retry_after=int((midnight - now).total_seconds()) + 1)
