"""What became of the calls that the IVR answered, and how long it had them.

    ura-tempo-medio    mean time in the IVR, by how the call left it
    ura-uso-por-hora   by hour of the day          ura-uso-por-dia, ura-uso-por-mes
    ura-duracao        how many calls were in it for how long

The time in the IVR runs from the arrival to the first queue, or to the end of a call that came to
none; the survey after the talk is not in it. What the switch served alone never was in the IVR.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, case, func

from protocol_store.reports.acd_visits import NO_TESTS, RECEIVED, that_came_in
from protocol_store.reports.asked import DAY, MONTH, buckets, city_minutes
from protocol_store.reports.counting import (
    TOTAL,
    Count,
    Figure,
    Ratio,
    Sums,
    added,
    columns_of,
    count_if,
    nothing,
    ratio,
    seconds_between,
    sheet_by_interval,
    shown,
    sum_if,
    sums_by,
)
from protocol_store.reports.report import Report
from protocol_store.tables import calls
from protocol_store.visit_tables import queue_visits
from terms.names import Seconds
from terms.outcome import CallOutcome
from terms.sheet import Asked, Chart, Column, Drawn, Row, Shape, Sheet

TAKES: Final = frozenset({"line", "phone", "protocol"})
BALANCE: Final = (
    "Recebidas = concluídas na URA + recados + foram à fila + desistiram na URA + recusadas + "
    "interrompidas na URA + atendidas só pela central telefônica + ainda na URA."
)
ARRIVAL: Final = "A chamada conta no intervalo em que chegou; as que a Central fez ficam fora."
TIME_IN_IVR: Final = (
    "O tempo na URA vai da chegada até a primeira fila ou, sem fila, até o fim da chamada; a "
    "pesquisa depois da conversa fica fora."
)

_AWAY: Final = calls.c.first_queue.is_(None)
_ENDED: Final = and_(_AWAY, calls.c.static.is_(False), calls.c.ended_at.is_not(None))
_NAMED: Final = (
    *(CallOutcome.ENDED_IN_MENU, CallOutcome.MESSAGE_LEFT),
    *(CallOutcome.LEFT_IN_MENU, CallOutcome.REFUSED),
)


def _so(outcome: CallOutcome) -> ColumnElement[bool]:
    return and_(_ENDED, calls.c.outcome == outcome.value)


COURSE: Final[Mapping[str, tuple[str, ColumnElement[bool]]]] = {
    "ended_in_menu": ("Concluídas na URA", _so(CallOutcome.ENDED_IN_MENU)),
    "messages": ("Recados", _so(CallOutcome.MESSAGE_LEFT)),
    "queued": ("Foram à fila", calls.c.first_queue.is_not(None)),
    "left_in_menu": ("Desistiram na URA", _so(CallOutcome.LEFT_IN_MENU)),
    "refused": ("Recusadas", _so(CallOutcome.REFUSED)),
    "cut": (
        "Interrompidas na URA",
        and_(_ENDED, func.coalesce(calls.c.outcome, "").not_in([one.value for one in _NAMED])),
    ),
    "static": ("Só pela central telefônica", and_(_AWAY, calls.c.static.is_(True))),
    "in_menu": (
        "Ainda na URA",
        and_(_AWAY, calls.c.static.is_(False), calls.c.ended_at.is_(None)),
    ),
}
"""What became of a call in the IVR: each call is in exactly one of these."""


def course(name: str) -> Count:
    """How many calls took this one of COURSE."""
    title, condition = COURSE[name]
    return Count(name, title, lambda _: count_if(condition))


USE: Final[tuple[Figure, ...]] = (RECEIVED, *(course(name) for name in COURSE))

_FIRST = queue_visits.alias("first_visit")
SOURCE: Final = calls.outerjoin(
    _FIRST, and_(_FIRST.c.call_id == calls.c.call_id, _FIRST.c.ordinal == 1)
)
"""Calls, and with each the moment at which it came to its first queue."""

IVR_LEFT_AT: Final = func.coalesce(_FIRST.c.entered_at, calls.c.ended_at)
SPENT: Final = seconds_between(calls.c.arrived_at, IVR_LEFT_AT)
IN_IVR: Final = and_(calls.c.static.is_(False), IVR_LEFT_AT.is_not(None))
"""That a call was in the IVR, and has left it."""


# --- mean time (4.3.1.3.1) ---
def _spent(name: str, *conditions: ColumnElement[bool]) -> Count:
    return Count(name, "", lambda _: sum_if(SPENT, IN_IVR, *conditions), Shape.SECONDS, shown=False)


def _measured(name: str) -> Count:
    condition = COURSE[name][1]
    return Count(f"measured_{name}", "", lambda _: count_if(IN_IVR, condition), shown=False)


_MEASURED: Final = ("queued", "ended_in_menu", "left_in_menu")
_TIMES: Final[tuple[Figure, ...]] = (
    RECEIVED,
    Count("measured", "Com o tempo medido", lambda _: count_if(IN_IVR)),
    _spent("spent"),
    *(_spent(f"spent_{name}", COURSE[name][1]) for name in _MEASURED),
    *(_measured(name) for name in _MEASURED),
    Ratio("mean", "Tempo médio na URA", ratio("spent", "measured"), Shape.SECONDS),
    *(
        Ratio(f"mean_{name}", title, ratio(f"spent_{name}", f"measured_{name}"), Shape.SECONDS)
        for name, title in zip(
            _MEASURED, ("… até a fila", "… das concluídas na URA", "… até desistir"), strict=True
        )
    ),
    Count(
        "longest",
        "O mais longo",
        lambda _: func.max(case((IN_IVR, SPENT))),
        Shape.SECONDS,
        largest=True,
    ),
)


def _mean_time(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    by = {"bucket": spans.key(calls.c.arrived_minute)}
    where = that_came_in(asked, spans)
    sums = sums_by(connection, asked, SOURCE, _TIMES, by, where)
    sheet = Sheet(
        "ura-tempo-medio",
        "URA: tempo médio de atendimento",
        (),
        (),
        chart=Chart(Drawn.LINES, "interval", ("mean", "mean_queued"), "Tempo médio na URA (s)"),
        notes=(TIME_IN_IVR, ARRIVAL, NO_TESTS),
    )
    return sheet_by_interval(sheet, spans, _TIMES, sums)


# --- use by hour, day and month (4.3.1.3.5 to 7) ---
_LIVELY: Final = ("received", "queued", "ended_in_menu", "left_in_menu")


def _by_hour(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked, DAY)
    clock = city_minutes(calls.c.arrived_minute, asked.since, asked.until)
    by = {"hour": clock // 60 % 24}
    sums = sums_by(connection, asked, calls, USE, by, that_came_in(asked, spans))
    total = added(USE, sums.values())
    per_day = max(1, len(spans.keys))
    rows: list[Row] = [
        {"hour": f"{hour:02d}h", **_hour_row(sums.get((hour,), nothing(USE)), total, per_day)}
        for hour in range(24)
    ]
    return Sheet(
        "ura-uso-por-hora",
        "URA: uso por hora do dia",
        (
            Column("hour", "Hora"),
            *columns_of(USE),
            Column("share", "Do total", Shape.SHARE),
            Column("per_day", "Recebidas por dia", Shape.NUMBER),
        ),
        rows,
        totals={"hour": TOTAL, **_hour_row(total, total, per_day)},
        chart=Chart(Drawn.BARS, "hour", ("received",), "Chamadas por hora do dia"),
        notes=(
            f"Hora do relógio de São Paulo, somada sobre o período (dias: {per_day}).",
            *(BALANCE, ARRIVAL, NO_TESTS),
        ),
    )


def _hour_row(sums: Sums, total: Sums, days: int) -> dict[str, Any]:
    received = sums["received"]
    share = received / total["received"] if total["received"] else None
    return {**shown(USE, sums), "share": share, "per_day": received / days}


def _by_calendar(name: str, title: str, interval: Seconds) -> Callable[[Connection, Asked], Sheet]:
    def make(connection: Connection, asked: Asked) -> Sheet:
        spans = buckets(asked, interval)
        by = {"bucket": spans.key(calls.c.arrived_minute)}
        sums = sums_by(connection, asked, calls, USE, by, that_came_in(asked, spans))
        sheet = Sheet(
            name,
            title,
            (),
            (),
            chart=Chart(Drawn.BARS, "interval", _LIVELY, "Chamadas na URA"),
            notes=(BALANCE, ARRIVAL, NO_TESTS),
        )
        return sheet_by_interval(sheet, spans, USE, sums)

    return make


# --- how long (4.3.1.3.1) ---
_BANDS: Final = (10, 20, 30, 60, 90, 120, 180, 300)
"""Seconds: where one band of the distribution ends and the next begins."""


def _duration(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    band = case(
        *((bound >= SPENT, number) for number, bound in enumerate(_BANDS)), else_=len(_BANDS)
    )
    figures: tuple[Figure, ...] = (
        Count("calls", "Chamadas", lambda _: count_if(IN_IVR)),
        *(course(name) for name in _MEASURED),
    )
    where = [*that_came_in(asked, spans), IN_IVR]
    sums = sums_by(connection, asked, SOURCE, figures, {"band": band}, where)
    total = added(figures, sums.values())
    rows: list[Row] = []
    so_far = 0
    for number in range(len(_BANDS) + 1):
        found = sums.get((number,), nothing(figures))
        so_far += found["calls"]
        rows.append(
            {
                "band": _band(number),
                **shown(figures, found),
                "share": found["calls"] / total["calls"] if total["calls"] else None,
                "so_far": so_far / total["calls"] if total["calls"] else None,
            }
        )
    return Sheet(
        "ura-duracao",
        "URA: duração das chamadas na URA",
        (
            Column("band", "Tempo na URA"),
            *columns_of(figures),
            Column("share", "Do total", Shape.SHARE),
            Column("so_far", "Até aqui", Shape.SHARE),
        ),
        rows,
        totals={"band": TOTAL, **shown(figures, total)},
        chart=Chart(Drawn.BARS, "band", ("calls",), "Chamadas por tempo na URA"),
        notes=(TIME_IN_IVR, NO_TESTS),
    )


def _band(number: int) -> str:
    if number == len(_BANDS):
        return f"mais de {_BANDS[-1]} s"
    return f"até {_BANDS[number]} s"


_BY_INTERVAL: Final = TAKES | {"interval"}
_BY_DAY = _by_calendar("ura-uso-por-dia", "URA: uso por dia", DAY)
_BY_MONTH = _by_calendar("ura-uso-por-mes", "URA: uso por mês", MONTH)

REPORTS: Final = (
    Report(
        "ura-tempo-medio", "URA: tempo médio de atendimento", "4.3.1.3.1", _BY_INTERVAL, _mean_time
    ),
    Report("ura-duracao", "URA: duração das chamadas na URA", "4.3.1.3.1", TAKES, _duration),
    Report("ura-uso-por-hora", "URA: uso por hora do dia", "4.3.1.3.5", TAKES, _by_hour),
    Report("ura-uso-por-dia", "URA: uso por dia", "4.3.1.3.6", TAKES, _BY_DAY),
    Report("ura-uso-por-mes", "URA: uso por mês", "4.3.1.3.7", TAKES, _BY_MONTH),
)
