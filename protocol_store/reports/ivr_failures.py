"""What of our own failed before a citizen could be helped, and what the city's systems answered.

ura-falhas-servidor   calls the switch served alone, calls cut, nodes and look-ups that failed,
                      control starting anew
ura-consultas         answers of the city's systems to the tree, by system and node
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, func

from protocol_store.reports.acd_visits import NO_TESTS, RECEIVED, that_came_in
from protocol_store.reports.asked import Buckets, buckets
from protocol_store.reports.counting import (
    Count,
    Figure,
    Ratio,
    Sums,
    count_if,
    nothing,
    ratio,
    sheet_by_interval,
    sheet_by_names,
    sums_by,
)
from protocol_store.reports.ivr_nodes import LINE, in_nodes
from protocol_store.reports.ivr_resources import minute_of
from protocol_store.reports.report import Report
from protocol_store.tables import calls, leadership
from protocol_store.visit_tables import lookups, node_visits
from terms.outcome import CallOutcome
from terms.sheet import Asked, Chart, Column, Drawn, Sheet

Found = dict[tuple[Any, ...], Sums]


def of_line(asked: Asked, column: Any) -> list[Any]:
    """That a row is of the line that was asked for, if one was."""
    return [column == asked.line] if asked.line else []


def together(figures: tuple[Figure, ...], *found: Found) -> Found:
    """Several questions' counts by interval, as one row an interval."""
    sums: Found = {}
    for part in found:
        for key, row in part.items():
            sums[key] = sums.get(key, nothing(figures)) | row
    return sums


# --- our servers (4.3.1.3.17) ---
_FAILED: Final = "falhou"
_CALLS: Final[tuple[Count, ...]] = (
    RECEIVED,
    Count(
        "static",
        "Atendidas só pela central telefônica",
        lambda _: count_if(calls.c.static.is_(True)),
    ),
    Count(
        "interrupted",
        "Interrompidas por nós",
        lambda _: count_if(calls.c.outcome == CallOutcome.INTERRUPTED.value),
    ),
)
_NODES: Final = Count("nodes", "Etapas com falha", lambda _: func.count())
_ASKED: Final = (
    Count("asked", "Consultas", lambda _: func.count()),
    Count("failed", "… que falharam", lambda _: count_if(lookups.c.how == _FAILED)),
)
_STARTS: Final = Count("starts", "Partidas do controle", lambda _: func.count())
_SERVER: Final[tuple[Figure, ...]] = (
    *_CALLS,
    _NODES,
    *_ASKED,
    Ratio("failed_share", "Consultas que falharam", ratio("failed", "asked")),
    _STARTS,
)


def _server(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)

    def by(minute: Any) -> Mapping[str, Any]:
        return {"bucket": spans.key(minute)}

    came = by(calls.c.arrived_minute)
    in_calls = sums_by(connection, asked, calls, _CALLS, came, that_came_in(asked, spans))
    failing = [*in_nodes(asked, spans), node_visits.c.how == "failure"]
    entered = by(node_visits.c.entered_minute)
    in_tree = sums_by(connection, asked, node_visits, (_NODES,), entered, failing)
    minute = lookups.c.minute
    looked = sums_by(connection, asked, lookups, _ASKED, by(minute), _lookups(asked, spans))
    taken = minute_of(leadership.c.taken_at)
    began = sums_by(connection, asked, leadership, (_STARTS,), by(taken), [spans.within(taken)])
    sheet = Sheet(
        "ura-falhas-servidor",
        "URA: falhas de servidor",
        (),
        (),
        chart=Chart(Drawn.BARS, "interval", ("static", "interrupted", "failed"), "Falhas"),
        notes=(
            "Só pela central telefônica: o controle não respondeu a tempo e ela mesma levou a "
            "pessoa a um atendente (R02). Interrompidas por nós: cortadas, ou sem fim conhecido.",
            "Partidas do controle são da Central toda, não de uma linha; a primeira do período "
            "pode ser uma parada planejada.",
            NO_TESTS,
        ),
    )
    sums = together(_SERVER, in_calls, in_tree, looked, began)
    return sheet_by_interval(sheet, spans, _SERVER, sums)


# --- look-ups by source (4.3.1.3.21) ---
_LOOKED: Final[tuple[Figure, ...]] = (
    Count("asked", "Consultas", lambda _: func.count()),
    Count("found", "Acharam", lambda _: count_if(lookups.c.how == "achou")),
    Count("missing", "Não acharam", lambda _: count_if(lookups.c.how == "nao_achou")),
    Count("failed", "Falharam", lambda _: count_if(lookups.c.how == _FAILED)),
    Ratio("failed_share", "Falharam ÷ consultas", ratio("failed", "asked")),
)


def _lookups(asked: Asked, spans: Buckets) -> list[Any]:
    found = [spans.within(lookups.c.minute), lookups.c.test.is_(False)]
    if asked.node:
        found.append(lookups.c.node == asked.node)
    return [*found, *of_line(asked, lookups.c.line)]


def _by_source(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    by = {"place": lookups.c.place, "line": lookups.c.line, "node": lookups.c.node}
    sums = sums_by(connection, asked, lookups, _LOOKED, by, _lookups(asked, spans))
    sheet = Sheet(
        "ura-consultas",
        "URA: consultas a sistemas, por origem",
        (),
        (),
        chart=Chart(Drawn.BARS, "place", ("found", "missing", "failed"), "Consultas por sistema"),
        notes=(
            "Sistema: o serviço consultado, como em servicos.yaml. Falhou: não respondeu dentro "
            "do prazo, ou respondeu o que não se entende; a pessoa segue pelo caminho de falha.",
            NO_TESTS,
        ),
    )
    names = (Column("place", "Sistema"), LINE, Column("node", "Etapa"))
    return sheet_by_names(sheet, names, _LOOKED, sums)


REPORTS: Final = (
    Report(
        "ura-falhas-servidor",
        "URA: falhas de servidor",
        "4.3.1.3.17",
        frozenset({"interval", "line"}),
        _server,
    ),
    Report(
        "ura-consultas",
        "URA: consultas a sistemas, por origem",
        "4.3.1.3.21",
        frozenset({"line", "node"}),
        _by_source,
    ),
)
