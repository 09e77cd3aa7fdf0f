"""Whom the dialler calls (R63): the agent is booked before anybody is dialled.

    DialReserved ─┬─► DialRefused
                  ├─► Preview: the agent looks ── DialGoesOn ─┐
                  └─► CallBack: agent rung ◄──────────────────┘─► CallBackCalling: citizen rung
                        └─► OfferFailed, DialOver: forgotten        └─► CallBackAnswered: a talk

Callers always win. Whoever is reserved is lent (lending.py): nobody waits for them, and an
emergency takes them back until the citizen has answered. Who is dialled is on the floor as an
absent caller without a place: in no line, no tally, no forecast, and gone when the attempt is.
"""

from __future__ import annotations

from acd import dial_events as ev
from acd.absent import must_hold
from acd.effects import CallBack, DialRefused, Preview
from acd.lending import why_not_lent
from acd.moves import Handlers, Moves
from acd.offers import Offer, OfferState
from acd.passed_over import seconds
from acd.queues import Caller
from acd.router import Choice
from terms.limits import OFFER_LEASE, OUT_LEASE, RING_SECONDS_MAX
from terms.names import CallId, Instant, Seconds
from terms.outcome import OfferOutcome


def _reserved(floor: Moves, event: ev.DialReserved, now: Instant) -> None:
    if event.call in floor.callers:
        return  # it was said before
    floor.deadlines.run(now)  # whose turn it has become stands in the line before we look
    because = why_not_lent(floor, event.agent, event.queue, now)
    if because:
        floor.out.append(DialRefused(event.call, event.agent, because))
        return
    rule, idle_since = floor.lines[event.queue].rule, floor.agents[event.agent].idle_since
    caller = Caller(event.call, rule, 0, now, 0, absent=True, dialled=True)
    floor.callers[event.call] = caller
    told = f"campanha, fila {rule.name}; o agente está livre há {seconds(now - idle_since)}"
    offer = floor.book(Choice(caller, event.agent, told), event.ring_seconds, now)
    if event.preview > 0:
        offer.state, offer.ring_seconds = OfferState.PREVIEW, event.ring_seconds
        offer.lease_until = now + event.preview + OFFER_LEASE
        order = Preview(offer.offer, offer.call, offer.agent, event.preview, told)
        floor.out.append(order)
        floor.lease_ends(offer)
    else:
        _ring(floor, offer, event.ring_seconds, told, now)


def _ring(floor: Moves, offer: Offer, length: Seconds, because: str, now: Instant) -> None:
    """Two phones, one after the other; how long the citizen's rings the campaign knows."""
    offer.lease_until = now + length + OFFER_LEASE + RING_SECONDS_MAX + OUT_LEASE
    floor.out.append(CallBack(offer.offer, offer.call, offer.agent, length, because))
    floor.lease_ends(offer)


def _goes_on(floor: Moves, event: ev.DialGoesOn, now: Instant) -> None:
    offer = _offer_for(floor, event.call)
    if offer is None or offer.state is not OfferState.PREVIEW:
        return
    if must_hold(floor):
        floor.withdraw(offer, "uma emergência espera, ou há tempestade: ninguém é chamado")
        return
    offer.state = OfferState.MADE
    _ring(floor, offer, offer.ring_seconds, "campanha: o agente viu o contato", now)


def _over(floor: Moves, event: ev.DialOver, now: Instant) -> None:
    offer = _offer_for(floor, event.call)
    if offer is not None and offer.state is not OfferState.ANSWERED:
        floor.end_offer(offer, OfferOutcome.WITHDRAWN, now)


def _offer_for(floor: Moves, call: CallId) -> Offer | None:
    caller = floor.callers.get(call)
    if caller is None or not caller.dialled or caller.offer is None:
        return None
    return floor.offers.get(caller.offer)


HANDLERS: Handlers = {
    ev.DialReserved: _reserved,
    ev.DialGoesOn: _goes_on,
    ev.DialOver: _over,
}
