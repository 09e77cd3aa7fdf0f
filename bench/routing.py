"""P8: how much of what app_queue leaves on the table the production floor's choice closes.

180 agents with two or three skills each, ten kinds of calls, log-normal talks (mean 240 s, CV²
1.2), patience 400 s, at loads .95 and 1.02. The same callers, talks and patience for each
distributor. The gap is the mean wait between app_queue (rrmemory with penalties) and one pool of
agents who can do everything, which is a bound that no rule can reach.

The k-th kind has a share of 1/k (Zipf): so app_queue and first come, first served stand to the pool
as in the pilot whose figures the goals were set by (2.05, 1.41, 1.33 and 1.16 times the pool's
wait). With `themes` the shares are those of São Paulo's phone requests (bench/data) instead.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator

from acd.choice import ChoiceRule
from bench.figures import Figure, load
from bench.simulator import app_queue, erlang, profiles
from bench.simulator.engine import Distributor, Ran, run
from bench.simulator.on_floor import OnFloor, table_of
from bench.simulator.peers import FirstCome, pooled
from bench.simulator.world import Kind, World, draw, generalists, steady

AGENTS, KINDS, HANDLE, PATIENCE = 180, 10, 240.0, 400.0
SETTINGS = ((0.95, 2), (0.95, 3), (1.02, 2), (1.02, 3))
GOALS = {(0.95, 2): 35, (0.95, 3): 50, (1.02, 2): 45, (1.02, 3): 65}
CALLS, SEEDS, WARM = 40_000, 4, 0.05  # each seed with agents of its own
ANCHOR, BOUND, OURS, FIRST = (
    "rrmemory + penalty",
    "pooled",
    "floor: index",
    "first come, first served",
)
SAO_PAULO = ", São Paulo’s themes"
STRATEGIES = ("rrmemory", "leastrecent", "fewestcalls")


def world(rate_of_load: float, skills: int, calls: int, seed: int, themes: bool = False) -> World:
    """One setting, drawn."""
    zipf = {f"k{k}": 1 / k for k in range(1, KINDS + 1)}
    shares = profiles.themes() if themes else zipf
    kinds = [Kind(name, share=share) for name, share in shares.items()]
    agents = generalists(list(shares.values()), AGENTS, skills, seed)
    at = steady(rate_of_load * AGENTS / HANDLE, calls, seed)
    return draw(kinds, agents, at, seed + 1_000)


def distributors() -> Iterator[tuple[str, Callable[[World], Distributor]]]:
    """Everybody who is compared."""
    yield BOUND, pooled
    for longest_first in (False, True):
        for strategy in STRATEGIES:
            for penalties in (True, False):
                setting = app_queue.Setting(strategy, penalties, longest_first)
                yield setting.name, lambda one, setting=setting: app_queue.AppQueue(one, setting)
    yield FIRST, FirstCome
    for rule in ChoiceRule:
        yield f"floor: {rule}", lambda one, rule=rule: OnFloor(one, table_of(one, rule=rule))


def measure(calls: int = CALLS, seeds: int = SEEDS) -> list[Figure]:
    """A row for each setting, and for each with São Paulo's themes."""
    return [
        _figure(*setting, calls, seeds, themes) for themes in (False, True) for setting in SETTINGS
    ]


def _figure(rate_of_load: float, skills: int, calls: int, seeds: int, themes: bool) -> Figure:
    found: dict[str, list[Ran]] = {}
    for seed in range(1, seeds + 1):
        one = world(rate_of_load, skills, calls, seed, themes)
        for name, make in distributors():
            found.setdefault(name, []).append(run(one, make(one)).after(WARM))
    rows = {name: _row(runs) for name, runs in found.items()}
    bound, anchor, ours = rows[BOUND], rows[ANCHOR], rows[OURS]
    theirs = [name for name in rows if name.startswith(STRATEGIES)]
    best = min(theirs, key=lambda name: rows[name]["mean"])
    for row in rows.values():
        gap = anchor["mean"] - bound["mean"]
        row["closed"] = round(100 * (anchor["mean"] - row["mean"]) / gap, 1)
    give_or_take = _error(found[ANCHOR], found[OURS], found[BOUND])
    of_best = 100 * (rows[best]["mean"] - ours["mean"]) / (rows[best]["mean"] - bound["mean"])
    least_tail = min(rows[name]["p99"] for name in theirs)
    goal = GOALS[rate_of_load, skills]
    exact = erlang.mean_wait(rate_of_load * AGENTS / HANDLE, HANDLE, PATIENCE, AGENTS)[0]
    return Figure(
        "P8",
        f"load {rate_of_load}, {skills} skills{SAO_PAULO if themes else ''}: mean wait, gap closed",
        f"app_queue {anchor['mean']:.2f} s (best: {best} {rows[best]['mean']:.2f}, least p99 "
        f"{least_tail:.0f}); pool {bound['mean']:.2f}",
        f"{ours['mean']:.2f} s, {ours['closed']:.0f} ± {give_or_take:.0f} % (of the best's gap "
        f"{of_best:.0f} %), "
        f"p99 {ours['p99']:.0f}",
        f"≥ {goal} %, p99 ≤ {least_tail:.0f} s",
        ours["closed"] >= goal and ours["p99"] <= least_tail,
        {
            "load": rate_of_load,
            "skills": skills,
            "themes": themes,
            "rows": rows,
            "standard_error": round(give_or_take, 1),
            "erlang_a": round(exact, 2),
            "calls": calls,
            "seeds": seeds,
            "busy": load(),
        },
    )


def _error(anchors: list[Ran], ours: list[Ran], bounds: list[Ran]) -> float:
    """The standard error of the share closed, in points: of a ratio of means over the seeds."""
    gap = statistics.fmean(a.mean - b.mean for a, b in zip(anchors, bounds, strict=True))
    won = statistics.fmean(a.mean - o.mean for a, o in zip(anchors, ours, strict=True))
    apart = [
        (a.mean - o.mean) - won / gap * (a.mean - b.mean)
        for a, o, b in zip(anchors, ours, bounds, strict=True)
    ]
    return 100 * statistics.stdev(apart) / gap / len(apart) ** 0.5 if len(apart) > 1 else 0.0


def _row(runs: list[Ran]) -> dict[str, float]:
    mean = statistics.fmean
    return {
        "mean": round(mean(one.mean for one in runs), 3),
        "p99": round(mean(one.part(0.99) for one in runs), 1),
        "gave_up": round(100 * mean(one.gave_up for one in runs), 2),
        "level_15": round(100 * mean(one.level() for one in runs), 1),
        "cpu": round(mean(one.cpu for one in runs), 2),
    }
