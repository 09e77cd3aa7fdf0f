"""A seeded storm over the real floor: callers, agents, phones and a switch that is late, loses
words, says things twice and in the wrong order; the queues change, agents leave in the middle of a
talk, control is restarted. What must hold is in invariants.py.

    Storm(seed).run(steps)     raises BrokenRule with the seed and the step

The switch here has a memory: it rings, answers, refuses and hangs up what it was really told.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from invariants import BrokenRule, Watch

from acd import events as ev
from acd.agents import Status
from acd.choice import ChoiceRule
from acd.effects import MakeOffer
from acd.floor import Floor
from acd.needs import NOTHING, Need, Needs, all_of
from acd.queues import Caller, EmergencyReserve, QueueRule, QueueTable, Ring
from terms.names import AgentName, CallId, OfferId, QueueName, Skill
from terms.outcome import OfferOutcome
from terms.signals import Phone

GERAL, SAUDE, DEFESA, GUARDA, LIBRAS = map(Skill, ("geral", "saude", "defesa", "guarda", "libras"))
SKILLS = (GERAL, SAUDE, DEFESA, GUARDA, LIBRAS)
RULES = (
    QueueRule(QueueName("156_geral"), "156", GERAL, 0, 15, 5, ages=1.0),
    QueueRule(QueueName("156_obras"), "156", SAUDE, 0, 15, 5, rings=(Ring(10.0, (GERAL,)),)),
    QueueRule(
        QueueName("156_saude"),
        *("156", SAUDE, 5, 15, 0, 1),
        rings=(Ring(4.0, (GERAL,)), Ring(20.0, (SAUDE,), lenient=True)),
        needs=Needs(((Need(LIBRAS),), (Need(GERAL), Need(SAUDE, 2)))),
    ),
    QueueRule(
        QueueName("199"),
        *("199", DEFESA, 0, 15, 5),
        rings=(Ring(2.0, (GUARDA, GERAL)), Ring(10.0, (), reserve=True)),
    ),
    QueueRule(QueueName("153"), "153", GUARDA, 0, 15, 5),
)
KEPT = EmergencyReserve(2, 3)
TABLES = (
    QueueTable(RULES),
    QueueTable(RULES, ChoiceRule.FIFO, KEPT),
    QueueTable(tuple(replace(rule, rings=()) for rule in RULES[1:]), ChoiceRule.QIR),
    QueueTable(tuple(replace(rule, min_level=0, needs=NOTHING) for rule in RULES), reserve=KEPT),
)
TABLE = TABLES[0]
CROWD = 4  # callers for each agent; beyond, for each who comes one leaves
LATE = 40  # signals that are still on their way, at most


@dataclass(slots=True)
class Storm:
    """One storm. Everything random comes from the seed. `looks`: a look at everything after so
    many events (0 = never)."""

    seed: int
    agents: int = 8
    checked: bool = True
    looks: int = 1
    table: QueueTable = TABLE
    floor: Floor = field(init=False)
    watch: Watch = field(default_factory=Watch)
    now: float = 1_000_000.0
    events: int = 0
    epoch: int = 7
    calls: int = 0
    restarts: int = 0
    made: dict[str, MakeOffer] = field(default_factory=dict)
    live: list[MakeOffer] = field(default_factory=list)  # what the switch still rings
    talks: dict[str, tuple[MakeOffer, float]] = field(default_factory=dict)
    late: list[ev.Event] = field(default_factory=list)
    random: random.Random = field(init=False)
    _people: dict[AgentName, ev.AgentLoggedIn] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.floor = Floor(self.table, self.epoch)
        for number in range(self.agents):
            name = AgentName(f"agente{number}")
            chosen = self.random.sample(SKILLS, self.random.randint(1, 3))
            levels = {skill: self.random.randint(1, 2) for skill in chosen}
            subjects = tuple(chosen) if number % 3 == 0 else ()
            self._people[name] = ev.AgentLoggedIn(name, levels, subjects, number % 7 == 6)
            self._begin_work(name)

    def _begin_work(self, name: AgentName) -> None:
        self.tell(ev.AgentPhone(name, Phone.IDLE))
        self.tell(self._people[name])

    # --- telling, and what the switch does about the orders that come of it ---
    def tell(self, event: ev.Event) -> None:
        """One event. It may be told again, later, by `_late_word`."""
        if len(self.late) < LATE and self.random.random() < 0.03:
            self.late.append(event)
        self._obey(event, self.floor.handle(event, self.now))

    def _obey(self, event: ev.Event | None, results: list) -> None:
        self.events += 1
        for result in results:
            if isinstance(result, MakeOffer):
                self.made[result.offer] = result
                self.live.append(result)
            self.ordered(result)
        if self.checked:
            self.watch.saw(self.floor, event, results, self.now)
            if self.looks and self.events % self.looks == 0:
                self.watch.look(self.floor, self.now)

    def ordered(self, result: object) -> None:
        """One fact or order of the floor's, for whoever storms with more than callers."""

    def acts(self) -> list[Callable[[], None]]:
        """What may happen, each as often as it is named."""
        return (
            [self._arrive] * 6
            + [self._ring_on] * 6
            + [self._talk_ends] * 6
            + [self._time_passes] * 6
            + [self._agent_changes, self._agent_back, self._phone_changes, self._phone_well]
            + [self._caller_leaves, self._noise, self._step_again, self._late_word]
        )

    def run(self, steps: int) -> None:
        """So many things happen."""
        acts = self.acts()
        for step in range(steps):
            try:
                self._rarely() if self.random.random() < 0.004 else self.random.choice(acts)()
            except BrokenRule as broken:
                raise BrokenRule(broken.rule, f"seed {self.seed}, step {step}: {broken}") from None

    # --- callers ---
    def _arrive(self) -> None:
        if len(self.floor.callers) > CROWD * self.agents:
            self._caller_leaves()
            return
        self.calls += 1
        self._join(CallId(f"c{self.calls}"))

    def _join(self, call: CallId) -> None:
        rule = self.random.choice(self.floor.queues.rules)
        needs = all_of(LIBRAS) if self.random.random() < 0.03 else NOTHING
        more = 10 if self.random.random() < 0.05 else 0
        knows = AgentName("agente1") if self.random.random() < 0.05 else AgentName("")
        priority = rule.priority + more
        joined = ev.CallJoined(call, rule.name, priority, self.now, rule.line, knows, needs)
        self.tell(joined)

    def _caller_leaves(self) -> None:
        if self.floor.callers:
            self.tell(ev.CallLeft(self._any_call()))

    def _step_again(self) -> None:
        """A new step of any call, as after a crash; or a step that goes away, and comes back."""
        if self.floor.callers:
            call, which = self._any_call(), self.random.random()
            if which < 0.4:
                self.tell(ev.CallAway(call))
            elif which < 0.8:
                self.tell(ev.CallHere(call))
            else:
                self._join(call)

    def _any_call(self) -> CallId:
        return self.random.choice(list(self.floor.callers))

    # --- offers and talks ---
    def _ring_on(self) -> None:
        """The switch says what became of something that rings; now and then it says nothing."""
        if not self.live:
            return
        offer = self.live.pop(self.random.randrange(len(self.live)))
        what = self.random.random()
        if what < 0.7:
            self.tell(ev.OfferRinging(offer.offer))
            self.tell(ev.AgentPhone(offer.agent, Phone.BUSY))
            self.tell(ev.OfferAnswered(offer.offer))
            self.talks[offer.offer] = offer, self.now
        elif what < 0.97:
            outcomes = [one for one in OfferOutcome if one is not OfferOutcome.ANSWERED]
            self.tell(ev.OfferFailed(offer.offer, self.random.choice(outcomes)))
            if offer.call in self.floor.callers:
                self.tell(ev.CallHere(offer.call))

    def _talk_ends(self) -> None:
        if self.talks:
            key = self.random.choice(list(self.talks))
            offer, _ = self.talks.pop(key)
            self.tell(ev.TalkEnded(offer.offer))
            self.tell(ev.AgentPhone(offer.agent, Phone.IDLE))

    # --- agents ---
    def _agent_changes(self) -> None:
        name = self.random.choice(list(self._people))
        skills = dict(self._people[name].skills)
        moved = ev.AgentSkillsChanged(name, {**skills, GERAL: 1}, (), self.random.random() < 0.2)
        pauses = [ev.AgentPaused(name, "treinamento"), ev.AgentPaused(name, "banheiro")]
        self.tell(
            self.random.choice([*pauses, ev.AgentLoggedOut(name), ev.WrapUpDone(name), moved])
        )

    def _agent_back(self) -> None:
        away = [a.name for a in self.floor.agents.values() if a.status is not Status.AVAILABLE]
        if away:
            name = self.random.choice(away)
            paused = self.floor.agents[name].status is Status.PAUSED
            self.tell(ev.AgentResumed(name) if paused else self._people[name])

    def _phone_changes(self) -> None:
        """A foreign call, a phone that goes, and one that comes back."""
        name = self.random.choice(list(self._people))
        phones = [Phone.IDLE, Phone.RINGING, Phone.BUSY, Phone.GONE]
        self.tell(ev.AgentPhone(name, self.random.choice(phones)))

    def _phone_well(self) -> None:
        talking = {offer.agent for offer, _ in self.talks.values()}
        for agent in list(self.floor.agents.values()):
            if agent.phone is not Phone.IDLE and agent.name not in talking:
                self.tell(ev.AgentPhone(agent.name, Phone.IDLE))
                return

    # --- faults ---
    def _noise(self) -> None:
        """Words about what is unknown, over, or somebody else's."""
        known = [*list(self.made)[-30:], "7-999999", "6-1"]
        offer = OfferId(self.random.choice(known))
        call = CallId(f"c{self.random.randint(max(1, self.calls - 50), self.calls + 2)}")
        agent = self.random.choice(list(self._people))
        words = [
            ev.OfferRinging(offer),
            ev.OfferAnswered(offer),
            ev.OfferFailed(offer, OfferOutcome.RING_NO_ANSWER),
            ev.TalkEnded(offer),
            ev.CallAway(call),
            ev.CallHere(call),
            ev.TalkFound(call, agent, OfferId(f"6-{self.events}"), self.now - 60),
        ]
        self.tell(self.random.choice(words))

    def _late_word(self) -> None:
        """A word that was told before comes again, late and out of order."""
        if self.late:
            event = self.late.pop(self.random.randrange(len(self.late)))
            if not isinstance(event, ev.CallJoined) or event.call in self.floor.callers:
                self._obey(event, self.floor.handle(event, self.now))

    def _rarely(self) -> None:
        self.random.choice([self._other_queues, self._storm_mode, self._restart])()

    def _other_queues(self) -> None:
        self.tell(ev.ConfigurationChanged(self.random.choice(TABLES)))

    def _storm_mode(self) -> None:
        self.tell(ev.StormSet(self.random.choice(("156", "199")), self.random.random() < 0.4))

    def _restart(self) -> None:
        """Control is gone and back: people log in, talks are found, callers come in any order."""
        self.restarts += 1
        self.epoch += 1
        before = self.floor
        self.floor = Floor(before.queues, self.epoch)
        self.watch.restarted()
        self.live.clear()
        self.late.clear()
        steps = [(self._begin_work, name) for name in self._people]
        for caller in before.callers.values():
            steps.append((self._found_again, caller))
        self.random.shuffle(steps)
        self.talks = {key: value for key, value in self.talks.items() if key in before.offers}
        for act, what in steps:
            act(what)

    def _found_again(self, caller: Caller) -> None:
        talk, rule = self.talks.get(caller.offer or ""), caller.rule
        call, joined = caller.call, caller.joined
        if talk is not None:
            offer, since = talk
            place = (rule.name, joined, rule.line, caller.dialled)
            self.tell(ev.TalkFound(call, offer.agent, offer.offer, since, *place))
        elif caller.dialled:
            return  # what rings is not of this floor
        else:
            self.tell(ev.CallJoined(call, rule.name, caller.priority, joined, rule.line))

    def _time_passes(self) -> None:
        self.now += self.random.choice([0.01, 0.5, 1.0, 3.0, 11.0])
        for _ in range(1_000):
            due = self.floor.next_deadline()
            if due is None or due > self.now:
                return
            self._obey(None, self.floor.wake(self.now))
        raise BrokenRule("deadlines end", f"{due} at {self.now}")
