"""What is asked about text messages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from protocol_store.citizens import COUNTRY, national
from protocol_store.promise_tables import call_back_bars
from protocol_store.sms_rows import Barred, StoredText, stored_text
from protocol_store.sms_tables import (
    sms_messages,
    sms_orders,
    sms_parts,
    sms_received,
    sms_refusals,
)
from protocol_store.tables import calls
from protocol_store.visit_tables import queue_visits
from terms.limits import SMS_LISTED
from terms.names import Instant
from terms.text_message import How, TextId, TextStatus

_m, _o, _p = sms_messages.c, sms_orders.c, sms_parts.c

WRITTEN = ("", "0", COUNTRY, f"+{COUNTRY}", f"00{COUNTRY}")
"""What may stand before a national number."""

MARKS = {
    "nao_pode_falar": "marcado: não pode falar",
    "retorno_nao_seguro": "marcado: retorno não seguro",
}
DISCREET = "ligou para uma fila discreta"


def _whole() -> Select[Any]:
    return select(sms_messages, _o.kind, _o.stopped_at, _o.life_safety, _o.repeats).join(
        sms_orders, _o.order_id == _m.order_id
    )


def due(connection: Connection, now: Instant, most: int) -> list[StoredText]:
    """The messages that wait and whose time has come, the most urgent first."""
    rows = connection.execute(
        _whole()
        .where(
            _m.status == "aguarda",  # written out: it is the index's own condition
            _m.not_before <= now,
            _o.loaded_at.is_not(None),
        )
        .order_by(_m.urgency, _m.not_before)
        .limit(most)
    ).all()
    already = _already(connection, [row.message_id for row in rows])
    return [
        stored_text(row, already.get((row.message_id, row.attempts + 1), frozenset()))
        for row in rows
    ]


def _already(
    connection: Connection, messages: Sequence[str]
) -> dict[tuple[str, int], frozenset[int]]:
    found: dict[tuple[str, int], frozenset[int]] = {}
    rows = connection.execute(
        select(_p.message_id, _p.attempt, _p.part).where(
            _p.message_id.in_(messages), _p.how == How.ACCEPTED.value
        )
    )
    for row in rows:
        key = (row.message_id, row.attempt)
        found[key] = found.get(key, frozenset()) | {row.part}
    return found


def doubtful(connection: Connection, before: Instant, most: int) -> list[StoredText]:
    """Messages that nobody answered for since then."""
    rows = connection.execute(
        _whole()
        .where(_m.status == TextStatus.DOUBTFUL.value, _m.since <= before)
        .order_by(_m.since)
        .limit(most)
    )
    return [stored_text(row) for row in rows]


def whole_text(connection: Connection, message: TextId) -> StoredText | None:
    """One message."""
    row = connection.execute(_whole().where(_m.message_id == message)).first()
    if row is None:
        return None
    parts = _already(connection, [message]).get((message, row.attempts), frozenset())
    return stored_text(row, parts_accepted=len(parts))


def told_parts(connection: Connection, message: TextId, attempt: int) -> list[str | None]:
    """What receipts say of each part of an attempt, in order; None: nothing yet."""
    rows = connection.execute(
        select(_p.of, _p.part, _p.told)
        .where(_p.message_id == message, _p.attempt == attempt)
        .order_by(_p.part)
    ).all()
    known = {row.part: row.told for row in rows}
    return [known.get(part) for part in range(1, max((row.of for row in rows), default=0) + 1)]


def barred(connection: Connection, numbers: Collection[str], queues: Collection[str]) -> Barred:
    """Which of these numbers get none: marked on a call (`não pode falar`, `retorno não seguro`),
    or callers of a discreet queue; and which want none."""
    ways = {front + number: number for number in numbers for front in WRITTEN}
    ways |= {number[2:]: number for number in numbers}  # a caller of the same area, without it
    found: dict[str, str] = {}
    in_queue = select(queue_visits.c.call_id).where(queue_visits.c.queue.in_(queues))
    discreet = or_(calls.c.queue.in_(queues), calls.c.call_id.in_(in_queue))
    for caller in connection.execute(
        select(calls.c.caller).where(calls.c.caller.in_(ways), discreet)
    ).scalars():
        found[ways[caller]] = DISCREET
    marked = connection.execute(
        select(calls.c.caller, call_back_bars.c.mark)
        .join(call_back_bars, call_back_bars.c.call_id == calls.c.call_id)
        .where(call_back_bars.c.ended_at.is_(None))
    )
    for row in marked:  # few: each is a person's mark that nobody took back
        number = ways.get(row.caller) or national(row.caller)
        if number in numbers:
            found[number] = MARKS.get(row.mark, row.mark)
    refuse = connection.execute(
        select(sms_refusals.c.number).where(
            sms_refusals.c.number.in_(numbers), sms_refusals.c.ended_at.is_(None)
        )
    )
    return Barred(found, frozenset(refuse.scalars()))


def barred_call(connection: Connection, call: str, queues: Collection[str]) -> str:
    """Why nothing may be sent about a call: it is marked, or went through one of these queues; ''
    when it may."""
    mark = connection.execute(
        select(call_back_bars.c.mark).where(
            call_back_bars.c.call_id == call, call_back_bars.c.ended_at.is_(None)
        )
    ).scalar()
    if mark is not None:
        return MARKS.get(mark, str(mark))
    visited = select(queue_visits.c.id).where(
        queue_visits.c.call_id == call, queue_visits.c.queue.in_(queues)
    )
    if connection.execute(visited).first() is not None:
        return DISCREET
    own = select(calls.c.call_id).where(calls.c.call_id == call, calls.c.queue.in_(queues))
    return DISCREET if connection.execute(own).first() is not None else ""


def orders(connection: Connection, order: str | None = None) -> list[dict[str, Any]]:
    """The orders, the newest first, each with its messages by status."""
    question = select(sms_orders).order_by(_o.ordered_at.desc()).limit(SMS_LISTED)
    if order is not None:
        question = question.where(_o.order_id == order)
    rows = connection.execute(question).mappings().all()
    counted = connection.execute(
        select(_m.order_id, _m.status, func.count().label("count"))
        .where(_m.order_id.in_([row["order_id"] for row in rows]))
        .group_by(_m.order_id, _m.status)
    )
    by_status: dict[str, dict[str, int]] = {}
    for one in counted:
        by_status.setdefault(one.order_id, {})[one.status] = int(one._mapping["count"])
    return [{**row, "by_status": by_status.get(row["order_id"], {})} for row in rows]


def messages(
    connection: Connection, order: str, status: str = "", number: str = ""
) -> list[dict[str, Any]]:
    """Messages of an order, or of a number."""
    question = select(sms_messages).order_by(_m.scheduled_at.desc(), _m.message_id)
    if order:
        question = question.where(_m.order_id == order)
    if status:
        question = question.where(_m.status == status)
    if number:
        question = question.where(_m.number == number)
    return [dict(row) for row in connection.execute(question.limit(SMS_LISTED)).mappings()]


def message(connection: Connection, name: str) -> dict[str, Any] | None:
    """A message by its id, or by the id that whoever ordered gave it; with all its parts."""
    row = (
        connection.execute(
            select(sms_messages, _o.kind, _o.body, _o.subject, _o.by_whom)
            .join(sms_orders, _o.order_id == _m.order_id)
            .where(or_(_m.message_id == name, _m.ref == name))
            .order_by(_m.scheduled_at.desc())
        )
        .mappings()
        .first()
    )
    if row is None:
        return None
    parts = connection.execute(
        select(sms_parts).where(_p.message_id == row["message_id"]).order_by(_p.attempt, _p.part)
    ).mappings()
    return {**row, "parts": [dict(part) for part in parts]}


def refusals(connection: Connection) -> list[dict[str, Any]]:
    """Numbers that want no messages, the newest first."""
    r = sms_refusals.c
    question = select(sms_refusals).where(r.ended_at.is_(None)).order_by(r.since.desc())
    return [dict(row) for row in connection.execute(question.limit(SMS_LISTED)).mappings()]


def received(connection: Connection) -> list[dict[str, Any]]:
    """What citizens wrote, the newest first."""
    question = select(sms_received).order_by(sms_received.c.at.desc()).limit(SMS_LISTED)
    return [dict(row) for row in connection.execute(question).mappings()]


def held_of(connection: Connection, number: str) -> dict[str, list[dict[str, Any]]]:
    """All that is held of a number: what was sent to it, what it wrote, whether it wants none."""
    found = {}
    for name, table, at in (
        ("sent", sms_messages, sms_messages.c.scheduled_at),
        ("received", sms_received, sms_received.c.at),
        ("refusals", sms_refusals, sms_refusals.c.since),
    ):
        rows = connection.execute(select(table).where(table.c.number == number).order_by(at))
        found[name] = [dict(row) for row in rows.mappings()]
    return found


def counted(connection: Connection) -> dict[str, int]:
    """How many messages wait, are open or are uncertain: what /metrics shows."""
    rows = connection.execute(
        select(_m.status, func.count().label("count"))
        .where(_m.status.in_(("aguarda", "enviando", "sem_resposta", "incerta")))
        .group_by(_m.status)
    )
    return {row.status: int(row._mapping["count"]) for row in rows}
