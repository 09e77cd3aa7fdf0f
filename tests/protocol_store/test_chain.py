"""Nothing that was stored can be changed, removed or put in between without being found."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from chain_bed import PER_CALL, SIGNER, fill, found, looked_over, plain, tamper
from sqlalchemy import make_url, select
from store_bed import AT, NewStore, node, rows

from protocol_store import Store, chain
from protocol_store.engines import make_engine
from protocol_store.fact_log import FactLog
from protocol_store.heads import Head, all_days, read_head
from protocol_store.tables import facts
from terms.facts import Fact, Kind
from terms.names import CallId
from vault.signing import holds

LAST = 9 * PER_CALL
"""The chain's last ordinal: three calls on each of three days."""


TABLES = ("facts", "fact_days", "sites")


@pytest.fixture(scope="module", params=["sqlite", pytest.param("pg", marks=pytest.mark.postgres)])
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, list[Head]]:
    """A chain of three days, made once: its address, and all its heads."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('chain') / 'store.sqlite'}"
    else:
        url = request.getfixturevalue("postgres").new_database()
    fill(url)
    engine = make_engine(url, reading=True)
    with engine.connect() as connection:
        days = all_days(connection)
    engine.dispose()
    if request.param == "pg":
        kept = [f"CREATE TABLE kept.{name} AS TABLE {name}" for name in TABLES]
        as_somebody(url, "CREATE SCHEMA kept", *kept)
    return url, days


@pytest.fixture
def copied(filled: tuple[str, list[Head]], tmp_path: Path) -> Iterator[tuple[str, list[Head]]]:
    """The same for a test that changes it: a copy of the file, or put back as it was."""
    url, days = filled
    if url.startswith("sqlite"):
        file = tmp_path / "copy.sqlite"
        shutil.copyfile(str(make_url(url).database), file)
        yield f"sqlite:///{file}", days
        return
    yield url, days
    again = [f"TRUNCATE {name}" for name in TABLES]
    again += [f"INSERT INTO {name} SELECT * FROM kept.{name}" for name in TABLES]
    tamper(url, *again, f"SELECT setval('facts_id_seq', {LAST})")


def test_a_chain_that_nobody_touched_is_well(copied: tuple[str, list[Head]]) -> None:
    url, days = copied
    seen = looked_over(url, *days)
    assert (seen.findings, seen.facts, seen.signed, seen.unsigned) == ((), LAST, 6, ())
    assert [(one.day, one.first, one.last) for one in days] == [
        ("2026-09-21", 1, 36),
        ("2026-09-22", 37, 72),
        ("2026-09-23", 73, 108),
    ]


@pytest.mark.parametrize(
    ("done", "told"),
    [
        ('UPDATE facts SET details = \'{"node": "x"}\' WHERE ordinal = 40', ("altered", 40, 40)),
        ("UPDATE facts SET at = '2026-01-01 00:00:00.000000' WHERE ordinal = 1", ("altered", 1, 1)),
        ("UPDATE facts SET by_whom = 'ana' WHERE ordinal = 108", ("altered", 108, 108)),
        ("UPDATE facts SET violation = 'x' WHERE ordinal = 7", ("altered", 7, 7)),
        ("UPDATE facts SET digest = 'ab' WHERE ordinal = 50", ("digest", 50, 50)),
        ("DELETE FROM facts WHERE ordinal = 20", ("removed", 20, 20)),
        ("DELETE FROM facts WHERE ordinal BETWEEN 37 AND 72", ("removed", 37, 72)),
        ("DELETE FROM facts WHERE ordinal > 100", ("cut", 101, 108)),
        ("UPDATE facts SET ordinal = NULL WHERE ordinal = 108", ("inserted", 0, 0)),
        ("UPDATE fact_days SET head = 'ab' WHERE first_ordinal = 37", ("rewritten", 72, 72)),
        ("UPDATE fact_days SET first_ordinal = 30 WHERE first_ordinal = 37", ("day", 37, 37)),
        ("DELETE FROM fact_days WHERE first_ordinal = 37", ("day", 37, 72)),
        (
            "UPDATE fact_days SET day = '2026-09-29' WHERE first_ordinal = 73",
            ("signature", 73, 108),
        ),
        ("UPDATE sites SET digest = 'ab'", ("rewritten", 108, 108)),
    ],
)
def test_what_was_done_is_found_and_where(
    copied: tuple[str, list[Head]], done: str, told: tuple[str, int, int]
) -> None:
    url, _ = copied
    tamper(url, done)
    assert told in found(url)


def test_a_row_put_in_behind_the_others_is_found(copied: tuple[str, list[Head]]) -> None:
    url, _ = copied
    columns = "writer, sequence, at, kind, call_id, agent, by_whom, details, violation"
    more = "'x', sequence, at, kind, call_id, agent, by_whom, details, violation"
    tamper(url, f"INSERT INTO facts ({columns}) SELECT {more} FROM facts WHERE ordinal = 5")
    (only,) = looked_over(url).findings
    assert (only.what, only.fact) == ("inserted", LAST + 1)


def test_two_rows_that_change_places_are_found(copied: tuple[str, list[Head]]) -> None:
    url, _ = copied
    tamper(
        url,
        "UPDATE facts SET id = -1 WHERE ordinal = 10",
        "UPDATE facts SET id = 10 WHERE ordinal = 11",
        "UPDATE facts SET id = 11 WHERE ordinal = 10",
    )
    assert found(url) == [("removed", 10, 10), ("moved", 10, 10)]


def test_a_row_put_in_between_by_renumbering_is_found(copied: tuple[str, list[Head]]) -> None:
    url, _ = copied
    tamper(
        url,
        "UPDATE facts SET ordinal = ordinal + 1000 WHERE ordinal >= 90",
        "UPDATE facts SET ordinal = ordinal - 999 WHERE ordinal > 1000",
    )
    assert ("removed", 90, 90) in found(url)


def test_an_end_that_is_cut_off_with_all_that_tells_of_it_is_found_by_an_exported_head(
    copied: tuple[str, list[Head]],
) -> None:
    url, days = copied
    last = rows(url, "SELECT digest FROM facts WHERE ordinal = 72")[0][0]
    tamper(
        url,
        "DELETE FROM facts WHERE ordinal > 72",
        "DELETE FROM fact_days WHERE first_ordinal > 72",
        f"UPDATE sites SET ordinal = 72, digest = '{last}', day = '2026-09-22', day_first = 37",
    )
    assert found(url) == []  # the database alone tells nothing any more
    exported = read_head(json.loads(json.dumps(days[2].exported())))
    assert found(url, exported) == [("cut", 73, 108)]


def test_a_chain_made_anew_is_found_by_its_signatures(copied: tuple[str, list[Head]]) -> None:
    """All digests are right again, and the days' heads too; only nobody could sign them."""
    url, days = copied
    tamper(url, "UPDATE facts SET by_whom = 'outra' WHERE ordinal = 30")
    engine = make_engine(url, reading=True)
    with engine.connect() as connection:
        stored = chain.rows_after(connection, 0, LAST)
    digest, again = "", []
    for row in stored:
        link = chain.link_of(row, engine.dialect.name, row.site, row.ordinal)
        digest = chain.digest_after(digest, chain.content_of(link))
        again.append(f"UPDATE facts SET digest = '{digest}' WHERE ordinal = {row.ordinal}")
        for day in days:
            if day.last == row.ordinal:
                again.append(
                    f"UPDATE fact_days SET head = '{digest}' WHERE last_ordinal = {day.last}"
                )
    engine.dispose()
    tamper(url, *again, f"UPDATE sites SET digest = '{digest}'")
    assert [what for what, *_ in found(url)] == ["signature"] * 3
    assert ("rewritten", 36, 36) in found(url, days[0])


# --- the guard ---
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM facts",
        "UPDATE facts SET kind = 'x'",
        "UPDATE facts SET details = '{}'",
        "UPDATE facts SET digest = ''",
        "UPDATE facts SET id = id + 1000",
    ],
)
def test_the_database_itself_refuses_to_change_facts(
    copied: tuple[str, list[Head]], statement: str
) -> None:
    url, _ = copied
    with pytest.raises((psycopg.Error, sqlite3.Error), match="never changed"):
        as_somebody(url, statement)
    assert found(url) == []


def as_somebody(url: str, *statements: str) -> None:
    """In one transaction, past the store."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(address.database))) as connection, connection:
            for statement in statements:
                connection.execute(statement)
        return
    with psycopg.connect(plain(url)) as there:
        for statement in statements:
            there.execute(statement.encode())


def test_even_an_erasure_changes_nothing_but_details(copied: tuple[str, list[Head]]) -> None:
    url, _ = copied
    opens = "INSERT INTO fact_erasing (act) VALUES ('x')"
    for statement in ("DELETE FROM facts", "UPDATE facts SET kind = 'x'"):
        with pytest.raises((psycopg.Error, sqlite3.Error), match="never changed"):
            as_somebody(url, opens, statement)
    as_somebody(url, opens, "UPDATE facts SET details = '{}' WHERE ordinal = 3")
    assert found(url) == [("altered", 3, 3)]


# --- erasure ---
def erase(url: str, attest: Callable[[dict[str, str]], dict[str, str]] = dict) -> None:
    """Take the callers of the first two calls out, and chain the fact that attests it."""
    engine = make_engine(url)
    log = FactLog("erasure", "sp1")
    with engine.begin() as connection:
        left = {("sp1", n): {"caller": "apagado"} for n in (1, 1 + PER_CALL)}
        attested = chain.replace_details(connection, left)
        fact = Fact(AT + 9, Kind.DATA_ERASED, details={"rows": attest(attested)})
        log.write(connection, log.number([fact]))
    engine.dispose()


def test_what_was_erased_is_well_when_a_later_fact_attests_just_that(
    copied: tuple[str, list[Head]],
) -> None:
    url, days = copied
    erase(url)
    seen = looked_over(url, *days)
    assert (seen.findings, seen.erased) == ((), 2)
    tamper(url, 'UPDATE facts SET details = \'{"caller": "11"}\' WHERE ordinal = 1')
    assert found(url) == [("altered", 1, 1)]


def test_an_erasure_that_is_not_attested_is_a_change(copied: tuple[str, list[Head]]) -> None:
    url, _ = copied
    erase(url, lambda attested: {name: "0" * 64 for name in attested})
    assert found(url) == [("altered", 1, 1), ("altered", 13, 13)]


# --- what is chained ---
ODD: dict[Any, Any] = {
    "node": "n",
    "large": 1e17,
    "huge": 1e300,
    "small": 1.5e-7,
    "zero": -0.0,
    "whole": 15.0,
    "third": 1 / 3,
    "count": 2**63,
    "text": "não há 'aspas' \U0001f600 \x7f",
    "none": None,
    "list": [True, {"b": 1, "a": [2.0]}],
    7: "a key that is no text",
}


def test_a_fact_has_the_same_digest_on_every_database(store: Store, database_url: str) -> None:
    engine = make_engine(database_url)
    log = FactLog("w", "sp9")
    odd = Fact(1_790_000_000.1234567, Kind.NODE_ENTERED, CallId("c-1"), details=ODD)
    with engine.begin() as connection:
        log.write(connection, log.number([odd, odd]))
        digests = connection.execute(
            select(facts.c.digest).where(facts.c.site == "sp9").order_by(facts.c.ordinal)
        ).scalars()
        assert [one[:16] for one in digests] == ["601421642d7a9bba", "91ea56ecfe480221"]
    engine.dispose()
    assert found(database_url) == []


async def test_two_nodes_on_one_database_make_one_chain(
    new_store: NewStore, database_url: str
) -> None:
    stores = [await new_store("a"), await new_store("b")]

    async def write(store: Store, name: str) -> None:
        for number in range(20):
            store.append(*(node(f"{name}-{number}", n) for n in range(5)))
            await store.settled()

    await asyncio.gather(*(write(one, name) for one, name in zip(stores, "xy", strict=True)))
    assert found(database_url) == []
    told = rows(database_url, "SELECT max(ordinal), count(*) FROM facts")
    assert told[0][0] == told[0][1] >= 200


async def test_a_running_store_signs_and_follows_its_chain(
    new_store: NewStore, database_url: str
) -> None:
    store = await new_store("a")
    store.append(*(node("c-1", n) for n in range(50)))
    assert await store.settled()
    (head,) = await store.heads.sign(SIGNER.sign)
    assert await store.heads.sign(SIGNER.sign) == []
    assert holds(head.key, head.signature, head.said())
    assert await store.heads.look() > 0
    store.append(*(node("c-2", n) for n in range(50)))
    assert await store.settled()
    tamper(database_url, f"UPDATE facts SET agent = 'eva' WHERE ordinal = {head.last + 9}")
    await store.heads.look()
    await store.heads.look()
    assert store.heads.broken == 1
    (later,) = await store.heads.sign(SIGNER.sign)
    assert (later.day, later.first, later.last) == (head.day, head.first, head.last + 50)
