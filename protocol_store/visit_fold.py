"""What notes about one call come to: its stays in queues and in nodes, and its answers. Pure.

    a stay in a queue begins   queued, in another queue than the last one
    … and ends                 answered | queued elsewhere or sent away (redirected) | the call ends
    a stay in a node begins    node_entered
    … and ends                 the next node, a queue, or the call's end; `how` is the last that
                               happened there: a key, silence, a wrong key, a service's failure, …

A wait counts from where the fact says (R71): a caller who is put into another queue, or handed over
by another line, has not begun to wait anew. Whoever is called back waits since the first call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from protocol_store.leg_fold import LEG_MOVES
from protocol_store.visit_notes import Note
from protocol_store.visit_tables import minute_of
from terms.facts import Kind
from terms.names import Instant
from terms.outcome import CallOutcome

Row = dict[str, Any]

STATIC_QUEUE: Final = "contingencia"
"""The queue of a call that the switch queued by itself, while control was away."""

MILLISECONDS: Final = 3
MICROSECONDS: Final = 6


class QueueEnd(StrEnum):
    """How a stay in a queue ended."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    REDIRECTED = "redirected"
    PROMISED = "promised"
    MESSAGE = "message"
    INTERRUPTED = "interrupted"


class NodeEnd(StrEnum):
    """The last that happened in a node of the tree."""

    KEY = "key"
    SILENCE = "silence"
    INVALID = "invalid"
    HANGUP = "hangup"
    ON = "on"  # it went on by itself
    QUEUE = "queue"
    TRANSFER = "transfer"
    FAILURE = "failure"


_ENDS_IN_QUEUE: Final[dict[str, QueueEnd]] = {
    CallOutcome.PROMISED: QueueEnd.PROMISED,
    CallOutcome.MESSAGE_LEFT: QueueEnd.MESSAGE,
    CallOutcome.INTERRUPTED: QueueEnd.INTERRUPTED,
    CallOutcome.ENDED_IN_MENU: QueueEnd.REDIRECTED,  # by a key, or by the queue's limit
    CallOutcome.REFUSED: QueueEnd.REDIRECTED,
}
"""What the call's end makes of an open stay; of one that is not named here, it was given up."""

_ENDS_IN_MENU: Final = frozenset(
    {CallOutcome.LEFT_IN_MENU, CallOutcome.ENDED_IN_MENU, CallOutcome.MESSAGE_LEFT}
    | {CallOutcome.REFUSED, CallOutcome.INTERRUPTED}
)


@dataclass(slots=True)
class Course:
    """One call: what its rows say, and those that the notes at hand add or change."""

    call: str
    line: str = ""
    test: bool = False
    agent: str | None = None  # who spoke with the citizen last
    visit: Row | None = None  # the last stay in a queue
    node: Row | None = None  # the last stay in a node
    legs: dict[str, Row] = field(default_factory=dict)
    # what is to be written
    visits: dict[int, Row] = field(default_factory=dict)
    nodes: dict[int, Row] = field(default_factory=dict)
    changed_legs: dict[int, Row] = field(default_factory=dict)
    answers: dict[str, Row] = field(default_factory=dict)
    lookups: list[Row] = field(default_factory=list)
    announced: bool = False  # just now; what was written before may have got `test` wrong
    left_at_node: str | None = None

    def take(self, note: Note) -> None:
        """Let one note, the next in order, make its changes. Never raises."""
        for moves in (_MOVES, LEG_MOVES):
            move = moves.get(note.kind)
            if move is not None:
                move(self, note)

    # --- stays in queues ---
    def waiting(self) -> Row | None:
        """The stay that goes on, if one does."""
        return self.visit if self.visit is not None and self.visit["how"] is None else None

    def join(self, at: Instant, queue: str, note: str, since: Instant) -> Row:
        """A stay begins."""
        self.visit = {
            "call_id": self.call,
            "ordinal": 1 if self.visit is None else self.visit["ordinal"] + 1,
            "line": self.line,
            "queue": queue,
            "note": note,
            "entered_at": at,
            "entered_minute": minute_of(at),
            "waits_from": min(since or at, at),
            "left_at": None,
            "how": None,
            "wait_seconds": None,
            "agent": None,
            "test": self.test,
        }
        self.visits[self.visit["ordinal"]] = self.visit
        return self.visit

    def leave(self, visit: Row, at: Instant, how: QueueEnd, waited: float | None = None) -> None:
        """A stay ends."""
        visit["how"], visit["left_at"] = str(how), max(at, visit["entered_at"])
        measured = at - visit["waits_from"] if waited is None else waited
        visit["wait_seconds"] = round(max(0.0, measured), MILLISECONDS)
        self.visits[visit["ordinal"]] = visit

    # --- stays in nodes ---
    def enter(self, at: Instant, name: str) -> None:
        """A stay in a node begins; the one before it is over."""
        self.go_from_node(at, NodeEnd.ON)
        self.node = {
            "call_id": self.call,
            "ordinal": 1 if self.node is None else self.node["ordinal"] + 1,
            "line": self.line,
            "node": name,
            "entered_at": at,
            "entered_minute": minute_of(at),
            "left_at": None,
            "how": None,
            "key": "",
            "silences": 0,
            "invalids": 0,
            "test": self.test,
        }
        self.nodes[self.node["ordinal"]] = self.node

    def here(self, name: str) -> Row | None:
        """The last stay, if it was in this node; its row is to be written again."""
        if self.node is None or self.node["node"] != name:
            return None
        self.nodes[self.node["ordinal"]] = self.node
        return self.node

    def go_from_node(self, at: Instant, how: NodeEnd, surely: bool = False) -> bool:
        """The stay in a node is over, if one goes on: by what happened there last, else (or
        `surely`) by this. Whether one went on."""
        if self.node is None or self.node["left_at"] is not None:
            return False
        self.node["left_at"] = max(at, self.node["entered_at"])
        if surely or self.node["how"] is None:
            self.node["how"] = str(how)
        self.nodes[self.node["ordinal"]] = self.node
        return True


# --- what each kind of fact does ---
def _arrived(course: Course, note: Note) -> None:
    course.line, course.test, course.announced = note.said["line"], note.said["test"], True


def _entered(course: Course, note: Note) -> None:
    course.enter(note.at, note.said["node"])


def _key(course: Course, note: Note) -> None:
    row, key = course.here(note.said["node"]), note.said["key"]
    if row is None:
        return
    if not note.said["valid"]:
        row["invalids" if key else "silences"] += 1
        if row["left_at"] is not None:  # while waiting: it changed nothing
            return
    elif row["left_at"] is not None:  # an option of the queue's own node, pressed in the queue
        row["left_at"] = max(row["left_at"], note.at)
    row["key"] = key or row["key"]
    wrong = NodeEnd.INVALID if key else NodeEnd.SILENCE
    row["how"] = str(NodeEnd.KEY if note.said["valid"] else wrong)


def _looked_up(course: Course, note: Note) -> None:
    said = note.said
    row = course.here(said["node"])
    if row is not None:
        row["how"] = str(NodeEnd.FAILURE if said["how"] == "falhou" else NodeEnd.ON)
    course.lookups.append(
        {
            "call_id": course.call,
            "line": course.line,
            "node": said["node"],
            "place": said["where"],
            "how": said["how"],
            "at": note.at,
            "minute": minute_of(note.at),
            "test": course.test,
        }
    )


def _transfer_tried(course: Course, note: Note) -> None:
    row = course.here(note.said["node"])
    if row is not None:
        row["how"] = str(NodeEnd.TRANSFER if note.said["reached"] else NodeEnd.FAILURE)


def _answered_survey(course: Course, note: Note) -> None:
    question = note.said["question"]
    course.answers[question] = {
        "call_id": course.call,
        "question": question,
        "mark": note.said["mark"],
        "at": note.at,
        "minute": minute_of(note.at),
        "agent": course.agent,
        "queue": None if course.visit is None else course.visit["queue"],
        "line": course.line,
        "test": course.test,
    }


def _handed_over(course: Course, note: Note) -> None:
    course.line = note.said["to_line"]


def _queued(course: Course, note: Note) -> None:
    said, open_one = note.said, course.waiting()
    course.go_from_node(note.at, NodeEnd.QUEUE)
    if open_one is not None:
        if open_one["queue"] == said["queue"]:
            return  # the same stay: its step was done again, or a key led back
        course.leave(open_one, note.at, QueueEnd.REDIRECTED)
    course.join(note.at, said["queue"], said["note"], said["joined"])


def _sent_away(course: Course, note: Note) -> None:
    open_one = course.waiting()
    if open_one is not None:
        course.leave(open_one, note.at, QueueEnd.REDIRECTED)


def _answered(course: Course, note: Note) -> None:
    waited, agent = note.said["waited"], note.agent or None
    course.agent = agent
    course.go_from_node(note.at, NodeEnd.QUEUE)
    open_one = course.waiting()
    if open_one is None and course.visit is not None:
        # Sent away by the queue's limit as an agent was found: it is this wait that was answered.
        sent_away = course.visit["how"] == QueueEnd.REDIRECTED
        open_one = course.visit if sent_away else None
    elif open_one is None:  # the switch had queued it by itself
        began = round(note.at - (waited or 0.0), MICROSECONDS)
        open_one = course.join(began, STATIC_QUEUE, "", began)
    if open_one is not None:
        open_one["agent"] = agent
        course.leave(open_one, note.at, QueueEnd.ANSWERED, waited)


def _moved(course: Course, note: Note) -> None:
    course.agent = note.said["to"]


def _ended(course: Course, note: Note) -> None:
    said, at = note.said, note.at
    outcome = said["outcome"]
    by_us = said["where"] == "ended"
    cut = outcome == CallOutcome.INTERRUPTED
    how = NodeEnd.FAILURE if cut else NodeEnd.ON if by_us else NodeEnd.HANGUP
    if course.go_from_node(at, how, surely=True) and outcome in _ENDS_IN_MENU:
        assert course.node is not None
        course.left_at_node = course.node["node"]
    _end_wait(course, note, outcome)


def _end_wait(course: Course, note: Note, outcome: str) -> None:
    last, at = course.visit, note.at
    if last is None:
        if outcome == CallOutcome.ABANDONED:  # in the switch's own queue
            began = round(at - note.said["seconds"], MICROSECONDS)
            course.leave(course.join(began, STATIC_QUEUE, "", began), at, QueueEnd.ABANDONED)
        return
    if last["how"] is None:
        never = outcome == CallOutcome.SERVED and course.agent is None
        otherwise = QueueEnd.ANSWERED if never else QueueEnd.ABANDONED
        course.leave(last, at, _ENDS_IN_QUEUE.get(outcome, otherwise))
    elif outcome == CallOutcome.ABANDONED and last["how"] == QueueEnd.REDIRECTED:
        # Sent away by the queue's limit, and gone before the tree could help.
        course.leave(last, at, QueueEnd.ABANDONED)


_MOVES: Final[dict[Kind, Callable[[Course, Note], None]]] = {
    Kind.CALL_ARRIVED: _arrived,
    Kind.NODE_ENTERED: _entered,
    Kind.KEY_PRESSED: _key,
    Kind.DIGITS_TYPED: _key,
    Kind.LOOKED_UP: _looked_up,
    Kind.TRANSFER_TRIED: _transfer_tried,
    Kind.SURVEY_ANSWERED: _answered_survey,
    Kind.HANDED_OVER: _handed_over,
    Kind.QUEUED: _queued,
    Kind.SENT_AWAY: _sent_away,
    Kind.ANSWERED: _answered,
    Kind.TALK_MOVED: _moved,
    Kind.CALL_ENDED: _ended,
}
