"""Mean talk, by interval and by island (4.3.2.3.9 and 4.3.2.3.10).

Asked of the tables: `calls.talk_seconds`, `calls.answered_at`, `calls.queue`, `calls.last_line`,
by `calls.arrived_minute`.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func

from protocol_store.reports.acd_table import LINE, QUEUE
from protocol_store.reports.acd_visits import NO_TESTS, TAKES, about
from protocol_store.reports.asked import Buckets, buckets
from protocol_store.reports.counting import (
    Count,
    Figure,
    Ratio,
    of_calls,
    ratio,
    sheet_by_interval,
    sheet_by_names,
    sum_if,
    sums_by,
)
from protocol_store.reports.report import Report
from protocol_store.tables import calls
from terms.sheet import Asked, Chart, Drawn, Shape, Sheet

TALKS: Final = Count("talks", "Ligações com conversa", lambda _: func.count())
TALKED: Final = Count(
    "talked", "Conversa somada", lambda _: sum_if(calls.c.talk_seconds), Shape.SECONDS
)
MEAN_TALK: Final = Ratio("mean_talk", "Conversa média", ratio("talked", "talks"), Shape.SECONDS)
LONGEST_TALK: Final = Count(
    "longest_talk",
    "Maior conversa",
    lambda _: func.max(calls.c.talk_seconds),
    Shape.SECONDS,
    largest=True,
)
_FIGURES: Final[tuple[Figure, ...]] = (TALKS, TALKED, MEAN_TALK, LONGEST_TALK)
_NOTES: Final = (
    "Contam as ligações que um atendente atendeu e cuja conversa terminou, no intervalo em que"
    " chegaram; também as que nós fizemos.",
    "A conversa é toda a da ligação, com todos os seus atendentes, espera em linha incluída; a ilha"
    " é a última em que a ligação esteve, e a linha é a dessa ilha.",
    NO_TESTS,
)


LAST_ISLAND: Final = {"line": calls.c.last_line, "queue": func.coalesce(calls.c.queue, "")}
"""Where a call was last: its queue is of that line, not of the one that was dialled."""


def that_were_talked(asked: Asked, spans: Buckets) -> list[ColumnElement[bool]]:
    """The calls that were asked for, of those with a talk that has ended."""
    found = [
        spans.within(calls.c.arrived_minute),
        calls.c.test.is_(False),
        calls.c.answered_at.is_not(None),
        calls.c.talk_seconds.is_not(None),
    ]
    wanted: list[tuple[ColumnElement[Any], str]] = [
        (calls.c.last_line, asked.line),
        (calls.c.queue, asked.queue),
        (calls.c.agent, asked.agent),
    ]
    found += [column == value for column, value in wanted if value]
    if asked.keyword:
        found.append(about(asked, spans, calls.c.call_id))
    return found + of_calls(asked, spans, calls.c.call_id)


def _by_interval(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    groups = {"bucket": spans.key(calls.c.arrived_minute)}
    found = sums_by(connection, asked, calls, _FIGURES, groups, that_were_talked(asked, spans))
    title = "Tempo médio de conversa"
    chart = Chart(Drawn.LINES, "interval", ("mean_talk",), title)
    sheet = Sheet("dac-conversa", title, (), (), chart=chart, notes=_NOTES)
    return sheet_by_interval(sheet, spans, _FIGURES, found)


def _by_island(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    where = that_were_talked(asked, spans)
    found = sums_by(connection, asked, calls, _FIGURES, LAST_ISLAND, where)
    title = "Tempo médio de conversa por ilha"
    chart = Chart(Drawn.BARS, "queue", ("mean_talk",), title)
    sheet = Sheet("dac-conversa-por-ilha", title, (), (), chart=chart, notes=_NOTES)
    return sheet_by_names(sheet, (LINE, QUEUE), _FIGURES, found)


_TAKES: Final = TAKES | {"campaign"}

REPORTS: Final = [
    Report("dac-conversa", "Tempo médio de conversa", "4.3.2.3.9", _TAKES, _by_interval),
    Report(
        "dac-conversa-por-ilha",
        "Tempo médio de conversa por ilha",
        "4.3.2.3.10",
        _TAKES - {"interval"},
        _by_island,
    ),
]
