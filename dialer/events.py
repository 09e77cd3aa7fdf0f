"""What may happen to the dialler. Each may come late, twice, or about something long gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dialer.attempt import NO_AGENT, AttemptState
from dialer.campaign import Campaign, CampaignState
from dialer.contacts import Contact
from terms.names import AgentName, AttemptId, CampaignName, ContactId, Instant, QueueName, Seconds
from terms.outcome import Tried


@dataclass(frozen=True, slots=True)
class CampaignSet:
    """A campaign is known, or has other rules; where it stands is told for a new one alone."""

    campaign: Campaign
    state: CampaignState = CampaignState.DRAFT


@dataclass(frozen=True, slots=True)
class CampaignMoved:
    """A person has started, paused or ended it. `withdraw`: what rings is hung up, too."""

    name: CampaignName
    to: CampaignState
    by: str
    withdraw: bool = False


@dataclass(frozen=True, slots=True)
class ContactsLoaded:
    """Contacts of known campaigns, as the store has them. One that is known stays as it is."""

    contacts: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class ContactCancelled:
    """A person, or the citizen, wants no call. One in course goes on, and is the last."""

    contact: ContactId
    because: str


@dataclass(frozen=True, slots=True)
class AgentIdle:
    """The floor gives this agent to the dialler, for these queues, until it says otherwise."""

    agent: AgentName
    queues: frozenset[QueueName]


@dataclass(frozen=True, slots=True)
class AgentGone:
    """The floor needs this agent, or the agent rests."""

    agent: AgentName


@dataclass(frozen=True, slots=True)
class AgentsSeen:
    """All agents that the dialler has now: mends what was lost of the two above."""

    agents: Mapping[AgentName, frozenset[QueueName]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AgentsFreeing:
    """So many agents who are taken now are expected to become free within PACING_AHEAD
    (predictive): `Handlings.soon` of dialer/freeing.py, told about once a second. Never told, it
    is 0, and predictive dialling finds its way without, a little slower."""

    queue: QueueName
    agents: float


@dataclass(frozen=True, slots=True)
class CallersWait:
    """How many callers wait now: of 199 and 153, and of all other lines. Inbound always wins."""

    emergencies: int
    others: int


@dataclass(frozen=True, slots=True)
class PreviewDone:
    """The agent has looked: dial, or not now."""

    contact: ContactId
    agent: AgentName
    dial: bool


@dataclass(frozen=True, slots=True)
class AttemptTold:
    """What the switch says of an attempt in course."""

    attempt: AttemptId
    state: AttemptState
    agent: AgentName = NO_AGENT


@dataclass(frozen=True, slots=True)
class AttemptEnded:
    """Its end. `lasted`: from the answer on (s), whoever or whatever answered."""

    attempt: AttemptId
    result: Tried
    lasted: Seconds | None = None


@dataclass(frozen=True, slots=True)
class SwitchSeen:
    """A full look at the switch, begun at `looked_at`: these attempts have a channel."""

    attempts: frozenset[AttemptId]
    looked_at: Instant


@dataclass(frozen=True, slots=True)
class Resumed:
    """A person has looked at why all had stopped, and says go on."""

    by: str


Event = (
    CampaignSet
    | CampaignMoved
    | ContactsLoaded
    | ContactCancelled
    | AgentIdle
    | AgentGone
    | AgentsSeen
    | AgentsFreeing
    | CallersWait
    | PreviewDone
    | AttemptTold
    | AttemptEnded
    | SwitchSeen
    | Resumed
)
