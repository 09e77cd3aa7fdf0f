"""The tables of the chain: each site's head and range of numbers, its days, and who may erase.

`facts` itself holds every link: its site, its ordinal in the site's chain, its digest (chain.py).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Table, Text

from protocol_store.tables import Moment, metadata

sites = Table(
    "sites",
    metadata,
    Column("site", Text, primary_key=True),
    Column("first_number", BigInteger),  # its range of protocol numbers (R82); empty: not told
    Column("last_number", BigInteger),
    # The chain's end. Whoever adds facts locks this row, so that two nodes never fork the chain.
    Column("ordinal", BigInteger, nullable=False, server_default="0"),
    Column("digest", Text, nullable=False, server_default=""),
    Column("day", Text, nullable=False, server_default=""),  # that the last fact was linked on
    Column("day_first", BigInteger, nullable=False, server_default="1"),  # that day's first fact
)

fact_days = Table(
    "fact_days",
    metadata,
    Column("site", Text, primary_key=True),
    Column("day", Text, primary_key=True),  # in São Paulo, such as `2026-11-25`
    Column("first_ordinal", BigInteger, nullable=False),
    Column("last_ordinal", BigInteger, nullable=False),  # so far, while the day is not over
    Column("count", BigInteger, nullable=False),
    Column("head", Text, nullable=False),  # the digest of the last
    Column("signed_at", Moment),
    Column("signature", Text),  # Ed25519, base64; empty: not signed yet
    Column("key", Text),  # the public key that it holds for, base64
)

fact_erasing = Table(
    "fact_erasing",
    metadata,
    # A row here, in a transaction that never leaves it behind, opens the guard on `facts`.
    Column("act", Text, primary_key=True),
)
