"""Totals add up (R77); whatever breaks them is caught, and named."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from sqlalchemy import Engine, text
from test_rebuild import store_all
from visit_stories import START, Story, at_random, served

from protocol_store import schema
from protocol_store.balance import Balance, balance
from protocol_store.engines import make_engine
from protocol_store.fact_log import FactLog
from protocol_store.reports.asked import buckets
from protocol_store.reports.balance_sheet import BALANCE
from terms.facts import Kind
from terms.sheet import Asked

DAY = Asked(START - 3_600.0, START + 86_400.0)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    schema.upgrade(engine)
    yield engine
    engine.dispose()


def checked(engine: Engine) -> Balance:
    with engine.connect() as connection:
        return balance(connection, buckets(DAY))


def one_of_each(engine: Engine) -> None:
    """A call of each ending."""
    calls = [
        served("c-1", "ana"),
        Story("c-2").arrives().enters("m").ends("left_in_menu", "menu:m"),
        Story("c-3").arrives().enters("m").ends("ended_in_menu", "ended"),
        Story("c-4").arrives().queues("p156_geral").ends("abandoned", after=20.0),
        Story("c-5").arrives().enters("m"),  # still in the menu
        Story("c-6").arrives().queues("p156_social"),  # still waiting
        Story("c-7").arrives().queues("p156_social").queues("p156_geral", 45.0)
        .rings("bia", "1-7").answers("bia", "1-7", 52.0).talks("bia", "1-7").ends("served"),
        Story("c-8").arrives("199", test=True).queues("e199_risco").ends("abandoned"),
        Story("c-9").arrives(entry="retorno").queues("p156_geral").ends("abandoned"),
        Story("c-10").arrives("153").then(Kind.ANSWERED, "caio", after=9.0, offer="", waited=8.0)
        .ends("served", "static"),
    ]  # fmt: skip
    store_all(engine, FactLog("a:1"), [fact for call in calls for fact in call.facts], Random(1))


def test_every_call_and_every_stay_stands_in_one_term(engine: Engine) -> None:
    one_of_each(engine)
    found = checked(engine)
    assert found.holds, found
    sums = {one.line: one for one in found.intervals}
    of_156 = sums["156"]
    assert (of_156.received, of_156.ended_in_ivr, of_156.queued) == (7, 1, 4)
    assert (of_156.dropped_in_ivr, of_156.in_ivr) == (1, 1)
    # whoever did not pick up a call that we made waited for nobody
    assert (of_156.stays, of_156.answered, of_156.abandoned) == (5, 2, 1)
    assert (of_156.redirected, of_156.waiting) == (1, 1)
    assert (sums["153"].received, sums["153"].queued, sums["153"].answered) == (1, 1, 1)
    assert "199" not in sums  # a test


@pytest.mark.parametrize("seed", range(2))
def test_whatever_happens_it_adds_up(engine: Engine, seed: int) -> None:
    rng = Random(seed)
    store_all(engine, FactLog("a:1"), at_random(rng, 80), rng)
    assert checked(engine).holds


BREAKS = {
    "a call is lost": "DELETE FROM calls WHERE call_id = 'c-2'",
    "a stay is lost": "DELETE FROM queue_visits WHERE call_id = 'c-4'",
    "the only sign of a queue is lost": "DELETE FROM queue_visits WHERE call_id = 'c-6'",
    "a call's end is altered": "UPDATE calls SET outcome = 'served' WHERE call_id = 'c-2'",
    "… to a word that nobody knows": "UPDATE calls SET outcome = 'gone' WHERE call_id = 'c-3'",
    "an end is lost": "UPDATE calls SET ended_at = NULL WHERE call_id = 'c-3'",
    "a stay's end is lost": "UPDATE queue_visits SET how = NULL WHERE call_id = 'c-4'",
    "… or altered": "UPDATE queue_visits SET how = 'answered' WHERE call_id = 'c-4'",
    "… to a word that nobody knows, of a stay": "UPDATE queue_visits SET how = 'x' WHERE "
    "call_id = 'c-1'",
    "an answer becomes an abandonment": "UPDATE queue_visits SET how = 'abandoned' WHERE "
    "call_id = 'c-1'",
    "a call is made up": "INSERT INTO calls (call_id, line, arrived_at, arrived_minute, outcome) "
    "SELECT 'c-99', line, arrived_at, arrived_minute, 'ended_in_menu' FROM calls WHERE "
    "call_id = 'c-3'",
    "a call is made a test": "UPDATE calls SET test = {true} WHERE call_id = 'c-4'",
}


def test_what_breaks_it_is_caught(engine: Engine) -> None:
    one_of_each(engine)
    true = "1" if engine.dialect.name == "sqlite" else "true"
    for what, statement in BREAKS.items():
        with engine.connect() as connection:
            if statement.startswith("DELETE FROM calls"):
                connection.execute(text("DELETE FROM protocols"))
            assert connection.execute(text(statement.format(true=true))).rowcount == 1, what
            found = balance(connection, buckets(DAY))
            assert not found.holds, what
            named = {call for one in found.contradictions for call in one.calls}
            assert found.broken or named, what
            sheet = BALANCE.run(connection, DAY)
            assert sheet.totals is not None
            assert sheet.totals["holds"] == "NÃO"
            connection.rollback()
    assert checked(engine).holds
