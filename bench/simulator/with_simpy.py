"""The same rules written as a plain simpy model: a process for each call, one look at all queues
whenever an agent is free. What P12's floor is measured against.

Emergencies first, then priority, then the index rule; the least scarce agent, then the longest
idle; wider rings after their seconds; wrap-up; shifts. No facts, no reasons, no offers that fail.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator
from typing import Any

import numpy as np
import simpy

from acd.choice import index_of, scarcity
from bench.simulator.engine import Ran
from bench.simulator.world import World


class Centre:
    """All state of the model."""

    def __init__(self, world: World) -> None:
        self.env = simpy.Environment()
        self.world = world
        self.kinds = world.kinds
        number = {kind.name: k for k, kind in enumerate(world.kinds)}
        self.rings = [
            [(after, tuple(number[name] for name in names)) for after, names in kind.rings]
            for kind in world.kinds
        ]
        self.shares = world.shares
        self.waiting: list[dict[int, simpy.Event]] = [{} for _ in world.kinds]
        self.idle: list[dict[int, float]] = [{} for _ in world.kinds]
        absent = {agent for _, agent, begins in world.shifts if begins}
        self.on = [agent not in absent for agent in range(len(world.skills))]
        self.busy = [False] * len(world.skills)
        self.dice: Iterator[float] = iter(world.dice)
        self.waits = [0.0] * len(world)
        self.answered = [False] * len(world)
        for agent, on in enumerate(self.on):
            if on:
                self._is_free(agent)

    def run(self) -> Ran:
        """All of the world."""
        began = time.process_time()
        self.env.process(self._arrivals())
        if self.world.shifts:
            self.env.process(self._shifts())
        self.env.run()
        return Ran(
            np.array(self.waits),
            np.array(self.answered),
            np.array(self.world.kind),
            cpu=time.process_time() - began,
        )

    # --- processes ---
    def _arrivals(self) -> Generator[Any, Any, None]:
        for call, at in enumerate(self.world.at):
            yield self.env.timeout(at - self.env.now)
            self.env.process(self._call(call))

    def _call(self, call: int) -> Generator[Any, Any, None]:
        kind = self.world.kind[call]
        joined = self.env.now
        turn = self.env.event()
        self.waiting[kind][call] = turn
        self._match()
        if not turn.triggered:
            for after, _ in self.rings[kind]:
                self.env.process(self._widens(turn, after))
            yield turn | self.env.timeout(self.world.patience[call])
        self.waits[call] = self.env.now - joined
        if not turn.triggered:
            del self.waiting[kind][call]
            return
        self.answered[call] = True
        of = self.kinds[kind]
        talk = of.handle * math.exp(of.sigma * next(self.dice) - of.sigma**2 / 2)
        yield self.env.timeout(talk + self.world.wrap_up)
        agent = turn.value
        self.busy[agent] = False
        if self.on[agent]:
            self._is_free(agent)
            self._match()

    def _widens(self, turn: simpy.Event, after: float) -> Generator[Any, Any, None]:
        yield self.env.timeout(after)
        if not turn.triggered:
            self._match()

    def _shifts(self) -> Generator[Any, Any, None]:
        for at, agent, begins in sorted(self.world.shifts):
            yield self.env.timeout(at - self.env.now)
            self.on[agent] = begins
            if begins and not self.busy[agent]:
                self._is_free(agent)
                self._match()
            elif not begins:
                for kind in self.world.skills[agent]:
                    self.idle[kind].pop(agent, None)

    # --- the rules ---
    def _match(self) -> None:
        while (found := self._best()) is not None:
            call, kind, agent = found
            self.busy[agent] = True
            for other in self.world.skills[agent]:
                self.idle[other].pop(agent, None)
            self.waiting[kind].pop(call).succeed(agent)

    def _best(self) -> tuple[int, int, int] | None:
        best: tuple[Any, int, int, int] | None = None
        for kind, line in enumerate(self.waiting):
            if not line:
                continue
            call = next(iter(line))
            waited = self.env.now - self.world.at[call]
            open_to = [(kind,)] + [ks for after, ks in self.rings[kind] if after <= waited]
            skill = next((k for ks in open_to for k in ks if self.idle[k]), None)
            if skill is None:
                continue
            of = self.kinds[kind]
            index = index_of(waited, len(line))
            rank = (of.line == "156", -of.priority, index, call)
            if best is None or rank < best[0]:
                best = rank, call, kind, self._agent(skill)
        return best and best[1:]

    def _agent(self, skill: int) -> int:
        def rank(agent: int) -> tuple[float, float]:
            others = [k for k in self.world.skills[agent] if k != skill]
            missed = [(self.shares[k], len(self.idle[k])) for k in others]
            return scarcity(missed, len(self.shares)), idle[agent]

        idle = self.idle[skill]
        return min(idle, key=rank)

    def _is_free(self, agent: int) -> None:
        for kind in self.world.skills[agent]:
            self.idle[kind][agent] = self.env.now
