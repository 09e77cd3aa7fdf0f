"""P9: ten times as many calls to 199 and 153 for an hour, and how long they wait.

A working day's busiest hours with 156 at its usual load; for one hour the emergency lines have ten
times their calls. On our floor the lines' storm mode (R37: all rings open at once) is switched on a
minute after it began; strict priority does the rest. app_queue gets the best that it can be told:
all agents in the emergency queues too (with a penalty), and these with the greater weight. "As
usual": only the agents trained for it. The pool is the bound.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from acd import events as ev
from bench.figures import Figure, load
from bench.simulator import month, profiles
from bench.simulator.app_queue import AppQueue, Setting
from bench.simulator.engine import Distributor, Ran, run
from bench.simulator.on_floor import OnFloor
from bench.simulator.peers import Urgent
from bench.simulator.world import World, by_profile, draw, generalists

SEEDS, TIMES, HOURS = 3, 10.0, 3
STORM_FROM, STORM_TO = 3_600.0, 7_200.0
NOTICED = 60.0
"""Seconds until somebody orders the storm mode."""
RATE, AGENTS, SKILLS = 0.65, 172, 3
GOAL = 3.0


class InStorm(OnFloor):
    """Our floor, with somebody who orders the storm mode."""

    def next_wake(self) -> float:
        due = super().next_wake()
        return min(due, self._orders[0][0]) if self._orders else due

    def wake(self, now: float) -> None:
        while self._orders and self._orders[0][0] <= now:
            _, on = self._orders.pop(0)
            for line in month.EMERGENCY:
                self._tell(ev.StormSet(line, on), now)
        super().wake(now)

    def __init__(self, world: World) -> None:
        self._orders = [(STORM_FROM + NOTICED, True), (STORM_TO, False)]
        super().__init__(world)


def world(seed: int) -> World:
    """Three hours, the second with the storm. The emergencies' rings reach every theme of 156."""
    themes = profiles.themes()
    kinds = [
        replace(kind, rings=((month.WIDENS_EMERGENCY, tuple(themes)),))
        if kind.line != "156"
        else kind
        for kind in month.kinds()
    ]
    usual = by_profile([RATE] * HOURS, profiles.HOUR, seed)
    shares = np.array([kind.share for kind in kinds])
    emergency = [n for n, kind in enumerate(kinds) if kind.line != "156"]
    more = RATE * shares[emergency].sum() / shares.sum() * (TIMES - 1)
    storm = STORM_FROM + by_profile([more], STORM_TO - STORM_FROM, seed + 100)
    dice = np.random.default_rng(seed + 200)
    kind = dice.choice(len(kinds), len(usual), p=shares / shares.sum())
    extra = dice.choice(emergency, len(storm), p=shares[emergency] / shares[emergency].sum())
    at = np.concatenate([usual, storm])
    order = np.argsort(at)
    agents = generalists([float(share) for share in shares], AGENTS, SKILLS, seed)
    kinds_of = np.concatenate([kind, extra])[order]
    return draw(kinds, agents, at[order], seed + 300, kinds_of, wrap_up=month.WRAP_UP)


def measure(seeds: int = SEEDS) -> list[Figure]:
    """One row."""
    waits: dict[str, list[float]] = {}
    for seed in range(1, seeds + 1):
        one = world(seed)
        urgent = [n for n, kind in enumerate(one.kinds) if kind.line != "156"]
        for name, (where, who) in _compared(one, urgent).items():
            ran = _in_storm(run(where, who), one)
            waits.setdefault(name, []).append(ran.of(*urgent).mean)
            waits.setdefault(f"{name}, 156", []).append(
                ran.of(*(n for n in range(len(one.kinds)) if n not in urgent)).mean
            )
    means = {name: round(float(np.mean(found)), 2) for name, found in waits.items()}
    return [
        Figure(
            "P9",
            "storm, ten times the calls of 199/153 for an hour: their mean wait",
            f"app_queue as usual {means['app_queue']:.1f} s, "
            f"at its best {means['at its best']:.1f}; pool {means['pool']:.1f}",
            f"{means['ours']:.2f} s (156 meanwhile {means['ours, 156']:.0f} s)",
            f"≤ {GOAL:.0f} s",
            means["ours"] <= GOAL,
            {"means": means, "by_seed": waits, "busy": load()},
        )
    ]


def _compared(one: World, urgent: list[int]) -> dict[str, tuple[World, Distributor]]:
    taught = [(*s, *(k for k in urgent if k not in s)) for s in one.skills]
    everybody = replace(one, skills=taught)
    longest = Setting("rrmemory", longest_first=False, weights={k: 10 for k in urgent})
    usual = replace(longest, weights={})
    # a wrap-up is part of the talk where nobody else knows of it
    plain, all_of_them = _with_wrap_up(one), _with_wrap_up(everybody)
    return {
        "ours": (one, InStorm(one)),
        "app_queue": (plain, AppQueue(plain, usual)),
        "at its best": (all_of_them, AppQueue(all_of_them, longest)),
        "pool": (plain, Urgent(plain, urgent)),
    }


def _with_wrap_up(one: World) -> World:
    kinds = tuple(replace(kind, handle=kind.handle + one.wrap_up) for kind in one.kinds)
    return replace(one, kinds=kinds, wrap_up=0.0)


def _in_storm(ran: Ran, one: World) -> Ran:
    at = np.array(one.at)
    inside = (at >= STORM_FROM) & (at < STORM_TO)
    return Ran(ran.waits[inside], ran.answered[inside], ran.kinds[inside])
