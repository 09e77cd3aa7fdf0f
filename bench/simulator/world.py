"""Who calls, when, for how long; and who answers. Drawn once from a seed, then given to every
distributor alike.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Kind:
    """One type of calls: a queue of a line, and how its callers and talks are."""

    name: str
    line: str = "156"
    share: float = 1.0
    handle: float = 240.0  # mean seconds of a talk
    spread: float = 1.2  # squared coefficient of variation of a talk, log-normal
    patience: float = 400.0  # mean seconds, exponential
    priority: int = 0
    rings: tuple[tuple[float, tuple[str, ...]], ...] = ()  # after so long, these skills as well

    @property
    def sigma(self) -> float:
        """Of the logarithm of a talk's length."""
        return math.sqrt(math.log1p(self.spread))


@dataclass(frozen=True)
class Team:
    """Agents who are alike: their skills (names of kinds), the best first."""

    skills: tuple[str, ...]
    size: int


@dataclass
class World:
    """Everything that is given. `at`, `kind` and `patience` are by call, in the order of arrival.

    `dice` (standard normal) decide how long talks are, in the order in which they begin: so the
    agents are freed at nearly the same instants whoever is chosen, and a difference between two
    distributors is their own. By call, the luck of who gives up would drown it.
    """

    kinds: tuple[Kind, ...]
    skills: list[tuple[int, ...]]  # of each agent: kinds, the best first
    at: list[float]
    kind: list[int]
    patience: list[float]
    dice: list[float]
    wrap_up: float = 0.0
    shifts: list[tuple[float, int, bool]] = field(default_factory=list)
    """When agents come (True) and go; empty: all are there from the beginning."""

    def __len__(self) -> int:
        return len(self.at)

    @property
    def shares(self) -> list[float]:
        """The share of each kind among the calls."""
        counted = np.bincount(self.kind, minlength=len(self.kinds))
        return [float(one) for one in counted / max(1, len(self.kind))]


def draw(
    kinds: Sequence[Kind],
    skills: Sequence[Sequence[int]],
    at: np.ndarray,
    seed: int,
    kind: np.ndarray | None = None,
    wrap_up: float = 0.0,
) -> World:
    """The callers who arrive at these instants."""
    dice = np.random.default_rng(seed)
    shares = np.array([one.share for one in kinds])
    if kind is None:
        kind = dice.choice(len(kinds), len(at), p=shares / shares.sum())
    patience = np.array([one.patience for one in kinds])[kind] * dice.exponential(1.0, len(at))
    return World(
        tuple(kinds),
        [tuple(one) for one in skills],
        at.tolist(),
        kind.tolist(),
        patience.tolist(),
        _standard(dice, len(at)).tolist(),
        wrap_up,
    )


def _standard(dice: np.random.Generator, size: int) -> np.ndarray:
    """Standard normal, with exactly this mean and spread in the sample too: near full load, a
    thousandth more work moves a service level by a point."""
    drawn = dice.standard_normal(size)
    return (drawn - drawn.mean()) / (drawn.std() or 1.0)


def steady(rate: float, calls: int, seed: int) -> np.ndarray:
    """Instants of a Poisson stream of so many calls a second, which end when they should."""
    drawn = np.cumsum(np.random.default_rng(seed).exponential(1.0, calls))
    return drawn * (calls / rate / drawn[-1])


def by_profile(rates: Sequence[float], step: float, seed: int) -> np.ndarray:
    """Instants of a Poisson stream whose rate is one of `rates` (calls a second) for `step`
    seconds each."""
    dice = np.random.default_rng(seed)
    counts = dice.poisson(np.array(rates) * step)
    begins = np.repeat(np.arange(len(rates)) * step, counts)
    return np.sort(begins + dice.random(counts.sum()) * step)


def share_out(shares: Sequence[float], places: int) -> list[int]:
    """So many places by share, the largest remainders first."""
    exact = [share * places / math.fsum(shares) for share in shares]
    whole = [int(one) for one in exact]
    order = sorted(range(len(exact)), key=lambda k: whole[k] - exact[k])
    for k in order[: places - sum(whole)]:
        whole[k] += 1
    return whole


def generalists(shares: Sequence[float], agents: int, each: int, seed: int) -> list[list[int]]:
    """Agents with so many skills each: the first by the calls' shares, the others any."""
    dice = np.random.default_rng(seed)
    found = []
    for first, size in enumerate(share_out(shares, agents)):
        others = [k for k in range(len(shares)) if k != first]
        for _ in range(size):
            chosen = dice.choice(others, each - 1, replace=False)
            found.append([first, *(int(k) for k in chosen)])
    return found
