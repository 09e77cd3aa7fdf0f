"""Contacts of campaigns in the tables: who is due, who waits, and what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Select, literal, select, tuple_, update

from protocol_store.campaign_tables import contact_lists, contacts
from terms.names import AttemptId, CampaignName, ContactId, Instant

SEPARATOR: Final = " "


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A contact as it is stored; states, results and endings are words of dialer/ and terms/."""

    contact: ContactId
    campaign: CampaignName
    number: str
    fields: dict[str, str] = field(default_factory=dict)
    state: str = "pending"
    due_at: Instant | None = None
    ordered: int = 0
    results: tuple[str, ...] = ()
    attempt: AttemptId | None = None
    ending: str | None = None
    because: str = ""
    line: int = 0


def due(
    connection: Connection,
    name: CampaignName,
    now: Instant,
    most: int,
    after: tuple[Instant, ContactId] | None = None,
) -> list[ContactRow]:
    """The next contacts of a campaign whose time has come, in the order of their time, from behind
    `after` on. Those of a list that is not whole yet are left out."""
    question = (
        select(contacts)
        .where(contacts.c.campaign == name, contacts.c.due_at <= now)
        .where(contacts.c.list.in_(_whole(name)))
        .order_by(contacts.c.due_at, contacts.c.contact)
        .limit(most)
    )
    if after is not None:
        place = tuple_(contacts.c.due_at, contacts.c.contact)
        bound = tuple_(literal(after[0], contacts.c.due_at.type), literal(after[1]))
        question = question.where(contacts.c.due_at >= after[0], place > bound)
    return [contact_of(row) for row in connection.execute(question)]


def _whole(name: CampaignName) -> Select[tuple[str]]:
    """A campaign's lists that are there to their last line."""
    return select(contact_lists.c.list).where(
        contact_lists.c.campaign == name, contact_lists.c.loaded_at.is_not(None)
    )


def next_due(connection: Connection, name: CampaignName) -> Instant | None:
    """When the next contact of a campaign is due; None when nobody waits."""
    found: Instant | None = connection.execute(
        select(contacts.c.due_at)
        .where(contacts.c.campaign == name, contacts.c.due_at.is_not(None))
        .order_by(contacts.c.due_at)
        .limit(1)
    ).scalar()
    return found


def contact(connection: Connection, name: ContactId) -> ContactRow | None:
    """One contact."""
    row = connection.execute(select(contacts).where(contacts.c.contact == name)).first()
    return None if row is None else contact_of(row)


def keep(connection: Connection, rows: Iterable[ContactRow], at: Instant) -> None:
    """Contacts that wait, or are done, without an attempt; one that is in an attempt stays."""
    for row in rows:
        connection.execute(
            update(contacts)
            .where(contacts.c.contact == row.contact, contacts.c.attempt.is_(None))
            .values(**standing(row), changed_at=at)
        )


def standing(row: ContactRow) -> dict[str, Any]:
    """The columns that say how a contact stands."""
    return {
        "state": row.state,
        "due_at": row.due_at,
        "results": SEPARATOR.join(row.results),
        "ending": row.ending,
        "because": row.because,
    }


def contact_of(row: Any) -> ContactRow:
    """From a row of the table."""
    return ContactRow(
        *(ContactId(row.contact), CampaignName(row.campaign), row.number, dict(row.fields)),
        *(row.state, row.due_at, row.ordered, tuple(row.results.split())),
        *(row.attempt, row.ending, row.because, row.line),
    )


def rows_of(
    connection: Connection, name: CampaignName, page: int
) -> Iterable[Sequence[ContactRow]]:
    """All contacts of a campaign whose lists are whole and that are not done, a page at a time."""
    last = ""
    while True:
        found = connection.execute(
            select(contacts)
            .where(contacts.c.campaign == name, contacts.c.contact > last)
            .where(contacts.c.ending.is_(None), contacts.c.list.in_(_whole(name)))
            .order_by(contacts.c.contact)
            .limit(page)
        ).all()
        if not found:
            return
        yield [contact_of(row) for row in found]
        last = found[-1].contact


def put_pseudonym(connection: Connection, contact: str, campaign: str, name: str) -> None:
    """A contact's number and fields are gone. A number is once in a campaign: one whose
    pseudonym is there already, from a list of before, bears its own name beside it."""
    taken = connection.execute(
        select(contacts.c.contact).where(contacts.c.number == name, contacts.c.campaign == campaign)
    ).first()
    unique = name if taken is None else f"{name}-{contact}"
    connection.execute(
        update(contacts).where(contacts.c.contact == contact).values(number=unique, fields={})
    )
