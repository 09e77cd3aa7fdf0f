"""Reads the mirror: for a wallboard, or for whoever stands by on another machine."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from floor_mirror.guard import Address, GuardedRedis, connected
from floor_mirror.keys import AGENTS, CHANGES, FLOOR, QUEUES, TOKEN, Content, Mirrored
from terms.limits import MIRROR_READS
from terms.names import Seconds


class MirrorReader:
    """Two connections: one asks, the other hears of changes. Raises MirrorTrouble, and then has to
    be opened anew."""

    def __init__(self, asks: GuardedRedis, hears: GuardedRedis) -> None:
        self._asks = asks
        self._hears = hears

    @classmethod
    @asynccontextmanager
    async def opened(cls, address: Address) -> AsyncIterator[MirrorReader]:
        """A reader of the mirror in this Redis."""
        async with connected(address) as asks, connected(address) as hears:
            await hears.subscribe(CHANGES)
            yield cls(asks, hears)

    async def read(self) -> Mirrored | None:
        """The floor as it was last written; None when nobody has written it (since a flush).

        The three hashes are asked for one after the other, and again if a write came between.
        """
        for _ in range(MIRROR_READS):
            head = await self._asks.hash(FLOOR)
            queues, agents = await self._asks.hash(QUEUES), await self._asks.hash(AGENTS)
            tokens = {part.pop(TOKEN, "") for part in (head, queues, agents)}
            if len(tokens) == 1 and tokens != {""}:
                return _mirrored(head, queues, agents)
            if not head:
                return None
        return None

    async def change(self, seconds: Seconds) -> bool:
        """Wait for the next change; False when none was told of in so many seconds."""
        return await self._hears.heard(seconds) is not None


def _mirrored(head: dict[str, str], queues: dict[str, str], agents: dict[str, str]) -> Mirrored:
    content = Content(
        at=float(head["at"]),
        node=head["node"],
        head=json.loads(head["floor"]),
        queues={name: json.loads(text) for name, text in queues.items()},
        agents={name: json.loads(text) for name, text in agents.items()},
    )
    return Mirrored(int(head["epoch"]), int(head["sequence"]), content)
