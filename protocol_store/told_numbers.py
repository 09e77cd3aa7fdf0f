"""Numbers and the city's own system: `store.numbers`. It may give them (`issue`, which central156
plugs in), and is told of those that we gave while it could not.

A number that was never told to a citizen (no ordinal) is nobody's business there either. One that
is another call's already, whatever the city says, is not given: the call gets one of ours.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select, update

from protocol_store.errors import StoreError
from protocol_store.protocols import Opening
from protocol_store.tables import calls, protocols
from terms.limits import CALL_LOOK_UP, CITY_NUMBERS_KNOWN
from terms.names import CallId, Instant, Protocol

log = logging.getLogger(__name__)

CITY: Final = "city"
"""The issuer of a number that the city's own system gave."""

Issue = Callable[[CallId, str, Instant], Awaitable[str]]
"""A number for this call of this line, which came at this instant; '' when there is none."""


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

    issue: Issue | None = None

    def __init__(
        self,
        ask: Callable[..., Awaitable[Any]],
        read: Callable[..., Awaitable[Any]],
        look_up: Callable[..., Awaitable[Any]],
        clock: Callable[[], Instant],
    ) -> None:
        """`look_up` reads without waiting for what was appended just now."""
        self._ask, self._read, self._clock = ask, read, clock
        self._look_up = look_up
        self._given: OrderedDict[str, CallId] = OrderedDict()

    async def of_the_city(self, opening: Opening) -> str:
        """The city's number for a call that has none; '' when it must be ours."""
        if self.issue is None:
            return ""
        number = await self.issue(opening.call, opening.line, opening.at)
        if number and await self._owner(number, opening.call) != opening.call:
            log.error("the city gave one number to two calls", extra={"call": opening.call})
            return ""
        while len(self._given) > CITY_NUMBERS_KNOWN:
            self._given.popitem(last=False)
        return number

    async def _owner(self, number: str, call: CallId) -> CallId:
        """Whose number it is: `call`'s, if it is nobody else's. What other runs and other nodes
        gave is asked of the database, which may be away: then the city is believed."""
        if number not in self._given:
            with contextlib.suppress(StoreError, TimeoutError):
                asked = self._look_up(_call_of, number)
                if there := await asyncio.wait_for(asked, CALL_LOOK_UP):
                    return CallId(there)
        return self._given.setdefault(number, call)

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


def _call_of(connection: Connection, number: str) -> str | None:
    found = select(protocols.c.call_id).where(protocols.c.protocol == number)
    return connection.execute(found).scalar()


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
