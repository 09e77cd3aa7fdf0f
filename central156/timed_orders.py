"""What people order for a while: kept before it holds, there after a restart, ended by itself.

Each kind of order says what begins with it (`_begin`), what ends (`_stop`), and how its end is
told (`_end_fact`); the rest is the same for all. An order is over at its `until`, to the instant
where whoever obeys asks for the instant, and after ORDER_LOOK_EVERY otherwise.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from abc import ABC, abstractmethod
from typing import Final

from callflow.floor_keeper import FloorKeeper
from central156.refusals import asked
from console.ports import Refusal
from protocol_store import Order, Store
from terms.facts import Fact
from terms.limits import ORDERED_SECONDS_MAX, REASON_CHARACTERS
from terms.names import Instant, Seconds

log = logging.getLogger(__name__)

EARLIEST: Final = 1.0
"""An order must hold this long at least, or it would be over before it is noticed."""


class TimedOrders(ABC):
    """See the file's top. Refusal (503) while the store keeps nothing."""

    kinds: tuple[str, ...] = ()
    """The kinds of order (protocol_store.operations) that are this object's."""

    def __init__(self, store: Store, keeper: FloorKeeper) -> None:
        self._store = store
        self._keeper = keeper
        self._open: dict[str, Order] = {}
        self._writing = asyncio.Lock()

    async def obey(self) -> None:
        """Take over what the store says is ordered: at a start, and when an answer of the store
        came too late to be heard. Raises StoreError."""
        async with self._writing:
            found = await self._store.published.open_orders(self.kinds)
            there = {one.act: one for one in found}
            for act, order in there.items():
                if act not in self._open:
                    self._begin(order)
                    self._open[act] = order
            for act, order in tuple(self._open.items()):
                if act not in there:
                    self._forget(order)

    async def look(self) -> None:
        """Write down the end of what is over."""
        now = self._keeper.clock()
        if not any(now >= one.until for one in self._open.values()):
            return
        async with self._writing:
            for order in [one for one in self._open.values() if now >= one.until]:
                try:
                    await self._end(order, order.until, "")
                except Refusal as trouble:
                    log.warning("an order's end has to wait", extra={"why": trouble.text})
                    return

    # --- what the kinds differ in ---
    @abstractmethod
    def _begin(self, order: Order) -> None:
        """It holds from now on; in the place of an earlier one, if there can be only one."""

    @abstractmethod
    def _stop(self, order: Order) -> None:
        """It holds no more."""

    @abstractmethod
    def _end_fact(self, order: Order, at: Instant, by: str) -> Fact:
        """How its end is told."""

    # --- how it works; all of it with `_writing` held ---
    async def _keep(self, order: Order, fact: Fact) -> None:
        self._keeper.lease()
        await asked(self._store.published.order(order, fact))
        self._begin(order)
        self._open[order.act] = order
        self._keeper.publish(fact)

    async def _end(self, order: Order, at: Instant, by: str) -> None:
        fact = self._end_fact(order, at, by)
        await asked(self._store.published.end_order(order.act, at, by, fact))
        self._forget(order)
        self._keeper.publish(fact)

    def _forget(self, order: Order) -> None:
        self._open.pop(order.act, None)
        self._stop(order)

    def _replaced(self, kind: str, line: str, name: str) -> Order | None:
        """The order that one of these takes the place of; the store has ended it, or will."""
        found = (
            one
            for one in self._open.values()
            if (one.kind, one.line, one.name) == (kind, line, name)
        )
        return next(found, None)


def new_act() -> str:
    """What makes an order one order, however often it is written."""
    return secrets.token_hex(8)


def checked_until(
    until: Instant | None, now: Instant, usual: Seconds, longest: Seconds = ORDERED_SECONDS_MAX
) -> Instant:
    """When an order ends, `usual` seconds from now if nobody says. Refusal 422."""
    until = now + usual if until is None else until
    if until < now + EARLIEST:
        raise Refusal(422, "o fim já passou")
    if until > now + longest:
        raise Refusal(422, f"o fim está longe demais: no máximo {longest // 86_400:g} dias")
    return until


def checked_reason(reason: str) -> str:
    """The reason in one line, as it is kept. Refusal 422 without one."""
    text = " ".join("".join(one for one in reason if one.isprintable() or one.isspace()).split())
    if not text or len(text) > REASON_CHARACTERS:
        raise Refusal(422, f"diga o motivo, em até {REASON_CHARACTERS} caracteres")
    return text
