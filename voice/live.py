"""Values that are known only during a call, read aloud: the first sound comes within 2 s.

Tried in this order (SHARES counts what it was):

    joined    put together from recorded words
    cache     what the fast voice said before
    spoken    the fast voice, if it is there, has time and nobody waits too long for it
    fallback  a recorded sentence: this cannot be read now, ask an agent

What is read may be about a person: it is never logged.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from terms.limits import (
    LIVE_BUDGET,
    LIVE_CHARACTERS,
    LIVE_LIGHT_VOICES,
    LIVE_TIDY_EVERY,
    LIVE_VOICES,
)
from terms.names import Seconds
from voice.cache import Cache
from voice.library import Library, Recorded
from voice.pool import NotSpoken, Pool, command_of
from voice.reading import PAUSE, spoken
from voice.texts import UNREADABLE

log = logging.getLogger(__name__)

JOINED, CACHE, SPOKEN, FALLBACK = "joined", "cache", "spoken", "fallback"
SHARES = (JOINED, CACHE, SPOKEN, FALLBACK)
"""What reads a value aloud, in the order of trying."""
SPOKEN_LIVE = "ao-vivo"
FINISH = 0.15
"""Seconds of the budget left for writing the file and starting to play it."""


def usual_pool() -> Pool | None:
    """Processes of the quickest voice that is at hand; None when there is none. Blocking."""
    from voice.mouth import RHVOICE, voices_at_hand  # noqa: PLC0415  (calls do not need numpy)

    at_hand = voices_at_hand()
    if not at_hand:
        return None
    # Kokoro takes every core for each text, RHVoice one.
    return Pool(command_of(at_hand[0]), LIVE_LIGHT_VOICES if at_hand[0] == RHVOICE else LIVE_VOICES)


class LiveVoice:
    """Reads values aloud; `folder` keeps what the fast voice said (None: no fast voice).

    `find_pool` finds what can speak; it is asked once.
    """

    def __init__(
        self,
        library: Library,
        folder: Path | None,
        find_pool: Callable[[], Pool | None] = usual_pool,
    ) -> None:
        self._library = library
        self._folder = folder
        self._find_pool = find_pool
        self._cache: Cache | None = None
        self._pool: Pool | None = None
        self._keeping: set[asyncio.Task[Recorded]] = set()
        self._tidying: asyncio.Task[None] | None = None
        self.shares: Counter[str] = Counter(dict.fromkeys(SHARES, 0))

    async def start(self) -> None:
        """Open the cache and start the fast voice, if there is one; it warms up by itself."""
        if self._folder is None or self._cache is not None:
            return
        try:
            self._cache = await asyncio.to_thread(Cache, self._folder)
            self._tidying = asyncio.create_task(_keep_tidy(self._cache))
            self._pool = await asyncio.to_thread(self._find_pool)
        except Exception:
            log.exception("values are read from recorded words alone")
            return
        if self._pool is None:
            log.info("no fast voice: values are read from recorded words alone")
            return
        self._pool.start()

    async def close(self) -> None:
        """Let the fast voice go."""
        if self._pool is not None:
            await self._pool.close()
            self._pool = None
        if self._tidying is not None:
            self._tidying.cancel()
        for task in tuple(self._keeping):
            task.cancel()

    async def aloud(
        self, value: str, how: str, language: str, budget: Seconds = LIVE_BUDGET
    ) -> tuple[Recorded, ...]:
        """The recordings that read `value` as `how` says, within `budget` (never more than
        LIVE_BUDGET). Never raises; () only where not even the fallback is recorded."""
        try:
            by, read = await self._read(value, how, language, min(budget, LIVE_BUDGET))
        except Exception as wrong:
            # Not the traceback: its lines could quote what was to be read.
            log.error("a value could not be read", extra={"why": type(wrong).__name__})
            by, read = FALLBACK, ()
        self.shares[by] += 1
        return read if by != FALLBACK else self._unreadable(language)

    async def _read(
        self, value: str, how: str, language: str, budget: Seconds
    ) -> tuple[str, tuple[Recorded, ...]]:
        if read := self._library.read(value, how, language):
            return JOINED, read
        in_language, words = as_one_text(value, how, language)
        if not words or len(words) > LIVE_CHARACTERS or self._cache is None:
            return FALLBACK, ()
        if found := self._cache.find(in_language, words):
            return CACHE, (Recorded(*found),)
        if self._pool is None:
            return FALLBACK, ()
        within = max(budget - FINISH, 0.0)
        saying = asyncio.create_task(self._say(self._pool, self._cache, in_language, words, within))
        self._keeping.add(saying)
        saying.add_done_callback(self._said)
        done, _ = await asyncio.wait({saying}, timeout=within)
        if not done:
            # What is being spoken is finished: the next caller finds it in the cache.
            if not self._pool.begun(in_language, words):
                saying.cancel()
        elif saying.exception() is None:
            return SPOKEN, (saying.result(),)
        return FALLBACK, ()

    async def _say(
        self, pool: Pool, cache: Cache, language: str, words: str, within: Seconds
    ) -> Recorded:
        samples = await pool.speak(language, words, within)
        return Recorded(*await asyncio.to_thread(cache.keep, language, words, samples))

    def _said(self, task: asyncio.Task[Recorded]) -> None:
        self._keeping.discard(task)
        if task.cancelled():
            return
        wrong = task.exception()
        if wrong is not None and not isinstance(wrong, NotSpoken):
            log.error("a value could not be spoken", extra={"why": type(wrong).__name__})

    def _unreadable(self, language: str) -> tuple[Recorded, ...]:
        for one in (language, "pt"):
            if found := self._library.find(UNREADABLE.get(one, ""), one):
                return (found,)
        return ()


async def _keep_tidy(cache: Cache) -> None:
    """Remove what is too old also where nobody asks for anything new."""
    while True:
        await asyncio.sleep(LIVE_TIDY_EVERY)
        try:
            await asyncio.to_thread(cache.tidy)
        except OSError as wrong:
            log.error("old values stay on the disk", extra={"why": type(wrong).__name__})


def as_one_text(value: str, how: str, language: str) -> tuple[str, str]:
    """The language and words that the fast voice is to say: the phrases of the value in a row."""
    in_language, phrases = spoken(value, how, language)
    words = " ".join("," if phrase == PAUSE else phrase.rstrip(".") for phrase in phrases)
    return in_language, words.replace(" ,", ",")
