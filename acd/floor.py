"""The floor: all callers, agents and offers at one moment, and what follows from what happens.

    handle(event, now) → facts and effects        wake(now) → the same, for what has become due

    CallJoined ─► match ─► MakeOffer ─► OfferAnswered ─► TalkEnded ─► wrap-up ─► idle ─► match
                    ▲          └─► OfferFailed: the caller keeps the head, the agent is judged
                    └──────────────────┘

After every event the two rules hold: nobody waits beside an idle agent who fits, and no agent has
two offers. An event about what is unknown or over changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from acd import events as ev
from acd import history
from acd.agents import NO_ANSWER, State, Status
from acd.moves import Moves, Result
from acd.offers import Offer, OfferState
from acd.queues import Caller, QueueLine, QueueTable, Where
from acd.view import FloorView, picture
from terms.limits import WRAP_UP_SECONDS
from terms.names import Instant, OfferId
from terms.outcome import OfferOutcome
from terms.signals import Phone


class Floor(Moves):
    """See the top of this file. `epoch` makes this floor's offers unlike any other's."""

    def __init__(self, queues: QueueTable, epoch: int) -> None:
        super().__init__(queues, epoch)
        self._arrivals = 0

    def handle(self, event: ev.Event, now: Instant) -> list[Result]:
        """What follows from this event. Never raises for an event that comes late or twice."""
        _HANDLERS[type(event)](self, event, now)
        return self._settle(now)

    def wake(self, now: Instant) -> list[Result]:
        """What follows from the time that has passed."""
        self._deadlines.run(now)
        return self._settle(now)

    def next_deadline(self) -> Instant | None:
        """When to `wake` it, if nothing happens before."""
        return self._deadlines.next()

    def knows(self, offer: OfferId) -> bool:
        """Whether this offer is open on this floor."""
        return offer in self.offers

    def view(self, now: Instant) -> FloorView:
        """A picture of everything."""
        return picture(self.lines.values(), self.callers.values(), self.agents.values(), now)

    # --- callers ---
    def _call_joined(self, event: ev.CallJoined, now: Instant) -> None:
        rule = self.queues.rule_for(event.queue, event.line)
        caller = self.callers.get(event.call)
        if caller is not None:
            self._leave_what_it_was_in(caller, now)
            caller = self.callers.get(event.call)  # a talk that ended took it off the floor
        if caller is None:
            self._arrivals += 1
            caller = Caller(event.call, rule, event.priority, event.joined, self._arrivals)
            self.callers[event.call] = caller
            self._line(caller).tally.joined += 1
        elif caller.rule.name != rule.name:
            self._line(caller).tally.overflowed += 1
            self.lines[rule.name].tally.joined += 1
            caller.rule = rule
        caller.priority = event.priority
        caller.joined = min(caller.joined, event.joined)
        self._wait(caller, now)

    def _leave_what_it_was_in(self, caller: Caller, now: Instant) -> None:
        """A new step of a known call: what the older one was in is over."""
        self._step_aside(caller)
        offer = self.offers.get(caller.offer) if caller.offer else None
        if offer is not None and offer.state is OfferState.ANSWERED:
            self._end_talk(offer, now)
        elif offer is not None:
            self._end_offer(offer, OfferOutcome.LOST, now)

    def _call_away(self, event: ev.CallAway, now: Instant) -> None:
        if (caller := self.callers.get(event.call)) is not None:
            self._step_aside(caller)

    def _call_here(self, event: ev.CallHere, now: Instant) -> None:
        caller = self.callers.get(event.call)
        if caller is not None and caller.where is Where.AWAY:
            self._wait(caller, now)

    def _call_left(self, event: ev.CallLeft, now: Instant) -> None:
        caller = self.callers.get(event.call)
        if caller is None:
            return
        offer = self.offers.get(caller.offer) if caller.offer else None
        if offer is not None and offer.state is OfferState.ANSWERED:
            self._end_talk(offer, now)
            return
        if offer is not None:
            self._end_offer(offer, OfferOutcome.CALLER_LEFT, now)
        self._step_aside(caller)
        self._line(caller).tally.abandoned += 1
        self._forget(caller)

    # --- agents ---
    def _logged_in(self, event: ev.AgentLoggedIn, now: Instant) -> None:
        agent = self._agent(event.agent)
        self._idle.remove(agent)
        agent.skills = dict(event.skills)
        self._idle.refresh(agent, now)
        if agent.status is not Status.AVAILABLE:
            self._set_status(agent, Status.AVAILABLE, "", now)

    def _logged_out(self, event: ev.AgentLoggedOut, now: Instant) -> None:
        agent = self.agents.get(event.agent)
        if agent is not None and agent.status is not Status.LOGGED_OUT:
            self._set_status(agent, Status.LOGGED_OUT, "", now)
            if agent.offer in self.offers:
                self._withdraw(self.offers[agent.offer], "o agente saiu")

    def _paused(self, event: ev.AgentPaused, now: Instant) -> None:
        agent = self.agents.get(event.agent)
        if agent is not None and agent.status is not Status.LOGGED_OUT:
            self._set_status(agent, Status.PAUSED, event.reason, now)
            if agent.offer in self.offers:
                self._withdraw(self.offers[agent.offer], "o agente entrou em pausa")

    def _resumed(self, event: ev.AgentResumed, now: Instant) -> None:
        agent = self.agents.get(event.agent)
        if agent is not None and agent.status is Status.PAUSED:
            self._set_status(agent, Status.AVAILABLE, "", now)

    def _phone(self, event: ev.AgentPhone, now: Instant) -> None:
        agent = self._agent(event.agent)
        agent.phone = event.phone
        self._idle.refresh(agent, now)

    def _wrap_up_done(self, event: ev.WrapUpDone, now: Instant) -> None:
        agent = self.agents.get(event.agent)
        if agent is not None and agent.state is State.WRAP_UP:
            self._wrap_up_over(agent, now)

    # --- offers and talks ---
    def _ringing(self, event: ev.OfferRinging, now: Instant) -> None:
        offer = self.offers.get(event.offer)
        if offer is not None and offer.may_become(OfferState.RINGING):
            offer.state = OfferState.RINGING

    def _answered(self, event: ev.OfferAnswered, now: Instant) -> None:
        offer = self.offers.get(event.offer)
        if offer is not None and offer.may_become(OfferState.ANSWERED):
            self._out.append(history.offer_ended(offer, OfferOutcome.ANSWERED, now))
            self._begin_talk(offer, now, now)

    def _failed(self, event: ev.OfferFailed, now: Instant) -> None:
        offer = self.offers.get(event.offer)
        if offer is None or offer.state is OfferState.ANSWERED:
            return
        agent, outcome = self.agents[offer.agent], event.outcome
        if offer.state is OfferState.WITHDRAWING:
            outcome = OfferOutcome.WITHDRAWN
        self._end_offer(offer, outcome, now)
        match outcome:
            case OfferOutcome.RING_NO_ANSWER | OfferOutcome.REFUSED:
                if agent.status is Status.AVAILABLE:
                    self._set_status(agent, Status.PAUSED, NO_ANSWER, now)
            case OfferOutcome.UNREACHABLE:
                self._phone(ev.AgentPhone(agent.name, Phone.GONE), now)
            case OfferOutcome.GATE_CLOSED | OfferOutcome.LOST if event.dialled:
                self._rest(agent, now)
                self._idle.refresh(agent, now)
            case _:
                pass

    def _talk_ended(self, event: ev.TalkEnded, now: Instant) -> None:
        offer = self.offers.get(event.offer)
        if offer is not None and offer.state is OfferState.ANSWERED:
            self._end_talk(offer, now)

    def _talk_found(self, event: ev.TalkFound, now: Instant) -> None:
        if self.knows(event.offer):
            self._answered(ev.OfferAnswered(event.offer), now)
            return
        agent, caller = self._agent(event.agent), self.callers.get(event.call)
        if agent.offer is not None or (caller is not None and caller.offer is not None):
            return  # what is known here is newer than what was found
        if caller is None:
            rule = self.queues.rule_for(event.queue, event.line)
            caller = Caller(event.call, rule, 0, event.joined or event.since, 0)
            self.callers[event.call] = caller
            self._line(caller).tally.joined += 1
        self._step_aside(caller)
        offer = Offer(
            offer=event.offer,
            call=event.call,
            agent=event.agent,
            queue=caller.rule.name,
            made=event.since,
            lease_until=now,
            wrap_up_seconds=WRAP_UP_SECONDS,
            emergency=caller.rule.emergency,
        )
        self.offers[offer.offer] = offer
        self._begin_talk(offer, event.since, now)

    def _configured(self, event: ev.ConfigurationChanged, now: Instant) -> None:
        there = {caller.rule.name: caller.rule for caller in self.callers.values()}
        self.queues = event.queues.still_serving(there.values())
        rules = {rule.name: rule for rule in self.queues.rules}
        self.lines = {name: self.lines.get(name, QueueLine(rule)) for name, rule in rules.items()}
        for name, line in self.lines.items():
            line.rule = rules[name]
        for caller in self.callers.values():
            caller.rule = rules[caller.rule.name]
            self._widen_later(caller, now)


_HANDLERS: dict[type, Callable[[Floor, Any, Instant], None]] = {
    ev.CallJoined: Floor._call_joined,
    ev.CallAway: Floor._call_away,
    ev.CallHere: Floor._call_here,
    ev.CallLeft: Floor._call_left,
    ev.AgentLoggedIn: Floor._logged_in,
    ev.AgentLoggedOut: Floor._logged_out,
    ev.AgentPaused: Floor._paused,
    ev.AgentResumed: Floor._resumed,
    ev.AgentPhone: Floor._phone,
    ev.OfferRinging: Floor._ringing,
    ev.OfferAnswered: Floor._answered,
    ev.OfferFailed: Floor._failed,
    ev.TalkEnded: Floor._talk_ended,
    ev.WrapUpDone: Floor._wrap_up_done,
    ev.TalkFound: Floor._talk_found,
    ev.ConfigurationChanged: Floor._configured,
}
