"""The protocol of a campaign's call with an agent: given at the answer, beside the talk.

The call is open, and told to be, in the instant of the answer; its number follows within
milliseconds, onto the channel and the agent's screen. If it cannot be had then, the first step
after the talk asks again. Calls without an agent get theirs from their own step (notice.py).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Container
from dataclasses import dataclass, field

from acd.promise_events import CallBackAnswered
from callflow.book import Book, OpenCall
from callflow.campaign_ports import CAMPAIGN
from callflow.courses import Course
from callflow.dial_orders import NO_OFFER, DialOrders
from callflow.visit import Visit
from dialer.attempt import AttemptState
from dialer.contacts import NO_ATTEMPT
from dialer.events import AttemptTold
from terms.facts import Fact, Kind
from terms.limits import DIAL_PROTOCOL_TRIES, DIAL_STORE_AGAIN
from terms.names import AttemptId, CallId, Instant, OfferId
from terms.names import Protocol as ProtocolNumber
from terms.outcome import Tried

log = logging.getLogger(__name__)


@dataclass(eq=False, repr=False, slots=True)
class DialProtocols(DialOrders):
    """See the file's top. `present`: calls whose step is here."""

    book: Book = field(default_factory=Book)
    present: Container[CallId] = frozenset()

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
            self.words.answered(course.attempt, call)
            self.out.came_to(Tried.ANSWERED, course.trunk)
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

    async def opened(self, visit: Visit) -> None:
        """A step of a call with an agent: whatever happened meanwhile, it has its protocol, and its
        channel says which."""
        course, at = self.courses.of.get(visit.attempt), visit.tools.clock()
        if course is not None:
            self.answered(visit.call, at, attempt=visit.attempt)
        entry = self.book.calls.get(visit.call)
        if entry is None or not entry.caller:  # at most a look has shown its channel
            self._arrive(visit.call, visit.line, visit.caller, visit.campaign, at)
        protocol = await self._protocol_of(visit.call, visit.campaign)
        visit.place = visit.place.but(protocol=protocol, arrived=visit.place.arrived or at)
        await visit.session.set(C156_PLACE=visit.place.to_text(), C156_PROTOCOL=protocol)

    def _arrive(self, call: CallId, line: str, caller: str, campaign: str, at: Instant) -> None:
        """The call is open, and said to be; its number follows."""
        self.book.open(OpenCall(call, line, at, caller, campaign=campaign))
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
                await asyncio.sleep(DIAL_STORE_AGAIN)
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

    def _course_of(self, attempt: AttemptId, offer: OfferId) -> Course | None:
        return self.courses.of.get(attempt) or self.courses.by_offer.get(offer)
