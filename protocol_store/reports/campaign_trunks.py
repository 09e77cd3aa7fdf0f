"""What each trunk and its operator carried by month and by day, beside Anatel's limits (R65).

These are the counts by which the dialler holds itself, calls of no campaign among them. Months and
days are whole ones, those that the period touches.

Asked of the tables: `trunk_months`, `trunk_days`, whose rows are a few a day.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Table, func, select

from protocol_store.campaign_tables import trunk_days, trunk_months
from protocol_store.reports.campaign_names import operators_of
from protocol_store.reports.counting import TOTAL, share
from protocol_store.reports.report import Report
from protocol_store.trunk_rows import day_of, month_of
from terms.limits import SHORT_CALL, SHORT_CALLS_DAY, SHORT_CALLS_SHARE, TRUNK_MONTH
from terms.sheet import Asked, Column, Row, Shape, Sheet

_SHARED: Final = (
    "Conta toda ligação que a central fez pela rota, atendida ou não: campanhas e retornos (R65)."
)
_COUNTS: Final = ("attempts", "answered", "short")
_COUNTED: Final = (
    Column("attempts", "Ligações", Shape.COUNT),
    Column("answered", "Atendidas", Shape.COUNT),
    Column("short", "Curtas", Shape.COUNT),
)


def _whole(number: float) -> str:
    return f"{number:,.0f}".replace(",", ".")


def _sums(
    connection: Connection, asked: Asked, table: Table, span: str, first: str, last: str
) -> list[dict[str, Any]]:
    """By span and trunk, the sites together."""
    within = table.c[span].between(first, last)
    question = select(table.c[span], table.c.trunk, *(func.sum(table.c[one]) for one in _COUNTS))
    if trunk := asked.more.get("rota", ""):
        question = question.where(table.c.trunk == trunk)
    grouped = question.where(within).group_by(table.c[span], table.c.trunk)
    operators = operators_of(connection)
    return [
        {span: at, "operator": operators.get(trunk, ""), "trunk": trunk}
        | dict(zip(_COUNTS, map(int, counts), strict=True))
        for at, trunk, *counts in connection.execute(grouped.order_by(table.c[span], table.c.trunk))
    ]


def _added(rows: list[dict[str, Any]], span: str) -> list[dict[str, Any]]:
    """A row an operator and span: what Anatel looks at. A trunk of no known operator is its own."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        operator = row["operator"] or row["trunk"]
        one = found.setdefault(
            (row[span], operator), {span: row[span], "operator": operator, "trunk": ""}
        )
        for name in _COUNTS:
            one[name] = one.get(name, 0) + row[name]
    return list(found.values())


def _totals(rows: list[dict[str, Any]], span: str) -> Row:
    return {span: TOTAL, **{name: sum(row[name] for row in rows) for name in _COUNTS}}


def _months(connection: Connection, asked: Asked) -> Sheet:
    first, last = month_of(asked.since), month_of(asked.until - 1)
    trunks = _sums(connection, asked, trunk_months, "month", first, last)
    rows = [
        row | {"share": row["attempts"] / TRUNK_MONTH} for row in _added(trunks, "month")
    ] + trunks
    title = "Ligações feitas no mês, por operadora e rota"
    columns = (
        *(Column("month", "Mês"), Column("operator", "Operadora da rota"), Column("trunk", "Rota")),
        *(*_COUNTED, Column("share", "Do limite do mês", Shape.SHARE)),
    )
    notes = (
        f"A Anatel soma por operadora: acima de {_whole(TRUNK_MONTH)} ligações num mês, só por"
        " rotas autenticadas (Despacho 787/2025). A linha sem rota é a soma da operadora.",
        "Meses do relógio da cidade que o período toca, inteiros.",
        _SHARED,
    )
    ordered = sorted(rows, key=_order("month"))
    return Sheet("rotas-meses", title, columns, ordered, _totals(trunks, "month"), notes=notes)


def _days(connection: Connection, asked: Asked) -> Sheet:
    first, last = day_of(asked.since), day_of(asked.until - 1)
    trunks = _sums(connection, asked, trunk_days, "day", first, last)
    rows = [
        row
        | {"short_share": share(row["short"], row["attempts"])}
        | {"share": row["attempts"] / SHORT_CALLS_DAY}
        for row in _added(trunks, "day")
    ] + trunks
    title = "Ligações curtas por dia, por operadora e rota"
    columns = (
        *(Column("day", "Dia", Shape.DAY), Column("operator", "Operadora da rota")),
        *(Column("trunk", "Rota"), *_COUNTED),
        Column("short_share", "Curtas ÷ ligações", Shape.SHARE),
        Column("share", "Do volume vigiado", Shape.SHARE),
    )
    notes = (
        f"Curta: durou até {SHORT_CALL:g} s depois de atendida, também por uma caixa postal. Acima"
        f" de {_whole(SHORT_CALLS_DAY)} ligações num dia, das quais"
        f" {SHORT_CALLS_SHARE * 100:.0f} % curtas, a Anatel manda bloquear. A linha sem"
        " rota é a soma da operadora.",
        "Dias do relógio da cidade que o período toca, inteiros.",
        _SHARED,
    )
    totals = {**_totals(trunks, "day"), "day": None, "operator": TOTAL}
    return Sheet("rotas-dias", title, columns, sorted(rows, key=_order("day")), totals, notes=notes)


def _order(span: str) -> Any:
    return lambda row: (row[span], row["operator"] or row["trunk"], row["trunk"])


_TAKES: Final = frozenset({"rota"})

REPORTS: Final = [
    Report("rotas-meses", "Ligações feitas no mês, por operadora e rota", "4.4.2", _TAKES, _months),
    Report("rotas-dias", "Ligações curtas por dia, por operadora e rota", "4.4.2", _TAKES, _days),
]
