"""What may happen to a caller who has hung up and is called back when the turn comes (R26, R34)."""

from __future__ import annotations

from dataclasses import dataclass

from terms.names import AgentName, CallId, Instant, OfferId, QueueName
from terms.needs import NOTHING, Needs


@dataclass(frozen=True, slots=True)
class CallBackPromised:
    """This caller keeps the place without a channel, until `expires`; not offered before
    `not_before`. Again for a known call: the same place."""

    call: CallId
    queue: QueueName
    priority: int
    joined: Instant
    line: str
    expires: Instant
    not_before: Instant = 0.0
    preferred: AgentName = AgentName("")
    needs: Needs = NOTHING


@dataclass(frozen=True, slots=True)
class CallBackCalling:
    """The agent's phone is up; the citizen's rings."""

    offer: OfferId


@dataclass(frozen=True, slots=True)
class CallBackAnswered:
    """Citizen and agent are joined; from now on it is the call of the citizen's new channel."""

    offer: OfferId
    call: CallId


@dataclass(frozen=True, slots=True)
class CallBackLater:
    """An attempt is over without a talk: the place is kept, to be offered again from then on."""

    call: CallId
    until: Instant


@dataclass(frozen=True, slots=True)
class CallReturned:
    """The citizen has called again: the place of `of` is now this call's."""

    call: CallId
    of: CallId


@dataclass(frozen=True, slots=True)
class CallBackOver:
    """Nobody will be called back any more."""

    call: CallId


PromiseEvent = (
    CallBackPromised
    | CallBackCalling
    | CallBackAnswered
    | CallBackLater
    | CallReturned
    | CallBackOver
)
