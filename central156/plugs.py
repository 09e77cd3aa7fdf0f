"""Small adapters, so that each room keeps its own words and callflow sees its ports.

voice.Library ─► VoicePlug        the rescue spool + store ─► StoreSpool
                                  the store's open rows    ─► open_calls_of
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from callflow.book import OpenCall
from callflow.ports import Prompt
from protocol_store import RecordBroken, Store, StoreError
from protocol_store.rescue import RescueRecord
from terms.facts import Kind
from terms.limits import LIVE_BUDGET, RESCUE_RECORD_BYTES, RESCUE_RECORDS_AT_ONCE
from terms.names import AgentName, Instant, QueueName, Seconds
from terms.names import Protocol as ProtocolNumber
from voice.index import PORTUGUESE
from voice.library import RECORDED_HERE, Library, Recorded
from voice.live import SPOKEN_LIVE, LiveVoice

log = logging.getLogger(__name__)

MESSAGE = "message"


class VoicePlug:
    """The recorded prompts, and the voice for what is known only during a call.

    `folder`: what the centre ships; `state`: where recordings of this machine lie (`vozes/`) and
    values already spoken are kept; without it, values are only put together from recorded words.
    PromptsBroken when an index cannot be read.
    """

    def __init__(self, folder: Path, state: Path | None = None) -> None:
        self._library = Library(folder, *((state / RECORDED_HERE,) if state else ()))
        self._live = LiveVoice(
            self._library, state / RECORDED_HERE / SPOKEN_LIVE if state else None
        )

    async def start(self) -> None:
        """Make the fast voice ready, if there is one. Never raises, never waits for it."""
        await self._live.start()

    async def close(self) -> None:
        """Let the fast voice go."""
        await self._live.close()

    def reload(self) -> None:
        """Take in what has been recorded since. PromptsBroken leaves all as it was."""
        self._library.reload()

    def find(self, text: str, language: str = PORTUGUESE) -> Prompt | None:
        """The recording of a text."""
        return _prompt(self._library.find(text, language))

    def digits(self, number: str, language: str = PORTUGUESE) -> tuple[Prompt, ...]:
        """The recordings that read a number digit by digit, in groups when it is long."""
        return _prompts(self._library.digits(number, language))

    def whisper(self, line: str) -> Prompt | None:
        """What an agent hears before a call of this line."""
        return _prompt(self._library.whisper(line))

    async def aloud(
        self, value: str, how: str, language: str = PORTUGUESE, budget: Seconds = LIVE_BUDGET
    ) -> tuple[Prompt, ...]:
        """The recordings that read a value aloud, within `budget`; the sentence that says that it
        cannot be read, if nothing else. Never raises."""
        return _prompts(await self._live.aloud(value, how, language, budget))

    def lost(self, prompt: Prompt) -> None:
        """This could not be played. If its file is gone, it is as if it had never been recorded,
        until the recordings are read anew."""
        if self._library.forget_if_gone(prompt.path):
            log.error(
                "a recording is gone: its words are read otherwise", extra={"file": prompt.path}
            )

    def shares(self) -> Mapping[str, int]:
        """How many values were read so far, by what read them (voice.live.SHARES)."""
        return dict(self._live.shares)


def _prompts(recorded: Iterable[Recorded]) -> tuple[Prompt, ...]:
    return tuple(Prompt(one.path, one.seconds) for one in recorded)


def _prompt(recorded: Recorded | None) -> Prompt | None:
    return None if recorded is None else Prompt(recorded.path, recorded.seconds)


async def open_calls_of(store: Store) -> list[OpenCall]:
    """The calls whose end is not stored, as far as their facts told before this start."""
    return [await _open_call(store, row) for row in await store.open_calls(reveal=True)]


async def _open_call(store: Store, row: Any) -> OpenCall:
    entry = OpenCall(
        row.call,
        row.last_line or row.line,
        row.arrived_at,
        row.caller,
        row.protocol or ProtocolNumber(""),
        row.test,
        queue=QueueName(row.queue or ""),
        joined=row.queued_at or 0.0,
        agent=AgentName(row.agent) if row.agent else None,
        answered=row.answered_at,
        talking_since=row.talking_since,
        talk_seconds=row.talk_seconds or 0.0,
        static=row.static,
        campaign=row.campaign,
    )
    if row.static:
        story = await store.story(row.call)
        found = story.recordings if story is not None else ()
        entry.message = next((one.file for one in found if one.kind == MESSAGE), "")
    elif row.campaign:
        story = await store.story(row.call)
        facts = story.facts if story is not None else ()
        answers = (one.details for one in facts if one.kind == Kind.CAMPAIGN_ANSWER)
        entry.said = tuple(str(one.get("said", "")) for one in answers)
    return entry


class StoreSpool:
    """The rescue script's records, into the store. A record leaves the disk once it is durable."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self._folder = folder
        self._broken = folder.parent / "broken"
        self._one_at_a_time = asyncio.Lock()

    async def take_in(self) -> list[OpenCall]:
        """Store what is there; the calls that it tells of and whose end is not known.

        While the store fails, the records stay where they are, for the next time.
        """
        async with self._one_at_a_time:
            files = await asyncio.to_thread(self._files)
            if not files:
                return []
            taken = await asyncio.gather(*(self._take(file) for file in files))
            records = [record for record in taken if record is not None]
            return [call for record in records if (call := await self._open(record)) is not None]

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.json"))[:RESCUE_RECORDS_AT_ONCE]

    async def _take(self, file: Path) -> RescueRecord | None:
        try:
            record = await self._store.take_in(await asyncio.to_thread(_read, file))
        except (RecordBroken, ValueError) as wrong:
            # The text of RecordBroken is ours; that of others may quote a caller's number.
            why = str(wrong) if isinstance(wrong, RecordBroken) else type(wrong).__name__
            log.error("a rescue record is broken", extra={"file": file.name, "why": why})
            await asyncio.to_thread(self._put_aside, file)
            return None
        except (StoreError, OSError) as trouble:
            log.warning("a rescue record has to wait", extra={"why": type(trouble).__name__})
            return None
        await asyncio.to_thread(file.unlink, missing_ok=True)
        return record

    def _put_aside(self, file: Path) -> None:
        self._broken.mkdir(parents=True, exist_ok=True)
        file.rename(self._broken / file.name)

    async def _open(self, record: RescueRecord) -> OpenCall | None:
        story = await self._store.story(record.call)
        if story is not None and story.call.ended_at is not None:
            return None  # told once more after its end was stored
        return _told(record)


def _told(record: RescueRecord) -> OpenCall:
    at: Instant = record.at
    if record.kind == MESSAGE:
        return OpenCall(record.call, record.line, at, static=True, message=record.file)
    who = (record.call, record.line, at, record.caller, record.protocol, record.test)
    return OpenCall(*who, static=not record.gone, campaign=record.campaign)


def _read(file: Path) -> Mapping[str, Any]:
    """The record in a file. ValueError when it is none, RecordBroken when it is too long."""
    with file.open("rb") as opened:
        content = opened.read(RESCUE_RECORD_BYTES + 1)
    if len(content) > RESCUE_RECORD_BYTES:
        raise RecordBroken("registro de reserva grande demais")
    try:
        record: Mapping[str, Any] = json.loads(content)
    except RecursionError:
        raise RecordBroken("registro de reserva sem pé nem cabeça") from None
    return record
