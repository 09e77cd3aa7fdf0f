"""P7: how long a call waits for its protocol number, durable, on SQLite and on PostgreSQL.

Calls ask one after the other, as they do at the city's busiest hour; then all at once, as after
an outage. Numbers come from the journal; the database follows meanwhile, and takes its part of the
machine. The disk's own flush is measured in the same run: no number can be durable sooner.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import uvloop

from bench.figures import Figure, load, median_run, percentile
from protocol_store import Store
from terms.names import CallId

GOALS: Final = {"sqlite": 1.0, "postgresql": 5.0}  # ms, of the 99th percentile
TESTS = Path(__file__).resolve().parents[1] / "tests"
CALLS, RUNS = 2_000, 3
AT_ONCE: Final = 500
WARM: Final = 100  # calls before the first that counts: a control at work has made them long ago


def measure() -> list[Figure]:
    """The figures of P7: SQLite, and PostgreSQL where it is installed."""
    with tempfile.TemporaryDirectory(prefix="c156-bench-") as name:
        folder = Path(name)
        lite = [_of(f"sqlite:///{folder}/store{run}.sqlite", folder) for run in range(RUNS)]
        with fresh_postgres() as fresh_database:
            full = [_of(fresh_database(), folder) for _ in range(RUNS)] if fresh_database else []
    return [_figure(runs) for runs in (lite, full) if runs]


def _figure(runs: list[dict[str, Any]]) -> Figure:
    found = median_run(runs, "p99_ms")
    goal = GOALS[found["database"]]
    disk = "the disk's flush: p50 {disk_flush_p50_ms:.2f} ms, p99 {disk_flush_p99_ms:.2f}"
    ours = "p50 {p50_ms:.2f} ms, p99 {p99_ms:.2f} ({at_once} at once: p99 {at_once_p99_ms:.0f})"
    return Figure(
        "P7",
        f"protocol number, durable, {found['database']}",
        disk.format(**found),
        ours.format(**found),
        f"p99 ≤ {goal:g} ms",
        found["p99_ms"] <= goal,
        {"runs": runs},
    )


def _of(url: str, folder: Path) -> dict[str, Any]:
    """The figures of one database."""
    disk = [_flush(folder / "flush") for _ in range(CALLS // 4)]
    with tempfile.TemporaryDirectory(dir=folder) as journal:
        one_by_one, at_once = uvloop.run(_open_calls(url, Path(journal)))
    return {
        "database": url.split("+")[0].split(":")[0],
        "calls": CALLS,
        "load": load(),  # of the machine: others' work shows in the tail
        "p50_ms": _milliseconds(one_by_one, 0.50),
        "p99_ms": _milliseconds(one_by_one, 0.99),
        "max_ms": _milliseconds(one_by_one, 1.0),
        "at_once": AT_ONCE,
        "at_once_p99_ms": _milliseconds(at_once, 0.99),
        "disk_flush_p50_ms": _milliseconds(disk, 0.50),
        "disk_flush_p99_ms": _milliseconds(disk, 0.99),
    }


async def _open_calls(url: str, journal: Path) -> tuple[list[float], list[float]]:
    store = Store(url, "bench", journal=journal)
    await store.start()

    async def one(number: int) -> float:
        began = time.perf_counter()
        call = CallId(f"bench-{number}")
        await store.open_call(call, "156", "156", "11987654321", time.time(), False)
        return time.perf_counter() - began

    for number in range(WARM):
        await one(-1 - number)
    one_by_one = [await one(number) for number in range(CALLS)]
    at_once = await asyncio.gather(*(one(CALLS + number) for number in range(AT_ONCE)))
    await store.close()
    return one_by_one, at_once


@contextmanager
def fresh_postgres() -> Iterator[Callable[[], str] | None]:
    """Makes databases on a server of our own that flushes to disk; None if it is not installed."""
    sys.path.insert(0, str(TESTS))
    bed = importlib.import_module("postgres_server")
    if bed.find_programs() is None:
        print("PostgreSQL is not installed: not measured", file=sys.stderr)
        yield None
        return
    server = bed.PostgresServer()
    try:
        server.create()
        server.start()
        yield server.new_database
    finally:
        server.remove()


def _flush(file: Path) -> float:
    with file.open("ab") as opened:
        opened.write(b"x" * 4096)
        opened.flush()
        began = time.perf_counter()
        os.fdatasync(opened.fileno())
        return time.perf_counter() - began


def _milliseconds(seconds: list[float], part: float) -> float:
    return round(percentile(seconds, part) * 1000, 3)
