"""Chat (4.4.3): received, answered, given up, how fast, by interval and by agent.

    chat-atendimento   received, answered within 60 s and within X s, given up, by interval
    chat-por-agente    answered and time in talk, by agent

A chat is a contact of the line `chat`: it arrives, is queued, answered and ends by the same facts
as a call, and so stands in the same tables. Where no channel brings such contacts these reports
count nothing, and say why.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlalchemy import Connection, and_, case, func, select

from protocol_store.reports.acd_visits import (
    ABANDONED,
    ANSWERED,
    ANSWERED_WITHIN,
    ENTERED,
    LONGEST,
    MEAN_WAIT,
    NO_TESTS,
    STAY,
    WAIT,
    WAITED,
    WAITING,
    in_queues,
)
from protocol_store.reports.asked import buckets
from protocol_store.reports.counting import (
    Count,
    Figure,
    Ratio,
    count_if,
    hidden,
    ratio,
    seconds_between,
    sheet_by_interval,
    sheet_by_names,
    sums_by,
)
from protocol_store.reports.report import Report
from protocol_store.visit_tables import legs
from protocol_store.visit_tables import queue_visits as visits
from terms import limits
from terms.sheet import Asked, Chart, Column, Drawn, Shape, Sheet

CHAT: Final = "chat"
"""The line of a contact by chat."""
WITHIN: Final = 60.0
"""Seconds in which 90 % of the chats are to be answered (4.5)."""

_IS: Final = (
    "Chat: contato da linha chat, que entra na fila como uma chamada. Sem canal de chat ligado, ou "
    "sem contatos no período, o relatório conta zero."
)


# --- by interval ---
_IN_TIME: Final = and_(visits.c.how == "answered", visits.c.wait_seconds <= WITHIN)
_FIGURES: Final[tuple[Figure, ...]] = (
    replace(ENTERED, title="Recebidos"),
    replace(ANSWERED, title="Atendidos"),
    Count("in_time", "Atendidos até 60 s", lambda _: count_if(_IN_TIME)),
    Ratio("level", "Até 60 s ÷ atendidos", ratio("in_time", "answered")),
    replace(ANSWERED_WITHIN, title="Atendidos até X s"),
    ABANDONED,
    Ratio("given_up", "Desistências ÷ recebidos", ratio("abandoned", "entered")),
    WAITING,
    hidden(WAITED),
    MEAN_WAIT,
    LONGEST,
)


def _by_interval(connection: Connection, asked: Asked) -> Sheet:
    chats = replace(asked, line=CHAT)
    spans = buckets(chats)
    by = {"bucket": spans.key(visits.c.entered_minute)}
    sums = sums_by(connection, chats, visits, _FIGURES, by, in_queues(chats, spans))
    sheet = Sheet(
        "chat-atendimento",
        "Chat: atendimento",
        (),
        (),
        chart=Chart(Drawn.LINES, "interval", ("entered", "answered", "abandoned"), "Chats"),
        notes=(_IS, STAY, WAIT, NO_TESTS),
    )
    return sheet_by_interval(sheet, spans, _FIGURES, sums)


# --- by agent ---
_TALK: Final = seconds_between(legs.c.answered_at, legs.c.ended_at)
_OVER: Final = and_(legs.c.answered_at.is_not(None), legs.c.ended_at.is_not(None))
_AGENT: Final[tuple[Figure, ...]] = (
    Count("answered", "Atendidos", lambda _: count_if(legs.c.answered_at.is_not(None))),
    Count("over", "", lambda _: count_if(_OVER), shown=False),
    Count("talk", "", lambda _: func.sum(case((_OVER, _TALK))), Shape.SECONDS, shown=False),
    Ratio("mean_talk", "Duração média", ratio("talk", "over"), Shape.SECONDS),
    Count(
        "longest",
        "O mais longo",
        lambda _: func.max(case((_OVER, _TALK))),
        Shape.SECONDS,
        largest=True,
    ),
)


def _by_agent(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    # who came up to a day before the period may be answered in it
    chats = select(visits.c.call_id).where(
        visits.c.entered_minute >= spans.first - limits.REPORT_LOOKS_BACK,
        visits.c.entered_minute < spans.last,
        visits.c.line == CHAT,
    )
    where = [
        spans.within(legs.c.began_minute),
        legs.c.who == "agent",
        legs.c.answered_at.is_not(None),
        legs.c.test.is_(False),
        legs.c.call_id.in_(chats),
    ]
    if asked.agent:
        where.append(legs.c.agent == asked.agent)
    sums = sums_by(connection, asked, legs, _AGENT, {"agent": legs.c.agent}, where)
    sheet = Sheet(
        "chat-por-agente",
        "Chat: por agente",
        (),
        (),
        chart=Chart(Drawn.BARS, "agent", ("answered",), "Chats por agente"),
        notes=(_IS, "A duração vai da resposta do agente até o fim do chat.", NO_TESTS),
    )
    return sheet_by_names(sheet, (Column("agent", "Agente"),), _AGENT, sums)


REPORTS: Final = (
    Report(
        "chat-atendimento",
        "Chat: atendimento",
        "4.4.3",
        frozenset({"interval", "queue", "agent", "beyond"}),
        _by_interval,
    ),
    Report("chat-por-agente", "Chat: por agente", "4.4.3", frozenset({"agent"}), _by_agent),
)
