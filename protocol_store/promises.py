"""Call-backs, as the store knows them: what is open, who may resume what, whom nobody calls.

A call that goes on with an earlier one has a row of its own and the earlier one's number; the
number itself stays the earlier one's in `protocols`, so no number is ever two cases'.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, and_, not_, select

from protocol_store.journal_book import JournalBook
from protocol_store.promise_tables import call_back_bars, promises
from protocol_store.protocols import Opening, arrived_fact
from protocol_store.tables import calls, tasks
from terms.facts import Fact, Kind
from terms.limits import CASES_REMEMBERED, STORE_BUDGET
from terms.names import AgentName, CallId, Instant, Protocol

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class OpenPromise:
    """A promise that is not over, with what is known of its call."""

    call: CallId
    how: str
    line: str
    queue: str
    priority: int
    joined: Instant
    expires: Instant
    place: str
    data: str
    tries: int
    attempt: str
    not_before: Instant
    caller: str
    protocol: Protocol
    test: bool


@dataclass(frozen=True, slots=True)
class RecentCall:
    """A call of the last minutes: who may go on with it, and whom the citizen spoke with."""

    call: CallId
    line: str
    caller: str
    protocol: Protocol
    test: bool
    joined: Instant
    ended: Instant
    outcome: str
    agent: AgentName | None


@dataclass(frozen=True, slots=True)
class Resuming:
    """A call that goes on with another: what is known of it at the door."""

    opening: Opening
    of: CallId
    protocol: Protocol
    how: str


class PromiseBook:
    """The part of the store that call-backs use. `journal` and `read` are the store's own."""

    def __init__(self, journal: JournalBook, read: Callable[..., Awaitable[Any]]) -> None:
        self._journal, self._read = journal, read

    async def remember(self, *facts: Fact) -> None:
        """Write these facts down; durable when this returns. Raises StoreOverdue."""
        await self._journal.remember(facts, STORE_BUDGET)

    async def resume_call(
        self,
        call: CallId,
        line: str,
        entry: str,
        caller: str,
        at: Instant,
        test: bool,
        version: str,
        relay: bool,
        of: CallId,
        protocol: Protocol,
        how: str,
    ) -> None:
        """Open a call that goes on with `of`, durable; harmless to repeat. ProtocolOverdue."""
        opening = Opening(call, line, entry, caller, at, test, version, relay)
        facts = resuming_facts(Resuming(opening, of, protocol, how))
        await self._journal.resume_call(call, protocol, facts)

    async def open(self) -> list[OpenPromise]:
        """All promises that are not over."""
        found: list[OpenPromise] = await self._read(_open)
        return found

    async def recent(self, since: Instant) -> list[RecentCall]:
        """Calls that ended since then, the oldest first."""
        found: list[RecentCall] = await self._read(_recent, since)
        return found

    async def barred(self) -> dict[CallId, str]:
        """The calls of numbers that nobody calls by itself → the callers' numbers."""
        found: dict[CallId, str] = await self._read(_barred)
        return found

    async def owed(self, lines: Sequence[str], since: Instant) -> list[RecentCall]:
        """Calls of these lines with an open task and no promise, although one is due."""
        found: list[RecentCall] = await self._read(_owed, lines, since)
        return found

    async def caller_of(self, call: CallId) -> str | None:
        """A call's number; None for a call that nobody knows."""
        found: str | None = await self._read(_caller_of, call)
        return found

    async def task_call(self, task: int) -> tuple[CallId, str, bool] | None:
        """A task's call and kind, and whether it is done."""
        found: tuple[CallId, str, bool] | None = await self._read(_task_call, task)
        return found


def resuming_facts(one: Resuming) -> list[Fact]:
    """How the story of a call begins that goes on with another."""
    opening = one.opening
    resumed = {"of_call": one.of, "protocol": one.protocol, "how": one.how}
    return [
        arrived_fact(opening),
        Fact(opening.at, Kind.CALL_RESUMED, opening.call, details=resumed),
    ]


def _open(connection: Connection) -> list[OpenPromise]:
    rows = connection.execute(
        select(promises, calls.c.caller, calls.c.protocol, calls.c.test)
        .join(calls, calls.c.call_id == promises.c.call_id)
        .where(promises.c.over_at.is_(None), promises.c.expires_at.is_not(None))
        .order_by(promises.c.joined_at)
    )
    return [
        OpenPromise(
            call=CallId(row.call_id),
            how=row.how,
            line=row.line,
            queue=row.queue,
            priority=row.priority,
            joined=row.joined_at,
            expires=row.expires_at,
            place=row.place,
            data=row.data,
            tries=row.tries,
            attempt=row.attempt,
            not_before=row.not_before or 0.0,
            caller=row.caller,
            protocol=Protocol(row.protocol or ""),
            test=row.test,
        )
        for row in rows
    ]


_RECENT = (
    calls.c.call_id,
    calls.c.line,
    calls.c.caller,
    calls.c.protocol,
    calls.c.test,
    calls.c.queued_at,
    calls.c.ended_at,
    calls.c.outcome,
    calls.c.agent,
)


def _recent(connection: Connection, since: Instant) -> list[RecentCall]:
    # whoever only heard a notice of ours has nothing to go on with
    called = and_(calls.c.campaign != "", calls.c.agent.is_(None), calls.c.queued_at.is_(None))
    rows = connection.execute(
        select(*_RECENT)
        .where(calls.c.ended_at >= since, not_(called))
        .order_by(calls.c.ended_at)
        .limit(CASES_REMEMBERED)
    )
    return [_recent_call(row) for row in rows]


def _owed(connection: Connection, lines: Sequence[str], since: Instant) -> list[RecentCall]:
    rows = connection.execute(
        select(*_RECENT)
        .join(tasks, tasks.c.call_id == calls.c.call_id)
        .outerjoin(promises, promises.c.call_id == calls.c.call_id)
        .where(
            and_(
                calls.c.line.in_(lines),
                tasks.c.opened_at >= since,
                tasks.c.done_at.is_(None),
                promises.c.call_id.is_(None),
            )
        )
        .order_by(calls.c.ended_at)
    )
    return [_recent_call(row) for row in rows]


def _recent_call(row: Any) -> RecentCall:
    return RecentCall(
        CallId(row.call_id),
        row.line,
        row.caller,
        Protocol(row.protocol or ""),
        row.test,
        row.queued_at or 0.0,
        row.ended_at or 0.0,
        row.outcome or "",
        AgentName(row.agent) if row.agent else None,
    )


def _barred(connection: Connection) -> dict[CallId, str]:
    rows = connection.execute(
        select(call_back_bars.c.call_id, calls.c.caller)
        .join(calls, calls.c.call_id == call_back_bars.c.call_id)
        .where(call_back_bars.c.ended_at.is_(None))
    )
    return {CallId(row.call_id): row.caller for row in rows}


def _caller_of(connection: Connection, call: CallId) -> str | None:
    found: str | None = connection.execute(
        select(calls.c.caller).where(calls.c.call_id == call)
    ).scalar()
    return found


def _task_call(connection: Connection, task: int) -> tuple[CallId, str, bool] | None:
    row = connection.execute(
        select(tasks.c.call_id, tasks.c.kind, tasks.c.done_at).where(tasks.c.id == task)
    ).first()
    return None if row is None else (CallId(row.call_id), row.kind, row.done_at is not None)
