"""What the queues did by the hour of the day, the day of the week, by day and by month.

The hour and the weekday are the city's own, whatever its offset was then: an hour that a change of
the clock repeats counts into the same row.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection

from protocol_store.reports.acd_table import Table
from protocol_store.reports.acd_visits import (
    ABANDONED,
    ANSWERED,
    ENTERED,
    MEAN_WAIT,
    NO_TESTS,
    STAY,
    TAKES,
    WAIT,
    WAITED,
    visits_by,
)
from protocol_store.reports.asked import DAY, MONTH, WEEKDAYS, buckets, city_minutes
from protocol_store.reports.counting import (
    TOTAL,
    Figure,
    Ratio,
    added,
    columns_of,
    hidden,
    nothing,
    ratio,
    shown,
)
from protocol_store.reports.report import Report
from protocol_store.visit_tables import queue_visits as visits
from terms.sheet import Asked, Chart, Column, Drawn, Row, Sheet

_FIGURES: Final[tuple[Figure, ...]] = (
    ENTERED,
    ANSWERED,
    Ratio("answered_share", "Atendidas ÷ entradas", ratio("answered", "entered")),
    ABANDONED,
    hidden(WAITED),
    MEAN_WAIT,
)
_OVER: Final = ("entered", "answered")
_HOURS: Final = tuple(f"{hour:02d}h" for hour in range(24))
_THURSDAY: Final = 3  # the first day of 1970, counted from Monday


def _hour(minutes: ColumnElement[int]) -> ColumnElement[int]:
    return minutes // 60 % 24


def _weekday(minutes: ColumnElement[int]) -> ColumnElement[int]:
    return (minutes // 1_440 + _THURSDAY) % 7


def _round(
    name: str,
    title: str,
    along: str,
    labels: Sequence[str],
    which: Any,
    connection: Connection,
    asked: Asked,
) -> Sheet:
    """A row for each of these, over the whole period."""
    minutes = city_minutes(visits.c.entered_minute, asked.since, asked.until)
    sums = visits_by(connection, asked, buckets(asked), _FIGURES, {"which": which(minutes)})
    none = nothing(_FIGURES)
    rows: list[Row] = [
        {"when": label, **shown(_FIGURES, sums.get((number,), none))}
        for number, label in enumerate(labels)
    ]
    return Sheet(
        name,
        title,
        (Column("when", along), *columns_of(_FIGURES)),
        rows,
        {"when": TOTAL, **shown(_FIGURES, added(_FIGURES, sums.values()))},
        Chart(Drawn.BARS, "when", _OVER, title),
        notes=(f"{along} do relógio da cidade em que a pessoa entrou na fila.", WAIT, NO_TESTS),
    )


_BY_HOUR: Final = ("dac-atendidas-por-hora", "Atendidas por hora do dia")
_BY_WEEKDAY: Final = ("dac-atendidas-por-dia-da-semana", "Atendidas por dia da semana")
_TAKES: Final = TAKES - {"interval"}

REPORTS: Final = [
    Report(*_BY_HOUR, "4.3.2.3.2", _TAKES, partial(_round, *_BY_HOUR, "Hora", _HOURS, _hour)),
    Report(
        *_BY_WEEKDAY,
        "4.3.2.3.2",
        _TAKES,
        partial(_round, *_BY_WEEKDAY, "Dia da semana", WEEKDAYS, _weekday),
    ),
    *(
        Table(name, title, "4.3.2.3.2", _FIGURES, _OVER, (STAY, WAIT), every=every).report()
        for name, title, every in (
            ("dac-atendidas-por-dia", "Atendidas por dia", DAY),
            ("dac-atendidas-por-mes", "Atendidas por mês", MONTH),
        )
    ),
]
