"""What the dialler keeps in the store beside campaigns: why it stands still, what trunks carried,
whose call is which campaign's, and what was said at an attempt's end."""

from __future__ import annotations

from dataclasses import replace

from seeded import CALLER
from store_bed import AT, NewStore, execute, rows
from stored_campaign_bed import NAME, TRUNK, ended, load, ordered

from protocol_store import Store, schema
from protocol_store.dialler_rows import Stopped
from protocol_store.engines import make_engine
from protocol_store.trunk_rows import TrunkDay, day_of, month_of
from terms.names import CallId, TrunkName
from terms.outcome import Tried


async def test_what_stopped_the_dialler_stops_it_after_a_restart(
    new_store: NewStore, database_url: str
) -> None:
    store = await new_store("a")
    assert await store.campaigns.stopped() == Stopped()
    await store.campaigns.set_stopped("o relógio saltou", AT)
    await store.close()
    store = await new_store("a")
    assert await store.campaigns.stopped() == Stopped("o relógio saltou", AT, "")
    await store.campaigns.set_stopped("", AT + 5, "bia")
    assert await store.campaigns.stopped() == Stopped("", AT + 5, "bia")
    assert len(rows(database_url, "SELECT site FROM dialler_state")) == 1


async def test_calls_of_no_campaign_count_for_their_trunk_too(store: Store) -> None:
    await load(store)
    book = store.campaigns
    (contact, *_) = await book.due(NAME, AT + 1, 10)
    wish = ordered(contact)
    await book.order(wish)
    await book.end(ended(contact, wish, Tried.ANSWERED, after=20.0, talk=5.0))
    other = TrunkName("outra")
    for trunk in (TRUNK, other):
        await book.count_outside(trunk, AT)
    await book.count_outside(TRUNK, AT, 0, answered=1, short=1)
    month = {one.trunk: one for one in await book.trunk_months(month_of(AT))}
    assert (month[TRUNK].attempts, month[TRUNK].answered, month[TRUNK].short) == (2, 2, 2)
    assert (month[other].attempts, month[other].answered) == (1, 0)
    day = day_of(AT)
    found = await book.trunk_days(day)
    site = month[TRUNK].site
    assert found == [TrunkDay(site, other, day, 1, 0, 0), TrunkDay(site, TRUNK, day, 2, 2, 2)]
    assert await book.trunk_days("2000-01-01", "2000-12-31") == []


async def test_what_never_reached_for_a_citizen_is_taken_back(store: Store) -> None:
    await load(store)
    (contact, *_) = await store.campaigns.due(NAME, AT + 1, 10)
    wish = ordered(contact)
    await store.campaigns.order(wish)
    await store.campaigns.end(ended(contact, wish, Tried.HELD, after=1.0))
    (day,) = await store.campaigns.trunk_days(day_of(AT))
    assert (day.attempts, day.answered, day.short) == (0, 0, 0)


async def test_a_call_knows_its_campaign_and_its_attempt(store: Store, database_url: str) -> None:
    await load(store)
    (contact, *_) = await store.campaigns.due(NAME, AT + 1, 10)
    wish = ordered(contact)
    await store.campaigns.order(wish)
    call = CallId("boot-7")
    await store.open_call(call, "156", "campanha", CALLER, AT, False, campaign=NAME)
    done = ended(contact, wish, Tried.ANSWERED, after=20.0, talk=15.0)
    await store.campaigns.end(replace(done, call=call, said="confirma", advice="talvez máquina"))
    assert await store.settled()
    asked = "SELECT campaign, direction, protocol IS NOT NULL FROM calls"
    assert [tuple(map(str, one)) for one in rows(database_url, asked)] in (
        [(NAME, "out", "1")],
        [(NAME, "out", "True")],
    )
    joined = (
        "SELECT attempts.said, attempts.advice, calls.campaign FROM attempts "
        "JOIN calls ON calls.call_id = attempts.call_id"
    )
    assert rows(database_url, joined) == [("confirma", "talvez máquina", NAME)]
    told = await store.story("boot-7")
    assert told is not None
    assert next(one.details.get("campaign") for one in told.facts) == NAME


async def test_operators_of_trunks(store: Store, database_url: str) -> None:
    await store.campaigns.set_operators({TRUNK: "A", TrunkName("outra"): "B"})
    await store.campaigns.set_operators({TRUNK: "C"})
    asked = "SELECT trunk, operator FROM trunk_operators ORDER BY operator"
    assert rows(database_url, asked) == [("outra", "B"), (TRUNK, "C")]


def test_a_store_of_before_keeps_what_campaigns_tried(database_url: str) -> None:
    """And can be taken back, with what the older release knows of it."""
    engine = make_engine(database_url)
    schema.upgrade(engine, "0015")
    moment = "'2026-11-01 12:00:00.000000'"
    execute(
        database_url,
        "INSERT INTO attempts (attempt, contact, campaign, number, trunk, ordered_at, "
        f"ordered_minute, ended_at, result) VALUES ('l.1-1', 'l.1', 'velha', '11910000002', "
        f"'principal', {moment}, 29896560, {moment}, 'busy')",
    )
    execute(database_url, f"INSERT INTO calls (call_id, arrived_at) VALUES ('c', {moment})")
    schema.upgrade(engine)
    asked = "SELECT attempt, result, said, advice FROM attempts"
    assert rows(database_url, asked) == [("l.1-1", "busy", "", "")]
    assert rows(database_url, "SELECT call_id, campaign FROM calls") == [("c", "")]
    schema.downgrade(engine, "0015")
    assert rows(database_url, "SELECT attempt, result FROM attempts") == [("l.1-1", "busy")]
    schema.upgrade(engine)
    engine.dispose()
