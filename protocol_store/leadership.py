"""Epochs: which leader is the newest. The switch's gate refuses those of an older one."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select

from protocol_store.engines import lock_for_numbering
from protocol_store.tables import leadership
from terms.names import Instant


def take(connection: Connection, node: str, at: Instant, count: int) -> list[int]:
    """The next `count` epochs, each for itself. Taken again after a failure, one is skipped."""
    lock_for_numbering(connection, leadership.name)
    last = connection.execute(select(func.max(leadership.c.epoch))).scalar() or 0
    epochs = list(range(last + 1, last + 1 + count))
    rows = [{"epoch": epoch, "node": node, "taken_at": at} for epoch in epochs]
    connection.execute(insert(leadership), rows)
    return epochs
