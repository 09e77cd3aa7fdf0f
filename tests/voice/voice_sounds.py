"""Recordings that tests make for themselves: tones, by the standard library alone."""

from __future__ import annotations

import array
import json
import math
import wave
from hashlib import sha256
from pathlib import Path
from typing import Any

RATE = 8_000

HELLO = ("pt", "Olá, cidadão.")
PRESS = ("en", "Press one.")
"""What the studio is asked to read."""


def tone(seconds: float = 0.5, amplitude: float = 4_634, lead: float = 0.0) -> bytes:
    """A 440 Hz tone after `lead` seconds of silence, as 16-bit samples; as loud as prompts are."""
    silent = round(lead * RATE)
    loud = round((seconds - lead) * RATE)
    wave_ = (round(amplitude * math.sin(2 * math.pi * 440 * at / RATE)) for at in range(loud))
    return bytes(2 * silent) + array.array("h", wave_).tobytes()


def write_wav(
    file: Path, samples: bytes, *, rate: int = RATE, width: int = 2, channels: int = 1
) -> None:
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.setframerate(rate)
        sound.writeframes(samples)


def item(folder: Path, text: str, file: str, **but: Any) -> dict[str, Any]:
    """The index's item for a file that is there."""
    with wave.open(str(folder / file)) as sound:
        seconds = sound.getnframes() / sound.getframerate()
    digest = sha256((folder / file).read_bytes()).hexdigest()
    listed = {"text": text, "file": file, "seconds": seconds, "sha256": digest, "voice": "tone"}
    return listed | but


def write_items(folder: Path, items: Any) -> None:
    (folder / "prompts.json").write_text(json.dumps(items), encoding="utf-8")
