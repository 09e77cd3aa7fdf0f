"""The street that dialling is measured on: what is counted, and who is compared."""

import itertools

import pytest

from bench.simulator.dial_peers import Adaptive, Progressive, Ratio
from bench.simulator.on_dialling import OnDialling
from bench.simulator.street import AFTER, HOUR, RING, TALK, Dialler, Street, run

STREET = Street(6, seed=3, hours=2)


@pytest.mark.parametrize("dialler", [Progressive(), Ratio(ratio=2.0), Adaptive(), OnDialling()])
def test_what_is_counted_is_all_that_happens(dialler: Dialler) -> None:
    told = run(STREET, dialler)
    assert sum(told.answers) > 50
    assert all(lost <= all_ for lost, all_ in zip(told.dropped, told.answers, strict=True))
    assert all(0 < busy <= STREET.agents * HOUR for busy in told.busy)
    assert told.placed > sum(told.answers)


def test_whoever_has_an_agent_for_each_call_drops_nobody() -> None:
    assert sum(run(STREET, Progressive()).dropped) == 0


def test_who_rings_more_is_used_more_and_drops_more() -> None:
    few, many = (run(Street(20, 4, 3), Ratio(ratio=ratio)) for ratio in (1.5, 4.0))
    assert few.use < many.use
    assert few.share < 0.03 < many.share


def test_the_production_dialler_uses_agents_more_than_progressive_and_keeps_the_cap() -> None:
    ours, plain = (run(Street(20, 7, 2), one) for one in (OnDialling(), Progressive()))
    assert ours.use > plain.use + 0.05
    assert max(ours.shares) <= 0.03


def test_people_and_talks_are_as_the_street_says() -> None:
    calls = [one(0.0) for one in itertools.islice(Street(1, 1, shape="constant").calls(), 20_000)]
    answered = [rings for yes, rings, _ in calls if yes]
    assert len(answered) / len(calls) == pytest.approx(0.30, abs=0.01)
    assert sum(answered) / len(answered) == pytest.approx(RING, rel=0.05)
    talks = [talk + after for talk, after in itertools.islice(Street(1, 1).talks(), 20_000)]
    assert sum(talks) / len(talks) == pytest.approx(TALK, rel=0.05)
    assert max(after for _, after in itertools.islice(Street(1, 1).talks(), 100)) <= AFTER


def test_the_share_of_answers_drifts_between_its_bounds() -> None:
    rate = list(itertools.islice(Street(1, 2).calls(), 1))
    assert rate
    got = [
        sum(one(at)[0] for one in itertools.islice(Street(1, 2).calls(), 3_000)) / 3_000
        for at in range(0, 7_200, 300)
    ]
    assert min(got) == pytest.approx(0.15, abs=0.03)
    assert max(got) == pytest.approx(0.45, abs=0.03)


def _level(**of: float | str) -> float:
    """Of four idle agents of ten, for 15 seconds, after which the level is looked at."""
    dialler = Adaptive(**of)  # type: ignore[arg-type]
    dialler.agents, dialler.level = 10, 2.0
    dialler.free.extend("abcd")
    dialler._places_at = 1e9
    for second in range(16):
        list(dialler.wake(float(second)))
    return dialler.level


def test_the_level_of_the_adaptive_method_grows_with_the_idle_agents() -> None:
    assert _level() == pytest.approx(2.0 * 1.4)
    assert _level(intensity=-50.0) == pytest.approx(2.0 * 1.2)
    assert _level(difference=-6.0) == pytest.approx(2.0 * 0.8)
    assert _level(most=2.5) == 2.5


@pytest.mark.parametrize(("method", "level"), [("HARD_LIMIT", 1.0), ("AVERAGE", 1.4)])
def test_over_its_limit_the_level_falls(method: str, level: float) -> None:
    assert _level(method=method, called=100, answers=30, drops=3) == pytest.approx(level)


def test_the_tapered_method_forgives_in_the_morning() -> None:
    over = {"method": "TAPERED", "called": 100, "answers": 30, "drops": 3}
    assert _level(**over) == pytest.approx(2.8)
    assert _level(**over, opens=16 * HOUR) == pytest.approx(2.8 * 0.5, rel=0.01)
    assert _level(**over, opens=22 * HOUR) == 1.0
