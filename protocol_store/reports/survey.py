"""The satisfaction survey after the talk (4.4.4, 4.6, R62): marks, good marks, who answered.

    pesquisa-notas      every question: how many gave each mark, the mean, good and very good
    pesquisa-satisfacao    by interval: surveys, IPS, and how many of those served answered
    pesquisa-por-fila   the same by the queue in which the citizen had been served

«Sem resposta» is counted apart, never as a mark. None of these tells whose mark it was, nor the
marks of one call, and none is by agent: an agent must not see single answers (R62).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Subquery, and_, func, select

from protocol_store.reports.acd_visits import NO_TESTS
from protocol_store.reports.asked import Buckets, buckets
from protocol_store.reports.counting import (
    Count,
    Figure,
    Ratio,
    Sums,
    count_if,
    nothing,
    ratio,
    share,
    sheet_by_interval,
    sheet_by_names,
    sum_if,
    sums_by,
)
from protocol_store.reports.report import Report
from protocol_store.tables import calls
from protocol_store.visit_tables import survey_answers as answers
from terms.sheet import Asked, Chart, Column, Drawn, Shape, Sheet

MARKS: Final = (1, 2, 3, 4, 5)
GOOD: Final = 4
"""«Bom» is 4, «ótimo» is 5."""
SATISFIED: Final = (2, 3)
"""Whose survey counts in the IPS: good marks in so many of so many of the questions answered."""
NO_QUEUE: Final = "(sem fila)"
SURVEYED: Final = "156"
"""The line that has a survey: whoever was served on another one could not answer (R62)."""

GOOD_IS: Final = "Bom ou ótimo: notas 4 e 5. Sem resposta fica à parte e não é nota (R62)."
IPS_IS: Final = (
    "IPS: pesquisas com bom ou ótimo em pelo menos dois terços das perguntas respondidas ÷ "
    "pesquisas com alguma resposta. Ao lado, bom ou ótimo ÷ notas, a outra fórmula usual."
)
_TAKES: Final = frozenset({"line", "queue"})


def _asked_for(asked: Asked, spans: Buckets) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        spans.within(answers.c.minute),
        answers.c.test.is_(False),
    ]
    if asked.line:
        found.append(answers.c.line == asked.line)
    if asked.queue:
        found.append(answers.c.queue == asked.queue)
    return found


# --- by question ---
def _gave(mark: int) -> Count:
    return Count(f"mark_{mark}", f"Nota {mark}", lambda _: count_if(answers.c.mark == mark))


def _given(row: Mapping[str, Any]) -> int:
    return int(row["asked"]) - int(row["unanswered"])


def _good(row: Mapping[str, Any]) -> int:
    return sum(int(row[f"mark_{mark}"]) for mark in MARKS if mark >= GOOD)


def _mean(row: Mapping[str, Any]) -> float | None:
    return share(sum(mark * row[f"mark_{mark}"] for mark in MARKS), _given(row))


_QUESTIONS: Final[tuple[Figure, ...]] = (
    Count("asked", "Perguntas feitas", lambda _: func.count()),
    *(_gave(mark) for mark in MARKS),
    Count("unanswered", "Sem resposta", lambda _: count_if(answers.c.mark.is_(None))),
    Ratio("mean", "Nota média", _mean, Shape.NUMBER),
    Ratio("good", "Bom ou ótimo ÷ notas", lambda row: share(_good(row), _given(row))),
    Ratio(
        "good_of_all",
        "Bom ou ótimo ÷ perguntas feitas",
        lambda row: share(_good(row), row["asked"]),
    ),
)


def _by_question(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    by = {"question": answers.c.question}
    sums = sums_by(connection, asked, answers, _QUESTIONS, by, _asked_for(asked, spans))
    sheet = Sheet(
        "pesquisa-notas",
        "Pesquisa: notas por pergunta",
        (),
        (),
        chart=Chart(Drawn.BARS, "question", ("good", "good_of_all"), "Bom ou ótimo por pergunta"),
        notes=(GOOD_IS, "A nota conta quando foi dada.", NO_TESTS),
    )
    return sheet_by_names(sheet, (Column("question", "Pergunta"),), _QUESTIONS, sums)


# --- by survey ---
def _surveys(asked: Asked, spans: Buckets) -> Subquery:
    """A row a call: when it was asked first, in which queue it had been, how many marks it gave."""
    good = count_if(answers.c.mark >= GOOD)
    return (
        select(
            func.min(answers.c.minute).label("minute"),
            func.max(answers.c.queue).label("queue"),
            func.count().label("asked"),
            func.count(answers.c.mark).label("given"),
            func.coalesce(func.sum(answers.c.mark), 0).label("points"),
            good.label("good"),
        )
        .where(*_asked_for(asked, spans))
        .group_by(answers.c.call_id)
        .subquery("surveys")
    )


def _figures(one: Subquery) -> tuple[Figure, ...]:
    least, of = SATISFIED
    satisfied = and_(one.c.given > 0, one.c.good * of >= one.c.given * least)
    return (
        Count("surveys", "Pesquisas", lambda _: func.count()),
        Count("answering", "Com alguma resposta", lambda _: count_if(one.c.given > 0)),
        Count("silent", "Sem resposta alguma", lambda _: count_if(one.c.given == 0)),
        Count("satisfied", "Satisfeitas", lambda _: count_if(satisfied)),
        Ratio("ips", "IPS", ratio("satisfied", "answering")),
        Count("given", "Notas", lambda _: sum_if(one.c.given)),
        Count("good", "… bom ou ótimo", lambda _: sum_if(one.c.good)),
        Ratio("good_share", "Bom ou ótimo ÷ notas", ratio("good", "given")),
        Count("unanswered", "Perguntas sem resposta", lambda _: sum_if(one.c.asked - one.c.given)),
        Count("points", "", lambda _: sum_if(one.c.points), shown=False),
        Ratio("mean", "Nota média", ratio("points", "given"), Shape.NUMBER),
    )


_SERVED: Final = Count("served", "Atendidas", lambda _: func.count())
_ANSWERING: Final = Ratio("took_part", "Responderam ÷ atendidas", ratio("answering", "served"))


def _served(asked: Asked, spans: Buckets) -> list[ColumnElement[bool]]:
    """Calls that were answered on the line that asks."""
    found: list[ColumnElement[bool]] = [
        spans.within(calls.c.arrived_minute),
        calls.c.test.is_(False),
        calls.c.answered_at.is_not(None),
        calls.c.last_line == SURVEYED,
        calls.c.campaign == "",  # who was called by one is not asked (R62)
    ]
    if asked.line:
        found.append(calls.c.last_line == asked.line)
    if asked.queue:
        found.append(calls.c.queue == asked.queue)
    return found


def _by_interval(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    one = _surveys(asked, spans)
    figures: tuple[Figure, ...] = (_SERVED, *_figures(one), _ANSWERING)
    by = {"bucket": spans.key(one.c.minute)}
    sums = sums_by(connection, asked, one, _figures(one), by, [])
    came = {"bucket": spans.key(calls.c.arrived_minute)}
    served = sums_by(connection, asked, calls, (_SERVED,), came, _served(asked, spans))
    sheet = Sheet(
        "pesquisa-satisfacao",
        "Pesquisa: satisfação por intervalo (IPS)",
        (),
        (),
        chart=Chart(Drawn.LINES, "interval", ("ips", "good_share"), "Satisfação"),
        notes=(IPS_IS, GOOD_IS, _WHEN, NO_TESTS),
    )
    return sheet_by_interval(sheet, spans, figures, _joined(figures, served, sums))


_WHEN: Final = (
    "A pesquisa conta quando foi feita, a atendida quando a chamada chegou. Só o 156 tem pesquisa, "
    "e só depois de um atendente."
)


def _joined(figures: tuple[Figure, ...], *found: dict[tuple[Any, ...], Sums]) -> Any:
    sums: dict[tuple[Any, ...], Sums] = {}
    for part in found:
        for key, row in part.items():
            sums[key] = sums.get(key, nothing(figures)) | row
    return sums


def _by_queue(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    one = _surveys(asked, spans)
    figures: tuple[Figure, ...] = (_SERVED, *_figures(one), _ANSWERING)
    queue = func.coalesce(one.c.queue, NO_QUEUE)
    sums = sums_by(connection, asked, one, _figures(one), {"queue": queue}, [])
    was_in = func.coalesce(calls.c.queue, NO_QUEUE)
    asking = _served(asked, spans)
    served = sums_by(connection, asked, calls, (_SERVED,), {"queue": was_in}, asking)
    sheet = Sheet(
        "pesquisa-por-fila",
        "Pesquisa: satisfação por fila",
        (),
        (),
        chart=Chart(Drawn.BARS, "queue", ("ips", "good_share"), "Satisfação por fila"),
        notes=(IPS_IS, GOOD_IS, "Fila: a última em que a pessoa foi atendida.", _WHEN, NO_TESTS),
    )
    together = _joined(figures, served, sums)
    return sheet_by_names(sheet, (Column("queue", "Fila"),), figures, together)


REPORTS: Final = (
    Report("pesquisa-notas", "Pesquisa: notas por pergunta", "4.4.4", _TAKES, _by_question),
    Report(
        "pesquisa-satisfacao",
        "Pesquisa: satisfação por intervalo (IPS)",
        "4.4.4",
        _TAKES | {"interval"},
        _by_interval,
    ),
    Report("pesquisa-por-fila", "Pesquisa: satisfação por fila", "4.4.4", _TAKES, _by_queue),
)
