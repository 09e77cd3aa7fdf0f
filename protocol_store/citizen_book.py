"""The part of the store that answers for one citizen's data: found, told, erased, and erased again
after an old backup came back. `store.citizens`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from protocol_store import citizen_erasure as erasure
from protocol_store import citizens
from protocol_store.citizen_erasure import CitizenErasure, Erased
from protocol_store.citizen_tables import TYPED, erasures
from protocol_store.citizens import HeldCall, Known, Subject
from protocol_store.fact_log import FactLog
from protocol_store.tables import calls, facts, protocols
from terms.facts import Fact
from terms.names import ERASED, Instant

Ask = Callable[..., Awaitable[Any]]


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


class CitizenBook:
    """See the file's top. `ask` and `read` are the store's own: StoreOverdue, StoreFailing."""

    def __init__(self, ask: Ask, read: Ask, log: FactLog) -> None:
        self._ask, self._read, self._log = ask, read, log

    async def find(self, subject: Subject, told: Fact) -> list[HeldCall]:
        """All that is held of their calls; `told` is durable before anything is answered."""
        await self._ask(self._write, told)
        found: list[HeldCall] = await self._read(citizens.find, subject)
        return found

    async def erasable(self, subject: Subject) -> Erased:
        """What an erasure would do now."""
        found: Erased = await self._read(erasure.erasable, subject)
        return found

    async def erase(self, wish: CitizenErasure) -> Erased:
        """Take their data out, durably."""
        done: Erased = await self._ask(self._erase, wish)
        return done

    async def count_recordings(self, act: str, count: int) -> None:
        """How many recordings went with an erasure."""
        await self._ask(_count, (act, count))

    async def register(self) -> list[ErasureRow]:
        """All erasures, the newest first."""
        found: list[ErasureRow] = await self._read(_register)
        return found

    async def values(self, kind: Known) -> list[str]:
        """Every different phone, typed document, or protocol that is stored, not erased."""
        found: list[str] = await self._read(_values, kind)
        return found

    # What the writer does for us: each is harmless to repeat.
    def _write(self, connection: Connection, told: Sequence[Fact]) -> Sequence[Any]:
        self._log.write(connection, self._log.number(told))
        return told

    def _erase(
        self, connection: Connection, wishes: Collection[CitizenErasure]
    ) -> Sequence[Erased]:
        return [erasure.erase(connection, wish, self._log) for wish in wishes]


def _count(connection: Connection, asked: Sequence[tuple[str, int]]) -> Sequence[Any]:
    for act, count in asked:
        erasure.count_recordings(connection, act, count)
    return asked


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


def _values(connection: Connection, kind: Known) -> list[str]:
    match kind:
        case Known.PHONE:
            question = select(calls.c.caller).where(~calls.c.caller.startswith(ERASED))
        case Known.DOCUMENT:
            value = facts.c.details["value"].as_string()
            question = select(value).where(TYPED, value != ERASED)
        case Known.PROTOCOL:
            question = select(protocols.c.protocol)
    return [one for one in connection.execute(question.distinct()).scalars() if one]
