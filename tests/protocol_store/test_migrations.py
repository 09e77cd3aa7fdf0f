"""The migrations make the tables that the code writes to, and can be taken back."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, MetaData, inspect
from store_bed import NewStore, execute, open_call, rows

from protocol_store import SchemaUnknown, Store, StoreFailing, schema
from protocol_store.engines import make_engine
from protocol_store.tables import metadata


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


def test_the_migrations_make_the_tables_of_the_code(engine: Engine) -> None:
    schema.upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": False}
        )
        assert compare_metadata(context, metadata) == []


def test_the_tables_are_alike_to_the_last_index(engine: Engine) -> None:
    """What the comparison by Alembic does not see: names, defaults, keys, conditions."""
    schema.upgrade(engine)
    migrated = _described(engine)
    schema.downgrade(engine, "base")
    metadata.create_all(engine)
    assert _described(engine) == migrated


def _described(engine: Engine) -> dict[str, object]:
    found = inspect(engine)
    return {
        table: (
            {
                (one["name"], str(one["type"]), one["nullable"], str(one["default"]))
                for one in found.get_columns(table)
            },
            tuple(found.get_pk_constraint(table)["constrained_columns"]),
            {(one["name"], *one["column_names"]) for one in found.get_unique_constraints(table)},
            {
                (tuple(one["constrained_columns"]), one["referred_table"])
                for one in found.get_foreign_keys(table)
            },
            {
                (one["name"], *one["column_names"], bool(one["unique"]), *_where(one))
                for one in found.get_indexes(table)
            },
        )
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def _where(index: Any) -> list[str]:
    """The condition of a partial index, as text."""
    options = index["dialect_options"].items()
    return [str(value) for name, value in options if name.endswith("_where")]


def test_down_leaves_nothing_and_up_again_works(engine: Engine) -> None:
    for _ in range(2):
        schema.upgrade(engine)
        assert set(metadata.tables) <= set(inspect(engine).get_table_names())
        schema.downgrade(engine, "base")
        assert inspect(engine).get_table_names() == ["alembic_version"]


def test_up_twice_changes_nothing(engine: Engine) -> None:
    schema.upgrade(engine)
    before = _described(engine)
    schema.upgrade(engine)
    assert _described(engine) == before


async def test_tables_of_a_newer_release_are_left_alone(
    new_store: NewStore, database_url: str
) -> None:
    store = await new_store("a")
    protocol = await open_call(store, "boot-1")
    await store.close()
    execute(database_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaUnknown, match="outra versão"):
        await Store(database_url, "a").start()
    assert rows(database_url, "SELECT protocol FROM protocols") == [(protocol,)]
    execute(database_url, f"UPDATE alembic_version SET version_num = '{schema.newest_revision()}'")
    assert await open_call(await new_store("a"), "boot-1") == protocol


def test_reflection_finds_no_table_that_the_code_does_not_know(engine: Engine) -> None:
    schema.upgrade(engine)
    reflected = MetaData()
    reflected.reflect(engine)
    assert set(reflected.tables) == {*metadata.tables, "alembic_version"}


def test_a_store_in_a_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'deep' / 'store.sqlite'}")
    schema.upgrade(engine)
    for file in (tmp_path / "deep").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name
    engine.dispose()


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "mysql://root@localhost/x", "postgresql://x/y"]
)
def test_databases_that_cannot_keep_a_promise_are_refused(url: str) -> None:
    with pytest.raises(StoreFailing, match="não aceito"):
        Store(url, "a")
