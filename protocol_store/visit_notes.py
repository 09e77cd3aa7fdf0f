"""What a fact says of a call's stays, legs and answers, and of an agent's state. Pure.

A note is what `visit_moves.py` needs of a fact, checked: a malformed fact is found here, alone, and
marked like any other (projections.Unprojectable).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from terms.facts import Fact, Kind
from terms.names import Instant

Said = dict[str, Any]


LOST: Final = frozenset({"cut", "unreadable"})
"""What stands instead of details that could not be stored whole (fact_log.py): it is marked
already, and says nothing here."""


@dataclass(frozen=True, slots=True)
class Note:
    """One fact. `at` is rounded as it is stored, so that facts read back come to the same rows."""

    kind: Kind
    at: Instant
    call: str
    agent: str
    said: Said = field(default_factory=dict)
    by: str = ""


class Notes(Protocol):
    """Where `fold` gathers what facts come to."""

    visits: list[Note]
    states: list[Note]


def _of_call(says: Callable[[Said], Said]) -> Callable[[Fact, Notes], None]:
    def note(fact: Fact, changes: Notes) -> None:
        if not fact.call:
            raise KeyError("call")
        if LOST & fact.details.keys():
            return
        said = says(dict(fact.details))
        at = round(fact.at, 6)
        changes.visits.append(Note(fact.kind, at, fact.call, fact.agent or "", said, fact.by))

    return note


def _unless_dialled(note: Callable[[Fact, Notes], None]) -> Callable[[Fact, Notes], None]:
    """An agent whom the dialler reserves for a call that is not made yet is a leg of none."""

    def note_of_call(fact: Fact, changes: Notes) -> None:
        if not fact.details.get("dialled"):
            note(fact, changes)

    return note_of_call


def _of_agent(says: Callable[[Said], Said]) -> Callable[[Fact, Notes], None]:
    def note(fact: Fact, changes: Notes) -> None:
        if not fact.agent:
            raise KeyError("agent")
        if LOST & fact.details.keys():
            return
        at = round(fact.at, 6)
        changes.states.append(Note(fact.kind, at, "", fact.agent, says(dict(fact.details))))

    return note


def _of_everybody(fact: Fact, changes: Notes) -> None:
    changes.states.append(Note(fact.kind, round(fact.at, 6), "", ""))


def _arrived(said: Said) -> Said:
    return {
        "line": str(said["line"]),
        "entry": str(said["entry"]),
        "test": bool(said.get("test", False)),
    }


def _entered(said: Said) -> Said:
    return {"node": str(said["node"])}


def _key(said: Said) -> Said:
    key = str(said.get("key", ""))
    return {"node": str(said["node"]), "key": key, "valid": bool(said.get("valid", False))}


def _digits(said: Said) -> Said:
    typed = "#" if said.get("digits") else ""
    return {"node": str(said["node"]), "key": typed, "valid": bool(said.get("valid", False))}


def _looked_up(said: Said) -> Said:
    return {name: str(said[name]) for name in ("node", "where", "how")}


def _answered_survey(said: Said) -> Said:
    mark = str(said.get("mark") or "")
    return {"question": str(said["question"]), "mark": int(mark) if mark.isdigit() else None}


def _handed_over(said: Said) -> Said:
    return {"to_line": str(said["to_line"])}


def _transfer_tried(said: Said) -> Said:
    return {
        "node": str(said.get("node") or ""),
        "destination": str(said.get("destination") or ""),
        "reached": bool(said.get("reached", False)),
        "because": str(said.get("because") or ""),
        "seconds": float(said.get("seconds") or 0.0),
    }


def _queued(said: Said) -> Said:
    return {
        "queue": str(said["queue"]),
        "note": str(said.get("note") or ""),
        "joined": round(float(said.get("joined") or 0.0), 6),
    }


def _offer(said: Said) -> Said:
    return {"leg": str(said.get("offer") or ""), "outcome": str(said.get("outcome") or "")}


def _answered(said: Said) -> Said:
    waited = said.get("waited")
    return {
        "leg": str(said.get("offer") or ""),
        "waited": None if waited is None else float(waited),
        "dialled": bool(said.get("dialled")),
    }


def _consult(said: Said) -> Said:
    return {
        "leg": str(said["consult"]),
        "outside": str(said.get("outside") or ""),
        "outcome": str(said.get("outcome") or ""),
    }


def _moved(said: Said) -> Said:
    return {"leg": str(said.get("consult") or ""), "to": str(said["to"])}


def _supervision(said: Said) -> Said:
    return {"leg": str(said["supervision"]), "mode": str(said.get("mode") or "")}


def _tried(said: Said) -> Said:
    return {"leg": str(said.get("attempt") or ""), "outcome": str(said.get("result") or "")}


def _ended(said: Said) -> Said:
    return {
        "outcome": str(said["outcome"]),
        "where": str(said.get("where") or ""),
        "seconds": max(0.0, float(said.get("seconds") or 0.0)),
    }


def _nothing(_said: Said) -> Said:
    return {}


def _state(said: Said) -> Said:
    return {"state": str(said["state"])}


VISIT_NOTES: Final[dict[Kind, Callable[[Fact, Any], None]]] = {
    Kind.CALL_ARRIVED: _of_call(_arrived),
    Kind.NODE_ENTERED: _of_call(_entered),
    Kind.KEY_PRESSED: _of_call(_key),
    Kind.DIGITS_TYPED: _of_call(_digits),
    Kind.LOOKED_UP: _of_call(_looked_up),
    Kind.SURVEY_ANSWERED: _of_call(_answered_survey),
    Kind.HANDED_OVER: _of_call(_handed_over),
    Kind.TRANSFER_TRIED: _of_call(_transfer_tried),
    Kind.QUEUED: _of_call(_queued),
    Kind.SENT_AWAY: _of_call(_nothing),
    Kind.OFFER_MADE: _unless_dialled(_of_call(_offer)),
    Kind.OFFER_ENDED: _unless_dialled(_of_call(_offer)),
    Kind.ANSWERED: _of_call(_answered),
    Kind.TALK_ENDED: _of_call(_offer),
    Kind.CONSULT_ASKED: _of_call(_consult),
    Kind.CONSULT_ANSWERED: _of_call(_consult),
    Kind.CONSULT_OVER: _of_call(_consult),
    Kind.TALK_MOVED: _of_call(_moved),
    Kind.SUPERVISION_BEGAN: _of_call(_supervision),
    Kind.SUPERVISION_ENDED: _of_call(_supervision),
    Kind.CALL_BACK_RESULT: _of_call(_tried),
    Kind.CALL_ENDED: _of_call(_ended),
    Kind.AGENT_STATE: _of_agent(_state),
    Kind.AGENT_LOGIN: _of_agent(_nothing),
    Kind.AGENT_LOGOUT: _of_agent(_nothing),
    Kind.CONTROL_STARTED: _of_everybody,
}
