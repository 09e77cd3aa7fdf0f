"""Makes the reports of the day in miniature, and says which numbers are not the count's."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from day_count import About, Between, Count
from day_scenario import X
from day_table import MANY, PER_MINUTE, TABLE, Line

from protocol_store.reports.asked import DAY, buckets
from protocol_store.reports.catalogue import REPORTS
from protocol_store.reports.making import make
from terms.sheet import Asked, Sheet

NEAR = 1.5
"""Seconds from the turn of a minute within which it cannot be said on which side a call was."""


def differences(database_url: str, day: Count, since: float) -> list[str]:
    """What does not agree, in words: nothing, if all is well."""
    until = time.time() + 1.0
    found: list[str] = []
    made: dict[tuple[str, tuple[tuple[str, str], ...]], Sheet] = {}
    for line in TABLE:
        key = line.report, tuple(line.asked.items())
        if key not in made:
            made[key] = make(database_url, REPORTS[line.report], _asked(line, since, until), until)
        found += _compared(line, made[key], day)
    for (report, column), when in PER_MINUTE.items():
        asked = Asked(since, until, interval=60.0)
        sheet = make(database_url, REPORTS[report], asked, until)
        found += _by_minute(report, column, sheet, asked, when(day))
    return found


def _asked(line: Line, since: float, until: float) -> Asked:
    more: dict[str, Any] = dict(line.asked)
    x = float(more.pop("beyond", X))
    takes = REPORTS[line.report].takes
    given: dict[str, Any] = {"beyond": x} if "beyond" in takes else {}
    given |= {"interval": DAY} if "interval" in takes else {}
    return Asked(since, until, reveal=True, **given, **more)


def _compared(line: Line, sheet: Sheet, day: Count) -> Iterator[str]:
    expected = line.expected(day)
    where = f"{line.report}, {line.column}"
    if not line.row:
        assert sheet.totals is not None, line.report
        if not same(sheet.totals[line.column], expected):
            yield f"{where}: the report says {sheet.totals[line.column]}, the phones {expected}"
        return
    assert isinstance(expected, Mapping), where
    told = _rows(line, sheet)
    for key in sorted({*told, *expected}, key=str):
        if key not in told and isinstance(expected[key], Between):
            told[key] = 0
        if key not in told:
            yield f"{where}, {key}: no such row; the phones say {expected[key]}"
        elif key not in expected:
            yield f"{where}, {key}: the report says {told[key]}, the phones know of no such row"
        elif not same(told[key], expected[key]):
            yield f"{where}, {key}: the report says {told[key]}, the phones {expected[key]}"


def _rows(line: Line, sheet: Sheet) -> dict[tuple[Any, ...], Any]:
    """The column's numbers; of rows that are one but for the day or the hour, the sum."""
    told: dict[tuple[Any, ...], Any] = {}
    for row in sheet.rows:
        key = tuple(row[name] for name in line.row)
        value: Any = 1 if line.column == MANY else row[line.column]
        told[key] = told[key] + value if key in told else value
    return told


def same(told: Any, expected: Any) -> bool:
    """Whether a report's number is the count's."""
    if isinstance(expected, About):
        return told is not None and abs(told - expected.value) <= expected.within
    if isinstance(expected, Between):
        return told is not None and bool(expected.least <= told <= expected.most)
    return bool(told == expected)


def _by_minute(
    report: str, column: str, sheet: Sheet, asked: Asked, instants: list[float]
) -> Iterator[str]:
    spans = buckets(asked)
    assert len(sheet.rows) == len(spans.keys)
    for row, key in zip(sheet.rows, spans.keys, strict=True):
        begin = spans.begins(key)
        end = begin + 60.0
        surely = sum(begin + NEAR <= at < end - NEAR for at in instants)
        perhaps = sum(begin - NEAR <= at < end + NEAR for at in instants)
        told = row[column]
        if not (isinstance(told, int) and surely <= told <= perhaps):
            yield f"{report}, {column}, {row['interval']}: {told}, the phones {surely}–{perhaps}"
