"""What supervisors order while the lines are open: announcements, and the short menu.

Every order has an end and ends by itself (timed_orders.py): `callflow.serving` no longer says what
is over, at the instant itself. It can be taken back. What is ordered besides has files of its own
and hangs on this: storms, other rules of queues, marks on numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Protocol
from unicodedata import category

from callflow.floor_keeper import FloorKeeper
from callflow.serving import Serving, ShortOrder
from central156.numbers import Numbers
from central156.plans import Unfit, Words
from central156.queue_orders import QueueOrders
from central156.refusals import asked
from central156.storm import Storms
from central156.timed_orders import TimedOrders, checked_until, new_act
from console.ports import Plain, Refusal
from ivr.announcements import KINDS, Announcement
from ivr.checker import Problem, check_announcements, nearest
from ivr.menu import LinePlan
from ivr.texts import gaps, recorded_words, text_of
from protocol_store import Order, Store
from protocol_store.operations import ON_MENUS, SHORT
from terms.facts import Fact, Kind
from terms.limits import ORDERS_OPEN, SHORT_MENU_SECONDS, SPOKEN_CHARACTERS
from terms.names import Instant, Seconds


class Studio(Protocol):
    """What records texts (central156/plans.py)."""

    async def record(self, wanted: Iterable[Words]) -> None:
        """Make the recordings that are missing. Unfit when that cannot be done."""
        ...

    def length_of(self, language: str, text: str) -> Seconds | None:
        """How long a recording lasts; None when there is none."""
        ...


class Orders(TimedOrders):
    """See the file's top. Refusal (404, 409, 422, 503) when something cannot be ordered."""

    kinds = ON_MENUS

    def __init__(
        self,
        store: Store,
        serving: Serving,
        keeper: FloorKeeper,
        studio: Studio,
        number_key: str = "",
    ) -> None:
        """`number_key`: the secret with which marked numbers are hashed."""
        super().__init__(store, keeper)
        self._serving = serving
        self._studio = studio
        self.storms = Storms(store, keeper, self)
        self.queues = QueueOrders(store, keeper, serving)
        self.numbers = Numbers(store, keeper, serving, number_key)
        self._beside = (self.storms, self.queues, self.numbers)

    async def obey(self) -> None:
        """Take over what the store says is ordered, of every kind. Raises StoreError."""
        await super().obey()
        for orders in self._beside:
            await orders.obey()

    async def look(self) -> None:
        """Write down the end of what is over, of every kind."""
        await super().look()
        for orders in self._beside:
            await orders.look()

    # --- what a person asks for ---
    async def short(self, line: str, on: bool, until: Instant | None, by: str) -> Plain:
        """The line's menu is short until then (SHORT_MENU_SECONDS when it is not said), or not."""
        plan = self.plan(line)
        now = self._keeper.clock()
        async with self._writing:
            if not on:
                open_now = self._short_of(line)
                if open_now is not None:
                    await self._end(open_now, now, by)
            else:
                if not plan.short_start:
                    raise Refusal(409, f"a linha {line} não tem menu resumido (menu_resumido)")
                until = checked_until(until, now, SHORT_MENU_SECONDS)
                order = Order(new_act(), SHORT, "", line, "", "", now, until, by)
                details = {"line": line, "on": True, "until": until}
                await self._keep(order, Fact(now, Kind.SHORT_MENU, by=by, details=details))
        return {
            "line": line,
            "short": self._serving.short(line, now),
            "by_hours": self._serving.short_by_hours(line, now),
            "until": until if on else None,
        }

    def short_until(self, line: str) -> Instant:
        """When the line's ordered short menu ends; 0 when there is none."""
        order = self._short_of(line)
        return order.until if order is not None else 0.0

    async def announce(
        self,
        line: str,
        text: str,
        until: Instant,
        by: str,
        node: str = "",
        name: str = "",
        kind: str = KINDS[0],
    ) -> Plain:
        """Say a text to the line's callers until then, before this node ('' = its start)."""
        plan = self.plan(line)
        if kind not in KINDS:
            raise Refusal(422, f"tipo de aviso: {' ou '.join(KINDS)}")
        text, node = _text(text), node or plan.start
        checked_until(until, self._keeper.clock(), SHORT_MENU_SECONDS)
        await self._fit(Announcement(name, line, node, text_of(text), 0.0, until, kind), plan)
        async with self._writing:
            if len(self._open) >= ORDERS_OPEN:
                raise Refusal(409, f"já há {ORDERS_OPEN} avisos e menus resumidos no ar")
            name = self._free(name or f"aviso-{await self._count() + 1}")
            now = self._keeper.clock()
            until = checked_until(until, now, SHORT_MENU_SECONDS)
            order = Order(new_act(), kind, name, line, node, text, now, until, by)
            details = {"name": name, "line": line, "node": node, "until": until}
            await self._keep(order, Fact(now, Kind.ANNOUNCED, by=by, details=details))
        return asdict(order)

    async def announcements(self) -> Sequence[Plain]:
        """All orders, the newest first, and whether each is on air."""
        now = self._keeper.clock()
        found = await asked(self._store.published.orders())
        return [{**asdict(one), "on_air": _holds(one, now)} for one in found]

    async def end_announcement(self, name: str, by: str) -> Plain:
        """Take an announcement back."""
        async with self._writing:
            found = [one for one in self._open.values() if one.kind != SHORT and one.name == name]
            if not found:
                there = sorted(one.name for one in self._open.values() if one.kind != SHORT)
                if any(one.name == name for one in self._serving.current.announcements):
                    raise Refusal(409, f"{name} está em announcements.yaml: publique sem ele")
                raise Refusal(404, f"não há no ar aviso com o nome {name}{nearest(name, there)}")
            await self._end(found[0], self._keeper.clock(), by)
        return {"name": name, "ended": True}

    # --- how it works ---
    async def _fit(self, one: Announcement, plan: LinePlan) -> None:
        """Held to the rules of announcements.yaml: all but the length before it is recorded."""
        _refuse(check_announcements([one], {plan.line: plan}, lambda *_: 0.0))
        try:
            await self._studio.record(tuple(recorded_words(one.text)))
        except Unfit as wrong:
            raise Refusal(422, f"o aviso não pode ser gravado.\n{wrong}") from None
        _refuse(check_announcements([one], {plan.line: plan}, self._studio.length_of))

    def _end_fact(self, order: Order, at: Instant, by: str) -> Fact:
        if order.kind == SHORT:
            off = {"line": order.line, "on": False, "until": None}
            return Fact(at, Kind.SHORT_MENU, by=by, details=off)
        ended = {"name": order.name, "line": order.line}
        return Fact(at, Kind.ANNOUNCEMENT_ENDED, by=by, details=ended)

    def _stop(self, order: Order) -> None:
        if order.kind == SHORT:
            self._serving.end_short(order.line)
        else:
            self._serving.end_announcement(order.name)

    def _begin(self, order: Order) -> None:
        if order.kind == SHORT:
            earlier = self._short_of(order.line)
            if earlier is not None:
                del self._open[earlier.act]  # the store has ended it
            self._serving.order_short(ShortOrder(order.line, order.since, order.until, order.by))
        else:
            text = text_of(order.text)
            self._serving.announce(
                Announcement(
                    order.name,
                    order.line,
                    order.node,
                    text,
                    order.since,
                    order.until,
                    order.kind,
                    order.by,
                )
            )

    def _short_of(self, line: str) -> Order | None:
        return self._replaced(SHORT, line, "")

    def plan(self, line: str) -> LinePlan:
        """What serves on this line. Refusal 404."""
        found = self._serving.current.lines.get(line)
        if found is None:
            raise Refusal(404, f"não há linha {line}")
        return found

    async def _count(self) -> int:
        count: int = await asked(self._store.published.count_orders())
        return count

    def _free(self, name: str) -> str:
        """The name, if no other announcement that may be heard has it."""
        taken = {one.name for one in self._open.values()}
        taken |= {one.name for one in self._serving.current.announcements}
        if name in taken:
            raise Refusal(409, f"já há um aviso com o nome {name}")
        return name


def _refuse(problems: Iterable[Problem]) -> None:
    if told := "\n".join(one.message for one in problems):
        raise Refusal(422, told)


def _text(written: str) -> str:
    seen = "".join(one for one in written if one.isspace() or category(one)[0] != "C")
    text = " ".join(seen.split())  # without what nobody sees, and a database may not take
    if not text or len(text) > SPOKEN_CHARACTERS:
        raise Refusal(422, f"o texto do aviso tem de 1 a {SPOKEN_CHARACTERS} caracteres")
    if tuple(gaps(text_of(text))) or not tuple(recorded_words(text_of(text))):
        raise Refusal(422, "o texto do aviso é dito como está: sem {lacunas}, e com palavras")
    return text


def _holds(order: Order, at: Instant) -> bool:
    return order.ended_at is None and order.since <= at < order.until
