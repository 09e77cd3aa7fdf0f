"""The simulated centre against what is known: domain.md's oracle points, and Erlang-A exactly.

Service levels are of the production floor. NS = answered within 15 s ÷ answered; ILA = gave up
after more than 15 s ÷ all who came.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from bench.simulator import erlang
from bench.simulator.engine import Ran, run
from bench.simulator.on_floor import OnFloor
from bench.simulator.peers import pooled
from bench.simulator.world import Kind, World, draw, steady

HOUR = 3_600.0
POINTS = [
    (1_919, 250, 150, 125, 67.0, 2.5),
    (1_919, 250, 150, 130, 78.5, 1.4),
    (1_919, 250, 150, 135, 88.7, 0.6),
    (1_919, 250, 150, 140, 94.0, 0.3),
    (60, 180, 60, 3, 79.5, 17.4),
    (60, 180, 60, 5, 94.0, 3.6),
    (60, 180, 60, 7, 99.0, 0.4),
]


def one_pool(rate: float, kind: Kind, agents: int, calls: int, seed: int) -> World:
    return draw([kind], [[0]] * agents, steady(rate / HOUR, calls, seed), seed)


@pytest.mark.soak
@pytest.mark.parametrize(("rate", "handle", "patience", "agents", "level", "late"), POINTS)
def test_the_floor_meets_the_oracle_points(
    rate: int, handle: int, patience: int, agents: int, level: float, late: float
) -> None:
    kind = Kind("geral", handle=handle, spread=1.0, patience=patience)
    world = one_pool(rate, kind, agents, 150_000 if rate > 1_000 else 60_000, 11)
    ran = run(world, OnFloor(world)).after(0.02)
    assert 100 * ran.level() == pytest.approx(level, abs=2.0)
    assert 100 * ran.lost_late() == pytest.approx(late, abs=1.0)


@pytest.mark.slow
def test_the_floor_meets_an_oracle_point_each_line() -> None:
    """The smallest and the largest of them; `make soak` has them all."""
    for rate, handle, patience, agents, level, _ in (POINTS[2], POINTS[5]):
        kind = Kind("geral", handle=handle, spread=1.0, patience=patience)
        world = one_pool(rate, kind, agents, 12_000, 3)
        ran = run(world, OnFloor(world)).after(0.05)
        assert 100 * ran.level() == pytest.approx(level, abs=4.0)


def interval(ran: Ran, batches: int = 20) -> tuple[float, float]:
    """The mean wait and half of its 99.9 % interval, by batches."""
    means = [float(one.mean()) for one in np.array_split(ran.waits, batches)]
    return ran.mean, 3.9 * float(np.std(means, ddof=1)) / math.sqrt(batches)


@pytest.mark.parametrize("load", [0.95, 1.02])
def test_a_pool_is_exactly_erlang_a(load: float) -> None:
    """180 agents, exponential talks of 240 s and patience of 400 s: 3.61 s at .95."""
    rate = load * 180 / 240
    world = one_pool(rate * HOUR, Kind("geral", spread=1.0), 180, 150_000, 5)
    exponential(world)
    mean, half = interval(run(world, pooled(world)).after(0.05))
    exact, gave_up = erlang.mean_wait(rate, 240, 400, 180)
    assert mean == pytest.approx(exact, abs=half)
    assert gave_up == pytest.approx(exact / 400)


def test_the_floor_is_a_pool_too() -> None:
    world = one_pool(0.95 * 18 / 240 * HOUR, Kind("geral", spread=1.0), 18, 6_000, 5)
    exponential(world)
    floor, pool = (run(world, who(world)) for who in (OnFloor, pooled))
    assert floor.waits == pytest.approx(pool.waits)


def exponential(world: World) -> None:
    """Talks as Erlang has them, whatever the kind's own spread: by inverting what the engine does
    with the dice."""
    kind = world.kinds[0]
    talks = np.random.default_rng(3).exponential(1.0, len(world))
    world.dice[:] = ((np.log(talks) + kind.sigma**2 / 2) / kind.sigma).tolist()


def test_exact_erlang_a_without_giving_up_is_erlang_c() -> None:
    wait, gave_up = erlang.mean_wait(0.8, 1.0, 1e9, 1)
    assert wait == pytest.approx(0.8 / (1 - 0.8), rel=1e-3)  # M/M/1
    assert gave_up < 1e-6
