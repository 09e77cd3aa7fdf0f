"""A journal that is lost, or put back from an old copy, gives no number a second time; and what a
database that was put back from an old copy lacks comes out of the journal.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from store_bed import NewStore, execute, node, open_call, rows

from protocol_store import Store, StoreFailing
from protocol_store.protocols import ABANDONED, FIRST_NUMBER
from terms import limits
from terms.protocol_number import protocol_of

AHEAD = limits.NUMBERS_AHEAD + limits.PROTOCOL_BLOCK


async def some_calls(store: Store, first: int, count: int) -> dict[str, str]:
    calls = [f"boot-{number}" for number in range(first, first + count)]
    return {call: await open_call(store, call) for call in calls}


def holders(url: str) -> list[str]:
    return [str(holder) for (holder,) in rows(url, "SELECT holder FROM protocol_blocks")]


async def test_a_journal_that_is_lost(
    new_store: NewStore, database_url: str, journal: Path
) -> None:
    first = await new_store("a")
    told = await some_calls(first, 0, 5)
    await first.close()
    shutil.rmtree(journal)
    second = await new_store("a")
    assert await open_call(second, "boot-new") == protocol_of(FIRST_NUMBER + AHEAD)
    # The calls of before are looked for in the database.
    assert await some_calls(second, 0, 5) == told


@pytest.mark.parametrize("cleanly", [True, False], ids=["closed", "running"])
async def test_an_old_copy_put_back(
    new_store: NewStore, database_url: str, journal: Path, tmp_path: Path, cleanly: bool
) -> None:
    """Made after the end of a run, or while one ran; instants of files are copied too."""
    first = await new_store("a")
    told = await some_calls(first, 0, 3)
    assert await first.settled()
    if cleanly:
        await first.close()
        first = await _copied_then_started(new_store, journal, tmp_path / "copies" / "a")
    else:
        shutil.copytree(journal, tmp_path / "copies" / "a")
    told |= await some_calls(first, 3, 3)
    await first.close()
    shutil.rmtree(journal)
    shutil.copytree(tmp_path / "copies" / "a", journal)
    second = await new_store("a")
    fresh = await some_calls(second, 100, 3)
    assert not set(fresh.values()) & set(told.values())
    assert await some_calls(second, 0, 6) == told
    left_alone = [holder for holder in holders(database_url) if holder.startswith(ABANDONED)]
    assert len(left_alone) == (0 if cleanly else 1)
    assert await second.settled()
    assert rows(database_url, "SELECT count(*) FROM protocols") == [(9,)]
    assert rows(database_url, "SELECT count(DISTINCT protocol) FROM protocols") == [(9,)]


async def _copied_then_started(new_store: NewStore, journal: Path, copy: Path) -> Store:
    shutil.copytree(journal, copy)
    return await new_store("a")


async def test_a_copy_made_while_the_database_was_away(
    new_store: NewStore, database_url: str, journal: Path, tmp_path: Path
) -> None:
    """The database knows nothing of what was told since: the files' own instants say so."""
    first = await new_store("a")
    copy = shutil.copytree(journal, tmp_path / "copies" / "a")
    told = await some_calls(first, 0, 3)
    assert await first.settled()
    await first.close()
    # As if none of it had ever reached the database, and the last start were the copy's.
    for table in ("protocols", "queue_visits", "node_visits", "legs", "calls"):
        execute(database_url, f"DELETE FROM {table}")
    shutil.rmtree(journal)
    shutil.copytree(copy, journal)
    past = time.time() - 3_600
    for file in (journal / "a").iterdir():
        os.utime(file, (past, past))
    second = await new_store("a")
    fresh = await some_calls(second, 100, 3)
    assert not set(fresh.values()) & set(told.values())
    assert [one for one in holders(database_url) if one.startswith(ABANDONED)]


async def test_a_copy_made_between_two_frames_beside_the_journal_that_goes_on(
    new_store: NewStore, journal: Path, tmp_path: Path
) -> None:
    """Nothing in the database, and no instant, tells the copy from its original."""
    first = await new_store("a")
    told = await some_calls(first, 0, 3)
    copies = tmp_path / "copies"
    shutil.copytree(journal, copies)
    assert await first.settled()
    second = await new_store("a", journal=copies)
    for number in range(10, 20, 2):
        told |= await some_calls(second, number, 1)
        told |= await some_calls(first, number + 1, 1)
    assert len(set(told.values())) == len(told) == 13


async def test_files_removed_after_a_kill(
    new_store: NewStore, database_url: str, journal: Path, tmp_path: Path
) -> None:
    """Somebody makes room on a full disk; the database had not heard of the last numbers."""
    first = await new_store("a")
    killed = tmp_path / "copies" / "a"
    told = await some_calls(first, 0, 3)
    killed.mkdir(parents=True)
    shutil.copy(journal / "a" / "identity.json", killed)
    assert await first.settled()
    for table in ("protocols", "queue_visits", "node_visits", "legs", "calls"):
        execute(database_url, f"DELETE FROM {table}")
    second = await new_store("a", journal=killed.parent)
    fresh = await some_calls(second, 100, 3)
    assert not set(fresh.values()) & set(told.values())


async def test_two_processes_never_share_a_journal(
    new_store: NewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "JOURNAL_LOCK_WAIT", 0.1)
    await new_store("a")
    with pytest.raises(StoreFailing, match="em uso por outro processo"):
        await new_store("a")


async def test_a_folder_that_is_removed_while_it_is_used(
    new_store: NewStore, database_url: str, journal: Path
) -> None:
    store = await new_store("a")
    told = await some_calls(store, 0, 3)
    assert await store.settled()
    shutil.rmtree(journal / "a")
    told |= await some_calls(store, 3, 3)
    store.append(*(node("boot-x", number) for number in range(10)))
    assert await store.settled()
    while store.lag().journal_failing:
        await asyncio.sleep(0.02)
    assert len(list((journal / "a").glob("*.journal"))) == 1
    await store.close()
    again = await new_store("a")
    fresh = await some_calls(again, 100, 3)
    assert not set(fresh.values()) & set(told.values())
    assert await some_calls(again, 3, 3) == {call: told[call] for call in list(told)[3:]}


async def test_a_database_put_back_from_an_old_copy(store_at: NewStore, tmp_path: Path) -> None:
    file, copy = tmp_path / "store.sqlite", tmp_path / "copy.sqlite"
    url = f"sqlite:///{file}"
    first = await store_at(url)
    told = await some_calls(first, 0, 3)
    await first.close()
    shutil.copy(file, copy)
    second = await store_at(url)
    told |= await some_calls(second, 3, 3)
    second.append(*(node("boot-3", number) for number in range(10)))
    await second.close()
    for name in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
        name.unlink(missing_ok=True)
    shutil.copy(copy, file)
    third = await store_at(url)
    assert await some_calls(third, 0, 6) == told
    fresh = await some_calls(third, 100, 3)
    assert not set(fresh.values()) & set(told.values())
    assert await third.settled()
    assert len(rows(url, "SELECT * FROM protocols")) == 9
    kept = rows(url, "SELECT details ->> 'node' FROM facts WHERE kind = 'node_entered' ORDER BY id")
    assert [int(number) for (number,) in kept] == list(range(10))


TELLS_AND_DIES = """
import asyncio, os, sys
from pathlib import Path
from protocol_store import Store
from store_bed import open_call

async def tell() -> None:
    store = Store(sys.argv[1], "a", journal=Path(sys.argv[2]))
    await store.start()
    for number in range(5):
        print(await open_call(store, f"{sys.argv[3]}-{number}"), flush=True)
    os.kill(os.getpid(), 9)

asyncio.run(tell())
"""


async def test_a_crash_costs_no_block(
    new_store: NewStore, database_url: str, journal: Path
) -> None:
    told = [
        protocol for round in ("boot1", "boot2") for protocol in _told(database_url, journal, round)
    ]
    assert told == [protocol_of(FIRST_NUMBER + number) for number in range(10)]
    store = await new_store("a")
    assert await open_call(store, "boot-new") == protocol_of(FIRST_NUMBER + 10)
    assert len(holders(database_url)) == 1
    # A torn tail is cut, and does not make the journal look like a copy.
    again = [await open_call(store, f"boot1-{number}") for number in range(5)]
    assert again == told[:5]


def _told(url: str, journal: Path, boot: str) -> list[str]:
    here = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", TELLS_AND_DIES, url, str(journal), boot],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": f"{here.parents[1]}:{here.parent}:{here}"},
    )
    assert done.returncode == -signal.SIGKILL
    return done.stdout.split()
