"""A table of a source, read a page at a time by its key, so that no merge holds all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Engine, RowMapping, Table, select

from terms.limits import MERGE_ROWS


def pages(source: Engine, table: Table, key: str) -> Iterator[Sequence[RowMapping]]:
    """All rows in the order of `key`, a text; a connection is held for one page only."""
    after = ""
    while True:
        with source.connect() as reading:
            page = (
                reading.execute(
                    select(table)
                    .where(table.c[key] > after)
                    .order_by(table.c[key])
                    .limit(MERGE_ROWS)
                )
                .mappings()
                .all()
            )
        if not page:
            return
        yield page
        after = page[-1][key]
