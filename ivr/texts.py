"""What can be said: texts in one or more languages, with gaps that are filled during the call.

    «Seu pedido é sobre {assunto}, aberto em {quando:data}.»
      └─ words, recorded ─┘└ gap ┘└ words ┘ └── gap read as a date ──┘

The words between gaps are recorded before any call; a gap's value is read aloud as its `how` says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

PORTUGUESE: Final = "pt"
LANGUAGES: Final = ("pt", "en", "es")

HOWS: Final = (
    *("texto", "digitos", "protocolo", "numero", "data", "hora", "dinheiro", "telefone"),
    *("minutos", "pessoas"),
)
"""How a gap's value is read: a text as it is, digit by digit, …; `texto` unless said otherwise."""

_GAP: Final = re.compile(r"\{([a-z][a-z0-9_]{0,39})(?::([a-z]+))?\}")


@dataclass(frozen=True, slots=True)
class Gap:
    """A place in a text for a value that is known only during the call."""

    name: str
    how: str = "texto"


Piece = str | Gap


@dataclass(frozen=True, slots=True)
class Filled:
    """A gap with its value: what the voice must read, and how."""

    value: str
    how: str


@dataclass(frozen=True, slots=True)
class Text:
    """One text, in one or more languages. Without Portuguese it is in one language alone, and
    spoken so to everyone («For English, press eight»)."""

    words: Mapping[str, tuple[Piece, ...]]

    def spoken_in(self, language: str) -> str:
        """The language in which a caller of this language hears the text."""
        for known in (language, PORTUGUESE):
            if known in self.words:
                return known
        return next(iter(self.words))

    def pieces(self, language: str) -> tuple[Piece, ...]:
        """The text as a caller of this language hears it."""
        return self.words[self.spoken_in(language)]

    def plain(self, language: str = PORTUGUESE) -> str:
        """As it was written."""
        return "".join(_written(piece) for piece in self.pieces(language)).strip()


Texts = tuple[Text, ...]
"""Said one after the other."""


def text_of(written: str) -> Text:
    """A Portuguese text. Gaps are not checked here; see `pieces_of`."""
    return Text({PORTUGUESE: pieces_of(written)})


def pieces_of(written: str) -> tuple[Piece, ...]:
    """Split a text at its gaps. Words keep their inner spaces and lose those at their ends; what
    is only punctuation after a gap belongs to nobody and is left out."""
    pieces: list[Piece] = []
    end = 0
    for gap in _GAP.finditer(written):
        pieces += _words(written[end : gap.start()])
        pieces.append(Gap(gap[1], gap[2] or "texto"))
        end = gap.end()
    return (*pieces, *_words(written[end:]))


def _words(between: str) -> tuple[str, ...]:
    words = between.strip().lstrip(".,;:!? ")
    return (words,) if re.search(r"\w", words) else ()


def _written(piece: Piece) -> str:
    if isinstance(piece, Gap):
        return f" {{{piece.name}}} "
    return piece


def fill(text: Text, language: str, data: Mapping[str, str]) -> tuple[str | Filled, ...]:
    """The pieces with the gaps' values; a gap without a value is passed over."""
    return tuple(
        piece if isinstance(piece, str) else Filled(data[piece.name], piece.how)
        for piece in text.pieces(language)
        if isinstance(piece, str) or data.get(piece.name)
    )


def recorded_words(text: Text) -> Iterator[tuple[str, str]]:
    """What needs a recording: (language, words), in order."""
    for language, pieces in text.words.items():
        for piece in pieces:
            if isinstance(piece, str):
                yield language, piece


def gaps(text: Text) -> Iterator[Gap]:
    """All gaps, in all languages."""
    for pieces in text.words.values():
        yield from (piece for piece in pieces if isinstance(piece, Gap))
