"""P12: a month of São Paulo on the production floor, and on a plain simpy model of the same rules.

600,000 calls of twelve kinds on three lines, by the city's profiles of hours and weekdays with a
factor for each day; agents with three skills who come and go with the load; emergencies first,
priorities, rings, wrap-up. Each offer is answered at once, so a call is three events of the floor
(joined, answered, talk over), and a wake for its wrap-up. CPU-seconds of this process.
"""

from __future__ import annotations

from bench.figures import Figure, load
from bench.simulator import month
from bench.simulator.engine import Ran, run
from bench.simulator.on_floor import OnFloor
from bench.simulator.with_simpy import Centre

CALLS, DAYS, SEED, GOAL = 600_000, 30, 1, 60.0
SIMPY_DAYS = 3  # simpy's part is measured on so many days, and told as calls per CPU-second


def measure(calls: int = CALLS, days: int = DAYS) -> list[Figure]:
    """One row."""
    world = month.world(calls, days, SEED)
    floor = OnFloor(world)
    ours = run(world, floor)
    short = month.world(calls * SIMPY_DAYS // days, SIMPY_DAYS, SEED)
    theirs = Centre(short).run()
    same = run(short, OnFloor(short))
    rate, simpys = len(world) / ours.cpu, len(short) / theirs.cpu
    seconds = ours.cpu * CALLS / len(world)
    names = [kind.name for kind in world.kinds]
    urgent = [names.index(name) for name in month.EMERGENCY]
    details = {
        "calls": len(world),
        "events": floor.events,
        "cpu": round(ours.cpu, 1),
        "ours": _told(ours, urgent),
        "simpy": _told(theirs, urgent),
        "ours_same_days": _told(same, urgent),
        "busy": load(),
    }
    return [
        Figure(
            "P12",
            f"a month of São Paulo: {len(world):,} calls, 12 kinds, {len(world.skills)} agents",
            f"simpy, same rules: {simpys:,.0f} calls for each CPU-second",
            f"{seconds:.0f} CPU-s for 600,000 ({rate:,.0f} calls/s, {rate / simpys:.1f}×); "
            f"NS {100 * ours.level():.0f} %, 199/153 {100 * ours.of(*urgent).level():.0f} %",
            f"≤ {GOAL:.0f} CPU-s, ahead of simpy",
            seconds <= GOAL and rate > simpys,
            details,
        )
    ]


def _told(ran: Ran, urgent: list[int]) -> dict[str, float]:
    return {
        "mean": round(ran.mean, 2),
        "level_15": round(100 * ran.level(), 1),
        "lost_late": round(100 * ran.lost_late(), 2),
        "urgent_mean": round(ran.of(*urgent).mean, 2),
        "urgent_level_15": round(100 * ran.of(*urgent).level(), 1),
        "calls_per_cpu_second": round(len(ran.waits) / ran.cpu),
    }
