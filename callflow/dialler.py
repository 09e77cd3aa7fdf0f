"""The one owner of the dialler: campaigns' calls, from the decision to the end.

    tell(events) ─► Dialling.step ─► effects ─► dial_orders.py ─► dial_out.py ─► the switch
          ▲          (dialer/)                      │  dial_book.py: written down first
          └── dial_calls.py (what comes of it) ◄────┴── the floor, the switch, the steps

    dial_pages.py     where contacts come from       dial_protocol.py   an answered call's number
    dial_people.py    start, pause, stop, go on      courses.py         an attempt in course
    dial_strays.py    attempts of nobody's
    notice.py         speaks where no agent does     agent_words.py     what an agent says of it

There is one timer, at what the dialler wants to look at next; with it the floor is looked at, pages
of contacts are read, and the switch is looked at now and then. Callers who wait are told at once,
whatever the timer says: inbound always wins.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from acd.absent import must_hold
from acd.lending import lendable, waiting
from callflow.busy_agents import BusyAgents
from callflow.courses import Course
from callflow.dial_pages import Pages
from callflow.dial_people import CampaignRefused as CampaignRefused
from callflow.dial_strays import DialStrays
from callflow.first_words import WordsHeard
from callflow.holding import Holding
from dialer.attempt import AttemptState
from dialer.campaign import Mode
from dialer.contacts import Contact, ContactState
from dialer.dialling import Past
from dialer.events import (
    AgentsSeen,
    AttemptTold,
    CallersWait,
    ContactsLoaded,
    Event,
)
from terms.facts import Fact
from terms.limits import (
    DIAL_LEAVES,
    DIAL_LISTS_EVERY,
    DIAL_LOOK_EVERY,
    DIAL_LOOK_SOON,
    DIAL_REACHES,
    DIALER_TICK,
)
from terms.names import AgentName, AttemptId, CallId, CampaignName, Instant, QueueName
from terms.signals import SwitchSeen

log = logging.getLogger(__name__)


OUR_MISTAKE: Final = "um erro do próprio discador (está no log)"


@dataclass(eq=False, repr=False, slots=True)
class Dialler(DialStrays):
    """See the file's top."""

    holding: Holding | None = None
    busy: BusyAgents = field(init=False)
    _inbox: deque[tuple[Event, ...]] = field(default_factory=deque)
    _busy: bool = False
    _timer: asyncio.TimerHandle | None = None
    _soon: bool = False
    _looked_at: Instant = 0.0
    _closed: bool = False

    def __post_init__(self) -> None:
        self.pages = Pages(self.dialling, self.store, self.wall, self.lanes, self._load)
        self.lanes.done = self.pages.written
        self.busy = BusyAgents(self.keeper.floor)
        self.words = WordsHeard(self.keeper.switch, self.keeper.clock)
        self.keeper.watch(self._facts)
        self.keeper.moved = self._floor_moved

    # --- at a start ---
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

    def found_hours(self, hours: Mapping[CampaignName, tuple[int, int]]) -> None:
        """What this hour has brought campaigns so far: answers, and those that found nobody."""
        for name, (answers, dropped) in hours.items():
            if (turns := self.dialling.campaigns.get(name)) is not None:
                hour = turns.hour.at(self.wall())
                turns.hour = replace(hour, answers=answers, dropped=dropped)

    def found_call(
        self, attempt: AttemptId, call: CallId, at: Instant, agent: AgentName, ended: Instant | None
    ) -> None:
        """The call that an attempt without an end became; `ended`: it is over already."""
        course = self.courses.of.get(attempt)
        if course is None:
            return
        course.answered_at, course.talked = at, bool(agent)
        course.agent = agent or course.agent
        self.words.found(call)
        self.courses.called(course, call)
        state = AttemptState.JOINED if agent else AttemptState.ANSWERED
        self.tell(AttemptTold(attempt, state, agent))
        if ended is not None:
            self.ended(call, attempt, ended)

    def give_up(self, because: str) -> None:
        """What was before is not known: somebody could be rung twice. Nothing is dialled until
        another process has read it; calls that are there go on."""
        self.broken, self._closed = because, True
        log.error("no campaign dials", extra={"why": because})

    # --- how it works ---
    def tell(self, *events: Event) -> None:
        """Something happened. Handled at once, or right after what is being handled now."""
        if self._closed:
            return  # nothing is handled any more, and nothing piles up
        self._inbox.append(events)
        if self._busy:
            return
        self._busy = True
        try:
            while self._inbox:
                self.keeper.lease()
                self._step(*self._inbox.popleft())
        finally:
            self._busy = False
            self._set_timer()

    def _step(self, *events: Event) -> None:
        """A mistake of ours stops the dialling, and nothing else: whoever told us of something goes
        on with what they do."""
        try:
            for effect in self.dialling.step(self.wall(), *events):
                self.carry(effect)
        except Exception:
            log.exception("the dialler has failed, and stops")
            self.dialling.caps.runaway.because = OUR_MISTAKE

    def link_lost(self) -> None:
        """Orders would go nowhere: none is made until the switch has been looked at again."""
        self.linked = False
        self.words.link_lost()

    def agree(self, seen: SwitchSeen) -> None:
        """A whole look at the switch."""
        self._looked_at, self.linked = self.wall(), True
        DialStrays.agree(self, seen)
        self.words.looked()
        unseen = self.dialling.attempts.live.keys() & self.courses.of.keys() - seen.attempts
        # what has just been heard of is not ended by a look that misses it, as after a start, of
        # ours or of the switch: it is looked for soon again, for agent and number wait for that
        self.doubtful = any(self._missed(self.courses.of[one]) for one in unseen)
        self.look_round()

    def _missed(self, course: Course) -> bool:
        """Whether a look should have shown it, old or young."""
        there = course.ordered and course.ended_at is None
        return there and (course.up_at > 0.0 or self.wall() - course.at >= DIAL_REACHES)

    def look_round(self) -> None:
        """Tell the dialler who waits and who may be lent, if that has changed."""
        self._soon = False
        if self._closed:
            return
        dialling, floor = self.dialling, self.keeper.floor
        emergencies, others = waiting(floor)
        if must_hold(floor) and not emergencies:
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

    def _predictive(self) -> set[QueueName]:
        turns = self.dialling.campaigns.values()
        return {
            one.campaign.queue for one in turns if one.runs and one.campaign.mode is Mode.PREDICTIVE
        }

    def _lent(self, queues: set[QueueName]) -> dict[AgentName, frozenset[QueueName]]:
        at_work = {course.agent for course in self.courses.of.values()}
        at_work |= {agent for agent, _ in self.looks.values()}
        now = self.keeper.clock()
        # the gate holds an agent's place a moment longer than the call lasted
        self.rests = {one: until for one, until in self.rests.items() if until > now}
        at_work |= self.rests.keys()
        lent = lendable(self.keeper.floor, queues, now)
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
        self.busy.read(facts)

    def _floor_moved(self) -> None:
        """Not only by what facts tell of: a caller who takes a place is no fact by itself."""
        if not self._soon and not self._closed and self.dialling.campaigns:
            self._soon = True
            asyncio.get_running_loop().call_soon(self.look_round)

    def _wake(self) -> None:
        self._timer = None
        try:
            self._round()
        finally:
            if self._timer is None:
                self._set_timer()

    def _round(self) -> None:
        now = self.wall()
        if not self.linked:
            self.rest_all(2 * DIALER_TICK)
        self.dialling.world.holidays = self.holidays()
        self.look_round()
        self.tell(*self.busy.soon(self._predictive(), self.keeper.clock()))
        every = DIAL_LOOK_SOON if self.doubtful else DIAL_LOOK_EVERY
        if self.dialling.attempts.live and now - self._looked_at >= every:
            self._looked_at = now
            self._beside.do(self.look_now())
        if now - self._lists_at >= DIAL_LISTS_EVERY:
            self._lists_at = now
            self.end_strays()
            self.pages.put_away()
            self._beside.do(self.read_lists())
            self._beside.do(self.find_strays())
        for name in self.pages.wanting():
            self._beside.do(self.pages.read(name))

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
