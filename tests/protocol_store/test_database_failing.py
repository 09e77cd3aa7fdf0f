"""The database locks, stops, freezes, is slow, loses commits: calls get their numbers all the same,
nobody waits, nothing is lost or doubled, and the order is kept. See also test_disk_full.py."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from database_relay import DatabaseRelay
from postgres_server import PostgresServer
from sqlalchemy import Connection
from store_bed import NewStore, node, open_call, rows

from protocol_store import Store, StoreError, StoreFailing, StoreOverdue
from terms import limits
from terms.facts import Fact
from terms.names import CallId

Fault = Callable[[], contextlib.AbstractContextManager[None]]

QUICK = 0.3  # a budget for tests that need not wait the real one

SLACK = 0.5  # for a machine with other work to do


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PROTOCOL_BUDGET", "DATABASE_LOCK_TIMEOUT", "STORE_CLOSE_BUDGET"):
        monkeypatch.setattr(limits, name, QUICK)


STOPPED = pytest.param("postgres stopped", marks=pytest.mark.postgres)
FROZEN = pytest.param("postgres frozen", marks=pytest.mark.postgres)


@pytest.fixture(params=["sqlite locked", STOPPED, FROZEN])
def fault(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Fault]:
    """A database's address, and what makes it fail for a while."""
    if request.param == "sqlite locked":
        file = tmp_path / "store.sqlite"
        return f"sqlite:///{file}", lambda: _locked(file)
    server: PostgresServer = request.getfixturevalue("postgres")
    fails = _stopped if request.param == "postgres stopped" else _frozen
    return server.new_database(), lambda: fails(server)


@pytest.fixture
def slow(postgres: PostgresServer) -> Iterator[tuple[str, Fault]]:
    """The same, of a database behind a link on which every question takes seconds."""
    with DatabaseRelay(postgres.port) as relay:
        yield relay.address(postgres.new_database()), lambda: _slow_link(relay)


@contextlib.contextmanager
def _locked(file: Path) -> Iterator[None]:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextlib.contextmanager
def _stopped(server: PostgresServer) -> Iterator[None]:
    server.stop()
    try:
        yield
    finally:
        server.start()


@contextlib.contextmanager
def _frozen(server: PostgresServer) -> Iterator[None]:
    server.freeze()
    try:
        yield
    finally:
        server.thaw()


@contextlib.contextmanager
def _slow_link(relay: DatabaseRelay) -> Iterator[None]:
    relay.delay = 1.0  # every question takes two seconds at least
    try:
        yield
    finally:
        relay.delay = 0.0


async def test_a_failing_database_keeps_nobody_waiting_and_loses_nothing(
    fault: tuple[str, Fault], store_at: NewStore
) -> None:
    await _nobody_waits_and_nothing_is_lost(*fault, store_at)


@pytest.mark.postgres
async def test_a_slow_database_keeps_nobody_waiting_and_loses_nothing(
    slow: tuple[str, Fault], store_at: NewStore
) -> None:
    await _nobody_waits_and_nothing_is_lost(*slow, store_at)


async def _nobody_waits_and_nothing_is_lost(url: str, fails: Fault, store_at: NewStore) -> None:
    store = await store_at(url)
    told = {"boot-0": await open_call(store, "boot-0")}
    store.append(node("boot-x", 0))
    assert await store.settled()
    with fails():
        for number in range(1, 100):
            call = f"boot-{number}"
            began = time.monotonic()
            told[call] = await open_call(store, call)
            assert time.monotonic() - began < SLACK
            store.append(node("boot-x", number))
        again = [await open_call(store, call) for call in told]
        assert again == list(told.values())
        await asyncio.sleep(0.1)
        lag = store.lag()
        assert lag.count > 200  # a slow database may have taken the first ones
        assert 0.0 < lag.oldest_seconds < 60.0
        assert (lag.refused, lag.journal_waiting, lag.journal_failing) == (0, 0, False)
        assert lag.numbers_left > limits.NUMBERS_AHEAD - 100
    assert await store.settled()
    assert not store.lag().failing
    assert store.lag().count == 0
    assert {call: await open_call(store, call) for call in told} == told
    assert len(set(told.values())) == len(told)
    assert dict(rows(url, "SELECT call_id, protocol FROM protocols")) == told
    found = rows(
        url, "SELECT details ->> 'node' FROM facts WHERE kind = 'node_entered' ORDER BY id"
    )
    assert [int(number) for (number,) in found] == list(range(100))
    arrived = rows(url, "SELECT call_id FROM facts WHERE kind = 'protocol_given' ORDER BY id")
    assert [call for (call,) in arrived] == list(told)


async def test_what_the_database_lacks_is_stored_by_the_next_run(
    fault: tuple[str, Fault], store_at: NewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under the name of the run that it happened in, before anything of the next."""
    monkeypatch.setattr(limits, "STORE_CLOSE_BUDGET", QUICK)
    url, fails = fault
    first = await store_at(url)
    with fails():
        told = {call: await open_call(first, call) for call in ("boot-1", "boot-2")}
        more, ordinal = await first.further_protocol(CallId("boot-1"), 9)
        first.append(*(node("boot-x", number) for number in range(50)))
        await first.close()
    second = await store_at(url)
    assert second.lag().count == 0
    second.append(node("boot-x", 50))
    assert {call: await open_call(second, call) for call in told} == told
    assert ordinal == 1
    assert await second.further_protocol(CallId("boot-1"), 9) not in ((more, 2), ("", 0))
    assert await second.settled()
    found = rows(
        url, "SELECT details ->> 'node', writer FROM facts WHERE call_id = 'boot-x' ORDER BY id"
    )
    assert [int(number) for number, _ in found] == list(range(51))
    assert len({writer for _, writer in found[:50]}) == 1
    assert found[50][1] != found[49][1]
    of_call = rows(url, "SELECT ordinal FROM protocols WHERE call_id = 'boot-1' ORDER BY ordinal")
    assert of_call == [(0,), (1,), (2,)]


@pytest.mark.postgres
async def test_reads_and_the_start_say_that_the_database_is_not_there(
    postgres: PostgresServer,
) -> None:
    url = postgres.new_database()
    store = Store(url, "a")
    await store.start()
    with _stopped(postgres):
        with pytest.raises(StoreFailing, match="OperationalError"):
            await store.agents()
        with pytest.raises(StoreFailing):
            await Store(url, "b").start()
    assert await store.agents() == []
    await store.close()


@pytest.mark.usefixtures("quick")
async def test_closing_does_not_wait_for_ever(
    fault: tuple[str, Fault],
    store_at: NewStore,
    caplog: pytest.LogCaptureFixture,
) -> None:
    url, fails = fault
    store = await store_at(url)
    with fails():
        store.append(node("boot-1", 1))
        began = time.monotonic()
        assert not await store.settled()
        await store.close()
        assert time.monotonic() - began < 4 * QUICK + SLACK
        assert "the database lacks facts of the journal" in caplog.text
        with pytest.raises(StoreError):
            await open_call(store, "boot-1")


async def test_closing_stores_what_is_left(new_store: NewStore, database_url: str) -> None:
    store = await new_store("a")
    store.append(*(node("boot-1", number) for number in range(3 * limits.WRITER_BATCH)))
    await store.close()
    assert rows(database_url, "SELECT count(*) FROM facts") == [(3 * limits.WRITER_BATCH,)]
    await store.close()  # harmless


class Commits:
    """Commits of which nobody hears, or that never were, every few times."""

    def __init__(self, store: Store, lasts: bool) -> None:
        self._dialect: Any = store._writing.dialect
        self._really = self._dialect.do_commit
        self._lasts = lasts
        self._count = 0
        self.lost = 0

    def __enter__(self) -> Commits:
        self._dialect.do_commit = self._commit
        return self

    def __exit__(self, *_: object) -> None:
        del self._dialect.do_commit

    def _commit(self, connection: Any) -> None:
        self._count += 1
        if self._count % 3:
            self._really(connection)
            return
        self.lost += 1
        if self._lasts:
            self._really(connection)
        problem = sqlite3 if self._dialect.name == "sqlite" else psycopg
        raise problem.OperationalError("the connection is gone")


@pytest.mark.parametrize("lasts", [True, False], ids=["lasted", "did not last"])
async def test_a_commit_of_unknown_outcome_doubles_and_loses_nothing(
    store: Store, database_url: str, lasts: bool
) -> None:
    with Commits(store, lasts) as commits:
        given = {}
        for number in range(30):
            given[f"boot-{number}"] = await open_call(store, f"boot-{number}")
            store.append(node("boot-x", 2 * number), node("boot-x", 2 * number + 1))
            await store.settled()
        epochs = [await store.take_epoch() for _ in range(5)]
        token = await store.add_person("bia", "supervisor")
        assert await store.settled()
        assert commits.lost > 10
    assert len(set(given.values())) == 30
    assert dict(rows(database_url, "SELECT call_id, protocol FROM protocols")) == given
    found = rows(
        database_url, "SELECT details ->> 'node' FROM facts WHERE kind = 'node_entered' ORDER BY id"
    )
    assert [int(number) for (number,) in found] == list(range(60))
    arrived = rows(database_url, "SELECT call_id FROM facts WHERE kind = 'call_arrived'")
    assert len(arrived) == len(set(arrived)) == 30
    assert epochs == sorted(set(epochs))
    person = await store.person_by_token(token)
    assert person is not None
    assert person.name == "bia"


@pytest.mark.postgres
@pytest.mark.parametrize("lasts", [True, False], ids=["lasted", "did not last"])
async def test_connections_cut_at_a_commit(
    postgres: PostgresServer, store_at: NewStore, lasts: bool
) -> None:
    """By somebody in between: the COMMIT arrived, or not; the answer never does."""
    url = postgres.new_database()
    with DatabaseRelay(postgres.port) as relay:
        store = await store_at(relay.address(url))
        relay.cut(every=3, lasts=lasts)
        told = {}
        for number in range(24):
            told[f"boot-{number}"] = await open_call(store, f"boot-{number}")
            store.append(node("boot-x", number))
            if number % 2:
                await store.settled()
        relay.cut(every=0, lasts=lasts)
        assert await store.settled()
        assert relay.cuts > 2
    found = rows(url, "SELECT details ->> 'node' FROM facts WHERE call_id = 'boot-x' ORDER BY id")
    assert [int(number) for (number,) in found] == list(range(24))
    assert dict(rows(url, "SELECT call_id, protocol FROM protocols")) == told
    assert rows(url, "SELECT count(*) FROM facts") == [(72,)]
    assert rows(url, "SELECT count(*) FROM facts WHERE violation IS NOT NULL") == [(0,)]


async def test_facts_are_looked_for_before_they_are_written_again(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More facts wait at the second try than at the first: only the first ones are in doubt."""
    monkeypatch.setattr(limits, "WRITER_BATCH", 10)
    with Commits(store, lasts=True):
        for number in range(200):
            store.append(node("boot-x", number))
            if number % 7 == 0:
                await asyncio.sleep(0.005)
        assert await store.settled()
    found = rows(database_url, "SELECT details ->> 'node' FROM facts ORDER BY id")
    assert [int(number) for (number,) in found] == list(range(200))


def _slow(seconds: float) -> Callable[..., Any]:
    def question(_connection: Connection, *_arguments: Any) -> Any:
        time.sleep(seconds)

    return question


async def test_a_slow_answer_is_an_error_not_a_wait(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("protocol_store.people.all_agents", _slow(0.6))
    monkeypatch.setattr("protocol_store.store.limits.STORE_BUDGET", 0.2)
    with pytest.raises(StoreOverdue):
        await store.agents()


async def test_the_loop_is_never_held_up(fault: tuple[str, Fault], store_at: NewStore) -> None:
    """Whatever the database does, a turn of the loop takes no longer."""
    url, fails = fault
    store = await store_at(url)
    facts: list[Fact] = [node("boot-1", number) for number in range(20)]
    longest = 0.0
    with fails():
        for _ in range(50):
            began = time.monotonic()
            store.append(*facts)
            store.lag()
            longest = max(longest, time.monotonic() - began)
            await asyncio.sleep(0.01)
    assert longest < 0.05
    assert await store.settled()
