"""Whom campaigns called, and texts, leave the store when they are old enough.

    contacts done before `contacts_before`   a keyed pseudonym stands in the number's place, here
                                             and in ended attempts and wishes; no field is left
    texts over before `texts_before`         the same; the text is gone

What is counted stays: attempts, results, endings. A wish not to be called that still holds keeps
its number, since it protects them; a legal hold on a call keeps its contact. A list or an order of
which nothing is left, and to which no more comes, is marked, so that a walk costs little.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, exists, func, or_, select, update

from protocol_store.campaign_tables import (
    attempts,
    campaigns,
    contact_lists,
    contacts,
    do_not_call,
)
from protocol_store.recording_tables import recording_holds
from protocol_store.sms_tables import sms_messages, sms_orders, sms_received
from terms.limits import OUTGOING_AT_ONCE
from terms.names import ERASED, Instant
from terms.text_message import OVER

Pseudonym = Callable[[str], str]
DONE: Final = "done"


@dataclass(frozen=True, slots=True)
class OutAges:
    """What is older than these goes; None: nothing does."""

    contacts_before: Instant | None
    texts_before: Instant | None


@dataclass(frozen=True, slots=True)
class OutExpiry:
    """A step of a walk."""

    ages: OutAges
    pseudonym: Pseudonym
    at: Instant


@dataclass(frozen=True, slots=True)
class OutGone:
    """What went."""

    contacts: int = 0
    attempts: int = 0
    texts: int = 0

    def __bool__(self) -> bool:
        return bool(self.contacts or self.texts)

    def and_then(self, more: OutGone) -> OutGone:
        """Both."""
        return OutGone(
            self.contacts + more.contacts,
            self.attempts + more.attempts,
            self.texts + more.texts,
        )


# --- what is due ---
def _old_lists(before: Instant) -> Select[tuple[str]]:
    """A contact is never older than its list."""
    return select(contact_lists.c.list).where(
        contact_lists.c.at < before, contact_lists.c.forgotten_at.is_(None)
    )


def _has_number(number: ColumnElement[Any]) -> ColumnElement[bool]:
    return number.not_like(f"{ERASED}%")


def _due_contacts(before: Instant) -> list[ColumnElement[bool]]:
    over = select(campaigns.c.name).where(campaigns.c.state == DONE)
    held = (
        select(attempts.c.attempt)
        .join(recording_holds, recording_holds.c.call_id == attempts.c.call_id)
        .where(attempts.c.contact == contacts.c.contact, recording_holds.c.ended_at.is_(None))
    )
    return [
        contacts.c.list.in_(_old_lists(before)),
        contacts.c.attempt.is_(None),
        contacts.c.changed_at < before,
        or_(contacts.c.ending.is_not(None), contacts.c.campaign.in_(over)),
        _has_number(contacts.c.number),
        ~exists(held.correlate(contacts)),
    ]


def _due_texts(before: Instant) -> list[ColumnElement[bool]]:
    orders = select(sms_orders.c.order_id).where(
        sms_orders.c.ordered_at < before, sms_orders.c.forgotten_at.is_(None)
    )
    return [
        sms_messages.c.order_id.in_(orders),
        sms_messages.c.status.in_(sorted(one.value for one in OVER)),
        sms_messages.c.since < before,
        _has_number(sms_messages.c.number),
    ]


def _due_received(before: Instant) -> list[ColumnElement[bool]]:
    return [sms_received.c.at < before, _has_number(sms_received.c.number)]


def rehearse(connection: Connection, ages: OutAges) -> OutGone:
    """What a whole walk would come to; changes nothing."""
    would = OutGone()
    if (before := ages.contacts_before) is not None:
        due = _due_contacts(before)
        numbers = select(contacts.c.number).where(*due)
        would = OutGone(
            _counted(connection, select(func.count()).select_from(contacts).where(*due)),
            _counted(connection, select(func.count()).where(*_of_numbers(numbers, before))),
        )
    if (before := ages.texts_before) is not None:
        sent = select(func.count()).select_from(sms_messages).where(*_due_texts(before))
        came = select(func.count()).select_from(sms_received).where(*_due_received(before))
        would = would.and_then(
            OutGone(texts=_counted(connection, sent) + _counted(connection, came))
        )
    return would


def _counted(connection: Connection, question: Select[Any]) -> int:
    found: int = connection.execute(question).scalar_one()
    return found


# --- letting it go ---
def expire(connection: Connection, asked: Sequence[OutExpiry]) -> Sequence[OutGone]:
    """Let limits.OUTGOING_AT_ONCE of each go; nothing: the walk is over. Harmless to repeat."""
    return [_contacts(connection, one).and_then(_texts(connection, one)) for one in asked]


def _contacts(connection: Connection, one: OutExpiry) -> OutGone:
    if (before := one.ages.contacts_before) is None:
        return OutGone()
    columns = (contacts.c.contact, contacts.c.campaign, contacts.c.number)
    due = select(*columns).where(*_due_contacts(before)).limit(OUTGOING_AT_ONCE)
    page = connection.execute(due).all()
    tried = 0
    for number in sorted({row.number for row in page}):
        name = one.pseudonym(number)
        tried += connection.execute(
            update(attempts).where(*_of_numbers([number], before)).values(number=name)
        ).rowcount
        ended = do_not_call.c.number == number, do_not_call.c.ended_at < before
        connection.execute(update(do_not_call).where(*ended).values(number=name))
    for row in page:
        put_pseudonym(connection, row.contact, row.campaign, one.pseudonym(row.number))
    if not page:
        whole = ~exists().where(
            contacts.c.list == contact_lists.c.list, _has_number(contacts.c.number)
        )
        over = select(campaigns.c.name).where(campaigns.c.state == DONE)  # no more come to it
        old = contact_lists.c.list.in_(_old_lists(before)), contact_lists.c.campaign.in_(over)
        connection.execute(update(contact_lists).where(*old, whole).values(forgotten_at=one.at))
    return OutGone(len(page), tried)


def _of_numbers(numbers: Any, before: Instant) -> list[ColumnElement[bool]]:
    return [
        attempts.c.number.in_(numbers),
        attempts.c.ordered_at < before,
        attempts.c.ended_at.is_not(None),
    ]


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


def _texts(connection: Connection, one: OutExpiry) -> OutGone:
    if (before := one.ages.texts_before) is None:
        return OutGone()
    gone = 0
    for table, key, due, blank in (
        (sms_messages, sms_messages.c.message_id, _due_texts(before), {"text": "", "ref": ""}),
        (sms_received, sms_received.c.key, _due_received(before), {"text": ""}),
    ):
        page = connection.execute(
            select(key, table.c.number).where(*due).limit(OUTGOING_AT_ONCE)
        ).all()
        for name, number in page:
            values = {"number": one.pseudonym(number), **blank}
            connection.execute(update(table).where(key == name).values(values))
        gone += len(page)
    if not gone:
        whole = ~exists().where(
            sms_messages.c.order_id == sms_orders.c.order_id, _has_number(sms_messages.c.number)
        )
        old = sms_orders.c.ordered_at < before, sms_orders.c.forgotten_at.is_(None)
        over = sms_orders.c.deadline < before
        connection.execute(update(sms_orders).where(*old, over, whole).values(forgotten_at=one.at))
    return OutGone(texts=gone)
