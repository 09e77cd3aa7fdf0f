"""What a merge takes of campaigns: all rows, by their names, which no two sites share.

What both have goes the way of the later word. A contact that the other site's list has too, in a
campaign of the same name, stays as it is here; its attempts there are counted all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Engine, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite

from protocol_store.campaign_tables import (
    attempts,
    campaigns,
    contact_lists,
    contacts,
    do_not_call,
    trunk_days,
    trunk_months,
    trunk_operators,
)
from protocol_store.engines import POSTGRES
from protocol_store.merge_pages import pages

Row = Mapping[str, Any]
Follows = Callable[[Row, Row], bool]
"""Whether a row of the source (second) must overwrite ours (first)."""


def _changed(ours: Row, theirs: Row) -> bool:
    return bool(theirs["changed_at"] > ours["changed_at"])


def _later(ours: Row, theirs: Row) -> bool:
    return bool((theirs["changed_at"], theirs["ordered"]) > (ours["changed_at"], ours["ordered"]))


def _set(column: str) -> Follows:
    return lambda ours, theirs: theirs[column] is not None and ours[column] is None


def _never(_ours: Row, _theirs: Row) -> bool:
    return False


def _more(ours: Row, theirs: Row) -> bool:
    return bool(theirs["attempts"] > ours["attempts"])


COPIED: Final[tuple[tuple[Table, str, Follows], ...]] = (
    (campaigns, "name", _changed),
    (contact_lists, "list", _set("loaded_at")),
    (contacts, "contact", _later),
    (attempts, "attempt", _set("ended_at")),
    (do_not_call, "act", _set("ended_at")),
    (trunk_months, "counted", _more),
    (trunk_days, "counted", _more),
    (trunk_operators, "trunk", _never),
)
"""Each table, its key, and when the source's word beats ours; those that others name first."""


def copy_campaigns(source: Engine, target: Engine) -> None:
    """Copy them all, in pages; harmless to repeat."""
    for table, key, follows in COPIED:
        for page in pages(source, table, key):
            _copy(target, table, key, [dict(row) for row in page], follows)


def _copy(
    target: Engine, table: Table, key: str, page: list[dict[str, Any]], follows: Follows
) -> None:
    with target.begin() as writing:
        here = table.c[key].in_([row[key] for row in page])
        found = writing.execute(select(table).where(here)).mappings()
        there = {row[key]: dict(row) for row in found}
        new = [row for row in page if row[key] not in there]
        if new:
            # Of two attempts at one number that both sites left open, one is enough.
            dialect = postgresql if writing.dialect.name == POSTGRES else sqlite
            insert: Any = dialect.insert(table)
            writing.execute(insert.on_conflict_do_nothing(), new)
        for row in page:
            ours = there.get(row[key])
            if ours is not None and follows(ours, row):
                writing.execute(update(table).where(table.c[key] == row[key]).values(row))
