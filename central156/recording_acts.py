"""What people do with recordings, for the API (console.ports_recordings)."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from callflow.floor_keeper import FloorKeeper
from central156.recording_keys import KeyRing
from central156.recording_sound import Sound, Sounds
from central156.recordings import class_of
from central156.refusals import asked
from central156.retention import Retention
from console.ports import Plain, Refusal
from protocol_store import Store, StoreError
from protocol_store.recording_rows import Hold, KeyRow
from protocol_store.recording_search import Found, Wanted
from terms.facts import Fact, Kind
from terms.limits import LISTENING_GOES_ON, LISTENINGS_REMEMBERED
from terms.names import CallId, Instant
from terms.sight import Reveal
from vault.formats import SoundBroken
from vault.keys import KeyLost, KeysBroken
from vault.sealed import SealBroken
from vault.shelf import NotThere

log = logging.getLogger(__name__)

BY_REQUEST: Final = "request"
HOWS: Final = {"policy": "por prazo de guarda", BY_REQUEST: "a pedido"}
UNKNOWN: Final = "não há gravação com este nome"
Listening = tuple[str, str, str, str]


class RecordingActs:
    """See console.ports_recordings.RecordingsPort. `address`: of the API, for those outside."""

    def __init__(
        self,
        store: Store,
        keeper: FloorKeeper,
        sounds: Sounds,
        ring: KeyRing,
        retention: Retention,
        address: str,
    ) -> None:
        self._store, self._keeper, self._sounds = store, keeper, sounds
        self._ring, self._retention, self._address = ring, retention, address
        self._heard: OrderedDict[Listening, Instant] = OrderedDict()

    # --- finding ---
    async def search(self, wanted: Mapping[str, Any], reveal: Reveal) -> Plain:
        """A page of what fits."""
        page = await asked(self._store.recordings.search(Wanted(**wanted, reveal=reveal)))
        return {
            "recordings": [self._plain(one) for one in page.recordings],
            "after": page.after,
        }

    async def one(self, name: str, reveal: Reveal) -> Plain:
        """What is known of one recording."""
        return self._plain(await self._found(name, reveal))

    def url_of(self, name: str | None) -> str | None:
        """Where a recording is heard, for the city's system; None when there is no file."""
        return f"{self._address}/v1/recordings/{name}/sound" if name else None

    # --- hearing ---
    async def open(self, name: str, form: str) -> Sound:
        """The sound, unsealed."""
        row = await self._living(name)
        if row is None:
            await self._found(name, False)
        try:
            return await self._sounds.open(name, row, form)
        except (KeyLost, NotThere) as lost:
            log.error("a recording cannot be opened", extra={"why": type(lost).__name__})
            raise Refusal(503, f"a gravação não pode ser ouvida agora: {lost}") from None
        except SealBroken:
            log.error("a sealed recording was altered", extra={"recording": name})
            raise Refusal(
                409, "a gravação foi alterada no disco, ou não é a que foi lacrada"
            ) from None
        except (SoundBroken, OSError) as wrong:
            log.error("a recording is no sound", extra={"why": type(wrong).__name__})
            raise Refusal(503, "o som da gravação não pode ser lido") from None

    async def heard(self, name: str, form: str, reason: str, start: int, by: str) -> None:
        """Note who is about to hear what, from where, and why; durable when it returns."""
        now, listening = self._keeper.clock(), (by, name, form, reason)
        if start and now - self._heard.get(listening, 0.0) < LISTENING_GOES_ON:
            return  # the same player goes on: its listening is noted already
        details = {"recording": name, "format": form, "reason": reason, "from": start}
        found = await self._found(name, False)
        fact = Fact(now, Kind.RECORDING_HEARD, found.call, by=by, details=details)
        await asked(self._store.recordings.remember(fact))
        self._keeper.publish(fact)
        self._heard[listening] = now
        while len(self._heard) > LISTENINGS_REMEMBERED:
            self._heard.popitem(last=False)

    # --- holding and erasing ---
    async def erase(self, name: str, reason: str, by: str) -> None:
        """Destroy a recording's key, and every copy that is in our hands."""
        row = await self._living(name)
        found = await self._found(name, False)
        if await asked(self._store.recordings.held(found.call)):
            raise Refusal(409, "a gravação está retida: uma retenção legal vence o pedido")
        if row is None:
            row = self._unsealed_row(name, found)
        if not await asked(self._retention.erase(row, BY_REQUEST, reason, by)):
            raise Refusal(409, "a gravação está retida, ou já foi apagada")
        self._sounds.forget(name)
        plain = await asyncio.to_thread(self._sounds.plain, name)
        if plain is not None:
            await asyncio.to_thread(plain.unlink, missing_ok=True)

    async def holds(self, open_only: bool) -> Sequence[Plain]:
        """Holds, the newest first."""
        return [asdict(one) for one in await asked(self._store.recordings.holds(open_only))]

    async def hold(self, which: str, reason: str, by: str) -> Plain:
        """Hold a call's recordings, by its id or a protocol of it."""
        story = await asked(self._store.story(which))
        if story is None:
            raise Refusal(404, "não há chamada com este número")
        now, call = self._keeper.clock(), story.call.call
        fact = Fact(now, Kind.RECORDING_HELD, call, by=by, details={"reason": reason})
        wanted = Hold(0, call, reason, now, by)
        number = await asked(self._store.recordings.hold(secrets.token_hex(8), wanted, fact))
        self._keeper.publish(fact)
        return {"hold": number, "call": call, "recordings": len(story.recordings)}

    async def release(self, hold: int, reason: str, by: str) -> None:
        """End a hold."""
        open_holds = await asked(self._store.recordings.holds(True))
        there = next((one for one in open_holds if one.hold == hold), None)
        if there is None:
            raise Refusal(404, f"não há retenção {hold} em vigor")
        now, details = self._keeper.clock(), {"hold": hold, "reason": reason}
        fact = Fact(now, Kind.RECORDING_RELEASED, there.call, by=by, details=details)
        ended = Hold(hold, there.call, there.reason, there.since, there.by, now, by, reason)
        if not await asked(self._store.recordings.release(ended, fact)):
            raise Refusal(409, f"a retenção {hold} já foi liberada")
        self._keeper.publish(fact)

    async def retention(self, rehearse: bool, by: str) -> Plain:
        """What the policy's job would do, or what it did now."""
        job = self._retention
        return await asked(job.rehearse() if rehearse else job.run(by))

    async def change_master_key(self, drop: bool, by: str) -> Plain:
        """A new master key."""
        try:
            masters = await self._ring.change(self._store, self._keeper, drop, by)
        except (KeysBroken, OSError) as wrong:
            raise Refusal(503, f"a chave-mestra não foi trocada: {type(wrong).__name__}") from None
        except StoreError as trouble:
            raise Refusal(503, f"a troca parou no meio; repita: {trouble}") from None
        return {"master": masters.current, "kept": list(masters.older)}

    # --- how it works ---
    async def _found(self, name: str, reveal: Reveal) -> Found:
        page = await asked(self._store.recordings.search(Wanted(name=name, reveal=reveal, limit=1)))
        if not page.recordings:
            raise Refusal(404, UNKNOWN)
        return page.recordings[0]

    async def _living(self, name: str) -> KeyRow | None:
        """The row of a sealed recording. Refusal 410 for one that was erased."""
        row = await asked(self._store.recordings.key(name))
        if row is not None and row.erased_at is not None:
            how = HOWS.get(row.erased_how or "", "")
            raise Refusal(410, f"a gravação foi apagada {how}".strip())
        return row

    def _unsealed_row(self, name: str, found: Found) -> KeyRow:
        now = self._keeper.clock()
        return KeyRow(
            name=name,
            call_id=CallId(found.call),
            retention_class=class_of(found.kind, found.line, False),
            place="",
            master="",
            wrapped=None,
            bytes=0,
            seconds=found.seconds,
            digest="",
            recorded_at=found.recorded_at,
            sealed_at=now,
        )

    def _plain(self, one: Found) -> dict[str, Any]:
        return {**asdict(one), "url": None if one.erased_at else self.url_of(one.name)}
