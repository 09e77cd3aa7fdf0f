"""Attempts by campaign, requesting body, list, trunk and agent, and what citizens answered
(3.3.3.35, 4.4.2).

Asked of the tables: `attempts_counted`; `attempts.contact` for lists, and `attempts.ordered_at`,
`attempts.ended_at` for agents.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, select

from protocol_store.campaign_tables import attempts, campaigns, contact_lists, trunk_operators
from protocol_store.reports.campaign_figures import (
    ALL,
    ANSWERED,
    ANSWERED_SHARE,
    CAMPAIGN,
    FEW,
    LIST,
    MADE,
    MEAN_TALK,
    NOT_DIALLED,
    SHORT,
    TAKES,
    TALKED,
    TALKS,
    WHAT_COUNTS,
    attempts_by,
)
from protocol_store.reports.counting import (
    Count,
    Figure,
    Ratio,
    Sums,
    added,
    count_if,
    ratio,
    seconds_between,
    sheet_by_names,
    sum_if,
)
from protocol_store.reports.report import Report
from terms.outcome import Tried
from terms.sheet import Asked, Chart, Column, Drawn, Shape, Sheet

KINDS: Final = {
    "aviso": "aviso",
    "pesquisa": "pesquisa",
    "retorno": "retorno",
    "complemento": "complemento de pedido",
    "lembrete": "lembrete",
    "alerta": "alerta",
}


def _told_of(connection: Connection) -> dict[str, tuple[str, str, str]]:
    """Each campaign's kind, body and subject; they are few."""
    columns = (campaigns.c.name, campaigns.c.kind, campaigns.c.body, campaigns.c.subject)
    rows = connection.execute(select(*columns))
    return {row.name: (KINDS.get(row.kind, row.kind), row.body, row.subject) for row in rows}


def _per_campaign(connection: Connection, asked: Asked) -> Sheet:
    told, nothing = _told_of(connection), ("", "", "")
    sums = attempts_by(connection, asked, ALL, {"campaign": attempts.c.campaign})
    named = {(name, *told.get(name, nothing)): row for (name,), row in sums.items()}
    title = "Campanhas: uma a uma"
    chart = Chart(Drawn.BARS, "campaign", ("made", "answered"), title)
    notes = (*WHAT_COUNTS, SHORT)
    sheet = Sheet("campanha-por-campanha", title, (), (), chart=chart, notes=notes)
    columns = (CAMPAIGN, Column("kind", "Tipo"), *_OF_BODY)
    return sheet_by_names(sheet, columns, ALL, named)


_OF_BODY: Final = (Column("body", "Órgão solicitante"), Column("subject", "Assunto"))


def _per_body(connection: Connection, asked: Asked) -> Sheet:
    told, nothing = _told_of(connection), ("", "", "")
    found: dict[tuple[Any, ...], list[Sums]] = {}
    for (name,), row in attempts_by(
        connection, asked, FEW, {"campaign": attempts.c.campaign}
    ).items():
        found.setdefault(told.get(name, nothing)[1:], []).append(row)
    sums = {key: added(FEW, rows) for key, rows in found.items()}
    title = "Campanhas, por órgão e assunto"
    sheet = Sheet("campanha-por-orgao", title, (), (), notes=(*WHAT_COUNTS, SHORT))
    return sheet_by_names(sheet, _OF_BODY, FEW, sums)


def _per_list(connection: Connection, asked: Asked) -> Sheet:
    sums = attempts_by(connection, asked, FEW, {"campaign": attempts.c.campaign, "list": LIST})
    files = dict(connection.execute(select(contact_lists.c.list, contact_lists.c.file)).all())
    named = {(name, one, files.get(one, "")): row for (name, one), row in sums.items()}
    title = "Campanhas, por lista de contatos"
    sheet = Sheet("campanha-por-lista", title, (), (), notes=(*WHAT_COUNTS, SHORT))
    columns = (CAMPAIGN, Column("list", "Lista"), Column("file", "Arquivo"))
    return sheet_by_names(sheet, columns, FEW, named)


def _per_trunk(connection: Connection, asked: Asked) -> Sheet:
    sums = attempts_by(connection, asked, ALL, {"trunk": attempts.c.trunk})
    operators = operators_of(connection)
    named = {(operators.get(trunk, ""), trunk): row for (trunk,), row in sums.items()}
    title = "Campanhas, por operadora e rota"
    sheet = Sheet("campanha-por-rota", title, (), (), notes=(*WHAT_COUNTS, SHORT))
    columns = (Column("operator", "Operadora da rota"), Column("trunk", "Rota"))
    return sheet_by_names(sheet, columns, ALL, named)


def operators_of(connection: Connection) -> dict[str, str]:
    """Whose each trunk is."""
    rows = connection.execute(select(trunk_operators.c.trunk, trunk_operators.c.operator))
    return {row.trunk: row.operator for row in rows}


# --- agents ---
_HELD: Final = seconds_between(attempts.c.ordered_at, attempts.c.ended_at)
_WORK: Final[tuple[Figure, ...]] = (
    *(MADE, ANSWERED, ANSWERED_SHARE, NOT_DIALLED, TALKS, TALKED, MEAN_TALK),
    Count("held", "Tempo com a campanha", lambda _: sum_if(_HELD), Shape.SECONDS),
    Ratio("talk_share", "Conversa ÷ tempo com a campanha", ratio("talked", "held")),
    Ratio(
        "an_hour",
        "Atendidas por hora com a campanha",
        lambda row: row["answered"] * 3_600 / row["held"] if row["held"] else None,
        Shape.NUMBER,
    ),
)


def _per_agent(connection: Connection, asked: Asked) -> Sheet:
    groups = {"agent": attempts.c.agent, "campaign": attempts.c.campaign}
    sums = attempts_by(connection, asked, _WORK, groups, attempts.c.agent.is_not(None))
    title = "Campanhas: produtividade por atendente"
    notes = (
        "Tempo com a campanha: de reservado para uma tentativa até ela acabar, e nela a conversa.",
        "Linhas na ordem dos nomes, nunca dos números.",
        *WHAT_COUNTS,
    )
    sheet = Sheet("campanha-por-atendente", title, (), (), notes=notes)
    return sheet_by_names(sheet, (Column("agent", "Atendente"), CAMPAIGN), _WORK, sums)


# --- what citizens said ---
ANSWERS: Final = {
    "confirma": "Confirmaram",
    "recusa": "Recusaram",
    "nao_ligar": "Não ligar mais",
    "atendente": "Quiseram uma pessoa",
}


_SPOKE: Final = attempts.c.said != ""
_TALKED_TO: Final = attempts.c.result == Tried.ANSWERED.value


def _said(word: str) -> Count:
    return Count(word, ANSWERS[word], lambda _: count_if(attempts.c.said == word))


_SAID: Final[tuple[Figure, ...]] = (
    ANSWERED,
    *map(_said, ANSWERS),
    Count("unsaid", "Sem resposta", lambda _: count_if(_TALKED_TO, ~_SPOKE)),
    Ratio("confirmed", "Confirmaram ÷ atendidas", ratio("confirma", "answered")),
)


def _answers(connection: Connection, asked: Asked) -> Sheet:
    where = _TALKED_TO | _SPOKE
    sums = attempts_by(connection, asked, _SAID, {"campaign": attempts.c.campaign}, where)
    title = "Campanhas: respostas por tecla"
    chart = Chart(Drawn.BARS, "campaign", tuple(ANSWERS), title)
    notes = ("Conta a última tecla que diz algo, de cada ligação; repetir não é resposta.",)
    sheet = Sheet("campanha-respostas", title, (), (), chart=chart, notes=notes)
    return sheet_by_names(sheet, (CAMPAIGN,), _SAID, sums)


REPORTS: Final = [
    Report(name, title, "4.4.2", TAKES, make)
    for name, title, make in (
        ("campanha-por-campanha", "Campanhas: uma a uma", _per_campaign),
        ("campanha-por-orgao", "Campanhas, por órgão e assunto", _per_body),
        ("campanha-por-lista", "Campanhas, por lista de contatos", _per_list),
        ("campanha-por-rota", "Campanhas, por operadora e rota", _per_trunk),
        ("campanha-por-atendente", "Campanhas: produtividade por atendente", _per_agent),
        ("campanha-respostas", "Campanhas: respostas por tecla", _answers),
    )
]
