"""Campaigns and their contact lists in the tables: made, changed, loaded a page at a time, counted.

A list is loaded in many short transactions, so that nobody waits for a million rows; until its
last page is in, nobody of it is called. A load that broke off is simply done again: what is there
already stays as it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, text, update

from protocol_store.campaign_tables import campaigns, contact_lists, contacts
from protocol_store.engines import POSTGRES
from protocol_store.errors import CampaignMoved, NameTaken, NameUnknown
from terms.names import CampaignName, ContactId, Instant

PENDING: Final = "pending"
DRAFT: Final = "draft"
DRAINING: Final = "draining"
LIST_DIGITS: Final = 12
LINE_DIGITS: Final = 7


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign as it is stored. `file`: its YAML; states are words of dialer.campaign."""

    name: CampaignName
    kind: str
    mode: str
    body: str
    subject: str
    priority: int
    life_safety: str
    file: str
    state: str
    made_at: Instant
    made_by: str
    changed_at: Instant
    changed_by: str
    because: str = ""


@dataclass(frozen=True, slots=True)
class ListRow:
    """A contact list. `loaded_at` None: not all of it is there, and nobody of it is called."""

    name: str
    campaign: CampaignName
    file: str
    digest: str
    at: Instant
    by: str
    contacts: int = 0
    wrong: int = 0
    repeated: int = 0
    there_before: int = 0
    loaded_at: Instant | None = None

    @staticmethod
    def of(campaign: CampaignName, file: str, content: bytes, at: Instant, by: str) -> ListRow:
        """A list that is to be loaded: the same bytes for the same campaign are the same list."""
        digest = hashlib.sha256(content).hexdigest()
        name = hashlib.sha256(f"{campaign}\n{digest}".encode()).hexdigest()[:LIST_DIGITS]
        return ListRow(name, campaign, file, digest, at, by)


@dataclass(frozen=True, slots=True)
class Change:
    """A campaign goes from one of `before` to `state`: what its table of states allows."""

    name: CampaignName
    before: frozenset[str]
    state: str
    at: Instant
    by: str
    because: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """How far a campaign is: contacts by state and, of those that are done, by ending. `soonest`:
    when the first of those who wait is looked at."""

    states: Mapping[str, int] = field(default_factory=dict)
    endings: Mapping[str, int] = field(default_factory=dict)
    soonest: Instant | None = None

    @property
    def contacts(self) -> int:
        """All of them."""
        return sum(self.states.values())


def contact_id(list_name: str, line: int) -> ContactId:
    """The contact of a list's line. Names are in the order of the lines: so they are called."""
    return ContactId(f"{list_name}.{line:0{LINE_DIGITS}}")


# --- campaigns ---
def make(connection: Connection, row: CampaignRow) -> None:
    """Keep a campaign; a draft may be handed in again. NameTaken when it is none any more."""
    values = {name: getattr(row, name) for name in row.__dataclass_fields__}
    there = connection.execute(
        select(campaigns.c.state, campaigns.c.file).where(campaigns.c.name == row.name)
    ).first()
    if there is None:
        connection.execute(insert(campaigns).values(values))
    elif there.file == row.file:
        return
    elif there.state == DRAFT:
        connection.execute(update(campaigns).where(campaigns.c.name == row.name).values(values))
    else:
        raise NameTaken(f"a campanha {row.name} já começou: dê outro nome à nova")


def change(connection: Connection, wish: Change) -> None:
    """Go to another state, once; harmless to repeat. NameUnknown; CampaignMoved when the campaign
    stands elsewhere."""
    there = connection.execute(
        select(campaigns.c.state).where(campaigns.c.name == wish.name)
    ).scalar()
    if there is None:
        raise NameUnknown(f"não há campanha com o nome {wish.name}")
    if there == wish.state:
        return
    if there not in wish.before:
        raise CampaignMoved(f"a campanha {wish.name} está em outro estado")
    said = {"changed_by": wish.by, "because": wish.because}
    if there == DRAINING:
        said = {}  # it is over: who stopped it, and why, stays
    connection.execute(
        update(campaigns)
        .where(campaigns.c.name == wish.name)
        .values(state=wish.state, changed_at=wish.at, **said)
    )


def all_campaigns(connection: Connection) -> list[CampaignRow]:
    """Every campaign, the newest first."""
    rows = connection.execute(
        select(campaigns).order_by(campaigns.c.made_at.desc(), campaigns.c.name)
    ).mappings()
    return [CampaignRow(**row) for row in rows]


def campaign(connection: Connection, name: CampaignName) -> CampaignRow | None:
    """One of them."""
    row = connection.execute(select(campaigns).where(campaigns.c.name == name)).mappings().first()
    return None if row is None else CampaignRow(**row)


def counts(connection: Connection, name: CampaignName) -> Counts:
    """How far it is."""
    found = connection.execute(
        select(contacts.c.state, contacts.c.ending, func.count())
        .where(contacts.c.campaign == name)
        .group_by(contacts.c.state, contacts.c.ending)
    )
    states: dict[str, int] = {}
    endings: dict[str, int] = {}
    for state, ending, count in found:
        states[state] = states.get(state, 0) + count
        if ending:
            endings[ending] = count
    due = select(func.min(contacts.c.due_at)).where(contacts.c.campaign == name)
    return Counts(states, endings, connection.execute(due).scalar())


# --- lists ---
def begin_list(connection: Connection, row: ListRow) -> ListRow:
    """Announce a list; what is known of it already if it was before. NameUnknown."""
    known = [one for one in lists_of(connection, row.campaign) if one.name == row.name]
    if known:
        return known[0]
    if campaign(connection, row.campaign) is None:
        raise NameUnknown(f"não há campanha com o nome {row.campaign}")
    connection.execute(
        insert(contact_lists).values(
            list=row.name,
            campaign=row.campaign,
            file=row.file,
            digest=row.digest,
            at=row.at,
            by_whom=row.by,
        )
    )
    return row


def lists_of(connection: Connection, name: CampaignName) -> list[ListRow]:
    """A campaign's lists, in the order in which they came."""
    rows = connection.execute(
        select(contact_lists)
        .where(contact_lists.c.campaign == name)
        .order_by(contact_lists.c.at, contact_lists.c.list)
    )
    return [
        ListRow(
            *(row.list, CampaignName(row.campaign), row.file, row.digest, row.at, row.by_whom),
            *(row.contacts, row.wrong, row.repeated, row.there_before, row.loaded_at),
        )
        for row in rows
    ]


def load(
    connection: Connection,
    to: ListRow,
    page: Sequence[tuple[int, str, Mapping[str, str]]],
    now: Instant,
) -> list[int]:
    """Store a page of (line, number, fields); the lines that were left out because their number is
    in the campaign already, by another list."""
    if not page:
        return []
    names = [contact_id(to.name, line) for line, _, _ in page]
    if connection.dialect.name == POSTGRES:
        done = connection.execute(_FROM_ARRAYS, _arrays(to, names, page, now))
    else:
        same = (to.campaign, to.name, PENDING, *[_written(now)] * 2)
        done = connection.exec_driver_sql(
            _ROW_BY_ROW,
            [
                (*same, name, line, number, json.dumps(kept, ensure_ascii=False))
                for name, (line, number, kept) in zip(names, page, strict=True)
            ],
        )
    if done.rowcount == len(page):
        return []
    ours = set(
        connection.execute(
            select(contacts.c.contact).where(contacts.c.contact.in_(names))
        ).scalars()
    )
    return [line for name, (line, _, _) in zip(names, page, strict=True) if name not in ours]


def finish_list(connection: Connection, row: ListRow) -> None:
    """All of it is there: from now on its contacts may be called."""
    connection.execute(
        update(contact_lists)
        .where(contact_lists.c.list == row.name, contact_lists.c.loaded_at.is_(None))
        .values(
            contacts=row.contacts,
            wrong=row.wrong,
            repeated=row.repeated,
            there_before=row.there_before,
            loaded_at=row.loaded_at,
        )
    )


_ROW_BY_ROW: Final = (
    "INSERT INTO contacts "
    "(campaign, list, state, due_at, changed_at, contact, line, number, fields) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
"""SQLite's. Both are written out since SQLAlchemy's own way takes most of the time of a million."""

# One statement with an array for each column: a tenth of the time of a row at a time.
_FROM_ARRAYS: Final = text(
    "INSERT INTO contacts "
    "(contact, campaign, list, line, number, fields, state, due_at, changed_at) "
    "SELECT one.contact, :campaign, :list, one.line, one.number, CAST(one.fields AS jsonb), "
    ":state, :now, :now FROM unnest(CAST(:contacts AS text[]), CAST(:lines AS integer[]), "
    "CAST(:numbers AS text[]), CAST(:fields AS text[])) AS one(contact, line, number, fields) "
    "ON CONFLICT DO NOTHING"
)


def _written(at: Instant) -> str:
    """An instant as SQLite has it (tables.Moment)."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S.%f}"


def _arrays(
    to: ListRow,
    names: Sequence[str],
    page: Sequence[tuple[int, str, Mapping[str, str]]],
    now: Instant,
) -> dict[str, Any]:
    return {
        "campaign": to.campaign,
        "list": to.name,
        "state": PENDING,
        "now": datetime.fromtimestamp(now, UTC),
        "contacts": list(names),
        "lines": [line for line, _, _ in page],
        "numbers": [number for _, number, _ in page],
        "fields": [json.dumps(kept, ensure_ascii=False) for _, _, kept in page],
    }
