"""comum.yaml: what the lines share. Defaults of all nodes, texts and nodes by their names, numbers
outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

from ivr.menu import END_KEY, PERSON_KEY, LinePlan, Node, Part, Question, QueueNode, SurveyNode
from ivr.texts import Texts
from ivr.ways import exits
from reader.forms import (
    Form,
    Key,
    Reading,
    Sheet,
    list_of,
    names_to,
    read_form,
    record,
)
from reader.node_kinds import KEY_SECONDS, TRIES
from reader.nodes import nodes
from reader.readings import digits_like, duration, one_of, yes_no
from reader.spoken import in_languages, texts
from reader.yaml_text import Entries, Tree
from terms.limits import (
    BETWEEN_DIGITS_MAX,
    BETWEEN_DIGITS_MIN,
    RELAY_NUMBERS,
)
from terms.names import QueueName

_PHONE: Final = r"\+?[0-9]{2,15}"


# --- what stands where a node says nothing ---
def _only_written(sheet: Sheet, part: Part, values: dict[str, Any]) -> dict[str, Any]:
    """What a file says of the defaults; what it leaves out is another's to say."""
    return {key: value for key, value in values.items() if value is not None}


DEFAULTS: Form = {
    "tentativas": Key("tries", TRIES, None, says="Quantas vezes um menu pergunta."),
    "espera_da_tecla": Key("key_seconds", KEY_SECONDS, None, says="Por exemplo: 7 s"),
    "espera_entre_digitos": Key(
        "between_seconds", duration(BETWEEN_DIGITS_MIN, BETWEEN_DIGITS_MAX), None
    ),
    "tentativas_de_digitacao": Key("typing_tries", TRIES, None),
    "interrompe": Key("barge_in", yes_no, None, says="Se uma tecla interrompe a fala."),
    "tecla_errada": Key("wrong", texts, None, says="Dito depois de uma tecla errada."),
    "sem_tecla": Key("silent", texts, None, says="Dito depois de um silêncio."),
    "numero_errado": Key("mistyped", texts, None, says="Dito depois de um número inválido."),
    "tecla_do_protocolo": Key(
        "protocol_key",
        one_of([*(digit for digit in "0123456789" if digit != PERSON_KEY), END_KEY]),
        None,
        says="Na espera e na pesquisa, repete o protocolo.",
    ),
}
defaults: Final = record(DEFAULTS, "padroes", _only_written)


@dataclass(frozen=True, slots=True)
class Common:
    """What comum.yaml gives to all lines. `whole`: nothing was wrong with it."""

    defaults: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, Texts] = field(default_factory=dict)
    nodes: Mapping[str, Node] = field(default_factory=dict)
    destinations: Mapping[str, str] = field(default_factory=dict)
    relay_numbers: tuple[str, ...] = ()
    whole: bool = True


def shared_nodes(common: Common, plan: LinePlan) -> dict[str, Node]:
    """The shared nodes that a plan leads to and does not have itself, in their file's order. In a
    broken file everything may have been: what is named stands for an unnamed queue then."""
    wanted: set[str] = set()
    waiting = [plan.start, plan.after, plan.short_start, *plan.codes.values()]
    waiting += [target for node in plan.nodes.values() for _, target in exits(node)]
    while waiting:
        target = waiting.pop()
        if not target or target in plan.nodes or target in wanted:
            continue
        if target in common.nodes:
            waiting += [further for _, further in exits(common.nodes[target])]
        if target in common.nodes or not common.whole:
            wanted.add(target)
    found = {
        name: _node_in(node, plan.languages)
        for name, node in common.nodes.items()
        if name in wanted
    }
    return {name: QueueNode(name, QueueName("")) for name in sorted(wanted - {*found})} | found


def _node_in(node: Node, languages: tuple[str, ...]) -> Node:
    """A shared node that speaks no more languages than the line."""
    changed: dict[str, Any] = {
        one.name: in_languages(getattr(node, one.name), languages)
        for one in fields(node)
        if one.name in ("text", "again", "echo")
    }
    if isinstance(node, SurveyNode):
        changed["questions"] = tuple(
            Question(question.name, in_languages(question.text, languages))
            for question in node.questions
        )
    return replace(node, **changed)


# --- the file ---
def _shared_texts(sheet: Sheet, tree: Tree, part: Part) -> Mapping[str, Texts]:
    given = sheet.given
    sheet.given = replace(given, sharing=True)
    found: Mapping[str, Texts] = _TEXTS(sheet, tree, part)
    sheet.given = given
    return found


_TEXTS: Final = names_to(texts, "textos")
COMMON: Final[Form] = {
    "padroes": Key(
        "defaults", defaults, {}, {}, "O que vale quando uma etapa não diz outra coisa."
    ),
    "textos": Key(
        "texts",
        Reading(_shared_texts, _TEXTS.schema),
        {},
        {},
        "Textos que as linhas usam pelo nome.",
    ),
    "etapas": Key("nodes", nodes, {}, {}, "Etapas que as linhas usam pelo nome."),
    "destinos": Key(
        "destinations",
        names_to(digits_like(_PHONE, "um número de telefone, só com algarismos"), "destinos"),
        {},
        {},
        "Números de fora, para transferências.",
    ),
    "intermediacao": Key(
        "relay_numbers",
        list_of(
            digits_like(_PHONE, "um número de telefone, só com algarismos"),
            "intermediacao",
            RELAY_NUMBERS,
        ),
        (),
        (),
        "Números que anunciam uma ligação intermediada para pessoas surdas.",
    ),
}


def read_common(sheet: Sheet, tree: Tree, file: str) -> Common:
    """What the lines share. Its texts may be named in its own nodes and defaults, not in texts."""
    aside = Sheet(sheet.file)  # its mistakes are noted when the form is read
    found: Mapping[str, Texts] = {}
    for entry in tree.entries if isinstance(tree, Entries) else ():
        if entry.key == "textos":
            found = _shared_texts(aside, entry.value, ("texts",))
    sheet.given = replace(sheet.given, texts=found, whole=not aside.mistakes)
    values = read_form(sheet, tree, (), COMMON, file)
    return Common(**values, whole=not sheet.mistakes)
