"""Agents: the status they choose, the state they are in, and when they may be offered a call.

status   logged_out ⇄ available ⇄ paused         (what the person chose; RONA pauses too)
state    idle → offered → talking → wrap_up → idle   (what is happening)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from acd.pauses import NO_ANSWER as NO_ANSWER
from acd.pauses import Pause
from acd.shift import Plan
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
    last_call: CallId | None = None  # of the talk in course or of the last one
    pause: Pause | None = None  # while paused
    then: str = ""  # asked for in a pause that nobody may cut: the pause that follows it
    plans: tuple[Plan, ...] = ()
    taken: frozenset[str] = frozenset()  # planned pauses of this day at work that were begun
    logged_since: Instant | None = None  # also through a talk that outlasts the logout
    spells: tuple[tuple[Instant, Instant], ...] = ()  # of this day at work, before that
    exempt_until: Instant = 0.0  # of the limit of a day at work, by a supervisor (R46)
    limit_at: Instant = 0.0  # when the day's limit is reached
    leaves: str = ""  # why the agent is logged out as soon as nothing is in the way of it
    blocked: str = ""  # why a supervisor keeps the agent from working
    wrap_up_more: float = 0.0  # seconds asked for after this talk
    unseen: bool = False  # restored, and not yet known whether a talk is in course

    def may_be_offered(self, now: Instant) -> bool:
        """Chose to work, does nothing, and so does the phone (a foreign call makes it ring)."""
        return (
            self.status is Status.AVAILABLE
            and self.state is State.IDLE
            and self.phone is Phone.IDLE
            and self.rest_until <= now
        )
