"""The store's campaigns in the dialler's words: what `callflow.campaign_ports` asks of it.

A contact's row is its state, and a Contact is what the dialler makes of it: `contact_of`, `row_of`.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from callflow.campaign_ports import Done, Refused, Setting
from central156.campaign_lists import campaign_of
from dialer.attempt import Attempt
from dialer.campaign import CAMPAIGN_SUCCESSORS, CampaignState
from dialer.contacts import NO_ATTEMPT, Contact, ContactState
from protocol_store import Store
from protocol_store.attempt_rows import Ended, OpenAttempt, Ordered
from protocol_store.campaign_rows import Change
from protocol_store.contact_rows import ContactRow
from protocol_store.do_not_call import Wish
from protocol_store.errors import AttemptRefused, CampaignMoved, NameUnknown
from reader import DialplanMistakes
from terms.names import AgentName, AttemptId, CampaignName, ContactId, Instant
from terms.outcome import Tried

WAITS: Final = (ContactState.PENDING, ContactState.DUE, ContactState.AGAIN)


class StoredCampaigns:
    """See the file's top. Raises Refused for what the tables do not allow, and the store's own
    StoreOverdue and StoreFailing, after which nobody knows whether it was done."""

    def __init__(self, store: Store, area: str) -> None:
        """`area`: of callers whose number came without it, for their marks."""
        self._campaigns, self._area = store.campaigns, area

    async def campaign(self, name: CampaignName) -> Setting | None:
        """A stored campaign; ValueError when its file is not read by this release."""
        row = await self._campaigns.campaign(name)
        if row is None:
            return None
        try:
            read = campaign_of(row)
        except DialplanMistakes as wrong:
            raise ValueError(str(wrong.mistakes[0])) from None
        # who answers for calls that save lives stands in the row: named when it was started
        campaign = replace(read.campaign, life_safety=row.life_safety)
        return Setting(campaign, CampaignState(row.state), read.spoken)

    async def due(
        self,
        name: CampaignName,
        now: Instant,
        most: int,
        after: tuple[Instant, ContactId] | None,
    ) -> list[tuple[Instant, Contact]]:
        """The next contacts whose time has come."""
        rows = await self._campaigns.due(name, now, most, after)
        return [(row.due_at or 0.0, contact_of(row)) for row in rows]

    async def contact(self, name: ContactId) -> Contact | None:
        """One contact."""
        row = await self._campaigns.contact(name)
        return None if row is None else contact_of(row)

    async def open_attempts(self) -> list[Attempt]:
        """All attempts whose end is not stored."""
        return [attempt_of(one) for one in await self._campaigns.open_attempts()]

    async def keep(self, contact: Contact, at: Instant) -> None:
        """A contact without an attempt."""
        await self._campaigns.keep([row_of(contact, at)], at)

    async def order(self, contact: Contact, attempt: Attempt) -> None:
        """Write an attempt down. Refused."""
        wish = Ordered(
            attempt=attempt.attempt,
            contact=contact.contact,
            count=contact.ordered,
            number=attempt.number,
            trunk=attempt.trunk,
            at=attempt.at,
            agent=attempt.agent or None,
        )
        try:
            await self._campaigns.order(wish)
        except AttemptRefused as why:
            raise Refused(str(why)) from None

    async def end(self, done: Done) -> None:
        """Write an attempt's end down; the contact's own state, if it was never written."""
        row = row_of(done.contact, done.at)
        await self._campaigns.end(
            Ended(
                attempt=done.attempt,
                at=done.at,
                result=str(done.result),
                reached=done.result.reached_for,
                contact=row,
                because=done.because,
                answered_at=done.answered_at,
                call=done.call or None,
                agent=done.agent or None,
                said=done.said,
                advice=done.advice,
            )
        )
        await self._campaigns.keep([row], done.at)

    async def moved(
        self, name: CampaignName, state: CampaignState, at: Instant, by: str, because: str
    ) -> None:
        """A campaign stands elsewhere. Refused when its state does not allow it."""
        before = {str(one) for one, then in CAMPAIGN_SUCCESSORS.items() if state in then}
        try:
            await self._campaigns.change(
                Change(name, frozenset(before), str(state), at, by, because)
            )
        except (CampaignMoved, NameUnknown) as why:
            raise Refused(str(why)) from None

    async def set_stopped(self, because: str, at: Instant, by: str) -> None:
        """All has stopped, because …; '' lets it go on."""
        await self._campaigns.set_stopped(because, at, by)

    async def do_not_call(self) -> tuple[frozenset[str], Mapping[str, str]]:
        """Who is not to be called: by their own wish; and marked numbers with their mark."""
        return await self._campaigns.barred(), await self._campaigns.marked(self._area)

    async def bar(self, number: str, at: Instant, by: str, because: str) -> None:
        """This number is not called any more."""
        await self._campaigns.bar(Wish(uuid.uuid4().hex, number, at, by, because))


def contact_of(row: ContactRow) -> Contact:
    """A stored contact as the dialler knows it."""
    return Contact(
        contact=row.contact,
        campaign=row.campaign,
        number=row.number,
        fields=row.fields,
        state=ContactState(row.state),
        ordered=row.ordered,
        results=tuple(map(Tried, row.results)),
        attempt=row.attempt or NO_ATTEMPT,
        not_before=row.due_at or 0.0,
        because=row.because,
    )


def row_of(contact: Contact, at: Instant) -> ContactRow:
    """A contact as it is stored; one that waits is due at its own time, or from now on."""
    waits = contact.state in WAITS
    return ContactRow(
        contact=contact.contact,
        campaign=contact.campaign,
        number=contact.number,
        state=str(contact.state),
        due_at=max(contact.not_before, 0.0) or at if waits else None,
        ordered=contact.ordered,
        results=tuple(map(str, contact.results)),
        attempt=contact.attempt or None,
        ending=str(contact.ending) if contact.ending is not None else None,
        because=contact.because,
    )


def attempt_of(one: OpenAttempt) -> Attempt:
    """An attempt without an end, as the dialler knows it."""
    return Attempt(
        attempt=one.attempt,
        contact=one.contact,
        campaign=one.campaign,
        number=one.number,
        trunk=one.trunk,
        at=one.at,
        ring_seconds=0.0,
        agent=AgentName(one.agent or ""),
    )


def contact_name(attempt: AttemptId) -> ContactId:
    """Whose attempt it is: see `Contact.next_attempt`."""
    return ContactId(attempt.rpartition("-")[0])
