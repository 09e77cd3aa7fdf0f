"""The protocol numbers that a journal has at hand, and where more come from.

A block is drawn from the database by the writer's thread as soon as fewer than
limits.NUMBERS_AHEAD are left, so that an hour without the database is felt by nobody. Which are
held is written down in the journal's folder (journal_identity.py).
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from protocol_store import protocols
from protocol_store.errors import StoreOverdue
from protocol_store.journal_identity import Identity, write_identity
from protocol_store.journal_numbers import HeldNumbers
from protocol_store.protocols import Block
from protocol_store.writer import Writer
from terms import limits
from terms.names import Instant

log = logging.getLogger(__name__)


class Supply:
    """See the file's top. For the loop, but for `keep`."""

    def __init__(
        self,
        folder: Path,
        node: str,
        held: tuple[Identity, HeldNumbers],
        writer: Writer,
        numbers: range,
        clock: Callable[[], Instant],
    ) -> None:
        """`held`: what is at hand, and whose; `numbers`: from which more may be drawn."""
        self._folder, self._node = folder, node
        self._identity, self._held = held
        self._writer, self._numbers, self._clock = writer, numbers, clock
        self._keeping = threading.Lock()
        self._drawing: asyncio.Task[None] | None = None

    @property
    def left(self) -> int:
        """How many numbers are at hand."""
        return self._held.left

    def at_hand(self) -> int | None:
        """The next number, for good; None when there is none without the database."""
        taken = self._held.take()
        if taken is not None:
            self._draw_ahead()
        return taken

    async def next(self) -> int:
        """The next number, drawn now if need be. NumbersExhausted, StoreOverdue, StoreFailing."""
        while (taken := self.at_hand()) is None:
            await self.fill()
        return taken

    async def fill(self) -> None:
        """Draw a block if fewer than NUMBERS_AHEAD are at hand. Raises what drawing does."""
        wanted = limits.NUMBERS_AHEAD + limits.PROTOCOL_BLOCK - self._held.left
        if wanted <= limits.PROTOCOL_BLOCK and self._held.left:
            return
        asking = self._writer.ask(self._draw, wanted)
        try:
            block: Block = await asyncio.wait_for(asking, limits.STORE_BUDGET)
        except TimeoutError:
            raise StoreOverdue("o banco de dados não respondeu a tempo") from None
        self._held.add([block])
        try:
            await asyncio.to_thread(self.keep)
        except OSError:  # the database knows whose they are; a start finds them there
            log.warning("the journal's numbers could not be written down")

    def keep(self, **changed: Any) -> None:
        """Write down what is held, and other things of the identity. Any thread. OSError."""
        with self._keeping:
            blocks, highest = self._held.blocks(), self._held.highest
            identity = replace(self._identity, blocks=blocks, highest=highest, **changed)
            write_identity(self._folder, identity)
            self._identity = identity

    def close(self) -> None:
        """Draw no more."""
        if self._drawing is not None:
            self._drawing.cancel()

    def _draw_ahead(self) -> None:
        if self._held.left < limits.NUMBERS_AHEAD and self._drawing is None:
            self._drawing = asyncio.get_running_loop().create_task(self._draw_quietly())

    async def _draw_quietly(self) -> None:
        try:
            if self._writer.failing:
                await asyncio.sleep(limits.DRAW_AGAIN)
            else:
                await self.fill()
        except Exception as trouble:  # the database's own words may quote what it was given
            log.warning("no numbers were drawn ahead", extra={"why": type(trouble).__name__})
            await asyncio.sleep(limits.DRAW_AGAIN)
        finally:
            self._drawing = None

    def _draw(self, connection: Connection, asked: Sequence[int]) -> Sequence[Any]:
        """For the writer. Repeated after a commit of which nobody heard, one block more is ours."""
        drawn: list[Block] = []
        for count in asked:
            holder, highest = self._identity.token, self._held.highest
            where = (connection, self._node, holder, self._numbers, highest, self._clock())
            drawn.append(protocols.draw(*where, count))
        return drawn
