"""São Paulo's calls: hours, weekdays, themes (bench/data/README.md names the sources)."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

DATA = Path(__file__).resolve().parents[1] / "data" / "sim_inputs.json"
HOUR, DAY = 3_600.0, 86_400.0
LINE_SHARES = {"156": 0.92, "199": 0.03, "153": 0.05}  # assumed: not public
DAILY_CV = 0.25  # of like days: hourly counts vary two to three times as much as Poisson's
THEMES_APART = 9  # themes with a kind of their own; the others are one together


@functools.cache
def data() -> dict[str, Any]:
    """The file."""
    found: dict[str, Any] = json.loads(DATA.read_text())
    return found


def themes() -> dict[str, float]:
    """Ten kinds of calls with their shares, which sum to 1."""
    shares = data()["theme_share_pct_phone_requests"]
    ordered = sorted(shares.items(), key=lambda one: -one[1])
    apart, rest = ordered[:THEMES_APART], ordered[THEMES_APART:]
    found = {_short(name): share for name, share in apart}
    found["outros"] = sum(share for _, share in rest)
    whole = sum(found.values())
    return {name: share / whole for name, share in found.items()}


def hour_rates(calls: float, days: int, seed: int, first_weekday: int = 0) -> Sequence[float]:
    """Calls a second, hour by hour, for so many days with so many calls in all: the profile of the
    hours and weekdays, and a factor of each day (gamma)."""
    dice = np.random.default_rng(seed)
    hours = np.array(data()["hour_share_pct"]["blend_recommended_156"])
    week = np.array(data()["weekday_share_pct_mon_sun"]["phone_2019"])
    shape = 1 / DAILY_CV**2
    of_day = np.array(
        [week[(first_weekday + day) % 7] * dice.gamma(shape, 1 / shape) for day in range(days)]
    )
    rates = np.outer(of_day / of_day.sum(), hours / hours.sum()).ravel() * calls / HOUR
    return [float(rate) for rate in rates]


def _short(name: str) -> str:
    return name.split(" (")[0].lower().replace(" ", "_").replace(",", "")
