"""How long a caller who waits will still wait, as an honest range, learned on the floor itself.

Nobody knows the answer by formula where skills overlap, priorities overtake and callers give up;
so it is learned from every answer that comes. What is looked at when the question is asked:

* how many stand ahead here, by how fast this queue's callers have been answered lately, counting
  those who will give up before (the queue-length estimator with abandonment, Ibrahim and Whitt
  2009): sum over those ahead of 1 / (rate + k · hazard);
* how many stand ahead in all queues, by how fast all are answered: whom agents are shared with;
* how long the last one answered here had waited (LES), and the head has waited so far (HOL).

A line fitted by least squares, one for each queue, weighs these (learned predictors beat each of
them where skills overlap: Thiongane, Chan and L'Ecuyer 2020). The range lies between quantiles of
how earlier answers compared with what was said, so that it holds as often as it claims to.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from acd.learning import LeastSquares, Quantile
from acd.queues import Caller, Where
from terms.limits import (
    WAIT_GIVES_UP_AFTER,
    WAIT_MEMORY,
    WAIT_QUESTIONS_KEPT,
    WAIT_RANGE_HOLDS,
    WAIT_RECENT,
    WAIT_SERVED_EVERY,
)
from terms.names import CallId, Instant, QueueName, Seconds

if TYPE_CHECKING:
    from acd.moves import Moves

TRUST, FIRST_WEIGHTS = 0.02, (1.0, 0.0, 0.0, 0.0, 0.0)
"""The queue-length estimator alone, until answers say better."""

CROWDS = (1, 3, 9)
"""Up to so many ahead, a range is learned apart: the fewer, the wider it is in proportion."""


@dataclass(frozen=True, slots=True)
class Expected:
    """How many stand ahead, this one counted; and the wait that is left, from `low` to `high`, in
    which `WAIT_RANGE_HOLDS` of the answers come. `mean` is what is expected in the middle."""

    position: int
    low: Seconds
    high: Seconds
    mean: Seconds


@dataclass(slots=True)
class Pace:
    """How fast callers are answered and give up, lately; the newest counts the most.

    Only gaps between two answers during which somebody waited tell how fast agents become free.
    """

    gap: Seconds = WAIT_SERVED_EVERY
    gave_up: float = 1.0  # weighed like `waited`
    waited: Seconds = WAIT_GIVES_UP_AFTER
    answered_at: Instant | None = None
    some_waited: bool = False

    def answered(self, now: Instant, some_wait: bool, waited: Seconds) -> None:
        """One more answer; whether others still wait for the next one."""
        if self.answered_at is not None and self.some_waited and now >= self.answered_at:
            self.gap += (now - self.answered_at - self.gap) / WAIT_RECENT
        self.answered_at, self.some_waited = now, some_wait
        self.left(waited, gave_up=False)

    def left(self, waited: Seconds, gave_up: bool) -> None:
        """One more wait is over, by an answer or by giving up."""
        keep = 1 - 1 / WAIT_RECENT
        self.gave_up = self.gave_up * keep + gave_up
        self.waited = self.waited * keep + waited

    def until_served(self, ahead: float) -> Seconds:
        """The queue-length estimator with abandonment for a caller with so many ahead."""
        hazard = self.gave_up / max(self.waited, 1.0)
        return math.log1p((ahead + 1) * hazard * self.gap) / hazard if hazard else 0.0


@dataclass(slots=True)
class Question:
    """What was asked, and said, about a caller who still waits."""

    at: Instant
    looked_at: tuple[float, ...]
    mean: Seconds
    position: int


@dataclass(slots=True)
class Learned:
    """What the answers of one queue have taught."""

    pace: Pace = field(default_factory=Pace)
    last_wait: Seconds = 0.0
    line: LeastSquares = field(
        default_factory=lambda: LeastSquares(FIRST_WEIGHTS, TRUST, WAIT_MEMORY)
    )


class Estimator:
    """Told of each answer and each end by the floor; asked through `Floor.expected`."""

    def __init__(self) -> None:
        self._queues: dict[QueueName, Learned] = {}
        self._all = Pace()
        self._asked: dict[CallId, list[Question]] = {}
        part = (1 - WAIT_RANGE_HOLDS) / 2
        spread = [1.28 / math.sqrt(crowd) for crowd in (*CROWDS, 2 * CROWDS[-1])]
        self._low = [Quantile(part, max(0.1, 1 - one), 0.01) for one in spread]
        self._high = [Quantile(1 - part, 1 + one, 0.01) for one in spread]

    # --- what happens ---
    def answered(self, floor: Moves, caller: Caller, now: Instant) -> None:
        """A caller is with an agent."""
        mine = self._of(caller)
        waited = caller.waited(now)
        mine.pace.answered(now, bool(len(floor.line(caller))), waited)
        self._all.answered(now, any(len(line) for line in floor.lines.values()), waited)
        mine.last_wait = waited
        for question in self._asked.pop(caller.call, ()):
            self._learn(mine, question, now - question.at)

    def gave_up(self, caller: Caller, now: Instant) -> None:
        """A caller has left without an answer."""
        self._asked.pop(caller.call, None)
        self._of(caller).pace.left(caller.waited(now), gave_up=True)
        self._all.left(caller.waited(now), gave_up=True)

    def is_now(self, old: CallId, call: CallId) -> None:
        """A caller is there again, on another channel."""
        if (asked := self._asked.pop(old, None)) is not None:
            self._asked[call] = asked

    # --- the question ---
    def expected(self, floor: Moves, call: CallId, now: Instant) -> Expected | None:
        """What is to be said now; None about a call that waits in no line. The answer, when it
        comes, is learned from."""
        caller = floor.callers.get(call)
        if caller is None or caller.dialled or caller.where is Where.TALKING:
            return None
        mine = self._of(caller)
        here, everywhere, head = _ahead(floor, caller, now)
        said = mine.pace.until_served(here)
        looked_at = (
            said,
            self._all.until_served(everywhere),
            max(0.0, mine.last_wait - (now - caller.joined)),
            head,
            1.0,
        )
        mean = min(max(mine.line.says(looked_at), said / 5), said * 5)
        asked = self._asked.setdefault(call, [])
        if len(self._asked) > len(floor.callers):  # somebody has left by another way
            self._asked = {one: old for one, old in self._asked.items() if one in floor.callers}
        if len(asked) < WAIT_QUESTIONS_KEPT:
            asked.append(Question(now, looked_at, mean, here + 1))
        crowd = _crowd(here + 1)
        low, high = self._low[crowd].value * mean, self._high[crowd].value * mean
        return Expected(here + 1, max(0.0, min(low, mean)), max(high, mean), mean)

    def _learn(self, mine: Learned, question: Question, waited: Seconds) -> None:
        size = 1 / (1.0 + question.mean)  # long waits spread as widely as they are long
        mine.line.learn([one * size for one in question.looked_at], waited * size)
        crowd, ratio = _crowd(question.position), waited / max(question.mean, 0.1)
        self._low[crowd].learn(ratio)
        self._high[crowd].learn(ratio)

    def _of(self, caller: Caller) -> Learned:
        name = caller.rule.name
        if name not in self._queues:
            self._queues[name] = Learned()
        return self._queues[name]


def _crowd(position: int) -> int:
    return sum(position > crowd for crowd in CROWDS)


def _ahead(floor: Moves, caller: Caller, now: Instant) -> tuple[int, int, Seconds]:
    """How many stand ahead in the caller's own line; in all lines; and the head's wait so far."""
    own = floor.line(caller)
    here = own.ahead_of(caller)
    head = own.head()
    everywhere = here
    for line in floor.lines.values():
        if line is own:
            continue
        if line.rule.emergency != own.rule.emergency:
            everywhere += len(line) if line.rule.emergency else 0
        else:
            everywhere += line.ahead_of(caller)
    return here, everywhere, now - head.joined if head is not None else 0.0
