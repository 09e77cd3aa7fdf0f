"""Text messages as others ask for them and are told of them; how rows become these."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

from terms.names import Instant
from terms.text_message import TextId, TextKind, TextStatus


@dataclass(frozen=True, slots=True)
class SmsOrder:
    """Messages that were ordered together. `id`: the same order told twice has the same."""

    id: str
    kind: TextKind
    body: str
    subject: str
    at: Instant
    by: str
    scheduled: Instant
    deadline: Instant
    source: str = ""
    life_safety: str = ""
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class NewText:
    """One message of an order. `ref`: the id that whoever ordered gave it; '' for none."""

    place: int
    number: str
    text: str
    ref: str = ""
    call: str | None = None


@dataclass(frozen=True, slots=True)
class StoredText:
    """A message and what its order says of it."""

    id: TextId
    order: str
    kind: TextKind
    number: str
    text: str
    call: str | None
    reference: int
    status: TextStatus
    since: Instant
    attempts: int
    not_before: Instant
    deadline: Instant
    stopped: bool
    life_safety: str
    repeats: bool
    already: frozenset[int] = frozenset()  # parts of the coming attempt that a carrier has …
    parts_accepted: int = 0  # … and how many of the last one


@dataclass(frozen=True, slots=True)
class Barred:
    """Of some numbers: who gets none, and why; who wants none."""

    barred: dict[str, str]
    refuse: frozenset[str]


def text_id(order: str, place: int) -> TextId:
    """A message's name."""
    return TextId(f"{order}-{place}")


def reference_of(message: TextId) -> int:
    """What goes with each of its parts, 1–65535."""
    return zlib.crc32(message.encode()) % 0xFFFF + 1


def stored_text(
    row: Any, already: frozenset[int] = frozenset(), parts_accepted: int = 0
) -> StoredText:
    """From a row of sms_messages joined with its order's."""
    return StoredText(
        id=TextId(row.message_id),
        order=row.order_id,
        kind=TextKind(row.kind),
        number=row.number,
        text=row.text,
        call=row.call_id,
        reference=row.reference,
        status=TextStatus(row.status),
        since=row.since,
        attempts=row.attempts,
        not_before=row.not_before,
        deadline=row.deadline,
        stopped=row.stopped_at is not None,
        life_safety=row.life_safety,
        repeats=row.repeats,
        already=already,
        parts_accepted=parts_accepted,
    )
