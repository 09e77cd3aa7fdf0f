"""Puts together what keeps recordings: sealing, keys, the policy's job, and the acts of people."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from pathlib import Path

from callflow.floor_keeper import FloorKeeper
from callflow.record import RecordingCheck
from central156.recording_acts import RecordingActs
from central156.recording_keys import KeyRing
from central156.recording_sound import Sounds
from central156.recordings import Sealing, facts_in
from central156.retention import Retention, end_of
from central156.settings import Settings
from central156.settings_recordings import kept_by_class
from pbx.recordings import Recordings
from protocol_store import Store, StoreError
from terms.facts import Fact
from terms.names import CallId
from vault.shelf import Shelf

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecordingRooms:
    """The parts, plugged into each other. `begin` starts what runs beside the calls."""

    sealing: Sealing
    acts: RecordingActs
    retention: Retention
    check: RecordingCheck

    def begin(self, stack: contextlib.AsyncExitStack) -> None:
        """Seal, check late and keep the policy from now on, until `stack` is closed."""
        for work in (self.sealing.run(), self.retention.run_for_ever(), self._tell_lost_keys()):
            stack.callback(asyncio.create_task(work).cancel)

    async def _tell_lost_keys(self) -> None:
        try:
            lost = await self.sealing.ring.missing(self.sealing.store)
        except StoreError:
            return  # it is told when somebody wants to hear one
        if lost:
            log.critical("recordings of lost master keys", extra={"masters": lost})


def shelf_of(settings: Settings) -> Shelf:
    """Where sealed recordings stand."""
    archive = Path(settings.archive_dir) if settings.archive_dir else settings.state_dir / "archive"
    return Shelf(settings.state_dir / "sealed", archive.expanduser().absolute())


def key_file_of(settings: Settings) -> Path:
    """Where the master keys stand."""
    given = settings.recordings_key
    return (
        Path(given).expanduser().absolute() if given else settings.secrets_dir / "recordings_master"
    )


def open_recordings(
    settings: Settings, store: Store, keeper: FloorKeeper, files: Recordings
) -> RecordingRooms:
    """The parts, made. Blocking: reads or makes the master key and the folders; never raises."""
    shelf, ring = shelf_of(settings), KeyRing(key_file_of(settings))
    with contextlib.suppress(OSError):
        shelf.online.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not settings.archive_dir:
            shelf.archive.mkdir(mode=0o700, parents=True, exist_ok=True)
    if settings.seal_recordings or ring.file.exists():
        ring.open(first=not shelf.holds_any())

    async def told(call: CallId) -> list[Fact]:
        try:
            story = await store.story(call, reveal=True)
        except StoreError:
            return []  # what is known without it has to do
        return facts_in(story) if story is not None else []

    check = RecordingCheck(keeper, files, settings.record, told=told)
    sealing = Sealing(store, keeper, files, shelf, ring, check, settings.seal_recordings)
    check.checked = sealing.over
    kept = kept_by_class(settings.retention)
    retention = Retention(store, keeper, shelf, kept, end_of(settings.contract_ends))
    sounds = Sounds(files, shelf, ring)
    address = settings.public_url or settings.api_url
    acts = RecordingActs(store, keeper, sounds, ring, retention, address)
    return RecordingRooms(sealing, acts, retention, check)
