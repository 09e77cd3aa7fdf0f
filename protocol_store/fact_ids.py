"""Which facts lie in a period, without an index by time: ids and instants rise together.

The first fact of a period is found by halving. What is written out of order by up to HISTORY_SLACK
rows is still in: rows on both sides are looked at, and each is held to its own instant.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, and_, func, select

from protocol_store.tables import facts
from terms.limits import HISTORY_SLACK
from terms.names import Instant


def facts_between(connection: Connection, since: Instant, until: Instant) -> ColumnElement[bool]:
    """A condition: a fact of [since, until), found by its number."""
    first = before_instant(connection, since)
    last = before_instant(connection, until) + 2 * HISTORY_SLACK
    return and_(facts.c.id > first, facts.c.id <= last, facts.c.at >= since, facts.c.at < until)


def before_instant(connection: Connection, at: Instant) -> int:
    """An id before which nothing is as late as `at`; what is written out of order by up to
    HISTORY_SLACK rows is still behind it."""
    low, high = 0, int(connection.execute(select(func.max(facts.c.id))).scalar() or 0)
    while low < high:
        middle = (low + high) // 2
        newest = connection.execute(
            select(facts.c.at).where(facts.c.id <= middle).order_by(facts.c.id.desc()).limit(1)
        ).scalar()
        if newest is None or newest < at:
            low = middle + 1
        else:
            high = middle
    return max(0, low - HISTORY_SLACK)
