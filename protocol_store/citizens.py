"""What is held about one citizen: found by a phone, by a typed document, or by a case's protocol.

A number is found however it was written (+55, 0 in front). Who is looked for by a protocol is told
of that case alone: the same phone may be a household's. What people wrote in free texts (notes,
results of tasks) is told with its call, and is nothing that this could look for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, or_, select

from protocol_store.promise_tables import call_back_bars, promises
from protocol_store.recording_questions import is_held
from protocol_store.tables import calls, facts, protocols, recordings, tasks
from terms.names import CallId, Instant

COUNTRY: Final = "55"
LONGEST_NATIONAL: Final = 11
_WRITTEN: Final = ("", "0", COUNTRY, f"+{COUNTRY}", f"00{COUNTRY}")
"""What may stand before a national number."""


class Known(StrEnum):
    """By what a citizen is looked for."""

    PHONE = "phone"
    DOCUMENT = "document"
    PROTOCOL = "protocol"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom it is about. `value`: digits alone; a phone's are the national ones."""

    kind: Known
    value: str

    @staticmethod
    def of(kind: Known, written: str) -> Subject:
        """From what a person wrote. ValueError, in Portuguese, for what cannot be one."""
        digits = re.sub(r"[\s().+/-]", "", written)
        if not digits.isascii() or not digits.isdigit():
            raise ValueError("escreva só algarismos, com ou sem pontuação")
        if kind is Known.PHONE:
            digits = national(digits)
            if not 8 <= len(digits) <= 13:
                raise ValueError("um telefone tem DDD e número, ex.: 11 91234-5678")
        if kind is Known.DOCUMENT and len(digits) not in (11, 14):
            raise ValueError("um CPF tem 11 algarismos, um CNPJ tem 14")
        return Subject(kind, digits)


def national(digits: str) -> str:
    """A number without the country's code and zeros in front."""
    digits = digits.lstrip("+0")
    if digits.startswith(COUNTRY) and len(digits) > LONGEST_NATIONAL:
        digits = digits.removeprefix(COUNTRY).lstrip("0")
    return digits


def ways_to_write(number: str) -> list[str]:
    """How calls may have brought this national number."""
    return [front + number for front in _WRITTEN]


@dataclass(frozen=True, slots=True)
class HeldCall:
    """All that is held of one call of theirs. Keys of `typed` and `more` are the tables' words."""

    call: CallId
    line: str
    arrived_at: Instant
    ended_at: Instant | None
    outcome: str | None
    queue: str | None
    agent: str | None
    caller: str
    protocols: tuple[str, ...]
    typed: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]
    recordings: tuple[str, ...]
    tasks: tuple[dict[str, Any], ...]
    waits_for_us: bool  # a call-back is promised, or a task is open: not over yet
    held: bool  # a legal hold is open


def held(connection: Connection, wanted: Sequence[CallId]) -> list[HeldCall]:
    """What is held of these calls, in order of arrival; a few at a time."""
    rows = connection.execute(
        select(calls).where(calls.c.call_id.in_(wanted)).order_by(calls.c.arrived_at)
    ).all()
    return [_held(connection, row) for row in rows]


def calls_of(connection: Connection, subject: Subject) -> list[CallId]:
    """The calls of a phone or a protocol, in order of arrival. Those of a document are found by
    a walk (citizen_walk.py), since no index tells what was typed."""
    if subject.kind is Known.PHONE:
        ways = calls.c.caller.in_(ways_to_write(subject.value))
        question = select(calls.c.call_id).where(ways)
    else:
        told = select(protocols.c.call_id).where(protocols.c.protocol == subject.value)
        own = or_(calls.c.call_id.in_(told), calls.c.protocol == subject.value)
        first = select(calls.c.call_id, calls.c.of_call).where(own)
        of_case = {name for row in connection.execute(first) for name in row if name}
        question = select(calls.c.call_id).where(
            or_(calls.c.call_id.in_(of_case), calls.c.of_call.in_(of_case))
        )
    found = connection.execute(question.order_by(calls.c.arrived_at)).scalars()
    return [CallId(one) for one in found]


def _held(connection: Connection, row: Any) -> HeldCall:
    call = CallId(row.call_id)
    said = connection.execute(
        select(facts.c.at, facts.c.kind, facts.c.details)
        .where(facts.c.call_id == call)
        .order_by(facts.c.id)
    ).all()
    typed = tuple(
        {"at": one.at, "node": one.details.get("node"), "value": one.details["value"]}
        for one in said
        if "value" in one.details
    )
    notes = [str(one.details["note"]) for one in said if one.details.get("note")]
    owed = connection.execute(
        select(tasks.c.kind, tasks.c.opened_at, tasks.c.done_at, tasks.c.result).where(
            tasks.c.call_id == call
        )
    ).mappings()
    numbers = connection.execute(
        select(protocols.c.protocol)
        .where(protocols.c.call_id == call, protocols.c.ordinal.is_not(None))
        .order_by(protocols.c.ordinal)
    ).scalars()
    open_tasks = [dict(one) for one in owed]
    return HeldCall(
        call=call,
        line=row.line,
        arrived_at=row.arrived_at,
        ended_at=row.ended_at,
        outcome=row.outcome,
        queue=row.queue,
        agent=row.agent,
        caller=row.caller,
        protocols=tuple(numbers) or tuple(filter(None, (row.protocol,))),
        typed=typed,
        notes=tuple(dict.fromkeys(notes)),
        recordings=tuple(_recordings(connection, call)),
        tasks=tuple(open_tasks),
        waits_for_us=is_waited_for(connection, call),
        held=is_held(connection, call),
    )


def is_waited_for(connection: Connection, call: CallId) -> bool:
    """Whether something is still to be done for this call, and its number is needed for it."""
    promised = select(promises.c.call_id).where(
        promises.c.call_id == call, promises.c.over_at.is_(None)
    )
    owed = select(tasks.c.id).where(tasks.c.call_id == call, tasks.c.done_at.is_(None))
    return any(connection.execute(one).first() is not None for one in (promised, owed))


def is_barred(connection: Connection, call: CallId) -> bool:
    """Whether nobody may call this number by itself: without the number nobody would know it of
    the citizen's next call, and it may be their safety."""
    mark = select(call_back_bars.c.call_id).where(
        call_back_bars.c.call_id == call, call_back_bars.c.ended_at.is_(None)
    )
    return connection.execute(mark).first() is not None


def recordings_of(connection: Connection, wanted: Sequence[CallId]) -> list[str]:
    """The names of these calls' recordings, those that have a file."""
    found = select(recordings.c.name).where(recordings.c.call_id.in_(wanted)).distinct()
    return [name for name in connection.execute(found).scalars() if name]


def _recordings(connection: Connection, call: CallId) -> Sequence[str]:
    found = select(recordings.c.file).where(recordings.c.call_id == call).order_by(recordings.c.id)
    return connection.execute(found).scalars().all()
