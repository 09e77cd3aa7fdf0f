"""Attempts that nobody would end: of contacts that are gone, or of a process that is.

What is over here and has no contact any more is written down as what it was. What is open in the
store and unknown here was written by a process that was being replaced, or by a database that had
given no answer: once nothing of it can be alive, it has ended. Until then it would hold its contact
and its number for ever.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

from callflow.courses import Course
from callflow.dial_people import DialPeople
from dialer.attempt import Attempt
from dialer.contacts import Contact, ContactState, end
from terms.limits import CONTACT_AGAIN_MAX, DIAL_STRAY
from terms.names import AttemptId
from terms.outcome import Tried
from terms.signals import SwitchSeen

log = logging.getLogger(__name__)


@dataclass(eq=False, repr=False, slots=True)
class DialStrays(DialPeople):
    """See the file's top. `look`: take a whole look at the switch and tell everybody of it.
    `_shown`: attempts of which it showed something last."""

    look: Callable[[], Awaitable[SwitchSeen]] | None = None
    _shown: frozenset[AttemptId] = frozenset()

    def agree(self, seen: SwitchSeen) -> None:
        """A whole look at the switch."""
        if seen.complete:
            self._shown = seen.attempts
        DialPeople.agree(self, seen)

    async def look_now(self) -> None:
        """Take a look, beside those that others take."""
        if self.look is not None:
            self.agree(await self.look())

    def end_strays(self) -> None:
        """Attempts that are over, of contacts that nobody has: erased meanwhile, or of a campaign
        whose file is not read any more. Their numbers must be free again."""
        for course in tuple(self.courses.of.values()):
            if course.kept and course.attempt not in self.dialling.attempts.live:
                self.courses.forget(course)
                self.let_go(course)
                self.lanes.do(course.contact, self._until_durable(partial(self._stray, course)))

    async def find_strays(self) -> None:
        """Attempts that are open in the store and unknown here."""
        found = [one for one in await self.store.open_attempts() if self._is_stray(one)]
        if found:
            await self.look_now()
        for attempt in found:
            if self._is_stray(attempt):
                log.warning("an attempt of nobody's has ended", extra={"attempt": attempt.attempt})
                course = self.courses.begin(attempt, 0)
                self.courses.forget(course)
                course.result, course.rings = Tried.LOST, True
                self.lanes.do(course.contact, self._until_durable(partial(self._stray, course)))

    def _is_stray(self, attempt: Attempt) -> bool:
        name, world = attempt.attempt, self.dialling.world
        known = name in self.courses.of or name in self.dialling.attempts.live
        if known or name in self._shown or attempt.contact in self.lanes or not self.linked:
            return False
        return attempt.at < self.wall() - DIAL_STRAY and attempt.number not in world.in_call

    async def _stray(self, course: Course) -> None:
        now, setting = self.wall(), self.settings.get(course.campaign)
        contact = await self.store.contact(course.contact)
        if contact is None:
            contact = Contact(course.contact, course.campaign, course.number)
        course.tries = contact.tries
        if setting is not None and contact.attempt == course.attempt:
            result = course.result or Tried.LOST
            contact = end(contact, course.attempt, result, now, setting.campaign)
        elif contact.state is not ContactState.DONE:
            again = now + CONTACT_AGAIN_MAX
            contact = replace(contact, state=ContactState.AGAIN, not_before=again)
        await self.store.end(self._done(contact, course))
