"""Where `fold` gathers what facts come to, and what wins if two of them say the same thing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from protocol_store.visit_notes import Note
from protocol_store.work_projections import Work
from terms.facts import Fact
from terms.names import Instant

Row = dict[str, Any]

# What wins when a column is written twice. Whatever is not named here: the last word.
FIRST: Final = frozenset(
    {"queued_at", "answered_at", "wait_seconds"}  # a caller put back keeps the first instant
    | {"first_queue"}
    | {"ended_at", "outcome", "blame", "ended_where", "seconds"}  # a call ends once
)
SUM: Final = frozenset({"talk_seconds", "transfers"})


@dataclass(slots=True)
class CallChange:
    """What the facts at hand say about one call."""

    first_heard: Instant  # stands for the arrival if nobody announced the call
    row: Row = field(default_factory=dict)


@dataclass(slots=True)
class Changes:
    """What facts come to. Keys are the tables' unique keys, so each row is written once."""

    calls: dict[str, CallChange] = field(default_factory=dict)
    offers: list[tuple[str, Row]] = field(default_factory=list)  # ("made" | "ended" | "gone", row)
    recordings: dict[tuple[str, str], Row] = field(default_factory=dict)
    tasks: dict[tuple[str, str], Row] = field(default_factory=dict)
    statuses: dict[str, Row] = field(default_factory=dict)
    work: list[Work] = field(default_factory=list)
    protocols: list[Row] = field(default_factory=list)  # in order
    visits: list[Note] = field(default_factory=list)  # of calls, in order
    states: list[Note] = field(default_factory=list)  # of agents, in order


def note_call(changes: Changes, fact: Fact, **columns: Any) -> str:
    """Note `columns` about the fact's call, by the rules of FIRST and SUM; gives the call's id."""
    if not fact.call:
        raise KeyError("call")
    change = changes.calls.setdefault(fact.call, CallChange(first_heard=fact.at))
    for name, value in columns.items():
        if name in FIRST:
            change.row.setdefault(name, value)
        elif name in SUM:
            change.row[name] = change.row.get(name, 0) + value
        else:
            change.row[name] = value
    return fact.call


def number(value: Any) -> float | None:
    """A figure that may be missing. Raises ValueError or TypeError for what is none."""
    return None if value is None else float(value)


def word(value: Any) -> str | None:
    """A word that may be missing."""
    return None if value is None else str(value)


def agent_of(fact: Fact) -> str:
    """Whom the fact is about. Raises KeyError if it does not say."""
    if not fact.agent:
        raise KeyError("agent")
    return fact.agent
