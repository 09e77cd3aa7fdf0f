"""What went wrong: facts stored with a violation (3.7.6), recordings with a problem (3.5, R55).

Asked of the tables: `facts_broken`, an index of the facts that have a violation;
`recordings.recorded_at`.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, func, select

from protocol_store.reports.report import Report
from protocol_store.tables import calls, facts, recordings
from terms import limits
from terms.sheet import Asked, Column, Row, Shape, Sheet


def _violations(connection: Connection, asked: Asked) -> Sheet:
    """Each fact that could not be told in the tables, or was against a rule of the store."""
    own = facts.c
    where = [
        own.violation.is_not(None),
        own.at >= asked.since,
        own.at < asked.until,
    ]
    count = connection.execute(select(func.count()).select_from(facts).where(*where)).scalar_one()
    question = (
        select(own.at, own.kind, own.call_id, own.agent, own.violation)
        .where(*where)
        .order_by(own.at, own.id)
        .limit(limits.SHEET_ROWS)
    )
    rows: list[Row] = [dict(row) for row in connection.execute(question).mappings()]
    return Sheet(
        "problemas-fatos",
        "Fatos com problema",
        (
            Column("at", "Quando", Shape.INSTANT),
            Column("kind", "Fato"),
            Column("call_id", "Ligação"),
            Column("agent", "Atendente"),
            Column("violation", "Problema"),
        ),
        rows,
        {"at": None, "kind": "Total", "violation": f"{count} fatos"},
        notes=(
            "Um fato fora da regra é guardado inteiro, com o problema ao lado; nada se perde.",
            "O que o fato diz da pessoa não aparece aqui.",
        ),
        cut=count - len(rows),
    )


def _recordings(connection: Connection, asked: Asked) -> Sheet:
    """Each recording that is missing, empty, too short or otherwise not as it should be."""
    own = recordings.c
    source = recordings.outerjoin(calls, calls.c.call_id == own.call_id)
    where: list[Any] = [
        own.recorded_at >= asked.since,
        own.recorded_at < asked.until,
        own.ok.is_(False) | (func.coalesce(own.problem, "") != ""),  # '' is: none
        calls.c.test.is_not(True),
    ]
    if asked.line:
        where.append(calls.c.line == asked.line)
    if asked.agent:
        where.append(calls.c.agent == asked.agent)
    if asked.campaign:
        where.append(calls.c.campaign == asked.campaign)
    count = connection.execute(select(func.count()).select_from(source).where(*where)).scalar_one()
    question = (
        select(own.recorded_at, own.kind, own.problem, own.seconds, own.talk_seconds)
        .add_columns(calls.c.line, calls.c.protocol, calls.c.agent)
        .select_from(source)
        .where(*where)
        .order_by(own.recorded_at, own.id)
        .limit(limits.SHEET_ROWS)
    )
    rows: list[Row] = [dict(row) for row in connection.execute(question).mappings()]
    return Sheet(
        "problemas-gravacoes",
        "Gravações com problema",
        (
            Column("recorded_at", "Quando", Shape.INSTANT),
            Column("line", "Linha"),
            Column("protocol", "Protocolo"),
            Column("agent", "Atendente"),
            Column("kind", "Gravação"),
            Column("problem", "Problema"),
            Column("seconds", "Duração gravada", Shape.SECONDS),
            Column("talk_seconds", "Duração da conversa", Shape.SECONDS),
        ),
        rows,
        {"recorded_at": None, "line": "Total", "problem": f"{count} gravações"},
        notes=("Gravação que falta, vazia, curta demais ou que não se pôde conferir (R55).",),
        cut=count - len(rows),
    )


REPORTS: Final = [
    Report("problemas-fatos", "Fatos com problema", "3.7.6", frozenset(), _violations),
    Report(
        "problemas-gravacoes",
        "Gravações com problema",
        "3.5",
        frozenset({"line", "agent", "campaign"}),
        _recordings,
    ),
]
