"""156.yaml, 199.yaml, 153.yaml: what a line says, asks, and lets its callers hear while waiting;
and comum.yaml, what the lines share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

from ivr.menu import (
    END_KEY,
    PERSON_KEY,
    Defaults,
    LinePlan,
    Node,
    Part,
    Question,
    SurveyNode,
    WaitingPlan,
    exits,
)
from ivr.texts import LANGUAGES, PORTUGUESE, Texts
from reader.forms import (
    Form,
    Given,
    Key,
    Reading,
    Sheet,
    entries_of,
    keyed,
    list_of,
    names_to,
    place,
    read_form,
    record,
    shown,
)
from reader.nodes import KEY_SECONDS, TRIES, nodes
from reader.readings import digits_like, duration, name, one_of, yes_no
from reader.spoken import in_languages, texts
from reader.yaml_text import Entries, Entry, Tree
from terms.limits import (
    BETWEEN_DIGITS_MAX,
    BETWEEN_DIGITS_MIN,
    RELAY_NUMBERS,
    WAITING_TEXT_EVERY_MAX,
    WAITING_TEXT_EVERY_MIN,
)
from terms.names import LINES, QueueName

_CODE: Final = r"\*[0-9]{2}"
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

WAITING: Form = {
    "antes": Key("before", texts, (), (), "Dito uma vez, ao entrar na fila."),
    "protocolo": Key("protocol_text", texts, (), (), "Dito antes do número do protocolo."),
    "a_cada": Key("every_seconds", duration(WAITING_TEXT_EVERY_MIN, WAITING_TEXT_EVERY_MAX), 60.0),
    "repete": Key("repeat", texts, (), (), "Dito durante a espera, um texto de cada vez."),
}


def _waiting(sheet: Sheet, part: Part, values: dict[str, Any]) -> WaitingPlan:
    return WaitingPlan(speak_protocol=bool(values["protocol_text"]), **values)


def _codes(sheet: Sheet, tree: Tree, part: Part) -> dict[str, str]:
    codes = {}
    for entry in entries_of(sheet, tree, part, "codigos") or ():
        here = (*part, entry.key)
        place(sheet, entry, here)
        if re.fullmatch(_CODE, entry.key):
            codes[entry.key] = name(sheet, entry.value, here)
        else:
            sheet.wrong(
                entry.mark,
                f"'{shown(entry.key)}' não é um código direto: esperava-se * e dois dígitos, "
                'entre aspas: "*11"',
            )
    return codes


# --- a line's file ---
_LANGUAGE: Final = one_of(LANGUAGES)


def _line_form(line: tuple[str, ...]) -> Form:
    return {
        "linha": Key("line", one_of(line), says="O número que o cidadão disca."),
        "comeca_em": Key("start", name, says="A primeira etapa."),
        "atendente": Key("person", name, says="A fila de quem o menu não pode ajudar."),
        "menu_resumido": Key("short_start", name, "", says="Onde se começa com o menu resumido."),
        "resumido_no_horario": Key("short_when", name, "", says="Um horário de calendar.yaml."),
        "depois_da_conversa": Key("after", name, "", says="A etapa depois do atendente."),
        "idiomas": Key(
            "languages", list_of(_LANGUAGE, "idiomas", len(LANGUAGES)), (PORTUGUESE,), (PORTUGUESE,)
        ),
        "codigos": Key(
            "codes",
            Reading(_codes, keyed(f"^{_CODE}$", name.schema)),
            {},
            {},
            'Códigos diretos, como "*11", e suas etapas.',
        ),
        "padroes": Key("defaults", defaults, {}, {}, "O que esta linha muda dos padrões comuns."),
        "etapas": Key("nodes", nodes, neutral={}, says="As etapas, cada uma com seu nome."),
        "na_espera": Key("waiting", record(WAITING, "na_espera", _waiting), WaitingPlan()),
    }


LINE: Final = _line_form(LINES)


@dataclass(frozen=True, slots=True)
class Common:
    """What comum.yaml gives to all lines. `texts` is None when the file could not be read."""

    defaults: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, Texts] | None = field(default_factory=dict)
    nodes: Mapping[str, Node] = field(default_factory=dict)
    destinations: Mapping[str, str] = field(default_factory=dict)
    relay_numbers: tuple[str, ...] = ()


def read_line(sheet: Sheet, tree: Tree, line: str, common: Common) -> LinePlan:
    """A line's plan, with the shared nodes that it names, directly or by way of others."""
    languages = _languages(sheet, tree)
    sheet.given = Given(common.texts, languages, sheet.given.priorities)
    values = read_form(sheet, tree, (), _line_form((line,)), f"{line}.yaml")
    shared = {
        key: in_languages(value, languages) if isinstance(value, tuple) else value
        for key, value in common.defaults.items()
    }
    values["defaults"] = Defaults(**{**shared, **values["defaults"]})
    values["languages"] = languages
    values["line"] = line
    values["person"] = QueueName(values["person"])
    priority = sheet.given.priorities.get(values["person"], 0)
    plan = LinePlan(**values, person_priority=priority)
    return replace(plan, nodes={**plan.nodes, **_named_of(common, plan)})


def _languages(sheet: Sheet, tree: Tree) -> tuple[str, ...]:
    """The line's languages, known before its texts are read; Portuguese always is one."""
    for entry in tree.entries if isinstance(tree, Entries) else ():
        if entry.key == "idiomas":
            return _spoken(sheet, entry)
    return (PORTUGUESE,)


def _spoken(sheet: Sheet, entry: Entry) -> tuple[str, ...]:
    aside = Sheet(sheet.file)  # its mistakes are noted when the form is read
    found = list_of(_LANGUAGE, "idiomas", len(LANGUAGES))(aside, entry.value, ("languages",))
    known = tuple(dict.fromkeys(one for one in found if one))
    if aside.mistakes:
        return LANGUAGES
    if PORTUGUESE not in known:
        sheet.wrong(entry.mark, "falta 'pt' em idiomas: toda linha fala português")
    elif len(known) != len(found):
        sheet.wrong(entry.mark, "há um idioma repetido em idiomas")
    return known


def _named_of(common: Common, plan: LinePlan) -> dict[str, Node]:
    """The shared nodes that a plan leads to and does not have itself, in their file's order."""
    wanted: set[str] = set()
    waiting = [plan.start, plan.after, plan.short_start, *plan.codes.values()]
    waiting += [target for node in plan.nodes.values() for _, target in exits(node)]
    while waiting:
        target = waiting.pop()
        if target in common.nodes and target not in plan.nodes and target not in wanted:
            wanted.add(target)
            waiting += [further for _, further in exits(common.nodes[target])]
    return {
        name: _node_in(node, plan.languages)
        for name, node in common.nodes.items()
        if name in wanted
    }


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


# --- comum.yaml ---
COMMON: Final[Form] = {
    "padroes": Key(
        "defaults", defaults, {}, {}, "O que vale quando uma etapa não diz outra coisa."
    ),
    "textos": Key(
        "texts", names_to(texts, "textos"), {}, {}, "Textos que as linhas usam pelo nome."
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
    found: Mapping[str, Texts] | None = {}
    for entry in tree.entries if isinstance(tree, Entries) else ():
        if entry.key == "textos":
            aside = Sheet(sheet.file, Given({}, LANGUAGES))
            found = names_to(texts, "textos")(aside, entry.value, ("texts",))
    sheet.given = Given(found, LANGUAGES, sheet.given.priorities)
    values = read_form(sheet, tree, (), COMMON, file)
    return Common(**{**values, "texts": found})
