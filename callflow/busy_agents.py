"""Agents who are taken by a call, each since when: what predictive dialling counts on beside those
who are idle. How soon they are free is learned from how long calls have taken them (a talk, and
what comes after it)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from acd.agents import Agent, Status
from acd.floor import Floor
from dialer.events import AgentsFreeing
from dialer.freeing import Handlings
from terms.facts import Fact, Kind
from terms.names import AgentName, Instant, QueueName

IDLE = "idle"


@dataclass(eq=False, repr=False, slots=True)
class BusyAgents:
    """See the file's top. Reads facts; `soon` is asked about once a second."""

    floor: Floor
    _since: dict[AgentName, Instant] = field(default_factory=dict)
    _handlings: defaultdict[QueueName, Handlings] = field(
        default_factory=lambda: defaultdict(Handlings)
    )

    def read(self, facts: Iterable[Fact]) -> None:
        """Who is joined with a citizen, and who is free again."""
        for fact in facts:
            if not fact.agent:
                continue
            if fact.kind is Kind.ANSWERED:
                self._since.setdefault(fact.agent, fact.at)
            elif fact.kind is Kind.AGENT_STATE and fact.details["state"] == IDLE:
                self._free(fact.agent, fact.at)

    def soon(self, queues: Iterable[QueueName], now: Instant) -> list[AgentsFreeing]:
        """How many of each queue's agents are expected to be free within a ring time."""
        found = []
        for queue in queues:
            taken = [
                max(0.0, now - since)
                for name, since in self._since.items()
                if (agent := self.floor.agents.get(name)) is not None
                and agent.status is Status.AVAILABLE
                and self._serves(agent, queue)
            ]
            found.append(AgentsFreeing(queue, self._handlings[queue].soon(taken)))
        return found

    def _free(self, name: AgentName, at: Instant) -> None:
        since, agent = self._since.pop(name, None), self.floor.agents.get(name)
        if since is None or agent is None:
            return
        for queue in self.floor.lines:
            if self._serves(agent, queue):
                self._handlings[queue].took(at - since)

    def _serves(self, agent: Agent, queue: QueueName) -> bool:
        line = self.floor.lines.get(queue)
        return line is not None and line.rule.skill in agent.skills
