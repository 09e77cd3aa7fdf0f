"""Who is not to be called: each wish with who wrote it down and why, ended by another wish alone.

A number stands under one open wish at a time. What was ended stays, so that «why was I called?»
has an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, insert, select, update

from protocol_store.campaign_tables import campaigns, contacts, do_not_call
from protocol_store.citizens import national, ways_to_write
from protocol_store.errors import NameUnknown
from protocol_store.promise_tables import call_back_bars
from protocol_store.tables import calls
from terms.names import ContactId, Instant
from terms.telephones import as_dialled

MARKS: Final = {
    "nao_pode_falar": "não pode falar",
    "retorno_nao_seguro": "retorno não seguro",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """`number`: national digits. `act`: drawn by who asks, so that a repeat is no second."""

    act: str
    number: str
    at: Instant
    by: str
    because: str
    ended_at: Instant | None = None
    ended_by: str | None = None
    ended_because: str | None = None


def bar(connection: Connection, wishes: Sequence[Wish]) -> list[None]:
    """Write wishes down. One for a number that has an open one already changes nothing."""
    for wish in wishes:
        known = (do_not_call.c.act == wish.act) | (
            (do_not_call.c.number == wish.number) & do_not_call.c.ended_at.is_(None)
        )
        if connection.execute(select(do_not_call.c.act).where(known)).first() is None:
            connection.execute(
                insert(do_not_call).values(
                    act=wish.act,
                    number=wish.number,
                    at=wish.at,
                    by_whom=wish.by,
                    because=wish.because,
                )
            )
    return [None for _ in wishes]


def unbar(connection: Connection, endings: Sequence[Wish]) -> list[NameUnknown | None]:
    """End the open wish of each number: `at`, `by` and `because` say when, who and why. NameUnknown
    in the place of a number that has none."""
    return [_end(connection, one) for one in endings]


def _end(connection: Connection, one: Wish) -> NameUnknown | None:
    ended = connection.execute(
        update(do_not_call)
        .where(do_not_call.c.number == one.number, do_not_call.c.ended_at.is_(None))
        .values(ended_at=one.at, ended_by=one.by, ended_because=one.because)
    )
    return None if ended.rowcount else NameUnknown("este número não está na lista")


def numbers(connection: Connection) -> frozenset[str]:
    """All numbers that are not to be called now."""
    found = connection.execute(select(do_not_call.c.number).where(do_not_call.c.ended_at.is_(None)))
    return frozenset(found.scalars())


def marked(connection: Connection, area: str) -> dict[str, str]:
    """Numbers that bear a mark (`não pode falar`, `retorno não seguro`), and which: nobody calls
    them by a machine, not even to save lives. `area`: of callers whose number came without it."""
    found = connection.execute(
        select(calls.c.caller, call_back_bars.c.mark)
        .join(calls, calls.c.call_id == call_back_bars.c.call_id)
        .where(call_back_bars.c.ended_at.is_(None))
    )
    marks = {}
    for caller, mark in found:
        marks[as_dialled(national(caller), area)] = MARKS.get(mark, mark)
    return marks


def why_not(connection: Connection, number: str, contact: ContactId) -> str:
    """Why this contact is not to be called now (Portuguese); '' if nobody has said so. Asked in the
    transaction that writes the attempt down: whoever changed the list, and a moment ago, is heard.
    Calls that save lives pass a wish (R64), and no mark."""
    mark = connection.execute(
        select(call_back_bars.c.mark)
        .join(calls, calls.c.call_id == call_back_bars.c.call_id)
        .where(calls.c.caller.in_(ways_to_write(number)), call_back_bars.c.ended_at.is_(None))
    ).scalar()
    if mark is not None:
        return f"o número do contato {contact} está marcado: {MARKS.get(mark, mark)}"
    saves_lives = (
        select(campaigns.c.life_safety)
        .join(contacts, contacts.c.campaign == campaigns.c.name)
        .where(contacts.c.contact == contact)
    )
    wish = select(do_not_call.c.act).where(
        do_not_call.c.number == number, do_not_call.c.ended_at.is_(None)
    )
    if connection.execute(wish).first() is None or connection.execute(saves_lives).scalar():
        return ""
    return f"o contato {contact} não quer ser chamado"


def history(connection: Connection, number: str = "") -> list[Wish]:
    """All wishes about a number, or all that are open, in the order in which they came."""
    question = select(do_not_call).order_by(do_not_call.c.at, do_not_call.c.act)
    if number:
        question = question.where(do_not_call.c.number == number)
    else:
        question = question.where(do_not_call.c.ended_at.is_(None))
    return [
        Wish(
            *(row.act, row.number, row.at, row.by_whom, row.because),
            *(row.ended_at, row.ended_by, row.ended_because),
        )
        for row in connection.execute(question)
    ]
