"""Ways through all that is personal in the store, in pages: no question takes long, however much
there is, and none holds up whoever writes.

A page's `after` is where the next begins. What an index leads to is read; the rest is sorted out
here, so that a page of nothing but what was erased costs no more than another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, TypeVar

from sqlalchemy import Column, Connection, select, tuple_

from protocol_store.campaign_tables import contacts
from protocol_store.citizen_tables import TYPED
from protocol_store.promise_tables import promises
from protocol_store.sms_tables import sms_messages
from protocol_store.tables import calls, facts, protocols
from terms.limits import CITIZEN_PAGE, NAMES_AT_ONCE
from terms.names import ANONYMOUS, ERASED, CallId, Instant

One = TypeVar("One")
Typed = tuple[CallId, int, str]
"""A call, the fact's number, and what was typed."""

BEGINNING: Final = (CallId(""), 0)


def typed(connection: Connection, after: tuple[str, int] = BEGINNING) -> list[Typed]:
    """A page of what was typed, erased or not, by call."""
    place = tuple_(facts.c.call_id, facts.c.id)
    rows = connection.execute(
        select(facts.c.call_id, facts.c.id, facts.c.details)
        .where(TYPED, facts.c.call_id >= after[0], place > after)
        .order_by(facts.c.call_id, facts.c.id)
        .limit(CITIZEN_PAGE)
    )
    return [(CallId(row.call_id), row.id, str(row.details.get("value", ""))) for row in rows]


def numbers(connection: Connection, after: str = "") -> list[tuple[str, str]]:
    """A page of calls and their numbers, erased or not."""
    return _page(connection, calls.c.call_id, calls.c.caller, after)


def called(connection: Connection, after: str = "") -> list[tuple[str, str]]:
    """A page of contacts of campaigns and their numbers, erased or not."""
    return _page(connection, contacts.c.contact, contacts.c.number, after)


def texted(connection: Connection, after: str = "") -> list[tuple[str, str]]:
    """A page of texts to citizens and their numbers, erased or not."""
    return _page(connection, sms_messages.c.message_id, sms_messages.c.number, after)


def _page(
    connection: Connection, key: Column[str], number: Column[str], after: str
) -> list[tuple[str, str]]:
    page = select(key, number).where(key > after).order_by(key).limit(CITIZEN_PAGE)
    return [(row[0], row[1]) for row in connection.execute(page)]


def given(connection: Connection, after: str = "") -> list[str]:
    """A page of protocols."""
    found = select(protocols.c.protocol).where(protocols.c.protocol > after)
    page = found.order_by(protocols.c.protocol).limit(CITIZEN_PAGE)
    return list(connection.execute(page).scalars())


def older(
    connection: Connection, before: Instant, after: tuple[Instant, str] = (0.0, "")
) -> list[tuple[Instant, CallId, str]]:
    """A page of calls that arrived before then, the oldest first, with their numbers."""
    place = tuple_(calls.c.arrived_at, calls.c.call_id)
    rows = connection.execute(
        select(calls.c.arrived_at, calls.c.call_id, calls.c.caller)
        .where(calls.c.arrived_at < before, calls.c.arrived_at >= after[0], place > after)
        .order_by(calls.c.arrived_at, calls.c.call_id)
        .limit(CITIZEN_PAGE)
    )
    return [(row.arrived_at, CallId(row.call_id), row.caller) for row in rows]


def with_typed(connection: Connection, wanted: Sequence[CallId]) -> set[CallId]:
    """Which of these calls still have something that was typed."""
    found = set()
    for some in in_parts(wanted, NAMES_AT_ONCE):
        said = select(facts.c.call_id, facts.c.details).where(TYPED, facts.c.call_id.in_(some))
        found |= {
            CallId(row.call_id)
            for row in connection.execute(said)
            if row.details.get("value") not in (None, "", ERASED)
        }
        kept = select(promises.c.call_id).where(promises.c.call_id.in_(some))
        known = connection.execute(kept.where(promises.c.data != ""))
        found |= {CallId(call) for call in known.scalars()}
    return found


def is_number(caller: str) -> bool:
    """Whether somebody's number is still there."""
    return caller not in ("", ANONYMOUS) and not caller.startswith(ERASED)


def in_parts(many: Sequence[One], size: int) -> Iterator[list[One]]:
    """The same, so many at a time."""
    rest = iter(many)
    while part := list(islice(rest, size)):
        yield part
