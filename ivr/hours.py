"""When a place of the city is open: hours by weekday, holidays, days with hours of their own.

All on the clock of São Paulo, whose rules come from the time zone's own data (no summer time since
2019; older instants are read by the rules of their day).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from terms.names import Instant

CITY: Final = ZoneInfo("America/Sao_Paulo")

Minutes = int
"""Of a day, from its midnight; 1440 is the next midnight."""

Span = tuple[Minutes, Minutes]
"""From a minute on, and before another."""

DAY: Final[Span] = (0, 1440)


@dataclass(frozen=True, slots=True)
class Hours:
    """The spans of each weekday (Monday first), of holidays (None: as any day), and of single
    dates, which stand above all."""

    week: tuple[tuple[Span, ...], ...] = ((DAY,),) * 7
    holidays: tuple[Span, ...] | None = None
    dates: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Holidays:
    """Which days are holidays: yearly ones by (month, day), and single ones. What moves with the
    moon comes in as single days (the reader asks the `holidays` package year by year)."""

    yearly: Mapping[tuple[int, int], str] = field(default_factory=dict)
    single: Mapping[date, str] = field(default_factory=dict)

    def name(self, day: date) -> str:
        """The holiday's name; '' on any other day."""
        return self.single.get(day) or self.yearly.get((day.month, day.day), "")


@dataclass(frozen=True, slots=True)
class Calendar:
    """The city's hours by name, and its holidays."""

    hours: Mapping[str, Hours] = field(default_factory=dict)
    holidays: Holidays = field(default_factory=Holidays)

    def local(self, at: Instant) -> datetime:
        """This instant on the city's clock."""
        return datetime.fromtimestamp(at, UTC).astimezone(CITY)

    def holiday(self, at: Instant) -> str:
        """The name of the holiday that this instant falls on; '' when it is none."""
        return self.holidays.name(self.local(at).date())

    def is_open(self, name: str, at: Instant) -> bool:
        """Whether these hours hold now. Hours that nobody knows are always open: a caller is
        rather sent to people than away."""
        hours = self.hours.get(name)
        if hours is None:
            return True
        local = self.local(at)
        minute = local.hour * 60 + local.minute
        return any(start <= minute < end for start, end in self._spans(hours, local))

    def _spans(self, hours: Hours, local: datetime) -> tuple[Span, ...]:
        day = local.date()
        if day in hours.dates:
            return hours.dates[day]
        if hours.holidays is not None and self.holidays.name(day):
            return hours.holidays
        return hours.week[day.weekday()]


ALWAYS: Final = Calendar()
"""Nothing is ever closed, no day is a holiday."""
