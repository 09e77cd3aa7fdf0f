"""Record the texts that have no recording yet: `python -m voice.make [TEXTS …]`.

TEXTS are files with one text a line (`-`: standard input), after the seconds it may last and a
tabulator if it must be short; the system's own texts are always among them. Only what is missing
is spoken; a recording that nothing wants is removed only when asked.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import unicodedata
import wave
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import TextIO

from terms.limits import PROMPT_RATE, PROMPT_SECONDS_MAX, WHISPER_SECONDS
from terms.names import Seconds
from voice.index import INDEX, Entry, PromptsBroken, plain, read_index, write_index
from voice.phonemes import Unpronounceable, VoiceMissing
from voice.texts import SPOKEN, WHISPERS, system_texts

SOUNDS = Path(__file__).resolve().parents[1] / "sounds" / "recorded"
VOICE_NAME = "kokoro-82m-v1.0/pf_dora"  # voice/speak.py
SPEEDS = (1.0, 1.05, 1.1, 1.15, 1.2, 1.25)
"""Tried in turn until a text fits its time; faster than the last is no longer polite."""
AFTER = 0.2
"""Seconds of silence at the end, where there is room, so that prompts in a row stay apart."""
BEFORE_WHISPER = 0.2
"""A phone that has just been picked up loses its first moment of sound."""

Say = Callable[[str, float], bytes]
"""Text and speed to 8 kHz, 16-bit, mono samples."""


class TooLong(Exception):
    """A text that does not fit its time even at the fastest pace; in Portuguese."""


def make_missing(
    texts: Iterable[str],
    folder: Path,
    say: Say,
    longest: Mapping[str, Seconds] = MappingProxyType({}),
    *,
    voice: str = VOICE_NAME,
    told: Callable[[Entry], None] = lambda entry: None,
) -> tuple[Entry, ...]:
    """Record the texts that `folder` does not hold yet; the new entries.

    `longest` bounds single texts; the others may take PROMPT_SECONDS_MAX. Each recording is
    written before the index names it, so an interrupted run leaves the folder sound. A text that
    is now too long, or whose spelling for this voice (voice.texts.SPOKEN) changed, is recorded
    anew; what another voice has recorded, a person's for one, is otherwise left alone.
    TooLong when a text does not fit; PromptsBroken when the index cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    entries = {plain(entry.text): entry for entry in _present(folder)}
    made = []
    for text in dict.fromkeys(plain(text) for text in texts):
        bound = longest.get(text, PROMPT_SECONDS_MAX)
        old = entries.get(text)
        if (
            old
            and old.seconds <= bound
            and (old.voice != voice or old.spoken == SPOKEN.get(text, ""))
        ):
            continue
        entry = _record(text, folder, say, bound, voice)
        entries[text] = entry
        write_index(folder, entries.values())
        if old and old.file != entry.file:
            (folder / old.file).unlink(missing_ok=True)
        made.append(entry)
        told(entry)
    return tuple(made)


def remove_unwanted(texts: Iterable[str], folder: Path) -> tuple[Entry, ...]:
    """Remove the recordings of every other text, and files that the index does not name."""
    wanted = {plain(text) for text in texts}
    entries = _present(folder)
    kept = [entry for entry in entries if plain(entry.text) in wanted]
    write_index(folder, kept)
    names = {entry.file for entry in kept}
    for file in folder.glob("*.wav"):
        if file.name not in names:
            file.unlink()
    return tuple(entry for entry in entries if plain(entry.text) not in wanted)


def file_name(text: str) -> str:
    """A name that people can read and that no other text has."""
    bare = unicodedata.normalize("NFD", text.lower()).encode("ascii", "ignore").decode()
    slug = "-".join(re.findall(r"[a-z0-9]+", bare))[:40].strip("-")
    return f"{slug or 'texto'}-{sha256(plain(text).encode()).hexdigest()[:8]}.wav"


def _present(folder: Path) -> tuple[Entry, ...]:
    return read_index(folder) if (folder / INDEX).exists() else ()


def _record(text: str, folder: Path, say: Say, bound: Seconds, voice: str) -> Entry:
    """Speak one text as slowly as its time allows and write its file."""
    spoken = SPOKEN.get(text, "")
    is_whisper = text in WHISPERS.values()
    before = bytes(2 * round(BEFORE_WHISPER * PROMPT_RATE)) if is_whisper else b""
    for speed in SPEEDS:
        samples = before + say(spoken or text, speed)
        seconds = len(samples) / 2 / PROMPT_RATE
        if seconds <= bound:
            break
    else:
        raise TooLong(f"«{text}» dura {seconds:.1f} s; o máximo é {bound:g} s")
    silence = 0 if is_whisper else round(min(AFTER, bound - seconds) * PROMPT_RATE)
    samples += bytes(2 * silence)
    seconds += silence / PROMPT_RATE
    file = folder / file_name(text)
    fresh = file.with_suffix(".new")
    with fresh.open("wb") as opened:
        with wave.open(opened, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(PROMPT_RATE)
            sound.writeframes(samples)
        opened.flush()
        os.fsync(opened.fileno())
    digest = sha256(fresh.read_bytes()).hexdigest()
    fresh.replace(file)
    return Entry(text, file.name, round(seconds, 3), digest, voice, spoken, speed)


def read_texts(whole: str) -> dict[str, Seconds]:
    """The texts of a file, each with the seconds it may last. ValueError for a wrong number."""
    texts: dict[str, Seconds] = {}
    for line in whole.splitlines():
        bound, tabulator, text = line.partition("\t")
        if not tabulator:
            bound, text = str(PROMPT_SECONDS_MAX), line
        if text := plain(text):
            texts[text] = min(float(bound), texts.get(text, PROMPT_SECONDS_MAX))
    return texts


def main(arguments: list[str] | None = None) -> int:
    """The command line; what it prints is Portuguese."""
    parser = argparse.ArgumentParser(
        prog="python -m voice.make", description="Grava as mensagens que ainda faltam."
    )
    parser.add_argument("textos", nargs="*", help="arquivos com um texto por linha (-: entrada)")
    parser.add_argument("--sounds", type=Path, default=SOUNDS, help="pasta das gravações")
    parser.add_argument("--clean", action="store_true", help="remove as que não foram pedidas")
    asked = parser.parse_args(arguments)
    try:
        longest: dict[str, Seconds] = {}
        for file in asked.textos:
            whole = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
            longest |= read_texts(whole)
        longest |= dict.fromkeys(WHISPERS.values(), WHISPER_SECONDS)
        wanted = [*system_texts(), *longest]
        made = make_missing(wanted, asked.sounds, _voice(), longest, told=_tell)
        removed = remove_unwanted(wanted, asked.sounds) if asked.clean else ()
    except (PromptsBroken, TooLong, VoiceMissing, Unpronounceable, ValueError, OSError) as wrong:
        _print(str(wrong), sys.stderr)
        return 1
    _print(f"{len(made)} gravada(s), {len(removed)} removida(s), em {asked.sounds}")
    return 0


def _voice() -> Say:
    """The voice; it needs packages that the recordings themselves do not."""
    try:
        from voice.speak import Kokoro  # noqa: PLC0415  (an extra)
    except ModuleNotFoundError as wrong:
        raise VoiceMissing(f"falta {wrong.name}: instale com  pip install '.[voice]'") from None
    return Kokoro()


def _tell(entry: Entry) -> None:
    _print(f"{entry.seconds:6.2f} s  x{entry.speed:<4}  {entry.text}")


def _print(line: str, to: TextIO | None = None) -> None:
    print(line, file=to or sys.stdout, flush=True)


if __name__ == "__main__":
    sys.exit(main())
