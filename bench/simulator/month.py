"""A month of São Paulo: three lines, twelve kinds of calls, agents who come and go by the hour."""

from __future__ import annotations

import math

import numpy as np

from bench.simulator import profiles
from bench.simulator.world import Kind, World, by_profile, draw, share_out

CALLS, DAYS, WRAP_UP = 600_000, 30, 20.0
HANDLE, HANDLE_EMERGENCY = 230.0, 160.0  # seconds of talk; with the wrap-up 250 and 180
PATIENCE, PATIENCE_EMERGENCY = 150.0, 60.0
WIDENS, WIDENS_EMERGENCY = 45.0, 8.0  # R24
EMERGENCY = ("199", "153")
URGENT = "urgencia"  # the theme of 156 that goes before the others
SPARE = 0.9  # seats above the load: so many of its square roots
LEAST_SEATS = 12


def kinds() -> list[Kind]:
    """Ten themes of 156, and the two emergency lines."""
    themes = profiles.themes()
    found = []
    for name, share in themes.items():
        wider = ((WIDENS, tuple(other for other in list(themes)[:4] if other != name)),)
        line = profiles.LINE_SHARES["156"]
        priority = 5 if name == URGENT else 0
        found.append(Kind(name, "156", line * share, HANDLE, 1.0, PATIENCE, priority, wider))
    for name in EMERGENCY:
        other = EMERGENCY[1 - EMERGENCY.index(name)]
        wider = ((WIDENS_EMERGENCY, (other, URGENT)),)
        share = profiles.LINE_SHARES[name]
        handle, patience = HANDLE_EMERGENCY, PATIENCE_EMERGENCY
        found.append(Kind(name, name, share, handle, 1.0, patience, 0, wider))
    return found


def world(calls: int = CALLS, days: int = DAYS, seed: int = 1, storm: float = 1.0) -> World:
    """Seats follow the load hour by hour. `storm`: the emergency lines' calls are multiplied by so
    much in the busiest hour of the first day."""
    of = kinds()
    rates = list(profiles.hour_rates(calls, days, seed))
    at = by_profile(rates, profiles.HOUR, seed)
    drawn = draw(of, _agents(of, rates, seed), at, seed + 1, wrap_up=WRAP_UP)
    drawn.shifts.extend(_shifts(of, rates, len(drawn.skills)))
    return drawn


def _need(of: list[Kind], rate: float) -> int:
    work = sum(one.share * (one.handle + WRAP_UP) for one in of) / sum(one.share for one in of)
    load = rate * work
    return max(LEAST_SEATS, math.ceil(load + SPARE * math.sqrt(load)))


def _agents(of: list[Kind], rates: list[float], seed: int) -> list[list[int]]:
    """Any number of the first of these cover all kinds by share, with three skills each; who has
    an emergency skill has the other one too."""
    seats = max(_need(of, rate) for rate in rates)
    dice = np.random.default_rng(seed)
    names = [one.name for one in of]
    first = [names.index(name) for name in EMERGENCY]
    shares = [one.share * one.handle for one in of]
    found: list[list[int]] = []
    for number in range(seats):
        wanted = share_out(shares, number + 1)
        have = [sum(one[0] == k for one in found) for k in range(len(of))]
        main = max(range(len(of)), key=lambda k: (wanted[k] - have[k], shares[k]))
        main = first[number] if number < len(first) else main
        if main in first:
            found.append([main, first[1 - first.index(main)], names.index(URGENT)])
            continue
        others = [k for k in range(len(of)) if k != main and k not in first]
        found.append([main, *(int(k) for k in dice.choice(others, 2, replace=False))])
    return found


def _shifts(of: list[Kind], rates: list[float], agents: int) -> list[tuple[float, int, bool]]:
    found, on = [], 0
    for hour, rate in enumerate(rates):
        seats = _need(of, rate)
        at = hour * profiles.HOUR
        found += [(at, agent, True) for agent in range(on, seats)]
        found += [(at, agent, False) for agent in range(seats, on)]
        on = seats
    return found
