"""What becomes of offers: they ring, are answered or fail; and talks, which end or are found."""

from __future__ import annotations

from acd import events as ev
from acd import history
from acd.absent import citizen_answered
from acd.agents import NO_ANSWER, Status
from acd.moves import Handlers, Moves
from acd.offers import Offer, OfferState
from acd.promise_events import CallBackAnswered
from acd.queues import Caller
from terms.names import Instant
from terms.outcome import OfferOutcome
from terms.signals import Phone


def _ringing(floor: Moves, event: ev.OfferRinging, now: Instant) -> None:
    offer = floor.offers.get(event.offer)
    if offer is not None and offer.may_become(OfferState.RINGING):
        offer.state = OfferState.RINGING


def _answered(floor: Moves, event: ev.OfferAnswered, now: Instant) -> None:
    offer = floor.offers.get(event.offer)
    if offer is not None and offer.may_become(OfferState.ANSWERED):
        floor.out.append(history.offer_ended(offer, OfferOutcome.ANSWERED, now))
        floor.begin_talk(offer, now, now)


def _failed(floor: Moves, event: ev.OfferFailed, now: Instant) -> None:
    offer = floor.offers.get(event.offer)
    if offer is None or offer.state is OfferState.ANSWERED:
        return
    agent, outcome = floor.agents[offer.agent], event.outcome
    if offer.state is OfferState.WITHDRAWING:
        outcome = OfferOutcome.WITHDRAWN
    floor.end_offer(offer, outcome, now)
    match outcome:
        case OfferOutcome.RING_NO_ANSWER | OfferOutcome.REFUSED:
            if agent.status is Status.AVAILABLE:
                floor.set_status(agent, Status.PAUSED, NO_ANSWER, now)
        case OfferOutcome.UNREACHABLE:
            floor.phone_is(agent, Phone.GONE, now)
        case OfferOutcome.GATE_CLOSED | OfferOutcome.LOST if event.dialled:
            floor.rest(agent, now)
            floor.idle.refresh(agent, now)
        case _:
            pass


def _talk_ended(floor: Moves, event: ev.TalkEnded, now: Instant) -> None:
    offer = floor.offers.get(event.offer)
    if offer is not None and offer.state is OfferState.ANSWERED:
        floor.end_talk(offer, now, event.talked)


def _talk_found(floor: Moves, event: ev.TalkFound, now: Instant) -> None:
    if event.offer in floor.offers:
        citizen_answered(floor, CallBackAnswered(event.offer, event.call), now)
        return
    agent, caller = floor.agent(event.agent), floor.callers.get(event.call)
    if agent.offer is not None or (caller is not None and caller.offer is not None):
        return  # what is known here is newer than what was found
    if caller is None:
        rule = floor.queues.rule_for(event.queue, event.line)
        joined = event.joined or event.since
        caller = Caller(event.call, rule, 0, joined, 0, dialled=event.dialled)
        floor.callers[event.call] = caller
        floor.line(caller).tally.joined += not caller.dialled
    floor.step_aside(caller)
    offer = Offer(
        offer=event.offer,
        call=event.call,
        agent=event.agent,
        queue=caller.rule.name,
        made=event.since,
        lease_until=now,
        wrap_up_seconds=caller.rule.wrap_up_seconds,
        emergency=caller.rule.emergency and not caller.dialled,
        dialled=caller.dialled,
    )
    floor.offers[offer.offer] = offer
    floor.begin_talk(offer, event.since, now)


HANDLERS: Handlers = {
    ev.OfferRinging: _ringing,
    ev.OfferAnswered: _answered,
    ev.OfferFailed: _failed,
    ev.TalkEnded: _talk_ended,
    ev.TalkFound: _talk_found,
}
