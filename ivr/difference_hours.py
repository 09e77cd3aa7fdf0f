"""What a citizen would notice of the calendar: when a place is open, and the holidays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from ivr.hours import DAY, Calendar, Hours, Minutes, Span

DATES_SHOWN: Final = 3

Days = dict[tuple[int, int] | date, str]


def hours_clauses(old: Hours, new: Hours, serves: str = "atende") -> Iterator[str]:
    """`atende aos sábados de 8:00 a 12:00 (antes: fechado)`, one clause for days that change
    alike."""
    changes: dict[tuple[tuple[Span, ...], tuple[Span, ...]], list[int]] = {}
    for day, pair in enumerate(zip(old.week, new.week, strict=True)):
        if pair[0] != pair[1]:
            changes.setdefault(pair, []).append(day)
    for (was, now), days in changes.items():
        yield _opening(serves, _days(days), now, _spans(was))
    if old.holidays != new.holidays:
        before = "como em outro dia" if old.holidays is None else _spans(old.holidays)
        if new.holidays is None:
            yield f"{serves} nos feriados como em outro dia (antes: {before})"
        else:
            yield _opening(serves, "nos feriados", new.holidays, before)
    for one in sorted(old.dates.keys() | new.dates.keys()):
        if old.dates.get(one) != new.dates.get(one):
            before = _spans(old.dates[one]) if one in old.dates else "como em outro dia"
            if one in new.dates:
                yield _opening(serves, f"em {one:%d/%m/%Y}", new.dates[one], before)
            else:
                yield f"{serves} em {one:%d/%m/%Y} como em outro dia (antes: {before})"


def _opening(serves: str, when: str, now: tuple[Span, ...], before: str) -> str:
    if not now:
        return f"não {serves} {when} (antes: {before})"
    return f"{serves} {when} {_spans(now)} (antes: {before})"


WEEK: Final = ("segunda", "terça", "quarta", "quinta", "sexta", "sábado", "domingo")
PLURAL: Final = (
    "às segundas",
    "às terças",
    "às quartas",
    "às quintas",
    "às sextas",
    "aos sábados",
    "aos domingos",
)


def _days(days: list[int]) -> str:
    if len(days) == len(WEEK):
        return "todos os dias"
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"de {WEEK[days[0]]} a {WEEK[days[-1]]}"
    return " e ".join(PLURAL[day] for day in days)


def _spans(spans: tuple[Span, ...]) -> str:
    if not spans:
        return "fechado"
    if spans == (DAY,):
        return "o dia todo"
    return " e ".join(f"de {_clock(start)} a {_clock(end)}" for start, end in spans)


def _clock(minutes: Minutes) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"


def holiday_differences(old: Calendar, new: Calendar) -> Iterator[str]:
    """Days that are holidays now, and days that are none any more."""
    was, now = _days_of(old), _days_of(new)
    for days, others, words in ((now, was, "agora é feriado"), (was, now, "não é mais feriado")):
        found: dict[str, list[str]] = {}
        for day, name in days.items():
            if day not in others:
                found.setdefault(name, []).append(_day(day))
        for name, dates in found.items():
            shown = ", ".join(dates[:DATES_SHOWN])
            more = len(dates) - DATES_SHOWN
            rest = f" e mais {more} datas" if more > 1 else " e mais uma data" if more > 0 else ""
            yield f"«{name}» ({shown}{rest}) {words}."


def _days_of(calendar: Calendar) -> Days:
    held = calendar.holidays
    return dict([*held.yearly.items(), *held.single.items()])


def _day(day: tuple[int, int] | date) -> str:
    if isinstance(day, date):
        return f"{day:%d/%m/%Y}"
    return f"{day[1]:02}/{day[0]:02}"
