"""Agents × seconds: how long agents were in something, by interval and by agent, exactly.

Rows have a beginning and an end: a login, a pause, a state. The area of an interval is worked out
of two counts a bucket: how many rows began in it and how long before its end, and how many ended.
So no row is read but by the database, and the areas of any intervals of a period add up to the
same. Rows that have not ended count up to the last thing that the store knows.

Asked of the tables: an index on each beginning (`agent_sessions.began_at`, `pauses.began_at`,
`agent_states.began_minute`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, case, func, literal, select

from protocol_store.reports.asked import Buckets
from protocol_store.reports.counting import minute_of, seconds_between
from protocol_store.tables import facts
from protocol_store.visit_tables import agent_states
from protocol_store.work_tables import agent_sessions, pauses
from terms import limits
from terms.names import Instant, Seconds
from terms.sheet import Asked, Column

BUSY: Final = ("offered", "talking", "wrap_up")
"""An agent's states in which a call takes the time; the other one is `idle`."""

UNRANKED: Final = ("banheiro", "desgaste")
"""Pauses that are in no report that compares people (R44)."""


STILL_GOING: Final = "O que ainda dura conta até a última coisa que a central registrou."
NO_RANKING: Final = "Em ordem de nome. Nada de pausas pessoais entra aqui (R44)."
AGENT: Final = Column("agent", "Atendente")


@dataclass(frozen=True, slots=True)
class Stays:
    """Rows that last: `where` says which, by agent unless all are asked for."""

    table: Table
    where: tuple[ColumnElement[bool], ...] = ()


def logins() -> Stays:
    """Agents at work, pauses included."""
    return Stays(agent_sessions)


def in_pause(*, ranked: bool | None = None) -> Stays:
    """Pauses: all, those that may be compared, or those that may not."""
    if ranked is None:
        return Stays(pauses)
    among = pauses.c.reason.not_in(UNRANKED) if ranked else pauses.c.reason.in_(UNRANKED)
    return Stays(pauses, (among,))


def in_states(*states: str) -> Stays:
    """Agents in one of these states."""
    return Stays(agent_states, (agent_states.c.state.in_(states),))


def known_until(connection: Connection, asked: Asked) -> Instant:
    """Up to when the store can tell: the last fact, or the end of the period if that is sooner."""
    newest = select(func.max(facts.c.id)).scalar_subquery()
    last = connection.execute(select(facts.c.at).where(facts.c.id == newest)).scalar()
    return asked.until if last is None else max(asked.since, min(asked.until, last))


def _touching(stays: Stays, asked: Asked, spans: Buckets, until: Instant) -> list[Any]:
    """The rows of which some part may lie in the period."""
    table = stays.table
    earliest = asked.since - limits.REPORT_LOOKS_BACK * 60
    found = [
        *stays.where,
        table.c.began_at >= earliest,
        table.c.began_at < until,
        table.c.ended_at.is_(None) | (table.c.ended_at > asked.since),
    ]
    if "began_minute" in table.c:  # what its index is by
        lowest = spans.first - limits.REPORT_LOOKS_BACK
        found += [table.c.began_minute >= lowest, table.c.began_minute < spans.last]
    if asked.agent:
        found.append(table.c.agent == asked.agent)
    return found


def _moment(at: Instant) -> ColumnElement[Any]:
    return literal(at, facts.c.at.type)


def _clipped(table: Table, asked: Asked, until: Instant) -> tuple[Any, Any]:
    """Beginning and end of a row, as far as they lie in the period and are known."""
    since_, until_ = _moment(asked.since), _moment(until)
    began = case((table.c.began_at < since_, since_), else_=table.c.began_at)
    over = table.c.ended_at.is_(None) | (table.c.ended_at > until_)
    return began, case((over, until_), else_=table.c.ended_at)


def by_agent(
    connection: Connection, asked: Asked, spans: Buckets, stays: Stays, *by: ColumnElement[Any]
) -> dict[tuple[Any, ...], tuple[int, Seconds]]:
    """How many rows and seconds of the period, by agent and whatever else is named."""
    until = known_until(connection, asked)
    began, ended = _clipped(stays.table, asked, until)
    keys = [stays.table.c.agent, *by]
    question = (
        select(*keys, func.count(), func.coalesce(func.sum(seconds_between(began, ended)), 0.0))
        .where(*_touching(stays, asked, spans, until))
        .group_by(*keys)
    )
    return {
        tuple(row[: len(keys)]): (int(row[-2]), float(row[-1]))
        for row in connection.execute(question)
    }


def by_interval(
    connection: Connection, asked: Asked, spans: Buckets, stays: Stays
) -> Mapping[int, Seconds]:
    """Agents × seconds of every interval, by its key."""
    until = known_until(connection, asked)
    table = stays.table
    touching = _touching(stays, asked, spans, until)
    minute = table.c.began_minute if "began_minute" in table.c else minute_of(table.c.began_at)
    first = (minute, seconds_between(_moment(asked.since), table.c.began_at))
    last = (minute_of(table.c.ended_at), seconds_between(_moment(asked.since), table.c.ended_at))
    came = _events(connection, spans, *first, [*touching, table.c.began_at >= _moment(asked.since)])
    # those who are there at the end need no leaving: it would come at the very end, and count 0
    gone = _events(connection, spans, *last, [*touching, table.c.ended_at <= _moment(until)])
    earlier = [*touching, table.c.began_at < _moment(asked.since)]
    areas: dict[int, Seconds] = {}
    none = (0, 0.0)
    there = connection.execute(select(func.count()).where(*earlier)).scalar_one()
    keys = list(spans.keys)
    ends = [spans.begins(key) for key in keys[1:]] + [float("inf")]
    for key, end in zip(keys, ends, strict=True):
        low, high = max(spans.begins(key), asked.since), max(min(end, until), asked.since)
        area = there * max(0.0, high - low)
        for (count, offsets), sign in ((came.get(key, none), 1), (gone.get(key, none), -1)):
            area += sign * (count * (high - asked.since) - offsets)
            there += sign * count
        areas[key] = area
    return areas


Events = dict[int, tuple[int, Seconds]]
"""By key: how many, and their instants from the period's beginning added up."""


def _events(
    connection: Connection,
    spans: Buckets,
    minute: ColumnElement[int],
    into: ColumnElement[float],
    where: Sequence[ColumnElement[bool]],
) -> Events:
    question = (
        select(spans.key(minute).label("bucket"), func.count(), func.sum(into))
        .where(*where)
        .group_by("bucket")
    )
    return {
        int(key): (int(count), float(offsets))
        for key, count, offsets in connection.execute(question)
    }
