"""The table of protocols, made from the facts that numbers were given.

A number is written once, whoever repeats the fact. A call's first has the ordinal 0; if that is
another's already, both lead to the call all the same: behind the switch's own number (which is
what the citizen was told) a block's has none, and behind another block's it is the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Executable, select
from sqlalchemy.dialects import postgresql, sqlite

from protocol_store.engines import POSTGRES
from protocol_store.tables import protocols
from terms.facts import Fact
from terms.names import Protocol

RESCUE: Final = "rescue"
"""The issuer whose numbers rescue.py writes itself."""

TRIES: Final = 3  # of a row that meets another node's for the same call

Row = dict[str, Any]


def protocol_row(fact: Fact) -> Row | None:
    """What a fact says of a number; None when it is not one of ours. Raises KeyError."""
    said = fact.details
    if said.get("issuer") == RESCUE:
        return None
    return {
        "protocol": Protocol(str(said["protocol"])),
        "call_id": fact.call,
        "ordinal": int(said.get("ordinal") or 0),
        "issuer": str(said.get("issuer") or "block"),
        "given_at": fact.at,
    }


def write_protocols(connection: Connection, rows: Sequence[Row]) -> None:
    """Write these, in this order; what is there stays. Their calls are there already."""
    for _ in range(TRIES):
        if not rows:
            return
        there = connection.execute(
            select(protocols).where(protocols.c.call_id.in_({row["call_id"] for row in rows}))
        ).all()
        known = {held.protocol for held in there}
        taken: dict[str, dict[int, str]] = {}
        for held in there:
            if held.ordinal is not None:
                taken.setdefault(held.call_id, {})[held.ordinal] = held.issuer
        new = {}
        for row in rows:
            if row["protocol"] not in known and row["protocol"] not in new:
                of_call = taken.setdefault(row["call_id"], {})
                ordinal = _ordinal(row["ordinal"], of_call)
                new[row["protocol"]] = row | {"ordinal": ordinal}
                if ordinal is not None:
                    of_call[ordinal] = row["issuer"]
        if not new:
            return
        rows = list(new.values())
        connection.execute(_insert(connection.dialect.name), rows)
        if connection.dialect.name != POSTGRES:
            return
        # Looked at once more: another node's, for the same call, may have been in the way.


@lru_cache(maxsize=2)
def _insert(dialect: str) -> Executable:
    made: Any = (postgresql if dialect == POSTGRES else sqlite).insert(protocols)
    statement: Executable = made.on_conflict_do_nothing()
    return statement


def _ordinal(wanted: int, taken: dict[int, str]) -> int | None:
    if wanted not in taken:
        return wanted
    return None if not wanted and taken[0] == RESCUE else max(taken) + 1
