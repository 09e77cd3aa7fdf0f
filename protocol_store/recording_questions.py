"""Questions about sealed recordings, each one or a few statements; see recording_book.py."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, exists, func, select

from protocol_store.recording_rows import CallState, Hold, KeyRow
from protocol_store.recording_tables import recording_holds, recording_keys
from protocol_store.tables import calls, recordings
from terms.limits import KEYS_AT_ONCE, RETENTION_AT_ONCE, SEAL_LATE_CHECKS
from terms.names import CallId, Instant
from terms.recording_name import TALK

Text = TypeVar("Text", bound=str)

NAMED_AT_ONCE: Final = 500
"""Names in one statement: SQLite takes no more than some thousands."""


def key(connection: Connection, name: str) -> KeyRow | None:
    """A sealed recording's row."""
    row = connection.execute(select(recording_keys).where(recording_keys.c.name == name)).first()
    return None if row is None else _key_row(row)


def sealed(connection: Connection, names: Collection[str]) -> dict[str, bool]:
    """Which of these are sealed, and whether they were erased since."""
    found: dict[str, bool] = {}
    for some in _in_parts(names):
        rows = connection.execute(
            select(recording_keys.c.name, recording_keys.c.erased_at).where(
                recording_keys.c.name.in_(some)
            )
        )
        found |= {row.name: row.erased_at is not None for row in rows}
    return found


def calls_of(connection: Connection, wanted: Collection[CallId]) -> dict[CallId, CallState]:
    """What is stored of these calls."""
    found: dict[CallId, CallState] = {}
    for some in _in_parts(wanted):
        rows = connection.execute(
            select(
                calls.c.call_id,
                calls.c.ended_at,
                calls.c.answered_at,
                calls.c.line,
                calls.c.test,
            ).where(calls.c.call_id.in_(some))
        )
        found |= {
            CallId(row.call_id): CallState(
                row.ended_at, row.answered_at is not None, row.line, row.test
            )
            for row in rows
        }
    return found


def unchecked(connection: Connection, since: Instant, until: Instant) -> list[CallId]:
    """Answered calls, over between these, without a word on their recording, the oldest first."""
    known = exists().where(recordings.c.call_id == calls.c.call_id, recordings.c.kind == TALK)
    rows = connection.execute(
        select(calls.c.call_id)
        .where(
            calls.c.ended_at >= since,
            calls.c.ended_at < until,
            calls.c.answered_at.is_not(None),
            ~known,
        )
        .order_by(calls.c.ended_at)
        .limit(SEAL_LATE_CHECKS)
    )
    return [CallId(row.call_id) for row in rows]


def holds(connection: Connection, open_only: bool) -> list[Hold]:
    """Holds, the newest first."""
    question = select(recording_holds).order_by(recording_holds.c.id.desc())
    if open_only:
        question = question.where(recording_holds.c.ended_at.is_(None))
    return [
        Hold(
            hold=row.id,
            call=CallId(row.call_id),
            reason=row.reason,
            since=row.since,
            by=row.by_whom,
            ended_at=row.ended_at,
            ended_by=row.ended_by,
            ended_because=row.ended_because,
        )
        for row in connection.execute(question)
    ]


def is_held(connection: Connection, call: str) -> bool:
    """Whether a hold is open on this call."""
    return bool(connection.execute(select(_held(call))).scalar())


def due(
    connection: Connection, retention_class: str, before: Instant, archived: bool | None, after: str
) -> list[KeyRow]:
    """Recordings of a class made before then that nobody holds, by name."""
    rows = connection.execute(
        select(recording_keys)
        .where(
            *_of_class(retention_class, before, archived),
            ~_held(recording_keys.c.call_id),
            recording_keys.c.name > after,
        )
        .order_by(recording_keys.c.name)
        .limit(RETENTION_AT_ONCE)
    )
    return [_key_row(row) for row in rows]


def leftovers(connection: Connection) -> list[KeyRow]:
    """Some of those that were erased while their sealed files may still be there."""
    rows = connection.execute(
        select(recording_keys)
        .where(recording_keys.c.erased_at.is_not(None), recording_keys.c.place != "")
        .limit(RETENTION_AT_ONCE)
    )
    return [_key_row(row) for row in rows]


def count(
    connection: Connection, retention_class: str, before: Instant, archived: bool | None
) -> tuple[int, int]:
    """How many those are, and how many of them are held."""
    held = _held(recording_keys.c.call_id)
    wanted = _of_class(retention_class, before, archived)
    whole = select(func.count()).select_from(recording_keys).where(*wanted)
    return (
        int(connection.execute(whole).scalar_one()),
        int(connection.execute(whole.where(held)).scalar_one()),
    )


def wrapped_by_others(connection: Connection, master: str, after: str) -> list[KeyRow]:
    """Some of those whose keys another master key wraps, by name."""
    rows = connection.execute(
        select(recording_keys)
        .where(
            recording_keys.c.wrapped.is_not(None),
            recording_keys.c.master != master,
            recording_keys.c.name > after,
        )
        .order_by(recording_keys.c.name)
        .limit(KEYS_AT_ONCE)
    )
    return [_key_row(row) for row in rows]


def masters(connection: Connection) -> list[str]:
    """The names of all master keys that something is wrapped by."""
    rows = connection.execute(
        select(recording_keys.c.master).where(recording_keys.c.wrapped.is_not(None)).distinct()
    )
    return sorted(row.master for row in rows)


def _held(call: str | ColumnElement[str]) -> ColumnElement[bool]:
    return exists().where(recording_holds.c.call_id == call, recording_holds.c.ended_at.is_(None))


def _of_class(
    retention_class: str, before: Instant, archived: bool | None
) -> Sequence[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [
        recording_keys.c.retention_class == retention_class,
        recording_keys.c.recorded_at < before,
        recording_keys.c.erased_at.is_(None),
    ]
    if archived is not None:
        column = recording_keys.c.archived_at
        wanted.append(column.is_not(None) if archived else column.is_(None))
    return wanted


def _key_row(row: Row[Any]) -> KeyRow:
    return KeyRow(**{name: getattr(row, name) for name in KeyRow.__dataclass_fields__})


def _in_parts(names: Collection[Text]) -> Iterator[list[Text]]:
    rest = iter(names)
    while some := list(islice(rest, NAMED_AT_ONCE)):
        yield some
