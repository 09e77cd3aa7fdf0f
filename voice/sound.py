"""What can be measured of a recording without listening to it."""

from __future__ import annotations

import math
import wave
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt

from terms.limits import (
    PROMPT_LENGTH_OFF,
    PROMPT_LEVEL,
    PROMPT_LEVEL_OFF,
    PROMPT_PEAK,
    PROMPT_QUIET_FIRST,
    PROMPT_QUIETEST,
    PROMPT_RATE,
)
from terms.names import Seconds

Sound = npt.NDArray[np.float32]
"""Samples between -1 and 1."""

FULL_SCALE = 32_768
SILENCE = -50.0
"""dB of the loudest sample that still counts as silence."""
BLOCK: Seconds = 0.1
HOP: Seconds = 0.025
GATE = 10.0
"""A block that is this many dB quieter than the mean is a pause, and does not count."""


class NotAPrompt(Exception):
    """Not a recording that Asterisk plays as it is; the message says why, in Portuguese."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A recording's figures; levels in dB below full scale (-inf: nothing but zeros)."""

    seconds: Seconds
    level: float
    """Of the speech: pauses do not count."""
    peak: float
    quiet_first: Seconds
    """Silence before the first sound."""
    tail: Seconds
    """Silence after the last sound."""


def decibels(ratio: float) -> float:
    """An amplitude's ratio to full scale in dB."""
    return 20 * math.log10(ratio) if ratio > 0 else -math.inf


def speech_level(sound: Sound, rate: int = PROMPT_RATE) -> float:
    """How loud the speech is, in dB below full scale: the mean power of the blocks in which
    somebody speaks, gated twice as in ITU-R BS.1770 (without its weighting of frequencies, which
    changes nothing that is heard over a telephone); -inf when there is none."""
    block, hop = round(BLOCK * rate), round(HOP * rate)
    if len(sound) < block:
        sound = np.pad(sound, (0, block - len(sound)))
    energy = np.concatenate(([0.0], np.cumsum(np.square(sound, dtype=np.float64))))
    starts = np.arange(0, len(sound) - block + 1, hop)
    power = (energy[starts + block] - energy[starts]) / block
    power = power[power > 10 ** (SILENCE / 10)]
    if not power.size:
        return -math.inf
    power = power[power > power.mean() * 10 ** (-GATE / 10)]
    return 10 * math.log10(power.mean())


def read_samples(file: Path) -> Sound:
    """The samples of an 8 kHz, 16-bit, mono wav file. NotAPrompt when it is anything else."""
    try:
        with wave.open(str(file), "rb") as sound:
            shape = (sound.getframerate(), sound.getsampwidth() * 8, sound.getnchannels())
            data = sound.readframes(sound.getnframes())
            complete = len(data) == sound.getnframes() * sound.getsampwidth() * shape[2]
    except FileNotFoundError:
        raise NotAPrompt("o arquivo não existe") from None
    except OSError as wrong:
        raise NotAPrompt(f"o arquivo não pode ser lido ({wrong.strerror})") from None
    except (wave.Error, EOFError) as wrong:
        raise NotAPrompt(f"não é um arquivo wav ({wrong})") from None
    if shape != (PROMPT_RATE, 16, 1):
        rate, bits, channels = shape
        raise NotAPrompt(
            f"deveria ser wav mono de {PROMPT_RATE} Hz e 16 bits;"
            f" tem {channels} canal(is), {rate} Hz e {bits} bits"
        )
    if not complete:
        raise NotAPrompt("o arquivo está incompleto")
    return np.asarray(np.frombuffer(data, "<i2") / FULL_SCALE, np.float32)


def measure(sound: Sound, rate: int = PROMPT_RATE) -> Measure:
    """The figures of a recording's samples."""
    if not len(sound):
        return Measure(0.0, -math.inf, -math.inf, 0.0, 0.0)
    size = np.abs(sound)
    loud = np.flatnonzero(size > 10 ** (SILENCE / 20))
    first, last = (loud[0], loud[-1]) if loud.size else (len(sound), -1)
    return Measure(
        seconds=len(sound) / rate,
        level=speech_level(sound, rate),
        peak=decibels(float(size.max())),
        quiet_first=float(first) / rate,
        tail=float(len(sound) - 1 - last) / rate,
    )


def problems_of(
    file: Path, listed: Seconds, digest: str, *, silent: bool = False
) -> tuple[str, ...]:
    """What is wrong with one recording that the index lists with this length and sha256, in
    Portuguese. `silent`: it is a pause, and there is nothing to hear."""
    try:
        heard = measure(read_samples(file))
        actual = sha256(file.read_bytes()).hexdigest()
    except NotAPrompt as wrong:
        return (str(wrong),)
    problems = []
    if actual != digest:
        problems.append("o conteúdo não é o que o índice registra (sha256 diferente)")
    if abs(heard.seconds - listed) > PROMPT_LENGTH_OFF:
        problems.append(f"dura {heard.seconds:.2f} s, mas o índice diz {listed:.2f} s")
    return tuple(problems) if silent else (*problems, *complaints(heard))


def complaints(heard: Measure) -> tuple[str, ...]:
    """What a listener would complain of, in Portuguese."""
    if heard.level < PROMPT_QUIETEST:
        return (f"baixo demais ou mudo: {heard.level:.0f} dB (mínimo {PROMPT_QUIETEST:g})",)
    problems = []
    if heard.quiet_first > PROMPT_QUIET_FIRST:
        most = f"máximo {PROMPT_QUIET_FIRST:g} s"
        problems.append(f"começa com {heard.quiet_first:.2f} s de silêncio ({most})")
    if heard.peak > PROMPT_PEAK:
        problems.append(f"som cortado: pico de {heard.peak:.1f} dB (máximo {PROMPT_PEAK:g})")
    elif abs(heard.level - PROMPT_LEVEL) > PROMPT_LEVEL_OFF:
        as_loud = f"{PROMPT_LEVEL:g} ± {PROMPT_LEVEL_OFF:g} dB"
        problems.append(f"fora do volume das outras: {heard.level:.1f} dB (deveria ser {as_loud})")
    return tuple(problems)
