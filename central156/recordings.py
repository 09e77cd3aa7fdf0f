"""Seals what the switch has recorded, right after the call; and finds what nobody looked at (R55).

A recording is sealed once the store knows that its call is over and its check is done, in this
order, each step durable before the next: the sealed file, its wrapped key, then the plain file is
removed. Whatever breaks off in between is done again by the next look, from the plain file. The
same look makes the checks that a control which died owes: a missing, empty or short recording is
reported on its protocol within limits.SEAL_CHECKED_AFTER + SEAL_LOOK_EVERY of the next start.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from callflow.book import OpenCall
from callflow.floor_keeper import FloorKeeper
from callflow.record import RecordingCheck
from central156.recording_keys import KeyRing
from pbx.recordings import Recordings
from protocol_store import CallStory, Store, StoreError
from protocol_store.recording_rows import CallState, KeyRow
from terms import limits
from terms.facts import Fact, Kind
from terms.names import EMERGENCY_LINES, CallId, Instant, Seconds
from terms.names import Protocol as ProtocolNumber
from terms.recording_name import MESSAGE, TALK, call_of, kind_of, name_of
from vault.sealed import SealBroken, new_key
from vault.shelf import Shelf, digest_of

log = logging.getLogger(__name__)

KINDS: Final = frozenset(Kind)
END_ASKED: Final = 0.2  # seconds between two questions whether a call's end is stored


def facts_in(story: CallStory) -> list[Fact]:
    """A call's stored facts, as they were told."""
    return [
        Fact(one.at, Kind(one.kind), story.call.call, details=one.details)
        for one in story.facts
        if one.kind in KINDS
    ]


def class_of(kind: str, line: str, test: bool) -> str:
    """For how long a recording is kept is told by its class (settings_recordings.CLASSES)."""
    if test:
        return "teste"
    if kind == TALK:
        return "emergencia" if line in EMERGENCY_LINES else "atendimento"
    return "recado" if kind == MESSAGE else "consulta"


@dataclass(slots=True)
class Sealing:
    """See the top of this file. `over` and `run` are for the control process."""

    store: Store
    keeper: FloorKeeper
    files: Recordings
    shelf: Shelf
    ring: KeyRing
    check: RecordingCheck
    on: bool = True  # False: recordings stay as the switch left them, by setting
    waiting: int = 0  # plain files of calls that are over, at the last look …
    oldest: Seconds = 0.0  # … and for how long the oldest has lain there
    _over: asyncio.Queue[CallId] = field(default_factory=asyncio.Queue)
    _looked: bool = False

    def over(self, call: CallId) -> None:
        """A call's recordings have been checked: seal them soon."""
        if self.on:
            self._over.put_nowait(call)

    async def run(self) -> None:
        """Seal what comes, and look around now and then. Runs until it is cancelled."""
        due = 0.0
        while True:
            wait = due - time.monotonic()
            try:
                if wait <= 0.0:
                    due = time.monotonic() + limits.SEAL_LOOK_EVERY
                    await self.look()
                    continue
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        call = await self._over.get()
                    await self.seal_call(call)
            except StoreError as trouble:
                why = type(trouble).__name__
                log.warning("recordings wait: the store does not answer", extra={"why": why})
            except Exception:
                log.exception("a look at the recordings failed")
                await asyncio.sleep(END_ASKED)

    async def look(self) -> None:
        """Check what was not checked, seal what was not sealed, count what still waits."""
        now = self.keeper.clock()
        unchecked = await self._check_late(now)
        if not self.on:
            return
        files = await asyncio.to_thread(self.files.all)
        calls = {file: call_of(file.stem) for file in files}
        known = await self.store.recordings.calls(set(calls.values()))
        left, taken = [], 0
        for file, call in calls.items():
            state = known.get(call)
            settled = self._settled(state, now, file) and call not in unchecked
            if not settled or call in self.check.checking:
                continue
            if taken >= limits.SEAL_AT_ONCE or not await self._seal_quietly(file, state):
                left.append(file)
            taken += 1
        ages = [time.time() - await asyncio.to_thread(_touched, file) for file in left]
        self.waiting, self.oldest = len(left), max(ages, default=0.0)
        await asyncio.to_thread(self.files.forget_empty_days)

    # --- what nobody checked ---
    async def _check_late(self, now: Instant) -> set[CallId]:
        """Check the calls whose check nobody made; those that are still owed one."""
        if not self.check.recording:
            return set()
        back = limits.SEAL_LOOKED_BACK_LATER if self._looked else limits.SEAL_LOOKED_BACK
        until = now - limits.SEAL_CHECKED_AFTER
        owed = await self.store.recordings.unchecked(now - back, until)
        for call in owed:
            await self._check_one(call)
        self._looked = len(owed) < limits.SEAL_LATE_CHECKS
        await self.store.settled()
        return set(await self.store.recordings.unchecked(now - back, until))

    async def _check_one(self, call: CallId) -> None:
        story = await self.store.story(call, reveal=True)
        if story is None or story.call.ended_at is None or call in self.check.checking:
            return
        row = story.call
        number = row.protocol or ProtocolNumber("")
        entry = OpenCall(call, row.line, row.arrived_at, row.caller, number, row.test)
        told = facts_in(story)
        log.warning("a recording is checked late", extra={"call": call})
        await self.check.look_again(entry, told, row.ended_at or row.arrived_at)

    # --- sealing ---
    def _settled(self, state: CallState | None, now: Instant, file: Path) -> bool:
        """Whether nobody will read the plain file any more."""
        if state is None:
            with contextlib.suppress(OSError):
                return time.time() - _touched(file) > limits.SEAL_ORPHAN_AFTER
            return False
        return state.ended_at is not None and now - state.ended_at > limits.SEAL_CHECKED_AFTER

    async def seal_call(self, call: CallId) -> None:
        """Seal all files of a call that was checked just now."""
        deadline = time.monotonic() + limits.SEAL_WAIT
        while True:
            state = (await self.store.recordings.calls([call])).get(call)
            if state is not None and state.ended_at is not None:
                break
            if time.monotonic() > deadline:
                return  # the next look finds it
            await asyncio.sleep(END_ASKED)
        for file in await asyncio.to_thread(self.files.of_call, call):
            await self._seal_quietly(file, state)

    async def _seal_quietly(self, file: Path, state: CallState | None) -> bool:
        """Seal one file; whether it is gone now. Raises StoreError alone."""
        name = name_of(file.name)
        if name is None or self.ring.masters is None:
            return False
        try:
            await self._seal(file, name, state)
        except (OSError, ValueError, SealBroken) as wrong:
            log.error(
                "a recording cannot be sealed",
                extra={"recording": name, "why": type(wrong).__name__},
            )
            return False
        return True

    async def _seal(self, file: Path, name: str, state: CallState | None) -> None:
        seconds = await asyncio.to_thread(self.files.seconds, file)
        known = await self.store.recordings.sealed([name])
        if name in known and not known[name] and await self._is_another(file, name):
            log.critical("another sound under the name of a sealed one", extra={"recording": name})
            raise ValueError("another sound")
        begun = state is not None and not state.answered and kind_of(name) != MESSAGE
        if known.get(name) or (begun and seconds == 0.0):
            # erased by request before it was sealed, or begun for a talk that never was
            await asyncio.to_thread(file.unlink, missing_ok=True)
            return
        if begun and state is not None:  # the menu put the citizen through to a number outside
            found = {"file": str(file), "seconds": round(seconds, 3), "talk_seconds": 0.0}
            found |= {"ok": True, "problem": ""}
            at = state.ended_at or self.keeper.clock()
            self.keeper.record(Fact(at, Kind.RECORDED, call_of(name), details=found))
        key, found_at = new_key(), await asyncio.to_thread(_stamp, file)
        put = await asyncio.to_thread(self.shelf.put, file, name, file.parent.name, key)
        if await asyncio.to_thread(_stamp, file) != found_at:
            raise ValueError("the switch still writes it")
        call, kind = call_of(name), kind_of(name)
        line, test = (state.line, state.test) if state else ("", False)
        made = await asyncio.to_thread(_touched, file)
        async with self.ring.steady:
            masters = self.ring.masters
            assert masters is not None
            row = KeyRow(
                name=name,
                call_id=call,
                retention_class=class_of(kind, line, test),
                place=put.place,
                master=masters.current,
                wrapped=masters.wrap(key, name),
                bytes=put.size,
                seconds=round(seconds, 3),
                digest=put.digest,
                recorded_at=made,
                sealed_at=self.keeper.clock(),
            )
            kept = await self.store.recordings.seal(row)
        await asyncio.to_thread(file.unlink, missing_ok=True)
        if not kept:  # erased by request while it was being sealed
            await asyncio.to_thread(self.shelf.remove, put.place)
            return
        details = {"recording": name, "bytes": put.size, "seconds": row.seconds}
        details["master"] = masters.current
        self.keeper.record(Fact(row.sealed_at, Kind.RECORDING_SEALED, call, details=details))

    async def _is_another(self, file: Path, name: str) -> bool:
        """Whether what lies here is not what was sealed under this name: that is never replaced."""
        row = await self.store.recordings.key(name)
        return row is not None and row.digest != await asyncio.to_thread(digest_of, file)


def _stamp(file: Path) -> tuple[int, int]:
    """Changes whenever the file does, also when only its header does. Raises OSError."""
    found = file.stat()
    return found.st_size, found.st_mtime_ns


def _touched(file: Path) -> Instant:
    """When something was written to it last; now for one that is gone."""
    try:
        return file.stat().st_mtime
    except OSError:
        return time.time()
