"""One citizen's data, on the city's word: found, handed over, erased; for auditors by name alone.

Whoever asks says why, and the fact with both is durable before anything is told. Whose data it was
stands in no fact and no log: the register holds a keyed hash, and so does the state folder's own
file, which no restored backup takes back: `erase_again` then does again what was done since.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from central156.refusals import asked
from central156.timed_orders import checked_reason, new_act
from console.ports import LOCAL, Plain, Refusal
from protocol_store import Store
from protocol_store.citizen_erasure import CitizenErasure, Erased
from protocol_store.citizens import Known, Subject
from protocol_store.masking import masked_number
from terms.facts import Fact, Kind
from terms.names import ERASED, CallId, Instant
from terms.recording_name import name_of

HASH_CHARACTERS: Final = 16
FILE: Final = "erasures.jsonl"

EraseRecording = Callable[[str, str, str], Awaitable[None]]
"""Destroys a recording's key: (name, because, by). Refusal when it is gone already."""


class SubjectData:
    """See the file's top; console.ports_subjects.SubjectsPort."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], Instant],
        key: str,
        folder: Path,
        erase_recording: EraseRecording,
    ) -> None:
        """`key`: whoever lacks it cannot tell from a hash whose it is."""
        self._store, self._clock = store, clock
        self._key = key.encode()
        self._file = folder / FILE
        self._erase_recording = erase_recording

    async def find(self, kind: str, value: str, because: str, by: str, whole: bool) -> Plain:
        """What is held; `whole`: as the citizen is handed it, else masked."""
        subject, reason = _subject(kind, value), _asked_by(by, because)
        what = "exported" if whole else "found"
        details = {"what": what, "kind": str(subject.kind), "because": reason}
        told = Fact(self._clock(), Kind.CITIZEN_TOLD, by=by, details=details)
        found = await asked(self._store.citizens.find(subject, told))
        shown = [asdict(call) for call in found]
        return {"calls": shown if whole else [_masked(call) for call in shown]}

    async def rehearse(self, kind: str, value: str, because: str, by: str) -> Plain:
        """What an erasure would do now."""
        subject = _subject(kind, value)
        _asked_by(by, because)
        return _told(await asked(self._store.citizens.erasable(subject)))

    async def erase(self, kind: str, value: str, because: str, by: str) -> Plain:
        """Erase all that may be erased now."""
        subject, reason = _subject(kind, value), _asked_by(by, because)
        return await self._erase(subject, reason, by)

    async def erase_again(self, by: str) -> Plain:
        """After an old backup was restored: do again what the folder's file knows of."""
        reason = _asked_by(by, "de novo, depois de restaurada uma cópia")
        known = await asyncio.to_thread(self._known)
        again = []
        for kind in Known:
            wanted = {one["subject"]: one["because"] for one in known if one["kind"] == kind}
            for value in await asked(self._store.citizens.values(kind)) if wanted else ():
                subject = Subject.of(kind, value) if _readable(kind, value) else None
                if subject is not None and self._pseudonym(subject) in wanted:
                    again.append(await self._erase(subject, reason, by, write=False))
        return {"erased": len(again), "calls": sum(one["calls"] for one in again)}

    async def register(self) -> Sequence[Plain]:
        """All erasures; nobody's data is in them."""
        return [asdict(row) for row in await asked(self._store.citizens.register())]

    # --- how it works ---
    async def _erase(self, subject: Subject, because: str, by: str, write: bool = True) -> Plain:
        pseudonym, now = self._pseudonym(subject), self._clock()
        if write:  # first: what is erased here and restored from a backup is then known
            await asyncio.to_thread(self._write, subject.kind, pseudonym, now, because)
        wish = CitizenErasure(new_act(), subject, pseudonym, by, because, now)
        done = await asked(self._store.citizens.erase(wish))
        gone = await self._erase_recordings(done.calls, because, by)
        if gone:
            await asked(self._store.citizens.count_recordings(wish.act, gone))
        return {**_told(done), "recordings": gone}

    async def _erase_recordings(self, calls: Sequence[CallId], because: str, by: str) -> int:
        gone = 0
        for call in calls:
            story = await asked(self._store.story(call))
            for name in {name_of(one.file) for one in story.recordings} if story else ():
                with contextlib.suppress(Refusal):  # erased before, by itself or by the policy
                    await self._erase_recording(name or "", because, by)
                    gone += 1
        return gone

    def _pseudonym(self, subject: Subject) -> str:
        said = f"{subject.kind}:{subject.value}".encode()
        found = hmac.new(self._key, said, hashlib.sha256).hexdigest()[:HASH_CHARACTERS]
        return f"{ERASED}-{found}"

    def _write(self, kind: Known, pseudonym: str, at: Instant, because: str) -> None:
        line = {"kind": str(kind), "subject": pseudonym, "at": at, "because": because}
        with open(self._file, "a", encoding="utf-8", opener=_private) as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _known(self) -> list[dict[str, Any]]:
        if not self._file.exists():
            return []
        lines = self._file.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.strip()]


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _subject(kind: str, value: str) -> Subject:
    try:
        return Subject.of(Known(kind), value)
    except ValueError as wrong:
        raise Refusal(422, str(wrong)) from None


def _readable(kind: Known, value: str) -> bool:
    try:
        Subject.of(kind, value)
    except ValueError:
        return False
    return True


def _asked_by(by: str, because: str) -> str:
    if by == LOCAL:
        raise Refusal(403, "dados de um cidadão pedem um token pessoal de auditor (--token)")
    return checked_reason(because)


def _masked(call: dict[str, Any]) -> dict[str, Any]:
    typed = [{**one, "value": masked_number(str(one["value"]))} for one in call["typed"]]
    return {**call, "caller": masked_number(call["caller"]), "typed": typed}


def _told(done: Erased) -> dict[str, Any]:
    return {"calls": len(done.calls), "facts": done.facts, "kept": dict(done.kept)}
