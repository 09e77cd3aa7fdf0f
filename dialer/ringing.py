"""How likely a call is answered, and how likely one that has rung for a while still is.

The share p of calls that people answer drifts with the hour and with the list, so it is learned
from about the last ANSWERS_RECENT calls. They are taken in the order of dialling, not of ending:
an answer ends the ringing after ten seconds and silence after thirty, so whoever counts calls as
they end sees the answers of a burst first, dials less, sees its silence later, dials more, and
swings. Therefore a call counts when it would have rung out. What was supposed before any call was
made is worth ANSWERS_TRUST of them.

    chance(age) = p·S(age) / ( p·S(age) + (1 − p)·U(age) )

is Bayes' rule with S the share of answered calls that had rung longer than this, and U that of the
others (busy and invalid ones end at once). Both curves are learned too, from RINGS_RECENT calls of
each kind, in steps of RING_STEP; until then answers are spread evenly over twenty seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Final

from terms.limits import (
    ANSWERS_FIRST,
    ANSWERS_RECENT,
    ANSWERS_TRUST,
    RING_SECONDS_MAX,
    RING_STEP,
    RINGS_FIRST,
    RINGS_RECENT,
)
from terms.names import Instant, Seconds

STEPS: Final = math.ceil(RING_SECONDS_MAX / RING_STEP) + 1
_FIRST_ANSWERS: Final = math.ceil(20.0 / RING_STEP)


def _step(rang: Seconds) -> int:
    return min(STEPS - 1, max(0, int(rang / RING_STEP)))


@dataclass(slots=True)
class Rings:
    """What a campaign's calls have taught of ringing."""

    share: float = ANSWERS_FIRST
    _answers: list[float] = field(
        default_factory=lambda: (
            [RINGS_FIRST / _FIRST_ANSWERS] * _FIRST_ANSWERS + [0.0] * (STEPS - _FIRST_ANSWERS)
        )
    )
    _others: list[float] = field(default_factory=lambda: [0.0] * (STEPS - 1) + [RINGS_FIRST])
    _due: list[tuple[Instant, int, bool]] = field(default_factory=list)
    _learned: float = ANSWERS_TRUST
    _count: int = 0
    _longer: list[tuple[float, float]] | None = None  # S and U by step, while nothing is new

    @property
    def doubt(self) -> float:
        """The standard deviation of the share, as a part of it."""
        return math.sqrt((1.0 - self.share) / max(1e-3, self.share) / self._learned)

    def ended(self, now: Instant, rang: Seconds, rings_out: Seconds, answered: bool) -> None:
        """A call has stopped ringing after so long; unanswered it would for `rings_out`."""
        self._count += 1
        heappush(self._due, (now + max(0.0, rings_out - rang), self._count, answered))
        self._learn(self._answers if answered else self._others, rang)
        self.until(now)

    def until(self, now: Instant) -> None:
        """Calls that would have rung out by now are counted."""
        while self._due and self._due[0][0] <= now:
            answered = heappop(self._due)[2]
            self._learned = min(self._learned + 1.0, ANSWERS_RECENT)
            self.share += (answered - self.share) / self._learned

    def chance(self, rang: Seconds) -> float:
        """That a call that has rung for so long is answered still."""
        longer, other = self._curves()[_step(rang)]
        yes, no = self.share * longer, (1.0 - self.share) * other
        return yes / (yes + no) if yes + no > 0.0 else 0.0

    def _learn(self, of: list[float], rang: Seconds) -> None:
        for step in range(STEPS):
            of[step] -= of[step] / RINGS_RECENT
        of[_step(rang)] += 1.0
        self._longer = None

    def _curves(self) -> list[tuple[float, float]]:
        if self._longer is None:
            self._longer = list(
                zip(_longer_than(self._answers), _longer_than(self._others), strict=True)
            )
        return self._longer


def _longer_than(counts: list[float]) -> list[float]:
    """For each step, the share that rang longer than its middle."""
    left, found = sum(counts), list[float]()
    whole = max(left, 1e-9)
    for count in counts:
        found.append(max(0.0, left - count / 2) / whole)
        left -= count
    return found
