"""Calls that we made and that came to a telephone, by interval and by requesting body and subject
(4.4.2). What campaigns tried, and what came of it, is in campaign_attempts.py and its like.

A call that we made is one whose dialled number is our own mark for it (`calls.direction` is `out`);
the body that asked is the queue that the call is of, the subject is what the citizen's first call
was queued with, or the campaign's own.

Asked of the tables: `calls.direction`, `calls.queue`, `calls.of_call` by `calls_counted`;
`queue_visits` by call.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, select

from protocol_store.campaign_tables import campaigns
from protocol_store.promise_tables import promises
from protocol_store.reports.acd_visits import NO_TESTS
from protocol_store.reports.asked import Buckets, buckets
from protocol_store.reports.counting import (
    Count,
    Figure,
    Ratio,
    count_if,
    of_calls,
    ratio,
    sheet_by_interval,
    sheet_by_names,
    sum_if,
    sums_by,
)
from protocol_store.reports.report import Report
from protocol_store.tables import calls
from protocol_store.visit_tables import queue_visits as visits
from terms.outcome import CallOutcome
from terms.sheet import Asked, Chart, Column, Drawn, Shape, Sheet

BODY: Final = Column("queue", "Órgão solicitante (fila)")
SUBJECT: Final = Column("note", "Assunto")
WHAT_COUNTS: Final = (
    "Contam as ligações que a central fez a cidadãos e que alguém atendeu: retornos prometidos,"
    " retornos de emergência e campanhas. Tentativas sem resposta estão em retorno-promessas e em"
    " campanha-tentativas.",
    "O órgão solicitante é o da fila; o assunto, o da ligação que deu origem ao retorno, ou o da"
    " campanha. Pelo órgão que pediu a campanha: campanha-por-orgao.",
    NO_TESTS,
)

_FIGURES: Final[tuple[Figure, ...]] = (
    Count("made", "Ligações feitas", lambda _: func.count()),
    Count("talked_to", "Com atendente", lambda _: count_if(calls.c.answered_at.is_not(None))),
    Count("served", "Concluídas", lambda _: count_if(calls.c.outcome == CallOutcome.SERVED.value)),
    Ratio("talked_share", "Com atendente ÷ feitas", ratio("talked_to", "made")),
    Count("talked", "Conversa somada", lambda _: sum_if(calls.c.talk_seconds), Shape.SECONDS),
    Ratio("mean_talk", "Conversa média", ratio("talked", "talked_to"), Shape.SECONDS),
)


def _that_we_made(asked: Asked, spans: Buckets) -> list[ColumnElement[bool]]:
    found = [
        spans.within(calls.c.arrived_minute),
        calls.c.direction == "out",
        calls.c.test.is_(False),
    ]
    for column, wanted in (
        (calls.c.line, asked.line),
        (calls.c.queue, asked.queue),
        (calls.c.agent, asked.agent),
    ):
        if wanted:
            found.append(column == wanted)
    return found + of_calls(asked, spans, calls.c.call_id)


def subject_of(call_id: ColumnElement[Any]) -> ColumnElement[str]:
    """What a call was queued with last: one look by its key, only for the rows that are counted."""
    stays = select(visits.c.note).where(visits.c.call_id == call_id)
    last = stays.order_by(visits.c.ordinal.desc()).limit(1).scalar_subquery()
    return func.coalesce(last, "")


def _by_interval(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    groups = {"bucket": spans.key(calls.c.arrived_minute)}
    sums = sums_by(connection, asked, calls, _FIGURES, groups, _that_we_made(asked, spans))
    title = "Ligações feitas pela central"
    chart = Chart(Drawn.BARS, "interval", ("made", "talked_to"), title)
    sheet = Sheet("ativo-ligacoes", title, (), (), chart=chart, notes=WHAT_COUNTS)
    return sheet_by_interval(sheet, spans, _FIGURES, sums)


def _by_subject(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    promised = calls.outerjoin(promises, promises.c.to_call == calls.c.call_id)
    source = promised.outerjoin(campaigns, campaigns.c.name == calls.c.campaign)
    origin: ColumnElement[Any] = func.coalesce(promises.c.call_id, calls.c.of_call, calls.c.call_id)
    own = func.coalesce(campaigns.c.subject, "")
    note = func.coalesce(func.nullif(subject_of(origin), ""), own)
    groups = {"queue": func.coalesce(calls.c.queue, promises.c.queue, ""), "note": note}
    where = _that_we_made(asked, spans)
    if asked.keyword:
        where.append(note.icontains(asked.keyword, autoescape=True))
    sums = sums_by(connection, asked, source, _FIGURES, groups, where)
    title = "Ligações feitas, por órgão e assunto"
    sheet = Sheet("ativo-por-assunto", title, (), (), notes=WHAT_COUNTS)
    return sheet_by_names(sheet, (BODY, SUBJECT), _FIGURES, sums)


_OUT: Final = frozenset({"line", "queue", "agent", "phone", "protocol", "campaign"})

REPORTS: Final = [
    Report(
        "ativo-ligacoes",
        "Ligações feitas pela central",
        "4.4.2",
        _OUT | {"interval"},
        _by_interval,
    ),
    Report(
        "ativo-por-assunto",
        "Ligações feitas, por órgão e assunto",
        "4.4.2",
        _OUT | {"keyword"},
        _by_subject,
    ),
]
