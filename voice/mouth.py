"""The fast voice, as a process of its own: `python -m voice.mouth kokoro|rhvoice`.

It says that it is ready, then answers one request after the other, over its standard pipes:

    ← {"ready": "kokoro"}                                or {"missing": "what is not there"}
    → {"language": "pt", "words": "Rua Augusta"}
    ← {"bytes": 21342}, a line, then that many bytes: 8 kHz, 16-bit, mono samples
    ← {"wrong": "why it cannot say that"}

It never writes what it is asked to say anywhere else.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import wave
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np

from terms.limits import LIVE_SPEAKING
from voice.phonemes import Unpronounceable, VoiceMissing
from voice.sound import Sound
from voice.spelling import in_words
from voice.telephone import pcm, prompt

KOKORO, RHVOICE = "kokoro", "rhvoice"
NICENESS = 5
"""Calls come first."""
RHVOICE_PROGRAM = "RHVoice-test"
RHVOICE_VOICE = "Letícia-F123"
WARM_WORDS = "Central."

Speak = Callable[[str, str], bytes]
"""Language and words to samples. Unpronounceable, or VoiceMissing for a language it has not."""


def voices_at_hand() -> tuple[str, ...]:
    """The voices that can speak here and now, the quickest first."""
    from voice.speak import at_hand  # noqa: PLC0415  (the extra's module; it imports without it)

    found = [RHVOICE] if shutil.which(RHVOICE_PROGRAM) else []
    return (*found, KOKORO) if at_hand() else tuple(found)


def main(arguments: list[str] | None = None) -> int:
    """Speak until the requests end."""
    (voice,) = sys.argv[1:] if arguments is None else arguments
    os.nice(NICENESS)
    answers = sys.stdout.buffer
    try:
        speak = _kokoro() if voice == KOKORO else _rhvoice
        speak("pt", WARM_WORDS)
    except Exception as wrong:
        _tell(answers, {"missing": str(wrong)})
        return 1
    _tell(answers, {"ready": voice})
    for line in sys.stdin.buffer:
        try:
            asked = json.loads(line)
            samples = speak(asked["language"], asked["words"])
        except (Unpronounceable, VoiceMissing, ValueError, OSError) as wrong:
            _tell(answers, {"wrong": type(wrong).__name__})
        else:
            _tell(answers, {"bytes": len(samples)}, samples)
    return 0


def _tell(answers: BinaryIO, head: dict[str, object], samples: bytes = b"") -> None:
    answers.write(json.dumps(head).encode() + b"\n" + samples)
    answers.flush()


def _kokoro() -> Speak:
    from voice.speak import Kokoro  # noqa: PLC0415  (an extra)

    voice = Kokoro(fetch=False)
    return lambda language, words: voice(words, 1.0, language)


def _rhvoice(language: str, words: str) -> bytes:
    """RHVoice: one short-lived program for each text; Portuguese alone."""
    if language != "pt":
        raise VoiceMissing(f"a voz rápida não fala {language}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "said.wav"
        done = subprocess.run(
            (RHVOICE_PROGRAM, "-p", RHVOICE_VOICE, "-o", str(file)),
            input=in_words(words).encode(),
            capture_output=True,
            timeout=LIVE_SPEAKING,
            check=False,
        )
        if done.returncode or not file.exists():
            raise VoiceMissing(f"{RHVOICE_PROGRAM} falhou ({done.returncode})")
        with wave.open(str(file)) as said:
            rate, data = said.getframerate(), said.readframes(said.getnframes())
    sound: Sound = np.asarray(np.frombuffer(data, "<i2") / 32_768, np.float32)
    return pcm(prompt(sound, rate))


if __name__ == "__main__":
    sys.exit(main())
