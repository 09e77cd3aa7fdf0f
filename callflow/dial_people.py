"""What people do with campaigns: start, pause, stop, let all go on; and what they see of them.

To stop is done first and written down then; to start is written down first.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Container
from dataclasses import dataclass, field

from callflow.campaign_ports import NOBODY_NOW, Progress, Setting
from callflow.dial_calls import DialCalls
from callflow.dial_pages import Pages
from dialer.attempt import AttemptState
from dialer.campaign import CampaignState, may_become
from dialer.contacts import Contact
from dialer.events import (
    CampaignMoved,
    CampaignSet,
    PreviewDone,
    Resumed,
)
from dialer.hours import Holidays
from terms.facts import Fact, Kind
from terms.names import AgentName, CampaignName, Instant
from terms.outcome import Tried

log = logging.getLogger(__name__)


class CampaignRefused(Exception):
    """It cannot be done now; the text says why (Portuguese)."""


@dataclass(frozen=True, repr=False, slots=True)
class _Either:
    """Two sets of numbers as one, without copying a large one while callers wait."""

    stored: Container[str]
    since: Container[str]

    def __contains__(self, number: object) -> bool:
        return number in self.stored or number in self.since


@dataclass(eq=False, repr=False, slots=True)
class DialPeople(DialCalls):
    """See the file's top. `pages`: where contacts come from."""

    pages: Pages = field(init=False)
    broken: str = ""  # why this process can dial for no campaign at all
    holidays: Callable[[], Holidays] = Holidays
    _lists_at: Instant = 0.0

    # --- people ---
    async def start(self, name: CampaignName, by: str) -> None:
        """Dial, from now on (again). CampaignRefused; what the store raises."""
        self._can()
        setting = await self._setting(name)
        if not may_become(setting.state, CampaignState.RUNNING):
            raise CampaignRefused(f"a campanha está em {setting.state}")
        await self.read_lists()
        await self.store.moved(name, CampaignState.RUNNING, self.wall(), by, f"por {by}")
        self._why.pop(name, None)
        self.know(setting)
        self.pages.begin_again(name)
        self._move(name, CampaignState.RUNNING, by)
        await self.pages.read(name)

    async def pause(self, name: CampaignName, by: str, because: str = "") -> None:
        """Order nothing more; what rings and who talks goes on. CampaignRefused."""
        self._why[name] = because
        await self._leave(name, CampaignState.PAUSED, by, withdraw=False)

    async def stop(self, name: CampaignName, by: str, because: str = "") -> None:
        """For good: what rings is hung up at once, who talks goes on. CampaignRefused."""
        self._why[name] = because
        await self._leave(name, CampaignState.DRAINING, by, withdraw=True)

    async def go_on(self, by: str, because: str = "") -> None:
        """A person has looked at why all had stopped, and says why it may go on. CampaignRefused
        when nothing had."""
        self._can()
        if not self.dialling.stopped:
            raise CampaignRefused("nada está parado")
        await self.store.set_stopped("", self.wall(), by)
        self._note(Kind.DIALLER_STOPPED, by, because="", said=because)
        self.tell(Resumed(by))

    def progress(self, name: CampaignName) -> Progress | None:
        """How far a campaign is, now; None for one that is not at work here."""
        turns = self.dialling.campaigns.get(name)
        if turns is None:
            return None
        live = [one for one in self.dialling.attempts.live.values() if one.campaign == name]
        hour = turns.hour.at(self.wall())
        queue = turns.campaign.queue
        return Progress(
            name=name,
            state=turns.state,
            ringing=sum(one.waits for one in live),
            talking=sum(one.state in (AttemptState.ANSWERED, AttemptState.JOINED) for one in live),
            shown=sum(one in turns.contacts for one in self.looks),
            loaded=turns.at_hand(),
            results=dict(self.results.get(name, Counter[Tried]())),
            answers=turns.answers,
            agents=sum(queue in queues for queues in self.dialling.agents.values()),
            held=self._held(name),
            stopped=self.dialling.stopped,
            hour_answers=hour.answers,
            hour_dropped=hour.dropped,
        )

    def look_done(self, agent: AgentName, dial: bool) -> bool:
        """The agent has looked at a contact: dial, or leave it for later. False: there is none."""
        for contact, (one, _) in tuple(self.looks.items()):
            if one == agent:
                self.tell(PreviewDone(contact, agent, dial))
                self.unshow(contact)  # unless it is dialled: then it is no look any more
                return True
        return False

    def shown_to(self, agent: AgentName) -> Contact | None:
        """The contact that this agent looks at."""
        for contact, (one, _) in self.looks.items():
            if one == agent:
                for turns in self.dialling.campaigns.values():
                    if contact in turns.contacts:
                        return turns.contacts[contact]
        return None

    def know(self, setting: Setting) -> None:
        """A campaign and its rules; where it stands is believed of a new one alone."""
        self.settings[setting.campaign.name] = setting
        self.tell(CampaignSet(setting.campaign, setting.state))

    async def read_lists(self) -> None:
        """Who is not to be called, as the store has it now."""
        self._lists_at = self.wall()
        wished, marked = await self.store.do_not_call()
        self.dialling.world.do_not_call = _Either(wished, self.wished)
        self.dialling.world.barred = marked
        self.dialling.world.holidays = self.holidays()
        self.forbid()

    def _can(self) -> None:
        if self.broken:
            raise CampaignRefused(self.broken)

    async def _setting(self, name: CampaignName) -> Setting:
        setting = await self.store.campaign(name)
        if setting is None:
            raise CampaignRefused(f"não há campanha com o nome {name}")
        return setting

    def _move(self, name: CampaignName, to: CampaignState, by: str, withdraw: bool = False) -> None:
        self._by[name] = by
        self.tell(CampaignMoved(name, to, by, withdraw))
        self._by.pop(name, None)

    async def _leave(self, name: CampaignName, to: CampaignState, by: str, withdraw: bool) -> None:
        turns = self.dialling.campaigns.get(name)
        if turns is not None and may_become(turns.state, to):
            self._move(name, to, by, withdraw)  # first it stops, then that is written down
            return
        setting = await self._setting(name)
        if setting.state is CampaignState.DRAFT and to is CampaignState.DRAINING:
            to = CampaignState.DONE
        if turns is not None or not may_become(setting.state, to):
            raise CampaignRefused(f"a campanha está em {turns.state if turns else setting.state}")
        because = self._why.pop(name, "")
        await self.store.moved(name, to, self.wall(), by, because or f"por {by}")
        details = {"campaign": name, "state": str(to), "because": because, "by": by}
        self.keeper.record(Fact(self.keeper.clock(), Kind.CAMPAIGN_MOVED, by=by, details=details))

    def _held(self, name: CampaignName) -> str:
        """Why a campaign dials nothing now."""
        d, turns = self.dialling, self.dialling.campaigns[name]
        if d.stopped:
            return f"tudo parado: {d.stopped}"
        if d.emergencies:
            return "uma emergência espera"
        if d.others:
            return "há quem espere"
        if turns.runs and not turns.at_hand():
            return NOBODY_NOW
        if all(d.caps.shut.get(one, 0.0) > self.wall() for one in turns.campaign.trunks):
            return "a operadora não aceita chamadas agora"
        if turns.campaign.mode.reserves and not d.agents:
            return "nenhum atendente livre"
        return ""
