"""`python -m bench.million_calls URL`: fill an empty store with a million calls of two months, and
a million attempts of campaigns.

bench/million/ says what is made up, and how. As `reports` of `python -m bench`, every report of the
contract is measured on such a store for a month (October), on SQLite and on PostgreSQL. The SQLite
file is kept in `build/` and used again, as long as the model and the tables are the same.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Engine, text

from bench.figures import Figure, load, percentile
from bench.million.bulk import Block
from bench.million.bulk import load as load_blocks
from bench.million.calls import make_calls
from bench.million.campaign_rows import campaign_blocks
from bench.million.people import work_through
from bench.million.rows import Rows
from bench.million.work_rows import work_blocks
from central156.reports_of_contract import REPORTS
from protocol_store import schema
from protocol_store.engines import make_engine
from protocol_store.reports.report import Report
from terms.sheet import Asked

CALLS, DAYS, SEED = 1_000_000, 61, 156
CITY: Final = ZoneInfo("America/Sao_Paulo")
BEGINS: Final = datetime(2026, 9, 1, tzinfo=CITY)
MONTH: Final = (datetime(2026, 10, 1, tzinfo=CITY), datetime(2026, 11, 1, tzinfo=CITY))
NOW: Final = datetime(2026, 11, 2, tzinfo=UTC)
KEPT: Final = Path(__file__).resolve().parents[1] / "build"
GOALS: Final = {"sqlite": 10.0, "postgresql": 3.0}
SLOWEST_SHOWN: Final = 3


def fill(url: str, calls: int = CALLS, days: int = DAYS, seed: int = SEED) -> int:
    """Fill the empty store at this address; how many rows."""
    engine = make_engine(url)
    try:
        schema.upgrade(engine)
        begins = BEGINS.timestamp()
        made = make_calls(calls, days, begins, BEGINS.weekday(), seed)
        rows = Rows(made, work_through(made, begins, days))
        dialled = campaign_blocks(calls, days, begins, seed)
        return load_blocks(engine, chain(_every(rows), dialled))
    finally:
        engine.dispose()


def _every(rows: Rows) -> Iterator[Block]:
    yield from rows.blocks()
    yield from work_blocks(rows)


def model() -> str:
    """A name for what is made: another one when a line of the model or a table changes."""
    here = Path(__file__).parent
    sources = sorted([*(here / "million").glob("*.py"), here / "simulator" / "profiles.py"])
    tables = sorted((KEPT.parent / "protocol_store" / "migrations" / "versions").glob("*.py"))
    digest = hashlib.sha256(b"".join(one.read_bytes() for one in (*sources, *tables)))
    return digest.hexdigest()[:16]


def kept_file(calls: int = CALLS) -> tuple[Path, float]:
    """The SQLite file, made now if it is not there; and how long that took (0: it was there)."""
    file = KEPT / f"calls-{calls}-{model()}.sqlite"
    if file.exists():
        return file, 0.0
    KEPT.mkdir(exist_ok=True)
    for old in KEPT.glob(f"calls-{calls}-*"):
        old.unlink()
    half = file.with_suffix(".half")
    half.unlink(missing_ok=True)
    began = time.monotonic()
    fill(f"sqlite:///{half}", calls)
    half.rename(file)
    for rest in KEPT.glob(f"{half.name}-*"):
        rest.unlink()
    return file, time.monotonic() - began


def measure(calls: int | None = None) -> list[Figure]:
    """A row for each database."""
    from postgres_server import PostgresServer, find_programs  # noqa: PLC0415

    many = calls or CALLS
    file, took = kept_file(many)
    figures = _measure_on(f"sqlite:///{file}", many, took)
    if find_programs() is not None:
        server = PostgresServer()
        try:
            server.create()
            server.start()
            url, began = server.new_database(), time.monotonic()
            fill(url, many)
            figures += _measure_on(url, many, time.monotonic() - began)
        finally:
            server.remove()
    return figures


def _measure_on(url: str, calls: int, took: float) -> list[Figure]:
    with _reading(url) as engine:
        name = engine.dialect.name
        seconds = {one.name: _ask(engine, one) for one in REPORTS.values()}
    slow = sorted(seconds, key=lambda one: -seconds[one])
    goal, worst = GOALS[name], seconds[slow[0]]
    shown = ", ".join(f"{one} {seconds[one]:.2f}" for one in slow[:SLOWEST_SHOWN])
    made = f"made in {took:.0f} s" if took else "made before"
    return [
        Figure(
            "reports",
            f"{len(seconds)} reports of a month, {calls:,} calls in {name} ({made})",
            "",
            f"slowest {worst:.2f} s, median {percentile(seconds.values(), 0.5):.2f} ({shown})",
            f"≤ {goal:.0f} s each",
            worst <= goal,
            {"seconds": seconds, "filled_in": took, "load": load()},
        )
    ]


def _ask(engine: Engine, report: Report) -> float:
    """Seconds for one report of a month, by day where it takes an interval."""
    asked = Asked(MONTH[0].timestamp(), MONTH[1].timestamp())
    began = time.monotonic()
    with engine.connect() as connection:
        report.run(connection, asked, NOW.timestamp())
    return time.monotonic() - began


@contextmanager
def _reading(url: str) -> Iterator[Engine]:
    engine = make_engine(url, reading=True)
    try:
        if engine.dialect.name != "sqlite":
            with engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        yield engine
    finally:
        engine.dispose()


@click.command(help=__doc__)
@click.argument("url")
@click.option("--calls", type=int, default=CALLS)
@click.option("--days", type=int, default=DAYS)
def main(url: str, calls: int, days: int) -> None:
    began = time.monotonic()
    rows = fill(url, calls, days)
    print(f"{rows:,} rows of {calls:,} calls in {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    main()
