"""FACTS: how many facts a second are stored for as long as one likes, through journal, chain and
tables, on SQLite and on PostgreSQL; and for how long a fact is only in memory.

Whole calls as they are (menu, queue, an offer, a talk, its end), 156's at their busiest. First as
fast as the database takes them, with the journal always ahead; then at a storm's pace, where what
counts is how long one fact waits for the disk. The journal's own pace is measured in the same run.
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import uvloop

from bench.figures import Figure, load, median_run, percentile
from bench.protocol_numbers import fresh_postgres
from protocol_store import Store
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId

GOAL: Final = 5_000.0  # facts a second
FACTS, RUNS, AHEAD = 60_000, 3, 20_000
PACED: Final = 300  # calls, at …
A_SECOND: Final = 50.0  # … this many a second: five times the city's busiest


def measure() -> list[Figure]:
    """The figures, on SQLite, and on PostgreSQL where it is installed."""
    with tempfile.TemporaryDirectory(prefix="c156-bench-") as name:
        folder = Path(name)
        lite = [
            _of(f"sqlite:///{folder}/store{run}.sqlite", folder / f"{run}") for run in range(RUNS)
        ]
        with fresh_postgres() as fresh_database:
            full = (
                [_of(fresh_database(), folder / f"p{run}") for run in range(RUNS)]
                if fresh_database
                else []
            )
    return [_figure(runs) for runs in (lite, full) if runs]


def _figure(runs: list[dict[str, Any]]) -> Figure:
    found = median_run(runs, "stored_a_second")
    ours = (
        "{stored_a_second:,.0f}/s; durable after p50 {waits_p50_ms:.1f} ms, p99 {waits_p99_ms:.1f}"
    )
    return Figure(
        "FACTS",
        f"facts stored, {found['database']}",
        "the journal alone: {journal_a_second:,.0f}/s".format(**found),
        ours.format(**found),
        f"≥ {GOAL:,.0f}/s",
        found["stored_a_second"] >= GOAL,
        {"runs": runs},
    )


def _of(url: str, journal: Path) -> dict[str, Any]:
    return {"database": url.split("+")[0].split(":")[0], "load": load()} | uvloop.run(
        _store(url, journal)
    )


async def _store(url: str, journal: Path) -> dict[str, Any]:
    store = Store(url, "bench", journal=journal)
    await store.start()
    written = await _fast(store)
    waits = await _paced(store)
    await store.close()
    return written | {
        "facts": FACTS,
        "waits_p50_ms": round(percentile(waits, 0.50) * 1000, 3),
        "waits_p99_ms": round(percentile(waits, 0.99) * 1000, 3),
    }


async def _fast(store: Store) -> dict[str, float]:
    """As fast as the database takes them, never more than AHEAD facts ahead of it."""
    began = time.perf_counter()
    appended = 0
    for facts in _calls("fast"):
        store.append(*facts)
        appended += len(facts)
        if appended >= FACTS:
            break
        while (lag := store.lag()).count > AHEAD or lag.journal_waiting > AHEAD // 2:
            await asyncio.sleep(0.005)
    while not await store.settled():
        pass
    took = time.perf_counter() - began
    in_journal = await _journal_alone(store)
    return {"stored_a_second": round(appended / took), "journal_a_second": round(in_journal)}


async def _journal_alone(store: Store) -> float:
    """How fast facts become durable when the database may follow later."""
    began, appended = time.perf_counter(), 0
    for facts in itertools.islice(_calls("journal"), 1_000):
        store.append(*facts)
        appended += len(facts)
    while store.lag().journal_waiting:
        await asyncio.sleep(0.001)
    took = time.perf_counter() - began
    while not await store.settled():
        pass
    return appended / took


async def _paced(store: Store) -> list[float]:
    """How long each of some facts waits to be durable, calls coming one after the other."""
    waits = []
    for facts in itertools.islice(_calls("paced"), PACED):
        began = time.perf_counter()
        await store.promises.remember(*facts)
        waits.append(time.perf_counter() - began)
        await asyncio.sleep(max(0.0, 1 / A_SECOND - waits[-1]))
    return waits


def _calls(name: str) -> Iterator[list[Fact]]:
    """Calls, each as the facts of its whole life."""
    for number in itertools.count():
        call, agent, at = (
            CallId(f"{name}-{number}"),
            AgentName(f"agente{number % 200}"),
            time.time(),
        )
        arrived: dict[str, Any] = {
            "line": "156",
            "entry": "156",
            "caller": "11987654321",
            "test": False,
        }
        offer: dict[str, Any] = {
            "offer": f"{name}-{number}",
            "queue": "p156_geral",
            "because": "longest idle",
        }
        end: dict[str, Any] = {
            "outcome": "served",
            "blame": "nobody",
            "where": "after",
            "seconds": 90.0,
        }

        def fact(kind: Kind, after: float, who: AgentName | None = None, **said: Any) -> Fact:
            return Fact(at + after, kind, call, who, details=said)  # noqa: B023

        yield [
            fact(Kind.CALL_ARRIVED, 0, **arrived),
            fact(Kind.NODE_ENTERED, 1, node="principal"),
            fact(Kind.KEY_PRESSED, 3, node="principal", key="1", valid=True),
            fact(Kind.NODE_ENTERED, 3, node="zeladoria"),
            fact(Kind.KEY_PRESSED, 6, node="zeladoria", key="9", valid=True),
            fact(Kind.QUEUED, 7, queue="p156_geral", priority=40, note="", joined=at + 7),
            fact(Kind.OFFER_MADE, 20, agent, **offer, ring_seconds=15.0),
            fact(Kind.OFFER_ENDED, 23, agent, offer=offer["offer"], outcome="answered", blame=""),
            fact(Kind.ANSWERED, 23, agent, offer=offer["offer"], waited=16.0),
            fact(Kind.TALK_ENDED, 85, agent, offer=offer["offer"], talk_seconds=62.0),
            fact(Kind.CALL_ENDED, 90, **end),
        ]
