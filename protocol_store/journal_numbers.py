"""What a journal knows of numbers: those that it holds, and which call has which.

Both are in memory, for the loop alone. A start reads the calls of the last limits.CALLS_REMEMBERED
seconds from the files again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from protocol_store.protocols import Block
from terms import limits
from terms.names import CallId, Instant, Protocol
from terms.protocol_number import DIGITS


@dataclass(slots=True)
class Known:
    """A call that has its number, or is about to. `durable`: it may be told when this is done;
    None: it is on the disk since long ago."""

    at: Instant
    protocol: Protocol = Protocol("")
    durable: asyncio.Future[None] | None = None
    further: int = 0  # how many more numbers it has
    rescued: bool = False  # the switch told it this number


class HeldNumbers:
    """The blocks of numbers that a journal may give."""

    def __init__(self) -> None:
        self._blocks: deque[Block] = deque()
        self.left = 0
        self.highest = 0  # the end of the highest block ever known

    def add(self, blocks: Iterable[Block]) -> None:
        """Numbers from these may be given from now on, those of lower blocks first."""
        for start, end in blocks:
            self._blocks.append((start, end))
            self.left += end - start
            self.highest = max(self.highest, end)

    def take(self) -> int | None:
        """The next number, for good; None when there is none at hand."""
        if not self._blocks:
            return None
        start, end = self._blocks[0]
        if start + 1 < end:
            self._blocks[0] = (start + 1, end)
        else:
            self._blocks.popleft()
        self.left -= 1
        return start

    def pass_over(self, given: Iterable[Protocol]) -> None:
        """Leave out what was given before, and all of its block below it."""
        numbers = sorted(int(protocol[:DIGITS]) for protocol in given)
        kept: list[Block] = []
        for start, end in self._blocks:
            inside = [number for number in numbers if start <= number < end]
            following = inside[-1] + 1 if inside else start
            if following < end:
                kept.append((following, end))
        self._blocks = deque(kept)
        self.left = sum(end - start for start, end in kept)

    def blocks(self) -> tuple[Block, ...]:
        """What is left. Any thread."""
        return tuple(self._blocks.copy())


class KnownCalls:
    """The calls of the last hours."""

    def __init__(self) -> None:
        self._calls: dict[CallId, Known] = {}

    def get(self, call: CallId) -> Known | None:
        """What is known of a call."""
        return self._calls.get(call)

    def add(self, call: CallId, known: Known, now: Instant) -> None:
        """Know a call, and forget those that are too old to ask again."""
        self._calls[call] = known
        while len(self._calls) > limits.CALLS_KNOWN or (
            next(iter(self._calls.values())).at < now - limits.CALLS_REMEMBERED
            and len(self._calls) > 1
        ):
            del self._calls[next(iter(self._calls))]

    def drop(self, call: CallId) -> None:
        """It got no number after all."""
        self._calls.pop(call, None)
