"""What may happen to agents beside their calls: shifts, pauses, hours, a supervisor's acts.

Like all events they may come late or twice. Those that `acd/refusals.py` has a word against change
nothing and leave a fact with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from acd.pauses import Who
from acd.shift import Plan
from terms.names import AgentName, Instant, Skill


@dataclass(frozen=True, slots=True)
class ShiftPlanned:
    """A shift with its pauses, in the place of what was planned for that time (R41)."""

    agent: AgentName
    plan: Plan
    who: Who = Who.SUPERVISOR


@dataclass(frozen=True, slots=True)
class PausePostponed:
    """The agent puts a planned pause off (R42)."""

    agent: AgentName
    reason: str
    at: Instant
    who: Who = Who.AGENT


@dataclass(frozen=True, slots=True)
class CallMarked:
    """The agent's call, or the one just over, was abusive: `desgaste` right after it (R45)."""

    agent: AgentName


@dataclass(frozen=True, slots=True)
class WrapUpExtended:
    """The agent needs longer for what follows a talk."""

    agent: AgentName


@dataclass(frozen=True, slots=True)
class HoursExcepted:
    """A supervisor lets an agent work beyond the day's limit, for a reason of the law (R46)."""

    agent: AgentName
    until: Instant
    because: str


@dataclass(frozen=True, slots=True)
class AgentBlocked:
    """A supervisor keeps an agent from working: out after the call, and not in again."""

    agent: AgentName
    because: str


@dataclass(frozen=True, slots=True)
class AgentReleased:
    """A supervisor lets a blocked agent work again."""

    agent: AgentName


@dataclass(frozen=True, slots=True)
class AgentRestored:
    """At a start: how the process before us left an agent, clocks and all."""

    agent: AgentName
    skills: Mapping[Skill, int]
    subjects: tuple[Skill, ...] = ()
    reserve: bool = False
    seat: str = ""
    status: str = "logged_out"
    reason: str = ""
    pause_began: Instant | None = None
    pause_planned: Instant | None = None
    logged_since: Instant | None = None
    spells: tuple[tuple[Instant, Instant], ...] = ()  # logged in, before that, oldest first
    taken: frozenset[str] = frozenset()  # the day's planned pauses that were begun
    plans: tuple[Plan, ...] = ()
    exempt_until: Instant = 0.0
    blocked: str = ""


WorkEvent = (
    ShiftPlanned
    | PausePostponed
    | CallMarked
    | WrapUpExtended
    | HoursExcepted
    | AgentBlocked
    | AgentReleased
    | AgentRestored
)
