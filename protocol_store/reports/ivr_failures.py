"""What failed before a citizen could be helped, and whose part it was.

ura-falhas-rede       between the carrier, the switch and us: turned away, not delivered, links
                      lost, numbers outside that nobody reached
ura-falhas-servidor   of our own: calls the switch served alone, calls cut, nodes and look-ups
                      that failed, control starting anew
ura-consultas         what systems of the city answered to the tree, by system and node
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, select

from protocol_store.contract_tables import carrier_days, refused_minutes, switch_marks
from protocol_store.reports.acd_visits import NO_TESTS, RECEIVED, that_came_in
from protocol_store.reports.asked import CITY, Buckets, buckets
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
from protocol_store.visit_tables import legs, lookups, node_visits
from terms.names import Instant
from terms.outcome import CallOutcome
from terms.sheet import Asked, Chart, Column, Drawn, Shape, Sheet

_Found = dict[tuple[Any, ...], Sums]
_TAKES: Final = frozenset({"interval", "line"})


def _of_line(asked: Asked, column: Any) -> list[Any]:
    return [column == asked.line] if asked.line else []


def _together(figures: tuple[Figure, ...], *found: _Found) -> _Found:
    """Several questions' counts by interval, as one row an interval."""
    sums: _Found = {}
    for part in found:
        for key, row in part.items():
            sums[key] = sums.get(key, nothing(figures)) | row
    return sums


# --- the network (4.3.1.3.16) ---
_REFUSED: Final = (
    Count(
        "full",
        "Recusadas: canais todos ocupados",
        lambda _: func.sum(refused_minutes.c.calls).filter(refused_minutes.c.because == "cap"),
    ),
    Count(
        "stopping",
        "Recusadas: Central parando",
        lambda _: func.sum(refused_minutes.c.calls).filter(refused_minutes.c.because != "cap"),
    ),
)
_OUTSIDE: Final = Count(
    "outside",
    "Números de fora sem resposta",
    lambda _: count_if(legs.c.answered_at.is_(None)),
)
_LINKS: Final = (
    Count("lost", "Quedas da ligação com a central telefônica", lambda _: func.count()),
    Count("without", "Tempo sem essa ligação", lambda _: func.count(), Shape.SECONDS),
)
_NETWORK: Final[tuple[Figure, ...]] = (RECEIVED, *_REFUSED, _OUTSIDE, *_LINKS)


def _network(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    received = sums_by(
        connection,
        asked,
        calls,
        (RECEIVED,),
        {"bucket": spans.key(calls.c.arrived_minute)},
        that_came_in(asked, spans),
    )
    minute = refused_minutes.c.minute
    where = [spans.within(minute), *_of_line(asked, refused_minutes.c.line)]
    refused = sums_by(
        connection, asked, refused_minutes, _REFUSED, {"bucket": spans.key(minute)}, where
    )
    sums = _together(
        _NETWORK,
        received,
        refused,
        _outside(connection, asked, spans),
        _outages(connection, asked, spans),
    )
    sheet = Sheet(
        "ura-falhas-rede",
        "URA: falhas de rede",
        (),
        (),
        asked=_carrier(connection, asked),
        chart=Chart(Drawn.BARS, "interval", ("full", "stopping", "outside", "lost"), "Falhas"),
        notes=(
            "Recusadas: chamadas que a central telefônica não aceitou, sem protocolo e fora das "
            "recebidas (R75). Números de fora sem resposta: destinos externos que não atenderam.",
            "Sem a ligação com a central telefônica as chamadas seguem pelo caminho dela; o tempo "
            "sem ligação vai da queda até a central ser vista de novo, nunca além do período. "
            "Quedas e tempo são da Central toda, não de uma linha.",
            NO_TESTS,
        ),
    )
    return sheet_by_interval(sheet, spans, _NETWORK, sums)


def _outside(connection: Connection, asked: Asked, spans: Buckets) -> _Found:
    where = [spans.within(legs.c.began_minute), legs.c.who == "outside", legs.c.test.is_(False)]
    if asked.line:
        mine = select(calls.c.call_id).where(calls.c.line == asked.line)
        where.append(legs.c.call_id.in_(mine))
    by = {"bucket": spans.key(legs.c.began_minute)}
    return sums_by(connection, asked, legs, (_OUTSIDE,), by, where)


def outages(
    connection: Connection, since: Instant, until: Instant
) -> list[tuple[Instant, Instant]]:
    """When the link was lost, from and until, within the period."""
    marks = switch_marks.c
    before = connection.execute(
        select(marks.at, marks.what).where(marks.at < since).order_by(marks.at.desc()).limit(1)
    ).first()
    lost: Instant | None = since if before is not None and before.what == "lost" else None
    told = connection.execute(
        select(marks.at, marks.what).where(marks.at >= since, marks.at < until).order_by(marks.at)
    )
    found = []
    for at, what in told:
        if what == "lost":
            lost = at if lost is None else lost
        elif lost is not None:
            found.append((lost, at))
            lost = None
    return found if lost is None else [*found, (lost, until)]


def _outages(connection: Connection, asked: Asked, spans: Buckets) -> _Found:
    """How often the link was lost in each interval, and for how long it was away in it."""
    found: _Found = {}
    gone = outages(connection, asked.since, asked.until)
    if not gone:
        return found
    starts = [spans.begins(key) for key in spans.keys]
    for key, begin, end in zip(spans.keys, starts, [*starts[1:], spans.last * 60.0], strict=True):
        lost = sum(begin <= one < end for one, _ in gone if one > asked.since)
        without = sum(max(0.0, min(end, back) - max(begin, one)) for one, back in gone)
        if lost or without:
            found[key,] = {"lost": lost, "without": without}
    return found


def _carrier(connection: Connection, asked: Asked) -> tuple[tuple[str, str], ...]:
    """What the carrier says of its own deliveries on the days of the period, if it has."""
    days = carrier_days.c
    first, last = (datetime.fromtimestamp(at, CITY).date() for at in (asked.since, asked.until - 1))
    question = select(
        func.count(),
        func.coalesce(func.sum(days.offered), 0),
        func.coalesce(func.sum(days.busy + days.no_answer + days.failed), 0),
    ).where(days.day >= first.isoformat(), days.day <= last.isoformat())
    told, offered, lost = connection.execute(question.where(*_of_line(asked, days.line))).one()
    if not told:
        return (("arquivo da operadora", "nenhum para estes dias"),)
    return (("arquivo da operadora", f"{lost} não entregues de {offered} oferecidas"),)


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
    sums = _together(_SERVER, in_calls, in_tree, looked, began)
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
    return [*found, *_of_line(asked, lookups.c.line)]


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
    Report("ura-falhas-rede", "URA: falhas de rede", "4.3.1.3.16", _TAKES, _network),
    Report("ura-falhas-servidor", "URA: falhas de servidor", "4.3.1.3.17", _TAKES, _server),
    Report(
        "ura-consultas",
        "URA: consultas a sistemas, por origem",
        "4.3.1.3.21",
        frozenset({"line", "node"}),
        _by_source,
    ),
)
