"""The choice: which caller is put through to which agent, and why.

Emergencies before everything, then priority, then who joined first; among the agents with the
skill, who has been idle longest (R22–R24). Ranks are tuples, so nothing is weighed against
anything.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from acd.agents import Agent
from acd.offers import Offer, OfferState
from acd.queues import Caller, QueueLine
from terms.names import AgentName, Instant, Seconds, Skill


@dataclass(frozen=True, slots=True)
class Choice:
    """This caller to this agent, and the reason in words for whoever asks later."""

    caller: Caller
    agent: AgentName
    because: str


class IdlePools:
    """The agents who may be offered a call, longest idle first, by skill."""

    def __init__(self) -> None:
        self._pools: dict[Skill, list[tuple[Instant, AgentName]]] = {}

    def refresh(self, agent: Agent, now: Instant) -> None:
        """Make the pools agree with the agent; called after every change of one."""
        self.remove(agent)
        if agent.may_be_offered(now):
            agent.pooled = (agent.idle_since, agent.name)
            for skill in agent.skills:
                insort(self._pools.setdefault(skill, []), agent.pooled)

    def remove(self, agent: Agent) -> None:
        """Take an agent out; before its skills change."""
        if agent.pooled is None:
            return
        for skill in agent.skills:
            pool = self._pools[skill]
            del pool[bisect_left(pool, agent.pooled)]
        agent.pooled = None

    def longest_idle(self, skill: Skill) -> tuple[Instant, AgentName] | None:
        """Since when, and who."""
        pool = self._pools.get(skill)
        return pool[0] if pool else None


def choose(queues: Iterable[QueueLine], idle: IdlePools, now: Instant) -> Choice | None:
    """The next offer to make, or None while nobody fits anybody."""
    best: Caller | None = None
    found: tuple[Instant, AgentName] | None = None
    for queue in queues:
        caller = queue.head()
        if caller is None or (best is not None and caller.rank > best.rank):
            continue
        agent = idle.longest_idle(queue.rule.skill)
        if agent is not None:
            best, found = caller, agent
    if best is None or found is None:
        return None
    return Choice(best, found[1], _because(best, found[0], now))


def offer_to_withdraw(
    caller: Caller, offers: Iterable[Offer], agents: Mapping[AgentName, Agent]
) -> Offer | None:
    """For an emergency that nobody is free for: the youngest ringing offer of a lesser call on an
    agent who fits."""
    candidates = (
        offer
        for offer in offers
        if not offer.emergency
        and offer.state in (OfferState.MADE, OfferState.RINGING)
        and caller.rule.skill in agents[offer.agent].skills
    )
    return max(candidates, key=lambda offer: offer.made, default=None)


def _because(caller: Caller, idle_since: Instant, now: Instant) -> str:
    urgency = "emergência" if caller.rule.emergency else f"prioridade {caller.priority}"
    return (
        f"fila {caller.rule.name} ({urgency}), primeiro da fila, espera há "
        f"{_told(now - caller.joined)}; agente livre há mais tempo "
        f"({_told(now - idle_since)}) com a habilidade {caller.rule.skill}"
    )


def _told(length: Seconds) -> str:
    """`12,3 s`, as Portuguese writes it."""
    return f"{max(0.0, length):.1f} s".replace(".", ",")
