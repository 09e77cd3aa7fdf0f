"""Agents at work, as others ask for it: `store.work`. All answers are what the facts came to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select

from protocol_store.tables import agent_status, offers
from protocol_store.work_tables import (
    agent_sessions,
    call_marks,
    hours_exceptions,
    pauses,
    planned_pauses,
    seats,
)
from terms.names import AgentName, CallId, Instant, QueueName, Seconds
from terms.outcome import OfferOutcome

Read = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One login, up to its logout; `ended` None: still at work."""

    agent: AgentName
    seat: str
    began: Instant
    ended: Instant | None
    because: str
    by: str
    ended_by: str


@dataclass(frozen=True, slots=True)
class PauseRow:
    """One pause: planned and real times. `due`: when it ends by itself."""

    agent: AgentName
    reason: str
    planned: Instant | None
    began: Instant
    due: Instant | None
    ended: Instant | None
    because: str
    by: str
    ended_by: str


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A pause of a plan. `planned`: as the plan was made; `at`: after what was postponed."""

    agent: AgentName
    shift_begins: Instant
    shift_ends: Instant
    reason: str
    planned: Instant
    at: Instant
    seconds: Seconds
    by: str


@dataclass(frozen=True, slots=True)
class ExceptionRow:
    """A supervisor's leave to work beyond the day's limit."""

    agent: AgentName
    given: Instant
    until: Instant
    because: str
    by: str


@dataclass(frozen=True, slots=True)
class MarkRow:
    """What an agent said of a call: a `mark` (abusiva) or a `disposition`."""

    call: CallId
    agent: AgentName
    kind: str
    code: str
    at: Instant
    by: str


@dataclass(frozen=True, slots=True)
class SeatRow:
    """When a seat may be taken."""

    seat: str
    opens: str
    closes: str
    days: str
    by: str


@dataclass(frozen=True, slots=True)
class AnsweredRow:
    """How many calls of a queue an agent answered."""

    agent: AgentName
    queue: QueueName
    answered: int


@dataclass(frozen=True, slots=True)
class WorkLeft:
    """All that a start needs of agents at work: the days that may still count, what is planned."""

    sessions: list[SessionRow]
    pauses: list[PauseRow]
    planned: list[PlannedRow]
    exceptions: list[ExceptionRow]


class WorkRecords:
    """See the file's top. Instants: from the first on, before the second. Everything may raise
    StoreOverdue and StoreFailing."""

    def __init__(self, read: Read) -> None:
        self._read = read

    async def left(self, since: Instant, now: Instant) -> WorkLeft:
        """What happened since then, and what is planned or allowed from now on."""
        found: WorkLeft = await self._read(_left, since, now)
        return found

    async def sessions(self, since: Instant, until: Instant) -> list[SessionRow]:
        """Logins that began in this time, by agent and time."""
        found: list[SessionRow] = await self._read(_sessions, since, until)
        return found

    async def pauses(self, since: Instant, until: Instant) -> list[PauseRow]:
        """Pauses that began in this time, by agent and time."""
        found: list[PauseRow] = await self._read(_pauses, since, until)
        return found

    async def planned(self, since: Instant, until: Instant) -> list[PlannedRow]:
        """Pauses of the shifts that begin in this time, by agent and time."""
        found: list[PlannedRow] = await self._read(_planned, since, until)
        return found

    async def exceptions(self, since: Instant, until: Instant) -> list[ExceptionRow]:
        """Exceptions to the day's limit that were given in this time."""
        found: list[ExceptionRow] = await self._read(_exceptions, since, until)
        return found

    async def marks(self, since: Instant, until: Instant) -> list[MarkRow]:
        """What agents said of calls in this time."""
        found: list[MarkRow] = await self._read(_marks, since, until)
        return found

    async def answered(self, since: Instant, until: Instant) -> list[AnsweredRow]:
        """Offers of this time that were answered, counted by agent and queue."""
        found: list[AnsweredRow] = await self._read(_answered, since, until)
        return found

    async def seats(self) -> list[SeatRow]:
        """All seats whose hours were set, by name."""
        found: list[SeatRow] = await self._read(_seats)
        return found


def _left(connection: Connection, since: Instant, now: Instant) -> WorkLeft:
    open_since = select(func.min(agent_status.c.since)).where(agent_status.c.status == "paused")
    oldest = connection.execute(open_since).scalar()
    first = min(since, oldest or since)
    still_on = connection.execute(
        select(agent_sessions)
        .where((agent_sessions.c.began_at >= first) | agent_sessions.c.ended_at.is_(None))
        .order_by(agent_sessions.c.began_at)
    )
    begun = connection.execute(
        select(pauses)
        .where((pauses.c.began_at >= first) | pauses.c.ended_at.is_(None))
        .order_by(pauses.c.began_at)
    )
    plans = connection.execute(
        select(planned_pauses)
        .where(planned_pauses.c.shift_ends > now)
        .order_by(planned_pauses.c.at)
    )
    excepted = connection.execute(
        select(hours_exceptions)
        .where(hours_exceptions.c.until > now)
        .order_by(hours_exceptions.c.given_at)
    )
    return WorkLeft(
        [_session(row) for row in still_on],
        [_pause(row) for row in begun],
        [_plan(row) for row in plans],
        [_exception(row) for row in excepted],
    )


def _sessions(connection: Connection, since: Instant, until: Instant) -> list[SessionRow]:
    return [_session(row) for row in _between(connection, agent_sessions, "began_at", since, until)]


def _pauses(connection: Connection, since: Instant, until: Instant) -> list[PauseRow]:
    return [_pause(row) for row in _between(connection, pauses, "began_at", since, until)]


def _planned(connection: Connection, since: Instant, until: Instant) -> list[PlannedRow]:
    found = _between(connection, planned_pauses, "shift_begins", since, until)
    return sorted((_plan(row) for row in found), key=lambda one: (one.agent, one.at))


def _exceptions(connection: Connection, since: Instant, until: Instant) -> list[ExceptionRow]:
    found = _between(connection, hours_exceptions, "given_at", since, until)
    return [_exception(row) for row in found]


def _marks(connection: Connection, since: Instant, until: Instant) -> list[MarkRow]:
    return [
        MarkRow(CallId(row.call_id), AgentName(row.agent), row.kind, row.code, row.at, row.by_whom)
        for row in _between(connection, call_marks, "at", since, until)
    ]


def _answered(connection: Connection, since: Instant, until: Instant) -> list[AnsweredRow]:
    count = func.count().label("answered")
    found = connection.execute(
        select(offers.c.agent, offers.c.queue, count)
        .where(
            offers.c.outcome == OfferOutcome.ANSWERED.value,
            offers.c.offered_at >= since,
            offers.c.offered_at < until,
        )
        .group_by(offers.c.agent, offers.c.queue)
        .order_by(offers.c.agent, offers.c.queue)
    )
    return [
        AnsweredRow(AgentName(row.agent), QueueName(row.queue or ""), row.answered) for row in found
    ]


def _seats(connection: Connection) -> list[SeatRow]:
    rows = connection.execute(select(seats).order_by(seats.c.seat))
    return [SeatRow(row.seat, row.opens, row.closes, row.days, row.by_whom) for row in rows]


def _between(
    connection: Connection, table: Any, column: str, since: Instant, until: Instant
) -> list[Row[Any]]:
    at = table.c[column]
    asked = select(table).where(at >= since, at < until).order_by(table.c.agent, at)
    return list(connection.execute(asked))


def _session(row: Row[Any]) -> SessionRow:
    return SessionRow(
        AgentName(row.agent),
        row.seat,
        row.began_at,
        row.ended_at,
        row.because or "",
        row.by_whom,
        row.ended_by,
    )


def _pause(row: Row[Any]) -> PauseRow:
    return PauseRow(
        AgentName(row.agent),
        row.reason,
        row.planned_at,
        row.began_at,
        row.due_at,
        row.ended_at,
        row.because or "",
        row.by_whom,
        row.ended_by,
    )


def _plan(row: Row[Any]) -> PlannedRow:
    return PlannedRow(
        AgentName(row.agent),
        row.shift_begins,
        row.shift_ends,
        row.reason,
        row.planned_at,
        row.at,
        row.seconds,
        row.by_whom,
    )


def _exception(row: Row[Any]) -> ExceptionRow:
    return ExceptionRow(AgentName(row.agent), row.given_at, row.until, row.because, row.by_whom)
