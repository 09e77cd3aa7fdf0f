"""What waits for the journal's thread, and how the journal is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from protocol_store.fact_log import StorableFact
from protocol_store.journal_frames import FrameKind, fact_body, framed
from terms.facts import Kind
from terms.names import Instant, Seconds

Told = asyncio.Future[None]
NUMBERED: Final = frozenset({Kind.PROTOCOL_GIVEN, Kind.CALL_RESUMED})


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to write down. `fact` is None for a note (`body`) that is nobody's fact."""

    sequence: int
    fact: StorableFact | None
    body: bytes
    since: Seconds  # monotonic
    told: Told | None = None

    def frame(self, at: Instant) -> bytes:
        """As it stands in the file."""
        if self.fact is None:
            return framed(at, FrameKind.TOLD, self.body)
        numbered = self.fact.fact.kind in NUMBERED
        return framed(at, FrameKind.NUMBER if numbered else FrameKind.FACT, fact_body(self.fact))


@dataclass(frozen=True, slots=True)
class Figures:
    """How the journal is."""

    waiting: int  # facts that are not on the disk yet
    oldest_seconds: Seconds  # how long the first of them has waited
    refused: int  # facts lost: too many waited for the disk
    failing: bool  # whether the disk refused the last try
    bytes: int  # of all its files
    disk_free: int  # bytes, where they lie


def resolve(waiting: Iterable[Told]) -> None:
    """Tell those who wait, on their loop."""
    for told in waiting:
        if not told.done():
            told.set_result(None)
