"""The tables of call-backs: who keeps a place without a channel, and whom nobody calls by itself.

Both are what facts come to (promise_projections.py). A promise is loaded into the floor at every
start, so its row holds all that the floor and the citizen's next channel must know.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from protocol_store.tables import Moment, metadata

promises = Table(
    "promises",
    metadata,
    # The call that hung up. No foreign key: a promise about a call that nobody announced is one.
    Column("call_id", Text, primary_key=True),
    Column("how", Text, nullable=False, server_default=""),  # key | emergency
    Column("line", Text, nullable=False, server_default=""),
    Column("queue", Text, nullable=False, server_default=""),
    Column("priority", BigInteger, nullable=False, server_default="0"),
    Column("joined_at", Moment),
    Column("promised_at", Moment),
    Column("expires_at", Moment),
    Column("place", Text, nullable=False, server_default=""),  # where it stood in its menu
    Column("data", Text, nullable=False, server_default=""),  # typed and looked up: personal
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("attempt", Text, nullable=False, server_default=""),  # in course; '' = none
    Column("result", Text),  # of the last attempt
    Column("not_before", Moment),
    Column("over_at", Moment),
    Column("over_how", Text),
    Column("to_call", Text),  # the citizen's next channel
)
Index(
    "promises_open",
    promises.c.call_id,
    sqlite_where=promises.c.over_at.is_(None),
    postgresql_where=promises.c.over_at.is_(None),
)

call_back_bars = Table(
    "call_back_bars",
    metadata,
    Column("call_id", Text, primary_key=True),
    Column("mark", Text, nullable=False),  # nao_pode_falar | retorno_nao_seguro
    Column("since", Moment, nullable=False),
    Column("by_whom", Text, nullable=False, server_default=""),
    Column("ended_at", Moment),
    Column("ended_by", Text),
)
