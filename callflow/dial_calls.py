"""What becomes of campaigns' calls: the floor's answer, the switch's words, what is heard in them.

    obey(order)        the floor: this agent is yours (dial), or is not, or is not any more
    told(signal)       the switch: how far an attempt has come, or what ended it
    answered, ended    the citizen's channel: joined with the agent or alone; gone
    opened(visit)      a step of such a call: it has its protocol before anything is said
    agree(seen)        a whole look at the switch
    campaign_of, pressed, agent_for, dropped, judged    for the steps, the screen and the phone

A word may come late, twice, in the wrong order, or not at all: each attempt ends once, and what
nobody told of is ended by the look.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Container
from dataclasses import dataclass, field

from acd.effects import CallBack, DialRefused, DialTakenBack, OutOrder, Preview
from acd.events import OfferFailed
from acd.promise_events import CallBackAnswered, CallBackCalling
from callflow.book import Book, OpenCall
from callflow.campaign_ports import CAMPAIGN, Running
from callflow.courses import Course
from callflow.dial_orders import DialOrders
from callflow.dial_out import citizen_result
from callflow.offer import DIAL_RESULTS
from callflow.visit import Visit
from dialer.attempt import AttemptState
from dialer.campaign import KeyMeans
from dialer.contacts import NO_ATTEMPT
from dialer.events import AgentGone, AttemptTold, ContactCancelled
from dialer.events import SwitchSeen as AttemptsSeen
from terms.facts import Fact, Kind
from terms.limits import DIAL_JUDGE_TALK, DIAL_JUDGE_WAIT, DIAL_PROTOCOL_TRIES
from terms.names import AgentName, AttemptId, CallId, Instant, OfferId
from terms.names import Protocol as ProtocolNumber
from terms.outcome import OfferOutcome, Tried
from terms.signals import CallOutTold, SwitchSeen

log = logging.getLogger(__name__)

NOBODY = AgentName("")
NO_OFFER = OfferId("")

JUDGED = frozenset({Tried.ANSWERED, Tried.MACHINE, Tried.FAX, Tried.SILENT, Tried.INVALID})
"""What an agent may say of a call that was answered; INVALID: a wrong number."""


@dataclass(slots=True)
class DialCalls(DialOrders):
    """See the file's top."""

    book: Book = field(default_factory=Book)
    present: Container[CallId] = frozenset()  # calls whose step is here
    wished: set[str] = field(default_factory=set)  # not to be called, since the list was read

    # --- the floor ---
    def obey(self, order: OutOrder) -> bool:
        """What the floor orders about a call; whether it is one of ours."""
        match order:
            case CallBack(call=call) | DialRefused(call=call) | DialTakenBack(call=call):
                name = AttemptId(call)
            case Preview(call=call):
                return any(AttemptId(call) == one for _, one in self.looks.values())
            case _:
                return False
        course = self.courses.of.get(name)
        if course is None:
            return self._looked_in_vain(name)
        if isinstance(order, CallBack):
            self.courses.offered(course, order.offer)
            caller_id = self.settings[course.campaign].campaign.caller_id
            work = self.place(course, caller_id, order.offer, order.ring_seconds)
            self.lanes.do(course.contact, work)
        elif isinstance(order, DialRefused):
            self.finish(course, Tried.HELD, because=order.because)
        elif course.answered_at is None:
            self.withdraw(name, order.because)
        return True

    def _looked_in_vain(self, name: AttemptId) -> bool:
        """The agent who was to look at a contact is not ours (any more)."""
        for agent, one in tuple(self.looks.values()):
            if one == name:
                self.tell(AgentGone(agent))
                return True
        return False

    # --- the switch ---
    def told(self, signal: CallOutTold) -> bool:
        """What the switch says of an attempt; whether it is one of ours."""
        course = self._course_of(signal.attempt, signal.offer)
        if course is None:
            return bool(signal.attempt)
        match signal.what:
            case "up":
                course.rings = True
                self.keeper.tell(CallBackCalling(course.offer))
                self.tell(AttemptTold(course.attempt, AttemptState.RINGING))
            case "answered":
                self.answered(signal.call, signal.at, attempt=course.attempt)
            case "machine" | "fax" | "silent":
                course.advice = signal.what
            case "agent" | "citizen" | "capped" | "over":
                self._over(course, signal)
        return True

    def _over(self, course: Course, signal: CallOutTold) -> None:
        """It has come to no call."""
        outcome, dialled, because = OfferOutcome.LOST, True, ""
        match signal.what:
            case "agent":
                outcome = DIAL_RESULTS.get(signal.result, OfferOutcome.LOST)
                result = Tried.AGENT
            case "over":
                outcome = OfferOutcome.REFUSED
                result = Tried.LOST if course.rings else Tried.AGENT
                because = "o atendente desligou antes" if course.agent else ""
            case "citizen":
                outcome = OfferOutcome.NOT_REACHED
                result = citizen_result(signal.result, signal.cause)
                self.out.came_to(result)
            case _:
                result = Tried.INVALID if signal.result == "number" else Tried.HELD
                dialled, because = False, f"retida: {signal.result}"
        if course.withdrawn is not None:
            result, because = course.withdrawn_as(), course.because
        if course.offer:
            self.keeper.tell(OfferFailed(course.offer, outcome, dialled))
        self.finish(course, result, because=because)

    def answered(
        self,
        call: CallId,
        at: Instant,
        offer: OfferId = NO_OFFER,
        attempt: AttemptId = NO_ATTEMPT,
    ) -> bool:
        """The citizen's channel is up, joined with the agent if it is told of an offer. Whether it
        is an attempt of ours, and the floor knows of it."""
        course = self._course_of(attempt, offer)
        if course is None or course.result is not None:
            return False
        if course.answered_at is None:
            course.answered_at = at
            self.courses.called(course, call)
            self.out.came_to(Tried.ANSWERED)
            state = AttemptState.JOINED if course.agent else AttemptState.ANSWERED
            self.tell(AttemptTold(course.attempt, state))
            if course.agent and call not in self.book.calls:
                campaign = self.settings[course.campaign].campaign
                self._arrive(call, self.line_of(campaign), course.number, campaign.name, at)
                self._beside.do(self._open_beside(course, call, at))
        if not offer:
            return False
        course.talked = True
        known = self.keeper.knows(offer)
        if known:
            self.keeper.tell(CallBackAnswered(offer, call))
        return known

    def talks(self, call: CallId, agent: AgentName) -> None:
        """An agent has who was called alone."""
        course = self.courses.by_call.get(call)
        if course is not None and not course.talked:
            course.talked, course.agent = True, agent
            self.tell(AttemptTold(course.attempt, AttemptState.JOINED, agent))

    def ended(self, call: CallId, attempt: AttemptId, at: Instant) -> None:
        """The citizen's channel is gone."""
        course = self.courses.by_call.get(call) or self.courses.of.get(attempt)
        if course is None or course.ended_at is not None:
            return
        course.ended_at = at
        lasted = None if course.answered_at is None else max(0.0, at - course.answered_at)
        short = lasted is not None and lasted < DIAL_JUDGE_TALK
        if course.talked and course.judged is None and short:
            self._beside.do(self._end_unless_judged(course, lasted))
        else:
            self.finish(course, course.comes_to(), lasted)

    async def _end_unless_judged(self, course: Course, lasted: float | None) -> None:
        """The agent may say yet what it was: whom nobody spoke with is tried again."""
        await asyncio.sleep(DIAL_JUDGE_WAIT)
        self.finish(course, course.comes_to(), lasted)

    def agree(self, seen: SwitchSeen) -> None:
        """A whole look: calls are found that nobody told of; what it does not show has ended."""
        for one in seen.calls:
            course = self.courses.of.get(one.attempt)
            if course is not None and course.answered_at is None:
                self.answered(one.call, one.since, attempt=one.attempt)
        if not seen.complete:
            return
        judging = {one.attempt for one in self.courses.of.values() if one.ended_at is not None}
        looked_at = self.wall() - max(0.0, self.keeper.clock() - seen.at)
        self.tell(AttemptsSeen(seen.attempts | judging, looked_at))

    def read(self, facts: tuple[Fact, ...]) -> None:
        """Calls of ours that ended, whoever found it; talks of those who were called alone."""
        for fact in facts:
            if fact.call is None or fact.call not in self.courses.by_call:
                continue
            if fact.kind is Kind.CALL_ENDED:
                self.ended(fact.call, AttemptId(""), fact.at)
            elif fact.kind is Kind.ANSWERED and fact.agent:
                self.talks(fact.call, fact.agent)

    def calls_in(self, number: str) -> None:
        """A citizen whom we are ringing is on the line: we stop, and they are served."""
        name = self.dialling.attempts.by_number.get(number)
        if name is not None and self.dialling.attempts.live[name].waits:
            self.withdraw(name, "o cidadão ligou", Tried.BUSY)

    # --- its protocol ---
    async def opened(self, visit: Visit) -> None:
        """A step of a call with an agent: whatever happened meanwhile, it has its protocol, and its
        channel says which."""
        course, at = self.courses.of.get(visit.attempt), visit.tools.clock()
        if course is not None:
            self.answered(visit.call, at, attempt=visit.attempt)
        if visit.call not in self.book.calls:
            self._arrive(visit.call, visit.line, visit.caller, visit.campaign, at)
        protocol = await self._protocol_of(visit.call, visit.campaign)
        visit.place = visit.place.but(protocol=protocol, arrived=visit.place.arrived or at)
        await visit.session.set(C156_PLACE=visit.place.to_text(), C156_PROTOCOL=protocol)

    def _arrive(self, call: CallId, line: str, caller: str, campaign: str, at: Instant) -> None:
        """The call is open, and said to be; its number follows."""
        self.book.open(OpenCall(call, line, at, caller))
        details = {
            "line": line,
            "entry": CAMPAIGN,
            "caller": caller,
            "test": False,
            "version": self.version(),
            "relay": False,
            "campaign": campaign,
        }
        self.keeper.record(Fact(at, Kind.CALL_ARRIVED, call, details=details))

    async def _protocol_of(self, call: CallId, campaign: str) -> ProtocolNumber:
        """Its number, durable and told; asked for once more by whoever comes again. ValueError for
        a call that is over."""
        entry = self.book.calls.get(call)
        if entry is None:
            raise ValueError("the call is over")
        if entry.protocol:
            return entry.protocol
        about = (call, entry.line, CAMPAIGN, entry.caller, entry.arrived, False, self.version())
        protocol = await self.keeper.store.open_call(*about, campaign=campaign, arrived=True)
        if not entry.protocol:
            entry.protocol = protocol
            details = {"protocol": protocol, "issuer": "block", "of_call": ""}
            given = Fact(self.keeper.clock(), Kind.PROTOCOL_GIVEN, call, details=details)
            self.keeper.publish(given)
        return protocol

    async def _open_beside(self, course: Course, call: CallId, at: Instant) -> None:
        """Citizen and agent talk already: the number stands on the channel before the hello is
        over."""
        for _ in range(DIAL_PROTOCOL_TRIES):
            try:
                protocol = await self._protocol_of(call, course.campaign)
                break
            except ValueError:
                return
            except Exception:
                log.warning("a call of a campaign has no number yet", exc_info=True)
        else:
            return  # the step after the talk asks again
        if call in self.present:
            return  # that step is here already, and writes it
        campaign = self.settings[course.campaign].campaign
        place = self.place_of(campaign).but(protocol=protocol, arrived=at)
        switch = self.keeper.switch
        try:
            channel = await switch.channel_of(call)
            await switch.write_on(channel, C156_PLACE=place.to_text(), C156_PROTOCOL=protocol)
        except Exception:
            log.warning("a protocol could not be put on its channel", exc_info=True)

    # --- for the steps, the screen, the phone ---
    def campaign_of(self, attempt: AttemptId) -> Running | None:
        """What an attempt in course is about; None for one that nobody knows."""
        course = self.courses.of.get(attempt)
        setting = self.settings.get(course.campaign) if course is not None else None
        turns = self.dialling.campaigns.get(course.campaign) if course is not None else None
        if course is None or setting is None or turns is None:
            return None
        contact = turns.contacts.get(course.contact)
        return Running(
            attempt=attempt,
            contact=course.contact,
            campaign=setting.campaign,
            line=self.line_of(setting.campaign),
            spoken=setting.spoken,
            fields=contact.fields if contact is not None else {},
            number=course.number,
            agent=course.agent,
        )

    def attempt_of(self, call: CallId) -> AttemptId:
        """Which attempt a call came of; '' for a call of nobody's."""
        course = self.courses.by_call.get(call)
        return course.attempt if course is not None else AttemptId("")

    async def pressed(self, attempt: AttemptId, means: KeyMeans) -> None:
        """What the citizen decided by a key; written down with the attempt's end. Who wants no call
        is called no more, by any campaign (the wish itself is the caller's to write down)."""
        course = self.courses.of.get(attempt)
        if course is None:
            return
        course.pressed(means)
        if means is KeyMeans.DO_NOT_CALL:
            self.wished.add(course.number)
            self.tell(ContactCancelled(course.contact, "o cidadão não quer ser chamado"))

    def agent_for(self, attempt: AttemptId) -> AgentName:
        """Whom the dialler has for who has answered (predictive); '' for nobody yet."""
        return self.agents_found.get(attempt, NOBODY)

    def dropped(self, attempt: AttemptId) -> asyncio.Event:
        """Set when nobody was found in time for who has answered."""
        course = self.courses.of.get(attempt)
        return asyncio.Event() if course is None else course.dropped

    def judged(self, attempt: AttemptId, result: Tried, by: str) -> bool:
        """An agent's word on what answered. False when it comes too late, or is none that an
        answered call can have."""
        course = self.courses.of.get(attempt)
        if course is None or course.result is not None or result not in JUDGED:
            return False
        course.judged, course.because = result, f"por {by}"
        if course.ended_at is not None:
            lasted = course.ended_at - (course.answered_at or course.ended_at)
            self.finish(course, result, max(0.0, lasted))
        return True

    def _course_of(self, attempt: AttemptId, offer: OfferId) -> Course | None:
        return self.courses.of.get(attempt) or self.courses.by_offer.get(offer)
