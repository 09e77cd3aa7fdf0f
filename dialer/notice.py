"""What follows in a call that speaks by itself: from what was said and the key that came, to what
is said next and what is done before it. Bounded: every way through it ends.

    text ─► a key that answers ─► its sentence ─► over
      │  ├─ a key that means nothing ─► a hint, and the text again
      │  ├─ «again» ─► the text again
      │  └─ silence ─► the text once more ─► goodbye ─► over
      └──── the key of a person, at any time ─► a person

A first answer stands; a person, and the wish not to be called any more, are heard after it too.
Nobody is hung up on for not answering: who is silent has heard the text twice, person or mailbox.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from dialer.campaign import KeyMeans
from terms.limits import NOTICE_ASKED_AGAIN, NOTICE_TIMES_UNASKED, NOTICE_WRONG_KEYS
from terms.notice_words import Sentence

PERSON_KEY: Final = "9"
"""The key that always leads to a person, wherever a campaign has a queue."""

TEXT: Final = "texto"
"""What is being said is the campaign's own text; anything else is a Sentence's name."""

MARK: Final = "aviso"

ANSWERS: Final[Mapping[KeyMeans, Sentence]] = {
    KeyMeans.CONFIRM: Sentence.CONFIRMED,
    KeyMeans.REFUSE: Sentence.REFUSED,
    KeyMeans.DO_NOT_CALL: Sentence.NOT_CALLED,
}
"""What is heard after each answer."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """How far a citizen is. `saying`: TEXT or a Sentence; `times`: how often the text was begun
    unasked, `asked`: on demand, `wrong`: keys that meant nothing; `answer`: the first one."""

    saying: str = TEXT
    times: int = 1
    asked: int = 0
    wrong: int = 0
    answer: KeyMeans | None = None

    def to_text(self) -> str:
        """As it stands on the channel, in the place's `node`."""
        answer = self.answer.value if self.answer is not None else ""
        return f"{MARK}:{self.saying}:{self.times}:{self.asked}:{self.wrong}:{answer}"

    @staticmethod
    def from_text(text: str) -> Hearing:
        """Read it back; what cannot be read is the beginning."""
        mark, _, rest = text.partition(":")
        parts = rest.split(":")
        try:
            saying, times, asked, wrong, answer = parts
            known = saying == TEXT or Sentence(saying)
            counts = (int(times), int(asked), int(wrong))
            found = Hearing(saying, *counts, KeyMeans(answer) if answer else None)
        except ValueError:
            return Hearing()
        return found if mark == MARK and known and min(counts) >= 0 else Hearing()


@dataclass(frozen=True, slots=True)
class Keys:
    """What keys do in this call."""

    means: Mapping[str, KeyMeans]

    @staticmethod
    def of(keys: Mapping[str, KeyMeans], person: bool) -> Keys:
        """A campaign's keys; `person`: whether it has a queue. Then the 9 leads there whatever
        else is written, and without one no key does."""
        means = {
            key: meant for key, meant in keys.items() if person or meant is not KeyMeans.PERSON
        }
        return Keys({**means, PERSON_KEY: KeyMeans.PERSON} if person else means)

    def heeded(self, now: Hearing) -> str:
        """The keys that interrupt what is being said: before an answer any key, for a wrong one is
        told so; after it those that still do something."""
        if now.answer is None:
            return "0123456789*#"
        done = Sentence.NOT_CALLED in (now.saying, ANSWERS[now.answer])
        still = {KeyMeans.PERSON, KeyMeans.REPEAT} | (set() if done else {KeyMeans.DO_NOT_CALL})
        return "".join(key for key, meant in self.means.items() if meant in still)


@dataclass(frozen=True, slots=True)
class Next:
    """What follows: `now` None when the call is over; `act` is done, durably, before `now` is
    said. PERSON: the citizen goes to the queue."""

    now: Hearing | None
    act: KeyMeans | None = None


def heard(now: Hearing, key: str, keys: Keys) -> Next:
    """What follows a key, or silence (`''`)."""
    if not key or key not in keys.heeded(now):
        return Next(_silence(now))
    meant = keys.means.get(key)
    if meant is None or now.wrong > NOTICE_WRONG_KEYS:
        return Next(_meant_nothing(now))
    if meant is KeyMeans.REPEAT:
        return Next(_once_more(now))
    if meant is KeyMeans.PERSON:
        return Next(replace(now, saying=Sentence.PERSON), meant)
    return Next(answered(now, meant), meant)


def answered(now: Hearing, meant: KeyMeans) -> Hearing:
    """An answer has been taken down; its sentence is said."""
    return replace(now, saying=ANSWERS[meant], answer=now.answer or meant)


def not_written(now: Hearing) -> Hearing:
    """What was asked for could not be made durable: it is not said to have been done. It may be
    asked for again, a few times."""
    return replace(now, saying=Sentence.NOT_WRITTEN, wrong=now.wrong + 1)


def _silence(now: Hearing) -> Hearing | None:
    if now.saying in (TEXT, Sentence.WRONG_KEY) and now.answer is None:
        if now.times < NOTICE_TIMES_UNASKED:
            return replace(now, saying=TEXT, times=now.times + 1)
        return replace(now, saying=Sentence.GOODBYE)
    return replace(now, saying=Sentence.GOODBYE) if now.saying == TEXT else None


def _meant_nothing(now: Hearing) -> Hearing | None:
    if now.wrong >= NOTICE_WRONG_KEYS:
        return replace(now, saying=Sentence.GOODBYE) if now.saying != Sentence.GOODBYE else None
    return replace(now, saying=Sentence.WRONG_KEY, wrong=now.wrong + 1)


def _once_more(now: Hearing) -> Hearing | None:
    if now.asked >= NOTICE_ASKED_AGAIN:
        return replace(now, saying=Sentence.GOODBYE) if now.saying != Sentence.GOODBYE else None
    return replace(now, saying=TEXT, asked=now.asked + 1)
