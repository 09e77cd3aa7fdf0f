"""How a call and an offer end, and who is to blame for it.

    call outcome           blame      meaning
    served                 nobody     a person spoke with the citizen
    ended_in_menu          nobody     the menu gave what was wanted and ended the call
    left_in_menu           citizen    hung up before any queue
    abandoned              citizen    hung up while waiting in a queue or while an agent rang
    message_left           nobody     nobody was on duty; a message was recorded
    refused                nobody     turned away before answer (a collect call)
    promised               nobody     hung up with our word to call back, keeping the place (R26)
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
    PROMISED = "promised"

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
    CallOutcome.PROMISED: Blame.NOBODY,
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
    NOT_REACHED = "not_reached"  # a call-back: the agent was there, the citizen was not

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
    OfferOutcome.NOT_REACHED: Blame.CITIZEN,
}


class Tried(StrEnum):
    """What came of one attempt to call a citizen. Some are no attempts at the citizen
    (`reached_for`): the place is kept, and it is tried again."""

    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    INVALID = "invalid"  # there is no such number
    UNREACHABLE = "unreachable"  # the carrier could not put it through
    AGENT = "agent"  # the agent's phone was not there, said no, or was put down meanwhile
    HELD = "held"  # a cap, or an emergency that waits: nothing was dialled
    SHUT = "shut"  # the carrier took no call: it is not the citizen who was not there
    LOST = "lost"  # nobody can say: the switch or control died in its middle
    MACHINE = "machine"  # a mailbox answered
    FAX = "fax"
    SILENT = "silent"  # answered, and nobody spoke
    DROPPED = "dropped"  # answered, and we had nobody for the citizen in time

    @property
    def shown(self) -> str:
        """R66's word for it, as users read it; what R66 has no word for says what it was."""
        return _TRIED_SHOWN[self]

    @property
    def billable(self) -> bool:
        """Whether the city pays for it: R66, only the first."""
        return self is Tried.ANSWERED

    @property
    def reached_for(self) -> bool:
        """Whether the citizen's phone was, or may have been, dialled."""
        return self not in (Tried.AGENT, Tried.HELD, Tried.SHUT)


_TRIED_SHOWN = {
    Tried.ANSWERED: "atendida",
    Tried.NO_ANSWER: "não atende",
    Tried.BUSY: "ocupado",
    Tried.MACHINE: "caixa postal",
    Tried.FAX: "fax",
    Tried.INVALID: "inválido",
    Tried.SILENT: "muda",
    Tried.UNREACHABLE: "operadora",
    Tried.SHUT: "operadora fechada",
    Tried.DROPPED: "sem atendente",
    Tried.AGENT: "atendente não pronto",
    Tried.HELD: "retida",
    Tried.LOST: "interrompida",
}


class Kept(StrEnum):
    """How the promise of a call-back ended."""

    REACHED = "reached"
    RETURNED = "returned"  # the citizen called again and took the place
    EXPIRED = "expired"
    NO_CONTACT = "no_contact"  # all attempts were made
    CANCELLED = "cancelled"  # by a person
