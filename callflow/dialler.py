"""The one owner of the dialler: campaigns' calls, from the decision to the end.

    tell(events) ─► Dialling.step ─► effects ─► dial_orders.py (written down, then dialled)
          ▲                                        │
          └── dial_calls.py (what comes of it) ◄───┴── the floor, the switch, the steps

There is one timer, at what the dialler wants to look at next; with it the floor is looked at, pages
of contacts are read (dial_pages.py), and the switch is looked at now and then. Callers who wait are
told at once, whatever the timer says: inbound always wins.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from acd.lending import lendable, waiting
from callflow.campaign_ports import Progress, Setting
from callflow.dial_calls import DialCalls
from callflow.dial_pages import Pages
from callflow.holding import Holding
from dialer.attempt import AttemptState
from dialer.campaign import CampaignState, may_become
from dialer.contacts import Contact, ContactState
from dialer.dialling import Past
from dialer.events import (
    AgentsSeen,
    CallersWait,
    CampaignMoved,
    CampaignSet,
    ContactsLoaded,
    Event,
    PreviewDone,
    Resumed,
)
from terms.facts import Fact, Kind
from terms.limits import DIAL_LEAVES, DIAL_LISTS_EVERY, DIAL_LOOK_EVERY, DIALER_TICK
from terms.names import AgentName, CampaignName, Instant, QueueName
from terms.outcome import Tried
from terms.signals import SwitchSeen

log = logging.getLogger(__name__)


class CampaignRefused(Exception):
    """It cannot be done now; the text says why (Portuguese)."""


@dataclass(slots=True)
class Dialler(DialCalls):
    """See the file's top. `look`: take a whole look at the switch and tell everybody of it."""

    look: Callable[[], Awaitable[SwitchSeen]] | None = None
    holding: Holding | None = None
    _inbox: deque[tuple[Event, ...]] = field(default_factory=deque)
    _busy: bool = False
    _timer: asyncio.TimerHandle | None = None
    _soon: bool = False
    _looked_at: Instant = 0.0
    _lists_at: Instant = 0.0
    _closed: bool = False
    _pages: Pages = field(init=False)

    def __post_init__(self) -> None:
        self._pages = Pages(self.dialling, self.store, self.wall, self.lanes, self._load)
        self.keeper.watch(self._facts)

    # --- people ---
    async def start(self, name: CampaignName, by: str) -> None:
        """Dial, from now on (again). CampaignRefused; what the store raises."""
        setting = await self._setting(name)
        if not may_become(setting.state, CampaignState.RUNNING):
            raise CampaignRefused(f"a campanha está em {setting.state}")
        await self.read_lists()
        await self.store.moved(name, CampaignState.RUNNING, self.wall(), by, f"por {by}")
        self._why.pop(name, None)
        self.know(setting)
        self._pages.begin_again(name)
        self._move(name, CampaignState.RUNNING, by)
        await self._pages.read(name)

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

    # --- at a start ---
    def know(self, setting: Setting) -> None:
        """A campaign and its rules; where it stands is believed of a new one alone."""
        self.settings[setting.campaign.name] = setting
        self.tell(CampaignSet(setting.campaign, setting.state))

    def restore(self, past: Iterable[Past], stopped: str) -> None:
        """What the store has of attempts: today's at least, and all without an end."""
        past = list(past)
        self.dialling.restore(past, self.wall(), stopped)
        for one in past:
            if one.result is None:
                course = self.courses.begin(one.attempt, 0)
                course.kept = course.ordered = course.rings = True
                self.out.goes_on(course.attempt, course.number)

    def found(self, contacts: Iterable[Contact]) -> None:
        """The contacts of attempts without an end; ended at once if nobody knows their attempt."""
        contacts = tuple(contacts)
        for contact in contacts:
            if (course := self.courses.of.get(contact.attempt)) is not None:
                course.tries = contact.tries
        self.tell(ContactsLoaded(contacts))
        self._find_calls()

    def _find_calls(self) -> None:
        """Calls that are open and were made by these attempts: their end is to be heard."""
        for entry in self.book.calls.values():
            for course in self.courses.of.values():
                if entry.campaign == course.campaign and entry.caller == course.number:
                    course.answered_at = entry.answered or entry.arrived
                    course.talked = entry.answered is not None
                    self.courses.called(course, entry.call)

    async def read_lists(self) -> None:
        """Who is not to be called, as the store has it now."""
        self._lists_at = self.wall()
        wished, marked = await self.store.do_not_call()
        self.dialling.world.do_not_call = wished | self.wished
        self.dialling.world.barred = marked

    # --- how it works ---
    def tell(self, *events: Event) -> None:
        """Something happened. Handled at once, or right after what is being handled now."""
        self._inbox.append(events)
        if self._busy or self._closed:
            return
        self._busy = True
        try:
            while self._inbox:
                self.keeper.lease()
                for effect in self.dialling.step(self.wall(), *self._inbox.popleft()):
                    self.carry(effect)
        finally:
            self._busy = False
        self._set_timer()

    def agree(self, seen: SwitchSeen) -> None:
        """A whole look at the switch."""
        self._looked_at = self.wall()
        DialCalls.agree(self, seen)
        self.look_round()

    def look_round(self) -> None:
        """Tell the dialler who waits and who may be lent, if that has changed."""
        self._soon = False
        if self._closed:
            return
        dialling, floor = self.dialling, self.keeper.floor
        emergencies, others = waiting(floor)
        if floor.out_held and not emergencies:
            others = max(1, others)  # a storm: 156 calls nobody (R37)
        events: list[Event] = []
        if (emergencies, others) != (dialling.emergencies, dialling.others):
            events.append(CallersWait(emergencies, others))
        if self.holding is not None:
            self.holding.say(emergencies)
        queues = {
            turns.campaign.queue
            for turns in dialling.campaigns.values()
            if turns.runs and turns.campaign.queue
        }
        if queues or dialling.agents:
            lent = self._lent(queues)
            if lent != dialling.agents:
                events.append(AgentsSeen(lent))
        if events:
            self.tell(*events)

    def _lent(self, queues: set[QueueName]) -> dict[AgentName, frozenset[QueueName]]:
        at_work = {course.agent for course in self.courses.of.values()}
        at_work |= {agent for agent, _ in self.looks.values()}
        lent = lendable(self.keeper.floor, queues, self.keeper.clock())
        return {agent: served for agent, served in lent.items() if agent not in at_work}

    async def leave(self) -> None:
        """Order nothing more; what is being written has a moment, the rest is the next process's:
        it finds what has no end in the store, and asks the switch."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.lanes.settled(), DIAL_LEAVES)
        self.lanes.cancel()
        self._beside.cancel()

    async def settled(self) -> None:
        """Wait until all that was ordered is begun and written (for tests and for draining)."""
        await self.lanes.settled()

    def _facts(self, facts: tuple[Fact, ...]) -> None:
        self.read(facts)
        if not self._soon and not self._closed and self.dialling.campaigns:
            self._soon = True
            asyncio.get_running_loop().call_soon(self.look_round)

    def _wake(self) -> None:
        self._timer = None
        now = self.wall()
        self.look_round()
        self.tell()
        if self.dialling.attempts.live and now - self._looked_at >= DIAL_LOOK_EVERY:
            self._looked_at = now
            self._beside.do(self._look())
        if now - self._lists_at >= DIAL_LISTS_EVERY:
            self._lists_at = now
            self._pages.put_away()
            self._beside.do(self.read_lists())
        for name in self._pages.wanting():
            self._beside.do(self._pages.read(name))

    async def _look(self) -> None:
        if self.look is not None:
            self.agree(await self.look())

    def _set_timer(self) -> None:
        due = self.dialling.deadline
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if due is not None and not self._closed:
            # by the wall's clock, which may be set back: never asleep for longer than a tick
            delay = min(DIALER_TICK, max(0.001, due - self.wall()))
            self._timer = asyncio.get_running_loop().call_later(delay, self._wake)

    def _load(self, contacts: tuple[Contact, ...]) -> None:
        for contact in contacts:
            if contact.state is ContactState.ORDERED and contact.attempt not in self.courses.of:
                log.warning("an attempt without an end is found", extra={"at": contact.attempt})
        self.tell(ContactsLoaded(contacts))

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
            return "ninguém pode ser chamado agora"
        if turns.campaign.mode.reserves and not d.agents:
            return "nenhum atendente livre"
        return ""
