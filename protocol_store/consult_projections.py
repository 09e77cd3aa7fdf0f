"""A consult as rows: whoever was asked about a call stands among those whom it was offered to, and
may read its story as they may. Pure, like all of projections.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

from protocol_store.visit_tables import minute_of
from terms.facts import Fact, Kind
from terms.outcome import OfferOutcome

Row = dict[str, Any]


class Offers(Protocol):
    """Where `fold` gathers what facts come to."""

    offers: list[tuple[str, Row]]


def _asked(fact: Fact, changes: Offers) -> None:
    if fact.agent:
        because = f"consulta de {fact.details.get('from', '')}"
        more = {"queue": None, "because": because, "ring_seconds": None}
        changes.offers.append(("made", {**_row(fact), **more}))


def _ended(fact: Fact, changes: Offers) -> None:
    """Answered; or over, and then how, unless it had been answered before."""
    if fact.agent:
        outcome = OfferOutcome(fact.details.get("outcome", OfferOutcome.ANSWERED))
        more = {"outcome": str(outcome), "blame": str(outcome.blame), "ended_because": None}
        changes.offers.append(("ended", {**_row(fact), "ended_at": fact.at, **more}))


def _row(fact: Fact) -> Row:
    if not fact.call:
        raise KeyError("call")
    consult = str(fact.details["consult"])
    return {
        "offer_id": consult,
        "call_id": fact.call,
        "agent": fact.agent,
        "offered_at": fact.at,  # of the ending: only if its asking was never stored
        "offered_minute": minute_of(fact.at),
    }


CONSULT_PROJECTIONS: Final[dict[Kind, Callable[[Fact, Offers], None]]] = {
    Kind.CONSULT_ASKED: _asked,
    Kind.CONSULT_ANSWERED: _ended,
    Kind.CONSULT_OVER: _ended,
}
