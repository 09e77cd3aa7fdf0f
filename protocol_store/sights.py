"""Which calls' callers somebody sees whole, as a condition for questions (terms/sight.py)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, literal, not_, or_, select, true

from protocol_store.promise_tables import promises
from protocol_store.tables import calls
from protocol_store.visit_tables import queue_visits
from terms.names import CallId
from terms.sight import Reveal, Sight


def seen(reveal: Reveal) -> ColumnElement[bool]:
    """Of a row of `calls`: whether its caller is seen whole."""
    if not isinstance(reveal, Sight):
        return literal(reveal)
    if not reveal:
        return literal(False)
    found: list[ColumnElement[bool]] = []
    if reveal.is_scoped:
        mine = [calls.c.line.in_(reveal.lines), calls.c.last_line.in_(reveal.lines)]
        found.append(or_(*mine, _stood_in(reveal.queues)))
    if reveal.hidden:
        found.append(not_(_stood_in(sorted(reveal.hidden))))
    return and_(true(), *found)


def sees_call(connection: Connection, call: CallId, reveal: Reveal) -> bool:
    """The same of one call."""
    if isinstance(reveal, bool) or not reveal or reveal.everybody:
        return bool(reveal)
    question = select(seen(reveal)).select_from(calls).where(calls.c.call_id == call)
    return bool(connection.execute(question).scalar())


def _stood_in(queues: Collection[str]) -> ColumnElement[bool]:
    """That a call stood, or is promised a place, in one of these queues."""
    visited = exists().where(
        queue_visits.c.call_id == calls.c.call_id, queue_visits.c.queue.in_(queues)
    )
    promised = exists().where(promises.c.call_id == calls.c.call_id, promises.c.queue.in_(queues))
    columns: list[Any] = [calls.c.queue, calls.c.first_queue]
    known = [and_(one.is_not(None), one.in_(queues)) for one in columns]
    return or_(*known, visited, promised)
