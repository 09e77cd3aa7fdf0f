"""What the tests of reports share: the day, stored once a module in each database; its sheets."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from postgres_server import PostgresServer
from report_day import DAY, store_the_day
from sqlalchemy import Connection

from protocol_store.engines import make_engine
from protocol_store.reports.catalogue import REPORTS
from terms.sheet import Asked, Sheet, Value


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def day(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Connection]:
    """A connection that can only read, to a database that holds the day."""
    if request.param == "sqlite":
        folder: Path = tmp_path_factory.mktemp("reports")
        url = f"sqlite:///{folder / 'store.sqlite'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.new_database()
    asyncio.run(store_the_day(url))
    engine = make_engine(url, reading=True)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def sheet(day: Connection, name: str, **more: Any) -> Sheet:
    """One report of the whole day, unless another period is given."""
    period = {"since": DAY, "until": DAY + 86_400.0}
    return REPORTS[name].run(day, Asked(**(period | more)))


def told(found: Sheet, *names: str) -> list[tuple[Value, ...]]:
    """These columns of the rows in which any of them but the first is something."""
    rows = [tuple(row.get(name) for name in names) for row in found.rows]
    return [row for row in rows if any(row[1:])]


def close(found: Value, wanted: float) -> bool:
    """Whether a figure is this, to the millisecond that SQLite keeps."""
    return isinstance(found, int | float) and abs(found - wanted) < 0.002
