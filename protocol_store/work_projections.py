"""How facts about agents at work become rows: a row's kind and columns, then the statement.

`WORK_PROJECTIONS` is pure, like all of projections.py; `write_work` keeps the facts' order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from sqlalchemy import Connection, and_, delete, insert, update

from protocol_store.contract_projections import CONTRACT_PROJECTIONS, CONTRACT_WRITES
from protocol_store.promise_projections import PROMISE_PROJECTIONS, PROMISE_WRITES
from protocol_store.tables import agents
from protocol_store.upserts import upsert
from protocol_store.work_tables import (
    agent_sessions,
    call_marks,
    hours_exceptions,
    pauses,
    planned_pauses,
    seats,
)
from terms.facts import Fact, Kind

Row = dict[str, Any]
Work = tuple[Kind, Row]


class Notes(Protocol):
    """Where `fold` gathers what facts come to."""

    work: list[Work]


def write_work(connection: Connection, work: Sequence[Work]) -> None:
    """Write these rows, in their order."""
    for kind, row in work:
        _WRITE[kind](connection, row)


def _note(columns: Callable[[Fact], Row]) -> Callable[[Fact, Notes], None]:
    def note(fact: Fact, changes: Notes) -> None:
        changes.work.append((fact.kind, {**columns(fact), "by_whom": fact.by}))

    return note


def _who(fact: Fact) -> str:
    if not fact.agent:
        raise KeyError("agent")
    return fact.agent


def _moment(value: Any) -> float | None:
    return None if value is None else float(value)


def _login(fact: Fact) -> Row:
    return {"agent": _who(fact), "seat": str(fact.details.get("seat", "")), "began_at": fact.at}


def _logout(fact: Fact) -> Row:
    return {
        "agent": _who(fact),
        "began_at": float(fact.details["since"]),
        "ended_at": fact.at,
        "because": str(fact.details.get("because", "")),
    }


def _pause_began(fact: Fact) -> Row:
    said = fact.details
    return {
        "agent": _who(fact),
        "reason": str(said["reason"]),
        "planned_at": _moment(said.get("planned")),
        "began_at": fact.at,
        "due_at": _moment(said.get("ends")),
    }


def _pause_ended(fact: Fact) -> Row:
    return {
        "agent": _who(fact),
        "began_at": float(fact.details["began"]),
        "ended_at": fact.at,
        "because": str(fact.details.get("because", "")),
    }


def _shift(fact: Fact) -> Row:
    said = fact.details
    return {
        "agent": _who(fact),
        "shift_begins": float(said["begins"]),
        "shift_ends": float(said["ends"]),
        "pauses": [
            {
                "reason": str(one["reason"]),
                "at": float(one["at"]),
                "seconds": float(one["seconds"]),
            }
            for one in said["pauses"]
        ],
    }


def _postponed(fact: Fact) -> Row:
    said = fact.details
    return {
        "agent": _who(fact),
        "reason": str(said["reason"]),
        "before": float(said["before"]),
        "at": float(said["at"]),
    }


def _excepted(fact: Fact) -> Row:
    return {
        "agent": _who(fact),
        "given_at": fact.at,
        "until": float(fact.details["until"]),
        "because": str(fact.details["because"]),
    }


def _mark(kind: str, key: str) -> Callable[[Fact], Row]:
    def columns(fact: Fact) -> Row:
        if not fact.call:
            raise KeyError("call")
        code = str(fact.details[key])
        row = {"call_id": fact.call, "agent": _who(fact), "kind": kind, "code": code}
        return {**row, "at": fact.at}

    return columns


def _skills(fact: Fact) -> Row:
    said = fact.details
    return {
        "name": _who(fact),
        "skills": {str(skill): int(level) for skill, level in said["skills"].items()},
        "subjects": [str(one) for one in said.get("subjects", ())],
        "reserve": bool(said.get("reserve", False)),
    }


def _blocked(fact: Fact) -> Row:
    said = fact.details
    because = str(said.get("because") or "bloqueado") if said["on"] else ""
    return {"name": _who(fact), "blocked": because}


def _seat(fact: Fact) -> Row:
    said = fact.details
    return {name: str(said[name]) for name in ("seat", "opens", "closes", "days")}


WORK_PROJECTIONS: Final[dict[Kind, Callable[[Fact, Any], None]]] = {
    Kind.AGENT_LOGIN: _note(_login),
    Kind.AGENT_LOGOUT: _note(_logout),
    Kind.PAUSE_BEGAN: _note(_pause_began),
    Kind.PAUSE_ENDED: _note(_pause_ended),
    Kind.SHIFT_PLANNED: _note(_shift),
    Kind.PAUSE_POSTPONED: _note(_postponed),
    Kind.HOURS_EXCEPTED: _note(_excepted),
    Kind.CALL_MARKED: _note(_mark("mark", "mark")),
    Kind.DISPOSITION: _note(_mark("disposition", "code")),
    Kind.AGENT_SKILLS: _note(_skills),
    Kind.AGENT_BLOCKED: _note(_blocked),
    Kind.SEAT_HOURS: _note(_seat),
    **PROMISE_PROJECTIONS,
    **CONTRACT_PROJECTIONS,
}


# --- the statements ---
def _insert_once(table: Any, *key: str) -> Callable[[Connection, Row], None]:
    def write(connection: Connection, row: Row) -> None:
        connection.execute(upsert(connection, table, key, ()), row)

    return write


def _end(table: Any) -> Callable[[Connection, Row], None]:
    """Add the end to the row that has none; one that has keeps its first."""

    def write(connection: Connection, row: Row) -> None:
        same = and_(
            table.c.agent == row["agent"],
            table.c.began_at == row["began_at"],
            table.c.ended_at.is_(None),
        )
        connection.execute(
            update(table)
            .where(same)
            .values(ended_at=row["ended_at"], because=row["because"], ended_by=row["by_whom"])
        )

    return write


def _write_shift(connection: Connection, row: Row) -> None:
    """This plan, in the place of all that it touches."""
    connection.execute(
        delete(planned_pauses).where(
            planned_pauses.c.agent == row["agent"],
            planned_pauses.c.shift_begins < row["shift_ends"],
            planned_pauses.c.shift_ends > row["shift_begins"],
        )
    )
    shift = {name: row[name] for name in ("agent", "shift_begins", "shift_ends", "by_whom")}
    rows = [{**shift, **one, "planned_at": one["at"]} for one in row["pauses"]]
    if rows:
        connection.execute(insert(planned_pauses), rows)


def _write_postponed(connection: Connection, row: Row) -> None:
    connection.execute(
        update(planned_pauses)
        .where(
            planned_pauses.c.agent == row["agent"],
            planned_pauses.c.reason == row["reason"],
            planned_pauses.c.at == row["before"],
        )
        .values(at=row["at"])
    )


def _write_mark(connection: Connection, row: Row) -> None:
    key = ("call_id", "agent", "kind")
    connection.execute(upsert(connection, call_marks, key, ("code", "at", "by_whom")), row)


def _write_agent(connection: Connection, row: Row) -> None:
    values = {name: row[name] for name in row if name not in ("name", "by_whom")}
    connection.execute(update(agents).where(agents.c.name == row["name"]).values(**values))


def _write_seat(connection: Connection, row: Row) -> None:
    says = ("opens", "closes", "days", "by_whom")
    connection.execute(upsert(connection, seats, ("seat",), says), row)


_WRITE: Final[dict[Kind, Callable[[Connection, Row], None]]] = {
    Kind.AGENT_LOGIN: _insert_once(agent_sessions, "agent", "began_at"),
    Kind.AGENT_LOGOUT: _end(agent_sessions),
    Kind.PAUSE_BEGAN: _insert_once(pauses, "agent", "began_at"),
    Kind.PAUSE_ENDED: _end(pauses),
    Kind.SHIFT_PLANNED: _write_shift,
    Kind.PAUSE_POSTPONED: _write_postponed,
    Kind.HOURS_EXCEPTED: _insert_once(hours_exceptions, "agent", "given_at"),
    Kind.CALL_MARKED: _write_mark,
    Kind.DISPOSITION: _write_mark,
    Kind.AGENT_SKILLS: _write_agent,
    Kind.AGENT_BLOCKED: _write_agent,
    Kind.SEAT_HOURS: _write_seat,
    **PROMISE_WRITES,
    **CONTRACT_WRITES,
}
