"""Phone numbers as people write them in lists → national digits, or why there is no calling them.

A list has a million of them, and the `phonenumbers` package needs some 0.1 ms for each. It is asked
once for each shape: the first digits and the length of a number, which alone decide whether it is
a landline's or a mobile's, and where (a test holds this to the package's own word). What is
doubtful is refused, never mended: a number that was guessed is somebody else's telephone.
"""

from __future__ import annotations

import re
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberType

from dialer.areas import area_of

REGION: Final = "BR"
COUNTRY: Final = "55"
SHAPE_DIGITS: Final = 4
"""The area's two, and the two that tell mobiles from landlines."""

LANDLINE_DIGITS, MOBILE_DIGITS = 8, 9
LONGEST: Final = 15
"""Digits of a whole number, with all that may be dialled before it."""

_CALLED: Final = frozenset(
    {PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
)
_SIGNS: Final = str.maketrans("", "", " \t\xa0\u2007\u202f().-/_\u2010\u2011\u2012\u2013\u2014'")
_ADDRESS: Final = re.compile(
    r"(?:tel|fone|cel|celular|telefone|whatsapp)\s*[.:]+\s*", re.IGNORECASE
)
_FLOAT: Final = re.compile(r"([0-9]{8,13})[.,]0{1,2}")
_SCIENTIFIC: Final = re.compile(r"[0-9]+(?:[.,][0-9]+)?e\+?[0-9]+", re.IGNORECASE)
_SEVERAL: Final = re.compile(r"[0-9]{8,}(?:[/,;|]|e|ou)\(?[0-9]", re.IGNORECASE)
_EXTENSION: Final = re.compile(r"\b(?:ramal|r\.|ext)", re.IGNORECASE)

EMPTY: Final = "falta o telefone"
NO_AREA: Final = "falta o DDD"
NO_NINTH: Final = "falta um algarismo (o nono, se for celular)"
NOT_HERE: Final = "o número não é do Brasil"
ROUNDED: Final = (
    "a planilha arredondou o número (1,19E+10); formate a coluna como texto e grave de novo"
)
SEVERAL: Final = "há mais de um número; deixe um só"
EXTENSION: Final = "há um ramal; só se ligam números inteiros"
LETTERS: Final = "há letras no número"
STRANGE: Final = "há sinais estranhos no número"
TOO_SHORT, TOO_LONG = "faltam algarismos no número", "há algarismos demais no número"
NO_SUCH: Final = "não existe número assim neste DDD"
NO_SUCH_AREA: Final = "não existe este DDD"
NO_PERSON: Final = "não é telefone fixo nem celular"


class Phones:
    """Understands numbers. `area`: the DDD of those that are written without one; '' = none is."""

    def __init__(self, area: str = "") -> None:
        self._area = area
        self._shapes: dict[tuple[str, int], str] = {}

    def national(self, written: str) -> tuple[str, str]:
        """The ten or eleven national digits, and ''; or '', and in Portuguese why not."""
        digits = written.translate(_SIGNS)
        plain = digits.isascii() and digits.isdigit() and len(digits) <= LONGEST
        if not plain or written[-2:] == ".0":
            digits, why = _digits_of(written)
            if why:
                return "", why
        return self._understood(digits)

    def _understood(self, digits: str) -> tuple[str, str]:
        abroad = digits.startswith("00") and not digits.startswith(f"00{COUNTRY}")
        if abroad and len(digits) > 2 + 10:
            return "", NOT_HERE
        bare = digits.lstrip("0")
        if digits[:1] == "0" and bare[:3] in ("800", "300", "500", "900") and len(bare) <= 10:
            return "", NO_PERSON
        if len(bare) in (12, 13) and bare.startswith(COUNTRY) and self._shape(bare[2:]) == "":
            bare = bare[2:].lstrip("0")
        elif len(bare) in (12, 13) and digits[:1] == "0" and self._shape(bare[2:]) == "":
            bare = bare[2:]  # 0 + the carrier's two digits + area and number
        elif len(bare) == 14 and bare.startswith(f"{COUNTRY}0"):
            bare = bare[3:]  # +55 (011) …
        if len(bare) in (LANDLINE_DIGITS, MOBILE_DIGITS):
            if not self._area or digits[:1] == "0":
                return "", NO_AREA
            bare = self._area + bare
        why = self._shape(bare)
        return ("", why) if why else (bare, "")

    def _shape(self, bare: str) -> str:
        """Why no number of this shape can be called; '' for those that can."""
        key = (bare[:SHAPE_DIGITS], len(bare))
        why = self._shapes.get(key)
        if why is None:
            why = self._shapes[key] = refused(bare)
        return why


def refused(bare: str) -> str:
    """Why these digits (area and number) cannot be called, by the package's word; '' if they
    can."""
    if not bare:
        return EMPTY
    if len(bare) < 10:
        return TOO_SHORT
    if len(bare) > 11:
        return TOO_LONG
    number = phonenumbers.PhoneNumber(country_code=int(COUNTRY), national_number=int(bare))
    if phonenumbers.is_valid_number_for_region(number, REGION):
        called = phonenumbers.number_type(number) in _CALLED and area_of(bare)
        return "" if called else NO_PERSON
    if not _is_area(bare[:2]):
        return NO_SUCH_AREA
    if len(bare) == 10 and bare[2] in "6789":
        return NO_NINTH
    return NO_SUCH


def _is_area(area: str) -> bool:
    """Whether landlines may have it: the package knows an area by its numbers."""
    digits = area + "3" * LANDLINE_DIGITS
    landline = phonenumbers.PhoneNumber(country_code=int(COUNTRY), national_number=int(digits))
    return phonenumbers.is_valid_number_for_region(landline, REGION)


def _digits_of(written: str) -> tuple[str, str]:
    """The digits of what is not digits and usual signs alone; or why there are none."""
    text = _ADDRESS.sub("", written.strip(), count=1).strip()
    if not text:
        return "", EMPTY
    if found := _FLOAT.fullmatch(text):
        return found[1], ""
    if _SCIENTIFIC.fullmatch(text):
        return "", ROUNDED
    if _EXTENSION.search(text):
        return "", EXTENSION
    if _SEVERAL.search(re.sub(r"[\s().-]", "", text)):
        return "", SEVERAL
    if text.startswith("+"):
        digits = text[1:].translate(_SIGNS)
        if digits.isascii() and digits.isdigit():
            return (f"00{digits}", "") if digits.startswith(COUNTRY) else ("", NOT_HERE)
    digits = text.translate(_SIGNS)
    if not digits:
        return "", EMPTY
    if digits.isascii() and digits.isdigit():
        return digits, ""
    return "", LETTERS if any(sign.isalpha() for sign in text) else STRANGE
