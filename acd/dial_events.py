"""What the dialler asks of the floor: agents for calls that we make (R63). Each may come late,
twice, or about something long gone. The effects that answer are in effects.py."""

from __future__ import annotations

from dataclasses import dataclass

from terms.names import AgentName, CallId, QueueName, Seconds


@dataclass(frozen=True, slots=True)
class DialReserved:
    """This agent is wanted for a call that is not made yet; `call` is the attempt's own name. With
    `preview` the agent looks at the contact first, for so long at most (s)."""

    call: CallId
    agent: AgentName
    queue: QueueName
    line: str
    ring_seconds: Seconds
    preview: Seconds = 0.0


@dataclass(frozen=True, slots=True)
class DialGoesOn:
    """The agent has looked, and it is dialled."""

    call: CallId


@dataclass(frozen=True, slots=True)
class DialOver:
    """Nothing comes of it any more: the agent is free, as if nothing had been. Nobody's fault."""

    call: CallId


DialEvent = DialReserved | DialGoesOn | DialOver
