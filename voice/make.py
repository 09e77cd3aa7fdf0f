"""Record the texts that have no recording yet: `python -m voice.make [TEXTS …]`.

TEXTS are files with one text a line (`-`: standard input): the text alone, or the seconds it may
last, its language and the text, with tabulators between. The system's own texts and the words
that values are put together from are always among them, except with `--only`. What the studio
has sent (voice/studio.py) is taken first; only what is missing then is spoken. A recording that
nothing wants is removed only when asked.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TextIO

from terms.limits import PROMPT_SECONDS_MAX, WHISPER_SECONDS
from terms.names import Seconds
from voice.index import LANGUAGES, PORTUGUESE, Entry, PromptsBroken, plain
from voice.library import WORDS
from voice.phonemes import Unpronounceable, VoiceMissing
from voice.recording import (
    AFTER_A_WORD,
    Say,
    TooLong,
    Words,
    make_even,
    make_missing,
    present,
    remove_unwanted,
)
from voice.studio import STUDIO, adopt
from voice.texts import WHISPERS, system_texts
from voice.words import words_to_record

SOUNDS = Path(__file__).resolve().parents[1] / "sounds" / "recorded"
NICENESS = 10
"""Beside a running centre, calls come first."""


def read_texts(whole: str) -> dict[Words, Seconds]:
    """The texts of a file, each with the seconds it may last. ValueError for a wrong line."""
    texts: dict[Words, Seconds] = {}
    for line in whole.splitlines():
        bound, language, text = str(PROMPT_SECONDS_MAX), PORTUGUESE, line
        match line.split("\t"):
            case [bound, language, text]:
                pass
            case [bound, text]:
                pass
        if language not in LANGUAGES:
            raise ValueError(f"língua desconhecida: {language}")
        if text := plain(text):
            key = (language, text)
            texts[key] = min(float(bound), texts.get(key, PROMPT_SECONDS_MAX))
    return texts


def main(arguments: list[str] | None = None) -> int:
    """The command line; what it prints is Portuguese."""
    parser = argparse.ArgumentParser(
        prog="python -m voice.make", description="Grava as mensagens que ainda faltam."
    )
    parser.add_argument("textos", nargs="*", help="arquivos com um texto por linha (-: entrada)")
    parser.add_argument("--sounds", type=Path, default=SOUNDS, help="pasta das gravações")
    parser.add_argument("--studio", type=Path, default=STUDIO, help="pasta do que o estúdio mandou")
    parser.add_argument("--clean", action="store_true", help="remove as que não foram pedidas")
    parser.add_argument(
        "--besides", type=Path, action="append", default=[], help="não grava o que já há nesta"
    )
    parser.add_argument("--only", action="store_true", help="só os textos dados, não os da central")
    parser.add_argument("--nice", action="store_true", help="dá a vez a quem mais usa a máquina")
    asked = parser.parse_args(arguments)
    if asked.nice:
        os.nice(NICENESS)
    try:
        _make(asked)
    except (PromptsBroken, TooLong, VoiceMissing, Unpronounceable, ValueError, OSError) as wrong:
        _print(str(wrong), sys.stderr)
        return 1
    return 0


def _make(asked: argparse.Namespace) -> None:
    longest: dict[Words, Seconds] = {}
    for file in asked.textos:
        whole = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        longest |= read_texts(whole)
    texts: list[Words] = list(longest)
    words: tuple[Words, ...] = ()
    if not asked.only:
        longest |= {(PORTUGUESE, words): WHISPER_SECONDS for words in WHISPERS.values()}
        texts = [*system_texts(), *longest]
        words = words_to_record()
    taken, refused = adopt(texts, asked.studio, asked.sounds, longest)
    for entry in taken:
        _tell(entry)
    for why in refused:
        _print(why, sys.stderr)
    had = {entry.key for other in asked.besides for entry in present(other)}
    voice = _Voice()
    folder = asked.sounds / WORDS
    made = [
        *make_missing(
            (key for key in texts if key not in had), asked.sounds, voice, longest, told=_tell
        ),
        *(make_missing(words, folder, voice, after=AFTER_A_WORD, told=_tell) if words else ()),
    ]
    even = [*make_even(asked.sounds), *make_even(folder)]
    removed: list[Entry] = []
    if asked.clean:
        removed += remove_unwanted(texts, asked.sounds)
        removed += remove_unwanted(words, folder) if words else ()
    _print(
        f"{len(taken)} do estúdio, {len(made)} gravada(s), {len(even)} com o volume acertado,"
        f" {len(removed)} removida(s), em {asked.sounds}"
    )


class _Voice:
    """The voice, loaded when first needed; it needs packages that the recordings do not."""

    def __init__(self) -> None:
        self._say: Say | None = None

    def __call__(self, text: str, speed: float, language: str) -> bytes:
        if self._say is None:
            try:
                from voice.speak import Kokoro  # noqa: PLC0415  (an extra)
            except ModuleNotFoundError as wrong:
                raise VoiceMissing(f"falta {wrong.name}: instale com: make voice") from None
            self._say = Kokoro()
        return self._say(text, speed, language)


def _tell(entry: Entry) -> None:
    _print(f"{entry.seconds:6.2f} s  x{entry.speed:<4}  {entry.language}  {entry.text}")


def _print(line: str, to: TextIO | None = None) -> None:
    print(line, file=to or sys.stdout, flush=True)


if __name__ == "__main__":
    sys.exit(main())
