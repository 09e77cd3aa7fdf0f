"""ICB: how many of those who gave up were called back in time, by both formulas (4.4.2, R61).

Asked of the tables: `calls.wait_seconds`, `calls.outcome`, `calls.queue` by `calls_counted`;
`queue_visits` by call, for those who gave up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, FromClause, func

from protocol_store.reports.acd_visits import NO_TESTS, about
from protocol_store.reports.asked import Buckets, buckets
from protocol_store.reports.attendance_areas import known_until
from protocol_store.reports.call_backs import SOURCE, task_figures, tasks_asked
from protocol_store.reports.campaigns import BODY, SUBJECT, subject_of
from protocol_store.reports.counting import (
    Count,
    Figure,
    Ratio,
    Sums,
    count_if,
    minute_of,
    nothing,
    ratio,
    sheet_by_interval,
    sheet_by_names,
    sums_by,
)
from protocol_store.reports.report import Report
from protocol_store.tables import calls, tasks
from terms.names import Instant
from terms.outcome import CallOutcome
from terms.sheet import Asked, Chart, Drawn, Sheet

_HAIR: Final = 0.0005
"""Waits of calls are differences of instants: one of just X is within it."""

GIVEN_UP: Final = Count(
    "given_up",
    "Desistências após X s",
    lambda asked: count_if(calls.c.wait_seconds > asked.beyond + _HAIR),
)
_ICB: Final = (
    Ratio("icb", "ICB: concluídas no prazo ÷ desistências (contrato)", ratio("kept", "given_up")),
    Ratio("icb_tasks", "Concluídas no prazo ÷ tarefas abertas", ratio("kept", "opened")),
)
_NOTES: Final = (
    "ICB do contrato (R61): retornos concluídos no prazo ÷ desistências após X s. Ao lado, sobre as"
    " tarefas abertas: quem desiste várias vezes tem uma tarefa só, e baixa o ICB do contrato.",
    "A ligação conta no intervalo em que chegou, a tarefa no intervalo em que foi aberta.",
    "Contam as tarefas de ligações abandonadas na fila. Concluída inclui a que se fechou sozinha"
    " porque a pessoa ligou de novo e foi atendida.",
    NO_TESTS,
)


def _given_up(asked: Asked, spans: Buckets) -> list[ColumnElement[bool]]:
    """The calls that were given up in a queue, of those that were asked for."""
    found = [
        spans.within(calls.c.arrived_minute),
        calls.c.outcome == CallOutcome.ABANDONED.value,
        calls.c.direction == "in",
        calls.c.test.is_(False),
    ]
    for column, wanted in ((calls.c.line, asked.line), (calls.c.queue, asked.queue)):
        if wanted:
            found.append(column == wanted)
    if asked.keyword:
        found.append(about(asked, spans, calls.c.call_id))
    return found


def _figures(now: Instant) -> tuple[Figure, ...]:
    """What ICB is worked out of, and ICB by both formulas."""
    return (GIVEN_UP, *task_figures(now), *_ICB)


def _sums(
    connection: Connection,
    asked: Asked,
    now: Instant,
    of_calls: Mapping[str, ColumnElement[Any]],
    of_tasks: Mapping[str, ColumnElement[Any]],
) -> dict[tuple[Any, ...], Sums]:
    """Calls given up and tasks, by the same groups, in one row each."""
    spans, figures = buckets(asked), _figures(now)
    found: dict[tuple[Any, ...], Sums] = {}
    of_abandoned = calls.c.outcome == CallOutcome.ABANDONED.value
    source: FromClause
    for source, groups, own, where in (
        (calls, of_calls, (GIVEN_UP,), _given_up(asked, spans)),
        (SOURCE, of_tasks, task_figures(now), [*tasks_asked(asked, spans), of_abandoned]),
    ):
        for key, sums in sums_by(connection, asked, source, own, groups, where).items():
            found.setdefault(key, nothing(figures)).update(sums)
    return found


def _icb(connection: Connection, asked: Asked) -> Sheet:
    spans, now = buckets(asked), known_until(connection, asked)
    sums = _sums(
        connection,
        asked,
        now,
        {"bucket": spans.key(calls.c.arrived_minute)},
        {"bucket": spans.key(minute_of(tasks.c.opened_at))},
    )
    title = "ICB: retorno a quem desistiu"
    chart = Chart(Drawn.LINES, "interval", ("icb", "icb_tasks"), title)
    sheet = Sheet("retorno-icb", title, (), (), chart=chart, notes=_NOTES)
    return sheet_by_interval(sheet, spans, _figures(now), sums)


def _icb_by_subject(connection: Connection, asked: Asked) -> Sheet:
    now = known_until(connection, asked)
    groups = {"queue": func.coalesce(calls.c.queue, ""), "note": subject_of(calls.c.call_id)}
    sums = _sums(connection, asked, now, groups, groups)
    title = "ICB por órgão e assunto"
    notes = ("O órgão solicitante é o da fila em que a pessoa desistiu.", *_NOTES)
    sheet = Sheet("retorno-icb-por-assunto", title, (), (), notes=notes)
    return sheet_by_names(sheet, (BODY, SUBJECT), _figures(now), sums)


_TAKES: Final = frozenset({"line", "queue", "keyword", "beyond"})

REPORTS: Final = [
    Report("retorno-icb", "ICB: retorno a quem desistiu", "4.4.2", _TAKES | {"interval"}, _icb),
    Report("retorno-icb-por-assunto", "ICB por órgão e assunto", "4.4.2", _TAKES, _icb_by_subject),
]
