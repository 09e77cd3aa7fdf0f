"""Every talk has its recording: found, measured against the talk, and linked to the protocol.

The switch records (from the first dial on, only while two people are joined); we check. A file
that is missing, empty or shorter than the talk is a fact with a problem, never a silence. A check
that nobody made, because control died before it, is made later from what is stored (`look_again`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from callflow.book import Book, OpenCall
from callflow.floor_keeper import FloorKeeper
from callflow.ports import Recordings
from terms.facts import Fact, Kind
from terms.limits import RECORDING_CHECK_AFTER, RECORDING_SHORTER_THAN_TALK
from terms.names import CallId, Instant

CONSULT = "consult"
NO_CONSULT_FILE = "consulta"
"""What stands for the file of a consult that has none: a talk's is '', and both may be missing."""


Told = Callable[[CallId], Awaitable[Iterable[Fact]]]
"""All facts that are stored of a call; none when they cannot be had."""


def _nobody(_call: CallId) -> None:
    """Nobody waits for a call's recording."""


@dataclass(slots=True)
class RecordingCheck:
    """Looks at a call's recording once the call is over, and then tells `checked`."""

    keeper: FloorKeeper
    files: Recordings
    recording: bool = True  # False: recording is switched off by setting
    checked: Callable[[CallId], None] = _nobody
    told: Told | None = None
    checking: set[CallId] = field(default_factory=set)  # calls that wait for their check now
    _since: Instant = field(init=False)

    def __post_init__(self) -> None:
        self._since = self.keeper.clock()

    async def check(self, entry: OpenCall, ended: Instant) -> None:
        """Link the call's recording to it, with its length, or say what is wrong with it."""
        if not self.recording:
            return
        self.checking.add(entry.call)
        try:
            await asyncio.sleep(RECORDING_CHECK_AFTER)
            facts: Iterable[Fact] = ()
            if self.told is not None and entry.arrived < self._since:
                facts = await self.told(entry.call)
            if facts:  # we were not there for all of it: how long it was on hold, say
                await self.look_again(entry, facts, ended)
            else:
                await self.look(entry, ended)
        finally:
            self.checking.discard(entry.call)
        self.checked(entry.call)

    async def look_again(self, entry: OpenCall, facts: Iterable[Fact], ended: Instant) -> None:
        """The same for a call that was over when we started: `facts` are all that is stored of
        it, from which is known how long its citizen was on hold, and who was asked for advice."""
        if not self.recording:
            return
        book = Book()
        book.open(entry)
        # the facts tell it again
        entry.talk_seconds, entry.held_seconds, entry.held_since = 0.0, 0.0, 0.0
        entry.answered, entry.agent = None, None
        book.read(facts)
        await self.look(entry, ended)

    async def look(self, entry: OpenCall, ended: Instant) -> None:
        """Look at the files now, and tell what is found."""
        file = await asyncio.to_thread(self.files.find, entry.call, entry.arrived)
        seconds = await asyncio.to_thread(self.files.seconds, file) if file else 0.0
        talked = entry.talk_seconds
        if entry.answered is not None:  # two agents' parts of a talk may overlap
            talked = min(talked, max(0.0, ended - entry.answered))
        problem = ""
        if file is None:
            problem = "missing"
        elif seconds == 0.0:
            problem = "empty"
        elif seconds < talked - entry.held_seconds - RECORDING_SHORTER_THAN_TALK:
            problem = "short"
        details = {
            "file": str(file) if file else "",
            "seconds": round(seconds, 3),
            "talk_seconds": round(talked, 3),
            "ok": not problem,
            "problem": problem,
        }
        self.keeper.record(Fact(ended, Kind.RECORDED, call=entry.call, details=details))
        if entry.consulted:
            self.keeper.record(*await asyncio.to_thread(self._of_consults, entry, ended))

    def _of_consults(self, entry: OpenCall, ended: Instant) -> list[Fact]:
        """Each consult has a file of its own (R54). Blocking: reads the disk."""
        facts = []
        for file in self.files.consults(entry.call, entry.arrived):
            seconds = round(self.files.seconds(file), 3)
            problem = "" if seconds else "empty"
            details = {"file": str(file), "seconds": seconds, "kind": CONSULT, "ok": not problem}
            details["problem"] = problem
            facts.append(Fact(ended, Kind.RECORDED, call=entry.call, details=details))
        if not facts:
            details = {"file": NO_CONSULT_FILE, "seconds": 0.0, "kind": CONSULT}
            details |= {"ok": False, "problem": "missing"}
            facts.append(Fact(ended, Kind.RECORDED, call=entry.call, details=details))
        return facts
