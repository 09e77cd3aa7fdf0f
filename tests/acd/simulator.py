"""A seeded storm over the real floor: callers, agents, phones and a switch that is late, loses
words, says things twice; after every event the floor's invariants are checked.

    Storm(seed).run(steps)     raises BrokenRule with the seed and the step

The switch here has a memory: it rings, answers, refuses and hangs up what it was really told.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from acd import events as ev
from acd.agents import State
from acd.effects import MakeOffer, WithdrawOffer
from acd.floor import Floor
from acd.queues import QueueRule, QueueTable, Ring, Where
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, OfferId, QueueName, Skill
from terms.outcome import OfferOutcome
from terms.signals import Phone

TABLE = QueueTable(
    (
        QueueRule(QueueName("156_geral"), "156", Skill("geral"), 0, 15, 5),
        QueueRule(
            QueueName("156_saude"),
            *("156", Skill("saude"), 5, 15, 0, 1),
            rings=(Ring(4.0, (Skill("geral"),)), Ring(20.0, (Skill("saude"),))),
        ),
        QueueRule(
            QueueName("199"),
            *("199", Skill("defesa"), 0, 15, 5),
            rings=(Ring(2.0, (Skill("guarda"), Skill("geral"))),),
        ),
        QueueRule(QueueName("153"), "153", Skill("guarda"), 0, 15, 5),
    )
)


class BrokenRule(AssertionError):
    """An invariant did not hold."""


def check(floor: Floor, now: float) -> None:
    """The floor's invariants, as the order states them."""
    in_lines = [caller for line in floor.lines.values() for caller in line.callers()]
    if len(in_lines) != len({caller.call for caller in in_lines}):
        raise BrokenRule("a caller stands in two lines")
    for caller in floor.callers.values():
        standing = any(caller is other for other in in_lines)
        if standing != (caller.where is Where.WAITING):
            raise BrokenRule(f"{caller.call} is {caller.where} and standing is {standing}")
        has_offer = caller.offer in floor.offers
        if has_offer != (caller.where in (Where.OFFERED, Where.TALKING)):
            raise BrokenRule(f"{caller.call} is {caller.where} and has offer is {has_offer}")
    agents = [offer.agent for offer in floor.offers.values()]
    if len(agents) != len(set(agents)):
        raise BrokenRule("an agent has two offers")
    for agent in floor.agents.values():
        busy = agent.state in (State.OFFERED, State.TALKING)
        if busy != (agent.offer in floor.offers):
            raise BrokenRule(f"{agent.name} is {agent.state} with offer {agent.offer}")
        fits = (caller.rule.fits(agent.skills, now - caller.joined) for caller in in_lines)
        if agent.may_be_offered(now) and any(fits):
            raise BrokenRule(f"{agent.name} is idle beside a fitting caller")
    for line in floor.lines.values():
        there = sum(
            1
            for caller in floor.callers.values()
            if caller.rule is line.rule and caller.where is not Where.TALKING
        )
        tally = line.tally
        if tally.joined != tally.answered + tally.abandoned + tally.overflowed + there:
            raise BrokenRule(f"{line.rule.name}: {tally} with {there} there")


@dataclass(slots=True)
class Storm:
    """One storm. Everything random comes from the seed."""

    seed: int
    agents: int = 8
    checked: bool = True
    floor: Floor = field(init=False)
    now: float = 1_000_000.0
    events: int = 0
    ended: dict[str, int] = field(default_factory=dict)  # offers: how often each ended
    made: dict[str, MakeOffer] = field(default_factory=dict)
    live: list[MakeOffer] = field(default_factory=list)  # what the switch still rings
    talks: list[MakeOffer] = field(default_factory=list)
    waiting: list[CallId] = field(default_factory=list)
    calls: int = 0
    random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.floor = Floor(TABLE, 7)
        skills = [rule.skill for rule in TABLE.rules]
        for number in range(self.agents):
            name = AgentName(f"agente{number}")
            chosen = self.random.sample(skills, self.random.randint(1, 3))
            self.tell(ev.AgentPhone(name, Phone.IDLE))
            levels = {skill: self.random.randint(1, 2) for skill in chosen}
            self.tell(ev.AgentLoggedIn(name, levels))

    def tell(self, event: ev.Event) -> None:
        """One event, and what the switch does about the orders that come of it."""
        self.events += 1
        self._obey(self.floor.handle(event, self.now))

    def run(self, steps: int) -> None:
        """So many things happen."""
        acts = (
            [self._arrive] * 6
            + [self._ring_on] * 5
            + [self._talk_ends] * 5
            + [self._time_passes] * 6
            + [self._caller_leaves, self._agent_changes, self._phone_changes, self._noise]
            + [self._step_again]
        )
        for step in range(steps):
            try:
                self.random.choice(acts)()
            except BrokenRule as broken:
                raise BrokenRule(f"seed {self.seed}, step {step}: {broken}") from None

    def _obey(self, results: list[object]) -> None:
        for result in results:
            if isinstance(result, MakeOffer):
                self.made[result.offer] = result
                self.live.append(result)
                if result.call in self.waiting:
                    self.waiting.remove(result.call)
            elif isinstance(result, WithdrawOffer):
                if result.offer not in self.made:
                    raise BrokenRule("an unknown offer is withdrawn")
            elif isinstance(result, Fact) and result.kind is Kind.OFFER_ENDED:
                offer = str(result.details["offer"])
                self.ended[offer] = self.ended.get(offer, 0) + 1
                if self.ended[offer] > 1:
                    raise BrokenRule(f"offer {offer} ended twice")
        if self.checked:
            check(self.floor, self.now)

    def _arrive(self) -> None:
        self.calls += 1
        self._join(CallId(f"c{self.calls}"))

    def _join(self, call: CallId) -> None:
        rule = self.random.choice(TABLE.rules)
        self.waiting.append(call)
        self.tell(ev.CallJoined(call, rule.name, rule.priority, self.now, rule.line))

    def _ring_on(self) -> None:
        """The switch says what became of something that rings; now and then it says nothing."""
        if not self.live:
            return
        offer = self.live.pop(self.random.randrange(len(self.live)))
        what = self.random.random()
        if what < 0.6:
            self.tell(ev.OfferRinging(offer.offer))
            self.tell(ev.AgentPhone(offer.agent, Phone.BUSY))
            self.tell(ev.OfferAnswered(offer.offer))
            self.talks.append(offer)
        elif what < 0.95:
            outcome = self.random.choice(list(OfferOutcome))
            self.tell(ev.OfferFailed(offer.offer, outcome))
            if offer.call in self.floor.callers:
                self._join(offer.call)

    def _talk_ends(self) -> None:
        if self.talks:
            offer = self.talks.pop(self.random.randrange(len(self.talks)))
            self.tell(ev.TalkEnded(offer.offer))
            self.tell(ev.AgentPhone(offer.agent, Phone.IDLE))

    def _caller_leaves(self) -> None:
        if self.floor.callers:
            self.tell(ev.CallLeft(self.random.choice(sorted(self.floor.callers))))

    def _step_again(self) -> None:
        """A new step of any call, as after a crash; or a step that goes away."""
        if self.floor.callers:
            call = self.random.choice(sorted(self.floor.callers))
            if self.random.random() < 0.5:
                self.tell(ev.CallAway(call))
            else:
                self._join(call)

    def _agent_changes(self) -> None:
        name = self.random.choice(sorted(self.floor.agents))
        self.tell(
            self.random.choice(
                [
                    ev.AgentPaused(name, "banheiro"),
                    ev.AgentResumed(name),
                    ev.AgentResumed(name),
                    ev.AgentLoggedOut(name),
                    ev.AgentLoggedIn(name, self.floor.agents[name].skills),
                    ev.AgentLoggedIn(name, self.floor.agents[name].skills),
                    ev.WrapUpDone(name),
                ]
            )
        )

    def _phone_changes(self) -> None:
        name = self.random.choice(sorted(self.floor.agents))
        phones = [Phone.IDLE, Phone.IDLE, Phone.IDLE, Phone.RINGING, Phone.BUSY, Phone.GONE]
        self.tell(ev.AgentPhone(name, self.random.choice(phones)))

    def _noise(self) -> None:
        """Late, doubled and unknown words."""
        known = self.random.choice([*self.made, "7-999999", "6-1"])
        offer, call = OfferId(known), CallId(f"c{self.random.randint(1, self.calls + 2)}")
        agent = self.random.choice(sorted(self.floor.agents))
        self.tell(
            self.random.choice(
                [
                    ev.OfferRinging(offer),
                    ev.OfferAnswered(offer),
                    ev.OfferFailed(offer, OfferOutcome.RING_NO_ANSWER),
                    ev.TalkEnded(offer),
                    ev.CallLeft(call),
                    ev.CallAway(call),
                    ev.CallHere(call),
                    ev.TalkFound(call, agent, OfferId(f"6-{self.events}"), self.now - 60),
                    ev.ConfigurationChanged(TABLE),
                ]
            )
        )

    def _time_passes(self) -> None:
        self.now += self.random.choice([0.01, 0.5, 3.0, 21.0])
        for _ in range(1_000):
            due = self.floor.next_deadline()
            if due is None or due > self.now:
                return
            self._obey(self.floor.wake(self.now))
        raise BrokenRule("deadlines without end")
