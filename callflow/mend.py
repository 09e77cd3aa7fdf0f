"""How a call ends, seen or unseen; and how what we know is made to agree with the switch.

A call ends when its own channel does. Usually the switch says so (`call_ended`). When nobody was
listening, the call is in our book but not on the switch (`agree`): then the switch's own diary
says when and how it ended; if even that is silent, the switch died under the call: it was
interrupted, by us, and somebody must call the citizen back, emergencies first.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from callflow.beside import Beside
from callflow.book import Book, OpenCall
from callflow.call_back import CallBacks
from callflow.cases import DROPS
from callflow.floor_keeper import FloorKeeper
from callflow.place import Place, parse_stage
from callflow.ports import SpoolIntake, SwitchDiary
from callflow.record import RecordingCheck
from callflow.visit import Visit
from ivr.turn import Position
from terms.facts import Fact, Kind
from terms.limits import DIARY_WAIT, ENDS_REMEMBERED, SNAPSHOT_MARGIN
from terms.names import EMERGENCY_LINES, CallId, Instant
from terms.outcome import CallOutcome
from terms.signals import CallEnded, LastWords, SeenCall, SwitchSeen
from terms.stages import Stage

log = logging.getLogger(__name__)

CALL_BACK = "call_back"
OWED = (CallOutcome.INTERRUPTED, CallOutcome.MESSAGE_LEFT)
"""Ends after which somebody must call the citizen."""
SAID_ALL = (Stage.AFTER, Stage.ENDED)
"""In these stages the citizen has had what there was; an end is an end, whoever makes it."""


@dataclass(slots=True)
class Mender:
    """Ends calls, each exactly once, and mends what was missed."""

    keeper: FloorKeeper
    book: Book
    diary: SwitchDiary
    spool: SpoolIntake
    recordings: RecordingCheck
    present: dict[CallId, Visit]
    _unopened: dict[CallId, CallEnded] = field(default_factory=dict)
    call_backs: CallBacks | None = None
    switch_stops: bool = False  # we are stopping it: what ends from now on is cut by us
    _beside: Beside = field(default_factory=lambda: Beside("mending failed"))

    def __post_init__(self) -> None:
        self.keeper.watch(self._end_unopened)

    def call_ended(self, signal: CallEnded) -> None:
        """The switch said that a call's channel is gone."""
        self.keeper.gone(signal.call)
        entry = self.book.calls.get(signal.call)
        stage = parse_stage(signal.stage)[0]
        if stage == Stage.STATIC or (entry is not None and _missed_something(entry, stage)):
            self._beside.do(self._end_from_diary([signal.call], signal.at, stage))
        elif entry is not None and entry.messages and entry.answered is None:
            self._beside.do(self._end_heard(entry, signal.at, stage))
        elif entry is not None:
            self._end(entry, signal.at, *self._ending(entry, stage))
        else:
            self._unopened[signal.call] = signal
            if len(self._unopened) > ENDS_REMEMBERED:
                del self._unopened[next(iter(self._unopened))]
            self._beside.do(self._end_from_diary([signal.call], signal.at, stage))

    def _end_unopened(self, facts: tuple[Fact, ...]) -> None:
        """A citizen who hangs up at once may be gone before the call has got its number."""
        for fact in facts:
            if fact.kind is Kind.CALL_ARRIVED and fact.call in self._unopened:
                self.call_ended(self._unopened.pop(fact.call))

    def agree(self, seen: SwitchSeen) -> None:
        """Calls that the switch shows are open; calls that it does not show have ended."""
        for call in seen.calls:
            self._note_open(call)
        if not seen.complete:
            return
        shown = {call.call for call in seen.calls}

        def old(call: CallId, since: Instant) -> bool:
            # younger than the look it may be missing there; not if it died with another switch,
            # whose start is in its id
            other = bool(seen.boot) and not call.startswith(f"{seen.boot}-")
            return other or since < seen.at - SNAPSHOT_MARGIN

        missed = [
            entry.call
            for entry in self.book.calls.values()
            if entry.call not in shown
            and entry.call not in self.present
            and old(entry.call, entry.arrived)
        ]
        for caller in tuple(self.keeper.floor.callers.values()):
            known = caller.call in shown or caller.call in self.present
            if not known and not caller.absent and old(caller.call, caller.joined):
                self.keeper.gone(caller.call)  # it joined when its end had been heard already
        self._beside.do(self._end_from_diary(missed, seen.at))

    async def settled(self) -> None:
        """Wait until all that is being mended is done (for tests and for draining)."""
        await self._beside.settled()

    def _note_open(self, seen: SeenCall) -> None:
        place = Place.from_text(seen.place)
        stage = parse_stage(seen.stage)[0]
        if stage == Stage.STATIC and seen.call not in self.book.calls:
            return  # its record is in the spool; it is taken in with that
        entry = self.book.open(OpenCall(seen.call, seen.line, seen.since))
        entry.line = seen.line or entry.line  # it may have been handed over
        entry.protocol = entry.protocol or place.protocol
        entry.queue = entry.queue or place.queue
        entry.note, entry.path = entry.note or place.note, entry.path or place.path
        entry.node = entry.node or Position.from_text(place.node).node
        entry.joined = entry.joined or place.joined
        entry.decided = entry.decided or place.outcome
        entry.messages = max(entry.messages, place.messages)

    async def _end_from_diary(self, calls: list[CallId], at: Instant, stage: str = "") -> None:
        """End calls whose end we did not see, at the instant the switch wrote down.

        `stage`: the switch did say that they ended, there. A call that the spool tells of may
        also be over; if the diary does not say so, it goes on.
        """
        told = await self.spool.take_in()
        taken_in = [self._take_in(entry) for entry in told if entry.static or entry.campaign]
        for entry in told:
            if not (entry.static or entry.campaign):
                self._take_in_gone(entry)
        asked = list(dict.fromkeys([*calls, *taken_in]))
        if not asked:
            return
        await asyncio.sleep(DIARY_WAIT)
        words = await asyncio.to_thread(self.diary.last_words, asked)
        for call in sorted(asked, key=self._emergencies_first):
            found = self.book.calls.get(call)
            if found is None:
                continue
            await self._hear_message(found)
            if call in words:
                self.keeper.gone(call)
                self._end_with(found, words[call], stage)
            elif call in calls and stage:
                self._end(found, at, *self._ending(found, stage))
            elif call in calls and call not in self.present:
                self.keeper.gone(call)
                self._end(found, at, CallOutcome.INTERRUPTED, "switch")
            elif found.campaign and not found.static and call not in self.present:
                # noted when its channel ended
                self._end(found, found.arrived, *self._ending(found, Stage.ARRIVED))

    def _take_in(self, told: OpenCall) -> CallId:
        """A call that the switch served alone is in the store now; tell whoever watches."""
        new = told.call not in self.book.calls
        entry = self.book.take_in(told)
        if new:
            arrived = {"line": entry.line, "entry": "", "caller": entry.caller, "test": entry.test}
            arrived |= {"campaign": entry.campaign} if entry.campaign else {}
            given = {"protocol": entry.protocol, "issuer": "rescue"}
            self.keeper.publish(
                Fact(entry.arrived, Kind.CALL_ARRIVED, call=entry.call, details=arrived),
                Fact(entry.arrived, Kind.PROTOCOL_GIVEN, call=entry.call, details=given),
            )
        return entry.call

    def _take_in_gone(self, told: OpenCall) -> None:
        """A call that hung up, at that instant, before anybody served it: it is over."""
        self._unopened.pop(told.call, None)  # which was heard when the script was done
        self._take_in(told)
        if (entry := self.book.calls.get(told.call)) is not None:
            self.keeper.gone(told.call)
            self._end(entry, told.arrived, *self._ending(entry, Stage.ARRIVED))

    async def _end_heard(self, entry: OpenCall, at: Instant, stage: str) -> None:
        """End a call once it is known whether it left a message."""
        await self._hear_message(entry)
        self._end(entry, at, *self._ending(entry, stage))

    async def _hear_message(self, entry: OpenCall) -> None:
        """A message is noted before it is spoken; one that never was is none."""
        entry.message = await asyncio.to_thread(self._message_of, entry)

    def _message_of(self, entry: OpenCall) -> str:
        """The last message with sound in it; '' when there is none. Blocking: reads the disk."""
        files = self.recordings.files
        noted = [Path(entry.message)] if entry.message else []
        spoken = (*noted, *files.messages(entry.call, entry.arrived))
        return next((str(file) for file in reversed(spoken) if files.seconds(file) > 0.0), "")

    def _end_with(self, entry: OpenCall, words: LastWords, stage: str) -> None:
        # The diary's talk is of the whole call: what was told already of it is taken off.
        goes_on = entry.talking_since is not None or not entry.talk_seconds
        if words.answered is not None and goes_on:
            if entry.answered is None:
                waited = {"offer": "", "waited": round(words.answered - _queued_at(entry), 3)}
                self._tell_talk(Kind.ANSWERED, words.answered, entry, words, waited)
            seconds = max(0.0, words.talk_seconds - entry.talk_seconds)
            talked = {"offer": "", "talk_seconds": round(seconds, 3)}
            over = (entry.talking_since or words.answered) + seconds
            self._tell_talk(Kind.TALK_ENDED, over, entry, words, talked)
        if not stage:
            served_alone = entry.static or words.queue is not None
            stage = Stage.WAITING if entry.queue else Stage.ARRIVED
            stage = Stage.STATIC if served_alone else stage
        self._end(entry, words.ended, *self._ending(entry, stage))

    def _tell_talk(
        self,
        kind: Kind,
        at: Instant,
        entry: OpenCall,
        words: LastWords,
        details: dict[str, Any],
    ) -> None:
        agent = words.agent or entry.agent
        self.keeper.record(Fact(at, kind, call=entry.call, agent=agent, details=details))

    def _ending(self, entry: OpenCall, stage: str) -> tuple[CallOutcome, str]:
        """How it ended, and where; unless it was we who ended it."""
        outcome, where = entry.ending(stage)
        if self.call_backs is not None and entry.call in self.call_backs.open:
            outcome = CallOutcome.PROMISED  # hung up before that stood on the channel
        cut = self.switch_stops and stage not in SAID_ALL
        return (CallOutcome.INTERRUPTED, where) if cut else (outcome, where)

    def _end(self, entry: OpenCall, at: Instant, outcome: CallOutcome, where: str) -> None:
        if self.book.close(entry.call) is None:
            return
        details = {
            "outcome": str(outcome),
            "blame": str(outcome.blame),
            "where": where,
            "seconds": round(max(0.0, at - entry.arrived), 3),
        }
        facts = [Fact(at, Kind.CALL_ENDED, call=entry.call, details=details)]
        dropped = outcome in DROPS and entry.line in EMERGENCY_LINES and not entry.only_called
        # whom a campaign has called, and had no agent for, it calls again by its own rules
        again = bool(entry.campaign) and entry.decided == CallOutcome.INTERRUPTED
        if dropped or (outcome in OWED and not again):
            because = str(outcome)
            if dropped and self.call_backs is not None and not entry.test:
                because += self.call_backs.urgent(entry)
            task = {"task": CALL_BACK, "due": at, "because": because, "line": entry.line}
            facts.append(Fact(at, Kind.TASK_OPENED, call=entry.call, details=task))
        self.keeper.record(*facts)
        if self.call_backs is not None:
            self.call_backs.ended(entry, at, outcome)
        if entry.answered is not None:
            self._beside.do(self.recordings.check(entry, at))

    def _emergencies_first(self, call: CallId) -> tuple[bool, Instant]:
        entry = self.book.calls.get(call)
        return (entry is None or entry.line == "156", entry.arrived if entry else 0.0)


def _missed_something(entry: OpenCall, stage: str) -> bool:
    """Whether we were away for a part of the call: it hung up before it had a number, and one may
    be in the spool; or its talk was over before we were back, and who it was with, or its length,
    is in the diary."""
    if stage == Stage.ARRIVED and not entry.protocol:
        return True
    if entry.answered is None:
        return entry.ending(stage)[0] is CallOutcome.SERVED
    return not entry.talk_seconds


def _queued_at(entry: OpenCall) -> Instant:
    return entry.joined or entry.arrived
