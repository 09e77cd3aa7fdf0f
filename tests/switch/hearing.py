"""What a citizen should hear, as recordings, and what was heard: for whole sequences.

    ear = Ear(centre)
    ear.heard(line)                          names of recordings, in their order
    ear.node("156", "principal")             what that node says
    ear.wait("156", "en"), ear.protocol("156", number, "en"), ear.value("482915", "digitos")

A recording's name is its file's. What is too short to be told from other sounds (a lone «às»)
stands in no sequence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np
from centre_bed import Centre

from ivr.menu import LinePlan
from ivr.texts import PORTUGUESE, Text, Texts
from phones.ears import RATE, TEMPLATE_SECONDS, Heard, Sound, prompts_heard, sound_in, sound_of
from phones.phone import Line
from reader import read_dialplans
from voice.cache import Cache
from voice.library import RECORDED_HERE, Library, Recorded
from voice.live import SPOKEN_LIVE, as_one_text
from voice.texts import UNREADABLE

HEARD_FROM = TEMPLATE_SECONDS / 2
"""The seconds of sound from which on a recording is told from others."""
LOUD = 240
NOT_OFFERED = ("Receber por mensagem, tecle um.",)
"""What a menu says of a service that no settings name: nobody may hear it."""
FIRST = TEMPLATE_SECONDS * 1.5
"""The seconds of a recording in which its first words are …"""
GOES_ON = 5.0
"""… and those that are looked at where others begin with the same words."""
SHIFT = 0.06
"""How exactly it is told when a recording began (s)."""
AS_GOOD, NEAR = 0.05, 0.2


def _fit(recording: Sound, said: Sound) -> float:
    """How alike a recording's beginning and what was said are, at the best place (0…1)."""
    loud = int(np.flatnonzero(np.abs(recording) > LOUD)[0])
    size = min(len(said) - int(2 * SHIFT * RATE), len(recording) - loud)
    speech = recording[loud : loud + size]
    places = np.correlate(said[: size + int(2 * SHIFT * RATE)], speech, "valid")
    return float(places.max() / (np.sqrt((speech**2).sum() * (said[:size] ** 2).sum()) + 1.0))


class Ear:
    """Knows every recording of a centre."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self.library = Library(
            centre.settings.sounds_dir, centre.settings.state_dir / RECORDED_HERE
        )
        self._sounds: dict[str, Sound] = {}
        self._rivals: dict[str, list[str]] = {}
        for entry in self.library.entries:
            self._take(self.library.find(entry.text, entry.language))

    @cached_property
    def lines(self) -> Mapping[str, LinePlan]:
        """The lines' plans as they are written."""
        return read_dialplans(self._centre.settings.dialplans_dir).lines

    # --- what there is to hear ---
    def texts(
        self,
        texts: Texts,
        language: str = PORTUGUESE,
        values: Mapping[str, str] | None = None,
    ) -> list[str]:
        """The recordings of texts in a call of this language, their gaps filled."""
        return [name for text in texts for name in self._text(text, language, values or {})]

    def node(
        self,
        line: str,
        node: str,
        language: str = PORTUGUESE,
        values: Mapping[str, str] | None = None,
        part: str = "text",
    ) -> list[str]:
        """What a node says (`part`: also again, echo)."""
        return self.texts(getattr(self.lines[line].nodes[node], part), language, values)

    def wait(self, line: str, language: str = PORTUGUESE) -> list[str]:
        """The greeting of those who wait."""
        return self.texts(self.lines[line].waiting.before, language)

    def repeat(self, line: str, turn: int, language: str = PORTUGUESE) -> list[str]:
        """The text that is told every so often, in its turn."""
        texts = self.lines[line].waiting.repeat
        return self.texts((texts[turn % len(texts)],), language)

    def protocol(self, line: str, number: str, language: str = PORTUGUESE) -> list[str]:
        """The call's number as it is told."""
        said = self.texts(self.lines[line].waiting.protocol_text, language)
        return [*said, *self.value(number, "protocolo", language)]

    def value(self, value: str, how: str, language: str = PORTUGUESE) -> list[str]:
        """What reads a value aloud: recorded words; what the fast voice made of it, which only the
        call itself can have had made; the sentence that it cannot be read."""
        read = self.library.read(value, how, language)
        if not read:
            folder = self._centre.settings.state_dir / RECORDED_HERE / SPOKEN_LIVE
            found = Cache(folder).find(*as_one_text(value, how, language))
            excuse = self.library.find(UNREADABLE[language], language)
            read = (Recorded(*found),) if found else (excuse,) if excuse else ()
        return self._names(read)

    # --- what was heard ---
    def heard(self, line: Line, expected: Iterable[str] = ()) -> list[Heard]:
        """The recordings that were heard. Of those that begin with the same words and were cut off
        before they differ, it is one that is expected."""
        sound, wanted = sound_of(bytes(line.heard)), frozenset(expected)
        found = prompts_heard(sound, self._sounds.items())
        if not found:
            return []
        ends = [*(one.at for one in found[1:]), len(sound) / RATE]
        told = [self._told(sound, one, end, wanted) for one, end in zip(found, ends, strict=True)]
        return [one for count, one in enumerate(told) if not self._within(told[:count], one)]

    def _told(self, sound: Sound, heard: Heard, end: float, wanted: frozenset[str]) -> Heard:
        """The same, told from recordings that begin with the same words by how they go on."""
        rivals = self._beginning_like(heard.name)
        if len(rivals) == 1:
            return heard
        first, last = int((heard.at - SHIFT) * RATE), int(min(end, heard.at + GOES_ON) * RATE)
        said = sound[max(0, first) : last]
        fits = {name: _fit(self._sounds[name], said) for name in rivals}
        best = max(fits.values())
        close = {name for name, fit in fits.items() if fit > best - AS_GOOD}
        return replace(heard, name=next(iter(close & wanted), max(fits, key=fits.__getitem__)))

    def _beginning_like(self, name: str) -> list[str]:
        """The recordings that cannot be told from this one by their first words."""
        names, size = list(self._sounds), int(FIRST * RATE)
        if name not in self._rivals:
            firsts = [np.pad(one[:size], (0, max(0, size - len(one)))) for one in
                      self._sounds.values()]  # fmt: skip
            found = prompts_heard(np.concatenate(firsts), [(name, self._sounds[name])])
            begin = [one for one in found if one.at % FIRST < FIRST / 4]
            self._rivals[name] = list({name, *(names[int(one.at / FIRST)] for one in begin)})
        return self._rivals[name]

    def _speech(self, name: str) -> Sound:
        """A recording without the silence before it."""
        sound = self._sounds[name]
        return sound[int(np.flatnonzero(np.abs(sound) > LOUD)[0]) :]

    def _within(self, before: list[Heard], heard: Heard) -> bool:
        """Whether it is only the words of a longer recording that is heard there."""
        for longer in before:
            speech, at = self._speech(longer.name), heard.at - longer.at
            if 0 < at < len(speech) / RATE and longer.name != heard.name:
                around = speech[max(0, int((at - NEAR) * RATE)) :]
                around = around[: int((2 * NEAR + TEMPLATE_SECONDS) * RATE)]
                if prompts_heard(around, [(heard.name, self._sounds[heard.name])]):
                    return True
        return False

    def names(self, line: Line, expected: Iterable[str] = ()) -> list[str]:
        """Their names, in their order."""
        return [one.name for one in self.heard(line, expected)]

    def sound(self, name: str) -> Sound:
        """A recording."""
        return self._sounds[name]

    def seconds(self, name: str) -> float:
        """How long a recording is."""
        return len(self._sounds[name]) / RATE

    def _text(self, text: Text, language: str, values: Mapping[str, str]) -> Iterable[str]:
        known = [one for one in (language, PORTUGUESE, *text.words) if one in text.words]
        for piece in text.words[known[0]]:
            if piece in NOT_OFFERED:
                continue
            if isinstance(piece, str):
                found = self.library.find(piece, known[0])
                assert found is not None, f"no recording of {piece!r} in {known[0]}"
                yield from self._names((found,))
            elif piece.name in values:
                yield from self.value(values[piece.name], piece.how, language)

    def _names(self, recorded: Iterable[Recorded]) -> list[str]:
        return [name for one in recorded if (name := self._take(one))]

    def _take(self, recorded: Recorded | None) -> str:
        """The recording's name, its sound kept; '' for what cannot be told from other sounds."""
        assert recorded is not None
        name = Path(recorded.path).name
        if name not in self._sounds:
            sound = sound_in(Path(f"{recorded.path}.wav"))
            loud = np.flatnonzero(np.abs(sound) > LOUD)
            if not len(loud) or len(sound) - loud[0] < HEARD_FROM * RATE:
                return ""
            self._sounds[name] = sound
        return name
