"""Offers: one ringing of one agent for one call. Each ends exactly once.

         made ──► ringing ──► answered (a talk) ──► over
preview ──┘ └────────┼──► withdrawing ──► over
                     └──► calling (the agent is there, the citizen is rung) ──► answered

A preview is the dialler's alone: the agent is booked, and looks at a contact; nothing rings yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from terms.names import AgentName, CallId, Instant, OfferId, QueueName, Seconds


class OfferState(StrEnum):
    """Where an open offer stands."""

    PREVIEW = "preview"
    MADE = "made"
    RINGING = "ringing"
    CALLING = "calling"  # we call out: the agent is there, the citizen's phone rings
    WITHDRAWING = "withdrawing"  # ordered back; the phone may still ring
    ANSWERED = "answered"


OFFER_SUCCESSORS: dict[OfferState, frozenset[OfferState]] = {
    OfferState.PREVIEW: frozenset({OfferState.MADE, OfferState.WITHDRAWING}),
    OfferState.MADE: frozenset(
        {OfferState.RINGING, OfferState.CALLING, OfferState.WITHDRAWING, OfferState.ANSWERED}
    ),
    OfferState.RINGING: frozenset(
        {OfferState.CALLING, OfferState.WITHDRAWING, OfferState.ANSWERED}
    ),
    OfferState.CALLING: frozenset({OfferState.WITHDRAWING, OfferState.ANSWERED}),
    OfferState.WITHDRAWING: frozenset(),
    OfferState.ANSWERED: frozenset(),
}


@dataclass(slots=True, eq=False)
class Offer:
    """One open offer."""

    offer: OfferId
    call: CallId
    agent: AgentName
    queue: QueueName
    made: Instant
    lease_until: Instant  # without news by then it is lost
    wrap_up_seconds: Seconds
    emergency: bool
    dialled: bool = False  # the dialler's: it is in no figure of the queue's
    ring_seconds: Seconds = 0.0  # of a preview: for how long the phone rings that follows it
    state: OfferState = OfferState.MADE
    answered: Instant = 0.0
    withdrawn_because: str = ""
    over: Instant = 0.0  # when it ended without a talk

    def may_become(self, state: OfferState) -> bool:
        """Whether `state` is a successor of the present one."""
        return state in OFFER_SUCCESSORS[self.state]
