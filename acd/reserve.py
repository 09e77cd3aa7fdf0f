"""What is done for the emergency lines beside putting them first: idle agents are kept back from
156, and agents in training are called back.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from acd.needs import Ask
from acd.pools import IdlePools
from acd.queues import EmergencyReserve, QueueRule
from terms.names import AgentName, Seconds, Skill

RECALLED = "chamado de volta: uma emergência espera"
"""What the status of an agent says who was called back from training (R33)."""


def emergency_skills(rules: Iterable[QueueRule]) -> frozenset[Skill]:
    """The skills of the emergency queues: who has one of them is counted and kept back."""
    return frozenset(rule.skill for rule in rules if rule.emergency)


def kept_back(settings: EmergencyReserve | None, calls: int) -> int:
    """How many idle agents with emergency skills are not offered 156 calls now.

        0                            while calls < settings.calls
        min(agents, ⌈√calls⌉)        from then on

    `calls`: emergency callers on the floor: waiting, being offered and talking. Arrivals that
    nobody planned vary by the square root of their number (Poisson), so √calls is how many more
    may come at any moment while so many are there: the safety staffing of the square-root rule
    (Halfin and Whitt 1981) with β = 1.
    """
    if settings is None or calls < settings.calls:
        return 0
    return min(settings.agents, math.ceil(math.sqrt(calls)))


def to_call_back(idle: IdlePools, ask: Ask) -> AgentName | None:
    """Of those who are paused for what an emergency may interrupt, who fits it best (R33)."""
    found = (
        (fit, agent)
        for agent, profile in idle.recallable.items()
        if (fit := ask.fit(profile)) is not None
    )
    return min(found, default=(None, None))[1]


def told_recall(rule: QueueRule, waited: Seconds) -> str:
    """Why an agent was called back, in words."""
    return f"{RECALLED} há {waited:.0f} s na fila {rule.name}"
