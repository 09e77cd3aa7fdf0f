"""What the sender stands between, for tests: a store, a carrier that is not ours, a clock."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from smsc_bed import Smsc

from central156.sms_sender import SmsSender
from protocol_store import Store
from protocol_store.sms_rows import NewText, SmsOrder
from sms.decide import URGENCY
from sms.smpp_account import Long, SmppAccount
from sms.smpp_link import SmppLink
from terms.text_message import TextKind

PORTS = iter(range(24_210, 24_280))
QUEUES = ("p156_mulher",)


def account(port: int, long: Long = Long.UDH, password: str = "segredo") -> SmppAccount:
    return SmppAccount("127.0.0.1", port, "central", password, "156", long=long)


@dataclass
class Bed:
    """A sender over a store and a carrier."""

    store: Store
    smsc: Smsc
    link: SmppLink
    sender: SmsSender
    clock: Callable[[], float]
    running: asyncio.Task[None] | None = None
    orders: int = 0
    skipped: list[float] = field(default_factory=lambda: [0.0])

    async def order(self, *texts: str, **more: Any) -> str:
        """Order texts to numbers of one series; the order's id."""
        self.orders += 1
        now = self.clock()
        order = SmsOrder(
            id=more.pop("id", f"o{self.orders}"),
            kind=more.pop("kind", TextKind.PROTOCOL),
            body="SMS",
            subject="teste",
            at=now,
            by="ana",
            scheduled=more.pop("scheduled", now),
            deadline=more.pop("deadline", now + 3_600),
            repeats=more.pop("repeats", False),
            life_safety=more.pop("life_safety", ""),
        )
        numbers = more.pop("numbers", None)
        rows = [
            NewText(place, numbers[place] if numbers else f"119{87650000 + place}", text, **more)
            for place, text in enumerate(texts)
        ]
        await self.store.sms.order(order, rows, URGENCY[order.kind])
        return order.id

    async def start(self) -> None:
        self.running = asyncio.create_task(self.sender.run())
        await self.smsc.until(lambda: self.smsc.of("bind"))
        await self.until(lambda: self.link.up)

    async def stop(self) -> None:
        if self.running is not None:
            self.running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.running
            self.running = None

    async def until(self, holds: Callable[[], Any], seconds: float = 10.0) -> None:
        async with asyncio.timeout(seconds):
            while not holds():
                await asyncio.sleep(0.02)

    async def statuses(self, order: str) -> dict[str, int]:
        (found,) = await self.store.sms.orders(order)
        return dict(found["by_status"])

    async def come_to(self, order: str, seconds: float = 10.0, **wanted: int) -> None:
        """Wait until so many of an order's messages have each status."""
        found: dict[str, int] = {}
        try:
            async with asyncio.timeout(seconds):
                while (found := await self.statuses(order)) != wanted:
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"{found} instead of {wanted}") from None

    def skip(self, seconds: float) -> None:
        """So much time goes by."""
        self.skipped[0] += seconds
