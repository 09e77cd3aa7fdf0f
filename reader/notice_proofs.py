"""What must hold of a notice before anybody hears it: its text names each key that does something
and no other, a person can be reached or the campaign says why not, and it is short enough.

A key is named in a sentence that asks for one («tecle um para confirmar, dois para…»).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from dialer.campaign import KeyMeans, Mode
from dialer.notice import PERSON_KEY
from ivr.checker import nearest
from ivr.menu import Part
from ivr.proofs.menus import KEY_WORDS, split
from ivr.texts import HOWS, PORTUGUESE
from reader.forms import Sheet, shown
from terms.limits import NOTICE_CHARACTERS

ASKS: Final = r"(?:tecle|tecla|digite|aperte|disque|marque|pressione)(?: a)?(?: tecla)?(?: número)?"
"""Words that ask for a key."""

_KEY_OF: Final[Mapping[str, str]] = {
    word: key
    for key, words in KEY_WORDS.items()
    if key.isdecimal()
    for word in (key, *words[PORTUGUESE])
}
_WORDS: Final = "|".join(map(re.escape, _KEY_OF))
_ASKED: Final = re.compile(ASKS)
_NAMED: Final = re.compile(
    rf"(?:{ASKS} |, (?:ou |e )?|\bou |\be )({_WORDS})(?=$|,| (?:para|se|quando|caso|e|ou)\b)"
)
_GAP: Final = re.compile(r"\{([^{}]*)\}")


def named_keys(text: str) -> frozenset[str]:
    """The keys that a text asks for."""
    return frozenset(
        _KEY_OF[found[1]]
        for sentence in split(text)
        if (asked := _ASKED.search(sentence)) is not None
        for found in _NAMED.finditer(sentence, asked.start())
    )


def notice_mistakes(
    spoken: str, keys: Mapping[str, KeyMeans], queue: str, alone: str
) -> Iterator[tuple[Part, str]]:
    """What is wrong with a notice, each with the key of the file. `alone`: why nobody can be
    asked for."""
    if len(spoken) > NOTICE_CHARACTERS:
        said = f"a fala tem {len(spoken)} letras; quem atende ouve até {NOTICE_CHARACTERS}"
        yield ("spoken",), said
    named = named_keys(spoken)
    for key, means in keys.items():
        if key not in named:
            word = KEY_WORDS[key][PORTUGUESE][0]
            yield ("spoken",), f"a fala não diz a tecla {key} ({means}): 'tecle {word} para…'"
        if key == PERSON_KEY and queue and means is not KeyMeans.PERSON:
            said = f"a tecla 9 leva sempre a um atendente; dê outra tecla a '{means}'"
            yield ("keys", key), said
    for key in sorted(named - keys.keys()):
        if key != PERSON_KEY or not queue:
            said = f"a fala oferece a tecla {key}, e 'teclas' não a tem"
            yield ("spoken",), said
    reached = KeyMeans.PERSON in keys.values() or (bool(queue) and PERSON_KEY in named)
    if not reached and not alone:
        yield (
            ("spoken",),
            "ninguém é oferecido a quem ouve: ponha a tecla 9 (atendente) e a 'fila', ou diga por "
            "que não em 'sem_atendente'",
        )
    if reached and alone:
        yield ("alone",), "há uma tecla que leva a um atendente: tire 'sem_atendente'"


# --- the texts of a file ---
def texts_fit(sheet: Sheet, values: Mapping[str, Any]) -> None:
    """Each text is there where its mode needs it, and names the list's fields and no others."""
    _fields_named(sheet, values)
    if values["mode"]:  # of an unknown one nobody knows what it needs
        without = values["mode"] == Mode.AGENTLESS.value
        (_without_agents if without else _with_agents)(sheet, values)


def _fields_named(sheet: Sheet, values: Mapping[str, Any]) -> None:
    """A text may name the list's fields, and no others."""
    known = values["mapped"].fields
    hows = {gap.partition(":")[2] for gap in _GAP.findall(values["spoken"]) if ":" in gap}
    for how in sorted(hows - {*HOWS}):
        hint = nearest(how, HOWS) or f"; use {', '.join(HOWS)}"
        sheet.wrong_at(("spoken",), f"não se sabe ler um campo como '{shown(how)}'{hint}")
    for key in ("script", "spoken"):
        for gap in dict.fromkeys(_GAP.findall(values[key])):
            wanted = gap.partition(":")[0] if key == "spoken" else gap
            if wanted not in known:
                hint = nearest(wanted, known) or "; os campos se dizem em 'lista'"
                sheet.wrong_at((key,), f"campo desconhecido '{{{shown(wanted)}}}'{hint}")


def _without_agents(sheet: Sheet, values: Mapping[str, Any]) -> None:
    if not values["spoken"]:
        sheet.wrong_at(("mode",), "o modo aviso precisa de 'fala': o texto que o cidadão ouve")
    if values["script"]:
        sheet.wrong_at(("script",), "no modo aviso ninguém lê um 'roteiro'; use 'fala'")
    if KeyMeans.PERSON in values["keys"].values() and not values["queue"]:
        sheet.wrong_at(("keys",), "a tecla que leva a um atendente precisa de 'fila'")


def _with_agents(sheet: Sheet, values: Mapping[str, Any]) -> None:
    if not values["queue"]:
        sheet.wrong_at(("mode",), "falta a chave 'fila': quem fala com o cidadão")
    for key, word in (("spoken", "fala"), ("keys", "teclas"), ("alone", "sem_atendente")):
        if values[key]:
            sheet.wrong_at((key,), f"'{word}' só vale no modo aviso: aqui um atendente fala")
