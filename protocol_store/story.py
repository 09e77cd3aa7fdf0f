"""Questions to the store: a call's whole story, what is open, and the day's counts.

Callers' numbers come masked unless `reveal` says that whoever asks may see them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final

from sqlalchemy import Connection, Row, case, func, or_, select

from protocol_store.answers import (
    AgentStatus,
    CallRow,
    CallStory,
    Counts,
    Offer,
    OpenRow,
    Recording,
    ServiceSummary,
    StoredFact,
    StoredProtocol,
    Task,
)
from protocol_store.masking import masked_details, masked_number
from protocol_store.sights import seen, sees_call
from protocol_store.tables import agent_status, calls, facts, offers, protocols, recordings, tasks
from terms.facts import Kind
from terms.names import CALL_ID, EMERGENCY_LINES, AgentName, CallId, Instant, Protocol
from terms.outcome import CallOutcome
from terms.protocol_number import may_be_told
from terms.sight import Reveal

BOOT_SOUGHT_IN: Final = 50_000  # facts: a start of ours must not wait for a long search

# As people write it down: `1234 5678-9`.
_PUNCTUATION: Final = re.compile(r"[\s.-]")


def story(connection: Connection, protocol_or_call: str, reveal: Reveal) -> CallStory | None:
    """Everything about the call with this protocol (punctuation allowed) or this call id."""
    call = _call_meant(connection, protocol_or_call)
    row = connection.execute(select(calls).where(calls.c.call_id == call)).first()
    if call is None or row is None:
        return None
    reveal = sees_call(connection, call, reveal)
    return CallStory(
        call=_call_row(row, reveal),
        protocols=_protocols_of(connection, call),
        facts=_facts_of(connection, call, reveal),
        offers=_offers_of(connection, call),
        recordings=_recordings_of(connection, call),
        tasks=tuple(_tasks(connection, False, reveal, call)),
        goes_on=_goes_on(connection, call, reveal),
    )


def open_calls(connection: Connection, reveal: Reveal) -> list[OpenRow]:
    """Calls whose end is not stored, in the order of arrival."""
    rows = connection.execute(
        select(calls, seen(reveal).label("seen"))
        .where(calls.c.ended_at.is_(None))
        .order_by(calls.c.arrived_at)
    ).all()
    since = _talking_since(connection, [row.call_id for row in rows if row.answered_at])
    return [
        OpenRow(
            **_values(row, bool(row.seen)),
            last_line=row.last_line,
            campaign=row.campaign,
            talking_since=since.get(row.call_id),
        )
        for row in rows
    ]


def _talking_since(connection: Connection, answered: Sequence[str]) -> dict[str, Instant]:
    """When the talk that goes on in each of these calls began."""
    kind, at = facts.c.kind, facts.c.at
    began = func.max(case((kind.in_((Kind.ANSWERED.value, Kind.TALK_MOVED.value)), at)))
    ended = func.max(case((kind == Kind.TALK_ENDED.value, at)))
    found = connection.execute(
        select(facts.c.call_id, began.label("began"))
        .where(facts.c.call_id.in_(answered))
        .group_by(facts.c.call_id)
        .having(began.is_not(None), or_(ended.is_(None), ended <= began))
    )
    return {row.call_id: row.began for row in found}


def last_statuses(connection: Connection) -> list[AgentStatus]:
    """What each agent chose last: who was logged in when everything stopped."""
    rows = connection.execute(select(agent_status).order_by(agent_status.c.agent))
    return [
        AgentStatus(AgentName(row.agent), row.status, row.reason, row.by_whom, row.since)
        for row in rows
    ]


def last_boot(connection: Connection) -> str:
    """The switch's start that was seen last; '' if none was among the newest facts."""
    newest = select(func.max(facts.c.id)).scalar_subquery()
    details = connection.execute(
        select(facts.c.details)
        .where(facts.c.id > newest - BOOT_SOUGHT_IN, facts.c.kind == Kind.SWITCH_SEEN.value)
        .order_by(facts.c.id.desc())
        .limit(1)
    ).scalar()
    return "" if details is None else str(details.get("boot", ""))


def all_tasks(connection: Connection, open_only: bool, reveal: Reveal) -> list[Task]:
    """Tasks: those of 199 and 153 first, then by when they are due."""
    return _tasks(connection, open_only, reveal, None)


def service_summary(connection: Connection, since: Instant) -> ServiceSummary:
    """What became of the calls that came in since `since`; test calls and calls that we made are
    left out."""
    waiting = calls.c.queued_at.is_not(None) & calls.c.answered_at.is_(None)
    rows = connection.execute(
        select(
            calls.c.line,
            func.count().label("received"),
            func.count(calls.c.answered_at).label("answered"),
            _count_if(calls.c.outcome == CallOutcome.ABANDONED.value).label("abandoned"),
            _count_if(waiting & calls.c.ended_at.is_(None)).label("waiting"),
        )
        .where(calls.c.arrived_at >= since, calls.c.test.is_(False), calls.c.direction == "in")
        .group_by(calls.c.line)
        .order_by(calls.c.line)
    ).all()
    lines = {
        row.line: Counts(row.received, row.answered, row.abandoned, row.waiting) for row in rows
    }
    total = Counts(
        received=sum(line.received for line in lines.values()),
        answered=sum(line.answered for line in lines.values()),
        abandoned=sum(line.abandoned for line in lines.values()),
        waiting=sum(line.waiting for line in lines.values()),
    )
    return ServiceSummary(since, total, lines)


def _count_if(condition: Any) -> Any:
    return func.count(case((condition, 1)))


def _call_meant(connection: Connection, text: str) -> CallId | None:
    digits = _PUNCTUATION.sub("", text)
    if may_be_told(digits):
        call = connection.execute(
            select(protocols.c.call_id).where(protocols.c.protocol == digits)
        ).scalar()
        if call is not None:
            return CallId(call)
    return CallId(text) if CALL_ID.fullmatch(text) else None


_CALL_ROW: Final = tuple(field.name for field in fields(CallRow))


def _call_row(row: Row[Any], reveal: bool) -> CallRow:
    return CallRow(**_values(row, reveal))


def _values(row: Row[Any], reveal: bool) -> dict[str, Any]:
    found = row._mapping  # with columns that only reports count
    values = {name: found[name] for name in _CALL_ROW if name != "call"}
    values["call"] = found["call_id"]
    if not reveal:
        values["caller"] = masked_number(values["caller"])
    return values


def _goes_on(connection: Connection, call: CallId, reveal: bool) -> tuple[CallRow, ...]:
    rows = connection.execute(
        select(calls).where(calls.c.of_call == call).order_by(calls.c.arrived_at)
    )
    return tuple(_call_row(row, reveal) for row in rows)


def _protocols_of(connection: Connection, call: CallId) -> tuple[StoredProtocol, ...]:
    rows = connection.execute(
        select(protocols).where(protocols.c.call_id == call).order_by(protocols.c.given_at)
    )
    return tuple(
        StoredProtocol(Protocol(row.protocol), row.ordinal, row.issuer, row.given_at)
        for row in rows
    )


def _facts_of(connection: Connection, call: CallId, reveal: bool) -> tuple[StoredFact, ...]:
    rows = connection.execute(select(facts).where(facts.c.call_id == call).order_by(facts.c.id))
    return tuple(
        StoredFact(
            at=row.at,
            kind=row.kind,
            agent=row.agent,
            by=row.by_whom,
            details=row.details if reveal else masked_details(row.details),
            violation=row.violation,
        )
        for row in rows
    )


def _offers_of(connection: Connection, call: CallId) -> tuple[Offer, ...]:
    rows = connection.execute(
        select(offers).where(offers.c.call_id == call).order_by(offers.c.offered_at)
    )
    return tuple(
        Offer(
            offer=row.offer_id,
            agent=row.agent,
            queue=row.queue,
            because=row.because,
            ring_seconds=row.ring_seconds,
            offered_at=row.offered_at,
            ended_at=row.ended_at,
            outcome=row.outcome,
            blame=row.blame,
            ended_because=row.ended_because,
        )
        for row in rows
    )


def _recordings_of(connection: Connection, call: CallId) -> tuple[Recording, ...]:
    rows = connection.execute(
        select(recordings).where(recordings.c.call_id == call).order_by(recordings.c.id)
    )
    return tuple(
        Recording(
            file=row.file,
            kind=row.kind,
            seconds=row.seconds,
            talk_seconds=row.talk_seconds,
            ok=row.ok,
            problem=row.problem,
            recorded_at=row.recorded_at,
        )
        for row in rows
    )


def _tasks(
    connection: Connection, open_only: bool, reveal: Reveal, call: CallId | None
) -> list[Task]:
    emergencies_first = case((calls.c.line.in_(sorted(EMERGENCY_LINES)), 0), else_=1)
    question = (
        select(tasks, calls.c.protocol, calls.c.line, calls.c.caller, seen(reveal).label("seen"))
        .join(calls)
        .order_by(emergencies_first, tasks.c.due_at, tasks.c.opened_at, tasks.c.id)
    )
    if open_only:
        question = question.where(tasks.c.done_at.is_(None))
    if call is not None:
        question = question.where(tasks.c.call_id == call)
    return [
        Task(
            task=row.id,
            call=CallId(row.call_id),
            protocol=row.protocol,
            line=row.line,
            caller=row.caller if row.seen else masked_number(row.caller),
            kind=row.kind,
            because=row.because,
            opened_at=row.opened_at,
            due_at=row.due_at,
            done_at=row.done_at,
            done_by=row.done_by,
            result=row.result,
        )
        for row in connection.execute(question)
    ]
