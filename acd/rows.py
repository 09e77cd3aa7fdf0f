"""The order in which callers stand: rows of one queue, one priority and the same needs.

The head of a row has waited the longest, so its rings are the widest: whoever fits anybody in a
row fits its head. So a choice looks at heads only, and a row's next deadline is its head's.
A row is *touched* when its head may have changed, or may be offered to more people than before.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

from sortedcontainers import SortedKeyList

from acd.choice import Load
from acd.needs import Ask, Needs, Profile
from acd.queues import Caller, QueueRule, Tally
from terms.limits import NEEDS_KEPT
from terms.names import Instant, Seconds, Skill

NOBODY = Ask(())
"""What a row asks for in which nobody stands."""

Widening = tuple[tuple[Seconds, ...], tuple[Ask, ...]]
"""After what waits a caller is offered to more people; what is asked for first, and then."""


def _place(caller: Caller) -> tuple[int, Instant, int]:
    return caller.place


class Row:
    """Callers of one queue who ask for the same, in their order; never empty while others see it.

    `head` is who is next, and `asks` what the head asks for, as of the last look (`look`).
    """

    __slots__ = (
        "_asks",
        "_widens",
        "asks",
        "callers",
        "due",
        "emergency",
        "head",
        "line",
        "needs",
        "rule",
    )

    def __init__(self, line: QueueLine, needs: Needs, first: Caller) -> None:
        self.line = line
        self.needs = needs
        self.head = first
        self.callers = SortedKeyList([first], key=_place)
        self.due: Instant | None = None  # when its head is to be looked at again by itself
        self.asks = NOBODY
        self.follow()

    def follow(self) -> None:
        """Another rule, or a storm, reaches those who stand here already."""
        self.rule, self.emergency = self.line.rule, self.line.rule.emergency
        self._widens, self._asks = self.line.asks(self.needs)
        self.line.standing.asks_for(self, self._asks[0])

    def look(self, now: Instant) -> None:
        """What the head asks for now."""
        asks = self.ask(self.head, now)
        if asks is not self.asks:
            self.line.standing.asks_for(self, asks)

    def ask(self, caller: Caller, now: Instant) -> Ask:
        """What a caller of this row asks for now."""
        waited = now - caller.joined
        return self._asks[sum(after <= waited for after in self._widens) if self._widens else 0]

    def next_due(self, now: Instant) -> Instant | None:
        """When time alone changes something for the head: a ring opens, agents in training are
        called back, the wait becomes too long."""
        joined, rule = self.head.joined, self.rule
        instants = [joined + after for after in self._widens]
        if rule.emergency and rule.recall_after:
            instants.append(joined + rule.recall_after)
        elif rule.longest is not None and (first := next(self.may_leave(), None)) is not None:
            instants.append(first.joined + rule.longest.limit)
        return min((instant for instant in instants if instant > now), default=None)

    def may_leave(self) -> Iterator[Caller]:
        """Whom too long a wait sends away: once each, and nobody who is not there to go."""
        for caller in self.callers:
            if self.rule.name not in caller.sent_from and not caller.absent:
                yield caller


@dataclass(slots=True)
class Standing:
    """All rows of all queues that somebody stands in, those of them that were touched, and by
    skill those whose heads ask for it."""

    rows: dict[Row, None] = field(default_factory=dict)
    touched: dict[Row, None] = field(default_factory=dict)
    _by_skill: dict[Skill, dict[Row, None]] = field(default_factory=dict)

    def asks_for(self, row: Row, asks: Ask) -> None:
        """The head of a row asks for something else than before."""
        for skill in row.asks.skills:
            del self._by_skill[skill][row]
        row.asks = asks
        for skill in asks.skills:
            self._by_skill.setdefault(skill, {})[row] = None

    def fitting(self, profile: Profile) -> Iterator[Row]:
        """The rows whose heads agents of this profile may serve, as of the last look at each; one
        may come twice."""
        for skill in profile.skills:
            for row in self._by_skill.get(skill, ()):
                if row.asks.fit(profile) is not None:
                    yield row

    def touch(self, row: Row) -> None:
        """The row's head is to be looked at."""
        self.touched[row] = None

    def forget(self, row: Row) -> None:
        """Nobody stands in it any more."""
        del self.rows[row]
        self.touched.pop(row, None)
        self.asks_for(row, NOBODY)
        row.due = None


@dataclass(slots=True)
class QueueLine:
    """The callers of one queue who can be offered, in their order, and what the queue has had."""

    rule: QueueRule
    standing: Standing
    tally: Tally = field(default_factory=Tally)
    load: Load = field(default_factory=Load)
    newcomers: list[Caller] = field(default_factory=list)  # whether there is room for them is open
    storm: bool = False
    _asks: dict[Needs, Widening] = field(default_factory=dict)
    _rows: dict[tuple[int, Needs], Row] = field(default_factory=dict)
    _count: int = 0

    def follow(self, rule: QueueRule, storm: bool) -> None:
        """Another rule, or a storm (R37), from now on; everybody keeps the place."""
        self.rule, self.storm = rule, storm
        self._asks.clear()
        for row in self._rows.values():
            row.follow()
            self.standing.touch(row)

    def asks(self, needs: Needs) -> Widening:
        """When callers with these needs are offered to more people, and what they ask for before
        and after each time; they are kept, for with them what is known of every profile."""
        found = self._asks.get(needs)
        if found is None:
            if len(self._asks) >= NEEDS_KEPT:
                self._asks.clear()
            afters = self.rule.widens(needs)
            every = range(len(afters) + 1)
            asks = tuple(self.rule.ask(opened, needs, self.storm) for opened in every)
            found = self._asks[needs] = afters, asks
        return found

    def add(self, caller: Caller) -> None:
        """Put a caller at the place that is theirs."""
        key = (caller.priority, caller.needs)
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = Row(self, caller.needs, caller)
            self.standing.rows[row] = None
            self.standing.touch(row)
        else:
            row.callers.add(caller)
            if caller.place < row.head.place:
                row.head = caller
                self.standing.touch(row)
        self._count += 1
        if self.rule.largest is not None and self.rule.name not in caller.admitted:
            self.newcomers.append(caller)
        if self.rule.largest is not None or self.rule.longest is not None:
            self.standing.touch(row)

    def remove(self, caller: Caller) -> None:
        """Take a caller out. KeyError when not there."""
        row = self._rows.get((caller.priority, caller.needs))
        try:
            if row is None:
                raise ValueError
            row.callers.remove(caller)
        except ValueError:
            raise KeyError(caller.call) from None
        self._count -= 1
        if not row.callers:
            del self._rows[caller.priority, caller.needs]
            self.standing.forget(row)
        elif caller is row.head:
            row.head = row.callers[0]
            self.standing.touch(row)

    def rows(self) -> Iterator[Row]:
        """Those that somebody stands in."""
        return iter(self._rows.values())

    def head(self) -> Caller | None:
        """Who is next."""
        return min((row.head for row in self._rows.values()), key=_place, default=None)

    def ahead_of(self, caller: Caller) -> int:
        """How many here stand before a caller's place, whether the caller stands here or not."""
        place = caller.place
        return sum(row.callers.bisect_key_left(place) for row in self._rows.values())

    def callers(self) -> tuple[Caller, ...]:
        """All, in their order."""
        rows = [row.callers for row in self._rows.values()]
        return tuple(rows[0]) if len(rows) == 1 else tuple(heapq.merge(*rows, key=_place))

    def __len__(self) -> int:
        return self._count
