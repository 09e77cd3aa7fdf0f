"""How text messages stand, for whoever watches: what is over, what waits, and since when it could
have gone."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from protocol_store.sms_tables import sms_messages, sms_orders
from terms.names import Instant, Seconds

_m, _o = sms_messages.c, sms_orders.c


@dataclass(frozen=True, slots=True)
class SmsFigures:
    """`ordered`: messages of the orders since the day began, by (kind, status). `waiting`: by
    status, of whatever day. `late`: for how long the oldest that waits could have gone (s)."""

    ordered: dict[tuple[str, str], int] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)
    late: Seconds = 0.0


def figures(connection: Connection, since: Instant, now: Instant) -> SmsFigures:
    """As they are now."""
    ordered = connection.execute(
        select(_o.kind, _m.status, func.count().label("count"))
        .join(sms_orders, _o.order_id == _m.order_id)
        .where(_o.ordered_at >= since)
        .group_by(_o.kind, _m.status)
    )
    waiting = connection.execute(
        select(_m.status, func.count().label("count"))
        .where(_m.status.in_(("aguarda", "enviando", "sem_resposta")))
        .group_by(_m.status)
    )
    oldest = connection.execute(
        select(func.min(_m.not_before))
        .join(sms_orders, _o.order_id == _m.order_id)
        .where(_m.status == "aguarda", _m.not_before <= now, _o.loaded_at.is_not(None))
    ).scalar()
    return SmsFigures(
        {(row.kind, row.status): int(row._mapping["count"]) for row in ordered},
        {row.status: int(row._mapping["count"]) for row in waiting},
        0.0 if oldest is None else max(0.0, now - oldest),
    )
