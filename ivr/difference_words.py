"""How the difference of one value is told: a clause in Portuguese for each field of a plan.

`CLAUSES` has one row for each field of a node, of a line, of its defaults and of its waiting. A
test walks through all fields, so a new one without a row is found before anyone misses it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from ivr.menu import (
    KIND_WORDS,
    Case,
    Condition,
    Node,
    Question,
)
from ivr.texts import LANGUAGES, PORTUGUESE, Gap, Text, Texts

IN_LANGUAGE: Final = {"pt": "", "en": "em inglês ", "es": "em espanhol "}

Clauses = Callable[[Any, Any], Iterator[str]]
"""From a value before and a value now to clauses; both differ."""


def kind_of(node: Node) -> str:
    """A node's kind in the words of the files."""
    return KIND_WORDS[type(node)]


# --- values in words ---
def shown_text(texts: Texts, language: str = PORTUGUESE) -> str:
    """Texts as they were written, gaps as `{name}` or `{name:how}`; '' when nothing is said."""
    return " ".join(filter(None, (_one_text(text, language) for text in texts)))


def _one_text(text: Text, language: str) -> str:
    pieces = text.words.get(language, ())
    return " ".join(_gap(piece) if isinstance(piece, Gap) else piece for piece in pieces)


def _gap(gap: Gap) -> str:
    return f"{{{gap.name}}}" if gap.how == "texto" else f"{{{gap.name}:{gap.how}}}"


def place(name: str) -> str:
    """A node by its name; what was left open is the line's person."""
    return f"'{name}'" if name else "um atendente"


def quantity(value: Any) -> str:
    """A number as people write it; what was left open is the line's."""
    if value is None:
        return "o padrão da linha"
    if isinstance(value, bool):
        return "sim" if value else "não"
    return f"{value:g}".replace(".", ",")


def _seconds(value: Any) -> str:
    return quantity(value) if value is None else f"{quantity(value)} s"


def _name(value: Any) -> str:
    return f"'{value}'" if value else "nada"


def _needed(value: Any) -> str:
    return str(value) or "nada"


def _names(values: Any) -> str:
    return ", ".join(values) or "nada"


def condition_words(condition: Condition) -> str:
    """`dado codigo: 1 ou 2`."""
    what = f"{condition.what} {condition.of}".strip()
    return f"{what}: {' ou '.join(condition.values)}"


def case_words(case: Case) -> str:
    """A case of a decision."""
    return " e ".join(map(condition_words, case.when)) or "sempre"


# --- clauses ---
def _said(before: str, added: str, removed: str, now: str) -> Clauses:
    """For texts: one clause for each language in which they differ."""

    def clauses(old: Texts, new: Texts) -> Iterator[str]:
        told = False
        for language in LANGUAGES:
            was, text = shown_text(old, language), shown_text(new, language)
            if was == text:
                continue
            told, words = True, IN_LANGUAGE[language]
            if not was:
                yield f"{before}{words}{added} «{text}»"
            elif not text:
                yield f"{before}{words}{removed} «{was}»"
            else:
                yield f"{before}{words}{now} «{text}» (antes: «{was}»)"
        if not told:  # the same words, cut into other texts: heard with other pauses
            yield f"{before}as mesmas palavras agora são ditas em {len(new)} textos"

    return clauses


def _spoken(before: str = "") -> Clauses:
    return _said(before, "agora se ouve", "não se ouve mais", "agora se ouve")


def _changed(phrase: str, words: Callable[[Any], str]) -> Clauses:
    """`phrase` ends where the new value stands."""

    def clauses(old: Any, new: Any) -> Iterator[str]:
        yield f"{phrase} {words(new)} (antes: {words(old)})"

    return clauses


def _options(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for key in dict.fromkeys((*old, *new)):
        was, target = old.get(key), new.get(key)
        if was is None:
            yield f"a tecla {key} é nova e leva a {place(target or '')}"
        elif target is None:
            yield f"a tecla {key} não vale mais (levava a {place(was)})"
        elif was != target:
            yield f"a tecla {key} agora leva a {place(target)} (antes: {place(was)})"


def _codes(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for code in dict.fromkeys((*old, *new)):
        was, target = old.get(code), new.get(code)
        if was is None:
            yield f"o código direto {code} é novo e leva a {place(target or '')}"
        elif target is None:
            yield f"o código direto {code} não vale mais (levava a {place(was)})"
        elif was != target:
            yield f"o código direto {code} agora leva a {place(target)} (antes: {place(was)})"


def _cases(old: tuple[Case, ...], new: tuple[Case, ...]) -> Iterator[str]:
    was = {case_words(case): case.next for case in old}
    now = {case_words(case): case.next for case in new}
    for words in dict.fromkeys((*was, *now)):
        if words not in was:
            yield f"quando «{words}», agora se vai a {place(now[words])}"
        elif words not in now:
            yield f"«{words}» não decide mais (levava a {place(was[words])})"
        elif was[words] != now[words]:
            target, before = place(now[words]), place(was[words])
            yield f"quando «{words}», agora se vai a {target} (antes: {before})"
    if was == now:
        yield "os casos agora são vistos em outra ordem"


def _given(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    def words(given: Mapping[str, str]) -> str:
        return _names([f"{parameter} = {variable}" for parameter, variable in given.items()])

    yield f"agora se informa {words(new)} (antes: {words(old)})"


def _questions(old: tuple[Question, ...], new: tuple[Question, ...]) -> Iterator[str]:
    was, now = ({one.name: one.text for one in each} for each in (old, new))
    for name in dict.fromkeys((*was, *now)):
        if name not in was:
            yield f"há uma pergunta nova, '{name}': «{shown_text(now[name])}»"
        elif name not in now:
            yield f"não se pergunta mais '{name}': «{shown_text(was[name])}»"
        elif was[name] != now[name]:
            yield from _spoken(f"na pergunta '{name}' ")(was[name], now[name])
    if was == now:
        yield "as perguntas agora vêm em outra ordem"


CLAUSES: Final[Mapping[str, Clauses]] = {
    # of nodes
    "language": _changed("daqui em diante se fala", _name),
    "barge_in": _changed("uma tecla interrompe a fala:", quantity),
    "text": _spoken(),
    "again": _spoken("na segunda vez "),
    "echo": _spoken("para confirmar o número "),
    "next": _changed("depois se vai a", place),
    "options": _options,
    "gives_up": _changed("quem não escolhe agora vai a", place),
    "tries": _changed("o número de tentativas agora é", quantity),
    "key_seconds": _changed("a tecla agora é esperada por", _seconds),
    "variable": _changed("o que se digita agora é guardado como", _name),
    "kind": _changed("agora se pede um número do formato", _name),
    "least": _changed("o menor número de algarismos agora é", quantity),
    "most": _changed("o maior número de algarismos agora é", quantity),
    "failed": _changed("quando não dá certo, agora se vai a", place),
    "cases": _cases,
    "otherwise": _changed("quando nenhum caso vale, agora se vai a", place),
    "service": _changed("agora se consulta", _name),
    "given": _given,
    "found": _changed("quando a consulta acha, agora se vai a", place),
    "missing": _changed("quando a consulta não acha, agora se vai a", place),
    "seconds": _changed("agora se espera até", _seconds),
    "queue": _changed("a ligação agora vai para a fila", _name),
    "priority": _changed("a prioridade agora é", quantity),
    "needs": _changed("a chamada agora precisa também de", _needed),
    "note": _changed("o atendente agora lê o assunto", _name),
    "line": _changed("a ligação agora passa à linha", str),
    "destination": _changed("a ligação agora é transferida para", _name),
    "questions": _questions,
    # of lines
    "start": _changed("a ligação agora começa em", place),
    "person": _changed("quem o menu não ajuda agora vai para a fila", _name),
    "person_priority": _changed("quem o menu não ajuda agora tem a prioridade", quantity),
    "after": _changed("depois da conversa agora se vai a", _name),
    "short_start": _changed("o menu resumido agora começa em", _name),
    "short_when": _changed("o menu resumido agora vale no horário", _name),
    "codes": _codes,
    "languages": _changed("os idiomas agora são", _names),
    # of what holds for a whole line
    "between_seconds": _changed("entre dois algarismos agora se espera", _seconds),
    "typing_tries": _changed("um número agora pode ser digitado errado", quantity),
    "wrong": _spoken("depois de uma tecla errada "),
    "silent": _spoken("depois de um silêncio "),
    "mistyped": _spoken("depois de um número errado "),
    "protocol_key": _changed("a tecla que diz o protocolo de novo agora é", _name),
    # of waiting
    "before": _spoken("ao entrar na fila "),
    "speak_protocol": _changed("o protocolo é dito na espera:", quantity),
    "protocol_text": _spoken("antes do número do protocolo "),
    "every_seconds": _changed("os avisos da espera agora vêm a cada", _seconds),
    "repeat": _spoken("de tempo em tempo "),
    # … what is foretold, and calling back
    "ahead_text": _spoken("sobre quem está na frente "),
    "wait_text": _spoken("sobre o tempo "),
    "forecast_seconds": _changed("a previsão agora é dita a cada", _seconds),
    "call_back_key": _changed("a tecla que pede o retorno agora é", _name),
    "longer_than": _changed("o retorno agora é oferecido quando a espera pode passar de", _seconds),
    "offer_seconds": _changed("o retorno agora é oferecido a cada", _seconds),
    "offer_text": _spoken("ao oferecer o retorno "),
    "confirm_text": _spoken("para confirmar o retorno "),
    "promised_text": _spoken("com o retorno marcado "),
    "unpromised_text": _spoken("quando o retorno não pôde ser marcado "),
}
"""Field → what is told when it differs."""
