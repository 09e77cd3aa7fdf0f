"""Every attempt of campaigns, one a row, with the protocol of the call that came of it (4.4.2).

The number is seen whole by who sees it whole in the call that came of the attempt; without a call,
only by who sees everybody.

Asked of the tables: `attempts_counted` for the period, `attempts_number` for a number; `calls` by
their key.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, literal, select

from protocol_store.campaign_tables import attempts
from protocol_store.masking import masked_number
from protocol_store.reports.asked import buckets
from protocol_store.reports.campaign_figures import (
    CAMPAIGN,
    SHORT,
    TAKES,
    WHAT_COUNTS,
    result_text,
    tried,
)
from protocol_store.reports.campaign_names import ANSWERS
from protocol_store.reports.report import Report
from protocol_store.sights import seen
from protocol_store.tables import calls
from terms import limits
from terms.outcome import Tried
from terms.sheet import Asked, Column, Row, Shape, Sheet
from terms.sight import Reveal, Sight

ADVICE: Final = {one.value: one.shown for one in Tried}
"""What a machine took the other side for, in the words of the results."""

_SOURCE: Final = attempts.outerjoin(calls, calls.c.call_id == attempts.c.call_id)


def _seen(reveal: Reveal) -> ColumnElement[bool]:
    if isinstance(reveal, Sight) and not reveal.everybody:
        return calls.c.call_id.is_not(None) & seen(reveal)
    return literal(bool(reveal))


def _where(asked: Asked) -> list[ColumnElement[bool]]:
    where = tried(asked, buckets(asked))
    if asked.phone:
        digits = "".join(one for one in asked.phone if one.isdigit()) or asked.phone
        where.append(attempts.c.number.contains(digits, autoescape=True))
        if isinstance(asked.reveal, Sight):  # what is found by its number is seen with it
            where.append(_seen(asked.reveal))
    if asked.protocol:
        number = "".join(one for one in asked.protocol if one.isalnum())
        where.append(calls.c.protocol == number)
    return where


def _listed(connection: Connection, asked: Asked) -> Sheet:
    where = _where(asked)
    count = connection.execute(select(func.count()).select_from(_SOURCE).where(*where)).scalar_one()
    question = (
        select(attempts, calls.c.protocol, _seen(asked.reveal).label("seen"))
        .select_from(_SOURCE)
        .where(*where)
        .order_by(attempts.c.ordered_minute, attempts.c.attempt)
        .limit(limits.SHEET_ROWS)
    )
    rows = [_row(row) for row in connection.execute(question)]
    notes = (*WHAT_COUNTS, SHORT)
    return Sheet("campanha-ligacoes", TITLE, _COLUMNS, rows, notes=notes, cut=count - len(rows))


def _row(row: Any) -> Row:
    return {
        "at": row.ordered_at,
        "campaign": row.campaign,
        "attempt": row.attempt,
        "phone": row.number if row.seen else masked_number(row.number),
        "trunk": row.trunk,
        "agent": row.agent,
        "result": result_text(row.result or ""),
        "talk": row.talk_seconds,
        "short": "sim" if row.short else "",
        "said": ANSWERS.get(row.said, row.said),
        "protocol": row.protocol,
        "because": row.because,
        "advice": ADVICE.get(row.advice, row.advice),
    }


TITLE: Final = "Campanhas: ligação por ligação"
_COLUMNS: Final = (
    Column("at", "Pedida em", Shape.INSTANT),
    CAMPAIGN,
    Column("attempt", "Tentativa"),
    Column("phone", "Telefone"),
    Column("trunk", "Rota"),
    Column("agent", "Atendente"),
    Column("result", "Resultado"),
    Column("talk", "Duração", Shape.SECONDS),
    Column("short", "Curta"),
    Column("said", "Resposta"),
    Column("protocol", "Protocolo"),
    Column("because", "Motivo"),
    Column("advice", "Indício"),
)

REPORTS: Final = [
    Report("campanha-ligacoes", TITLE, "4.4.2", TAKES | {"phone", "protocol"}, _listed),
]
