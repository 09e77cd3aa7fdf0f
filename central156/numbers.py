"""Numbers under suspicion (R36): marked for the agent's eyes, blocked only on 156 and by a person.

A mark has an author, a reason and an end. However many marks a number has, nothing follows of
itself: on 199 and 153 a call is never refused, and on 156 only when a supervisor has said so. The
number itself is not kept: its keyed hash finds it again, its last digits tell people which it is.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from callflow.floor_keeper import FloorKeeper
from callflow.relay import is_relay
from callflow.serving import Serving
from callflow.suspects import Marks
from central156.timed_orders import TimedOrders, checked_reason, checked_until, new_act
from console.ports import LOCAL, Plain, Refusal
from protocol_store import Order, Store
from protocol_store.masking import masked_number
from protocol_store.operations import BLOCK, SUSPECT
from terms.facts import Fact, Kind
from terms.limits import MARK_SECONDS, MARK_SECONDS_MAX, NUMBERS_MARKED
from terms.names import CALLER_NUMBER, Instant
from voice.texts import BLOCKED

BLOCKED_LINE: Final = "156"
"""The only line that a number may be kept from."""

ID_CHARACTERS: Final = 12
"""Of a number's hash: what a list calls it by."""

_COUNTRY, _NATIONAL_DIGITS = "55", 12
_PUNCTUATION: Final = re.compile(r"[\s().-]")


class Numbers(TimedOrders):
    """See the file's top. `callflow.suspects.Numbers` for the door."""

    kinds = (SUSPECT, BLOCK)
    refusal = BLOCKED

    def __init__(self, store: Store, keeper: FloorKeeper, serving: Serving, key: str) -> None:
        """`key`: whoever lacks it cannot tell from a hash which number it is."""
        super().__init__(store, keeper)
        self._serving = serving
        self._key = key.encode()
        self._suspicions: Counter[str] = Counter()
        self._blocked: Counter[str] = Counter()

    # --- what a call asks ---
    def marks(self, caller: str) -> Marks:
        """What holds about this number."""
        if not (self._suspicions or self._blocked) or not CALLER_NUMBER.fullmatch(caller):
            return Marks()
        name = self._name(caller)
        return Marks(self._suspicions[name], self._blocked[name] > 0)

    # --- what a person asks for ---
    async def mark(
        self, number: str, kind: str, reason: str, until: Instant | None, by: str
    ) -> Plain:
        """Mark a number; `kind` is SUSPECT or BLOCK."""
        number, reason = _number(number), checked_reason(reason)
        if kind == BLOCK:
            self._must_be_blockable(number, until, by)
        async with self._writing:
            if len(self._open) >= NUMBERS_MARKED:
                raise Refusal(409, f"já há {NUMBERS_MARKED} marcas em números")
            now = self._keeper.clock()
            until = checked_until(until, now, MARK_SECONDS, MARK_SECONDS_MAX)
            name, shown = self._name(number), masked_number(number)
            line = BLOCKED_LINE if kind == BLOCK else ""
            earlier = self._replaced(kind, line, name) if kind == BLOCK else None
            order = Order(new_act(), kind, name, line, shown, reason, now, until, by)
            details = {"mark": kind, "number": shown, "until": until, "reason": reason}
            await self._keep(order, Fact(now, Kind.NUMBER_MARKED, by=by, details=details))
            if earlier is not None:
                self._forget(earlier)
        return self._shown(name, [one for one in self._open.values() if one.name == name])

    async def unmark(self, which: str, kind: str, by: str) -> Plain:
        """Take back all marks of this kind; `which`: the number, or its id in the list."""
        async with self._writing:
            found = [one for one in self._open.values() if one.kind == kind]
            found = [one for one in found if self._is(one, which)]
            if not found:
                word = "bloqueio" if kind == BLOCK else "suspeita"
                raise Refusal(404, f"não há {word} deste número")
            for order in found:
                await self._end(order, self._keeper.clock(), by)
        return {"id": found[0].name[:ID_CHARACTERS], "ended": len(found)}

    def marked(self) -> Sequence[Plain]:
        """The numbers with marks that hold, the most suspected first."""
        now = self._keeper.clock()
        by_name: dict[str, list[Order]] = {}
        for one in self._open.values():
            if now < one.until:
                by_name.setdefault(one.name, []).append(one)
        shown = [self._shown(name, orders) for name, orders in by_name.items()]
        return sorted(shown, key=lambda one: (not one["blocked"], -one["suspicions"], one["id"]))

    # --- how it works ---
    def _must_be_blockable(self, number: str, until: Instant | None, by: str) -> None:
        if by == LOCAL:
            raise Refusal(409, "quem bloqueia é alguém com nome: use o token da pessoa (--token)")
        if until is None:
            raise Refusal(422, "diga até quando vale o bloqueio")
        if is_relay(number, self._serving.current.relay_numbers):
            raise Refusal(409, "este número é de uma central de intermediação para surdos")

    def _is(self, order: Order, which: str) -> bool:
        if re.fullmatch(f"[0-9a-f]{{{ID_CHARACTERS}}}", which) and order.name.startswith(which):
            return True
        plain = _PUNCTUATION.sub("", which)
        return bool(CALLER_NUMBER.fullmatch(plain)) and order.name == self._name(plain)

    def _name(self, number: str) -> str:
        """The number's keyed hash: the same for every way of writing it."""
        digits = number.lstrip("+")
        if digits.startswith(_COUNTRY) and len(digits) >= _NATIONAL_DIGITS:
            digits = digits.removeprefix(_COUNTRY)
        return hmac.new(self._key, digits.lstrip("0").encode(), hashlib.sha256).hexdigest()[:32]

    def _counter(self, order: Order) -> Counter[str]:
        return self._blocked if order.kind == BLOCK else self._suspicions

    def _begin(self, order: Order) -> None:
        self._counter(order)[order.name] += 1

    def _stop(self, order: Order) -> None:
        counter = self._counter(order)
        counter[order.name] -= 1
        if counter[order.name] <= 0:
            del counter[order.name]

    def _end_fact(self, order: Order, at: Instant, by: str) -> Fact:
        details = {"mark": order.kind, "number": order.node}
        return Fact(at, Kind.NUMBER_UNMARKED, by=by, details=details)

    @staticmethod
    def _shown(name: str, orders: Sequence[Order]) -> Plain:
        suspicions = [one for one in orders if one.kind == SUSPECT]
        return {
            "id": name[:ID_CHARACTERS],
            "number": orders[-1].node,
            "suspicions": len(suspicions),
            "blocked": any(one.kind == BLOCK for one in orders),
            "marks": [
                {
                    "mark": one.kind,
                    "reason": one.text,
                    "by": one.by,
                    "since": one.since,
                    "until": one.until,
                }
                for one in orders
            ],
        }


def _number(written: str) -> str:
    plain = _PUNCTUATION.sub("", written)
    if not CALLER_NUMBER.fullmatch(plain):
        raise Refusal(422, "um número de telefone: de 3 a 15 algarismos, com DDD")
    return plain
