"""Calls that no campaign makes, single call-backs and transfers, count in their trunk's month too:
Anatel does not ask why a call was made (R65).

Read from the facts, so that a call is counted once, for whoever made it; kept in the store at once,
or as soon as it takes anything again. They go out by the first trunk.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable

from callflow.ask import UNKNOWN_DESTINATION
from dialer.hours import local_day
from dialer.trunks import CITY_AREA, Operators, Trunk
from protocol_store import Store, StoreError
from terms.facts import Fact, Kind
from terms.limits import SHORT_CALL, TRUNK_LOOK_EVERY
from terms.names import CallId, Instant, TrunkName
from terms.outcome import Tried

log = logging.getLogger(__name__)

RETURNED = "retorno"
"""The entry of a call that we made for a citizen who kept the place."""

NOT_DIALLED = frozenset({"gate", UNKNOWN_DESTINATION})
"""Why a transfer came to no call at all."""


class OtherCalls:
    """See the file's top. `first`: the trunk that they go out by, None when nothing goes out;
    `operators`: what the dialler counts against the limits, None when there is no dialler."""

    def __init__(
        self,
        store: Store,
        first: Callable[[], Trunk | None],
        operators: Callable[[], Operators | None] = lambda: None,
    ) -> None:
        self._store, self._first, self._operators = store, first, operators
        self._began: dict[CallId, Instant] = {}
        self._outside: set[str] = set()  # consults of somebody outside
        self._pending: Counter[tuple[TrunkName, Instant, str]] = Counter()
        self._new = asyncio.Event()

    def read(self, facts: tuple[Fact, ...]) -> None:
        """For `FloorKeeper.watch`."""
        for fact in facts:
            said = fact.details
            match fact.kind:
                case Kind.CALL_BACK_RESULT:
                    result = Tried(said["result"])
                    if result.reached_for:
                        self._count(fact.at, 1, result is Tried.ANSWERED)
                case Kind.TRANSFER_TRIED if said.get("because") not in NOT_DIALLED:
                    reached, seconds = bool(said.get("reached")), said.get("seconds") or 0.0
                    self._count(fact.at, 1, reached, reached and seconds <= SHORT_CALL)
                case Kind.CONSULT_ASKED if said.get("outside"):
                    self._outside.add(said["consult"])
                    self._count(fact.at, 1)
                case Kind.CONSULT_ANSWERED if said["consult"] in self._outside:
                    self._count(fact.at, 0, True)
                case Kind.CONSULT_OVER:
                    self._outside.discard(said["consult"])
                case Kind.CALL_ARRIVED if fact.call and said.get("entry") == RETURNED:
                    self._began[fact.call] = fact.at
                case Kind.CALL_ENDED if fact.call in self._began:
                    began = self._began.pop(fact.call)
                    if fact.at - began <= SHORT_CALL:
                        self._count(fact.at, 0, short=True)

    def _count(
        self, at: Instant, attempts: int, answered: bool = False, short: bool = False
    ) -> None:
        trunk = self._first()
        if trunk is None:
            return
        for what, more in (("attempts", attempts), ("answered", answered), ("short", short)):
            self._pending[trunk.name, at, what] += int(more)
        self._new.set()
        operators = self._operators()
        if operators is not None:
            day, carried = local_day(at, CITY_AREA), operators.of(trunk.operator)
            first = day.replace(day=1)
            carried.months[first] = carried.months.get(first, 0) + attempts
            carried.days[day] = carried.days.get(day, 0) + attempts
            carried.short[day] = carried.short.get(day, 0) + int(short)

    async def run_for_ever(self) -> None:
        """Keep what was counted."""
        while True:
            await self._new.wait()
            self._new.clear()
            try:
                await self.keep()
            except StoreError as trouble:
                why = type(trouble).__name__
                log.warning("calls of a trunk wait to be counted", extra={"why": why})
                await asyncio.sleep(TRUNK_LOOK_EVERY)
                self._new.set()

    async def keep(self) -> None:
        """Write what is pending, an instant's counts together. StoreError leaves it pending."""
        for trunk, at in dict.fromkeys((trunk, at) for trunk, at, _ in self._pending):
            names = ("attempts", "answered", "short")
            counts = {name: self._pending[trunk, at, name] for name in names}
            await self._store.campaigns.count_outside(trunk, at, **counts)
            for name, count in counts.items():
                self._pending[trunk, at, name] -= count
        self._pending = +self._pending
