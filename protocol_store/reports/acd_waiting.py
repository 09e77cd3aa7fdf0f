"""Who waited when, and who waited longer than X by island (4.3.2.3.6 and 4.3.2.3.7).

How many wait at the end of an interval is who waited at its beginning, and who entered since, less
who left since: three counts for the whole period, whatever the interval. A wait of more than a day
is not looked for.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlalchemy import Connection, func, select

from protocol_store.reports.acd_table import Table
from protocol_store.reports.acd_visits import (
    ABANDONED_BEYOND,
    ANSWERED_BEYOND,
    ENTERED,
    LONGEST,
    NO_TESTS,
    STAY,
    TAKES,
    WAIT,
    WAITED_BEYOND,
    WAITING,
    in_queues,
    visits_by,
)
from protocol_store.reports.asked import Buckets, buckets
from protocol_store.reports.counting import Count, Ratio, columns_of, minute_of, ratio, sums_by
from protocol_store.reports.report import Report
from protocol_store.visit_tables import queue_visits as visits
from terms import limits
from terms.sheet import Asked, Chart, Column, Drawn, Row, Shape, Sheet

_LEFT: Final = Count("left", "Deixaram de esperar", lambda _: func.count())
_OPEN: Final = Column("open", "Aguardando no fim do intervalo", Shape.COUNT)
_TITLE: Final = "Ligações em espera"


def _waiting(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    entered = visits_by(connection, asked, spans, (ENTERED,))
    longer = replace(spans, first=spans.first - limits.REPORT_LOOKS_BACK)
    left_minute = minute_of(visits.c.left_at)
    among = [*in_queues(asked, longer), spans.within(left_minute)]
    left = sums_by(connection, asked, visits, (_LEFT,), {"bucket": spans.key(left_minute)}, among)
    waits = _before(connection, asked, spans, longer)
    rows: list[Row] = []
    came = gone = 0
    for key in spans.keys:
        enter = entered.get((key,), {"entered": 0})["entered"]
        leave = left.get((key,), {"left": 0})["left"]
        came, gone, waits = came + enter, gone + leave, waits + enter - leave
        if len(rows) < limits.SHEET_ROWS:
            row = {"entered": enter, "left": leave, "open": waits}
            rows.append({"interval": spans.label(key), **row})
    return Sheet(
        "dac-em-espera",
        _TITLE,
        (Column("interval", "Intervalo"), *columns_of((ENTERED, _LEFT)), _OPEN),
        rows,
        {"interval": "Total", "entered": came, "left": gone, "open": waits},
        Chart(Drawn.LINES, "interval", ("open",), _TITLE),
        notes=(
            "Aguardando no fim do intervalo: quem já estava na fila ou entrou, e ainda não saiu.",
            "No total, quem aguarda no fim do período.",
            NO_TESTS,
        ),
        cut=len(spans.keys) - len(rows),
    )


def _before(connection: Connection, asked: Asked, spans: Buckets, longer: Buckets) -> int:
    """Who entered before the period and was waiting when it began."""
    still = visits.c.left_at.is_(None) | (minute_of(visits.c.left_at) >= spans.first)
    question = select(func.count()).where(
        *in_queues(asked, replace(longer, last=spans.first)), still
    )
    return int(connection.execute(question).scalar_one())


_BY_ISLAND: Final = Table(
    "dac-em-espera-acima-de-x",
    "Ligações que esperaram mais de X segundos, por ilha",
    "4.3.2.3.7",
    (
        ENTERED,
        WAITED_BEYOND,
        Ratio("beyond_share", "Mais de X s ÷ entradas", ratio("waited_beyond", "entered")),
        ANSWERED_BEYOND,
        ABANDONED_BEYOND,
        WAITING,
        LONGEST,
    ),
    ("waited_beyond",),
    (
        STAY,
        WAIT,
        "Esperaram mais de X s: como quer que a espera tenha terminado. Quem ainda aguarda está"
        " em coluna à parte, e a sua espera não entra em nenhuma.",
    ),
    takes=TAKES | {"beyond"},
    drawn=Drawn.BARS,
    by_island=True,
)

REPORTS: Final = [
    Report("dac-em-espera", _TITLE, "4.3.2.3.6", TAKES - {"agent"}, _waiting),
    _BY_ISLAND.report(),
]
