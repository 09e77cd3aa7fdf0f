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
from dataclasses import dataclass
from pathlib import Path

from sipp_phones import read_traces

from bench.centre import BenchCentre, Ports, bench_centre
from bench.figures import Figure, load
from bench.phones import Sipp
from bench.simulator.app_queue import AppQueue, Setting
from bench.simulator.engine import Ran, run
from bench.simulator.world import Kind, World
from bench.with_app_queue import TWO_QUEUES

AGENTS, RING, TALK = 20, 50, (4_000, 16_000)
SECONDS, LOAD, SPREAD, WARM, BATCHES = 600.0, 0.88, 60_000, 90.0, 10
HANDLE = (RING + sum(TALK) / 2) / 1_000
ANSWERED = 200  # SIP's code
STUDENT = 2.26  # 95 %, nine degrees of freedom
NEVER_GIVES_UP = 1e9


@dataclass(frozen=True)
class Seen:
    """What the phones saw: each call's arrival and queue; each talk's ring and end, by the ring.

    The agents' phones are shown no number, and need not be: the k-th ring is paired with the k-th
    arrival, which leaves the mean as it is.
    """

    calls: list[tuple[float, int]]
    talks: list[tuple[float, float]]

    def waits(self) -> list[float]:
        """By arrival."""
        pairs = zip(self.calls, self.talks, strict=True)
        return [rang - at for (at, _), (rang, _) in pairs]


def measure(folder: Path, ports: Ports, seconds: float = SECONDS) -> list[Figure]:
    """One row."""
    with bench_centre(folder / "calibration", ports, AGENTS, record=False) as centre:
        return compare(_really(centre, seconds))


def compare(seen: Seen) -> list[Figure]:
    """One row: what was seen, and the emulation with the same arrivals and talks."""
    world = _again(seen)
    settings = (Setting("rrmemory"), Setting("rrmemory", looks_every=0.001))
    emulated, at_once = (_paired(world, run(world, AppQueue(world, one))) for one in settings)
    late = [number for number, at in enumerate(world.at) if at >= WARM]
    real, ours, dream = ([w[n] for n in late] for w in (seen.waits(), emulated, at_once))
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
                "busy": load(),
            },
        )
    ]


def _really(centre: BenchCentre, seconds: float) -> Seen:
    agents = centre.agents_listen("calibration-agents", RING, TALK)
    rate = LOAD * AGENTS / HANDLE / len(TWO_QUEUES)
    citizens: list[Sipp] = []
    try:
        for shift, number in enumerate(TWO_QUEUES):
            how = {"rate": rate, "at_once": 1_000, "spread": SPREAD, "traced": True}
            citizens.append(centre.citizens_call(f"calibration-{number}", number, shift, **how))
        time.sleep(seconds)
        for one in citizens:
            one.finish(150.0)
    finally:
        for one in citizens:
            one.kill()
        agents.kill()
    return seen_by(agents, citizens)


def seen_by(agents: Sipp, citizens: list[Sipp]) -> Seen:
    """What is in the phones' message logs. ValueError when a call was lost."""
    talks = sorted((talk.rang_at, talk.ended_at) for talk in agents.talks())
    calls = sorted(
        (call.answered_at, queue)
        for queue, one in enumerate(citizens)
        for call in read_traces(one.folder / f"{one.name}.messages")
        if call.code == ANSWERED
    )
    if len(calls) != len(talks):
        raise ValueError(f"{len(calls)} citizens were answered and {len(talks)} agents rang")
    return Seen(calls, talks)


def _again(seen: Seen) -> World:
    """What happened, as a world: talks of these lengths, in the order in which they began."""
    kinds = tuple(Kind(name, handle=HANDLE) for name in TWO_QUEUES)
    sigma = kinds[0].sigma
    spans = [max(0.001, ended - rang) for rang, ended in seen.talks]
    dice = [math.log(span / HANDLE) / sigma + sigma / 2 for span in spans]
    first = seen.calls[0][0]
    skills = [(0, 1)] * (AGENTS // 2) + [(1, 0)] * (AGENTS - AGENTS // 2)
    at = [one - first for one, _ in seen.calls]
    queues = [queue for _, queue in seen.calls]
    return World(kinds, skills, at, queues, [NEVER_GIVES_UP] * len(at), dice)


def _paired(world: World, ran: Ran) -> list[float]:
    begun = sorted(at + wait for at, wait in zip(world.at, ran.waits, strict=True))
    return [float(start - at) for at, start in zip(world.at, begun, strict=True)]


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
