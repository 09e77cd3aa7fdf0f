"""What each trunk carried in each month and day of the city's clock: what Anatel's limits are held
against.

Counted when an attempt is ordered, and taken back if it never reached for the citizen: the count is
never too low (R65). Calls that no campaign made, a single call-back's, are counted beside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from protocol_store.campaign_tables import trunk_days, trunk_months, trunk_operators
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


@dataclass(frozen=True, slots=True)
class TrunkDay:
    """What a trunk carried on a day of the city's clock (`2026-11-24`), at one site. `short`: calls
    of limits.SHORT_CALL at most."""

    site: str
    trunk: TrunkName
    day: str
    attempts: int
    answered: int
    short: int


def day_of(at: Instant) -> str:
    """The day that an instant is in, on the city's clock."""
    return f"{datetime.fromtimestamp(at, UTC).astimezone(CITY):%Y-%m-%d}"


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


def days(connection: Connection, since: str, until: str = "9999") -> list[TrunkDay]:
    """What each trunk carried on each day from `since` to `until` (`2026-11-24`), both with it."""
    rows = connection.execute(
        select(trunk_days)
        .where(trunk_days.c.day.between(since, until))
        .order_by(trunk_days.c.day, trunk_days.c.trunk, trunk_days.c.site)
    )
    return [
        TrunkDay(*(row.site, row.trunk, row.day, row.attempts, row.answered, row.short))
        for row in rows
    ]


def set_operators(connection: Connection, operators: Mapping[TrunkName, str]) -> None:
    """Whose each trunk is; what is not named stays as it was, for the months that are over."""
    statement = upsert(connection, trunk_operators, ("trunk",), ("operator",))
    for trunk, operator in operators.items():
        connection.execute(statement, {"trunk": trunk, "operator": operator})


def count(connection: Connection, site: str, trunk: str, at: Instant, **more: int) -> None:
    """Add to what a trunk carried: `attempts`, `answered`, `short`."""
    added = {"attempts": 0, "answered": 0, "short": 0, **more}
    for table, span, name in (
        (trunk_months, "month", month_of(at)),
        (trunk_days, "day", day_of(at)),
    ):
        statement = upsert(connection, table, ("counted",), tuple(added), add_up=frozenset(added))
        row = {"counted": f"{site}/{trunk}/{name}", "site": site, "trunk": trunk, span: name}
        connection.execute(statement, row | added)
