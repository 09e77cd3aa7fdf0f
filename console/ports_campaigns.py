"""What the API needs of campaigns. `by` stands in the facts and in the rows; texts are Portuguese.

What a person may see of campaigns depends on their queues (`Scope`): a campaign belongs to the
line and the queue of those who talk; one without a queue, to whoever has no scope.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from terms.names import AgentName, CampaignName
from terms.sight import Reveal

Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose campaigns a person has to do with: of these lines and queues; all when both are ()."""

    lines: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()

    def has(self, line: str, queue: str) -> bool:
        """Whether a campaign of this line and queue is theirs; '' for one without."""
        if not self.lines and not self.queues:
            return True
        return line in self.lines or queue in self.queues


@dataclass(frozen=True, slots=True)
class Asker:
    """Whoever orders something. `named`: a supervisor by a token of their own, who may answer for
    calls that save lives (R64)."""

    name: str
    scope: Scope = Scope()
    named: bool = False


@dataclass(frozen=True, slots=True)
class CampaignGauges:
    """A campaign that is not over, at this moment. `results`: ends since control started, by
    terms.outcome.Tried; `answers`: share answered lately; `dropped`: this hour's share of answers
    that found nobody; `to_go`: contacts to be called still, None when not counted yet."""

    campaign: str
    ringing: int
    talking: int
    results: Mapping[str, int]
    answers: float
    dropped: float
    to_go: int | None = None


@dataclass(frozen=True, slots=True)
class DiallerGauges:
    """The dialler at this moment, for /metrics. `dials`: whether this centre has one."""

    dials: bool = False
    stopped: bool = False
    campaigns: tuple[CampaignGauges, ...] = ()


class CampaignsPort(Protocol):
    """See the file's top. Refusal 404 for a campaign that is not there, or not theirs."""

    async def campaigns(self, scope: Scope) -> Sequence[Plain]:
        """Every campaign, the newest first."""
        ...

    async def campaign(self, name: CampaignName, scope: Scope) -> Plain:
        """What it says, its lists, its contacts by state and its attempts by result."""
        ...

    async def progress(self, name: CampaignName, scope: Scope) -> Plain:
        """How far it is, now."""
        ...

    async def standing(self) -> Plain:
        """Whether all has stopped, why, and what each trunk has carried this month."""
        ...

    def gauges(self) -> DiallerGauges:
        """Figures of this moment, at once."""
        ...

    async def make(self, name: CampaignName, file: str, by: Asker) -> Plain:
        """Keep a draft. Refusal 422 with what is wrong in its file, 409 when it has begun."""
        ...

    async def load(self, name: CampaignName, file: str, csv: str, by: Asker) -> Plain:
        """Keep a contact list. Refusal 422 for what is none."""
        ...

    async def start(self, name: CampaignName, by: Asker) -> Plain:
        """Dial, from now on. Refusal 409 with the one reason why not, 403 where a named supervisor
        must answer."""
        ...

    async def pause(self, name: CampaignName, because: str, by: Asker) -> Plain:
        """Order nothing more, until it is started again. Refusal 409."""
        ...

    async def stop(self, name: CampaignName, because: str, by: Asker) -> Plain:
        """For good; what rings is hung up within a second, who talks goes on. Refusal 409."""
        ...

    async def go_on(self, because: str, by: Asker) -> Plain:
        """A person has looked at why all had stopped. Refusal 409 when nothing had, 403."""
        ...

    # --- agents ---
    def preview(self, agent: AgentName, reveal: Reveal) -> Plain:
        """The contact before this agent, script and fields; {} when there is none."""
        ...

    async def look_done(self, agent: AgentName, dial: bool) -> Plain:
        """The agent has looked: dial, or leave it for later. Refusal 409 when there is none."""
        ...

    async def judged(self, agent: AgentName, word: str, by: str) -> Plain:
        """What answered, by the agent who heard it. Refusal 409 when there was no such call."""
        ...
