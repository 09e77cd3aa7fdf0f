"""Hours and days as people write them: «8:00 a 12:00 e 13:00 a 18:00», «segunda a sexta»."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Final

from ivr.decide import DAYS
from ivr.hours import Span

CLOCK: Final = r"[0-9]{1,2}:[0-9]{2}"
SPAN: Final = rf"{CLOCK}\s+(?:a|às|as)\s+{CLOCK}"
SPANS: Final = rf"{SPAN}(?:\s+e\s+{SPAN})*"
CLOSED: Final = "fechado"

_DAY: Final = r"(?:(?:segunda|ter[cç]a|quarta|quinta|sexta)(?:-feira)?|s[aá]bado|domingo)"
EVERY_DAY: Final = "todos os dias"
HOLIDAYS: Final = "feriados"
YEARLY: Final = r"[0-9]{1,2}/[0-9]{1,2}"
DATE: Final = rf"{YEARLY}/[0-9]{{4}}"
DAY: Final = _DAY
DAYS_WRITTEN: Final = rf"{_DAY}(?:\s+a\s+{_DAY})?"

MINUTES_A_DAY: Final = 1440


def minutes(text: str) -> int | None:
    """`8:30` → 510, up to 24:00; None when there is no such time."""
    if not re.fullmatch(CLOCK, text):
        return None
    hour, minute = map(int, text.split(":"))
    whole = hour * 60 + minute
    return whole if minute < 60 and whole <= MINUTES_A_DAY else None


def spans(text: str) -> tuple[Span, ...] | None:
    """The spans of a text, as written and in its order; None when it is none or a time does not
    exist. Whether a span may end before it begins is for the caller to say."""
    if not re.fullmatch(SPANS, text):
        return None
    times = [minutes(time) for time in re.findall(CLOCK, text)]
    known = [time for time in times if time is not None]
    if len(known) != len(times):
        return None
    return tuple(zip(known[::2], known[1::2], strict=True))


def weekdays(text: str) -> tuple[int, ...] | None:
    """The days of the week (Monday = 0) that are meant; a range may go over Sunday."""
    if not re.fullmatch(DAYS_WRITTEN, text):
        return None
    ends = [DAYS.index(_plain(day)) for day in re.split(r"\s+a\s+", text)]
    first, last = ends[0], ends[-1]
    return tuple((first + number) % 7 for number in range((last - first) % 7 + 1))


def day_of(text: str) -> date | tuple[int, int] | None:
    """`25/01` → (1, 25), every year; `24/12/2026` → that day; None when there is no such day."""
    numbers = [int(number) for number in text.split("/")] if re.fullmatch(DATE, text) else []
    try:
        if numbers:
            return date(numbers[2], numbers[1], numbers[0])
        if re.fullmatch(YEARLY, text):
            day, month = map(int, text.split("/"))
            leap = date(2024, month, day)
            return leap.month, leap.day
    except ValueError:
        return None
    return None


def _plain(day: str) -> str:
    bare = day.removesuffix("-feira")
    return "".join(
        sign for sign in unicodedata.normalize("NFD", bare) if not unicodedata.combining(sign)
    )
