"""Whoever orders calls of a bed's Asterisk, and hears what becomes of them: all the control."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from switchbed import ACTIONS_SECRET, EVENTS_SECRET, Bed

from pbx.ami_link import AmiLink
from terms.names import AgentName, AttemptId, OfferId
from terms.signals import CallEnded, CallOutTold, Signal

RING = 4
OPEN = ("answered", "machine", "silent", "fax", "up", "again")
"""The words after which an attempt goes on."""

_counts = itertools.count(1)


class Exchange:
    """Orders attempts, and hears what becomes of them."""

    def __init__(self, bed: Bed, link: AmiLink, heard: list[Signal]) -> None:
        self.bed, self.link, self.heard = bed, link, heard

    async def order(
        self, kind: str, attempt: str = "", *, agent: str = "", **more: str
    ) -> AttemptId:
        """Order a call to a subscriber of this kind, by this agent or by none; the attempt."""
        count = next(_counts)
        number = f"11912340{count:03d}"
        name = AttemptId(attempt or f"lista.{kind}-{count}")
        order = {
            "C156_ATTEMPT": name,
            "C156_CAMPAIGN": "lembretes",
            "C156_OUT_TRUNK": kind,
            "C156_OUT_KIND": "aviso",
            "C156_OUT_NUMBER": number,
            "C156_OUT_RING": str(RING),
            "C156_OUT_LINE": "156",
            "C156_OUT_CALLER": number,
            "C156_OUT_PLACE": "x=1",
        } | more
        if not agent:
            await self.link.call_alone(name, RING + 3.0, order)
            return name
        order |= {
            "C156_OFFER": f"1-{count}",
            "C156_EPOCH": "1",
            "C156_AGENT": agent,
            "C156_RING": "3",
            "C156_SHOW": "lembretes",
            "C156_OUT_KIND": "",
        }
        await self.link.call_out(AgentName(agent), OfferId(name), 6.0, order)
        return name

    def of(self, attempt: AttemptId) -> list[CallOutTold | CallEnded]:
        """All that was told of an attempt, in its order."""
        told = [one for one in self.heard if isinstance(one, CallOutTold | CallEnded)]
        return [one for one in told if one.attempt == attempt]

    def ends(self, attempt: AttemptId) -> list[CallOutTold | CallEnded]:
        """The words that end it."""
        return [one for one in self.of(attempt) if getattr(one, "what", "") not in OPEN]

    async def until(self, attempt: AttemptId, what: str, seconds: float = 10.0) -> CallOutTold:
        """Wait until this has been told of it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for one in self.of(attempt):
                if isinstance(one, CallOutTold) and one.what == what:
                    return one
            await asyncio.sleep(0.01)
        raise AssertionError(f"{what} was not told: {self.of(attempt)}")

    async def ended(self, attempt: AttemptId, seconds: float = 15.0) -> CallOutTold | CallEnded:
        """Wait until it has ended, and a little longer: it ends once."""
        deadline = time.monotonic() + seconds
        while not self.ends(attempt):
            assert time.monotonic() < deadline, self.of(attempt)
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.2)
        (end,) = self.ends(attempt)
        return end

    async def all_ended(self, attempts: Iterable[AttemptId]) -> list[CallOutTold | CallEnded]:
        """The ends of these, each the only one."""
        return await asyncio.gather(*(self.ended(attempt) for attempt in attempts))

    async def cut_off(self, attempt: AttemptId) -> None:
        """End what has become a call, as a step of it would; then nothing is left."""
        calls = (await self.link.look()).calls
        (channel,) = [call.channel for call in calls if call.attempt == attempt]
        await self.link.hang_up(channel)
        assert isinstance(await self.ended(attempt), CallEnded)
        await self.quiet()

    async def quiet(self, seconds: float = 8.0) -> None:
        """Nothing is left on the switch; fails after `seconds`."""
        await asyncio.to_thread(self.bed.wait_until_quiet, seconds)


async def until_up(link: AmiLink, up: bool = True) -> None:
    """Wait until the link is there, or lost."""
    while link.up is not up:
        await asyncio.sleep(0.01)


@asynccontextmanager
async def exchange_of(bed: Bed) -> AsyncIterator[Exchange]:
    """An exchange with a link of its own, and the switch's gate open for it."""
    heard: list[Signal] = []
    users: Any = (("c156-events", EVENTS_SECRET), ("c156-actions", ACTIONS_SECRET))
    link = AmiLink("127.0.0.1", bed.settings.ami_port, *users, clock=time.time)
    running = asyncio.create_task(link.run(heard.append))
    await until_up(link)
    await link.set_global("C156_EPOCH", "1")
    yield Exchange(bed, link, heard)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
