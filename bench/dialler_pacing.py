"""P11: how much of the agents' time predictive dialling uses, and whom it drops in every hour.

The production `Dialling` with all it is made of (`bench/simulator/on_dialling.py`) on a street of
20, 50 and 100 agents whose people answer 15 to 45 of 100 calls, drifting (what the street is:
`bench/simulator/street.py`). Beside it, in the same run, on the same calls and talks
(`bench/simulator/dial_peers.py`): progressive; a fixed ratio; VICIdial's adaptive methods.

Others are compared twice: as they come, and with the settings at which they use the agents most of
all that keep the cap in every hour measured. These settings are looked for on the very seeds that
are measured, and for each number of agents, which flatters them; ours has none, and was tuned on
other seeds (1 to 40). All count from the first minute, when everybody is idle, but the share used,
which counts from the second hour on.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from typing import Any, Final

from bench.figures import Figure, load
from bench.simulator.dial_peers import Adaptive, Progressive, Ratio
from bench.simulator.on_dialling import OnDialling
from bench.simulator.street import HOUR, Dialler, Street, Told, run
from terms.limits import DROPS_SHARE

SEEDS: Final = (101, 102, 103, 104, 105)
HOURS: Final = 9
GOALS: Final = {20: 86.0, 50: 91.0, 100: 93.0}
METHODS: Final = ("HARD_LIMIT", "AVERAGE", "TAPERED")
RATIOS: Final = tuple(n / 10 for n in range(45, 9, -1))
OURS, PLAIN, FIXED, COMES, TUNED = (
    "ours",
    "progressive",
    "fixed ratio",
    "adaptive as it comes",
    "adaptive, tuned",
)
TITLES: Final = {
    "drifting": "answered .15 ↔ .45 in an hour",
    "jumping": ".15 and .45 in turns, at once",
    "constant": "answered .30 always",
}


@dataclass
class Row:
    """One who dials, over all seeds."""

    setting: str
    runs: list[Told] = field(default_factory=list)

    @property
    def use(self) -> float:
        """Per cent of the agents' time."""
        return 100 * statistics.fmean(one.use for one in self.runs)

    @property
    def error(self) -> float:
        """Its standard error over the seeds, in points."""
        uses = [100 * one.use for one in self.runs]
        return statistics.stdev(uses) / len(uses) ** 0.5 if len(uses) > 1 else 0.0

    @property
    def shares(self) -> list[float]:
        """Of each hour's answers those dropped, per cent."""
        return [100 * share for one in self.runs for share in one.shares]

    @property
    def over(self) -> int:
        """Hours in which more were dropped than may be."""
        return sum(share > 100 * DROPS_SHARE + 1e-9 for share in self.shares)

    @property
    def dropped(self) -> float:
        """Of all answers, per cent."""
        answers = sum(sum(one.answers) for one in self.runs)
        return 100 * sum(sum(one.dropped) for one in self.runs) / max(1, answers)

    def said(self) -> str:
        """In a cell of the table."""
        cap = f"{self.over} of {len(self.shares)} hours over" if self.over else "no hour over"
        return (
            f"{self.use:.1f} ± {self.error:.1f} % used, {self.dropped:.1f} % dropped, worst hour "
            f"{max(self.shares):.1f}, {cap}"
        )

    def kept(self) -> dict[str, Any]:
        """For the results' file."""
        hours = [
            [round(100 * busy / HOUR / one.agents, 2), round(100 * share, 3)]
            for one in self.runs
            for busy, share in zip(one.busy, one.shares, strict=True)
        ]
        return {
            "setting": self.setting,
            "use": round(self.use, 2),
            "error": round(self.error, 2),
            "dropped": round(self.dropped, 2),
            "worst": round(max(self.shares), 2),
            "over": self.over,
            "hours": hours,
            "cpu": round(sum(one.cpu for one in self.runs), 1),
        }


def measure(seeds: tuple[int, ...] = SEEDS, hours: int = HOURS) -> list[Figure]:
    """A row for each number of agents and each way in which the answers go."""
    few = seeds[: max(1, len(seeds) - 2)]
    found = [_figure(agents, "drifting", seeds, hours) for agents in GOALS]
    for shape in ("constant", "jumping"):
        found += [_figure(agents, shape, few, hours) for agents in GOALS]
    return found


def _figure(agents: int, shape: str, seeds: tuple[int, ...], hours: int) -> Figure:
    streets = [Street(agents, seed, hours, shape) for seed in seeds]
    rows = {
        OURS: _all(streets, OnDialling, ""),
        PLAIN: _all(streets, Progressive, ""),
        FIXED: _best(streets, _ratios()),
        COMES: max(
            (_all(streets, make, setting) for setting, make in _as_it_comes()),
            key=lambda row: (row.over == 0, -row.over, row.use),
        ),
        TUNED: _best(streets, _settings()),
    }
    ours = rows[OURS]
    goal = GOALS[agents] if shape == "drifting" else None
    return Figure(
        "P11",
        f"{agents} agents, {TITLES[shape]}: share of their time used, dropped",
        "; ".join(_beside(name, rows[name]) for name in (PLAIN, FIXED, COMES, TUNED)),
        ours.said(),
        f"≥ {goal:.0f} %, ≤ 3 % dropped in every hour" if goal else "",
        ours.use >= goal and not ours.over if goal else None,
        {
            "agents": agents,
            "shape": shape,
            "rows": {name: row.kept() for name, row in rows.items()},
            "seeds": list(seeds),
            "busy": load(),
        },
    )


def _beside(name: str, row: Row) -> str:
    setting = f" ({row.setting})" if row.setting else ""
    broken = f", cap broken in {row.over} of {len(row.shares)} hours" if row.over else ""
    return f"{name}{setting} {row.use:.1f}{broken}"


def _all(streets: Iterable[Street], make: Callable[[], Dialler], setting: str) -> Row:
    return Row(setting, [run(street, make()) for street in streets])


def _best(streets: list[Street], settings: Iterable[tuple[str, Callable[[], Dialler]]]) -> Row:
    """The setting that uses the agents most, of those that keep the cap in every hour."""
    best: Row | None = None
    for setting, make in settings:
        row = Row(setting)
        for street in streets:
            row.runs.append(run(street, make()))
            if row.over or (best is not None and row.use < best.use - 2.0):
                break
        else:
            if best is None or row.use > best.use:
                best = row
    return best or _all(streets, Progressive, "none keeps the cap: progressive")


def _ratios() -> Iterator[tuple[str, Callable[[], Dialler]]]:
    for ratio in RATIOS:
        yield f"{ratio:.1f}", partial(Ratio, ratio=ratio)


def _as_it_comes() -> Iterator[tuple[str, Callable[[], Dialler]]]:
    """The three methods with their own defaults, the agents counted either way."""
    for method, idle in product(METHODS, (False, True)):
        name = f"{method.lower()}{', idle agents count' if idle else ''}"
        yield name, partial(Adaptive, method=method, available_only=idle)


def _settings() -> Iterator[tuple[str, Callable[[], Dialler]]]:
    for method, idle, limit, intensity, difference in product(
        METHODS, (True, False), (3.0, 2.0, 1.0), (0.0, -30.0, -60.0), (0.0, -1.0, -2.0)
    ):
        name = f"{method.lower()}, limit {limit:.0f} %, intensity {intensity:.0f}, "
        name += f"difference {difference:.0f}{', idle agents count' if idle else ''}"
        yield (
            name,
            partial(
                Adaptive,
                method=method,
                available_only=idle,
                limit=limit,
                intensity=intensity,
                difference=difference,
            ),
        )
