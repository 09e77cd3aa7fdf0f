"""Calls that would be paid (4.2.9.4.2.5, R66, R74): those that came in, each number once in a
while, and those of ours that a citizen answered.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, false, func, or_, select

from protocol_store.campaign_tables import attempts
from protocol_store.indicator_counts import INWARD, NOBODY, days_of
from protocol_store.reports.asked import DAY
from protocol_store.reports.numbers import national
from protocol_store.tables import calls
from terms.names import Instant, Seconds
from terms.outcome import CallOutcome, Tried


@dataclass(frozen=True, slots=True)
class Billable:
    """Calls that would be paid. `close`: (number, instant) of those that have another one of the
    same number near them, also of the time just before the period; personal, like all numbers."""

    calls_in: int
    calls_out: int
    close: Sequence[tuple[str, Instant]]


def billable(
    connection: Connection,
    since: Instant,
    until: Instant,
    outcomes: Collection[CallOutcome],
    apart: Seconds,
) -> Billable:
    """What would be paid in a period: calls that came in and ended so; calls of ours that a citizen
    answered (4.2.9.4.2.5: no others). Of a campaign's, that is what its attempt came to (R66): a
    mailbox with which an agent spoke is not paid."""
    paid = and_(
        calls.c.test == false(),
        calls.c.direction == INWARD,
        calls.c.outcome.in_(sorted(one.value for one in outcomes)),
    )
    period = days_of(since, until)
    within = period.within(calls.c.arrived_minute)
    calls_in = connection.execute(select(func.count()).where(paid, within)).scalar_one()
    calls_out = connection.execute(
        select(func.count()).where(
            within,
            calls.c.test == false(),
            calls.c.direction != INWARD,
            calls.c.outcome == CallOutcome.SERVED.value,
            calls.c.campaign == "",
        )
    ).scalar_one()
    of_campaigns = connection.execute(
        select(func.count()).where(
            period.within(attempts.c.ordered_minute),
            attempts.c.result.in_([one.value for one in Tried if one.billable]),
        )
    ).scalar_one()
    close = _close(connection, paid, since, until, apart) if apart else []
    return Billable(int(calls_in), int(calls_out) + int(of_campaigns), close)


def _close(
    connection: Connection,
    paid: ColumnElement[bool],
    since: Instant,
    until: Instant,
    apart: Seconds,
) -> list[tuple[str, Instant]]:
    """Only calls with another one near are fetched: of a month's calls, a few."""
    # A chain of repeats that is older than a day began long enough ago.
    window = days_of(since - DAY, until)
    minute, whose, when = calls.c.arrived_minute, national(calls.c.caller), calls.c.arrived_at
    before = func.lag(minute).over(partition_by=whose, order_by=when)
    after = func.lead(minute).over(partition_by=whose, order_by=when)
    near = int(apart // 60) + 1
    one = (
        select(
            whose.label("whose"),
            when,
            (minute - before).label("before"),
            (after - minute).label("after"),
        )
        .where(paid, window.within(minute), calls.c.caller.not_in(NOBODY))
        .subquery()
    )
    rows = select(one.c.whose, one.c.arrived_at).where(
        or_(one.c.before <= near, one.c.after <= near)
    )
    return [(row.whose, row.arrived_at) for row in connection.execute(rows)]
