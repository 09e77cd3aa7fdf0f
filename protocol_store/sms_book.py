"""Text messages as the store knows them: `store.sms`. May raise StoreOverdue and StoreFailing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

from protocol_store import sms_figures, sms_heard, sms_reads, sms_writes
from protocol_store.sms_figures import SmsFigures
from protocol_store.sms_rows import Barred, NewText, SmsOrder, StoredText
from terms.limits import SMS_ORDER_ROWS
from terms.names import Instant
from terms.text_message import TextId


class SmsBook:
    """The part of the store that text messages use. `ask` and `read` are the store's own."""

    def __init__(
        self, ask: Callable[..., Awaitable[Any]], read: Callable[..., Awaitable[Any]]
    ) -> None:
        self._ask, self._read = ask, read

    # --- orders ---
    async def order(
        self, order: SmsOrder, texts: Sequence[NewText], urgency: int, whole: bool = True
    ) -> int:
        """Store an order; how many messages were not there. None is sent before all are stored
        (`whole`: these are the last), and an order that is told again, is the same order."""
        new = 0
        for first in range(0, max(len(texts), 1), SMS_ORDER_ROWS):
            some = texts[first : first + SMS_ORDER_ROWS]
            last = whole and first + SMS_ORDER_ROWS >= len(texts)
            asked = sms_writes.Ordered(order, some, urgency, last)
            new += await self._ask(sms_writes.write_orders, asked)
        return new

    async def stop(self, order: str, by: str, at: Instant) -> int | None:
        """Nothing more of an order is sent; how many messages that is. None: no such order."""
        found: int = await self._ask(sms_writes.stop_orders, sms_writes.Stop(order, by, at))
        return None if found < 0 else found

    # --- sending ---
    async def due(self, now: Instant, most: int) -> list[StoredText]:
        """The messages whose time has come, the most urgent first."""
        found: list[StoredText] = await self._read(sms_reads.due, now, most)
        return found

    async def barred(self, numbers: Collection[str], queues: Collection[str]) -> Barred:
        """Which of these get none, or want none."""
        found: Barred = await self._read(sms_reads.barred, tuple(numbers), tuple(queues))
        return found

    async def claim(self, claim: sms_writes.Claim) -> frozenset[TextId]:
        """Those that are this leader's to send; durable before any is."""
        found: frozenset[TextId] = await self._ask(sms_writes.claim, claim)
        return found

    async def turn(self, turn: sms_writes.Turn) -> bool:
        """A message comes to another status; False: it may not, or has already."""
        found: bool = await self._ask(sms_writes.write_turns, turn)
        return found

    async def doubt_the_orphans(self, epoch: int, at: Instant) -> int:
        """What an older leader was sending is doubtful; how many messages."""
        claim = sms_writes.Claim((), epoch, "", at)
        found: int = await self._ask(sms_writes.doubt_the_orphans, claim)
        return found

    async def doubtful(self, before: Instant, most: int) -> list[StoredText]:
        """Messages that nobody answered for since then."""
        found: list[StoredText] = await self._read(sms_reads.doubtful, before, most)
        return found

    # --- what is heard ---
    async def heard(self, heard: sms_heard.Heard) -> TextId | None:
        """Write a receipt down; whose it was."""
        found: TextId | None = await self._ask(sms_heard.write_heard, heard)
        return found

    async def received(self, received: sms_heard.Received) -> bool:
        """Write a citizen's text down; whether it was new."""
        found: bool = await self._ask(sms_heard.write_received, received)
        return found

    async def refuse(self, number: str, on: bool, by: str, at: Instant) -> bool:
        """A number wants none, or wants them again; whether anything changed."""
        asked = sms_heard.Refusing(number, on, by, at)
        found: bool = await self._ask(sms_heard.write_refusing, asked)
        return found

    async def forget(self, number: str) -> int:
        """Take a citizen's texts out of what is over; how many messages."""
        found: int = await self._ask(sms_heard.forget_numbers, number)
        return found

    # --- questions ---
    async def text(self, message: TextId) -> StoredText | None:
        """One message."""
        found: StoredText | None = await self._read(sms_reads.whole_text, message)
        return found

    async def told_parts(self, message: TextId, attempt: int) -> list[str | None]:
        """What receipts say of an attempt, part by part."""
        found: list[str | None] = await self._read(sms_reads.told_parts, message, attempt)
        return found

    async def barred_call(self, call: str, queues: Collection[str]) -> str:
        """Why nothing may be sent about a call; '' when it may."""
        found: str = await self._read(sms_reads.barred_call, call, tuple(queues))
        return found

    async def orders(self, order: str | None = None) -> list[dict[str, Any]]:
        """Orders, the newest first."""
        found: list[dict[str, Any]] = await self._read(sms_reads.orders, order)
        return found

    async def messages(
        self, order: str, status: str = "", number: str = ""
    ) -> list[dict[str, Any]]:
        """Messages of an order, or to a number."""
        found: list[dict[str, Any]] = await self._read(sms_reads.messages, order, status, number)
        return found

    async def message(self, name: str) -> dict[str, Any] | None:
        """A message and its parts."""
        found: dict[str, Any] | None = await self._read(sms_reads.message, name)
        return found

    async def refusals(self) -> list[dict[str, Any]]:
        """Numbers that want none."""
        found: list[dict[str, Any]] = await self._read(sms_reads.refusals)
        return found

    async def texts_received(self) -> list[dict[str, Any]]:
        """What citizens wrote."""
        found: list[dict[str, Any]] = await self._read(sms_reads.received)
        return found

    async def held_of(self, number: str) -> dict[str, list[dict[str, Any]]]:
        """All that is held of a number: sent, received, refusals."""
        found: dict[str, list[dict[str, Any]]] = await self._read(sms_reads.held_of, number)
        return found

    async def figures(self, since: Instant, now: Instant) -> SmsFigures:
        """How messages stand, and what came of those that were ordered since then."""
        found: SmsFigures = await self._read(sms_figures.figures, since, now)
        return found

    async def counted(self) -> dict[str, int]:
        """How many wait, are open, or are uncertain."""
        found: dict[str, int] = await self._read(sms_reads.counted)
        return found
