"""The choice: which caller is put through to which agent, and why.

Emergencies before everything, then priority, then who joined first; among the agents with the
skill, who has been idle longest (R22–R24). Whoever has waited long is offered to wider rings of
agents as well (`QueueRule.rings`). Ranks are tuples, so nothing is weighed against anything.
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
        self._pools: dict[Skill, list[tuple[Instant, AgentName, int]]] = {}

    def refresh(self, agent: Agent, now: Instant) -> None:
        """Make the pools agree with the agent; called after every change of one."""
        self.remove(agent)
        if agent.may_be_offered(now):
            agent.pooled = (agent.idle_since, agent.name)
            for skill, level in agent.skills.items():
                insort(self._pools.setdefault(skill, []), (*agent.pooled, level))

    def remove(self, agent: Agent) -> None:
        """Take an agent out; before its skills change."""
        if agent.pooled is None:
            return
        for skill in agent.skills:
            pool = self._pools[skill]
            del pool[bisect_left(pool, agent.pooled)]
        agent.pooled = None

    def any_of(self, skills: Iterable[Skill]) -> bool:
        """Whether anybody is idle who has one of these."""
        return any(self._pools.get(skill) for skill in skills)

    def longest_idle(self, skill: Skill, worst: int = 0) -> tuple[Instant, AgentName] | None:
        """Since when, and who, among those whose level is no worse (0 = any)."""
        for since, name, level in self._pools.get(skill, ()):
            if not worst or level <= worst:
                return since, name
        return None


def choose(queues: Iterable[QueueLine], idle: IdlePools, now: Instant) -> Choice | None:
    """The next offer to make, or None while nobody fits anybody."""
    best: Choice | None = None
    for queue in queues:
        head = queue.head()
        if head is None or (best is not None and head.rank > best.caller.rank):
            continue
        found = _first_served(queue, idle, now)
        if found is not None and (best is None or found.caller.rank < best.caller.rank):
            best = found
    return best


def _first_served(queue: QueueLine, idle: IdlePools, now: Instant) -> Choice | None:
    """The first caller of a queue whom somebody idle may serve. Only callers whose wait differs
    can fare differently, so the line is walked only where rings are open to somebody behind."""
    rule = queue.rule
    wider = [skill for ring in rule.rings for skill in ring.skills]
    callers = queue.callers() if idle.any_of(wider) else filter(None, (queue.head(),))
    for caller in callers:
        for skill, worst in rule.called(now - caller.joined):
            agent = idle.longest_idle(skill, worst)
            if agent is not None:
                return Choice(caller, agent[1], _because(caller, agent[0], skill, now))
    return None


def offer_to_withdraw(
    caller: Caller, offers: Iterable[Offer], agents: Mapping[AgentName, Agent], now: Instant
) -> Offer | None:
    """For an emergency that nobody is free for: the youngest ringing offer of a lesser call on an
    agent who fits."""
    candidates = (
        offer
        for offer in offers
        if not offer.emergency
        and offer.state in (OfferState.MADE, OfferState.RINGING)
        and caller.rule.fits(agents[offer.agent].skills, now - caller.joined)
    )
    return max(candidates, key=lambda offer: offer.made, default=None)


def _because(caller: Caller, idle_since: Instant, skill: Skill, now: Instant) -> str:
    urgency = "emergência" if caller.rule.emergency else f"prioridade {caller.priority}"
    ring = "" if skill == caller.rule.skill else ", de um anel mais largo"
    return (
        f"fila {caller.rule.name} ({urgency}), primeiro da fila, espera há "
        f"{_told(now - caller.joined)}; agente livre há mais tempo "
        f"({_told(now - idle_since)}) com a habilidade {skill}{ring}"
    )


def _told(length: Seconds) -> str:
    """`12,3 s`, as Portuguese writes it."""
    return f"{max(0.0, length):.1f} s".replace(".", ",")
