"""Attempts at contacts in the tables.

An attempt is stored before the switch is asked for it, and ends once; each act is harmless to
repeat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, select, update

from protocol_store import do_not_call
from protocol_store.campaign_tables import attempts, contacts
from protocol_store.contact_rows import ContactRow, standing
from protocol_store.errors import AttemptRefused
from protocol_store.trunk_rows import count
from terms.limits import SHORT_CALL
from terms.names import AttemptId, CampaignName, ContactId, Instant, TrunkName

ORDERED: Final = "ordered"
ANSWERED: Final = "answered"


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
    may have been, dialled. `said`: confirma, recusa, nao_ligar, atendente; `advice`: a machine's.
    """

    attempt: AttemptId
    at: Instant
    result: str
    reached: bool
    contact: ContactRow
    because: str = ""
    answered_at: Instant | None = None
    call: str | None = None
    agent: str | None = None
    said: str = ""
    advice: str = ""

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


def order(connection: Connection, wish: Ordered, site: str) -> None:
    """Write an attempt down. AttemptRefused when its contact is in another, is done, or has had
    one of that count, its number is in one, or its citizen is not to be called; the same attempt
    again changes nothing."""
    this, open_one = attempts.c.attempt == wish.attempt, attempts.c.ended_at.is_(None)
    known = this | ((attempts.c.number == wish.number) & open_one)
    there = connection.execute(select(attempts.c.attempt).where(known)).scalars().all()
    if wish.attempt in there:
        return
    if there:  # asked before the index is: a database's log quotes what breaks a rule
        raise AttemptRefused(f"o número do contato {wish.contact} está em outra tentativa")
    if because := do_not_call.why_not(connection, wish.number, wish.contact):
        raise AttemptRefused(because)
    taken = connection.execute(
        update(contacts)
        .where(
            contacts.c.contact == wish.contact,
            contacts.c.number == wish.number,
            contacts.c.attempt.is_(None),
            contacts.c.ending.is_(None),
            contacts.c.ordered < wish.count,
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
            said=done.said,
            advice=done.advice,
            agent=func.coalesce(done.agent, attempts.c.agent),
        )
        .returning(attempts.c.trunk, attempts.c.ordered_at)
    ).first()
    if open_one is None:
        return
    connection.execute(
        update(contacts)
        .where(contacts.c.attempt == done.attempt)
        .values(**standing(done.contact), attempt=None, changed_at=done.at)
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
