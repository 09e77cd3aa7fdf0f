"""Shifts planned and real, pauses by reason, and the register of pauses (4.4.1, R47).

Pauses of UNRANKED are counted nowhere (R44); the register has them, because it is what the labour
inspection reads, and compares nobody.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

from sqlalchemy import Connection, func, select

from protocol_store.reports.asked import buckets
from protocol_store.reports.attendance_areas import (
    AGENT,
    STILL_GOING,
    UNRANKED,
    by_agent,
    in_pause,
    known_until,
)
from protocol_store.reports.counting import TOTAL, share
from protocol_store.reports.report import Report
from protocol_store.work_tables import agent_sessions, pauses, planned_pauses
from terms import limits
from terms.sheet import Asked, Column, Row, Shape, Sheet

_TAKES: Final = frozenset({"agent"})


def _shifts(connection: Connection, asked: Asked) -> Sheet:
    """A row a shift, and a row for each login that no shift was planned for."""
    until = known_until(connection, asked)
    shifts = _planned(connection, asked)
    rows = [row for found in shifts.values() for row in found]
    for session in _sessions(connection, asked):
        ended = until if session.ended_at is None else session.ended_at
        among = shifts.get(session.agent, [])
        row = next(
            (
                one
                for one in among
                if session.began_at < one["planned_end"] and ended > one["planned"]
            ),
            None,
        )
        if row is None:
            row = _row(session.agent)
            rows.append(row)
        if row["came"] is None:
            row["came"] = session.began_at
            if row["planned"] is not None:
                row["late"] = max(0.0, row["came"] - row["planned"])
        row["left"] = session.ended_at
        row["logged"] += max(0.0, ended - session.began_at)
        row["logins"] += 1
    rows.sort(key=lambda row: (row["agent"], row["planned"] or row["came"]))
    return Sheet(
        "atendimento-jornada",
        "Jornadas previstas e realizadas",
        (
            AGENT,
            Column("planned", "Início previsto", Shape.INSTANT),
            Column("came", "Primeiro login", Shape.INSTANT),
            Column("late", "Atraso", Shape.SECONDS),
            Column("planned_end", "Fim previsto", Shape.INSTANT),
            Column("left", "Último logout", Shape.INSTANT),
            Column("logged", "Tempo logado", Shape.SECONDS),
            Column("logins", "Logins", Shape.COUNT),
        ),
        rows,
        {
            "agent": TOTAL,
            "late": sum(row["late"] or 0.0 for row in rows),
            "logged": sum(row["logged"] for row in rows),
            "logins": sum(row["logins"] for row in rows),
        },
        notes=(
            "Uma linha por jornada prevista que começa no período, e uma por login sem jornada.",
            "Um login conta na jornada que ele toca; as pausas fazem parte do tempo logado (R46).",
            "Jornada prevista é a que tem pausas previstas. Sem login, a linha fica sem horários.",
            STILL_GOING,
        ),
    )


def _row(agent: str, begins: float | None = None, ends: float | None = None) -> dict[str, Any]:
    none = dict.fromkeys(("came", "left", "late"))
    row = {"agent": agent, "planned": begins, "planned_end": ends, "logged": 0.0, "logins": 0}
    return row | none


def _planned(connection: Connection, asked: Asked) -> dict[str, list[dict[str, Any]]]:
    plan = planned_pauses.c
    question = (
        select(plan.agent, plan.shift_begins, plan.shift_ends)
        .where(plan.shift_begins >= asked.since, plan.shift_begins < asked.until)
        .distinct()
        .order_by(plan.agent, plan.shift_begins)
    )
    if asked.agent:
        question = question.where(plan.agent == asked.agent)
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for agent, begins, ends in connection.execute(question):
        found[agent].append(_row(agent, begins, ends))
    return found


def _sessions(connection: Connection, asked: Asked) -> Any:
    own = agent_sessions.c
    question = (
        select(own.agent, own.began_at, own.ended_at)
        .where(own.began_at >= asked.since, own.began_at < asked.until)
        .order_by(own.agent, own.began_at)
        .limit(limits.SHEET_ROWS)
    )
    if asked.agent:
        question = question.where(own.agent == asked.agent)
    return connection.execute(question)


def _pauses(connection: Connection, asked: Asked) -> Sheet:
    """By agent and reason."""
    spans = buckets(asked)
    found = by_agent(connection, asked, spans, in_pause(ranked=True), pauses.c.reason)
    rows: list[Row] = [
        {"agent": agent, "reason": reason, "count": count, "seconds": seconds}
        | {"mean": share(seconds, count)}
        for (agent, reason), (count, seconds) in sorted(found.items())
    ]
    count = sum(one for one, _ in found.values())
    seconds = sum(one for _, one in found.values())
    return Sheet(
        "atendimento-pausas",
        "Pausas por motivo",
        (
            AGENT,
            Column("reason", "Motivo"),
            Column("count", "Pausas", Shape.COUNT),
            Column("seconds", "Tempo em pausa", Shape.SECONDS),
            Column("mean", "Pausa média", Shape.SECONDS),
        ),
        rows,
        {"agent": TOTAL, "count": count, "seconds": seconds, "mean": share(seconds, count)},
        notes=(
            "Contam as pausas que tocam o período, com o tempo que passou nele.",
            f"Sem {' e '.join(UNRANKED)} (R44).",
            STILL_GOING,
        ),
    )


def _register(connection: Connection, asked: Asked) -> Sheet:
    """Every pause as it was written down (R47)."""
    own = pauses.c
    where = [own.began_at >= asked.since, own.began_at < asked.until]
    if asked.agent:
        where.append(own.agent == asked.agent)
    count = connection.execute(select(func.count()).select_from(pauses).where(*where)).scalar_one()
    question = (
        select(own.agent, own.reason, own.planned_at, own.began_at, own.due_at, own.ended_at)
        .add_columns(own.because, own.by_whom, own.ended_by)
        .where(*where)
        .order_by(own.agent, own.began_at)
        .limit(limits.SHEET_ROWS)
    )
    rows: list[Row] = [dict(row) for row in connection.execute(question).mappings()]
    return Sheet(
        "atendimento-pausas-registro",
        "Registro de pausas (inspeção do trabalho)",
        (
            AGENT,
            Column("reason", "Motivo"),
            Column("planned_at", "Prevista para", Shape.INSTANT),
            Column("began_at", "Início", Shape.INSTANT),
            Column("due_at", "Término devido", Shape.INSTANT),
            Column("ended_at", "Fim", Shape.INSTANT),
            Column("because", "Terminou porque"),
            Column("by_whom", "Iniciada por"),
            Column("ended_by", "Terminada por"),
        ),
        rows,
        notes=(
            "Todas as pausas que começaram no período, como foram registradas (R47). É registro"
            " para a inspeção do trabalho: não serve para comparar pessoas (NR-17, R44).",
        ),
        cut=count - len(rows),
    )


REPORTS: Final = [
    Report("atendimento-jornada", "Jornadas previstas e realizadas", "4.4.1", _TAKES, _shifts),
    Report("atendimento-pausas", "Pausas por motivo", "4.4.1", _TAKES, _pauses),
    Report(
        "atendimento-pausas-registro",
        "Registro de pausas (inspeção do trabalho)",
        "4.4.1",
        _TAKES,
        _register,
    ),
]
