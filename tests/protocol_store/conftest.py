"""Every test of the store runs on SQLite and on a real PostgreSQL, unless it is about one."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from postgres_server import PostgresServer, find_programs
from sqlalchemy import Engine, event
from store_bed import NewStore

from protocol_store import Store

CHANGES_FACTS = re.compile(r"\b(update|delete\s+from|truncate(\s+table)?)\s+\"?facts\b", re.I)


@pytest.fixture(autouse=True)
def facts_are_never_changed() -> Iterator[None]:
    """Whatever a test does, no statement that is sent changes or removes a stored fact, but those
    of an erasure, which says so to the database first (chain.replace_details)."""
    found: list[str] = []
    erasing = False

    def look(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        nonlocal erasing
        said = statement.lower()
        if "fact_erasing" in said:
            erasing = said.startswith("insert")
        replaces = "facts" in said and "do update" in said
        erased = erasing and said.startswith("update facts set details=")
        if not erased and (CHANGES_FACTS.search(said) or (replaces and "into facts" in said)):
            found.append(statement)

    event.listen(Engine, "before_cursor_execute", look)
    yield
    event.remove(Engine, "before_cursor_execute", look)
    assert not found


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    if find_programs() is None:
        pytest.skip("PostgreSQL is not installed on this machine")
    server = PostgresServer()
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that nobody has used."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """The folder of the machine's journals."""
    return tmp_path / "journal"


@pytest_asyncio.fixture
async def store_at(journal: Path) -> AsyncIterator[NewStore]:
    """Starts stores, and closes at the end those that still run: `await store_at(url, node)`."""
    started: list[Store] = []

    async def start(url: str, node: str = "a", journal: Path = journal) -> Store:
        store = Store(url, node, journal=journal)
        await store.start()
        started.append(store)
        return store

    yield start
    for store in started:
        await store.close()


@pytest.fixture
def new_store(store_at: NewStore, database_url: str) -> NewStore:
    """The same, on the test's database: `await new_store(node)`."""
    return partial(store_at, database_url)


@pytest_asyncio.fixture
async def store(new_store: NewStore) -> Store:
    return await new_store("a")
