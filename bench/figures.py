"""What a measurement says, and the few sums that all of them need."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Figure:
    """One row of the table. `met` None: there is no goal, the figure is only told.

    `anchor` is what others reach, measured in this very run ('' when nobody else is measured).
    """

    name: str
    what: str
    anchor: str
    ours: str
    goal: str
    met: bool | None
    details: dict[str, Any] = field(default_factory=dict)


def percentile(values: Iterable[float], part: float) -> float:
    """The value below which `part` (0..1) of them lie. ValueError when there are none."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("nothing was measured")
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def summary(milliseconds: Sequence[float]) -> dict[str, float]:
    """Count, mean and tail of times in milliseconds."""
    return {
        "count": len(milliseconds),
        "mean": round(statistics.fmean(milliseconds), 2),
        "p50": round(percentile(milliseconds, 0.50), 2),
        "p95": round(percentile(milliseconds, 0.95), 2),
        "p99": round(percentile(milliseconds, 0.99), 2),
        "max": round(max(milliseconds), 2),
    }


def median_run(runs: Sequence[dict[str, Any]], by: str) -> dict[str, Any]:
    """The run in the middle, by one of its figures; of an even number, the lower one."""
    return sorted(runs, key=lambda run: float(run[by]))[(len(runs) - 1) // 2]


def cpu_seconds(pid: int) -> float:
    """What a process has used so far; 0 when there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


class CpuMeter:
    """CPU-seconds of named processes since it was made."""

    def __init__(self, **pids: int) -> None:
        self._pids = pids
        self._before = {name: cpu_seconds(pid) for name, pid in pids.items()}

    def used(self) -> dict[str, float]:
        """So far; a process that is gone has 0 or less and is left out."""
        spent = {
            name: round(cpu_seconds(pid) - self._before[name], 2)
            for name, pid in self._pids.items()
        }
        return {name: seconds for name, seconds in spent.items() if seconds > 0}


def load() -> float:
    """The machine's load: others' work shows in every tail."""
    return round(os.getloadavg()[0], 2)
