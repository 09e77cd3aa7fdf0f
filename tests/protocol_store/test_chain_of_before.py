"""Facts that were stored before there was a chain are chained by the migration."""

from __future__ import annotations

import pytest
from chain_bed import found, looked_over, tamper
from sqlalchemy import text
from store_bed import NewStore, node, rows

from protocol_store import schema
from protocol_store.engines import make_engine


@pytest.fixture(autouse=True)
def facts_are_never_changed() -> None:
    """This migration alone may write on facts that are there: it chains them."""


def old_facts(url: str, count: int) -> None:
    """A store of the release before, with so many facts."""
    engine = make_engine(url)
    schema.upgrade(engine, "0004")
    zone = "+00:00" if engine.dialect.name == "postgresql" else ""
    insert = text(
        "INSERT INTO facts (writer, sequence, at, kind, call_id, details) VALUES "
        f"('w', :n, '2026-11-24 02:28:31.123456{zone}', 'node_entered', :call, :said)"
    )
    with engine.begin() as connection:
        for n in range(1, count + 1):
            connection.execute(insert, {"n": n, "call": f"c-{n}", "said": f'{{"node": "{n}"}}'})
    engine.dispose()


async def test_what_was_there_is_the_beginning_of_the_chain(
    new_store: NewStore, database_url: str
) -> None:
    old_facts(database_url, 30)
    store = await new_store("a")
    store.append(node("c-1", 1))
    assert await store.settled()
    seen = looked_over(database_url)
    assert seen.findings == ()
    assert seen.facts == rows(database_url, "SELECT max(ordinal) FROM facts")[0][0] >= 31
    assert rows(database_url, "SELECT DISTINCT site FROM facts") == [("sp1",)]
    tamper(database_url, "UPDATE facts SET call_id = 'x' WHERE ordinal = 12")
    assert found(database_url) == [("altered", 12, 12)]


def test_it_can_be_taken_back_and_made_again(database_url: str) -> None:
    old_facts(database_url, 5)
    engine = make_engine(database_url)
    digests = []
    for _ in range(2):
        schema.upgrade(engine, "0005", site="sp7")
        digests.append(rows(database_url, "SELECT digest FROM facts ORDER BY id"))
        assert rows(database_url, "SELECT site, ordinal FROM sites") == [("sp7", 5)]
        schema.downgrade(engine, "0004")
        assert rows(database_url, "SELECT count(*) FROM facts") == [(5,)]
    assert digests[0] == digests[1]
    engine.dispose()
