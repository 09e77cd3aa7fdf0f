"""Takes in what the switch's rescue script wrote down while nobody else could.

A record is one JSON object of the spool:

    number    call, line, entry, caller, test, protocol, at    a call that was given a number
              gone                                             … that nobody heard: hung up before
    message   call, line, file, at                             a citizen who left a message

They may come in any order, late, and more than once; the second time changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, update

from protocol_store.errors import RecordBroken
from protocol_store.fact_log import LAST_INSTANT, FactLog
from protocol_store.protocols import Opening, arrival_facts
from protocol_store.tables import protocols, recordings
from terms.facts import Fact, Kind
from terms.names import ANONYMOUS, CALL_ID, CALLER_NUMBER, LINES, CallId, Instant, Protocol
from terms.outcome import CallOutcome
from terms.protocol_number import DIGITS, RESCUE_FIRST, is_protocol

NUMBER: Final = "number"
MESSAGE: Final = "message"

CALL_BACK: Final = "call_back"
TEXT_LENGTH: Final = 255  # of a file's name, or of the number that was dialled


@dataclass(frozen=True, slots=True)
class RescueRecord:
    """What one record taught us. `file` is a message's; the rest of a message's may be empty."""

    kind: str
    call: CallId
    line: str
    at: Instant
    entry: str = ""
    caller: str = ""
    test: bool = False
    protocol: Protocol = Protocol("")
    file: str = ""
    gone: bool = False
    campaign: str = ""  # that made it: a talk of which control has not heard


def read_record(record: Mapping[str, Any]) -> RescueRecord:
    """A record as plain JSON → its values. RecordBroken says what is wrong with it."""
    if not isinstance(record, Mapping):
        raise RecordBroken("o registro de reserva não é um objeto JSON")
    kind, at = record.get("kind"), record.get("at")
    if kind not in (NUMBER, MESSAGE):
        raise RecordBroken("registro de reserva de tipo desconhecido")
    if isinstance(at, bool) or not isinstance(at, int | float) or not _is_instant(at):
        raise RecordBroken("registro de reserva com instante impossível")
    call = CallId(_text(record, "call"))
    if not CALL_ID.fullmatch(call):
        raise RecordBroken("registro de reserva sem a chamada")
    line = _text(record, "line")
    if line not in LINES:
        raise RecordBroken("registro de reserva de linha desconhecida")
    if kind == MESSAGE:
        file = _text(record, "file")
        if not file:
            raise RecordBroken("registro de recado sem arquivo")
        return RescueRecord(MESSAGE, call, line, float(at), file=file)
    caller, test = _text(record, "caller"), record.get("test", False)
    if caller not in ("", ANONYMOUS) and not CALLER_NUMBER.fullmatch(caller):
        raise RecordBroken("registro de reserva com número de origem impossível")
    gone = record.get("gone", False)
    if not isinstance(gone, bool):
        raise RecordBroken("registro de reserva: gone não é verdadeiro nem falso")
    if not isinstance(test, bool):
        raise RecordBroken("registro de reserva: test não é verdadeiro nem falso")
    protocol = _text(record, "protocol")
    if not is_protocol(protocol) or int(protocol[:DIGITS]) < RESCUE_FIRST:
        raise RecordBroken("registro de reserva com protocolo fora da faixa de reserva")
    entry, _, campaign = _text(record, "entry").partition(":")
    who = (entry, caller or ANONYMOUS, test, Protocol(protocol))
    return RescueRecord(NUMBER, call, line, float(at), *who, gone=gone, campaign=campaign)


def take_in_together(
    connection: Connection,
    records: Sequence[RescueRecord],
    fact_log: FactLog,
    clock: Callable[[], Instant],
) -> list[RecordBroken | None]:
    """Store records; RecordBroken in the place of one whose number is another call's."""
    take = {NUMBER: _take_in_number, MESSAGE: _take_in_message}
    return [take[one.kind](connection, one, fact_log, clock()) for one in records]


def _take_in_number(
    connection: Connection, record: RescueRecord, fact_log: FactLog, now: Instant
) -> RecordBroken | None:
    holder = connection.execute(
        select(protocols.c.call_id).where(protocols.c.protocol == record.protocol)
    ).scalar()
    if holder is not None:
        # Taken in before, unless the script's counter was lost and began again.
        same = holder == record.call
        return None if same else RecordBroken("o protocolo de reserva já é de outra chamada")
    about = (record.call, record.line, record.entry, record.caller, record.at, record.test)
    opening = Opening(*about, campaign=record.campaign)
    arrived, given = arrival_facts(opening, record.protocol, "rescue")
    details = {"protocol": record.protocol}
    taken_in = Fact(now, Kind.STATIC_TAKEN_IN, record.call, details=details)
    known = _has_numbers(connection, record.call)
    if known and record.gone:  # control had numbered it: the other number was never told
        return None
    served = [] if record.gone else [taken_in]
    facts = [given, *served] if known else [arrived, given, *served]
    fact_log.write(connection, fact_log.number(facts))
    connection.execute(
        insert(protocols).values(
            protocol=record.protocol,
            call_id=record.call,
            ordinal=_place_for_told_number(connection, record.call),
            issuer="rescue",
            given_at=record.at,
        )
    )
    return None


def _has_numbers(connection: Connection, call: CallId) -> bool:
    """Whether the call has a number already, and so has been announced."""
    found = select(protocols.c.protocol).where(protocols.c.call_id == call)
    return connection.execute(found).first() is not None


def _place_for_told_number(connection: Connection, call: CallId) -> int:
    """The ordinal for a number that the switch has told to the citizen.

    A block's number of the same call was never told: it keeps its row, without an ordinal.
    """
    connection.execute(
        update(protocols)
        .where(protocols.c.call_id == call, protocols.c.ordinal == 0, protocols.c.issuer == "block")
        .values(ordinal=None)
    )
    last: int | None = connection.execute(
        select(func.max(protocols.c.ordinal)).where(protocols.c.call_id == call)
    ).scalar()
    return 0 if last is None else last + 1


def _take_in_message(
    connection: Connection, record: RescueRecord, fact_log: FactLog, _now: Instant
) -> RecordBroken | None:
    there = connection.execute(
        select(recordings.c.id).where(
            recordings.c.call_id == record.call, recordings.c.file == record.file
        )
    ).first()
    if there is not None:
        return None
    task = {
        "task": CALL_BACK,
        "due": record.at,
        "because": str(CallOutcome.MESSAGE_LEFT),
        "line": record.line,
    }
    facts = [
        Fact(record.at, Kind.MESSAGE_LEFT, record.call, details={"file": record.file}),
        Fact(record.at, Kind.TASK_OPENED, record.call, details=task),
    ]
    fact_log.write(connection, fact_log.number(facts))
    return None


def _text(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key, "")
    if not isinstance(value, str) or len(value) > TEXT_LENGTH or not value.isprintable():
        raise RecordBroken(f"registro de reserva: {key} não é um texto aceitável")
    return value


def _is_instant(at: float) -> bool:
    return 0.0 <= at <= LAST_INSTANT  # false for "not a number" too
