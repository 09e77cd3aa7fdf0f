"""What all reports count with: figures, filters, and questions that come to rows and totals.

A figure is a `Count` (a number that the database adds up, and that adds up further: over intervals,
over queues) or a `Ratio` (worked out of counts, row by row and once for the totals: a mean of means
is never taken). `by_interval` and `by_names` put them to a table and make the sheet's rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Float,
    FromClause,
    and_,
    case,
    func,
    or_,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from protocol_store.reports.asked import Buckets
from protocol_store.sights import seen
from protocol_store.tables import OF_CAMPAIGN, calls, protocols
from protocol_store.work_tables import call_marks
from terms import limits
from terms.sheet import Asked, Column, Row, Shape, Sheet, Value
from terms.sight import Sight

Sums = dict[str, Any]
TOTAL: Final = "Total"


# --- figures ---
@dataclass(frozen=True, slots=True)
class Count:
    """A figure that the database adds up. `largest`: the greatest of them, not the sum."""

    name: str
    title: str
    asks: Callable[[Asked], ColumnElement[Any]]
    shape: Shape = Shape.COUNT
    largest: bool = False
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Ratio:
    """A figure worked out of the counts of its row; None if there is nothing to tell."""

    name: str
    title: str
    of: Callable[[Mapping[str, Any]], Value]
    shape: Shape = Shape.SHARE
    shown: bool = True


Figure = Count | Ratio


def hidden(figure: Count) -> Count:
    """The same, counted only for the ratios."""
    return replace(figure, shown=False)


def ratio(part: str, whole: str) -> Callable[[Mapping[str, Any]], float | None]:
    """One count ÷ another; None of nothing."""
    return lambda row: share(row[part], row[whole])


def share(part: float, whole: float) -> float | None:
    """`part` ÷ `whole`; None of nothing."""
    return part / whole if whole else None


def count_if(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows meet all of these."""
    return func.count(case((and_(*conditions), 1)))


def sum_if(column: ColumnElement[Any], *conditions: ColumnElement[bool]) -> ColumnElement[float]:
    """The sum of a column over the rows that meet all of these; 0.0 of none."""
    summed = case((and_(*conditions), column)) if conditions else column
    return func.coalesce(func.sum(summed), 0.0, type_=Float)


class SecondsBetween(FunctionElement[float]):
    """Written by each database in its own words."""

    type = Float()
    inherit_cache = True
    name = "seconds_between"


@compiles(SecondsBetween, "postgresql")
def _seconds_in_postgres(element: Any, compiler: Any, **more: Any) -> str:
    began, ended = (compiler.process(one, **more) for one in element.clauses)
    return f"CAST(EXTRACT(EPOCH FROM ({ended} - {began})) AS DOUBLE PRECISION)"


@compiles(SecondsBetween, "sqlite")
def _seconds_in_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    began, ended = (compiler.process(one, **more) for one in element.clauses)
    return f"ROUND((julianday({ended}) - julianday({began})) * 86400.0, 3)"


class MinuteOf(FunctionElement[int]):
    """Written by each database in its own words."""

    type = BigInteger()
    inherit_cache = True
    name = "minute_of"


@compiles(MinuteOf, "postgresql")
def _minute_in_postgres(element: Any, compiler: Any, **more: Any) -> str:
    (at,) = (compiler.process(one, **more) for one in element.clauses)
    return f"CAST(FLOOR(EXTRACT(EPOCH FROM {at}) / 60) AS BIGINT)"


@compiles(MinuteOf, "sqlite")
def _minute_in_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    (at,) = (compiler.process(one, **more) for one in element.clauses)
    return f"(CAST(STRFTIME('%s', {at}) AS INTEGER) / 60)"


def seconds_between(began: Any, ended: Any) -> ColumnElement[float]:
    """Seconds from one moment to another (to the millisecond in SQLite); NULL if one is."""
    return SecondsBetween(began, ended)


def minute_of(at: Any) -> ColumnElement[int]:
    """The whole minute since 1970 that a moment lies in; NULL of none."""
    return MinuteOf(at)


# --- what was asked, as conditions ---
def of_calls(
    asked: Asked, spans: Buckets, call_id: ColumnElement[Any]
) -> list[ColumnElement[bool]]:
    """That a row's call is one that was asked for: by part of its number, protocol, campaign.

    The calls of the period and of the day before it are looked at: no stay is longer.
    """
    recent = (
        calls.c.arrived_minute >= spans.first - limits.REPORT_LOOKS_BACK,
        calls.c.arrived_minute < spans.last,
    )
    found: list[ColumnElement[bool]] = []
    if asked.phone:
        digits = "".join(one for one in asked.phone if one.isdigit()) or asked.phone
        same = calls.c.caller.contains(digits, autoescape=True)
        if isinstance(asked.reveal, Sight):  # where a number called is seen with the number
            same = same & seen(asked.reveal)
        found.append(call_id.in_(select(calls.c.call_id).where(*recent, same)))
    if asked.protocol:
        number = "".join(one for one in asked.protocol if one.isalnum())
        given = select(protocols.c.call_id).where(protocols.c.protocol == number)
        has = select(calls.c.call_id).where(*recent, calls.c.protocol == number)
        found.append(or_(call_id.in_(given), call_id.in_(has)))
    if asked.campaign:
        made = select(calls.c.call_id).where(calls.c.campaign == asked.campaign, OF_CAMPAIGN)
        found.append(call_id.in_(made.where(*recent)))
    return found


def said_of(asked: Asked, call_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """That a mark or a disposition of a row's call holds the keyword."""
    codes = select(call_marks.c.call_id).where(
        call_marks.c.at >= asked.since - limits.REPORT_LOOKS_BACK * 60,
        call_marks.c.code.icontains(asked.keyword, autoescape=True),
    )
    return call_id.in_(codes)


# --- questions ---
def sums_by(
    connection: Connection,
    asked: Asked,
    source: FromClause,
    figures: Iterable[Figure],
    groups: Mapping[str, ColumnElement[Any]],
    where: Iterable[ColumnElement[bool]],
) -> dict[tuple[Any, ...], Sums]:
    """The counts of these figures, by each combination of the groups."""
    counts = [one for one in figures if isinstance(one, Count)]
    keys = [expression.label(f"by_{name}") for name, expression in groups.items()]
    question = (
        select(*keys, *(one.asks(asked).label(one.name) for one in counts))
        .select_from(source)
        .where(*where)
    )
    if keys:  # by its label: PostgreSQL takes the expression again for another one
        question = question.group_by(*(key.name for key in keys))
    names = [one.name for one in counts]
    return {
        tuple(row[: len(keys)]): dict(zip(names, row[len(keys) :], strict=True))
        for row in connection.execute(question)
    }


def added(figures: Iterable[Figure], sums: Iterable[Sums]) -> Sums:
    """Counts of several rows as those of one."""
    counts = [one for one in figures if isinstance(one, Count)]
    total = nothing(counts)
    for row in sums:
        for one in counts:
            value = row[one.name] or 0
            before = total[one.name]
            total[one.name] = max(before, value) if one.largest else before + value
    return total


def nothing(figures: Iterable[Figure]) -> Sums:
    """Counts of no row at all."""
    return {
        one.name: 0 if one.shape is Shape.COUNT else 0.0
        for one in figures
        if isinstance(one, Count)
    }


def shown(figures: Iterable[Figure], sums: Sums) -> dict[str, Value]:
    """A row of the sheet: the figures that are shown, ratios worked out."""
    found: dict[str, Any] = dict(sums)
    for one in figures:
        if isinstance(one, Ratio):
            found[one.name] = one.of(found)
        elif found[one.name] is None:
            found[one.name] = 0
    return {one.name: found[one.name] for one in figures if one.shown}


def columns_of(figures: Iterable[Figure]) -> tuple[Column, ...]:
    """The columns of the figures that are shown."""
    return tuple(Column(one.name, one.title, one.shape) for one in figures if one.shown)


def interval_rows(
    spans: Buckets, figures: Sequence[Figure], sums: Mapping[tuple[Any, ...], Sums]
) -> tuple[list[Row], int]:
    """A row an interval, those without anything included; and how many were left out."""
    none = nothing(figures)
    rows: list[Row] = [
        {"interval": spans.label(key), **shown(figures, sums.get((key,), none))}
        for key in islice(spans.keys, limits.SHEET_ROWS)
    ]
    return rows, len(spans.keys) - len(rows)


def sheet_by_interval(
    sheet: Sheet,
    spans: Buckets,
    figures: Sequence[Figure],
    sums: Mapping[tuple[Any, ...], Sums],
) -> Sheet:
    """This sheet's rows by interval, its columns and its totals."""
    rows, cut = interval_rows(spans, figures, sums)
    return replace(
        sheet,
        columns=(Column("interval", "Intervalo"), *columns_of(figures)),
        rows=rows,
        cut=cut,
        totals={"interval": TOTAL, **shown(figures, added(figures, sums.values()))},
    )


def sheet_by_names(
    sheet: Sheet,
    names: Sequence[Column],
    figures: Sequence[Figure],
    sums: Mapping[tuple[Any, ...], Sums],
) -> Sheet:
    """This sheet's rows by what they are named after (a line and a queue, an agent), in order."""
    rows: list[Row] = [
        {
            **{column.name: value for column, value in zip(names, key, strict=True)},
            **shown(figures, counts),
        }
        for key, counts in sorted(sums.items(), key=lambda item: tuple(map(str, item[0])))
    ]
    totals = {names[0].name: TOTAL, **shown(figures, added(figures, sums.values()))}
    return replace(sheet, columns=(*names, *columns_of(figures)), rows=rows, totals=totals)
