"""What a merge takes beside facts: rows that no fact could make anew.

Copied whole at every merge, by key. What is there stays, but for two things that must follow: a
recording's key that was destroyed at the source goes here too, and a hold that ended there ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Engine, RowMapping, Table, select

from protocol_store.citizen_tables import erasures
from protocol_store.merge_campaigns import copy_campaigns
from protocol_store.merge_pages import pages
from protocol_store.recording_tables import recording_holds, recording_keys
from protocol_store.sms_tables import sms_received, sms_refusals
from protocol_store.tables import agents, dialplan_versions
from protocol_store.upserts import upsert

Follows = Callable[[RowMapping, RowMapping], bool]
"""Whether a row of the source (second) must overwrite ours (first)."""


def _destroyed(ours: RowMapping, theirs: RowMapping) -> bool:
    return theirs["erased_at"] is not None and ours["erased_at"] is None


def _ended(ours: RowMapping, theirs: RowMapping) -> bool:
    return theirs["ended_at"] is not None and ours["ended_at"] is None


def _never(_ours: RowMapping, _theirs: RowMapping) -> bool:
    return False


TRUTHS: Final[tuple[tuple[Table, str, Follows], ...]] = (
    (dialplan_versions, "version", _never),
    (recording_keys, "name", _destroyed),
    (recording_holds, "act", _ended),
    (erasures, "act", _never),
    (sms_refusals, "number", _never),  # whoever wants no texts of one site wants none of both
    (sms_received, "key", _never),
)
"""Each table, its key, and when the source's word beats ours."""


def copy_truths(source: Engine, target: Engine) -> list[str]:
    """Copy them all; the names of agents that are two people's, one at each site."""
    copy_campaigns(source, target)
    for table, key, follows in TRUTHS:
        for page in pages(source, table, key):
            with target.begin() as writing:
                _copy(writing, table, key, page, follows)
    two_people = []
    for page in pages(source, agents, "name"):
        with target.begin() as writing:
            there = _there(writing, agents, "name", page)
            two_people += [
                row["name"]
                for row in page
                if row["name"] in there and there[row["name"]]["full_name"] != row["full_name"]
            ]
            _copy(writing, agents, "name", page, _never)
    return two_people


def write(
    connection: Connection, table: Table, key: tuple[str, ...], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows, or overwrite what their key has; one by one, in this order."""
    columns = tuple(name for name in rows[0] if name not in key)
    statement = upsert(connection, table, key, columns)
    for row in rows:
        connection.execute(statement, dict(row))


def _copy(
    writing: Connection, table: Table, key: str, page: Sequence[RowMapping], follows: Follows
) -> None:
    there = _there(writing, table, key, page)
    wanted = [row for row in page if row[key] not in there or follows(there[row[key]], row)]
    counted = table.c.get("id") is not None  # its own count: a copied row gets another
    if wanted:
        rows = [
            {name: row[name] for name in row if not (counted and name == "id")} for row in wanted
        ]
        write(writing, table, (key,), rows)


def _there(
    connection: Connection, table: Table, key: str, page: Sequence[RowMapping]
) -> dict[Any, RowMapping]:
    found = connection.execute(
        select(table).where(table.c[key].in_([row[key] for row in page]))
    ).mappings()
    return {row[key]: row for row in found}
