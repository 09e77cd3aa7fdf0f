"""How offers become rows: made, ended, or gone with the floor that made them. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from protocol_store.changes import Changes, agent_of, note_call, number, word
from protocol_store.consult_projections import CONSULT_PROJECTIONS
from protocol_store.visit_tables import minute_of
from terms.facts import Fact, Kind
from terms.outcome import Blame, OfferOutcome

OFFER_SAYS: Final = {
    "made": (
        *("call_id", "agent", "queue", "because"),
        *("ring_seconds", "offered_at", "offered_minute"),
    ),
    "ended": ("ended_at", "outcome", "blame", "ended_because"),
}


def _offer_made(fact: Fact, changes: Changes) -> None:
    said = fact.details
    if said.get("dialled"):  # no call yet: the dialler's attempts have a table of their own
        return
    row = {
        "offer_id": str(said["offer"]),
        "call_id": note_call(changes, fact),
        "agent": agent_of(fact),
        "queue": word(said.get("queue")),
        "because": word(said.get("because")),
        "ring_seconds": number(said.get("ring_seconds")),
        "offered_at": fact.at,
        "offered_minute": minute_of(fact.at),
    }
    changes.offers.append(("made", row))


def _offer_ended(fact: Fact, changes: Changes) -> None:
    said = fact.details
    if said.get("dialled") and said["outcome"] != OfferOutcome.ANSWERED:
        return  # and there never was one
    row = {
        "offer_id": str(said["offer"]),
        "call_id": note_call(changes, fact),
        "agent": agent_of(fact),
        "offered_at": fact.at,  # only if its making was never stored
        "offered_minute": minute_of(fact.at),
        "ended_at": fact.at,
        "outcome": str(said["outcome"]),
        "blame": str(said.get("blame", Blame.US)),
        "ended_because": word(said.get("because")),
    }
    changes.offers.append(("ended", row))


def _control_started(fact: Fact, changes: Changes) -> None:
    # The floor that made those offers is gone, and what it had to say of them may be too. If one
    # of them was taken over after all, its own ending comes later and is the last word.
    row = {
        "now": fact.at,
        "how": OfferOutcome.LOST.value,
        "whose": OfferOutcome.LOST.blame.value,
        "why": "control started anew",
    }
    changes.offers.append(("gone", row))


OFFER_PROJECTIONS: Final[dict[Kind, Callable[[Fact, Changes], object]]] = {
    Kind.OFFER_MADE: _offer_made,
    Kind.OFFER_ENDED: _offer_ended,
    Kind.CONTROL_STARTED: _control_started,
    **CONSULT_PROJECTIONS,
}
