"""What the dialler needs of the store, and what it tells of campaigns at work.

Setting    a campaign as its file says it, and where it stands
Running    what an attempt in course is about: for the visits, the agent's screen
Progress   how far a campaign is, now
Done       an attempt's end, as it is written down
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from dialer.attempt import Attempt
from dialer.campaign import Campaign, CampaignState
from dialer.contacts import Contact
from terms.names import AgentName, AttemptId, CallId, CampaignName, ContactId, Instant
from terms.outcome import Tried

CAMPAIGN: str = "campanha"
"""The entry of a call that a campaign made, and the first word on the agent's phone."""

NOBODY_NOW: str = "ninguém pode ser chamado agora"
"""Why a campaign dials nothing while each of its contacts waits for its own hour."""


class Refused(Exception):
    """The store says that this attempt may not be: its contact or its number is in another."""


@dataclass(frozen=True, slots=True)
class Setting:
    """`spoken`: the text of a notice, its {fields} not filled in; '' for the others."""

    campaign: Campaign
    state: CampaignState
    spoken: str = ""


@dataclass(frozen=True, slots=True)
class Running:
    """`spoken` and `campaign.script` with {fields} that `fields` fills in, where the list has
    them. `number`: whom it is for. Personal, as the fields are."""

    attempt: AttemptId
    contact: ContactId
    campaign: Campaign
    line: str
    spoken: str
    fields: Mapping[str, str] = field(repr=False)
    number: str = field(repr=False)
    agent: AgentName = AgentName("")


@dataclass(frozen=True, slots=True)
class Progress:
    """`ringing`: ordered, and not answered; `talking`: answered; `shown`: contacts that agents
    look at. `loaded`: contacts at hand. `results`: ends since this process began. `answers`: share
    of calls answered lately. `held`: why it dials nothing now; '' while it may. `stopped`: why all
    has stopped."""

    name: CampaignName
    state: CampaignState
    ringing: int
    talking: int
    shown: int
    loaded: int
    results: Mapping[Tried, int]
    answers: float
    agents: int
    held: str = ""
    stopped: str = ""
    hour_answers: int = 0
    hour_dropped: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """An attempt's end, and what it makes of its contact. `said`: what the citizen decided by a
    key (dialer.campaign.KeyMeans); `advice`: what a machine took the other side for."""

    attempt: AttemptId
    at: Instant
    result: Tried
    contact: Contact
    because: str = ""
    answered_at: Instant | None = None
    call: CallId = CallId("")
    agent: AgentName = AgentName("")
    said: str = ""
    advice: str = ""


class CampaignStore(Protocol):
    """What remembers campaigns. What changes something is durable when it has returned."""

    async def campaign(self, name: CampaignName) -> Setting | None:
        """A stored campaign; ValueError when its file is not read by this release."""
        ...

    async def due(
        self,
        name: CampaignName,
        now: Instant,
        most: int,
        after: tuple[Instant, ContactId] | None,
    ) -> list[tuple[Instant, Contact]]:
        """The next contacts whose time has come, each with it, from behind `after` on."""
        ...

    async def contact(self, name: ContactId) -> Contact | None:
        """One contact; None for one that has been erased."""
        ...

    async def open_attempts(self) -> Sequence[Attempt]:
        """All attempts whose end is not stored."""
        ...

    async def keep(self, contact: Contact, at: Instant) -> None:
        """A contact that waits, or is done, without an attempt."""
        ...

    async def order(self, contact: Contact, attempt: Attempt) -> None:
        """Write an attempt down before it is made. Refused."""
        ...

    async def end(self, done: Done) -> None:
        """Write an attempt's end down; one that never was written is none."""
        ...

    async def moved(
        self, name: CampaignName, state: CampaignState, at: Instant, by: str, because: str
    ) -> None:
        """A campaign stands elsewhere; harmless to repeat."""
        ...

    async def set_stopped(self, because: str, at: Instant, by: str) -> None:
        """All has stopped, because …; '' lets it go on."""
        ...

    async def do_not_call(self) -> tuple[frozenset[str], Mapping[str, str]]:
        """Who is not to be called: by their own wish; and marked numbers with their mark."""
        ...

    async def bar(self, number: str, at: Instant, by: str, because: str) -> None:
        """This number is not called any more."""
        ...


def is_campaign(entry: str) -> bool:
    """Whether a call with this entry was made by a campaign."""
    return entry == CAMPAIGN


Contacts = Sequence[Contact]
