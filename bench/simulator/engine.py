"""Simulated time: what happens next, told to the one who brings callers and agents together."""

from __future__ import annotations

import heapq
import math
import time
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from bench.simulator.world import World

ENDS, GIVES_UP, SHIFT = 0, 1, 2
NEVER = float("inf")


class Distributor(Protocol):
    """Whoever brings callers and agents together. Calls and agents are numbers of the world.

    `taken` holds what began since it was last emptied: (call, agent).
    """

    taken: list[tuple[int, int]]

    def joined(self, call: int, now: float) -> None:
        """A caller waits."""

    def left(self, call: int, now: float) -> None:
        """A caller who waited has given up."""

    def done(self, agent: int, call: int, now: float) -> None:
        """A talk is over."""

    def shift(self, agent: int, begins: bool, now: float) -> None:
        """An agent comes or goes."""

    def wake(self, now: float) -> None:
        """What was due by now."""

    def next_wake(self) -> float:
        """When to be woken; `NEVER`."""


@dataclass
class Ran:
    """What came of the calls, in the order of arrival; and what it cost."""

    waits: np.ndarray  # until the answer, or until the caller gave up
    answered: np.ndarray  # whether each was
    kinds: np.ndarray
    agents: list[int] = field(default_factory=list)
    cpu: float = 0.0

    def after(self, share: float) -> Ran:
        """Without the first calls, who found an empty house."""
        first = int(len(self.waits) * share)
        return Ran(self.waits[first:], self.answered[first:], self.kinds[first:], [], self.cpu)

    def of(self, *kinds: int) -> Ran:
        """Only calls of these kinds."""
        mine = np.isin(self.kinds, kinds)
        return Ran(self.waits[mine], self.answered[mine], self.kinds[mine], [], self.cpu)

    @property
    def mean(self) -> float:
        """Mean seconds waited, of all who came."""
        return float(self.waits.mean())

    def part(self, share: float) -> float:
        """The wait that so many did not exceed."""
        return float(np.quantile(self.waits, share))

    @property
    def gave_up(self) -> float:
        """Share of those who came."""
        return float(1 - self.answered.mean())

    def level(self, seconds: float = 15.0) -> float:
        """NS: answered within so long ÷ answered (domain.md 1.5)."""
        return float((self.waits[self.answered] <= seconds).mean())

    def lost_late(self, seconds: float = 15.0) -> float:
        """ILA: gave up after more than so long ÷ all who came."""
        return float((~self.answered & (self.waits > seconds)).mean())


def run(world: World, who: Distributor) -> Ran:
    """All of the world's calls, until the last talk has ended."""
    began = time.process_time()
    at, kind, patience = world.at, world.kind, world.patience
    talks = iter(world.dice)
    scale = [(one.handle * math.exp(-(one.sigma**2) / 2), one.sigma) for one in world.kinds]
    waits, waiting = [0.0] * len(at), [False] * len(at)
    answered, by = [False] * len(at), [-1] * len(at)
    heap: list[tuple[float, int, int, int]] = [
        (when, SHIFT, agent, int(begins)) for when, agent, begins in world.shifts
    ]
    heapq.heapify(heap)
    push, pop, taken = heapq.heappush, heapq.heappop, who.taken
    coming, calls = 0, len(at)
    while True:
        arrives = at[coming] if coming < calls else NEVER
        happens = heap[0][0] if heap else NEVER
        due = who.next_wake()
        if due <= arrives and due <= happens:
            if due == NEVER:
                break
            now = due
            who.wake(now)
        elif arrives < happens:
            now, call = arrives, coming
            coming += 1
            waiting[call] = True
            who.joined(call, now)
            if all(call != other for other, _ in taken):
                push(heap, (now + patience[call], GIVES_UP, call, 0))
        else:
            now, what, one, other = pop(heap)
            if what == ENDS:
                who.done(one, other, now)
            elif what == SHIFT:
                who.shift(one, bool(other), now)
            elif waiting[one]:
                waiting[one] = False
                waits[one] = now - at[one]
                who.left(one, now)
        for call, agent in taken:
            waiting[call], answered[call], by[call] = False, True, agent
            waits[call] = now - at[call]
            mean, sigma = scale[kind[call]]
            push(heap, (now + mean * math.exp(sigma * next(talks)), ENDS, agent, call))
        taken.clear()
    cpu = time.process_time() - began
    return Ran(np.array(waits), np.array(answered), np.array(world.kind), by, cpu)
