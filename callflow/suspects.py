"""A call from a number under suspicion (R36): told to the agent, refused on 156 if a supervisor has
blocked the number, never refused on 199 and 153.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from terms.facts import Kind
from terms.names import EMERGENCY_LINES
from terms.outcome import CallOutcome

if TYPE_CHECKING:
    from callflow.visit import Visit

SUSPECT_WORD: Final = "TROTE?"
"""What the agent's phone shows before the line: a question, for the agent is the judge."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What holds about a number: how many people suspect it, and whether 156 is closed to it."""

    suspicions: int = 0
    blocked: bool = False

    def __bool__(self) -> bool:
        return bool(self.suspicions or self.blocked)


class Numbers(Protocol):
    """Who knows which numbers are marked. Asked once a call: a look into memory."""

    @property
    def refusal(self) -> str:
        """What is said to a number that is blocked, before the call ends."""
        ...

    def marks(self, caller: str) -> Marks:
        """What holds about this number."""
        ...


class NoMarks:
    """Nobody suspects anybody."""

    refusal = ""

    def marks(self, caller: str) -> Marks:
        """Nothing."""
        return Marks()


def refused_at_the_door(visit: Visit) -> bool:
    """Tell of the marks of a call that has just come in; whether it is not to be served."""
    marks = visit.tools.numbers.marks(visit.caller)
    if not marks:
        return False
    refused = marks.blocked and visit.line not in EMERGENCY_LINES
    visit.note(Kind.NUMBER_SUSPECT, marks=marks.suspicions, blocked=refused)
    if refused:
        visit.place = visit.place.but(outcome=str(CallOutcome.REFUSED))
    return refused


def told_to_agent(visit: Visit) -> str:
    """The word for the agent's phone; '' when nothing is held against the number."""
    return SUSPECT_WORD if visit.tools.numbers.marks(visit.caller) else ""
