"""What agents see and say of campaigns' calls, for the API: the contact before the call, the script
while it lasts, what has picked up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from callflow.agent_words import AgentWords
from callflow.campaign_ports import Running
from central156.people_at_work import refusing
from central156.refusals import asked
from console.ports import Plain, Refusal
from protocol_store.masking import masked_number
from terms.names import AgentName
from terms.sight import Reveal, sees

NOT_HERE = (
    "esta central não liga para campanhas: falta uma rota de saída (out_trunk, ou rotas.yaml)"
)
_FIELD = re.compile(r"\{([^{}]*)\}")
UNKNOWN, HIDDEN = "…", "***"


class CampaignAgents:
    """The agents' half of console.ports_campaigns.CampaignsPort. `words`: put in by what wires
    the dialler; None: nothing is dialled."""

    words: AgentWords | None = None

    def preview(self, agent: AgentName, reveal: Reveal = False) -> Plain:
        """The contact before this agent; {} when there is none."""
        words = self.words
        about = None if words is None else words.shown_to(agent)
        if words is None or about is None:
            return {}
        return {**running_shown(about, reveal), "until": words.looks_until(about)}

    def about(self, agent: AgentName, reveal: Reveal = False) -> Plain | None:
        """What the agent's call is about; None when it is no campaign's."""
        about = None if self.words is None else self.words.about(agent)
        return None if about is None else running_shown(about, reveal)

    def on_screen(self, agent: AgentName, screen: Plain, reveal: Reveal) -> Plain:
        """An agent's screen with what campaigns have to say there."""
        about = self.about(agent, reveal)
        shown = screen["shown"]
        if shown is not None and about is not None:  # no menu has said what it is about
            known = {name: shown[name] or about[name] for name in ("subject", "queue")}
            shown = {**shown, **known}
        looks = self.preview(agent, reveal) or None
        return {**screen, "shown": shown, "campaign": about, "preview": looks}

    async def look_done(self, agent: AgentName, dial: bool) -> Plain:
        """Dial, or leave it for later. Refusal 409."""
        with refusing():
            self._words().look_done(agent, dial)
        return {"agent": agent, "dial": dial}

    async def judged(self, agent: AgentName, word: str, by: str) -> Plain:
        """What has picked up. Refusal 409."""
        with refusing():
            await asked(self._words().judge(agent, word, by))
        return {"agent": agent, "word": word}

    def _words(self) -> AgentWords:
        if self.words is None:
            raise Refusal(409, NOT_HERE)
        return self.words


def running_shown(about: Running, reveal: Reveal) -> dict[str, Any]:
    """What an agent sees of a contact: the script with its fields filled in."""
    campaign = about.campaign
    whole = sees(reveal, [about.line], [campaign.queue])
    fields = {name: value if whole else HIDDEN for name, value in about.fields.items()}
    return {
        "campaign": campaign.name,
        "kind": campaign.kind.value,
        "body": campaign.body,
        "subject": campaign.subject,
        "line": about.line,
        "queue": campaign.queue,
        "number": masked_number(about.number),
        "script": filled(campaign.script, fields),
        "fields": fields,
    }


def filled(text: str, fields: Mapping[str, str]) -> str:
    """A script with what the list says of this person."""
    return _FIELD.sub(lambda found: fields.get(found[1], "") or UNKNOWN, text)
