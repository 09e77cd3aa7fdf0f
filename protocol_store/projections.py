"""How facts become tables: which row a fact touches, and what wins if two say the same thing.

`fold` is pure: facts in order → Changes. `write_changes` writes them in the transaction that
stores the facts. All facts of one call that are written together come to one row, so that a busy
second costs few statements. Offers alone stay in their order, for the sake of the trip-wire.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection

from protocol_store.consult_projections import CONSULT_PROJECTIONS
from protocol_store.tables import agent_status, calls, offers, recordings, tasks
from protocol_store.upserts import end_all_offers, upsert, write_waits_of_those_who_left
from protocol_store.work_projections import WORK_PROJECTIONS, Work, write_work
from terms.facts import Fact, Kind
from terms.names import Instant
from terms.outcome import Blame, OfferOutcome

Row = dict[str, Any]

# What wins when a column is written twice. Whatever is not named here: the last word.
FIRST: Final = frozenset(
    {"queued_at", "answered_at", "wait_seconds"}  # a caller put back keeps the first instant
    | {"ended_at", "outcome", "blame", "ended_where", "seconds"}  # a call ends once
)
SUM: Final = frozenset({"talk_seconds"})


class Unprojectable(Exception):
    """A fact that lacks what its kind must say: it is stored all the same, and marked."""


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


def fold(facts: Iterable[Fact]) -> Changes:
    """What these facts, in this order, come to. Raises Unprojectable for a malformed one."""
    changes = Changes()
    for fact in facts:
        projection = _PROJECTIONS.get(fact.kind)
        if projection is None:
            continue
        try:
            projection(fact, changes)
        except KeyError as missing:
            raise Unprojectable(f"{fact.kind} without {missing}") from missing
        except (TypeError, ValueError) as wrong:
            raise Unprojectable(f"{fact.kind}: {type(wrong).__name__}") from wrong
    return changes


def write_changes(connection: Connection, changes: Changes) -> None:
    """Write what `fold` found. IntegrityError when the trip-wire on offers is touched."""
    by_columns: dict[tuple[str, ...], list[Row]] = {}
    for call, change in changes.calls.items():
        row = {"call_id": call, "arrived_at": change.first_heard, **change.row}
        by_columns.setdefault(tuple(sorted(change.row)), []).append(row)
    for columns, rows in by_columns.items():
        connection.execute(upsert(connection, calls, ("call_id",), columns, FIRST, SUM), rows)
    ended = [call for call, change in changes.calls.items() if "ended_at" in change.row]
    write_waits_of_those_who_left(connection, ended)
    for what, group in groupby(changes.offers, key=lambda change: change[0]):
        rows = [row for _, row in group]
        if what == "gone":
            connection.execute(end_all_offers(), rows)
        else:
            connection.execute(upsert(connection, offers, ("offer_id",), _OFFER_SAYS[what]), rows)
    for table, key, says, found in (
        (recordings, ("call_id", "file"), _RECORDING_SAYS, changes.recordings),
        (tasks, ("call_id", "kind"), (), changes.tasks),  # a second call-back changes nothing
        (agent_status, ("agent",), ("status", "reason", "by_whom", "since"), changes.statuses),
    ):
        if found:
            connection.execute(upsert(connection, table, key, says), list(found.values()))
    write_work(connection, changes.work)


def _call(changes: Changes, fact: Fact, **columns: Any) -> str:
    """Note `columns` about the fact's call, by the rules of FIRST and SUM; gives the call's id."""
    if not fact.call:
        raise KeyError("call")
    change = changes.calls.setdefault(fact.call, CallChange(first_heard=fact.at))
    for name, value in columns.items():
        if name in FIRST:
            change.row.setdefault(name, value)
        elif name in SUM:
            change.row[name] = change.row.get(name, 0.0) + value
        else:
            change.row[name] = value
    return fact.call


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _word(value: Any) -> str | None:
    return None if value is None else str(value)


def _call_arrived(fact: Fact, changes: Changes) -> None:
    said = fact.details
    version = str(said.get("version") or "")
    began_on = {"dialplan_version": version} if version else {}
    _call(
        changes,
        fact,
        line=str(said["line"]),
        entry=str(said["entry"]),
        caller=str(said["caller"]),
        test=bool(said.get("test", False)),
        arrived_at=fact.at,
        **began_on,
    )


def _protocol_given(fact: Fact, changes: Changes) -> None:
    _call(changes, fact, protocol=str(fact.details["protocol"]))


def _queued(fact: Fact, changes: Changes) -> None:
    # A caller handed over by another line has waited since the call came in.
    since = float(fact.details.get("joined") or fact.at)
    _call(changes, fact, queue=str(fact.details["queue"]), queued_at=since)


_OFFER_SAYS: Final = {
    "made": ("call_id", "agent", "queue", "because", "ring_seconds", "offered_at"),
    "ended": ("ended_at", "outcome", "blame", "ended_because"),
}


def _offer_made(fact: Fact, changes: Changes) -> None:
    said = fact.details
    row = {
        "offer_id": str(said["offer"]),
        "call_id": _call(changes, fact),
        "agent": _agent(fact),
        "queue": _word(said.get("queue")),
        "because": _word(said.get("because")),
        "ring_seconds": _number(said.get("ring_seconds")),
        "offered_at": fact.at,
    }
    changes.offers.append(("made", row))


def _offer_ended(fact: Fact, changes: Changes) -> None:
    said = fact.details
    row = {
        "offer_id": str(said["offer"]),
        "call_id": _call(changes, fact),
        "agent": _agent(fact),
        "offered_at": fact.at,  # only if its making was never stored
        "ended_at": fact.at,
        "outcome": str(said["outcome"]),
        "blame": str(said.get("blame", Blame.US)),
        "ended_because": _word(said.get("because")),
    }
    changes.offers.append(("ended", row))


def _answered(fact: Fact, changes: Changes) -> None:
    waited = _number(fact.details.get("waited"))
    more = {} if waited is None else {"wait_seconds": waited}
    _call(changes, fact, agent=_agent(fact), answered_at=fact.at, **more)


def _talk_ended(fact: Fact, changes: Changes) -> None:
    _call(changes, fact, talk_seconds=float(fact.details["talk_seconds"]))


def _call_ended(fact: Fact, changes: Changes) -> None:
    said = fact.details
    _call(
        changes,
        fact,
        ended_at=fact.at,
        outcome=str(said["outcome"]),
        blame=str(said.get("blame", Blame.US)),
        ended_where=_word(said.get("where")),
        seconds=_number(said.get("seconds")),
    )


_RECORDING_SAYS: Final = ("kind", "seconds", "talk_seconds", "ok", "problem", "recorded_at")


def _recorded(fact: Fact, changes: Changes) -> None:
    said = fact.details
    row: Row = {
        "call_id": _call(changes, fact),
        "file": str(said["file"]),
        "kind": str(said.get("kind") or "talk"),
        "seconds": _number(said.get("seconds")),
        "talk_seconds": _number(said.get("talk_seconds")),
        "ok": None if said.get("ok") is None else bool(said["ok"]),
        "problem": _word(said.get("problem")),
        "recorded_at": fact.at,
    }
    changes.recordings[row["call_id"], row["file"]] = row


def _message_left(fact: Fact, changes: Changes) -> None:
    row: Row = dict.fromkeys(("seconds", "talk_seconds", "ok", "problem"))
    row |= {
        "call_id": _call(changes, fact),
        "file": str(fact.details["file"]),
        "kind": "message",
        "recorded_at": fact.at,
    }
    changes.recordings[row["call_id"], row["file"]] = row


def _task_opened(fact: Fact, changes: Changes) -> None:
    said = fact.details
    row: Row = {
        "call_id": _call(changes, fact),
        "kind": str(said["task"]),
        "because": str(said.get("because", "")),
        "opened_at": fact.at,
        "due_at": _number(said.get("due")),
    }
    changes.tasks.setdefault((row["call_id"], row["kind"]), row)


def _agent_status(fact: Fact, changes: Changes) -> None:
    said = fact.details
    agent = _agent(fact)
    changes.statuses[agent] = {
        "agent": agent,
        "status": str(said["status"]),
        "reason": str(said.get("reason") or ""),
        "by_whom": str(said.get("by") or fact.by),
        "since": fact.at,
    }


def _control_started(fact: Fact, changes: Changes) -> None:
    # The floor that made those offers is gone, and what it had to say of them may be too. If one
    # of them was taken over after all, its own ending comes later and is the last word.
    row = {
        "now": fact.at,
        "how": OfferOutcome.LOST.value,
        "whose": OfferOutcome.LOST.blame.value,
        "why": "control started anew",
    }
    changes.offers.append(("gone", row))


def _agent(fact: Fact) -> str:
    if not fact.agent:
        raise KeyError("agent")
    return fact.agent


_PROJECTIONS: Final[dict[Kind, Callable[[Fact, Changes], object]]] = {
    Kind.CALL_ARRIVED: _call_arrived,
    Kind.PROTOCOL_GIVEN: _protocol_given,
    Kind.QUEUED: _queued,
    Kind.OFFER_MADE: _offer_made,
    Kind.OFFER_ENDED: _offer_ended,
    Kind.ANSWERED: _answered,
    Kind.TALK_ENDED: _talk_ended,
    Kind.TALK_MOVED: lambda fact, all: _call(all, fact, agent=str(fact.details["to"])),
    Kind.CALL_ENDED: _call_ended,
    Kind.RECORDED: _recorded,
    Kind.MESSAGE_LEFT: _message_left,
    Kind.TASK_OPENED: _task_opened,
    Kind.AGENT_STATUS: _agent_status,
    Kind.CONTROL_STARTED: _control_started,
    Kind.STATIC_TAKEN_IN: lambda fact, all: _call(all, fact, static=True),
    **WORK_PROJECTIONS,
    **CONSULT_PROJECTIONS,
}
