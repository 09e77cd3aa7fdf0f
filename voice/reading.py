"""How a text is read aloud: numbers and abbreviations in words, sentence by sentence."""

from __future__ import annotations

import re

_UNITS = [
    "zero",
    "um",
    "dois",
    "três",
    "quatro",
    "cinco",
    "seis",
    "sete",
    "oito",
    "nove",
    "dez",
    "onze",
    "doze",
    "treze",
    "catorze",
    "quinze",
    "dezesseis",
    "dezessete",
    "dezoito",
    "dezenove",
]
_TENS = ["vinte", "trinta", "quarenta", "cinquenta", "sessenta", "setenta", "oitenta", "noventa"]
_HUNDREDS = [
    "cento",
    "duzentos",
    "trezentos",
    "quatrocentos",
    "quinhentos",
    "seiscentos",
    "setecentos",
    "oitocentos",
    "novecentos",
]
CLEAR_ONE = "uum"
"""How the voice is given a `um` among digits: the plain spelling comes out so short that a
recogniser missed it or took it for another digit."""

_DIGIT_BY_DIGIT = re.compile(r"0\d*|1(?:9\d|53)|\d{7,}")
"""Emergency numbers and telephone numbers; 156 is clearer as one number."""
_WORDS = (
    (re.compile(r"\bSP ?156\b"), "ésse pê 156"),
    (re.compile(r"\bGCM\b"), "gê cê ême"),
    (re.compile(r"\bIPTU\b"), "i pê tê u"),
    (re.compile(r"\bSMS\b"), "ésse ême ésse"),
)
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")


def number_words(number: int) -> str:
    """A cardinal number from 0 to 999,999 in words, masculine. ValueError outside."""
    if not 0 <= number < 1_000_000:
        raise ValueError(f"{number} fora de 0 a 999.999")
    thousands, rest = divmod(number, 1000)
    if not thousands:
        return _below_thousand(rest)
    head = "mil" if thousands == 1 else f"{_below_thousand(thousands)} mil"
    if not rest:
        return head
    # "mil e cem", "mil e vinte", but "mil duzentos e trinta"
    joint = " e " if rest < 100 or rest % 100 == 0 else " "
    return head + joint + _below_thousand(rest)


def in_words(text: str) -> str:
    """The text without digits and abbreviations. Some numbers go digit by digit."""
    for pattern, words in _WORDS:
        text = pattern.sub(words, text)
    return re.sub(r"\d+", _number, text)


def sentences(text: str) -> list[str]:
    """The sentences in order, each with its own end mark."""
    return [sentence for sentence in _SENTENCE_END.split(text.strip()) if sentence]


def _number(found: re.Match[str]) -> str:
    digits = found[0]
    if _DIGIT_BY_DIGIT.fullmatch(digits):
        return " ".join(CLEAR_ONE if digit == "1" else _UNITS[int(digit)] for digit in digits)
    return number_words(int(digits))


def _below_thousand(number: int) -> str:
    if number == 100:
        return "cem"
    parts = []
    hundreds, rest = divmod(number, 100)
    if hundreds:
        parts.append(_HUNDREDS[hundreds - 1])
    if rest >= 20:
        parts.append(_TENS[rest // 10 - 2])
        rest %= 10
        if rest:
            parts.append(_UNITS[rest])
    elif rest or not hundreds:
        parts.append(_UNITS[rest])
    return " e ".join(parts)
