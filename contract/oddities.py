"""What is strange in a table of bands: holes, overlaps, better values that cost more (R72).

None of it is a mistake of whoever wrote the file: the contract's own tables are so. It is said, so
that nobody meets it for the first time in a bill.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from contract.definitions import Band, Indicator, Span


class Oddity(StrEnum):
    """What may be strange."""

    HOLE = "hole"
    OVERLAP = "overlap"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One of them: the values between `low` and `high`. Of REVERSED: the better band's ends."""

    what: Oddity
    low: Fraction
    high: Fraction


def oddities(indicator: Indicator) -> tuple[Finding, ...]:
    """All that is strange in an indicator's table, its target included, from 0 to 100 %."""
    if not indicator.bands:
        return ()
    spans = [indicator.target, *(band.span for band in indicator.bands)]
    return (*_holes_and_overlaps(spans), *_reversed(indicator))


def _holes_and_overlaps(spans: Sequence[Span]) -> Iterator[Finding]:
    zero, one = Fraction(0), Fraction(1)
    edges = {zero, one}
    for span in spans:
        edges |= {end for end in (span.low, span.high) if end is not None and zero <= end <= one}
    marks = sorted(edges)
    found: list[tuple[Oddity, Fraction, Fraction]] = []
    for number, mark in enumerate(marks):
        _note(found, _what(spans, mark), mark, mark)
        if number + 1 < len(marks):
            after = marks[number + 1]
            _note(found, _what(spans, (mark + after) / 2), mark, after)
    yield from (Finding(*each) for each in found)


def _what(spans: Sequence[Span], value: Fraction) -> Oddity | None:
    holding = sum(span.holds(value) for span in spans)
    if holding == 1:
        return None
    return Oddity.OVERLAP if holding else Oddity.HOLE


def _note(
    found: list[tuple[Oddity, Fraction, Fraction]],
    what: Oddity | None,
    low: Fraction,
    high: Fraction,
) -> None:
    """Add a stretch, joined to the one before when that goes on."""
    if what is None:
        return
    if found and found[-1][0] is what and found[-1][2] == low:
        found[-1] = (what, found[-1][1], high)
    else:
        found.append((what, low, high))


def _reversed(indicator: Indicator) -> Iterator[Finding]:
    """Bands that lie nearer to the target than another one and cost more."""
    upwards = indicator.target.high is None  # the greater, the better
    bands = sorted(indicator.bands, key=_low_end, reverse=upwards)
    for better, worse in pairwise(bands):
        if better.points > worse.points or better.again > worse.again:
            yield Finding(Oddity.REVERSED, _low_end(better), _high_end(better))


def _low_end(band: Band) -> Fraction:
    return band.span.low if band.span.low is not None else Fraction(0)


def _high_end(band: Band) -> Fraction:
    return band.span.high if band.span.high is not None else Fraction(1)
