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
from artistguard.wording.plans import (
    count_at_domain,
    describe_bands,
    describe_declarant,
    describe_plans,
    describe_reservation,
    describe_wish,
    name_wish,
)
from artistguard.wording.problems import explain, explain_problem, spell
from artistguard.wording.requests import (
    describe_check,
    describe_objection,
    explain_request,
    list_dates,
    list_steps,
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

__all__ = [
    "advise",
    "ask_for_consent",
    "count_at_domain",
    "count_copies",
    "count_entries",
    "describe_answering",
    "describe_asking",
    "describe_bands",
    "describe_card",
    "describe_check",
    "describe_coverage",
    "describe_covered",
    "describe_declarant",
    "describe_disclosure",
    "describe_history",
    "describe_matches",
    "describe_miss",
    "describe_more",
    "describe_notice_leaving",
    "describe_objection",
    "describe_plan",
    "describe_plans",
    "describe_progress",
    "describe_refusals",
    "describe_reservation",
    "describe_rest",
    "describe_size",
    "describe_summary",
    "describe_unseen",
    "describe_wish",
    "explain",
    "explain_closing",
    "explain_problem",
    "explain_request",
    "list_dates",
    "list_steps",
    "name_answers",
    "name_band",
    "name_channel",
    "name_order",
    "name_request_state",
    "name_standing",
    "name_state",
    "name_subject",
    "name_wish",
    "spell",
]
