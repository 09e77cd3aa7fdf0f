"""Where a value falls in a table of bands, and what that costs (R72).

The contract's tables have holes and overlaps: values that no band holds, values that two hold.
The rule for both is declared, and whatever falls there is flagged, whatever the rule says of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import floor
from typing import Final, TypeVar

from contract.definitions import HUNDRED, Band, FactorRow, Gap, Indicator, Overlap, Span, Terms

Row = TypeVar("Row")


class Flag(StrEnum):
    """Why a figure must not be taken as it stands."""

    NONE = ""
    GAP = "gap"
    OVERLAP = "overlap"


NOTHING: Final = Fraction(0)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a share comes to. `met`: the target is; None when there was nothing to judge.
    `span`: the band that it was put down to (the target's own when it costs nothing)."""

    met: bool | None
    points: Fraction = NOTHING
    span: Span | None = None
    flag: Flag = Flag.NONE


def judge(indicator: Indicator, value: Fraction | None, terms: Terms, again: bool) -> Verdict:
    """What a share of this indicator costs; `again`: the target was missed lately, too."""
    if value is None:
        return Verdict(None)
    free = Band(indicator.target, NOTHING, NOTHING)
    bands = [free, *indicator.bands]

    def cost(band: Band) -> Fraction:
        return band.again if again else band.points

    met = indicator.target.holds(value)
    if len(bands) == 1:
        return Verdict(met, span=indicator.target if met else None)
    found, flag = place(value, bands, _span_of, cost, terms.gap, terms.overlap, 1 / _PERCENT)
    return Verdict(met, cost(found), found.span, flag)


def factor_of(points: Fraction, terms: Terms) -> tuple[Fraction, Flag]:
    """How much of the price is paid for so many points; 1 when the contract says nothing."""
    if not terms.factors:
        return Fraction(1), Flag.NONE

    def cost(row: FactorRow) -> Fraction:
        return -row.factor

    rows = terms.factors
    found, flag = place(points, rows, _points_of, cost, terms.gap, terms.overlap, Fraction(1))
    return found.factor, flag


def place(
    value: Fraction,
    rows: Sequence[Row],
    span_of: Callable[[Row], Span],
    cost: Callable[[Row], Fraction],
    gap: Gap,
    overlap: Overlap,
    step: Fraction,
) -> tuple[Row, Flag]:
    """The row that a value is put down to, and whether the table was plain about it. `step`: the
    units to which Gap.ROUNDED rounds, halves upwards. `rows` must not be empty."""
    found = _holding(value, rows, span_of)
    if len(found) == 1:
        return found[0], Flag.NONE
    if found:
        return _chosen(found, cost, overlap is Overlap.BETTER), Flag.OVERLAP
    if gap is Gap.ROUNDED:
        whole = floor(value / step + Fraction(1, 2)) * step
        if found := _holding(whole, rows, span_of):
            return _chosen(found, cost, overlap is Overlap.BETTER), Flag.GAP
    beside = _beside(value, rows, span_of)
    return _chosen(beside, cost, gap is Gap.BETTER), Flag.GAP


def _holding(value: Fraction, rows: Sequence[Row], span_of: Callable[[Row], Span]) -> list[Row]:
    return [row for row in rows if span_of(row).holds(value)]


def _chosen(rows: Sequence[Row], cost: Callable[[Row], Fraction], cheap: bool) -> Row:
    return min(rows, key=cost) if cheap else max(rows, key=cost)


def _beside(value: Fraction, rows: Sequence[Row], span_of: Callable[[Row], Span]) -> list[Row]:
    """The nearest rows below and above a value that none holds: one or two, for each row is on
    one side of it."""
    below = [(high, row) for row in rows if (high := _top(span_of(row), value)) is not None]
    above = [(low, row) for row in rows if (low := _bottom(span_of(row), value)) is not None]
    nearest = []
    if below:
        top = max(high for high, _ in below)
        nearest += [row for high, row in below if high == top]
    if above:
        bottom = min(low for low, _ in above)
        nearest += [row for low, row in above if low == bottom]
    return nearest


def _top(span: Span, value: Fraction) -> Fraction | None:
    return span.high if span.is_below(value) else None


def _bottom(span: Span, value: Fraction) -> Fraction | None:
    return span.low if span.is_above(value) else None


_PERCENT: Final = Fraction(HUNDRED)


def _span_of(band: Band) -> Span:
    return band.span


def _points_of(row: FactorRow) -> Span:
    return row.points
