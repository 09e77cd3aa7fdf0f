"""The master key in use, and how it is changed: every recording's key is wrapped anew.

A new installation's key file is made. One that cannot be read, or is gone while recordings are
sealed here, stops nothing but sealing: recordings then wait as the switch left them, and an alarm
says so. Only a person makes a new one in its place (`change`).
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

from callflow.floor_keeper import FloorKeeper
from protocol_store import Store
from terms.facts import Fact, Kind
from vault import keys
from vault.keys import KeyLost, KeysBroken, MasterKeys

log = logging.getLogger(__name__)


class KeyRing:
    """The master keys of this installation. `masters` is None while they cannot be read."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.masters: MasterKeys | None = None
        self.steady = asyncio.Lock()  # while held, what wraps now is what the database is told
        self._changing = asyncio.Lock()

    def open(self, first: bool) -> None:
        """Read the keys, or make the `first` one. Blocking; never raises. A lost key that is put
        back later must not replace one under which others were sealed meanwhile."""
        try:
            if first and not self.file.exists():
                keys.save(keys.new_master(), self.file)
            self.masters = keys.load(self.file)
        except (KeysBroken, OSError) as wrong:
            log.critical(
                "no master key: recordings are not sealed", extra={"why": type(wrong).__name__}
            )

    async def missing(self, store: Store) -> list[str]:
        """Names of master keys that recordings are wrapped by, and that are not here."""
        known = self.masters.keys if self.masters else {}
        return [name for name in await store.recordings.masters() if name not in known]

    async def change(self, store: Store, keeper: FloorKeeper, drop: bool, by: str) -> MasterKeys:
        """A new master key wraps every recording's key. `drop`: the older ones are forgotten,
        once nothing in the database needs them; then what an old backup holds of erased
        recordings is opened by nobody, nor is anything else that only that backup knows.

        Raises StoreError, OSError; what was not wrapped anew then keeps its older key, which
        stays, and a repeat goes on. KeysBroken when the keys cannot be read; a file that is gone
        is made anew.
        """
        async with self._changing:
            if self.masters is None:
                await asyncio.to_thread(self.open, True)
            if self.masters is None:
                raise KeysBroken("a chave-mestra não pode ser lida")
            before, changed = self.masters, self.masters.rotated()
            async with self.steady:
                await asyncio.to_thread(keys.save, changed, self.file)
                self.masters = changed
            await self._wrap_all(store, self.masters)
            if drop and not await store.recordings.wrapped_by_others(self.masters.current):
                self.masters = self.masters.without_older()
                await asyncio.to_thread(keys.save, self.masters, self.file)
            details = {"master": self.masters.current, "before": before.current}
            fact = Fact(
                keeper.clock(),
                Kind.MASTER_KEY_CHANGED,
                by=by,
                details={**details, "kept": list(self.masters.older)},
            )
            await store.recordings.remember(fact)
            keeper.publish(fact)
            return self.masters

    async def _wrap_all(self, store: Store, masters: MasterKeys) -> None:
        done = ""
        while rows := await store.recordings.wrapped_by_others(masters.current, done):
            done = rows[-1].name
            wrapped = []
            for row in rows:
                try:
                    key = masters.unwrap(row.wrapped or "", row.name, row.master)
                except KeyLost:
                    log.error("a recording's key is lost", extra={"recording": row.name})
                    continue
                again = masters.wrap(key, row.name)
                wrapped.append(replace(row, master=masters.current, wrapped=again))
            await store.recordings.rewrap(wrapped)
