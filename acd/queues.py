"""Queues: their rules, and the order in which callers stand.

A caller's place is (priority, instant of joining, order of arrival). It never changes while the
caller waits, through failed offers and crashes alike.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from terms.limits import RING_SECONDS, TARGET_SECONDS, TARGET_SHARE, WRAP_UP_SECONDS
from terms.names import EMERGENCY_LINES, CallId, Instant, OfferId, QueueName, Seconds, Skill


@dataclass(frozen=True, slots=True)
class Ring:
    """Who is called as well once a caller has waited `after`: whoever has one of `skills` (R24)."""

    after: Seconds
    skills: tuple[Skill, ...]
    because: str = ""


@dataclass(frozen=True, slots=True)
class QueueRule:
    """What the city decided about one queue. A higher priority is served first.

    `min_level`: the worst level of the skill that may serve (1 is the best; 0 = any). The target:
    `target_share` of the answered callers waited `target_seconds` at most. `hours` names hours of
    the calendar ('' = always); outside them callers go to `out_of_hours` ('' = stay).
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

    @property
    def emergency(self) -> bool:
        """Whether callers here go before every caller of 156."""
        return self.line in EMERGENCY_LINES

    def called(self, waited: Seconds) -> tuple[tuple[Skill, int], ...]:
        """Whom a caller who has waited so long may be offered to, the best first: a skill, and
        the worst level of it that may serve (0 = any)."""
        wider = (skill for ring in self.rings if ring.after <= waited for skill in ring.skills)
        return ((self.skill, self.min_level), *((skill, 0) for skill in wider))

    def fits(self, skills: Mapping[Skill, int], waited: Seconds) -> bool:
        """Whether an agent with these skills may serve a caller who has waited so long."""
        return any(
            skill in skills and (not worst or skills[skill] <= worst)
            for skill, worst in self.called(waited)
        )


@dataclass(frozen=True, slots=True)
class QueueTable:
    """All queues in force. ValueError without any, or when two share a name."""

    rules: tuple[QueueRule, ...]

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
        return QueueTable(self.rules + tuple(rule for rule in kept if rule.name not in names))


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

    @property
    def place(self) -> tuple[int, Instant, int]:
        """What callers of one queue are sorted by."""
        return (-self.priority, self.joined, self.order)

    @property
    def rank(self) -> tuple[bool, int, Instant, int]:
        """What callers of all queues are compared by: emergencies first, always."""
        return (not self.rule.emergency, *self.place)


@dataclass(slots=True)
class Tally:
    """What became of the callers of a queue: joined = answered + abandoned + overflowed + there."""

    joined: int = 0
    answered: int = 0
    abandoned: int = 0
    overflowed: int = 0


@dataclass(slots=True)
class QueueLine:
    """The callers of one queue who can be offered, in their order."""

    rule: QueueRule
    tally: Tally = field(default_factory=Tally)
    _line: list[tuple[tuple[int, Instant, int], Caller]] = field(default_factory=list)

    def add(self, caller: Caller) -> None:
        """Put a caller at the place that is theirs."""
        insort(self._line, (caller.place, caller))

    def remove(self, caller: Caller) -> None:
        """Take a caller out. KeyError when not there."""
        at = bisect_left(self._line, (caller.place,))
        if at >= len(self._line) or self._line[at][1] is not caller:
            raise KeyError(caller.call)
        del self._line[at]

    def head(self) -> Caller | None:
        """Who is next."""
        return self._line[0][1] if self._line else None

    def ahead_of(self, caller: Caller) -> int:
        """How many here stand before a caller's place, whether the caller stands here or not."""
        return bisect_left(self._line, (caller.place,))

    def callers(self) -> tuple[Caller, ...]:
        """All, in their order."""
        return tuple(caller for _, caller in self._line)

    def __len__(self) -> int:
        return len(self._line)
