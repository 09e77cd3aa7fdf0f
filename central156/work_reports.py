"""Rows of the reports on agents at work: the labour inspection's (R47), the 80 % rule (R22)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from acd.pauses import rule_of
from protocol_store import PauseRow, PlannedRow
from terms.names import AgentName, Instant, Skill


def pause_rows(
    made: Sequence[PauseRow], planned: Sequence[PlannedRow], now: Instant
) -> list[dict[str, Any]]:
    """Pauses that were made, and planned ones that were not (yet), by agent and time."""
    plans, pauses = _by_reason(planned), _by_reason(made)
    rows = [_made(one, plans[one.agent, one.reason]) for one in made]
    rows += [
        _missed(one, now) for one in planned if not _was_made(one, pauses[one.agent, one.reason])
    ]
    return sorted(rows, key=lambda row: (row["agent"], row["began"] or row["at"]))


def rested(made: Iterable[PauseRow]) -> dict[AgentName, Counter[str]]:
    """Seconds that each agent rested, by reason; of what is nobody's business, nothing (R44)."""
    found: dict[AgentName, Counter[str]] = defaultdict(Counter)
    for one in made:
        if one.ended is not None and rule_of(one.reason).ranked:
            found[one.agent][one.reason] += round(one.ended - one.began)
    return found


def _by_reason(rows: Iterable[Any]) -> dict[tuple[AgentName, str], list[Any]]:
    found: dict[tuple[AgentName, str], list[Any]] = defaultdict(list)
    for row in rows:
        found[row.agent, row.reason].append(row)
    return found


def _made(one: PauseRow, planned: Sequence[PlannedRow]) -> dict[str, Any]:
    """A pause that was made; its planned time is the plan's first, before it was postponed."""
    of_plan = next((plan for plan in planned if plan.at == one.planned), None)
    return {
        "agent": one.agent,
        "reason": one.reason,
        "planned": one.planned if of_plan is None else of_plan.planned,
        "at": one.planned,
        "began": one.began,
        "ended": one.ended,
        "seconds": None if one.ended is None else round(one.ended - one.began, 3),
        "because": one.because,
        "by": one.by,
        "ended_by": one.ended_by,
    }


def _missed(one: PlannedRow, now: Instant) -> dict[str, Any]:
    return {
        "agent": one.agent,
        "reason": one.reason,
        "planned": one.planned,
        "at": one.at,
        "began": None,
        "ended": None,
        "seconds": None,
        "because": "por vir" if now < one.at else "não feita",
        "by": one.by,
        "ended_by": "",
    }


def _was_made(one: PlannedRow, made: Sequence[PauseRow]) -> bool:
    last = one.shift_ends + one.seconds
    return any(one.shift_begins <= pause.began <= last for pause in made)


def ranked_row(
    agent: AgentName, subjects: tuple[Skill, ...], calls: Counter[Skill]
) -> dict[str, Any]:
    """How many of an agent's calls were in the first of their subjects."""
    answered = sum(calls.values())
    first = calls[subjects[0]] if subjects else 0
    return {
        "agent": agent,
        "subjects": list(subjects),
        "answered": answered,
        "first": first,
        "share": first / answered if subjects and answered else None,
        "by_skill": dict(calls),
    }
