"""queues.yaml: which queues there are, whom each needs, and how long phones ring."""

from __future__ import annotations

from acd.queues import QueueRule
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
    read_form,
    whole,
)
from reader.yaml_text import Tree
from terms.limits import (
    QUEUE_PRIORITY_MAX,
    RING_SECONDS,
    RING_SECONDS_MAX,
    WRAP_UP_SECONDS,
    WRAP_UP_SECONDS_MAX,
)
from terms.names import LINES, QueueName, Skill

QUEUE: Form = {
    "linha": Key("line", one_of(LINES)),
    "habilidade": Key("skill", name),
    "prioridade": Key("priority", whole(0, QUEUE_PRIORITY_MAX), neutral=0),
    "toque": Key("ring_seconds", duration(1.0, RING_SECONDS_MAX), RING_SECONDS),
    "depois_da_conversa": Key(
        "wrap_up_seconds", duration(0.0, WRAP_UP_SECONDS_MAX), WRAP_UP_SECONDS
    ),
    "porque": Key("because", anything, ""),
}


def read_queues(sheet: Sheet, tree: Tree) -> tuple[QueueRule, ...]:
    """All queues of the file in its order; values that were wrong are ''."""
    file_form: Form = {
        "filas": Key("queues", _queues, neutral=()),
        "porque": Key("because", anything, ""),
    }
    found = read_form(sheet, tree, (), file_form, "queues.yaml")
    rules: tuple[QueueRule, ...] = found["queues"]
    served = {rule.line for rule in rules}
    if rules and "" not in served:
        for line in (line for line in LINES if line not in served):
            sheet.wrong(sheet.mark_of(("queues",)), f"nenhuma fila atende a linha {line}")
    return rules


def _queues(sheet: Sheet, tree: Tree, part: tuple[str, ...]) -> tuple[QueueRule, ...]:
    rules = []
    for entry in entries_of(sheet, tree, part, "filas") or ():
        here = (*part, entry.key)
        sheet.marks[here] = entry.mark
        named(sheet, entry.mark, entry.key)
        values = read_form(sheet, entry.value, here, QUEUE, f"fila '{entry.key}'")
        del values["because"]
        values["skill"] = Skill(values["skill"])
        rules.append(QueueRule(QueueName(entry.key), **values))
    return tuple(rules)
