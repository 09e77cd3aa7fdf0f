"""What agents did with their time (4.4.1): by state, and how occupied all were together.

None of these compares people by what is nobody's business: the pauses of UNRANKED are in no row,
and the time that they took is taken from the time at work (R44). Rows are in the order of names,
never of figures. Shifts and pauses are in attendance_shifts.py, calls in attendance_calls.py.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection

from protocol_store.reports.asked import buckets
from protocol_store.reports.attendance_areas import (
    AGENT,
    BUSY,
    STILL_GOING,
    by_agent,
    by_interval,
    in_pause,
    in_states,
    logins,
)
from protocol_store.reports.counting import TOTAL, share
from protocol_store.reports.report import Report
from terms import limits
from terms.sheet import Asked, Chart, Column, Drawn, Row, Shape, Sheet

PERSONAL_PAUSES: Final = (
    "Pausas para banheiro e de desgaste não entram em conta nenhuma aqui (R44): o tempo delas está"
    " descontado do tempo considerado."
)

# --- time by state ---
_STATES: Final = (("ringing", "offered"), ("talking", "talking"), ("wrapping", "wrap_up"))


def _states(connection: Connection, asked: Asked) -> Sheet:
    """A row an agent: seconds in each state; free is what is left of the time."""
    spans = buckets(asked)
    logged = by_agent(connection, asked, spans, logins())
    personal = by_agent(connection, asked, spans, in_pause(ranked=False))
    paused = by_agent(connection, asked, spans, in_pause(ranked=True))
    states = {name: by_agent(connection, asked, spans, in_states(state)) for name, state in _STATES}
    rows: list[dict[str, Any]] = []
    for key in sorted({*logged, *(key for found in states.values() for key in found)}):
        (agent,) = key
        none = (0, 0.0)
        at_work = max(0.0, logged.get(key, none)[1] - personal.get(key, none)[1])
        row: dict[str, Any] = {name: found.get(key, none)[1] for name, found in states.items()}
        row |= {"paused": paused.get(key, none)[1]}
        busy = sum(row[name] for name, _ in _STATES)
        free = max(0.0, at_work - busy - row["paused"])
        rows.append({"agent": agent, "at_work": at_work, **row, "free": free})
    totals: dict[str, Any] = {
        name: sum(row[name] for row in rows)
        for name in ("at_work", *(name for name, _ in _STATES), "paused", "free")
    }
    for told in (*rows, totals):
        took = sum(told[name] for name, _ in _STATES)
        told["occupancy"] = share(took, took + told["free"])
    title = "Tempo dos atendentes por estado"
    return Sheet(
        "atendimento-estados",
        title,
        (
            AGENT,
            Column("at_work", "Tempo considerado", Shape.SECONDS),
            Column("ringing", "Tocando", Shape.SECONDS),
            Column("talking", "Em conversa", Shape.SECONDS),
            Column("wrapping", "Depois da conversa", Shape.SECONDS),
            Column("paused", "Em pausa", Shape.SECONDS),
            Column("free", "Livre", Shape.SECONDS),
            Column("occupancy", "Ocupação", Shape.SHARE),
        ),
        rows,
        {"agent": TOTAL, **totals},
        Chart(Drawn.BARS, "agent", ("talking", "wrapping", "paused", "free"), title),
        notes=(
            "Ocupação = (tocando + em conversa + depois da conversa) ÷ (isso + livre).",
            "Livre: logado, sem ligação e fora de pausa. " + STILL_GOING,
            PERSONAL_PAUSES,
        ),
    )


def _occupancy(connection: Connection, asked: Asked) -> Sheet:
    """Agents × seconds by interval."""
    spans = buckets(asked)
    logged = by_interval(connection, asked, spans, logins())
    paused = by_interval(connection, asked, spans, in_pause())
    busy = by_interval(connection, asked, spans, in_states(*BUSY))
    rows: list[Row] = []
    sums = [0.0, 0.0]
    for key in spans.keys:
        free = max(0.0, logged[key] - paused[key] - busy[key])
        sums = [sums[0] + busy[key], sums[1] + free]
        if len(rows) < limits.SHEET_ROWS:
            took = busy[key]
            row = {"busy": took, "free": free, "occupancy": share(took, took + free)}
            rows.append({"interval": spans.label(key), **row})
    title = "Ocupação da equipe"
    return Sheet(
        "atendimento-ocupacao",
        title,
        (
            Column("interval", "Intervalo"),
            Column("busy", "Com ligações", Shape.SECONDS),
            Column("free", "Livres", Shape.SECONDS),
            Column("occupancy", "Ocupação", Shape.SHARE),
        ),
        rows,
        {
            "interval": TOTAL,
            "busy": sums[0],
            "free": sums[1],
            "occupancy": share(sums[0], sum(sums)),
        },
        Chart(Drawn.LINES, "interval", ("occupancy",), title),
        notes=(
            "Segundos de todos os atendentes juntos, cada um no intervalo em que passou.",
            "Com ligações: tocando, em conversa ou depois dela. Livre: logado, sem ligação e fora"
            " de pausa; as pausas não estão em nenhuma das duas colunas.",
            STILL_GOING,
        ),
        cut=len(spans.keys) - len(rows),
    )


REPORTS: Final = [
    Report(
        "atendimento-estados",
        "Tempo dos atendentes por estado",
        "4.4.1",
        frozenset({"agent"}),
        _states,
    ),
    Report(
        "atendimento-ocupacao",
        "Ocupação da equipe",
        "4.4.1",
        frozenset({"interval"}),
        _occupancy,
    ),
]
