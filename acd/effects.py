"""What the floor orders. The one who carries it out tells the floor what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from terms.names import AgentName, CallId, OfferId, Seconds


@dataclass(frozen=True, slots=True)
class MakeOffer:
    """Ring this agent for this call, for so long at most."""

    offer: OfferId
    call: CallId
    agent: AgentName
    ring_seconds: Seconds
    because: str


@dataclass(frozen=True, slots=True)
class WithdrawOffer:
    """Stop ringing this agent for this call; the caller goes back to the head of the queue."""

    offer: OfferId
    call: CallId
    agent: AgentName
    because: str


@dataclass(frozen=True, slots=True)
class SendAway:
    """The queue's limit is reached: this caller leaves it for a step of the line's tree."""

    call: CallId
    exit: str
    because: str


@dataclass(frozen=True, slots=True)
class CallBack:
    """It is an absent caller's turn: ring this agent, and then the citizen."""

    offer: OfferId
    call: CallId
    agent: AgentName
    ring_seconds: Seconds
    because: str


@dataclass(frozen=True, slots=True)
class CallBackExpired:
    """Nobody was free in time: this caller is off the floor."""

    call: CallId


@dataclass(frozen=True, slots=True)
class HoldOut:
    """While `on`, no call of our own goes out: an emergency waits (R33), or a storm is on (R37)."""

    on: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """The agent is the dialler's for so long (s), and looks at the contact; no phone rings yet."""

    offer: OfferId
    call: CallId
    agent: AgentName
    seconds: Seconds
    because: str


@dataclass(frozen=True, slots=True)
class DialRefused:
    """The dialler does not get the agent it wanted for this call; nothing has changed."""

    call: CallId
    agent: AgentName
    because: str


@dataclass(frozen=True, slots=True)
class DialTakenBack:
    """The floor has taken the agent from this call of the dialler's, which nobody has answered:
    whatever of it rings is to be hung up, and what is not ordered yet is not ordered."""

    offer: OfferId
    call: CallId
    agent: AgentName
    because: str


DialOrder = Preview | DialRefused | DialTakenBack
"""What only the dialler is told; a `CallBack` for a call of its own is told it as well."""

OutOrder = CallBack | CallBackExpired | HoldOut | DialOrder

Effect = MakeOffer | WithdrawOffer | SendAway | OutOrder
