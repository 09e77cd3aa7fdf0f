"""Where a share falls in a table of bands with holes and overlaps, and what it costs (R72)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.bands import Flag, factor_of, judge
from contract.definitions import (
    Band,
    FactorRow,
    Formula,
    Gap,
    Indicator,
    Overlap,
    Span,
    Terms,
)
from contract.oddities import Oddity, oddities
from terms.counted import Counted


def percent(value: float | str) -> Fraction:
    return Fraction(str(value)) / 100


def band(low: str | None, high: str | None, points: str, again: str, **ends: bool) -> Band:
    span = Span(percent(low) if low else None, percent(high) if high else None, **ends)
    return Band(span, Fraction(points), Fraction(again))


NS = Indicator(
    "ns",
    "NS",
    Formula(Counted.ANSWERED_WITHIN, Counted.ANSWERED),
    Span(low=percent(85)),
    bands=(
        band("80", "84", "0.5", "1"),
        band("75", "79", "1", "2"),
        band(None, "74", "2", "4"),
    ),
)
FACTORS = (
    FactorRow(Span(Fraction(0), Fraction(1)), Fraction(1)),
    FactorRow(Span(Fraction(2), Fraction(2)), percent(99)),
    FactorRow(Span(Fraction(3), Fraction(3)), percent(98)),
    FactorRow(Span(Fraction(15), Fraction(18)), percent(86)),
    FactorRow(Span(low=Fraction(30), low_in=False), percent(70)),
)
TERMS = Terms(date(2026, 1, 1), "x", (NS,), FACTORS, date(2026, 1, 1))


@pytest.mark.parametrize(
    ("value", "gap", "points", "flag"),
    [
        ("100", Gap.WORSE, "0", Flag.NONE),
        ("85", Gap.WORSE, "0", Flag.NONE),
        ("84.999", Gap.WORSE, "0.5", Flag.GAP),
        ("84.999", Gap.BETTER, "0", Flag.GAP),
        ("84.5", Gap.ROUNDED, "0", Flag.GAP),
        ("84.4999", Gap.ROUNDED, "0.5", Flag.GAP),
        ("84", Gap.BETTER, "0.5", Flag.NONE),
        ("80", Gap.WORSE, "0.5", Flag.NONE),
        ("79.5", Gap.WORSE, "1", Flag.GAP),
        ("79.5", Gap.BETTER, "0.5", Flag.GAP),
        ("74.01", Gap.WORSE, "2", Flag.GAP),
        ("74.01", Gap.ROUNDED, "2", Flag.GAP),
        ("0", Gap.WORSE, "2", Flag.NONE),
    ],
)
def test_a_value_in_a_hole_goes_by_the_declared_rule_and_is_flagged(
    value: str, gap: Gap, points: str, flag: Flag
) -> None:
    found = judge(NS, percent(value), replace(TERMS, gap=gap), again=False)
    assert (found.points, found.flag) == (Fraction(points), flag)
    assert found.met is (percent(value) >= percent(85))


def test_a_repeated_miss_costs_what_the_band_says_of_it() -> None:
    assert judge(NS, percent(70), TERMS, again=True).points == 4
    assert judge(NS, percent(90), TERMS, again=True).points == 0


def test_what_two_bands_hold_goes_by_the_declared_rule_and_is_flagged() -> None:
    chat = replace(
        NS,
        target=Span(low=percent(90)),
        bands=(band("85", "90", "0.5", "1", high_in=False), band(None, "90", "1", "2")),
    )
    worse, better = TERMS, replace(TERMS, overlap=Overlap.BETTER)
    assert judge(chat, percent(87), worse, again=False).points == 1
    assert judge(chat, percent(87), better, again=False).points == Fraction(1, 2)
    assert judge(chat, percent(87), better, again=False).flag is Flag.OVERLAP
    # the target itself and a band that reaches into it
    found = judge(chat, percent(90), worse, again=False)
    assert (found.met, found.points, found.flag) == (True, 1, Flag.OVERLAP)


def test_nothing_measured_costs_nothing_and_is_neither_met_nor_missed() -> None:
    found = judge(NS, None, TERMS, again=True)
    assert (found.met, found.points, found.flag) == (None, 0, Flag.NONE)


def test_an_indicator_without_bands_costs_nothing() -> None:
    found = judge(replace(NS, bands=()), percent(10), TERMS, again=False)
    assert (found.met, found.points) == (False, 0)


@pytest.mark.parametrize(
    ("points", "gap", "factor", "flag"),
    [
        ("0", Gap.WORSE, 100, Flag.NONE),
        ("1", Gap.WORSE, 100, Flag.NONE),
        ("2.5", Gap.WORSE, 98, Flag.GAP),
        ("2.5", Gap.BETTER, 99, Flag.GAP),
        ("2.5", Gap.ROUNDED, 98, Flag.GAP),
        ("2.4", Gap.ROUNDED, 99, Flag.GAP),
        ("18", Gap.WORSE, 86, Flag.NONE),
        ("30", Gap.WORSE, 70, Flag.GAP),
        ("99", Gap.WORSE, 70, Flag.NONE),
    ],
)
def test_the_factor_goes_by_the_same_rules(points: str, gap: Gap, factor: int, flag: Flag) -> None:
    terms = replace(TERMS, gap=gap)
    assert factor_of(Fraction(points), terms) == (percent(factor), flag)


SHARES = st.fractions(0, 1, max_denominator=2_000)


@given(SHARES, st.sampled_from(Gap), st.sampled_from(Overlap), st.booleans())
def test_whatever_the_rules_every_share_has_one_price_and_holes_are_flagged(
    value: Fraction, gap: Gap, overlap: Overlap, again: bool
) -> None:
    found = judge(NS, value, replace(TERMS, gap=gap, overlap=overlap), again)
    holding = [one for one in (NS.target, *(b.span for b in NS.bands)) if one.holds(value)]
    assert (found.flag is Flag.NONE) == (len(holding) == 1)
    assert found.points in {0, *(b.again if again else b.points for b in NS.bands)}


@given(SHARES, SHARES, st.sampled_from([Gap.WORSE, Gap.BETTER]))
def test_a_better_share_never_costs_more(one: Fraction, other: Fraction, gap: Gap) -> None:
    terms = replace(TERMS, gap=gap)
    worse, better = sorted((one, other))
    assert judge(NS, better, terms, False).points <= judge(NS, worse, terms, False).points


edges = st.integers(0, 100).map(percent)
spans = st.tuples(edges, edges, st.booleans(), st.booleans()).map(
    lambda one: Span(min(one[:2]), max(one[:2]), *one[2:])
)
tables = st.lists(spans.filter(lambda s: s.low != s.high or (s.low_in and s.high_in)), max_size=5)


@given(tables, SHARES)
def test_oddities_are_just_where_a_value_is_in_none_or_in_many(
    table: list[Span], value: Fraction
) -> None:
    rows = tuple(Band(span, Fraction(1), Fraction(1)) for span in table)
    indicator = replace(NS, target=Span(low=percent(95)), bands=rows)
    if not table:
        assert oddities(indicator) == ()
        return
    holding = sum(span.holds(value) for span in (indicator.target, *table))
    told = {one.what for one in oddities(indicator) if one.low <= value <= one.high}
    if holding == 0:
        assert Oddity.HOLE in told
    elif holding > 1:
        assert Oddity.OVERLAP in told


def test_bands_that_cost_more_the_nearer_they_are_to_the_target_are_told() -> None:
    turned = replace(
        NS, bands=(band("80", "85", "2", "2", high_in=False), band(None, "80", "1", "1"))
    )
    assert Oddity.REVERSED in {one.what for one in oddities(turned)}
    assert Oddity.REVERSED not in {one.what for one in oddities(NS)}
