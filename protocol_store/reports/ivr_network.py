"""What failed between the carrier, the switch and us.

ura-falhas-rede   calls turned away, links to the switch lost, numbers outside that nobody
                  reached, and what the carrier says that it could not deliver
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from protocol_store.contract_tables import carrier_days, refused_minutes, switch_marks
from protocol_store.reports.acd_visits import NO_TESTS, RECEIVED, that_came_in
from protocol_store.reports.asked import CITY, Buckets, buckets
from protocol_store.reports.counting import (
    Count,
    Figure,
    count_if,
    sheet_by_interval,
    sums_by,
)
from protocol_store.reports.ivr_failures import Found, of_line, together
from protocol_store.reports.report import Report
from protocol_store.tables import calls
from protocol_store.visit_tables import legs
from terms import limits
from terms.names import Instant
from terms.sheet import Asked, Chart, Drawn, Shape, Sheet

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
    where = [spans.within(minute), *of_line(asked, refused_minutes.c.line)]
    refused = sums_by(
        connection, asked, refused_minutes, _REFUSED, {"bucket": spans.key(minute)}, where
    )
    sums = together(
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


def _outside(connection: Connection, asked: Asked, spans: Buckets) -> Found:
    where = [spans.within(legs.c.began_minute), legs.c.who == "outside", legs.c.test.is_(False)]
    if asked.line:
        mine = select(calls.c.call_id).where(
            calls.c.arrived_minute >= spans.first - limits.REPORT_LOOKS_BACK,
            calls.c.arrived_minute < spans.last,
            calls.c.line == asked.line,
        )
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


def _outages(connection: Connection, asked: Asked, spans: Buckets) -> Found:
    """How often the link was lost in each interval, and for how long it was away in it."""
    found: Found = {}
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
    told, offered, lost = connection.execute(question.where(*of_line(asked, days.line))).one()
    if not told:
        return (("arquivo da operadora", "nenhum para estes dias"),)
    return (("arquivo da operadora", f"{lost} não entregues de {offered} oferecidas"),)


REPORTS: Final = (
    Report(
        "ura-falhas-rede",
        "URA: falhas de rede",
        "4.3.1.3.16",
        frozenset({"interval", "line"}),
        _network,
    ),
)
