"""By whom the IVR was called, and by which ways they went through it.

ura-por-numero   by the caller's number (ANI), those who called most first; masked
ura-por-area     by the area code of the number
ura-caminhos     whole paths through the tree, the most usual first
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Select, Subquery, case, func, select

from protocol_store.masking import masked_number
from protocol_store.reports.acd_visits import NO_TESTS, RECEIVED, that_came_in
from protocol_store.reports.asked import buckets
from protocol_store.reports.counting import (
    TOTAL,
    Count,
    Figure,
    Ratio,
    added,
    columns_of,
    count_if,
    of_calls,
    share,
    sheet_by_names,
    shown,
    sums_by,
)
from protocol_store.reports.ivr_calls import ARRIVAL, BALANCE, TAKES, USE, course
from protocol_store.reports.ivr_nodes import LINE, largest_first
from protocol_store.reports.report import Report
from protocol_store.tables import calls
from protocol_store.visit_tables import node_visits as visits
from terms import limits
from terms.names import ANONYMOUS
from terms.sheet import Asked, Chart, Column, Drawn, Row, Shape, Sheet

HIDDEN: Final = "não identificado"
JOINT: Final = " › "
FURTHER: Final = "…"


# --- by number (4.3.1.3.18) ---
_ANSWERED: Final = Count(
    "answered", "Atendidas por pessoa", lambda _: count_if(calls.c.answered_at.is_not(None))
)
_CALLER: Final[tuple[Count, ...]] = (
    RECEIVED,
    *(course(name) for name in ("ended_in_menu", "messages", "queued", "left_in_menu")),
    _ANSWERED,
)


def _by_number(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    where = that_came_in(asked, spans)
    counted = [one.asks(asked).label(one.name) for one in _CALLER]
    last = func.max(calls.c.arrived_at).label("last")
    each = select(calls.c.caller, *counted, last).where(*where).group_by(calls.c.caller)
    found = each.subquery("found")
    rows, numbers = [], 0
    for row in connection.execute(_most_first(found, found.c.received, limits.CALLERS_SHOWN)):
        told = dict(row._mapping)
        numbers = told.pop("numbers")
        rows.append({**told, "caller": _number(told["caller"], asked.reveal)})
    total = added(_CALLER, sums_by(connection, asked, calls, _CALLER, {}, where).values())
    return Sheet(
        "ura-por-numero",
        "URA: por número de quem ligou (ANI)",
        (
            Column("caller", "Número"),
            *columns_of(_CALLER),
            Column("last", "Última chamada", Shape.INSTANT),
        ),
        rows,
        totals={"caller": TOTAL, **shown(_CALLER, total)},
        cut=numbers - len(rows),
        asked=(("números diferentes", str(numbers)),),
        notes=(
            "Quem mais ligou vem primeiro. Os números saem mascarados, salvo para quem pode "
            "vê-los; dois números diferentes podem parecer iguais.",
            *(ARRIVAL, NO_TESTS),
        ),
    )


def _most_first(found: Subquery, by: Any, most: int) -> Select[Any]:
    numbers = func.count().over().label("numbers")
    return select(found, numbers).order_by(by.desc(), found.c[0]).limit(most)


def _number(caller: str, reveal: bool) -> str:
    if caller in ("", ANONYMOUS):
        return HIDDEN
    return caller if reveal else masked_number(caller)


# --- by area (4.3.1.3.19) ---
def _by_area(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    by = {"area": calls.c.area}
    sums = sums_by(connection, asked, calls, USE, by, that_came_in(asked, spans))
    whole = sum(row["received"] for row in sums.values())
    figures: tuple[Figure, ...] = (
        *USE,
        Ratio("share", "Do total", lambda row: share(row["received"], whole)),
    )
    named = {(area or HIDDEN,): row for (area,), row in sums.items()}
    sheet = Sheet(
        "ura-por-area",
        "URA: por área (DDD) de quem ligou",
        (),
        (),
        chart=Chart(Drawn.BARS, "area", ("received",), "Chamadas por DDD"),
        notes=(
            "DDD do número; não identificado: número oculto, curto ou de fora do país.",
            *(BALANCE, ARRIVAL, NO_TESTS),
        ),
    )
    return largest_first(
        sheet_by_names(sheet, (Column("area", "DDD"),), figures, named), "received"
    )


# --- whole paths (4.3.1.3.20) ---
def _paths(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    in_order: dict[str, Any] = {
        "partition_by": visits.c.call_id,
        "order_by": visits.c.ordinal,
    }
    step = case((visits.c.ordinal > limits.PATH_NODES, FURTHER), else_=visits.c.node)
    so_far = func.aggregate_strings(step, JOINT).over(**in_order, rows=(None, 0))
    where = [
        visits.c.entered_minute >= spans.first,
        visits.c.entered_minute < spans.last + limits.REPORT_LOOKS_BACK,
        visits.c.ordinal <= limits.PATH_NODES + 1,
        visits.c.test.is_(False),
        *of_calls(asked, spans, visits.c.call_id),
    ]
    each = (
        select(
            func.first_value(visits.c.line).over(**in_order).label("line"),
            func.first_value(visits.c.ordinal).over(**in_order).label("begins"),
            func.first_value(visits.c.entered_minute).over(**in_order).label("minute"),
            so_far.label("path"),
            func.lead(visits.c.ordinal).over(**in_order).label("next"),
        )
        .where(*where)
        .subquery("each")
    )
    whole = [each.c.next.is_(None), each.c.begins == 1, each.c.minute < spans.last]
    if asked.line:
        whole.append(each.c.line == asked.line)
    found = (
        select(each.c.line, each.c.path, func.count().label("calls"))
        .where(*whole)
        .group_by(each.c.line, each.c.path)
        .subquery("found")
    )
    every = func.sum(found.c.calls).over().label("every")
    paths = func.count().over().label("paths")
    most = select(found, every, paths).order_by(found.c.calls.desc(), found.c.line, found.c.path)
    told = connection.execute(most.limit(limits.PATHS_SHOWN)).all()
    total, different = (int(told[0].every), told[0].paths) if told else (0, 0)
    rows: list[Row] = []
    so_many = 0
    for row in told:
        so_many += row.calls
        shares = {"share": share(row.calls, total), "so_far": share(so_many, total)}
        rows.append({"line": row.line, "path": row.path, "calls": row.calls, **shares})
    return Sheet(
        "ura-caminhos",
        "URA: caminhos mais percorridos",
        (
            *(LINE, Column("path", "Caminho"), Column("calls", "Chamadas", Shape.COUNT)),
            Column("share", "Do total", Shape.SHARE),
            Column("so_far", "Até aqui", Shape.SHARE),
        ),
        rows,
        totals={"line": TOTAL, "calls": total},
        cut=different - len(rows),
        asked=(("caminhos diferentes", str(different)),),
        notes=(
            "Caminho: as etapas na ordem em que a pessoa passou por elas, desde a chegada até o "
            f"fim da chamada; depois de {limits.PATH_NODES} etapas, «{FURTHER}».",
            "A chamada conta no período em que entrou na primeira etapa.",
            NO_TESTS,
        ),
    )


REPORTS: Final = (
    Report(
        "ura-por-numero", "URA: por número de quem ligou (ANI)", "4.3.1.3.18", TAKES, _by_number
    ),
    Report("ura-por-area", "URA: por área (DDD) de quem ligou", "4.3.1.3.19", TAKES, _by_area),
    Report("ura-caminhos", "URA: caminhos mais percorridos", "4.3.1.3.20", TAKES, _paths),
)
