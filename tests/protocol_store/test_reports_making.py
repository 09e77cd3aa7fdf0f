"""One report from a database: only reading, patiently, and never from another release's tables."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from postgres_server import PostgresServer
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from protocol_store import Store
from protocol_store.errors import SchemaUnknown, StoreFailing
from protocol_store.reports.making import make
from protocol_store.reports.report import Report, WrongQuestion
from terms.limits import REPORT_BUDGET
from terms.sheet import Asked, Sheet

ASKED = Asked(1_790_000_000.0, 1_790_086_400.0)


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with our tables, for all tests: none of them can write."""
    if request.param == "sqlite":
        made = f"sqlite:///{tmp_path_factory.mktemp('making') / 'store.sqlite'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        made = server.new_database()
    asyncio.run(_make_tables(made))
    return made


async def _make_tables(url: str) -> None:
    store = Store(url, "n1")
    await store.start()
    await store.close()


def report(made: Callable[[Connection, Asked], Sheet]) -> Report:
    return Report("prova", "Prova", "0", frozenset(), made)


def nothing(connection: Connection, asked: Asked) -> Sheet:
    return Sheet("prova", "Prova", (), ())


def test_it_is_made_and_says_when(url: str) -> None:
    sheet = make(url, report(nothing), ASKED, 5.0)
    assert sheet.made_at == 5.0
    assert sheet.asked


def test_it_cannot_write(url: str) -> None:
    def write(connection: Connection, asked: Asked) -> Sheet:
        connection.execute(text("DELETE FROM calls"))
        return nothing(connection, asked)

    with pytest.raises(StoreFailing) as failing:
        make(url, report(write), ASKED, 0.0)
    assert "DELETE" not in str(failing.value)


def test_it_has_more_time_than_a_call(url: str) -> None:
    told = []

    def ask(connection: Connection, asked: Asked) -> Sheet:
        if connection.dialect.name == "postgresql":
            told.append(connection.exec_driver_sql("SHOW statement_timeout").scalar())
        return nothing(connection, asked)

    make(url, report(ask), ASKED, 0.0)
    assert told in ([], [f"{REPORT_BUDGET / 60:.0f}min"])


def test_what_it_looked_for_stands_in_no_error(url: str) -> None:
    def fail(connection: Connection, asked: Asked) -> Sheet:
        connection.execute(text("SELECT 415263748 FROM nowhere"))
        return nothing(connection, asked)

    with pytest.raises(StoreFailing) as failing:
        make(url, report(fail), ASKED, 0.0)
    assert "415263748" not in str(failing.value)
    assert isinstance(failing.value.__cause__, SQLAlchemyError)


def test_a_wrong_question_is_told_before_anything_is_opened(tmp_path: Path) -> None:
    empty = Asked(ASKED.since, ASKED.since)
    with pytest.raises(WrongQuestion):
        make("sqlite:////nowhere/at/all.sqlite", report(nothing), empty, 0.0)


def test_no_database_is_made_where_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with pytest.raises(StoreFailing, match="não há banco"):
        make(f"sqlite:///{path}", report(nothing), ASKED, 0.0)
    assert not path.exists()


def test_tables_of_another_release_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE x (y)")
    connection.commit()
    with pytest.raises(SchemaUnknown):
        make(f"sqlite:///{path}", report(nothing), ASKED, 0.0)
    connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
    connection.execute("INSERT INTO alembic_version VALUES ('9999')")
    connection.commit()
    connection.close()
    with pytest.raises(SchemaUnknown):
        make(f"sqlite:///{path}", report(nothing), ASKED, 0.0)
