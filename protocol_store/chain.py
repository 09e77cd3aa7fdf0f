"""Facts as a chain: what is altered, removed or put in between afterwards is found (verify.py).

Each site has one chain, for ever. A fact's digest covers the digest of the fact before it and all
that its own row says, so whoever changes one must change all that follow; the head of each day,
signed with a key that is not in the database (vault/signing.py) and kept elsewhere, then says so.

    digest(n) = sha256(digest(n - 1) + content(n))     both digests in hex, content as JSON
    content   = [site, ordinal, writer, sequence, at, kind, call, agent, by, details, violation]

A row's `id` is not in it: merged into another store (merge.py) a fact gets another one. A day is
the day in São Paulo on which facts were linked, not the one they tell of: it only ever grows at
its end. SQLite and PostgreSQL give back the same content: see `_details`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, text, update

from protocol_store.chain_tables import fact_days, fact_erasing, sites
from protocol_store.engines import POSTGRES
from protocol_store.tables import facts
from protocol_store.upserts import upsert
from terms.names import Instant

CITY: Final = ZoneInfo("America/Sao_Paulo")
SITE: Final = "sp1"
"""The site of an installation that names none."""

_write = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_write_as_given = json.JSONEncoder().encode
_read = json.JSONDecoder().decode

# As text: SQLite then gives instants and details as they are stored, which is faster, and true.
_ROWS: Final = text(
    "SELECT id, site, ordinal, digest, writer, sequence, at, kind, call_id, agent, by_whom, "
    "details, violation FROM facts WHERE id > :after ORDER BY id LIMIT :count"
)
_HEAD: Final = select(sites).where(sites.c.site == bindparam("of")).with_for_update()
_MOVE: Final = (
    update(sites)
    .where(sites.c.site == bindparam("of"))
    .values(
        ordinal=bindparam("to_ordinal"),
        digest=bindparam("to_digest"),
        day=bindparam("to_day"),
        day_first=bindparam("to_first"),
    )
)


class Link(NamedTuple):
    """A fact's row as the chain sees it, in the order of its content. `at` as SQLite writes
    instants, UTC to the microsecond; `details` as `_details` leaves them."""

    site: str
    ordinal: int
    writer: str
    sequence: int
    at: str
    kind: str
    call: str | None
    agent: str | None
    by: str
    details: Any
    violation: str | None


def content_of(link: Link) -> bytes:
    """All that a row says, always in the same bytes."""
    return _write(link).encode("ascii")


def digest_after(before: str, content: bytes) -> str:
    """The digest of a row behind the row with the digest `before` ('' for a chain's first)."""
    return sha256(before.encode("ascii") + content).hexdigest()


def left_digest(content: bytes) -> str:
    """What `data_erased` attests of a row that was erased: the digest of what is left of it."""
    return sha256(content).hexdigest()


def linked(
    connection: Connection, site: str, rows: Iterable[Mapping[str, Any]], now: Instant | None = None
) -> list[dict[str, Any]]:
    """Rows of `facts`, about to be inserted in this order and transaction, as the chain's next.

    Locks the site's head until the transaction ends; if that fails, so must the insertion.
    """
    head = _locked(connection, site)
    day = max(today(now), head.day)
    day_first = int(head.day_first)
    if day > head.day:
        _close_day(connection, head)
        day_first = int(head.ordinal) + 1
    ordinal, digest = int(head.ordinal), str(head.digest)
    links = []
    for row in rows:
        ordinal += 1
        digest = digest_after(digest, content_of(_link(site, ordinal, row)))
        links.append({**row, "site": site, "ordinal": ordinal, "digest": digest})
    moved = {"to_ordinal": ordinal, "to_digest": digest}
    moved |= {"to_day": day, "to_first": day_first}
    connection.execute(_MOVE, {"of": site, **moved})
    return links


def replace_details(
    connection: Connection, replaced: Mapping[tuple[str, int], Mapping[str, Any]]
) -> dict[str, str]:
    """The one way to take something out of stored facts: (site, ordinal) → the details to leave.

    Returns what a fact `data_erased` must say as its `rows`, in the same transaction:
    `site:ordinal` → digest of what is left. Without that fact the rows count as altered. Rows
    that are not there are left out.
    """
    attested = {}
    connection.execute(insert(fact_erasing), {"act": "erasing"})
    for (site, ordinal), details in replaced.items():
        here = (facts.c.site == site) & (facts.c.ordinal == ordinal)
        row = connection.execute(select(facts).where(here)).mappings().first()
        if row is None:
            continue
        left = {**row, "details": dict(details)}
        connection.execute(update(facts).where(facts.c.id == row["id"]).values(details=details))
        attested[f"{site}:{ordinal}"] = left_digest(content_of(_link(site, ordinal, left)))
    connection.execute(delete(fact_erasing))
    return attested


def moment_text(at: Instant) -> str:
    """An instant as it stands in a link."""
    return datetime.fromtimestamp(at, UTC).isoformat(" ", "microseconds")[:26]


def begin_site(connection: Connection, site: str, numbers: range | None = None) -> None:
    """Make the site's row, and write down its range of numbers if it is told."""
    connection.execute(upsert(connection, sites, ("site",), ()), {"site": site})
    if numbers is not None:
        ends = {"first_number": numbers.start, "last_number": numbers.stop - 1}
        connection.execute(update(sites).where(sites.c.site == site).values(**ends))


def head_of(connection: Connection, site: str) -> Row[Any]:
    """The site's row, locked until the transaction ends; made if there is none."""
    return _locked(connection, site)


def _locked(connection: Connection, site: str) -> Row[Any]:
    found = connection.execute(_HEAD, {"of": site}).first()
    if found is None:
        begin_site(connection, site)
        found = connection.execute(_HEAD, {"of": site}).one()
    return found


def today(now: Instant | None = None) -> str:
    """The day in São Paulo."""
    return datetime.fromtimestamp(time.time() if now is None else now, CITY).date().isoformat()


def rows_after(connection: Connection, after: int, count: int) -> Sequence[Row[Any]]:
    """The next rows of `facts` behind an id, as the database has them (see `link_of`)."""
    return connection.execute(_ROWS, {"after": after, "count": count}).all()


def link_of(row: Row[Any], dialect: str, site: str, ordinal: int) -> Link:
    """A row of `rows_after` as a link. ValueError when its details are no JSON any more."""
    at, details = row.at, row.details
    if dialect == POSTGRES:
        at = at.astimezone(UTC).isoformat(" ", "microseconds")[:26]
    elif isinstance(details, str):
        details = _same_in_both(_read(details), details)
    said = (row.kind, row.call_id, row.agent, row.by_whom, details, row.violation)
    return Link(site, ordinal, row.writer, row.sequence, at, *said)


def _close_day(connection: Connection, head: Row[Any]) -> None:
    """The head's day is over: keep where it ended, to be signed (heads.py)."""
    if not head.day or head.ordinal < head.day_first:
        return
    there = connection.execute(
        select(fact_days.c.last_ordinal).where(
            fact_days.c.site == head.site, fact_days.c.day == head.day
        )
    ).scalar()
    if there == head.ordinal:  # signed as it is
        return
    row = day_row(head) | {"signed_at": None, "signature": None, "key": None}
    write_day(connection, row)


def day_row(head: Row[Any]) -> dict[str, Any]:
    """The head's day so far, as a row of `fact_days` without a signature."""
    return {
        "site": head.site,
        "day": head.day,
        "first_ordinal": head.day_first,
        "last_ordinal": head.ordinal,
        "count": head.ordinal - head.day_first + 1,
        "head": head.digest,
    }


def write_day(connection: Connection, row: Mapping[str, Any]) -> None:
    """Insert a day, or overwrite it."""
    columns = tuple(name for name in row if name not in ("site", "day"))
    connection.execute(upsert(connection, fact_days, ("site", "day"), columns), dict(row))


def _link(site: str, ordinal: int, row: Mapping[str, Any]) -> Link:
    return Link(
        site,
        ordinal,
        row["writer"],
        row["sequence"],
        moment_text(row["at"]),
        row["kind"],
        row["call_id"],
        row["agent"],
        row["by_whom"],
        _details(row["details"]),
        row["violation"],
    )


def _details(details: Any) -> Any:
    """Details as both databases give them back: keys are texts, and large numbers, which
    PostgreSQL writes out, are whole."""
    written = _write_as_given(details)
    return _same_in_both(_read(written), written)


def _same_in_both(read: Any, written: str) -> Any:
    return _plain(read) if "e+" in written or "-0.0" in written else read


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, float):
        return value
    if value == 0:
        return 0.0
    return int(Decimal(repr(value))) if "e+" in repr(value) else value
