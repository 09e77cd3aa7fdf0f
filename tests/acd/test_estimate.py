"""The expected wait: what it is told of, what it says, that it learns, and that its range holds."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd import events as ev
from acd.estimate import Pace
from acd.floor import Floor
from acd.learning import LeastSquares, Quantile
from acd.queues import QueueRule, QueueTable
from bench.expected_wait import Told, worlds
from bench.simulator.engine import run
from terms.limits import WAIT_RANGE_HOLDS
from terms.names import AgentName, CallId, QueueName, Skill
from terms.signals import Phone

RULES = (
    QueueRule(QueueName("geral"), "156", Skill("geral"), 0),
    QueueRule(QueueName("luz"), "156", Skill("geral"), 5),
    QueueRule(QueueName("199"), "199", Skill("geral"), 0),
)


def floor_with(calls: list[tuple[str, str]]) -> Floor:
    floor = Floor(QueueTable(RULES), 1)
    for number, (call, queue) in enumerate(calls):
        rule = floor.queues.rule_for(QueueName(queue), "156")
        joined = ev.CallJoined(CallId(call), rule.name, rule.priority, 100.0 + number, rule.line)
        floor.handle(joined, 100.0 + number)
    return floor


def test_the_position_is_that_of_the_own_queue() -> None:
    floor = floor_with([("a", "geral"), ("b", "luz"), ("c", "geral"), ("d", "199")])
    positions = {}
    for call in "abcd":
        expected = floor.expected(CallId(call), 110.0)
        assert expected is not None
        positions[call] = expected.position
    assert positions == {"a": 1, "b": 1, "c": 2, "d": 1}


def test_nothing_is_said_of_who_does_not_wait() -> None:
    floor = floor_with([("a", "geral")])
    assert floor.expected(CallId("z"), 110.0) is None
    floor.handle(ev.AgentPhone(AgentName("ana"), Phone.IDLE), 110.0)
    floor.handle(ev.AgentLoggedIn(AgentName("ana"), {Skill("geral"): 1}), 110.0)
    (offer,) = floor.offers
    floor.handle(ev.OfferAnswered(offer), 111.0)
    assert floor.expected(CallId("a"), 112.0) is None


def test_more_ahead_is_a_longer_wait_from_the_first_call_on() -> None:
    floor = floor_with([(f"c{n}", "geral") for n in range(30)])
    means = [floor.expected(CallId(f"c{n}"), 200.0) for n in range(30)]
    assert all(one is not None and 0 <= one.low <= one.mean <= one.high for one in means)
    waits = [one.mean for one in means if one is not None]
    assert waits == sorted(waits)


def test_what_was_asked_about_who_is_gone_is_forgotten() -> None:
    floor = floor_with([(f"c{n}", "geral") for n in range(50)])
    for number in range(50):
        floor.expected(CallId(f"c{number}"), 200.0)
    for call in list(floor.callers):
        floor.forget(floor.callers[call])  # by a way that says nothing to the estimator
    floor.handle(ev.CallJoined(CallId("new"), QueueName("geral"), 0, 300.0, "156"), 300.0)
    floor.expected(CallId("new"), 300.0)
    assert set(floor.estimator._asked) == {"new"}


def test_the_pace_follows_the_answers_while_somebody_waits() -> None:
    pace = Pace()
    for number in range(400):
        pace.answered(10.0 * number, some_wait=True, waited=50.0)
    assert pace.gap == pytest.approx(10.0, abs=0.2)
    assert pace.until_served(4) == pytest.approx(50.0, rel=0.1)
    pace.answered(4_000.0, some_wait=False, waited=1.0)
    pace.answered(9_000.0, some_wait=True, waited=1.0)  # nobody waited: says nothing of the pace
    assert pace.gap == pytest.approx(10.0, abs=0.5)


def test_those_who_give_up_shorten_the_wait() -> None:
    patient, impatient = Pace(gap=10.0), Pace(gap=10.0)
    for _ in range(200):
        patient.left(60.0, gave_up=False)
        impatient.left(60.0, gave_up=True)
    assert impatient.until_served(20) < patient.until_served(20) / 2


@given(st.integers(0, 10**6))
def test_least_squares_finds_the_line(seed: int) -> None:
    dice = random.Random(seed)
    fitted = LeastSquares((1.0, 0.0, 0.0), trust=10.0, memory=0.999)
    for _ in range(200):
        x = (dice.uniform(0, 10), dice.uniform(0, 10), 1.0)
        fitted.learn(x, 0.5 * x[0] + 2.0 * x[1] + 3.0 + dice.gauss(0, 0.1))
    assert fitted.weights == pytest.approx([0.5, 2.0, 3.0], abs=0.2)


def test_a_quantile_follows_its_stream() -> None:
    dice = random.Random(1)
    followed = Quantile(0.9, 1.0, 0.01)
    for _ in range(4_000):
        followed.learn(dice.random())
    assert followed.value == pytest.approx(0.9, abs=0.08)


@pytest.mark.slow
def test_it_is_a_fifth_better_than_the_last_wait_and_its_ranges_hold() -> None:
    """P10 in small, with skills, priorities and giving up; `make bench` measures it whole."""
    world = worlds(9_000)["load 1.02, 3 skills, priorities"]
    told = Told(world)
    ran = run(world, told)
    said = [(told.said[c], ran.waits[c]) for c in told.said if c > 3_000 and ran.answered[c]]
    ours = sum((one[0] - wait) ** 2 for one, wait in said)
    les = sum((one[3] - wait) ** 2 for one, wait in said)
    assert (ours / les) ** 0.5 <= 0.8
    held = sum(one[1] <= wait <= one[2] for one, wait in said) / len(said)
    assert held == pytest.approx(WAIT_RANGE_HOLDS, abs=0.06)
