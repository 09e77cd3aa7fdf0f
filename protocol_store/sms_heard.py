"""What carriers and citizens tell of text messages, written down: receipts, texts, refusals.

Each function does several requests together (requests.py), and each is harmless to repeat: a
carrier tells again whatever it is not sure that we have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select, update

from protocol_store.sms_tables import sms_messages, sms_parts, sms_received, sms_refusals
from protocol_store.sms_writes import write_parts
from protocol_store.upserts import upsert
from terms.names import ERASED, Instant
from terms.text_message import OVER, How, Inbound, PartAnswer, Receipt, TextId, TextStatus

_m = sms_messages.c


@dataclass(frozen=True, slots=True)
class Heard:
    """A receipt, with its number as national digits."""

    receipt: Receipt
    carrier: str
    number: str
    at: Instant


@dataclass(frozen=True, slots=True)
class Received:
    """A citizen's text, and the word by which no more are wanted ('': none)."""

    inbound: Inbound
    number: str
    word: str
    at: Instant


@dataclass(frozen=True, slots=True)
class Refusing:
    """Somebody says that a number wants none (or wants them again)."""

    number: str
    on: bool
    by: str
    at: Instant


def write_heard(connection: Connection, asked: Sequence[Heard]) -> Sequence[TextId | None]:
    """Whose part each receipt was about, after writing it down; None: nobody's that we know."""
    return [_write_heard(connection, one) for one in asked]


def _write_heard(connection: Connection, heard: Heard) -> TextId | None:
    receipt, p = heard.receipt, sms_parts.c
    row = None
    if receipt.carrier_id:
        row = connection.execute(
            select(p.message_id, p.attempt, p.part)
            .where(p.carrier_id == receipt.carrier_id, p.carrier == heard.carrier)
            .order_by(p.at.desc())
        ).first()
    if row is None and receipt.reference:
        row = _lost_part(connection, receipt.reference, heard)
    if row is None:
        return None
    connection.execute(
        update(sms_parts)
        .where(p.message_id == row.message_id, p.attempt == row.attempt, p.part == row.part)
        .values(told=receipt.told.value, told_at=heard.at, carrier_id=receipt.carrier_id)
    )
    return TextId(row.message_id)


def _lost_part(connection: Connection, reference: int, heard: Heard) -> Any:
    """A part whose answer was lost, by our own reference and its number. Of a message that control
    was sending when it died no part is written down: the receipt makes it known."""
    p = sms_parts.c
    open_ones = (TextStatus.DOUBTFUL.value, TextStatus.UNKNOWN.value)
    message = connection.execute(
        select(_m.message_id, _m.attempts)
        .where(_m.reference == reference, _m.number == heard.number, _m.status.in_(open_ones))
        .order_by(_m.since.desc())
    ).first()
    if message is None:
        return None
    whose = (p.message_id == message.message_id, p.attempt == message.attempts)
    found = connection.execute(
        select(p.message_id, p.attempt, p.part)
        .where(*whose, p.how == How.LOST.value, p.carrier_id == "")
        .order_by(p.part)
    ).first()
    if found is None and not connection.execute(select(p.part).where(*whose)).first():
        lost = PartAnswer(1, 1, How.LOST)
        one = (TextId(message.message_id), message.attempts, [lost], heard.carrier, heard.at)
        write_parts(connection, *one)
        found = connection.execute(select(p.message_id, p.attempt, p.part).where(*whose)).first()
    return found


def write_received(connection: Connection, asked: Sequence[Received]) -> Sequence[bool]:
    """Write citizens' texts down; whether each was new."""
    found = []
    for one in asked:
        row = {
            "key": one.inbound.key,
            "at": one.at,
            "number": one.number,
            "text": one.inbound.text,
            "refuses": bool(one.word),
        }
        known = select(sms_received.c.key).where(sms_received.c.key == one.inbound.key)
        new = connection.execute(known).first() is None
        if new:
            connection.execute(upsert(connection, sms_received, ("key",), ()), row)
        found.append(new)
        if one.word and new:
            _refuse(connection, one.number, one.word, "", one.at)
    return found


def write_refusing(connection: Connection, asked: Sequence[Refusing]) -> Sequence[bool]:
    """What people say about numbers; whether anything changed."""
    found, r = [], sms_refusals.c
    for one in asked:
        if one.on:
            _refuse(connection, one.number, "pessoa", one.by, one.at)
            found.append(True)
            continue
        done = connection.execute(
            update(sms_refusals)
            .where(r.number == one.number, r.ended_at.is_(None))
            .values(ended_at=one.at, ended_by=one.by)
        )
        found.append(done.rowcount == 1)
    return found


def forget_numbers(connection: Connection, asked: Sequence[str]) -> Sequence[int]:
    """Take a citizen's texts out (art. 18 of the Lei 13.709/2018); how many messages. What is
    still on its way stays for now; that a number wants none stays, since that is its own wish."""
    found = []
    over = [status.value for status in OVER]
    for number in asked:
        done = connection.execute(
            update(sms_messages)
            .where(_m.number == number, _m.status.in_(over))
            .values(number=ERASED, text="", ref="")
        )
        connection.execute(delete(sms_received).where(sms_received.c.number == number))
        found.append(done.rowcount)
    return found


def _refuse(connection: Connection, number: str, how: str, by: str, at: Instant) -> None:
    row = {"number": number, "since": at, "how": how, "by_whom": by, "ended_at": None}
    columns = ("since", "how", "by_whom", "ended_at")
    connection.execute(upsert(connection, sms_refusals, ("number",), columns), row)
