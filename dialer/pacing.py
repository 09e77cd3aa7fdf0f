"""How many calls at once. Pure formulas; nothing is remembered here.

Progressive and preview: an agent is reserved for each call, so calls = idle − ringing, and nothing
is dropped (R63).

Predictive: with `free` agents (idle now, less those whom calls will take first, plus those expected
to become free within a ring time) and n calls ringing, each answered with probability p, one more
call is placed while it costs less than θ drops for each answer that it brings:

    [ E(A(n+1) − free)⁺ − E(A(n) − free)⁺ ] / p ≤ θ          A(n) ~ Normal(np, np(1−p))

θ is steered by the budget of drops of the hour, `share`·answers − drops: nothing to spend, no
call beyond the idle agents; more to spend, more is dared. What may still be dropped by calls that
ring already comes off the budget first, with a margin, so the cap holds in every hour and not in
the mean of the day. The hour is the clock's; a call whose answer could fall into the next one has
that hour's budget, which is nothing yet.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from terms.limits import (
    DROPS_MARGIN,
    DROPS_PATIENCE,
    DROPS_SHARE,
    PREDICTIVE_CALLS_AN_AGENT,
)
from terms.names import Instant, Seconds

HOUR: Seconds = 3_600.0


def progressive(idle: int, ringing: int) -> int:
    """How many calls may be placed now; `idle` counts the agents whose call still rings."""
    return max(0, idle - ringing)


def excess(mean: float, spread: float, free: float) -> float:
    """E(A − free)⁺ for A normal with this mean and standard deviation."""
    if spread <= 0.0:
        return max(0.0, mean - free)
    z = (mean - free) / spread
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    above = (1 + math.erf(z / math.sqrt(2))) / 2
    return max(0.0, spread * density + (mean - free) * above)  # far below 0 it is rounding


def drops(calls: int, free: float, answered: float) -> float:
    """How many of so many ringing calls are expected to find nobody."""
    spread = math.sqrt(max(0.0, calls * answered * (1 - answered)))
    return excess(calls * answered, spread, free)


@dataclass(frozen=True, slots=True)
class Hour:
    """What one hour of the clock has brought so far, of predictive calls alone."""

    starts: Instant = 0.0
    answers: int = 0
    dropped: int = 0

    def at(self, now: Instant) -> Hour:
        """This hour, or a new one. A clock that was set back stays in the hour it had."""
        starts = now - now % HOUR
        return self if starts <= self.starts else Hour(starts)

    def told(self, now: Instant, dropped: bool) -> Hour:
        """One more answer; `dropped` ones are answers too."""
        hour = self.at(now)
        return Hour(hour.starts, hour.answers + 1, hour.dropped + dropped)

    def budget(self, share: float = DROPS_SHARE) -> float:
        """Drops that may still come; below 0 when the cap is broken already."""
        return share * self.answers - self.dropped


def theta(budget: float, share: float = DROPS_SHARE) -> float:
    """The price of an answer in drops: the share itself when the budget is one of
    DROPS_PATIENCE drops, in proportion to it otherwise, and at most ten times the share."""
    return share * min(10.0, max(0.0, budget / DROPS_PATIENCE))


def predictive(
    idle: int,
    ringing: int,
    freeing: float,
    answered: float,
    hour: Hour,
    now: Instant,
    ring_seconds: Seconds,
) -> int:
    """How many more calls to place now, without an agent reserved.

    `freeing`: agents expected to become free within a ring time; `answered`: the share of calls
    that people answer, lately. Never fewer than progressive, which drops nothing.
    """
    sure = progressive(idle, ringing)
    hour = hour.at(now)
    if hour.at(now + ring_seconds) is not hour or not 0.0 < answered <= 1.0:
        return sure
    budget, free = hour.budget(), idle + max(0.0, freeing)
    more, most = sure, PREDICTIVE_CALLS_AN_AGENT * max(1, round(free)) - ringing
    while more < most:
        calls = ringing + more + 1
        risk = drops(calls, free, answered)
        if risk + DROPS_MARGIN * math.sqrt(risk) > budget:
            break
        gain = drops(calls, free, answered) - drops(calls - 1, free, answered)
        if gain / answered > theta(budget - risk):
            break
        more += 1
    return more
