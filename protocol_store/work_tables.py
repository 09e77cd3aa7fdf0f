"""The tables of agents at work: sessions, pauses, plans, hours, what was said of calls.

All are what facts come to (work_projections.py), and all can be made anew from them. Nothing in
them is ever changed by hand: a pause's row is written when it begins, and its end is added (R47).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Float, Table, Text, UniqueConstraint

from protocol_store.tables import Moment, RowNumber, metadata


def _by(name: str) -> Column[Any]:
    return Column(name, Text, nullable=False, server_default="")


agent_sessions = Table(
    "agent_sessions",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("agent", Text, nullable=False),
    _by("seat"),
    Column("began_at", Moment, nullable=False, index=True),
    Column("ended_at", Moment),
    Column("because", Text),
    _by("by_whom"),
    _by("ended_by"),
    UniqueConstraint("agent", "began_at"),
)

pauses = Table(
    "pauses",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("agent", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("planned_at", Moment),  # empty: it was not of the plan
    Column("began_at", Moment, nullable=False, index=True),
    Column("due_at", Moment),  # when it ends by itself; empty: when somebody ends it
    Column("ended_at", Moment),
    Column("because", Text),
    _by("by_whom"),
    _by("ended_by"),
    UniqueConstraint("agent", "began_at"),
)

planned_pauses = Table(
    "planned_pauses",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("agent", Text, nullable=False),
    Column("shift_begins", Moment, nullable=False, index=True),
    Column("shift_ends", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("planned_at", Moment, nullable=False),  # as the plan was made
    Column("at", Moment, nullable=False),  # as the agent postponed it
    Column("seconds", Float, nullable=False),
    _by("by_whom"),
    UniqueConstraint("agent", "shift_begins", "reason"),
)

hours_exceptions = Table(
    "hours_exceptions",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("agent", Text, nullable=False),
    Column("given_at", Moment, nullable=False, index=True),
    Column("until", Moment, nullable=False),
    Column("because", Text, nullable=False),
    _by("by_whom"),
    UniqueConstraint("agent", "given_at"),
)

call_marks = Table(
    "call_marks",
    metadata,
    Column("id", RowNumber, primary_key=True),
    # No foreign key: a mark on a call that nobody announced is still one.
    Column("call_id", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("kind", Text, nullable=False),  # mark | disposition
    Column("code", Text, nullable=False),
    Column("at", Moment, nullable=False, index=True),
    _by("by_whom"),
    UniqueConstraint("call_id", "agent", "kind"),
)

seats = Table(
    "seats",
    metadata,
    Column("seat", Text, primary_key=True),
    Column("opens", Text, nullable=False),  # HH:MM, on the city's clock
    Column("closes", Text, nullable=False),
    Column("days", Text, nullable=False),  # 1 = Monday … 7 = Sunday, such as `12345`
    _by("by_whom"),
)
