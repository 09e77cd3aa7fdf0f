"""The moves that callers, agents and offers can make, and the matching that follows every event.

Each move changes all that belongs together (the caller, the agent, the offer, the pools, the
facts), so that no event can leave the floor half changed. `floor.py` says which event makes which
move.
"""

from __future__ import annotations

from acd import history
from acd.agents import Agent, State, Status
from acd.deadlines import Deadlines
from acd.effects import Effect, MakeOffer, WithdrawOffer
from acd.offers import Offer, OfferState
from acd.queues import Caller, QueueLine, QueueTable, Where
from acd.router import Choice, IdlePools, choose, offer_to_withdraw
from terms.facts import Fact
from terms.limits import OFFER_LEASE, PHONE_SETTLES, REST_AFTER_GATE
from terms.names import AgentName, CallId, Instant, OfferId, QueueName
from terms.outcome import OfferOutcome
from terms.signals import Phone

Result = Fact | Effect


class Moves:
    """The floor's state. Every caller, agent and offer is in exactly one place in it."""

    def __init__(self, queues: QueueTable, epoch: int) -> None:
        self.queues = queues
        self.epoch = epoch
        self.callers: dict[CallId, Caller] = {}
        self.agents: dict[AgentName, Agent] = {}
        self.offers: dict[OfferId, Offer] = {}
        self.lines: dict[QueueName, QueueLine] = {r.name: QueueLine(r) for r in queues.rules}
        self._idle = IdlePools()
        self._deadlines = Deadlines()
        self._claims: dict[CallId, Offer] = {}  # emergencies, and what was withdrawn for them
        self._made = 0
        self._out: list[Result] = []

    # --- callers ---
    def _wait(self, caller: Caller, now: Instant) -> None:
        caller.where, caller.offer = Where.WAITING, None
        self._line(caller).add(caller)
        self._widen_later(caller, now)

    def _widen_later(self, caller: Caller, now: Instant) -> None:
        """Look again when the next ring of agents is called for this caller."""
        opens = (caller.joined + ring.after for ring in caller.rule.rings)
        at = min((instant for instant in opens if instant > now), default=None)
        if at is not None:
            self._deadlines.add(
                at,
                lambda _: self.callers.get(caller.call) is caller,
                lambda now: self._widen_later(caller, now),
            )

    def _step_aside(self, caller: Caller) -> None:
        """Out of the line, if in it; the place is kept."""
        if caller.where is Where.WAITING:
            self._line(caller).remove(caller)
            caller.where = Where.AWAY

    def _forget(self, caller: Caller) -> None:
        self.callers.pop(caller.call, None)
        self._claims.pop(caller.call, None)

    def _line(self, caller: Caller) -> QueueLine:
        return self.lines[caller.rule.name]

    # --- agents ---
    def _agent(self, name: AgentName) -> Agent:
        return self.agents.setdefault(name, Agent(name))

    def _set_status(self, agent: Agent, status: Status, reason: str, now: Instant) -> None:
        agent.status, agent.reason = status, reason
        if status is Status.AVAILABLE:
            agent.idle_since = now
        self._idle.refresh(agent, now)
        self._out.append(history.agent_status(agent, now))

    def _set_state(self, agent: Agent, state: State, now: Instant) -> None:
        agent.state, agent.since = state, now
        if state in (State.IDLE, State.WRAP_UP):
            agent.offer = agent.call = None
        self._idle.refresh(agent, now)
        self._out.append(history.agent_state(agent, now))

    def _rest(self, agent: Agent, now: Instant) -> None:
        """Leave an agent alone for a moment, so that what failed is not tried in a tight circle."""
        agent.rest_until = now + REST_AFTER_GATE
        self._deadlines.add(
            agent.rest_until,
            lambda at: agent.rest_until == at,
            lambda now: self._idle.refresh(agent, now),
        )

    def _wrap_up(self, agent: Agent, seconds: float, now: Instant) -> None:
        agent.idle_since = now
        if seconds <= 0 or agent.status is Status.LOGGED_OUT:
            self._set_state(agent, State.IDLE, now)
            return
        agent.wrap_up_until = now + seconds
        self._set_state(agent, State.WRAP_UP, now)
        self._deadlines.add(
            agent.wrap_up_until,
            lambda at: agent.state is State.WRAP_UP and agent.wrap_up_until == at,
            lambda now: self._wrap_up_over(agent, now),
        )

    def _wrap_up_over(self, agent: Agent, now: Instant) -> None:
        agent.idle_since = now
        self._set_state(agent, State.IDLE, now)

    # --- offers and talks ---
    def _make(self, choice: Choice, now: Instant) -> None:
        caller, agent, rule = choice.caller, self.agents[choice.agent], choice.caller.rule
        self._made += 1
        offer = Offer(
            offer=OfferId(f"{self.epoch}-{self._made}"),
            call=caller.call,
            agent=agent.name,
            queue=rule.name,
            made=now,
            lease_until=now + rule.ring_seconds + OFFER_LEASE,
            wrap_up_seconds=rule.wrap_up_seconds,
            emergency=rule.emergency,
        )
        self._step_aside(caller)
        self.offers[offer.offer] = offer
        caller.where, caller.offer = Where.OFFERED, offer.offer
        self._claims.pop(caller.call, None)
        agent.offer, agent.call = offer.offer, caller.call
        self._out.append(history.offer_made(offer, choice.because, rule.ring_seconds))
        self._set_state(agent, State.OFFERED, now)
        self._out.append(
            MakeOffer(offer.offer, caller.call, agent.name, rule.ring_seconds, choice.because)
        )
        self._deadlines.add(
            offer.lease_until,
            lambda at: self._is_unheard_of(offer),
            lambda now: self._lose(offer, now),
        )

    def _is_unheard_of(self, offer: Offer) -> bool:
        return self.offers.get(offer.offer) is offer and offer.state is not OfferState.ANSWERED

    def _lose(self, offer: Offer, now: Instant) -> None:
        """Nobody said what became of it; the caller can be offered when a step says so."""
        self._rest(self.agents[offer.agent], now)
        self._end_offer(offer, OfferOutcome.LOST, now)

    def _withdraw(self, offer: Offer, because: str) -> None:
        if offer.may_become(OfferState.WITHDRAWING):
            offer.state, offer.withdrawn_because = OfferState.WITHDRAWING, because
            self._out.append(WithdrawOffer(offer.offer, offer.call, offer.agent, because))

    def _end_offer(self, offer: Offer, outcome: OfferOutcome, now: Instant) -> None:
        """An offer without a talk is over; the caller keeps the place, the agent is free."""
        caller = self.callers[offer.call]
        del self.offers[offer.offer]
        offer.over = now
        caller.where, caller.offer = Where.AWAY, None
        self._out.append(history.offer_ended(offer, outcome, now))
        self._set_state(self.agents[offer.agent], State.IDLE, now)

    def _begin_talk(self, offer: Offer, since: Instant, now: Instant) -> None:
        """Caller and agent are joined."""
        caller, agent = self.callers[offer.call], self.agents[offer.agent]
        offer.state, offer.answered = OfferState.ANSWERED, since
        caller.where, caller.offer = Where.TALKING, offer.offer
        agent.offer, agent.call = offer.offer, caller.call
        self._claims.pop(caller.call, None)
        self._line(caller).tally.answered += 1
        self._out.append(history.answered(offer, since - caller.joined))
        self._set_state(agent, State.TALKING, now)

    def _end_talk(self, offer: Offer, now: Instant) -> None:
        """A talk is over; the caller has been served, the agent may need a moment."""
        del self.offers[offer.offer]
        self._forget(self.callers[offer.call])
        self._out.append(history.talk_ended(offer, now))
        self._wrap_up(self.agents[offer.agent], offer.wrap_up_seconds, now)

    # --- matching ---
    def _settle(self, now: Instant) -> list[Result]:
        """Make every offer that can be made, then take back lesser ones for emergencies."""
        while (choice := choose(self.lines.values(), self._idle, now)) is not None:
            self._make(choice, now)
        for line in self.lines.values():
            if line.rule.emergency and len(line):
                self._make_room_for(line, now)
        out, self._out = self._out, []
        return out

    def _make_room_for(self, line: QueueLine, now: Instant) -> None:
        for caller in line.callers():
            if self._is_made_room_for(caller, now):
                continue
            offer = offer_to_withdraw(caller, self.offers.values(), self.agents, now)
            if offer is None:
                return
            self._claims[caller.call] = offer
            self._withdraw(offer, f"emergência na fila {line.rule.name}")

    def _is_made_room_for(self, caller: Caller, now: Instant) -> bool:
        """An offer is being taken back for this caller, or was and its phone still rings."""
        claim = self._claims.get(caller.call)
        if claim is None or claim.offer in self.offers:
            return claim is not None
        agent = self.agents[claim.agent]
        settles = agent.status is Status.AVAILABLE and agent.state is State.IDLE
        settles = settles and agent.phone in (Phone.RINGING, Phone.BUSY)
        settles = settles and now < claim.over + PHONE_SETTLES
        if settles:
            self._deadlines.add(
                claim.over + PHONE_SETTLES,
                lambda at: self._claims.get(caller.call) is claim,
                lambda now: None,  # to look again is all
            )
        return settles
