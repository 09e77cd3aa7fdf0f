"""What notes about one call come to: its stays in queues and in nodes, and its answers. Pure.

    a stay in a queue begins   queued, in another queue than the last one
    … and ends                 answered | queued elsewhere or sent away (redirected) | the call ends
    a stay in a node begins    node_entered
    … and ends                 the next node, a queue, or the call's end; `how` is the last that
                               happened there: a key, silence, a wrong key, a service's failure, …

A wait counts from where the fact says (R71): a caller who is put into another queue, or handed over
by another line, has not begun to wait anew. Whoever is called back waits since the first call: in
a stay of a call that we made (`direction`), which is in no figure of the queues.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from protocol_store.visit_tables import minute_of
from terms.names import Instant

Row = dict[str, Any]

MILLISECONDS: Final = 3


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


@dataclass(slots=True)
class Course:
    """One call: what its rows say, and those that the notes at hand add or change."""

    call: str
    line: str = ""
    test: bool = False
    direction: str = "in"  # out: we called
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
    mistold: bool = False  # announced just now, and what was told before has got `test` wrong
    left_at_node: str | None = None

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
            "direction": self.direction,
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
