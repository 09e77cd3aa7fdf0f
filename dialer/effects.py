"""What the dialler orders, in the order in which it must be done: a `Keep` is durable before the
`Order` that follows it. Whoever carries it out tells the dialler what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from dialer.attempt import Attempt
from dialer.campaign import CampaignState
from dialer.contacts import Contact
from terms.names import AgentName, AttemptId, CampaignName, ContactId, QueueName


@dataclass(frozen=True, slots=True)
class Keep:
    """Write this contact down as it is now, with its attempt if one begins."""

    contact: Contact
    attempt: Attempt | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """Dial: the agent's phone first if there is one, then the citizen's."""

    attempt: Attempt
    caller_id: str
    because: str


@dataclass(frozen=True, slots=True)
class Show:
    """Put this contact before this agent, who says whether to dial (preview)."""

    contact: Contact
    agent: AgentName


@dataclass(frozen=True, slots=True)
class Unshow:
    """This agent need not look any more."""

    contact: ContactId
    agent: AgentName
    because: str


@dataclass(frozen=True, slots=True)
class Join:
    """The citizen has answered: this agent talks (predictive)."""

    attempt: AttemptId
    agent: AgentName
    queue: QueueName


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Hang up. The attempt's end is told like any other's."""

    attempt: AttemptId
    because: str


@dataclass(frozen=True, slots=True)
class CampaignIs:
    """A campaign stands elsewhere."""

    name: CampaignName
    state: CampaignState
    because: str


@dataclass(frozen=True, slots=True)
class Warn:
    """People are to be told."""

    text: str


@dataclass(frozen=True, slots=True)
class AllStopped:
    """Nothing more is dialled until a person says go on."""

    because: str


Effect = Keep | Order | Show | Unshow | Join | Withdraw | CampaignIs | Warn | AllStopped
