"""All that facts come to, made anew from them: after new columns, or when a table is doubted.

One transaction: whoever reads meanwhile sees the tables as they were, and if it breaks off nothing
has changed. The facts are read in the order in which they were stored, and folded as they were
(projections.py), so that what is made is what was there. Truths of their own are left alone:
protocols and their blocks, people, published versions, keys of recordings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine, Table, delete, exists, func, inspect, select, text

from protocol_store.contract_tables import carrier_days, refused_minutes, switch_marks
from protocol_store.engines import POSTGRES
from protocol_store.projecting import known_facts, project
from protocol_store.promise_tables import call_back_bars, promises
from protocol_store.tables import agent_status, calls, facts, offers, recordings, tasks
from protocol_store.visit_tables import (
    agent_states,
    legs,
    lookups,
    node_visits,
    queue_visits,
    survey_answers,
)
from protocol_store.work_tables import (
    agent_sessions,
    call_marks,
    hours_exceptions,
    pauses,
    planned_pauses,
    seats,
)
from terms import limits
from terms.facts import Fact

PROJECTED: Final[tuple[Table, ...]] = (
    *(queue_visits, node_visits, legs, survey_answers, lookups, agent_states),
    *(agent_sessions, pauses, planned_pauses, hours_exceptions, call_marks, seats),
    *(carrier_days, refused_minutes, switch_marks),
    *(promises, call_back_bars, agent_status, tasks, recordings, offers, calls),
)
"""The tables that hold nothing but what facts come to, those that refer to others first."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was done. `left_out`: facts that break a rule of the tables, as they did when they came,
    and those of kinds that this release does not know."""

    facts: int
    left_out: int


def rebuild(engine: Engine, told: Callable[[int, int], None] = lambda done, of: None) -> Rebuilt:
    """Make all projected tables anew; `told` hears how far it is (facts done, facts in all).

    Nobody may write meanwhile: on PostgreSQL the facts are locked, on SQLite the whole file.
    Raises what the database raises; then nothing has changed.
    """
    with engine.begin() as connection:
        postgres = connection.dialect.name == POSTGRES
        if postgres:
            for limit in ("statement_timeout", "lock_timeout"):
                connection.execute(text(f"SET LOCAL {limit} = 0"))
            connection.execute(text(f"LOCK TABLE {facts.name} IN EXCLUSIVE MODE"))
        of = connection.execute(select(func.count()).select_from(facts)).scalar_one()
        tied = _untie(connection)
        _empty(connection)
        done = left_out = 0
        for page, unknown in _pages(connection):
            left_out += unknown + project(connection, page)
            done += len(page) + unknown
            told(done, of)
        for statement in tied:
            connection.execute(text(statement))
    if postgres:
        with engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
    return Rebuilt(done, left_out)


def _empty(connection: Connection) -> None:
    for table in PROJECTED:
        if table is calls:
            continue
        connection.execute(delete(table))
    # A call without facts could not be made anew: it stays as it is.
    told = exists().where(facts.c.call_id == calls.c.call_id)
    connection.execute(delete(calls).where(told))


def _untie(connection: Connection) -> list[str]:
    """Let the calls go although protocols refer to them; what ties them again."""
    if connection.dialect.name != POSTGRES:
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))  # until the commit looks
        return []
    tied = []
    found = inspect(connection)
    ours = {table.name for table in PROJECTED}
    for table in found.get_table_names():
        for key in found.get_foreign_keys(table):
            if table in ours or key["referred_table"] not in ours:
                continue
            name, column = key["name"], key["constrained_columns"][0]
            connection.execute(text(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"'))
            tied.append(
                f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" FOREIGN KEY ("{column}") '
                f'REFERENCES "{key["referred_table"]}" ("{key["referred_columns"][0]}")'
            )
    return tied


def _pages(connection: Connection) -> Iterator[tuple[list[Fact], int]]:
    """Facts as they were stored, a batch at a time, and how many of it nobody knows."""
    last = 0
    while True:
        rows = (
            connection.execute(
                select(facts)
                .where(facts.c.id > last)
                .order_by(facts.c.id)
                .limit(limits.WRITER_BATCH)
            )
            .mappings()
            .all()
        )
        if not rows:
            return
        last = rows[-1]["id"]
        known = known_facts(rows)
        yield known, len(rows) - len(known)
