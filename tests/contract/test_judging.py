"""Months, exceptional days, repeats, availability and the bill, computed by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.availability import Outage, Why, uptime
from contract.billing import bill, is_charged, repeats
from contract.definitions import (
    Band,
    Billing,
    Contract,
    ExceptionalRule,
    FactorRow,
    Formula,
    Indicator,
    LikeDays,
    Span,
    Terms,
    Window,
    months_on,
)
from contract.exceptional import compared, kind_of, year_before
from contract.indicators import judged, points_of
from terms.counted import Counted

DAY = date(2026, 11, 2)  # a Monday
NS = Indicator(
    "ns",
    "NS",
    Formula(Counted.ANSWERED_WITHIN, Counted.ANSWERED),
    Span(low=Fraction(85, 100)),
    other=Formula(Counted.ANSWERED_WITHIN, Counted.QUEUED),
    bands=(Band(Span(high=Fraction(85, 100), high_in=False), Fraction(1), Fraction(3)),),
)
TERMS = Terms(
    date(2026, 1, 1),
    "x",
    (NS,),
    (
        FactorRow(Span(high=Fraction(1)), Fraction(1)),
        FactorRow(Span(low=Fraction(2)), Fraction(9, 10)),
    ),
    measured_from=date(2026, 9, 15),
    free_months=3,
)


def counts(within: int, answered: int, queued: int) -> dict[Counted, int]:
    return {
        Counted.ANSWERED_WITHIN: within,
        Counted.ANSWERED: answered,
        Counted.QUEUED: queued,
    }


def test_a_month_is_the_sum_of_its_days_never_a_mean_of_their_shares() -> None:
    days = {DAY: counts(9, 10, 20), DAY + timedelta(1): counts(0, 90, 100)}
    found = judged(NS, days, TERMS)
    assert (found.share.count, found.share.of, found.share.value) == (9, 100, Fraction(9, 100))
    assert found.other is not None
    assert found.other.value == Fraction(9, 120)
    assert (found.verdict.points, found.without, found.again) == (1, None, False)


def test_without_exceptional_days_is_the_same_sum_without_them() -> None:
    days = {DAY: counts(9, 10, 20), DAY + timedelta(1): counts(0, 90, 100)}
    found = judged(NS, days, TERMS, exceptional=[DAY + timedelta(1)])
    assert found.without is not None
    assert found.without.value == Fraction(9, 10)
    assert (points_of([found]), points_of([found], without=True)) == (1, 0)


def test_a_month_before_that_missed_makes_a_miss_a_repeated_one() -> None:
    bad, good, none = {DAY: counts(1, 10, 10)}, {DAY: counts(9, 10, 10)}, {DAY: counts(0, 0, 0)}
    assert judged(NS, bad, TERMS, [bad]).verdict.points == 3
    assert judged(NS, bad, TERMS, [good]).verdict.points == 1
    assert judged(NS, bad, TERMS, [none, {}]).verdict.points == 1
    assert judged(NS, good, TERMS, [bad]).verdict.points == 0


def test_what_nobody_counted_is_not_zero() -> None:
    found = judged(NS, {DAY: {Counted.QUEUED: 3}}, TERMS)
    assert (found.share.count, found.share.value, found.verdict.met) == (None, None, None)
    nobody = judged(NS, {DAY: counts(0, 0, 0)}, TERMS)
    assert (nobody.share.count, nobody.share.value) == (0, None)


# --- exceptional days ---
def no_holiday(_day: date) -> str:
    return ""


def weeks(number: int, calls: int) -> dict[date, int]:
    return {DAY - timedelta(days=7 * week): calls for week in range(1, number + 1)}


@pytest.mark.parametrize(
    ("calls", "exceptional"), [(115, False), (116, True), (0, False), (1_000, True)]
)
def test_a_day_is_exceptional_beyond_fifteen_percent_over_its_like(
    calls: int, exceptional: bool
) -> None:
    (found,) = compared(
        {**weeks(4, 100), DAY: calls}, DAY, DAY + timedelta(1), ExceptionalRule(), no_holiday
    )
    assert (found.mean, found.like_days, found.kind) == (100, 4, "0")
    assert found.exceptional is exceptional


def test_too_few_like_days_tell_nothing() -> None:
    (found,) = compared(
        {**weeks(3, 100), DAY: 900}, DAY, DAY + timedelta(1), ExceptionalRule(), no_holiday
    )
    assert (found.mean, found.exceptional) == (None, False)


def test_only_the_months_before_count_and_holidays_are_compared_among_themselves() -> None:
    old = {date(2025, 10, 25) - timedelta(days=number): 10_000 for number in range(60)}
    holidays = {date(2026, 4, 21), date(2026, 9, 7), date(2026, 10, 12), DAY}
    calls = {**old, **weeks(8, 100), **dict.fromkeys(holidays, 50)}

    def name(day: date) -> str:
        return "feriado" if day in holidays else ""

    rule = ExceptionalRule(least=3)
    (found,) = compared(calls, DAY, DAY + timedelta(1), rule, name)
    assert (found.kind, found.mean, found.like_days) == ("holiday", 50, 3)
    (ordinary,) = compared(calls, DAY - timedelta(7), DAY - timedelta(6), rule, name)
    assert (ordinary.kind, ordinary.mean) == ("0", 100)


@pytest.mark.parametrize(
    ("day", "kind"),
    [(2, "working"), (6, "working"), (7, "5"), (8, "holiday"), (20, "holiday")],
)
def test_days_by_their_kind(day: int, kind: str) -> None:
    def name(one: date) -> str:
        return "Consciência Negra" if one.day == 20 else ""

    assert kind_of(date(2026, 11, day), LikeDays.KIND, name) == kind


def test_the_same_day_months_before() -> None:
    assert year_before(date(2024, 2, 29), 12) == date(2023, 2, 28)
    assert year_before(date(2026, 3, 31), 1) == date(2026, 2, 28)
    assert year_before(date(2026, 1, 15), 1) == date(2025, 12, 15)
    assert year_before(date(2026, 12, 31), 12) == date(2025, 12, 31)


# --- repeats ---
def reference(instants: list[int], apart: int) -> int:
    """One by one, as a person would."""
    paid: list[int] = []
    for at in sorted(instants):
        if not paid or at - paid[-1] >= apart:
            paid.append(at)
    return len(instants) - len(paid)


@given(st.lists(st.integers(0, 5_000), max_size=40), st.lists(st.integers(0, 5_000), max_size=40))
def test_repeats_are_counted_number_by_number(one: list[int], other: list[int]) -> None:
    calls = [("a", float(at)) for at in one] + [("b", float(at)) for at in other]
    assert repeats(calls, 900.0, 0.0) == reference(one, 900) + reference(other, 900)


def test_calls_before_the_period_say_which_one_was_paid() -> None:
    calls = [("a", -600.0), ("a", 100.0), ("a", 400.0), ("a", 1_200.0)]
    # paid: -600, 400 (1000 s after it); repeats: 100, 1200
    assert repeats(calls, 900.0, 0.0) == 2


# --- availability ---
MIDNIGHT = 1_790_000_040.0 // 60 * 60


def test_minutes_that_an_outage_touches_are_down_and_windows_are_left_out() -> None:
    outages = [
        Outage(MIDNIGHT + 61, MIDNIGHT + 62, Why.ALONE),
        Outage(MIDNIGHT + 90, MIDNIGHT + 241, Why.SWITCH),
        Outage(MIDNIGHT + 600, MIDNIGHT + 600, Why.ALONE),
    ]
    windows = [Window(MIDNIGHT + 150, MIDNIGHT + 330, "m")]  # minutes 3 and 4 lie whole in it
    found = uptime(outages, windows, MIDNIGHT, MIDNIGHT + 3_600)
    assert (found.minutes, found.windows, found.down, found.down_in_windows) == (60, 2, 5, 2)
    assert (found.counted, found.counted_up) == (58, 55)


@given(
    st.lists(st.tuples(st.integers(-900, 4_500), st.integers(0, 900)), max_size=8),
    st.lists(st.tuples(st.integers(-900, 4_500), st.integers(1, 900)), max_size=4),
)
def test_minutes_are_those_of_a_count_one_by_one(
    down: list[tuple[int, int]], planned: list[tuple[int, int]]
) -> None:
    outages = [Outage(MIDNIGHT + a, MIDNIGHT + a + b, Why.ALONE) for a, b in down]
    windows = [Window(MIDNIGHT + a, MIDNIGHT + a + b, "m") for a, b in planned]
    found = uptime(outages, windows, MIDNIGHT, MIDNIGHT + 3_600)
    minutes = range(60)

    def touched(minute: int) -> bool:
        begins, ends = minute * 60, minute * 60 + 60
        return any(a < ends and (a + b > begins or a >= begins) for a, b in down)

    expected = {one for one in minutes if touched(one)}
    covered = {
        one
        for one in minutes
        if _covered(one * 60, one * 60 + 60, [(a, a + b) for a, b in planned])
    }
    assert found.down == len(expected)
    assert found.windows <= len(covered)
    assert found.down_in_windows <= min(found.windows, found.down)


def _covered(begins: int, ends: int, stretches: list[tuple[int, int]]) -> bool:
    return all(any(a <= at < b for a, b in stretches) for at in range(begins, ends))


# --- the bill ---
def test_the_first_months_are_measured_and_not_charged() -> None:
    assert not is_charged(date(2026, 9, 1), TERMS)
    assert not is_charged(date(2026, 11, 30), TERMS)
    assert is_charged(date(2026, 12, 1), TERMS)
    november = bill(date(2026, 11, 1), TERMS, Fraction(3), 100, 10, 5)
    assert (november.units, november.factor, november.applied) == (95, Fraction(9, 10), 1)
    assert november.price is None


def test_the_bill_is_units_times_price_times_factor() -> None:
    terms = replace(TERMS, billing=Billing(price=Fraction(2)))
    found = bill(date(2026, 12, 1), terms, Fraction(3), 100, 10, 5, chats=10)
    assert found.units == 98
    assert found.price == 98 * 2 * Fraction(9, 10)


def test_terms_hold_from_their_day_on() -> None:
    contract = Contract((TERMS, replace(TERMS, since=date(2026, 7, 1), source="y")))
    assert contract.holding(date(2025, 12, 31)) is None
    assert contract.holding(date(2026, 6, 30)) is contract.terms[0]
    assert contract.holding(date(2026, 7, 1)) is contract.terms[1]
    assert months_on(date(2026, 1, 31), -1) == date(2025, 12, 1)
    assert months_on(date(2026, 12, 3), 1) == date(2027, 1, 1)
