"""Whom campaigns called, and texts, leave the store when they are old enough.

    contacts done before `contacts_before`   a keyed pseudonym stands in the number's place, here
                                             and in ended attempts and wishes; no field is left
    texts over before `texts_before`         the same; the text is gone

What is counted stays: attempts, results, endings. A wish not to be called that still holds keeps
its number, since it protects them; a legal hold on a call keeps its contact. A list or an order of
which nothing is left, and to which no more comes, is marked, so that a walk costs little.
A walk goes in steps, from place to place: none takes long, and none holds up whoever writes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, exists, func, or_, select, update

from protocol_store.campaign_rows import LINE_DIGITS, contact_id
from protocol_store.campaign_tables import (
    attempts,
    campaigns,
    contact_lists,
    contacts,
    do_not_call,
)
from protocol_store.contact_rows import put_pseudonym
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
class OutPlace:
    """Where a walk stands: in which list, order, or among what citizens wrote; behind which row."""

    among: str
    group: str = ""
    after: str = ""


BEGIN: Final = OutPlace("contacts")
TEXTS, RECEIVED = OutPlace("texts"), OutPlace("received")


@dataclass(frozen=True, slots=True)
class OutExpiry:
    """A step of a walk."""

    ages: OutAges
    pseudonym: Pseudonym
    at: Instant
    place: OutPlace = BEGIN


@dataclass(frozen=True, slots=True)
class OutGone:
    """What went; `then`: where the walk goes on, None at its end."""

    contacts: int = 0
    attempts: int = 0
    texts: int = 0
    then: OutPlace | None = None

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
    return [contacts.c.list.in_(_old_lists(before)), *_may_go(before)]


def _may_go(before: Instant) -> list[ColumnElement[bool]]:
    over = select(campaigns.c.name).where(campaigns.c.state == DONE)
    held = (
        select(attempts.c.attempt)
        .join(recording_holds, recording_holds.c.call_id == attempts.c.call_id)
        .where(attempts.c.contact == contacts.c.contact, recording_holds.c.ended_at.is_(None))
    )
    return [
        contacts.c.attempt.is_(None),
        contacts.c.changed_at < before,
        or_(contacts.c.ending.is_not(None), contacts.c.campaign.in_(over)),
        _has_number(contacts.c.number),
        ~exists(held.correlate(contacts)),
    ]


def _due_texts(before: Instant) -> list[ColumnElement[bool]]:
    return [sms_messages.c.order_id.in_(_old_orders(before)), *_sent_may_go(before)]


def _old_orders(before: Instant) -> Select[tuple[str]]:
    return select(sms_orders.c.order_id).where(
        sms_orders.c.ordered_at < before, sms_orders.c.forgotten_at.is_(None)
    )


def _sent_may_go(before: Instant) -> list[ColumnElement[bool]]:
    return [
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
    """Look at limits.OUTGOING_AT_ONCE rows, and let go what is due. Harmless to repeat."""
    return [_STEPS[one.place.among](connection, one) for one in asked]


def _contacts(connection: Connection, one: OutExpiry) -> OutGone:
    """A page of a list. Contacts are named after their list and line, all alike, so that a list's
    stand together in any order of letters."""
    before, place = one.ages.contacts_before, one.place
    lists = None if before is None else _old_lists(before).order_by(contact_lists.c.list)
    name = place.group or _first(connection, lists)
    if before is None or lists is None or not name:
        return OutGone(then=TEXTS)
    first, last = contact_id(name, 0), contact_id(name, 10**LINE_DIGITS - 1)
    page = connection.execute(
        select(contacts.c.contact, contacts.c.campaign, contacts.c.number)
        .where(contacts.c.contact.between(place.after or first, last))
        .where(contacts.c.contact != place.after)
        .order_by(contacts.c.contact)
        .limit(OUTGOING_AT_ONCE)
    ).all()
    names = [row.contact for row in page]
    due = set(
        connection.execute(
            select(contacts.c.contact).where(contacts.c.contact.in_(names), *_may_go(before))
        ).scalars()
    )
    gone = [row for row in page if row.contact in due]
    tried = _attempts(connection, one, sorted({row.number for row in gone}), before)
    for row in gone:
        put_pseudonym(connection, row.contact, row.campaign, one.pseudonym(row.number))
    if len(page) == OUTGOING_AT_ONCE:
        return OutGone(len(gone), tried, then=replace(place, group=name, after=names[-1]))
    _mark_list(connection, name, one.at)
    following = _first(connection, lists.where(contact_lists.c.list > name))
    return OutGone(len(gone), tried, then=replace(BEGIN, group=following) if following else TEXTS)


def _first(connection: Connection, question: Select[tuple[str]] | None) -> str:
    found = None if question is None else connection.execute(question.limit(1)).scalar()
    return str(found or "")


def _attempts(
    connection: Connection, one: OutExpiry, numbers: Sequence[str], before: Instant
) -> int:
    tried = 0
    for number in numbers:
        name = one.pseudonym(number)
        tried += connection.execute(
            update(attempts).where(*_of_numbers([number], before)).values(number=name)
        ).rowcount
        ended = do_not_call.c.number == number, do_not_call.c.ended_at < before
        connection.execute(update(do_not_call).where(*ended).values(number=name))
    return tried


def _mark_list(connection: Connection, name: str, at: Instant) -> None:
    """Nobody's number is left in it, and no more come: its campaign is over."""
    over = select(campaigns.c.name).where(campaigns.c.state == DONE)
    left = exists().where(contacts.c.list == name, _has_number(contacts.c.number))
    connection.execute(
        update(contact_lists)
        .where(contact_lists.c.list == name, contact_lists.c.campaign.in_(over), ~left)
        .values(forgotten_at=at)
    )


def _of_numbers(numbers: Any, before: Instant) -> list[ColumnElement[bool]]:
    return [
        attempts.c.number.in_(numbers),
        attempts.c.ordered_at < before,
        attempts.c.ended_at.is_not(None),
    ]


def _texts(connection: Connection, one: OutExpiry) -> OutGone:
    """A page of an order."""
    before, place = one.ages.texts_before, one.place
    orders = None if before is None else _old_orders(before).order_by(sms_orders.c.order_id)
    name = place.group or _first(connection, orders)
    if before is None or orders is None or not name:
        return OutGone(then=RECEIVED)
    page = connection.execute(
        select(sms_messages.c.message_id, sms_messages.c.number)
        .where(sms_messages.c.order_id == name, sms_messages.c.message_id > place.after)
        .where(*_sent_may_go(before))
        .order_by(sms_messages.c.message_id)
        .limit(OUTGOING_AT_ONCE)
    ).all()
    for message, number in page:
        values = {"number": one.pseudonym(number), "text": "", "ref": ""}
        connection.execute(
            update(sms_messages).where(sms_messages.c.message_id == message).values(values)
        )
    if len(page) == OUTGOING_AT_ONCE:
        return OutGone(texts=len(page), then=replace(place, group=name, after=page[-1][0]))
    left = exists().where(sms_messages.c.order_id == name, _has_number(sms_messages.c.number))
    over = sms_orders.c.order_id == name, sms_orders.c.deadline < before
    connection.execute(update(sms_orders).where(*over, ~left).values(forgotten_at=one.at))
    following = _first(connection, orders.where(sms_orders.c.order_id > name))
    then = replace(TEXTS, group=following) if following else RECEIVED
    return OutGone(texts=len(page), then=then)


def _received(connection: Connection, one: OutExpiry) -> OutGone:
    """What citizens wrote: little."""
    if (before := one.ages.texts_before) is None:
        return OutGone()
    page = connection.execute(
        select(sms_received.c.key, sms_received.c.number)
        .where(*_due_received(before))
        .limit(OUTGOING_AT_ONCE)
    ).all()
    for key, number in page:
        connection.execute(
            update(sms_received)
            .where(sms_received.c.key == key)
            .values(number=one.pseudonym(number), text="")
        )
    return OutGone(texts=len(page), then=one.place if page else None)


_STEPS: Final = {"contacts": _contacts, "texts": _texts, "received": _received}
