"""ICB: how many of those who gave up were called back in time, by both formulas (4.4.2, R61).

Counted as the contract's indicators do (protocol_store/indicator_counts.py), so that the two never
differ: a call-back is of the interval in which the call came in, it is owed once it was made or its
time has passed, and it is of the 156, unless another line is asked for.

Asked of the tables: `calls.wait_seconds`, `calls.outcome`, `calls.queue` by `calls_counted`;
`tasks` and `queue_visits` by call, for those who gave up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from protocol_store.reports.acd_visits import NO_TESTS, about
from protocol_store.reports.asked import Buckets, buckets
from protocol_store.reports.call_backs import in_time, moment, too_late
from protocol_store.reports.campaigns import BODY, SUBJECT, subject_of
from protocol_store.reports.counting import (
    Count,
    Figure,
    Ratio,
    Sums,
    count_if,
    ratio,
    share,
    sheet_by_interval,
    sheet_by_names,
    sums_by,
)
from protocol_store.reports.report import Report
from protocol_store.tables import calls, facts, tasks
from terms.names import Instant
from terms.outcome import CallOutcome
from terms.sheet import Asked, Chart, Drawn, Sheet

_HAIR: Final = 0.0005
"""Waits of calls are differences of instants: one of just X is within it."""

LINE: Final = "156"
"""The contract asks for no ICB of 199 and 153: whoever drops there is called back at once (R34)."""

_GAVE_UP: Final = CallOutcome.ABANDONED.value
_OPENED: Final = tasks.c.id.is_not(None)
SOURCE: Final = calls.outerjoin(
    tasks,
    and_(
        tasks.c.call_id == calls.c.call_id,
        tasks.c.kind == "call_back",
        tasks.c.because == _GAVE_UP,
        calls.c.last_line == calls.c.line,  # handed over to 199, it is called back at once (R34)
    ),
)
_NOTES: Final = (
    "ICB: retornos concluídos no prazo ÷ retornos devidos, um por número (R60, R61), como no"
    " indicador do contrato. Devido: já concluído, ou com o prazo vencido. Ao lado, sobre as"
    " desistências após X s: quem desiste várias vezes tem um retorno só, e baixa esta conta.",
    "Tudo conta no intervalo em que a ligação chegou. Sem linha pedida, é o do 156.",
    "Quem uma campanha de retorno não encontrou, depois de todas as tentativas, conta como"
    " concluído, e à parte em «sem contato»; a última coluna é a conta sem eles.",
    "Concluído inclui o que se fechou sozinho porque a pessoa ligou de novo e foi atendida.",
    NO_TESTS,
)


IN_VAIN: Final = ("sem contato", "número inválido")
"""What a campaign says of a task whose citizen nobody has spoken with."""


def _spoken(row: Mapping[str, Any]) -> float | None:
    return share(row["kept"] - row["in_vain"], row["owed"])


def _figures(now: Instant) -> tuple[Figure, ...]:
    """What ICB is worked out of, and ICB by both formulas."""
    past = or_(tasks.c.due_at.is_(None), tasks.c.due_at <= moment(now))
    open_ = and_(_OPENED, tasks.c.done_at.is_(None))
    return (
        Count(
            "given_up",
            "Desistências após X s",
            lambda asked: count_if(calls.c.wait_seconds > asked.beyond + _HAIR),
        ),
        Count("opened", "Retornos abertos", lambda _: count_if(_OPENED)),
        Count("owed", "Devidos", lambda _: count_if(_OPENED, or_(~open_, past))),
        Count("kept", "Concluídos no prazo", lambda _: count_if(in_time())),
        Count("late", "Concluídos depois do prazo", lambda _: count_if(too_late())),
        Count("overdue", "Vencidos", lambda _: count_if(open_, past)),
        Ratio("icb", "ICB: no prazo ÷ devidos", ratio("kept", "owed")),
        Ratio("icb_given_up", "No prazo ÷ desistências após X s", ratio("kept", "given_up")),
        Count(
            "in_vain",
            "No prazo, sem contato",
            lambda _: count_if(in_time(), tasks.c.result.in_(IN_VAIN)),
        ),
        Ratio("icb_spoken", "No prazo e com contato ÷ devidos", _spoken),
    )


def _given_up(asked: Asked, spans: Buckets) -> list[ColumnElement[bool]]:
    """The calls that were given up in a queue, of those that were asked for."""
    found = [
        spans.within(calls.c.arrived_minute),
        calls.c.line == (asked.line or LINE),
        calls.c.outcome == _GAVE_UP,
        calls.c.direction == "in",
        calls.c.test.is_(False),
    ]
    if asked.queue:
        found.append(calls.c.queue == asked.queue)
    if asked.keyword:
        found.append(about(asked, spans, calls.c.call_id))
    return found


def _now(connection: Connection, asked: Asked) -> Instant:
    """What is overdue is so at the last thing that the store knows of, whenever that was."""
    newest = select(func.max(facts.c.id)).scalar_subquery()
    last = connection.execute(select(facts.c.at).where(facts.c.id == newest)).scalar()
    return asked.until if last is None else last


def _sums(
    connection: Connection,
    asked: Asked,
    figures: tuple[Figure, ...],
    groups: Mapping[str, ColumnElement[Any]],
) -> dict[tuple[Any, ...], Sums]:
    return sums_by(connection, asked, SOURCE, figures, groups, _given_up(asked, buckets(asked)))


def _icb(connection: Connection, asked: Asked) -> Sheet:
    spans, figures = buckets(asked), _figures(_now(connection, asked))
    groups = {"bucket": spans.key(calls.c.arrived_minute)}
    title = "ICB: retorno a quem desistiu"
    chart = Chart(Drawn.LINES, "interval", ("icb", "icb_given_up"), title)
    sheet = Sheet("retorno-icb", title, (), (), chart=chart, notes=_NOTES)
    return sheet_by_interval(sheet, spans, figures, _sums(connection, asked, figures, groups))


def _icb_by_subject(connection: Connection, asked: Asked) -> Sheet:
    figures = _figures(_now(connection, asked))
    groups = {"queue": func.coalesce(calls.c.queue, ""), "note": subject_of(calls.c.call_id)}
    title = "ICB por órgão e assunto"
    notes = ("O órgão solicitante é o da fila em que a pessoa desistiu.", *_NOTES)
    sheet = Sheet("retorno-icb-por-assunto", title, (), (), notes=notes)
    sums = _sums(connection, asked, figures, groups)
    return sheet_by_names(sheet, (BODY, SUBJECT), figures, sums)


_TAKES: Final = frozenset({"line", "queue", "keyword", "beyond"})

REPORTS: Final = [
    Report("retorno-icb", "ICB: retorno a quem desistiu", "4.4.2", _TAKES | {"interval"}, _icb),
    Report("retorno-icb-por-assunto", "ICB por órgão e assunto", "4.4.2", _TAKES, _icb_by_subject),
]
