"""Service level by day and by month against its target, by both formulas (4.3.2.3.8, R70), and how
waits are spread.

The contract divides by those who were answered; whoever gave up then never counts against the
centre. The other formula divides by all who were offered to a queue. Both stand side by side, each
under its own name. Calls are counted, not stays: as the contract's indicators do
(protocol_store/indicator_counts.py), so that the two never differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import accumulate
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, case, func, or_

from protocol_store.reports.acd_visits import (
    ABANDONED,
    ANSWERED,
    ENTERED,
    NO_TESTS,
    RECEIVED,
    STAY,
    TAKES,
    WAIT,
    calls_by,
    visits_by,
)
from protocol_store.reports.asked import DAY, MONTH, buckets
from protocol_store.reports.counting import (
    TOTAL,
    Count,
    Figure,
    Ratio,
    added,
    columns_of,
    count_if,
    nothing,
    ratio,
    share,
    shown,
)
from protocol_store.reports.report import Report, WrongQuestion
from protocol_store.tables import calls
from protocol_store.visit_tables import queue_visits as visits
from terms.names import LINES, Seconds
from terms.outcome import CallOutcome
from terms.sheet import Asked, Chart, Column, Drawn, Row, Shape, Sheet

TARGETS: Final[Mapping[str, float]] = {"156": 0.85, "199": 0.95, "153": 0.95}
"""Of the contract (4.5), unless `meta` is asked: the share answered within X."""

CONTRACT, OFFERED = "fórmula do contrato", "sobre as oferecidas à fila"
_HAIR: Final = 0.0005
"""Waits of calls are differences of instants: one of just X is within it."""

_ANSWERED: Final = calls.c.answered_at.is_not(None)
_GAVE_UP: Final = calls.c.outcome == CallOutcome.ABANDONED.value


def _within(asked: Asked) -> ColumnElement[bool]:
    return func.coalesce(calls.c.wait_seconds, 0.0) <= asked.beyond + _HAIR


_COUNTS: Final[tuple[Figure, ...]] = (
    RECEIVED,
    Count(
        "offered",
        "Oferecidas à fila",
        lambda _: count_if(or_(calls.c.queued_at.is_not(None), _ANSWERED, _GAVE_UP)),
    ),
    Count("answered", "Atendidas", lambda _: count_if(_ANSWERED)),
    Count(
        "answered_within",
        "Atendidas até X s",
        lambda asked: count_if(_ANSWERED, _within(asked)),
    ),
    Count("abandoned", "Desistências", lambda _: count_if(_GAVE_UP)),
    Count(
        "abandoned_beyond",
        "Desistências após X s",
        lambda asked: count_if(_GAVE_UP, calls.c.wait_seconds > asked.beyond + _HAIR),
    ),
)
_RATIOS: Final = (
    Ratio(
        "level_answered",
        f"NS: até X s ÷ atendidas ({CONTRACT})",
        ratio("answered_within", "answered"),
    ),
    Ratio(
        "level_offered",
        f"NS: até X s ÷ oferecidas ({OFFERED})",
        ratio("answered_within", "offered"),
    ),
    Ratio(
        "late_received",
        f"ILA: desistências após X s ÷ recebidas ({CONTRACT})",
        ratio("abandoned_beyond", "received"),
    ),
    Ratio(
        "late_offered",
        f"ILA: desistências após X s ÷ oferecidas ({OFFERED})",
        ratio("abandoned_beyond", "offered"),
    ),
)
_FIGURES: Final[tuple[Figure, ...]] = (*_COUNTS, *_RATIOS)
_LEVEL_TAKES: Final = (TAKES - {"interval", "agent"}) | {"beyond", "meta"}


def _levels(name: str, title: str, every: Seconds, connection: Connection, asked: Asked) -> Sheet:
    """A row for each day (or month) and line."""
    spans = buckets(asked, every)
    targets = _targets(asked)
    groups = {"bucket": spans.key(calls.c.arrived_minute), "line": calls.c.line}
    sums = calls_by(connection, asked, spans, _FIGURES, groups)
    lines = sorted({line for _, line in sums})
    rows: list[Row] = []
    for key in spans.keys:
        for line in lines:
            counts = shown(_FIGURES, sums.get((key, line), nothing(_FIGURES)))
            named = {"interval": spans.label(key), "line": line}
            rows.append({**named, **counts, **_against(counts, targets.get(line))})
    totals = {"interval": TOTAL, **shown(_FIGURES, added(_FIGURES, sums.values()))}
    if len(lines) == 1:
        totals |= _against(totals, targets.get(lines[0]))
    chart = Chart(Drawn.LINES, "interval", ("level_answered", "level_offered", "target"), title)
    return Sheet(
        name,
        title,
        (
            Column("interval", "Mês" if every == MONTH else "Dia"),
            Column("line", "Linha"),
            *columns_of(_FIGURES),
            Column("target", "Meta de NS", Shape.SHARE),
            Column("met", "Cumpre a meta (fórmula do contrato)"),
        ),
        rows,
        totals,
        chart if len(lines) == 1 else None,  # one line over another would be read as one
        notes=(
            f"NS e ILA pelas duas fórmulas (R70): {CONTRACT} e {OFFERED}.",
            "Contam as ligações recebidas, cada uma uma vez, no dia em que chegou e na linha que"
            " foi discada, como nos indicadores do contrato; retornos nossos não contam.",
            "Oferecidas à fila: as que chegaram a uma fila, como quer que tenham saído dela.",
            "A meta é a do contrato (156: 85 %; 199 e 153: 95 %, até 15 s), ou a que se pediu.",
            WAIT,
            NO_TESTS,
        ),
    )


def _targets(asked: Asked) -> Mapping[str, float]:
    said = asked.more.get("meta", "").strip().removesuffix("%").replace(",", ".")
    if not said:
        return TARGETS
    try:
        target = float(said) / 100
    except ValueError:
        target = -1.0
    if not 0 < target <= 1:
        raise WrongQuestion("a meta é uma porcentagem, como 85")
    return dict.fromkeys(LINES, target)


def _against(counts: Mapping[str, Any], target: float | None) -> dict[str, Any]:
    level = counts["level_answered"]
    known = level is not None and target is not None
    return {"target": target, "met": ("sim" if level >= target else "não") if known else None}


# --- how waits are spread ---
EDGES: Final = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600)
"""Seconds at which one class of waits ends, inclusive, and the next begins."""

_OTHERS: Final = Ratio(
    "others",
    "Outros fins",
    lambda row: row["entered"] - row["answered"] - row["abandoned"],
    Shape.COUNT,
)
_SPREAD: Final[tuple[Figure, ...]] = (ENTERED, ANSWERED, ABANDONED, _OTHERS)


def _class() -> ColumnElement[int]:
    wait = visits.c.wait_seconds
    pairs = [(wait <= edge, number) for number, edge in enumerate(EDGES)]
    return case((wait.is_(None), -1), *pairs, else_=len(EDGES))


def _class_name(number: int) -> str:
    if number < 0:
        return "ainda aguardando"
    if number == len(EDGES):
        return f"mais de {EDGES[-1]} s"
    return (
        f"até {EDGES[0]} s" if number == 0 else f"mais de {EDGES[number - 1]} até {EDGES[number]} s"
    )


def _spread(connection: Connection, asked: Asked) -> Sheet:
    """How many waited how long."""
    spans = buckets(asked)
    sums = visits_by(connection, asked, spans, _SPREAD, {"class": _class()})
    order = [*range(len(EDGES) + 1), -1]
    counted = [shown(_SPREAD, sums.get((number,), nothing(_SPREAD))) for number in order]
    totals = shown(_SPREAD, added(_SPREAD, sums.values()))
    upto = accumulate(int(row["answered"] or 0) for row in counted)
    answered = int(totals["answered"] or 0)
    rows: list[Row] = [
        {
            "wait": _class_name(number),
            **row,
            "upto": share(so_far, answered) if number >= 0 else None,
        }
        for number, row, so_far in zip(order, counted, upto, strict=True)
    ]
    title = "Distribuição das esperas"
    return Sheet(
        "dac-distribuicao-de-esperas",
        title,
        (
            Column("wait", "Espera"),
            *columns_of(_SPREAD),
            Column("upto", "Atendidas até aqui ÷ atendidas", Shape.SHARE),
        ),
        rows,
        {"wait": TOTAL, **totals, "upto": None},
        Chart(Drawn.BARS, "wait", ("answered", "abandoned"), title),
        notes=(STAY, WAIT, NO_TESTS),
    )


_DAY: Final = ("dac-nivel-de-servico-dia", "Nível de serviço por dia, contra a meta")
_MONTH: Final = ("dac-nivel-de-servico-mes", "Nível de serviço por mês, contra a meta")

REPORTS: Final = [
    Report(*_DAY, "4.3.2.3.8", _LEVEL_TAKES, partial(_levels, *_DAY, DAY)),
    Report(*_MONTH, "4.3.2.3.8", _LEVEL_TAKES, partial(_levels, *_MONTH, MONTH)),
    Report(
        "dac-distribuicao-de-esperas",
        "Distribuição das esperas",
        "4.3.2.3.11",
        TAKES - {"interval"},
        _spread,
    ),
]
