"""Who has picked up, where an agent talks: a person, a machine, nobody. Advice only (R66).

The switch says when speech of the citizen's begins and pauses; the first stretch tells them apart:

    «Alô?» and a pause                             a person
    GREETING_SPEECH or more, without a pause       a machine's greeting, if it began soon
    nothing, in a talk of SILENT_TALK or more      nobody

Then the switch is told to listen for any sound, as in every other talk (dead_air.py): after the
first stretch, or WORDS_HEARD after the answer. An agent's word stands above all of it, and nobody
is hung up on for it; what the link may have missed makes no advice.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Final

from callflow.beside import Beside
from callflow.ports import Clock, Switch
from terms.limits import (
    DEAD_AIR_QUIET,
    GREETING_SPEECH,
    GREETING_WITHIN,
    SILENT_TALK,
    WORD_LEAST,
    WORDS_HEARD,
    WORDS_PAUSE,
)
from terms.names import AttemptId, CallId, Instant, Seconds
from terms.signals import LegSound, Side, Sound

MACHINE: Final = "machine"
SILENT: Final = "silent"
LEFT: Final = "whoever is not there any more is not listened to"


@dataclass(slots=True)
class FirstWords:
    """What is heard of one citizen. `began` and `ended`: the first stretch of speech."""

    began: Instant | None = None
    ended: Instant | None = None
    spoke: bool = False
    listens: bool = True  # for speech; later for any sound

    def hear(self, sound: Sound, at: Instant) -> None:
        """What the switch says."""
        if sound is Sound.BEGAN:
            self.spoke = True
        if not self.listens:
            return
        if sound is Sound.BEGAN and self.began is None:
            self.began = at
        elif sound is Sound.ENDED and self.began is not None:
            self._pauses(self.began, at - WORDS_PAUSE)  # it is said so much later

    def _pauses(self, began: Instant, at: Instant) -> None:
        if at - began < WORD_LEAST:
            self.began = None
        else:
            self.ended, self.listens = at, False

    def stop(self, at: Instant) -> None:
        """Speech is listened for no longer; a stretch that goes on has lasted until now."""
        if self.listens and self.began is not None:
            self.ended = at
        self.listens = False

    def advice(self, answered: Instant, over: Instant) -> str:
        """What it looks like at the end of the talk; '' for a person, or for not knowing."""
        if not self.spoke:
            return SILENT if over - answered >= SILENT_TALK else ""
        if self.began is None or self.began - answered > GREETING_WITHIN:
            return ""
        ended = over if self.ended is None else self.ended
        return MACHINE if ended - self.began >= GREETING_SPEECH else ""


@dataclass(eq=False, slots=True)
class WordsHeard:
    """Those who are listened to, by the attempt that called them."""

    switch: Switch
    clock: Clock
    of: dict[AttemptId, FirstWords] = field(default_factory=dict)
    _calls: dict[AttemptId, CallId] = field(default_factory=dict)
    _unsure: set[CallId] = field(default_factory=set)  # of whom something may have been missed
    _beside: Beside = field(default_factory=lambda: Beside(LEFT, logging.INFO))

    def dialled(self, attempt: AttemptId) -> None:
        """An agent will talk with whoever picks up."""
        self.of[attempt] = FirstWords()

    def answered(self, attempt: AttemptId, call: CallId) -> None:
        """Somebody has picked up."""
        words = self.of.get(attempt)
        if words is None:
            return
        self._calls[attempt] = call
        if words.listens:
            loop = asyncio.get_running_loop()
            loop.call_later(WORDS_HEARD, self._late, attempt, words)
        else:
            self._hear_all(call)

    def found(self, call: CallId) -> None:
        """An answered call of the process before us: what was said is not known."""
        self._unsure.add(call)

    def looked(self) -> None:
        """The switch hears us."""
        for call in self._unsure:
            self._hear_all(call)
        self._unsure.clear()

    def hear(self, signal: LegSound) -> Seconds:
        """The switch says that a leg is heard or not; after how much silence it says so."""
        words = self.of.get(signal.attempt) if signal.side is Side.CITIZEN else None
        if words is None:
            return DEAD_AIR_QUIET
        listened = words.listens
        words.hear(signal.sound, signal.at)
        if listened and not words.listens:
            self._hear_all(signal.call)
        return WORDS_PAUSE if listened else DEAD_AIR_QUIET

    def advice(self, attempt: AttemptId, answered: Instant, over: Instant) -> str:
        """What it looks like at the end of the talk; '' for a person, or for not knowing."""
        words = self.of.get(attempt)
        return "" if words is None else words.advice(answered, over)

    def forget(self, attempt: AttemptId) -> None:
        """The attempt is over."""
        self.of.pop(attempt, None)
        self._calls.pop(attempt, None)

    def link_lost(self) -> None:
        """What was said meanwhile is not known."""
        self._unsure |= set(self._calls.values())
        self.of.clear()
        self._calls.clear()

    def _late(self, attempt: AttemptId, words: FirstWords) -> None:
        call = self._calls.get(attempt)
        if call is not None and words.listens and self.of.get(attempt) is words:
            words.stop(self.clock())
            self._hear_all(call)

    def _hear_all(self, call: CallId) -> None:
        self._beside.do(self.switch.hear_all(call))
