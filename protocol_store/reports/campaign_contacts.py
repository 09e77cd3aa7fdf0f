"""Contacts of campaigns: how they stand, how they ended, and how many tries each took (4.4.2).

Contacts are those of the lists that came in the period, or of which somebody was called in it: a
list is called for days, that of callers who gave up for as long as its campaign runs.

Asked of the tables: `attempts_counted`, `attempts.contact`; `contact_lists`; `contacts_standing`,
and `contacts.because` of those left out.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, func, literal, or_, select

from protocol_store.campaign_tables import contact_lists, contacts
from protocol_store.reports.asked import buckets
from protocol_store.reports.campaign_figures import CAMPAIGN, LIST, tried
from protocol_store.reports.counting import (
    Count,
    Figure,
    Ratio,
    count_if,
    ratio,
    sheet_by_names,
    sums_by,
)
from protocol_store.reports.report import Report
from terms.names import Instant
from terms.sheet import Asked, Chart, Column, Drawn, Shape, Sheet

TAKES: Final = frozenset({"campaign", "lista"})
WHOSE: Final = (
    "Contatos das listas que chegaram no período, ou de que se ligou para alguém nele, como estão"
    " agora."
)
TRIES: Final = "Tentativas são as pedidas, também as que não chegaram a ser discadas."
OUT: Final = "left_out"
ENDINGS: Final = {
    "reached": "Encontrados",
    "exhausted": "Tentativas esgotadas",
    "wrong_number": "Número errado",
    OUT: "Deixados de fora",
    "expired": "Prazo acabou",
    "cancelled": "Cancelados",
}
"""dialer.contacts.Ending, as people read it."""


def _ended(word: str) -> Count:
    return Count(word, ENDINGS[word], lambda _: count_if(contacts.c.ending == word))


_ALL: Final = Count("contacts", "Contatos", lambda _: func.count())
_REACHED: Final = Ratio("reached_share", "Encontrados ÷ contatos", ratio("reached", "contacts"))
_ORDERED: Final = Count("tries", "Tentativas", lambda _: func.sum(contacts.c.ordered))
_FIGURES: Final[tuple[Figure, ...]] = (
    _ALL,
    Count("waiting", "Por ligar", lambda _: count_if(contacts.c.state == "pending")),
    Count("again", "A ligar de novo", lambda _: count_if(contacts.c.state.in_(("due", "again")))),
    Count("in_course", "Em ligação", lambda _: count_if(contacts.c.state == "ordered")),
    *map(_ended, ENDINGS),
    _REACHED,
    _ORDERED,
    Ratio("mean_tries", "Tentativas por contato", ratio("tries", "contacts"), Shape.NUMBER),
)


def _moment(at: Instant) -> ColumnElement[Any]:
    return literal(at, contact_lists.c.at.type)


def lists_asked(asked: Asked) -> list[ColumnElement[bool]]:
    """The lists that were asked for."""
    called = select(LIST).where(*tried(asked, buckets(asked))).distinct()
    came = and_(
        contact_lists.c.at >= _moment(asked.since), contact_lists.c.at < _moment(asked.until)
    )
    found: list[ColumnElement[bool]] = [or_(came, contact_lists.c.list.in_(called))]
    for column, wanted in (
        (contact_lists.c.campaign, asked.campaign),
        (contact_lists.c.list, asked.more.get("lista", "")),
    ):
        if wanted:
            found.append(column == wanted)
    return found


_SOURCE: Final = contact_lists.join(contacts, contacts.c.list == contact_lists.c.list)


def _endings(connection: Connection, asked: Asked) -> Sheet:
    groups = {
        "campaign": contact_lists.c.campaign,
        "list": contact_lists.c.list,
        "file": contact_lists.c.file,
    }
    sums = sums_by(connection, asked, _SOURCE, _FIGURES, groups, lists_asked(asked))
    title = "Campanhas: contatos e como terminaram"
    chart = Chart(Drawn.BARS, "list", tuple(ENDINGS), title)
    sheet = Sheet("campanha-contatos", title, (), (), chart=chart, notes=(WHOSE, TRIES))
    columns = (CAMPAIGN, Column("list", "Lista"), Column("file", "Arquivo"))
    return sheet_by_names(sheet, columns, _FIGURES, sums)


def _left_out(connection: Connection, asked: Asked) -> Sheet:
    groups = {"campaign": contacts.c.campaign, "because": contacts.c.because}
    whose = select(contact_lists.c.list).where(*lists_asked(asked))
    where = [contacts.c.list.in_(whose), contacts.c.state == "done", contacts.c.ending == OUT]
    sums = sums_by(connection, asked, contacts, (_ALL,), groups, where)
    title = "Campanhas: deixados de fora, por regra"
    sheet = Sheet("campanha-deixados-de-fora", title, (), (), notes=(WHOSE,))
    return sheet_by_names(sheet, (CAMPAIGN, Column("because", "Regra")), (_ALL,), sums)


def _tries(connection: Connection, asked: Asked) -> Sheet:
    figures: tuple[Figure, ...] = (_ALL, *map(_ended, ENDINGS), _REACHED)
    groups = {"campaign": contact_lists.c.campaign, "tries": contacts.c.ordered}
    sums = sums_by(connection, asked, _SOURCE, figures, groups, lists_asked(asked))
    named = {(name, f"{tries:2d}"): row for (name, tries), row in sums.items()}
    title = "Campanhas: tentativas por contato"
    chart = Chart(Drawn.BARS, "tries", ("contacts", "reached"), title)
    sheet = Sheet(
        "campanha-tentativas-por-contato", title, (), (), chart=chart, notes=(WHOSE, TRIES)
    )
    return sheet_by_names(sheet, (CAMPAIGN, Column("tries", "Tentativas")), figures, named)


REPORTS: Final = [
    Report(name, title, "4.4.2", TAKES, make)
    for name, title, make in (
        ("campanha-contatos", "Campanhas: contatos e como terminaram", _endings),
        ("campanha-deixados-de-fora", "Campanhas: deixados de fora, por regra", _left_out),
        ("campanha-tentativas-por-contato", "Campanhas: tentativas por contato", _tries),
    )
]
