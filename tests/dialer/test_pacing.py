"""How many calls at once: the formulas, the hour's cap, what is learned of ringing and of talks."""

from __future__ import annotations

import math
from itertools import pairwise
from random import Random

import pytest
from dial_city import clock
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.freeing import Handlings
from dialer.pacing import HOUR, Hour, at_worst, excess, predictive, progressive
from dialer.ringing import Rings
from terms.limits import (
    ANSWERS_FLOW,
    DROPS_MARGIN,
    DROPS_PRICE,
    DROPS_SHARE,
    DROPS_TARGET,
    HANDLING_FIRST,
    HANDLINGS_KEPT,
    PACING_AHEAD,
)

NOON = clock(12.0)
GOOD = Hour(NOON, answers=1_000, dropped=5)


@pytest.mark.parametrize(("idle", "ringing", "more"), [(5, 0, 5), (5, 3, 2), (5, 5, 0), (2, 4, 0)])
def test_progressive_is_idle_less_ringing(idle: int, ringing: int, more: int) -> None:
    assert progressive(idle, ringing) == more


def test_the_expected_excess() -> None:
    assert excess(10.0, 0.0, 4.0) == 6.0
    assert excess(3.0, 0.0, 4.0) == 0.0
    assert excess(0.0, 1.0, 0.0) == pytest.approx(0.39894, abs=1e-4)  # E max(Z, 0) = 1/√2π
    every = [excess(0.3 * calls, math.sqrt(0.21 * calls), 5.0) for calls in range(60)]
    assert all(a <= b for a, b in pairwise(every))


# --- predictive ---
def more(hour: Hour, now: float = NOON + 600, answered: float = 0.3, **of: float) -> int:
    return predictive(4, (), 2.0, answered, 0.1, hour, now, **of)


def test_predictive_dares_what_the_hours_budget_allows() -> None:
    assert more(GOOD) > 4
    assert more(GOOD) >= more(Hour(NOON, 1_000, 25)) >= 4
    assert more(Hour(NOON, 1_000, 30)) == 4, "nothing to spend: as progressive"
    assert more(Hour()) == 4, "an hour that has brought nothing, and nobody knows what it will"
    assert more(GOOD, answered=0.0) == 4
    assert more(GOOD, answered=0.15) > more(GOOD, answered=0.45)


def test_a_call_that_may_be_answered_in_the_next_hour_has_that_hours_budget() -> None:
    quiet = Hour(NOON, 1_000, 5)
    assert more(quiet, NOON + 3_580) == 4, "nobody knows what the next hour brings"
    busy = Hour(NOON, 1_000, 5, flow=0.3, heard_at=NOON + 3_580)
    assert more(busy, NOON + 3_580) > 4
    assert more(Hour(NOON, 1_000, 30, flow=0.3, heard_at=NOON + 3_580), NOON + 3_580) == 4


def test_what_the_rest_of_the_hour_brings_for_sure_can_be_spent_at_once() -> None:
    flow = Hour(NOON, flow=0.3, heard_at=NOON)
    assert flow.sure(NOON) == pytest.approx(810.0 - DROPS_MARGIN * math.sqrt(810.0), abs=1.0)
    assert more(flow, NOON + 1) > 4
    assert more(flow, NOON + 1, at_most=20.0) == 4, "the list is at its end"
    assert flow.sure(NOON + 3_599) == 0.0
    assert flow.per_second(NOON + ANSWERS_FLOW) == pytest.approx(0.3 / math.e)


def test_what_rings_counts_by_what_it_promises() -> None:
    young, old = (0.3,) * 30, (0.05,) * 30
    assert predictive(6, old, 1.0, 0.3, 0.1, GOOD, NOON + 600) > 0
    assert predictive(6, young, 1.0, 0.3, 0.1, GOOD, NOON + 600) == 0
    assert predictive(2, (1.0, 1.0), 0.0, 0.3, 0.1, GOOD, NOON + 600) <= 1, (
        "both agents have a call"
    )


@given(
    st.integers(0, 100),
    st.lists(st.floats(0, 1), max_size=120),
    st.floats(0, 50),
    st.floats(0.01, 1.0),
    st.floats(0, 1),
    st.builds(
        Hour,
        st.just(NOON),
        st.integers(0, 5_000),
        st.integers(0, 200),
        st.floats(*DROPS_PRICE),
        st.floats(0, 2),
        st.floats(NOON, NOON + 600),
    ),
    st.floats(NOON + 600, NOON + 3_599),
)
def test_predictive_never_dials_less_than_progressive_nor_beyond_its_budget(
    idle: int,
    ringing: list[float],
    freeing: float,
    answered: float,
    doubt: float,
    hour: Hour,
    now: float,
) -> None:
    placed = predictive(idle, ringing, freeing, answered, doubt, hour, now)
    sure = progressive(idle, len(ringing))
    assert placed >= sure
    if placed > sure:
        mean = sum(ringing) + placed * answered
        spread = sum(one * (1 - one) for one in ringing) + placed * answered * (1 - answered)
        spread = math.hypot(math.sqrt(spread + freeing), doubt * mean)
        to_come = hour.sure(now)
        assert (
            hour.dropped + at_worst(mean, spread, idle + freeing)
            <= DROPS_SHARE * (hour.answers + to_come) + 1e-9
        )
    broken = Hour(hour.starts, 100, 4, hour.price)
    assert predictive(idle, ringing, freeing, answered, doubt, broken, now) == sure


@settings(max_examples=50)
@given(st.lists(st.booleans(), max_size=300), st.floats(0.1, 30.0))
def test_whatever_happened_the_hour_counts_it_and_the_price_stays_in_its_bounds(
    drops: list[bool], gap: float
) -> None:
    hour, now = Hour(NOON), NOON
    for dropped in drops:
        now += gap
        hour = hour.told(now, dropped)
        assert DROPS_PRICE[0] <= hour.price <= DROPS_PRICE[1]
        assert hour.dropped <= hour.answers
        assert hour.starts <= now < hour.starts + HOUR
    since = [dropped for n, dropped in enumerate(drops) if NOON + (n + 1) * gap >= hour.starts]
    assert hour.answers == pytest.approx(len(since), abs=1)


@pytest.mark.parametrize("worth", [0.05, 0.2, 1.0])
def test_the_price_finds_what_meets_the_target_whatever_drops_really_cost(worth: float) -> None:
    hour, dice = Hour(NOON), Random(1)
    for n in range(20_000):
        hour = hour.told(NOON + n * 0.01, dice.random() < worth * hour.price)
    assert hour.dropped / hour.answers == pytest.approx(DROPS_TARGET, rel=0.1)


def test_an_hour_begins_anew_and_a_clock_set_back_does_not() -> None:
    hour = Hour().told(NOON, dropped=False).told(NOON + 5, dropped=True)
    assert (hour.answers, hour.dropped) == (2, 1)
    then = hour.at(NOON + 3_600)
    assert (then.answers, then.dropped, then.price) == (0, 0, hour.price)
    assert hour.at(NOON - 3_600) is hour


# --- what is learned of ringing ---
def lived(rings: Rings, calls: int, share: float, dice: Random, now: float = 0.0) -> float:
    """People answer after 4 to 16 s; others ring out at 30, a tenth is busy at once."""
    for _ in range(calls):
        now += 1.0
        if dice.random() < share:
            rings.ended(now, dice.uniform(4.0, 16.0), 30.0, answered=True)
        else:
            rings.ended(now, 2.0 if dice.random() < 0.1 else 30.0, 30.0, answered=False)
    rings.until(now + 60.0)
    return now


def test_the_share_of_answers_follows_what_happens() -> None:
    rings, dice = Rings(), Random(2)
    now = lived(rings, 600, 0.15, dice)
    assert rings.share == pytest.approx(0.15, abs=0.08)
    lived(rings, 600, 0.45, dice, now)
    assert rings.share == pytest.approx(0.45, abs=0.12)


def test_the_longer_it_rings_the_less_it_promises() -> None:
    rings = Rings()
    lived(rings, 3_000, 0.3, Random(3))
    ages = [rings.chance(float(age)) for age in range(0, 60, 2)]
    assert ages[0] == pytest.approx(rings.share, abs=0.05)
    assert ages[1] >= ages[0], "the busy ones are out"
    assert all(a >= b - 1e-9 for a, b in pairwise(ages[2:15]))
    assert ages[10] < 0.05, "whoever answers has answered by then"


def test_an_answer_counts_when_its_call_would_have_rung_out() -> None:
    rings = Rings()
    before = rings.share
    rings.ended(100.0, 10.0, 30.0, answered=True)
    rings.until(119.0)
    assert rings.share == before
    rings.until(120.0)
    assert rings.share > before


@given(st.lists(st.tuples(st.floats(-5, 200), st.booleans()), max_size=60), st.floats(-5, 200))
def test_a_chance_is_a_chance_whatever_was_told(told: list[tuple[float, bool]], age: float) -> None:
    rings = Rings()
    for at, (rang, answered) in enumerate(told):
        rings.ended(at, rang, 30.0, answered)
        assert 0.0 <= rings.chance(age) <= 1.0
        assert 0.0 < rings.share < 1.0
        assert rings.doubt > 0.0


# --- who becomes free ---
def test_nobody_knows_better_than_the_first_guess_at_first() -> None:
    soon = Handlings().soon([0.0, 100.0, 5_000.0])
    assert soon == pytest.approx(3 * (1 - math.exp(-PACING_AHEAD / HANDLING_FIRST)))


def test_a_talk_of_known_length_ends_when_it_ends() -> None:
    of = Handlings()
    for n in range(700):
        of.took(100.0 + n % 10)
    assert of.mean == pytest.approx(105.0, abs=3.0)
    assert of.soon([0.0]) < 0.01
    assert of.soon([98.0]) > 0.95
    assert of.soon([104.0], within=1e9) == pytest.approx(1.0, abs=0.01)


def test_as_many_become_free_as_was_foretold() -> None:
    of, dice = Handlings(), Random(5)
    talks = [dice.lognormvariate(5.1, 0.83) for _ in range(4_000)]
    for seconds in talks[:1_000]:
        of.took(seconds)
    ages = [(one, dice.random() * 600) for one in talks[1_000:]]
    lasting = [(one, age) for one, age in ages if one > age]
    ended = sum(one <= age + PACING_AHEAD for one, age in lasting)
    assert of.soon(age for _, age in lasting) == pytest.approx(ended, rel=0.2)


@given(st.lists(st.floats(), max_size=40), st.lists(st.floats(0, 1e6), max_size=20))
def test_no_more_become_free_than_are_taken(told: list[float], ages: list[float]) -> None:
    of = Handlings()
    for seconds in told:
        of.took(seconds)
    assert 0.0 <= of.soon(ages) <= len(ages) + 1e-9


def test_old_handlings_are_forgotten() -> None:
    of = Handlings()
    for seconds in (1_000.0, *[50.0] * HANDLINGS_KEPT):
        of.took(seconds)
    assert of.mean == pytest.approx(52.0, abs=1.0)
