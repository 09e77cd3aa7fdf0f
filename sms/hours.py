"""When texts go out: windows of the week, on the clock of whoever gets them. Pure.

The defaults are those for outbound calls (R64); what is awaited or saves lives goes at any hour
(3.11: 24 × 7). A holiday is what the city's calendar says: nothing goes then, as on Sundays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from terms.names import Instant
from terms.text_message import TextKind

Span = tuple[int, int]
"""Minutes of a day: from, and before."""

IsHoliday = Callable[[date], bool]
LOOK_AHEAD: Final = 31  # days: no deadline is further


@dataclass(frozen=True, slots=True)
class Window:
    """A span for each day of the week, Monday first; None: none that day."""

    week: tuple[Span | None, ...]
    holidays: bool = False  # whether holidays are days like others


_DAY: Final[Span] = (9 * 60, 21 * 60)
ALWAYS: Final = Window(((0, 1440),) * 7, holidays=True)
USUAL: Final = Window((*(_DAY,) * 5, (10 * 60, 16 * 60), None))

WINDOWS: Final = {
    TextKind.ALERT: ALWAYS,
    TextKind.PROTOCOL: ALWAYS,
    TextKind.REMINDER: USUAL,
    TextKind.NOTICE: USUAL,
    TextKind.CAMPAIGN: USUAL,
}

CITY: Final = ZoneInfo("America/Sao_Paulo")
_ELSEWHERE: Final = {
    **dict.fromkeys(("65", "66"), "America/Cuiaba"),
    "67": "America/Campo_Grande",
    "68": "America/Rio_Branco",
    "69": "America/Porto_Velho",
    **dict.fromkeys(("92", "97"), "America/Manaus"),
    "95": "America/Boa_Vista",
}
_ZONES: Final = {area: ZoneInfo(name) for area, name in _ELSEWHERE.items()}


def zone_of(number: str) -> ZoneInfo:
    """Where a national number is at home, by its area."""
    return _ZONES.get(number[:2], CITY)


def next_open(window: Window, at: Instant, zone: ZoneInfo, is_holiday: IsHoliday) -> Instant | None:
    """The first instant from `at` on in which the window is open; None: not within LOOK_AHEAD."""
    if window == ALWAYS:
        return at
    local = datetime.fromtimestamp(at, UTC).astimezone(zone)
    for days in range(LOOK_AHEAD + 1):
        day = local.date() + timedelta(days=days)
        span = window.week[day.weekday()]
        if span is None or (not window.holidays and is_holiday(day)):
            continue
        opens, closes = (_instant(day, minute, zone) for minute in span)
        if at < closes:
            return max(at, opens)
    return None


def _instant(day: date, minute: int, zone: ZoneInfo) -> Instant:
    day, minute = (day + timedelta(days=1), 0) if minute == 1440 else (day, minute)
    return datetime.combine(day, time(minute // 60, minute % 60), zone).timestamp()
