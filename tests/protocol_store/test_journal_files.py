"""The journal's files: what a crash can leave is cut at the last whole frame, nobody else can read
them, and they go when the database has what is in them and they are old enough.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_bed import NewStore, about, node, open_call, rows

from protocol_store import Store
from protocol_store.fact_log import FactLog
from protocol_store.journal_frames import (
    FrameKind,
    fact_body,
    fact_of,
    framed,
    frames,
    sequence_of,
)
from terms import limits
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId

A_FEW = [framed(float(n), FrameKind.FACT, b"[%d,%s]" % (n, b"x" * n)) for n in range(1, 9)]

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(st.data())
def test_whatever_is_left_of_a_file_only_whole_frames_are_read(data: st.DataObject) -> None:
    """Cut anywhere, and followed by anything that is no frame."""
    written = b"".join(A_FEW)
    cut = data.draw(st.integers(0, len(written)))
    noise = data.draw(st.binary(max_size=20))
    found = list(frames(written[:cut] + noise))
    whole = 0
    while whole < len(A_FEW) and sum(map(len, A_FEW[: whole + 1])) <= cut:
        whole += 1
    if not (cut < len(written) and written.startswith(written[:cut] + noise[:1])):
        assert len(found) == whole
    assert [sequence_of(one.body) for one in found] == list(range(1, len(found) + 1))


@given(st.integers(0, 7), st.data())
def test_a_changed_byte_ends_the_reading(which: int, data: st.DataObject) -> None:
    written = bytearray(b"".join(A_FEW))
    start = sum(map(len, A_FEW[:which]))
    at = data.draw(st.integers(start + 4, start + len(A_FEW[which]) - 1))  # not the length
    written[at] ^= data.draw(st.integers(1, 255))
    assert len(list(frames(bytes(written)))) == which


@given(
    st.builds(
        Fact,
        at=st.floats(0, 2e9),
        kind=st.sampled_from(Kind),
        call=st.none() | st.text(min_size=1, max_size=9).map(CallId),
        agent=st.none() | st.text(min_size=1, max_size=9).map(AgentName),
        by=st.text(max_size=9),
        details=st.dictionaries(st.text(max_size=5), plain, max_size=4),
    )
)
def test_a_fact_comes_back_as_it_was(fact: Fact) -> None:
    (one,) = FactLog("a:1").number([fact])
    body = fact_body(one)
    assert fact_of("a:1", body) == one
    assert sequence_of(body) == one.sequence


async def test_a_torn_tail_is_cut_off_and_said(
    new_store: NewStore, database_url: str, journal: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = await new_store("a")
    told = await open_call(store, "boot-1")
    await store.close()
    newest = sorted((journal / "a").glob("*.journal"))[-1]
    whole = newest.read_bytes()
    newest.write_bytes(whole + framed(1.0, FrameKind.FACT, b"[99,0]")[:-3])
    again = await new_store("a")
    assert newest.read_bytes() == whole
    assert "torn tail is cut off" in caplog.text
    assert await open_call(again, "boot-1") == told
    assert await again.settled()
    assert rows(database_url, "SELECT count(*) FROM facts") == [(2,)]


async def test_a_file_without_a_beginning(new_store: NewStore, journal: Path) -> None:
    """A crash came as it was made."""
    await (await new_store("a")).close()
    torn = journal / "a" / f"{99:012d}.journal"
    torn.write_bytes(b"\0" * 7)
    await new_store("a")
    assert not torn.exists()


@pytest.mark.parametrize("where", ["in a frame", "in the header"])
async def test_what_no_crash_damaged_is_kept_for_a_person(
    new_store: NewStore, journal: Path, caplog: pytest.LogCaptureFixture, where: str
) -> None:
    store = await new_store("a")
    for number in range(100):
        store.append(node("boot-1", number))
        await asyncio.sleep(0)
    await store.close()
    newest = sorted((journal / "a").glob("*.journal"))[-1]
    written = bytearray(newest.read_bytes())
    place = len(written) // 2 if where == "in a frame" else 12
    written[place] ^= 1
    newest.write_bytes(written)
    await new_store("a")
    kept = newest.with_suffix(".damaged")
    assert written.endswith(kept.read_bytes())
    assert kept.stat().st_size >= len(written) // 3
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "the journal was damaged" in caplog.text


async def test_nobody_else_can_read_it(new_store: NewStore, journal: Path) -> None:
    store = await new_store("a")
    await open_call(store, "boot-1")
    assert (journal / "a").stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in (journal / "a").iterdir()} == {0o600}


async def test_files_go_when_they_are_stored_and_old(
    store_at: NewStore, tmp_path: Path, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "JOURNAL_SEGMENT_BYTES", 4_000)
    monkeypatch.setattr(limits, "JOURNAL_LOOK_EVERY", 0.02)
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    store = await store_at(url)

    def files() -> int:
        return len(list((journal / "a").glob("*.journal")))

    with _locked(tmp_path / "store.sqlite"):
        monkeypatch.setattr(limits, "JOURNAL_KEPT", 0.0)
        for number in range(200):
            store.append(node("boot-1", number))
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.1)
        many = files()
        assert many > 3, "old, and not stored"
        monkeypatch.setattr(limits, "JOURNAL_KEPT", 3_600.0)
    assert await store.settled()
    await asyncio.sleep(0.1)
    assert files() == many, "stored, and not old"
    assert store.lag().journal_bytes > 3 * 4_000
    monkeypatch.setattr(limits, "JOURNAL_KEPT", 0.0)
    store.append(node("boot-1", 200))
    assert await store.settled()
    while files() > 2:
        store.append(node("boot-1", 201))
        await asyncio.sleep(0.02)


@contextlib.contextmanager
def _locked(file: Path) -> Iterator[None]:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


async def test_the_identity_is_not_believed_when_it_cannot_be_read(
    new_store: NewStore, journal: Path
) -> None:
    first = await new_store("a")
    told = await open_call(first, "boot-1")
    await first.close()
    identity = journal / "a" / "identity.json"
    said = json.loads(identity.read_text())
    identity.write_text(json.dumps(said | {"blocks": "all"}))
    second = await new_store("a")
    assert await open_call(second, "boot-2") != told
    assert await open_call(second, "boot-1") == told


async def test_a_storm_of_facts_is_in_order(store: Store, database_url: str) -> None:
    """Appended faster than the disk flushes, with numbers asked for in between."""
    for number in range(2_000):
        store.append(about(Kind.NODE_ENTERED, "boot-x", number=number, node="n"))
        if number % 400 == 0:
            await open_call(store, f"boot-{number}")
    assert await store.settled()
    found = rows(
        database_url, "SELECT details ->> 'number' FROM facts WHERE call_id = 'boot-x' ORDER BY id"
    )
    assert [int(number) for (number,) in found] == list(range(2_000))
