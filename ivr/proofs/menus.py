"""Menus that people can follow: few subjects, each key said after what it is for, time to press
it (R86). Surveys and direct codes stay where they belong (R62)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from ivr.menu import (
    END_KEY,
    PERSON_KEY,
    CollectNode,
    LinePlan,
    MenuNode,
    Part,
    QueueNode,
    SurveyNode,
)
from ivr.proofs.findings import LANGUAGE_NAMES, Problem, comma
from ivr.proofs.flow import Flow
from ivr.proofs.graph import Graph
from ivr.texts import PORTUGUESE, Text, Texts
from terms.limits import INPUT_TIMEOUT, SUBJECTS_MAX, SURVEY_QUESTIONS
from terms.names import Seconds

LANGUAGES_KEY = "8"
FIXED_KEYS = frozenset({LANGUAGES_KEY, PERSON_KEY, END_KEY})
"""Keys that are no subjects: other languages, a person, and the key that ends."""

KEY_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "0": {"pt": ("zero",), "en": ("zero",), "es": ("cero",)},
    "1": {"pt": ("um", "uma"), "en": ("one",), "es": ("uno", "una")},
    "2": {"pt": ("dois", "duas"), "en": ("two",), "es": ("dos",)},
    "3": {"pt": ("três",), "en": ("three",), "es": ("tres",)},
    "4": {"pt": ("quatro",), "en": ("four",), "es": ("cuatro",)},
    "5": {"pt": ("cinco",), "en": ("five",), "es": ("cinco",)},
    "6": {"pt": ("seis", "meia"), "en": ("six",), "es": ("seis",)},
    "7": {"pt": ("sete",), "en": ("seven",), "es": ("siete",)},
    "8": {"pt": ("oito",), "en": ("eight",), "es": ("ocho",)},
    "9": {"pt": ("nove",), "en": ("nine",), "es": ("nueve",)},
    "#": {
        "pt": ("jogo da velha", "quadrado", "cerquilha"),
        "en": ("pound", "hash", "pound key", "hash key"),
        "es": ("almohadilla", "numeral", "gato"),
    },
}
"""How a key is said, by language."""

EXAMPLES = {
    "pt": "Nome do assunto, tecle {}.",
    "en": "Name of the subject, press {}.",
    "es": "Nombre del asunto, pulse {}.",
}

_SENTENCE = re.compile(r"[.;!?]+")
_PRESS = re.compile(
    r"(?:^|[\s,:])(?:tecle|tecla|digite|aperte|disque|marque|pressione|ou|o|a"
    r"|press|dial|key|number|or|the|pulse|presione|oprima|número|el|la)$"
)
"""Words that belong to the key, not to what it is for."""

_ASKED = re.compile(
    r"(?:tecle|digite|aperte|disque|marque|pressione|press|dial|pulse|presione|oprima)"
    r"(?: (?:a|o|la|el|the))?(?: (?:tecla|key|número|number))?$"
)
"""Words after which a number can only be a key. (`ou` and `número` may stand before any other.)"""

_NUMBERS = "|".join(
    re.escape(word) for said in KEY_WORDS.values() for words in said.values() for word in words
)
_NUMBER_NEXT = re.compile(rf",? (?:{_NUMBERS})(?!\w)")
_NUMBER_BEFORE = re.compile(rf"(?<!\w)(?:{_NUMBERS}),$")

ARTICLES = frozenset({"um", "uma", "one", "uno", "una"})
"""Words for a key that mean «some» as well: «digite um número» asks for no key 1."""


# --- options ---
def options_can_be_followed(flow: Flow) -> Iterator[Problem]:
    """Few subjects in a menu, and each key said last in a sentence about its option."""
    for name, node in flow.graph.plan.nodes.items():
        if isinstance(node, MenuNode):
            subjects = [key for key in node.options if key not in FIXED_KEYS]
            if len(subjects) > SUBJECTS_MAX:
                yield Problem(
                    ("nodes", name, "options"),
                    f"o menu '{name}' tem {len(subjects)} assuntos; o máximo é {SUBJECTS_MAX} "
                    "(fora as teclas 8, 9 e #)",
                )
            for part, texts in (("text", node.text), ("again", node.again)):
                if texts:
                    yield from _said_last(flow, name, part, texts, node.options)
                    yield from _nothing_else_said(flow, name, part, texts, node.options)
        elif isinstance(node, QueueNode) and node.options:
            waiting = flow.graph.plan.waiting
            texts = (*node.text, *waiting.before, *waiting.repeat)
            yield from _said_last(flow, name, "text", texts, node.options)


def _said_last(
    flow: Flow, name: str, part: str, texts: Texts, options: Iterable[str]
) -> Iterator[Problem]:
    """Each key is said at the end of a sentence that first said what it is for."""
    for language in flow.of(name):
        sentences = sentences_of(texts, language)
        spoken_in = {language, *(text.spoken_in(language) for text in texts)}
        for key in options:
            if not any(
                ends_with_key(sentence, key, one) for one in spoken_in for sentence in sentences
            ):
                words = KEY_WORDS.get(key, {}).get(language, (key,))
                example = EXAMPLES.get(language, EXAMPLES[PORTUGUESE]).format(words[0])
                told = "" if language == PORTUGUESE else f" em {LANGUAGE_NAMES.get(language)}"
                yield Problem(
                    ("nodes", name, part),
                    f"a tecla {key} não é dita{told} depois da sua opção; termine uma frase com "
                    f"ela, por exemplo: '{example}'",
                )


def _nothing_else_said(
    flow: Flow, name: str, part: str, texts: Texts, options: Iterable[str]
) -> Iterator[Problem]:
    """No key is offered that the menu does not have, and none for two things."""
    work = {*options, PERSON_KEY}
    for language in flow.of(name):
        written = [_plain(text, language) for text in texts]
        sentences = split(" ".join(written))
        for key, words in KEY_WORDS.items():
            said = words.get(language, ())
            if key not in work and any(_offers(one, said) for one in sentences):
                yield Problem(
                    ("nodes", name, part),
                    f"o texto oferece a tecla {key} ('{said[0]}'), e o menu não a tem: "
                    "ponha-a em 'teclas', ou tire-a do texto",
                )
        alone = {sentence for text in written for sentence in split(text)}
        for key in options:
            if sum(ends_with_key(sentence, key, language) for sentence in alone) > 1:
                yield Problem(
                    ("nodes", name, part),
                    f"a tecla {key} é dita para duas opções; diga as duas numa frase só, ou dê "
                    "outra tecla a uma delas",
                )


def _offers(sentence: str, said: Iterable[str]) -> bool:
    """Whether a sentence offers a key, said in one of these ways: as its end, or as what to
    press. A number that goes on, or that ends one, is none."""
    for word in said:
        for found in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", sentence):
            before = sentence[: found.start()].rstrip()
            last = found.end() == len(sentence)
            if _ASKED.search(before) and (last or word not in ARTICLES):
                if not _NUMBER_NEXT.match(sentence, found.end()):
                    return True
            elif last and before.endswith(",") and not _NUMBER_BEFORE.search(before):
                return bool(re.search(r"\w", before))
    return False


def sentences_of(texts: Texts, language: str) -> tuple[str, ...]:
    """The sentences of texts that are said one after the other: a sentence may go on in the next
    text, or end with its own without a full stop."""
    written = [_plain(text, language) for text in texts]
    found = [sentence for text in (" ".join(written), *written) for sentence in split(text)]
    return tuple(dict.fromkeys(found))


def split(text: str) -> list[str]:
    """A text's sentences, without their ends and in small letters."""
    return [sentence.strip().casefold() for sentence in _SENTENCE.split(text) if sentence.strip()]


def _plain(text: Text, language: str) -> str:
    return " ".join(
        piece if isinstance(piece, str) else f" {{{piece.name}}} "
        for piece in text.pieces(language)
    )


def ends_with_key(sentence: str, key: str, language: str) -> bool:
    """Whether a sentence says what a key is for, and then the key. `8` may be said in any
    language: it is for those who speak another."""
    known = KEY_WORDS.get(key, {})
    words = known.get(language, ())
    if key == LANGUAGES_KEY:
        words = tuple(word for some in known.values() for word in some)
    return any(_says_last(sentence, word) for word in (*words, key))


def _says_last(sentence: str, word: str) -> bool:
    if not re.search(rf"(?:^|[\s,:]){re.escape(word)}$", sentence):
        return False
    option = sentence.removesuffix(word).rstrip(" ,:")
    while (shorter := _PRESS.sub("", option).rstrip(" ,:")) != option:
        option = shorter
    return bool(re.search(r"\w", option))


# --- time ---
def there_is_time(plan: LinePlan) -> Iterator[Problem]:
    """On 156 a key is waited for as long as people need who are old, or look for their glasses."""
    if plan.line != "156":
        return
    written: list[tuple[Part, Seconds]] = [(("defaults", "key_seconds"), plan.defaults.key_seconds)]
    for name, node in plan.nodes.items():
        if isinstance(node, MenuNode | CollectNode) and node.key_seconds is not None:
            written.append((("nodes", name, "key_seconds"), node.key_seconds))
    for part, seconds in written:
        if seconds < INPUT_TIMEOUT:
            yield Problem(
                part,
                f"{comma(seconds)} s é pouco para achar a tecla; na linha 156 o mínimo é "
                f"{comma(INPUT_TIMEOUT)} s",
            )


# --- surveys and codes ---
def surveys_come_after(graph: Graph) -> Iterator[Problem]:
    """A survey is for 156, for those who talked to an agent, and short."""
    plan = graph.plan
    for name, node in plan.nodes.items():
        if not isinstance(node, SurveyNode):
            continue
        part: Part = ("nodes", name)
        if plan.line != "156":
            yield Problem(part, f"não há pesquisa na linha {plan.line}: só na 156")
        if name in graph.reached:
            yield Problem(
                part,
                "a pesquisa é só para quem falou com um atendente; aqui se chega sem isso: "
                f"{graph.reached.path(name)}",
            )
        if len(node.questions) > SURVEY_QUESTIONS:
            yield Problem(
                (*part, "questions"),
                f"a pesquisa tem {len(node.questions)} perguntas; o máximo é {SURVEY_QUESTIONS}",
            )


def codes_stay_in_the_menu(graph: Graph) -> Iterator[Problem]:
    """A direct code does not lead to what is for after the talk."""
    for code, target in graph.plan.codes.items():
        if target in graph.reached_after and target not in graph.by_themselves:
            yield Problem(
                ("codes", code),
                f"o código {code} não pode levar ao que vem depois da conversa: "
                f"{graph.reached_after.path(target)}",
            )
