"""Recordings for menus that nobody has recorded: a tone of its own for every text.

tones_for(dialplans, state)   # in the state's `vozes/`, where a centre finds them
"""

from __future__ import annotations

import hashlib
import math
import struct
import wave
from pathlib import Path

from ivr.ways import words
from reader import read_dialplans
from voice.index import Entry, plain, write_index
from voice.library import RECORDED_HERE, Library

RATE = 8_000
SHIPPED = Path(__file__).resolve().parents[1] / "sounds" / "recorded"


def tones_for(dialplans: Path, state: Path, seconds: float = 0.8) -> None:
    """Make what the shipped recordings lack for the lines of this folder."""
    folder = state / RECORDED_HERE
    folder.mkdir(parents=True, exist_ok=True)
    shipped = Library(SHIPPED)
    said = [one for plan in read_dialplans(dialplans).lines.values() for one in words(plan)]
    entries: dict[tuple[str, str], Entry] = {}
    for number, (language, text) in enumerate(said):
        if shipped.find(text, language) is None and (language, plain(text)) not in entries:
            file = folder / f"tom-{number}.wav"
            _write_tone(file, 400 + 13 * (number % 100), seconds)
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            entries[language, plain(text)] = Entry(
                text, file.name, seconds, digest, "tom", language=language
            )
    write_index(folder, entries.values())


def _write_tone(file: Path, hertz: float, seconds: float) -> None:
    wave_of = (math.sin(2 * math.pi * hertz * count / RATE) for count in range(int(RATE * seconds)))
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(b"".join(struct.pack("<h", int(6_000 * one)) for one in wave_of))
