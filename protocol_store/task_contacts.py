"""Callers who are owed a call (R60) as contacts of a campaign: who is owed one, and how each
contact of those numbers stands.

A number is in a campaign once. When its owner gives up again, after the campaign was done with it,
the same contact begins anew: its attempts go on being counted, and its name stays.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from protocol_store.campaign_rows import PENDING
from protocol_store.campaign_tables import contacts
from protocol_store.citizens import national
from protocol_store.contact_rows import ContactRow, contact_of
from protocol_store.tables import calls, tasks
from terms.names import CallId, CampaignName, ContactId, Instant, Protocol, QueueName

TASK, GAVE_UP = "call_back", ("abandoned", "expired")
NUMBERS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class OwedTask:
    """An open task: whom to call, about which call. `number`: national, as it came in."""

    task: int
    call: CallId
    number: str
    queue: QueueName
    protocol: Protocol
    opened_at: Instant
    due_at: Instant | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A contact, and since when it stands as it does."""

    row: ContactRow
    since: Instant


@dataclass(frozen=True, slots=True)
class Renewal:
    """A contact that is done begins anew."""

    contact: ContactId
    fields: Mapping[str, str]
    at: Instant


def owed(connection: Connection, line: str, most: int) -> list[OwedTask]:
    """Open tasks of those who gave up on this line, or whose promised call never came; the soonest
    due first. Calls of ours and tests are none."""
    found = connection.execute(
        select(
            *(tasks.c.id, tasks.c.call_id, tasks.c.opened_at, tasks.c.due_at),
            *(calls.c.caller, calls.c.queue, calls.c.protocol),
        )
        .join(calls, calls.c.call_id == tasks.c.call_id)
        .where(tasks.c.kind == TASK, tasks.c.done_at.is_(None), tasks.c.because.in_(GAVE_UP))
        .where(calls.c.line == line, calls.c.test.is_(False), calls.c.direction == "in")
        .order_by(tasks.c.due_at, tasks.c.id)
        .limit(most)
    )
    return [
        OwedTask(
            *(row.id, CallId(row.call_id), national(row.caller), QueueName(row.queue or "")),
            *(Protocol(row.protocol or ""), row.opened_at, row.due_at),
        )
        for row in found
    ]


def of_numbers(
    connection: Connection, campaigns: Collection[CampaignName], numbers: Sequence[str]
) -> list[Standing]:
    """The contacts of these numbers in these campaigns, whatever list they came by."""
    found = []
    for first in range(0, len(numbers), NUMBERS_AT_ONCE):
        some = numbers[first : first + NUMBERS_AT_ONCE]
        question = select(contacts).where(
            contacts.c.number.in_(some), contacts.c.campaign.in_(list(campaigns))
        )
        found += [Standing(contact_of(one), one.changed_at)
                  for one in connection.execute(question)]  # fmt: skip
    return found


def waiting(connection: Connection, list_name: str) -> list[ContactRow]:
    """The contacts of a list that are not done."""
    question = select(contacts).where(contacts.c.list == list_name, contacts.c.ending.is_(None))
    return [contact_of(one) for one in connection.execute(question)]


def renew(connection: Connection, asked: Sequence[Renewal]) -> Sequence[Renewal]:
    """Contacts that are done wait again; one that is not done stays as it is."""
    for one in asked:
        connection.execute(
            update(contacts)
            .where(contacts.c.contact == one.contact, contacts.c.ending.is_not(None))
            .values(
                **{"state": PENDING, "due_at": one.at, "results": "", "ending": None},
                **{"because": "", "fields": dict(one.fields), "changed_at": one.at},
            )
        )
    return asked


class OwedBook:
    """The part of `store.campaigns` that is about them. Raises StoreOverdue and StoreFailing."""

    _ask: Callable[..., Awaitable[Any]]
    _read: Callable[..., Awaitable[Any]]

    async def owed(self, line: str, most: int) -> list[OwedTask]:
        """Open tasks of those who gave up on a line (R60), the soonest due first."""
        found: list[OwedTask] = await self._read(owed, line, most)
        return found

    async def of_numbers(
        self, names: Collection[CampaignName], numbers: Sequence[str]
    ) -> list[Standing]:
        """The contacts of these numbers in these campaigns."""
        found: list[Standing] = await self._read(of_numbers, names, numbers)
        return found

    async def waiting(self, list_name: str) -> list[ContactRow]:
        """The contacts of a list that are not done."""
        found: list[ContactRow] = await self._read(waiting, list_name)
        return found

    async def renew(self, wish: Renewal) -> None:
        """A contact that is done waits again."""
        await self._ask(renew, wish)
