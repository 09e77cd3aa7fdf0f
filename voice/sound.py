"""What can be measured of a recording without listening to it."""

from __future__ import annotations

import array
import math
import sys
import wave
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from terms.limits import (
    PROMPT_LENGTH_OFF,
    PROMPT_PEAK,
    PROMPT_QUIET_FIRST,
    PROMPT_QUIETEST,
    PROMPT_RATE,
)
from terms.names import Seconds

FULL_SCALE = 32_768
SILENCE = -50.0
"""dB of the loudest sample that still counts as silence."""


class NotAPrompt(Exception):
    """Not a recording that Asterisk plays as it is; the message says why, in Portuguese."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A recording's figures; levels in dB below full scale (-inf: nothing but zeros)."""

    seconds: Seconds
    level: float
    peak: float
    quiet_first: Seconds
    """Silence before the first sound."""
    tail: Seconds
    """Silence after the last sound."""


def decibels(ratio: float) -> float:
    """An amplitude's ratio to full scale in dB."""
    return 20 * math.log10(ratio) if ratio > 0 else -math.inf


def read_samples(file: Path) -> array.array[int]:
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
    samples = array.array("h", data)
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def measure(samples: array.array[int]) -> Measure:
    """The figures of a prompt's samples."""
    count = len(samples)
    if not count:
        return Measure(0.0, -math.inf, -math.inf, 0.0, 0.0)
    loud = round(FULL_SCALE * 10 ** (SILENCE / 20))
    first = next((at for at, value in enumerate(samples) if abs(value) > loud), count)
    last = next((at for at in range(count - 1, -1, -1) if abs(samples[at]) > loud), -1)
    square = sum(value * value for value in samples) / count
    return Measure(
        seconds=count / PROMPT_RATE,
        level=decibels(math.sqrt(square) / FULL_SCALE),
        peak=decibels(max(abs(min(samples)), abs(max(samples))) / FULL_SCALE),
        quiet_first=first / PROMPT_RATE,
        tail=(count - 1 - last) / PROMPT_RATE,
    )


def problems_of(
    file: Path, listed: Seconds, digest: str, *, silent: bool = False
) -> tuple[str, ...]:
    """What is wrong with one recording that the index lists with this length and sha256, in
    Portuguese. `silent`: it is a pause, and there is nothing to hear."""
    try:
        samples = read_samples(file)
        actual = sha256(file.read_bytes()).hexdigest()
    except NotAPrompt as wrong:
        return (str(wrong),)
    problems = []
    if actual != digest:
        problems.append("o conteúdo não é o que o índice registra (sha256 diferente)")
    heard = measure(samples)
    if abs(heard.seconds - listed) > PROMPT_LENGTH_OFF:
        problems.append(f"dura {heard.seconds:.2f} s, mas o índice diz {listed:.2f} s")
    return tuple(problems) if silent else (*problems, *_complaints(heard))


def _complaints(heard: Measure) -> list[str]:
    """What a listener would complain of."""
    problems = []
    if heard.level < PROMPT_QUIETEST:
        problems.append(f"baixo demais ou mudo: {heard.level:.0f} dB (mínimo {PROMPT_QUIETEST:g})")
    elif heard.quiet_first > PROMPT_QUIET_FIRST:
        most = f"máximo {PROMPT_QUIET_FIRST:g} s"
        problems.append(f"começa com {heard.quiet_first:.2f} s de silêncio ({most})")
    if heard.peak > PROMPT_PEAK:
        problems.append(f"som cortado: pico de {heard.peak:.1f} dB (máximo {PROMPT_PEAK:g})")
    return problems
