"""The tables of sealed recordings: under which key each lies, and which must not be deleted.

Both are truths of their own, not what facts come to: a key that stood in the history could never
be destroyed. What is done with them is told by facts all the same.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Table, Text

from protocol_store.tables import Moment, RowNumber, calls, metadata, recordings

recording_keys = Table(
    "recording_keys",
    metadata,
    Column("name", Text, primary_key=True),  # terms.recording_name
    # No foreign key: the file of a call that nobody announced is sealed too.
    Column("call_id", Text, nullable=False, index=True),
    Column("retention_class", Text, nullable=False),
    Column("place", Text, nullable=False, server_default=""),  # the sealed file; '' = never made
    Column("master", Text, nullable=False, server_default=""),  # the master key that wraps …
    Column("wrapped", Text),  # … this recording's own key; empty = destroyed, for ever
    Column("bytes", BigInteger, nullable=False, server_default="0"),  # of the sound, unsealed
    Column("seconds", Float),
    Column("digest", Text, nullable=False, server_default=""),  # SHA-256 of the sound
    Column("recorded_at", Moment, nullable=False),
    Column("sealed_at", Moment, nullable=False),
    Column("archived_at", Moment),  # empty = on line
    Column("erased_at", Moment),
    Column("erased_by", Text),
    Column("erased_how", Text),  # policy | request
    Column("erased_because", Text),
)
Index(
    "recording_keys_due",
    recording_keys.c.retention_class,
    recording_keys.c.recorded_at,
    sqlite_where=recording_keys.c.erased_at.is_(None),
    postgresql_where=recording_keys.c.erased_at.is_(None),
)

recording_holds = Table(
    "recording_holds",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("act", Text, nullable=False, unique=True),  # drawn by who asks: a repeat is no second
    Column("call_id", Text, nullable=False, index=True),  # all its recordings
    Column("reason", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("by_whom", Text, nullable=False),
    Column("ended_at", Moment),
    Column("ended_by", Text),
    Column("ended_because", Text),
)

Index("recordings_recorded_at", recordings.c.recorded_at, recordings.c.id)
Index("calls_ended_at", calls.c.ended_at)
