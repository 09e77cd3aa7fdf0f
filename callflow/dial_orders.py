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
from dataclasses import dataclass

from acd.dial_events import DialGoesOn, DialOver, DialReserved
from callflow.after import ASKED
from callflow.announce import PROTOCOL
from callflow.campaign_ports import CAMPAIGN
from callflow.courses import Course
from callflow.dial_book import DIALLER, DialBook
from callflow.dial_out import TOO_SOON, NotDialled, NumberRefused, OutCall
from callflow.notice import person_priority
from callflow.place import Place
from dialer.attempt import Attempt
from dialer.campaign import Campaign, Mode
from dialer.contacts import Contact
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
from dialer.eligible import stops_being
from terms.facts import Kind
from terms.limits import (
    DIAL_HANG_UP_AGAIN,
    DIAL_HANG_UPS,
    DIAL_PACE,
    DIAL_STALE,
    PREVIEW_SECONDS,
    RING_SECONDS,
)
from terms.names import (
    AgentName,
    AttemptId,
    CallId,
    CampaignName,
    ContactId,
    OfferId,
    Seconds,
)
from terms.names import Protocol as ProtocolNumber
from terms.outcome import Tried

log = logging.getLogger(__name__)

LINE_OF_NOTICES = "156"
"""Of a campaign without a queue."""

NO_OFFER = OfferId("")


@dataclass(eq=False, repr=False, slots=True)
class DialOrders(DialBook):
    """See the file's top. `wall`: the clock on the wall, which may jump: the hours in which people
    may be called are by it, and a jump stops all."""

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

    # --- calls ---
    async def _order(self, order: Order, course: Course) -> None:
        attempt = order.attempt
        if course.result is not None:
            return  # it could not be written down
        if because := self._why_not(course):
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

    def _why_not(self, course: Course) -> str:
        """Why an attempt that is written down is not dialled all the same; '' if it is."""
        if course.withdrawn is not None:
            return course.because
        if self.dialling.stopped:
            return f"tudo parado: {self.dialling.stopped}"
        if not self.linked:
            return "sem ligação com a telefonia"
        stale = self.wall() - course.at > DIAL_STALE  # all may be different by now
        return "o banco de dados demorou" if stale else ""

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
        """Dial, by the one road out. It counts a second by when calls leave, the dialler by when
        they were decided: one that comes a moment too early waits."""
        while not await self._placed(course, caller_id, offer, ring_seconds):
            await asyncio.sleep(DIAL_PACE)

    async def _placed(
        self, course: Course, caller_id: str, offer: OfferId, ring_seconds: Seconds
    ) -> bool:
        """False when it is to be tried again in a moment."""
        if course.result is not None or course.withdrawn is not None:
            self.finish(course, Tried.HELD)
            return True
        if course.attempt not in self.dialling.attempts.live:
            return True
        if because := self._changed(course):
            self.finish(course, Tried.HELD, because=because)
            return True
        self.keeper.lease()  # whoever slept may have been replaced: not a word to the switch
        course.ordered = True
        course.rings = not offer  # alone: the phone may ring from now on
        if self.settings[course.campaign].campaign.mode is not Mode.AGENTLESS:
            self.words.dialled(course.attempt)
        try:
            await self.out.dial(self._out_call(course, caller_id, offer, ring_seconds))
        except NumberRefused:
            self.finish(course, Tried.INVALID, because="a central não disca este número")
        except NotDialled as stopped:
            if stopped.why == TOO_SOON and self.wall() - course.at < DIAL_STALE:
                course.ordered = course.rings = False
                return False
            log.info("a call is held", extra={"attempt": course.attempt, "why": stopped.why})
            self.finish(course, Tried.HELD, because=f"retida: {stopped.why}")
        except Exception:
            # whether it went out nobody can say: what the switch shows decides
            log.warning("an attempt could not be ordered", exc_info=True)
            self.doubtful = True
        return True

    def _changed(self, course: Course) -> str:
        """What forbids it since it was decided; '' for nothing."""
        campaign = self.settings[course.campaign].campaign
        return stops_being(campaign, course.number, self.wall(), self.dialling.world)

    def forbid(self) -> None:
        """Who has said no is not rung: what is on its way to them is taken back."""
        world = self.dialling.world
        for course in tuple(self.courses.of.values()):
            setting = self.settings.get(course.campaign)
            if setting is None or course.answered_at is not None or course.withdrawn is not None:
                continue
            wished = course.number in world.do_not_call and not setting.campaign.life_safety
            if wished or course.number in world.barred:
                self.withdraw(course.attempt, "o número não é mais chamado")

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
