"""How many calls at once. Pure formulas; nothing is remembered here.

Progressive and preview: an agent is reserved for each call, so calls = idle − ringing, and nothing
is dropped (R63).

Predictive. Of the calls that ring, A will be answered, and F agents become free, by the time at
which a call that is placed now would be answered (PACING_AHEAD). With x idle agents one more call,
answered with probability p, is placed while it costs less than θ drops for each answer it brings:

    [ E(A + one more − F − x)⁺ − E(A − F − x)⁺ ] / p ≤ θ        A − F ~ Normal

A is the sum of what each ringing call still promises, which falls with the time that it has rung
(dialer/ringing.py); F is what dialer/freeing.py foretells, as uncertain as a count of its size
(Poisson). Both spreads count, and so does what is not known of p itself. This is the marginal rule
for the newsvendor's loss (the loss of a normal: Silver, Pyke and Peterson, Inventory Management,
3rd edition, appendix B), with calls for goods and agents for customers.

θ is the price of an answer in drops. It is learned: each answer moves it up and each drop down, so
that of the answers DROPS_TARGET are dropped in the long run, whatever the formula gets wrong (a
stochastic approximation, Robbins and Monro 1951, on a logarithmic scale).

The cap is of the hour by the clock. What may still be spent in it is DROPS_SHARE of its answers so
far, and of those that it will bring for sure, less its drops. For sure is what it will bring if
only as many calls as there are idle agents are made from now on, which drops nothing: a part
(DROPS_SURE) of what the last minutes brought, less DROPS_MARGIN standard deviations, and never more
than the campaign's contacts can bring. What is dropped if so many standard deviations more of the
calls that ring are answered must fit into that; the nearer it comes, the lower the price. So the
cap is a bound that chance alone can break, once in some hundred hours of a small campaign, or an
end of all dialling while an hour is young: no rule that drops at all can promise more, for who has
dropped the first answer of an hour and is stopped then has dropped all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from terms.limits import (
    ANSWERS_FLOW,
    DROPS_LESSON,
    DROPS_MARGIN,
    DROPS_NEAR,
    DROPS_PRICE,
    DROPS_PRICE_FIRST,
    DROPS_SHARE,
    DROPS_SURE,
    DROPS_TARGET,
    PREDICTIVE_CALLS_AN_AGENT,
    RING_SECONDS_MAX,
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


@dataclass(frozen=True, slots=True)
class Hour:
    """What one hour of the clock has brought so far, of predictive calls alone; and what the hours
    before it have taught: the price of an answer, and how many answers come each second."""

    starts: Instant = 0.0
    answers: int = 0
    dropped: int = 0
    price: float = DROPS_PRICE_FIRST
    flow: float = 0.0
    heard_at: Instant = 0.0

    def at(self, now: Instant) -> Hour:
        """This hour, or a new one. A clock that was set back stays in the hour it had."""
        starts = now - now % HOUR
        if starts <= self.starts:
            return self
        return Hour(starts, price=self.price, flow=self.flow, heard_at=self.heard_at)

    def told(self, now: Instant, dropped: bool) -> Hour:
        """One more answer; `dropped` ones are answers too."""
        hour, (least, most) = self.at(now), DROPS_PRICE
        price = hour.price * math.exp(DROPS_LESSON * (DROPS_TARGET - dropped))
        return Hour(
            hour.starts,
            hour.answers + 1,
            hour.dropped + dropped,
            min(most, max(least, price)),
            hour.per_second(now) + 1 / ANSWERS_FLOW,
            max(now, hour.heard_at),
        )

    def per_second(self, now: Instant) -> float:
        """Answers a second of late; it falls while none come."""
        return self.flow * math.exp(-max(0.0, now - self.heard_at) / ANSWERS_FLOW)

    def sure(self, now: Instant, at_most: float = math.inf) -> float:
        """How many answers the rest of this hour will bring for sure, and no more than this."""
        return self._sure(now, max(0.0, self.starts + HOUR - now), at_most)

    def _sure(self, now: Instant, seconds: Seconds, at_most: float) -> float:
        expected = min(at_most, self.per_second(now) * seconds * DROPS_SURE)
        return max(0.0, expected - DROPS_MARGIN * math.sqrt(expected))

    def budget(self, now: Instant, at_most: float = 0.0) -> float:
        """Drops that may still come; below 0 when the cap is broken as things stand. `at_most`: so
        many answers can still come at all. A call that may be answered in the next hour has the
        smaller of both hours' budgets."""
        hour = self.at(now)
        budget = DROPS_SHARE * (hour.answers + hour.sure(now, at_most)) - hour.dropped
        if hour.starts + HOUR - now < RING_SECONDS_MAX:
            budget = min(budget, DROPS_SHARE * hour._sure(now, HOUR, at_most))
        return budget


def at_worst(mean: float, spread: float, free: float) -> float:
    """Drops if DROPS_MARGIN standard deviations more answers come than so many free agents could
    take; never less than a whole one. Drops come together: where one is, the next ones are near."""
    return max(1.0, mean + DROPS_MARGIN * spread - free)


def predictive(
    idle: int,
    ringing: Sequence[float],
    freeing: float,
    answered: float,
    doubt: float,
    hour: Hour,
    now: Instant,
    at_most: float = math.inf,
) -> int:
    """How many more calls to place now, without an agent reserved.

    `ringing`: what each call that has no agent yet promises, 1 for one that was answered;
    `freeing`: agents expected to become free within PACING_AHEAD; `answered`: the share of calls
    that people answer, lately; `doubt`: its standard deviation as a part of it; `at_most`: so many
    answers the campaign can still bring. Never fewer than progressive, which drops nothing.
    """
    sure = progressive(idle, len(ringing))
    if not 0.0 < answered <= 1.0:
        return sure
    budget = hour.budget(now, at_most)
    freeing = max(0.0, freeing)
    mean = sum(ringing) + sure * answered
    chance = sum(one * (1 - one) for one in ringing) + freeing
    chance += sure * answered * (1 - answered)
    free = idle + freeing
    risk, more = excess(mean, math.hypot(math.sqrt(chance), doubt * mean), free), sure
    most = PREDICTIVE_CALLS_AN_AGENT * max(1, round(free)) - len(ringing)
    while more < most:
        mean, chance = mean + answered, chance + answered * (1 - answered)
        spread = math.hypot(math.sqrt(chance), doubt * mean)
        then = excess(mean, spread, free)
        left = budget - at_worst(mean, spread, free)
        if left < 0.0 or then - risk > answered * hour.price * min(1.0, left / DROPS_NEAR):
            break
        risk, more = then, more + 1
    return more
