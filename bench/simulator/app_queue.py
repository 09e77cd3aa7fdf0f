"""Asterisk's app_queue as it distributes: one queue for each kind of calls, agents in several.

What its source does, and this does too (apps/app_queue.c of Asterisk 22):

* a caller's own thread looks whether it is its turn when it comes, and once a second after that
  (`RECHECK`, or `retry`): nobody is told that an agent became free. So which of several queues
  gets a free agent is chance;
* it is a caller's turn if fewer callers who are not being offered stand before it in its queue
  than agents of the queue are free (autofill);
* among the free agents of the queue the one with the least penalty; among equals, by strategy:
  the next in the list after the last one called (rrmemory), whose last call ended first
  (leastrecent), who has had the fewest calls (fewestcalls);
* with `force_longest_waiting_caller` an agent is passed over while the head of another of the
  agent's queues has waited longer.

Calibrated against the real one by `python -m bench calibration`.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.simulator.engine import NEVER
from bench.simulator.world import World

LOOKS_EVERY = 1.0


@dataclass(frozen=True)
class Setting:
    """How app_queue is set up."""

    strategy: str = "rrmemory"
    penalties: bool = True  # an agent's second skill counts 1, the third 2
    longest_first: bool = False  # force_longest_waiting_caller
    looks_every: float = LOOKS_EVERY
    weights: Mapping[int, int] = field(default_factory=dict)  # of queues, by kind; others 0

    @property
    def name(self) -> str:
        """For tables."""
        more = " + penalty" if self.penalties else ""
        return self.strategy + more + (" + force_longest" if self.longest_first else "")


class AppQueue:
    """See the top of this file."""

    def __init__(self, world: World, setting: Setting, seed: int = 1) -> None:
        self.taken: list[tuple[int, int]] = []
        self._world, self._setting = world, setting
        self._dice = random.Random(seed)
        kinds = range(len(world.kinds))
        self._of = [[a for a, has in enumerate(world.skills) if k in has] for k in kinds]
        self._place = [{a: n for n, a in enumerate(of)} for of in self._of]
        self._free: list[dict[int, None]] = [{} for _ in kinds]
        self._waiting: list[dict[int, None]] = [{} for _ in kinds]  # in the order of arrival
        self._next = [0 for _ in kinds]  # where rrmemory goes on
        self._ended = [0.0] * len(world.skills)
        self._calls = [[0] * len(of) for of in self._of]
        self._looks: list[tuple[float, int]] = []
        self._scheduled: set[int] = set()
        absent = {agent for _, agent, begins in world.shifts if begins}
        self._on = [agent not in absent for agent in range(len(world.skills))]
        for agent, on in enumerate(self._on):
            if on:
                self._is_free(agent, 0.0)

    # --- what happens ---
    def joined(self, call: int, now: float) -> None:
        kind = self._world.kind[call]
        self._waiting[kind][call] = None
        if not self._look(call, now):
            self._look_later(kind, now)

    def left(self, call: int, now: float) -> None:
        self._waiting[self._world.kind[call]].pop(call, None)

    def done(self, agent: int, call: int, now: float) -> None:
        self._ended[agent] = now
        if self._on[agent]:
            self._is_free(agent, now)

    def shift(self, agent: int, begins: bool, now: float) -> None:
        self._on[agent] = begins
        if begins:
            self._is_free(agent, now)
        else:
            for kind in self._world.skills[agent]:
                self._free[kind].pop(agent, None)

    def wake(self, now: float) -> None:
        _, call = heapq.heappop(self._looks)
        self._scheduled.discard(call)
        kind = self._world.kind[call]
        if call in self._waiting[kind]:
            self._look(call, now)
            self._look_later(kind, now)

    def next_wake(self) -> float:
        return self._looks[0][0] if self._looks else NEVER

    # --- turns ---
    def _is_free(self, agent: int, now: float) -> None:
        for kind in self._world.skills[agent]:
            self._free[kind][agent] = None
        for kind in self._world.skills[agent]:
            self._look_later(kind, now)

    def _look_later(self, kind: int, now: float) -> None:
        """Those whose turn it is look again, each at its own instant of every second."""
        for call, _ in zip(self._waiting[kind], range(len(self._free[kind])), strict=False):
            if call not in self._scheduled:
                self._scheduled.add(call)
                every, since = self._setting.looks_every, self._world.at[call]
                at = since + (int((now - since) / every) + 1) * every
                heapq.heappush(self._looks, (at if at > now else at + every, call))

    def _look(self, call: int, now: float) -> bool:
        kind = self._world.kind[call]
        free, ahead = self._free[kind], 0
        for other in self._waiting[kind]:
            if other == call or ahead >= len(free):
                break
            ahead += 1
        if ahead >= len(free):
            return False
        agents = [a for a in free if self._may_have(a, call, kind)]
        if not agents:
            return False
        agent = min(agents, key=lambda a: self._metric(a, kind))
        self._next[kind] = self._place[kind][agent] + 1
        self._calls[kind][self._place[kind][agent]] += 1
        for other_kind in self._world.skills[agent]:
            del self._free[other_kind][agent]
        del self._waiting[kind][call]
        self.taken.append((call, agent))
        return True

    def _may_have(self, agent: int, call: int, kind: int) -> bool:
        """Neither a weightier queue of the agent's has more callers than free agents, nor (with
        force_longest_waiting_caller) has the head of another one waited longer."""
        weights = self._setting.weights
        if not weights and not self._setting.longest_first:
            return True
        mine = weights.get(kind, 0)
        for other in self._world.skills[agent]:
            line = self._waiting[other]
            if not line:
                continue
            if weights.get(other, 0) > mine and len(line) >= len(self._free[other]):
                return False
            head = self._world.at[next(iter(line))]
            if self._setting.longest_first and head < self._world.at[call]:
                return False
        return True

    def _metric(self, agent: int, kind: int) -> tuple[int, float]:
        penalty = self._world.skills[agent].index(kind) if self._setting.penalties else 0
        place = self._place[kind][agent]
        match self._setting.strategy:
            case "leastrecent":
                return penalty, self._ended[agent]
            case "fewestcalls":
                return penalty, self._calls[kind][place]
            case _:
                return penalty, (place - self._next[kind]) % len(self._of[kind])
