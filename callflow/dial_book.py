"""What the dialler has ordered and what came of it, written down; and the fields of all its parts.

An attempt is durable before it is dialled. What came of it is written until it is durable, however
long the store is away: nothing is lost, and nothing else waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from acd.dial_events import DialOver
from callflow.beside import Beside
from callflow.campaign_ports import CampaignStore, Done, Refused, Setting
from callflow.courses import Course, Courses
from callflow.dial_out import DialOut
from callflow.first_words import WordsHeard
from callflow.floor_keeper import FloorKeeper
from callflow.lanes import Lanes
from callflow.ports import Clock
from dialer.attempt import Attempt
from dialer.contacts import Contact
from dialer.dialling import Dialling
from dialer.effects import (
    CampaignIs,
)
from dialer.events import AttemptEnded, Event
from terms.facts import Fact, Kind
from terms.limits import (
    DIAL_AGENT_SETTLES,
    DIAL_STORE_AGAIN,
    DIAL_STORE_AGAIN_MAX,
    DIAL_STORE_REST,
)
from terms.names import (
    AgentName,
    AttemptId,
    CallId,
    CampaignName,
    ContactId,
    Instant,
    Seconds,
)
from terms.outcome import Tried

log = logging.getLogger(__name__)

DIALLER = "discador"
"""Who did what nobody ordered, in facts and rows."""


@dataclass(eq=False, repr=False, slots=True)
class DialBook:
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
    rests: dict[AgentName, Instant] = field(default_factory=dict)
    words: WordsHeard = field(init=False)
    linked: bool = False  # the switch hears us
    doubtful: bool = False  # of an order nobody knows whether it went out
    results: dict[CampaignName, Counter[Tried]] = field(default_factory=dict)
    lanes: Lanes = field(default_factory=lambda: Lanes("an order of the dialler failed"))
    _by: dict[CampaignName, str] = field(default_factory=dict)
    _why: dict[CampaignName, str] = field(default_factory=dict)
    _beside: Beside = field(default_factory=lambda: Beside("the dialler failed"))

    def tell(self, *events: Event) -> None:
        """Something happened."""
        raise NotImplementedError

    def rest_all(self, seconds: Seconds) -> None:
        """No campaign orders anything for so long: what is needed for it is away."""
        until = self.wall() + seconds
        for turns in self.dialling.campaigns.values():
            turns.blocked_until = max(turns.blocked_until, until)

    # --- what is written down ---
    async def _write_down(self, contact: Contact, attempt: Attempt) -> None:
        course = self.courses.of[attempt.attempt]
        try:
            await self.store.order(contact, attempt)
            course.kept = True
        except Refused as why:
            log.warning(
                "an attempt is refused", extra={"attempt": attempt.attempt, "why": str(why)}
            )
            self.finish(course, Tried.HELD, because="o banco de dados recusou a tentativa")
        except Exception:
            log.warning("an attempt could not be written down", exc_info=True)
            self.rest_all(DIAL_STORE_REST)
            self.finish(course, Tried.HELD, because="o banco de dados não respondeu")

    def _keep(self, contact: Contact) -> None:
        course = self.courses.over(contact, self.dialling.attempts.live)
        if course is None:
            now = self.wall()
            self.lanes.do(
                contact.contact, self._until_durable(lambda: self.store.keep(contact, now))
            )
            return
        self.let_go(course)
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

    def let_go(self, course: Course) -> None:
        """Nothing of it is held any more, whoever told of its end."""
        self.agents_found.pop(course.attempt, None)
        self.words.forget(course.attempt)
        self.out.over(course.attempt)
        if course.agent:
            since = course.up_at or self.keeper.clock()
            self.rests[course.agent] = since + DIAL_AGENT_SETTLES
        if course.agent and course.answered_at is None:
            self.keeper.tell(DialOver(CallId(course.attempt)))

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
