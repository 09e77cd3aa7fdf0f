"""Folders of recordings: what is missing is recorded, what nobody wants is removed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Final

from terms.limits import PROMPT_LEVEL, PROMPT_RATE, PROMPT_SECONDS_MAX
from terms.names import Seconds
from voice.index import INDEX, PORTUGUESE, Entry, plain, read_index, write_index
from voice.reading import PAUSE
from voice.sound import NotAPrompt, read_samples, speech_level
from voice.telephone import leveled, pcm, wav, write_durably
from voice.texts import SPOKEN, WHISPERS

VOICES: Final = {
    "pt": "kokoro-82m-v1.0/pf_dora",
    "en": "kokoro-82m-v1.0/af_heart",
    "es": "kokoro-82m-v1.0/ef_dora",
}
"""The voices of voice/speak.py, as the index names them."""
SILENT_VOICE = "silêncio"
SPEEDS = (1.0, 1.05, 1.1, 1.15, 1.2, 1.25)
"""Tried in turn until a text fits its time; faster than the last is no longer polite."""
AFTER = 0.2
"""Seconds of silence at the end, where there is room, so that prompts in a row stay apart."""
AFTER_A_WORD = 0.04
"""… and after a word that is put together with others: one phrase, not a list."""
PAUSE_SECONDS = 0.35
BEFORE_WHISPER = 0.2
"""A phone that has just been picked up loses its first moment of sound."""
LEVEL_GOOD = 0.3
"""dB: a recording this close to the others' level is left as it is."""

Words = tuple[str, str]
"""A language and what is said in it."""
Say = Callable[[str, float, str], bytes]
"""Text, speed and language to 8 kHz, 16-bit, mono samples."""


class TooLong(Exception):
    """A text that does not fit its time even at the fastest pace; in Portuguese."""


def make_missing(
    wanted: Iterable[Words],
    folder: Path,
    say: Say,
    longest: Mapping[Words, Seconds] = MappingProxyType({}),
    *,
    after: Seconds = AFTER,
    voices: Mapping[str, str] = VOICES,
    told: Callable[[Entry], None] = lambda entry: None,
) -> tuple[Entry, ...]:
    """Record what `folder` does not hold yet; the new entries.

    `longest` bounds single texts; the others may take PROMPT_SECONDS_MAX. Each recording is
    written before the index names it, so an interrupted run leaves the folder sound. A text that
    is now too long, or whose spelling for this voice (voice.texts.SPOKEN) changed, is recorded
    anew; what another voice has recorded, a person's for one, is otherwise left alone.
    TooLong when a text does not fit; PromptsBroken when the index cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    entries = {entry.key: entry for entry in present(folder)}
    made = []
    for key in dict.fromkeys((language, plain(text)) for language, text in wanted):
        bound = longest.get(key, PROMPT_SECONDS_MAX)
        old = entries.get(key)
        ours = old is not None and old.voice == voices[key[0]]
        if old and old.seconds <= bound and (not ours or old.spoken == _spelled(key)):
            continue
        entry = _record(key, folder, say, bound, after, voices[key[0]])
        entries[key] = entry
        write_index(folder, entries.values())
        if old and old.file != entry.file:
            (folder / old.file).unlink(missing_ok=True)
        made.append(entry)
        told(entry)
    return tuple(made)


def remove_unwanted(wanted: Iterable[Words], folder: Path) -> tuple[Entry, ...]:
    """Remove the recordings of every other text, and files that the index does not name."""
    keys = {(language, plain(text)) for language, text in wanted}
    entries = present(folder)
    kept = [entry for entry in entries if entry.key in keys]
    if len(kept) < len(entries):
        write_index(folder, kept)
    names = {entry.file for entry in kept}
    for file in folder.glob("*.wav"):
        if file.name not in names:
            file.unlink()
    return tuple(entry for entry in entries if entry.key not in keys)


def make_even(folder: Path) -> tuple[Entry, ...]:
    """Bring every recording to PROMPT_LEVEL; those that were changed."""
    entries = {entry.key: entry for entry in present(folder)}
    changed = []
    for key, entry in entries.items():
        if entry.text == PAUSE:
            continue
        try:
            sound = read_samples(folder / entry.file)
        except NotAPrompt:
            continue  # `check` tells of it
        if abs(speech_level(sound) - PROMPT_LEVEL) <= LEVEL_GOOD:
            continue
        content = wav(pcm(leveled(sound)))
        write_durably(folder / entry.file, content)
        entries[key] = replace(entry, sha256=sha256(content).hexdigest())
        write_index(folder, entries.values())
        changed.append(entries[key])
    return tuple(changed)


def file_name(text: str, language: str = PORTUGUESE) -> str:
    """A name that people can read and that no other text has."""
    bare = unicodedata.normalize("NFD", text.lower()).encode("ascii", "ignore").decode()
    slug = "-".join(re.findall(r"[a-z0-9]+", bare))[:40].strip("-")
    if language == PORTUGUESE:
        return f"{slug or 'texto'}-{sha256(plain(text).encode()).hexdigest()[:8]}.wav"
    digest = sha256(f"{language}:{plain(text)}".encode()).hexdigest()[:8]
    return f"{language}-{slug or 'texto'}-{digest}.wav"


def present(folder: Path) -> tuple[Entry, ...]:
    """What the folder holds; nothing when it has no index."""
    return read_index(folder) if (folder / INDEX).exists() else ()


def keep(folder: Path, entry: Entry, content: bytes) -> None:
    """Write a recording, then the index that names it, instead of the text's earlier one."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = {old.key: old for old in present(folder)}
    old = entries.get(entry.key)
    write_durably(folder / entry.file, content)
    write_index(folder, (entries | {entry.key: entry}).values())
    if old and old.file != entry.file:
        (folder / old.file).unlink(missing_ok=True)


def _spelled(key: Words) -> str:
    return SPOKEN.get(key[1], "")


def _record(
    key: Words, folder: Path, say: Say, bound: Seconds, after: Seconds, voice: str
) -> Entry:
    """Speak one text as slowly as its time allows and write its file."""
    language, text = key
    if text == PAUSE:
        speed, voice, samples = 1.0, SILENT_VOICE, bytes(2 * round(PAUSE_SECONDS * PROMPT_RATE))
    else:
        speed, samples = _said(key, say, bound, after)
    content = wav(samples)
    file = folder / file_name(text, language)
    write_durably(file, content)
    seconds = round(len(samples) / 2 / PROMPT_RATE, 3)
    digest = sha256(content).hexdigest()
    return Entry(text, file.name, seconds, digest, voice, _spelled(key), speed, language)


def _said(key: Words, say: Say, bound: Seconds, after: Seconds) -> tuple[float, bytes]:
    """The text at the first of SPEEDS that fits, with its silence. TooLong when none does."""
    language, text = key
    is_whisper = text in WHISPERS.values()
    before = bytes(2 * round(BEFORE_WHISPER * PROMPT_RATE)) if is_whisper else b""
    for speed in SPEEDS:
        samples = before + say(_spelled(key) or text, speed, language)
        seconds = len(samples) / 2 / PROMPT_RATE
        if seconds <= bound:
            silence = 0 if is_whisper else round(min(after, bound - seconds) * PROMPT_RATE)
            return speed, samples + bytes(2 * silence)
    raise TooLong(f"«{text}» dura {seconds:.1f} s; o máximo é {bound:g} s")
