"""The journal's disk is full: calls go on as long as the database is there; then in memory, and
without a number of ours. What was waiting is stored once, in its order, when there is room again.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_disks import full, mounted
from store_bed import NewStore, node, open_call, rows

from protocol_store import ProtocolOverdue, Store
from terms import limits

SIZE = 512 * 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own for the journal."""
    folder = tmp_path / "small"
    folder.mkdir()
    with mounted(folder, str(SIZE)):
        yield folder


@contextlib.contextmanager
def locked(file: Path) -> Iterator[None]:
    """The database, too, takes nothing."""
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PROTOCOL_BUDGET", "JOURNAL_RETRY", "DATABASE_LOCK_TIMEOUT"):
        monkeypatch.setattr(limits, name, 0.2)


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


async def seen(store: Store, url: str, numbers: int) -> None:
    """All of them are in the database, once, in their order."""
    assert await store.settled()
    question = "SELECT details ->> 'node' FROM facts WHERE kind = 'node_entered' ORDER BY id"
    assert [int(number) for (number,) in rows(url, question)] == list(range(numbers))
    assert rows(url, "SELECT count(*) FROM facts WHERE violation IS NOT NULL") == [(0,)]


async def test_the_database_alone_is_enough(
    small_disk: Path, store_at: NewStore, database_url: str
) -> None:
    store = await store_at(database_url, journal=small_disk)
    told = {"boot-0": await open_call(store, "boot-0")}
    store.append(node("boot-x", 0))
    with full(small_disk):
        for number in range(1, 40):
            store.append(node("boot-x", number))
            told[f"boot-{number}"] = await open_call(store, f"boot-{number}")
        await seen(store, database_url, 40)
        lag = store.lag()
        assert lag.journal_failing
        assert (lag.count, lag.journal_waiting, lag.refused) == (0, 0, 0)
    store.append(node("boot-x", 40))
    await seen(store, database_url, 41)
    await until_written(store)
    await store.close()
    again = await store_at(database_url, journal=small_disk)
    await seen(again, database_url, 41)
    assert {call: await open_call(again, call) for call in told} == told
    assert await open_call(again, "boot-new") not in told.values()


async def until_written(store: Store) -> None:
    while (lag := store.lag()).journal_failing or lag.journal_waiting:
        store.append()
        await asyncio.sleep(0.02)


async def test_neither_disk_nor_database(
    small_disk: Path, store_at: NewStore, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    store = await store_at(url, journal=small_disk)
    told = await open_call(store, "boot-0")
    with locked(file_of(url)):
        with full(small_disk):
            for number in range(3_000):
                store.append(node("boot-x", number))
            with pytest.raises(ProtocolOverdue):  # the switch serves it alone
                await open_call(store, "boot-1")
            lag = store.lag()
            assert lag.journal_failing
            assert lag.journal_waiting > 0
            assert lag.journal_seconds > 0.1
            assert lag.refused == 0
            assert await open_call(store, "boot-0") == told
        await until_written(store)
        # The number that was late is the one that the call has, if it asks again.
        late = await open_call(store, "boot-1")
    await seen(store, url, 3_000)
    assert dict(rows(url, "SELECT call_id, protocol FROM protocols")) == {
        "boot-0": told,
        "boot-1": late,
    }


async def test_facts_beyond_the_limit_are_refused_aloud(
    small_disk: Path,
    store_at: NewStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    store = await store_at(url, journal=small_disk)
    with locked(file_of(url)), full(small_disk):
        number = 0
        while not store.lag().journal_failing:  # what is left of the file's last page
            store.append(node("boot-x", number))
            number += 1
            await asyncio.sleep(0.001)
        waiting = store.lag().journal_waiting
        monkeypatch.setattr(limits, "FACTS_PENDING", waiting + 10)
        for more in range(15):
            store.append(node("boot-x", number + more))
        assert store.lag().refused == 5
        assert store.lag().journal_waiting == waiting + 10
        assert sum("facts lost" in record.message for record in caplog.records) == 5
    await seen(store, url, number + 10)
    assert store.lag().refused == 5


async def test_a_disk_that_fills_while_it_is_used(
    small_disk: Path, store_at: NewStore, tmp_path: Path
) -> None:
    """By the journal itself, in the middle of a frame."""
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    store = await store_at(url, journal=small_disk)
    count = 0
    while not store.lag().journal_failing:
        store.append(*(node("boot-x", count + more) for more in range(100)))
        count += 100
        await asyncio.sleep(0.005)
    await seen(store, url, count)
