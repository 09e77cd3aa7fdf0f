"""Callers who are not there: they stand in the one ordered line, and are called when it is their
turn (R26, R34).

    CallBackPromised ─► waits at its place ─► CallBack: agent rung ─► CallBackCalling: citizen rung
                            ▲                        │                        │
                            └──────── CallBackLater ─┴────────────────────────┴─► CallBackAnswered

The place is the caller's own (queues.py) and never changes, through attempts, restarts and a
return of the citizen on another channel. While an emergency waits for an agent, or a line is in a
storm, nobody of 156 is called out (R33, R37): they are held back, and keep the place.
"""

from __future__ import annotations

from dataclasses import dataclass

from acd import history
from acd import promise_events as ev
from acd.effects import CallBackExpired, HoldOut
from acd.moves import Handlers, Moves
from acd.offers import Offer, OfferState
from acd.queues import Caller, Where
from terms.names import CallId, Instant
from terms.outcome import OfferOutcome


@dataclass(slots=True)
class Absence:
    """What is known of an absent caller beside the place."""

    expires: Instant
    not_before: Instant = 0.0
    held: bool = False


def _promised(floor: Moves, event: ev.CallBackPromised, now: Instant) -> None:
    caller = floor.callers.get(event.call)
    if caller is not None and caller.where is Where.TALKING:
        return  # an agent came first
    offer = floor.offers.get(caller.offer) if caller and caller.offer else None
    if offer is not None:
        floor.end_offer(offer, OfferOutcome.LOST, now)
        caller = floor.callers.get(event.call)
    if caller is None:
        rule = floor.queues.rule_for(event.queue, event.line)
        floor.arrivals += 1
        caller = Caller(event.call, rule, event.priority, event.joined, floor.arrivals)
        floor.callers[event.call] = caller
        floor.line(caller).tally.joined += 1
        floor.line(caller).load.arrived(now)
    floor.step_aside(caller)
    caller.absent = True
    caller.preferred = event.preferred or caller.preferred
    caller.needs = event.needs
    floor.absent[caller.call] = Absence(event.expires)
    floor.deadlines.add(
        event.expires,
        lambda at: _waits_still(floor, caller) and floor.absent[caller.call].expires == at,
        lambda now: _expire(floor, caller, now),
    )
    _wait_from(floor, caller, event.not_before, now)


def _waits_still(floor: Moves, caller: Caller) -> bool:
    known = caller.absent and floor.callers.get(caller.call) is caller
    return known and caller.where in (Where.WAITING, Where.AWAY)


def _expire(floor: Moves, caller: Caller, now: Instant) -> None:
    _leave(floor, caller, now)
    floor.out.append(CallBackExpired(caller.call))


def _leave(floor: Moves, caller: Caller, now: Instant) -> None:
    floor.step_aside(caller)
    if caller.counted:
        floor.line(caller).tally.abandoned += 1
        floor.estimator.gave_up(caller, now)
    floor.absent.pop(caller.call, None)
    floor.forget(caller)


def _wait_from(floor: Moves, caller: Caller, since: Instant, now: Instant) -> None:
    """Into the line, at once or from then on."""
    absence = floor.absent[caller.call]
    absence.not_before = since
    if since <= now:
        _stand(floor, caller, now)
        return
    floor.deadlines.add(
        since,
        lambda at: (
            _waits_still(floor, caller)
            and caller.where is Where.AWAY
            and floor.absent[caller.call].not_before == at
        ),
        lambda now: _stand(floor, caller, now),
    )


def _stand(floor: Moves, caller: Caller, now: Instant) -> None:
    """Into the line; or held back from it, while that holds."""
    if floor.out_held and not caller.rule.emergency:
        floor.absent[caller.call].held = True
    else:
        floor.wait(caller, now)


def _calling(floor: Moves, event: ev.CallBackCalling, now: Instant) -> None:
    offer = floor.offers.get(event.offer)
    if offer is not None and offer.may_become(OfferState.CALLING):
        offer.state = OfferState.CALLING
        if not offer.dialled:  # who waits for us is not left in the air while their phone rings
            floor.lesser.pop(offer.offer, None)


def is_there(floor: Moves, caller: Caller) -> None:
    """A step of the caller's own channel has come: not absent (any more)."""
    if caller.absent:
        floor.absent.pop(caller.call, None)
        caller.absent = False


def citizen_answered(floor: Moves, event: ev.CallBackAnswered, now: Instant) -> None:
    """Whoever was called is there: on another channel than before, or on the first they have."""
    offer = floor.offers.get(event.offer)
    if offer is None:
        return
    caller = floor.callers[offer.call]
    if caller.absent and event.call in floor.callers:
        _known_already(floor, caller, offer, now)
        return
    if caller.absent:
        _is_now(floor, caller, event.call)
    if offer.may_become(OfferState.ANSWERED):
        floor.out.append(history.offer_ended(offer, OfferOutcome.ANSWERED, now))
        floor.begin_talk(offer, now, now)


def _known_already(floor: Moves, caller: Caller, offer: Offer, now: Instant) -> None:
    """The new channel has come to the floor by itself: what it is in now is newer than this."""
    floor.end_offer(offer, OfferOutcome.LOST, now)
    if not caller.dialled:
        floor.line(caller).tally.overflowed += caller.counted
        floor.absent.pop(caller.call, None)
        floor.forget(caller)


def _is_now(floor: Moves, caller: Caller, call: CallId) -> None:
    """The caller is there again, on another channel; whatever names the call names it anew."""
    old = caller.call
    floor.absent.pop(old, None)
    del floor.callers[old]
    floor.callers[call] = caller
    floor.estimator.is_now(old, call)
    caller.call, caller.absent = call, False
    if (claim := floor.claims.pop(old, None)) is not None:
        floor.claims[call] = claim
    if old in floor.emergencies:
        floor.emergencies.discard(old)
        floor.emergencies.add(call)
    offer = floor.offers.get(caller.offer) if caller.offer else None
    if offer is not None:
        offer.call = call
        floor.agents[offer.agent].call = call


def _later(floor: Moves, event: ev.CallBackLater, now: Instant) -> None:
    caller = floor.callers.get(event.call)
    if caller is None or not _waits_still(floor, caller):
        return
    floor.step_aside(caller)
    if now >= floor.absent[caller.call].expires:
        _expire(floor, caller, now)
    else:
        _wait_from(floor, caller, event.until, now)


def _returned(floor: Moves, event: ev.CallReturned, now: Instant) -> None:
    caller = floor.callers.get(event.of)
    there = event.call in floor.callers
    if caller is None or caller.dialled or not caller.absent or there:
        return
    floor.step_aside(caller)
    _is_now(floor, caller, event.call)
    offer = floor.offers.get(caller.offer) if caller.offer else None
    if offer is not None:
        floor.withdraw(offer, "o cidadão ligou de novo")


def _over(floor: Moves, event: ev.CallBackOver, now: Instant) -> None:
    caller = floor.callers.get(event.call)
    if caller is not None and _waits_still(floor, caller):
        _leave(floor, caller, now)


# --- nobody is called out while an emergency waits (R33), or in a storm (R37) ---
def hold_back(floor: Moves, now: Instant) -> bool:
    """Hold absent callers of 156 out of the line, or let them in again; whether any was let in."""
    held = must_hold(floor)
    if held == floor.out_held:
        return False  # whoever has come since then was held back, or let in, at that moment
    floor.out_held = held
    floor.out.append(HoldOut(held))
    let_in = False
    for call, absence in floor.absent.items():
        caller = floor.callers[call]
        if held and caller.where is Where.WAITING and not caller.rule.emergency:
            floor.step_aside(caller)
            absence.held = True
        elif absence.held and not held:
            absence.held = False
            if caller.where is Where.AWAY and absence.not_before <= now:
                floor.wait(caller, now)
                let_in = True
    return let_in


def must_hold(floor: Moves) -> bool:
    """Whether nobody of 156 may be called out now."""
    return bool(floor.storms) or _an_emergency_waits(floor)


def _an_emergency_waits(floor: Moves) -> bool:
    """Whether somebody of 199 or 153 is on the line and has no agent."""
    return any(
        not caller.absent
        for line in floor.lines.values()
        if line.rule.emergency
        for row in line.rows()
        for caller in row.callers
    )


HANDLERS: Handlers = {
    ev.CallBackPromised: _promised,
    ev.CallBackCalling: _calling,
    ev.CallBackAnswered: citizen_answered,
    ev.CallBackLater: _later,
    ev.CallReturned: _returned,
    ev.CallBackOver: _over,
}
