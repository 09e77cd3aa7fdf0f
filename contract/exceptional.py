"""Exceptional days: far more calls than on the like days of the year before (R73, 5.2.5.7).

What days are alike is declared: a Tuesday is compared with Tuesdays, a holiday with holidays.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from contract.definitions import ExceptionalRule, LikeDays

HolidayName = Callable[[date], str]

HOLIDAY = "holiday"
SATURDAY, SUNDAY = 5, 6


@dataclass(frozen=True, slots=True)
class Compared:
    """One day beside its like. `kind`: `0` (Monday) … `6`, `working` or `holiday`. `mean` None:
    there were fewer like days than asked for."""

    day: date
    kind: str
    calls: int
    like_days: int
    mean: Fraction | None
    exceptional: bool

    @property
    def above(self) -> Fraction | None:
        """How far above the mean, as a share of it."""
        return None if not self.mean else self.calls / self.mean - 1


def kind_of(day: date, alike: LikeDays, holiday: HolidayName) -> str:
    """What a day is compared as."""
    weekday = day.weekday()
    if holiday(day):
        return HOLIDAY
    if alike is LikeDays.WEEKDAY:
        return str(weekday)
    if weekday == SUNDAY:
        return HOLIDAY
    return str(SATURDAY) if weekday == SATURDAY else "working"


def year_before(day: date, months: int) -> date:
    """The same day of the month so many months before; the month's last day if it has no such."""
    count = day.year * 12 + day.month - 1 - months
    year, month = count // 12, count % 12 + 1
    after = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, min(day.day, (after - timedelta(days=1)).day))


def compared(
    calls: Mapping[date, int],
    since: date,
    until: date,
    rule: ExceptionalRule,
    holiday: HolidayName,
) -> tuple[Compared, ...]:
    """Each counted day from `since` on and before `until`, beside its like. `calls`: of every day
    that was counted, days without a call included."""
    kinds: dict[str, tuple[list[date], list[int]]] = {}
    found = []
    for day in sorted(calls):
        kind = kind_of(day, rule.alike, holiday)
        days, sums = kinds.setdefault(kind, ([], [0]))
        if since <= day < until:
            found.append(_beside(day, kind, calls[day], days, sums, rule))
        days.append(day)
        sums.append(sums[-1] + calls[day])
    return tuple(found)


def _beside(
    day: date,
    kind: str,
    calls: int,
    days: Sequence[date],
    sums: Sequence[int],
    rule: ExceptionalRule,
) -> Compared:
    """`days`: all like days before; `sums[n]`: the calls of the first n of them."""
    first = bisect_left(days, year_before(day, rule.months))
    like = len(days) - first
    if like < rule.least or not like:
        return Compared(day, kind, calls, like, None, False)
    mean = Fraction(sums[-1] - sums[first], like)
    return Compared(day, kind, calls, like, mean, calls > mean * (1 + rule.above))
