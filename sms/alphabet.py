"""How a text is written for phones, and cut into parts: GSM 03.38 where it fits, else UCS-2.

GSM 03.38 has à é è ì ò ù Ç É Ä Ö Ñ Ü ä ö ñ ü, but not á â ã ç ê í ó ô õ ú: most Portuguese needs
UCS-2, which holds 70 letters instead of 160. Whoever pays may have accents taken off instead.

    alone: 160 septets or 70 units          in parts: 153 or 67, after a header of 6 octets

A part never ends inside an escaped letter (€, [, …) nor inside a surrogate pair (emoji).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from terms.limits import SMS_CHARACTERS, SMS_PARTS

BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
ESCAPE: Final = 0x1B
EXTENDED: Final = {
    **{"\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D},
    **{"]": 0x3E, "|": 0x40, "€": 0x65},
}
_CODES: Final = {
    **{letter: bytes([code]) for code, letter in enumerate(BASIC) if code != ESCAPE},
    **{letter: bytes([ESCAPE, code]) for letter, code in EXTENDED.items()},
}
_LETTERS: Final = {code: letter for letter, code in _CODES.items()}

GSM, UCS2 = 0x00, 0x08
"""SMPP's data_coding."""

ALONE: Final = {GSM: 160, UCS2: 140}  # octets of a message by itself, a septet being written as one
IN_PARTS: Final = {GSM: 153, UCS2: 134}
LOOKS_LIKE: Final = str.maketrans(
    {
        **{"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "´": "'", "`": "'"},
        **{"–": "-", "—": "-", "…": "...", "\u00a0": " ", "º": "o", "ª": "a", "•": "-", "\t": " "},
    }
)


class TooLong(ValueError):
    """A text that is no message; says so in Portuguese."""


@dataclass(frozen=True, slots=True)
class Written:
    """A text as octets: `parts` are without their headers."""

    coding: int
    parts: tuple[bytes, ...]


def write(text: str) -> Written:
    """The text as parts. TooLong for an empty text, or one beyond SMS_CHARACTERS or SMS_PARTS."""
    if not text or len(text) > SMS_CHARACTERS:
        raise TooLong(f"o texto precisa ter de 1 a {SMS_CHARACTERS} caracteres")
    coding = GSM if is_gsm(text) else UCS2
    letters = [_octets(letter, coding) for letter in text]
    if sum(map(len, letters)) <= ALONE[coding]:
        return Written(coding, (b"".join(letters),))
    parts, part = [], b""
    for octets in letters:
        if len(part) + len(octets) > IN_PARTS[coding]:
            parts.append(part)
            part = b""
        part += octets
    parts.append(part)
    if len(parts) > SMS_PARTS:
        raise TooLong(f"o texto daria {len(parts)} mensagens; no máximo {SMS_PARTS}")
    return Written(coding, tuple(parts))


def header(reference: int, part: int, of: int) -> bytes:
    """The user data header that lets a phone join the parts again (3GPP TS 23.040, 9.2.3.24.1)."""
    return bytes([5, 0, 3, reference & 0xFF, of, part])


def is_gsm(text: str) -> bool:
    """Whether GSM 03.38 has all its letters."""
    return all(letter in _CODES for letter in text)


def read(octets: bytes, coding: int) -> str:
    """What a citizen wrote; what cannot be read is U+FFFD."""
    if coding & 0x0C == UCS2:
        return octets.decode("utf-16-be", "replace")
    if coding == 0x03:
        return octets.decode("latin-1")
    if coding == 0x01:
        return octets.decode("ascii", "replace")
    found, rest = [], iter(octets)
    for code in rest:
        one = bytes([code]) if code != ESCAPE else bytes([ESCAPE, next(rest, 0x20)])
        found.append(_LETTERS.get(one, "\ufffd"))
    return "".join(found)


def without_accents(text: str) -> str:
    """The text in letters of GSM 03.38 wherever there are any that look alike."""
    text = text.translate(LOOKS_LIKE)
    return "".join(letter if letter in _CODES else _plain(letter) for letter in text)


def _plain(letter: str) -> str:
    parts = unicodedata.normalize("NFKD", letter)
    plain = "".join(one for one in parts if not unicodedata.combining(one))
    return plain if plain and is_gsm(plain) else letter


def _octets(letter: str, coding: int) -> bytes:
    return _CODES[letter] if coding == GSM else letter.encode("utf-16-be", "replace")
