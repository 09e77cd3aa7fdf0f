"""Storm mode of a line (R37): one order for what a storm asks of the hall, one to take it all back.

    short menu          where the line has one          ─ ends with the storm
    emergency message   before the line's first node    ─ ends with the storm
    reserve ring        the floor: StormSet             calls of our own stop: FloorKeeper.storms

Nobody's pause is touched: NR-17, lanche, banheiro and desgaste hold in a storm as ever (R43).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from acd.events import StormSet
from callflow.floor_keeper import FloorKeeper
from central156.timed_orders import TimedOrders, checked_reason, checked_until, new_act
from console.ports import Plain, Refusal
from ivr.announcements import EMERGENCY
from ivr.menu import LinePlan
from protocol_store import Order, Store
from protocol_store.operations import STORM
from terms.facts import Fact, Kind
from terms.limits import STORM_SECONDS
from terms.names import LINES, Instant
from voice.texts import STORM as STORM_WORDS

SHORTENED: Final = "menu-resumido"
"""Stands among what began with a storm for its short menu; an announcement stands there by name."""

UNHEARD: Final = frozenset({409, 422, 503})
"""How an announcement is refused: it cannot be recorded, or there are too many."""

NOT_FOUND: Final = 404


class Menus(Protocol):
    """What a storm orders on top of the menus (central156/orders.py)."""

    def plan(self, line: str) -> LinePlan:
        """What serves on this line. Refusal 404."""
        ...

    def short_until(self, line: str) -> Instant:
        """When the line's ordered short menu ends; 0 when there is none."""
        ...

    async def short(self, line: str, on: bool, until: Instant | None, by: str) -> Plain:
        """The line's menu is short until then, or not."""
        ...

    async def announce(
        self, line: str, text: str, until: Instant, by: str, node: str, name: str, kind: str
    ) -> Plain:
        """Say a text until then."""
        ...

    async def end_announcement(self, name: str, by: str) -> Plain:
        """Take an announcement back."""
        ...


class Storms(TimedOrders):
    """See the file's top. Refusal (404, 409, 422, 503) when something cannot be ordered."""

    kinds = (STORM,)

    def __init__(self, store: Store, keeper: FloorKeeper, menus: Menus) -> None:
        super().__init__(store, keeper)
        self._menus = menus

    async def storm(
        self, line: str, on: bool, reason: str, until: Instant | None, by: str, message: str = ""
    ) -> Plain:
        """The line is in a storm until then (STORM_SECONDS when it is not said), or no more. A
        second order takes the first one's place. `notes` of the answer: what could not be done."""
        plan = self._menus.plan(line)
        async with self._writing:
            now = self._keeper.clock()
            earlier = self._replaced(STORM, line, "")
            if not on:
                if earlier is None:
                    raise Refusal(409, f"a linha {line} não está em modo tempestade")
                await self._take_back(earlier, by)
                await self._end(earlier, now, by)
                return self._shown(earlier, False, [])
            reason, until = checked_reason(reason), checked_until(until, now, STORM_SECONDS)
            if earlier is not None:
                await self._take_back(earlier, by)
            began, notes = await self._order_menus(plan, until, by, message)
            order = Order(new_act(), STORM, "", line, began, reason, now, until, by)
            details = {"line": line, "on": True, "until": until, "reason": reason}
            await self._keep(order, Fact(now, Kind.STORM, by=by, details=details))
            if earlier is not None:
                del self._open[earlier.act]
            return self._shown(order, True, notes)

    def ordered(self) -> Sequence[Plain]:
        """The storms that hold now."""
        now = self._keeper.clock()
        return [self._shown(one, True, []) for one in self._open.values() if now < one.until]

    # --- what belongs to a storm, on top of the menus ---
    async def _order_menus(
        self, plan: LinePlan, until: Instant, by: str, message: str
    ) -> tuple[str, list[str]]:
        """Say the message and shorten the menu; what of it was done, and what could not be."""
        line, began, notes = plan.line, [], []
        name = _message_name(line)
        text = message or STORM_WORDS.get(line, STORM_WORDS[LINES[0]])
        try:
            await self._menus.announce(line, text, until, by, "", name, EMERGENCY)
            began.append(name)
        except Refusal as trouble:
            if message or trouble.status not in UNHEARD:
                raise
            # the storm must not wait for a sentence: the rest of it is worth more
            notes.append(f"sem mensagem de emergência: {trouble.text}")
        if not plan.short_start:
            notes.append(f"a linha {line} não tem menu resumido")
        elif self._menus.short_until(line) < until:
            await self._menus.short(line, True, until, by)
            began.append(SHORTENED)
        return " ".join(began), notes

    async def _take_back(self, order: Order, by: str) -> None:
        """End what began with the storm; what somebody has ended before is over already."""
        for began in order.node.split():
            try:
                if began == SHORTENED:
                    if self._menus.short_until(order.line) == order.until:
                        await self._menus.short(order.line, False, None, by)
                else:
                    await self._menus.end_announcement(began, by)
            except Refusal as trouble:
                if trouble.status != NOT_FOUND:
                    raise

    # --- how it works ---
    def _begin(self, order: Order) -> None:
        self._keeper.storms.add(order.line)
        self._keeper.tell(StormSet(order.line, True), by=order.by)

    def _stop(self, order: Order) -> None:
        self._keeper.storms.discard(order.line)
        self._keeper.tell(StormSet(order.line, False))

    def _end_fact(self, order: Order, at: Instant, by: str) -> Fact:
        details = {"line": order.line, "on": False, "until": None, "reason": order.text}
        return Fact(at, Kind.STORM, by=by, details=details)

    @staticmethod
    def _shown(order: Order, on: bool, notes: list[str]) -> Plain:
        began = order.node.split()
        return {
            "line": order.line,
            "on": on,
            "reason": order.text,
            "since": order.since,
            "until": order.until if on else None,
            "by": order.by,
            "short": SHORTENED in began,
            "message": next((one for one in began if one != SHORTENED), ""),
            "notes": notes,
        }


def _message_name(line: str) -> str:
    return f"tempestade-{line}"
