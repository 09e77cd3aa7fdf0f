from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from postgres_server import PostgresServer, find_programs
from web_bed import WebBed


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


@pytest_asyncio.fixture
async def web() -> AsyncIterator[WebBed]:
    bed = WebBed()
    await bed.start()
    yield bed
    await bed.stop()
