"""The rules of choice as formulas, and what they look at.

Two questions, asked only of what is equal in urgency (emergencies, then priority: no rule goes
against these) and in fitness (ring, rank of the subject): which caller when an agent frees, and
which agent when a caller comes. Each rule answers both with a number; the smaller goes first, and
what is equal goes by who joined, or became idle, first.

    fifo    whoever waits longest; whoever is idle longest. The vendors' default.
    index   `index_of` and `scarcity`: the default (docs/routing-figures.md)
    qir     `queue_imbalance` and `idleness_imbalance`: queue-and-idleness ratio
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from terms.limits import (
    CALLER_COUNTS,
    DEMAND_EVERY,
    LOAD_HALF_LIFE,
    LOAD_WORK_SECONDS,
    LOAD_WORK_WEIGHT,
    LONG_WAIT,
)
from terms.names import Instant, Seconds, Skill


class ChoiceRule(StrEnum):
    """By which formulas the choice is made."""

    FIFO = "fifo"
    INDEX = "index"
    QIR = "qir"


_MEMORY: Final = math.log(2) / LOAD_HALF_LIFE


@dataclass(slots=True)
class Load:
    """How many callers a queue has had lately, and how long one keeps an agent. What is long past
    counts less and less (half after LOAD_HALF_LIFE)."""

    callers: float = 0.0
    at: Instant = 0.0
    work: Seconds = LOAD_WORK_SECONDS * LOAD_WORK_WEIGHT
    talks: float = LOAD_WORK_WEIGHT

    def arrived(self, now: Instant) -> None:
        """One more caller."""
        self.callers = self._callers(now) + 1.0
        self.at = now

    def served(self, seconds: Seconds) -> None:
        """One more talk with what followed it; the newest count the most."""
        keep = 1.0 - 1.0 / (10.0 * LOAD_WORK_WEIGHT)
        self.work = self.work * keep + max(0.0, seconds)
        self.talks = self.talks * keep + 1.0

    def _callers(self, now: Instant) -> float:
        return self.callers * math.exp(-_MEMORY * max(0.0, now - self.at))

    @property
    def work_seconds(self) -> Seconds:
        """How long one caller keeps an agent, on average: talk and wrap-up (AHT)."""
        return self.work / self.talks

    def rate(self, now: Instant) -> float:
        """Callers a second, lately. At least a very little: nothing is divided by zero."""
        return max(1e-9, self._callers(now) * _MEMORY)

    def offered(self, now: Instant) -> float:
        """Agents that these callers would keep busy (erlang)."""
        return self.rate(now) * self.work_seconds


@dataclass(slots=True)
class Demand:
    """What part of all demand is for each skill; worked out again now and then (DEMAND_EVERY), as
    it does not change from one call to the next."""

    at: Instant = -math.inf
    _shares: dict[Skill, float] = field(default_factory=dict)

    def shares(self, loads: Iterable[tuple[Skill, Load]], now: Instant) -> dict[Skill, float]:
        """By skill, 0..1. `loads`: of all queues, each with its skill."""
        if not self._shares or not self.at <= now < self.at + DEMAND_EVERY:
            offered: dict[Skill, float] = {}
            for skill, load in loads:
                offered[skill] = offered.get(skill, 0.0) + load.offered(now)
            whole = math.fsum(offered.values()) or 1.0
            self._shares = {skill: load / whole for skill, load in offered.items()}
            self.at = now
        return self._shares


def index_of(head_waits: Seconds, waiting: int) -> float:
    """The caller with the greatest of:

        wait · (1 + (wait / LONG_WAIT)⁶) + CALLER_COUNTS · waiting

    The longest queue first (MaxWeight, Tassiulas and Ephremides 1992; with these costs the
    generalised cµ rule of Mandelbaum and Stolyar 2004), until somebody has waited about LONG_WAIT;
    from there on the longest wait. The longest queue first keeps all queues from running dry: an
    agent whose queues are all empty while others wait is what one pool would not have. It would let
    the head of a small queue wait on: so the head's own wait counts too, with a power that lets
    nothing outweigh it for long.

    To divide the queue by the agents that it has (its own wait to come) is worse, up to 6 points
    of the gap to one pool: queues of rare kinds are short but look long, and a pool serves them
    no sooner. The two numbers are from simulated days of other seeds than those they are measured
    on (docs/routing-figures.md).
    """
    long = 1.0 + (head_waits / LONG_WAIT) ** 6
    return -(head_waits * long + CALLER_COUNTS * waiting)


def scarcity(others: Iterable[tuple[float, int]], skills: int) -> float:
    """The agent whose other skills are missed the least: the sum over the agent's skills but the
    one asked for of

        (share + half of a mean share) / idle

    `share` (0..1) of all demand is for that skill, `idle` agents with it are idle, this one
    counted, and `skills` are asked for in all. It is a value function's: of the wait that follows
    in simulated days when one agent is taken and not another (one step of policy improvement; load
    .95, two skills an agent), a term for each skill and its idle agents explains 0.59 where 0.82
    could be explained, and the terms come out as these (docs/routing-figures.md).
    """
    return sum([missed(share, idle, skills) for share, idle in others])


def missed(share: float, idle: int, skills: int) -> float:
    """How much one agent less is missed by one skill; see `scarcity`."""
    return (share + 0.5 / max(1, skills)) / idle if idle > 0 else 0.0


def queue_imbalance(waiting: int, all_waiting: int, share: float) -> float:
    """The queue that is most above its share of all who wait: Q_i − p_i · ΣQ, the greatest first.

    With p_i proportional to λ_i · T_i (T: the target's seconds) the waits keep the ratio of the
    targets in heavy traffic (Gurvich and Whitt 2009, queue-and-idleness-ratio controls)."""
    return -(waiting - share * all_waiting)


def idleness_imbalance(idle: int, all_idle: int, share: float) -> float:
    """The pool that is most above its share of all who are idle: I_j − v_j · ΣI, the greatest
    first. v_j is the pool's part of all agents at work (Gurvich and Whitt 2009)."""
    return -(idle - share * all_idle)
