"""How facts that only the contract's indicators ask for become rows (see work_projections.py)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final, Protocol

from sqlalchemy import Connection

from protocol_store.contract_tables import carrier_days, refused_minutes, switch_marks
from protocol_store.upserts import upsert
from protocol_store.visit_tables import minute_of
from terms.facts import Fact, Kind

Row = dict[str, Any]

FIGURES: Final = ("offered", "busy", "no_answer", "failed")


class Notes(Protocol):
    """Where `fold` gathers what facts come to."""

    work: list[tuple[Kind, Row]]


def _refused(fact: Fact, changes: Notes) -> None:
    if fact.details.get("test"):
        return
    line, because = str(fact.details["line"]), str(fact.details["because"])
    row = {"minute": minute_of(fact.at), "line": line, "because": because, "calls": 1}
    changes.work.append((fact.kind, row))


def _reported(fact: Fact, changes: Notes) -> None:
    for one in fact.details["days"]:
        row: Row = {
            "day": date.fromisoformat(str(one["day"])).isoformat(),
            "number": str(one["number"]),
            "line": str(one["line"]),
            "file": str(fact.details.get("file", "")),
            "told_at": fact.at,
            "by_whom": fact.by,
            **{name: int(one[name]) for name in FIGURES},
        }
        changes.work.append((fact.kind, row))


def _mark(what: str) -> Callable[[Fact, Notes], None]:
    def note(fact: Fact, changes: Notes) -> None:
        changes.work.append((fact.kind, {"at": fact.at, "what": what}))

    return note


CONTRACT_PROJECTIONS: Final[dict[Kind, Callable[[Fact, Any], None]]] = {
    Kind.CALL_REFUSED: _refused,
    Kind.CARRIER_REPORTED: _reported,
    Kind.SWITCH_LOST: _mark("lost"),
    Kind.SWITCH_SEEN: _mark("seen"),
}


def _write_refused(connection: Connection, row: Row) -> None:
    key, added = ("minute", "line", "because"), frozenset({"calls"})
    connection.execute(
        upsert(connection, refused_minutes, key, ("calls",), add_up=added),
        row,
    )


def _write_reported(connection: Connection, row: Row) -> None:
    says = ("line", *FIGURES, "file", "told_at", "by_whom")
    connection.execute(upsert(connection, carrier_days, ("day", "number"), says), row)


def _write_mark(connection: Connection, row: Row) -> None:
    connection.execute(upsert(connection, switch_marks, ("at", "what"), ()), row)


CONTRACT_WRITES: Final[dict[Kind, Callable[[Connection, Row], None]]] = {
    Kind.CALL_REFUSED: _write_refused,
    Kind.CARRIER_REPORTED: _write_reported,
    Kind.SWITCH_LOST: _write_mark,
    Kind.SWITCH_SEEN: _write_mark,
}
