"""By whom the IVR was called, and by which ways they went through it.

ura-por-numero   by the caller's number (ANI), those who called most first; masked
ura-por-area     by the area code of the number
ura-caminhos     whole paths through the tree, the most usual first
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from sqlalchemy import Connection, Select, Subquery, Text, case, cast, func, select

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
from protocol_store.sights import seen
from protocol_store.tables import calls
from protocol_store.visit_tables import node_visits as visits
from terms import limits
from terms.names import ANONYMOUS
from terms.sheet import Asked, Chart, Column, Drawn, Row, Shape, Sheet

HIDDEN: Final = "não identificado"
JOINT: Final = " › "
FURTHER: Final = "…"
_PLACE: Final = 100
"""Added to a step's place, so that all have three digits and sort as text."""
_APART: Final = "\n"


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
    all_seen = func.min(case((seen(asked.reveal), 1), else_=0)).label("whole")
    each = select(calls.c.caller, *counted, last, all_seen).where(*where).group_by(calls.c.caller)
    found = each.subquery("found")
    rows, numbers = [], 0
    for row in connection.execute(_most_first(found, found.c.received, limits.CALLERS_SHOWN)):
        told = dict(row._mapping)
        numbers, whole = told.pop("numbers"), bool(told.pop("whole"))
        rows.append({**told, "caller": _number(told["caller"], whole)})
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
def _counted_paths(connection: Connection, asked: Asked) -> Counter[tuple[str, str]]:
    """How many calls took each path of each line.

    The database gathers a call's steps in whatever order it has them, each with its place in front;
    equal paths are put in order and together here: sorting every call there would take longer.
    """
    spans = buckets(asked)
    node = case((visits.c.ordinal > limits.PATH_NODES, FURTHER), else_=visits.c.node)
    placed = cast(visits.c.ordinal + _PLACE, Text) + node
    first = visits.c.ordinal == 1
    each = (
        select(
            func.max(case((first, visits.c.line))).label("line"),
            func.max(case((first, visits.c.entered_minute))).label("minute"),
            func.aggregate_strings(placed, _APART).label("steps"),
        )
        .where(
            visits.c.entered_minute >= spans.first,
            visits.c.entered_minute < spans.last + limits.REPORT_LOOKS_BACK,
            visits.c.ordinal <= limits.PATH_NODES + 1,
            visits.c.test.is_(False),
            *of_calls(asked, spans, visits.c.call_id),
        )
        .group_by(visits.c.call_id)
        .subquery("each")
    )
    # a call whose first step was before the period has no minute here
    whole = [each.c.minute < spans.last, *([each.c.line == asked.line] if asked.line else [])]
    question = (
        select(each.c.line, each.c.steps, func.count().label("calls"))
        .where(*whole)
        .group_by(each.c.line, each.c.steps)
    )
    counted: Counter[tuple[str, str]] = Counter()
    for line, steps, many in connection.execute(question):
        in_order = sorted(steps.split(_APART))
        counted[line, JOINT.join(step[len(str(_PLACE)) :] for step in in_order)] += many
    return counted


def _paths(connection: Connection, asked: Asked) -> Sheet:
    counted = _counted_paths(connection, asked)
    most = sorted(counted.items(), key=lambda one: (-one[1], one[0]))[: limits.PATHS_SHOWN]
    total, different = counted.total(), len(counted)
    rows: list[Row] = []
    so_many = 0
    for (line, path), many in most:
        so_many += many
        shares = {"share": share(many, total), "so_far": share(so_many, total)}
        rows.append({"line": line, "path": path, "calls": many, **shares})
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
