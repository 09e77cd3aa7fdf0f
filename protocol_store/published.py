"""Dialplan versions and supervisors' orders, as others ask for them: `store.published`.

Every answer that changes something comes when it is durable, together with its facts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sqlalchemy import Connection

from protocol_store import operations, versions
from protocol_store.fact_log import FactLog
from protocol_store.operations import ON_MENUS, Ending, NewOrder, Order
from protocol_store.versions import Decision, HandIn, Served, Switch, Version, VersionState
from terms.facts import Fact
from terms.names import Instant

Ask = Callable[..., Awaitable[Any]]


class Published:
    """See the file's top. `epoch`: this process's; what an older one asks for is refused with
    NotLeading. Everything may raise StoreOverdue and StoreFailing."""

    def __init__(self, ask: Ask, read: Ask, facts: FactLog) -> None:
        self.epoch = 0
        self._ask = ask
        self._read = read
        self._facts = facts

    # --- versions ---
    async def hand_in(
        self, version: Version, files: dict[str, str], serve: Served | None, *facts: Fact
    ) -> None:
        """Keep a version; with `serve` it serves from now on. VersionDecided when it is there."""
        await self._ask(self._hand_in, HandIn(version, files, facts, serve, self.epoch))

    async def approve(self, version: str, by: str, serve: Served, *facts: Fact) -> None:
        """A proposed version serves. VersionUnknown; VersionDecided when it is not proposed."""
        approved = VersionState.APPROVED
        asked = Decision(version, approved, by, serve.since, facts, serve, self.epoch)
        await self._ask(self._decide, asked)

    async def reject(self, version: str, by: str, at: Instant, *facts: Fact) -> None:
        """A proposed version will not serve. VersionUnknown; VersionDecided likewise."""
        asked = Decision(version, VersionState.REJECTED, by, at, facts, None, self.epoch)
        await self._ask(self._decide, asked)

    async def serve(self, serve: Served, *facts: Fact) -> None:
        """An approved version serves again. VersionUnknown; VersionDecided when not approved."""
        await self._ask(self._switch, Switch(serve, facts, self.epoch))

    async def version(self, name: str) -> Version | None:
        """What is known of a version."""
        found: Version | None = await self._read(versions.version, name)
        return found

    async def versions(self) -> list[Version]:
        """The newest versions, the newest first."""
        found: list[Version] = await self._read(versions.versions)
        return found

    async def files(self, name: str) -> dict[str, str] | None:
        """A version's files, by name, as they were handed in."""
        found: dict[str, str] | None = await self._read(versions.files_of, name)
        return found

    async def served(self) -> list[Served]:
        """What served since when; the first one serves now. Empty before the first start."""
        found: list[Served] = await self._read(versions.served)
        return found

    # --- orders ---
    async def order(self, order: Order, *facts: Fact) -> None:
        """Keep an order. NameTaken when an announcement of that name is on air."""
        await self._ask(self._add_orders, NewOrder(order, facts))

    async def end_order(self, act: str, at: Instant, by: str, *facts: Fact) -> None:
        """An order is over ('' = by itself). NameUnknown when there never was one."""
        await self._ask(self._end_orders, Ending(act, at, by, facts))

    async def open_orders(self, kinds: Sequence[str] = ON_MENUS) -> list[Order]:
        """Orders of these kinds that nobody ended, also those whose time is over."""
        found: list[Order] = await self._read(operations.open_orders, kinds)
        return found

    async def orders(self, kinds: Sequence[str] = ON_MENUS) -> list[Order]:
        """The newest orders of these kinds, ended or not, the newest first."""
        found: list[Order] = await self._read(operations.orders, kinds)
        return found

    async def count_orders(self, kinds: Sequence[str] = ON_MENUS) -> int:
        """How many orders of these kinds there ever were."""
        found: int = await self._read(operations.count_orders, kinds)
        return found

    # What the writer does for us: each is harmless to repeat.
    def _hand_in(self, connection: Connection, asked: Sequence[Any]) -> Sequence[Any]:
        return versions.hand_in(connection, asked, self._facts)

    def _decide(self, connection: Connection, asked: Sequence[Any]) -> Sequence[Any]:
        return versions.decide(connection, asked, self._facts)

    def _switch(self, connection: Connection, asked: Sequence[Any]) -> Sequence[Any]:
        return versions.switch(connection, asked, self._facts)

    def _add_orders(self, connection: Connection, asked: Sequence[Any]) -> Sequence[Any]:
        return operations.add_orders(connection, asked, self._facts)

    def _end_orders(self, connection: Connection, asked: Sequence[Any]) -> Sequence[Any]:
        return operations.end_orders(connection, asked, self._facts)
