"""Callers' numbers and what they typed leave the store when they are old enough: by itself, at
quiet times, in small steps; what would go can be seen before.

It walks once a night through all that is old. When calls come, or the store is behind, it stands
still and goes on where it stood. Recordings have a policy of their own (retention.py).
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from callflow.book import Book
from callflow.floor_keeper import FloorKeeper
from central156.pseudonyms import Pseudonyms
from central156.settings import Settings
from protocol_store import Store, StoreError
from protocol_store.data_ages import Ages, Due, Expired, Expiry, Place
from terms import limits
from terms.names import Instant

log = logging.getLogger(__name__)

DAY: Final = 86_400.0
CITY: Final = ZoneInfo("America/Sao_Paulo")
BY_ITSELF: Final = ""
START: Final[Place] = (0.0, "")


def ages_of(settings: Settings, now: Instant) -> Ages:
    """What is too old now."""
    typed, numbers = settings.typed_days, settings.number_days
    return Ages(now - typed * DAY if typed else None, now - numbers * DAY if numbers else None)


@dataclass
class DataRetention:
    """See the top of this file."""

    settings: Settings
    store: Store
    keeper: FloorKeeper
    book: Book
    _walked: str = ""  # the day whose walk is done
    _after: Place = START
    _done: Expired = field(default_factory=Expired)  # by the walk that is under way …
    _last: Expired = field(default_factory=Expired)  # … and by the last whole one
    _running: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run_for_ever(self) -> None:
        """The job, every night, until it is cancelled."""
        while True:
            await asyncio.sleep(limits.DATA_RETENTION_EVERY)
            try:
                await self.look()
            except StoreError as trouble:
                log.warning("data retention waits", extra={"why": type(trouble).__name__})
            except Exception:
                log.exception("the data retention job failed")

    async def look(self) -> None:
        """Walk on, if it is night, not done yet, and quiet."""
        if not self._is_time():
            return
        async with self._running:
            while self._is_time() and self._is_quiet():
                if await self._step(BY_ITSELF):
                    self._walked = self._day()
                    return
                await asyncio.sleep(limits.DATA_RETENTION_PAUSE)

    async def run(self, by: str) -> dict[str, Any]:
        """The whole walk now, because somebody wants it. Raises StoreError; what was done stays
        done, and a repeat goes on."""
        async with self._running:
            self._after, self._done = START, Expired()
            while not await self._step(by):
                await asyncio.sleep(0)
            return asdict(self._last)

    async def _step(self, by: str) -> bool:
        """One page; whether the walk is over."""
        now = self.keeper.clock()
        page: Due = await self.store.citizens.due(ages_of(self.settings, now), self._after)
        number = Pseudonyms(self.settings.secret("number_key")).of_number
        for calls, is_number in ((page.typed, False), (page.numbers, True)):
            for start in range(0, len(calls), limits.CITIZEN_CALLS_AT_ONCE):
                part = calls[start : start + limits.CITIZEN_CALLS_AT_ONCE]
                expiry = Expiry(part, is_number, number, by, now)
                self._done = self._done.and_then(await self.store.citizens.expire(expiry))
                await asyncio.sleep(limits.DATA_RETENTION_PAUSE)
        if page.after is not None:
            self._after = page.after
            return False
        self._last, self._after, self._done = self._done, START, Expired()
        if self._last != Expired():
            log.info("old personal data is gone", extra=asdict(self._last))
        return True

    def _day(self) -> str:
        return self._city().date().isoformat()

    def _city(self) -> datetime:
        return datetime.fromtimestamp(self.keeper.clock(), CITY)

    def _is_time(self) -> bool:
        first, last = limits.DATA_RETENTION_HOURS
        return first <= self._city().hour < last and self._walked != self._day()

    def _is_quiet(self) -> bool:
        behind = self.store.lag().oldest_seconds
        return (
            len(self.book.calls) <= limits.DATA_RETENTION_CALLS
            and behind <= limits.DATA_RETENTION_BEHIND
        )
