"""Columns into a database, fast: SQLite by executemany, PostgreSQL by COPY.

Indexes and foreign keys are taken away first and made again at the end, which is checked then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sqlalchemy import Boolean, Connection, Engine, ForeignKeyConstraint, Table, text
from sqlalchemy.schema import AddConstraint, CreateIndex, DropConstraint, DropIndex

from protocol_store.tables import Moment

SLICE: Final = 50_000  # rows at once
NULL: Final = "\\N"


@dataclass(frozen=True)
class Words:
    """A column of few words: for each row the number of its word; -1: nothing."""

    words: tuple[str, ...]
    codes: np.ndarray


@dataclass(frozen=True)
class Block:
    """Rows of one table. A column is an array (instants and figures as floats, nan: nothing), a
    list, Words, or one value for all."""

    table: Table
    count: int
    columns: dict[str, Any]


def load(engine: Engine, blocks: Iterable[Block]) -> int:
    """Write them; how many rows."""
    fill = _fill_sqlite if engine.dialect.name == "sqlite" else _fill_postgres
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute("PRAGMA synchronous = OFF")
            raw.execute("PRAGMA foreign_keys = OFF")
            raw.execute("PRAGMA cache_size = -400000")
    total = 0
    tables: list[Table] = []
    with engine.begin() as connection:
        if engine.dialect.name != "sqlite":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            connection.execute(text("SET LOCAL synchronous_commit = off"))
            connection.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
        for block in blocks:
            if block.table not in tables:
                tables.append(block.table)
                _bare(connection, block.table)
            fill(connection, block)
            total += block.count
        for table in tables:
            _dress(connection, table)
    if engine.dialect.name != "sqlite":  # as it does by itself; SQLite does nothing of the kind
        with engine.connect() as connection:
            autocommit = connection.execution_options(isolation_level="AUTOCOMMIT")
            autocommit.execute(text("SET statement_timeout = 0"))
            autocommit.execute(text("VACUUM ANALYZE"))
    return total


def _keys(table: Table) -> list[ForeignKeyConstraint]:
    return [one for one in table.constraints if isinstance(one, ForeignKeyConstraint)]


def _bare(connection: Connection, table: Table) -> None:
    for index in table.indexes:
        connection.execute(DropIndex(index))
    if connection.dialect.name != "sqlite":
        for key in _keys(table):
            connection.execute(DropConstraint(key))


def _dress(connection: Connection, table: Table) -> None:
    for index in table.indexes:
        connection.execute(CreateIndex(index))
    if connection.dialect.name != "sqlite":
        for key in _keys(table):
            connection.execute(AddConstraint(key))


def _fill_sqlite(connection: Connection, block: Block) -> None:
    raw: Any = connection.connection.driver_connection
    names = ", ".join(f'"{name}"' for name in block.columns)
    marks = ", ".join("?" for _ in block.columns)
    statement = f"INSERT INTO {block.table.name} ({names}) VALUES ({marks})"
    for columns in _slices(block):
        raw.executemany(statement, zip(*columns, strict=True))


def _fill_postgres(connection: Connection, block: Block) -> None:
    raw: Any = connection.connection.driver_connection
    names = ", ".join(f'"{name}"' for name in block.columns)
    with raw.cursor() as cursor, cursor.copy(f"COPY {block.table.name} ({names}) FROM STDIN") as to:
        for columns in _slices(block):
            texts = [[NULL if one is None else str(one) for one in column] for column in columns]
            to.write("\n".join(map("\t".join, zip(*texts, strict=True))) + "\n")


def _slices(block: Block) -> Iterator[list[list[Any]]]:
    for first in range(0, block.count, SLICE):
        last = min(first + SLICE, block.count)
        yield [
            _values(block.table.c[name].type, column, first, last)
            for name, column in block.columns.items()
        ]


def _values(kind: Any, column: Any, first: int, last: int) -> list[Any]:
    if isinstance(column, Words):
        words = np.array([*column.words, None], dtype=object)
        found: list[Any] = words[column.codes[first:last]].tolist()
        return found
    if isinstance(column, list):
        return column[first:last]
    if not isinstance(column, np.ndarray):
        return [column] * (last - first)
    part = column[first:last]
    if isinstance(kind, Moment):
        return _moments(part)
    values: list[Any] = (part.astype(bool) if isinstance(kind, Boolean) else part).tolist()
    if part.dtype.kind == "f":
        return [None if one != one else one for one in values]
    return values


def _moments(seconds: np.ndarray) -> list[Any]:
    """As SQLAlchemy writes them to SQLite, which PostgreSQL reads as well."""
    known = ~np.isnan(seconds)
    micro = np.rint(np.where(known, seconds, 0.0) * 1e6).astype("datetime64[us]")
    texts = np.datetime_as_string(micro)
    texts.view("U1").reshape(len(texts), -1)[:, 10] = " "
    found = texts.astype(object)
    found[~known] = None
    values: list[Any] = found.tolist()
    return values
