"""Numbers and typed data leave when they are old enough, and nothing that is counted changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from seeded import CPF
from seeded import OTHER_CALLER as OTHERS
from store_bed import AT, CALLER, about, rows

from protocol_store import Store
from protocol_store.citizen_erasure import CitizenErasure
from protocol_store.citizens import Known, Subject
from protocol_store.data_ages import Ages, Expired, Expiry, rehearse
from protocol_store.engines import make_engine
from protocol_store.rebuild import rebuild
from protocol_store.recording_rows import Hold
from protocol_store.verify import verify
from terms import limits
from terms.facts import Fact, Kind
from terms.names import CallId, Instant

DAY = 86_400.0
NOW = AT + 2_000 * DAY
AGES = Ages(NOW - 730 * DAY, NOW - 1_825 * DAY)
COUNTED = (
    "SELECT call_id, line, protocol, queue, area, direction, wait_seconds, talk_seconds, outcome "
    "FROM calls ORDER BY call_id"
)
BY_NUMBER = "SELECT count(*) FROM calls GROUP BY caller ORDER BY count(*)"


async def call_of(store: Store, call: str, days: float, caller: str = CALLER) -> Instant:
    """A call so many days before NOW, in which a CPF was typed."""
    at = NOW - days * DAY
    await store.open_call(CallId(call), "156", "156", caller, at, False)
    said = [
        about(Kind.DATA_TYPED, call, 1, node="cpf", variable="cpf", value=CPF),
        about(Kind.QUEUED, call, 2, queue="p156_geral", priority=30, note="Buraco na rua"),
        about(Kind.CALL_ENDED, call, 66, outcome="abandoned", where="queue", seconds=66.0),
    ]
    store.append(*(replace(fact, at=at + place) for place, fact in enumerate(said, 1)))
    assert await store.settled()
    return at


def pseudonym(number: str) -> str:
    return f"apagado-{hash(number) & 0xFFFF:04x}"


async def let_go(store: Store, ages: Ages = AGES) -> Expired:
    """A whole walk."""
    done, after = Expired(), (0.0, "")
    while (page := await store.citizens.due(ages, after)).after is not None:
        after = page.after
        for calls, number in ((page.typed, False), (page.numbers, True)):
            expiry = Expiry(calls, number, pseudonym, "", NOW)
            done = done.and_then(await store.citizens.expire(expiry))
    return done


def would_go(url: str) -> Expired:
    engine = make_engine(url, reading=True)
    try:
        with engine.connect() as connection:
            return rehearse(connection, AGES)
    finally:
        engine.dispose()


def typed_in(url: str) -> Sequence[str]:
    said = rows(url, "SELECT call_id, details FROM facts WHERE kind = 'data_typed'")
    return sorted(call for call, details in said if CPF in str(details))


async def test_each_goes_at_its_own_age(store: Store, database_url: str) -> None:
    for call, days in (("young", 100), ("middle", 800), ("old", 1_900)):
        await call_of(store, call, days)
    await call_of(store, "old2", 1_901)
    await call_of(store, "oldest", 1_999, OTHERS)
    before, by_number = rows(database_url, COUNTED), rows(database_url, BY_NUMBER)
    would = would_go(database_url)
    assert (would.numbers, would.typed, would.kept) == (3, 4, 0)
    assert rows(database_url, COUNTED) == before
    done = await let_go(store)
    assert (done.numbers, done.typed, done.facts, done.kept) == (3, 4, 7, 0)
    assert typed_in(database_url) == ["young"]
    left = {call: who for call, who in rows(database_url, "SELECT call_id, caller FROM calls")}
    assert (left["young"], left["middle"]) == (CALLER, CALLER)
    assert left["old"] == left["old2"] == pseudonym(CALLER) != left["oldest"]
    assert rows(database_url, COUNTED) == before
    assert sum(one for (one,) in rows(database_url, BY_NUMBER)) == sum(one for (one,) in by_number)
    assert await let_go(store) == Expired()
    assert would_go(database_url) == Expired()


async def test_the_chain_attests_it_and_tables_are_made_anew_alike(
    store: Store, database_url: str
) -> None:
    await call_of(store, "old", 1_900)
    await let_go(store)
    before = rows(database_url, COUNTED)
    await store.close()
    engine = make_engine(database_url)
    try:
        found = verify(engine, lambda *_: True)
        assert (found.findings, found.erased) == ((), 2)
        rebuild(engine, lambda *_: None)
    finally:
        engine.dispose()
    assert rows(database_url, COUNTED) == before
    assert before[0][4] == "11"


async def test_what_beats_age(store: Store, database_url: str) -> None:
    """A legal hold, an open task or promise, a mark that nobody may call back; a call that
    nobody saw end does not."""
    for call in ("held", "owed", "promised", "barred", "unended"):
        await call_of(store, call, 1_900)
    at = NOW - 1_900 * DAY
    hold = Hold(0, CallId("held"), "processo 17", at, "rita")
    number = await store.recordings.hold("a1", hold, Fact(at, Kind.RECORDING_HELD, CallId("held")))
    owed = {"task": "call_back", "due": at + DAY, "because": "dropped"}
    barred = {"mark": "retorno_nao_seguro", "on": True}
    promise = {
        **{"how": "key", "line": "156", "queue": "p156_geral", "priority": 30, "joined": at},
        **{"expires": at + DAY, "place": "menu", "value": f'{{"cpf": "{CPF}"}}'},
    }
    store.append(
        Fact(at, Kind.TASK_OPENED, CallId("owed"), details=owed),
        Fact(at, Kind.CALL_BACK_BARRED, CallId("barred"), details=barred),
        Fact(at, Kind.CALL_BACK_PROMISED, CallId("promised"), details=promise),
    )
    assert await store.settled()
    done = await let_go(store)
    assert (done.numbers, done.kept) == (1, 8)
    assert CALLER in str(rows(database_url, "SELECT caller FROM calls WHERE call_id <> 'unended'"))
    released = replace(hold, hold=number, ended_at=at, ended_by="rita", ended_because="fim")
    told = Fact(at, Kind.RECORDING_RELEASED, CallId("held"))
    assert await store.recordings.release(released, told)
    store.append(
        Fact(at, Kind.TASK_CLOSED, CallId("owed"), details={"task": "call_back", "how": "falou"}),
        Fact(at, Kind.CALL_BACK_BARRED, CallId("barred"), details={**barred, "on": False}),
        Fact(at, Kind.CALL_BACK_OVER, CallId("promised"), details={"how": "cancelled"}),
    )
    assert await store.settled()
    done = await let_go(store)
    assert (done.numbers, done.kept) == (4, 0)
    everything = str(rows(database_url, "SELECT * FROM facts"))
    everything += str(rows(database_url, "SELECT * FROM promises"))
    assert CALLER not in everything
    assert CPF not in everything


async def test_pages_and_parts_of_any_size(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        await call_of(store, f"c{number}", 1_900 + number // 2)
    monkeypatch.setattr("protocol_store.citizen_walk.CITIZEN_PAGE", 3)
    monkeypatch.setattr("protocol_store.citizen_book.CITIZEN_CALLS_AT_ONCE", 2)
    by_document = await store.citizens.calls_of(Subject.of(Known.DOCUMENT, CPF))
    assert by_document == [f"c{number}" for number in range(7)]
    assert [one async for one in store.citizens.values(Known.PHONE)] == [CALLER] * 3
    done = await let_go(store)
    assert (done.numbers, done.typed) == (7, 7)
    assert typed_in(database_url) == []


async def test_a_whole_town_of_one_number_is_erased_in_parts(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many transactions as needed, one line in the register, each recording asked for once."""
    for number in range(5):
        call = f"c{number}"
        await call_of(store, call, 3)
        file = {"file": f"/r/{call}.wav", "seconds": 1.0, "ok": True}
        store.append(Fact(NOW, Kind.RECORDED, CallId(call), details=file))
    assert await store.settled()
    monkeypatch.setattr("protocol_store.citizen_book.CITIZEN_CALLS_AT_ONCE", 2)
    asked: list[Sequence[str]] = []

    async def gone(names: Sequence[str]) -> int:
        asked.append(names)
        return len(names)

    subject = Subject.of(Known.PHONE, CALLER)
    wish = CitizenErasure("a1", subject, "apagado-1", "rita", "pedido", NOW)
    done = await store.citizens.erase(wish, gone)
    assert (len(done.calls), done.facts, done.recordings) == (5, 10, sum(map(len, asked)))
    (row,) = await store.citizens.register()
    assert (row.calls, row.facts, row.recordings, row.kept) == (5, 10, done.recordings, 0)
    assert await store.citizens.calls_of(subject) == []


def test_limits_fit_the_stores_budget() -> None:
    assert limits.CITIZEN_CALLS_AT_ONCE * 30 < limits.CITIZEN_PAGE
    assert limits.TYPED_DAYS < limits.NUMBER_DAYS
