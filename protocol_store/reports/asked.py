"""Periods and intervals on the city's clock, and what of them the database is asked.

    spans = buckets(asked)           the period, cut into intervals
    spans.within(column)             → condition: a column of whole minutes lies in the period
    spans.key(column)                → expression to group by
    spans.begins(key)                → the instant at which the interval of that key begins
    spans.keys                       → the key of every interval, also those without a call
    spans.label(key)                 → how people read that interval

An interval of minutes is counted from the city's midnight of the period's first day. When the
city's clock is changed, an interval ends with the change and another begins, so that an hour that
the clock shows twice is two rows, and no minute is in two. Days, weeks (from Monday) and months
are the calendar's; a day of such a change has 23 or 25 hours.
A minute is a whole one since 1970 in UTC; a period takes every minute that it touches.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case

from terms.names import Instant, Seconds
from terms.sheet import Asked

CITY: Final = ZoneInfo("America/Sao_Paulo")

DAY: Final[Seconds] = 86_400.0
WEEK: Final[Seconds] = 604_800.0
MONTH: Final[Seconds] = 2_629_740.0
"""Asks for the calendar's months: the length of a mean one, which nobody asks for otherwise."""

WEEKDAYS: Final = (
    "segunda-feira",
    "terça-feira",
    "quarta-feira",
    "quinta-feira",
    "sexta-feira",
    "sábado",
    "domingo",
)
MONTHS: Final = (
    *("janeiro", "fevereiro", "março", "abril", "maio", "junho"),
    *("julho", "agosto", "setembro", "outubro", "novembro", "dezembro"),
)
_NAMED: Final = {"hora": 3_600.0, "dia": DAY, "semana": WEEK, "mes": MONTH, "mês": MONTH}
_UNITS: Final = {"min": 60.0, "h": 3_600.0, "d": DAY}
_DAY_MINUTES: Final = 1_440
_MONDAY: Final = date(1970, 1, 5).toordinal()


def interval_of(text: str) -> Seconds:
    """`15min`, `2h`, `7d`, `hora`, `dia`, `semana` or `mes` → Asked.interval.

    Raises ValueError, with a Portuguese text, for anything else.
    """
    asked = text.strip().lower()
    if asked in _NAMED:
        return _NAMED[asked]
    for unit, seconds in _UNITS.items():
        number = asked.removesuffix(unit).strip()
        if asked.endswith(unit) and number.isdecimal() and int(number) > 0:
            return int(number) * seconds
    raise ValueError("o intervalo é como 15min, 2h, dia, semana ou mes")


def interval_text(interval: Seconds) -> str:
    """An interval as people read it."""
    for name, seconds in (("mês", MONTH), ("semana", WEEK), ("dia", DAY), ("hora", 3_600.0)):
        if interval == seconds:
            return name
    if interval % DAY == 0:
        return f"{int(interval // DAY)} dias"
    return f"{int(interval // 60)} min"


def moment_text(at: Instant) -> str:
    """An instant on the city's clock."""
    return datetime.fromtimestamp(at, CITY).strftime("%d/%m/%Y %H:%M")


def first_minute(at: Instant) -> int:
    """The whole minute that an instant lies in."""
    return math.floor(at / 60)


def city_minutes(column: ColumnElement[int], since: Instant, until: Instant) -> ColumnElement[int]:
    """Minutes of the city's own clock since 1970, for hours of the day and days of the week."""
    return _by_offset(column, first_minute(since), math.ceil(until / 60), lambda offset: offset)


@dataclass(frozen=True)
class Buckets:
    """A period cut into intervals; see the top of this file. Minutes: first in, last out."""

    first: int
    last: int
    interval: Seconds

    def within(self, column: ColumnElement[int]) -> ColumnElement[bool]:
        """That a column of whole minutes lies in the period."""
        return and_(column >= self.first, column < self.last)

    def key(self, column: ColumnElement[int]) -> ColumnElement[int]:
        """What to group a column of whole minutes by: one value an interval."""
        if self.interval == MONTH:
            bounds = self._bounds[1:]
            pairs = [(column < bound, number) for number, bound in enumerate(bounds)]
            return case(*pairs, else_=len(bounds)) if pairs else column * 0
        if self._days:
            ran = _by_offset(column, self.first, self.last, lambda offset: offset - self._origin)
            return ran // self._minutes
        # the UTC minute in which the interval begins, or would if the clock stood still
        into = _by_offset(column, self.first, self.last, lambda offset: offset - self._origin)
        return column - into % self._minutes

    def begins(self, key: int) -> Instant:
        """When the interval of a key that `key` gave begins; not before the period."""
        return self._begins[int(key)] * 60.0

    @property
    def keys(self) -> Collection[int]:
        """Every interval's key, in their order."""
        return self._begins.keys()

    def label(self, key: int) -> str:
        """How people read the interval of this key."""
        return self._label(self._begins[int(key)])

    @cached_property
    def _minutes(self) -> int:
        return int(self.interval // 60)

    @property
    def _days(self) -> bool:
        return self.interval % DAY == 0

    @cached_property
    def _origin(self) -> int:
        """City minutes at which intervals are counted from."""
        day = _city(self.first).date()
        if self.interval == WEEK:
            day -= timedelta(days=day.weekday())
        return (day.toordinal() - date(1970, 1, 1).toordinal()) * _DAY_MINUTES

    @cached_property
    def _bounds(self) -> list[int]:
        """Of days, weeks and months: the minutes at which each begins, the first not before."""
        day = _city(self.first).date()
        if self.interval == WEEK:
            day -= timedelta(days=day.weekday())
        bounds = [self.first]
        while True:
            if self.interval == MONTH:
                day = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
            else:
                day += timedelta(days=self._minutes // _DAY_MINUTES)
            bound = _midnight(day)
            if bound >= self.last:
                return bounds
            bounds.append(bound)

    @cached_property
    def _begins(self) -> Mapping[int, int]:
        if self._days or self.interval == MONTH:
            return dict(enumerate(self._bounds))
        begins: dict[int, int] = {}
        for since, until, offset in _offsets(self.first, self.last):
            into = (since + offset - self._origin) % self._minutes
            for key in range(since - into, until, self._minutes):
                begins.setdefault(key, max(key, since))
        return begins

    def _label(self, minute: int) -> str:
        at = _city(minute)
        if self.interval == MONTH:
            return f"{MONTHS[at.month - 1]} de {at.year}"
        if self.interval == WEEK:
            return f"semana de {at:%d/%m/%Y}"
        if self._days:
            return f"{at:%d/%m/%Y}"
        # an hour that the clock shows twice is told apart by its offset
        twice = at.replace(fold=0).utcoffset() != at.replace(fold=1).utcoffset()
        return f"{at:%d/%m/%Y %H:%M}{f' ({at:%z})' if twice else ''}"


def buckets(asked: Asked, interval: Seconds | None = None) -> Buckets:
    """What was asked, cut into the intervals that were asked for (or into these)."""
    chosen = asked.interval if interval is None else interval
    return Buckets(first_minute(asked.since), math.ceil(asked.until / 60), chosen)


def _city(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, CITY)


def _midnight(day: date) -> int:
    """The first minute of a day; where the clock jumps over midnight, the first after it."""
    local = datetime.combine(day, time(), CITY)
    return int(local.astimezone(UTC).timestamp() // 60)


def _offsets(first: int, last: int) -> list[tuple[int, int, int]]:
    """The stretches of the period in which the city's offset (in minutes) stands still."""
    found: list[tuple[int, int, int]] = []
    at = first
    while at < last:
        offset = _offset(at)
        until = min(at + _DAY_MINUTES, last)
        while until < last and _offset(until) == offset:
            until = min(until + _DAY_MINUTES, last)
        if until < last or _offset(until - 1) != offset:
            until = _change(max(at, until - _DAY_MINUTES), until, offset)
        found.append((at, until, offset))
        at = until
    return found


def _change(same: int, other: int, offset: int) -> int:
    """The first minute after `same` with another offset; `other` has one, or is out."""
    while other - same > 1:
        middle = (same + other) // 2
        same, other = (middle, other) if _offset(middle) == offset else (same, middle)
    return other


def _offset(minute: int) -> int:
    offset = _city(minute).utcoffset()
    assert offset is not None
    return int(offset.total_seconds() // 60)


def _by_offset(column: ColumnElement[int], first: int, last: int, shift: Any) -> ColumnElement[int]:
    stretches = _offsets(first, last)
    pairs = [(column < until, column + shift(offset)) for _, until, offset in stretches[:-1]]
    rest = column + shift(stretches[-1][2])
    return case(*pairs, else_=rest) if pairs else rest
