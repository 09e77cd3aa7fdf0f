"""Stored facts told to the tables again: when they are made anew (rebuild.py), or come from another
store (merge.py). Facts of kinds that this release does not know tell the tables nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Connection, RowMapping

from protocol_store.fact_log import is_failing
from protocol_store.projections import fold, write_changes
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId

_KINDS: Final = frozenset(map(str, Kind))


def known_facts(rows: Iterable[RowMapping]) -> list[Fact]:
    """The facts of these rows of `facts`, but those of kinds that nobody knows."""
    return [_fact(row) for row in rows if row["kind"] in _KINDS]


def _fact(row: RowMapping) -> Fact:
    return Fact(
        at=row["at"],
        kind=Kind(row["kind"]),
        call=CallId(row["call_id"]) if row["call_id"] else None,
        agent=AgentName(row["agent"]) if row["agent"] else None,
        by=row["by_whom"],
        details=row["details"],
    )


def project(connection: Connection, page: Sequence[Fact]) -> int:
    """Write what these facts come to; how many come to nothing because they break a rule."""
    if not page:
        return 0
    try:
        with connection.begin_nested():
            write_changes(connection, fold(page))
    except Exception as problem:
        if is_failing(problem):
            raise
        if len(page) == 1:
            return 1
        half = len(page) // 2
        return project(connection, page[:half]) + project(connection, page[half:])
    return 0
