"""PostgreSQL is away for an hour of the city's busiest day: the journal carries all of it.

The scale: the busiest month had 792,640 calls, a Monday has 18.8 % of a week, its busiest hour
9.5 % of a day (bench/data/sim_inputs.json): 3,265 calls. What an hour of them leaves is appended at
once, for it is its amount, not its length, that could be too much.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator

import pytest
from postgres_server import PostgresServer
from store_bed import NewStore, open_call, rows

from bench.facts_stored import _calls
from terms import limits
from terms.facts import Fact, Kind

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

CALLS = 3_265
AT_ONCE = 100
FACTS_A_CALL = 2  # of its number, beside those of its life


async def test_an_hour_of_the_busiest_day(postgres: PostgresServer, store_at: NewStore) -> None:
    url = postgres.new_database()
    store = await store_at(url)
    told: dict[str, str] = {}
    lives = 0
    postgres.stop()
    try:
        for some in _batches(itertools.islice(_calls("hour"), CALLS)):
            names = [str(facts[0].call) for facts in some]
            numbers = await asyncio.gather(*(open_call(store, call) for call in names))
            told |= dict(zip(names, numbers, strict=True))
            for facts in some:
                life = [fact for fact in facts if fact.kind is not Kind.CALL_ARRIVED]
                store.append(*life)
                lives += len(life)
        while store.lag().journal_waiting:
            await asyncio.sleep(0.01)
        lag = store.lag()
        assert (lag.refused, lag.journal_failing, lag.failing) == (0, False, True)
        assert lag.count == lives + FACTS_A_CALL * CALLS > 39_000
        assert lag.numbers_left >= limits.NUMBERS_AHEAD - CALLS
    finally:
        postgres.start()
    while not await store.settled():
        assert store.lag().refused == 0
    assert len(set(told.values())) == CALLS
    assert dict(rows(url, "SELECT call_id, protocol FROM protocols")) == told
    (counted,) = rows(url, "SELECT count(*), count(violation), count(DISTINCT sequence) FROM facts")
    assert counted == (lag.count, 0, lag.count)
    assert rows(url, "SELECT count(*) FROM calls WHERE ended_at IS NULL") == [(0,)]
    in_order = "SELECT count(*) FROM facts AS one JOIN facts AS other ON other.id = one.id + 1 "
    assert rows(url, in_order + "WHERE other.sequence <> one.sequence + 1") == [(0,)]


def _batches(lives: Iterator[list[Fact]]) -> Iterator[list[list[Fact]]]:
    while some := list(itertools.islice(lives, AT_ONCE)):
        yield some
