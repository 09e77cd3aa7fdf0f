"""The holidays on which nobody is called, where they are holidays: the country's, each state's,
and the city's own, which are those of its area."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from dialer.areas import STATES
from dialer.hours import Holidays
from ivr.hours import Calendar
from reader.calendar_file import official
from terms.limits import HOLIDAYS_FROM, HOLIDAYS_TO

CITY_AREA: Final = "11"


class _States(Mapping[str, Mapping[date, str]]):
    """Each state's own, counted out when somebody of it is first to be called."""

    _names: Final = frozenset(state for states in STATES.values() for state in states)

    def __getitem__(self, state: str) -> Mapping[date, str]:
        if state not in self._names:
            raise KeyError(state)
        return official(state, "public")

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def calling_holidays(calendar: Calendar) -> Holidays:
    """As the dialler wants them. `calendar`: the city's (calendar.yaml)."""
    own = dict(calendar.holidays.single)
    for (month, day), called in calendar.holidays.yearly.items():
        for year in range(HOLIDAYS_FROM, HOLIDAYS_TO + 1):
            if (month, day) == (2, 29) and not _leaps(year):
                continue
            own[date(year, month, day)] = called
    return Holidays(official("", "public"), _States(), {CITY_AREA: own})


def _leaps(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
