"""The balance of R77 as a sheet: a row an interval and line, and a note for all that is wrong."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from protocol_store.balance import Balance, Contradiction, balance
from protocol_store.reports.asked import buckets
from protocol_store.reports.report import Report
from terms.sheet import Asked, Column, Row, Shape, Sheet, Value

_COUNTS: Final = (
    ("received", "Recebidas"),
    ("ended_in_ivr", "Encerradas na URA"),
    ("queued", "À fila"),
    ("dropped_in_ivr", "Perdidas na URA"),
    ("in_ivr", "Ainda na URA"),
    ("calls_missing", "Falta (chamadas)"),
    ("stays", "Passagens por fila"),
    ("answered", "Atendidas"),
    ("abandoned", "Abandonadas"),
    ("redirected", "Redirecionadas"),
    ("promised", "Retorno prometido"),
    ("message", "Recado"),
    ("interrupted", "Interrompidas"),
    ("waiting", "Ainda esperam"),
    ("stays_missing", "Falta (passagens)"),
)
_COLUMNS: Final = (
    Column("interval", "Intervalo"),
    Column("line", "Linha"),
    *(Column(name, title, Shape.COUNT) for name, title in _COUNTS),
    Column("holds", "Confere"),
)
_NOTES: Final = (
    "recebidas = encerradas na URA + à fila + perdidas na URA + ainda na URA (R77)",
    "passagens por fila = atendidas + abandonadas + redirecionadas + retorno prometido + recado + "
    "interrompidas + ainda esperam; uma chamada pode passar por mais de uma fila",
    "chamadas de teste e as que a central fez ficam de fora",
)


def sheet(found: Balance, asked: Asked) -> Sheet:
    """The balance of a period as people read it."""
    spans = buckets(asked)
    rows: list[Row] = []
    for one in found.intervals:
        row: dict[str, Value] = {name: getattr(one, name) for name, _ in _COUNTS}
        row |= {"interval": spans.label(one.key), "line": one.line, "holds": _word(one.balanced)}
        rows.append(row)
    totals: dict[str, Value] = {"interval": "Total", "line": "", "holds": _word(found.holds)}
    totals |= {name: sum(getattr(one, name) for one in found.intervals) for name, _ in _COUNTS}
    wrong = tuple(f"ERRADO: {told(one)}" for one in found.contradictions)
    return Sheet(
        name=BALANCE.name,
        title=BALANCE.title,
        columns=_COLUMNS,
        rows=rows,
        totals=totals,
        notes=(*wrong, *_NOTES),
    )


def told(one: Contradiction) -> str:
    """What is wrong, and in which calls, in one line."""
    more = ", …" if one.count > len(one.calls) else ""
    calls = "1 chamada" if one.count == 1 else f"{one.count} chamadas"
    return f"{one.what}: {calls} ({', '.join(one.calls)}{more})"


def _word(holds: bool) -> str:
    return "sim" if holds else "NÃO"


def _make(connection: Connection, asked: Asked) -> Sheet:
    return sheet(balance(connection, buckets(asked)), asked)


BALANCE: Final = Report(
    "conferencia", "Conferência dos totais", "R77", frozenset({"interval"}), _make
)
"""The balance, asked like any report."""
