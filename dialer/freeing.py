"""How many agents become free soon: what predictive dialling counts on beside those who are idle.

    of = Handlings()                         one for each queue, kept by whoever sees the floor
    of.took(seconds)                         an agent is free again, so long after the call began
    of.soon(each agent's seconds so far)     → what AgentsFreeing(queue, agents) is told

Told is the whole time from the join to being free again: the talk and what comes after it. Of the
last HANDLINGS_KEPT of them those count that lasted longer than this agent's call lasts already; the
share of these that ended within PACING_AHEAD more is how likely the agent is free by then (the
empirical hazard; Kaplan and Meier 1958 without censoring). HANDLINGS_TRUST handlings of an
exponential kind with the same mean are mixed in: they are all that counts at the start, and what
is left to count for a call that lasts longer than any before.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from terms.limits import HANDLING_FIRST, HANDLINGS_KEPT, HANDLINGS_TRUST, PACING_AHEAD
from terms.names import Seconds


@dataclass(slots=True)
class Handlings:
    """How long agents of a queue are taken by a call, of late."""

    _last: deque[Seconds] = field(default_factory=deque)
    _sorted: list[Seconds] = field(default_factory=list)
    _sum: Seconds = 0.0

    @property
    def mean(self) -> Seconds:
        """Of those that count, and of the first guess while they are few."""
        whole = self._sum + HANDLINGS_TRUST * HANDLING_FIRST
        return whole / (len(self._last) + HANDLINGS_TRUST)

    def took(self, seconds: Seconds) -> None:
        """An agent was taken for so long, and is free again. What cannot be is left out."""
        if not 0.0 <= seconds < math.inf:
            return
        self._last.append(seconds)
        self._sum += seconds
        insort(self._sorted, seconds)
        if len(self._last) > HANDLINGS_KEPT:
            old = self._last.popleft()
            self._sum -= old
            del self._sorted[bisect_left(self._sorted, old)]

    def soon(self, so_far: Iterable[Seconds], within: Seconds = PACING_AHEAD) -> float:
        """How many of the agents who are taken, each for so long already, will be free within so
        many seconds: the expected number."""
        guess = HANDLINGS_TRUST * (1.0 - math.exp(-within / max(1.0, self.mean)))
        return sum(self._ends(seconds, within, guess) for seconds in so_far)

    def _ends(self, seconds: Seconds, within: Seconds, guess: float) -> float:
        longer = bisect_right(self._sorted, seconds)
        ended = bisect_right(self._sorted, seconds + within) - longer
        return (ended + guess) / (len(self._sorted) - longer + HANDLINGS_TRUST)
