"""Whom our dialling is compared with, on the street of bench/simulator/street.py.

    progressive   one call for each idle agent
    ratio         so many calls ringing for each idle agent, always
    adaptive      VICIdial's ADAPT_HARD_LIMIT, ADAPT_AVERAGE and ADAPT_TAPERED

The adaptive methods are written after what VICIdial's own scripts do (bin/AST_VDadapt.pl, 2.4, and
bin/AST_VDauto_dial.pl, both by Matt Florell; read for the facts, the code here is our own):

* every 2.5 s as many calls are placed as lack to level × agents, all calls counted that ring, wait
  or talk ("available only" counts idle agents, and adds the talking ones' calls to the goal);
* every second the idle agents less the waiting calls are looked at; every 15 s the level is
  multiplied by 1 + (their mean of the last 15 looks + difference target) / agents, and by the
  intensity setting: a positive change times 1 + intensity, a negative one times |intensity − 1|;
  at most adaptive_maximum_level (3 unless set), at least 1;
* once a minute the day's drops are counted. Over adaptive_dropped_percentage of the day's answers,
  with more than 50 calls made, the level becomes 1 (hard limit), is halved (average), or is
  multiplied by the hours left until adaptive_latest_server_time (21:00 unless set), a tenth for
  each and 1 at most (tapered). If half of the last minute's calls were dropped, it is halved.

The level then goes on from what became of it, so "halved" is halved again 15 s later. Its drops are
of the day, the clock's hours do not matter to it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bench.simulator.street import HOUR, Act, Dial, Drop, Join
from terms.limits import DROP_AFTER


@dataclass
class Plain:
    """An answered call takes whoever is idle longest, or is dropped after DROP_AFTER."""

    agents: int = 0
    free: deque[str] = field(default_factory=deque)
    waiting: deque[tuple[str, float]] = field(default_factory=deque)
    ringing: int = 0
    taken: int = 0
    called: int = 0
    answers: int = 0
    drops: int = 0

    def more(self, now: float) -> int:
        """How many calls to place now."""
        raise NotImplementedError

    def begin(self, agents: list[str], now: float) -> Iterable[Act]:
        self.agents = len(agents)
        self.free.extend(agents)
        return self._then(now)

    def answered(self, call: str, now: float) -> Iterable[Act]:
        self.ringing -= 1
        self.waiting.append((call, now))
        return self._then(now)

    def in_vain(self, call: str, busy: bool, now: float) -> Iterable[Act]:
        self.ringing -= 1
        return self._then(now)

    def over(self, call: str, agent: str, now: float) -> Iterable[Act]:
        return ()

    def idle(self, agent: str, now: float) -> Iterable[Act]:
        self.taken -= 1
        self.free.append(agent)
        return self._then(now)

    def wake(self, now: float) -> Iterable[Act]:
        return self._then(now)

    def next_wake(self) -> float:
        return self.waiting[0][1] + DROP_AFTER if self.waiting else float("inf")

    def _then(self, now: float) -> Iterator[Act]:
        while self.waiting and self.free:
            self.taken += 1
            self.answers += 1
            yield Join(self.waiting.popleft()[0], self.free.popleft())
        while self.waiting and now >= self.waiting[0][1] + DROP_AFTER:
            self.answers += 1
            self.drops += 1
            yield Drop(self.waiting.popleft()[0])
        for _ in range(self.more(now)):
            self.called += 1
            self.ringing += 1
            yield Dial(str(self.called))


@dataclass
class Progressive(Plain):
    """One call for each idle agent."""

    def more(self, now: float) -> int:
        return max(0, len(self.free) - self.ringing)


@dataclass
class Ratio(Plain):
    """`ratio` calls ringing for each idle agent."""

    ratio: float = 2.0

    def more(self, now: float) -> int:
        return max(0, round(self.ratio * len(self.free)) - self.ringing)


@dataclass
class Adaptive(Plain):
    """See the file's top. `limit`, `intensity` in per cent."""

    method: str = "HARD_LIMIT"
    limit: float = 3.0
    intensity: float = 0.0
    difference: float = 0.0
    available_only: bool = False
    opens: float = 9 * HOUR
    level: float = 1.0
    most: float = 3.0
    ends: float = 21 * HOUR
    _looks: deque[int] = field(default_factory=lambda: deque(maxlen=15))
    _seconds: int = 0
    _places_at: float = 0.0
    _over: bool = False
    _flood: bool = False
    _minute: tuple[int, int] = (0, 0)

    def more(self, now: float) -> int:
        if now < self._places_at:
            return 0
        self._places_at = now + 2.5
        counted = len(self.free) if self.available_only else len(self.free) + self.taken
        goal = self.level * max(0.0, counted + self.difference)
        goal += self.taken if self.available_only else 0
        return max(0, round(goal) - self.ringing - len(self.waiting) - self.taken)

    def next_wake(self) -> float:
        return min(super().next_wake(), float(self._seconds), self._places_at)

    def wake(self, now: float) -> Iterable[Act]:
        while self._seconds <= now:
            self._looks.append(len(self.free) - len(self.waiting))
            if self._seconds % 60 == 0:
                self._count()
            if self._seconds and self._seconds % 15 == 0:
                self._adapt(now)
            self._seconds += 1
        return super().wake(now)

    def _count(self) -> None:
        called, drops = self.called - self._minute[0], self.drops - self._minute[1]
        self._minute = (self.called, self.drops)
        self._flood = called > 20 and drops > called / 2
        self._over = self.called > 50 and self.drops * 100 > self.limit * max(1, self.answers)

    def _adapt(self, now: float) -> None:
        change = (sum(self._looks) / len(self._looks) + self.difference) / self.agents
        change *= abs(self.intensity / 100 - 1) if change < 0 else self.intensity / 100 + 1
        level = max(1.0, min(self.most, self.level * (1 + change)))
        if self._flood:
            level /= 2
        if self._over:
            level = self._lowered(level, now)
        self.level = max(1.0, level)

    def _lowered(self, level: float, now: float) -> float:
        if self.method == "HARD_LIMIT":
            return 1.0
        if self.method == "AVERAGE":
            return level / 2
        left = (self.ends - self.opens - now) / HOUR
        return level * min(1.0, left / 10) if left >= 0 else 1.0
