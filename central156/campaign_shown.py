"""Campaigns as plain values: what the API answers about them, from the store's rows and counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from central156.campaign_check import OPEN
from dialer.campaign import KeyMeans
from protocol_store.attempt_counts import AttemptCounts
from protocol_store.campaign_rows import CampaignRow, Counts, ListRow
from reader.campaign_file import CampaignFile
from terms.outcome import Tried

NOT_REACHED = ("exhausted", "wrong_number", "expired")
"""Endings of contacts who were tried, or could have been, and nobody spoke with."""


def row_shown(row: CampaignRow, read: CampaignFile | None) -> dict[str, Any]:
    """A campaign in a few words."""
    return {
        "campaign": row.name,
        "kind": row.kind,
        "mode": row.mode,
        "body": row.body,
        "subject": row.subject,
        "priority": row.priority,
        "life_safety": row.life_safety,
        "queue": "" if read is None else read.campaign.queue,
        "trunks": [] if read is None else list(read.campaign.trunks),
        "state": row.state,
        "made_at": row.made_at,
        "made_by": row.made_by,
        "changed_at": row.changed_at,
        "changed_by": row.changed_by,
        "because": row.because,
    }


def list_shown(one: ListRow) -> dict[str, Any]:
    """A contact list: never its contacts."""
    return {
        "list": one.name,
        "file": one.file,
        "at": one.at,
        "by": one.by,
        "contacts": one.contacts,
        "wrong": one.wrong,
        "there_before": one.there_before,
        "loaded_at": one.loaded_at,
    }


def results_shown(counts: AttemptCounts) -> dict[str, int]:
    """Attempts by result, in R66's words and order."""
    found = {one: counts.results.get(one.value, 0) for one in Tried}
    return {one.shown: found[one] for one in R66 if found[one]}


R66 = (
    *(Tried.ANSWERED, Tried.NO_ANSWER, Tried.BUSY, Tried.MACHINE, Tried.FAX, Tried.INVALID),
    *(Tried.SILENT, Tried.UNREACHABLE, Tried.SHUT, Tried.DROPPED, Tried.AGENT, Tried.HELD),
    Tried.LOST,
)
"""The clause's results first, then those that it has no word for."""


def how_far(
    counts: Counts, attempts: AttemptCounts, in_course: int | None = None
) -> dict[str, Any]:
    """How far a campaign is, in figures. `in_course`: what whoever dials knows of it now."""
    in_course = attempts.in_course if in_course is None else in_course
    states, endings = counts.states, counts.endings
    reached = sum(count for word, count in attempts.results.items() if Tried(word).reached_for)
    return {
        "contacts": counts.contacts,
        "to_go": sum(states.get(state, 0) for state in OPEN),
        "called": reached + in_course,
        "in_course": in_course,
        "answered": attempts.results.get(Tried.ANSWERED.value, 0),
        "confirmed": attempts.said.get(KeyMeans.CONFIRM.value, 0),
        "refused": attempts.said.get(KeyMeans.REFUSE.value, 0),
        "asked_person": attempts.said.get(KeyMeans.PERSON.value, 0),
        "dropped": attempts.results.get(Tried.DROPPED.value, 0),
        "not_reached": _of(endings, NOT_REACHED),
        "left_out": _of(endings, ("left_out", "cancelled")),
        "results": results_shown(attempts),
    }


def _of(counts: Mapping[str, int], names: tuple[str, ...]) -> int:
    return sum(counts.get(name, 0) for name in names)
