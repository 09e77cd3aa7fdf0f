"""The policy's job: what is old goes to the archive, what is too old is erased; nothing else ever
deletes a recording but a person's erasure by request (R56).

A legal hold beats every date. What the job would do can be seen before (`rehearse`), what it did
stands in the facts, a recording each. To erase is to destroy the key; then the file goes as well.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from callflow.floor_keeper import FloorKeeper
from central156.settings_recordings import Kept
from protocol_store import Store, StoreError
from protocol_store.recording_rows import Erasure, KeyRow
from terms.facts import Fact, Kind
from terms.limits import RETENTION_EVERY, RETENTION_SHOWN
from terms.names import Instant
from vault.shelf import NotThere, Shelf

log = logging.getLogger(__name__)

DAY: Final = 86_400.0
CITY: Final = ZoneInfo("America/Sao_Paulo")
POLICY: Final = "policy"
BY_ITSELF: Final = ""
"""Whose act it is when nobody asked."""


def end_of(day: str) -> Instant | None:
    """The end of a day on the city's clock; None for ''."""
    if not day:
        return None
    next_day = date.fromisoformat(day) + timedelta(days=1)
    return datetime.combine(next_day, time(), CITY).timestamp()


@dataclass(frozen=True, slots=True)
class Retention:
    """See the top of this file. `contract_over`: when the contract's last day is over."""

    store: Store
    keeper: FloorKeeper
    shelf: Shelf
    kept: Mapping[str, Kept]
    contract_over: Instant | None

    async def run_for_ever(self) -> None:
        """The job, once in a while, until it is cancelled."""
        while True:
            await asyncio.sleep(RETENTION_EVERY)
            try:
                await self.run(BY_ITSELF)
            except StoreError as trouble:
                log.warning("retention waits", extra={"why": type(trouble).__name__})
            except Exception:
                log.exception("the retention job failed")

    async def rehearse(self) -> dict[str, Any]:
        """What the job would do now, class by class; nothing is changed."""
        now, classes = self.keeper.clock(), []
        for name, rule in self.kept.items():
            count, before = self.store.recordings.count, self._to_erase(rule, now)
            archive = await count(name, self._to_archive(rule, now), False)
            both, erase = (0, 0), (0, 0)
            if before is not None:
                both = await count(name, min(before, self._to_archive(rule, now)), False)
                erase = await count(name, before, None)
            classes.append(
                {
                    "class": name,
                    "online_days": rule.online,
                    "days": rule.days,
                    "to_archive": archive[0] - archive[1] - (both[0] - both[1]),
                    "to_erase": erase[0] - erase[1],
                    "held": erase[1],
                }
            )
        shown = [row.name async for row in self._first_to_erase(now)]
        return {"rehearsal": True, "classes": classes, "erased_first": shown}

    async def run(self, by: str) -> dict[str, Any]:
        """Do it. Raises StoreError; what was done stays done, and a repeat goes on."""
        now, classes = self.keeper.clock(), []
        await self._sweep_leftovers()
        for name, rule in self.kept.items():
            erased = 0
            if (before := self._to_erase(rule, now)) is not None:
                async for row in self._due(name, before, None):
                    erased += await self.erase(row, POLICY, f"prazo da classe {name}", by)
            archived = 0
            async for row in self._due(name, self._to_archive(rule, now), False):
                archived += await self._archive(row)
            classes.append({"class": name, "archived": archived, "erased": erased})
        return {"rehearsal": False, "classes": classes}

    async def erase(self, row: KeyRow, how: str, because: str, by: str) -> bool:
        """Destroy a recording's key, then its file; False for one that is held or erased."""
        now = self.keeper.clock()
        details = {"recording": row.name, "how": how, "because": because}
        fact = Fact(now, Kind.RECORDING_ERASED, row.call_id, by=by, details=details)
        gone = replace(
            row,
            wrapped=None,
            erased_at=now,
            erased_by=by,
            erased_how=how,
            erased_because=because,
        )
        if not await self.store.recordings.erase(Erasure(gone, fact)):
            return False
        self.keeper.publish(fact)
        await self._remove(row)
        return True

    async def _archive(self, row: KeyRow) -> bool:
        try:
            await asyncio.to_thread(self.shelf.to_archive, row.place)
        except (NotThere, OSError) as wrong:
            why = type(wrong).__name__
            log.error("not archived", extra={"recording": row.name, "why": why})
            return False
        details = {"recording": row.name}
        fact = Fact(
            self.keeper.clock(), Kind.RECORDING_ARCHIVED, row.call_id, by=BY_ITSELF, details=details
        )
        await self.store.recordings.archived(row.name, fact)
        await asyncio.to_thread(self.shelf.leave_online, row.place)
        return True

    async def _remove(self, row: KeyRow) -> None:
        if not row.place:
            return
        try:
            await asyncio.to_thread(self.shelf.remove, row.place)
        except (NotThere, OSError) as wrong:
            why = type(wrong).__name__
            log.error("a file without a key stays", extra={"recording": row.name, "why": why})
            return
        await self.store.recordings.gone(row.name)

    async def _sweep_leftovers(self) -> None:
        """The files of what was erased when something broke off between key and file."""
        for row in await self.store.recordings.leftovers():
            await self._remove(row)

    async def _due(
        self, name: str, before: Instant, archived: bool | None
    ) -> AsyncIterator[KeyRow]:
        after = ""
        while rows := await self.store.recordings.due(name, before, archived, after):
            after = rows[-1].name
            for row in rows:
                yield row

    async def _first_to_erase(self, now: Instant) -> AsyncIterator[KeyRow]:
        shown = 0
        for name, rule in self.kept.items():
            before = self._to_erase(rule, now)
            for row in await self.store.recordings.due(name, before or 0.0, None):
                if shown < RETENTION_SHOWN:
                    yield row
                shown += 1

    def _to_archive(self, rule: Kept, now: Instant) -> Instant:
        return now - rule.online * DAY

    def _to_erase(self, rule: Kept, now: Instant) -> Instant | None:
        """Everything recorded before this is too old; None: nothing is."""
        if rule.days is not None:
            return now - rule.days * DAY
        over = self.contract_over is not None and now >= self.contract_over
        # what the contract asks to be on line is so to the last day
        return now - rule.online * DAY if over else None
