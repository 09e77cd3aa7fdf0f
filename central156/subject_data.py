"""One citizen's data, on the city's word: found, handed over, erased; for auditors by name alone.

Whoever asks says why, and the fact with both is durable before anything is told. Whose data it was
stands in no fact and no log: the register holds a keyed hash, and so does the state folder's own
file, which no restored backup takes back: `erase_again` then does again what was done since.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import asdict
from typing import Any, Final

from callflow.book import Book
from callflow.floor_keeper import FloorKeeper
from central156.data_retention import DataRetention
from central156.pseudonyms import Pseudonyms
from central156.refusals import asked
from central156.settings import Settings
from central156.timed_orders import checked_reason, new_act
from console.ports import LOCAL, Plain, Refusal
from protocol_store import Store
from protocol_store.citizen_erasure import CitizenErasure, Erased
from protocol_store.citizens import Known, Subject
from protocol_store.masking import masked_number
from terms.facts import Fact, Kind
from terms.limits import CITIZEN_CALLS
from terms.names import Instant

GONE: Final = (404, 410)
FILE: Final = "erasures.jsonl"

EraseRecording = Callable[[str, str, str], Awaitable[None]]
"""Destroys a recording's key: (name, because, by). Refusal when it is gone already."""


class SubjectData:
    """See the file's top; console.ports_subjects.SubjectsPort."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        clock: Callable[[], Instant],
        erase_recording: EraseRecording,
        retention: DataRetention,
    ) -> None:
        self._settings, self._store, self._clock = settings, store, clock
        self._name = Pseudonyms(settings.secret("number_key")).of
        self._file = settings.state_dir / FILE
        self._erase_recording = erase_recording
        self.retention = retention

    async def find(self, kind: str, value: str, because: str, by: str, whole: bool) -> Plain:
        """What is held; `whole`: as the citizen is handed it, else masked. `more`: calls that are
        too many to be told together."""
        subject, reason = _subject(kind, value), _asked_by(by, because)
        what = "exported" if whole else "found"
        details = {"what": what, "kind": str(subject.kind), "because": reason}
        told = Fact(self._clock(), Kind.CITIZEN_TOLD, by=by, details=details)
        await asked(self._store.citizens.tell(told))
        calls = await asked(self._store.citizens.calls_of(subject))
        found = await asked(self._store.citizens.held(calls[:CITIZEN_CALLS]))
        shown = [asdict(call) for call in found]
        more = max(0, len(calls) - CITIZEN_CALLS)
        told_calls = shown if whole else [_masked(call) for call in shown]
        return {"calls": told_calls, "more": more, **await self._beside(subject, whole)}

    async def rehearse(self, kind: str, value: str, because: str, by: str) -> Plain:
        """What an erasure would do now."""
        subject = _subject(kind, value)
        _asked_by(by, because)
        told = _told(await asked(self._store.citizens.erasable(subject)))
        beside = await self._beside(subject, False)
        return {**told, "contacts": len(beside["contacts"]), "texts": len(beside["texts"])}

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
            wanted = {one["subject"] for one in known if one["kind"] == kind}
            for subject in await asked(self._among(kind, wanted)) if wanted else ():
                again.append(await self._erase(subject, reason, by, write=False))
        return {"erased": len(again), "calls": sum(one["calls"] for one in again)}

    async def register(self) -> Sequence[Plain]:
        """All erasures; nobody's data is in them."""
        return [asdict(row) for row in await asked(self._store.citizens.register())]

    async def expire(self, by: str) -> Plain:
        """Let go at once what is too old, and not only at night."""
        return await asked(self.retention.run(by))

    # --- how it works ---
    async def _among(self, kind: Known, wanted: Collection[str]) -> list[Subject]:
        """Of all that is stored, whose pseudonym is one of these."""
        found: dict[str, Subject] = {}
        async for value in self._store.citizens.values(kind):
            subject = Subject.of(kind, value) if _readable(kind, value) else None
            if subject is not None and subject.value not in found and self._name(subject) in wanted:
                found[subject.value] = subject
        return list(found.values())

    async def _erase(self, subject: Subject, because: str, by: str, write: bool = True) -> Plain:
        pseudonym, now = self._name(subject), self._clock()
        if write:  # first: what is erased here and restored from a backup is then known
            await asyncio.to_thread(self._write, subject.kind, pseudonym, now, because)
        wish = CitizenErasure(new_act(), subject, pseudonym, by, because, now)

        async def recordings(names: Sequence[str]) -> int:
            return sum([await self._erase_sound(name, because, by) for name in names])

        done = await asked(self._store.citizens.erase(wish, recordings))
        texts = contacts = 0
        if subject.kind is Known.PHONE:
            texts = await asked(self._store.sms.forget(subject.value))
            out = await asked(self._store.campaigns.take_out(subject.value, pseudonym, now))
            contacts = out.contacts
        told = {"recordings": done.recordings, "texts": texts, "contacts": contacts}
        return {**_told(done), **told}

    async def _beside(self, subject: Subject, whole: bool) -> dict[str, Any]:
        """What is held of a telephone beside calls: in campaigns, whose fields are the city's own,
        and texts."""
        if subject.kind is not Known.PHONE:
            return {"contacts": [], "wishes": [], "texts": [], "received": []}
        contacts, wishes = await asked(self._store.campaigns.held_of(subject.value))
        texts = await asked(self._store.sms.held_of(subject.value))
        found = {
            "contacts": [*map(asdict, contacts)],
            "wishes": [*map(asdict, wishes)],
            "texts": texts["sent"],
            "received": texts["received"],
        }
        return found if whole else {name: [*map(_hidden, ones)] for name, ones in found.items()}

    async def _erase_sound(self, name: str, because: str, by: str) -> int:
        """1; 0 when it is gone already, by itself or by the policy. Anything else is a Refusal:
        what is said of a citizen does not go while their voice stays."""
        try:
            await self._erase_recording(name, because, by)
        except Refusal as refusal:
            if refusal.status not in GONE:
                raise
            return 0
        return 1

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


def open_subject_data(
    settings: Settings,
    store: Store,
    keeper: FloorKeeper,
    book: Book,
    erase_recording: EraseRecording,
) -> SubjectData:
    """The part, with the job that lets old data go."""
    retention = DataRetention(settings, store, keeper, book)
    return SubjectData(settings, store, keeper.clock, erase_recording, retention)


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


def _hidden(one: dict[str, Any]) -> dict[str, Any]:
    """Of fields their names alone, of a number its end, of a text nothing."""
    shown = dict(one)
    if "fields" in one:
        shown["fields"] = sorted(one["fields"])
    if "number" in one:
        shown["number"] = masked_number(one["number"])
    if "text" in one:
        shown["text"] = ""
    return shown


def _told(done: Erased) -> dict[str, Any]:
    return {"calls": len(done.calls), "facts": done.facts, "kept": dict(done.kept)}
