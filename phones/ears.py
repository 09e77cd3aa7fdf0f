"""Which prompts were heard on a line, and how long it was silent: by comparing the sound itself.

A prompt is found where the normalised cross-correlation of its beginning with what was heard is
high; A-law and a jitter buffer change it little. No recognition of words is needed, so what was
really on the line is told, not what should have been.
"""

from __future__ import annotations

import wave
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 8_000
TEMPLATE_SECONDS = 0.8  # of a prompt's beginning; less is not told apart
ALIKE = 0.6  # correlation from which on it is the same sound
SILENT_RMS = 60.0
FRAME_SECONDS = 0.02
BLOCK = 1 << 15  # samples correlated at once

Sound = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Heard:
    """A prompt that was heard: when it began (s from the answer) and how sure that is (0…1)."""

    name: str
    at: float
    alike: float


@dataclass(frozen=True, slots=True)
class Silence:
    """A stretch without any sound: from when (s from the answer), how long."""

    at: float
    seconds: float


def sound_of(pcm: bytes) -> Sound:
    """16-bit mono samples as numbers."""
    return np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2").astype(np.float64)


def sound_in(file: Path) -> Sound:
    """The samples of an 8 kHz mono wav file. ValueError for any other."""
    with wave.open(str(file), "rb") as read:
        if (read.getframerate(), read.getnchannels(), read.getsampwidth()) != (RATE, 1, 2):
            raise ValueError(f"{file.name}: not 8 kHz, mono, 16 bit")
        return sound_of(read.readframes(read.getnframes()))


def prompts_heard(heard: Sound, prompts: Iterable[tuple[str, Sound]]) -> list[Heard]:
    """All prompts that are in `heard`, by when they began. `prompts`: name and sound of each."""
    line = _Line(heard)
    found = [one for name, sound in prompts for one in line.places_of(name, sound)]
    found.sort(key=lambda one: -one.alike)
    kept: list[Heard] = []
    for one in found:  # two prompts that begin with the same words: the better fit is the one
        if all(abs(one.at - other.at) > TEMPLATE_SECONDS / 2 for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.at)


def silences(heard: Sound, longer_than: float) -> list[Silence]:
    """Every stretch of silence that lasts longer than that (s)."""
    frame = int(RATE * FRAME_SECONDS)
    count = len(heard) // frame
    power = np.sqrt((heard[: count * frame].reshape(count, frame) ** 2).mean(axis=1))
    found: list[Silence] = []
    began: int | None = None
    for at, quiet in enumerate([*(power < SILENT_RMS), False]):
        if quiet and began is None:
            began = at
        elif not quiet and began is not None:
            seconds = (at - began) * FRAME_SECONDS
            if seconds > longer_than:
                found.append(Silence(began * FRAME_SECONDS, seconds))
            began = None
    return found


def level_of(sound: Sound, hertz: float) -> float:
    """How much of the sound's power is that tone (0…1)."""
    total = float((sound**2).sum())
    if not total:
        return 0.0
    spectrum = np.abs(np.fft.rfft(sound)) ** 2
    near = np.abs(np.fft.rfftfreq(len(sound), 1 / RATE) - hertz) < 10
    return float(spectrum[near].sum() / spectrum.sum())


class _Line:
    """What was heard, cut into blocks whose spectra are made once for all prompts."""

    def __init__(self, heard: Sound) -> None:
        self._heard = heard
        self._step = BLOCK - int(RATE * TEMPLATE_SECONDS)  # a block's own places for a beginning
        count = max(1, -(-len(heard) // self._step))
        padded = np.zeros(count * self._step + BLOCK, dtype=np.float32)
        padded[: len(heard)] = heard
        starts = range(0, count * self._step, self._step)
        self._spectra = np.fft.rfft(np.stack([padded[at : at + BLOCK] for at in starts]))
        self._sums = np.concatenate(([0.0], np.cumsum(heard**2)))
        self._energies: dict[int, Sound] = {}

    def places_of(self, name: str, prompt: Sound) -> list[Heard]:
        """Wherever a prompt begins, by how alike it is."""
        template = _beginning(prompt)
        size = len(template)
        if size < RATE * TEMPLATE_SECONDS / 2 or len(self._heard) < size:
            return []
        spectrum = np.conj(np.fft.rfft(template.astype(np.float32), BLOCK))
        overlap = np.fft.irfft(self._spectra * spectrum, BLOCK)[:, : self._step].ravel()
        level = np.sqrt((template**2).sum())
        alike = overlap[: len(self._heard) - size + 1] / (self._energy(size) * level + 1.0)
        found: list[Heard] = []
        while True:
            best = int(alike.argmax())
            if alike[best] < ALIKE:
                return found
            found.append(Heard(name, round(best / RATE, 2), round(float(alike[best]), 3)))
            alike[max(0, best - size) : best + size] = 0.0

    def _energy(self, size: int) -> Sound:
        """The root of the energy of every stretch of this size."""
        if size not in self._energies:
            energy = self._sums[size:] - self._sums[:-size]
            self._energies[size] = np.sqrt(np.maximum(energy, 1.0))
        return self._energies[size]


def _beginning(prompt: Sound) -> Sound:
    """The first words, without the silence before them."""
    loud = np.flatnonzero(np.abs(prompt) > SILENT_RMS * 4)
    start = int(loud[0]) if len(loud) else 0
    return prompt[start : start + int(RATE * TEMPLATE_SECONDS)]
