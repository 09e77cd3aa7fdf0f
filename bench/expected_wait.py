"""P10: how near what callers are told comes to what they wait, beside last-to-enter-service.

Each caller of 156 who has to wait is told once, at entry. Root of the mean squared error over those
who were answered in the end, after a warm-up in which the floor learns; LES is the wait of the
last one of the same queue who was answered. The range is to hold for 80 % of the answers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from bench.figures import Figure, load
from bench.simulator import profiles
from bench.simulator.engine import run
from bench.simulator.on_floor import OnFloor
from bench.simulator.world import Kind, World, by_profile, draw, generalists, steady
from terms.names import CallId

AGENTS, HANDLE = 180, 240.0
CALLS, SEED, WARM = 60_000, 7, 0.2
URGENT = ("transito_e_transporte", "cidadania_e_assistencia_social")


@dataclass
class Told(OnFloor):
    """The floor, whose waiting callers are told what to expect."""

    world: World
    said: dict[int, tuple[float, float, float, float]] = field(default_factory=dict)
    last: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(self.world)

    def joined(self, call: int, now: float) -> None:
        super().joined(call, now)
        expected = self.floor.expected(CallId(str(call)), now)
        if expected is not None:
            les = self.last.get(self.world.kind[call], 0.0)
            self.said[call] = expected.mean, expected.low, expected.high, les

    def _obey(self, results: list[object], now: float) -> None:
        before = len(self.taken)
        super()._obey(results, now)
        for call, _ in self.taken[before:]:
            self.last[self.world.kind[call]] = now - self.world.at[call]


def worlds(calls: int) -> dict[str, World]:
    """Where it is measured: all with several skills, priorities, giving up, log-normal talks."""
    shares = profiles.themes()
    plain = [Kind(name, share=share, patience=400.0) for name, share in shares.items()]
    ranked = [replace(one, priority=5 if one.name in URGENT else 0) for one in plain]
    values = list(shares.values())
    two, three = (generalists(values, AGENTS, each, SEED) for each in (2, 3))
    rate = AGENTS / HANDLE
    hours = [rate * load_ for load_ in (0.7, 0.9, 1.1, 1.15, 1.05, 0.95, 0.85, 1.1)]
    days = int(calls / (sum(hours) * 3_600)) + 1
    return {
        "load .95, 2 skills": draw(plain, two, steady(0.95 * rate, calls, SEED), SEED),
        "load 1.02, 2 skills": draw(plain, two, steady(1.02 * rate, calls, SEED), SEED),
        "load 1.02, 3 skills, priorities": draw(
            ranked, three, steady(1.02 * rate, calls, SEED), SEED
        ),
        "load .70–1.15 by hour, 2 skills, priorities": draw(
            ranked, two, by_profile(hours * days, 3_600.0, SEED), SEED
        ),
    }


def measure(calls: int = CALLS) -> list[Figure]:
    """A row for each world."""
    return [_figure(name, world) for name, world in worlds(calls).items()]


def _figure(name: str, world: World) -> Figure:
    told = Told(world)
    ran = run(world, told)
    first = int(len(world) * WARM)
    asked = [call for call in told.said if call >= first and ran.answered[call]]
    waits = [float(ran.waits[call]) for call in asked]
    said = [told.said[call] for call in asked]
    ours = _rmse([one[0] for one in said], waits)
    les = _rmse([one[3] for one in said], waits)
    held = sum(low <= wait <= high for (_, low, high, _), wait in zip(said, waits, strict=True))
    better = 100 * (1 - ours / les)
    return Figure(
        "P10",
        f"expected wait at entry, {name}: RMSE",
        f"LES {les:.1f} s",
        f"{ours:.1f} s, {better:.0f} % below; 80 % ranges held {100 * held / len(asked):.0f} %",
        "≥ 20 % below LES",
        better >= 20,
        {
            "world": name,
            "rmse": round(ours, 2),
            "les": round(les, 2),
            "held": round(held / len(asked), 3),
            "mean_wait": round(sum(waits) / len(waits), 1),
            "width": round(sum(one[2] - one[1] for one in said) / len(said), 1),
            "asked": len(asked),
            "busy": load(),
        },
    )


def _rmse(said: list[float], came: list[float]) -> float:
    squares = [(one - other) ** 2 for one, other in zip(said, came, strict=True)]
    return math.sqrt(sum(squares) / len(squares))
