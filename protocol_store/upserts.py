"""The statements that write projections. Built once for each shape of row, then only executed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Table,
    bindparam,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from protocol_store.engines import POSTGRES
from protocol_store.tables import calls, offers
from terms.outcome import CallOutcome


def upsert(
    connection: Connection,
    table: Table,
    key: tuple[str, ...],
    columns: tuple[str, ...],
    keep_first: frozenset[str] = frozenset(),
    add_up: frozenset[str] = frozenset(),
) -> Executable:
    """Insert a row, or, where `key` is there already, write `columns` of it.

    Of those, `keep_first` stay as they are once they are set, `add_up` are added to what is
    there, and the rest are overwritten.
    """
    return _upsert(connection.dialect.name, table, key, columns, keep_first, add_up)


@lru_cache(maxsize=512)
def _upsert(
    dialect: str,
    table: Table,
    key: tuple[str, ...],
    columns: tuple[str, ...],
    keep_first: frozenset[str],
    add_up: frozenset[str],
) -> Executable:
    # The two dialects' statements are alike but share no type.
    insert: Any = postgresql.insert(table) if dialect == POSTGRES else sqlite.insert(table)
    statement: Executable
    if not columns:
        statement = insert.on_conflict_do_nothing(index_elements=key)
        return statement

    def wins(name: str) -> ColumnElement[Any]:
        there: ColumnElement[Any] = table.c[name]
        new: ColumnElement[Any] = insert.excluded[name]
        if name in keep_first:
            return func.coalesce(there, new)
        return func.coalesce(there, 0.0) + new if name in add_up else new

    statement = insert.on_conflict_do_update(
        index_elements=key, set_={name: wins(name) for name in columns}
    )
    return statement


@lru_cache(maxsize=1)
def end_all_offers() -> Executable:
    """End every offer that is open; takes now, how, whose, why (no names of columns)."""
    return (
        update(offers)
        .where(offers.c.ended_at.is_(None))
        .values(
            ended_at=bindparam("now", type_=offers.c.ended_at.type),
            outcome=bindparam("how"),
            blame=bindparam("whose"),
            ended_because=bindparam("why"),
        )
    )


def write_waits_of_those_who_left(connection: Connection, ended: Sequence[str]) -> None:
    """A caller who was never answered waited until the end of the call. Whoever gave up in the
    switch's own queue, while control was away, waited for the whole call: it has no menu."""
    if not ended:
        return
    gave_up = calls.c.outcome == CallOutcome.ABANDONED.value
    left = connection.execute(
        select(calls.c.call_id, calls.c.queued_at, calls.c.ended_at, calls.c.seconds).where(
            calls.c.call_id.in_(ended),
            or_(calls.c.queued_at.is_not(None), gave_up),
            calls.c.wait_seconds.is_(None),
            calls.c.answered_at.is_(None),
        )
    ).all()
    waits = [
        {
            "call": row.call_id,
            "wait": row.seconds if row.queued_at is None else row.ended_at - row.queued_at,
        }
        for row in left
    ]
    if waits:
        connection.execute(_write_wait(), waits)


@lru_cache(maxsize=1)
def _write_wait() -> Executable:
    return (
        update(calls)
        .where(calls.c.call_id == bindparam("call"))
        .values(wait_seconds=bindparam("wait"))
    )
