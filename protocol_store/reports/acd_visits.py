"""What the reports of the queues count: stays in queues, and calls as they came in.

A stay counts in the interval in which the caller entered the queue, however it ends and whenever:
so every interval balances (R77), and stays of an interval still waiting are told, not lost.
The wait runs from the first queueing through re-queues and ring time to the agent (R71).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Column as Stored
from sqlalchemy import ColumnElement, Connection, case, func, literal, select

from protocol_store.reports.asked import Buckets
from protocol_store.reports.counting import (
    Count,
    Figure,
    Ratio,
    Sums,
    count_if,
    of_calls,
    ratio,
    said_of,
    sum_if,
    sums_by,
)
from protocol_store.tables import calls
from protocol_store.visit_tables import queue_visits as visits
from terms.outcome import CallOutcome
from terms.sheet import Asked, Shape

TAKES: Final = frozenset({"interval", "line", "queue", "agent", "phone", "protocol", "keyword"})
"""What all reports on stays in queues can be asked for."""

WAIT: Final = "A espera vai da entrada na primeira fila até o atendente, toques incluídos (R71)."
STAY: Final = (
    "Cada passagem por uma fila conta no intervalo em que a pessoa entrou nela; ligações que nós"
    " fizemos não contam."
)
NO_TESTS: Final = "Chamadas de prova não são contadas."


def _how(how: str) -> ColumnElement[bool]:
    return visits.c.how == how


def _within(asked: Asked) -> ColumnElement[bool]:
    return visits.c.wait_seconds <= asked.beyond


def _beyond(asked: Asked) -> ColumnElement[bool]:
    return visits.c.wait_seconds > asked.beyond


def _ended(name: str, title: str, how: str) -> Count:
    return Count(name, title, lambda _: count_if(_how(how)))


ENTERED: Final = Count("entered", "Entraram na fila", lambda _: func.count())
ANSWERED: Final = _ended("answered", "Atendidas", "answered")
ABANDONED: Final = _ended("abandoned", "Desistências", "abandoned")
REDIRECTED: Final = _ended("redirected", "Desviadas", "redirected")
PROMISED: Final = _ended("promised", "Retorno prometido", "promised")
MESSAGES: Final = _ended("messages", "Recado", "message")
INTERRUPTED: Final = _ended("interrupted", "Interrompidas", "interrupted")
WAITING: Final = Count("waiting", "Ainda aguardando", lambda _: count_if(visits.c.how.is_(None)))

ANSWERED_WITHIN: Final = Count(
    "answered_within", "Atendidas até X s", lambda asked: count_if(_how("answered"), _within(asked))
)
ANSWERED_BEYOND: Final = Count(
    "answered_beyond",
    "Atendidas após X s",
    lambda asked: count_if(_how("answered"), _beyond(asked)),
)
ABANDONED_WITHIN: Final = Count(
    "abandoned_within",
    "Desistências até X s",
    lambda asked: count_if(_how("abandoned"), _within(asked)),
)
ABANDONED_BEYOND: Final = Count(
    "abandoned_beyond",
    "Desistências após X s",
    lambda asked: count_if(_how("abandoned"), _beyond(asked)),
)
WAITED_BEYOND: Final = Count(
    "waited_beyond", "Esperaram mais de X s", lambda asked: count_if(_beyond(asked))
)
WAITED: Final = Count(
    "waited",
    "Espera somada dos atendidos",
    lambda _: sum_if(visits.c.wait_seconds, _how("answered")),
    Shape.SECONDS,
)
GAVE_UP_AFTER: Final = Count(
    "gave_up_after",
    "Espera somada de quem desistiu",
    lambda _: sum_if(visits.c.wait_seconds, _how("abandoned")),
    Shape.SECONDS,
)
LONGEST: Final = Count(
    "longest",
    "Maior espera",
    lambda _: func.max(visits.c.wait_seconds),
    Shape.SECONDS,
    largest=True,
)
MEAN_WAIT: Final = Ratio(
    "mean_wait", "Espera média dos atendidos", ratio("waited", "answered"), Shape.SECONDS
)
MEAN_GIVING_UP: Final = Ratio(
    "mean_giving_up",
    "Espera média até desistir",
    ratio("gave_up_after", "abandoned"),
    Shape.SECONDS,
)

ENDINGS: Final = (ANSWERED, ABANDONED, REDIRECTED, PROMISED, MESSAGES, INTERRUPTED, WAITING)
"""Every stay is in exactly one of these."""


def in_queues(asked: Asked, spans: Buckets) -> list[ColumnElement[bool]]:
    """The stays that were asked for, of calls that citizens made: whom we call does not wait."""
    found = [
        spans.within(visits.c.entered_minute),
        visits.c.test.is_(False),
        visits.c.direction == "in",
    ]
    for column, wanted in (
        (visits.c.line, asked.line),
        (visits.c.queue, asked.queue),
        (visits.c.agent, asked.agent),
    ):
        if wanted:
            found.append(column == wanted)
    if asked.keyword:
        subject = visits.c.note.icontains(asked.keyword, autoescape=True)
        found.append(subject | said_of(asked, visits.c.call_id))
    return found + of_calls(asked, spans, visits.c.call_id)


def visits_by(
    connection: Connection,
    asked: Asked,
    spans: Buckets,
    figures: tuple[Figure, ...],
    groups: Mapping[str, ColumnElement[Any]] | None = None,
) -> dict[tuple[Any, ...], Sums]:
    """These figures of the stays that were asked for: by interval, unless by something else."""
    by = {"bucket": spans.key(visits.c.entered_minute)} if groups is None else groups
    return sums_by(connection, asked, visits, figures, by, in_queues(asked, spans))


# --- calls, as they came in ---
RECEIVED_TAKES: Final = TAKES - {"agent"}


def _outcome(*outcomes: CallOutcome) -> ColumnElement[bool]:
    return calls.c.outcome.in_([one.value for one in outcomes])


def _course() -> ColumnElement[str]:
    """Where a call was on its way to a queue: the first of these that is true of it."""
    return case(
        (calls.c.first_queue.is_not(None), literal("queued")),
        (calls.c.static.is_(True), literal("static")),
        (calls.c.ended_at.is_(None), literal("in_menu")),
        (_outcome(CallOutcome.ENDED_IN_MENU), literal("ended_in_menu")),
        (_outcome(CallOutcome.LEFT_IN_MENU), literal("left_in_menu")),
        (_outcome(CallOutcome.REFUSED), literal("refused")),
        else_=literal("other"),
    )


def _on_course(name: str, title: str) -> Count:
    return Count(name, title, lambda _: count_if(_course() == name))


RECEIVED: Final = Count("received", "Recebidas", lambda _: func.count())
COURSES: Final = (
    _on_course("queued", "Encaminhadas à fila"),
    _on_course("ended_in_menu", "Encerradas na URA"),
    _on_course("left_in_menu", "Desistiram na URA"),
    _on_course("refused", "Recusadas antes de atender"),
    _on_course("static", "Só pela central telefônica"),
    _on_course("other", "Interrompidas ou com recado"),
    _on_course("in_menu", "Ainda na URA"),
)
"""Every call that came in is in exactly one of these."""


def that_came_in(asked: Asked, spans: Buckets) -> list[ColumnElement[bool]]:
    """The calls that were asked for: those that citizens made."""
    found = [
        spans.within(calls.c.arrived_minute),
        calls.c.direction == "in",
        calls.c.test.is_(False),
    ]
    wanted: list[tuple[Stored[Any], str]] = [
        (calls.c.line, asked.line),
        (calls.c.first_queue, asked.queue),
        (calls.c.agent, asked.agent),
    ]
    found += [column == value for column, value in wanted if value]
    if asked.keyword:
        found.append(about(asked, spans, calls.c.call_id))
    return found + of_calls(asked, spans, calls.c.call_id)


def about(asked: Asked, spans: Buckets, call_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """That a row's call was queued with a subject that holds the keyword, or was marked so."""
    subjects = select(visits.c.call_id).where(
        visits.c.entered_minute >= spans.first,
        visits.c.note.icontains(asked.keyword, autoescape=True),
    )
    return call_id.in_(subjects) | said_of(asked, call_id)


def calls_by(
    connection: Connection,
    asked: Asked,
    spans: Buckets,
    figures: tuple[Figure, ...],
    groups: Mapping[str, ColumnElement[Any]] | None = None,
    *more: ColumnElement[bool],
) -> dict[tuple[Any, ...], Sums]:
    """These figures of the calls that came in: by interval, unless by something else."""
    by = {"bucket": spans.key(calls.c.arrived_minute)} if groups is None else groups
    where = [*that_came_in(asked, spans), *more]
    return sums_by(connection, asked, calls, figures, by, where)
