"""Recordings are found by what the clause names (3.5.4): period, service, agent, campaign, part of
a number, protocol, keyword; and by line, kind and what is wrong with them.

One statement, newest first; the next page begins after the last row of this one, so nothing is
shown twice or left out while new recordings come in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, or_, select

from protocol_store.masking import masked_number
from protocol_store.recording_tables import recording_holds, recording_keys
from protocol_store.sights import seen
from protocol_store.tables import OF_CAMPAIGN, calls, facts, offers, protocols, recordings
from protocol_store.work_tables import call_marks
from terms.facts import Kind
from terms.limits import RECORDINGS_PAGE
from terms.names import CallId, Instant, Seconds
from terms.outcome import OfferOutcome
from terms.sight import Reveal, Sight

MICROSECONDS: Final = 1_000_000
AFTER: Final = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")
"""Where the next page begins: the last row's instant in microseconds, and its number."""

NOT_DIGITS: Final = re.compile(r"[^0-9]")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; empty texts ask for everything. `since` is in, `until` is out."""

    since: Instant | None = None
    until: Instant | None = None
    line: str = ""
    queue: str = ""  # the clause's "service"
    agent: str = ""
    campaign: str = ""
    phone: str = ""  # part of the caller's number
    protocol: str = ""
    keyword: str = ""  # in the call's subject, notes, marks and results
    kind: str = ""  # talk | consult | message
    problem: str = ""  # missing | empty | short; `any`: with any problem
    name: str = ""  # this very recording
    after: str = ""  # the page before this one's `after`
    limit: int = RECORDINGS_PAGE
    reveal: Reveal = False  # callers' numbers whole; a Sight: nothing of calls beyond it


@dataclass(frozen=True, slots=True)
class Found:
    """One recording, with what people know its call by."""

    name: str | None  # None: there is no file
    call: CallId
    protocol: str | None
    line: str
    caller: str
    queue: str | None
    agent: str | None
    kind: str
    seconds: Seconds | None
    talk_seconds: Seconds | None
    ok: bool | None
    problem: str
    recorded_at: Instant
    retention_class: str | None  # None: not sealed
    archived: bool
    held: bool
    erased_at: Instant | None
    erased_how: str | None
    campaign: str = ""  # that made the call


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what was found; `after` asks for what follows, '' when nothing does."""

    recordings: tuple[Found, ...]
    after: str


def search(connection: Connection, wanted: Wanted) -> Page:
    """The recordings that fit, the newest first. ValueError for an `after` that is none."""
    rows = connection.execute(_question(wanted).limit(wanted.limit + 1)).all()
    page = rows[: wanted.limit]
    after = _after(page[-1]) if len(rows) > wanted.limit else ""
    return Page(tuple(_found(row, bool(wanted.reveal)) for row in page), after)


def _question(wanted: Wanted) -> Select[Any]:
    held = exists().where(
        recording_holds.c.call_id == recordings.c.call_id, recording_holds.c.ended_at.is_(None)
    )
    joined = recordings.join(calls, calls.c.call_id == recordings.c.call_id).outerjoin(
        recording_keys, recording_keys.c.name == recordings.c.name
    )
    return (
        select(
            recordings,
            calls.c.protocol,
            calls.c.line,
            calls.c.caller,
            calls.c.queue,
            calls.c.agent,
            calls.c.campaign,
            recording_keys.c.retention_class,
            recording_keys.c.archived_at,
            recording_keys.c.erased_at,
            recording_keys.c.erased_how,
            held.label("held"),
        )
        .select_from(joined)
        .where(*_conditions(wanted))
        .order_by(recordings.c.recorded_at.desc(), recordings.c.id.desc())
    )


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if isinstance(wanted.reveal, Sight):
        found.append(seen(wanted.reveal))
    if wanted.since is not None:
        found.append(recordings.c.recorded_at >= wanted.since)
    if wanted.until is not None:
        found.append(recordings.c.recorded_at < wanted.until)
    for column, value in (
        (calls.c.line, wanted.line),
        (recordings.c.kind, wanted.kind),
        (recordings.c.name, wanted.name),
    ):
        if value:
            found.append(column == value)
    if wanted.problem == "any":
        found.append(func.coalesce(recordings.c.problem, "") != "")
    elif wanted.problem:
        found.append(recordings.c.problem == wanted.problem)
    if wanted.queue:
        found.append(or_(calls.c.queue == wanted.queue, _offer(offers.c.queue == wanted.queue)))
    if wanted.agent:
        talked = and_(
            offers.c.agent == wanted.agent, offers.c.outcome == OfferOutcome.ANSWERED.value
        )
        found.append(or_(calls.c.agent == wanted.agent, _offer(talked)))
    if wanted.campaign:
        made = select(calls.c.call_id).where(calls.c.campaign == wanted.campaign, OF_CAMPAIGN)
        found.append(recordings.c.call_id.in_(made))
    found += _words(wanted)
    if wanted.after:
        found.append(_beyond(wanted.after))
    return found


def _words(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What is looked for in texts."""
    found: list[ColumnElement[bool]] = []
    if digits := NOT_DIGITS.sub("", wanted.phone):
        found.append(calls.c.caller.contains(digits))
    if digits := NOT_DIGITS.sub("", wanted.protocol):
        given = exists().where(
            protocols.c.call_id == recordings.c.call_id, protocols.c.protocol == digits
        )
        found.append(or_(calls.c.protocol == digits, given))
    if wanted.keyword:
        word = wanted.keyword.lower()
        note = func.lower(facts.c.details["note"].as_string()).contains(word, autoescape=True)
        kinds = facts.c.kind.in_([Kind.QUEUED.value, Kind.PROTOCOL_ADDED.value])
        marked = exists().where(
            call_marks.c.call_id == recordings.c.call_id,
            func.lower(call_marks.c.code).contains(word, autoescape=True),
        )
        found.append(or_(_fact(and_(kinds, note)), marked))
    return found


def _offer(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(offers.c.call_id == recordings.c.call_id, condition)


def _fact(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(facts.c.call_id == recordings.c.call_id, condition)


def _beyond(after: str) -> ColumnElement[bool]:
    read = AFTER.fullmatch(after)
    if read is None:
        raise ValueError("no place to go on from")
    at, number = int(read[1]) / MICROSECONDS, int(read[2])
    same = and_(recordings.c.recorded_at == at, recordings.c.id < number)
    return or_(recordings.c.recorded_at < at, same)


def _after(row: Row[Any]) -> str:
    return f"{round(row.recorded_at * MICROSECONDS)}-{row.id}"


def _found(row: Row[Any], reveal: bool) -> Found:
    return Found(
        name=row.name,
        call=CallId(row.call_id),
        protocol=row.protocol,
        line=row.line,
        caller=row.caller if reveal else masked_number(row.caller),
        queue=row.queue,
        agent=row.agent,
        kind=row.kind,
        seconds=row.seconds,
        talk_seconds=row.talk_seconds,
        ok=row.ok,
        problem=row.problem or "",
        recorded_at=row.recorded_at,
        retention_class=row.retention_class,
        archived=row.archived_at is not None,
        held=bool(row.held),
        erased_at=row.erased_at,
        erased_how=row.erased_how,
        campaign=row.campaign,
    )
