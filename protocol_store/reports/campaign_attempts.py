"""Attempts of campaigns by interval, by hour of the day, by result (3.3.3.35, 4.4.2, R66)."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, func

from protocol_store.campaign_tables import attempts
from protocol_store.reports.asked import buckets, city_minutes
from protocol_store.reports.campaign_figures import (
    ALL,
    ANSWERED,
    ANSWERED_SHARE,
    BILLABLE,
    CAMPAIGN,
    DROPPED,
    DROPS,
    MADE,
    MEAN_TALK,
    MINUTE,
    SHORT,
    SHORT_ONES,
    TAKES,
    TALKED,
    TALKS,
    WHAT_COUNTS,
    attempts_by,
    came,
    result_text,
)
from protocol_store.reports.counting import (
    Count,
    Figure,
    Ratio,
    sheet_by_interval,
    sheet_by_names,
)
from protocol_store.reports.report import Report
from terms.limits import DROPS_SHARE
from terms.outcome import Tried
from terms.sheet import Asked, Chart, Column, Drawn, Shape, Sheet, Value


# --- by interval, by hour of the day ---
def _by_interval(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    sums = attempts_by(connection, asked, ALL, {"bucket": spans.key(MINUTE)})
    title = "Campanhas: tentativas e resultados"
    chart = Chart(Drawn.LINES, "interval", ("made", "answered"), title)
    notes = (*WHAT_COUNTS, SHORT)
    sheet = Sheet("campanha-tentativas", title, (), (), chart=chart, notes=notes)
    return sheet_by_interval(sheet, spans, ALL, sums)


_HOURS: Final[tuple[Figure, ...]] = (
    *(MADE, ANSWERED, ANSWERED_SHARE),
    *(came(one) for one in (Tried.NO_ANSWER, Tried.BUSY, Tried.MACHINE)),
    *(TALKS, TALKED, MEAN_TALK),
)


def _best_hours(connection: Connection, asked: Asked) -> Sheet:
    hour = city_minutes(MINUTE, asked.since, asked.until) % 1_440 // 60
    sums = attempts_by(connection, asked, _HOURS, {"hour": hour})
    named = {(f"{int(at):02d}:00",): row for (at,), row in sums.items()}
    title = "Campanhas: em que horas atendem"
    chart = Chart(Drawn.BARS, "hour", ("answered_share",), title)
    notes = ("A hora é a do relógio da cidade, de todos os dias do período.", *WHAT_COUNTS)
    sheet = Sheet("campanha-melhores-horas", title, (), (), chart=chart, notes=notes)
    return sheet_by_names(sheet, (Column("hour", "Hora do dia"),), _HOURS, named)


_DROPS: Final[tuple[Figure, ...]] = (
    ANSWERED,
    DROPPED,
    DROPS,
    Ratio(
        "within",
        "Dentro do limite",
        lambda row: _within(DROPS.of(row)),
        Shape.TEXT,
    ),
)


def _within(share: Value) -> str | None:
    """Of nobody who answered there is nothing to tell."""
    if not isinstance(share, float):
        return None
    return "sim" if share <= DROPS_SHARE else "não"


def _drops(connection: Connection, asked: Asked) -> Sheet:
    spans = buckets(asked)
    sums = attempts_by(connection, asked, _DROPS, {"bucket": spans.key(MINUTE)})
    title = "Campanhas: atendidas sem atendente"
    chart = Chart(Drawn.LINES, "interval", ("drop_share",), title)
    most = f"{DROPS_SHARE:.0%}".replace("%", " %")
    notes = (
        f"De quem atende, no máximo {most} em cada hora podem não encontrar atendente (só no modo"
        " preditivo; nos outros o atendente já espera).",
        *WHAT_COUNTS,
    )
    sheet = Sheet("campanha-sem-atendente", title, (), (), chart=chart, notes=notes)
    return sheet_by_interval(sheet, spans, _DROPS, sums)


# --- by result ---
def _results(connection: Connection, asked: Asked) -> Sheet:
    figures: tuple[Figure, ...] = (
        Count("attempts", "Tentativas", lambda _: func.count()),
        *(BILLABLE, TALKS, TALKED, MEAN_TALK, SHORT_ONES),
    )
    groups = {"campaign": attempts.c.campaign, "result": func.coalesce(attempts.c.result, "")}
    sums = attempts_by(connection, asked, figures, groups)
    named = {(name, result_text(result)): row for (name, result), row in sums.items()}
    title = "Campanhas: resultados"
    notes = ("Aqui estão também as não discadas.", *WHAT_COUNTS, SHORT)
    sheet = Sheet("campanha-resultados", title, (), (), notes=notes)
    columns = (CAMPAIGN, Column("result", "Resultado"))
    return sheet_by_names(sheet, columns, figures, named)


REPORTS: Final = [
    Report(
        "campanha-tentativas",
        "Campanhas: tentativas e resultados",
        "4.4.2",
        TAKES | {"interval"},
        _by_interval,
    ),
    Report(
        "campanha-sem-atendente",
        "Campanhas: atendidas sem atendente",
        "4.4.2",
        TAKES | {"interval"},
        _drops,
    ),
    Report(
        "campanha-melhores-horas",
        "Campanhas: em que horas atendem",
        "4.4.2",
        TAKES,
        _best_hours,
    ),
    Report("campanha-resultados", "Campanhas: resultados", "4.4.2", TAKES, _results),
]
