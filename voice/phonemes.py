"""From words to the numbers that the voice model reads.

espeak-ng knows how Brazilian Portuguese, American English and Latin American Spanish are
pronounced; the model (Kokoro-82M, Apache-2.0) wants
its own alphabet, in which a few double sounds are one letter.
"""

from __future__ import annotations

import re
import subprocess
import unicodedata
from collections.abc import Mapping
from typing import Final

ESPEAK_SECONDS = 10.0

ALPHABET: Final[dict[str, int]] = {
    **dict(zip(";:,.!?", range(1, 7), strict=True)),
    **{"—": 9, "…": 10, '"': 11, "(": 12, ")": 13, "“": 14, "”": 15, " ": 16, "\u0303": 17},
    **dict(zip("ʣʥʦʨᵝꭧAI", range(18, 26), strict=True)),
    **{"O": 31, "Q": 33, "S": 35, "T": 36, "W": 39, "Y": 41, "ᵊ": 42},
    **dict(zip("abcdef", range(43, 49), strict=True)),
    **dict(zip("hijklmnopqrstuvwxyz", range(50, 69), strict=True)),
    **dict(zip("ɑɐɒæ", range(69, 73), strict=True)),
    **{"β": 75, "ɔ": 76, "ɕ": 77, "ç": 78, "ɖ": 80, "ð": 81, "ʤ": 82, "ə": 83, "ɚ": 85},
    **{"ɛ": 86, "ɜ": 87, "ɟ": 90, "ɡ": 92, "ɥ": 99, "ɨ": 101, "ɪ": 102, "ʝ": 103},
    **dict(zip("ɯɰŋɳɲɴø", range(110, 117), strict=True)),
    **{"ɸ": 118, "θ": 119, "œ": 120, "ɹ": 123, "ɾ": 125, "ɻ": 126, "ʁ": 128, "ɽ": 129},
    **{"ʂ": 130, "ʃ": 131, "ʈ": 132, "ʧ": 133, "ʊ": 135, "ʋ": 136, "ʌ": 138, "ɣ": 139},
    **{"ɤ": 140, "χ": 142, "ʎ": 143, "ʒ": 147, "ʔ": 148, "ˈ": 156, "ˌ": 157, "ː": 158},
    **{"ʰ": 162, "ʲ": 164, "↓": 169, "→": 171, "↗": 172, "↘": 173, "ᵻ": 177},
}
"""The model's letters (its configuration's `vocab`); 0 stands before and after a sentence."""

_ONE_LETTER: Final[tuple[tuple[str, str], ...]] = (
    ("a^ɪ", "I"),
    ("a^ʊ", "W"),
    ("d^z", "ʣ"),
    ("d^ʒ", "ʤ"),
    ("e^ɪ", "A"),
    ("o^ʊ", "O"),
    ("ə^ʊ", "Q"),
    ("s^s", "S"),
    ("t^s", "ʦ"),
    ("t^ʃ", "ʧ"),
    ("ɔ^ɪ", "Y"),
)
_LETTERS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "pt": _ONE_LETTER,
    "es": _ONE_LETTER,
    "en": (  # how the model learnt American English; longer sounds come first
        ("ʔˌn\u0329", "tᵊn"),
        ("ʔn\u0329", "tᵊn"),
        ("n\u0329", "ᵊn"),
        ("l\u0329", "ᵊl"),
        *_ONE_LETTER,
        ("ə^l", "ᵊl"),
        ("ɜːɹ", "ɜɹ"),
        ("ɜː", "ɜɹ"),
        ("ɪ^ə", "iə"),
        ("ɪə", "iə"),
        ("ɚ", "əɹ"),
        ("ɐ", "ə"),
        ("r", "ɹ"),
        ("x", "k"),
        ("ɾ", "T"),
        ("ʔ", "t"),
        ("ː", ""),
    ),
}
_ESPEAK: Final = {"pt": "pt-br", "en": "en-us", "es": "es-419"}
_STRANGE = re.compile(r"[^A-Za-zÀ-ÖØ-öø-ÿ'’ ;:,.!?¿¡—…\"()“”-]")
_MARKS = re.compile(r"\s*([;:,.!?—…\"()“”])\s*")


class VoiceMissing(Exception):
    """The voice cannot be used here; the message says what to do, in Portuguese."""


class Unpronounceable(Exception):
    """Words that cannot become sounds; the message says why, in Portuguese."""


def tokens_of(sentence: str, language: str = "pt") -> list[int]:
    """The model's input for one sentence. Unpronounceable if a part of it would be lost."""
    letters = phonemes(sentence, language)
    unknown = sorted({letter for letter in letters if letter not in ALPHABET})
    if unknown:
        raise Unpronounceable(f"sons que a voz não conhece ({''.join(unknown)}): «{sentence}»")
    return [ALPHABET[letter] for letter in letters]


def phonemes(sentence: str, language: str = "pt") -> str:
    """The sentence in the model's letters; its punctuation stays, for it carries the melody.

    Unpronounceable if it has signs that espeak-ng would spell out or leave out."""
    strange = "".join(sorted(set(_STRANGE.findall(sentence))))
    if strange:
        raise Unpronounceable(f"escreva por extenso os sinais {strange} em «{sentence}»")
    parts = _MARKS.split(re.sub("[¿¡]", "", sentence).strip())
    said = []
    for place, part in enumerate(parts):
        if place % 2:
            said.append(part if part in "(“" else f"{part} ")
        elif part:
            said.append(_espeak(part, language))
    return "".join(said).strip()


def _espeak(words: str, language: str) -> str:
    """Words between two punctuation marks, pronounced."""
    command = ("espeak-ng", "-v", _ESPEAK[language], "-q", "--ipa=3", "--tie=^", "--stdin")
    try:
        done = subprocess.run(
            command, input=words, capture_output=True, text=True, timeout=ESPEAK_SECONDS, check=True
        )
    except FileNotFoundError:
        raise VoiceMissing("falta o programa espeak-ng: apt-get install espeak-ng") from None
    except (subprocess.SubprocessError, OSError) as wrong:
        raise Unpronounceable(f"o espeak-ng falhou em «{words}»: {wrong}") from None
    sounds = " ".join(done.stdout.split())
    sounds = re.sub(r"\([a-z-]+\)", "", sounds)  # marks of a word taken as another language's
    for double, letter in _LETTERS[language]:
        sounds = sounds.replace(double, letter)
    sounds = sounds.replace("^", "").replace("-", "")
    return "".join(
        letter if letter in ALPHABET else unicodedata.normalize("NFD", letter) for letter in sounds
    )
