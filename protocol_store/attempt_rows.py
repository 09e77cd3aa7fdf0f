"""Contacts that are due, and attempts at them, in the tables.

An attempt is stored before the switch is asked for it, and ends once; each act is harmless to
repeat.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Select, func, literal, select, tuple_, update

from protocol_store.campaign_tables import attempts, contact_lists, contacts
from protocol_store.errors import AttemptRefused
from protocol_store.trunk_rows import count
from terms.limits import SHORT_CALL
from terms.names import AttemptId, CampaignName, ContactId, Instant, TrunkName

ORDERED: Final = "ordered"
ANSWERED: Final = "answered"
_SEPARATOR: Final = " "


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


@dataclass(frozen=True, slots=True)
class Ordered:
    """An attempt that is about to be made; `count` is its number among its contact's."""

    attempt: AttemptId
    contact: ContactId
    count: int
    number: str
    trunk: TrunkName
    at: Instant
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """An attempt's end, and what it makes of its contact. `reached`: the citizen's phone was, or
    may have been, dialled."""

    attempt: AttemptId
    at: Instant
    result: str
    reached: bool
    contact: ContactRow
    because: str = ""
    answered_at: Instant | None = None
    call: str | None = None
    agent: str | None = None

    @property
    def talk_seconds(self) -> float | None:
        """From the answer to the end."""
        return None if self.answered_at is None else self.at - self.answered_at

    @property
    def short(self) -> bool:
        """Answered, and over at once: what Anatel counts against a trunk."""
        return self.talk_seconds is not None and self.talk_seconds <= SHORT_CALL


@dataclass(frozen=True, slots=True)
class OpenAttempt:
    """An attempt whose end is not stored."""

    attempt: AttemptId
    contact: ContactId
    campaign: CampaignName
    number: str
    trunk: TrunkName
    agent: str | None
    at: Instant


# --- contacts ---
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
    return [_contact(row) for row in connection.execute(question)]


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
    return None if row is None else _contact(row)


def keep(connection: Connection, rows: Iterable[ContactRow], at: Instant) -> None:
    """Contacts that wait, or are done, without an attempt; one that is in an attempt stays."""
    for row in rows:
        connection.execute(
            update(contacts)
            .where(contacts.c.contact == row.contact, contacts.c.attempt.is_(None))
            .values(**_standing(row), changed_at=at)
        )


# --- attempts ---
def order(connection: Connection, wish: Ordered, site: str) -> None:
    """Write an attempt down. AttemptRefused when its contact is in another, is done, or has had
    one of that count, or its number is in one; the same attempt again changes nothing."""
    this, open_one = attempts.c.attempt == wish.attempt, attempts.c.ended_at.is_(None)
    known = this | ((attempts.c.number == wish.number) & open_one)
    there = connection.execute(select(attempts.c.attempt).where(known)).scalars().all()
    if wish.attempt in there:
        return
    if there:  # asked before the index is: a database's log quotes what breaks a rule
        raise AttemptRefused(f"o número do contato {wish.contact} está em outra tentativa")
    taken = connection.execute(
        update(contacts)
        .where(
            contacts.c.contact == wish.contact,
            contacts.c.number == wish.number,
            contacts.c.attempt.is_(None),
            contacts.c.ending.is_(None),
            contacts.c.ordered == wish.count - 1,
        )
        .values(
            state=ORDERED,
            due_at=None,
            ordered=wish.count,
            attempt=wish.attempt,
            changed_at=wish.at,
        )
        .returning(contacts.c.campaign)
    ).scalar()
    if taken is None:
        raise AttemptRefused(f"o contato {wish.contact} não espera a tentativa {wish.count}")
    connection.execute(
        attempts.insert().values(
            attempt=wish.attempt,
            contact=wish.contact,
            campaign=taken,
            number=wish.number,
            trunk=wish.trunk,
            agent=wish.agent,
            ordered_at=wish.at,
            ordered_minute=int(wish.at // 60),
        )
    )
    count(connection, site, wish.trunk, wish.at, attempts=1)


def end(connection: Connection, done: Ended, site: str) -> None:
    """Write an attempt's end down. Only the first one counts."""
    open_one = connection.execute(
        update(attempts)
        .where(attempts.c.attempt == done.attempt, attempts.c.ended_at.is_(None))
        .values(
            answered_at=done.answered_at,
            ended_at=done.at,
            result=done.result,
            because=done.because,
            talk_seconds=done.talk_seconds,
            short=done.short,
            call_id=done.call,
            agent=func.coalesce(done.agent, attempts.c.agent),
        )
        .returning(attempts.c.trunk, attempts.c.ordered_at)
    ).first()
    if open_one is None:
        return
    connection.execute(
        update(contacts)
        .where(contacts.c.attempt == done.attempt)
        .values(**_standing(done.contact), attempt=None, changed_at=done.at)
    )
    count(
        connection,
        site,
        open_one.trunk,
        open_one.ordered_at,
        attempts=0 if done.reached else -1,
        answered=int(done.result == ANSWERED),
        short=int(done.short),
    )


def open_attempts(connection: Connection) -> list[OpenAttempt]:
    """All that were ordered and have no end: what a restart must look for on the switch."""
    rows = connection.execute(
        select(attempts).where(attempts.c.ended_at.is_(None)).order_by(attempts.c.ordered_at)
    )
    return [
        OpenAttempt(
            *(row.attempt, row.contact, row.campaign, row.number, row.trunk),
            *(row.agent, row.ordered_at),
        )
        for row in rows
    ]


def tried_since(connection: Connection, since: Instant) -> list[tuple[str, AttemptId, Instant]]:
    """(number, attempt, when) of every attempt since then that reached for its citizen, or may
    have: what is counted by number and day, over all campaigns."""
    rows = connection.execute(
        select(attempts.c.number, attempts.c.attempt, attempts.c.ordered_at, attempts.c.result)
        .where(attempts.c.ordered_minute >= int(since // 60), attempts.c.ordered_at >= since)
        .order_by(attempts.c.ordered_at)
    )
    return [
        (row.number, row.attempt, row.ordered_at) for row in rows if row.result not in NEVER_REACHED
    ]


NEVER_REACHED: Final = frozenset({"agent", "held", "shut"})
"""Results of terms.outcome.Tried whose `reached_for` is false; a test holds the two together."""


def _standing(row: ContactRow) -> dict[str, Any]:
    return {
        "state": row.state,
        "due_at": row.due_at,
        "results": _SEPARATOR.join(row.results),
        "ending": row.ending,
        "because": row.because,
    }


def _contact(row: Any) -> ContactRow:
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
        yield [_contact(row) for row in found]
        last = found[-1].contact
