"""The eleven reports on distribution that the contract names (4.3.2.3), and the balance (R77).

Each by interval is one question to `queue_visits_counted` or `calls_counted`, covered by the index
but for `calls.test`, `direction`, `static`, `first_queue` and `talk_seconds`.
Service level and the distribution of waits are in acd_levels.py, who waited when in acd_waiting.py,
answered by the hour of the day in acd_answered.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, select

from protocol_store.reports.acd_table import LINE, QUEUE, Table
from protocol_store.reports.acd_visits import (
    ABANDONED,
    ABANDONED_BEYOND,
    ABANDONED_WITHIN,
    ANSWERED,
    ANSWERED_BEYOND,
    ANSWERED_WITHIN,
    COURSES,
    ENDINGS,
    ENTERED,
    GAVE_UP_AFTER,
    LONGEST,
    MEAN_GIVING_UP,
    MEAN_WAIT,
    NO_TESTS,
    RECEIVED,
    RECEIVED_TAKES,
    REDIRECTED,
    STAY,
    TAKES,
    WAIT,
    WAITED,
    in_queues,
)
from protocol_store.reports.asked import buckets
from protocol_store.reports.counting import (
    Figure,
    Ratio,
    columns_of,
    hidden,
    ratio,
    sheet_by_names,
    sums_by,
)
from protocol_store.reports.report import Report
from protocol_store.visit_tables import queue_visits as visits
from terms.sheet import Asked, Column, Drawn, Shape, Sheet

_ANSWERED_SHARE: Final = Ratio(
    "answered_share", "Atendidas ÷ entradas", ratio("answered", "entered")
)
_BALANCE: Final = Ratio(
    "difference",
    "Diferença",
    lambda row: row["entered"] - sum(row[one.name] for one in ENDINGS),
    Shape.COUNT,
)
_WAITS: Final[tuple[Figure, ...]] = (
    ANSWERED,
    hidden(WAITED),
    MEAN_WAIT,
    ABANDONED,
    hidden(GAVE_UP_AFTER),
    MEAN_GIVING_UP,
    LONGEST,
)
_FREE_X: Final = frozenset({"beyond"})

_TABLES: Final = (
    Table(
        "dac-recebidas",
        "Ligações recebidas",
        "4.3.2.3.1",
        (RECEIVED, *COURSES),
        ("received", "queued"),
        (
            "Recebidas = encerradas na URA + desistências na URA + recusadas + encaminhadas à fila"
            " + só pela central telefônica + interrompidas ou com recado + ainda na URA (R77).",
            "Cada ligação conta no intervalo em que chegou; ligações que nós fizemos não contam.",
            "Com uma fila pedida, contam as ligações que foram primeiro a essa fila.",
        ),
        takes=RECEIVED_TAKES,
        of_calls=True,
    ),
    Table(
        "dac-atendidas",
        "Ligações atendidas",
        "4.3.2.3.2",
        (ENTERED, ANSWERED, _ANSWERED_SHARE, hidden(WAITED), MEAN_WAIT),
        ("entered", "answered"),
        (STAY, WAIT),
    ),
    Table(
        "dac-desistencias",
        "Ligações abandonadas na fila",
        "4.3.2.3.3",
        (
            ENTERED,
            ABANDONED,
            ABANDONED_WITHIN,
            ABANDONED_BEYOND,
            Ratio("abandoned_share", "Desistências ÷ entradas", ratio("abandoned", "entered")),
            hidden(GAVE_UP_AFTER),
            MEAN_GIVING_UP,
        ),
        ("abandoned_within", "abandoned_beyond"),
        (STAY, "Desistência: a pessoa desligou enquanto esperava ou enquanto tocava.", WAIT),
        takes=TAKES | _FREE_X,
        drawn=Drawn.BARS,
    ),
    Table(
        "dac-transbordos",
        "Ligações transbordadas",
        "4.3.2.3.4",
        (
            ENTERED,
            REDIRECTED,
            Ratio("redirected_share", "Desviadas ÷ entradas", ratio("redirected", "entered")),
        ),
        ("redirected",),
        (
            STAY,
            "Desviada: saiu da fila para outra fila, para uma etapa da URA ou para outra linha,"
            " antes de ser atendida. Alargar o anel não tira ninguém da fila (R24).",
        ),
        drawn=Drawn.BARS,
    ),
    Table(
        "dac-atendidas-ate-x",
        "Ligações atendidas até X segundos e depois",
        "4.3.2.3.5",
        (
            ANSWERED,
            ANSWERED_WITHIN,
            ANSWERED_BEYOND,
            Ratio("within_share", "Até X s ÷ atendidas", ratio("answered_within", "answered")),
        ),
        ("answered_within", "answered_beyond"),
        (STAY, WAIT, "Até X s inclui X exato; X é de quem pergunta (R76)."),
        takes=TAKES | _FREE_X,
        drawn=Drawn.BARS,
    ),
    Table(
        "dac-espera-media",
        "Tempo médio de espera",
        "4.3.2.3.11",
        _WAITS,
        ("mean_wait", "mean_giving_up"),
        (STAY, WAIT, "A maior espera é de qualquer passagem que terminou, como quer que fosse."),
    ),
    Table(
        "dac-espera-media-por-ilha",
        "Tempo médio de espera por ilha",
        "4.3.2.3.11",
        _WAITS,
        ("mean_wait",),
        (STAY, WAIT),
        drawn=Drawn.BARS,
        by_island=True,
    ),
    Table(
        "dac-por-ilha",
        "Movimento das ilhas",
        "4.3.2.3.10",
        (ENTERED, *ENDINGS, _ANSWERED_SHARE, hidden(WAITED), MEAN_WAIT),
        ("answered", "abandoned"),
        ("Uma ilha é uma fila.", STAY, WAIT),
        drawn=Drawn.BARS,
        by_island=True,
    ),
    Table(
        "dac-balanco",
        "Balanço das filas",
        "4.3.2.3",
        (ENTERED, *ENDINGS, _BALANCE),
        ("entered", "answered", "abandoned"),
        (
            "Entraram na fila = atendidas + desistências + desviadas + ainda aguardando (R77); as"
            " que saíram com retorno prometido, com recado ou interrompidas vão em colunas à parte."
            " A diferença é zero em cada linha.",
            STAY,
        ),
    ),
)  # fmt: skip


# --- overflow, from where to where ---
_MOVED: Final = (REDIRECTED,)


def _overflow_ways(connection: Connection, asked: Asked) -> Sheet:
    """Where stays that were redirected went on: the call's next stay, if there was one."""
    spans = buckets(asked)
    after = select(visits.c.call_id, visits.c.ordinal, visits.c.queue).subquery("after_it")
    went_on = visits.outerjoin(
        after,
        (after.c.call_id == visits.c.call_id) & (after.c.ordinal == visits.c.ordinal + 1),
    )
    groups = {"line": visits.c.line, "queue": visits.c.queue, "to": after.c.queue}
    where = [*in_queues(asked, spans), visits.c.how == "redirected"]
    sums = sums_by(connection, asked, went_on, _MOVED, groups, where)
    named = {(line, queue, to or "fora das filas"): row for (line, queue, to), row in sums.items()}
    return sheet_by_names(
        Sheet(
            "dac-transbordos-caminhos",
            "Transbordos: de que ilha para qual",
            columns_of(_MOVED),
            (),
            notes=(
                "Para onde: a fila seguinte da mesma ligação; «fora das filas» é uma etapa da URA.",
                NO_TESTS,
            ),
        ),
        (LINE, QUEUE, Column("to", "Foi para")),
        _MOVED,
        named,
    )


_MADE: Final[tuple[tuple[str, str, Callable[[Connection, Asked], Sheet]], ...]] = (
    ("dac-transbordos-caminhos", "Transbordos: de que ilha para qual", _overflow_ways),
)

REPORTS: Final = [table.report() for table in _TABLES] + [
    Report(name, title, "4.3.2.3.4", TAKES - {"interval"}, make) for name, title, make in _MADE
]
