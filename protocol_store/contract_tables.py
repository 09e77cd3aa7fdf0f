"""The tables of what only the contract's indicators ask for: what the carrier says of its own
deliveries, whom the switch turned away, and when control and the switch had lost each other.

All are what facts come to (contract_projections.py), and all can be made anew from them.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Integer, Table, Text, UniqueConstraint

from protocol_store.tables import Moment, RowNumber, metadata


def _count(name: str) -> Column[Any]:
    return Column(name, Integer, nullable=False, server_default="0")


carrier_days = Table(
    "carrier_days",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("day", Text, nullable=False),  # `2026-11-25`, on the city's clock
    Column("number", Text, nullable=False),  # that was dialled: 156, 199, 153, 08000110156
    Column("line", Text, nullable=False),
    _count("offered"),  # that the carrier had for us …
    _count("busy"),  # … and could not deliver, by its own causes
    _count("no_answer"),
    _count("failed"),
    Column("file", Text, nullable=False, server_default=""),
    Column("told_at", Moment, nullable=False),
    Column("by_whom", Text, nullable=False, server_default=""),
    UniqueConstraint("day", "number"),  # a corrected file replaces what an earlier one said
)

refused_minutes = Table(
    "refused_minutes",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("minute", BigInteger, nullable=False),  # since 1970 UTC
    Column("line", Text, nullable=False),
    Column("because", Text, nullable=False),  # cap | stopping
    _count("calls"),
    UniqueConstraint("minute", "line", "because"),
)

switch_marks = Table(
    "switch_marks",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("what", Text, nullable=False),  # lost | seen
    UniqueConstraint("at", "what"),
)
