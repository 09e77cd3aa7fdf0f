"""`etapas`: the nodes of a menu, each read by the form of its kind (node_kinds.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ivr.menu import Node, Part, QueueNode
from ivr.texts import LANGUAGES
from reader.forms import (
    Form,
    Key,
    Reading,
    Sheet,
    entries_of,
    form_schema,
    names_to,
    place,
    read_form,
    shown,
)
from reader.node_kinds import NODE_KINDS
from reader.readings import one_of, yes_no
from reader.yaml_text import Entries, Tree
from terms.names import QueueName

NOT_NODES: Final = frozenset({"na_espera"})
"""Names with a meaning of their own where a node is named."""

_COMMON: Form = {
    "idioma": Key("language", one_of(LANGUAGES), "", says="Falado daqui em diante."),
    "interrompe": Key("barge_in", yes_no, None, says="Se uma tecla interrompe a fala."),
}


def _form_of(kind: str) -> Form:
    """The keys of one kind, those of all kinds among them."""
    tipo = Key("kind_of_node", Reading(lambda *_: kind, {"const": kind}))
    return {"tipo": tipo, **NODE_KINDS[kind][0], **_COMMON}


FORMS: Final[Mapping[str, Form]] = {kind: _form_of(kind) for kind in NODE_KINDS}


_KIND: Final = one_of(NODE_KINDS)


def _node(sheet: Sheet, tree: Tree, part: Part) -> Node:
    what = f"etapa '{shown(part[-1])}'"
    if part[-1] in NOT_NODES:
        sheet.wrong_at(part, f"'{part[-1]}' não pode ser o nome de uma etapa")
    # What cannot be read stands for a queue whose name was refused: it leads nowhere wrong.
    unknown = QueueNode(part[-1], QueueName(""))
    if entries_of(sheet, tree, part, what) is None:
        return unknown
    assert isinstance(tree, Entries)
    kind = next((one for one in tree.entries if one.key == "tipo"), None)
    if kind is None:
        kinds = ", ".join(NODE_KINDS)
        sheet.wrong_at(part, f"falta a chave 'tipo' em {what}; os tipos são: {kinds}")
        return unknown
    place(sheet, kind, (*part, "kind_of_node"))
    word = _KIND(sheet, kind.value, (*part, "kind_of_node"))
    if not word:
        return unknown
    values = read_form(sheet, tree, part, FORMS[word], f"{what} ({word})")
    del values["kind_of_node"]
    return NODE_KINDS[word][1](sheet, part, values)


def _node_schema() -> dict[str, Any]:
    """By its `tipo`: which keys a node may have."""
    tipo = {"enum": [*NODE_KINDS], "description": "O que a etapa faz."}
    kinds = [
        {
            "if": {"properties": {"tipo": {"const": kind}}, "required": ["tipo"]},
            "then": {"title": f"etapa_{kind}", **form_schema(form)},
        }
        for kind, form in FORMS.items()
    ]
    return {
        "title": "etapa",
        "type": "object",
        "properties": {"tipo": tipo},
        "required": ["tipo"],
        "allOf": kinds,
    }


nodes: Final = names_to(Reading(_node, _node_schema()), "etapas")
"""All nodes of a file by name; one that cannot be read stands for an unnamed queue."""
