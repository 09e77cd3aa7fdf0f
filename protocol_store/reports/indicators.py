"""What the contract's indicators are made of, as the store has it: counts by interval, and what the
carrier did not deliver (4.5, 4.4.5; R70, R75). Targets and points need the contract's terms: those
reports are `indicadores`, `fatura`, `disponibilidade` and `dias-excepcionais`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from sqlalchemy import Connection

from protocol_store.indicator_counts import added, call_counts, carrier_counts
from protocol_store.reports.report import Report
from terms.counted import Counted
from terms.sheet import Asked, Chart, Column, Drawn, Row, Shape, Sheet

_CALLS: Final = {
    Counted.RECEIVED: "Recebidas",
    Counted.QUEUED: "Oferecidas à fila",
    Counted.ANSWERED: "Atendidas",
    Counted.ANSWERED_WITHIN: "Atendidas até X",
    Counted.WITH_PROTOCOL: "Com protocolo",
    Counted.ABANDONED: "Abandonadas",
    Counted.ABANDONED_BEYOND: "Abandonadas depois de X",
}
_CARRIER: Final = {
    Counted.CARRIER_OFFERED: "Ofertadas pela operadora",
    Counted.CARRIER_FAILED: "Não entregues por ela",
    Counted.SHUT_OUT: "Recusadas pela central",
}
_DAY: Final = Column("day", "Dia", Shape.DAY)

Share = tuple[str, str, Counted, Counted]
"""A column's name and title, and one count over another."""

_CALL_SHARES: Final[tuple[Share, ...]] = (
    ("level", "NS: sobre atendidas", Counted.ANSWERED_WITHIN, Counted.ANSWERED),
    ("level_offered", "NS: sobre oferecidas à fila", Counted.ANSWERED_WITHIN, Counted.QUEUED),
    ("given_up", "ILA: sobre recebidas", Counted.ABANDONED_BEYOND, Counted.RECEIVED),
    ("given_up_offered", "ILA: sobre oferecidas", Counted.ABANDONED_BEYOND, Counted.QUEUED),
    ("registered", "IAR", Counted.WITH_PROTOCOL, Counted.ANSWERED),
)
_CARRIER_SHARES: Final[tuple[Share, ...]] = (
    ("lost", "INR", Counted.CARRIER_FAILED, Counted.CARRIER_OFFERED),
    ("lost_anywhere", "INR com as recusadas", Counted.FAILED_ANYWHERE, Counted.CARRIER_OFFERED),
)


def _rows(
    days: Mapping[date, Mapping[Counted, int]],
    counts: Mapping[Counted, str],
    shares: tuple[Share, ...],
) -> tuple[list[Row], Row]:
    """A row a day, and their totals. What was not counted is no zero."""
    rows: list[Row] = [
        {"day": day.isoformat(), **_row(days[day], counts, shares)} for day in sorted(days)
    ]
    sums: dict[Counted, int] = {}
    for found in days.values():
        for name, figure in found.items():
            sums[name] = sums.get(name, 0) + figure
    return rows, _row(sums, counts, shares)


def _row(
    found: Mapping[Counted, int], counts: Mapping[Counted, str], shares: tuple[Share, ...]
) -> dict[str, int | float | None]:
    row: dict[str, int | float | None] = {name.value: found.get(name) for name in counts}
    for name, _, part, whole in shares:
        row[name] = found[part] / found[whole] if part in found and found.get(whole) else None
    return row


def _columns(counts: Mapping[Counted, str], shares: tuple[Share, ...]) -> tuple[Column, ...]:
    told = [Column(name.value, title, Shape.COUNT) for name, title in counts.items()]
    return (_DAY, *told, *(Column(name, title, Shape.SHARE) for name, title, _, _ in shares))


def _counts(connection: Connection, asked: Asked) -> Sheet:
    by_line = call_counts(connection, asked.since, asked.until, asked.beyond)
    lines = [asked.line] if asked.line else list(by_line)
    days = added(*(by_line.get(line, {}) for line in lines))
    rows, totals = _rows(days, _CALLS, _CALL_SHARES)
    return Sheet(
        "indicadores-contagens",
        "Contagens dos indicadores, por dia",
        _columns(_CALLS, _CALL_SHARES),
        rows,
        totals,
        Chart(Drawn.LINES, "day", ("level", "level_offered")),
        notes=(
            "Cada chamada conta no dia em que chegou, na linha que foi discada.",
            "NS: atendidas com espera de até X sobre atendidas; ao lado, sobre as oferecidas à"
            " fila (R70). A espera vai da entrada na primeira fila ao atendimento (R71).",
            "ILA: abandonadas depois de X na fila sobre recebidas; ao lado, sobre as oferecidas.",
            "Chamadas que nós fizemos e chamadas de teste não contam.",
        ),
    )


def _carrier(connection: Connection, asked: Asked) -> Sheet:
    lines = (asked.line,) if asked.line else ()
    days = carrier_counts(connection, asked.since, asked.until, lines)
    rows, totals = _rows(days, _CARRIER, _CARRIER_SHARES)
    return Sheet(
        "operadora",
        "Ligações não entregues pela operadora (INR)",
        _columns(_CARRIER, _CARRIER_SHARES),
        rows,
        totals,
        Chart(Drawn.LINES, "day", ("lost", "lost_anywhere")),
        notes=(
            "INR: não entregues (ocupado, não atende, falha) sobre ofertadas, pelo arquivo da"
            " operadora (central156 contract import-operadora).",
            "Recusadas pela central: as que o Asterisk não aceitou por teto do 156 ou por estar"
            " parando, contadas à parte; faltam as recusadas enquanto o controle não o ouvia.",
            "Um dia sem arquivo não tem INR; o total é só dos dias que têm.",
        ),
    )


REPORTS: Final = (
    Report(
        "indicadores-contagens",
        "Contagens dos indicadores, por dia",
        "4.5.1",
        frozenset({"line", "beyond"}),
        _counts,
    ),
    Report(
        "operadora",
        "Ligações não entregues pela operadora (INR)",
        "4.4.5",
        frozenset({"line"}),
        _carrier,
    ),
)
