# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Which opt-outs of a list whoever trains chooses to honour, by how well they stand."""

from __future__ import annotations

from dataclasses import dataclass

from artistguard.proof import Level, ProofRef, Standing


@dataclass(frozen=True, slots=True)
class Honoured:
    """From which level of proof on, and whether disputed opt-outs, too; by default all.

    A dispute says that somebody objects, and anybody can: who stops honouring what is disputed lets
    anybody take an artist's no away. So `disputed` is for those who look into each case themselves.
    """

    at_least: Level = Level.SELF_DECLARED
    disputed: bool = True

    @property
    def everything(self) -> bool:
        """Whether it is not worth looking how an opt-out stands."""
        return self.at_least is Level.SELF_DECLARED and self.disputed

    def covers(self, standing: Standing) -> bool:
        """Whether an opt-out that stands like this is honoured."""
        enough = standing.level.rank >= self.at_least.rank
        return enough and (self.disputed or not standing.disputed)

    def covers_ref(self, written: str | None) -> bool:
        """The same by a list's `proof_ref`; whatever else stands there is its declarant's word."""
        ref = ProofRef.parse(written or "")
        return self.covers(ref.standing if ref else Standing())
