"""Rows that are well in themselves, and were never made by the centre, are found too."""

from __future__ import annotations

from chain_bed import PER_CALL, fill, found, looked_over, tamper
from store_bed import node

from protocol_store.engines import make_engine
from protocol_store.fact_log import FactLog

COLUMNS = "writer, sequence, at, kind, call_id, agent, by_whom, details, violation"
MORE = "'x', sequence, at, kind, call_id, agent, by_whom, details, violation"
FACTS = 9 * PER_CALL


def forge(url: str, site: str) -> None:
    """A fact of one of our calls, linked as it should be, in the chain of this site."""
    engine = make_engine(url)
    log = FactLog("forged", site)
    with engine.begin() as connection:
        log.write(connection, log.number([node("sp1-1000", 77)]))
    engine.dispose()


def test_a_row_put_before_all_others(database_url: str) -> None:
    fill(database_url)
    row = f"SELECT -5, {MORE} FROM facts WHERE ordinal = 5"
    tamper(database_url, f"INSERT INTO facts (id, {COLUMNS}) {row}")
    assert found(database_url) == [("inserted", 0, 0)]


def test_a_chain_of_a_site_that_the_store_does_not_know(database_url: str) -> None:
    fill(database_url)
    forge(database_url, "zz")
    tamper(database_url, "DELETE FROM sites WHERE site = 'zz'")
    assert found(database_url) == [("inserted", 1, 1)]


def test_a_chain_of_another_site_that_nobody_signed_is_told(database_url: str) -> None:
    fill(database_url)
    forge(database_url, "zz")
    seen = looked_over(database_url)
    assert seen.findings == ()
    assert [(one.what, one.site, one.first, one.last) for one in seen.unvouched] == [
        ("unsigned", "zz", 1, 1)
    ]


def test_a_chain_that_goes_on_behind_its_end(database_url: str) -> None:
    fill(database_url)
    before = f"(SELECT digest FROM facts WHERE ordinal = {FACTS})"
    forge(database_url, "sp1")
    tamper(database_url, f"UPDATE sites SET ordinal = {FACTS}, digest = {before}")
    assert found(database_url) == [("inserted", FACTS + 1, FACTS + 1)]
