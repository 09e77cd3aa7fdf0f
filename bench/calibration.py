"""The emulated app_queue beside the real one: twenty agents in two queues, calls of ten seconds.

SIPp's citizens call the two queues of a real Asterisk as chance has it, at high load; ten agents
have the first queue as their first skill and ten the second (penalty 1 for the other). The
emulation then gets what really happened: the same instants of arrival, the same lengths of talks in
the order in which they began. What it has to find by itself is who waited how long. The two means
must agree within their confidence intervals (95 %, by batches, as waits are like their neighbours).
"""

from __future__ import annotations

import math
import statistics
import time
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

from sipp_phones import read_traces

from bench.centre import BenchCentre, Ports, bench_centre
from bench.figures import Figure, load
from bench.phones import Sipp
from bench.simulator.app_queue import AppQueue, Setting
from bench.simulator.engine import run
from bench.simulator.world import Kind, World
from bench.with_app_queue import TWO_QUEUES

AGENTS, RING, TALK = 20, 50, (4_000, 16_000)
SECONDS, LOAD, SPREAD, WARM, BATCHES = 600.0, 0.88, 60_000, 90.0, 10
HANDLE = (RING + sum(TALK) / 2) / 1_000
SAME_END = 0.3  # seconds between the agent hanging up and the citizen being hung up
STUDENT = 2.26  # 95 %, nine degrees of freedom
NEVER_GIVES_UP = 1e9


@dataclass(frozen=True)
class Seen:
    """One call as the phones saw it."""

    at: float
    queue: int
    rang: float
    ended: float


def measure(folder: Path, ports: Ports, seconds: float = SECONDS) -> list[Figure]:
    """One row."""
    with bench_centre(folder / "calibration", ports, AGENTS, record=False) as centre:
        calls = sorted(_really(centre, seconds), key=lambda one: one.at)
    waits = [one.rang - one.at for one in calls]
    world = _again(calls)
    settings = (Setting("rrmemory"), Setting("rrmemory", looks_every=0.001))
    emulated, at_once = (run(world, AppQueue(world, one)).waits.tolist() for one in settings)
    began = calls[0].at + WARM
    late = [number for number, one in enumerate(calls) if one.at >= began]
    real, ours, dream = ([which[n] for n in late] for which in (waits, emulated, at_once))
    (mean, half), (their, their_half) = _mean(ours), _mean(real)
    agree = abs(mean - their) <= half + their_half
    return [
        Figure(
            "calibration",
            f"app_queue emulated: mean wait, {AGENTS} agents, 2 queues, {len(late)} calls of 10 s",
            f"real app_queue {their:.2f} ± {their_half:.2f} s",
            f"{mean:.2f} ± {half:.2f} s (if it looked all the time: {_mean(dream)[0]:.2f})",
            "within their 95 % intervals",
            agree,
            {
                "calls": len(late),
                "real": _told(real),
                "emulated": _told(ours),
                "looking_all_the_time": _told(dream),
                "seconds": seconds,
                "busy": load(),
            },
        )
    ]


def _really(centre: BenchCentre, seconds: float) -> list[Seen]:
    agents = centre.agents_listen("calibration-agents", RING, TALK)
    rate = LOAD * AGENTS / HANDLE / len(TWO_QUEUES)
    citizens: list[Sipp] = []
    try:
        for offset, number in enumerate(TWO_QUEUES):
            how = {"rate": rate, "at_once": 1_000, "spread": SPREAD, "traced": True}
            how["shift"] = offset  # each SIPp at a port of its own
            citizens.append(centre.citizens_call(f"calibration-{number}", number, **how))
        time.sleep(seconds)
        for one in citizens:
            one.finish(150.0)
    finally:
        for one in citizens:
            one.kill()
        agents.kill()
    return _matched(agents, citizens)


def _matched(agents: Sipp, citizens: list[Sipp]) -> list[Seen]:
    """Each citizen's call and the talk that ended it: app_queue hangs up when the agent does. (The
    agents' phones are shown no number.)"""
    talks = sorted(agents.talks(), key=lambda talk: talk.ended_at)
    ends = [talk.ended_at for talk in talks]
    found = []
    for queue, one in enumerate(citizens):
        for call in read_traces(one.folder / f"{one.name}.messages"):
            if call.bye is None or call.code != 200:
                continue
            place = bisect_right(ends, call.bye.at) - 1
            if place >= 0 and call.bye.at - ends[place] < SAME_END:
                talk = talks[place]
                found.append(Seen(call.answered_at, queue, talk.rang_at, talk.ended_at))
    return found


def _again(calls: list[Seen]) -> World:
    """What happened, as a world: talks of these lengths, in the order in which they began."""
    kinds = tuple(Kind(name, handle=HANDLE) for name in TWO_QUEUES)
    sigma = kinds[0].sigma
    spans = [one.ended - one.rang for one in sorted(calls, key=lambda one: one.rang)]
    dice = [math.log(max(0.001, span) / HANDLE) / sigma + sigma / 2 for span in spans]
    first = calls[0].at
    skills = [(0, 1)] * (AGENTS // 2) + [(1, 0)] * (AGENTS - AGENTS // 2)
    at = [one.at - first for one in calls]
    queues = [one.queue for one in calls]
    return World(kinds, skills, at, queues, [NEVER_GIVES_UP] * len(calls), dice)


def _mean(waits: list[float]) -> tuple[float, float]:
    size = max(1, len(waits) // BATCHES)
    means = [statistics.fmean(waits[n * size : (n + 1) * size]) for n in range(BATCHES)]
    return statistics.fmean(waits), STUDENT * statistics.stdev(means) / math.sqrt(BATCHES)


def _told(waits: list[float]) -> dict[str, float]:
    ordered = sorted(waits)
    return {
        "mean": round(statistics.fmean(waits), 3),
        "half": round(_mean(waits)[1], 3),
        "p50": round(ordered[len(ordered) // 2], 2),
        "p95": round(ordered[int(len(ordered) * 0.95)], 2),
    }
