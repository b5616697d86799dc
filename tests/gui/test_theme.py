# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Every text can be read: contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3) in all themes."""

import pytest

from artistguard.gui.theme import THEMES, contrast
from artistguard.models import Standing

LEAST = 4.5


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_text_reads_on_everything_that_lies_behind_it(theme):
    pairs = [
        (text, behind)
        for text in (theme.text, theme.muted, theme.warning)
        for behind in (theme.window, theme.surface, theme.raised)
    ]
    pairs += [(theme.on_accent, theme.accent), (theme.text, theme.chosen)]
    pairs += [(theme.on_standing, theme.standings[standing]) for standing in Standing]
    assert [(a, b, round(contrast(a, b), 2)) for a, b in pairs if contrast(a, b) < LEAST] == []


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_the_edge_of_what_has_the_focus_is_seen(theme):
    """Graphical parts need 3 to 1 (WCAG 2.2, 1.4.11)."""
    assert contrast(theme.accent, theme.surface) >= 3
    assert contrast(theme.accent, theme.window) >= 3


def test_the_ratio_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
