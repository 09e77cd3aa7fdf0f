"""Who is not to be called, one citizen's data, and two sites' campaigns made one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from store_bed import AT, execute, rows
from stored_campaign_bed import NAME, TRUNK, ended, load, ordered

from protocol_store import (
    Store,
    attempt_rows,
    contact_rows,
    dialler_rows,
    do_not_call,
    schema,
    trunk_rows,
)
from protocol_store.campaign_subject import HeldAttempt
from protocol_store.citizens import Known
from protocol_store.dialler_rows import Stopped
from protocol_store.do_not_call import Wish
from protocol_store.engines import make_engine
from protocol_store.errors import NameUnknown
from protocol_store.merge_campaigns import copy_campaigns
from protocol_store.reports.campaign_names import operators_of
from terms.outcome import Tried


async def test_two_sites_become_one(store: Store, database_url: str, tmp_path: Path) -> None:
    await load(store, 3)
    there = make_engine(f"sqlite:///{tmp_path / 'other.sqlite'}")
    schema.upgrade(there)
    here = make_engine(database_url)
    copy_campaigns(here, there)  # what the other site has; then both go on
    row = (await store.campaigns.due(NAME, AT, 1))[0]
    await store.campaigns.order(ordered(row))
    await store.campaigns.bar(Wish("a1", "11910000002", AT, "ana", "pediu"))
    await store.campaigns.set_operators({TRUNK: "A"})
    await store.campaigns.set_stopped("o relógio saltou", AT)
    for _ in range(2):
        copy_campaigns(here, there)
    with there.connect() as connection:
        assert contact_rows.contact(connection, row.contact) == replace(
            row, state="ordered", due_at=None, ordered=1, attempt=f"{row.contact}-1"
        )
        assert len(attempt_rows.open_attempts(connection)) == 1
        assert do_not_call.numbers(connection) == {"11910000002"}
    await store.campaigns.end(ended(row, ordered(row), Tried.BUSY, 20))
    copy_campaigns(here, there)
    with there.connect() as connection:
        assert attempt_rows.open_attempts(connection) == []
        assert trunk_rows.months(connection, "2026-09")[0].attempts == 1
        (carried,) = trunk_rows.days(connection, trunk_rows.day_of(AT))
        assert (carried.trunk, carried.attempts) == (TRUNK, 1)
        assert operators_of(connection) == {TRUNK: "A"}
        # Each site stops by itself: what stopped one says nothing of the other's lines.
        assert dialler_rows.stopped(connection, "principal") == Stopped()
    there.dispose()
    here.dispose()


async def test_whoever_does_not_want_to_be_called(store: Store) -> None:
    book = store.campaigns
    wish = Wish("a1", "11910000002", AT, "ana", "pediu por telefone")
    await book.bar(wish)
    await book.bar(wish)
    await book.bar(replace(wish, act="a2", because="de novo"))
    assert await book.barred() == {"11910000002"}
    assert await book.wishes() == [wish]
    back = replace(wish, act="a3", at=AT + 5, by="bia", because="pediu de volta")
    await book.unbar(back)
    assert await book.barred() == frozenset()
    with pytest.raises(NameUnknown):
        await book.unbar(back)
    assert await book.wishes("11910000002") == [
        replace(wish, ended_at=AT + 5, ended_by="bia", ended_because="pediu de volta")
    ]
    await book.bar(replace(wish, act="a4"))
    assert len(await book.wishes("11910000002")) == 2


async def test_one_citizens_data_is_found_and_taken_out(store: Store, database_url: str) -> None:
    await load(store, 3)
    book = store.campaigns
    called, waiting, in_call = await book.due(NAME, AT, 3)
    await book.order(ordered(called))
    await book.end(ended(called, ordered(called), Tried.BUSY, 20))
    await book.order(ordered(in_call))
    await book.bar(Wish("a1", called.number, AT, "ana", "pediu"))
    (found,), (wish,) = await book.held_of(called.number)
    assert (found.fields, found.results) == (called.fields, ("busy",))
    assert found.attempts == (HeldAttempt(AT, "busy", None, "", None),)
    assert wish.because == "pediu"
    for row in (called, waiting, in_call):
        name = f"apagado-{row.line}"
        done = await book.take_out(row.number, name, AT + 60)
        assert done.kept == (row is in_call)
        assert (await book.take_out(row.number, name, AT + 60)).contacts == 0
    assert await book.due(NAME, AT + 99_999, 9) == []
    assert (await book.counts(NAME)).endings == {"cancelled": 2}
    assert await book.held_of(waiting.number) == ([], [])
    assert await book.barred() == {called.number}  # it protects them still
    held = {number async for number in store.citizens.values(Known.PHONE)}
    assert held == {in_call.number}
    told = str(rows(database_url, "SELECT number, fields FROM contacts"))
    told += str(rows(database_url, "SELECT number FROM attempts"))
    assert called.number not in told
    assert waiting.number not in told
    assert "Zoé 2" not in told
    assert in_call.number in told
    assert len(await book.tried_since(AT)) == 2  # counted still


async def test_attempts_of_another_sites_contact_are_found_too(
    store: Store, database_url: str
) -> None:
    await load(store, 1)
    (row,) = await store.campaigns.due(NAME, AT, 1)
    await store.campaigns.order(ordered(row))
    await store.campaigns.end(ended(row, ordered(row), Tried.BUSY, 20))
    execute(database_url, "UPDATE attempts SET contact = 'outra.0000001'")
    (mine, other), _ = await store.campaigns.held_of(row.number)
    assert (mine.attempts, other.state, len(other.attempts)) == ((), "", 1)
    await store.campaigns.take_out(row.number, "apagado-x", AT + 60)
    assert await store.campaigns.held_of(row.number) == ([], [])


async def test_what_was_written_to_a_citizen_is_found(store: Store, database_url: str) -> None:
    assert await store.sms.held_of("11910000002") == {"sent": [], "received": [], "refusals": []}
    at = "'2026-01-01 00:00:00.000000'"
    execute(
        database_url,
        "INSERT INTO sms_received (key, at, number, text, refuses) "
        f"VALUES ('k', {at}, '11910000002', 'SAIR', true)",
    )
    await store.sms.refuse("11910000002", True, "ana", AT)
    found = await store.sms.held_of("11910000002")
    assert [one["text"] for one in found["received"]] == ["SAIR"]
    assert len(found["refusals"]) == 1
