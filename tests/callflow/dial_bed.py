"""A dialler on a real floor, with a store and a switch that have a memory and faults of their own.

The store keeps contacts and attempts as the tables do, and asserts what must never happen in them;
it may be slow, or down. The switch has attempts with a channel; its words are told by the test, who
may lose, double and turn them around. `next_process` is what a kill leaves: the store, the switch,
the clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from line_fakes import Centre, Switch

from acd.events import AgentLoggedIn, AgentPhone
from callflow.call_back import CallBacks
from callflow.campaign_ports import Done, Refused, Setting
from callflow.cases import Cases
from callflow.dial_out import DialOut, OutCaps
from callflow.dialler import Dialler
from callflow.in_call import InCall
from dialer.attempt import Attempt
from dialer.campaign import Campaign, CampaignState, Kind, Mode
from dialer.caps import CapRules, Caps
from dialer.contacts import Contact, ContactState
from dialer.dialling import Dialling, Past
from dialer.eligible import World
from dialer.hours import Windows
from dialer.trunks import Trunk
from terms.names import (
    AgentName,
    AttemptId,
    CallId,
    CampaignName,
    ContactId,
    OfferId,
    QueueName,
    Skill,
    TrunkName,
)
from terms.outcome import Tried
from terms.signals import CallOutTold, Phone, SeenCall, SwitchSeen

GERAL = QueueName("p156_geral")
TRUNK = TrunkName("principal")
DAY = ((0, 1440),)
ALWAYS = Windows((DAY,) * 7, DAY)
NOON = datetime(2026, 11, 25, 15, 0, tzinfo=UTC).timestamp()
NAME = CampaignName("pesquisa")
STEP = 20.0
"""Less than what is taken for a jump of the clock (s)."""


def campaign(name: str = NAME, **changes: Any) -> Campaign:
    values: dict[str, Any] = {
        "kind": Kind.SURVEY,
        "mode": Mode.PROGRESSIVE,
        "body": "Secretaria",
        "subject": "Pesquisa",
        "caller_id": "1131560156",
        "trunks": (TRUNK,),
        "queue": GERAL,
        "windows": ALWAYS,
    }
    return Campaign(name=CampaignName(name), **{**values, **changes})


def number(n: int) -> str:
    return f"119{80000000 + n}"


def contact(n: int, of: str = NAME, **changes: Any) -> Contact:
    values: dict[str, Any] = {"number": number(n)}
    return Contact(ContactId(f"{of}.{n:07d}"), CampaignName(of), **{**values, **changes})


@dataclass
class Stored:
    """What is durable. `down`: every act fails; `hangs`: it waits until it is cleared; `late`: so
    many acts are done, and fail all the same."""

    settings: dict[CampaignName, Setting] = field(default_factory=dict)
    contacts: dict[ContactId, Contact] = field(default_factory=dict)
    attempts: dict[AttemptId, tuple[Attempt, Done | None]] = field(default_factory=dict)
    barred: dict[str, str] = field(default_factory=dict)
    wishes: set[str] = field(default_factory=set)
    stopped: str = ""
    down: bool = False
    late: int = 0
    hangs: asyncio.Event = field(default_factory=asyncio.Event)
    reads: int = 0

    def __post_init__(self) -> None:
        self.hangs.set()

    async def _act(self) -> None:
        await asyncio.sleep(0)
        await self.hangs.wait()
        if self.down:
            raise ConnectionError("the store is down")

    def _done(self) -> None:
        if self.late:
            self.late -= 1
            raise TimeoutError("the store is overdue")

    async def campaign(self, name: CampaignName) -> Setting | None:
        await self._act()
        return self.settings.get(name)

    async def due(
        self, name: CampaignName, now: float, most: int, after: tuple[float, ContactId] | None
    ) -> list[tuple[float, Contact]]:
        self.reads += 1
        await self._act()
        waits = (ContactState.PENDING, ContactState.DUE, ContactState.AGAIN)
        found = sorted(
            (one.not_before, one.contact)
            for one in self.contacts.values()
            if one.campaign == name and one.state in waits and one.not_before <= now
        )
        found = [one for one in found if after is None or one > after][:most]
        return [(at, self.contacts[one]) for at, one in found]

    async def contact(self, name: ContactId) -> Contact | None:
        await self._act()
        return self.contacts.get(name)

    async def open_attempts(self) -> list[Attempt]:
        await self._act()
        return [attempt for attempt, end in self.attempts.values() if end is None]

    async def keep(self, contact: Contact, at: float) -> None:
        await self._act()
        if not self.contacts[contact.contact].attempt:
            known = self.contacts[contact.contact]
            self.contacts[contact.contact] = replace(contact, ordered=known.ordered)
        self._done()

    async def order(self, contact: Contact, attempt: Attempt) -> None:
        await self._act()
        known = self.contacts[contact.contact]
        open_numbers = {one.number for one, end in self.attempts.values() if end is None}
        if attempt.attempt in self.attempts:
            return
        if known.attempt or attempt.number in open_numbers or known.ordered >= contact.ordered:
            raise Refused("in another attempt")
        self.contacts[contact.contact] = contact
        self.attempts[attempt.attempt] = (attempt, None)
        self._done()

    async def end(self, done: Done) -> None:
        await self._act()
        found = self.attempts.get(done.attempt)
        if found is not None and found[1] is None:
            self.attempts[done.attempt] = (found[0], done)
            if self.contacts[done.contact.contact].attempt == done.attempt:
                self.contacts[done.contact.contact] = replace(done.contact, attempt=AttemptId(""))
        elif not self.contacts[done.contact.contact].attempt:
            known = self.contacts[done.contact.contact]
            self.contacts[done.contact.contact] = replace(done.contact, ordered=known.ordered)
        self._done()

    async def moved(
        self, name: CampaignName, state: CampaignState, at: float, by: str, because: str
    ) -> None:
        await self._act()
        self.settings[name] = replace(self.settings[name], state=state)

    async def set_stopped(self, because: str, at: float, by: str) -> None:
        await self._act()
        self.stopped = because

    async def do_not_call(self) -> tuple[frozenset[str], Mapping[str, str]]:
        await self._act()
        return frozenset(self.wishes), dict(self.barred)

    async def bar(self, number: str, at: float, by: str, because: str) -> None:
        await self._act()
        self.wishes.add(number)

    def results(self) -> dict[AttemptId, Tried | None]:
        return {
            name: None if end is None else end.result for name, (_, end) in self.attempts.items()
        }


@dataclass
class Public:
    """The switch's way out: attempts that have a channel, and all that were ever ordered."""

    stored: Stored
    channels: dict[AttemptId, str] = field(default_factory=dict)  # → number
    ordered: list[tuple[AttemptId, AgentName, Mapping[str, str]]] = field(default_factory=list)
    hung_up: list[AttemptId] = field(default_factory=list)
    fails: str = ""  # before: it is not done; after: it is done, and nobody is told

    async def call_out(
        self, agent: AgentName, attempt: OfferId, seconds: float, order: Mapping[str, str]
    ) -> None:
        self._dial(AttemptId(attempt), agent, order)

    async def call_alone(
        self, attempt: AttemptId, seconds: float, order: Mapping[str, str]
    ) -> None:
        self._dial(attempt, AgentName(""), order)

    async def hang_up_attempt(self, attempt: AttemptId) -> None:
        self.hung_up.append(attempt)
        self.channels.pop(attempt, None)

    def _dial(self, attempt: AttemptId, agent: AgentName, order: Mapping[str, str]) -> None:
        if self.fails == "before":
            raise ConnectionError("no link")
        number = order["C156_OUT_NUMBER"]
        assert self.stored.attempts[attempt][1] is None, "ordered before it was durable"
        assert all(attempt != one for one, _, _ in self.ordered), "ordered twice"
        assert number not in self.channels.values(), "a number in two calls"
        self.channels[attempt] = number
        self.ordered.append((attempt, agent, order))
        if self.fails == "after":
            raise TimeoutError("late")


@dataclass
class Told(Switch):
    """The switch; what is written on channels stays."""

    written: dict[str, dict[str, str]] = field(default_factory=dict)

    async def channel_of(self, call: str) -> str:
        return f"PJSIP/{call}"

    async def write_on(self, channel: str, **variables: str) -> None:
        self.written.setdefault(channel, {}).update(variables)


@dataclass
class DialBed:
    """One process. `at`: the clock on the wall."""

    campaigns: tuple[Campaign, ...] = field(default_factory=lambda: (campaign(),))
    stored: Stored = field(default_factory=Stored)
    public: Public = field(init=False)
    at: float = NOON
    boot: str = "b1"

    def __post_init__(self) -> None:
        self.public = Public(self.stored)
        for one in self.campaigns:
            self.stored.settings.setdefault(one.name, Setting(one, CampaignState.DRAFT, "Olá"))
        self.begin()

    def begin(self, epoch: int = 1) -> None:
        """A process, knowing nothing."""
        self.centre = Centre(epoch=epoch, switch=Told())
        tools = self.centre.tools
        self.keeper = tools.keeper
        caps = OutCaps(trunk=True)
        out = DialOut(self.public, tools.clock, caps, held=lambda: self.keeper.floor.out_held)
        rules = CapRules(trunks={TRUNK: Trunk(TRUNK, "operadora")}, per_second=50)
        out.caps = replace(out.caps, per_second=50)
        self.in_call = InCall(out.live)
        world = World(in_call=self.in_call)
        self.dialler = Dialler(
            Dialling(Caps(rules), world),
            self.keeper,
            self.stored,
            out,
            lambda: self.at,
            lambda: "v1",
            book=tools.book,
            present=tools.present,
        )
        self.in_call.arrived = self.dialler.calls_in
        self.keeper.watch(self.in_call.read)
        promises: Any = self.centre.store
        backs = CallBacks(self.keeper, promises, tools.book, out, Cases())
        tools.call_backs, tools.dialler, tools.wishes = backs, self.dialler, self.stored

        def obey(order: Any) -> None:
            if not self.dialler.obey(order):
                backs.obey(order)

        self.keeper.call_out = obey
        self.dialler.linked = True
        self.dialler.holding = backs.holding

    async def next_process(self, epoch: int = 2) -> None:
        """The one before has been killed."""
        self.dialler._closed = True
        self.dialler.lanes.cancel()
        self.begin(epoch)
        await self.remember()

    async def remember(self) -> None:
        for setting in self.stored.settings.values():
            if setting.state not in (CampaignState.DRAFT, CampaignState.DONE):
                self.dialler.know(setting)
        past = [
            Past(attempt, None if end is None else end.result)
            for attempt, end in self.stored.attempts.values()
        ]
        self.dialler.restore(past, self.stored.stopped)
        open_ones = [one for one, end in self.stored.attempts.values() if end is None]
        self.dialler.found([self.stored.contacts[one.contact] for one in open_ones])

    def add(self, *contacts: Contact) -> None:
        self.stored.contacts |= {one.contact: one for one in contacts}

    def agent(self, name: str = "ana") -> AgentName:
        """An agent on duty, whose phone is there."""
        agent = AgentName(name)
        self.keeper.tell(AgentPhone(agent, Phone.IDLE))
        self.keeper.tell(AgentLoggedIn(agent, {Skill("p156_geral"): 1}))
        return agent

    async def settle(self, seconds: float = 0.0) -> None:
        """Time passes on the wall, and all that can be done is done."""
        while True:
            passed = min(STEP, seconds)
            seconds -= passed
            self.at += passed
            self.centre.now += passed
            await self.now()
            if seconds <= 0:
                return

    async def now(self) -> None:
        """All that can be done at this instant is done."""
        for _ in range(3):
            for _ in range(30):
                await asyncio.sleep(0)
            self.keeper._wake()
            self.dialler._round()
        for _ in range(30):
            await asyncio.sleep(0)

    async def start(self, name: str = NAME) -> None:
        await self.dialler.start(CampaignName(name), "eva")
        await self.settle()

    # --- what the switch says ---
    def told(self, attempt: AttemptId, what: str, result: str = "", cause: str = "") -> None:
        course = self.dialler.courses.of.get(attempt)
        offer = course.offer if course is not None else OfferId("")
        agent = course.agent if course is not None else AgentName("")
        if what in ("agent", "citizen", "capped", "over"):
            self.public.channels.pop(attempt, None)
        call = CallId(f"n1-{self.boot}-{attempt}") if what == "answered" else CallId("")
        now = self.centre.tools.clock()
        self.dialler.told(CallOutTold(offer, agent, what, result, cause, now, attempt, call))

    def answers(self, attempt: AttemptId) -> CallId:
        """Citizen and agent are joined."""
        course = self.dialler.courses.of[attempt]
        call = CallId(f"n1-{self.boot}-{attempt}")
        self.dialler.answered(call, self.centre.tools.clock(), course.offer)
        return call

    def hangs_up(self, attempt: AttemptId) -> None:
        self.public.channels.pop(attempt, None)
        call = CallId(f"n1-{self.boot}-{attempt}")
        self.keeper.gone(call)
        self.dialler.ended(call, attempt, self.centre.tools.clock())

    def look(self) -> None:
        """A whole look at the switch."""
        stage = "offered:1-1:ana"
        calls = tuple(
            SeenCall(CallId(f"n1-{self.boot}-{one}"), "156", stage, "", "c", 0.0, attempt=one)
            for one in self.public.channels
            if (course := self.dialler.courses.of.get(one)) is not None and course.answered_at
        )
        now = self.centre.tools.clock()
        self.dialler.agree(
            SwitchSeen(now, self.boot, calls, attempts=frozenset(self.public.channels))
        )

    @property
    def last(self) -> AttemptId:
        return self.public.ordered[-1][0]
