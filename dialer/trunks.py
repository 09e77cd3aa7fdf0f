"""The ways out: what each may carry, and what each operator has carried this month and today.

Anatel counts by operator, all of one company's trunks together, answered or not:

* more than 500,000 calls in a month: only authenticated routes may carry more (Despacho 787/2025;
  R65), with warnings at 80 and 100 %;
* more than 100,000 calls in a day of which 85 % last up to 6 s, mailboxes included: the operator
  is blocked. So short calls are counted too, and dialling stops before the share is met.

Days and months are São Paulo's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from dialer.hours import local_day
from terms.limits import (
    SHORT_CALLS_DAY,
    SHORT_CALLS_SHARE,
    SHORT_CALLS_WARN,
    TRUNK_CHANNELS,
    TRUNK_MONTH,
    TRUNK_MONTH_WARN,
    TRUNK_PER_SECOND,
)
from terms.names import Instant, TrunkName

CITY_AREA: Final = "11"


@dataclass(frozen=True, slots=True)
class Trunk:
    """One way out. `prefixes`: beginnings of national numbers that it may dial, () for all.
    `authenticated`: its calls bear a signature of their origin (STIR/SHAKEN)."""

    name: TrunkName
    operator: str
    authenticated: bool = False
    channels: int = TRUNK_CHANNELS
    per_second: int = TRUNK_PER_SECOND
    month: int = TRUNK_MONTH
    prefixes: tuple[str, ...] = ()

    def dials(self, number: str) -> bool:
        """Whether the number is on its list."""
        return not self.prefixes or number.startswith(self.prefixes)


@dataclass(slots=True)
class Carried:
    """An operator's calls: by month (its first day), by day, and the short ones by day."""

    months: dict[date, int] = field(default_factory=dict)
    days: dict[date, int] = field(default_factory=dict)
    short: dict[date, int] = field(default_factory=dict)


@dataclass(slots=True)
class Operators:
    """What each operator has carried. At a start the store's counts are put in."""

    carried: dict[str, Carried] = field(default_factory=dict)
    _said: set[tuple[str, date, str]] = field(default_factory=set)

    def of(self, operator: str) -> Carried:
        """An operator's counts."""
        return self.carried.setdefault(operator, Carried())

    def refuses(self, trunk: Trunk, now: Instant) -> str:
        """Why this trunk may not carry one more call now; '' when it may."""
        day, carried = local_day(now, CITY_AREA), self.of(trunk.operator)
        month = carried.months.get(day.replace(day=1), 0)
        if month >= trunk.month and not trunk.authenticated:
            return f"{trunk.operator}: {month} chamadas no mês, e a rota não é autenticada"
        today, short = carried.days.get(day, 0), carried.short.get(day, 0)
        if today >= SHORT_CALLS_DAY * SHORT_CALLS_WARN and short >= SHORT_CALLS_SHARE * today:
            return f"{trunk.operator}: {short} de {today} chamadas do dia duraram até 6 s"
        return ""

    def count(self, trunk: Trunk, now: Instant) -> tuple[str, ...]:
        """One more call is ordered; what is to be told to people, once each."""
        day, carried = local_day(now, CITY_AREA), self.of(trunk.operator)
        first = day.replace(day=1)
        month = carried.months[first] = carried.months.get(first, 0) + 1
        carried.days[day] = carried.days.get(day, 0) + 1
        return tuple(self._warnings(trunk, first, month))

    def short(self, trunk: Trunk, ordered_at: Instant) -> tuple[str, ...]:
        """A call has lasted up to 6 s; it counts for the day on which it was ordered."""
        day, carried = local_day(ordered_at, CITY_AREA), self.of(trunk.operator)
        short = carried.short[day] = carried.short.get(day, 0) + 1
        today = carried.days.get(day, 0)
        near = today >= SHORT_CALLS_DAY * SHORT_CALLS_WARN
        if near and short >= SHORT_CALLS_SHARE * SHORT_CALLS_WARN * today:
            text = f"{trunk.operator}: {short} de {today} chamadas do dia duraram até 6 s"
            return self._once(trunk.operator, day, "short", text)
        return ()

    def _warnings(self, trunk: Trunk, first: date, month: int) -> Iterator[str]:
        for share in TRUNK_MONTH_WARN:
            if month >= share * trunk.month:
                text = f"{trunk.operator}: {month} chamadas no mês, {share:.0%} do limite"
                yield from self._once(trunk.operator, first, f"{share}", text)

    def _once(self, operator: str, day: date, what: str, text: str) -> tuple[str, ...]:
        if (operator, day, what) in self._said:
            return ()
        self._said.add((operator, day, what))
        return (text,)


TRUNK_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{1,31}")
"""What a trunk may be called: it stands in the switch's configuration, too."""
