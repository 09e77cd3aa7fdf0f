"""Contacts come from the store a page at a time: a campaign of a million is a few in memory.

A campaign's list is read from its beginning on, in the order of the contacts' times. Whoever may be
called soon is handed to the dialler; whoever may not for a while (closed hours, a pause) stays in
the store, and is met again when the list is read anew. What is being written is not read meanwhile:
it would be old.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from callflow.campaign_ports import CampaignStore
from callflow.lanes import Lanes
from callflow.ports import Clock
from dialer.contacts import Contact
from dialer.dialling import Dialling
from dialer.eligible import may_be_called
from dialer.turns import Turns
from terms.limits import DIAL_AT_HAND, DIAL_FAR, DIAL_HELD_MOST, DIAL_PAGE, DIAL_READ_AGAIN
from terms.names import CampaignName, ContactId, Instant

log = logging.getLogger(__name__)


@dataclass(eq=False, repr=False, slots=True)
class _Place:
    """How far a campaign's list is read."""

    after: tuple[Instant, ContactId] | None = None
    again: Instant = 0.0
    soonest: Instant = 0.0  # of those that were passed by
    found: bool = False  # this reading found somebody


@dataclass(eq=False, repr=False, slots=True)
class Pages:
    """See the file's top. `loaded` takes what was read."""

    dialling: Dialling
    store: CampaignStore
    wall: Clock
    lanes: Lanes
    loaded: Callable[[tuple[Contact, ...]], None]
    _places: dict[CampaignName, _Place] = field(default_factory=dict)
    _reading: set[CampaignName] = field(default_factory=set)
    _written: set[Hashable] = field(default_factory=set)

    def written(self, contact: Hashable) -> None:
        """This one has been written: what a page that is being read says of it is old."""
        if self._reading:
            self._written.add(contact)

    def begin_again(self, name: CampaignName) -> None:
        """Read from the beginning: the campaign has started, or has new rules or lists."""
        self._places.pop(name, None)

    def wanting(self) -> list[CampaignName]:
        """The campaigns whose next page is to be read now."""
        now = self.wall()
        return [
            name for name, turns in self.dialling.campaigns.items() if self._wants(name, turns, now)
        ]

    def _wants(self, name: CampaignName, turns: Turns, now: Instant) -> bool:
        if not turns.runs or name in self._reading or self.dialling.stopped:
            return False
        if turns.at_hand() >= DIAL_AT_HAND or len(turns.contacts) >= DIAL_HELD_MOST:
            return False
        return now >= self._places.setdefault(name, _Place()).again

    async def read(self, name: CampaignName) -> None:
        """Read one page, and hand over whoever may be called soon."""
        if name in self._reading:
            return
        self._reading.add(name)
        try:
            await self._read(name)
        except Exception:
            log.warning("the next contacts could not be read", exc_info=True)
            self._places.setdefault(name, _Place()).again = self.wall() + DIAL_READ_AGAIN
        finally:
            self._reading.discard(name)
            if not self._reading:
                self._written.clear()

    async def _read(self, name: CampaignName) -> None:
        place = self._places.setdefault(name, _Place())
        rows = await self.store.due(name, self.wall(), DIAL_PAGE, place.after)
        now = self.wall()
        turns = self.dialling.campaigns.get(name)
        if turns is None or self._places.get(name) is not place:
            return  # begun again meanwhile
        soon = tuple(one for _, one in rows if self._may_soon(turns, one, now, place))
        place.found = place.found or bool(soon)
        if len(rows) == DIAL_PAGE:
            at, last = rows[-1]
            place.after = (at, last.contact)
        else:
            wait = now + DIAL_READ_AGAIN
            if not place.found and place.soonest:
                wait = max(wait, min(place.soonest - DIAL_FAR, now + DIAL_FAR))
            self._places[name] = _Place(again=wait)
        if soon:
            self.loaded(soon)

    def _may_soon(self, turns: Turns, contact: Contact, now: Instant, place: _Place) -> bool:
        if contact.contact in turns.contacts or contact.contact in self.lanes:
            return False
        if contact.contact in self._written:
            return False
        verdict = may_be_called(turns.campaign, contact, now, self.dialling.world)
        when = verdict.not_before
        if verdict.yes or when is None or when <= now + DIAL_FAR:
            return True
        place.soonest = min(place.soonest or when, when)
        return False

    def put_away(self) -> None:
        """Whoever may not be called for a while leaves the memory; the store has them."""
        now = self.wall()
        for turns in self.dialling.campaigns.values():
            turns.forget(now + DIAL_FAR, self.lanes)
