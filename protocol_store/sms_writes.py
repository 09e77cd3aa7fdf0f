"""What is written of text messages: each function does several requests together (requests.py),
and each is harmless to repeat.

A message's status changes only from one that may precede the new one (terms.text_message.NEXT): of
two who change it at once, one does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, func, select, update

from protocol_store.sms_rows import NewText, SmsOrder, reference_of, text_id
from protocol_store.sms_tables import (
    sms_messages,
    sms_orders,
    sms_parts,
)
from protocol_store.upserts import upsert
from terms.names import Instant
from terms.text_message import (
    NEXT,
    OVER,
    How,
    PartAnswer,
    TextId,
    TextStatus,
)

_m = sms_messages.c


@dataclass(frozen=True, slots=True)
class Ordered:
    """Some messages of an order, the last of them if `last`."""

    order: SmsOrder
    texts: Sequence[NewText]
    urgency: int
    last: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """What becomes of a message, and what a carrier said of its parts on the way there."""

    message: TextId
    status: TextStatus
    because: str
    attempts: int
    not_before: Instant
    at: Instant
    attempt: int = 0  # that `answers` are of
    answers: Sequence[PartAnswer] = ()
    carrier: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """Messages that this leader is about to send."""

    messages: Sequence[TextId]
    epoch: int
    carrier: str
    at: Instant


def write_orders(connection: Connection, asked: Sequence[Ordered]) -> Sequence[int]:
    """How many messages each stored that were not there."""
    return [_write_order(connection, one) for one in asked]


def _write_order(connection: Connection, asked: Ordered) -> int:
    order = asked.order
    row = {
        "order_id": order.id,
        "kind": order.kind.value,
        "body": order.body,
        "subject": order.subject,
        "ordered_at": order.at,
        "by_whom": order.by,
        "source": order.source,
        "scheduled_at": order.scheduled,
        "deadline": order.deadline,
        "life_safety": order.life_safety,
        "repeats": order.repeats,
    }
    connection.execute(upsert(connection, sms_orders, ("order_id",), ()), row)
    rows = [_row(order, one, asked.urgency) for one in asked.texts]
    before = _count(connection, order.id)
    if rows:
        connection.execute(upsert(connection, sms_messages, ("message_id",), ()), rows)
    count = _count(connection, order.id)
    values: dict[str, Any] = {"messages": count}
    if asked.last:
        values["loaded_at"] = func.coalesce(sms_orders.c.loaded_at, as_moment(order.at))
    connection.execute(update(sms_orders).where(sms_orders.c.order_id == order.id).values(**values))
    return count - before


def as_moment(at: Instant) -> Any:
    """An instant, where an expression does not know that it is one."""
    return bindparam(None, at, type_=sms_orders.c.loaded_at.type)


def _count(connection: Connection, order: str) -> int:
    question = select(func.count(type_=Integer)).where(_m.order_id == order)
    return connection.execute(question).scalar_one()


def _row(order: SmsOrder, one: NewText, urgency: int) -> dict[str, Any]:
    message = text_id(order.id, one.place)
    return {
        "message_id": message,
        "order_id": order.id,
        "ref": one.ref,
        "number": one.number,
        "text": one.text,
        "call_id": one.call,
        "reference": reference_of(message),
        "urgency": urgency,
        "scheduled_at": order.scheduled,
        "deadline": order.deadline,
        "status": TextStatus.WAITING.value,
        "since": order.at,
        "not_before": order.scheduled,
    }


def claim(connection: Connection, asked: Sequence[Claim]) -> Sequence[frozenset[TextId]]:
    """Those that are now this leader's to send, and nobody else's."""
    found = []
    for one in asked:
        rows = connection.execute(
            update(sms_messages)
            .where(_m.message_id.in_(one.messages), _m.status == TextStatus.WAITING.value)
            .values(
                status=TextStatus.SENDING.value,
                since=one.at,
                epoch=one.epoch,
                carrier=one.carrier,
            )
            .returning(_m.message_id)
        )
        found.append(frozenset(TextId(row.message_id) for row in rows))
    return found


def write_turns(connection: Connection, asked: Sequence[Turn]) -> Sequence[bool]:
    """Whether each changed what it was about."""
    return [_write_turn(connection, one) for one in asked]


def _write_turn(connection: Connection, turn: Turn) -> bool:
    write_parts(connection, turn.message, turn.attempt, turn.answers, turn.carrier, turn.at)
    before = [was.value for was, after in NEXT.items() if turn.status in after]
    before.append(turn.status.value)
    values: dict[str, Any] = {
        "status": turn.status.value,
        "because": turn.because,
        "attempts": turn.attempts,
        "not_before": turn.not_before,
        "since": turn.at,
        "done_at": turn.at if turn.status in OVER else None,
    }
    if any(one.how in (How.ACCEPTED, How.LOST) for one in turn.answers):
        values["sent_at"] = func.coalesce(_m.sent_at, as_moment(turn.at))
    done = connection.execute(
        update(sms_messages)
        .where(_m.message_id == turn.message, _m.status.in_(before))
        .values(**values)
    )
    return done.rowcount == 1


def write_parts(
    connection: Connection,
    message: TextId,
    attempt: int,
    answers: Sequence[PartAnswer],
    carrier: str,
    at: Instant,
) -> None:
    """What a carrier said of parts; a later word replaces an earlier one."""
    rows = [
        {
            "message_id": message,
            "attempt": attempt,
            "part": one.part,
            "of": one.of,
            "carrier": carrier,
            "carrier_id": one.carrier_id,
            "how": one.how.value,
            "why": one.why,
            "at": at,
        }
        for one in answers
    ]
    if rows:
        key = ("message_id", "attempt", "part")
        columns = ("of", "carrier", "carrier_id", "how", "why", "at")
        connection.execute(upsert(connection, sms_parts, key, columns), rows)


def doubt_the_orphans(connection: Connection, asked: Sequence[Claim]) -> Sequence[int]:
    """What an earlier leader was sending when it ended may have been taken; how many."""
    found = []
    for one in asked:
        done = connection.execute(
            update(sms_messages)
            .where(_m.status == TextStatus.SENDING.value, _m.epoch != one.epoch)
            .values(
                status=TextStatus.DOUBTFUL.value,
                since=one.at,
                attempts=_m.attempts + 1,
                because="a central parou durante o envio",
            )
        )
        found.append(done.rowcount)
    return found


@dataclass(frozen=True, slots=True)
class Stop:
    """A person stops an order."""

    order: str
    by: str
    at: Instant


def stop_orders(connection: Connection, asked: Sequence[Stop]) -> Sequence[int]:
    """How many messages are not sent because of each; -1: there is no such order."""
    found = []
    for one in asked:
        known = connection.execute(
            update(sms_orders)
            .where(sms_orders.c.order_id == one.order)
            .values(
                stopped_at=func.coalesce(sms_orders.c.stopped_at, as_moment(one.at)),
                stopped_by=one.by,
            )
        )
        done = connection.execute(
            update(sms_messages)
            .where(_m.order_id == one.order, _m.status == TextStatus.WAITING.value)
            .values(
                status=TextStatus.STOPPED.value,
                because="o lote foi parado",
                since=one.at,
                done_at=one.at,
            )
        )
        found.append(done.rowcount if known.rowcount else -1)
    return found
