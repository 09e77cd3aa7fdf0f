"""Which facts lie in a period, without an index by time: they are stored nearly in its order.

The first fact of a period is found by halving, as in a dictionary. A fact may be stored long after
it happened (the database was down, the switch had served alone), so rows on both sides of what is
found are looked at too, and each is held to its own instant.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, func, select

from protocol_store.tables import facts
from terms.names import Instant

LATE: Final = 3_600.0
"""A fact is looked for among those that were stored up to so long after it happened."""


def facts_between(connection: Connection, since: Instant, until: Instant) -> ColumnElement[bool]:
    """A condition: a fact of [since, until), found by its number."""
    first, after = _first_since(connection, since - LATE), _first_since(connection, until + LATE)
    at = facts.c.at
    return and_(facts.c.id >= first, facts.c.id < after, at >= since, at < until)


def _first_since(connection: Connection, at: Instant) -> int:
    """The number of the first fact from this instant on; one more than the last if there is none.

    What is out of order there may make it miss by as much as it is out of order.
    """
    low, last = connection.execute(select(func.min(facts.c.id), func.max(facts.c.id))).one()
    if last is None:
        return 1
    high = int(last) + 1
    low = int(low)
    while low < high:
        middle = (low + high) // 2
        found = connection.execute(
            select(facts.c.id, facts.c.at).where(facts.c.id >= middle).order_by(facts.c.id).limit(1)
        ).first()
        if found is None or found.at >= at:
            high = middle
        else:
            low = int(found.id) + 1
    return low
