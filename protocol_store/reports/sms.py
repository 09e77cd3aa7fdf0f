"""Text messages: each one's way, and what came of them by body, subject and interval (3.11, R68).

A message counts in the interval in which it was ordered, whenever it is to go. Its text is in no
report: `sms show` has it, for who may read it. The number is seen whole by who sees it whole in the
call that the message is about; without a call, only by who sees everybody.

Asked of the tables: `sms_orders_ordered` for the period, `sms_messages_order` for the messages;
`calls` by their key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, literal, select

from protocol_store.masking import masked_number
from protocol_store.reports.asked import Buckets, buckets
from protocol_store.reports.counting import (
    Count,
    Figure,
    Ratio,
    Sums,
    count_if,
    minute_of,
    ratio,
    sheet_by_interval,
    sheet_by_names,
    sums_by,
)
from protocol_store.reports.report import Report
from protocol_store.sights import seen
from protocol_store.sms_tables import sms_messages, sms_orders
from protocol_store.tables import calls
from terms import limits
from terms.protocol_number import shown
from terms.sheet import Asked, Chart, Column, Drawn, Row, Shape, Sheet
from terms.sight import Reveal, Sight
from terms.text_message import TextKind, TextStatus

_m, _o = sms_messages.c, sms_orders.c
_SOURCE: Final = sms_messages.join(sms_orders, _o.order_id == _m.order_id)
_TAKES: Final = frozenset({"orgao", "assunto", "tipo"})
_WORDS: Final[Mapping[str, ColumnElement[str]]] = {
    "orgao": _o.body,
    "assunto": _o.subject,
    "tipo": _o.kind,
    "situacao": _m.status,
    "pedido": _o.order_id,
}
SHOWN: Final[Mapping[TextStatus, str]] = {
    TextStatus.WAITING: "Aguardam",
    TextStatus.SENDING: "Sendo enviadas",
    TextStatus.DOUBTFUL: "Sem resposta",
    TextStatus.ACCEPTED: "Aceitas, sem recibo",
    TextStatus.DELIVERED: "Entregues",
    TextStatus.UNDELIVERED: "Não entregues",
    TextStatus.EXPIRED: "Vencidas",
    TextStatus.BARRED: "Não enviar",
    TextStatus.STOPPED: "Paradas",
    TextStatus.UNKNOWN: "Incertas",
}
_NOTES: Final = (
    "Uma mensagem conta no intervalo em que foi pedida, e está em uma só das situações.",
    "Não enviar: marcada («não pode falar», «retorno não seguro»), de fila discreta, ou de quem"
    " pediu para não receber. Incerta: nem resposta nem recibo; não se repete.",
)


def _came(status: TextStatus) -> Count:
    return Count(status.value, SHOWN[status], lambda _: count_if(_m.status == status.value))


_SENT: Final = Count("sent", "Enviadas", lambda _: count_if(_m.sent_at.is_not(None)))
_FIGURES: Final[tuple[Figure, ...]] = (
    Count("made", "Pedidas", lambda _: func.count()),
    _SENT,
    *map(_came, TextStatus),
    Count("tries", "Tentativas", lambda _: func.coalesce(func.sum(_m.attempts), 0)),
    Ratio("delivered_share", "Entregues ÷ enviadas", ratio(TextStatus.DELIVERED.value, "sent")),
)


def _where(asked: Asked, spans: Buckets) -> list[ColumnElement[bool]]:
    """The orders of the period, by whole minutes, as everywhere."""
    found = [_o.ordered_at >= spans.first * 60.0, _o.ordered_at < spans.last * 60.0]
    return found + [_WORDS[name] == value for name, value in asked.more.items()]


def _sums(
    connection: Connection, asked: Asked, groups: Mapping[str, ColumnElement[Any]]
) -> dict[tuple[Any, ...], Sums]:
    where = _where(asked, buckets(asked))
    return sums_by(connection, asked, _SOURCE, _FIGURES, groups, where)


def _by_interval(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    title = "SMS: mensagens por intervalo"
    chart = Chart(Drawn.LINES, "interval", ("made", "sent", TextStatus.DELIVERED.value), title)
    sheet = Sheet("sms-intervalos", title, (), (), chart=chart, notes=_NOTES)
    sums = _sums(connection, asked, {"bucket": spans.key(minute_of(_o.ordered_at))})
    return sheet_by_interval(sheet, spans, _FIGURES, sums)


def _by_body(connection: Connection, asked: Asked) -> Sheet:
    sheet = Sheet("sms-por-orgao", "SMS: mensagens por órgão e assunto", (), (), notes=_NOTES)
    names = (Column("body", "Órgão"), Column("subject", "Assunto"), Column("kind", "Tipo"))
    groups = {"body": _o.body, "subject": _o.subject, "kind": _o.kind}
    return sheet_by_names(sheet, names, _FIGURES, _sums(connection, asked, groups))


# --- each message ---
def _seen(reveal: Reveal) -> ColumnElement[bool]:
    if isinstance(reveal, Sight) and not reveal.everybody:
        return calls.c.call_id.is_not(None) & seen(reveal)
    return literal(bool(reveal))


def _asked_for(asked: Asked) -> list[ColumnElement[bool]]:
    where = _where(asked, buckets(asked))
    if asked.phone:
        digits = "".join(one for one in asked.phone if one.isdigit()) or asked.phone
        where.append(_m.number.contains(digits, autoescape=True))
        if isinstance(asked.reveal, Sight):  # what is found by its number is seen with it
            where.append(_seen(asked.reveal))
    if asked.protocol:
        number = "".join(one for one in asked.protocol if one.isalnum())
        where.append(_m.ref == number)
    return where


def _listed(connection: Connection, asked: Asked) -> Sheet:
    where, source = _asked_for(asked), _SOURCE.outerjoin(calls, calls.c.call_id == _m.call_id)
    count = connection.execute(select(func.count()).select_from(source).where(*where)).scalar_one()
    question = (
        select(
            sms_messages,
            *(_o.kind, _o.body, _o.subject, _o.by_whom, _o.ordered_at),
            _seen(asked.reveal).label("seen"),
        )
        .select_from(source)
        .where(*where)
        .order_by(_o.ordered_at, _m.order_id, _m.message_id)
        .limit(limits.SHEET_ROWS)
    )
    rows = [_row(row) for row in connection.execute(question)]
    return Sheet("sms-mensagens", LISTED, _COLUMNS, rows, notes=_NOTES, cut=count - len(rows))


def _row(row: Any) -> Row:
    protocol = row.kind == TextKind.PROTOCOL.value
    return {
        "at": row.ordered_at,
        "body": row.body,
        "subject": row.subject,
        "kind": row.kind,
        "order": row.order_id,
        "message": row.message_id,
        "ref": shown(row.ref) if protocol and row.ref else row.ref,
        "phone": row.number if row.seen else masked_number(row.number),
        "scheduled": row.scheduled_at,
        "sent": row.sent_at,
        "deadline": row.deadline,
        "status": row.status,
        "since": row.since,
        "tries": row.attempts,
        "because": row.because,
        "by": row.by_whom,
    }


LISTED: Final = "SMS: mensagem por mensagem"
_COLUMNS: Final = (
    Column("at", "Pedida em", Shape.INSTANT),
    Column("body", "Órgão"),
    Column("subject", "Assunto"),
    Column("kind", "Tipo"),
    Column("order", "Pedido"),
    Column("message", "Mensagem"),
    Column("ref", "Identificador"),
    Column("phone", "Celular"),
    Column("scheduled", "Programada", Shape.INSTANT),
    Column("sent", "Envio real", Shape.INSTANT),
    Column("deadline", "Prazo", Shape.INSTANT),
    Column("status", "Situação"),
    Column("since", "Desde", Shape.INSTANT),
    Column("tries", "Tentativas", Shape.COUNT),
    Column("because", "Motivo"),
    Column("by", "Pedida por"),
)

REPORTS: Final = [
    Report("sms-intervalos", "SMS: mensagens por intervalo", "3.11", _TAKES | {"interval"},
           _by_interval),
    Report("sms-por-orgao", "SMS: mensagens por órgão e assunto", "3.11", _TAKES, _by_body),
    Report("sms-mensagens", LISTED, "3.11",
           _TAKES | {"phone", "protocol", "situacao", "pedido"}, _listed),
]  # fmt: skip
