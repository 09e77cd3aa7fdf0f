"""queues.yaml: which queues there are, whom each needs, their hours, targets and rings."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any, Final

from acd.queues import QueueRule, Ring
from ivr.menu import Part
from reader.forms import (
    Form,
    Key,
    Reading,
    Sheet,
    list_of,
    names_to,
    read_form,
    record,
    remark,
    shown,
)
from reader.readings import (
    DURATION,
    duration,
    matching,
    name,
    one_of,
    one_text,
    seconds_in,
    whole,
)
from reader.yaml_text import Tree
from terms.limits import (
    QUEUE_PRIORITY_MAX,
    RING_AFTER_MAX,
    RING_SECONDS,
    RING_SECONDS_MAX,
    RINGS_MAX,
    SKILL_LEVELS,
    SKILLS_OF_A_RING,
    TARGET_SECONDS,
    TARGET_SECONDS_MAX,
    TARGET_SHARE,
    WRAP_UP_SECONDS,
    WRAP_UP_SECONDS_MAX,
)
from terms.names import LINES, QueueName, Skill

_TARGET: Final = rf"([0-9]{{1,3}})\s*%\s+em\s+({DURATION})"


def _target(sheet: Sheet, tree: Tree, part: Part) -> tuple[float, float]:
    text = one_text(sheet, tree, part)
    found = re.fullmatch(_TARGET, text) if text is not None else None
    if found is not None:
        share, seconds = int(found[1]), seconds_in(found[2]) or 0.0
        if 1 <= share <= 100 and 0 < seconds <= TARGET_SECONDS_MAX:
            return seconds, share / 100
    if text is not None:
        sheet.wrong_at(part, f"meta inválida '{shown(text)}'; escreva, por exemplo: 85 % em 15 s")
    return TARGET_SECONDS, TARGET_SHARE


RING: Form = {
    "apos": Key("after", duration(1.0, RING_AFTER_MAX), neutral=0.0, says="Por exemplo: 45 s"),
    "habilidades": Key(
        "skills", list_of(name, "habilidades", SKILLS_OF_A_RING), neutral=(), says="Quem mais toca."
    ),
    "porque": Key("because", remark, ""),
}


def _ring(sheet: Sheet, part: Part, values: dict[str, Any]) -> Ring:
    return Ring(values["after"], tuple(map(Skill, values["skills"])), values["because"])


QUEUE: Form = {
    "linha": Key("line", one_of(LINES)),
    "habilidade": Key("skill", name, says="Quem a tem atende esta fila."),
    "nivel_minimo": Key("min_level", whole(1, SKILL_LEVELS), 0, 0, "O pior nível; 1 é o melhor."),
    "prioridade": Key("priority", whole(0, QUEUE_PRIORITY_MAX), neutral=0),
    "meta": Key(
        "target",
        Reading(_target, matching(_TARGET)),
        (TARGET_SECONDS, TARGET_SHARE),
        (TARGET_SECONDS, TARGET_SHARE),
        "Por exemplo: 85 % em 15 s",
    ),
    "horario": Key("hours", name, "", says="Um horário de calendar.yaml; sem ele, sempre."),
    "fora_do_horario": Key("out_of_hours", name, "", says="A fila que atende quando esta fecha."),
    "toque": Key("ring_seconds", duration(1.0, RING_SECONDS_MAX), RING_SECONDS),
    "depois_da_conversa": Key(
        "wrap_up_seconds", duration(0.0, WRAP_UP_SECONDS_MAX), WRAP_UP_SECONDS
    ),
    "aneis": Key("rings", list_of(record(RING, "um anel", _ring), "aneis", RINGS_MAX), (), ()),
    "porque": Key("because", remark, ""),
}


def _queue(sheet: Sheet, part: Part, values: dict[str, Any]) -> QueueRule:
    seconds, share = values.pop("target")
    values["skill"] = Skill(values["skill"])
    values["out_of_hours"] = QueueName(values["out_of_hours"])
    afters = [ring.after for ring in values["rings"]]
    for number, (before, after) in enumerate(pairwise(afters), 1):
        if 0 < after <= before:
            here = (*part, "rings", str(number), "after")
            sheet.wrong_at(here, "cada anel vem depois do anterior: use um tempo maior")
    return QueueRule(QueueName(part[-1]), **values, target_seconds=seconds, target_share=share)


FILE: Final[Form] = {
    "filas": Key("queues", names_to(record(QUEUE, "fila '{}'", _queue), "filas"), neutral={})
}


def read_queues(sheet: Sheet, tree: Tree, file: str) -> tuple[QueueRule, ...]:
    """All queues of the file in its order; values that were wrong are ''."""
    rules = tuple(read_form(sheet, tree, (), FILE, file)["queues"].values())
    served = {rule.line for rule in rules}
    if rules and "" not in served:
        for line in (line for line in LINES if line not in served):
            sheet.wrong_at(("queues",), f"nenhuma fila atende a linha {line}")
    return rules
