"""Offers by ending, ring times, and what each agent did (4.4.1).

Rows are in the order of names, never of figures, and nothing personal of an agent is in them.

Asked of the tables: `offers.queue`, `offers.offered_at`, `offers.ended_at` by `offers_counted`;
`legs.answered_at`, `legs.ended_at` by `legs_counted`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func

from protocol_store.reports.acd_visits import (
    NO_TESTS,
)
from protocol_store.reports.asked import Buckets, buckets
from protocol_store.reports.attendance_areas import AGENT, NO_RANKING, by_agent, in_states
from protocol_store.reports.counting import (
    TOTAL,
    Count,
    Figure,
    Ratio,
    added,
    columns_of,
    count_if,
    of_calls,
    ratio,
    seconds_between,
    share,
    sheet_by_names,
    shown,
    sum_if,
    sums_by,
)
from protocol_store.reports.report import Report
from protocol_store.tables import calls, offers
from protocol_store.visit_tables import legs
from terms.outcome import OfferOutcome
from terms.sheet import Asked, Chart, Column, Drawn, Row, Shape, Sheet

NO_CONSULTS: Final = "Consultas entre atendentes não são ofertas de ligação e não contam."
_OF_AGENTS: Final = frozenset({"line", "queue", "agent", "phone", "protocol", "campaign"})


# --- offers ---
def _rang(*outcomes: OfferOutcome) -> ColumnElement[float]:
    rang = seconds_between(offers.c.offered_at, offers.c.ended_at)
    among = offers.c.outcome.in_([one.value for one in outcomes]) if outcomes else None
    return sum_if(rang) if among is None else sum_if(rang, among)


def _ended(name: str, title: str, *outcomes: OfferOutcome) -> Count:
    among = offers.c.outcome.in_([one.value for one in outcomes])
    return Count(name, title, lambda _: count_if(among))


_OFFERED: Final = Count("offered", "Ofertas", lambda _: func.count())
_TAKEN: Final = _ended("taken", "Atendidas", OfferOutcome.ANSWERED)
_RANG: Final = Count("rang", "Toque somado", lambda _: _rang(), Shape.SECONDS, shown=False)
_RANG_TAKEN: Final = Count(
    "rang_taken", "", lambda _: _rang(OfferOutcome.ANSWERED), Shape.SECONDS, shown=False
)
_ENDING: Final[tuple[Figure, ...]] = (
    _OFFERED,
    _RANG,
    Ratio("mean_ring", "Toque médio", ratio("rang", "offered"), Shape.SECONDS),
)
_RINGS: Final[tuple[Figure, ...]] = (
    _OFFERED,
    _TAKEN,
    _ended("unanswered", "Não atendeu", OfferOutcome.RING_NO_ANSWER),
    _ended("refused", "Recusou", OfferOutcome.REFUSED),
    _ended("unreachable", "Telefone fora", OfferOutcome.UNREACHABLE),
    _ended("caller_left", "A pessoa desistiu", OfferOutcome.CALLER_LEFT),
    _RANG_TAKEN,
    Ratio("mean_ring", "Toque médio até atender", ratio("rang_taken", "taken"), Shape.SECONDS),
)
OFFER_ENDINGS: Final = {
    OfferOutcome.ANSWERED: "atendida",
    OfferOutcome.RING_NO_ANSWER: "tocou e não atendeu",
    OfferOutcome.REFUSED: "recusada no telefone",
    OfferOutcome.UNREACHABLE: "telefone fora do ar",
    OfferOutcome.GATE_CLOSED: "já havia outra ligação",
    OfferOutcome.WITHDRAWN: "retirada por nós",
    OfferOutcome.CALLER_LEFT: "a pessoa desligou",
    OfferOutcome.LOST: "perdida por falha nossa",
    OfferOutcome.NOT_REACHED: "retorno: a pessoa não atendeu",
}


def _offers_by(
    connection: Connection,
    asked: Asked,
    spans: Buckets,
    figures: tuple[Figure, ...],
    groups: Mapping[str, ColumnElement[Any]],
) -> dict[tuple[Any, ...], dict[str, Any]]:
    where = [
        spans.within(offers.c.offered_minute),
        offers.c.queue.is_not(None),  # a consult has none
        calls.c.test.is_(False),
        *of_calls(asked, spans, offers.c.call_id),
    ]
    for column, wanted in (
        (calls.c.line, asked.line),
        (offers.c.queue, asked.queue),
        (offers.c.agent, asked.agent),
    ):
        if wanted:
            where.append(column == wanted)
    source = offers.join(calls, calls.c.call_id == offers.c.call_id)
    return sums_by(connection, asked, source, figures, groups, where)


def _endings(connection: Connection, asked: Asked) -> Sheet:
    groups = {"outcome": func.coalesce(offers.c.outcome, "")}
    sums = _offers_by(connection, asked, buckets(asked), _ENDING, groups)
    named = {(_ending(outcome),): row for (outcome,), row in sums.items()}
    title = "Ofertas por desfecho"
    notes = ("Uma oferta é um toque de um atendente por uma ligação.", NO_CONSULTS, NO_TESTS)
    chart = Chart(Drawn.BARS, "outcome", ("offered",), title)
    sheet = Sheet("atendimento-ofertas", title, (), (), chart=chart, notes=notes)
    return sheet_by_names(sheet, (Column("outcome", "Desfecho"),), _ENDING, named)


def _ending(outcome: str) -> str:
    return OFFER_ENDINGS.get(OfferOutcome(outcome), outcome) if outcome else "ainda tocando"


def _rings(connection: Connection, asked: Asked) -> Sheet:
    sums = _offers_by(connection, asked, buckets(asked), _RINGS, {"agent": offers.c.agent})
    title = "Toques por atendente"
    notes = ("O toque vai da oferta até ela acabar.", NO_RANKING, NO_CONSULTS, NO_TESTS)
    sheet = Sheet("atendimento-toques", title, (), (), notes=notes)
    return sheet_by_names(sheet, (AGENT,), _RINGS, sums)


# --- what each agent did ---
_TALKS: Final[tuple[Figure, ...]] = (
    Count("talks", "Conversas", lambda _: func.count()),
    Count("talked", "Conversa somada", lambda _: sum_if(_spoke()), Shape.SECONDS),
    Ratio("mean_talk", "Conversa média", ratio("talked", "talks"), Shape.SECONDS),
)
_AFTER: Final[tuple[Figure, ...]] = (
    Ratio("wrapped", "Depois da conversa", lambda row: row["wrapped"], Shape.SECONDS),
    Ratio(
        "handling",
        "TMA",
        lambda row: share(row["talked"] + row["wrapped"], row["talks"]),
        Shape.SECONDS,
    ),
)


def _spoke() -> ColumnElement[float]:
    return seconds_between(legs.c.answered_at, legs.c.ended_at)


def _work(connection: Connection, asked: Asked) -> Sheet:
    """Talks and what followed them, by agent."""
    spans = buckets(asked)
    where = [
        spans.within(legs.c.began_minute),
        legs.c.who == "agent",
        legs.c.because.in_(("offer", "transfer")),
        legs.c.answered_at.is_not(None),
        legs.c.ended_at.is_not(None),
        legs.c.test.is_(False),
        *of_calls(asked, spans, legs.c.call_id),
    ]
    if asked.agent:
        where.append(legs.c.agent == asked.agent)
    groups = {"agent": func.coalesce(legs.c.agent, "")}
    talks = sums_by(connection, asked, legs, _TALKS, groups, where)
    after = by_agent(connection, asked, spans, in_states("wrap_up"))
    figures = (*_TALKS, *_AFTER)
    for key, row in talks.items():
        row["wrapped"] = after.get(key, (0, 0.0))[1]
    total = added(_TALKS, talks.values())
    total["wrapped"] = sum(row["wrapped"] for row in talks.values())
    rows: list[Row] = [
        {"agent": agent, **shown(figures, row)} for (agent,), row in sorted(talks.items())
    ]
    return Sheet(
        "atendimento-produtividade",
        "Atendimentos por atendente",
        (AGENT, *columns_of(figures)),
        rows,
        {"agent": TOTAL, **shown(figures, total)},
        notes=(
            "TMA = (conversa + depois da conversa) ÷ conversas; espera em linha é conversa.",
            "Conversas que terminaram, das ofertas do período, e as que passaram a quem tinha sido"
            " consultado, desde então. " + NO_RANKING,
            NO_TESTS,
        ),
    )


REPORTS: Final = [
    Report("atendimento-ofertas", "Ofertas por desfecho", "4.4.1", _OF_AGENTS, _endings),
    Report("atendimento-toques", "Toques por atendente", "4.4.1", _OF_AGENTS, _rings),
    Report(
        "atendimento-produtividade",
        "Atendimentos por atendente",
        "4.4.1",
        frozenset({"agent", "campaign"}),
        _work,
    ),
]
