"""The database locks, stops, freezes, loses commits: nobody waits, nothing is lost or doubled."""

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
from postgres_server import PostgresServer
from sqlalchemy import Connection
from store_bed import NewStore, node, open_call, rows

from protocol_store import ProtocolOverdue, Store, StoreError, StoreFailing, StoreOverdue
from terms import limits
from terms.facts import Fact

Fault = Callable[[], contextlib.AbstractContextManager[None]]

QUICK = 0.3  # a budget for tests that need not wait the real one

SLACK = 0.5  # for a machine with other work to do


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PROTOCOL_BUDGET", "DATABASE_LOCK_TIMEOUT", "STORE_CLOSE_BUDGET"):
        monkeypatch.setattr(limits, name, QUICK)


@pytest.fixture(
    params=[
        "sqlite locked",
        pytest.param("postgres stopped", marks=pytest.mark.postgres),
        pytest.param("postgres frozen", marks=pytest.mark.postgres),
    ]
)
def fault(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Fault]:
    """A database's address, and what makes it fail for a while."""
    if request.param == "sqlite locked":
        file = tmp_path / "store.sqlite"
        return f"sqlite:///{file}", lambda: _locked(file)
    server: PostgresServer = request.getfixturevalue("postgres")
    fails = _stopped if request.param == "postgres stopped" else _frozen
    return server.new_database(), lambda: fails(server)


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


async def test_a_failing_database_keeps_nobody_waiting_and_loses_nothing(
    fault: tuple[str, Fault], store_at: NewStore
) -> None:
    url, fails = fault
    store = await store_at(url)
    told = await open_call(store, "boot-1")
    store.append(node("boot-1", 0))
    assert await store.settled()
    with fails():
        store.append(*(node("boot-1", number) for number in range(1, 50)))
        began = time.monotonic()
        asked = [open_call(store, call) for call in ("boot-1", "boot-2", "boot-3")]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(answer, ProtocolOverdue) for answer in answers)
        assert time.monotonic() - began < limits.PROTOCOL_BUDGET + SLACK
        store.append(*(node("boot-1", number) for number in range(50, 100)))
        lag = store.lag()
        assert lag.count == 99
        assert lag.oldest_seconds > limits.PROTOCOL_BUDGET - 0.1
        assert lag.refused == 0
    assert await store.settled()
    assert not store.lag().failing
    assert store.lag().count == 0
    assert await open_call(store, "boot-1") == told
    given = [await open_call(store, call) for call in ("boot-2", "boot-3")]
    assert len({told, *given}) == 3
    found = rows(
        url, "SELECT details ->> 'node' FROM facts WHERE kind = 'node_entered' ORDER BY id"
    )
    assert [int(number) for (number,) in found] == list(range(100))


@pytest.mark.usefixtures("quick")
async def test_whoever_gave_up_is_not_served_afterwards(
    fault: tuple[str, Fault], store_at: NewStore
) -> None:
    """Or the switch would have told the citizen another number, and a crowd would come back."""
    url, fails = fault
    store = await store_at(url)
    with fails():
        first = asyncio.ensure_future(open_call(store, "boot-1"))
        await asyncio.sleep(0.1)  # the writer is busy with the first; the others wait behind it
        crowd = [open_call(store, f"boot-{number}") for number in range(2, 50)]
        answers = await asyncio.gather(first, *crowd, return_exceptions=True)
        assert all(isinstance(answer, ProtocolOverdue) for answer in answers)
        await asyncio.sleep(2 * QUICK)  # a try that had begun ends without a result
    while store.lag().failing:
        await asyncio.sleep(0.01)
    await open_call(store, "boot-new")
    stored = {call for (call,) in rows(url, "SELECT call_id FROM protocols")}
    assert "boot-new" in stored
    assert stored <= {"boot-new", "boot-1"}


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
        assert "closed with facts not stored" in caplog.text
        with pytest.raises(StoreError):
            await open_call(store, "boot-1")


async def test_closing_stores_what_is_left(new_store: NewStore, database_url: str) -> None:
    store = await new_store("a")
    store.append(*(node("boot-1", number) for number in range(3 * limits.WRITER_BATCH)))
    await store.close()
    assert rows(database_url, "SELECT count(*) FROM facts") == [(3 * limits.WRITER_BATCH,)]
    await store.close()  # harmless


async def test_facts_beyond_the_limit_are_refused_aloud(
    tmp_path: Path,
    store_at: NewStore,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(limits, "FACTS_PENDING", 10)
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    store = await store_at(url)
    with _locked(tmp_path / "store.sqlite"):
        for number in range(15):
            store.append(node("boot-1", number))
        assert store.lag().count == 10
        assert store.lag().refused == 5
        assert sum("facts lost" in record.message for record in caplog.records) == 5
    assert await store.settled()
    assert rows(url, "SELECT count(*) FROM facts") == [(10,)]
    store.append(node("boot-1", 15))
    assert await store.settled()
    assert store.lag().refused == 5


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
            if number % 4 == 0:
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
