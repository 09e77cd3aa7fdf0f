"""The register of erasures: that somebody's data was removed, when, by whom and why; never whose.

`subject` is a keyed hash: whoever has the key can tell whether a number is among them, which is how
an erasure is done again after an old backup was restored, and nobody else can tell anything.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Index, Integer, Table, Text, text

from protocol_store.tables import Moment, RowNumber, facts, metadata

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

# Few facts among many. Questions must use these very words: neither database finds a partial index
# by the value of a parameter.
TYPED: Final = text("kind = 'data_typed'")
"""What citizens typed."""

AUDITED: Final = text(
    "kind IN ('recording_heard', 'recording_held', 'recording_released', 'recording_erased', "
    "'citizen_told', 'data_erased', 'report_exported', 'supervision_began', 'supervision_ended')"
)
"""Who looked at, listened to, or removed what."""

Index("facts_typed", facts.c.call_id, sqlite_where=TYPED, postgresql_where=TYPED)
Index("facts_audited", facts.c.at, sqlite_where=AUDITED, postgresql_where=AUDITED)
