"""From a text to its recording. Read at start; looks at nothing but memory during a call.

    folder/          every text of the dialplans and of the system: prompts.json and its .wav
    folder/words/    the words that values are put together from (voice/words.py), likewise
    further folders  what was recorded on this machine for a version of the dialplans

Loading reads the indexes alone, so that a restart stays short; `check` reads every file and is
for `doctor` and the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from terms.names import Seconds
from voice.index import INDEX, PORTUGUESE, Entry, PromptsBroken, plain, read_index
from voice.joining import bare, fewest
from voice.reading import PAUSE, grouped_digits, spoken
from voice.texts import NAMED, WHISPERS

__all__ = ["RECORDED_HERE", "WORDS", "Library", "PromptsBroken", "Recorded"]

WORDS = "words"
RECORDED_HERE = "vozes"
"""The state's folder of what was recorded on this machine."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording: its absolute path without the extension, as Asterisk plays it."""

    path: str
    seconds: Seconds


class Library:
    """The recordings of `folder`, its words, and `more` folders; of two recordings of one text, a
    studio's is played, else the earlier folder's. PromptsBroken when an index cannot be read; of
    the words and of `more`, a folder without an index is empty."""

    def __init__(self, folder: Path, *more: Path) -> None:
        self.folder = folder.absolute()
        self._more = tuple(one.absolute() for one in more)
        self.reload()

    def reload(self) -> None:
        """Read the indexes anew, all at once. PromptsBroken leaves everything as it was."""
        words = self.folder / WORDS
        self._read = {
            self.folder: read_index(self.folder),
            **{one: _read_if_there(one) for one in (words, *self._more)},
        }
        self.entries = self._read[self.folder]
        found: dict[tuple[str, str], Recorded] = {}
        listed = [(folder, entry) for folder, all_ in self._read.items() for entry in all_]
        for folder, entry in sorted(listed, key=lambda one: not one[1].source):
            found.setdefault(entry.key, _recorded(folder, entry))
        # Where values are put together, the words come first: they are spoken to stand in a row.
        parts: dict[tuple[str, str], Recorded] = {}
        for folder in sorted(self._read, key=lambda folder: folder != words):
            for entry in self._read[folder]:
                parts.setdefault((entry.language, bare(entry.text)), _recorded(folder, entry))
        self._found, self._parts = found, parts

    def find(self, text: str, language: str = PORTUGUESE) -> Recorded | None:
        """The recording of this text, white space aside; None when there is none."""
        return self._found.get((language, plain(text)))

    def forget_if_gone(self, path: str) -> bool:
        """Whether a recording was found until now whose file is gone or holds nothing; it is not
        found any more, until `reload`. Blocking: looks at the disk."""
        try:
            gone = Path(f"{path}.wav").stat().st_size == 0
        except OSError:
            gone = True
        if not gone:
            return False
        known = 0
        for table in (self._found, self._parts):
            for key in [key for key, one in table.items() if one.path == path]:
                del table[key]
                known += 1
        return known > 0

    def digits(self, number: str, language: str = PORTUGUESE) -> tuple[Recorded, ...]:
        """The recordings that read `number` digit by digit, in groups of three when it is long;
        whatever is no digit is skipped."""
        found = (self.find(one, language) for one in grouped_digits(number, language))
        return tuple(recorded for recorded in found if recorded is not None)

    def read(self, value: str, how: str, language: str = PORTUGUESE) -> tuple[Recorded, ...]:
        """The recordings that read a value aloud (voice.reading.spoken), put together from words;
        () when one of its words is not recorded."""
        read: list[Recorded] = []
        language, phrases = spoken(value, how, language)
        for phrase in phrases:
            whole = self.find(phrase, language)
            if whole is not None:
                read.append(whole)
                continue
            if phrase == PAUSE:
                continue
            parts = fewest(bare(phrase).split(), lambda part: (language, part) in self._parts)
            if not parts:
                return ()
            read += (self._parts[language, part] for part in parts)
        return tuple(read)

    def whisper(self, line: str) -> Recorded | None:
        """What the agent hears before a call of this line; None when nothing is recorded."""
        return self.find(WHISPERS.get(line, ""))

    def named(self, name: str) -> Recorded | None:
        """What the switch says by itself (voice.texts.NAMED); None when nothing is recorded."""
        return self.find(NAMED.get(name, ""))

    def recordings(self) -> list[tuple[str, Path]]:
        """Every whole text with its file, those recorded on this machine too; no single words."""
        return [
            (entry.text, folder / entry.file)
            for folder, entries in self._read.items()
            if folder != self.folder / WORDS
            for entry in entries
        ]

    def check(self) -> tuple[str, ...]:
        """Everything that is wrong with the files, in Portuguese. Blocking: reads all of them."""
        from voice.sound import problems_of  # noqa: PLC0415  (calls need none of it)

        return tuple(
            f"{folder / entry.file}: {problem}"
            for folder, entries in self._read.items()
            for entry in entries
            for problem in problems_of(
                folder / entry.file, entry.seconds, entry.sha256, silent=entry.text == PAUSE
            )
        )

    def must_be_sound(self) -> None:
        """PromptsBroken with every problem that `check` finds."""
        if problems := self.check():
            raise PromptsBroken(problems)


def _read_if_there(folder: Path) -> Sequence[Entry]:
    return read_index(folder) if (folder / INDEX).exists() else ()


def _recorded(folder: Path, entry: Entry) -> Recorded:
    return Recorded(str(folder / entry.file.removesuffix(".wav")), entry.seconds)
