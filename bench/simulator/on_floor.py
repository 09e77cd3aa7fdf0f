"""The production floor as the one who brings callers and agents together."""

from __future__ import annotations

from acd import events as ev
from acd.effects import MakeOffer
from acd.floor import Floor
from acd.queues import QueueRule, QueueTable, Ring
from bench.simulator.engine import NEVER
from bench.simulator.world import World
from terms.names import AgentName, CallId, OfferId, QueueName, Skill
from terms.signals import Phone


def table_of(world: World, **more: object) -> QueueTable:
    """One queue for each kind of calls, with the skill of its name."""
    rules = tuple(
        QueueRule(
            QueueName(kind.name),
            kind.line,
            Skill(kind.name),
            kind.priority,
            wrap_up_seconds=world.wrap_up,
            rings=tuple(Ring(after, tuple(map(Skill, skills))) for after, skills in kind.rings),
        )
        for kind in world.kinds
    )
    return QueueTable(rules, **more)  # type: ignore[arg-type]


class OnFloor:
    """Every offer is answered at once. Agents who have shifts come when theirs begins."""

    def __init__(self, world: World, table: QueueTable | None = None) -> None:
        self.taken: list[tuple[int, int]] = []
        self.floor = Floor(table or table_of(world), 1)
        self.events = 0
        self._world = world
        self._offers: dict[int, OfferId] = {}  # of each agent who talks
        self._names = [AgentName(f"a{n}") for n in range(len(world.skills))]
        self._numbers = {name: n for n, name in enumerate(self._names)}
        self._queues = [QueueName(kind.name) for kind in world.kinds]
        absent = {agent for _, agent, begins in world.shifts if begins}
        for agent in range(len(world.skills)):
            if agent not in absent:
                self.shift(agent, True, 0.0)

    def joined(self, call: int, now: float) -> None:
        kind = self._world.kind[call]
        of = self._world.kinds[kind]
        name = CallId(str(call))
        self._tell(ev.CallJoined(name, self._queues[kind], of.priority, now, of.line), now)

    def left(self, call: int, now: float) -> None:
        self._tell(ev.CallLeft(CallId(str(call))), now)

    def done(self, agent: int, call: int, now: float) -> None:
        self._tell(ev.TalkEnded(self._offers.pop(agent)), now)

    def shift(self, agent: int, begins: bool, now: float) -> None:
        name = self._names[agent]
        if begins:
            skills = {Skill(self._queues[kind]): 1 for kind in self._world.skills[agent]}
            self._tell(ev.AgentPhone(name, Phone.IDLE), now)
            self._tell(ev.AgentLoggedIn(name, skills), now)
        else:
            self._tell(ev.AgentLoggedOut(name), now)

    def wake(self, now: float) -> None:
        self._obey(self.floor.wake(now), now)

    def next_wake(self) -> float:
        due = self.floor.next_deadline()
        return NEVER if due is None else due

    def _tell(self, event: ev.Event, now: float) -> None:
        self.events += 1
        self._obey(self.floor.handle(event, now), now)

    def _obey(self, results: list[object], now: float) -> None:
        for result in results:
            if isinstance(result, MakeOffer):
                agent = self._numbers[result.agent]
                self._offers[agent] = result.offer
                self.taken.append((int(result.call), agent))
                self._tell(ev.OfferAnswered(result.offer), now)
