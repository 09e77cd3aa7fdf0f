"""docs/tabelas.md names every table and column there is, and none else; its queries run."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from house import CHECKOUT
from sqlalchemy import Engine, text

from protocol_store import schema
from protocol_store.engines import make_engine
from protocol_store.rebuild import PROJECTED
from protocol_store.tables import metadata

PAGE = (CHECKOUT / "docs" / "tabelas.md").read_text(encoding="utf-8")
SECTION = re.compile(r"^### `(\w+)`( ◆)?\n(.*?)(?=^##|\Z)", re.M | re.S)
COLUMN = re.compile(r"^\| `(\w+)` \| (.+) \|$", re.M)
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.S)


def test_every_table_and_column_is_explained_and_none_else() -> None:
    told = {name: COLUMN.findall(body) for name, _, body in SECTION.findall(PAGE)}
    assert {name: [column for column, _ in columns] for name, columns in told.items()} == {
        table.name: [column.name for column in table.columns] for table in metadata.tables.values()
    }


def test_what_is_made_from_facts_says_so() -> None:
    marked = {name for name, mark, _ in SECTION.findall(PAGE) if mark}
    assert marked == {table.name for table in PROJECTED}


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    schema.upgrade(engine)
    yield engine
    engine.dispose()


def test_the_queries_of_the_page_run(engine: Engine) -> None:
    assert QUERIES
    with engine.connect() as connection:
        for query in QUERIES:
            connection.execute(text(query))
