"""What the dialler orders, carried out: in its order where it is about one contact, each attempt
durable before it is dialled.

    Keep(contact, attempt)   written down; what cannot be is not dialled
    Order                    with an agent: the floor is asked for the agent, then dial_out
                             alone: dial_out
    Keep(contact)            what came of it; tried until it is durable
    Withdraw                 what rings is hung up; what was not ordered yet is not ordered
    Show, Unshow, Join       an agent looks; an agent for who has answered

Whether an order that failed went out, nobody can say: a look at the switch decides.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from acd.dial_events import DialGoesOn, DialOver, DialReserved
from callflow.after import ASKED
from callflow.announce import PROTOCOL
from callflow.beside import Beside
from callflow.campaign_ports import CAMPAIGN, CampaignStore, Done, Refused, Setting
from callflow.courses import Course, Courses
from callflow.dial_out import DialOut, NotDialled, NumberRefused, OutCall
from callflow.floor_keeper import FloorKeeper
from callflow.lanes import Lanes
from callflow.notice import person_priority
from callflow.place import Place
from callflow.ports import Clock
from dialer.attempt import Attempt
from dialer.campaign import Campaign, Mode
from dialer.contacts import Contact
from dialer.dialling import Dialling
from dialer.effects import (
    AllStopped,
    CampaignIs,
    Effect,
    Join,
    Keep,
    Order,
    Show,
    Unshow,
    Warn,
    Withdraw,
)
from dialer.events import AttemptEnded, Event
from terms.facts import Fact, Kind
from terms.limits import (
    DIAL_HANG_UP_AGAIN,
    DIAL_HANG_UPS,
    DIAL_STALE,
    DIAL_STORE_AGAIN,
    DIAL_STORE_AGAIN_MAX,
    PREVIEW_SECONDS,
    RING_SECONDS,
)
from terms.names import (
    AgentName,
    AttemptId,
    CallId,
    CampaignName,
    ContactId,
    Instant,
    OfferId,
    Seconds,
)
from terms.names import Protocol as ProtocolNumber
from terms.outcome import Tried

log = logging.getLogger(__name__)

LINE_OF_NOTICES = "156"
"""Of a campaign without a queue."""

NO_OFFER = OfferId("")

DIALLER = "discador"
"""Who did what nobody ordered, in facts and rows."""


@dataclass(slots=True)
class DialOrders:
    """See the file's top. `wall`: the clock on the wall, which may jump: the hours in which people
    may be called are by it, and a jump stops all."""

    dialling: Dialling
    keeper: FloorKeeper
    store: CampaignStore
    out: DialOut
    wall: Clock
    version: Callable[[], str] = lambda: ""
    settings: dict[CampaignName, Setting] = field(default_factory=dict)
    courses: Courses = field(default_factory=Courses)
    looks: dict[ContactId, tuple[AgentName, AttemptId]] = field(default_factory=dict)
    agents_found: dict[AttemptId, AgentName] = field(default_factory=dict)
    results: dict[CampaignName, Counter[Tried]] = field(default_factory=dict)
    lanes: Lanes = field(default_factory=lambda: Lanes("an order of the dialler failed"))
    _by: dict[CampaignName, str] = field(default_factory=dict)
    _why: dict[CampaignName, str] = field(default_factory=dict)
    _beside: Beside = field(default_factory=lambda: Beside("the dialler failed"))

    def tell(self, *events: Event) -> None:
        """Something happened."""
        raise NotImplementedError

    def carry(self, effect: Effect) -> None:
        """Do it, or begin to."""
        match effect:
            case Keep(contact=contact, attempt=None):
                self._keep(contact)
            case Keep(contact=contact, attempt=Attempt() as attempt):
                self.courses.begin(attempt, contact.tries)
                self.lanes.do(contact.contact, self._write_down(contact, attempt))
            case Order(attempt=attempt):
                course = self.courses.of[attempt.attempt]
                course.shown = self.looks.pop(attempt.contact, None) is not None
                self.lanes.do(attempt.contact, self._order(effect, course))
            case Withdraw(attempt=name, because=because):
                self.withdraw(name, because)
            case Show(contact=contact, agent=agent):
                self.looks[contact.contact] = (agent, contact.next_attempt)
                self.lanes.do(contact.contact, self._show(contact, agent))
            case Unshow(contact=contact_id):
                self.unshow(contact_id)
            case Join(attempt=name, agent=agent):
                self.agents_found[name] = agent
            case CampaignIs(name=campaign):
                self._moved(effect, self._by.pop(campaign, DIALLER))
            case Warn(text=text):
                self._note(Kind.DIALLER_WARNED, DIALLER, because=text)
                log.warning("the dialler warns", extra={"why": text})
            case AllStopped(because=because):
                self._all_stopped(because)

    # --- what is written down ---
    async def _write_down(self, contact: Contact, attempt: Attempt) -> None:
        course = self.courses.of[attempt.attempt]
        try:
            await self.store.order(contact, attempt)
            course.kept = True
        except Refused as why:
            log.warning("an attempt is refused", extra={"attempt": attempt.attempt, "why": why})
            self.finish(course, Tried.HELD, because="o banco de dados recusou a tentativa")
        except Exception:
            log.warning("an attempt could not be written down", exc_info=True)
            self.finish(course, Tried.HELD, because="o banco de dados não respondeu")

    def _keep(self, contact: Contact) -> None:
        course = self.courses.over(contact, self.dialling.attempts.live)
        if course is None:
            now = self.wall()
            self.lanes.do(
                contact.contact, self._until_durable(lambda: self.store.keep(contact, now))
            )
            return
        self._let_go(course)
        done = self._done(contact, course)
        self.results.setdefault(contact.campaign, Counter())[done.result] += 1
        self.lanes.do(contact.contact, self._until_durable(lambda: self.store.end(done)))

    def _done(self, contact: Contact, course: Course) -> Done:
        if contact.tries > course.tries:
            result = contact.results[-1]
        else:
            told = course.result
            result = Tried.HELD if told is None or told.reached_for else told
        return Done(
            attempt=course.attempt,
            at=self.wall() if course.ended_at is None else course.ended_at,
            result=result,
            contact=contact,
            because=course.because or contact.because,
            answered_at=course.answered_at,
            call=course.call,
            agent=course.agent,
            said=course.said,
            advice=course.advice,
        )

    async def _until_durable(self, write: Callable[[], Awaitable[None]]) -> None:
        pause: Seconds = DIAL_STORE_AGAIN
        while True:
            try:
                await write()
                return
            except Refused as why:
                log.error("the store refuses what the dialler knows", extra={"why": str(why)})
                return
            except Exception:
                log.warning("the dialler waits for the store", exc_info=True)
            await asyncio.sleep(pause)
            pause = min(DIAL_STORE_AGAIN_MAX, pause * 2)

    # --- calls ---
    async def _order(self, order: Order, course: Course) -> None:
        attempt = order.attempt
        if course.result is not None:
            return  # it could not be written down
        stale = self.wall() - attempt.at > DIAL_STALE
        if course.withdrawn is not None or stale or self.dialling.stopped:
            because = "o banco de dados demorou" if stale else course.because
            self.finish(course, Tried.HELD, because=because)
            if attempt.agent:
                self.keeper.tell(DialOver(CallId(attempt.attempt)))
            return
        if not attempt.agent:
            await self.place(course, order.caller_id)
        elif course.shown:
            self.keeper.tell(DialGoesOn(CallId(attempt.attempt)))
        else:
            self._reserve(attempt.attempt, attempt.campaign, attempt.agent)

    def _reserve(
        self, name: AttemptId, of: CampaignName, agent: AgentName, preview: Seconds = 0.0
    ) -> None:
        campaign = self.settings[of].campaign
        line = self.line_of(campaign)
        self.keeper.tell(
            DialReserved(CallId(name), agent, campaign.queue, line, RING_SECONDS, preview)
        )

    async def place(
        self,
        course: Course,
        caller_id: str,
        offer: OfferId = NO_OFFER,
        ring_seconds: Seconds = 0.0,
    ) -> None:
        """Dial, by the one road out."""
        if course.result is not None or course.withdrawn is not None:
            self.finish(course, Tried.HELD)
            return
        course.ordered = True
        course.rings = not offer  # alone: the phone may ring from now on
        try:
            await self.out.dial(self._out_call(course, caller_id, offer, ring_seconds))
        except NumberRefused:
            self.finish(course, Tried.INVALID, because="a central não disca este número")
        except NotDialled as stopped:
            log.info("a call is held", extra={"attempt": course.attempt, "why": stopped.why})
            self.finish(course, Tried.HELD, because=f"retida: {stopped.why}")
        except Exception:
            # whether it went out nobody can say: what the switch shows decides
            log.warning("an attempt could not be ordered", exc_info=True)

    def _out_call(
        self, course: Course, caller_id: str, offer: OfferId, ring_seconds: Seconds
    ) -> OutCall:
        setting = self.settings[course.campaign]
        campaign = setting.campaign
        trunk = self.dialling.attempts.live[course.attempt].trunk
        kind = ""
        if not offer:
            kind = "preditivo" if campaign.mode is Mode.PREDICTIVE else "aviso"
        return OutCall(
            offer=offer,
            agent=course.agent,
            ring_seconds=ring_seconds,
            line=self.line_of(campaign),
            caller=course.number,
            show=f"{CAMPAIGN} {campaign.subject}",
            place=self.place_of(campaign).to_text() if offer else "",
            data="",
            protocol=ProtocolNumber(""),
            attempt=course.attempt,
            campaign=campaign.name,
            trunk=trunk,
            kind=kind,
            caller_id=caller_id,
            citizen_rings=campaign.ring_seconds,
            life=bool(campaign.life_safety),
        )

    def line_of(self, campaign: Campaign) -> str:
        """The city's line on whose behalf is called."""
        found = self.keeper.floor.lines.get(campaign.queue)
        return found.rule.line if found is not None else LINE_OF_NOTICES

    def place_of(self, campaign: Campaign) -> Place:
        """Where a citizen stands whom an agent was to talk with: should that agent be gone at the
        instant of the answer, before those who wait in the queue. Nothing is asked after the talk:
        the survey is of those who called (R62)."""
        found = self.keeper.floor.lines.get(campaign.queue)
        return Place(
            version=self.version(),
            queue=campaign.queue,
            priority=person_priority(found.rule) if found is not None else 0,
            note=campaign.subject,
            heard=f"{PROTOCOL}+{ASKED}",
        )

    def finish(
        self, course: Course, result: Tried, lasted: Seconds | None = None, because: str = ""
    ) -> None:
        """An attempt's end, told once."""
        if course.result is not None:
            return
        course.result, course.because = result, because or course.because
        if course.ended_at is None:
            course.ended_at = self.wall()
        self.out.over(course.attempt, result.reached_for)
        self.tell(AttemptEnded(course.attempt, result, lasted))

    def _let_go(self, course: Course) -> None:
        """Nothing of it is held any more, whoever told of its end."""
        self.agents_found.pop(course.attempt, None)
        self.out.over(course.attempt)
        if course.agent and course.answered_at is None:
            self.keeper.tell(DialOver(CallId(course.attempt)))

    def withdraw(self, name: AttemptId, because: str, rung: Tried = Tried.LOST) -> None:
        """Hang up; `rung`: what it is if the citizen's phone had rung. Who has answered alone is
        told who called, by the step that has them (`dropped`)."""
        course = self.courses.of.get(name)
        if course is None or course.result is not None:
            return
        course.because = because
        if course.answered_at is not None:
            course.dropped.set()
            return
        course.withdrawn = rung
        if course.ordered:
            if course.agent:
                self.keeper.tell(DialOver(CallId(name)))
            self._beside.do(self._hang_up(name))
        elif course.agent and course.kept:
            self.keeper.tell(DialOver(CallId(name)))
            self.finish(course, Tried.HELD)

    async def _hang_up(self, name: AttemptId) -> None:
        for _ in range(DIAL_HANG_UPS):
            try:
                await self.out.switch.hang_up_attempt(name)
                return
            except Exception:
                log.warning("an attempt could not be hung up", exc_info=True)
                await asyncio.sleep(DIAL_HANG_UP_AGAIN)

    # --- agents who look first ---
    async def _show(self, contact: Contact, agent: AgentName) -> None:
        if self.looks.get(contact.contact, ("", ""))[0] != agent:
            return
        self._reserve(contact.next_attempt, contact.campaign, agent, PREVIEW_SECONDS)

    def unshow(self, contact: ContactId) -> None:
        """The agent looks no more, and nothing is dialled."""
        found = self.looks.pop(contact, None)
        if found is not None:
            self.keeper.tell(DialOver(CallId(found[1])))

    # --- campaigns, and all of it ---
    def _moved(self, effect: CampaignIs, by: str) -> None:
        name, state, at = effect.name, effect.state, self.wall()
        if (setting := self.settings.get(name)) is not None:
            self.settings[name] = replace(setting, state=state)
        why = self._why.pop(name, "")
        self._note(Kind.CAMPAIGN_MOVED, by, campaign=name, state=str(state), because=why)
        write, because = self.store.moved, why or effect.because
        self.lanes.do(name, self._until_durable(lambda: write(name, state, at, by, because)))

    def _all_stopped(self, because: str) -> None:
        log.error("the dialler has stopped", extra={"why": because})
        self._note(Kind.DIALLER_STOPPED, DIALLER, because=because)
        self._say_stopped(because, DIALLER)

    def _say_stopped(self, because: str, by: str) -> None:
        at: Instant = self.wall()
        write = self.store.set_stopped
        self.lanes.do("stopped", self._until_durable(lambda: write(because, at, by)))

    def _note(self, kind: Kind, by: str, **details: str) -> None:
        self.keeper.record(Fact(self.keeper.clock(), kind, by=by, details={**details, "by": by}))
