"""`fala`: what is said. A text with gaps, a list of texts, a text in several languages, or the
name of a shared text of comum.yaml."""

from __future__ import annotations

import re
from typing import Any, Final

from ivr.checker import nearest
from ivr.menu import Part
from ivr.texts import HOWS, LANGUAGES, PORTUGUESE, Gap, Piece, Text, Texts, pieces_of
from reader.forms import BECAUSE, NAME, Reading, Schema, Sheet, entries_of, place, remark, shown
from reader.readings import ANY_TEXT, one_text
from reader.yaml_text import Entries, Entry, Items, Refused, Tree
from reader.yaml_text import Text as Written
from terms.limits import SPOKEN_CHARACTERS, TEXTS_IN_A_ROW

_GAP: Final = re.compile(r"\{[a-z][a-z0-9_]{0,39}(?::[a-z]+)?\}")


def _texts(sheet: Sheet, tree: Tree, part: Part) -> Texts:
    if not isinstance(tree, Items):
        return _placed(sheet, part, 0, _one(sheet, tree, part))
    if not 1 <= len(tree.items) <= TEXTS_IN_A_ROW:
        sheet.wrong_at(
            part, f"há {len(tree.items)} textos nesta lista; use de 1 a {TEXTS_IN_A_ROW}"
        )
    found: Texts = ()
    for item in tree.items[:TEXTS_IN_A_ROW]:
        here = (*part, str(len(found)))
        sheet.marks[here] = item.mark
        found += _placed(sheet, part, len(found), _one(sheet, item, here))
    return found


def _placed(sheet: Sheet, part: Part, first: int, texts: Texts) -> Texts:
    """Each text's number in the whole, placed where it is written: a shared one may be several."""
    mark = sheet.mark_of((*part, str(first)))
    for number in range(first, first + len(texts)):
        sheet.marks[(*part, str(number))] = mark
    return texts


def _one(sheet: Sheet, tree: Tree, part: Part) -> Texts:
    if isinstance(tree, Entries):
        return _in_languages(sheet, tree, part)
    if isinstance(tree, Written) and NAME.fullmatch(tree.text.strip()):
        return _shared(sheet, tree.text.strip(), part)
    text = _whole(sheet, tree, part)
    if text is None:
        return ()
    pieces = _pieces(sheet, text, part)
    return (Text({PORTUGUESE: pieces}),) if pieces else ()


def _whole(sheet: Sheet, tree: Tree, part: Part) -> str | None:
    """A text of which nothing was taken for a remark: «tecle #» would lose its key unnoticed."""
    text = one_text(sheet, tree, part)
    if isinstance(tree, Written) and tree.remarked:
        sheet.wrong_at(
            part,
            "o que vem depois de # não seria dito: ponha o texto entre aspas, ou o comentário na "
            "linha de cima",
        )
    return text


def _shared(sheet: Sheet, text: str, part: Part) -> Texts:
    known = sheet.given.texts
    if sheet.given.sharing:
        sheet.wrong_at(part, f"'{text}' parece o nome de outro texto; aqui se escreve o texto todo")
        return ()
    if text in known:
        return in_languages(known[text], sheet.given.languages)
    if not sheet.given.whole:
        return ()
    hint = nearest(text, known) or "; se é para ser dito assim, escreva-o com um ponto final"
    sheet.wrong_at(part, f"o texto comum '{text}' não existe em comum.yaml{hint}")
    return ()


def in_languages(texts: Texts, languages: tuple[str, ...]) -> Texts:
    """The texts in no more languages than a line speaks."""
    spoken = (
        {one: pieces for one, pieces in text.words.items() if one in languages} for text in texts
    )
    return tuple(Text(words) for words in spoken if words)


def _in_languages(sheet: Sheet, tree: Entries, part: Part) -> Texts:
    words: dict[str, tuple[Piece, ...]] = {}
    entries = entries_of(sheet, tree, part, "um texto em vários idiomas") or []
    for entry in entries:
        here = (*part, entry.key)
        place(sheet, entry, here)
        if entry.key == BECAUSE:
            remark(sheet, entry.value, here)
        elif _speaks(sheet, entry):
            text = _whole(sheet, entry.value, here)
            words[entry.key] = _pieces(sheet, text, here) if text is not None else ()
    written = {entry.key for entry in entries} & {*LANGUAGES}
    if len(written) > 1 and PORTUGUESE not in written:
        sheet.wrong_at(
            part,
            "falta 'pt': um texto em vários idiomas existe também em português "
            "(em um só idioma, ele é dito assim a todos)",
        )
    whole = all(words.values()) and (len(written) == 1 or PORTUGUESE in words)
    return (Text(words),) if whole and words else ()


def _speaks(sheet: Sheet, entry: Entry) -> bool:
    if isinstance(entry.value, Refused):
        return False
    if entry.key not in LANGUAGES:
        sheet.wrong(
            entry.mark,
            f"idioma desconhecido '{shown(entry.key)}'; os idiomas são {', '.join(LANGUAGES)} "
            "(um texto que começa por { precisa de aspas)",
        )
        return False
    if entry.key not in sheet.given.languages:
        spoken = ", ".join(sheet.given.languages)
        sheet.wrong(
            entry.mark,
            f"esta linha não fala '{entry.key}'; acrescente-o em 'idiomas' (agora: {spoken})",
        )
        return False
    return True


def _pieces(sheet: Sheet, text: str, part: Part) -> tuple[Piece, ...]:
    """A text's words and gaps; () when something is wrong with it."""
    text = " ".join(text.split())
    if len(text) > SPOKEN_CHARACTERS:
        sheet.wrong_at(part, f"o texto tem {len(text)} letras; o máximo é {SPOKEN_CHARACTERS}")
        return ()
    if re.search(r"[{}]", _GAP.sub("", text)):
        sheet.wrong_at(
            part, "lacuna inválida: escreva {nome} ou {nome:como}, com letras minúsculas sem acento"
        )
        return ()
    pieces = pieces_of(text)
    if not pieces:
        sheet.wrong_at(part, f"não há nada para dizer em '{shown(text)}'")
    for gap in pieces:
        if isinstance(gap, Gap) and gap.how not in HOWS:
            hint = nearest(gap.how, HOWS) or f"; use {', '.join(HOWS)}"
            sheet.wrong_at(part, f"não se sabe ler uma lacuna como '{gap.how}'{hint}")
            return ()
    return pieces


def _single(sheet: Sheet, tree: Tree, part: Part) -> Texts:
    if isinstance(tree, Items):
        sheet.wrong_at(part, "aqui cabe um só texto, não uma lista")
        return ()
    texts = _one(sheet, tree, part)
    if len(texts) > 1:
        written = tree.text.strip() if isinstance(tree, Written) else ""
        sheet.wrong_at(part, f"aqui cabe um só texto, e '{shown(written)}' são {len(texts)}")
    return texts[:1]


_LANGUAGES_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        **{language: ANY_TEXT for language in LANGUAGES},
        BECAUSE: remark.schema,
    },
    "anyOf": [
        {"required": [PORTUGUESE]},
        *({"maxProperties": 2, "required": [one]} for one in LANGUAGES if one != PORTUGUESE),
    ],
    "additionalProperties": False,
}
_ONE_SCHEMA: Final[Schema] = {"title": "texto", "anyOf": [ANY_TEXT, _LANGUAGES_SCHEMA]}

texts: Final = Reading(
    _texts,
    {
        "title": "fala",
        "anyOf": [
            _ONE_SCHEMA,
            {
                "type": "array",
                "items": _ONE_SCHEMA,
                "minItems": 1,
                "maxItems": TEXTS_IN_A_ROW,
            },
        ],
    },
)
"""Everything that may be said at one place, in order; () when it is wrong."""

single: Final = Reading(_single, _ONE_SCHEMA)
"""One text as a tuple of one; () when it is wrong."""
