"""156.yaml, 199.yaml, 153.yaml: what a line says, asks, and lets its callers hear while waiting.

Each kind of node (`tipo`) is one row of NODE_KINDS: its form, and what is made of it. A new kind
is a new row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ivr.checker import Part
from ivr.menu import (
    BACK_KEY,
    OPTION_KEYS,
    EndNode,
    LinePlan,
    MenuNode,
    Node,
    QueueNode,
    SayNode,
    WaitingPlan,
)
from reader.forms import (
    Form,
    Key,
    Sheet,
    anything,
    duration,
    entries_of,
    name,
    named,
    one_of,
    place,
    read_form,
    short_text,
    spoken_text,
    spoken_texts,
    whole,
)
from reader.yaml_text import Entries, Entry, Tree
from terms.limits import (
    INPUT_TIMEOUT,
    INPUT_TIMEOUT_MAX,
    NOTE_CHARACTERS,
    QUEUE_PRIORITY_MAX,
    WAITING_TEXT_EVERY_MAX,
    WAITING_TEXT_EVERY_MIN,
)
from terms.names import QueueName

Make = Callable[[str, dict[str, Any], Mapping[str, int]], Node]


def read_line(sheet: Sheet, tree: Tree, line: str, priorities: Mapping[str, int]) -> LinePlan:
    """A line's plan; `priorities` are the queues' own, for nodes that say none."""
    form: Form = {
        "linha": Key("line", one_of((line,))),
        "porque": Key("because", anything, ""),
        "comeca_em": Key("start", name),
        "atendente": Key("person", name),
        "espera_da_tecla": Key(
            "key_seconds", duration(INPUT_TIMEOUT, INPUT_TIMEOUT_MAX), INPUT_TIMEOUT
        ),
        "etapas": Key("nodes", _node_reader(priorities), neutral={}),
        "na_espera": Key("waiting", _waiting, WaitingPlan()),
        "depois_da_conversa": Key("after", spoken_texts, ()),
    }
    values = read_form(sheet, tree, (), form, f"{line}.yaml")
    del values["because"]
    values["line"] = line
    values["person"] = QueueName(values["person"])
    return LinePlan(**values, person_priority=priorities.get(values["person"], 0))


# --- nodes ---
def _target_of_keys(sheet: Sheet, tree: Tree, part: Part) -> dict[str, str]:
    options = {}
    for entry in entries_of(sheet, tree, part, "teclas") or ():
        if entry.key == BACK_KEY:
            sheet.wrong(entry.mark, "a tecla * já volta ao menu anterior; não a escreva")
            continue
        if len(entry.key) != 1 or entry.key not in OPTION_KEYS:
            sheet.wrong(entry.mark, f"tecla inválida '{entry.key[:40]}'; use de 0 a 9, ou \"#\"")
            continue
        here = (*part, entry.key)
        place(sheet, entry, here)
        options[entry.key] = name(sheet, entry.value, here)
    return options


def _say(name: str, values: dict[str, Any], priorities: Mapping[str, int]) -> Node:
    return SayNode(name, **values)


def _menu(name: str, values: dict[str, Any], priorities: Mapping[str, int]) -> Node:
    return MenuNode(name, **values)


def _queue(name: str, values: dict[str, Any], priorities: Mapping[str, int]) -> Node:
    if values["priority"] is None:
        values["priority"] = priorities.get(values["queue"], 0)
    return QueueNode(name, **values)


def _end(name: str, values: dict[str, Any], priorities: Mapping[str, int]) -> Node:
    return EndNode(name)


NODE_KINDS: Mapping[str, tuple[Form, Make]] = {
    "aviso": (
        {"fala": Key("text", spoken_text), "segue": Key("next", name)},
        _say,
    ),
    "menu": (
        {
            "fala": Key("text", spoken_text),
            "fala_de_novo": Key("again", spoken_text, ""),
            "teclas": Key("options", _target_of_keys, neutral={}),
        },
        _menu,
    ),
    "fila": (
        {
            "fila": Key("queue", name),
            "prioridade": Key("priority", whole(0, QUEUE_PRIORITY_MAX), None),
            "assunto": Key("note", short_text(NOTE_CHARACTERS), ""),
        },
        _queue,
    ),
    "fim": ({}, _end),
}


def _node_reader(priorities: Mapping[str, int]) -> Callable[[Sheet, Tree, Part], Any]:
    def read(sheet: Sheet, tree: Tree, part: Part) -> dict[str, Node]:
        return {
            entry.key: _node(sheet, entry, (*part, entry.key), priorities)
            for entry in entries_of(sheet, tree, part, "etapas") or ()
        }

    return read


def _node(sheet: Sheet, entry: Entry, part: Part, priorities: Mapping[str, int]) -> Node:
    sheet.marks[part] = entry.mark
    named(sheet, entry.mark, entry.key)
    what = f"etapa '{entry.key[:40]}'"
    # What cannot be read stands for a queue whose name was refused: it leads nowhere wrong.
    unknown = QueueNode(entry.key, QueueName(""))
    if entries_of(sheet, entry.value, part, what) is None:
        return unknown
    assert isinstance(entry.value, Entries)
    kind = next((one for one in entry.value.entries if one.key == "tipo"), None)
    if kind is None:
        kinds = ", ".join(NODE_KINDS)
        sheet.wrong(entry.mark, f"falta a chave 'tipo' em {what}; os tipos são: {kinds}")
        return unknown
    place(sheet, kind, (*part, "kind"))
    word = one_of(NODE_KINDS)(sheet, kind.value, (*part, "kind"))
    if not word:
        return unknown
    form, make = NODE_KINDS[word]
    common: Form = {"tipo": Key("kind", lambda *_: word), "porque": Key("because", anything, "")}
    values = read_form(sheet, entry.value, part, {**common, **form}, f"{what} ({word})")
    del values["kind"], values["because"]
    return make(entry.key, values, priorities)


# --- waiting ---
WAITING: Form = {
    "antes": Key("before", spoken_texts, ()),
    "protocolo": Key("protocol_text", spoken_texts, ()),
    "a_cada": Key("every_seconds", duration(WAITING_TEXT_EVERY_MIN, WAITING_TEXT_EVERY_MAX), 60.0),
    "repete": Key("repeat", spoken_texts, ()),
    "porque": Key("because", anything, ""),
}


def _waiting(sheet: Sheet, tree: Tree, part: Part) -> WaitingPlan:
    values = read_form(sheet, tree, part, WAITING, "na_espera")
    del values["because"]
    return WaitingPlan(speak_protocol=bool(values["protocol_text"]), **values)
