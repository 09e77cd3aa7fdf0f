"""The floor's state, and the moves that callers, agents and offers can make in it.

Each move changes all that belongs together (the caller, the agent, the offer, the pools, the
facts), so that no event can leave the floor half changed. `floor.py` says which event makes which
move.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from acd import history, rests
from acd.agents import Agent, State, Status
from acd.choice import Demand
from acd.deadlines import Deadlines
from acd.effects import CallBack, DialTakenBack, Effect, MakeOffer, WithdrawOffer
from acd.estimate import Estimator
from acd.offers import Offer, OfferState
from acd.pauses import UNWATCHED
from acd.pools import IdlePools, keeps_idle_time
from acd.queues import Caller, QueueTable, Where
from acd.reserve import emergency_skills
from acd.router import Choice
from acd.rows import QueueLine, Standing
from terms.facts import Fact
from terms.limits import OFFER_LEASE, OUT_LEASE, OUT_RING_SECONDS, REST_AFTER_GATE
from terms.names import AgentName, CallId, Instant, OfferId, QueueName, Seconds
from terms.outcome import OfferOutcome
from terms.signals import Phone

if TYPE_CHECKING:
    from acd.absent import Absence
    from acd.consults import Consult

Result = Fact | Effect
Handlers = dict[type, Callable[..., None]]
"""What each kind of event does: (floor, event, now)."""


class Moves:
    """The floor's state. Every caller, agent and offer is in exactly one place in it."""

    def __init__(self, queues: QueueTable, epoch: int) -> None:
        self.queues = queues
        self.epoch = epoch
        self.callers: dict[CallId, Caller] = {}
        self.agents: dict[AgentName, Agent] = {}
        self.offers: dict[OfferId, Offer] = {}
        self.standing = Standing()
        self.lines: dict[QueueName, QueueLine] = {
            rule.name: QueueLine(rule, self.standing) for rule in queues.rules
        }
        self.idle = IdlePools(emergency_skills(queues.rules))
        self.deadlines = Deadlines()
        self.claims: dict[CallId, Offer] = {}  # emergencies, and what was withdrawn for them
        self.lesser: dict[OfferId, Offer] = {}  # ringing for 156: what an emergency may take
        self.emergencies: set[CallId] = set()  # waiting, offered or talking
        self.demand = Demand()
        self.spare = 0  # idle agents with emergency skills beyond those kept back
        self.storms: set[str] = set()  # lines in storm mode (R37)
        self.arrivals = 0
        self.estimator = Estimator()
        self.work = UNWATCHED  # who runs people's working hours sets the city's own rules
        self.consults: dict[OfferId, Consult] = {}  # agents asked about others' talks
        self.consults_made = 0
        self.directed: dict[CallId, tuple[AgentName, str, Instant]] = {}  # sent to one agent
        self.absent: dict[CallId, Absence] = {}  # called back when it is their turn
        self.out_held = False  # nobody of 156 is called out now (absent.hold_back)
        self._made = 0
        self.out: list[Result] = []

    # --- callers ---
    def wait(self, caller: Caller, now: Instant) -> None:
        """The caller stands in the line, at the place that is theirs, and can be offered."""
        caller.where, caller.offer = Where.WAITING, None
        self.line(caller).add(caller)
        self.count(caller)

    def count(self, caller: Caller) -> None:
        """Whether the caller is one of the emergencies on the floor."""
        among, urgent = self.emergencies, caller.rule.emergency and not caller.dialled
        (among.add if urgent else among.discard)(caller.call)

    def step_aside(self, caller: Caller) -> None:
        """Out of the line, if in it; the place is kept."""
        if caller.where is Where.WAITING:
            self.line(caller).remove(caller)
            caller.where = Where.AWAY

    def forget(self, caller: Caller) -> None:
        """The caller is off the floor."""
        self.callers.pop(caller.call, None)
        self.claims.pop(caller.call, None)
        self.emergencies.discard(caller.call)

    def line(self, caller: Caller) -> QueueLine:
        """The line that the caller stands in."""
        return self.lines[caller.rule.name]

    # --- agents ---
    def agent(self, name: AgentName) -> Agent:
        """The agent of this name, known from now on."""
        return self.agents.setdefault(name, Agent(name))

    def set_status(self, agent: Agent, status: Status, reason: str, now: Instant) -> None:
        """What the agent chose, or was put into."""
        if status is Status.AVAILABLE and not keeps_idle_time(agent, now):
            agent.idle_since = now
        agent.status, agent.reason = status, reason
        self.idle.refresh(agent, now)
        self.out.append(history.agent_status(agent, now))
        rests.status_is(self, agent, now)

    def set_state(self, agent: Agent, state: State, now: Instant) -> None:
        """What is happening with the agent."""
        agent.state, agent.since = state, now
        if state in (State.IDLE, State.WRAP_UP):
            agent.offer = agent.call = None
        self.idle.refresh(agent, now)
        self.out.append(history.agent_state(agent, now))
        rests.state_is(self, agent, now)

    def phone_is(self, agent: Agent, phone: Phone, now: Instant) -> None:
        """What the agent's phone does, whoever caused it."""
        agent.phone = phone
        self.idle.refresh(agent, now)

    def rest(self, agent: Agent, now: Instant) -> None:
        """Leave an agent alone for a moment, so that what failed is not tried in a tight circle."""
        agent.rest_until = now + REST_AFTER_GATE
        self.deadlines.add(
            agent.rest_until,
            lambda at: agent.rest_until == at,
            lambda now: self.idle.refresh(agent, now),
        )

    def wrap_up(self, agent: Agent, seconds: float, now: Instant) -> None:
        """A talk is over: the agent has so many seconds for what follows it."""
        agent.idle_since = now
        agent.wrap_up_more = 0.0
        if seconds <= 0 or agent.status is not Status.AVAILABLE:  # gone, or a pause is due
            self.set_state(agent, State.IDLE, now)
            return
        agent.wrap_up_until = now + seconds
        self.set_state(agent, State.WRAP_UP, now)
        self.wrap_up_ends(agent)

    def wrap_up_ends(self, agent: Agent) -> None:
        """When its time is up, if it is not done or extended before."""
        self.deadlines.add(
            agent.wrap_up_until,
            lambda at: agent.state is State.WRAP_UP and agent.wrap_up_until == at,
            lambda now: self.wrap_up_over(agent, now),
        )

    def wrap_up_over(self, agent: Agent, now: Instant) -> None:
        """The agent is done with what follows a talk."""
        agent.idle_since = now
        self.set_state(agent, State.IDLE, now)

    # --- offers and talks ---
    def make_offer(self, choice: Choice, now: Instant) -> None:
        """Book the agent for the caller, and order the ringing."""
        caller, ring_seconds = choice.caller, choice.caller.rule.ring_seconds
        offer = self.book(choice, ring_seconds, now)
        order = CallBack if caller.absent else MakeOffer
        if caller.absent:  # two phones are rung, one after the other
            offer.lease_until += OUT_RING_SECONDS + OUT_LEASE
        self.out.append(order(offer.offer, caller.call, offer.agent, ring_seconds, choice.because))
        self.lease_ends(offer)

    def book(self, choice: Choice, ring_seconds: Seconds, now: Instant) -> Offer:
        """The agent is the caller's, and nobody else's."""
        caller, agent, rule = choice.caller, self.agents[choice.agent], choice.caller.rule
        self._made += 1
        offer = Offer(
            offer=OfferId(f"{self.epoch}-{self._made}"),
            call=caller.call,
            agent=agent.name,
            queue=rule.name,
            made=now,
            lease_until=now + ring_seconds + OFFER_LEASE,
            wrap_up_seconds=rule.wrap_up_seconds,
            emergency=rule.emergency and not caller.dialled,
            dialled=caller.dialled,
        )
        self.step_aside(caller)
        self.offers[offer.offer] = offer
        caller.where, caller.offer = Where.OFFERED, offer.offer
        self.claims.pop(caller.call, None)
        agent.offer, agent.call = offer.offer, caller.call
        if not offer.emergency:
            self.lesser[offer.offer] = offer
        self.out.append(history.offer_made(offer, choice, ring_seconds))
        self.set_state(agent, State.OFFERED, now)
        return offer

    def lease_ends(self, offer: Offer) -> None:
        """The offer is lost when its lease ends, if nobody has told of it by then."""
        self.deadlines.add(
            offer.lease_until,
            lambda at: self._is_unheard_of(offer) and offer.lease_until <= at,
            lambda now: self._lose(offer, now),
        )

    def _is_unheard_of(self, offer: Offer) -> bool:
        return self.offers.get(offer.offer) is offer and offer.state is not OfferState.ANSWERED

    def _lose(self, offer: Offer, now: Instant) -> None:
        """Nobody said what became of it; the caller can be offered when a step says so."""
        if offer.dialled and offer.state is not OfferState.WITHDRAWING:
            self._take_back(offer, "nada se soube da chamada a tempo")
        self.rest(self.agents[offer.agent], now)
        self.end_offer(offer, OfferOutcome.LOST, now)

    def withdraw(self, offer: Offer, because: str) -> None:
        """Order an offer back, if it is not answered; it ends when its dial does."""
        if not offer.may_become(OfferState.WITHDRAWING):
            return
        rings = offer.state is not OfferState.PREVIEW
        offer.state, offer.withdrawn_because = OfferState.WITHDRAWING, because
        self.lesser.pop(offer.offer, None)
        if rings:
            self.out.append(WithdrawOffer(offer.offer, offer.call, offer.agent, because))
        else:  # no dial will end: it is over with the next look at what is due, that is now
            offer.lease_until = offer.made
            self.deadlines.add(
                offer.made,
                lambda at: self._is_unheard_of(offer),
                lambda now: self.end_offer(offer, OfferOutcome.WITHDRAWN, now),
            )
        if offer.dialled:
            self._take_back(offer, because)

    def _take_back(self, offer: Offer, because: str) -> None:
        self.out.append(DialTakenBack(offer.offer, offer.call, offer.agent, because))

    def end_offer(self, offer: Offer, outcome: OfferOutcome, now: Instant) -> None:
        """An offer without a talk is over; the caller keeps the place, the agent is free. Whom the
        dialler calls has no place: it knows by itself when to try again."""
        caller = self.callers[offer.call]
        del self.offers[offer.offer]
        self.lesser.pop(offer.offer, None)
        offer.over = now
        caller.where, caller.offer = Where.AWAY, None
        if caller.dialled:
            self.forget(caller)
        self.out.append(history.offer_ended(offer, outcome, now))
        self.set_state(self.agents[offer.agent], State.IDLE, now)

    def begin_talk(self, offer: Offer, since: Instant, now: Instant) -> None:
        """Caller and agent are joined."""
        caller, agent = self.callers[offer.call], self.agents[offer.agent]
        offer.state, offer.answered = OfferState.ANSWERED, since
        self.lesser.pop(offer.offer, None)
        self.count(caller)
        caller.where, caller.offer = Where.TALKING, offer.offer
        agent.offer, agent.call = offer.offer, caller.call
        self.claims.pop(caller.call, None)
        if caller.counted:
            self.line(caller).tally.answered += 1
            self.estimator.answered(self, caller, since)
        self.out.append(history.answered(offer, 0.0 if offer.dialled else caller.waited(since)))
        self.set_state(agent, State.TALKING, now)

    def end_talk(self, offer: Offer, now: Instant, talked: Seconds | None = None) -> None:
        """A talk is over; the caller has been served, the agent may need a moment. `talked`: as
        measured; it has lasted until now if that is longer, or nobody measured it."""
        ended = now if talked is None else min(now, offer.answered + talked)
        del self.offers[offer.offer]
        if self.callers[offer.call].counted:
            load = self.line(self.callers[offer.call]).load
            load.served(ended - offer.answered + offer.wrap_up_seconds)
        self.forget(self.callers[offer.call])
        self.out.append(history.talk_ended(offer, ended))
        self.wrap_up(self.agents[offer.agent], offer.wrap_up_seconds, now)
