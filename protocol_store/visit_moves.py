"""What each kind of fact does to a call's stays (visit_fold.py says what those are) and answers.

`take` lets one note make its changes, to the legs (leg_fold.py) as well. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from protocol_store.leg_fold import CALLED_BY_US, IN, LEG_MOVES, OUT
from protocol_store.visit_fold import Course, NodeEnd, QueueEnd
from protocol_store.visit_notes import Note
from protocol_store.visit_tables import minute_of
from terms.facts import Kind
from terms.outcome import CallOutcome

STATIC_QUEUE: Final = "contingencia"
"""The queue of a call that the switch queued by itself, while control was away."""

MICROSECONDS: Final = 6

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


def take(course: Course, note: Note) -> None:
    """Let one note, the next in order, make its changes. Never raises."""
    for moves in (_MOVES, LEG_MOVES):
        move = moves.get(note.kind)
        if move is not None:
            move(course, note)


# --- what each kind of fact does ---
def _arrived(course: Course, note: Note) -> None:
    course.mistold = course.mistold or course.test != note.said["test"]
    course.line, course.test = note.said["line"], note.said["test"]
    course.direction = OUT if note.said["entry"] in CALLED_BY_US else IN


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
    elif open_one is None and not (note.said["dialled"] or course.direction == OUT):
        # The switch had queued it by itself.
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
