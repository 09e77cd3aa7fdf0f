"""How a text is spelled for the voice: numbers and abbreviations in words, sentence by sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from voice.numbers import MOST, cardinal

CLEAR_ONE = "uum"
"""How the voice is given a `um` among digits: the plain spelling comes out so short that a
recogniser missed it or took it for another digit."""

_DIGIT_BY_DIGIT = re.compile(r"0\d*|1(?:9\d|53)|\d{7,}")
"""Emergency numbers and telephone numbers; 156 is clearer as one number."""
_WORDS: Final[Mapping[str, tuple[tuple[re.Pattern[str], str], ...]]] = {
    "pt": (
        (re.compile(r"\bSP ?156\b"), "ésse pê 156"),
        (re.compile(r"\bGCM\b"), "gê cê ême"),
        (re.compile(r"\bIPTU\b"), "i pê tê u"),
        (re.compile(r"\bSMS\b"), "ésse ême ésse"),
        (re.compile(r"\bUBS\b"), "u bê ésse"),
        (re.compile(r"\bCEP\b"), "cép"),
        (re.compile(r"\bCPF\b"), "cê pê éfe"),
        (re.compile(r"\bCNPJ\b"), "cê ene pê jota"),
    ),
    "en": ((re.compile(r"\bSP ?156\b"), "S P 156"),),
    "es": ((re.compile(r"\bSP ?156\b"), "ese pe 156"),),
}
_STREET = (  # as registers abbreviate; only in values from outside, never in texts that we wrote
    (re.compile(r"^R\.? (?=\w)", re.I), "Rua "),
    (re.compile(r"\bAv\.? (?=\w)", re.I), "Avenida "),
    (re.compile(r"\b(?:Al\.|Alam\.?) ?(?=\w)", re.I), "Alameda "),
    (re.compile(r"\b(?:Tv\.|Trav\.?) ?(?=\w)", re.I), "Travessa "),
    (re.compile(r"\b(?:P[çc]a?\.) ?(?=\w)", re.I), "Praça "),
    (re.compile(r"\bEstr?\. ?(?=\w)", re.I), "Estrada "),
    (re.compile(r"\bDr\. ?(?=\w)", re.I), "Doutor "),
    (re.compile(r"\bDra\. ?(?=\w)", re.I), "Doutora "),
    (re.compile(r"\bProf\. ?(?=\w)", re.I), "Professor "),
    (re.compile(r"\bSta\. ?(?=\w)", re.I), "Santa "),
    (re.compile(r"\bSto\. ?(?=\w)", re.I), "Santo "),
    (re.compile(r"(?:\bn[º°o]\.? ?|\bnº ?|\bnum\. ?)(?=\d)", re.I), "número "),
)
_SIGNS: Final = {
    **{"%": " por cento", "&": " e ", "+": " mais ", "/": ", ", "@": " arroba "},
    **{"º": "", "ª": "", "°": ""},
}
SPELLED_MAX: Final = 4
"""Longer than this, capitals are no abbreviation."""
_UNSPEAKABLE = re.compile(r"[^0-9A-Za-zÀ-ÖØ-öø-ÿ' ;:,.!?¿¡—…-]")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")


def in_words(text: str, language: str = "pt") -> str:
    """The text without digits and abbreviations. Some numbers go digit by digit."""
    for pattern, words in _WORDS[language]:
        text = pattern.sub(words, text)
    return re.sub(r"\d+", lambda found: _number(found[0], language), text)


def from_outside(value: str) -> str:
    """A value as a service answered it, fit to be read aloud in Portuguese: abbreviations of
    streets spelled out, capitals calmed, signs as words, and what nobody can pronounce left out."""
    text = " ".join(value.split())
    if text.isupper() and len(text) > SPELLED_MAX:
        text = text.title()  # the voice would spell some words in capitals
    for pattern, words in _STREET:
        text = pattern.sub(words, text)
    for sign, words in _SIGNS.items():
        text = text.replace(sign, words)
    text = _UNSPEAKABLE.sub(" ", in_words(text))
    text = " ".join(text.split()).replace(" ,", ",").replace(" - ", ", ")
    return text if re.search(r"\w", text) else ""


def sentences(text: str) -> list[str]:
    """The sentences in order, each with its own end mark."""
    return [sentence for sentence in _SENTENCE_END.split(text.strip()) if sentence]


def _number(digits: str, language: str) -> str:
    if _DIGIT_BY_DIGIT.fullmatch(digits) or int(digits) >= MOST:
        one = CLEAR_ONE if language == "pt" else cardinal(1, language)
        return " ".join(one if digit == "1" else cardinal(int(digit), language) for digit in digits)
    return cardinal(int(digits), language)
