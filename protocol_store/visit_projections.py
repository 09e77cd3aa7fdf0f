"""Writes stays, legs, answers and states: what is stored of the calls at hand, folded on.

The fold itself is pure (visit_moves.py, leg_fold.py, state_fold.py). Here stands how the rows that
it goes on with are read, once for all calls of a transaction, and how those that it changed are
written, one statement a table. What is read is as it was before this transaction's facts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    Connection,
    Select,
    Table,
    bindparam,
    func,
    insert,
    select,
    tuple_,
    update,
)

from protocol_store.state_fold import fold_states
from protocol_store.tables import calls
from protocol_store.upserts import upsert
from protocol_store.visit_fold import Course
from protocol_store.visit_moves import take
from protocol_store.visit_notes import Note
from protocol_store.visit_tables import (
    agent_states,
    legs,
    lookups,
    node_visits,
    queue_visits,
    survey_answers,
)
from terms.facts import Kind

Row = dict[str, Any]

_OF_CALL: Final = ("call_id", "ordinal")


def courses_before(connection: Connection, notes: Iterable[Note]) -> dict[str, Course]:
    """What is stored of the calls that these notes are about."""
    courses = {note.call: Course(note.call) for note in notes}
    if not courses:
        return courses
    asked = {"calls": list(courses)}
    for found in connection.execute(_calls(), asked):
        course = courses[found.call_id]
        course.line, course.test, course.agent = found.last_line, found.test, found.agent
        course.direction = found.direction
    for row in connection.execute(_last(queue_visits), asked).mappings():
        courses[row["call_id"]].visit = dict(row)
    for row in connection.execute(_last(node_visits), asked).mappings():
        courses[row["call_id"]].node = dict(row)
    for row in connection.execute(_legs(), asked).mappings():
        courses[row["call_id"]].legs[row["leg"]] = dict(row)
    return courses


def write_courses(
    connection: Connection, courses: dict[str, Course], notes: Sequence[Note]
) -> None:
    """Fold the notes onto the courses, and write what has changed."""
    for note in notes:
        take(courses[note.call], note)
    _correct_tests(connection, courses.values())
    for table, rows in (
        (queue_visits, [row for one in courses.values() for row in one.visits.values()]),
        (node_visits, [row for one in courses.values() for row in one.nodes.values()]),
        (legs, [row for one in courses.values() for row in one.changed_legs.values()]),
    ):
        _write(connection, table, _OF_CALL, rows)
    answers = [row for one in courses.values() for row in one.answers.values()]
    _write(connection, survey_answers, ("call_id", "question"), answers)
    if asked := [row for one in courses.values() for row in one.lookups]:
        connection.execute(insert(lookups), asked)
    left = [
        {"of_call_": one.call, "where": one.left_at_node}
        for one in courses.values()
        if one.left_at_node is not None
    ]
    if left:
        connection.execute(_left_at(), left)


def write_states(connection: Connection, notes: Sequence[Note]) -> None:
    """Fold agents' states onto the spells that go on, and write what has changed."""
    if not notes:
        return
    everybody = any(note.kind is Kind.CONTROL_STARTED for note in notes)
    spells = _running(None if everybody else {note.agent for note in notes})
    running = {row["agent"]: dict(row) for row in connection.execute(*spells).mappings()}
    _write(connection, agent_states, ("agent", "began_at"), fold_states(running, notes))


def _correct_tests(connection: Connection, courses: Iterable[Course]) -> None:
    """A call that was announced after something had been told of it."""
    for one in courses:
        if one.mistold:
            for table in (queue_visits, node_visits, legs, survey_answers, lookups):
                connection.execute(
                    update(table).where(table.c.call_id == one.call).values(test=one.test)
                )
            told = (one.visits, one.nodes, one.changed_legs, one.answers)
            for row in (*(row for rows in told for row in rows.values()), *one.lookups):
                row["test"] = one.test


def _write(connection: Connection, table: Table, key: tuple[str, ...], rows: list[Row]) -> None:
    if rows:
        connection.execute(upsert(connection, table, key, _columns(table, key)), rows)


@lru_cache(maxsize=16)
def _columns(table: Table, key: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one.name for one in table.columns if one.name not in ("id", *key))


@lru_cache(maxsize=1)
def _calls() -> Select[Any]:
    wanted = (calls.c.call_id, calls.c.last_line, calls.c.test, calls.c.agent, calls.c.direction)
    return select(*wanted).where(calls.c.call_id.in_(bindparam("calls", expanding=True)))


@lru_cache(maxsize=4)
def _last(table: Table) -> Select[Any]:
    """The last stay of each call."""
    asked: BindParameter[Any] = bindparam("calls", expanding=True)
    last = (
        select(table.c.call_id, func.max(table.c.ordinal))
        .where(table.c.call_id.in_(asked))
        .group_by(table.c.call_id)
    )
    wanted = [one for one in table.columns if one.name != "id"]
    return select(*wanted).where(tuple_(table.c.call_id, table.c.ordinal).in_(last))


@lru_cache(maxsize=1)
def _legs() -> Select[Any]:
    wanted = [one for one in legs.columns if one.name != "id"]
    return (
        select(*wanted)
        .where(legs.c.call_id.in_(bindparam("calls", expanding=True)))
        .order_by(legs.c.ordinal)
    )


def _running(agents: Collection[str] | None) -> tuple[Select[Any], Row]:
    """The spells that go on: of these agents, or of everybody."""
    if agents is None:
        return _spells(False), {}
    return _spells(True), {"agents": list(agents)}


@lru_cache(maxsize=2)
def _spells(of_some: bool) -> Select[Any]:
    wanted = [one for one in agent_states.columns if one.name != "id"]
    spells = select(*wanted).where(agent_states.c.ended_at.is_(None))
    if of_some:
        return spells.where(agent_states.c.agent.in_(bindparam("agents", expanding=True)))
    return spells


@lru_cache(maxsize=1)
def _left_at() -> Any:
    return (
        update(calls)
        .where(calls.c.call_id == bindparam("of_call_"))
        .values(left_at_node=bindparam("where"))
    )
