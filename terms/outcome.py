"""How a call and an offer end, and who is to blame for it.

    call outcome           blame      meaning
    served                 nobody     a person spoke with the citizen
    ended_in_menu          nobody     the menu gave what was wanted and ended the call
    left_in_menu           citizen    hung up before any queue
    abandoned              citizen    hung up while waiting in a queue or while an agent rang
    message_left           nobody     nobody was on duty; a message was recorded
    refused                nobody     turned away before answer (a collect call)
    interrupted            us         the call was cut, or its end was never seen

If nobody can say whose fault an ending was, it is ours.
"""

from __future__ import annotations

from enum import StrEnum


class Blame(StrEnum):
    """Who caused an ending. The default, wherever one is needed, is `US`."""

    NOBODY = "nobody"
    CITIZEN = "citizen"
    AGENT = "agent"
    CARRIER = "carrier"
    US = "us"


class CallOutcome(StrEnum):
    """How a call ended; see the table at the top of this file."""

    SERVED = "served"
    ENDED_IN_MENU = "ended_in_menu"
    LEFT_IN_MENU = "left_in_menu"
    ABANDONED = "abandoned"
    MESSAGE_LEFT = "message_left"
    REFUSED = "refused"
    INTERRUPTED = "interrupted"

    @property
    def blame(self) -> Blame:
        """Who this ending is put down to."""
        return _CALL_BLAME.get(self, Blame.US)


_CALL_BLAME = {
    CallOutcome.SERVED: Blame.NOBODY,
    CallOutcome.ENDED_IN_MENU: Blame.NOBODY,
    CallOutcome.LEFT_IN_MENU: Blame.CITIZEN,
    CallOutcome.ABANDONED: Blame.CITIZEN,
    CallOutcome.MESSAGE_LEFT: Blame.NOBODY,
    CallOutcome.REFUSED: Blame.NOBODY,
}


class OfferOutcome(StrEnum):
    """How an offer ended. Every offer ends exactly once."""

    ANSWERED = "answered"
    RING_NO_ANSWER = "ring_no_answer"  # rang its full time: the agent is paused (R27)
    REFUSED = "refused"  # the phone said no (486, 603): the agent is paused likewise
    UNREACHABLE = "unreachable"  # the phone is not there (unregistered, 4xx/5xx, no route)
    GATE_CLOSED = "gate_closed"  # the dialplan's gate found another call on that agent
    WITHDRAWN = "withdrawn"  # taken back by us for a reason in `because`
    CALLER_LEFT = "caller_left"  # the citizen hung up while it rang
    LOST = "lost"  # its step or process went away: ours

    @property
    def blame(self) -> Blame:
        """Who this ending is put down to."""
        return _OFFER_BLAME.get(self, Blame.US)


_OFFER_BLAME = {
    OfferOutcome.ANSWERED: Blame.NOBODY,
    OfferOutcome.RING_NO_ANSWER: Blame.AGENT,
    OfferOutcome.REFUSED: Blame.AGENT,
    OfferOutcome.UNREACHABLE: Blame.AGENT,
    OfferOutcome.WITHDRAWN: Blame.NOBODY,
    OfferOutcome.CALLER_LEFT: Blame.CITIZEN,
}
