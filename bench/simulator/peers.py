"""The bounds: all agents in one pool who can do everything; and plain first come, first served."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bench.simulator.engine import NEVER
from bench.simulator.world import World


class FirstCome:
    """The longest waiting caller whom a free agent can serve; the longest idle agent."""

    def __init__(self, world: World) -> None:
        self.taken: list[tuple[int, int]] = []
        self._world = world
        self._free: list[dict[int, None]] = [{} for _ in world.kinds]
        self._waiting: list[dict[int, None]] = [{} for _ in world.kinds]
        for agent in range(len(world.skills)):
            self._is_free(agent)

    def joined(self, call: int, now: float) -> None:
        kind = self._world.kind[call]
        agent = next(iter(self._free[kind]), None)
        if agent is None:
            self._waiting[kind][call] = None
            return
        for other in self._world.skills[agent]:
            del self._free[other][agent]
        self.taken.append((call, agent))

    def left(self, call: int, now: float) -> None:
        del self._waiting[self._world.kind[call]][call]

    def done(self, agent: int, call: int, now: float) -> None:
        heads = [next(iter(self._waiting[kind]), None) for kind in self._world.skills[agent]]
        longest = min((head for head in heads if head is not None), default=None)
        if longest is None:
            self._is_free(agent)
            return
        del self._waiting[self._world.kind[longest]][longest]
        self.taken.append((longest, agent))

    def shift(self, agent: int, begins: bool, now: float) -> None:
        raise NotImplementedError("a bound is reckoned for agents who are all there")

    def wake(self, now: float) -> None:
        """Nothing falls due."""

    def next_wake(self) -> float:
        return NEVER

    def _is_free(self, agent: int) -> None:
        for kind in self._world.skills[agent]:
            self._free[kind][agent] = None


def pooled(world: World) -> FirstCome:
    """As if everybody could serve everybody: no rule can do better than this bound, whose exact
    value (exponential talks) is `erlang.mean_wait`."""
    one = replace(world, skills=[(0,)] * len(world.skills), kind=[0] * len(world))
    return FirstCome(one)


class Urgent:
    """One pool that takes emergencies before everybody else: what priority can do at best."""

    def __init__(self, world: World, urgent: Sequence[int]) -> None:
        self.taken: list[tuple[int, int]] = []
        self._kind, self._urgent = world.kind, frozenset(urgent)
        self._free = list(range(len(world.skills)))
        self._waiting: dict[bool, dict[int, None]] = {True: {}, False: {}}

    def joined(self, call: int, now: float) -> None:
        self._line(call)[call] = None
        self._match()

    def left(self, call: int, now: float) -> None:
        del self._line(call)[call]

    def done(self, agent: int, call: int, now: float) -> None:
        self._free.append(agent)
        self._match()

    def shift(self, agent: int, begins: bool, now: float) -> None:
        raise NotImplementedError("a bound is reckoned for agents who are all there")

    def wake(self, now: float) -> None:
        """Nothing falls due."""

    def next_wake(self) -> float:
        return NEVER

    def _line(self, call: int) -> dict[int, None]:
        return self._waiting[self._kind[call] in self._urgent]

    def _match(self) -> None:
        while self._free and (line := self._waiting[True] or self._waiting[False]):
            call = next(iter(line))
            del line[call]
            self.taken.append((call, self._free.pop(0)))
