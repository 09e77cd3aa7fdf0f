"""The nodes that send a caller to a queue (`fila`, `entrega`), and what such a call needs beside
what its queue needs."""

from __future__ import annotations

from typing import Any, Final

from ivr.menu import HandOverNode, Node, Part, QueueNode
from reader.forms import Form, Key, Sheet
from reader.queue_forms import alternatives
from reader.readings import name, text_of_at_most, whole
from reader.spoken import texts
from terms.limits import NEEDS_CHARACTERS, NOTE_CHARACTERS, QUEUE_PRIORITY_MAX
from terms.names import QueueName
from terms.needs import Needs

QUEUES: Final[Form] = {
    "fila": Key("queue", name, says="O nome de uma fila de queues.yaml."),
    "prioridade": Key("priority", whole(0, QUEUE_PRIORITY_MAX), None),
    "assunto": Key("note", text_of_at_most(NOTE_CHARACTERS), "", says="O que o atendente lê."),
    "fala": Key("text", texts, (), (), "O que é dito antes."),
    "precisa": Key(
        "needs",
        alternatives,
        (),
        (),
        "O que esta chamada precisa além do que a fila pede: uma destas alternativas, inteira. "
        "Só no 156.",
    ),
}
"""What both kinds have."""


def _read(sheet: Sheet, part: Part, values: dict[str, Any]) -> None:
    """A queue's own priority, for nodes that say none; needs that a channel can carry."""
    if values["priority"] is None:
        values["priority"] = sheet.given.priorities.get(values["queue"], 0)
    values["queue"] = QueueName(values["queue"])
    values["needs"] = Needs(tuple(every for every in values["needs"] if every))
    if len(values["needs"].to_text()) > NEEDS_CHARACTERS:
        said = "a chamada leva 'precisa' consigo, e este é longo demais: use menos alternativas"
        sheet.wrong_at((*part, "needs"), said)


def queue_node(sheet: Sheet, part: Part, values: dict[str, Any]) -> Node:
    """A node of the kind `fila`."""
    _read(sheet, part, values)
    return QueueNode(part[-1], **values)


def hand_over_node(sheet: Sheet, part: Part, values: dict[str, Any]) -> Node:
    """A node of the kind `entrega`."""
    _read(sheet, part, values)
    return HandOverNode(part[-1], **values)
