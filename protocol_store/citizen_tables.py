"""The register of erasures: that somebody's data was removed, when, by whom and why; never whose.

`subject` is a keyed hash: whoever has the key can tell whether a number is among them, which is how
an erasure is done again after an old backup was restored, and nobody else can tell anything.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from protocol_store.tables import Moment, RowNumber, facts, metadata
from terms.facts import Kind

erasures = Table(
    "erasures",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("act", Text, nullable=False, unique=True),  # drawn by who asks: a repeat is no second
    Column("kind", Text, nullable=False),  # phone | document | protocol
    Column("subject", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by_whom", Text, nullable=False),
    Column("because", Text, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("facts", Integer, nullable=False),
    Column("recordings", Integer, nullable=False),
    Column("kept", Integer, nullable=False),  # calls that could not be erased yet
)

# What citizens typed is looked for by value, which is rare, among facts, which are many.
Index(
    "facts_typed",
    facts.c.call_id,
    sqlite_where=facts.c.kind == Kind.DATA_TYPED.value,
    postgresql_where=facts.c.kind == Kind.DATA_TYPED.value,
)
