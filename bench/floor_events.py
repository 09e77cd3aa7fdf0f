"""Events a second of the production floor, driven by the tests' own simulator.

The storm of tests/acd/simulator.py (callers, agents, phones, a switch that is late, loses words
and repeats itself) without the checks after every event. The simulator's own time is in it.
"""

from __future__ import annotations

import importlib
import statistics
import sys
import time
from pathlib import Path

from bench.figures import Figure, load

STEPS, AGENTS, RUNS = 60_000, 50, 3


def measure() -> list[Figure]:
    """Events for each CPU-second."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "acd"))
    storm_of = importlib.import_module("simulator").Storm

    rates, offers = [], 0
    for seed in range(RUNS):
        storm = storm_of(seed, agents=AGENTS, checked=False)
        began = time.process_time()
        storm.run(STEPS)
        rates.append(storm.events / (time.process_time() - began))
        offers += len(storm.made)
    return [
        Figure(
            "floor",
            f"events of the simulator's storm for each CPU-second, {AGENTS} agents",
            "",
            f"{statistics.median(rates):,.0f}",
            "",
            None,
            {"runs": rates, "offers": offers, "load": load()},
        )
    ]
