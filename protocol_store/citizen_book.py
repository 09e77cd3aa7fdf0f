"""The part of the store that answers for one citizen's data: found, told, erased, and erased again
after an old backup came back; and for how old such data gets. `store.citizens`.

All of it goes in small steps, each a question or a transaction of its own: none is too long for
limits.STORE_BUDGET, and none keeps the writer from writing what happens.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, select

from protocol_store import citizen_erasure as erasure
from protocol_store import citizen_walk as walk
from protocol_store import citizens, data_ages, outgoing_ages
from protocol_store.checkpoints import empty_log
from protocol_store.citizen_erasure import CitizenErasure, Erased, ErasurePart
from protocol_store.citizen_tables import erasures
from protocol_store.citizens import HeldCall, Known, Subject
from protocol_store.data_ages import Ages, Due, Expired, Expiry, Place
from protocol_store.fact_log import FactLog
from terms.facts import Fact
from terms.limits import CITIZEN_CALLS_AT_ONCE
from terms.names import ERASED, CallId, Instant

Ask = Callable[..., Awaitable[Any]]
Recordings = Callable[[Sequence[str]], Awaitable[int]]
"""Destroys the keys of these recordings; how many there were."""


@dataclass(frozen=True, slots=True)
class ErasureRow:
    """A line of the register; nobody's data is in it."""

    kind: Known
    subject: str
    at: Instant
    by: str
    because: str
    calls: int
    facts: int
    recordings: int
    kept: int


async def _no_recordings(_: Sequence[str]) -> int:
    return 0


class CitizenBook:
    """See the file's top. `ask` and `read` are the store's own: StoreOverdue, StoreFailing."""

    def __init__(self, ask: Ask, read: Ask, log: FactLog) -> None:
        self._ask, self._read, self._log = ask, read, log

    # --- what is held of somebody ---
    async def tell(self, told: Fact) -> None:
        """Make durable who asked, and why: before anything is answered."""
        await self._ask(self._write, told)

    async def calls_of(self, subject: Subject) -> list[CallId]:
        """All their calls."""
        if subject.kind is not Known.DOCUMENT:
            found: list[CallId] = await self._read(citizens.calls_of, subject)
            return found
        typed = {call async for call, value in self._typed() if value == subject.value}
        return sorted(typed)

    async def held(self, calls: Sequence[CallId]) -> list[HeldCall]:
        """What is held of these calls, in order of arrival."""
        found: list[HeldCall] = []
        for part in walk.in_parts(calls, CITIZEN_CALLS_AT_ONCE):
            found += await self._read(citizens.held, part)
        return sorted(found, key=lambda call: (call.arrived_at, call.call))

    async def find(self, subject: Subject, told: Fact) -> list[HeldCall]:
        """All of it together; see `tell`."""
        await self.tell(told)
        return await self.held(await self.calls_of(subject))

    # --- erasing ---
    async def erasable(self, subject: Subject) -> Erased:
        """What an erasure would do now."""
        would = Erased()
        for part in walk.in_parts(await self.calls_of(subject), CITIZEN_CALLS_AT_ONCE):
            would = would.and_then(await self._read(erasure.erasable, part))
        return would

    async def erase(self, wish: CitizenErasure, recordings: Recordings = _no_recordings) -> Erased:
        """Take their data out, durably, some calls at a time; a call's recordings go before it
        does, since nothing would find them afterwards. What broke off is asked for again."""
        done = Erased()
        parts = list(walk.in_parts(await self.calls_of(wish.subject), CITIZEN_CALLS_AT_ONCE))
        for part in parts or [[]]:  # that nothing was there to erase stands in the register too
            ready: Erased = await self._read(erasure.erasable, part)
            heard = await self._read(citizens.recordings_of, ready.calls)
            gone = await recordings(heard) if heard else 0
            step = ErasurePart(wish, tuple(part), done, gone)
            done = done.and_then(await self._ask(self._erase, step))
        await self._read(empty_log)
        return done

    async def register(self) -> list[ErasureRow]:
        """All erasures, the newest first."""
        found: list[ErasureRow] = await self._read(_register)
        return found

    async def values(self, kind: Known) -> AsyncIterator[str]:
        """Every phone, typed document, or protocol that is stored, not erased; some repeat."""
        match kind:
            case Known.PHONE:
                for where in (walk.numbers, walk.called, walk.texted):
                    after = ""
                    while page := await self._read(where, after):
                        after = page[-1][0]
                        for value in {number for _, number in page if walk.is_number(number)}:
                            yield value
            case Known.DOCUMENT:
                async for _, value in self._typed():
                    yield value
            case Known.PROTOCOL:
                after = ""
                while given := await self._read(walk.given, after):
                    after = given[-1]
                    for value in given:
                        yield value

    # --- growing old ---
    async def due(self, ages: Ages, after: Place = (0.0, "")) -> Due:
        """A page of what is old enough; None as its `after` ends the walk."""
        found: Due = await self._read(data_ages.due, ages, after)
        return found

    async def expire(self, expiry: Expiry) -> Expired:
        """Let it go, some calls at a time."""
        done = Expired()
        for part in walk.in_parts(expiry.calls, CITIZEN_CALLS_AT_ONCE):
            step = replace(expiry, calls=tuple(part))
            done = done.and_then(await self._ask(self._expire, step))
        return done

    async def expire_out(self, step: outgoing_ages.OutExpiry) -> outgoing_ages.OutGone:
        """A step of the walk through whom we called, and texts; its `then` is where the next is."""
        done: outgoing_ages.OutGone = await self._ask(outgoing_ages.expire, step)
        return done

    # --- how it works ---
    async def _typed(self) -> AsyncIterator[tuple[CallId, str]]:
        after = walk.BEGINNING
        while page := await self._read(walk.typed, after):
            after = page[-1][:2]
            for call, _, value in page:
                if value and value != ERASED:
                    yield call, value

    # What the writer does for us: each is harmless to repeat.
    def _write(self, connection: Connection, told: Sequence[Fact]) -> Sequence[Any]:
        self._log.write(connection, self._log.number(told))
        return told

    def _erase(self, connection: Connection, parts: Collection[ErasurePart]) -> Sequence[Erased]:
        return [erasure.erase(connection, part, self._log) for part in parts]

    def _expire(self, connection: Connection, asked: Collection[Expiry]) -> Sequence[Expired]:
        return [data_ages.expire(connection, one, self._log) for one in asked]


def _register(connection: Connection) -> list[ErasureRow]:
    rows = connection.execute(select(erasures).order_by(erasures.c.id.desc()))
    return [
        ErasureRow(
            Known(row.kind),
            row.subject,
            row.at,
            row.by_whom,
            row.because,
            row.calls,
            row.facts,
            row.recordings,
            row.kept,
        )
        for row in rows
    ]
