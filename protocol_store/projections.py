"""How facts become tables: which row a fact touches, and what wins if two say the same thing.

`fold` is pure: facts in order → Changes. `write_changes` writes them in the transaction that
stores the facts. All facts of one call that are written together come to one row, so that a busy
second costs few statements. Offers alone stay in their order, for the sake of the trip-wire.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Final

from sqlalchemy import Connection

from protocol_store.areas import area_of
from protocol_store.changes import FIRST, SUM, Changes, Row, agent_of, note_call, number, word
from protocol_store.leg_fold import CALLED_BY_US
from protocol_store.offer_projections import OFFER_PROJECTIONS, OFFER_SAYS
from protocol_store.protocol_rows import protocol_row, write_protocols
from protocol_store.tables import agent_status, calls, offers, recordings, tasks
from protocol_store.upserts import end_all_offers, upsert, write_waits_of_those_who_left
from protocol_store.visit_notes import VISIT_NOTES
from protocol_store.visit_projections import courses_before, write_courses, write_states
from protocol_store.visit_tables import minute_of
from protocol_store.work_projections import WORK_PROJECTIONS, write_work
from terms.facts import Fact, Kind
from terms.outcome import Blame
from terms.recording_name import name_of


class Unprojectable(Exception):
    """A fact that lacks what its kind must say: it is stored all the same, and marked."""


def fold(facts: Iterable[Fact]) -> Changes:
    """What these facts, in this order, come to. Raises Unprojectable for a malformed one."""
    changes = Changes()
    for fact in facts:
        try:
            for projections in (_PROJECTIONS, VISIT_NOTES):
                if (projection := projections.get(fact.kind)) is not None:
                    projection(fact, changes)
        except KeyError as missing:
            raise Unprojectable(f"{fact.kind} without {missing}") from missing
        except (TypeError, ValueError) as wrong:
            raise Unprojectable(f"{fact.kind}: {type(wrong).__name__}") from wrong
    return changes


def write_changes(connection: Connection, changes: Changes) -> None:
    """Write what `fold` found. IntegrityError when the trip-wire on offers is touched."""
    courses = courses_before(connection, changes.visits)
    by_columns: dict[tuple[str, ...], list[Row]] = {}
    for call, change in changes.calls.items():
        heard = change.first_heard
        row = {"call_id": call, "arrived_at": heard, "arrived_minute": minute_of(heard)}
        row |= change.row
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
            connection.execute(upsert(connection, offers, ("offer_id",), OFFER_SAYS[what]), rows)
    for table, key, says, found in (
        (recordings, ("call_id", "file"), _RECORDING_SAYS, changes.recordings),
        (tasks, ("call_id", "kind"), (), changes.tasks),  # a second call-back changes nothing
        (agent_status, ("agent",), ("status", "reason", "by_whom", "since"), changes.statuses),
    ):
        if found:
            connection.execute(upsert(connection, table, key, says), list(found.values()))
    write_protocols(connection, changes.protocols)
    write_work(connection, changes.work)
    write_courses(connection, courses, changes.visits)
    write_states(connection, changes.states)


def _call_arrived(fact: Fact, changes: Changes) -> None:
    said = fact.details
    version = str(said.get("version") or "")
    began_on = {"dialplan_version": version} if version else {}
    entry, caller = str(said["entry"]), str(said["caller"])
    line = str(said["line"])
    note_call(
        changes,
        fact,
        line=line,
        last_line=line,
        entry=entry,
        caller=caller,
        area=str(said.get("area") or area_of(caller)),  # an erased number has only that
        direction="out" if entry in CALLED_BY_US else "in",
        test=bool(said.get("test", False)),
        arrived_at=fact.at,
        arrived_minute=minute_of(fact.at),
        **began_on,
        **({"campaign": str(said["campaign"])} if said.get("campaign") else {}),
    )


def _protocol_given(fact: Fact, changes: Changes) -> None:
    further = bool(fact.details.get("ordinal"))  # the call's own number stays the first
    note_call(changes, fact, **({} if further else {"protocol": str(fact.details["protocol"])}))
    if (row := protocol_row(fact)) is not None:
        changes.protocols.append(row)


def _queued(fact: Fact, changes: Changes) -> None:
    # Who comes from another queue, or from another line's, has waited since the first (R71).
    since = float(fact.details.get("joined") or fact.at)
    queue = str(fact.details["queue"])
    note_call(changes, fact, queue=queue, first_queue=queue, queued_at=since)


def _answered(fact: Fact, changes: Changes) -> None:
    waited = number(fact.details.get("waited"))
    more = {} if waited is None else {"wait_seconds": waited}
    note_call(changes, fact, agent=agent_of(fact), answered_at=fact.at, **more)


def _talk_ended(fact: Fact, changes: Changes) -> None:
    note_call(changes, fact, talk_seconds=float(fact.details["talk_seconds"]))


def _call_ended(fact: Fact, changes: Changes) -> None:
    said = fact.details
    note_call(
        changes,
        fact,
        ended_at=fact.at,
        outcome=str(said["outcome"]),
        blame=str(said.get("blame", Blame.US)),
        ended_where=word(said.get("where")),
        seconds=number(said.get("seconds")),
    )


_RECORDING_SAYS: Final = (
    *("kind", "seconds", "talk_seconds", "ok", "problem", "recorded_at"),
    "name",
)


def _recorded(fact: Fact, changes: Changes) -> None:
    said = fact.details
    row: Row = {
        "call_id": note_call(changes, fact),
        "file": str(said["file"]),
        "kind": str(said.get("kind") or "talk"),
        "seconds": number(said.get("seconds")),
        "talk_seconds": number(said.get("talk_seconds")),
        "ok": None if said.get("ok") is None else bool(said["ok"]),
        "problem": word(said.get("problem")),
        "recorded_at": fact.at,
        "name": name_of(str(said["file"])),
    }
    changes.recordings[row["call_id"], row["file"]] = row


def _message_left(fact: Fact, changes: Changes) -> None:
    row: Row = dict.fromkeys(("seconds", "talk_seconds", "ok", "problem"))
    row |= {
        "call_id": note_call(changes, fact),
        "file": str(fact.details["file"]),
        "kind": "message",
        "recorded_at": fact.at,
        "name": name_of(str(fact.details["file"])),
    }
    changes.recordings[row["call_id"], row["file"]] = row


def _task_opened(fact: Fact, changes: Changes) -> None:
    said = fact.details
    row: Row = {
        "call_id": note_call(changes, fact),
        "kind": str(said["task"]),
        "because": str(said.get("because", "")),
        "opened_at": fact.at,
        "due_at": number(said.get("due")),
    }
    changes.tasks.setdefault((row["call_id"], row["kind"]), row)


def _agent_status(fact: Fact, changes: Changes) -> None:
    said = fact.details
    agent = agent_of(fact)
    changes.statuses[agent] = {
        "agent": agent,
        "status": str(said["status"]),
        "reason": str(said.get("reason") or ""),
        "by_whom": str(said.get("by") or fact.by),
        "since": fact.at,
    }


_PROJECTIONS: Final[dict[Kind, Callable[[Fact, Changes], object]]] = {
    Kind.CALL_ARRIVED: _call_arrived,
    Kind.PROTOCOL_GIVEN: _protocol_given,
    Kind.QUEUED: _queued,
    Kind.ANSWERED: _answered,
    Kind.TALK_ENDED: _talk_ended,
    Kind.HANDED_OVER: lambda fact, all: note_call(
        all, fact, last_line=str(fact.details["to_line"])
    ),
    Kind.TRANSFERRED: lambda fact, all: note_call(all, fact, transfers=1),
    Kind.TALK_MOVED: lambda fact, all: note_call(
        all, fact, agent=str(fact.details["to"]), transfers=1
    ),
    Kind.CALL_ENDED: _call_ended,
    Kind.RECORDED: _recorded,
    Kind.MESSAGE_LEFT: _message_left,
    Kind.TASK_OPENED: _task_opened,
    Kind.AGENT_STATUS: _agent_status,
    Kind.STATIC_TAKEN_IN: lambda fact, all: note_call(all, fact, static=True),
    **WORK_PROJECTIONS,
    **OFFER_PROJECTIONS,
}
