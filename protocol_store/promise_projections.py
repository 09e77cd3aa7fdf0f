"""How facts about call-backs become rows, in the facts' order (see work_projections.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

from sqlalchemy import Connection, func, literal, update

from protocol_store.promise_tables import call_back_bars, promises
from protocol_store.tables import calls, tasks
from protocol_store.upserts import upsert
from terms.facts import Fact, Kind
from terms.names import ERASED

Row = dict[str, Any]


class Notes(Protocol):
    """Where `fold` gathers what facts come to."""

    work: list[tuple[Kind, Row]]


def _note(columns: Callable[[Fact], Row]) -> Callable[[Fact, Notes], None]:
    def note(fact: Fact, changes: Notes) -> None:
        if not fact.call:
            raise KeyError("call")
        changes.work.append((fact.kind, {"call_id": fact.call, **columns(fact)}))

    return note


def _promised(fact: Fact) -> Row:
    said = fact.details
    return {
        "how": str(said["how"]),
        "line": str(said["line"]),
        "queue": str(said["queue"]),
        "priority": int(said["priority"]),
        "joined_at": float(said["joined"]),
        "promised_at": fact.at,
        "expires_at": float(said["expires"]),
        "place": str(said.get("place", "")),
        "data": "" if said.get("value") == ERASED else str(said.get("value", "")),
    }


def _tried(fact: Fact) -> Row:
    return {"attempt": str(fact.details["attempt"])}


def _result(fact: Fact) -> Row:
    said = fact.details
    return {
        "attempt": "",
        "result": str(said["result"]),
        "tries": int(said["tries"]),
        "not_before": float(said.get("not_before") or fact.at),
    }


def _over(fact: Fact) -> Row:
    said = fact.details
    return {
        "attempt": "",
        "over_at": fact.at,
        "over_how": str(said["how"]),
        "to_call": str(said.get("to_call") or ""),
    }


def _barred(fact: Fact) -> Row:
    return {
        "mark": str(fact.details["mark"]),
        "on": bool(fact.details["on"]),
        "at": fact.at,
        "by": fact.by,
    }


def _resumed(fact: Fact) -> Row:
    said = fact.details
    return {"of_call": str(said["of_call"]), "protocol": str(said["protocol"])}


def _task_closed(fact: Fact) -> Row:
    said = fact.details
    return {
        "kind": str(said["task"]),
        "done_at": fact.at,
        "done_by": fact.by,
        "result": str(said.get("how", "")),
    }


PROMISE_PROJECTIONS: Final[dict[Kind, Callable[[Fact, Any], None]]] = {
    Kind.CALL_BACK_PROMISED: _note(_promised),
    Kind.CALL_BACK_TRIED: _note(_tried),
    Kind.CALL_BACK_RESULT: _note(_result),
    Kind.CALL_BACK_OVER: _note(_over),
    Kind.CALL_BACK_BARRED: _note(_barred),
    Kind.CALL_RESUMED: _note(_resumed),
    Kind.TASK_CLOSED: _note(_task_closed),
}


def _write_promise(connection: Connection, row: Row) -> None:
    columns = tuple(name for name in row if name != "call_id")
    first = frozenset({"over_at", "over_how", "to_call", "promised_at"})  # it ends once
    connection.execute(upsert(connection, promises, ("call_id",), columns, first), row)


def _write_bar(connection: Connection, row: Row) -> None:
    if not row["on"]:
        connection.execute(
            update(call_back_bars)
            .where(call_back_bars.c.call_id == row["call_id"], call_back_bars.c.ended_at.is_(None))
            .values(ended_at=row["at"], ended_by=row["by"])
        )
        return
    values = {
        "call_id": row["call_id"],
        "mark": row["mark"],
        "since": row["at"],
        "by_whom": row["by"],
        "ended_at": None,
        "ended_by": None,
    }
    says = ("mark", "since", "by_whom", "ended_at", "ended_by")
    connection.execute(upsert(connection, call_back_bars, ("call_id",), says), values)


def _write_resumed(connection: Connection, row: Row) -> None:
    """The same case on another channel: the first call's number is this one's, too."""
    connection.execute(
        update(calls)
        .where(calls.c.call_id == row["call_id"])
        .values(of_call=row["of_call"], protocol=row["protocol"])
    )


def _write_closed(connection: Connection, row: Row) -> None:
    connection.execute(
        update(tasks)
        .where(tasks.c.call_id == row["call_id"], tasks.c.kind == row["kind"])
        .values(
            done_at=func.coalesce(tasks.c.done_at, literal(row["done_at"], tasks.c.done_at.type)),
            done_by=func.coalesce(tasks.c.done_by, row["done_by"]),
            result=func.coalesce(tasks.c.result, row["result"]),
        )
    )


PROMISE_WRITES: Final[dict[Kind, Callable[[Connection, Row], None]]] = {
    Kind.CALL_BACK_PROMISED: _write_promise,
    Kind.CALL_BACK_TRIED: _write_promise,
    Kind.CALL_BACK_RESULT: _write_promise,
    Kind.CALL_BACK_OVER: _write_promise,
    Kind.CALL_BACK_BARRED: _write_bar,
    Kind.CALL_RESUMED: _write_resumed,
    Kind.TASK_CLOSED: _write_closed,
}
