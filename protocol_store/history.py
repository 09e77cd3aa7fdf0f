"""What earlier runs wrote down, a page at a time: `store.history`. A start counts today's figures
from it again.

`facts` has no index by time, and needs none for this: ids and instants rise together, so the first
fact of a day is found by halving, and pages are read by id.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from typing import Any

from sqlalchemy import Connection, select

from protocol_store.balance import Balance, balance
from protocol_store.fact_ids import before_instant
from protocol_store.fact_log import DIRECT
from protocol_store.reports.asked import buckets
from protocol_store.tables import facts
from terms.facts import PERSONAL, Fact, Kind
from terms.limits import HISTORY_PAGE
from terms.names import AgentName, CallId, Instant
from terms.sheet import Asked

Read = Callable[..., Awaitable[Any]]
Page = tuple[list[Fact], int]
"""Facts in their order, and the id to go on from (0: there are no more)."""


class History:
    """The facts of other runs than this one. `read` asks the store; `run` is this one's name."""

    def __init__(self, read: Read, run: str) -> None:
        self._read = read
        self._run = run

    async def since(self, at: Instant, kinds: Collection[Kind]) -> AsyncIterator[list[Fact]]:
        """The facts of these kinds from an instant on, without what may be personal.

        Raises StoreOverdue and StoreFailing as every question does.
        """
        after = await self._read(before_instant, at)
        while True:
            found, after = await self._read(page, after, self._run, tuple(map(str, kinds)))
            yield [fact for fact in found if fact.at >= at]
            if not after:
                return

    async def balance(self, since: Instant, until: Instant) -> Balance:
        """Whether the totals of a period add up, by the hour (R77)."""
        found: Balance = await self._read(balance, buckets(Asked(since, until)))
        return found


def page(connection: Connection, after: int, run: str, kinds: Collection[str]) -> Page:
    """The next HISTORY_PAGE rows behind an id, and of these the facts that are asked for."""
    last = connection.execute(
        select(facts.c.id).where(facts.c.id > after).order_by(facts.c.id).limit(HISTORY_PAGE)
    ).all()
    if not last:
        return [], 0
    upto = int(last[-1].id)
    rows = connection.execute(
        select(facts.c.at, facts.c.kind, facts.c.call_id, facts.c.agent, facts.c.details)
        .where(facts.c.id > after, facts.c.id <= upto)
        .where(facts.c.writer.not_in((run, f"{run}{DIRECT}")), facts.c.kind.in_(kinds))
        .order_by(facts.c.id)
    )
    found = [
        Fact(
            row.at,
            Kind(row.kind),
            CallId(row.call_id) if row.call_id else None,
            AgentName(row.agent) if row.agent else None,
            details={name: value for name, value in row.details.items() if name not in PERSONAL},
        )
        for row in rows
    ]
    return found, upto
