"""Any sound as a telephone prompt: 8 kHz, 16 bits, mono, without silence around it, and as loud
as every other prompt."""

from __future__ import annotations

import io
import os
import wave
from pathlib import Path

import numpy as np

from terms.limits import PROMPT_LEVEL, PROMPT_RATE
from terms.names import Seconds
from voice.sound import SILENCE, Sound, decibels, speech_level

PEAK = -3.0
"""dB: no sample is louder, so that no codec clips it."""
EDGE: Seconds = 0.03  # kept before the first and after the last sound
LIMITER: Seconds = 0.005  # how far around a peak the gain goes down
LEVEL_ROUNDS = 6
HERTZ = 3_700.0  # what lies above goes, before the rate is lowered
TAPS = 16  # of the filter, at either side, in samples of the lower rate
CHUNK = 4_096


def prompt(sound: Sound, rate: int) -> Sound:
    """The sound as a prompt, without its silence."""
    return leveled(trimmed(resampled(sound, rate)))


def trimmed(sound: Sound, rate: int = PROMPT_RATE) -> Sound:
    """Without the silence around it; nothing when there is nothing else."""
    loud = np.flatnonzero(np.abs(sound) > 10 ** (SILENCE / 20))
    if not loud.size:
        return sound[:0]
    edge = round(EDGE * rate)
    return sound[max(0, loud[0] - edge) : loud[-1] + edge]


def leveled(sound: Sound) -> Sound:
    """With its speech at PROMPT_LEVEL. Peaks that would be too loud are turned down for
    milliseconds (a limiter), which is not heard, instead of leaving the whole too quiet."""
    for _ in range(LEVEL_ROUNDS):
        off = PROMPT_LEVEL - speech_level(sound)
        if not np.isfinite(off):
            return sound
        sound = _limited(np.asarray(sound * 10 ** (off / 20), np.float32))
        if abs(PROMPT_LEVEL - speech_level(sound)) < 0.1:
            break
    return sound


def resampled(sound: Sound, rate: int) -> Sound:
    """At the telephone's rate: what it cannot carry is filtered out first."""
    if rate == PROMPT_RATE:
        return sound
    step = rate / PROMPT_RATE
    width = int(np.ceil(TAPS * max(step, 1.0)))
    padded = np.pad(sound, (width, width))
    places = np.arange(int(len(sound) / step)) * step
    offsets = np.arange(-width + 1, width + 1)
    cut = 2 * min(HERTZ, rate * 0.46) / rate
    parts = []
    for start in range(0, len(places), CHUNK):
        at = places[start : start + CHUNK]
        whole = np.floor(at).astype(np.int64)
        away = offsets[None, :] - (at - whole)[:, None]
        kernel = cut * np.sinc(cut * away) * (0.54 + 0.46 * np.cos(np.pi * away / width))
        parts.append((padded[whole[:, None] + offsets[None, :] + width] * kernel).sum(axis=1))
    return np.asarray(np.concatenate(parts) if parts else sound[:0], np.float32)


def pcm(sound: Sound) -> bytes:
    """As 16-bit samples."""
    return (np.clip(sound, -1, 1) * 32_767).round().astype("<i2").tobytes()


def from_pcm(samples: bytes) -> Sound:
    """From 16-bit samples."""
    return np.asarray(np.frombuffer(samples, "<i2") / 32_768, np.float32)


def wav(samples: bytes) -> bytes:
    """16-bit samples at the telephone's rate as the content of a wav file."""
    content = io.BytesIO()
    with wave.open(content, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(PROMPT_RATE)
        sound.writeframes(samples)
    return content.getvalue()


def write_durably(file: Path, content: bytes) -> None:
    """Write by rename: the file is there whole, or as it was."""
    fresh = file.with_suffix(".new")
    with fresh.open("wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    fresh.replace(file)


def _limited(sound: Sound) -> Sound:
    """No sample above PEAK: the gain goes down smoothly around what is too loud."""
    if decibels(float(np.abs(sound).max(initial=0.0))) <= PEAK:
        return sound
    most = 10 ** (PEAK / 20)
    gain = np.minimum(1.0, most / np.maximum(np.abs(sound), 1e-9))
    width = 2 * round(LIMITER * PROMPT_RATE) + 1
    around = np.lib.stride_tricks.sliding_window_view(
        np.pad(gain, width - 1, constant_values=1.0), width
    ).min(axis=1)
    window = np.hanning(width + 2)[1:-1]
    smooth = np.convolve(around, window / window.sum(), mode="valid")
    return np.asarray(np.clip(sound * smooth, -most, most), np.float32)
