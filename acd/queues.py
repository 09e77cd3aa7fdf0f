"""Queues: their rules, and the callers who stand in them.

A caller's place is (priority, instant of joining, order of arrival). It never changes while the
caller waits, through failed offers and crashes alike, and no rule that widens whom the caller is
offered to touches it. The order in which callers stand is in rows.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from acd.choice import ChoiceRule
from acd.needs import NOTHING, Ask, Need, Needs, Way
from terms.limits import (
    AGEING_SECONDS,
    NEEDS_HELD,
    RECALL_AFTER,
    RING_SECONDS,
    TARGET_SECONDS,
    TARGET_SHARE,
    WRAP_UP_SECONDS,
)
from terms.names import (
    EMERGENCY_LINES,
    AgentName,
    CallId,
    Instant,
    OfferId,
    QueueName,
    Seconds,
    Skill,
)


@dataclass(frozen=True, slots=True)
class Ring:
    """Who is called as well once a caller has waited `after` (R24): whoever has one of `skills`,
    and whoever has the skill of one of `queues` (an overflow group; the reader resolves them into
    `skills`). From then on the reserve too, if `reserve`; and if `lenient`, what was needed beside
    the skill (`QueueRule.needs`, the call's own needs) is needed no longer; the widest ring of a
    queue lets go of the call's own in any case."""

    after: Seconds
    skills: tuple[Skill, ...]
    because: str = ""
    reserve: bool = False
    queues: tuple[QueueName, ...] = ()
    lenient: bool = False


@dataclass(frozen=True, slots=True)
class Exit:
    """Where callers go who would wait too long, or find too many waiting: a step of the line's
    tree. `limit`: seconds, or callers."""

    limit: float
    step: str


@dataclass(frozen=True, slots=True)
class EmergencyReserve:
    """How many idle agents with emergency skills are kept back from 156; reserve.py has the rule.

    `agents`: the most; `calls`: the emergency calls on the floor from which on it holds.
    """

    agents: int
    calls: int = 1
    because: str = ""


@dataclass(frozen=True, slots=True)
class QueueRule:
    """What the city decided about one queue. A higher priority is served first.

    `min_level`: the worst level of the skill that may serve (1 is the best; 0 = any). `needs`:
    what is needed beside the skill. The target: `target_share` of the answered callers waited
    `target_seconds` at most. `hours` names hours of the calendar ('' = always); outside them
    callers go to `out_of_hours` ('' = stay). `ages`: priority gained in each minute of waiting.
    `longest` and `largest`: who leaves the queue by themselves; never on an emergency line.
    `recall_after`: when agents in training are called back for this queue (R33; 0 = never).
    """

    name: QueueName
    line: str
    skill: Skill
    priority: int = 0
    ring_seconds: Seconds = RING_SECONDS
    wrap_up_seconds: Seconds = WRAP_UP_SECONDS
    min_level: int = 0
    target_seconds: Seconds = TARGET_SECONDS
    target_share: float = TARGET_SHARE
    hours: str = ""
    out_of_hours: QueueName = QueueName("")
    rings: tuple[Ring, ...] = ()
    because: str = ""
    needs: Needs = NOTHING
    ages: float = 0.0
    longest: Exit | None = None
    largest: Exit | None = None
    recall_after: Seconds = RECALL_AFTER

    @property
    def emergency(self) -> bool:
        """Whether callers here go before every caller of 156."""
        return self.line in EMERGENCY_LINES

    def widens(self, needs: Needs = NOTHING) -> tuple[Seconds, ...]:
        """After what waits a caller with these needs is offered to more people, in order. Needs of
        a call that stands in a queue without rings are held for NEEDS_HELD."""
        if needs and not self.rings and not self.emergency:
            return (NEEDS_HELD,)
        return tuple(ring.after for ring in self.rings)

    def opened(self, waited: Seconds, needs: Needs = NOTHING) -> int:
        """How many times a caller who has waited so long has been offered to more people."""
        return sum(after <= waited for after in self.widens(needs))

    def ask(self, opened: int, needs: Needs = NOTHING, storm: bool = False) -> Ask:
        """Whom a caller may be offered to while so many rings are open, the best first. In a storm
        (R37) all are, and the reserve with them.

        `needs` are the call's own. They hold until a lenient ring, or the widest ring, has opened
        (in a queue without rings: for NEEDS_HELD); from then on who has them is preferred, and
        nobody waits for ever for a skill that nobody on duty has. On an emergency line they never
        hold: nobody there waits beside an idle agent for the sake of the menu's wish.
        """
        rings = self.rings if storm else self.rings[:opened]
        lenient = any(ring.lenient for ring in rings)
        still = NOTHING if lenient else self.needs
        own = NOTHING if self.emergency else needs
        relaxed = lenient or storm or opened >= len(self.widens(own))
        ways: list[Way] = []
        for beside in (own, NOTHING) if relaxed else (own,):
            for needed in (self.needs, still):
                ways.append(Way(Need(self.skill, self.min_level), needed.both(beside)))
            for number, ring in enumerate(rings, 1):
                ways += [Way(Need(skill), still.both(beside), number) for skill in ring.skills]
        return Ask(dict.fromkeys(ways), storm or any(ring.reserve for ring in rings))

    def fits(
        self,
        skills: Mapping[Skill, int],
        waited: Seconds,
        needs: Needs = NOTHING,
        reserve: bool = False,
    ) -> bool:
        """Whether an agent with these skills may serve a caller who has waited so long."""
        return self.ask(self.opened(waited, needs), needs).takes(skills, reserve)

    def widest(self) -> Ask:
        """Whom a caller is offered to after the longest wait: every ring is open."""
        return self.ask(len(self.rings))

    def may_recall(self, waited: Seconds) -> bool:
        """Whether a caller here has waited so long that agents in training are called back."""
        return self.emergency and 0 < self.recall_after <= waited


@dataclass(frozen=True, slots=True)
class QueueTable:
    """All queues in force, by which rule the choice is made, and what is kept back for
    emergencies (None = nothing). ValueError without any queue, or when two share a name."""

    rules: tuple[QueueRule, ...]
    rule: ChoiceRule = ChoiceRule.INDEX
    reserve: EmergencyReserve | None = None

    def __post_init__(self) -> None:
        if not self.rules or len({rule.name for rule in self.rules}) != len(self.rules):
            raise ValueError("a queue table needs queues, each with a name of its own")

    def rule_for(self, queue: QueueName, line: str) -> QueueRule:
        """The queue's rule; for a name that nobody knows, the line's first queue, else the first:
        a caller is never left without anyone who could answer."""
        for rule in self.rules:
            if rule.name == queue:
                return rule
        return next((rule for rule in self.rules if rule.line == line), self.rules[0])

    def still_serving(self, kept: Iterable[QueueRule]) -> QueueTable:
        """This table, and those of `kept` whose names it lacks: callers still stand there."""
        names = {rule.name for rule in self.rules}
        more = tuple(rule for rule in kept if rule.name not in names)
        return QueueTable(self.rules + more, self.rule, self.reserve)


class Where(StrEnum):
    """Where a caller is. Exactly one of these, for as long as the floor knows the caller."""

    WAITING = "waiting"
    AWAY = "away"  # keeps the place, cannot be offered
    OFFERED = "offered"
    TALKING = "talking"


@dataclass(slots=True, eq=False)
class Caller:
    """One caller on the floor."""

    call: CallId
    rule: QueueRule
    priority: int
    joined: Instant
    order: int
    where: Where = Where.AWAY
    offer: OfferId | None = None
    needs: Needs = NOTHING  # of this call alone, beside its queue's
    preferred: AgentName = AgentName("")  # who knows the citizen: taken if idle, never waited for
    absent: bool = False  # has hung up, and is called back when the turn comes
    dialled: bool = False  # the dialler calls them: they stand in no line and are in no count
    called: bool = False  # … or has called them, and they stand in one: in no count either
    admitted: frozenset[QueueName] = frozenset()  # queues whose size has been looked at for them
    sent_from: frozenset[QueueName] = frozenset()  # queues that have sent them away; each once
    waits_from: Instant = 0.0  # this wait's beginning, if there was a talk since `joined`

    @property
    def counted(self) -> bool:
        """Whether they called us: figures of queues are of these (R70)."""
        return not (self.dialled or self.called)

    def waited(self, now: Instant) -> Seconds:
        """For how long the caller has heard nobody (R71): a talk that was sent on is no wait."""
        return now - (self.waits_from or self.joined)

    @property
    def place(self) -> tuple[int, Instant, int]:
        """What callers of one queue are sorted by."""
        return (-self.priority, self.joined, self.order)

    @property
    def rank(self) -> tuple[bool, int, Instant, int]:
        """What callers of all queues are compared by: emergencies first, always."""
        return (not self.rule.emergency, *self.place)

    def urgency(self, now: Instant) -> tuple[bool, int]:
        """What no choice rule goes against, the most urgent first: emergencies, then the priority
        with what it has gained by waiting, in whole points. What ages stays in its tier."""
        ages, gained = self.rule.ages, 0
        if ages:
            gained = max(0, int(ages * (now - self.joined) / AGEING_SECONDS))
        return (self.rule.line not in EMERGENCY_LINES, -self.priority - gained)


@dataclass(slots=True)
class Tally:
    """What became of the callers of a queue: joined = answered + abandoned + overflowed + there.
    Overflowed: to another queue, or sent on by this one's own rule."""

    joined: int = 0
    answered: int = 0
    abandoned: int = 0
    overflowed: int = 0
