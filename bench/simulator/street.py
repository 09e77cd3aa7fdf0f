"""A street that is called: people who answer or do not, agents who talk; and whoever dials.

    calls     answered with probability p(t) of the instant of dialling, after a log-normal time
              (mean 11 s, cv 0.5, 2 to 29 s); else a tenth is busy or invalid within 4 s, the rest
              rings out at 30 s (OUT_RING_SECONDS)
    p(t)      .30 + .15·sin(2π(t / 2 h + phase)): .15 ↔ .45, an hour from one to the other, with a
              phase of each seed's own; or one of SHAPES
    agents    N, all of them there all the time; taken for 250 s in the mean, log-normal, cv 1, of
              which the last part, up to 30 s, is what comes after the talk (domain.md: AHT 250)
    dropped   answered, and no agent within DROP_AFTER (2 s)

The k-th call placed and the k-th talk are the same for everybody who dials, at one seed.
"""

from __future__ import annotations

import math
import time
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from random import Random
from typing import Final, Protocol

from terms.limits import OUT_RING_SECONDS

HOUR: Final = 3_600.0
TALK, RING, AFTER, BUSY = 250.0, 11.0, 30.0, 0.1
MIDDLE, SWING = 0.30, 0.15


@dataclass(frozen=True)
class Dial:
    """A call is placed; `call` is its dialler's own name for it."""

    call: str


@dataclass(frozen=True)
class Join:
    """This agent takes the call, which was answered."""

    call: str
    agent: str


@dataclass(frozen=True)
class Drop:
    """It was answered and is hung up."""

    call: str


Act = Dial | Join | Drop


class Dialler(Protocol):
    """Whoever dials. It is told what happens, and says what it does about it."""

    def begin(self, agents: list[str], now: float) -> Iterable[Act]:
        """All are idle."""

    def answered(self, call: str, now: float) -> Iterable[Act]:
        """Somebody is on the line."""

    def in_vain(self, call: str, busy: bool, now: float) -> Iterable[Act]:
        """It rang out, or was busy."""

    def over(self, call: str, agent: str, now: float) -> Iterable[Act]:
        """The talk is over; the agent has something left to do."""

    def idle(self, agent: str, now: float) -> Iterable[Act]:
        """The agent is free again."""

    def wake(self, now: float) -> Iterable[Act]:
        """The time alone."""

    def next_wake(self) -> float:
        """When to be woken."""


def _sine(seed: int, hours: int) -> Callable[[float], float]:
    phase = Random(seed).random()
    return lambda now: MIDDLE + SWING * math.sin(2 * math.pi * (now / (2 * HOUR) + phase))


def _jumps(seed: int, hours: int) -> Callable[[float], float]:
    """.15 and .45 in turns, from one second to the next, every 10 to 50 minutes."""
    dice, at, now = Random(seed), list[float](), 0.0
    while now < hours * HOUR:
        now += dice.uniform(600.0, 3_000.0)
        at.append(now)
    return lambda now: MIDDLE + SWING * (-1) ** bisect(at, now)


SHAPES: Final[dict[str, Callable[[int, int], Callable[[float], float]]]] = {
    "drifting": _sine,
    "jumping": _jumps,
    "constant": lambda seed, hours: lambda now: MIDDLE,
}
"""How the share of calls that people answer goes with time."""


@dataclass(frozen=True)
class Street:
    """One setting. `opens`: the hour of the day at which all begin."""

    agents: int
    seed: int
    hours: int = 9
    shape: str = "drifting"
    opens: float = 9 * HOUR

    def calls(self) -> Iterator[Callable[[float], tuple[bool, float, bool]]]:
        """Each call's fate: whether it is answered, after how long, whether it is busy."""
        dice, rate = Random(self.seed * 7 + 1), SHAPES[self.shape](self.seed, self.hours)
        spread = math.sqrt(math.log(1.25))
        while True:
            luck, other = dice.random(), dice.random()
            rings = dice.lognormvariate(math.log(RING) - spread**2 / 2, spread)
            rings = min(max(rings, 2.0), OUT_RING_SECONDS - 1.0)
            yield (
                lambda now, luck=luck, other=other, rings=rings: (
                    (True, rings, False)
                    if luck < rate(now)
                    else (False, 2.0 + 20.0 * other, True)
                    if other < BUSY
                    else (False, OUT_RING_SECONDS, False)
                )
            )

    def talks(self) -> Iterator[tuple[float, float]]:
        """Each talk's length, and what comes after it."""
        dice, spread = Random(self.seed * 7 + 2), math.sqrt(math.log(2.0))
        while True:
            whole = dice.lognormvariate(math.log(TALK) - spread**2 / 2, spread)
            after = min(AFTER, 0.3 * whole)
            yield whole - after, after


@dataclass
class Told:
    """What came of it, hour by hour of the clock."""

    agents: int
    answers: list[int]
    dropped: list[int]
    busy: list[float]
    placed: int = 0
    cpu: float = 0.0

    @property
    def use(self) -> float:
        """Share of the agents' time that they were taken, from the second hour on."""
        return sum(self.busy[1:]) / (HOUR * self.agents * len(self.busy[1:]))

    @property
    def shares(self) -> list[float]:
        """Of each hour's answers, those dropped. The first hour counts too."""
        return [lost / max(1, all_) for lost, all_ in zip(self.dropped, self.answers, strict=True)]

    @property
    def share(self) -> float:
        """Of all answers."""
        return sum(self.dropped) / max(1, sum(self.answers))


@dataclass
class _Day:
    """One run."""

    street: Street
    dialler: Dialler
    told: Told
    coming: list[tuple[float, int, str, str, str]] = field(default_factory=list)
    waits: set[str] = field(default_factory=set)
    taken: int = 0
    count: int = 0
    then: float = 0.0

    def __post_init__(self) -> None:
        self.fates, self.lengths = self.street.calls(), self.street.talks()

    def at(self, when: float, what: str, call: str = "", agent: str = "") -> None:
        self.count += 1
        heappush(self.coming, (when, self.count, what, call, agent))

    def hour(self, now: float) -> int:
        return min(int(now // HOUR), self.street.hours - 1)

    def passes(self, now: float) -> None:
        """Whoever is taken was so until now; no hour's end is passed over."""
        while self.then < now:
            until = min(now, (int(self.then // HOUR) + 1) * HOUR)
            self.told.busy[self.hour(self.then)] += self.taken * (until - self.then)
            self.then = until

    def does(self, acts: Iterable[Act], now: float) -> None:
        for act in acts:
            if isinstance(act, Dial):
                answers, after, busy = next(self.fates)(now)
                what = "answered" if answers else "busy" if busy else "in vain"
                self.told.placed += 1
                self.at(now + after, what, act.call)
                continue
            self.waits.remove(act.call)
            self.told.answers[self.hour(now)] += 1
            if isinstance(act, Drop):
                self.told.dropped[self.hour(now)] += 1
            else:
                talk, after = next(self.lengths)
                self.taken += 1
                self.at(now + talk, "over", act.call, act.agent)
                self.at(now + talk + after, "idle", "", act.agent)

    def happens(self, what: str, call: str, agent: str, now: float) -> Iterable[Act]:
        if what == "answered":
            self.waits.add(call)
            return self.dialler.answered(call, now)
        if what == "over":
            return self.dialler.over(call, agent, now)
        if what == "idle":
            self.taken -= 1
            return self.dialler.idle(agent, now)
        return self.dialler.in_vain(call, what == "busy", now)


def run(street: Street, dialler: Dialler) -> Told:
    """The whole day."""
    ends, hours = street.hours * HOUR, street.hours
    day = _Day(street, dialler, Told(street.agents, [0] * hours, [0] * hours, [0.0] * hours))
    began = time.process_time()
    day.does(dialler.begin([f"a{n}" for n in range(street.agents)], 0.0), 0.0)
    while True:
        wake = dialler.next_wake()
        now = min(day.coming[0][0] if day.coming else ends, wake)
        if now >= ends:
            break
        day.passes(now)
        if now == wake:
            day.does(dialler.wake(now), now)
        else:
            _, _, what, call, agent = heappop(day.coming)
            day.does(day.happens(what, call, agent, now), now)
    day.passes(ends)
    day.told.cpu = time.process_time() - began
    return day.told
