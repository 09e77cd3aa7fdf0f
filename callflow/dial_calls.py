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
from dataclasses import dataclass, field

from acd.effects import CallBack, DialRefused, DialTakenBack, OutOrder, Preview
from acd.events import OfferFailed
from acd.promise_events import CallBackCalling
from callflow.campaign_ports import Running
from callflow.courses import Course
from callflow.dial_out import citizen_result
from callflow.dial_protocol import DialProtocols
from callflow.first_words import SILENT
from callflow.offer import DIAL_RESULTS
from callflow.place import parse_stage
from dialer.attempt import AttemptState
from dialer.campaign import KeyMeans, Mode
from dialer.events import AgentGone, AttemptTold, ContactCancelled
from dialer.events import SwitchSeen as AttemptsSeen
from terms.facts import Fact, Kind
from terms.limits import DIAL_JUDGE_TALK, DIAL_JUDGE_WAIT, OUT_SHUT
from terms.names import AgentName, AttemptId, CallId, Instant
from terms.outcome import OfferOutcome, Tried
from terms.signals import CallOutTold, SwitchSeen
from terms.stages import Stage

log = logging.getLogger(__name__)

NOBODY = AgentName("")
IDLE = "idle"
TALKING = (Stage.OFFERED, Stage.HELD, Stage.CONFERENCE)

JUDGED = frozenset({Tried.ANSWERED, Tried.MACHINE, Tried.FAX, Tried.SILENT, Tried.INVALID})
"""What an agent may say of a call that was answered; INVALID: a wrong number."""


@dataclass(eq=False, repr=False, slots=True)
class DialCalls(DialProtocols):
    """See the file's top."""

    missed: frozenset[AttemptId] = frozenset()  # by the last look
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
        if signal.offer and not course.offer:
            self.courses.offered(course, signal.offer)  # by the process before us
        match signal.what:
            case "up":
                course.rings, course.up_at = True, self.keeper.clock()
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
                alone = not course.agent  # the citizen's phone is the first to ring
                result = Tried.LOST if course.rings or alone else Tried.AGENT
                because = "o atendente desligou antes" if course.agent else ""
            case "citizen":
                outcome = OfferOutcome.NOT_REACHED
                result = citizen_result(signal.result, signal.cause)
                if self.out.came_to(result, course.trunk):
                    self.dialling.caps.shut[course.trunk] = self.wall() + OUT_SHUT
            case _:
                result = Tried.INVALID if signal.result == "number" else Tried.HELD
                dialled, because = False, f"retida: {signal.result}"
        if course.withdrawn is not None:
            result, because = course.withdrawn_as(), course.because
        if course.offer:
            self.keeper.tell(OfferFailed(course.offer, outcome, dialled))
        self.finish(course, result, because=because)

    def _found(self, call: CallId, agent: AgentName) -> None:
        """The floor has found an agent by itself for who answered a predictive call."""
        course = self.courses.by_call[call]
        if self._predictive_one(course):
            self.tell(AttemptTold(course.attempt, AttemptState.JOINED, agent))

    def _predictive_one(self, course: Course) -> bool:
        setting = self.settings.get(course.campaign)
        return setting is not None and setting.campaign.mode is Mode.PREDICTIVE

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
        if course.talked and course.answered_at is not None:
            found = self.words.advice(course.attempt, course.answered_at, at)
            course.advice, course.unheard = course.advice or found, short and found == SILENT
        if course.talked and course.judged is None and short:
            self._beside.do(self._end_unless_judged(course))
        else:
            self._stands(course)

    def _nothing_more_to_say(self, agent: AgentName) -> None:
        """The agent is ready for the next call: what came of the last one stands."""
        for course in tuple(self.courses.of.values()):
            if course.agent == agent and course.ended_at is not None:
                self._stands(course)

    def _stands(self, course: Course) -> None:
        if course.ended_at is not None and course.result is None:
            answered = course.answered_at
            lasted = None if answered is None else max(0.0, course.ended_at - answered)
            result = course.comes_to()
            if result is Tried.ANSWERED and self._predictive_one(course) and not course.talked:
                result = Tried.DROPPED
            self.finish(course, result, lasted)

    async def _end_unless_judged(self, course: Course) -> None:
        """The agent may say yet what it was: whom nobody spoke with is tried again."""
        await asyncio.sleep(DIAL_JUDGE_WAIT)
        self._stands(course)

    def agree(self, seen: SwitchSeen) -> None:
        """A whole look: calls are found that nobody told of; what it does not show has ended."""
        for one in seen.calls:
            course = self.courses.of.get(one.attempt)
            if course is None or course.answered_at is not None:
                continue
            self.answered(one.call, one.since, attempt=one.attempt)
            stage, _, agent = parse_stage(one.stage)
            if stage in TALKING and one.joined:
                self.talks(one.call, AgentName(agent))
        if not seen.complete:
            return
        # not asked for yet, or its channel is known to be gone: a look says nothing of these
        ours = {
            one.attempt
            for one in self.courses.of.values()
            if one.ended_at is not None or not one.ordered
        }
        # a look may fall between a hang-up and the word of it: only a second one is believed
        missed = frozenset(self.dialling.attempts.live) - seen.attempts - ours
        first, self.missed = missed - self.missed, missed
        looked_at = self.wall() - max(0.0, self.keeper.clock() - seen.at)
        self.tell(AttemptsSeen(seen.attempts | ours | first, looked_at))

    def read(self, facts: tuple[Fact, ...]) -> None:
        """Calls of ours that ended, whoever found it; talks of those who were called alone."""
        for fact in facts:
            if fact.kind is Kind.AGENT_STATE and fact.agent and fact.details["state"] == IDLE:
                self._nothing_more_to_say(fact.agent)
            if fact.kind is Kind.CALL_ARRIVED and fact.details.get("campaign"):
                self._taken_in(fact)
            if fact.call is None or fact.call not in self.courses.by_call:
                continue
            if fact.kind is Kind.OFFER_MADE and fact.agent:
                self._found(fact.call, fact.agent)
            elif fact.kind is Kind.CALL_ENDED:
                self.ended(fact.call, AttemptId(""), fact.at)
            elif fact.kind is Kind.ANSWERED and fact.agent:
                self.talks(fact.call, fact.agent)

    def _taken_in(self, fact: Fact) -> None:
        """A call of ours that nobody has told us of: answered while there was no control."""
        name = self.dialling.attempts.by_number.get(str(fact.details.get("caller", "")))
        course = self.courses.of.get(name) if name is not None else None
        if course is not None and fact.call is not None and not course.call:
            self.answered(fact.call, fact.at, attempt=course.attempt)

    def calls_in(self, number: str) -> None:
        """A citizen whom we are ringing is on the line: we stop, and they are served."""
        name = self.dialling.attempts.by_number.get(number)
        if name is not None and self.dialling.attempts.live[name].waits:
            self.withdraw(name, "o cidadão ligou", Tried.BUSY)

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
        self._stands(course)
        return True
