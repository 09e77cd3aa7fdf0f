"""What each trunk carried in each month of the city's clock: what Anatel's limit is held against.

Counted when an attempt is ordered, and taken back if it never reached for the citizen: the count is
never too low (R65).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from protocol_store.campaign_tables import trunk_months
from protocol_store.upserts import upsert
from terms.names import Instant, TrunkName

CITY: Final = ZoneInfo("America/Sao_Paulo")


@dataclass(frozen=True, slots=True)
class TrunkMonth:
    """What a trunk carried in a month of the city's clock (`2026-11`), at one site."""

    site: str
    trunk: TrunkName
    month: str
    attempts: int
    answered: int
    short: int


def month_of(at: Instant) -> str:
    """The month that an instant is in, on the city's clock."""
    return f"{datetime.fromtimestamp(at, UTC).astimezone(CITY):%Y-%m}"


def months(connection: Connection, month: str) -> list[TrunkMonth]:
    """What each trunk carried in a month."""
    rows = connection.execute(
        select(trunk_months)
        .where(trunk_months.c.month == month)
        .order_by(trunk_months.c.trunk, trunk_months.c.site)
    )
    return [
        TrunkMonth(*(row.site, row.trunk, row.month, row.attempts, row.answered, row.short))
        for row in rows
    ]


def count(connection: Connection, site: str, trunk: str, at: Instant, **more: int) -> None:
    """Add to what a trunk carried: `attempts`, `answered`, `short`."""
    month = month_of(at)
    added = {"attempts": 0, "answered": 0, "short": 0, **more}
    counted = f"{site}/{trunk}/{month}"
    statement = upsert(
        connection, trunk_months, ("counted",), tuple(added), add_up=frozenset(added)
    )
    row = {"counted": counted, "site": site, "trunk": trunk, "month": month}
    connection.execute(statement, row | added)
