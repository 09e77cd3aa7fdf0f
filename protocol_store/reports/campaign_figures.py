"""What the reports on attempts of campaigns count (3.3.3.35, 4.4.2, R66).

An attempt counts in the interval in which it was ordered. What never reached for the citizen (a
cap, the agent's phone, a carrier that took no call) is no try of theirs: it stands apart.

Asked of the table: `attempts_counted`; `attempts.contact` where a list is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, func, or_

from protocol_store.attempt_rows import NEVER_REACHED
from protocol_store.campaign_rows import LIST_DIGITS
from protocol_store.campaign_tables import attempts
from protocol_store.reports.asked import Buckets, buckets
from protocol_store.reports.counting import (
    Count,
    Figure,
    Ratio,
    Sums,
    count_if,
    ratio,
    sum_if,
    sums_by,
)
from terms.limits import SHORT_CALL
from terms.outcome import Tried
from terms.sheet import Asked, Column, Shape

CAMPAIGN: Final = Column("campaign", "Campanha")
TAKES: Final = frozenset({"campaign", "agent", "lista", "rota"})
WHAT_COUNTS: Final = (
    "Tentativa: cada vez que se discou para um cidadão. Conta no intervalo em que foi pedida.",
    "Resultados como em R66: só a atendida é paga. «Não discadas» não chegaram ao cidadão (o"
    " atendente não estava pronto, um limite nosso, a operadora fechada) e não são tentativas.",
)
SHORT: Final = f"Curta: alguém ou algo atendeu, e durou até {SHORT_CALL:g} s (Anatel)."
MINUTE: Final = attempts.c.ordered_minute
_TALK: Final = and_(attempts.c.result == Tried.ANSWERED.value, attempts.c.talk_seconds.is_not(None))
_MADE: Final = or_(attempts.c.result.is_(None), attempts.c.result.not_in(sorted(NEVER_REACHED)))


def came(result: Tried) -> Count:
    """How many came to this."""
    word, shown = result.value, result.shown
    return Count(word, shown[0].upper() + shown[1:], lambda _: count_if(attempts.c.result == word))


# --- figures ---
MADE: Final = Count("made", "Tentativas", lambda _: count_if(_MADE))
ANSWERED: Final = came(Tried.ANSWERED)
DROPPED: Final = came(Tried.DROPPED)
RESULTS: Final[tuple[Count, ...]] = (
    *(came(one) for one in Tried if one.reached_for),
    Count("open", "Em curso", lambda _: count_if(attempts.c.result.is_(None))),
)
"""Every attempt that was made is in exactly one of these."""
NOT_DIALLED: Final = Count(
    "not_dialled", "Não discadas", lambda _: count_if(attempts.c.result.in_(sorted(NEVER_REACHED)))
)
BILLABLE: Final = Count(
    "billable",
    "Pagas",
    lambda _: count_if(attempts.c.result.in_([one.value for one in Tried if one.billable])),
)
ANSWERED_SHARE: Final = Ratio("answered_share", "Atendidas ÷ tentativas", ratio("answered", "made"))
TALKED: Final = Count(
    "talked",
    "Conversa somada",
    lambda _: sum_if(attempts.c.talk_seconds, _TALK),
    Shape.SECONDS,
)
MEAN_TALK: Final = Ratio("mean_talk", "Conversa média", ratio("talked", "talks"), Shape.SECONDS)
TALKS: Final = Count("talks", "", lambda _: count_if(_TALK), shown=False)
SHORT_ONES: Final = Count("short", "Curtas", lambda _: count_if(attempts.c.short.is_(True)))
DROPS: Final = Ratio(
    "drop_share",
    "Sem atendente ÷ (atendidas + sem atendente)",
    lambda row: (
        row["dropped"] / (row["answered"] + row["dropped"])
        if row["answered"] + row["dropped"]
        else None
    ),
)
ALL: Final[tuple[Figure, ...]] = (
    MADE,
    *RESULTS,
    *(NOT_DIALLED, BILLABLE, ANSWERED_SHARE),
    *(TALKS, TALKED, MEAN_TALK, SHORT_ONES),
)
FEW: Final[tuple[Figure, ...]] = (
    *(MADE, ANSWERED, ANSWERED_SHARE, BILLABLE, DROPPED, NOT_DIALLED),
    *(TALKS, TALKED, MEAN_TALK, SHORT_ONES),
)


# --- what was asked ---
def tried(asked: Asked, spans: Buckets) -> list[ColumnElement[bool]]:
    """The attempts that were asked for."""
    found = [spans.within(MINUTE)]
    for column, wanted in (
        (attempts.c.campaign, asked.campaign),
        (attempts.c.agent, asked.agent),
        (attempts.c.trunk, asked.more.get("rota", "")),
        (LIST, asked.more.get("lista", "")),
    ):
        if wanted:
            found.append(column == wanted)
    return found


LIST: Final[ColumnElement[Any]] = func.substr(attempts.c.contact, 1, LIST_DIGITS)
"""An attempt's list: its contact is named after it."""


def attempts_by(
    connection: Connection,
    asked: Asked,
    figures: Sequence[Figure],
    groups: Mapping[str, ColumnElement[Any]],
    *more: ColumnElement[bool],
) -> dict[tuple[Any, ...], Sums]:
    """These figures of the attempts that were asked for, by the groups."""
    where = [*tried(asked, buckets(asked)), *more]
    return sums_by(connection, asked, attempts, figures, groups, where)


def result_text(result: str) -> str:
    """A result as people read it."""
    return Tried(result).shown if result else "em curso"
