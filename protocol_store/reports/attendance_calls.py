"""What agents did with calls (4.4.1): subjects, the 80 % rule, results, transfers.

Rows are in the order of names, never of figures.

Asked of the tables: facts of kind `transferred` by call, for the calls with `transfers`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from sqlalchemy import ColumnElement, Connection, func, select

from protocol_store.reports.acd_table import LINE, QUEUE
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
from protocol_store.reports.asked import buckets
from protocol_store.reports.attendance_areas import AGENT, NO_RANKING
from protocol_store.reports.counting import (
    TOTAL,
    Count,
    Figure,
    count_if,
    hidden,
    of_calls,
    share,
    sheet_by_names,
    sums_by,
)
from protocol_store.reports.report import Report
from protocol_store.tables import agents, calls, facts
from protocol_store.visit_tables import queue_visits as visits
from protocol_store.work_tables import call_marks
from terms.facts import Kind
from terms.sheet import Asked, Chart, Column, Drawn, Row, Shape, Sheet

_OF_AGENTS: Final = frozenset({"line", "queue", "agent", "phone", "protocol", "campaign"})


# --- subjects ---
_SUBJECT: Final[tuple[Figure, ...]] = (ENTERED, ANSWERED, ABANDONED, hidden(WAITED), MEAN_WAIT)


def _subjects(connection: Connection, asked: Asked) -> Sheet:
    groups = {"line": visits.c.line, "queue": visits.c.queue, "note": visits.c.note}
    sums = visits_by(connection, asked, buckets(asked), _SUBJECT, groups)
    title = "Assuntos atendidos"
    notes = (
        "Assunto: como a URA o passou à fila; vazio quando não passou nenhum.",
        STAY,
        WAIT,
        NO_TESTS,
    )
    sheet = Sheet("atendimento-assuntos", title, (), (), notes=notes)
    return sheet_by_names(sheet, (LINE, QUEUE, Column("note", "Assunto")), _SUBJECT, sums)


GOAL: Final = 0.8
"""R22: of the calls of an agent with subjects, this share is in the first of them."""


def _first_subject(connection: Connection, asked: Asked) -> Sheet:
    """The share of each agent's calls that were in the first of their subjects."""
    spans = buckets(asked)
    groups = {"agent": visits.c.agent, "queue": visits.c.queue}
    answered: dict[str, dict[str, int]] = defaultdict(dict)
    for (agent, queue), sums in visits_by(connection, asked, spans, (ANSWERED,), groups).items():
        if agent and sums["answered"]:
            answered[agent][queue] = sums["answered"]
    listed = connection.execute(select(agents.c.name, agents.c.subjects))
    subjects = {row.name: row.subjects for row in listed}
    rows: list[Row] = []
    for agent in sorted(answered):
        named = subjects.get(agent) or []
        if named:
            total, first = sum(answered[agent].values()), answered[agent].get(named[0], 0)
            part = share(first, total)
            met = "sim" if part is not None and part >= GOAL else "não"
            row: Row = {"agent": agent, "subjects": ", ".join(named), "answered": total}
            rows.append({**row, "first": first, "share": part, "met": met})
    total = sum(int(row["answered"] or 0) for row in rows)
    first = sum(int(row["first"] or 0) for row in rows)
    return Sheet(
        "atendimento-primeiro-assunto",
        "Atendidas no primeiro assunto (meta de 80 %)",
        (
            AGENT,
            Column("subjects", "Assuntos, em ordem"),
            Column("answered", "Atendidas", Shape.COUNT),
            Column("first", "No primeiro assunto", Shape.COUNT),
            Column("share", "Primeiro ÷ atendidas", Shape.SHARE),
            Column("met", "Cumpre a meta"),
        ),
        rows,
        {"agent": TOTAL, "answered": total, "first": first, "share": share(first, total)},
        notes=(
            "Só atendentes com assuntos (R22), pelos assuntos de hoje; um assunto é a fila do mesmo"
            " nome.",
            NO_RANKING,
            NO_TESTS,
        ),
    )


# --- results that agents gave calls, and marks ---
_SAID: Final[tuple[Figure, ...]] = (Count("calls", "Ligações", lambda _: func.count()),)
_SORTS: Final = {"disposition": "tabulação", "mark": "marca"}


def _dispositions(connection: Connection, asked: Asked) -> Sheet:
    marks = call_marks.c
    where = [marks.at >= asked.since, marks.at < asked.until, calls.c.test.isnot(True)]
    where += of_calls(asked, buckets(asked), marks.call_id)
    for column, wanted in (
        (calls.c.line, asked.line),
        (calls.c.queue, asked.queue),
        (marks.agent, asked.agent),
    ):
        if wanted:
            where.append(column == wanted)
    if asked.keyword:
        where.append(marks.code.icontains(asked.keyword, autoescape=True))
    source = call_marks.outerjoin(calls, calls.c.call_id == marks.call_id)
    groups = {"kind": marks.kind, "code": marks.code}
    sums = sums_by(connection, asked, source, _SAID, groups, where)
    named = {(_SORTS.get(kind, kind), code): row for (kind, code), row in sums.items()}
    title = "Tabulações e marcas das ligações"
    notes = (
        "O que os atendentes disseram das ligações, no instante em que disseram. Uma ligação tem no"
        " máximo uma tabulação e uma marca de cada atendente.",
        NO_TESTS,
    )
    sheet = Sheet("atendimento-tabulacoes", title, (), (), notes=notes)
    columns = (Column("kind", "O que é"), Column("code", "Código"))
    return sheet_by_names(sheet, columns, _SAID, named)


# --- transfers ---
_GOALS: Final = ("fila", "agente", "etapa", "externo")
_ATTENDED: Final = "consulta"


def _goal() -> ColumnElement[str]:
    goal: ColumnElement[str] = facts.c.details["goal"].as_string()
    return goal


def _to(goal: str) -> Count:
    return Count(goal, f"Para {goal}", lambda _: count_if(_goal() == goal))


_TRANSFERS: Final[tuple[Figure, ...]] = (
    Count("transfers", "Transferências", lambda _: func.count()),
    *(_to(goal) for goal in _GOALS),
    Count(
        _ATTENDED,
        "Com consulta antes",
        lambda _: count_if(facts.c.kind == Kind.TALK_MOVED.value),
    ),
)


def _transfers(connection: Connection, asked: Asked) -> Sheet:
    """By the agent who sent the call on, and where to."""
    spans = buckets(asked)
    by = func.coalesce(func.nullif(facts.c.details["by"].as_string(), ""), facts.c.agent, "")
    where = [
        facts.c.kind.in_([Kind.TRANSFERRED.value, Kind.TALK_MOVED.value]),
        spans.within(calls.c.arrived_minute),
        calls.c.transfers > 0,
        calls.c.test.is_(False),
        *of_calls(asked, spans, calls.c.call_id),
    ]
    for column, wanted in ((calls.c.line, asked.line), (by, asked.agent)):
        if wanted:
            where.append(column == wanted)
    source = calls.join(facts, facts.c.call_id == calls.c.call_id)
    sums = sums_by(connection, asked, source, _TRANSFERS, {"agent": by}, where)
    title = "Transferências por atendente"
    notes = (
        "Transferências feitas por atendentes, das ligações que chegaram no período: para fila,"
        " para outro atendente, para etapa da URA ou para fora; com consulta antes, para quem foi"
        " consultado.",
        NO_TESTS,
    )
    chart = Chart(Drawn.BARS, "agent", (*_GOALS, _ATTENDED), title)
    sheet = Sheet("atendimento-transferencias", title, (), (), chart=chart, notes=notes)
    return sheet_by_names(sheet, (AGENT,), _TRANSFERS, sums)


REPORTS: Final = [
    Report("atendimento-assuntos", "Assuntos atendidos", "4.4.1", TAKES - {"interval"}, _subjects),
    Report(
        "atendimento-primeiro-assunto",
        "Atendidas no primeiro assunto (meta de 80 %)",
        "4.4.1",
        frozenset({"agent"}),
        _first_subject,
    ),
    Report(
        "atendimento-tabulacoes",
        "Tabulações e marcas das ligações",
        "4.4.1",
        _OF_AGENTS | {"keyword"},
        _dispositions,
    ),
    Report(
        "atendimento-transferencias",
        "Transferências por atendente",
        "4.4.1",
        _OF_AGENTS - {"queue"},
        _transfers,
    ),
]
