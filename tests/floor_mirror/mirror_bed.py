"""A floor that the tests write, its publisher, and how soon what is read is right again."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from redis_server import RedisServer

from floor_mirror import Address, Content, Mirrored, MirrorReader, MirrorTrouble, Publisher
from floor_mirror.publisher import MirrorState

RIGHT_WITHIN = 5.0  # seconds after Redis is back


class Board:
    """A floor to be mirrored: `waiting` is what the tests look at."""

    def __init__(self, queues: int = 3, agents: int = 5) -> None:
        self.waiting = 0
        self.queues = {f"fila{number}": {"waiting": 0} for number in range(queues)}
        self.agents = {f"agente{number}": {"state": "idle"} for number in range(agents)}

    def content(self) -> Content:
        head: dict[str, Any] = {"waiting": self.waiting, "link": True}
        return Content(time.time(), "n1", head, dict(self.queues), dict(self.agents))


@contextlib.asynccontextmanager
async def published(
    server: RedisServer, board: Board, epoch: int = 1, password: str | None = None
) -> AsyncIterator[Publisher]:
    secret = server.password if password is None else password
    publisher = Publisher(Address("127.0.0.1", server.port, secret), epoch, board.content)
    running = asyncio.create_task(publisher.run())
    try:
        yield publisher
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def read(server: RedisServer) -> Mirrored | None:
    address = Address("127.0.0.1", server.port, server.password)
    try:
        async with MirrorReader.opened(address) as reader:
            return await reader.read()
    except MirrorTrouble:
        return None


def shows(board: Board, seen: Mirrored | None, epoch: int = 1) -> bool:
    """Whether what was read is this floor."""
    return (
        seen is not None
        and seen.epoch == epoch
        and seen.content.head["waiting"] == board.waiting
        and seen.content.queues == board.queues
        and seen.content.agents == board.agents
    )


async def right(
    server: RedisServer, board: Board, epoch: int = 1, within: float = RIGHT_WITHIN
) -> float:
    """Seconds until what is read is this floor; fails after `within`."""
    began = time.monotonic()
    while time.monotonic() - began < within:
        if shows(board, await read(server), epoch):
            return time.monotonic() - began
        await asyncio.sleep(0.05)
    raise AssertionError(f"the mirror is not right within {within} s")


async def until(true: Callable[[], bool], within: float = RIGHT_WITHIN) -> None:
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < within
        await asyncio.sleep(0.02)


async def became(publisher: Publisher, *states: MirrorState, within: float = RIGHT_WITHIN) -> None:
    await until(lambda: publisher.state in states, within)
