"""What must be true of the floor whatever happens, each rule with a name; and who overtook whom.

`Watch` is told every event and everything that came of it. What it checks it works out by itself
(who fits whom, who is free, what the tallies must be), not by asking the code under test.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

from acd import dial_events as de
from acd import events as ev
from acd.agents import Agent, State, Status
from acd.choice import ChoiceRule, index_of
from acd.effects import CallBack, MakeOffer, Preview, WithdrawOffer
from acd.floor import Floor
from acd.needs import Need, Needs
from acd.offers import OfferState
from acd.queues import Caller, QueueRule, Where
from terms.facts import Fact, Kind
from terms.limits import AGEING_SECONDS, NEEDS_HELD
from terms.names import AgentName
from terms.outcome import OfferOutcome
from terms.signals import Phone

RINGS = (OfferState.MADE, OfferState.RINGING)
DIALS = (OfferState.PREVIEW, *RINGS, OfferState.CALLING)
SAME_INSTANT = 1e-6


class BrokenRule(AssertionError):
    """An invariant did not hold. `rule` is its name."""

    def __init__(self, rule: str, what: str) -> None:
        super().__init__(f"{rule}: {what}")
        self.rule = rule


def has(skills: dict, need: Need) -> bool:
    level = skills.get(need.skill)
    return level is not None and (need.worst == 0 or level <= need.worst)


def has_all(skills: dict, needs: Needs) -> bool:
    return not needs.either or any(all(has(skills, one) for one in each) for each in needs.either)


def fits(caller: Caller, agent: Agent, now: float, storms: set[str]) -> bool:
    """Whether this agent may serve this caller now, from what the city decided (R20–R24)."""
    rule: QueueRule = caller.rule
    storm = rule.line in storms
    waited = now - caller.joined
    rings = [ring for ring in rule.rings if storm or ring.after <= waited]
    if agent.reserve and not (storm or any(ring.reserve for ring in rings)):
        return False
    lenient = any(ring.lenient for ring in rings)
    if not lenient and not has_all(agent.skills, rule.needs):
        return False
    widest = len(rings) == len(rule.rings) if rule.rings else waited >= NEEDS_HELD
    own_hold = not (emergency(caller) or lenient or storm or widest)
    if own_hold and not has_all(agent.skills, caller.needs):
        return False
    if has(agent.skills, Need(rule.skill, rule.min_level)):
        return True
    return any(skill in agent.skills for ring in rings for skill in ring.skills)


def emergency(caller: Caller) -> bool:
    return caller.rule.line in ("199", "153")


def urgency(caller: Caller, now: float) -> tuple[bool, int]:
    """The smaller is served first: emergencies, then priority with what ageing has added."""
    gained = int(caller.rule.ages * (now - caller.joined) / AGEING_SECONDS)
    return not emergency(caller), -caller.priority - max(0, gained)


def _stands(floor: Floor, call: str) -> bool:
    caller = floor.callers.get(call)
    return caller is not None and not caller.dialled


def _row(caller: Caller) -> tuple:
    return caller.rule.name, caller.priority, caller.needs


@dataclass
class Watch:
    """The watch over one floor; `overtakings` counts by which rule somebody was overtaken."""

    overtakings: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    offers: int = 0
    _status: dict[str, str] = field(default_factory=dict)
    _state: dict[str, str] = field(default_factory=dict)
    _phone: dict[str, Phone] = field(default_factory=dict)
    _refused: set[str] = field(default_factory=set)
    _there: dict[str, float] = field(default_factory=dict)  # callers, and since when
    _talks: dict[str, str] = field(default_factory=dict)  # call → offer

    def restarted(self) -> None:
        """Another floor takes over; what one floor knows of people is forgotten."""
        for known in (self._status, self._state, self._phone, self._there, self._talks):
            known.clear()
        self._refused.clear()

    # --- after every event: what costs little ---
    def saw(self, floor: Floor, event: ev.Event | None, results: list, now: float) -> None:
        """One event (None: time passed) and its results."""
        match event:
            case ev.CallJoined():
                again = any(isinstance(r, Fact) and r.kind is Kind.TALK_ENDED for r in results)
                since = math.inf if again else self._there.get(event.call, math.inf)
                self._there[event.call] = min(event.joined, since)
            case ev.CallLeft():
                self._there.pop(event.call, None)
            case ev.TalkFound() if _stands(floor, event.call):
                joined = floor.callers[event.call].joined
                self._there[event.call] = min(joined, self._there.get(event.call, math.inf))
            case ev.AgentPhone():
                self._phone[event.agent] = event.phone
            case _:
                pass
        for result in results:
            if isinstance(result, Fact):
                self._fact(floor, result)
            elif isinstance(result, MakeOffer):
                self._made(floor, result, results, now)
            elif isinstance(result, CallBack | Preview):
                self._reserved(floor, event, result, now)
            elif isinstance(result, WithdrawOffer) and not self._is_known(floor, result):
                raise BrokenRule("only what rings is withdrawn", result.offer)
        there = {name for name, caller in floor.callers.items() if not caller.dialled}
        if there != self._there.keys():
            differ = there ^ self._there.keys()
            raise BrokenRule("nobody vanishes", str(sorted(differ)[:3]))
        for name in self._refused:
            if floor.agents[AgentName(name)].status is Status.AVAILABLE:
                raise BrokenRule("who does not answer is paused", name)
        self._refused.clear()

    def _is_known(self, floor: Floor, order: WithdrawOffer) -> bool:
        offer = floor.offers.get(order.offer)
        return offer is not None and offer.call == order.call

    def _fact(self, floor: Floor, fact: Fact) -> None:
        match fact.kind:
            case Kind.AGENT_STATUS:
                self._status[fact.agent] = str(fact.details["status"])
            case Kind.AGENT_STATE:
                new, old = str(fact.details["state"]), self._state.get(fact.agent, "idle")
                if new == State.OFFERED and old != State.IDLE:
                    raise BrokenRule("one booking", f"{fact.agent} was {old}")
                self._state[fact.agent] = new
            case Kind.OFFER_ENDED:
                self._offer_ended(fact)
            case Kind.ANSWERED:
                if fact.call in self._talks:
                    raise BrokenRule("a call is answered once at a time", fact.call)
                self._talks[fact.call] = str(fact.details["offer"])
            case Kind.TALK_ENDED:
                if self._talks.pop(fact.call, None) != fact.details["offer"]:
                    raise BrokenRule("a talk ends once", fact.call)
                if fact.call not in floor.callers:
                    self._there.pop(fact.call, None)
            case _:
                pass

    def _offer_ended(self, fact: Fact) -> None:
        offer, outcome = str(fact.details["offer"]), str(fact.details["outcome"])
        self.ended[offer] += 1
        if self.ended[offer] > 1:
            raise BrokenRule("an offer ends once", offer)
        if outcome in (OfferOutcome.RING_NO_ANSWER, OfferOutcome.REFUSED):
            self._refused.add(fact.agent)
        if outcome == OfferOutcome.UNREACHABLE:
            self._phone[fact.agent] = Phone.GONE

    def _made(self, floor: Floor, order: MakeOffer, results: list, now: float) -> None:
        self.offers += 1
        agent, caller = floor.agents[order.agent], floor.callers[order.call]
        status = self._status.get(order.agent, "logged_out")
        phone = self._phone.get(order.agent, Phone.GONE)
        if status != Status.AVAILABLE or phone is not Phone.IDLE:
            raise BrokenRule("only who is free is rung", f"{order.agent}: {status}, {phone}")
        if caller.joined - self._there.get(order.call, caller.joined) > SAME_INSTANT:
            raise BrokenRule("a place is kept", order.call)
        if not fits(caller, agent, now, floor.storms):
            raise BrokenRule("only who fits is rung", f"{order.agent} for {caller.rule.name}")
        alone = sum(isinstance(one, MakeOffer) for one in results) == 1
        for line in floor.lines.values():
            for row in line.rows():
                self._judge(floor, caller, agent, row.callers, now, alone)

    def _reserved(self, floor: Floor, event, order: CallBack | Preview, now: float) -> None:
        """An agent of the dialler's, who is so from now on, or was already and is rung now."""
        if not floor.callers[order.call].dialled or isinstance(event, de.DialGoesOn):
            return
        agent = floor.agents[order.agent]
        status = self._status.get(order.agent, "logged_out")
        phone = self._phone.get(order.agent, Phone.GONE)
        if status != Status.AVAILABLE or phone is not Phone.IDLE:
            raise BrokenRule("only who is free is lent", f"{order.agent}: {status}, {phone}")
        callers = [one for line in floor.lines.values() for one in line.callers()]
        if floor.storms or any(emergency(one) and not one.absent for one in callers):
            raise BrokenRule("nobody is lent while an emergency waits", order.agent)
        if any(fits(one, agent, now, floor.storms) for one in callers):
            raise BrokenRule("nobody is lent whom a caller waits for", order.agent)
        free = [one for one in floor.agents.values() if self._free(one, now)]
        if order.agent in self._kept(floor, [*free, agent]):
            raise BrokenRule("nobody is lent who is kept for emergencies", order.agent)

    # --- fairness: whoever is overtaken is so by a rule ---
    def _judge(self, floor, caller, agent, others, now: float, alone: bool) -> None:
        """Of those who still wait and whom the agent fits, who should have gone first? Callers of
        one row differ in their wait only, so the one who has waited longest speaks for it."""
        other = min(others, key=lambda one: (one.joined, one.order))
        if other.absent or not fits(other, agent, now, floor.storms):
            return
        ours, theirs = urgency(caller, now), urgency(other, now)
        came_first = (other.joined, other.order) < (caller.joined, caller.order)
        if theirs < ours:
            raise BrokenRule(
                "fair order", f"{other.rule.name} is more urgent than {caller.rule.name}"
            )
        if not came_first:
            return
        if ours < theirs:
            aged = "age" if caller.priority <= other.priority else "priority"
            self.overtakings["emergency" if ours[0] != theirs[0] else aged] += 1
        elif _row(other) == _row(caller):
            raise BrokenRule("first come, first served in a row", f"{other.call} {caller.call}")
        elif emergency(caller) or floor.queues.rule is ChoiceRule.FIFO:
            raise BrokenRule("fair order", f"{other.call} came before {caller.call}")
        else:
            if alone and floor.queues.rule is ChoiceRule.INDEX:
                mine, yours = (self._index(floor, one, now, caller) for one in (caller, other))
                if yours < mine - SAME_INSTANT:
                    raise BrokenRule("fair order", f"index {mine} goes before {yours}")
            self.overtakings[str(floor.queues.rule)] += 1

    def _index(self, floor: Floor, caller: Caller, now: float, taken: Caller) -> float:
        line = floor.line(caller)
        waiting = len(line) + (line is floor.line(taken))
        return index_of(now - caller.joined, waiting)

    # --- at samples: a look at everything ---
    def look(self, floor: Floor, now: float) -> None:
        """Every rule about the floor's state."""
        self._dialled(floor)
        self._places(floor)
        self._bookings(floor, now)
        self._nobody_idle(floor, now)
        self._emergencies(floor, now)
        self._tallies(floor)

    def _places(self, floor: Floor) -> None:
        standing = Counter(id(caller) for line in floor.lines.values() for caller in line.callers())
        for caller in floor.callers.values():
            if standing[id(caller)] != (caller.where is Where.WAITING):
                raise BrokenRule("one place", f"{caller.call}: {caller.where}")
            if (caller.offer in floor.offers) != (caller.where in (Where.OFFERED, Where.TALKING)):
                raise BrokenRule("one place", f"{caller.call}: {caller.where}, {caller.offer}")
            since = self._there.get(caller.call)
            if since is not None and caller.joined - since > SAME_INSTANT:
                raise BrokenRule("a place is kept", caller.call)
        if sum(standing.values()) != sum(
            caller.where is Where.WAITING for caller in floor.callers.values()
        ):
            raise BrokenRule("one place", "somebody stands who is not there")

    def _dialled(self, floor: Floor) -> None:
        for caller in floor.callers.values():
            if caller.dialled and caller.where not in (Where.OFFERED, Where.TALKING):
                raise BrokenRule(
                    "who is dialled stands in no line", f"{caller.call} {caller.where}"
                )
            if caller.dialled and caller.call in floor.emergencies:
                raise BrokenRule("who is dialled is no emergency", caller.call)
        for queue in floor.view(0.0).queues:
            callers = [one for one in floor.callers.values() if one.rule.name == queue.queue]
            there = [one for one in callers if not one.dialled and one.where is not Where.TALKING]
            if queue.unserved + queue.absent != len(there):
                raise BrokenRule("who is dialled is in no count", queue.queue)

    def _bookings(self, floor: Floor, now: float) -> None:
        booked = Counter(offer.agent for offer in floor.offers.values())
        if booked and max(booked.values()) > 1:
            raise BrokenRule("one booking", str(booked.most_common(1)))
        for agent in floor.agents.values():
            busy = agent.state in (State.OFFERED, State.TALKING)
            if busy != (agent.offer in floor.offers):
                raise BrokenRule("one booking", f"{agent.name}: {agent.state}, {agent.offer}")
            if agent.state is State.WRAP_UP and agent.wrap_up_until < now - SAME_INSTANT:
                raise BrokenRule("a wrap-up ends", agent.name)
        due = floor.next_deadline()
        for offer in floor.offers.values():
            silent = offer.state is not OfferState.ANSWERED
            if silent and (due is None or due > offer.lease_until + SAME_INSTANT):
                raise BrokenRule("silence about an offer ends", offer.offer)

    def _free(self, agent: Agent, now: float) -> bool:
        ready = agent.status is Status.AVAILABLE and agent.state is State.IDLE
        return ready and agent.phone is Phone.IDLE and agent.rest_until <= now

    def _kept(self, floor: Floor, free: list[Agent]) -> set[str]:
        """Idle agents with emergency skills whom 156 may not have now."""
        settings = floor.queues.reserve
        calls = sum(emergency(one) and not one.dialled for one in floor.callers.values())
        skills = {rule.skill for rule in floor.queues.rules if rule.line != "156"}
        able = {agent.name for agent in free if skills & set(agent.skills)}
        if settings is None or calls < settings.calls:
            return set()
        return able if len(able) <= min(settings.agents, math.ceil(math.sqrt(calls))) else set()

    def _nobody_idle(self, floor: Floor, now: float) -> None:
        waiting = [caller for line in floor.lines.values() for caller in line.callers()]
        free = [agent for agent in floor.agents.values() if self._free(agent, now)]
        if not waiting or not free:
            return
        kept = self._kept(floor, free)
        for agent in free:
            for caller in waiting:
                may = emergency(caller) or agent.name not in kept
                if may and not caller.absent and fits(caller, agent, now, floor.storms):
                    what = f"{agent.name} beside {caller.call} of {caller.rule.name}"
                    raise BrokenRule("nobody is idle beside a caller", what)

    def _emergencies(self, floor: Floor, now: float) -> None:
        """Nobody of 199/153 waits beside an agent who talks to nobody: who is rung for 156."""
        lesser = [
            one
            for one in floor.offers.values()
            if one.state in (DIALS if one.dialled else RINGS) and not one.emergency
        ]
        if not lesser:
            return
        for line in floor.lines.values():
            for caller in line.callers() if line.rule.line != "156" else ():
                if caller.call in floor.claims:
                    continue
                for offer in lesser:
                    agent = floor.agents[offer.agent]
                    available = agent.status is Status.AVAILABLE
                    if available and fits(caller, agent, now, floor.storms):
                        raise BrokenRule(
                            "an emergency takes what rings", f"{caller.call} {offer.agent}"
                        )

    def _tallies(self, floor: Floor) -> None:
        there = Counter(
            caller.rule.name
            for caller in floor.callers.values()
            if caller.where is not Where.TALKING and caller.counted
        )
        for line in floor.lines.values():
            tally, name = line.tally, line.rule.name
            gone = tally.answered + tally.abandoned + tally.overflowed
            if tally.joined != gone + there[name]:
                raise BrokenRule("tallies balance", f"{name}: {tally}, {there[name]} there")
