"""From a text to its recording. Read once at start; looks at nothing but memory during a call.

Loading reads the index alone, so that a restart stays short; `check` reads every file and is for
`doctor` and the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from terms.limits import PROMPT_LENGTH_OFF, PROMPT_PEAK, PROMPT_QUIET_FIRST, PROMPT_QUIETEST
from terms.names import Seconds
from voice.index import Entry, PromptsBroken, plain, read_index
from voice.sound import Measure, NotAPrompt, measure, read_samples
from voice.texts import DIGITS, NAMED, WHISPERS

__all__ = ["Library", "PromptsBroken", "Recorded"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording: its absolute path without the extension, as Asterisk plays it."""

    path: str
    seconds: Seconds


class Library:
    """The recordings of one folder. PromptsBroken when its index cannot be read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.entries = read_index(self.folder)
        self._by_text = {plain(entry.text): self._recorded(entry) for entry in self.entries}

    def find(self, text: str) -> Recorded | None:
        """The recording of this text, white space aside; None when there is none."""
        return self._by_text.get(plain(text))

    def digits(self, number: str) -> tuple[Recorded, ...]:
        """The recordings that read `number` digit by digit; whatever is no digit is skipped."""
        found = (self.find(DIGITS[digit]) for digit in number if digit in DIGITS)
        return tuple(recorded for recorded in found if recorded is not None)

    def whisper(self, line: str) -> Recorded | None:
        """What the agent hears before a call of this line; None when nothing is recorded."""
        return self.find(WHISPERS.get(line, ""))

    def named(self, name: str) -> Recorded | None:
        """What the switch says by itself (voice.texts.NAMED); None when nothing is recorded."""
        return self.find(NAMED.get(name, ""))

    def check(self) -> tuple[str, ...]:
        """Everything that is wrong with the files, in Portuguese. Blocking: reads all of them."""
        problems: list[str] = []
        for entry in self.entries:
            file = self.folder / entry.file
            problems += (f"{file}: {problem}" for problem in _problems(entry, file))
        return tuple(problems)

    def must_be_sound(self) -> None:
        """PromptsBroken with every problem that `check` finds."""
        if problems := self.check():
            raise PromptsBroken(problems)

    def _recorded(self, entry: Entry) -> Recorded:
        return Recorded(str(self.folder / entry.file.removesuffix(".wav")), entry.seconds)


def _problems(entry: Entry, file: Path) -> list[str]:
    """What is wrong with one recording."""
    try:
        samples = read_samples(file)
        digest = sha256(file.read_bytes()).hexdigest()
    except NotAPrompt as wrong:
        return [str(wrong)]
    problems = []
    if digest != entry.sha256:
        problems.append("o conteúdo não é o que o índice registra (sha256 diferente)")
    return problems + _sound_problems(measure(samples), entry.seconds)


def _sound_problems(heard: Measure, listed: Seconds) -> list[str]:
    """What a listener would complain of."""
    problems = []
    if abs(heard.seconds - listed) > PROMPT_LENGTH_OFF:
        problems.append(f"dura {heard.seconds:.2f} s, mas o índice diz {listed:.2f} s")
    if heard.level < PROMPT_QUIETEST:
        problems.append(f"baixo demais ou mudo: {heard.level:.0f} dB (mínimo {PROMPT_QUIETEST:g})")
    elif heard.quiet_first > PROMPT_QUIET_FIRST:
        most = f"máximo {PROMPT_QUIET_FIRST:g} s"
        problems.append(f"começa com {heard.quiet_first:.2f} s de silêncio ({most})")
    if heard.peak > PROMPT_PEAK:
        problems.append(f"som cortado: pico de {heard.peak:.1f} dB (máximo {PROMPT_PEAK:g})")
    return problems
