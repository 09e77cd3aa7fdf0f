"""Values that are known only during a call: what reads them aloud, first sound within 2 s."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from terms.names import Seconds
from voice.library import Library, Recorded
from voice.texts import UNREADABLE

JOINED, CACHE, SPOKEN, FALLBACK = "joined", "cache", "spoken", "fallback"
SHARES = (JOINED, CACHE, SPOKEN, FALLBACK)
"""What reads a value aloud, in the order of trying."""
SPOKEN_LIVE = "ao-vivo"


class LiveVoice:
    """Reads values aloud; `folder` keeps what the fast voice said (None: no fast voice)."""

    def __init__(self, library: Library, folder: Path | None) -> None:
        self._library = library
        self._folder = folder
        self.shares: Counter[str] = Counter(dict.fromkeys(SHARES, 0))

    async def start(self) -> None:
        """Make the fast voice ready."""

    async def close(self) -> None:
        """Let it go."""

    async def aloud(
        self, value: str, how: str, language: str, budget: Seconds
    ) -> tuple[Recorded, ...]:
        """The recordings that read `value` as `how` says. Never raises."""
        read = self._library.read(value, how, language)
        if read:
            self.shares[JOINED] += 1
            return read
        self.shares[FALLBACK] += 1
        found = self._library.find(UNREADABLE[language], language)
        return (found,) if found else ()
