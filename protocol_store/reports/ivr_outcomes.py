"""How calls left the IVR: settled there, handed on, given up, with or without a key.

ura-retencao             what the IVR settled without a person, by both usual formulas
ura-desfechos            without any key / given up / completed
ura-abandonos            given up within X s and after more than X s, by interval
ura-abandonos-por-etapa  the same, by the node where the citizen was
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, exists, func, or_

from protocol_store.reports.acd_visits import NO_TESTS, RECEIVED, that_came_in
from protocol_store.reports.asked import Buckets, buckets
from protocol_store.reports.counting import (
    Count,
    Figure,
    Ratio,
    count_if,
    nothing,
    ratio,
    seconds_between,
    share,
    sheet_by_interval,
    sheet_by_names,
    sum_if,
    sums_by,
)
from protocol_store.reports.ivr_calls import ARRIVAL, BALANCE, COURSE, TAKES, USE, course
from protocol_store.reports.ivr_nodes import LINE, NODE, largest_first
from protocol_store.reports.report import Report
from protocol_store.tables import calls
from protocol_store.visit_tables import node_visits
from terms import limits
from terms.outcome import CallOutcome
from terms.sheet import Asked, Chart, Drawn, Shape, Sheet

LEFT: Final = "left_in_menu"
NOWHERE: Final = "(antes da primeira etapa)"
"""Where calls ended that never came to a node."""


# --- retention (4.3.1.3.9) ---
def _retained(row: Mapping[str, Any]) -> int:
    return int(row["ended_in_menu"]) + int(row["messages"])


_RETENTION: Final[tuple[Figure, ...]] = (
    *USE,
    Ratio("retained", "Retidas", _retained, Shape.COUNT),
    Ratio("of_received", "Retidas ÷ recebidas", lambda row: share(_retained(row), row["received"])),
    Ratio(
        "of_settled",
        "Retidas ÷ (retidas + à fila)",
        lambda row: share(_retained(row), _retained(row) + row["queued"]),
    ),
)


def _retention(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    by = {"bucket": spans.key(calls.c.arrived_minute)}
    sums = sums_by(connection, asked, calls, _RETENTION, by, that_came_in(asked, spans))
    sheet = Sheet(
        "ura-retencao",
        "URA: retenção",
        (),
        (),
        chart=Chart(Drawn.LINES, "interval", ("of_received", "of_settled"), "Retenção na URA"),
        notes=(
            "Retidas: concluídas na URA ou com recado gravado, sem passar por fila nem atendente.",
            "As duas fórmulas usuais, lado a lado: sobre todas as recebidas, e só sobre as que a "
            "URA resolveu ou passou à fila (sem as desistências).",
            *(BALANCE, ARRIVAL, NO_TESTS),
        ),
    )
    return sheet_by_interval(sheet, spans, _RETENTION, sums)


# --- without a key, given up, completed (4.3.1.3.10) ---
_COMPLETED: Final = or_(*(COURSE[name][1] for name in ("ended_in_menu", "messages", "queued")))
_CUT: Final = or_(*(COURSE[name][1] for name in ("refused", "cut", "static")))
_COUNTED: Final[tuple[Count, ...]] = (
    RECEIVED,
    Count("completed", "Completadas", lambda _: count_if(_COMPLETED)),
    Count(LEFT, "Desistiram na URA", lambda _: count_if(COURSE[LEFT][1])),
    Count("cut", "Interrompidas, recusadas, sem URA", lambda _: count_if(_CUT)),
    course("in_menu"),
)
_SILENT: Final[tuple[Figure, ...]] = (
    Count("silent", "Sem tecla alguma", lambda _: func.count()),
    Count("silent_completed", "… completadas", lambda _: count_if(_COMPLETED)),
    Count("silent_left", "… desistiram", lambda _: count_if(COURSE[LEFT][1])),
    Ratio("silent_share", "Sem tecla ÷ recebidas", ratio("silent", "received")),
)
_OUTCOMES: Final[tuple[Figure, ...]] = (*_COUNTED, *_SILENT)


def _never_dialled(spans: Buckets) -> ColumnElement[bool]:
    """That no key at all was pressed in a call, valid or not."""
    pressed = exists().where(
        node_visits.c.call_id == calls.c.call_id,
        node_visits.c.key != "",
        node_visits.c.entered_minute >= spans.first,
        node_visits.c.entered_minute < spans.last + limits.REPORT_LOOKS_BACK,
    )
    return ~pressed


def _outcomes(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    by = {"bucket": spans.key(calls.c.arrived_minute)}
    where = that_came_in(asked, spans)
    sums = sums_by(connection, asked, calls, _COUNTED, by, where)
    # a question of its own: those without any are few, and found faster than each one's keys
    without = [*where, _never_dialled(spans)]
    for key, silent in sums_by(connection, asked, calls, _SILENT, by, without).items():
        sums[key] |= silent
    sums = {key: nothing(_OUTCOMES) | row for key, row in sums.items()}
    sheet = Sheet(
        "ura-desfechos",
        "URA: sem tecla, desistências e completadas",
        (),
        (),
        chart=Chart(Drawn.LINES, "interval", ("completed", LEFT, "silent"), "Desfechos na URA"),
        notes=(
            "Completadas: concluídas na URA, com recado, ou passadas à fila. Recebidas = "
            "completadas + desistiram + interrompidas, recusadas ou sem URA + ainda na URA.",
            "Sem tecla alguma: nenhuma tecla, certa ou errada, em toda a chamada; quem não tecla "
            "nada é levado a um atendente (R06).",
            *(ARRIVAL, NO_TESTS),
        ),
    )
    return sheet_by_interval(sheet, spans, _OUTCOMES, sums)


# --- given up within X s, and after (4.3.1.3.14 and 15) ---
_TOOK: Final = seconds_between(calls.c.arrived_at, calls.c.ended_at)
_GAVE_UP: Final = COURSE[LEFT][1]
_LEAVING: Final[tuple[Figure, ...]] = (
    course(LEFT),
    Count("within", "Até X s", lambda asked: count_if(_GAVE_UP, asked.beyond >= _TOOK)),
    Count("beyond", "Mais de X s", lambda asked: count_if(_GAVE_UP, asked.beyond < _TOOK)),
    Count("took", "", lambda _: sum_if(_TOOK, _GAVE_UP), Shape.SECONDS, shown=False),
    Ratio("mean", "Tempo médio até desistir", ratio("took", LEFT), Shape.SECONDS),
)
_X: Final = (
    "X é livre em cada consulta (R76). O tempo vai da chegada até a pessoa desligar na URA, antes "
    "de qualquer fila; as desistências na fila estão nos relatórios do DAC."
)


def _abandoned(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    figures: tuple[Figure, ...] = (
        RECEIVED,
        *_LEAVING,
        Ratio("share", "Desistências ÷ recebidas", ratio(LEFT, "received")),
        Ratio("share_beyond", "Mais de X s ÷ recebidas", ratio("beyond", "received")),
    )
    by = {"bucket": spans.key(calls.c.arrived_minute)}
    sums = sums_by(connection, asked, calls, figures, by, that_came_in(asked, spans))
    sheet = Sheet(
        "ura-abandonos",
        "URA: desistências até X s e após X s",
        (),
        (),
        chart=Chart(Drawn.BARS, "interval", ("within", "beyond"), "Desistências na URA"),
        notes=(_X, ARRIVAL, NO_TESTS),
    )
    return sheet_by_interval(sheet, spans, figures, sums)


def _abandoned_at(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    node = func.coalesce(func.nullif(calls.c.left_at_node, ""), NOWHERE)
    gave_up = calls.c.outcome == CallOutcome.LEFT_IN_MENU.value  # stands in the index
    where = [*that_came_in(asked, spans), gave_up]
    if asked.node:
        where.append(calls.c.left_at_node == asked.node)
    by = {"line": calls.c.line, "node": node}
    sums = sums_by(connection, asked, calls, _LEAVING, by, where)
    total = sum(row[LEFT] for row in sums.values())
    figures = (*_LEAVING, Ratio("share", "Do total", lambda row: share(row[LEFT], total)))
    sheet = Sheet(
        "ura-abandonos-por-etapa",
        "URA: desistências até X s e após X s, por etapa",
        (),
        (),
        chart=Chart(Drawn.BARS, "node", ("within", "beyond"), "Desistências por etapa"),
        notes=(_X, "Etapa: onde a pessoa estava ao desligar.", ARRIVAL, NO_TESTS),
    )
    return largest_first(sheet_by_names(sheet, (LINE, NODE), figures, sums), LEFT)


_BY_INTERVAL: Final = TAKES | {"interval"}

REPORTS: Final = (
    Report("ura-retencao", "URA: retenção", "4.3.1.3.9", _BY_INTERVAL, _retention),
    Report(
        "ura-desfechos",
        "URA: sem tecla, desistências e completadas",
        "4.3.1.3.10",
        _BY_INTERVAL,
        _outcomes,
    ),
    Report(
        "ura-abandonos",
        "URA: desistências até X s e após X s",
        "4.3.1.3.14",
        _BY_INTERVAL | {"beyond"},
        _abandoned,
    ),
    Report(
        "ura-abandonos-por-etapa",
        "URA: desistências até X s e após X s, por etapa",
        "4.3.1.3.15",
        TAKES | {"beyond", "node"},
        _abandoned_at,
    ),
)
