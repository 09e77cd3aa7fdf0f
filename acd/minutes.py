"""Sums by the minute and by the day, kept for an hour and for today.

The past is kept in whole minutes: figures of the last 15 minutes are exact to a minute, and cost
60 sums a queue, however many calls there are. What is told late counts in the minute it belongs
to; what belongs to another day, or to before the hour, only in what still holds it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo

from acd.figures import Window
from terms.names import Instant

CITY = ZoneInfo("America/Sao_Paulo")
"""Whose midnight begins a day."""

MINUTE = 60.0
KEPT = Window.HOUR.minutes


class Sums(Protocol):
    """What can be added up, each with its own kind."""

    def add(self, other: Any, /) -> None:
        """The other's counted in."""
        ...


S = TypeVar("S", bound=Sums)


class Minutes(Generic[S]):
    """Sums of one subject. `new` makes empty ones."""

    def __init__(self, new: Callable[[], S]) -> None:
        self._new = new
        self._minutes: dict[int, S] = {}
        self._today = new()
        self._midnight: Instant = 0.0
        self._next_midnight: Instant = 0.0
        self._whole: dict[Window, tuple[int, S]] = {}  # a window's minutes before the present one
        self._whole_upto = 0

    def at(self, instant: Instant) -> tuple[S, ...]:
        """The sums into which what happened at `instant` is to be counted: minute and day."""
        if instant >= self._next_midnight:
            self._midnight, self._next_midnight = day_of(instant)
            self._today = self._new()
        minute = int(instant // MINUTE)
        if minute < self._whole_upto:
            self._whole.clear()
        if minute not in self._minutes:
            self._minutes[minute] = self._new()
            self._forget(max(self._minutes) - KEPT)
        kept = self._minutes.get(minute)
        found = () if kept is None else (kept,)
        return (*found, self._today) if instant >= self._midnight else found

    def of(self, window: Window, now: Instant) -> S:
        """All of a window that ends now."""
        total = self._new()
        if window is Window.TODAY:
            if self._midnight <= now < self._next_midnight:
                total.add(self._today)
            return total
        last = int(now // MINUTE)
        total.add(self._before(window, last))
        if last in self._minutes:
            total.add(self._minutes[last])
        return total

    def _before(self, window: Window, last: int) -> S:
        """The window's minutes before its last one, added up once a minute."""
        upto, found = self._whole.get(window, (-1, self._today))
        if upto != last:
            found = self._new()
            for minute, sums in self._minutes.items():
                if last - window.minutes < minute < last:
                    found.add(sums)
            self._whole[window] = last, found
            self._whole_upto = max(self._whole_upto, last)
        return found

    def _forget(self, oldest: int) -> None:
        for minute in [one for one in self._minutes if one <= oldest]:
            del self._minutes[minute]


def day_of(instant: Instant) -> tuple[Instant, Instant]:
    """The city's midnight before (or at) an instant, and the one after it."""
    day = datetime.fromtimestamp(instant, CITY).replace(hour=0, minute=0, second=0, microsecond=0)
    return day.timestamp(), (day + timedelta(days=1)).timestamp()
