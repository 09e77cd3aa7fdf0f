"""When a campaign may call: spans of the day, on the clock of the one who is called (R64).

Windows            spans of each weekday, of holidays, of single dates (these stand above all)
Holidays           of the country, of states, of areas: values that the reader has counted out
open_until(…)      whether it is open now;   opens(…)  when it next is, on every clock of an area
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dialer.areas import STATES, ZONES
from terms.limits import DIALER_LOOKS_AHEAD_DAYS
from terms.names import Instant

Minutes = int
"""Of a day, from its midnight; 1440 is the next midnight."""

Span = tuple[Minutes, Minutes]
"""From a minute on, and before another."""

WORKING_DAY: Final[tuple[Span, ...]] = ((9 * 60, 21 * 60),)
SATURDAY: Final[tuple[Span, ...]] = ((10 * 60, 16 * 60),)
CLOSED: Final[tuple[Span, ...]] = ()


@dataclass(frozen=True, slots=True)
class Windows:
    """The spans of each weekday (Monday first), of holidays, and of single dates.

    The default is R64's: working days 9 to 21 h, Saturdays 10 to 16 h, no Sunday, no holiday.
    """

    week: tuple[tuple[Span, ...], ...] = (*(WORKING_DAY,) * 5, SATURDAY, CLOSED)
    holidays: tuple[Span, ...] = CLOSED
    dates: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise ValueError("a semana de uma janela tem sete dias")
        for spans in (*self.week, self.holidays, *self.dates.values()):
            if any(not 0 <= start < end <= 1440 for start, end in spans):
                raise ValueError("um horário vai de uma hora a outra do mesmo dia")

    def of(self, day: date, holiday: bool) -> tuple[Span, ...]:
        """The spans of one day."""
        if day in self.dates:
            return self.dates[day]
        return self.holidays if holiday else self.week[day.weekday()]


@dataclass(frozen=True, slots=True)
class Holidays:
    """Which days are holidays, and where: everywhere, in a state («SP»), in an area («11»: there
    the city's own holidays go, for most of its citizens' numbers are of that area)."""

    everywhere: Mapping[date, str] = field(default_factory=dict)
    states: Mapping[str, Mapping[date, str]] = field(default_factory=dict)
    areas: Mapping[str, Mapping[date, str]] = field(default_factory=dict)

    def name(self, day: date, area: str) -> str:
        """The name of the holiday that this day is for somebody of this area; '' for none."""
        found = self.everywhere.get(day) or self.areas.get(area, {}).get(day, "")
        for state in STATES.get(area, ()):
            found = found or self.states.get(state, {}).get(day, "")
        return found


def local(at: Instant, zone: ZoneInfo) -> datetime:
    """An instant on a clock."""
    return datetime.fromtimestamp(at, UTC).astimezone(zone)


def local_day(at: Instant, area: str) -> date:
    """The date, for most people of an area."""
    return local(at, ZONES[area][0]).date()


def is_open(windows: Windows, holidays: Holidays, area: str, at: Instant) -> bool:
    """Whether the campaign may call now, on every clock of the area."""
    return all(_open_at(windows, holidays, area, local(at, zone)) for zone in ZONES[area])


def opens(windows: Windows, holidays: Holidays, area: str, at: Instant) -> Instant | None:
    """The first instant from `at` on at which it may call; None: not in the days looked at."""
    if is_open(windows, holidays, area, at):
        return at
    found = sorted(
        start
        for zone in ZONES[area]
        for start in _starts(windows, holidays, area, local(at, zone))
        if start > at
    )
    # It opens on all clocks together where the last of them opens: one of these starts.
    return next((one for one in found if is_open(windows, holidays, area, one)), None)


def _open_at(windows: Windows, holidays: Holidays, area: str, there: datetime) -> bool:
    minute, day = there.hour * 60 + there.minute, there.date()
    spans = windows.of(day, bool(holidays.name(day, area)))
    return any(start <= minute < end for start, end in spans)


def _starts(windows: Windows, holidays: Holidays, area: str, there: datetime) -> Iterator[Instant]:
    for ahead in range(DIALER_LOOKS_AHEAD_DAYS):
        day = there.date() + timedelta(days=ahead)
        for start, _ in windows.of(day, bool(holidays.name(day, area))):
            midnight = datetime(day.year, day.month, day.day, tzinfo=there.tzinfo)
            yield (midnight + timedelta(minutes=start)).timestamp()
