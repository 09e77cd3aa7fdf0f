"""Mean times (4.4.5): TMA, TME and their parts, ILE; and calls repeated within 15 minutes (R74).

INR is counted from the carrier's file, and stands with the indicators.

Asked of the tables: `calls.caller` and `calls.arrived_at` by `calls_counted`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, func, literal, or_, select

from protocol_store.reports.acd_table import ISLANDS, LINE, QUEUE
from protocol_store.reports.acd_talks import LAST_ISLAND, TALKED, TALKS, that_were_talked
from protocol_store.reports.acd_visits import (
    ABANDONED,
    ANSWERED,
    ENTERED,
    GAVE_UP_AFTER,
    MEAN_GIVING_UP,
    NO_TESTS,
    RECEIVED,
    TAKES,
    WAIT,
    WAITED,
    WAITED_BEYOND,
    calls_by,
    that_came_in,
    visits_by,
)
from protocol_store.reports.asked import Buckets, buckets
from protocol_store.reports.attendance_areas import by_interval, in_states
from protocol_store.reports.counting import (
    TOTAL,
    Count,
    Figure,
    Ratio,
    Sums,
    columns_of,
    hidden,
    nothing,
    ratio,
    seconds_between,
    share,
    sheet_by_interval,
    sheet_by_names,
    sums_by,
)
from protocol_store.reports.numbers import national
from protocol_store.reports.report import Report
from protocol_store.tables import calls
from terms import limits
from terms.names import ANONYMOUS, Seconds
from terms.sheet import Asked, Chart, Column, Drawn, Row, Shape, Sheet

_VISITS: Final = (ENTERED, ANSWERED, WAITED, ABANDONED, GAVE_UP_AFTER, WAITED_BEYOND)
_TME: Final = Ratio("mean_wait", "TME: espera média", ratio("waited", "answered"), Shape.SECONDS)
_TMC: Final = Ratio("mean_talk", "TMC: conversa média", ratio("talked", "talks"), Shape.SECONDS)
_ILE: Final = Ratio(
    "ile", "ILE: esperaram mais de X s ÷ entradas", ratio("waited_beyond", "entered")
)
_HIDDEN: Final = tuple(hidden(one) for one in (WAITED, GAVE_UP_AFTER, WAITED_BEYOND, TALKED))
_SHARED: Final[tuple[Figure, ...]] = (ENTERED, ANSWERED, ABANDONED, TALKS, *_HIDDEN)
_BY_ISLAND: Final[tuple[Figure, ...]] = (*_SHARED, _TME, MEAN_GIVING_UP, _TMC, _ILE)
_WRAPPED: Final = Count(
    "wrapped", "", lambda _: literal(0.0), Shape.SECONDS, shown=False
)  # it comes from the areas, and only adds up here
_BY_INTERVAL: Final[tuple[Figure, ...]] = (
    *_BY_ISLAND,
    _WRAPPED,
    Ratio("mean_after", "Depois da conversa, em média", ratio("wrapped", "talks"), Shape.SECONDS),
    Ratio(
        "handling",
        "TMA: conversa e o que vem depois",
        lambda row: share(row["talked"] + row["wrapped"], row["talks"]),
        Shape.SECONDS,
    ),
)
_NOTES: Final = (
    "TME: espera dos atendidos ÷ atendidas. TMC: conversa ÷ ligações com conversa terminada.",
    "ILE (índice de ligações em espera): o contrato usa a sigla sem a definir; aqui é a parte das"
    " passagens por fila que esperou mais de X segundos.",
    WAIT,
    "Ligações que nós fizemos não esperam em fila; a conversa delas conta.",
    NO_TESTS,
)
_AFTER: Final = (
    "TMA = (conversa + depois da conversa) ÷ ligações com conversa. O tempo depois da conversa é o"
    " de todos os atendentes no intervalo, de qualquer fila."
)


def _times(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    wrapped = by_interval(connection, asked, spans, in_states("wrap_up"))
    groups = {"bucket": spans.key(calls.c.arrived_minute)}
    found = _merged(
        visits_by(connection, asked, spans, _VISITS),
        sums_by(connection, asked, calls, (TALKS, TALKED), groups, that_were_talked(asked, spans)),
        {(key,): {"wrapped": seconds} for key, seconds in wrapped.items() if seconds},
    )
    title = "Tempos médios"
    chart = Chart(Drawn.LINES, "interval", ("mean_wait", "handling"), title)
    sheet = Sheet("tempos-medios", title, (), (), chart=chart, notes=(_AFTER, *_NOTES))
    return sheet_by_interval(sheet, spans, _BY_INTERVAL, found)


def _times_by_island(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    where = that_were_talked(asked, spans)
    found = _merged(
        visits_by(connection, asked, spans, _VISITS, ISLANDS),
        sums_by(connection, asked, calls, (TALKS, TALKED), LAST_ISLAND, where),
    )
    title = "Tempos médios por ilha"
    chart = Chart(Drawn.BARS, "queue", ("mean_wait", "mean_talk"), title)
    sheet = Sheet("tempos-medios-por-ilha", title, (), (), chart=chart, notes=_NOTES)
    return sheet_by_names(sheet, (LINE, QUEUE), _BY_ISLAND, found)


def _merged(*found: Any) -> dict[tuple[Any, ...], Sums]:
    merged: dict[tuple[Any, ...], Sums] = {}
    for sums in found:
        for key, counts in sums.items():
            merged.setdefault(key, {**nothing(_SHARED), "wrapped": 0.0}).update(counts)
    return merged


# --- repeated calls ---
AGAIN: Final[Seconds] = 900.0
"""A number that calls again sooner than this after a call that is paid is not paid twice (R74)."""


def _repeats(connection: Connection, asked: Asked) -> Sheet:
    """Calls received, and those of them that repeat one, by interval."""
    spans = buckets(asked)
    received = calls_by(connection, asked, spans, (RECEIVED,))
    repeated = Counter(_repeated(connection, asked, spans))
    rows: list[Row] = [
        {"interval": spans.label(key), **_repeat_row(received.get((key,), _NOBODY), repeated[key])}
        for key in islice(spans.keys, limits.SHEET_ROWS)
    ]
    everybody = {"received": sum(sums["received"] for sums in received.values())}
    title = "Ligações repetidas em menos de 15 minutos"
    return Sheet(
        "rechamadas",
        title,
        (
            Column("interval", "Intervalo"),
            *columns_of((RECEIVED,)),
            Column("repeated", "Repetidas", Shape.COUNT),
            Column("billed", "Sem as repetidas", Shape.COUNT),
            Column("share", "Repetidas ÷ recebidas", Shape.SHARE),
        ),
        rows,
        {"interval": TOTAL, **_repeat_row(everybody, repeated.total())},
        Chart(Drawn.BARS, "interval", ("billed", "repeated"), title),
        notes=(
            "Repetida: o mesmo número ligou menos de 15 minutos antes, numa ligação que não é"
            " repetida (R74). Para o movimento, todas contam.",
            "São todas as recebidas, como quer que acabem; o que se paga, e o que disso é repetido,"
            " está em fatura.",
            "Uma ligação sem número nunca é repetida.",
            NO_TESTS,
        ),
        cut=len(spans.keys) - len(rows),
    )


_NOBODY: Final[Sums] = {"received": 0}


def _repeat_row(sums: Sums, repeated: int) -> dict[str, Any]:
    received = sums["received"]
    billed = received - repeated
    return {
        "received": received,
        "repeated": repeated,
        "billed": billed,
        "share": share(repeated, received),
    }


def _repeated(connection: Connection, asked: Asked, spans: Buckets) -> Iterable[int]:
    """The interval of each repeat. Only calls that have another of their number close by are read,
    and of these nothing but when they came; which of them is paid depends on the one before."""
    earlier = Buckets(spans.first - limits.REPORT_LOOKS_BACK, spans.last, spans.interval)
    number = national(calls.c.caller)
    order = (calls.c.arrived_at, calls.c.call_id)
    close = (
        select(
            calls.c.arrived_at.label("at"),
            calls.c.arrived_minute.label("minute"),
            number.label("number"),
            func.lag(calls.c.arrived_at).over(partition_by=number, order_by=order).label("before"),
            func.lead(calls.c.arrived_at).over(partition_by=number, order_by=order).label("after"),
        )
        .where(*that_came_in(asked, earlier), calls.c.caller.not_in(("", ANONYMOUS)))
        .subquery("close_by")
    )
    since = seconds_between(close.c.before, close.c.at)
    until = seconds_between(close.c.at, close.c.after)
    question = (
        select(
            close.c.at, spans.key(close.c.minute), close.c.minute, (since < AGAIN).label("again")
        )
        .where(or_(since < AGAIN, until < AGAIN))
        .order_by(close.c.number, close.c.at)
    )
    paid = 0.0
    for at, bucket, minute, again in connection.execute(question):
        if not again or at - paid >= AGAIN:
            paid = at
        elif minute >= spans.first:
            yield int(bucket)


REPORTS: Final = [
    Report("tempos-medios", "Tempos médios", "4.4.5", TAKES | {"beyond"}, _times),
    Report(
        "tempos-medios-por-ilha",
        "Tempos médios por ilha",
        "4.4.5",
        (TAKES - {"interval"}) | {"beyond"},
        _times_by_island,
    ),
    Report(
        "rechamadas",
        "Ligações repetidas em menos de 15 minutos",
        "4.4.5",
        frozenset({"interval", "line", "queue", "phone", "keyword"}),
        _repeats,
    ),
]
