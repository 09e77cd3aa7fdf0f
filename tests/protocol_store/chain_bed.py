"""A store with a chain of some days, and somebody who changes it behind its back."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import psycopg
from sqlalchemy import Connection, insert, make_url
from store_bed import AT, CALLER, about

from protocol_store import chain, heads, schema
from protocol_store.engines import make_engine
from protocol_store.fact_log import FactLog
from protocol_store.heads import Head
from protocol_store.protocols import Opening, arrival_facts
from protocol_store.tables import facts, protocols
from protocol_store.verify import Verified, verify
from terms.facts import Kind
from terms.names import CallId
from terms.protocol_number import protocol_of
from vault.signing import Signer, holds

DAY = 86_400.0
NUMBERS = range(1_000, 40_000_000)
OTHER_NUMBERS = range(40_000_000, 80_000_000)
SIGNER = Signer("A" * 43)
"""A key of 32 zero bytes: no secret, and the same in every run."""
PER_CALL = 12
"""Facts of each call here."""


class DatedLog(FactLog):
    """Facts linked on the day that the test says."""

    now = AT

    def _insert(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
        connection.execute(insert(facts), chain.linked(connection, self._site, rows, self.now))


def fill(
    url: str,
    site: str = "sp1",
    numbers: range = NUMBERS,
    calls: int = 3,
    since: float = AT,
    days: int = 3,
    first: int = 0,
) -> list[Head]:
    """A store with so many calls on each of some days, each day's head signed; the last heads.

    `first`: the first of its numbers that is given, counted from the range's first.
    """
    engine = make_engine(url)
    log = DatedLog(f"{site}:{since}:{first}", site)
    schema.upgrade(engine, site=site)
    with engine.begin() as connection:
        chain.begin_site(connection, site, numbers)
    signed: list[Head] = []
    given = numbers.start + first
    for day in range(days):
        log.now = since + day * DAY
        with engine.begin() as connection:
            for _ in range(calls):
                _call(connection, log, site, given)
                given += 1
            signed = heads.signed_now(connection, site, SIGNER.sign, log.now + 60)
    engine.dispose()
    return signed


def _call(connection: Connection, log: DatedLog, site: str, number: int) -> None:
    call, protocol = CallId(f"{site}-{number}"), protocol_of(number)
    opening = Opening(call, "156", "156", CALLER, log.now, False)
    told = arrival_facts(opening, protocol, "rescue")
    told += [about(Kind.NODE_ENTERED, call, n, node=str(n)) for n in range(PER_CALL - 2)]
    log.write(connection, log.number(told))
    row = {"protocol": protocol, "call_id": call, "issuer": "rescue"}
    connection.execute(insert(protocols).values(row | {"given_at": log.now, "ordinal": 0}))


def tamper(url: str, *statements: str) -> None:
    """What somebody with the database in their hands does: the guard is no obstacle to them."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(address.database), isolation_level=None)) as connection:
            kept = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = kept.fetchall()
            for name, _ in triggers:
                connection.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                connection.execute(statement)
            for _, again in triggers:
                connection.execute(again)
        return
    with psycopg.connect(plain(url), autocommit=True) as there:
        there.execute("ALTER TABLE facts DISABLE TRIGGER USER")
        for statement in statements:
            there.execute(statement.encode())
        there.execute("ALTER TABLE facts ENABLE TRIGGER USER")


def plain(url: str) -> str:
    """The address as PostgreSQL's own programs take it."""
    return url.replace("postgresql+psycopg://", "postgresql://")


def looked_over(url: str, *exported: Head, site: str = "sp1") -> Verified:
    """What `verify` finds, with the key of these tests."""
    engine = make_engine(url, reading=True)
    try:
        return verify(engine, holds, {SIGNER.key}, exported, site)
    finally:
        engine.dispose()


def found(url: str, *exported: Head) -> list[tuple[str, int, int]]:
    """The same: what, and from where to where."""
    return [(one.what, one.first, one.last) for one in looked_over(url, *exported).findings]
