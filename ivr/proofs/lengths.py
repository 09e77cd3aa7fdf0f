"""How long texts last: their recordings, and an allowance for what is filled in during the call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ivr.texts import PORTUGUESE, Gap, Piece, Texts
from terms.names import Seconds

LengthOf = Callable[[str, str], Seconds | None]
"""The length of a recording by (language, words); None = there is none, or it does not decode."""

GAP_SECONDS: Final[Mapping[str, Seconds]] = {
    "texto": 3.0,
    "digitos": 6.0,
    "protocolo": 7.0,
    "numero": 2.5,
    "data": 3.0,
    "hora": 2.0,
    "dinheiro": 3.5,
    "telefone": 7.0,
    "minutos": 2.6,
    "pessoas": 2.2,
}
"""What a gap is counted as, by how it is read: a usual value, spoken at a usual speed."""


def languages_of(texts: Texts) -> tuple[str, ...]:
    """The languages in which any of these is written, Portuguese first."""
    return tuple(dict.fromkeys((PORTUGUESE, *(name for text in texts for name in text.words))))


def seconds_of(texts: Texts, language: str, length_of: LengthOf) -> Seconds:
    """How long all of these last, one after the other. What has no recording counts as nothing."""
    return sum(
        _seconds(piece, text.spoken_in(language), length_of)
        for text in texts
        for piece in text.pieces(language)
    )


def _seconds(piece: Piece, language: str, length_of: LengthOf) -> Seconds:
    if isinstance(piece, Gap):
        return GAP_SECONDS.get(piece.how, GAP_SECONDS["texto"])
    return length_of(language, piece) or 0.0
