"""What people order for a while: announcements, short menus, storms, other rules of a queue, marks
on numbers.

An order has an end from the beginning. It is over at that instant, or when somebody takes it
back; the row then says when and by whom ('' = by itself), once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, Connection, Table, Text, func, insert, select, update

from protocol_store.errors import NameTaken, NameUnknown
from protocol_store.fact_log import FactLog
from protocol_store.tables import Moment, RowNumber, metadata
from terms.facts import Fact
from terms.limits import ORDERS_LISTED
from terms.names import Instant

operations = Table(
    "operations",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("act", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),  # see below
    Column("name", Text, nullable=False, index=True),  # of an announcement; of a short menu: ''
    Column("line", Text, nullable=False),
    Column("node", Text, nullable=False, server_default=""),
    Column("text", Text, nullable=False, server_default=""),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("by_whom", Text, nullable=False),
    Column("ended_at", Moment),
    Column("ended_by", Text),  # '' = by itself, its time was over
)

SHORT: Final = "short"
"""The kind of an order for a short menu."""

ANNOUNCED: Final = ("emergencia", "institucional")
"""The kinds of announcements, whose `name` only one of them has at a time."""

ON_MENUS: Final = (SHORT, *ANNOUNCED)
"""What is ordered on top of the menus."""

STORM: Final = "storm"
"""A line's storm mode. `text`: the reason; `node`: what began with it (central156/storm.py)."""

QUEUE: Final = "queue"
"""Other rules of the queue called `name`. `text`: the reason; `node`: the rules, as JSON."""

SUSPECT, BLOCK = "suspect", "block"
"""Marks on a number: `name` is its keyed hash, `node` its last digits, `text` the reason. Every
suspicion is one of its own; a block takes the place of an earlier one."""

_ONE_AT_A_TIME: Final = (SHORT, STORM, QUEUE, BLOCK)


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it is kept. `act`: what whoever asked drew, so that a repeat is none."""

    act: str
    kind: str
    name: str
    line: str
    node: str
    text: str
    since: Instant
    until: Instant
    by: str
    ended_at: Instant | None = None
    ended_by: str | None = None


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order to keep. Of short menus, storms, rules of a queue and blocks it takes the place of
    the earlier one of the same line and name."""

    order: Order
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Ending:
    """An order (by its `act`) is over."""

    act: str
    at: Instant
    by: str
    facts: tuple[Fact, ...]


def add_orders(
    connection: Connection, new: Sequence[NewOrder], log: FactLog
) -> list[NameTaken | None]:
    """Keep orders. NameTaken in the place of an announcement whose name another one has now."""
    return [_add(connection, one, log) for one in new]


def end_orders(
    connection: Connection, endings: Sequence[Ending], log: FactLog
) -> list[NameUnknown | None]:
    """End orders; ended twice, the first ending stays and no second fact is written."""
    return [_end(connection, one, log) for one in endings]


def open_orders(connection: Connection, kinds: Sequence[str]) -> list[Order]:
    """The orders of these kinds that have not been ended, in the order in which they were given."""
    rows = connection.execute(
        select(operations)
        .where(operations.c.ended_at.is_(None), operations.c.kind.in_(kinds))
        .order_by(operations.c.id)
    )
    return [_order(row) for row in rows]


def orders(connection: Connection, kinds: Sequence[str]) -> list[Order]:
    """The newest ORDERS_LISTED orders of these kinds, ended or not, the newest first."""
    rows = connection.execute(
        select(operations)
        .where(operations.c.kind.in_(kinds))
        .order_by(operations.c.id.desc())
        .limit(ORDERS_LISTED)
    )
    return [_order(row) for row in rows]


def count_orders(connection: Connection, kinds: Sequence[str]) -> int:
    """How many orders of these kinds there ever were."""
    question = select(func.count()).select_from(operations).where(operations.c.kind.in_(kinds))
    return connection.execute(question).scalar() or 0


def _add(connection: Connection, new: NewOrder, log: FactLog) -> NameTaken | None:
    order = new.order
    if connection.execute(select(operations.c.id).where(operations.c.act == order.act)).first():
        return None  # our own first try, whose commit we never heard of
    still_open = operations.c.ended_at.is_(None)
    if order.kind in _ONE_AT_A_TIME:
        earlier = (
            (operations.c.kind == order.kind)
            & (operations.c.line == order.line)
            & (operations.c.name == order.name)
            & still_open
        )
        ended = {"ended_at": order.since, "ended_by": order.by}
        connection.execute(update(operations).where(earlier).values(ended))
    elif (
        order.kind in ANNOUNCED
        and connection.execute(
            select(operations.c.id).where(
                operations.c.name == order.name, operations.c.kind.in_(ANNOUNCED), still_open
            )
        ).first()
    ):
        return NameTaken(f"já há no ar um aviso com o nome {order.name}")
    row = {
        "act": order.act,
        "kind": order.kind,
        "name": order.name,
        "line": order.line,
        "node": order.node,
        "text": order.text,
        "since": order.since,
        "until": order.until,
        "by_whom": order.by,
    }
    connection.execute(insert(operations).values(row))
    log.write(connection, log.number(new.facts))
    return None


def _end(connection: Connection, ending: Ending, log: FactLog) -> NameUnknown | None:
    this = operations.c.act == ending.act
    there = connection.execute(select(operations.c.ended_at).where(this)).first()
    if there is None:
        return NameUnknown("esta ordem não existe")
    if there.ended_at is None:
        ended = {"ended_at": ending.at, "ended_by": ending.by}
        connection.execute(update(operations).where(this).values(ended))
        log.write(connection, log.number(ending.facts))
    return None


def _order(row: Any) -> Order:
    return Order(
        act=row.act,
        kind=row.kind,
        name=row.name,
        line=row.line,
        node=row.node,
        text=row.text,
        since=row.since,
        until=row.until,
        by=row.by_whom,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )
