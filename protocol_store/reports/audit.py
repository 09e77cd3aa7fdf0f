"""Who listened to what, who looked at whose data, who supervised whom, and why (R57, 3.7.6).

Whose data it was stands nowhere here: it is in no fact (terms/facts.py).

Asked of the tables: `facts.at` by `facts_audited`; `calls` by call.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select

from protocol_store.citizen_tables import AUDITED
from protocol_store.reports.report import Report
from protocol_store.tables import calls, facts
from terms import limits
from terms.facts import Kind
from terms.sheet import Asked, Column, Shape, Sheet, Value

_WHEN: Final = Column("at", "Quando", Shape.INSTANT)
_WHO: Final = Column("by", "Quem")
_CALL: Final = (Column("line", "Linha"), Column("protocol", "Protocolo"))
_WHY: Final = Column("because", "Por quê")

HEARD: Final = {
    Kind.RECORDING_HEARD: "ouviu",
    Kind.RECORDING_HELD: "reteve",
    Kind.RECORDING_RELEASED: "liberou",
    Kind.RECORDING_ERASED: "apagou",
}
LOOKED: Final = (Kind.CITIZEN_TOLD, Kind.DATA_ERASED, Kind.REPORT_EXPORTED)
TOLD: Final = {"found": "consultou", "exported": "exportou"}
WATCHED: Final = {Kind.SUPERVISION_BEGAN: "entrou", Kind.SUPERVISION_ENDED: "saiu"}
KNOWN_BY: Final = {"phone": "por telefone", "document": "por documento", "protocol": "um protocolo"}


def _heard(connection: Connection, asked: Asked) -> Sheet:
    """Each listening, hold, release and erasure of a recording."""
    found, count = _facts(connection, asked, HEARD)
    rows = [
        {
            **_common(one),
            "act": HEARD[Kind(one.kind)],
            "agent": one.talked,
            "recording": one.details.get("recording"),
            "format": one.details.get("format"),
            "because": one.details.get("reason") or one.details.get("because"),
        }
        for one in found
    ]
    return Sheet(
        "auditoria-gravacoes",
        "Quem ouviu, reteve ou apagou gravações, e por quê",
        (
            _WHEN,
            _WHO,
            Column("act", "O que fez"),
            *_CALL,
            Column("agent", "Atendente da ligação"),
            Column("recording", "Gravação"),
            Column("format", "Formato"),
            _WHY,
        ),
        rows,
        notes=(
            "Cada escuta é gravada antes do primeiro som (R57). Quem continua a ouvir a mesma "
            "gravação pelo mesmo motivo não conta de novo.",
        ),
        cut=count - len(rows),
    )


def _looked(connection: Connection, asked: Asked) -> Sheet:
    """Each look at, export and erasure of data of citizens, and each report taken away."""
    found, count = _facts(connection, asked, LOOKED)
    rows = [
        {**_common(one), "act": _looked_how(one), "because": one.details.get("because")}
        for one in found
    ]
    return Sheet(
        "auditoria-dados",
        "Quem consultou, exportou ou apagou dados de cidadãos",
        (_WHEN, _WHO, Column("act", "O que fez"), _WHY),
        rows,
        notes=("De quem eram os dados não fica gravado em lugar nenhum.",),
        cut=count - len(rows),
    )


def _watched(connection: Connection, asked: Asked) -> Sheet:
    """Each time that a supervisor listened to, whispered into or came into a talk."""
    found, count = _facts(connection, asked, WATCHED)
    rows = [
        {
            **_common(one),
            "act": WATCHED[Kind(one.kind)],
            "mode": one.details.get("mode"),
            "agent": one.agent,
            "seconds": one.details.get("seconds"),
            "because": one.details.get("because"),
        }
        for one in found
    ]
    return Sheet(
        "auditoria-supervisao",
        "Quem acompanhou conversas, e por quê",
        (
            _WHEN,
            _WHO,
            Column("act", "O que fez"),
            Column("mode", "Modo"),
            *_CALL,
            Column("agent", "Atendente"),
            Column("seconds", "Durou", Shape.SECONDS),
            _WHY,
        ),
        rows,
        notes=(
            "Uma linha por vez em que alguém começou ou deixou de ouvir, de sussurrar ao atendente"
            " ou de entrar na conversa; quanto durou está na linha em que deixou.",
        ),
        cut=count - len(rows),
    )


def _facts(
    connection: Connection, asked: Asked, kinds: Collection[Kind]
) -> tuple[list[Row[Any]], int]:
    """The period's facts of these kinds, as many as a sheet holds, and how many there are."""
    own = facts.c
    where: list[Any] = [AUDITED, own.at >= asked.since, own.at < asked.until]
    where.append(own.kind.in_([kind.value for kind in kinds]))
    source = facts.outerjoin(calls, calls.c.call_id == own.call_id)
    if asked.line:
        where.append(calls.c.line == asked.line)
    if asked.agent:
        where.append((calls.c.agent == asked.agent) | (own.agent == asked.agent))
    if who := asked.more.get("quem"):
        where.append(own.by_whom == who)
    count = connection.execute(select(func.count()).select_from(source).where(*where)).scalar_one()
    found = connection.execute(
        select(own.at, own.kind, own.by_whom, own.agent, own.details)
        .add_columns(calls.c.line, calls.c.protocol, calls.c.agent.label("talked"))
        .select_from(source)
        .where(*where)
        .order_by(own.at, own.id)
        .limit(limits.SHEET_ROWS)
    )
    return list(found), count


def _common(one: Row[Any]) -> dict[str, Value]:
    return {
        "at": one.at,
        "by": one.by_whom or "a própria central",
        "line": one.line,
        "protocol": one.protocol,
    }


def _looked_how(one: Row[Any]) -> str:
    said = one.details
    match Kind(one.kind):
        case Kind.CITIZEN_TOLD:
            how = KNOWN_BY.get(said.get("kind"), "de um cidadão")
            return f"{TOLD.get(said.get('what'), 'consultou')} dados, {how}"
        case Kind.DATA_ERASED:
            if not said.get("rows") and (said.get("contacts") or said.get("texts")):
                many = f"{said.get('contacts', 0)} contatos e {said.get('texts', 0)} mensagens"
                return f"apagou dados de {many}"
            return f"apagou dados de {len(said.get('rows', {}))} registros"
        case _:
            whole = "com números inteiros" if said.get("whole") else "mascarado"
            return f"exportou {said.get('report')} em {said.get('format')}, {whole}"


_TAKES: Final = frozenset({"line", "agent", "quem"})
REPORTS: Final = [
    Report(
        "auditoria-gravacoes",
        "Quem ouviu, reteve ou apagou gravações, e por quê",
        "3.5.5",
        _TAKES,
        _heard,
    ),
    Report(
        "auditoria-dados",
        "Quem consultou, exportou ou apagou dados de cidadãos",
        "3.7.6",
        frozenset({"quem"}),
        _looked,
    ),
    Report("auditoria-supervisao", "Quem acompanhou conversas, e por quê", "3.6", _TAKES, _watched),
]
