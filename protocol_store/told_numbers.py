"""Which of the numbers that we gave the city's own system has been told of: `store.numbers`.

A number that was never told to a citizen (no ordinal) is nobody's business there either.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select, update

from protocol_store.tables import calls, protocols
from terms.names import CallId, Instant, Protocol

CITY: Final = "city"
"""The issuer of a number that the city's own system gave."""


@dataclass(frozen=True, slots=True)
class Untold:
    """A number of ours that the city does not know yet."""

    protocol: Protocol
    call: CallId
    line: str
    issuer: str
    given_at: Instant


class ToldNumbers:
    """See the file's top. May raise StoreOverdue and StoreFailing."""

    def __init__(
        self,
        ask: Callable[..., Awaitable[Any]],
        read: Callable[..., Awaitable[Any]],
        clock: Callable[[], Instant],
    ) -> None:
        self._ask, self._read, self._clock = ask, read, clock

    async def untold(self, most: int) -> list[Untold]:
        """The oldest of them; test calls are left out."""
        found: list[Untold] = await self._read(_untold, most)
        return found

    async def told(self, numbers: Sequence[Protocol]) -> None:
        """The city knows these now."""
        await self._ask(self._write, tuple(numbers))

    def _write(self, connection: Connection, asked: Sequence[Sequence[Protocol]]) -> Sequence[Any]:
        for numbers in asked:
            connection.execute(
                update(protocols)
                .where(protocols.c.protocol.in_(numbers), protocols.c.told_at.is_(None))
                .values(told_at=self._clock())
            )
        return asked


def _untold(connection: Connection, most: int) -> list[Untold]:
    rows = connection.execute(
        select(protocols, calls.c.line)
        .join(calls, calls.c.call_id == protocols.c.call_id)
        .where(protocols.c.told_at.is_(None), protocols.c.issuer != CITY)
        .where(protocols.c.ordinal.is_not(None), ~calls.c.test)
        .order_by(protocols.c.given_at)
        .limit(most)
    )
    return [
        Untold(Protocol(row.protocol), CallId(row.call_id), row.line, row.issuer, row.given_at)
        for row in rows
    ]
