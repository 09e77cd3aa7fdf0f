"""A month's indicators: what counts come to, by each formula, with and without exceptional days.

counts of each day ──► Measured (share by definition, share by the other formula)
                   └─► the same without exceptional days
Measured + the months before ──► Judged (band, points, repeated or not, flagged or not)
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from contract.bands import Verdict, judge
from contract.definitions import Formula, Indicator, Terms
from terms.counted import Counted, Counts

ByDay = Mapping[date, Counts]


@dataclass(frozen=True, slots=True)
class Share:
    """One share: None where nothing was counted, and where there is nothing to divide by."""

    count: int | None
    of: int | None

    @property
    def value(self) -> Fraction | None:
        """The share itself."""
        if self.count is None or not self.of:
            return None
        return Fraction(self.count, self.of)


@dataclass(frozen=True, slots=True)
class Judged:
    """One indicator in one month. `without`: without exceptional days; None when there are none."""

    indicator: Indicator
    share: Share
    verdict: Verdict
    other: Share | None = None
    without: Share | None = None
    without_verdict: Verdict | None = None
    again: bool = False


def share_of(formula: Formula, days: ByDay, leave_out: Collection[date] = ()) -> Share:
    """One count over another, over all days but those left out."""
    return Share(_total(formula.count, days, leave_out), _total(formula.of, days, leave_out))


def _total(count: Counted, days: ByDay, leave_out: Collection[date]) -> int | None:
    """None when no day counted it: that is not zero."""
    found = [
        counts[count] for day, counts in days.items() if day not in leave_out and count in counts
    ]
    return sum(found) if found else None


def missed(indicator: Indicator, days: ByDay) -> bool:
    """Whether the target was missed in a month. A month without figures was not missed."""
    value = share_of(indicator.formula, days).value
    return value is not None and not indicator.target.holds(value)


def judged(
    indicator: Indicator,
    days: ByDay,
    terms: Terms,
    before: Sequence[ByDay] = (),
    exceptional: Collection[date] = (),
) -> Judged:
    """One indicator in one month. `before`: the months in which a miss makes this one a repeated
    one."""
    share = share_of(indicator.formula, days)
    again = any(missed(indicator, month) for month in before)
    left_out = [day for day in days if day in exceptional]
    without = share_of(indicator.formula, days, left_out) if left_out else None
    return Judged(
        indicator,
        share,
        judge(indicator, share.value, terms, again),
        share_of(indicator.other, days) if indicator.other else None,
        without,
        judge(indicator, without.value, terms, again) if without else None,
        again,
    )


def points_of(found: Sequence[Judged], without: bool = False) -> Fraction:
    """The month's points; `without`: without exceptional days, where there are any."""
    verdicts = [
        one.without_verdict if without and one.without_verdict else one.verdict for one in found
    ]
    return sum((verdict.points for verdict in verdicts), Fraction(0))
