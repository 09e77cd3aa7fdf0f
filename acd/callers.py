"""What becomes of callers: they join, step aside, come back, leave; and the queues change."""

from __future__ import annotations

from acd import events as ev
from acd.absent import is_there
from acd.moves import Handlers, Moves
from acd.offers import OfferState
from acd.queues import Caller, Where
from acd.reserve import emergency_skills
from acd.rows import QueueLine
from terms.names import Instant
from terms.outcome import OfferOutcome


def _call_joined(floor: Moves, event: ev.CallJoined, now: Instant) -> None:
    rule = floor.queues.rule_for(event.queue, event.line)
    caller = floor.callers.get(event.call)
    if caller is not None:
        is_there(floor, caller)
        _leave_what_it_was_in(floor, caller, now)
        caller = floor.callers.get(event.call)  # a talk that ended took it off the floor
    if caller is None:
        floor.arrivals += 1
        caller = Caller(event.call, rule, event.priority, event.joined, floor.arrivals)
        caller.called = event.called
        floor.callers[event.call] = caller
        if caller.counted:
            floor.line(caller).tally.joined += 1
            floor.line(caller).load.arrived(now)
    elif caller.rule.name != rule.name:
        if caller.counted:
            floor.line(caller).tally.overflowed += 1
            floor.lines[rule.name].tally.joined += 1
            floor.lines[rule.name].load.arrived(now)
        caller.rule = rule
    caller.priority = event.priority
    caller.needs = event.needs
    caller.preferred = event.preferred or caller.preferred
    caller.joined = min(caller.joined, event.joined)
    caller.waits_from = event.waits_from
    floor.wait(caller, now)


def _leave_what_it_was_in(floor: Moves, caller: Caller, now: Instant) -> None:
    """A new step of a known call: what the older one was in is over."""
    floor.step_aside(caller)
    offer = floor.offers.get(caller.offer) if caller.offer else None
    if offer is not None and offer.state is OfferState.ANSWERED:
        floor.end_talk(offer, now)
    elif offer is not None:
        floor.end_offer(offer, OfferOutcome.LOST, now)


def _call_away(floor: Moves, event: ev.CallAway, now: Instant) -> None:
    caller = floor.callers.get(event.call)
    if caller is not None and not caller.absent:
        floor.step_aside(caller)


def _call_here(floor: Moves, event: ev.CallHere, now: Instant) -> None:
    caller = floor.callers.get(event.call)
    if caller is not None and caller.where is Where.AWAY:
        floor.wait(caller, now)


def _call_left(floor: Moves, event: ev.CallLeft, now: Instant) -> None:
    caller = floor.callers.get(event.call)
    if caller is None or caller.absent:  # who is called back has left already
        return
    offer = floor.offers.get(caller.offer) if caller.offer else None
    if offer is not None and offer.state is OfferState.ANSWERED:
        floor.end_talk(offer, now)
        return
    if offer is not None:
        floor.end_offer(offer, OfferOutcome.CALLER_LEFT, now)
    if caller.dialled:  # stood in no line
        return
    sent_on = caller.where is Where.AWAY and caller.rule.name in caller.sent_from
    if caller.counted and sent_on:
        floor.line(caller).tally.overflowed += 1  # the queue's own rule sent it on
    elif caller.counted:
        floor.line(caller).tally.abandoned += 1
    floor.step_aside(caller)
    if caller.counted:
        floor.estimator.gave_up(caller, now)
    floor.forget(caller)


def _configured(floor: Moves, event: ev.ConfigurationChanged, now: Instant) -> None:
    there = {caller.rule.name: caller.rule for caller in floor.callers.values()}
    floor.queues = event.queues.still_serving(there.values())
    rules = {rule.name: rule for rule in floor.queues.rules}
    floor.lines = {
        name: floor.lines.get(name, QueueLine(rule, floor.standing)) for name, rule in rules.items()
    }
    for name, line in floor.lines.items():
        line.follow(rules[name], rules[name].line in floor.storms)
    for caller in floor.callers.values():
        caller.rule = rules[caller.rule.name]
        floor.count(caller)
    floor.idle.serve_emergencies(emergency_skills(rules.values()))


def _storm_set(floor: Moves, event: ev.StormSet, now: Instant) -> None:
    (floor.storms.add if event.on else floor.storms.discard)(event.line)
    for line in floor.lines.values():
        line.follow(line.rule, line.rule.line in floor.storms)


HANDLERS: Handlers = {
    ev.CallJoined: _call_joined,
    ev.CallAway: _call_away,
    ev.CallHere: _call_here,
    ev.CallLeft: _call_left,
    ev.ConfigurationChanged: _configured,
    ev.StormSet: _storm_set,
}
