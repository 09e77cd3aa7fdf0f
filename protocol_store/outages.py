"""When calls were not served by the whole system: what the facts tell of it (4.5.6.8).

    lost links        from when control and the switch lost each other until they found each other
    served alone      from a call that the switch served alone until the next one that was not, or
                      until control was started anew

Whether that counts, and what maintenance takes off it, is contract/availability.py's to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, false, func, select, true

from protocol_store.contract_tables import switch_marks
from protocol_store.tables import calls, leadership
from terms.names import Instant

LOST, SEEN = "lost", "seen"
LOOKED_BACK: Final = 31 * 86_400.0
"""An outage that began longer before the period is not looked for."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """One such stretch; `alone`: the switch served alone. `until`: no later than what was asked."""

    since: Instant
    until: Instant
    alone: bool


def stretches(connection: Connection, since: Instant, until: Instant) -> list[Stretch]:
    """All that touch the period, in their order; what still goes on ends with it."""
    found = [*_lost(connection, since, until), *_alone(connection, since, until)]
    return sorted((one for one in found if one.until >= since), key=lambda one: one.since)


def _lost(connection: Connection, since: Instant, until: Instant) -> list[Stretch]:
    marks = (
        select(switch_marks.c.at, switch_marks.c.what)
        .where(switch_marks.c.at >= since - LOOKED_BACK, switch_marks.c.at < until)
        .order_by(switch_marks.c.at, switch_marks.c.id)
    )
    found: list[Stretch] = []
    lost_at: Instant | None = None
    for at, what in connection.execute(marks):
        if what == LOST and lost_at is None:
            lost_at = at
        elif what == SEEN and lost_at is not None:
            found.append(Stretch(lost_at, at, alone=False))
            lost_at = None
    return found if lost_at is None else [*found, Stretch(lost_at, until, alone=False)]


def _alone(connection: Connection, since: Instant, until: Instant) -> list[Stretch]:
    arrived = calls.c.arrived_at
    alone = (
        select(arrived)
        .where(
            calls.c.arrived_minute >= int((since - LOOKED_BACK) // 60),
            calls.c.arrived_minute <= int(until // 60),
            calls.c.static == true(),
            calls.c.test == false(),
        )
        .order_by(arrived)
    )
    found: list[Stretch] = []
    for at in connection.execute(alone).scalars():
        if at >= until or (found and at < found[-1].until):
            continue
        signs = [_whole_after(connection, at), _started_after(connection, at)]
        over = min((sign for sign in signs if sign is not None), default=until)
        found.append(Stretch(at, min(over, until), alone=True))
    return found


def _whole_after(connection: Connection, at: Instant) -> Instant | None:
    """When the next call came that was served whole."""
    column = calls.c.arrived_at
    question = select(func.min(column)).where(
        column > at, calls.c.arrived_minute >= int(at // 60), calls.c.static == false()
    )
    found: Instant | None = connection.execute(question).scalar()
    return found


def _started_after(connection: Connection, at: Instant) -> Instant | None:
    column = leadership.c.taken_at
    question = select(func.min(column)).where(column > at)
    found: Instant | None = connection.execute(question).scalar()
    return found
