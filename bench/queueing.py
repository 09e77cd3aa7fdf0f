"""P1 and P2: app_queue and our floor with the same phones, on the same Asterisk, one after the
other, three times. What counts is read from the phones' own message log.

P1  an agent puts one call down → the same agent's phone gets the next INVITE, callers waiting
P2  calls served a second, as fast as ten agents of 150 ms can be kept busy
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from bench.centre import BenchCentre, Ports, bench_centre
from bench.figures import CpuMeter, Figure, load, median_run, summary
from bench.phones import idle_gaps

AGENTS = 10
RUNS = 3
WARM = 3.0  # seconds of each run that do not count
# Talks of different lengths, as people's are: else all agents hang up at the same instant, and
# app_queue's one look a second finds them at the same phase each time.
P1_SECONDS, P1_RING, P1_TALK, P1_WAITING = 15.0, 50, (450, 1_450), 30
P2_SECONDS, P2_RING, P2_TALK, P2_WAITING = 10.0, 50, (100, 100), 60
NUMBERS = {"app_queue": "appqueue", "ours": "199"}


def measure(folder: Path, ports: Ports, wanted: set[str]) -> list[Figure]:
    """The figures of P1 and P2, whichever are wanted."""
    figures = []
    with bench_centre(folder / "queueing", ports, AGENTS) as centre:
        if "p1" in wanted:
            figures.append(_p1(centre))
        if "p2" in wanted:
            figures.append(_p2(centre, "recorded", RUNS))
    if "p2" in wanted:
        with bench_centre(folder / "unrecorded", ports, AGENTS, record=False) as centre:
            figures.append(_p2(centre, "not recorded", 1))
    return figures


def _p1(centre: BenchCentre) -> Figure:
    found = _alternate(centre, "p1", P1_SECONDS, P1_RING, P1_TALK, P1_WAITING)
    theirs = median_run(found["app_queue"], "p99")
    ours = median_run(found["ours"], "p99")
    text = "mean {mean:.0f} ms, p95 {p95:.0f}, p99 {p99:.0f}"
    return Figure(
        "P1",
        f"agent ready → phone rings, {AGENTS} agents of 0.5–1.5 s, callers waiting, recorded",
        "app_queue " + text.format(**theirs),
        "mean {mean:.1f} ms, p95 {p95:.1f}, p99 {p99:.1f}".format(**ours),
        "p99 ≤ 20 ms",
        ours["p99"] <= 20.0,
        {"runs": found},
    )


def _p2(centre: BenchCentre, how: str, runs: int) -> Figure:
    found = _alternate(centre, "p2", P2_SECONDS, P2_RING, P2_TALK, P2_WAITING, runs)
    theirs = median_run(found["app_queue"], "calls_per_second")["calls_per_second"]
    ours = median_run(found["ours"], "calls_per_second")["calls_per_second"]
    return Figure(
        "P2",
        f"{AGENTS} agents of {P2_RING + P2_TALK[0]} ms, callers always waiting, {how}",
        f"app_queue {theirs:.1f} calls/s",
        f"{ours:.1f} calls/s, {ours / theirs:.1f}×",
        "≥ 5×",
        ours >= 5 * theirs,
        {"runs": found},
    )


def _alternate(
    centre: BenchCentre,
    name: str,
    seconds: float,
    ring: int,
    talk: tuple[int, int],
    waiting: int,
    runs: int = RUNS,
) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {who: [] for who in NUMBERS}
    for run in range(runs):
        for who, number in NUMBERS.items():
            label = f"{name}-{who}-{run}"
            found[who].append(_saturate(centre, label, number, seconds, ring, talk, waiting))
    return found


def _saturate(
    centre: BenchCentre,
    name: str,
    number: str,
    seconds: float,
    ring: int,
    talk: tuple[int, int],
    waiting: int,
) -> dict[str, Any]:
    """Keep callers waiting for so long; what the agents' phones saw of it."""
    agents = centre.agents_listen(f"{name}-agents", ring, talk)
    citizens = centre.citizens_call(f"{name}-citizens", number, rate=200, at_once=waiting)
    try:
        time.sleep(WARM)
        meter = CpuMeter(
            asterisk=centre.switch_pid(),
            control=centre.control_pid(),
            agents=agents.pid,
            citizens=citizens.pid,
        )
        began = time.time()
        time.sleep(seconds)
        ended, cpu, busy = time.time(), meter.used(), load()
        citizens.finish(60.0)
    finally:
        citizens.kill()
        agents.kill()
    talks = agents.talks()
    served = sum(began <= talk.ended_at <= ended for talk in talks)
    gaps = summary(idle_gaps(talks, began, ended))
    counted = citizens.counters()
    centre.quiet()
    return {
        **gaps,
        "calls_per_second": round(served / (ended - began), 2),
        "failed": int(counted[-1]["FailedCall(C)"]),
        "cpu_seconds": cpu,
        "load": busy,
    }
