"""Attempts in course, as far as calls are concerned: who is on it, what was heard, what it ends as.

Where an attempt stands is the dialler's (dialer/attempt.py); this is what must be known beside:
which offer and which call are its own, and what to write down at its end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Final

from dialer.attempt import Attempt
from dialer.campaign import KeyMeans
from dialer.contacts import Contact
from terms.names import (
    AgentName,
    AttemptId,
    CallId,
    CampaignName,
    ContactId,
    Instant,
    OfferId,
    TrunkName,
)
from terms.outcome import Tried

ADVICE: Final = {"machine": Tried.MACHINE, "fax": Tried.FAX, "silent": Tried.SILENT}
"""What the switch takes the other side for, as results."""

DECIDES: Final = frozenset({KeyMeans.CONFIRM, KeyMeans.REFUSE, KeyMeans.DO_NOT_CALL})


@dataclass(eq=False, slots=True)
class Course:
    """One attempt. `tries`: its contact's before it. `kept`: it is durable; `ordered`: the switch
    was asked for it; `rings`: the citizen's phone may have rung. `withdrawn`: we hang it up, and
    what that makes of it if the phone has rung. `result`: its end has been told, as this."""

    attempt: AttemptId
    contact: ContactId
    campaign: CampaignName
    number: str = field(repr=False)
    tries: int
    at: Instant
    trunk: TrunkName = TrunkName("")
    agent: AgentName = AgentName("")
    shown: bool = False
    kept: bool = False
    ordered: bool = False
    rings: bool = False
    offer: OfferId = OfferId("")
    call: CallId = CallId("")
    up_at: Instant = 0.0  # the agent's phone, by the floor's clock
    answered_at: Instant | None = None
    ended_at: Instant | None = None
    withdrawn: Tried | None = None
    because: str = ""
    result: Tried | None = None
    judged: Tried | None = None
    said: str = ""
    advice: str = ""
    talked: bool = False  # with an agent …
    unheard: bool = False  # … who never heard them
    dropped: asyncio.Event = field(default_factory=asyncio.Event)

    def pressed(self, means: KeyMeans) -> None:
        """What the citizen decided; a person who was asked for does not undo it."""
        if means in DECIDES or (means is KeyMeans.PERSON and not self.said):
            self.said = str(means)

    def comes_to(self) -> Tried:
        """What an answered call has come to: an agent's word stands above all, then what the
        citizen did; a machine's advice is believed only where nobody did anything, or said."""
        if self.judged is not None:
            return self.judged
        heard = bool(self.said) or (self.talked and not self.unheard)
        return Tried.ANSWERED if heard else ADVICE.get(self.advice, Tried.ANSWERED)

    def withdrawn_as(self) -> Tried:
        """What being hung up by us makes of it: nobody is called who was not."""
        as_what = self.withdrawn or Tried.LOST
        return as_what if self.rings else Tried.HELD


@dataclass(repr=False, slots=True)
class Courses:
    """By attempt, by the floor's offer, by call."""

    of: dict[AttemptId, Course] = field(default_factory=dict)
    by_offer: dict[OfferId, Course] = field(default_factory=dict)
    by_call: dict[CallId, Course] = field(default_factory=dict)

    def begin(self, attempt: Attempt, tries: int) -> Course:
        """An attempt that is to be made, or that was found in the store."""
        found = Course(
            attempt.attempt,
            attempt.contact,
            attempt.campaign,
            attempt.number,
            tries,
            attempt.at,
            attempt.trunk,
            attempt.agent,
        )
        self.of[attempt.attempt] = found
        return found

    def offered(self, course: Course, offer: OfferId) -> None:
        """The floor has reserved an agent for it, by this offer."""
        course.offer = offer
        self.by_offer[offer] = course

    def called(self, course: Course, call: CallId) -> None:
        """The citizen's channel is this call."""
        course.call = call
        self.by_call[call] = course

    def over(self, contact: Contact, live: Container[AttemptId]) -> Course | None:
        """The attempt that this contact has just come out of; None when it was in none."""
        course = self.of.get(last_attempt(contact))
        if course is None or course.attempt in live:
            return None
        self.forget(course)
        return course

    def forget(self, course: Course) -> None:
        """It is written down."""
        self.of.pop(course.attempt, None)
        self.by_offer.pop(course.offer, None)
        self.by_call.pop(course.call, None)


def last_attempt(contact: Contact) -> AttemptId:
    """The name of the attempt that was ordered last; see `Contact.next_attempt`."""
    return AttemptId(f"{contact.contact}-{contact.ordered}")
