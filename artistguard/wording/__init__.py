# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""All that is said to a person; translation lives here."""

from artistguard.wording.news import (
    describe_matches,
    describe_refusals,
    describe_rest,
    explain_closing,
)
from artistguard.wording.overview import advise, describe_answering, describe_covered
from artistguard.wording.problems import explain, explain_problem, spell
from artistguard.wording.requests import (
    describe_declarant,
    describe_plans,
    describe_request,
    describe_reservation,
    name_channel,
    name_request_state,
    name_subject,
)
from artistguard.wording.sources import count_entries, describe_size, name_answers
from artistguard.wording.standings import (
    count_copies,
    describe_card,
    describe_progress,
    name_band,
    name_order,
    name_standing,
    name_state,
)
from artistguard.wording.states import (
    ask_for_consent,
    describe_asking,
    describe_coverage,
    describe_disclosure,
    describe_history,
    describe_miss,
    describe_more,
    describe_notice_leaving,
    describe_plan,
    describe_summary,
    describe_unseen,
)
from artistguard.wording.works import (
    count_works,
    name_with_count,
    say_gone,
    say_no_places,
    say_nothing_shown,
    say_unreadable,
    split_folder,
)

__all__ = [
    "advise",
    "ask_for_consent",
    "count_copies",
    "count_entries",
    "count_works",
    "describe_answering",
    "describe_asking",
    "describe_card",
    "describe_coverage",
    "describe_covered",
    "describe_declarant",
    "describe_disclosure",
    "describe_history",
    "describe_matches",
    "describe_miss",
    "describe_more",
    "describe_notice_leaving",
    "describe_plan",
    "describe_plans",
    "describe_progress",
    "describe_refusals",
    "describe_request",
    "describe_reservation",
    "describe_rest",
    "describe_size",
    "describe_summary",
    "describe_unseen",
    "explain",
    "explain_closing",
    "explain_problem",
    "name_answers",
    "name_band",
    "name_channel",
    "name_order",
    "name_request_state",
    "name_standing",
    "name_state",
    "name_subject",
    "name_with_count",
    "say_gone",
    "say_no_places",
    "say_nothing_shown",
    "say_unreadable",
    "spell",
    "split_folder",
]
