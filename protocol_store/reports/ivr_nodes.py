"""Where callers were in the tree, what they did there, and where the tree lost them.

    ura-navegacao           visits of every node, how it was left, how long a stay took
    ura-opcoes              the keys of every menu, with their share
    ura-servicos-por-hora   visits of every node by hour of the day
    ura-ponto-de-time-out   where nobody pressed anything
    ura-ponto-de-abandono   where citizens hung up

A visit counts in the interval in which the node was entered. Going back to a node is one more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func

from protocol_store.reports.acd_visits import NO_TESTS
from protocol_store.reports.asked import Buckets, buckets, city_minutes
from protocol_store.reports.counting import (
    TOTAL,
    Count,
    Figure,
    Ratio,
    Sums,
    count_if,
    of_calls,
    ratio,
    seconds_between,
    share,
    sheet_by_names,
    sum_if,
    sums_by,
)
from protocol_store.reports.report import Report
from protocol_store.visit_tables import node_visits as visits
from terms.sheet import Asked, Chart, Column, Drawn, Row, Shape, Sheet

TAKES: Final = frozenset({"line", "node", "phone", "protocol"})
LINE: Final = Column("line", "Linha")
NODE: Final = Column("node", "Etapa")
A_VISIT: Final = (
    "Cada passagem por uma etapa conta no intervalo em que a pessoa entrou nela; voltar a ela "
    "conta de novo."
)
_BY_NODE: Final = {"line": visits.c.line, "node": visits.c.node}

KEY, SILENCE, INVALID, HANGUP = "key", "silence", "invalid", "hangup"
WAYS: Final = {
    KEY: "Por tecla",
    "on": "Seguiram",
    "queue": "À fila",
    SILENCE: "Sem resposta",
    INVALID: "Tecla inválida",
    HANGUP: "Desligaram",
    "transfer": "Transferidas",
    "failure": "Com falha",
}
"""How a node is left; each visit in one of these, or still there."""


def in_nodes(asked: Asked, spans: Buckets) -> list[ColumnElement[bool]]:
    """The visits that were asked for."""
    found = [spans.within(visits.c.entered_minute), visits.c.test.is_(False)]
    if asked.line:
        found.append(visits.c.line == asked.line)
    if asked.node:
        found.append(visits.c.node == asked.node)
    return found + of_calls(asked, spans, visits.c.call_id)


def largest_first(sheet: Sheet, name: str) -> Sheet:
    """The same rows, those with most of this column first."""
    return replace(sheet, rows=sorted(sheet.rows, key=lambda row: -float(row[name] or 0)))


def _left(how: str) -> Count:
    return Count(how, WAYS[how], lambda _: count_if(visits.c.how == how))


VISITS: Final = Count("visits", "Visitas", lambda _: func.count())
_LEFT: Final = visits.c.left_at.is_not(None)
_STAY: Final = seconds_between(visits.c.entered_at, visits.c.left_at)


def _by_names(
    connection: Connection, asked: Asked, sheet: Sheet, figures: Sequence[Figure], sort: str
) -> Sheet:
    spans = buckets(asked)
    where = in_nodes(asked, spans)
    sums = sums_by(connection, asked, visits, figures, _BY_NODE, where)
    return largest_first(sheet_by_names(sheet, (LINE, NODE), figures, sums), sort)


# --- navigation (4.3.1.3.4) ---
_NAVIGATION: Final[tuple[Figure, ...]] = (
    VISITS,
    *(_left(how) for how in WAYS),
    Count("there", "Ainda lá", lambda _: count_if(visits.c.how.is_(None))),
    Count("stayed", "", lambda _: sum_if(_STAY, _LEFT), Shape.SECONDS, shown=False),
    Count("left", "", lambda _: count_if(_LEFT), shown=False),
    Ratio("mean", "Permanência média", ratio("stayed", "left"), Shape.SECONDS),
)


def _navigation(connection: Connection, asked: Asked) -> Sheet:
    sheet = Sheet(
        "ura-navegacao",
        "URA: navegação",
        (),
        (),
        chart=Chart(Drawn.BARS, "node", ("visits", HANGUP), "Visitas por etapa"),
        notes=(
            A_VISIT,
            "Visitas = soma dos modos de saída + ainda lá. «Seguiram» são as que a própria etapa "
            "levou adiante; «com falha», as que a Central ou um sistema consultado não completou.",
            NO_TESTS,
        ),
    )
    return _by_names(connection, asked, sheet, _NAVIGATION, "visits")


# --- options (4.3.1.3.8) ---
_WITHOUT_KEY: Final = {SILENCE: "(sem resposta)", HANGUP: "(desligou)", None: "(ainda lá)"}


def _options(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    by = {**_BY_NODE, "how": visits.c.how, "key": visits.c.key}
    sums = sums_by(connection, asked, visits, (VISITS,), by, in_nodes(asked, spans))
    counted: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    chosen: dict[tuple[str, str], int] = defaultdict(int)
    for (line, node, how, key), row in sums.items():
        counted[line, node][_option(how, key)] += row["visits"]
        if how in (KEY, INVALID, SILENCE):
            chosen[line, node] += row["visits"]
    rows: list[Row] = []
    for line, node in sorted(chosen, key=lambda name: (-sum(counted[name].values()), name)):
        options = counted[line, node]
        whole = sum(options.values())
        rows += [
            {"line": line, "node": node, "key": key, "visits": count, "share": share(count, whole)}
            for key, count in sorted(options.items(), key=lambda one: (-one[1], one[0]))
        ]
    return Sheet(
        "ura-opcoes",
        "URA: uso por opção",
        (
            *(LINE, NODE, Column("key", "Tecla")),
            Column("visits", "Escolhas", Shape.COUNT),
            Column("share", "Das visitas da etapa", Shape.SHARE),
        ),
        rows,
        totals={"line": TOTAL, "visits": sum(int(row["visits"] or 0) for row in rows)},
        notes=(
            "Só etapas em que alguma tecla foi esperada. # é um número digitado, nunca qual; em "
            "cada etapa as parcelas somam as visitas.",
            *(A_VISIT, NO_TESTS),
        ),
    )


def _option(how: str | None, key: str) -> str:
    if how == KEY and key:
        return key
    if how == INVALID:
        return f"{key} (inválida)".strip()
    return _WITHOUT_KEY.get(how, "(sem tecla)")


# --- by hour of the day (4.3.1.3.8) ---
_HOURS: Final = tuple(Column(f"h{hour:02d}", f"{hour:02d}h", Shape.COUNT) for hour in range(24))


def _by_hour(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    clock = city_minutes(visits.c.entered_minute, asked.since, asked.until)
    by = {**_BY_NODE, "hour": clock // 60 % 24}
    sums = sums_by(connection, asked, visits, (VISITS,), by, in_nodes(asked, spans))
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for (line, node, hour), row in sums.items():
        none = {"line": line, "node": node, "visits": 0, **{one.name: 0 for one in _HOURS}}
        there = found.setdefault((line, node), none)
        there[_HOURS[hour].name] += row["visits"]
        there["visits"] += row["visits"]
    rows = sorted(found.values(), key=lambda row: (-row["visits"], row["line"], row["node"]))
    columns = (Column("visits", "Visitas", Shape.COUNT), *_HOURS)
    total: Row = {one.name: sum(row[one.name] for row in rows) for one in columns}
    return Sheet(
        "ura-servicos-por-hora",
        "URA: etapas e serviços por hora do dia",
        (LINE, NODE, *columns),
        rows,
        totals={"line": TOTAL, **total},
        notes=("Hora do relógio de São Paulo, somada sobre o período.", A_VISIT, NO_TESTS),
    )


# --- where nobody pressed anything, where they hung up (4.3.1.3.11 and 13) ---
def _point(
    connection: Connection, asked: Asked, by: Count, sheet: Sheet, after: Sequence[Figure]
) -> Sheet:
    """The nodes where `by` happened, those where it did most first."""
    spans = buckets(asked)
    asks = (VISITS, by, *after)
    where = in_nodes(asked, spans)
    sums: dict[tuple[Any, ...], Sums] = sums_by(connection, asked, visits, asks, _BY_NODE, where)
    lost = {names: row for names, row in sums.items() if row[by.name]}
    whole = sum(row[by.name] for row in lost.values())
    told = (
        *(VISITS, by),
        Ratio("of_all", "Do total", lambda row: share(row[by.name], whole)),
        *after,
    )
    return largest_first(sheet_by_names(sheet, (LINE, NODE), told, lost), by.name)


def _time_outs(connection: Connection, asked: Asked) -> Sheet:
    times = Count(
        "times",
        "Vezes sem resposta",
        lambda _: func.coalesce(func.sum(visits.c.silences), 0),
    )
    after = (
        _left(SILENCE),
        Ratio("of_visits", "Terminaram assim ÷ visitas", ratio(SILENCE, "visits")),
    )
    sheet = Sheet(
        "ura-ponto-de-time-out",
        "URA: ponto de time-out",
        (),
        (),
        chart=Chart(Drawn.BARS, "node", ("times",), "Vezes sem resposta, por etapa"),
        notes=(
            "Vezes sem resposta: o tempo acabou sem que a pessoa teclasse. «Sem resposta» são as "
            "visitas que terminaram assim: a pessoa foi levada adiante. Só etapas em que isso "
            "aconteceu; o total de visitas é o delas.",
            *(A_VISIT, NO_TESTS),
        ),
    )
    return _point(connection, asked, times, sheet, after)


def _drop_points(connection: Connection, asked: Asked) -> Sheet:
    gave_up = visits.c.how == HANGUP
    after: tuple[Figure, ...] = (
        Ratio("of_visits", "Desligaram ÷ visitas", ratio(HANGUP, "visits")),
        Count("stayed", "", lambda _: sum_if(_STAY, gave_up), Shape.SECONDS, shown=False),
        Ratio("mean", "Permanência até desligar", ratio("stayed", HANGUP), Shape.SECONDS),
    )
    sheet = Sheet(
        "ura-ponto-de-abandono",
        "URA: ponto de abandono",
        (),
        (),
        chart=Chart(Drawn.BARS, "node", (HANGUP,), "Desligaram, por etapa"),
        notes=(
            "Desligaram: a chamada acabou na etapa porque a pessoa desligou, também na pesquisa "
            "depois da conversa. Só etapas em que isso aconteceu; o total de visitas é o delas.",
            *(A_VISIT, NO_TESTS),
        ),
    )
    return _point(connection, asked, _left(HANGUP), sheet, after)


REPORTS: Final = (
    Report("ura-navegacao", "URA: navegação", "4.3.1.3.4", TAKES, _navigation),
    Report("ura-opcoes", "URA: uso por opção", "4.3.1.3.8", TAKES, _options),
    Report(
        "ura-servicos-por-hora",
        "URA: etapas e serviços por hora do dia",
        "4.3.1.3.8",
        TAKES,
        _by_hour,
    ),
    Report("ura-ponto-de-time-out", "URA: ponto de time-out", "4.3.1.3.11", TAKES, _time_outs),
    Report("ura-ponto-de-abandono", "URA: ponto de abandono", "4.3.1.3.13", TAKES, _drop_points),
)
