"""What notes about one call come to: its legs, the citizen's own and everybody's who joined. Pure.

citizen      call_arrived … call_ended
agent        offer_made | consult_asked … answered … talk_ended | offer_ended | consult_over
             … a consult becomes a transfer when whoever was asked takes the call (talk_moved)
outside      consult_asked | transfer_tried (told when it is over) …
supervisor   supervision_began … supervision_ended
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

from protocol_store.visit_notes import Note
from protocol_store.visit_tables import minute_of
from terms.facts import Kind
from terms.names import Instant
from terms.outcome import OfferOutcome

Row = dict[str, Any]

CITIZEN, AGENT, OUTSIDE, SUPERVISOR = "citizen", "agent", "outside", "supervisor"
IN, OUT = "in", "out"
CONSULT, TRANSFER = "consult", "transfer"
CALLED_BY_US: Final = frozenset({"retorno", "campanha"})
"""What stands for the number that was dialled, of a call that we made ourselves."""

STATIC_LEG: Final = "contingencia"
"""The leg of a talk that the switch alone put through: it has no offer."""

MICROSECONDS: Final = 6

OVER: Final = "answered"
"""The outcome of a leg that spoke: it ended when the talk did."""


class Course(Protocol):
    """One call's legs by their names, and those to be written."""

    call: str
    test: bool
    legs: dict[str, Row]
    changed_legs: dict[int, Row]


def _leg(course: Course, name: str, at: Instant, who: str, **more: Any) -> Row:
    """The leg of this name, which begins now unless it is known; it is to be written."""
    row = course.legs.get(name)
    if row is None:
        row = {
            "call_id": course.call,
            "ordinal": len(course.legs),
            "leg": name,
            "who": who,
            "agent": None,
            "direction": OUT,
            "because": "offer",
            "began_at": at,
            "began_minute": minute_of(at),
            "answered_at": None,
            "ended_at": None,
            "outcome": None,
            "test": course.test,
            **more,
        }
        course.legs[name] = row
    course.changed_legs[row["ordinal"]] = row
    return row


def _end(row: Row, at: Instant, outcome: str) -> None:
    """A leg ends once; what is told of it later changes nothing."""
    if row["ended_at"] is None:
        row["ended_at"], row["outcome"] = max(at, row["began_at"]), outcome


def _arrived(course: Course, note: Note) -> None:
    direction = OUT if note.said["entry"] in CALLED_BY_US else IN
    row = _leg(course, "", note.at, CITIZEN, direction=direction, because="call")
    row["answered_at"] = row["answered_at"] or note.at


def _offered(course: Course, note: Note) -> None:
    _leg(course, note.said["leg"], note.at, AGENT, agent=note.agent or None)


def _named(course: Course, note: Note) -> str:
    """The leg that a note is about. The switch's diary knows of no offers: what it tells is of the
    agent's leg that goes on, or of a call that the switch alone put through."""
    said: str = note.said["leg"]
    goes_on = (
        name
        for name, row in reversed(course.legs.items())
        if row["who"] == AGENT and row["agent"] == (note.agent or None) and row["ended_at"] is None
    )
    return said or next(goes_on, STATIC_LEG)


def _answered(course: Course, note: Note) -> None:
    name = _named(course, note)
    row = _leg(course, name, note.at, AGENT, agent=note.agent or None)
    if row["because"] == CONSULT:  # who had asked was gone before anybody could tell of it
        row["because"], row["answered_at"] = TRANSFER, note.at
    row["answered_at"] = row["answered_at"] or note.at


def _talk_ended(course: Course, note: Note) -> None:
    row = course.legs.get(_named(course, note))
    if row is not None:
        _end(_leg(course, row["leg"], note.at, AGENT), note.at, OVER)


def _not_answered(course: Course, note: Note) -> None:
    row = course.legs.get(note.said["leg"])
    if row is None or note.said["outcome"] == OfferOutcome.ANSWERED:
        return
    _end(_leg(course, row["leg"], note.at, AGENT), note.at, note.said["outcome"])


def _consult_asked(course: Course, note: Note) -> None:
    said = note.said
    who, agent = (AGENT, note.agent) if note.agent else (OUTSIDE, said["outside"])
    _leg(course, said["leg"], note.at, who, agent=agent, because=CONSULT)


def _consult_answered(course: Course, note: Note) -> None:
    row = course.legs.get(note.said["leg"])
    if row is not None and row["answered_at"] is None:
        _leg(course, row["leg"], note.at, AGENT)["answered_at"] = note.at


def _consult_over(course: Course, note: Note) -> None:
    row = course.legs.get(note.said["leg"])
    if row is not None:
        spoke = row["answered_at"] is not None
        outcome = OVER if spoke else note.said["outcome"] or str(OfferOutcome.LOST)
        _end(_leg(course, row["leg"], note.at, AGENT), note.at, outcome)


def _moved(course: Course, note: Note) -> None:
    """Whoever was asked has the call now: their leg is a talk from then on, as talk_ended says."""
    row = course.legs.get(note.said["leg"])
    if row is not None and row["because"] == CONSULT:
        row = _leg(course, row["leg"], note.at, AGENT)
        row["because"], row["answered_at"] = TRANSFER, note.at


def _transfer_tried(course: Course, note: Note) -> None:
    """Told when the call outside is over: it began so many seconds of talk before."""
    said, at = note.said, note.at
    name = f"externo-{len(course.legs)}"
    began = round(at - max(0.0, said["seconds"]), MICROSECONDS)
    to = said["destination"] or None
    row = _leg(course, name, began, OUTSIDE, agent=to, because=TRANSFER)
    row["answered_at"] = began if said["reached"] else None
    _end(row, at, OVER if said["reached"] else said["because"] or str(OfferOutcome.LOST))


def _supervised(course: Course, note: Note) -> None:
    mode = note.said["mode"]
    row = _leg(course, note.said["leg"], note.at, SUPERVISOR, agent=note.by or None, because=mode)
    row["answered_at"] = row["answered_at"] or note.at


def _supervised_no_more(course: Course, note: Note) -> None:
    row = course.legs.get(note.said["leg"])
    if row is not None:
        _end(_leg(course, row["leg"], note.at, SUPERVISOR), note.at, OVER)


def _ended(course: Course, note: Note) -> None:
    began = round(note.at - note.said["seconds"], MICROSECONDS)
    row = _leg(course, "", began, CITIZEN, direction=IN, because="call")
    _end(row, note.at, note.said["outcome"])
    for name, other in course.legs.items():
        # Whoever was only asked, or only listened, has nobody left to; nothing else may tell so
        # (a number outside that has the call; a control that was away meanwhile).
        if other["because"] != "offer" and other["answered_at"] and not other["ended_at"]:
            _end(_leg(course, name, note.at, other["who"]), note.at, OVER)


LEG_MOVES: Final[dict[Kind, Callable[[Any, Note], None]]] = {
    Kind.CALL_ARRIVED: _arrived,
    Kind.OFFER_MADE: _offered,
    Kind.OFFER_ENDED: _not_answered,
    Kind.ANSWERED: _answered,
    Kind.TALK_ENDED: _talk_ended,
    Kind.CONSULT_ASKED: _consult_asked,
    Kind.CONSULT_ANSWERED: _consult_answered,
    Kind.CONSULT_OVER: _consult_over,
    Kind.TALK_MOVED: _moved,
    Kind.TRANSFER_TRIED: _transfer_tried,
    Kind.SUPERVISION_BEGAN: _supervised,
    Kind.SUPERVISION_ENDED: _supervised_no_more,
    Kind.CALL_BACK_RESULT: _not_answered,
    Kind.CALL_ENDED: _ended,
}
