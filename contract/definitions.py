"""What the city's contract says, as values: indicators, targets, bands, points, payment.

All of it is data (R72): reader/contract_file.py reads it from `contrato.yaml`. Shares, points and
factors are exact fractions, so that a share of just 85 % is 85 % and not a little less.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Final

from terms.counted import Counted
from terms.names import Instant, Seconds
from terms.outcome import CallOutcome


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of values; an end that is None is open for ever."""

    low: Fraction | None = None
    high: Fraction | None = None
    low_in: bool = True  # whether the end itself belongs to it
    high_in: bool = True

    def holds(self, value: Fraction) -> bool:
        """Whether the value lies in it."""
        return not self.is_above(value) and not self.is_below(value)

    def is_above(self, value: Fraction) -> bool:
        """Whether all of it is greater than the value."""
        low = self.low
        return low is not None and (value < low or (value == low and not self.low_in))

    def is_below(self, value: Fraction) -> bool:
        """Whether all of it is less than the value."""
        high = self.high
        return high is not None and (value > high or (value == high and not self.high_in))


@dataclass(frozen=True, slots=True)
class Band:
    """What a share in this span costs: `points`, or `again` when the target was missed lately,
    too."""

    span: Span
    points: Fraction
    again: Fraction


@dataclass(frozen=True, slots=True)
class Formula:
    """A share: one count over another, and what it is called."""

    count: Counted
    of: Counted
    title: str = ""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator. `within`: X, the seconds of waiting that it looks at. `target`: the shares
    that meet it. `other`: the other common formula, shown beside and never judged (R70)."""

    name: str
    title: str
    formula: Formula
    target: Span
    lines: tuple[str, ...] = ()
    within: Seconds = 15.0
    other: Formula | None = None
    bands: tuple[Band, ...] = ()
    because: str = ""


class Gap(StrEnum):
    """What is done with a value that no band of a table holds. It is flagged by any rule."""

    WORSE = "worse"  # the worse one of the two bands beside it
    BETTER = "better"
    ROUNDED = "rounded"  # rounded to whole percents (points) first; if that helps not, the worse


class Overlap(StrEnum):
    """What is done with a value that several bands hold. It is flagged by any rule."""

    WORSE = "worse"
    BETTER = "better"


@dataclass(frozen=True, slots=True)
class FactorRow:
    """How much of the month's price is paid for so many points."""

    points: Span
    factor: Fraction


class LikeDays(StrEnum):
    """Which days are like a day (R73)."""

    WEEKDAY = "weekday"  # the same day of the week, working days; holidays among themselves
    KIND = "kind"  # working days, Saturdays, Sundays and holidays


@dataclass(frozen=True, slots=True)
class ExceptionalRule:
    """When a day was exceptional: more than `above` over the mean of like days in `months`
    before it. With fewer than `least` like days, nobody can say."""

    above: Fraction = Fraction(15, 100)
    months: int = 12
    alike: LikeDays = LikeDays.WEEKDAY
    least: int = 4


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """Whose survey counts as satisfied: marks of `mark` or more in `share` of the questions that
    they answered."""

    mark: int = 4
    share: Fraction = Fraction(2, 3)


@dataclass(frozen=True, slots=True)
class Billing:
    """What is paid: calls that ended so, each number once in `apart` (R74); a chat is worth
    `chat` of a call. `price` of a call in reais; None: it is not written in the file."""

    outcomes: frozenset[CallOutcome] = frozenset({CallOutcome.SERVED, CallOutcome.ENDED_IN_MENU})
    apart: Seconds = 900.0
    chat: Fraction = Fraction(30, 100)
    price: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds from a day on, until other terms do. `measured_from`: the first month that was
    measured; `free_months` of it and the next are measured and not charged. `recurs_in`: months
    before, in which a missed target makes another miss a repeated one."""

    since: date
    source: str
    indicators: tuple[Indicator, ...]
    factors: tuple[FactorRow, ...]
    measured_from: date
    free_months: int = 3
    recurs_in: int = 1
    gap: Gap = Gap.WORSE
    overlap: Overlap = Overlap.WORSE
    exceptional: ExceptionalRule = field(default_factory=ExceptionalRule)
    satisfaction: Satisfaction = field(default_factory=Satisfaction)
    billing: Billing = field(default_factory=Billing)

    def named(self) -> Mapping[str, Indicator]:
        """The indicators by name."""
        return {one.name: one for one in self.indicators}


@dataclass(frozen=True, slots=True)
class Window:
    """Maintenance that was agreed on: what is down meanwhile is no unavailability."""

    since: Instant
    until: Instant
    because: str


@dataclass(frozen=True, slots=True)
class Contract:
    """All terms, the oldest first, and the maintenance windows."""

    terms: tuple[Terms, ...] = ()
    windows: tuple[Window, ...] = ()

    def holding(self, day: date) -> Terms | None:
        """The terms that hold on a day; None before the first."""
        return next((one for one in reversed(self.terms) if one.since <= day), None)


HUNDRED: Final = 100


def months_on(day: date, months: int) -> date:
    """The first day of the month that is so many months after (before, if negative) a day's."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)
