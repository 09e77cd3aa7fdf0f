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
from protocol_store.outgoing_ages import BEGIN, OutAges, OutExpiry, OutPlace
from terms import limits
from terms.facts import Fact, Kind
from terms.names import Instant

log = logging.getLogger(__name__)

DAY: Final = 86_400.0
CITY: Final = ZoneInfo("America/Sao_Paulo")
BECAUSE_OUT: Final = "prazo de guarda de campanhas e mensagens"
BY_ITSELF: Final = ""
START: Final[Place] = (0.0, "")


def ages_of(settings: Settings, now: Instant) -> Ages:
    """What is too old now."""
    typed, numbers = settings.typed_days, settings.number_days
    return Ages(_before(now, typed), _before(now, numbers))


def out_ages_of(settings: Settings, now: Instant) -> OutAges:
    """The same of whom we called, and of texts."""
    return OutAges(_before(now, settings.contact_days), _before(now, settings.text_days))


def _before(now: Instant, days: int) -> Instant | None:
    return now - days * DAY if days else None


@dataclass
class DataRetention:
    """See the top of this file."""

    settings: Settings
    store: Store
    keeper: FloorKeeper
    book: Book
    _walked: str = ""  # the day whose walk is done
    _after: Place | None = START  # None: the calls are done, whom we called is next …
    _out: OutPlace = BEGIN  # … and here is where
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
            self._after, self._out, self._done = START, BEGIN, Expired()
            while not await self._step(by):
                await asyncio.sleep(0)
            return asdict(self._last)

    async def _step(self, by: str) -> bool:
        """One page; whether the walk is over."""
        if self._after is None:
            return await self._step_out(by)
        now = self.keeper.clock()
        page: Due = await self.store.citizens.due(ages_of(self.settings, now), self._after)
        number = Pseudonyms(self.settings.secret("number_key")).of_number
        for calls, is_number in ((page.typed, False), (page.numbers, True)):
            for start in range(0, len(calls), limits.CITIZEN_CALLS_AT_ONCE):
                part = calls[start : start + limits.CITIZEN_CALLS_AT_ONCE]
                expiry = Expiry(part, is_number, number, by, now)
                self._done = self._done.and_then(await self.store.citizens.expire(expiry))
                await asyncio.sleep(limits.DATA_RETENTION_PAUSE)
        self._after = page.after
        return False

    async def _step_out(self, by: str) -> bool:
        """The same of contacts, attempts and texts, which no call needs."""
        now = self.keeper.clock()
        number = Pseudonyms(self.settings.secret("number_key")).of_number
        step = OutExpiry(out_ages_of(self.settings, now), number, now, self._out)
        gone = await self.store.citizens.expire_out(step)
        went = Expired(contacts=gone.contacts, attempts=gone.attempts, texts=gone.texts)
        self._done = self._done.and_then(went)
        if gone:
            await asyncio.sleep(limits.DATA_RETENTION_PAUSE)
        self._out = gone.then or BEGIN
        if gone.then is not None:
            return False
        self._tell(by, now)
        self._last, self._after, self._done = self._done, START, Expired()
        if self._last != Expired():
            log.info("old personal data is gone", extra=asdict(self._last))
        return True

    def _tell(self, by: str, now: Instant) -> None:
        """That contacts and texts went; what went of calls stands in a fact of each."""
        done = self._done
        if not (done.contacts or done.texts):
            return
        counts = {"contacts": done.contacts, "attempts": done.attempts, "texts": done.texts}
        details = {"rows": {}, "because": BECAUSE_OUT, **counts}
        self.keeper.record(Fact(now, Kind.DATA_ERASED, by=by, details=details))

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
