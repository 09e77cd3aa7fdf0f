"""Agents: the status they choose, the state they are in, and when they may be offered a call.

status   logged_out ⇄ available ⇄ paused         (what the person chose; RONA pauses too)
state    idle → offered → talking → wrap_up → idle   (what is happening)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from terms.names import AgentName, CallId, Instant, OfferId, Skill
from terms.signals import Phone


class Status(StrEnum):
    """What the person chose."""

    LOGGED_OUT = "logged_out"
    AVAILABLE = "available"
    PAUSED = "paused"


class State(StrEnum):
    """What is happening."""

    IDLE = "idle"
    OFFERED = "offered"
    TALKING = "talking"
    WRAP_UP = "wrap_up"


STATUS_SUCCESSORS: dict[Status, frozenset[Status]] = {
    Status.LOGGED_OUT: frozenset({Status.AVAILABLE}),
    Status.AVAILABLE: frozenset({Status.PAUSED, Status.LOGGED_OUT}),
    Status.PAUSED: frozenset({Status.PAUSED, Status.AVAILABLE, Status.LOGGED_OUT}),
}

STATE_SUCCESSORS: dict[State, frozenset[State]] = {
    State.IDLE: frozenset({State.OFFERED, State.TALKING}),  # talking: a talk found at a resync
    State.OFFERED: frozenset({State.IDLE, State.TALKING}),
    State.TALKING: frozenset({State.WRAP_UP, State.IDLE}),
    State.WRAP_UP: frozenset({State.IDLE, State.TALKING}),
}

NO_ANSWER = "não-atendeu"
"""The pause that follows a ring without answer, or a refusal (R27)."""


@dataclass(slots=True, eq=False)
class Agent:
    """One agent on the floor."""

    name: AgentName
    skills: dict[Skill, int] = field(default_factory=dict)  # levels: 1 is the best
    subjects: tuple[Skill, ...] = ()  # a generalist's own, in order of rank (R22); () = none
    reserve: bool = False  # takes calls only from rings with `reserva: sim`, or in a storm
    seat: str = ""  # where the agent sits, in the supervisors' words
    status: Status = Status.LOGGED_OUT
    reason: str = ""
    state: State = State.IDLE
    phone: Phone = Phone.GONE
    since: Instant = 0.0  # of the present state
    idle_since: Instant = 0.0  # what "longest idle" goes by: the last login, resume or talk
    rest_until: Instant = 0.0
    wrap_up_until: Instant = 0.0
    offer: OfferId | None = None
    call: CallId | None = None
    pooled: tuple[Instant, AgentName] | None = None  # the key in the router's pools, if there

    def may_be_offered(self, now: Instant) -> bool:
        """Chose to work, does nothing, and so does the phone (a foreign call makes it ring)."""
        return (
            self.status is Status.AVAILABLE
            and self.state is State.IDLE
            and self.phone is Phone.IDLE
            and self.rest_until <= now
        )
