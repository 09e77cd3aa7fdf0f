"""A queue's priority and rules for now: what a supervisor changes while the hall is full (R37).

The order lies on top of the published rules and is taken off at its end. The floor is told of both
as of any other change of configuration, so nobody who waits loses the place; a priority reaches
those who wait already.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields

from acd.events import ConfigurationChanged
from acd.overrides import QueueOverride
from acd.queues import QueueRule
from callflow.floor_keeper import FloorKeeper
from callflow.serving import Serving
from central156.timed_orders import TimedOrders, checked_reason, checked_until, new_act
from console.ports import Plain, Refusal
from ivr.checker import nearest
from protocol_store import Order, Store
from protocol_store.operations import QUEUE
from terms.facts import Fact, Kind
from terms.limits import QUEUE_PRIORITY_MAX, RING_SECONDS_MAX, STORM_SECONDS, WRAP_UP_SECONDS_MAX
from terms.names import Instant, QueueName

NOTHING = QueueOverride()
SHORTEST_RING = 5.0


class QueueOrders(TimedOrders):
    """See the file's top. Refusal (404, 409, 422, 503) when something cannot be ordered."""

    kinds = (QUEUE,)

    def __init__(self, store: Store, keeper: FloorKeeper, serving: Serving) -> None:
        super().__init__(store, keeper)
        self._serving = serving

    async def change(
        self, queue: str, wanted: Plain, reason: str, until: Instant | None, by: str
    ) -> Plain:
        """These rules of the queue are other until then. `wanted`: QueueOverride's fields."""
        override = _checked(QueueOverride(**wanted))
        rule, reason = self._rule(queue), checked_reason(reason)
        async with self._writing:
            now = self._keeper.clock()
            until = checked_until(until, now, STORM_SECONDS)
            text = json.dumps(asdict(override))
            order = Order(new_act(), QUEUE, queue, rule.line, text, reason, now, until, by)
            told = {"queue": queue, "on": True, "until": until, "reason": reason}
            changed = {name: value for name, value in asdict(override).items() if value}
            if override.priority is not None:
                changed["priority"] = override.priority
            if override.wrap_up_seconds is not None:
                changed["wrap_up_seconds"] = override.wrap_up_seconds
            details = {**told, **changed}
            earlier = self._replaced(QUEUE, rule.line, queue)
            await self._keep(order, Fact(now, Kind.QUEUE_ORDERED, by=by, details=details))
            if earlier is not None:
                del self._open[earlier.act]
        return _shown(order)

    async def reset(self, queue: str, by: str) -> Plain:
        """The queue's rules are those published, from now on."""
        async with self._writing:
            found = next((one for one in self._open.values() if one.name == queue), None)
            if found is None:
                self._rule(queue)
                raise Refusal(409, f"a fila {queue} já segue as regras publicadas")
            await self._end(found, self._keeper.clock(), by)
        return {"queue": queue, "ended": True}

    def ordered(self) -> Sequence[Plain]:
        """The orders that hold now."""
        now = self._keeper.clock()
        return [_shown(one) for one in self._open.values() if now < one.until]

    # --- how it works ---
    def _begin(self, order: Order) -> None:
        self._serving.override(QueueName(order.name), _override(order))
        self._tell(QueueName(order.name))

    def _stop(self, order: Order) -> None:
        self._serving.override(QueueName(order.name), None)
        self._tell(QueueName(order.name))

    def _end_fact(self, order: Order, at: Instant, by: str) -> Fact:
        details = {"queue": order.name, "on": False, "until": None, "reason": order.text}
        return Fact(at, Kind.QUEUE_ORDERED, by=by, details=details)

    def _tell(self, queue: QueueName) -> None:
        self._keeper.tell(ConfigurationChanged(self._serving.every_queue()))
        self._keeper.prioritize(queue, self._serving.priority_of(queue))

    def _rule(self, queue: str) -> QueueRule:
        rules = {rule.name: rule for rule in self._serving.current.queues.rules}
        if (found := rules.get(QueueName(queue))) is None:
            raise Refusal(404, f"não há fila {queue}{nearest(queue, sorted(rules))}")
        return found


def _checked(wanted: QueueOverride) -> QueueOverride:
    if wanted == NOTHING:
        raise Refusal(422, "diga o que muda: prioridade, toque, pós-atendimento ou anéis")
    for name, value, least, most in (
        ("prioridade", wanted.priority, 0, QUEUE_PRIORITY_MAX),
        ("toque", wanted.ring_seconds, SHORTEST_RING, RING_SECONDS_MAX),
        ("pós-atendimento", wanted.wrap_up_seconds, 0.0, WRAP_UP_SECONDS_MAX),
    ):
        if value is not None and not least <= value <= most:
            raise Refusal(422, f"{name}: de {least:g} a {most:g}")
    return wanted


def _override(order: Order) -> QueueOverride:
    """What stands in the order; what a later release wrote besides is passed over."""
    known = {field.name for field in fields(QueueOverride)}
    read = json.loads(order.node)
    return QueueOverride(**{name: value for name, value in read.items() if name in known})


def _shown(order: Order) -> Plain:
    return {
        "queue": order.name,
        "line": order.line,
        **asdict(_override(order)),
        "reason": order.text,
        "since": order.since,
        "until": order.until,
        "by": order.by,
    }
