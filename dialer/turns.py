"""One campaign at work: its contacts in the order of their turns, and what its calls taught."""

from __future__ import annotations

import math
from collections.abc import Container
from dataclasses import dataclass, field, replace
from heapq import heapify, heappop, heappush

from dialer.areas import area_of
from dialer.campaign import Campaign, CampaignState
from dialer.contacts import Contact, ContactState, Ending, finish
from dialer.eligible import Rule, World, may_be_called
from dialer.pacing import Hour
from dialer.ringing import Rings
from terms.limits import DIAL_AT_HAND
from terms.names import ContactId, Instant

WAITS = frozenset({ContactState.PENDING, ContactState.AGAIN})


@dataclass(slots=True)
class Looks:
    """How many contacts this step may still look at."""

    left: int


@dataclass(slots=True)
class Turns:
    """A contact stands at the instant of its turn, then in the order of loading."""

    campaign: Campaign
    state: CampaignState
    contacts: dict[ContactId, Contact] = field(default_factory=dict)
    hour: Hour = field(default_factory=Hour)
    rings: Rings = field(default_factory=Rings)
    blocked_until: Instant = 0.0  # a cap said so
    served: int = 0  # campaigns of one priority take turns
    cancelled: dict[ContactId, str] = field(default_factory=dict)  # their call goes on, the last
    _heap: list[tuple[Instant, int, ContactId]] = field(default_factory=list)
    _entry: dict[ContactId, int] = field(default_factory=dict)
    _shut: dict[str, Instant] = field(default_factory=dict)  # area → when it opens
    _count: int = 0
    _taken: tuple[Instant, int] = (0.0, 0)

    @property
    def answers(self) -> float:
        """Share of calls that people answer, lately."""
        return self.rings.share

    def answers_left(self) -> float:
        """How many answers the contacts may still bring; contacts that are not at hand are many,
        as far as anybody knows."""
        few = self.at_hand() < DIAL_AT_HAND
        return self.rings.share * self.at_hand() if few else math.inf

    @property
    def runs(self) -> bool:
        """Whether it may place calls."""
        return self.state is CampaignState.RUNNING

    def stand(self, contact: Contact, at: Instant | None = None) -> None:
        """It waits for its turn, at `at` or at its own next time."""
        self.contacts[contact.contact] = contact
        self._count += 1
        self._entry[contact.contact] = self._count
        when = contact.not_before if at is None else at
        heappush(self._heap, (when, self._count, contact.contact))

    def give_back(self, contact: Contact) -> None:
        """The contact that was taken last goes back to its place; another one stands anew."""
        when, count = self._taken
        self.contacts[contact.contact] = contact
        self._entry[contact.contact] = count
        heappush(self._heap, (when, count, contact.contact))

    def keep(self, contact: Contact) -> None:
        """It does not wait: it is being looked at, called, or done (then it is forgotten here)."""
        self._entry.pop(contact.contact, None)
        if contact.state is ContactState.DONE:
            self.contacts.pop(contact.contact, None)
        else:
            self.contacts[contact.contact] = contact

    def at_hand(self) -> int:
        """How many contacts wait for their turn, at most."""
        return len(self._entry)

    def forget(self, later_than: Instant, kept: Container[ContactId]) -> None:
        """Leave out whoever waits until after this, but for these: they are loaded again when it is
        their time."""
        for when, count, name in self._heap:
            if when > later_than and self._entry.get(name) == count and name not in kept:
                del self._entry[name]
                self.contacts.pop(name, None)
        self._heap = [one for one in self._heap if self._entry.get(one[2]) == one[1]]
        heapify(self._heap)

    def set(self, campaign: Campaign) -> None:
        """Other rules hold from now on; every contact that waits is looked at anew."""
        self.campaign = campaign
        self._shut.clear()
        self._heap.clear()
        self.blocked_until = 0.0
        for contact in list(self.contacts.values()):
            if contact.state in WAITS:
                self.stand(contact)

    def next(
        self, now: Instant, world: World, looks: Looks
    ) -> tuple[Contact | None, list[Contact]]:
        """The contact whose turn it is, taken out of the row; and those that a rule left out for
        good on the way."""
        out: list[Contact] = []
        while self._heap and self._heap[0][0] <= now and looks.left > 0:
            when, count, name = heappop(self._heap)
            if self._entry.get(name) != count:
                continue  # it has moved since
            looks.left -= 1
            contact = self.contacts[name]
            shut = self._shut.get(area_of(contact.number), 0.0)
            if shut > now:
                self.stand(contact, shut)
                continue
            verdict = may_be_called(self.campaign, contact, now, world)
            if verdict.yes:
                del self._entry[name]
                self._taken = (when, count)
                return replace(contact, because=verdict.because), out
            if verdict.not_before is None:
                ending = Ending.EXPIRED if verdict.rule is Rule.CAMPAIGN else Ending.LEFT_OUT
                out.append(finish(contact, ending, verdict.because))
                self.keep(out[-1])
                continue
            if verdict.rule is Rule.HOURS:
                self._shut[area_of(contact.number)] = verdict.not_before
            self.stand(contact, max(verdict.not_before, now + 1.0))
        return None, out
